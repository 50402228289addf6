"""Rewrites Eventlet's own tests and runs them natively: are the rewrites right?

    python benchmarks/eventlet_tests.py EVENTLET [--list FILE] [--json FILE]

Some tests of an Eventlet checkout, which is not written to, are copied beside a plain
base class and rewritten with every codemod. What is left of Eventlet in each test is
read off a second scan. A test of which nothing is left runs natively, without the
others and where Eventlet cannot be imported; every test runs under Eventlet with all
of it patched, before and after.

The list says of which tests the semantics survive: ``passes``; ``ordered``, where a
failure may be one of scheduling; ``racy``, which may fail; every other test is ``no``.
One of those that is ``unlike`` may fail under Eventlet once a part is rewritten: it
looks at the order of threads, at who is next, or at how long a worker lives.
The exit status is 1 if a whole test of ``passes`` fails, one of ``no`` is whole or
something hangs, a test is broken under Eventlet, or too few are whole and pass.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

LIST = Path(__file__).with_suffix(".json")
LEAST = 30
BASE = '''\
"""What the tests stand on, without a Timeout around each."""

import contextlib
import unittest


class LimitedTestCase(unittest.TestCase):
    pass


@contextlib.contextmanager
def assert_raises(kind):
    with unittest.TestCase().assertRaises(kind):
        yield


def run_isolated(*args, **kwargs):
    raise unittest.SkipTest("it is a script of its own")


def check_is_timeout(obj):
    assert obj.is_timeout
'''
ASSUMED = ("--assume", "process-patched")
CONFIG = 'executor = "concurrent.futures.ThreadPoolExecutor"\n'
RUN = """\
import importlib, sys, unittest
world, module, name = sys.argv[1:]
if world == "native":
    sys.modules["eventlet"] = None
else:
    import eventlet
    eventlet.monkey_patch()
found = importlib.import_module(module)
holder, _, method = name.rpartition(".")
if holder:
    test = getattr(found, holder)(method)
else:
    test = unittest.FunctionTestCase(getattr(found, name))
result = unittest.TextTestRunner().run(test)
sys.exit(not result.wasSuccessful() or 2 * bool(result.skipped))
"""

World = Literal["native", "patched"]
Lists = Mapping[str, Mapping[str, list[str]]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Site:
    """A use of Eventlet that is no import; the reason is why it is still there."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test.

    :param list: the list that it is on.
    :param sites: how many uses of Eventlet it reaches before.
    :param left: the reasons of those it still reaches.
    :param native: ``passed``, ``failed``, ``hung``, ``skipped``; empty if not run.
    :param before: the same under Eventlet, as it stands.
    :param after: the same under Eventlet, rewritten.
    :param said: the last line of what it complained of natively, or else patched.
    """

    file: str
    test: str
    list: str
    sites: int = 0
    left: tuple[str, ...] = ()
    native: str = ""
    before: str = ""
    after: str = ""
    said: str = ""

    @property
    def whole(self) -> bool:
        """Whether it used Eventlet, and does not any more."""
        return bool(self.sites) and not self.left

    @property
    def counts(self) -> bool:
        """Whether it is one of those that have to be many."""
        return self.list in {"passes", "ordered"} and self.native == "passed"

    def fault(self) -> str:
        """What must not be; empty if nothing is wrong."""
        if self.native == "hung":
            return "hangs natively"
        if self.whole and self.list in ("no", "unlike"):
            return f"is on the list {self.list!r}, and was rewritten: {self.native}"
        if self.whole and self.list == "passes" and self.native != "passed":
            return f"should pass natively: {self.said}"
        if self.before == "passed" != self.after and self.list not in (
            "racy",
            "unlike",
        ):
            return f"passed under Eventlet before: {self.said}"
        return ""


# Reading tests --------------------------------------------------------------------


class Tests:
    """The tests of one file, and what each of them reaches in it."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        body = self.tree.body
        self.functions = {n.name: n for n in body if isinstance(n, Function)}
        self.classes = {n.name: n for n in body if isinstance(n, ast.ClassDef)}

    def names(self) -> Iterator[str]:
        """``Class.method`` with those that are inherited, and functions."""
        yield from (name for name in self.functions if name.startswith("test"))
        for name in self.classes:
            methods = sorted({m.name for m in self._methods(name)})
            yield from (f"{name}.{m}" for m in methods if m.startswith("test"))

    def reached(self, test: str) -> list[Function]:
        """The functions that a test may run: what they name is followed."""
        holder, _, name = test.rpartition(".")
        todo = [name, *(("setUp", "tearDown") if holder else ())]
        found: list[Function] = []
        while todo:
            for function in self._called(holder, todo.pop()):
                if function not in found:
                    found.append(function)
                    todo += _named(function)
        return found

    def _called(self, holder: str, name: str) -> list[Function]:
        """Methods of that name for a test of ``holder``, a function, or a class."""
        own = [method for method in self._methods(holder) if method.name == name][:1]
        if name in self.functions:
            own.append(self.functions[name])
        return own + self._methods(name)

    def _methods(self, holder: str) -> list[Function]:
        """The methods of a class of this file and then of its bases."""
        if holder not in self.classes:
            return []
        node = self.classes[holder]
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        own = [each for each in node.body if isinstance(each, Function)]
        return own + [method for base in bases for method in self._methods(base)]

    def only(self, lines: Iterable[int]) -> str:
        """The file without its imports of Eventlet and functions on those lines."""
        tree = _Without(frozenset(lines)).visit(self.tree)
        return ast.unparse(tree)


