"""No source is too large or too strange: it is analysed in time, or refused by name.

Every kind of source stands in a project beside a plain file. The run must find what
is in the plain file, and take no more than some multiple of what ``ast.parse`` takes
on the same texts in the same process; that is what tells slow code from a slow
machine. A source that grows by itself, as aliases of aliases of aliases can, would
never end: the alarm is for that.
"""

from __future__ import annotations

import ast
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from deventlet.config import Config
from deventlet.driver.inventory import take_inventory
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import pages
from tests.support.pace import paces, seconds_of

Files = Mapping[str, str]

SLOWER = 90
"""How many times as long as parsing a codemod and a scan may take: linear, 45.

A machine with other work slows what uses more memory by more; a square is hundreds.
"""
PACES = 100
"""How many paces are allowed in any case: a short parse is too short to measure by."""
ENDLESS = 300
"""Seconds after which a run counts as endless, wherever it runs."""

PLAIN = "import eventlet\n\n\ndef rest():\n    eventlet.sleep(1)\n"
HEAD = "import eventlet\neventlet.sleep(1)\n"
MANY = 50_000


def lines(template: str, count: int, indent: str = "") -> str:
    """The template once for each number, ``{i}`` and the one before, ``{h}``."""
    return "".join(
        indent + template.format(i=i, h=i - 1) + "\n" for i in range(1, count + 1)
    )


def one(text: str) -> Files:
    return {"proj/awkward.py": HEAD + text}


def chained(target: str, last: str) -> Files:
    """200 modules that take everything from the next one."""
    modules = {
        f"proj/m{i}.py": f"from proj.m{i + 1} import {target}\nsleep(1)\n"
        for i in range(200)
    }
    return {**modules, "proj/m200.py": last}


def nested(opening: str, closing: str, depth: int, middle: str = "1") -> Files:
    return one(f"x = {opening * depth}{middle}{closing * depth}\n")


def blocks(header: str, depth: int, last: str) -> str:
    """Headers, each inside the one before."""
    return "".join(f"{' ' * i}{header}\n" for i in range(depth)) + " " * depth + last


FINE: dict[str, Callable[[], Files]] = {
    "statements": lambda: one(
        f"def f():\n{lines('x = g({i})', MANY, ' ')} eventlet.sleep(1)\n"
    ),
    "functions": lambda: one(lines("def f{i}(a=1): return a", MANY)),
    "methods": lambda: one(
        "class C:\n" + lines("def f{i}(self): return self.f{h}()", 20_000, " ")
    ),
    "classes": lambda: one(lines("class C{i}(C{h}): x = C{h}.x", 20_000)),
    "dict": lambda: one(f"d = {{\n{lines('{i}: f({i}),', MANY)}0: eventlet.sleep}}\n"),
    "uses": lambda: one(lines("eventlet.sleep({i})", 2_000)),
    "string-uses": lambda: one(f"x = f'{'{eventlet.a}' * 10_000}'\n"),
    "list-of-uses": lambda: one(f"x = [{'eventlet.a, ' * 10_000}]\n"),
    "alias-to-itself": lambda: one("x = eventlet.sleep\n" + "x = x\n" * 200 + "x(1)\n"),
    "growing-aliases": lambda: one("x0 = eventlet\n" + lines("x{i} = x{h}.a", 2_000)),
    "imports": lambda: one(lines("import a{i}.b{i} as c{i}", MANY)),
    "alias-cycle": lambda: one(
        "x0 = eventlet.sleep\nx0 = x50\nx50(1)\n" + lines("x{i} = x{h}", 50)
    ),
    "alias-chain": lambda: one(
        "x0 = eventlet.sleep\n" + lines("x{i} = x{h}", MANY) + f"x{MANY}(1)\n"
    ),
    "doubling": lambda: one(
        "x0 = eventlet.sleep\n" + lines("x{i} = x{h} or x{h}", 60) + "x60(1)\n"
    ),
    "self-alias": lambda: one("x = eventlet\n" + "x = x.a\n" * 25 + "x.sleep(1)\n"),
    "star-chain": lambda: chained("*", "from eventlet import sleep\n"),
    "star-cycle": lambda: chained("*", "from proj.m0 import *\nimport eventlet\n"),
    "import-cycle": lambda: chained("sleep", "from proj.m0 import sleep\n"),
    "rebound": lambda: one("".join(lines("n{i} = n{h}.a", 5_000) for _ in range(20))),
    "attributes": lambda: one(f"x = a{'.b' * 2_000}\n"),
    "nested-functions": lambda: one(blocks("def f():", 90, "eventlet.sleep(1)\n")),
    "nested-conditions": lambda: one(blocks("if x:", 90, "eventlet.sleep(1)\n")),
    "either": lambda: one(f"x = {' or '.join(['y'] * MANY)} or eventlet.sleep\nx(1)\n"),
    "string": lambda: one(f"x = f'{'{a.b}é' * 10_000}{{eventlet.sleep}}'\n"),
    "strings": lambda: one("x = (" + lines('"a"', MANY) + ")\n"),
    "one-line": lambda: one(f"x = '{'a' * 20_000_000}'; eventlet.sleep(1)\n"),
    "one-list": lambda: one(f"x = [{'1, ' * 300_000}]\n"),
    "comment": lambda: one("# eventlet.sleep\n" * 4 * MANY),
    "class-heads": lambda: one(
        "class D(object):\n    e = eventlet.GreenPool()\nD().e.waitall()\n"
        + "# class C (\n" * MANY
    ),
    "broken-imports": lambda: one('"""\n' + "y import x \\\n" * MANY + '\n"""\n'),
    "mocks": lambda: one(lines("mock.patch('proj.plain.rest{i}')", 5_000)),
}

