"""Programs that hand objects around at random: made, one to four hops, used.

Every program runs to its end without waiting for anything, and uses each object after
each hop. Hops share their functions and classes, so that objects meet in them. Data
and text only: nothing is run or judged here.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Hop:
    """One way for a value to get on.

    :param steps: statements that end with the value in ``@new``; ``@old`` has it.
    :param top: definitions of the main file.
    :param helper: definitions of the other file.
    """

    steps: str
    top: str = ""
    helper: str = ""


KINDS = {
    "event.Event()": ("ready()", "has_result()", "has_exception()"),
    "eventlet.GreenPool(3)": ("waitall()", "free()", "size"),
    "eventlet.Queue()": ("qsize()", "put_nowait(1)", "empty()"),
    "eventlet.spawn(str)": ("wait()", "dead", "unlink(print)"),
    "eventlet.Semaphore()": ("locked()", "acquire(False)", "release()"),
    "Decoy()": ("ready()", "wait()", "put_nowait(1)"),
}
"""What makes an object, and what it can be asked for again and again."""

HOPS = {
    "name": Hop("@new = @old"),
    "branch": Hop("@new = @old if eventlet else None"),
    "walrus": Hop("if @new := @old:\n    pass\n@new = @old"),
    "list": Hop("box@n = [@old]\n@new = box@n[0]"),
    "append": Hop("box@n = []\nbox@n.append(@old)\nfor @new in box@n:\n    pass"),
    "pop": Hop("box@n = [@old]\n@new = box@n.pop()"),
    "dict": Hop('box@n = {"it": @old}\n@new = box@n["it"]'),
    "get": Hop('box@n = {}\nbox@n["it"] = @old\n@new = box@n.get("it")'),
    "values": Hop("box@n = {1: @old}\nfor @new in box@n.values():\n    pass"),
    "items": Hop("box@n = {1: @old}\nfor _, @new in box@n.items():\n    pass"),
    "setdefault": Hop("box@n = {}\n@new = box@n.setdefault(1, @old)"),
    "tuple": Hop("box@n = (1, @old)\n_, @new = box@n"),
    "set": Hop("box@n = set()\nbox@n.add(@old)\n@new = box@n.pop()"),
    "deque": Hop(
        "box@n = collections.deque()\nbox@n.append(@old)\n@new = box@n.popleft()"
    ),
    "comprehension": Hop("box@n = [each for each in [@old]]\n@new = box@n[0]"),
    "enumerate": Hop("for _, @new in enumerate([@old]):\n    pass"),
    "zip": Hop("for @new, _ in zip([@old], [1]):\n    pass"),
    "queue": Hop("box@n = eventlet.Queue()\nbox@n.put(@old)\n@new = box@n.get()"),
    "function": Hop("@new = same(@old)", "def same(it):\n    return it\n"),
    "keyword": Hop(
        "@new = named(it=@old)", "def named(first=1, *, it=None):\n    return it\n"
    ),
    "star": Hop("@new = star(1, @old)", "def star(*args):\n    return args[1]\n"),
    "stars": Hop(
        "@new = stars(it=@old)", 'def stars(**kwargs):\n    return kwargs["it"]\n'
    ),
    "forward": Hop(
        "@new = forward(@old)",
        "def target(it):\n    return it\n\n\n"
        "def forward(*args, **kwargs):\n    return target(*args, **kwargs)\n",
    ),
    "two results": Hop("_, @new = two(@old)", "def two(it):\n    return 1, it\n"),
    "generator": Hop(
        "for @new in once(@old):\n    pass", "def once(it):\n    yield it\n"
    ),
    "manager": Hop(
        "with managed(@old) as @new:\n    pass",
        "@contextlib.contextmanager\ndef managed(it):\n    yield it\n",
    ),
    "closure": Hop("def inner@n():\n    return @old\n\n@new = inner@n()"),
    "default": Hop("def inner@n(it=@old):\n    return it\n\n@new = inner@n()"),
    "lambda": Hop("@new = (lambda: @old)()"),
    "partial": Hop("@new = functools.partial(helper.same, @old)()", "", "SAME"),
    "thread": Hop("@new = eventlet.spawn(helper.same, @old).wait()", "", "SAME"),
    "pool": Hop(
        "@new = eventlet.GreenPool(1).spawn(helper.same, @old).wait()", "", "SAME"
    ),
    "other file": Hop("@new = helper.same(@old)", "", "SAME"),
    "other module": Hop("helper.slot = @old\n@new = helper.slot", "", "slot = None\n"),
    "global": Hop(
        "keep(@old)\n@new = kept",
        "kept = None\n\n\ndef keep(it):\n    global kept\n    kept = it\n",
    ),
    "attribute": Hop(
        "@new = Holder(@old).it",
        "class Holder:\n    def __init__(self, it):\n        self.it = it\n",
    ),
    "method": Hop(
        "holder@n = Giver()\nholder@n.take(@old)\n@new = holder@n.give()",
        "class Giver:\n    def take(self, it):\n        self._it = it\n\n"
        "    def give(self):\n        return self._it\n",
    ),
    "property": Hop(
        "@new = Proper(@old).it",
        "class Proper:\n    def __init__(self, it):\n        self._it = it\n\n"
        "    @property\n    def it(self):\n        return self._it\n",
    ),
    "base": Hop(
        "@new = Child(@old).value()",
        "class Child(helper.Base):\n    def value(self):\n        return self.it\n",
        "class Base:\n    def __init__(self, it):\n        self.it = it\n",
    ),
    "class attribute": Hop(
        "Shared.it = @old\n@new = Shared().it", "class Shared:\n    it = None\n"
    ),
    "dataclass": Hop(
        "@new = Record(@old).it",
        "@dataclasses.dataclass\nclass Record:\n    it: object\n",
    ),
    "registry": Hop(
        'helper.registry["it"] = @old\n@new = helper.found()',
        "",
        'registry = {}\n\n\ndef found():\n    return registry["it"]\n',
    ),
    "setattr": Hop(
        'setattr(Named, "it", @old)\n@new = getattr(Named, "it")',
        "class Named:\n    it = None\n",
    ),
    "computed": Hop(
        'setattr(Named, "i" + "t", @old)\n@new = Named.it',
        "class Named:\n    it = None\n",
    ),
    "computed get": Hop(
        'Named.it = @old\n@new = getattr(Named, "i" + "t")',
        "class Named:\n    it = None\n",
    ),
    "foreign": Hop("@new = operator.itemgetter(0)([@old])"),
    "foreign object": Hop(
        "threading.current_thread().it = @old\n@new = threading.current_thread().it"
    ),
    "foreign call": Hop(
        "@new = concurrent.futures.ThreadPoolExecutor(1).submit(lambda: @old).result()"
    ),
    "enter": Hop(
        "with Entered(@old) as @new:\n    pass",
        "class Entered:\n    def __init__(self, it):\n        self.it = it\n\n"
        "    def __enter__(self):\n        return self.it\n\n"
        "    def __exit__(self, *exc):\n        pass\n",
    ),
    "called": Hop(
        "@new = Called()(@old)",
        "class Called:\n    def __call__(self, it):\n        return it\n",
    ),
    "decorated": Hop(
        "@new = decorated(@old)",
        "def decorate(function):\n    @functools.wraps(function)\n"
        "    def wrapper(*args):\n        return function(*args)\n\n"
        "    return wrapper\n\n\n@decorate\ndef decorated(it):\n    return it\n",
    ),
}

_SAME = "def same(it):\n    return it\n"
_IMPORTS = """\
import collections
import concurrent.futures
import contextlib
import dataclasses
import functools
import operator
import threading

