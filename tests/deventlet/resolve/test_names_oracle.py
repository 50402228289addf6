"""Names mean what the running interpreter says: composed projects, analysed and run.

Each project is run with a probe around every name and attribute that it reads; the
probe notes whether the value *is* one of Eventlet's functions and classes. Then

- whatever was read as one of them is a use that :class:`Names` found; only in the
  ``loose`` projects, where values also go through parameters, loops and the like,
  may it be said to be unknown instead;
- a use that can be one thing only was that thing, each time it was read.

Statements that fail are passed over when run, each by itself, so that one missing
name does not silence a project; what they would have bound may then be bound or not,
which is what ``if`` does to a name.

``DEVENTLET_FUZZ=5000`` tries that many projects of each kind, at random.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import pkgutil
import sys
import types
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import permutations
from pathlib import Path
from typing import Any
from unittest import mock

import eventlet
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, assume, given, settings

from deventlet.driver.subjects.find import find
from deventlet.resolve import api as eventlet_api
from deventlet.resolve.exploring import explore
from deventlet.resolve.names import UNKNOWN, Names
from deventlet.resolve.project import Module, Project
from deventlet.resolve.uses import Use, find_uses

_EXAMPLES = int(os.environ.get("DEVENTLET_FUZZ", "0"))
fuzzed = settings(
    max_examples=_EXAMPLES or 200,
    derandomize=not _EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

Files = Mapping[str, str]
APIS = frozenset({
    "eventlet.sleep", "eventlet.spawn", "eventlet.Event", "eventlet.Queue",
    "eventlet.queue.LightQueue", "eventlet.green.socket.socket",
})  # fmt: skip
SLEEP = eventlet_api.Named(frozenset({"eventlet.sleep"}))
INTERESTS = (SLEEP, eventlet_api.Named(APIS), eventlet_api.EVERYTHING)


# -- running with probes -------------------------------------------------------


@cache
def objects() -> dict[int, str]:
    """The API by the identity of its object; loads what projects may import."""
    for name in ("eventlet", "eventlet.queue", "eventlet.green.socket"):
        importlib.import_module(name)
    return {id(_attribute(api)): api for api in APIS}


def _attribute(dotted: str) -> object:
    value: Any = sys.modules["eventlet"]
    for name in dotted.split(".")[1:]:
        value = getattr(value, name, None)
    return value


def meaning(dotted: str) -> str:
    """The API that a path leads to in the installed Eventlet, or the empty string."""
    if not eventlet_api.is_eventlet(dotted):
        return ""
    return objects().get(id(_attribute(dotted)), "")


def is_unknown(dotted: str) -> bool:
    """Whether a path says nothing: it may be a name that another file just has."""
    return dotted == UNKNOWN or dotted.startswith(("lib.", "pkg."))


def is_incidental(dotted: str) -> bool:
    """Whether a path goes through a module that another of Eventlet's just imports.

    ``eventlet.greenthread.event.Event``: of modules, unlike of functions and classes,
    only the paths by their own names are known; see the test of the others.
    """
    through = dotted.rpartition(".")[0]
    return bool(meaning(dotted)) and through not in sys.modules


Reads = dict[tuple[str, int], set[str]]
"""Path and number of an expression to what it was: an API, or the empty string."""


@dataclass(slots=True)
class Interpreter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules of a project from memory and notes what they read."""

    modules: Mapping[str, tuple[str, types.CodeType]]
    reads: Reads = field(default_factory=lambda: defaultdict(set))

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.modules:
            return None
        package = self.modules[fullname][0].endswith("__init__.py")
        return importlib.machinery.ModuleSpec(fullname, self, is_package=package)

    def exec_module(self, module: types.ModuleType) -> None:
        path, code = self.modules[module.__name__]
        module.__dict__.update(__probe__=partial(self.probe, path), keep=keep)
        exec(code, module.__dict__)

    def probe(self, path: str, number: int, value: object) -> object:
        self.reads[path, number].add(objects().get(id(value), ""))
        return value