DEEP: dict[str, Callable[[], Files]] = {
    "parentheses": lambda: nested("(", ")", 5_000),
    "lists": lambda: nested("[", "]", 5_000),
    "calls": lambda: nested("f(", ")", 5_000),
    "called": lambda: nested("", "()", 50_000, "f"),
    "not": lambda: nested("not ", "", 50_000),
    "minus": lambda: nested("-", "", 50_000),
    "lambdas": lambda: nested("lambda: ", "", 50_000),
    "sums": lambda: nested("", " + 1", 50_000),
    "powers": lambda: nested("", " ** 1", 50_000),
    "attributes": lambda: nested("", ".a", 50_000, "eventlet"),
    "subscripts": lambda: nested("", "[0]", 50_000, "eventlet"),
    "conditionals": lambda: nested("1 if a else ", "", 50_000),
    "elif": lambda: one("if x:\n pass\n" + "elif y:\n pass\n" * 50_000),
}


# -- running -------------------------------------------------------------------------


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Fail instead of never ending."""

    def ring(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"not done after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def parsed(files: Files) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in files.values():
            ast.parse(text)


def analysed(files: Files, root: Path) -> Outcome:
    """What the codemod sleep finds in the project; a scan finds the plain file, too."""
    texts = {path: text.encode() for path, text in with_plain(files).items()}
    outcome = run(pages()["sleep"], Request(root, list(texts), frozenset(texts)), texts)
    for path, text in texts.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(text)
    found = take_inventory(root, list(texts), frozenset(texts), Config(), frozenset())
    assert any(each.site.path == "proj/plain.py" for each in found.entries)
    assert found.problems.keys() >= outcome.problems.keys()
    return outcome


def with_plain(files: Files) -> Files:
    return {**files, "proj/plain.py": PLAIN, "proj/__init__.py": ""}


def plain_is_done(outcome: Outcome) -> bool:
    return any(v.subject.origin.path == "proj/plain.py" for v in outcome.verdicts)


def check_in_time(files: Files, root: Path) -> Outcome:
    outcomes: list[Outcome] = []
    with alarm(ENDLESS):
        least = seconds_of(lambda: parsed(with_plain(files)))
        taken = seconds_of(lambda: outcomes.append(analysed(files, root)))
    assert plain_is_done(outcomes[0])
    in_time = taken < SLOWER * least or paces(taken) < PACES
    assert in_time, f"{taken:.1f} s, parsed in {least:.2f} s; {paces(taken):.1f} paces"
    return outcomes[0]


@pytest.mark.parametrize("kind", FINE)
def test_it_takes_no_more_than_parsing_it_many_times(kind: str, tmp_path: Path) -> None:
    assert not check_in_time(FINE[kind](), tmp_path).problems


@pytest.mark.parametrize("kind", DEEP)
def test_what_is_too_deep_for_python_is_refused_by_name(
    kind: str, tmp_path: Path
) -> None:
    files = DEEP[kind]()
    with alarm(ENDLESS):
        outcome = analysed(files, tmp_path)
    assert plain_is_done(outcome)
    assert {p: e.reason for p, e in outcome.problems.items()} == {
        "proj/awkward.py": "file.too-deep"
    }


def test_too_many_levels_of_blocks_are_refused_by_that_name(tmp_path: Path) -> None:
    outcome = analysed(one(blocks("if x:", 200, "pass\n")), tmp_path)
    assert plain_is_done(outcome)
    assert outcome.problems["proj/awkward.py"].reason == "file.too-deep"