import eventlet
import helper
from eventlet import event


class Decoy:
    size = 1

    def wait(self, *args):
        return self

    ready = put_nowait = release = wait

"""

Journey = tuple[str, tuple[tuple[str, int], ...]]
"""What is made, and each hop with the number of the member that is used then."""


def journeys(kinds: list[str]) -> st.SearchStrategy[Journey]:
    """An object of one of the kinds with its hops."""
    hop = st.tuples(st.sampled_from(sorted(HOPS)), st.integers(0, 2))
    return st.tuples(
        st.sampled_from(kinds), st.lists(hop, min_size=1, max_size=4).map(tuple)
    )


def write(travels: tuple[Journey, ...], inside: bool) -> dict[str, bytes]:
    """The files of the program, the main one first.

    :param inside: whether the objects are made in a function, not in the module.
    """
    steps: list[str] = []
    tops: dict[str, None] = {}
    helpers: dict[str, None] = {}
    for number, (made, hops) in enumerate(travels):
        name = f"it{number}"
        steps.append(f"{name} = {made}")
        for index, (chosen, member) in enumerate(hops):
            hop, new = HOPS[chosen], f"it{number}_{index}"
            steps.append(
                hop.steps.replace("@new", new)
                .replace("@old", name)
                .replace("@n", f"{number}_{index}")
            )
            steps.append(f"{new}.{KINDS[made][member]}")
            tops[hop.top] = helpers[hop.helper.replace("SAME", _SAME)] = None
            name = new
    body = "\n".join(steps)
    if inside:
        body = "def main():\n" + _indented(body) + "\n\nmain()"
    main = "\n\n".join([_IMPORTS, *filter(None, tops), body]) + "\n"
    helper = "\n\n".join(filter(None, helpers))
    return {"main.py": main.encode(), "helper.py": helper.encode()}


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))