class keep:  # noqa: N801 - what composed projects call; it looks like a function
    """Keeps any values: also a decorator and a context; calls none of them."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __call__(self, value: object) -> object:
        return value

    def __enter__(self) -> Any:
        return self.values[0]

    def __exit__(self, *error: object) -> bool:
        return True


def run(files: Files) -> Reads:
    """What every expression was when all the modules were imported, in order."""
    objects()
    project = as_project(files)
    modules = {
        project.names[path]: (path, compile(probed(text), path, "exec"))
        for path, text in files.items()
    }
    interpreter = Interpreter(modules)
    with (
        mock.patch.dict(sys.modules),
        mock.patch.object(sys, "meta_path", [interpreter, *sys.meta_path]),
    ):
        for name in modules:
            importlib.import_module(name)
    return interpreter.reads


def probed(text: str) -> ast.Module:
    """The program with a probe around each expression and a guard on each statement."""
    tree = ast.parse(text)
    Probes(numbers_of(tree)).visit(tree)
    for node in list(ast.walk(tree)):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            # A guard right inside a try would keep the failure from its handlers.
            if isinstance(body, list) and not (
                name == "body" and isinstance(node, ast.Try)
            ):
                body[:] = map(guarded, body)
    return ast.fix_missing_locations(tree)


def numbers_of(tree: ast.AST) -> dict[ast.AST, int]:
    """A number for each node that is the same in every tree of the same text."""
    return {node: number for number, node in enumerate(ast.walk(tree))}


def guarded(statement: ast.stmt) -> ast.stmt:
    """The statement with its failure ignored; declarations cannot fail."""
    if isinstance(statement, ast.Global | ast.Nonlocal | ast.ImportFrom):
        names = getattr(statement, "names", [])
        if not names or isinstance(names[0], str) or names[0].name == "*":
            return statement
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.Try([statement], [handler], [], [])


@dataclass
class Probes(ast.NodeTransformer):
    """Puts a call of the probe around every name and attribute that is read."""

    numbers: Mapping[ast.AST, int]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.around(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        number = self.numbers[node]
        self.generic_visit(node)
        return self.around(node, number)

    def around(self, node: ast.expr, number: int | None = None) -> ast.expr:
        if not isinstance(getattr(node, "ctx", None), ast.Load):
            return node
        known = self.numbers[node] if number is None else number
        probe = ast.Name("__probe__", ast.Load())
        return ast.Call(probe, [ast.Constant(known), node], [])

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        """Patterns are not expressions."""
        node.guard = node.guard and self.visit(node.guard)
        node.body = [self.visit(statement) for statement in node.body]
        return node


# -- what must hold ---------------------------------------------------------------


def as_project(files: Files) -> Project:
    texts = {path: text.encode() for path, text in files.items()}
    return Project(Path("nowhere"), list(files), texts)


@dataclass
class Analysis:
    """What the analysis says of a project, expression by expression."""

    names: Names
    modules: list[Module]
    uses: dict[tuple[str, int], Use]

    def node(self, path: str, number: int) -> tuple[Module, Any]:
        """The expression with a number."""
        module = self.names.project.module(path)
        assert module is not None
        return module, [*ast.walk(module.tree)][number]

    def denoted(self, path: str, number: int) -> frozenset[str]:
        """What the expression may be."""
        module, node = self.node(path, number)
        name = first_name(node)
        return self.names.denote(node, module.scopes.scope_of(name), module)

    def is_use(self, path: str, number: int) -> bool:
        """Whether the expression is a use, or what comes before a dot of it."""
        _, node = self.node(path, number)
        chain = {node}
        while isinstance(node, ast.Attribute):
            node = node.value
            chain.add(node)
        uses = self.uses.values()
        return any(use.api and use.node in chain for use in uses)

    def hidden_by_star(self) -> bool:
        """Whether a star import is refused, with whatever it may hide."""
        refused = find(self.names, {}).refused.values()
        return any(reason == "name.star-import" for reason, _ in refused)


def first_name(node: ast.expr) -> ast.Name:
    return next(each for each in ast.walk(node) if isinstance(each, ast.Name))


def analyse(files: Files, interest: eventlet_api.Interest) -> Analysis:
    """The analysis as any run has it."""
    names = Names(as_project(files), interest)
    modules = explore(names)
    uses = {}
    for module in modules:
        numbers = numbers_of(module.tree)
        for use in find_uses(names, module):
            uses[module.path, numbers[use.node]] = use
    return Analysis(names, modules, uses)


def check(files: Files, interest: eventlet_api.Interest, *, loose: bool = False) -> int:
    """Compare; how many expressions were one of the names of interest.

    :param loose: whether an expression may be said to be unknown.
    """
    reads, analysis = run(files), analyse(files, interest)
    shown = "\n".join(f"--- {path}\n{text}" for path, text in files.items())
    apis = {api for api in APIS if interest.match(api)}
    for place, values in sorted(reads.items()):
        missed = missing(analysis, place, values & apis, loose)
        assert not missed, (place, analysis.denoted(*place), missed, shown)
        use = analysis.uses.get(place)
        if use is not None and use.api and not use.others:
            wrong = values - {meaning(use.dotted)}
            assert not wrong, (place, use.dotted, values, shown)
    return sum(not values.isdisjoint(apis) for values in reads.values())


def missing(
    analysis: Analysis, place: tuple[str, int], values: Collection[str], loose: bool
) -> Collection[str]:
    """The names that were read at a place without the analysis allowing for it."""
    if not values:
        return ()
    denoted = analysis.denoted(*place)
    if loose and any(map(is_unknown, denoted)):
        return ()
    found = analysis.is_use(*place)
    claimed = {meaning(each) for each in denoted if found or is_incidental(each)}
    missed = set(values) - claimed
    return () if missed and analysis.hidden_by_star() else missed


# -- each way by itself -------------------------------------------------------------

LIB = (
    "import eventlet\nfrom eventlet import sleep, sleep as nap\nrest = eventlet.sleep\n"
)
FOLLOWED = {
    "import": "import eventlet\nkeep(eventlet.sleep)",
    "submodule": "import eventlet.greenthread\nkeep(eventlet.greenthread.sleep)",
    "import-as": "import eventlet.greenthread as gt\nkeep(gt.sleep)",
    "from": "from eventlet import sleep\nkeep(sleep)",
    "from-as": "from eventlet.greenthread import sleep as nap\nkeep(nap)",
    "module-from": "from eventlet import greenthread as gt\nkeep(gt.sleep)",
    "import-function": "import importlib\n"
    "e = importlib.import_module('eventlet.greenthread')\nkeep(e.sleep)",
    "dunder-import": "e = __import__('eventlet.queue')\nkeep(e.sleep)",
    "fallback": "try:\n from eventlet import sleep\nexcept ImportError:\n"
    " sleep = None\n"
    "keep(sleep)",
    "fallback-taken": "try:\n import no_such\nexcept ImportError:\n"
    " from eventlet import sleep as no_such\nkeep(no_such)",
    "condition": "if keep:\n import eventlet as e\nelse:\n e = None\nkeep(e.sleep)",
    "in-function": "def f():\n import eventlet\n keep(eventlet.sleep)\nf()",
    "closure": "def f():\n from eventlet import sleep\n def g():\n"
    "  keep(sleep)\n g()\nf()",
    "global": "def f():\n global nap\n from eventlet import sleep as nap\nf()\n"
    "keep(nap)",
    "nonlocal": "def f():\n n = None\n def g():\n  nonlocal n\n"
    "  from eventlet import sleep as n\n g()\n keep(n)\nf()",
    "alias": "import eventlet\nnap = eventlet.sleep\nkeep(nap)",
    "alias-of-alias": "from eventlet import sleep\na = b = sleep\n"
    "c: object = b\nkeep(c)",
    "module-alias": "import eventlet\ne = eventlet\nkeep(e.sleep)",
    "walrus": "import eventlet\nkeep(e := eventlet, f := e.sleep)\nkeep(f)",
    "walrus-inside": "import eventlet\n[(e := eventlet.sleep) for _ in [1]]\nkeep(e)",
    "either": "import eventlet\ne = eventlet.sleep if keep else None\nkeep(e)",
    "or": "import eventlet\ne = None or eventlet.sleep\nkeep(e)",
    "class-body": "import eventlet\nclass C:\n nap = eventlet.sleep\n keep(nap)",
    "import-in-class": "class C:\n from eventlet import sleep\n keep(sleep)",
    "lambda": "import eventlet\n(lambda: keep(eventlet.sleep))()",
    "comprehension": "import eventlet\n[eventlet.sleep for _ in [1] if eventlet.sleep]",
    "default": "from eventlet import sleep\ndef f(x=sleep, *, y=sleep): pass\n",
    "decorator": "from eventlet import sleep\n@keep(sleep)\ndef f(): pass",
    "annotation": "from eventlet import Event, sleep\nx: sleep = None",
    "f-string": "import eventlet\n"
    "f'é {eventlet.sleep!r:>{keep(eventlet.sleep) and 9}}'",
    "shadowed": "from eventlet import sleep\ndef f(sleep):\n keep(sleep)\nf(1)\n"
    "keep(sleep)",
    "deleted": "from eventlet import sleep\nkeep(sleep)\ndel sleep",
    "parenthesised": "import eventlet\n((eventlet)\n .greenthread) . sleep",
    "project": "import lib\nkeep(lib.sleep, lib.nap, lib.rest, lib.eventlet.sleep)",
    "project-from": "from lib import sleep, nap, rest as r, eventlet\n"
    "keep(sleep, nap, r, eventlet.sleep)",
    "project-as": "import lib as other\nkeep(other.nap)",
    "package": "import pkg\nkeep(pkg.nap, pkg.sub.rest)",
    "package-as": "import pkg.sub as s\nkeep(s.rest)",
    "package-from": "from pkg import sub, nap\nkeep(nap, sub.rest)",
    "project-alias": "import lib\nx = lib\ny = x.nap\nkeep(x.rest, y)",
    "class-reads-outer": "from eventlet import sleep\nclass C:\n sleep = keep(sleep)",
    "class-in-function": "from eventlet import sleep\ndef f(sleep):\n class C:\n"
    "  sleep = keep(sleep)\nf(1)",
    "alias-of-walrus": "import eventlet\nx = (y := eventlet.sleep)\nkeep(x)",
    "attribute-of-walrus": "import eventlet\nkeep((e := eventlet).sleep)",
    "attribute-of-either": "import eventlet\nkeep((eventlet or None).sleep)",
    "attribute-of-else": "import lib\n((7 if not keep else lib) . rest)",
    "project-by-function": "import importlib\nx = importlib.import_module('lib')\n"
    "keep(x.nap)",
    "call-itself": "import importlib\nkeep(importlib.import_module('lib').nap)",
    "call-itself-of-eventlet": "import importlib\n"
    "keep(importlib.import_module('eventlet').sleep)",
    "module-of-module": "import middle\nkeep(middle.lib.nap)",
    "module-from-module": "from middle import lib\nkeep(lib.nap)",
    "star-chain": "from stars import nap as n\nkeep(n)",
    "star-of-star": "from stars import *\nkeep(nap)",
    "module-or-class": "from eventlet.green import socket as s\n"
    "from eventlet.green.socket import socket as s\nkeep(s)",
    "star-over-name": "from lib import *\nif not keep:\n from os import rest\n"
    "keep(rest)",
}  # fmt: skip
PACKAGE = {
    "lib.py": LIB,
    "pkg/__init__.py": "from .sub import nap\nfrom . import sub\n",
    "pkg/sub.py": "from lib import nap\nfrom lib import nap as rest\n",
    "stars.py": "from lib import *\n",
    "middle.py": "import lib\n",
}


@pytest.mark.parametrize("way", FOLLOWED)
def test_this_way_is_followed(way: str) -> None:
    for interest in INTERESTS:
        assert check({**PACKAGE, "main.py": FOLLOWED[way]}, interest)


@pytest.mark.parametrize("interest", INTERESTS)
def test_a_file_that_knows_eventlet_itself_passes_names_on(
    interest: eventlet_api.Interest,
) -> None:
    files = {
        "above.py": "import eventlet\nfrom lib import sleep\n",
        "lib.py": "from eventlet import sleep\n",
        "main.py": "from above import sleep\nkeep(sleep)\n",
    }
    check(files, interest)
    assert any(path == "main.py" for path, _ in analyse(files, interest).uses)


def test_a_name_that_begins_with_eventlet_is_passed_on() -> None:
    files = {
        "lib.py": "from eventlet import sleep as eventlet_nap\n",
        "main.py": "from lib import eventlet_nap\nkeep(eventlet_nap)\n",
    }
    assert any(path == "main.py" for path, _ in analyse(files, SLEEP).uses)


def test_a_name_that_may_be_two_apis_is_ambiguous() -> None:
    text = "if keep:\n from eventlet import spawn as x\nelse:\n"
    text += " from eventlet import sleep as x\nkeep(x)\n"
    analysis = analyse({"main.py": text}, INTERESTS[1])
    (use,) = (use for use in analysis.uses.values() if use.api)
    assert use.others


# What replacing the expression alone would change, unseen.
REFUSED = {
    "class-attribute": "from eventlet import sleep\nclass C:\n"
    " sleep = staticmethod(sleep)\nsleep(1)",
    "walrus": "import eventlet\n(e := eventlet).sleep(1)",
    "alias-of-attribute-of-walrus": "import eventlet\nx = (e := eventlet).sleep\nx(1)",
    "either": "import eventlet\n(eventlet or eventlet.greenthread).sleep(1)",
    "two-apis": "if keep:\n from eventlet import spawn as x\nelse:\n"
    " from eventlet import sleep as x\nx(1)",
}


@pytest.mark.parametrize("interest", [SLEEP, INTERESTS[1]])
@pytest.mark.parametrize("kind", REFUSED)
def test_a_use_that_is_more_than_its_name_is_refused(
    kind: str, interest: eventlet_api.Interest
) -> None:
    names = Names(as_project({"main.py": REFUSED[kind]}), interest)
    found = find(names, {})
    subjects = [each for each in found.subjects if each.api != "eventlet"]
    assert subjects
    assert all(each in found.refused for each in subjects)


def modules_of_eventlet() -> dict[str, types.ModuleType]:
    """Those that stand for nothing of the standard library, and load here."""
    found = {"greenlet": importlib.import_module("greenlet")}
    for info in pkgutil.walk_packages(eventlet.__path__, "eventlet."):
        if not info.name.startswith(("eventlet.green.", "eventlet.zipkin")):
            # Some need what is not installed, or another system.
            with suppress(ImportError, RuntimeError, AttributeError):
                found[info.name] = importlib.import_module(info.name)
    return {"eventlet": eventlet, **found}


def taken_elsewhere() -> dict[str, str]:
    """Public attributes that are what another module of Eventlet's defines so named."""
    modules = modules_of_eventlet()
    return {
        f"{name}.{attribute}": f"{value.__module__}.{attribute}"
        for name, module in modules.items()
        for attribute, value in vars(module).items()
        if not attribute.startswith("_")
        and getattr(value, "__name__", "") == attribute
        and getattr(value, "__module__", name) not in (name, None)
        and getattr(modules.get(value.__module__), attribute, None) is value
    }


