"""What people do with Eventlet, in small pieces whose output is known. Data only.

``<eventlet.spawn>`` is a name of Eventlet's, which each program spells in its own way;
``@`` makes a name the piece's own; ``V`` is a value, ``S`` a short time; ``it@`` is
the object that the piece is about, which may be made elsewhere than it is used. What a
piece prints may not depend on who runs first: neither world promises that.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent


@dataclass(frozen=True, slots=True)
class Idiom:
    """One piece of a program.

    :param use: statements.
    :param make: the expression that makes ``it@``; empty if there is no such object.
    :param top: definitions at the top of the same file.
    """

    use: str
    make: str = ""
    top: str = ""


_WORK = "def work@(n, more=0):\n    return n, more"
_SLOW = "def work@(n=0):\n    <eventlet.sleep>(S)\n    return n"
_FAIL = "def fail@(text='no'):\n    raise ValueError(text)"
_KEEP = "kept@ = []\ndef keep@(n):\n    kept@.append(n)\n    return n"

SLEEPS = (
    Idiom("print(<eventlet.sleep>(S))"),
    Idiom("<eventlet.sleep>()"),
    Idiom("<eventlet.sleep>(seconds=S)\nprint('slept')"),
    Idiom("<eventlet.sleep>(S); print('two'); <eventlet.sleep>(0)"),
    Idiom("print(f'{<eventlet.sleep>(S)} and {V!r:>5}')"),
    Idiom("print([<eventlet.sleep>(n) for n in (S, S)])"),
    Idiom("s@ = S\n<eventlet.sleep>(s@ - 1)\nprint(s@)"),
    Idiom("if not <eventlet.sleep>(S) or V: print('or')"),
    Idiom("(lambda t: <eventlet.sleep>(t))(S)"),
    Idiom("later@(S)\nprint('later')", "", "def later@(t=S):\n    <eventlet.sleep>(t)"),
    Idiom("list(map(<eventlet.sleep>, [S]))"),
    Idiom("print((w@ := <eventlet.sleep>(S)), w@)"),
    Idiom("try:\n    <eventlet.sleep>('x')\nexcept TypeError:\n    print('type')"),
    Idiom(
        "test@()\nprint('mocked')",
        "",
        "import unittest.mock\ndef test@():\n"
        "    with unittest.mock.patch('eventlet.sleep') as m@:\n"
        "        <eventlet.sleep>(S)",
    ),
)

EVENTS = tuple(
    Idiom(use, "<eventlet.event.Event>()", top)
    for use, top in (
        ("it@.send(V)\nprint(it@.wait())", ""),
        ("it@.send()\nprint(it@.ready())", ""),
        ("print(it@.ready())\nit@.send()\nit@.wait()\nprint(it@.ready())", ""),
        ("<eventlet.spawn>(it@.send, V)\nprint(it@.wait())", ""),
        ("<eventlet.spawn_n>(it@.send)\nit@.wait()\nprint('woken')", ""),
        ("def tell@():\n    it@.send(result=V)\n<eventlet.spawn_n>(tell@)\n"
         "print(it@.wait())", ""),
        ("it@.send_exception(ValueError('bad'))\n"
         "try:\n    it@.wait()\nexcept ValueError as e:\n    print(e)", ""),
        ("it@.send(exc=KeyError(1))\ntry:\n    print(it@.wait())\n"
         "except KeyError:\n    print('key')", ""),
        ("print(it@.wait(timeout=S))", ""),
        ("print(it@.wait(S) is None, it@.has_result())", ""),
        ("it@.send()\nit@.reset()\nprint(it@.ready())", ""),
        ("if not it@.ready():\n    it@.send(V)\nprint(it@.poll())", ""),
        ("it@.send()\ntry:\n    it@.send()\nexcept AssertionError:\n"
         "    print('twice')", ""),
        ("t@ = <eventlet.spawn>(wait@, it@)\nit@.send(V)\nprint(t@.wait())",
         "def wait@(e):\n    return e.wait()"),
        ("while not it@.ready():\n    <eventlet.spawn_n>(it@.send)\n    it@.wait()\n"
         "print('done')", ""),
    )
)  # fmt: skip

QUEUES = tuple(
    Idiom(use, make, top)
    for make in (
        "<eventlet.queue.Queue>()",
        "<eventlet.queue.Queue>(5)",
        "<eventlet.queue.Queue>(maxsize=5)",
        "<eventlet.queue.LightQueue>()",
        "<eventlet.queue.LightQueue>(5)",
        "<eventlet.queue.PriorityQueue>()",
        "<eventlet.queue.LifoQueue>()",
        "<eventlet.queue.Queue>(None)",
        "<eventlet.queue.Queue>(-1)",
    )
    for use, top in (
        ("it@.put(3)\nprint(it@.get())", ""),
        ("it@.put(3)\nit@.put(4)\nprint(it@.qsize(), it@.empty(), it@.full())", ""),
        ("try:\n    it@.get_nowait()\nexcept <eventlet.queue.Empty>:\n"
         "    print('empty')", ""),
        ("try:\n    it@.get(False)\nexcept <eventlet.queue.Empty> as e:\n"
         "    print(type(e).__name__)", ""),
        ("try:\n    it@.get(timeout=S)\nexcept <eventlet.queue.Empty>:\n"
         "    print('late')", ""),
        ("<eventlet.spawn_n>(it@.put, 3)\nprint(it@.get())", ""),
        ("t@ = <eventlet.spawn>(it@.get)\nit@.put(3)\nprint(t@.wait())", ""),
        ("<eventlet.spawn>(feed@, it@)\nprint([it@.get() for _ in range(3)])",
         "def feed@(q):\n    for n in (1, 1, 1):\n        q.put(n)"),
        ("it@.put(3, block=True, timeout=1)\nprint(it@.get(True, 1))", ""),
        ("while it@.qsize() < 3:\n    it@.put(1)\nwhile not it@.empty():\n"
         "    print(it@.get())", ""),
        ("for n in range(2):\n    it@.put_nowait(n)\n"
         "print(sorted([it@.get_nowait(), it@.get_nowait()]))", ""),
        ("print(it@.maxsize)", ""),
    )
) + tuple(
    Idiom(use, "<eventlet.queue.Queue>(MAX)", top)
    for use, top in (
        ("it@.put(1)\nit@.get()\nit@.task_done()\nit@.join()\nprint('joined')", ""),
        ("<eventlet.spawn_n>(eat@, it@)\nit@.put(3)\nit@.join()\nprint('eaten')",
         "def eat@(q):\n    q.get()\n    q.task_done()"),
        ("try:\n    it@.task_done()\nexcept ValueError:\n    print('too often')", ""),
    )
) + (
    Idiom("it@.put(1)\ntry:\n    it@.put_nowait(2)\n"
          "except <eventlet.queue.Full>:\n    print('full')",
          "<eventlet.queue.Queue>(1)"),
    Idiom("<eventlet.spawn_n>(it@.put, 3)\nprint(it@.get())",
          "<eventlet.queue.Queue>(0)"),
    Idiom("<eventlet.spawn_n>(it@.put, 3)\nprint(it@.get())",
          "<eventlet.queue.LightQueue>(0)"),
)  # fmt: skip

SEMAPHORES = tuple(
    Idiom(use, make, top)
    for make in (
        "<eventlet.semaphore.Semaphore>()",
        "<eventlet.semaphore.Semaphore>(1)",
        "<eventlet.semaphore.Semaphore>(value=2)",
        "<eventlet.semaphore.BoundedSemaphore>(2)",
        "<eventlet.semaphore.BoundedSemaphore>()",
    )
    for use, top in (
        ("with it@:\n    print('inside')", ""),
        ("print(it@.acquire())\nit@.release()", ""),
        ("it@.acquire()\ntry:\n    print('held')\nfinally:\n    it@.release()", ""),
        ("print(it@.acquire(blocking=False))", ""),
        ("print(it@.acquire(False))\nit@.release()", ""),
        ("while it@.acquire(False):\n    print('one')", ""),
        ("with it@, it@ if V == 'never' else open('/dev/null'):\n    print('two')",
         ""),
        ("it@.acquire()\nprint(it@.locked())\nit@.release()", ""),
        ("print(it@.acquire(timeout=1))\nit@.release()", ""),
        ("try:\n    it@.release()\n    it@.release()\n    it@.release()\n"
         "    print('more')\nexcept ValueError:\n    print('bound')", ""),
        ("def inside@():\n    with it@:\n        return V\n"
         "print(<eventlet.spawn>(inside@).wait())", ""),
        ("p@ = <eventlet.GreenPool>(4)\nfor n in range(3):\n"
         "    p@.spawn_n(hold@, it@)\np@.waitall()\nprint('all')",
         "def hold@(s):\n    with s:\n        <eventlet.sleep>(S)"),
        ("print(it@.balance > 0)", ""),
    )
)  # fmt: skip

SPAWNS = (
    Idiom("print(<eventlet.spawn>(work@, V).wait())", "", _WORK),
    Idiom("print(<eventlet.spawn>(work@, V, more=V).wait())", "", _WORK),
    Idiom("t@ = <eventlet.spawn>(work@, V)\nprint(t@.wait())", "", _WORK),
    Idiom("it@.wait()\nprint('waited')", "<eventlet.spawn>(work@, V)", _WORK),
    Idiom("print(it@.wait())", "<eventlet.spawn>(work@, V)", _WORK),
    Idiom("print(it@.wait(), it@.wait())", "<eventlet.spawn>(work@, 1)", _SLOW),
    Idiom("ts@ = [<eventlet.spawn>(work@, n) for n in range(3)]\n"
          "print([t.wait() for t in ts@])", "", _WORK),
    Idiom("ts@ = []\nfor n in range(3):\n    ts@.append(<eventlet.spawn>(work@, n))\n"
          "for t in ts@:\n    t.wait()\nprint('all')", "", _SLOW),
    Idiom("try:\n    <eventlet.spawn>(fail@).wait()\nexcept ValueError as e:\n"
          "    print('caught', e)", "", _FAIL),
    Idiom("try:\n    it@.wait()\nexcept ValueError as e:\n    print(e)\n"
          "else:\n    print('else')", "<eventlet.spawn>(fail@, text='x')", _FAIL),
    Idiom("d@ = <eventlet.event.Event>()\n<eventlet.spawn_n>(lambda: d@.send(V))\n"
          "print(d@.wait())"),
    Idiom("q@ = <eventlet.queue.Queue>()\n<eventlet.spawn_n>(q@.put, V)\n"
          "print(q@.get())"),
    Idiom("q@ = <eventlet.queue.Queue>()\n<eventlet.spawn_after>(S, q@.put, V)\n"
          "print(q@.get())"),
    Idiom("t@ = <eventlet.spawn_after>(30, print, 'never')\nt@.cancel()\n"
          "print('cancelled')"),
    Idiom("print(<eventlet.spawn_after>(S, work@, V).wait())", "", _WORK),
    Idiom("t@ = <eventlet.spawn>(work@, V)\nt@.link(done@)\nt@.wait()\n"
          "<eventlet.sleep>(0.05)", "",
          _WORK + "\ndef done@(t, *more):\n    print('done', more)"),
    Idiom("t@ = <eventlet.spawn>(work@, 1)\n<eventlet.sleep>(0.05)\nt@.kill()\n"
          "print('killed')", "", _SLOW),
    Idiom("<eventlet.spawn>(print, 'hello').wait()"),
    Idiom("<eventlet.spawn_n>(fail@)\n<eventlet.sleep>(0.05)\nprint('went on')", "",
          _FAIL),
    Idiom("@run@\ndef f@():\n    return V\nprint(f@())", "",
          "def run@(f):\n    def inner(*a, **k):\n"
          "        return <eventlet.spawn>(f, *a, **k).wait()\n    return inner"),
    Idiom("print(<eventlet.spawn>(Doer@(V).do).wait())", "",
          "class Doer@:\n    def __init__(self, v):\n        self.v = v\n"
          "    def do(self):\n        return self.v"),
    Idiom("def go@(*a, **k):\n    return <eventlet.spawn>(*a, **k)\n"
          "print(go@(work@, V).wait())", "", _WORK),
)  # fmt: skip

_POOLS = tuple(
    Idiom(use, make, top)
    for make in (
        "<eventlet.GreenPool>(4)",
        "<eventlet.GreenPool>(size=3)",
        "<eventlet.GreenPool>()",
    )
    for use, top in (
        ("print(it@.spawn(work@, V).wait())", _WORK),
        ("ts@ = [it@.spawn(work@, n) for n in range(4)]\n"
         "print([t.wait() for t in ts@])", _WORK),
        ("for n in range(3):\n    it@.spawn_n(keep@, n)\nit@.waitall()\n"
         "print(sorted(kept@))", _KEEP),
        ("for n in range(3):\n    it@.spawn(keep@, n)\nit@.waitall()\n"
         "print(sorted(kept@))\nit@.spawn(keep@, 9)\nit@.waitall()\n"
         "print(sorted(kept@))", _KEEP),
        ("print(list(it@.imap(work@, [1, 2, 3])))", _WORK),
        ("for n in it@.imap(work@, range(3)):\n    print(n)", _WORK),
        ("print(list(it@.starmap(work@, [(1, 2), (3, 4)])))", _WORK),
        ("it@.waitall()\nprint('nothing')", ""),
        ("try:\n    it@.spawn(fail@).wait()\nexcept ValueError as e:\n    print(e)",
         _FAIL),
        ("print(it@.running(), it@.waiting())", ""),
        ("it@.spawn_n(fail@)\nit@.waitall()\nprint('went on')", _FAIL),
        ("print(it@.free() > 0, it@.size > 0)", ""),
        ("pile@ = <eventlet.GreenPile>(it@)\nfor n in range(3):\n"
         "    pile@.spawn(work@, n)\nprint(list(pile@))", _WORK),
        ("it@.spawn_n(work@, 1)\nit@.spawn_n(lambda: it@.free())\nit@.waitall()\n"
         "print('both')", _SLOW),
    )
)  # fmt: skip
POOLS = (
    *_POOLS,
    Idiom("for n in (1, 2):\n    it@.spawn(work@, n)\nprint(list(it@))",
          "<eventlet.GreenPile>(3)", _WORK),
    Idiom("for n in (1, 2):\n    it@.spawn(work@, n)\nfor r in it@:\n    print(r)",
          "<eventlet.GreenPile>()", _SLOW),
)  # fmt: skip

TIMEOUTS = (
    Idiom("with <eventlet.Timeout>(5):\n    print('in time')"),
    Idiom("with <eventlet.Timeout>(5, False):\n    q@ = <eventlet.queue.Queue>()\n"
          "    q@.put(V)\n    print(q@.get())"),
    Idiom("q@ = <eventlet.queue.Queue>()\n"
          "try:\n    with <eventlet.Timeout>(S):\n        q@.get()\n"
          "except <eventlet.Timeout>:\n    print('late')"),
    Idiom("q@ = <eventlet.queue.Queue>()\nwith <eventlet.Timeout>(S, False):\n"
          "    # the only one\n    q@.get()\nprint('after')"),
    Idiom("q@ = <eventlet.queue.Queue>()\ntry:\n"
          "    with <eventlet.Timeout>(S, ValueError('late')):\n        q@.get()\n"
          "except ValueError as e:\n    print(e)"),
    Idiom("class Late@(Exception):\n    pass\ntry:\n"
          "    with <eventlet.Timeout>(S, Late@):\n        while True:\n"
          "            <eventlet.sleep>(0.001)\nexcept Late@:\n    print('late')"),
    Idiom("print(<eventlet.with_timeout>(5, work@, V))", "", _WORK),
    Idiom("print(<eventlet.with_timeout>(S, q@.get, timeout_value='late'))", "",
          "q@ = <eventlet.queue.Queue>()"),
    Idiom("t@ = <eventlet.Timeout>(5)\ntry:\n    print('body')\nfinally:\n"
          "    t@.cancel()"),
    Idiom("e@ = <eventlet.event.Event>()\ntry:\n    with <eventlet.Timeout>(S):\n"
          "        e@.wait()\nexcept <eventlet.Timeout> as t:\n    print('timed out')"),
    Idiom("s@ = <eventlet.semaphore.Semaphore>(0)\n"
          "with <eventlet.Timeout>(S, False):\n    s@.acquire()\nprint('gave up')"),
    Idiom("t@ = <eventlet.spawn>(work@)\nwith <eventlet.Timeout>(5, False):\n"
          "    print(t@.wait())", "", _SLOW),
)  # fmt: skip

OTHERS = (
    Idiom("l@ = it@\nl@.name = V\nprint(l@.name)", "<eventlet.corolocal.local>()"),
    Idiom("print(<eventlet.corolocal.get_ident>() == "
          "<eventlet.corolocal.get_ident>())"),
    Idiom("print(id(<eventlet.getcurrent>()) == id(<eventlet.getcurrent>()))"),
    Idiom("d@ = {<eventlet.getcurrent>(): V}\nprint(d@.get(<eventlet.getcurrent>()))"),
    Idiom("s@ = <eventlet.listen>(('127.0.0.1', 0))\n"
          "c@ = <eventlet.connect>(s@.getsockname())\nc@.close()\ns@.close()\n"
          "print('connected')"),
    Idiom("s@ = <eventlet.green.socket.socket>()\nprint(s@.type)\ns@.close()"),
    Idiom("print(<eventlet.green.os.getpid>() > 0)"),
    Idiom("print(<eventlet.green.time.time>() > 0)\n<eventlet.green.time.sleep>(S)"),
    Idiom("t@ = <eventlet.green.threading.Thread>(target=print, args=(V,))\n"
          "t@.start()\nt@.join()"),
    Idiom("with <eventlet.green.threading.Lock>():\n    print('locked')"),
    Idiom("p@ = <eventlet.green.subprocess.Popen>(['true'])\nprint(p@.wait())"),
    Idiom("f@ = it@.submit(work@, V)\nprint(f@.result())\nit@.shutdown()",
          "<futurist.GreenThreadPoolExecutor>(max_workers=4)", _WORK),
    Idiom("with <futurist.GreenThreadPoolExecutor>(4) as x@:\n"
          "    fs@ = [x@.submit(work@, n) for n in range(3)]\n"
          "print([f.result() for f in fs@])", "", _WORK),
    Idiom("f@ = it@.submit(fail@)\nprint(type(f@.exception()).__name__)\n"
          "it@.shutdown(wait=True)",
          "<futurist.GreenThreadPoolExecutor>(max_workers=2)", _FAIL),
)  # fmt: skip

LATE = (
    Idiom("print(<eventlet.tpool.execute>(work@, V, more=V))", "", _WORK),
    Idiom("print(<eventlet.tpool.execute>(len, 'abc'))"),
    Idiom("print(it@.index(2))", "<eventlet.tpool.Proxy>([1, 2])"),
    Idiom("print(it@.upper(), it@)", "<eventlet.tpool.Proxy>('abc')"),
    Idiom("<eventlet.debug.hub_exceptions>(False)\nprint('set')"),
    Idiom("<eventlet.debug.hub_prevent_multiple_readers>(False)"),
    Idiom("<eventlet.hubs.use_hub>()\nprint('hub')"),
    Idiom("l@ = it@.Lock()\nwith l@:\n    print('original')",
          "<eventlet.patcher.original>('threading')"),
    Idiom("print(<eventlet.patcher.is_monkey_patched>('no such'))"),
    Idiom("q@ = <eventlet.patcher.original>('queue').Queue()\nq@.put(V)\n"
          "print(q@.qsize())"),
    Idiom("if <eventlet.patcher.is_monkey_patched>('thread'):\n    n@ = 1\n"
          "else:\n    n@ = len('a')\nprint(n@)"),
)  # fmt: skip
"""What goes only when nothing green is left."""

MIXED = (
    Idiom("q@ = <eventlet.queue.Queue>()\ne@ = <eventlet.event.Event>()\n"
          "t@ = <eventlet.spawn>(produce@, q@, e@)\n"
          "print(e@.wait(), q@.qsize())\nt@.wait()", "",
          "def produce@(q, e):\n    for n in range(3):\n        q.put(n)\n"
          "    e.send('end')"),
    Idiom("m@ = Mine@()\nm@.put(1)\n"
          "print(m@.get(), isinstance(m@, <eventlet.queue.Queue>))", "",
          "class Mine@(<eventlet.queue.Queue>):\n    pass"),
    Idiom("print(isinstance(it@, <eventlet.semaphore.Semaphore>))",
          "<eventlet.semaphore.Semaphore>()"),
    Idiom("put@(it@)\nprint(it@.get())", "<eventlet.queue.Queue>()",
          "def put@(q: <eventlet.queue.Queue>, n: int = 1) -> None:\n    q.put(n)"),
    Idiom("both@(S)\nprint('both')", "",
          "def both@(a, b=<eventlet.sleep>):\n    b(a)"),
    Idiom("table@ = {'s': <eventlet.sleep>, 'g': <eventlet.spawn>}\n"
          "table@['s'](S)\nprint('table')"),
    Idiom("try:\n    with <eventlet.Timeout>(S) as t@:\n        <eventlet.sleep>(1)\n"
          "except <eventlet.Timeout> as e@:\n    print(e@ is t@)"),
    Idiom("try:\n    try:\n        with <eventlet.Timeout>(S):\n"
          "            <eventlet.event.Event>().wait()\n    except Exception:\n"
          "        print('exception')\nexcept BaseException:\n    print('base')"),
    Idiom("e@ = <eventlet.event.Event>()\ndef waiter@():\n    return e@.wait()\n"
          "ts@ = [<eventlet.spawn>(waiter@) for _ in range(3)]\ne@.send(V)\n"
          "print([t.wait() for t in ts@])"),
    Idiom("s@ = <eventlet.semaphore.Semaphore>(0)\n<eventlet.spawn_n>(s@.release)\n"
          "s@.acquire()\nprint('released')"),
    Idiom("l@ = []\ndef add@(n):\n    l@.append(n)\n    <eventlet.sleep>(0)\n"
          "    l@.append(n)\nts@ = [<eventlet.spawn>(add@, n) for n in range(3)]\n"
          "for t in ts@: t.wait()\nprint(sorted(l@))"),
    Idiom("try:\n    co@().send(None)\nexcept StopIteration as s@:\n"
          "    print(s@.value)", "",
          "async def co@():\n    <eventlet.sleep>(S)\n    return V"),
    Idiom("print(list(gen@()))", "",
          "def gen@():\n    for n in range(2):\n        <eventlet.sleep>(S)\n"
          "        yield n"),
    Idiom("def outer@():\n    x = V\n    def inner():\n        nonlocal x\n"
          "        x = <eventlet.spawn>(lambda: x).wait()\n        return x\n"
          "    return inner()\nprint(outer@())"),
    Idiom("print([x.wait() for x in "
          "[<eventlet.spawn>(work@, n) for n in range(2)]])", "", _WORK),
    Idiom("print(sorted(<eventlet.GreenPool>(2).imap(work@, [3, 1, 2])))", "", _WORK),
    Idiom("print(max(<eventlet.spawn>(work@, n).wait() for n in (1, 2)))", "", _WORK),
    Idiom("import functools\nrun@ = functools.partial(<eventlet.spawn>, work@)\n"
          "print(run@(V).wait())", "", _WORK),
    Idiom("print(Server@().stop())", "",
          "class Server@:\n    def __init__(self):\n"
          "        self.q = <eventlet.queue.Queue>()\n"
          "        self.t = <eventlet.spawn>(self.run)\n    def run(self):\n"
          "        while True:\n            n = self.q.get()\n"
          "            if n is None:\n                return 'end'\n"
          "    def stop(self):\n        self.q.put(None)\n"
          "        return self.t.wait()"),
    Idiom("l@ = Loop@()\nl@.stop.send()\nprint('stopped')", "",
          "class Loop@:\n    def __init__(self):\n"
          "        self.stop = <eventlet.event.Event>()\n"
          "        <eventlet.spawn_n>(self.run)\n    def run(self):\n"
          "        while not self.stop.ready():\n            <eventlet.sleep>(0.001)"),
    Idiom("t@ = <eventlet.spawn>(it@.get)\n<eventlet.spawn_after>(S, it@.put, V)\n"
          "print(t@.wait())", "<eventlet.queue.LightQueue>()"),
    Idiom("p@ = <eventlet.GreenPool>(2)\nr@ = {}\ndef fill@(n):\n    r@[n] = V\n"
          "for n in 'ab':\n    p@.spawn_n(fill@, n)\np@.waitall()\n"
          "print(sorted(r@))"),
    Idiom("with it@:\n    t@ = <eventlet.spawn>(work@, V)\nprint(t@.wait())",
          "<eventlet.semaphore.Semaphore>()", _WORK),
    Idiom("e@, f@ = <eventlet.event.Event>(), <eventlet.event.Event>()\n"
          "def pong@():\n    f@.send(e@.wait())\n<eventlet.spawn_n>(pong@)\n"
          "e@.send(V)\nprint(f@.wait())"),
)  # fmt: skip


def _mocking(target: str, body: str, asked: str, top: str = "") -> Idiom:
    """What a test does: something runs with a mock in place, which is asked then.

    Whether the mock meets it depends on how the name is spelled.
    """
    held = f"with patch@({target}) as m@:\n{indent(body, '    ')}\n{asked}"
    test = f"def test@():\n{indent(held, '    ')}"
    top = f"from unittest.mock import patch as patch@\n{top}\n{test}"
    return Idiom("test@()", "", top)


_START = "def start@(f):\n    <eventlet.spawn_n>(f, 1)"
_DOZE = "def doze@(s):\n    <eventlet.sleep>(s)"
_NONE = "def none@(*_):\n    pass"

MOCKS = (
    _mocking("'eventlet.sleep'", "doze@(3600)" , "print(m@.called)", _DOZE),
    _mocking("'eventlet.sleep', autospec=True", "doze@(0)",
             "print(m@.mock_calls)", _DOZE),
    _mocking("'eventlet.sleep', side_effect=lambda s: print('slept', s)", "doze@(S)",
             "print(m@.call_count)", _DOZE),
    _mocking("'eventlet.sleep', side_effect=ValueError", "try:\n    doze@(S)\n"
             "except ValueError:\n    print('value')", "print(m@.called)", _DOZE),
    _mocking("'eventlet.greenthread.sleep'", "doze@(0)", "print(m@.called)", _DOZE),
    _mocking("'eventlet.spawn_n'", "start@(none@)", "print(m@.called)",
             f"{_START}\n{_NONE}"),
    _mocking("'eventlet.spawn_n'", "start@(none@)",
             "try:\n    m@.assert_called_once_with(none@, 1)\n"
             "except AssertionError:\n    print('not so')", f"{_START}\n{_NONE}"),
    _mocking("'eventlet.spawn_n', side_effect=lambda f, *a: f(*a)", "start@(print)",
             "<eventlet.sleep>(0.05)", _START),
    _mocking("'eventlet.spawn'", "<eventlet.spawn>(none@, V)", "print(m@.call_count)",
             _NONE),
    _mocking("'eventlet.queue.Queue'", "q@ = <eventlet.queue.Queue>()\nq@.put(1)",
             "print(m@.called, m@.return_value.put.called)"),
    _mocking("'eventlet.queue.Queue.get', return_value=3",
             "print(it@.get())", "print(m@.called)",
             "it@ = <eventlet.queue.Queue>()\nit@.put(1)"),
    _mocking("'eventlet.event.Event'", "e@ = <eventlet.event.Event>()\ne@.send()",
             "print(m@.return_value.send.call_count)"),
    _mocking("'eventlet.semaphore.Semaphore'", "with it@():\n    print('in')",
             "print(m@.called)",
             "def it@():\n    return <eventlet.semaphore.Semaphore>()"),
    _mocking("'eventlet.GreenPool'", "p@ = <eventlet.GreenPool>(2)\n"
             "p@.spawn_n(none@, 1)\np@.waitall()",
             "print(m@.return_value.spawn_n.called)", _NONE),
)  # fmt: skip

GROUPS = (
    SLEEPS, EVENTS, QUEUES, SEMAPHORES, SPAWNS, POOLS, TIMEOUTS, OTHERS, LATE, MIXED,
    MOCKS,
)  # fmt: skip

HOMES = {
    "eventlet.sleep": ("eventlet", "eventlet.greenthread"),
    "eventlet.spawn": ("eventlet", "eventlet.greenthread"),
    "eventlet.spawn_n": ("eventlet", "eventlet.greenthread"),
    "eventlet.spawn_after": ("eventlet", "eventlet.greenthread"),
    "eventlet.getcurrent": ("eventlet", "eventlet.greenthread", "greenlet"),
    "eventlet.GreenPool": ("eventlet", "eventlet.greenpool"),
    "eventlet.GreenPile": ("eventlet", "eventlet.greenpool"),
    "eventlet.Timeout": ("eventlet", "eventlet.timeout"),
    "eventlet.with_timeout": ("eventlet", "eventlet.timeout"),
    "eventlet.event.Event": ("eventlet.event", "eventlet"),
    "eventlet.queue.Queue": ("eventlet.queue", "eventlet"),
    "eventlet.semaphore.Semaphore": ("eventlet.semaphore", "eventlet"),
    "eventlet.listen": ("eventlet", "eventlet.convenience"),
    "eventlet.connect": ("eventlet", "eventlet.convenience"),
}
"""The modules that a name may be taken from, where there is more than one."""
