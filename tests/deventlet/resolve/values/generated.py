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

    ``@n`` is a number of the hop's own, ``@use`` a member that may be asked for and
    ``@word`` its name.
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
    "used inside": Hop(
        "@new = used_@word(@old)", "def used_@word(it):\n    it.@use\n    return it\n"
    ),
    "used elsewhere": Hop(
        "@new = helper.used_@word(@old)",
        "",
        "def used_@word(it):\n    it.@use\n    return it\n",
    ),
    "used by a method": Hop(
        "user@n = User_@word(@old)\nuser@n.use()\n@new = user@n.it",
        "class User_@word:\n    def __init__(self, it):\n        self.it = it\n\n"
        "    def use(self):\n        self.it.@use\n",
    ),
    "used by a base": Hop(
        "user@n = Sub_@word()\nuser@n.start(@old)\nuser@n.use()\n@new = user@n.it",
        "class Sub_@word(helper.Super_@word):\n    def start(self, it):\n"
        "        self.it = it\n",
        "class Super_@word:\n    it = None\n\n    def use(self):\n"
        "        self.it.@use\n",
    ),
    "used by a mixin": Hop(
        "user@n = Mixed_@word(@old)\nuser@n.use()\n@new = user@n.it",
        "class Mixed_@word(helper.Mixin_@word, helper.Start_@word):\n    pass\n",
        "class Mixin_@word:\n    def use(self):\n        self.it.@use\n\n\n"
        "class Start_@word:\n    def __init__(self, it):\n        self.it = it\n",
    ),
    "used by a callback": Hop(
        "apply(lambda it: it.@use, @old)\n@new = @old",
        "def apply(function, it):\n    function(it)\n",
    ),
    "used through a list": Hop(
        "helper.waiting.append(@old)\nhelper.each_@word()\n@new = helper.waiting.pop()",
        "",
        "waiting = []\n\n\ndef each_@word():\n    for it in waiting:\n"
        "        it.@use\n",
    ),
    "used through a bound method": Hop("bound@n = @old.@word\n@new = @old"),
    "used by a thread": Hop(
        "thread@n = threading.Thread(target=work_@word, args=(@old,))\n"
        "thread@n.start()\nthread@n.join()\n@new = @old",
        "def work_@word(it):\n    it.@word\n",
    ),
    "used by a nested function": Hop(
        "def outer@n(it):\n    def inner():\n        it.@use\n        return it\n"
        "    return inner\n\n@new = outer@n(@old)()"
    ),
    "super": Hop(
        "@new = Lower(@old).it",
        "class Upper:\n    def __init__(self, it):\n        self.it = it\n\n\n"
        "class Lower(Upper):\n    def __init__(self, it):\n"
        "        super().__init__(it)\n",
    ),
    "class method": Hop(
        "Kept.keep(@old)\n@new = Kept.kept()",
        "class Kept:\n    _it = None\n\n    @classmethod\n    def keep(cls, it):\n"
        "        cls._it = it\n\n    @staticmethod\n    def kept():\n"
        "        return Kept._it\n",
    ),
    "yield from": Hop(
        "for @new in twice(@old):\n    pass",
        "def one(it):\n    yield it\n\n\ndef twice(it):\n    yield from one(it)\n",
    ),
    "recursion": Hop(
        "@new = deep(@old, 2)",
        "def deep(it, n):\n    return deep(it, n - 1) if n else it\n",
    ),
    "nested": Hop('box@n = {"a": [(@old, 1)]}\n@new = box@n["a"][0][0]'),
    "slice": Hop("@new = [1, @old, 2][1:2][0]"),
    "joined": Hop("box@n = [1] + [@old]\nbox@n += [2]\n@new = box@n[1]"),
    "copied": Hop("@new = list(sorted([@old], key=id))[0]"),
    "update": Hop('box@n = {}\nbox@n.update({"it": @old})\n@new = box@n.pop("it")'),
    "merged": Hop('@new = {**{"it": @old}, "x": 1}["it"]'),
    "next": Hop("@new = next(iter([@old]))"),
    "swap": Hop("@new = 1\nother@n = @old\n@new, other@n = other@n, @new"),
    "or": Hop("@new = None or @old"),
    "try": Hop("try:\n    @new = @old\nfinally:\n    del @old"),
    "chained": Hop("@new = other@n = @old"),
    "raised": Hop(
        "try:\n    raise Carrier(@old)\nexcept Carrier as found@n:\n"
        "    @new = found@n.it",
        "class Carrier(Exception):\n    def __init__(self, it):\n"
        "        super().__init__()\n        self.it = it\n",
    ),
    "dictionary of self": Hop(
        "@new = Bag(it=@old).it",
        "class Bag:\n    def __init__(self, **kwargs):\n"
        "        self.__dict__.update(kwargs)\n",
    ),
    "vars": Hop(
        'Named.it = @old\n@new = vars(Named)["it"]',
        "class Named:\n    it = None\n",
    ),
    "match": Hop("match [@old]:\n    case [@new]:\n        pass"),
    "star target": Hop("first@n, *rest@n = 1, @old\n@new = rest@n[0]"),
    "starred": Hop("@new = same(*[@old])", "def same(it):\n    return it\n"),
    "named tuple": Hop(
        "@new = Row(@old, 1).it",
        'Row = collections.namedtuple("Row", "it n")\n',
    ),
    "event": Hop("box@n = event.Event()\nbox@n.send(@old)\n@new = box@n.wait()"),
    "imap": Hop(
        "for @new in eventlet.GreenPool(1).imap(helper.same, [@old]):\n    pass",
        "",
        "SAME",
    ),
    "from import": Hop(
        "from helper import same as same@n\n@new = same@n(@old)", "", "SAME"
    ),
}

MAY_ESCAPE = frozenset({
    "called", "computed", "computed get", "decorated", "dictionary of self", "event",
    "foreign", "foreign call", "foreign object", "forward", "imap", "match", "merged",
    "named tuple", "next", "pool", "raised", "setattr", "star target", "starred",
    "swap", "thread", "update", "used by a callback", "vars",
})  # fmt: skip
"""Hops that need not be followed; but what is not may not be lost."""

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
            use = KINDS[made][member]
            words = {
                "@new": new, "@old": name, "@n": f"{number}_{index}",
                "@use": use, "@word": use.partition("(")[0], "SAME": _SAME,
            }  # fmt: skip
            steps += [_filled(hop.steps, words), f"{new}.{use}"]
            tops[_filled(hop.top, words)] = None
            helpers[_filled(hop.helper, words)] = None
            name = new
    body = "\n".join(steps)
    if inside:
        body = "def main():\n" + _indented(body) + "\n\nmain()"
    main = "\n\n".join([_IMPORTS, *filter(None, tops), body]) + "\n"
    helper = "\n\n".join(filter(None, helpers))
    return {"main.py": main.encode(), "helper.py": helper.encode()}


def _filled(text: str, words: dict[str, str]) -> str:
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return text


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))