def test_a_path_that_only_works_by_chance_is_known() -> None:
    found = taken_elsewhere()
    del found["eventlet.greenio.shutdown_safe"]  # in the catalog by both its names
    assert {"eventlet.queue.Event", "eventlet.sleep"} <= found.keys()
    canonical = eventlet_api.canonical
    assert {path: canonical(path) for path in found} == {
        path: canonical(home) for path, home in found.items()
    }


def test_the_green_module_time_has_eventlets_own_sleep() -> None:
    path = "eventlet.green.time.sleep"
    assert eventlet_api.canonical(path) == meaning(path) == "eventlet.sleep"


GREEN_TIME = [
    "from eventlet.green import time\nkeep(time.sleep)",
    "from eventlet.green import (\n    os,  # (why)\n    time as t,\n)\nkeep(t.sleep)",
    "from eventlet.green import os, \\\n  time\nkeep(time.sleep)",
    "import eventlet.green.time\nkeep(eventlet.green.time.sleep)",
    "from eventlet import green\nimport eventlet.green.time\nkeep(green.time.sleep)",
    "from lib import t\nkeep(t.sleep)",
]


@pytest.mark.parametrize("text", GREEN_TIME)
def test_sleep_of_the_green_module_time_is_found(text: str) -> None:
    files = {"lib.py": "from eventlet.green import time as t\n", "main.py": text}
    assert check(files, SLEEP)