class _Without(ast.NodeTransformer):
    """Takes functions out that hold one of the lines, and what imports Eventlet."""

    def __init__(self, lines: frozenset[int]) -> None:
        self._lines = lines

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return None if _span(node) & self._lines else node

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        named = {alias.name.partition(".")[0] for alias in node.names}
        return None if "eventlet" in named else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if (node.module or "").partition(".")[0] == "eventlet" else node


def _named(function: Function) -> list[str]:
    """Every name in a function, and every attribute of ``self``."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            found.append(node.attr)
    return found


def _span(function: Function) -> set[int]:
    return set(range(function.lineno, (function.end_lineno or 0) + 1))


def within(functions: Iterable[Function], sites: Sequence[Site]) -> list[Site]:
    """The sites that are on the lines of these functions."""
    lines = set().union(*map(_span, functions))
    return [site for site in sites if site.line in lines]


# Running things -------------------------------------------------------------------


def deventlet(root: Path, *arguments: str) -> str:
    """What deventlet prints for all of ``root``."""
    command = [sys.executable, "-m", "deventlet", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"deventlet {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def sites(root: Path) -> dict[str, list[Site]]:
    """The uses of Eventlet in each file below ``root``."""
    scanned = deventlet(root, "scan", "--format", "json", *ASSUMED, ".")
    found: dict[str, list[Site]] = {}
    for each in json.loads(scanned)["sites"]:
        if each["form"] != "import":
            site = Site(each["line"], each["reason"])
            found.setdefault(Path(each["path"]).name, []).append(site)
    return found


def run_test(root: Path, result: Result, world: World, limit: int) -> tuple[str, str]:
    """Run one test by itself: what became of it, and the last line it printed."""
    module = f"tests.{Path(result.file).stem}"
    command = [sys.executable, "-B", "-c", RUN, world, module, result.test]
    env = {**os.environ, "PYTHONPATH": str(root)}
    try:
        done = subprocess.run(
            command, cwd=root, env=env, capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return "hung", f"not done after {limit} s"
    became = {0: "passed", 2: "skipped"}.get(done.returncode, "failed")
    complaints = [row for row in done.stderr.splitlines() if "Error" in row]
    return became, complaints[-1] if became == "failed" and complaints else ""


def write_project(root: Path, texts: Mapping[str, str]) -> Path:
    """A project with these tests, a plain base class and native executors."""
    (root / "tests").mkdir(parents=True)
    (root / "deventlet.toml").write_text(CONFIG)
    for name, text in {"__init__.py": BASE, **texts}.items():
        (root / "tests" / name).write_text(text)
    return root


def read_project(root: Path, names: Iterable[str]) -> dict[str, str]:
    """The tests of a project, or of the checkout of one."""
    return {name: (root / "tests" / name).read_text() for name in names}


# Measuring ------------------------------------------------------------------------


def rewrite(checkout: Path, folder: Path, lists: Lists) -> list[Result]:
    """Write the tests ``before``, ``after`` and ``native``: what is left of each."""
    texts = read_project(checkout, lists)
    write_project(folder / "before", texts)
    rewritten = write_project(folder / "after", texts)
    deventlet(rewritten, "apply", "--all", *ASSUMED, ".")
    first, last = sites(folder / "before"), sites(rewritten)
    results, pruned = [], {}
    for file, text in read_project(rewritten, lists).items():
        tests, left = Tests(text), last.get(file, [])
        for test, listed in listing(file, tests, lists):
            reached = Tests(texts[file]).reached(test)
            number = len(within(reached, first.get(file, [])))
            reasons = {site.reason for site in within(tests.reached(test), left)}
            results.append(Result(file, test, listed, number, tuple(sorted(reasons))))
        pruned[file] = tests.only(site.line for site in left)
    write_project(folder / "native", pruned)
    return results


def listing(file: str, tests: Tests, lists: Lists) -> Iterator[tuple[str, str]]:
    """Each test of a file, and the list that it is on."""
    listed = {test: name for name, all_ in lists[file].items() for test in all_}
    for test in tests.names():
        yield test, listed.pop(test, "no")
    if listed:
        sys.exit(f"{file} has no {', '.join(listed)}")


def run_worlds(folder: Path, result: Result, limit: int) -> Result:
    """Run one test in every world that it can run in."""
    here, said = "", ""
    if result.whole:
        here, said = run_test(folder / "native", result, "native", limit)
    was, _ = run_test(folder / "before", result, "patched", limit)
    now, why = run_test(folder / "after", result, "patched", limit)
    return replace(result, native=here, before=was, after=now, said=said or why)


def show(results: Sequence[Result]) -> None:
    """Print a line for each test, and then how many there are of each kind."""
    for each in results:
        what = "whole" if each.whole else ", ".join(each.left) or "no use"
        print(f"{each.file[:-8]:12} {each.test:48} {each.list:8} ", end="")
        print(f"{each.native or '-':7} {each.before:7} {each.after:7} {what}")
    print()
    for name in ("passes", "ordered", "racy", "unlike", "no"):
        listed = [each for each in results if each.list == name]
        native = Counter(each.native for each in listed if each.whole)
        became = ", ".join(f"{n} {what}" for what, n in sorted(native.items()))
        print(f"{name:8} {len(listed):4} tests, whole: {became or 'none'}")


def main() -> None:
    """Rewrite, run, print; the exit status says whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--list", type=Path, default=LIST, metavar="FILE")
    parser.add_argument("--least", type=int, default=LEAST, metavar="N")
    parser.add_argument("--limit", type=int, default=60, metavar="SECONDS")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", type=Path, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    lists: Lists = json.loads(options.list.read_text())
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.work or Path(scratch)
        found = rewrite(options.checkout, folder, lists)
        with ThreadPoolExecutor(options.jobs) as executor:
            run = partial(run_worlds, folder, limit=options.limit)
            results = list(executor.map(run, found))
    show(results)
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in results]))
    sys.exit(judge(results, options.least))


def judge(results: Sequence[Result], least: int) -> bool:
    """Print what must not be; whether there is any."""
    faults = [(each, fault) for each in results if (fault := each.fault())]
    for each, fault in faults:
        print(f"FAILED {each.file} {each.test}: {fault}")
    number = sum(each.counts for each in results)
    print(f"{number} should pass natively, are whole and do; at least {least} must")
    return bool(faults) or number < least


if __name__ == "__main__":
    main()
