"""Composed programs do the same before and after the codemod ``sleep``.

Programs of all spellings, scopes and formats run with modules in the place of
``eventlet`` and ``time`` that only note what is called with what. Afterwards every
call that was Eventlet's is ``time.sleep`` with the same number of seconds, or is
still Eventlet's and was refused by name.

``DEVENTLET_FUZZ=5000`` tries that many programs of each kind, at random.
"""

from __future__ import annotations

import ast
import os
import sys
import textwrap
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from unittest import mock

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from deventlet.codemod import Site, Verdict
from tests.pages import Case, File
from tests.support.tool import VARIANTS, rewrite_again

_EXAMPLES = int(os.environ.get("DEVENTLET_FUZZ", "0"))
fuzzed = settings(
    max_examples=_EXAMPLES or 120,
    derandomize=not _EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


# -- running with noted calls ------------------------------------------------


@dataclass(slots=True)
class Notes:
    """What a run called: kind of function, seconds, files and lines of the callers."""

    calls: list[tuple[str, object, frozenset[tuple[str, int]]]] = field(
        default_factory=list
    )
    ended: str = ""

    def note(self, kind: str, seconds: object) -> None:
        places = set()
        caller: types.FrameType | None = sys._getframe(2)
        while caller is not None and caller.f_code is not ran.__code__:
            places.add((caller.f_code.co_filename, caller.f_lineno))
            caller = caller.f_back
        self.calls.append((kind, seconds, frozenset(places)))

    @property
    def slept(self) -> list[tuple[bool, object]]:
        """Seconds in order, and whether somebody's own function was called."""
        return [(kind == "own", seconds) for kind, seconds, _ in self.calls]


@contextmanager
def noting(notes: Notes) -> Iterator[None]:
    """Stand-ins for the modules; ``own`` is an object with a method ``sleep``."""

    def green(seconds: float = 0) -> None:
        notes.note("eventlet", max(0, seconds))

    def native(seconds: float, /) -> None:
        if seconds < 0:
            raise ValueError("negative")
        notes.note("time", seconds)

    import time

    eventlet, greenthread, clock, own = map(
        types.ModuleType, ("eventlet", "eventlet.greenthread", "time", "own")
    )
    vars(clock).update(vars(time))
    vars(eventlet).update(sleep=green, greenthread=greenthread, spawn=print)
    vars(greenthread).update(sleep=green)
    vars(clock).update(sleep=native)
    vars(own).update(sleep=lambda seconds=0: notes.note("own", seconds))
    stand_ins = {
        "eventlet": eventlet,
        "eventlet.greenthread": greenthread,
        "time": clock,
        "own": own,
    }
    with mock.patch.dict(sys.modules, stand_ins):
        yield


def ran(files: Mapping[str, bytes]) -> Notes:
    """What the last of the files does, the others being imported before it."""
    notes = Notes()
    with noting(notes):
        for path, text in files.items():
            name = path.removesuffix(".py")
            module = types.ModuleType(name)
            sys.modules[name] = module
            try:
                exec(_compiled(text, path), vars(module))
            except Exception as error:
                notes.ended = f"{path}: {type(error).__name__}"
    return notes


def _compiled(text: bytes, path: str) -> types.CodeType:
    """A program's code; that it calls a number is no news, and nothing to warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(text, path, "exec")


# -- what must hold -------------------------------------------------------------


def check(files: Mapping[str, str], variant: str = "plain") -> None:
    """Run, rewrite, run again and compare."""
    parts = tuple(File(path, text, text) for path, text in files.items())
    case = Case("sleep", "composed", 1, parts)
    sources = {path: VARIANTS[variant](text) for path, text in files.items()}
    result = rewrite_again(case, sources)
    assert not result.outcome.problems
    old, new = ran(sources), ran(result.after)
    shown = "\n".join(
        f"--- {p}\n{t.decode('latin-1')}" for p, t in result.after.items()
    )
    assert (new.slept, new.ended) == (old.slept, old.ended), shown
    verdicts = result.outcome.verdicts
    refused = {
        (site.path, line)
        for verdict in verdicts
        if not verdict.applies
        for site in verdict.subject.sites
        for line in _lines(verdict, site, sources)
    }
    for before, after in zip(old.calls, new.calls, strict=True):
        if after[0] == "eventlet":
            assert before[2] & refused, (before, shown)
    assert not rewrite_again(case, result.after).outcome.changes, shown
    for path, text in sources.items():
        _only_sites_changed(text, result.after[path])
        _imports_are_used_or_stay(text, result.after[path])


def _lines(verdict: Verdict, site: Site, sources: Mapping[str, bytes]) -> range:
    """The lines that a refusal speaks for: of a star import, all of the file."""
    if verdict.reason == "name.star-import":
        return range(1, 2 + sources[site.path].count(b"\n"))
    return range(site.line, site.end_line + 1)


def _only_sites_changed(before: bytes, after: bytes) -> None:
    """Lines that hold no import and no site are still there, in order."""
    words = (
        b"sleep",
        b"import",
        b"except ImportError",
        b"nap",
        b"rest",
        b"pass",
        b"try:",
        b"max(",
    )
    left = iter([line.strip() for line in after.split(b"\n")])
    for line in before.split(b"\n"):
        if (
            line.strip()
            and line.lstrip()[:1] not in b")"
            and not any(word in line for word in words)
        ):
            kept = line.strip()
            assert any(kept in other for other in left), (kept, after)


def _imports_are_used_or_stay(before: bytes, after: bytes) -> None:
    """No name that is imported only afterwards is left without a use."""
    used = {n.id for n in ast.walk(ast.parse(after)) if isinstance(n, ast.Name)}
    assert _imported(after) - _imported(before) <= used, after


def _imported(text: bytes) -> set[str]:
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }


# -- programs -------------------------------------------------------------------

SPELLINGS = {
    "eventlet.sleep": "import eventlet",
    "ev.sleep": "import eventlet as ev",
    "sleep": "from eventlet import sleep",
    "nap": "from eventlet import sleep as nap",
    "greenthread.sleep": "from eventlet import greenthread",
    "eventlet.greenthread.sleep": "import eventlet.greenthread",
    "gt.sleep": "import eventlet.greenthread as gt",
    "nap2": "from eventlet.greenthread import sleep as nap2",
    "time.sleep": "import eventlet as time",
    "nap3": "try:\n    from eventlet import sleep as nap3\n"
    "except ImportError:\n    from time import sleep as nap3",
    "rest": "import eventlet\nrest = eventlet.sleep",
    "rest2": "from eventlet import sleep as nap4\nrest2 = nap4",
}
NOISE = [
    "import os",
    "import time",
    "import time as t",
    "from time import monotonic",
    "import functools",
    "time = 7",
    "_time = 7",
    "max = max",
    "from os import path",
    "import own as max",
    "'''eventlet.sleep(5)'''",
    "# eventlet.sleep(6)",
]
ARGUMENTS = [
    "({n})",
    "({n})",
    "({n})",
    "()",
    "(seconds={n})",
    "({n},)",
    "( {n} )",
    "(\n    {n}\n)",
    "(seconds=x - {n})",
    "(-{n})",
    "({n} if x else -1)",
    "(*[{n}])",
    "(**{{'seconds': {n}}})",
    "(0 or {n})",
    "(min({n}, 7))",
    "(  # why\n    {n})",
    "(seconds=  # why\n    {n})",
    "({n}, 2)",
    "(2 ** -{n})",
    "(({n}))",
    "(w := {n})",
    "(1_0)",
    "(0x0)",
    "(0.0)",
    "(-0)",
    "(True)",
    "(len('é') - {n})",
    "(not x)",
    "(~x + {n})",
    " ({n})",
    " \\\n    ({n})",
    "(lambda: {n}\n ())",
]
STATEMENTS = [
    "{c}",
    "{c}",
    "y = {c}",
    "{c}; y = {d}",
    "f'{{{c}}}'",
    "f'é{{x}} {{ {c} !r:>9}}{{{d}}}'",
    "f'''{{x}}\n  {{x:{{x}}}} {{{c}}}\n'''",
    "f'{{{c}=}}'",
    "[{c} for _ in range(2)]",
    "[{c} for time in range(2)]",
    "(lambda: {c})()",
    "(lambda time: {c})(1)",
    "for _ in range(1): {c}",
    "assert {c} is None, {d}",
    "y = [{c},\n     {d}]",
    "y = call(str, '',\n         {c}, x,\n         x)",
    "if {c} or {d}: x",
    "é = 'ü'; {c}",
    "match {c}:\n    case None if not {d}:\n        x",
    "(z := {c})",
    "x if x else {c}",
    "try:\n    {c}\nexcept TypeError as time:\n    {d}",
    "{c} or 'eventlet.sleep(3)'",
    "y = {{{c}: 1, 'long': '{pad}', 2: {d}}}",
    "({c})",
    "x and ({c}\n  or {d})",
    "list(map({s}, [{n}, 2]))",
    "functools.partial({s}, {n})()",
    "functools.partial({s})(seconds={n})",
    "(lambda f={s}: f({n}))()",
    "y = {{'a': {s}}}; y['a']()",
    "call({s}, {n})",
    "one({s})",
    "none({s})",
    "q = {s}; q({n}); q()",
    "(r := {s})({n})",
    "(x and {s})({n})",
    "({s})({n})",
    "getattr(eventlet, 'sleep')({n})",
    "own.sleep({n})",
    "own.sleep(seconds={n})",
    "(lambda eventlet, sleep: (eventlet.sleep({n}), sleep({n})))(own, own.sleep)",
    "y = globals()['eventlet'].sleep",
    "y = eval('x + 1')",
    "deco({s})",
    "def later(wait={s}): wait({n})\nlater()",
]
SCOPES = [
    "{b}",
    "{b}",
    "def f():\n{i}\nf()",
    "def f(time):\n{i}\nf(1)",
    "def f():\n{i}\n    time = 1\nf()",
    "class C:\n    time = 1\n{i}",
    "class C:\n    def m(self, time=2):\n{j}\nC().m()",
    "def f():\n    def time():\n{j}\n    time()\nf()",
    "def f():\n    {imp}\n{i}\nf()",
    "class C:\n    {imp}\n{i}",
    "def f():\n    global time\n{i}\n    time = 1\nf()",
    "def f():\n    import time\n{i}\n    time.time()\nf()",
    "if x:\n{i}\nelse:\n    y = 1",
    "def f():\n    try:\n{j}\n    finally:\n        y = 1\nf()",
    "def f():\n    yield 1\n{i}\nlist(f())",
    "try:\n{i}\nexcept ValueError as _time:\n    y = 1",
    "def f(own=own):\n    for time in [1]:\n{j}\nf()",
]
PREAMBLE = """\
# sleep
import functools
import own
x = 3
def call(f, *args):
    return f(*args)
def one(f):
    f(4)
def none(g):
    g()
def deco(f):
    f(seconds=1)
"""


@st.composite
def statement(draw: st.DrawFn, callee: str) -> str:
    template = draw(st.sampled_from(STATEMENTS))
    number = st.integers(0, 9)
    calls = {}
    for key in "cd":
        arguments = draw(st.sampled_from(ARGUMENTS)).format(n=draw(number))
        calls[key] = draw(st.sampled_from(["{}{}", "{}{}", "({}){}", "({}{})"])).format(
            callee, arguments
        )
    pad = "p" * draw(st.integers(0, 60))
    return template.format(s=callee, n=draw(number), pad=pad, **calls)


def parses(text: str) -> bool:
    with suppress(SyntaxError):
        return bool(ast.parse(text))
    return False


@st.composite
def block(draw: st.DrawFn) -> str:
    """Statements with one or two spellings in one scope, imports on top or inside."""
    callees = draw(st.lists(st.sampled_from([*SPELLINGS]), min_size=1, max_size=2))
    scope = draw(st.sampled_from(SCOPES))
    parts = [draw(statement(draw(st.sampled_from(callees)))) for _ in range(2)]
    body = "\n".join(filter(parses, parts)) or "x"
    imports = "\n".join(SPELLINGS[callee] for callee in dict.fromkeys(callees))
    inner = draw(st.booleans()) and "{imp}" in scope
    text = scope.format(
        b=body,
        i=textwrap.indent(body, " " * 4),
        j=textwrap.indent(body, " " * 8),
        imp=textwrap.indent(imports, "    ").lstrip(),
    )
    return text if inner else f"{imports}\n{text}"


@st.composite
def program(draw: st.DrawFn) -> str:
    parts = draw(st.lists(block() | st.sampled_from(NOISE), min_size=1, max_size=5))
    text = PREAMBLE + "\n".join(parts) + "\n"
    return text if parses(text) else PREAMBLE


@fuzzed
@given(program(), st.sampled_from([*VARIANTS]))
def test_program_sleeps_as_long_as_before(text: str, variant: str) -> None:
    encodable: Callable[[str], bool] = str.isascii
    if variant == "latin-1" and not encodable(text):
        text = text.replace("\u00e9", "e").replace("\u00fc", "u")
    check({"main.py": text}, variant)


# -- names that other files take --------------------------------------------------

TAKEN = [
    "import lib\nlib.{s}{a}",
    "import lib as li\nli.{s}{a}",
    "from lib import {r}\n{s}{a}",
    "from lib import *\n{s}{a}",
    "from lib import {r} as _r\n_r",
    "import lib\ny = lib\ny.{s}{a}",
    "import lib\ngetattr(lib, '{r}')",
    "from lib import *\ndef f(time):\n    {s}{a}\nf(1)",
    "import lib\ndef f():\n    lib.{s}{a}\nf()",
]


@st.composite
def two_files(draw: st.DrawFn) -> dict[str, str]:
    callees = draw(st.lists(st.sampled_from([*SPELLINGS]), min_size=1, max_size=2))
    lib = [SPELLINGS[callee] for callee in dict.fromkeys(callees)]
    for callee in callees:
        own = draw(statement(callee))
        if draw(st.booleans()) and parses(own):
            lib.append(own)
    main = []
    for _ in range(draw(st.integers(1, 3))):
        callee = draw(st.sampled_from(callees))
        arguments = draw(st.sampled_from(ARGUMENTS)).format(n=draw(st.integers(0, 9)))
        taken = draw(st.sampled_from(TAKEN)).format(
            s=callee, r=callee.partition(".")[0], a=arguments
        )
        if parses(taken):
            main.append(taken)
    return {
        "lib.py": PREAMBLE + "\n".join(lib) + "\n",
        "main.py": "x = 3\n" + "\n".join(main) + "\n",
    }


@fuzzed
@given(two_files())
def test_names_that_another_file_takes(files: dict[str, str]) -> None:
    check(files)


# -- mocks --------------------------------------------------------------------------

MOCKS = [
    "with mock.patch('{p}') as m:\n    {w}\n    {q}",
    "with mock.patch('worker.{s}') as m:\n    {w}\n    {q}",
    "with mock.patch.object({o}, 'sleep') as m:\n    {w}\n    {q}",
    "with mock.patch.object(worker{k}, '{l}') as m:\n    {w}\n    {q}",
    "with mock.patch.object(worker{k}, '{l}', side_effect=[None] * 9) as m:\n"
    "    {w}\n    {q}",
    "m = mock.Mock()\nwith mock.patch('{p}', m):\n    {w}\n{q}",
    "m = mock.Mock()\nwith mock.patch('{p}', new=m):\n    {w}\n{q}",
    "p = mock.patch('{p}')\nm = p.start()\n{w}\n{q}\np.stop()",
    "@mock.patch('{p}')\ndef test(m):\n    {w}\n    {q}\ntest()",
    "m = mock.Mock()\nsaved = {o}.sleep\n{o}.sleep = m\n{w}\n{o}.sleep = saved\n{q}",
    "m = mock.Mock()\nsaved = {o}.sleep\nsetattr({o}, 'sleep', m)\n{w}\n{q}\n"
    "setattr({o}, 'sleep', saved)",
    "with mock.patch.multiple('eventlet', sleep=mock.DEFAULT) as ms:\n    {w}\n"
    "    m = ms['sleep']\n    {q}",
    "{w}",
]
OWNERS = {
    "eventlet.sleep": "eventlet",
    "ev.sleep": "eventlet",
    "sleep": "eventlet",
    "nap": "eventlet",
    "greenthread.sleep": "eventlet.greenthread",
    "eventlet.greenthread.sleep": "eventlet.greenthread",
    "gt.sleep": "eventlet.greenthread",
    "rest": "eventlet",
}
NOTED = (
    "own.sleep([[(c.args or tuple(c.kwargs.values()) or (0,))[0] "
    "for c in m.call_args_list]])"
)


@st.composite
def mocked(draw: st.DrawFn) -> dict[str, str]:
    # Calls by way of another module would be met by the moved mock as well.
    owner = draw(st.sampled_from(["eventlet", "eventlet.greenthread"]))
    spellings = [s for s in OWNERS if OWNERS[s] == owner]
    spelled = draw(st.lists(st.sampled_from(spellings), min_size=1, max_size=3))
    worker = [PREAMBLE, *(SPELLINGS[s] for s in dict.fromkeys(spelled))]
    for index, callee in enumerate(spelled):
        arguments = draw(
            st.sampled_from(["({n})", "({n})", "()", "(seconds={n})", "(*[{n}])"])
        )
        call = callee + arguments.format(n=draw(st.integers(1, 9)))
        worker.append(f"def work{index}():\n    {call}")
    test = ["from unittest import mock", "import own", "import worker"]
    test += ["import eventlet", "import eventlet.greenthread"]
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(spelled) - 1))
        callee = spelled[index]
        keep, _, last = f".{callee}".rpartition(".")
        test.append(
            draw(st.sampled_from(MOCKS)).format(
                p=f"{owner}.sleep", s=callee, o=owner, w=f"worker.work{index}()",
                k=keep, l=last, q=NOTED,
            )
        )  # fmt: skip
    return {
        "worker.py": "\n".join(worker) + "\n",
        "test_worker.py": "\n".join(test) + "\n",
    }


def test_what_is_noted_can_differ() -> None:
    """The comparison sees a call that was lost, moved or changed."""
    sleeping = ran({"main.py": b"import eventlet\neventlet.sleep(1)\n"})
    assert sleeping.slept == [(False, 1)]
    assert ran({"main.py": b"import time\ntime.sleep(2)\n"}).slept == [(False, 2)]
    assert (
        ran({"main.py": b"import time\ntime.sleep()\n"}).ended == "main.py: TypeError"
    )


@fuzzed
@given(mocked())
def test_mocks_intercept_what_they_did(files: dict[str, str]) -> None:
    check(files)