def test_a_comparison_sees_what_is_missed_or_mistaken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {"main.py": FOLLOWED["from"]}
    for answer in (frozenset[str](), frozenset({"eventlet.spawn"})):
        monkeypatch.setattr(Names, "_binding", lambda *_, answer=answer: answer)
        with pytest.raises(AssertionError):
            check(files, INTERESTS[1])


# -- composed projects ----------------------------------------------------------------

NAMES = ("sleep", "nap", "Event", "queue", "eventlet", "gt")
THREE_NAMES = [*permutations(NAMES, 3)]
IMPORTS = [
    "import eventlet", "import eventlet as {n}", "import eventlet.greenthread",
    "import eventlet.queue as {n}", "from eventlet import sleep",
    "from eventlet import sleep as {n}", "from eventlet import Event, spawn as {n}",
    "from eventlet import greenthread as {n}, queue",
    "from eventlet.greenthread import sleep as {n}",
    "from eventlet.queue import LightQueue as {n}, Queue as {m}",
    "from eventlet.green import socket as {n}",
    "from eventlet.green.socket import socket as {n}",
    "{n} = __import__('eventlet.queue')",
    "import importlib\n{n} = importlib.import_module('eventlet.greenthread')",
]  # fmt: skip
FROM_PROJECT = [
    "import lib", "import pkg", "import pkg.sub", "import lib as {n}",
    "import pkg.sub as {n}", "from pkg import sub as {n}", "from lib import {n}",
    "from lib import {n} as {m}, {k}", "from pkg import {n} as {m}",
    "from pkg.sub import (\n    {n} as {m},  # why\n    {k},\n)",
    "import lib, pkg.sub as {n}",
]  # fmt: skip
RELATIVE = [
    "from . import sub as {n}", "from .sub import {n} as {m}", "from . import {n}",
    "from .sub import {n}",
]  # fmt: skip
STARS = ["from lib import *", "from pkg import *", "from pkg.sub import *"]
NOISE = ["7", "None", "keep", "keep()", "[]", "(lambda: {n})"]
VALUES = [
    "{n}", "{n}", "{n}.sleep", "{n}.sleep", "{n}.Event", "{n}.spawn", "{n}.{m}",
    "{n}.greenthread.sleep", "{n}.greenthread", "{n}.queue.Queue", "{n}.LightQueue",
    "{n}.queue", "{n}.event.Event", "{n}.green.socket.socket", "{n}.socket",
    "lib.{n}", "lib.{n}.sleep", "pkg.{n}", "pkg.sub.{n}", "pkg.sub.{n}.sleep",
    "({n}\n.sleep)",
]  # fmt: skip
TWOFOLD = ["({v} if {c} else {w})", "({v} or {w})", "(None or {v})"]
CONDITIONS = ["keep", "not keep", "0", "1"]
SIMPLE = [
    "{n} = {v}", "{n} = {v}", "{n} = {m} = {v}", "{n}: object = {v}", "keep({v})",
    "keep({v}, {w})", "keep({n} := {v})", "f'{{keep({v})}} é {{{w}!r:>{{7}}}}'",
    "{n}, {m} = 7, 8", "{n} += 1", "del {n}", "({n}): {v}", "{n}: {v}",
    "[keep({v}) for {n} in [7] if keep({w})]",
    "[({n} := {v}) for _ in [7]]",
    "{{{n}: {v} for {n} in [7] for {m} in [8] if {w} or 1}}",
    "(lambda {n}, *{m}: keep({v}, {w}))(7)",
    "(lambda {n}={v}: keep({w}))(7)",
]  # fmt: skip
LOOSE = [
    "{n}, {m} = {v}, {w}", "({n}, *{m}) = [{v}]", "[keep({n}) for {n} in [{v}]]",
    "(lambda {n}={v}: keep({n}))()", "{n} = (lambda: {v})()", "{n} = [{v}][0]",
    "{n} = keep({v}).values[0]", "(lambda {n}: keep({n}.sleep))({v})",
]  # fmt: skip
COMPOUND = [
    "if {c}:\n{B}else:\n{B}", "try:\n{I}except ImportError:\n{B}",
    "try:\n import no_such\nexcept ImportError:\n{B}else:\n{B}",
    "for {n} in [7]:\n{B}", "with keep(7) as {n}:\n{B}",
    "try:\n raise ValueError({v})\nexcept ValueError as {n}:\n{B}finally:\n{B}",
    "match 7:\n case {n}:\n{BB}", "match [7, 8]:\n"
    " case [{n}, *{m}] if keep({v}):\n{BB}",
    "def F():\n{B}F()", "def F():\n global {n}\n{B}F()",
    "@keep({v})\nclass F:\n{B}", "class F:\n global {n}\n{B}",
    "@keep({v})\ndef F({n}, /, {m}={v}, *_, _k: {w}=7) -> {v}:\n{B}F(7, 8)",
    "def F():\n {n} = {v}\n def F2():\n  nonlocal {n}\n{BB} F2()\n{B}F()",
    "def F():\n{B} class F2:\n  keep({v})\n{BB}F()",
    "def F():\n{B} return [keep({v}) for {n} in [7]]\nF()",
    "def F():\n{B} yield {v}\nlist(F())",
]  # fmt: skip
LOOSE_COMPOUND = [
    "for {n} in [{v}]:\n{B}", "for {n}, {m} in [({v}, {w})]:\n{B}",
    "with keep({v}) as {n}:\n{B}", "match {v}:\n case {n}:\n{BB}",
    "match [{v}, 7]:\n case [{n}, *{m}]:\n{BB}", "def F({n}={v}):\n{B}F()",
    "def F({n}, *{m}):\n{B}F({v}, {w})", "def F():\n return {v}\n{n} = F()",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the statements of one module.

    :param loose: whether Eventlet's names also go through loops, calls and the like.
    """

    draw: st.DrawFn
    package: bool
    loose: bool

    def pick(self, choices: Sequence[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def names(self) -> dict[str, str]:
        n, m, k = self.draw(st.sampled_from(THREE_NAMES))
        return {"n": n, "m": m, "k": k, "c": self.pick(CONDITIONS)}

    def value(self, depth: int = 1) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind == 0:
            return self.pick(NOISE).format(**self.names())
        if kind == 1 and depth:
            parts = {"v": self.value(0), "w": self.value(0)}
            return self.pick(TWOFOLD).format(**parts, **self.names())
        return self.pick(VALUES).format(**self.names())

    def imported(self) -> str:
        here = RELATIVE if self.package else []
        ways = [IMPORTS, IMPORTS, [*FROM_PROJECT, *here]]
        return self.pick(self.draw(st.sampled_from(ways))).format(**self.names())

    def simple(self) -> str:
        forms = [*SIMPLE, *LOOSE] if self.loose else SIMPLE
        return self.pick(forms).format(v=self.value(), w=self.value(), **self.names())

    def compound(self, depth: int) -> str:
        forms = [*COMPOUND, *LOOSE_COMPOUND] if self.loose else COMPOUND
        number = self.draw(st.integers(0, 99))
        form = self.pick(forms)
        blocks = {
            "B": self.block(depth - 1, 1) if "{B}" in form else "",
            "BB": self.block(depth - 1, 2) if "{BB}" in form else "",
            "I": indented(self.imported(), 1),
        }
        text = form.replace("F", f"_f{number}").replace("{{", "{{{{")
        return text.format(v=self.value(), w=self.value(), **self.names(), **blocks)

    def statement(self, depth: int) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind < 3:
            return self.imported()
        if kind < 6 and depth:
            return self.compound(depth)
        return self.simple()

    def block(self, depth: int, by: int) -> str:
        size = self.draw(st.integers(1, 3))
        lines = [self.statement(depth) for _ in range(size)]
        return indented("\n".join(lines), by)


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.split("\n"))


@st.composite
def projects(draw: st.DrawFn, loose: bool) -> dict[str, str]:
    files = {}
    for path in ("lib.py", "pkg/__init__.py", "pkg/sub.py", "main.py"):
        writer = Writer(draw, path.startswith("pkg/"), loose)
        lines = [writer.imported() for _ in range(draw(st.integers(1, 3)))]
        lines += (writer.statement(2) for _ in range(draw(st.integers(1, 5))))
        files[path] = "\n".join(lines) + "\n"
    assume(all(map(parses, files.values())))
    return files


def parses(text: str) -> bool:
    """Whether Python compiles it; a walrus may not rebind what a loop binds."""
    try:
        compile(text, "composed", "exec")
    except SyntaxError:
        return False
    return True


interests = st.sampled_from(INTERESTS)


@fuzzed
@given(projects(loose=False), interests)
def test_every_name_that_is_read_is_found(
    files: dict[str, str], interest: eventlet_api.Interest
) -> None:
    check(files, interest)


@fuzzed
@given(projects(loose=True), interests)
def test_a_name_that_is_not_followed_is_unknown(
    files: dict[str, str], interest: eventlet_api.Interest
) -> None:
    check(files, interest, loose=True)


@st.composite
def takers_by_star(draw: st.DrawFn) -> dict[str, str]:
    """The last module has no names but those that stars give it."""
    files = dict(draw(projects(loose=True)))
    writer = Writer(draw, package=False, loose=True)
    reads = [f"keep({writer.value()})" for _ in range(draw(st.integers(1, 5)))]
    star = draw(st.sampled_from(STARS))
    return {**files, "main.py": "\n".join([star, *reads]) + "\n"}


@fuzzed
@given(takers_by_star(), interests)
def test_a_star_import_that_hides_a_name_is_refused(
    files: dict[str, str], interest: eventlet_api.Interest
) -> None:
    check(files, interest, loose=True)
