"""The scope pass against the traps it exists for, and against two oracles.

``symtable`` and the compiled byte code say which scope Python itself gives a name;
the programs come from Hypothesis and from the standard library.
"""

from __future__ import annotations

import ast
import dis
import os
import symtable
import sys
import sysconfig
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from deventlet.resolve.scope_table import ScopeTable
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.tree import ancestors

K = BindingKind
S = ScopeKind
HAS_TYPE_PARAMETERS = sys.version_info >= (3, 12)
needs_type_parameters = pytest.mark.skipif(
    not HAS_TYPE_PARAMETERS, reason="type parameters came with Python 3.12"
)
needs_type_defaults = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="their defaults came with Python 3.13"
)


def table_of(source: str) -> ScopeTable:
    return ScopeTable(ast.parse(textwrap.dedent(source)))


def here(table: ScopeTable) -> Scope:
    """The scope that evaluates the one name ``HERE``."""
    [use] = table.uses["HERE"]
    return use.scope


def kinds(table: ScopeTable, name: str = "time") -> set[BindingKind]:
    return {binding.kind for binding in table.bindings(name, here(table))}


CAUGHT = {
    "parameter": ("def f(time): HERE", S.FUNCTION, K.PARAMETER),
    "positional-only": ("def f(time, /): HERE", S.FUNCTION, K.PARAMETER),
    "keyword-only": ("def f(*, time): HERE", S.FUNCTION, K.PARAMETER),
    "star parameter": ("def f(*time): HERE", S.FUNCTION, K.PARAMETER),
    "double-star parameter": ("def f(**time): HERE", S.FUNCTION, K.PARAMETER),
    "async parameter": ("async def f(time): HERE", S.FUNCTION, K.PARAMETER),
    "lambda parameter": ("lambda time: HERE", S.FUNCTION, K.PARAMETER),
    "local bound later": ("def f():\n HERE\n time = 1", S.FUNCTION, K.ASSIGN),
    "chained": ("def f():\n HERE\n a = time = 1", S.FUNCTION, K.ASSIGN),
    "in a dead branch": ("def f():\n HERE\n if 0: time = 1", S.FUNCTION, K.ASSIGN),
    "unpacked": ("def f():\n HERE\n a, [*time] = x", S.FUNCTION, K.UNPACK),
    "annotated": ("def f():\n HERE\n time: int = 1", S.FUNCTION, K.ASSIGN),
    "only annotated": ("def f():\n HERE\n time: int", S.FUNCTION, K.ANNOTATION),
    "augmented": ("def f():\n HERE\n time += 1", S.FUNCTION, K.AUGMENTED),
    "deleted": ("def f():\n HERE\n del time", S.FUNCTION, K.DELETE),
    "deleted in a tuple": ("def f():\n HERE\n del (a, time)", S.FUNCTION, K.DELETE),
    "local import": ("def f():\n HERE\n import time", S.FUNCTION, K.IMPORT),
    "dotted import": ("def f():\n HERE\n import time.x", S.FUNCTION, K.IMPORT),
    "import as": ("def f():\n HERE\n import x as time", S.FUNCTION, K.IMPORT),
    "local from": (
        "def f():\n HERE\n from x import time",
        S.FUNCTION,
        K.FROM_IMPORT,
    ),
    "outer local": ("def f():\n time = 1\n def g(): HERE", S.FUNCTION, K.ASSIGN),
    "outer, past a class": (
        "def f(time):\n class C:\n  def g(self): HERE",
        S.FUNCTION,
        K.PARAMETER,
    ),
    "for": ("def f():\n for time in x: HERE", S.FUNCTION, K.FOR),
    "for, unpacked": ("def f():\n for a, time in x: HERE", S.FUNCTION, K.FOR),
    "async for": ("async def f():\n async for time in x: HERE", S.FUNCTION, K.FOR),
    "with": ("def f():\n with x as time: HERE", S.FUNCTION, K.WITH),
    "second with": ("def f():\n with x, y as (a, time): HERE", S.FUNCTION, K.WITH),
    "async with": ("async def f():\n async with x as time: HERE", S.FUNCTION, K.WITH),
    "except": (
        "def f():\n try: HERE\n except E as time: pass",
        S.FUNCTION,
        K.EXCEPT,
    ),
    "except star": (
        "def f():\n try: HERE\n except* E as time: pass",
        S.FUNCTION,
        K.EXCEPT,
    ),
    "walrus": ("def f():\n if (time := 1): HERE", S.FUNCTION, K.WALRUS),
    "walrus in a comprehension": (
        "def f():\n HERE\n [(time := x) for x in y]",
        S.FUNCTION,
        K.WALRUS,
    ),
    "walrus in nested comprehensions": (
        "def f():\n HERE\n {z: [0 for x in y if (time := x)] for z in y}",
        S.FUNCTION,
        K.WALRUS,
    ),
    "walrus in a lambda's comprehension": (
        "lambda: (HERE, [(time := x) for x in y])",
        S.FUNCTION,
        K.WALRUS,
    ),
    "walrus in a module's comprehension": (
        "any((time := x) for x in y)\ndef f(): HERE",
        S.MODULE,
        K.WALRUS,
    ),
    "walrus in a default": ("def f(x=(time := 1)): HERE", S.MODULE, K.WALRUS),
    "walrus in a decorator": ("@(time := x)\ndef f(): HERE", S.MODULE, K.WALRUS),
    "walrus in a base": ("class C((time := x)): HERE", S.MODULE, K.WALRUS),
    "comprehension": ("[HERE for time in x]", S.COMPREHENSION, K.COMPREHENSION),
    "dict comprehension": (
        "{HERE: 0 for a, time in x}",
        S.COMPREHENSION,
        K.COMPREHENSION,
    ),
    "comprehension condition": (
        "{0 for time in x if HERE}",
        S.COMPREHENSION,
        K.COMPREHENSION,
    ),
    "second iterator": (
        "(0 for time in x for y in HERE)",
        S.COMPREHENSION,
        K.COMPREHENSION,
    ),
    "capture": ("def f():\n match x:\n  case time: HERE", S.FUNCTION, K.MATCH),
    "capture in a sequence": (
        "def f():\n match x:\n  case [time]: HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "capture as": (
        "def f():\n match x:\n  case 1 as time: HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "capture below as": (
        "def f():\n match x:\n  case [time] as y: HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "capture star": (
        "def f():\n match x:\n  case [*time]: HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "capture rest": (
        "def f():\n match x:\n  case {1: _, **time}: HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "capture in a class": (
        "def f():\n match x:\n  case C(1, k=time) | C(time): HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "capture in a mapping": (
        "def f():\n match x:\n  case {'k': time}: HERE",
        S.FUNCTION,
        K.MATCH,
    ),
    "global elsewhere": (
        "def g():\n global time\n time = 1\ndef f(): HERE",
        S.MODULE,
        K.ASSIGN,
    ),
    "global import elsewhere": (
        "def g():\n def h():\n  global time\n  import time\ndef f(): HERE",
        S.MODULE,
        K.IMPORT,
    ),
    "global walrus in a comprehension": (
        "def g():\n global time\n [(time := x) for x in y]\ndef f(): HERE",
        S.MODULE,
        K.WALRUS,
    ),
    "global in a class body": (
        "class C:\n global time\n time = 1\ndef f(): HERE",
        S.MODULE,
        K.ASSIGN,
    ),
    "nonlocal in an inner function": (
        "def f(time):\n HERE\n def g():\n  nonlocal time\n  for time in x: pass",
        S.FUNCTION,
        K.FOR,
    ),
    "module from": ("from time import time\ndef f(): HERE", S.MODULE, K.FROM_IMPORT),
    "module import as": (
        "import datetime as time\ndef f(): HERE",
        S.MODULE,
        K.IMPORT,
    ),
    "module variable": ("time = 1\ndef f(): HERE", S.MODULE, K.ASSIGN),
    "def": ("def time(): HERE", S.MODULE, K.FUNCTION),
    "async def": ("async def time(): HERE", S.MODULE, K.FUNCTION),
    "class": ("class time: HERE", S.MODULE, K.CLASS),
    "class body": ("class C:\n time = 1\n HERE", S.CLASS, K.ASSIGN),
    "default in a class body": (
        "class C:\n time = 1\n def f(self, x=HERE): pass",
        S.CLASS,
        K.ASSIGN,
    ),
    "decorator in a class body": (
        "class C:\n time = 1\n @HERE\n def f(self): pass",
        S.CLASS,
        K.ASSIGN,
    ),
    "annotation in a class body": (
        "class C:\n time = 1\n def f(self, x: HERE): pass",
        S.CLASS,
        K.ASSIGN,
    ),
    "first iterator in a class body": (
        "class C:\n time = 1\n x = [y for y in HERE]",
        S.CLASS,
        K.ASSIGN,
    ),
}
NEWER = {
    "type parameter": ("def f[time](): HERE", S.TYPE_PARAMETERS, K.TYPE_PARAMETER),
    "type parameter tuple": (
        "class C[*time]: HERE",
        S.TYPE_PARAMETERS,
        K.TYPE_PARAMETER,
    ),
    "parameter specification": (
        "def f[**time](x: HERE): pass",
        S.TYPE_PARAMETERS,
        K.TYPE_PARAMETER,
    ),
    "type parameter in a base": (
        "class C[time](HERE): pass",
        S.TYPE_PARAMETERS,
        K.TYPE_PARAMETER,
    ),
    "type parameter in a bound": (
        "def f[time, T: HERE](): pass",
        S.TYPE_PARAMETERS,
        K.TYPE_PARAMETER,
    ),
    "type parameter of an alias": (
        "type X[time] = HERE",
        S.TYPE_PARAMETERS,
        K.TYPE_PARAMETER,
    ),
    "type alias": ("type time = HERE", S.MODULE, K.TYPE_ALIAS),
    "class body, seen by a bound": (
        "class C:\n time = 1\n def f[T: HERE](self): pass",
        S.CLASS,
        K.ASSIGN,
    ),
}


@pytest.mark.parametrize(
    ("source", "scope", "binding"),
    [pytest.param(*case, id=name) for name, case in CAUGHT.items()]
    + [
        pytest.param(*case, id=name, marks=needs_type_parameters)
        for name, case in NEWER.items()
    ],
)
def test_a_name_brought_here_would_be_caught(
    source: str, scope: ScopeKind, binding: BindingKind
) -> None:
    table = table_of(source)
    owner = table.resolve("time", here(table))
    assert owner is not None
    assert owner.kind is scope
    assert binding in kinds(table)
    assert not table.is_free("time", here(table))


FREE = {
    "nothing binds it": "def f(): HERE",
    "attribute": "self.time = 1\nx.time += 1\nHERE",
    "keyword": "f(time=1)\nHERE",
    "subscript": "x[0], y[1:2] = 1, 2\nHERE",
    "class attribute, seen from a method": "class C:\n time = 1\n def f(self): HERE",
    "class attribute, seen from a lambda": "class C:\n time = 1\n f = lambda: HERE",
    "class attribute, seen from a comprehension": (
        "class C:\n time = 1\n x = [HERE for y in z]"
    ),
    "class attribute, seen from a second iterator": (
        "class C:\n time = 1\n x = [0 for y in z for w in HERE]"
    ),
    "class attribute, seen from a nested class": (
        "class C:\n time = 1\n class D: HERE"
    ),
    "sibling function": "def g(time): pass\ndef f(): HERE",
    "parameter, seen from a default": "def f(time, x=HERE): pass",
    "parameter, seen from a decorator": "@HERE\ndef f(time): pass",
    "parameter, seen from an annotation": "def f(time, *x: HERE): pass",
    "parameter, seen from the result": "def f(time) -> HERE: pass",
    "lambda parameter, seen from a default": "lambda time, x=HERE: 0",
    "class body, seen from a base": "class C(HERE): time = 1",
    "class body, seen from a keyword": "class C(metaclass=HERE): time = 1",
    "class body, seen from a decorator": "@HERE\nclass C: time = 1",
    "comprehension, seen from outside": "[time for time in x]\nHERE",
    "comprehension, seen from its first iterator": "[0 for time in HERE]",
    "lambda, seen from outside": "f = lambda time: time\nHERE",
    "global passes the outer function by": (
        "def f(time):\n def g():\n  global time\n  HERE"
    ),
    "below a function that declares it global": (
        "def f(time):\n def g():\n  global time\n  def h(): HERE"
    ),
    "part of a dotted import": "import os.time\nHERE",
    "original name of an import": "from time import time as t\nHERE",
    "match singleton": "match x:\n case None | True: HERE",
    "match value": "match x:\n case time.x: HERE",
    "match class": "match x:\n case time(): HERE",
    "match keyword": "match x:\n case C(time=1): HERE",
    "parenthesised annotation": "def f():\n (time): int\n HERE",
    "string": "x = 'time'\nHERE",
}


@pytest.mark.parametrize("source", FREE.values(), ids=FREE.keys())
def test_a_name_brought_here_is_free(source: str) -> None:
    table = table_of(source)
    assert table.is_free("time", here(table))
    assert table.resolve("time", here(table)) is None
    assert table.bindings("time", here(table)) == []


@needs_type_parameters
def test_type_parameters_do_not_leak_into_defaults_decorators_or_past_a_method() -> (
    None
):
    outside = table_of("@HERE\ndef f[time](x: time): pass")
    assert outside.is_free("time", here(outside))
    default = table_of("def f[time](x=HERE): pass")
    assert default.is_free("time", here(default))
    method = table_of("class C:\n time = 1\n def f[T](self): HERE")
    assert method.is_free("time", here(method))


@needs_type_defaults
def test_the_default_of_a_type_parameter_sees_the_other_type_parameters() -> None:
    table = table_of("class C[time, T = HERE]: pass")
    assert kinds(table) == {K.TYPE_PARAMETER}


def unparsed(value: ast.expr | None) -> str | None:
    return None if value is None else ast.unparse(value)


def only(bindings: list[Binding]) -> Binding:
    [binding] = bindings
    return binding


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x = pool()", "pool()"),
        ("y = x = pool()", "pool()"),
        ("x: T = pool()", "pool()"),
        ("(x := pool())", "pool()"),
        ("(x): T = pool()", "pool()"),
        ("x, y = pool()", None),
        ("[x] = pool()", None),
        ("x: T", None),
        ("x += pool()", None),
        ("for x in pool(): pass", None),
        ("with pool() as x: pass", None),
        ("import x", None),
    ],
)
def test_a_binding_has_the_value_that_the_name_gets_exactly(
    source: str, value: str | None
) -> None:
    table = table_of(source)
    assert unparsed(only(table.bindings("x", table.module)).value) == value


def test_a_parameter_has_its_default_as_value() -> None:
    table = table_of("def f(a, b=1, /, c=2, *d, e, g=3, **h): pass")
    found = table.scopes[1].bindings
    defaults = [(name, unparsed(only(found[name]).value)) for name in found]
    assert defaults == [
        ("a", None),
        ("b", "1"),
        ("c", "2"),
        ("d", None),
        ("e", None),
        ("g", "3"),
        ("h", None),
    ]


def test_an_import_binding_carries_its_alias() -> None:
    table = table_of("import a.b, c as d\nfrom e import f as g, h")
    found = [(n, only(b)) for n, b in table.module.bindings.items()]
    assert [(n, b.kind, b.alias and b.alias.name) for n, b in found] == [
        ("a", K.IMPORT, "a.b"),
        ("d", K.IMPORT, "c"),
        ("g", K.FROM_IMPORT, "f"),
        ("h", K.FROM_IMPORT, "h"),
    ]
    assert all(b.alias in b.node.names for _, b in found)  # type: ignore[attr-defined]


def test_star_imports_are_kept_and_bind_nothing() -> None:
    table = table_of("from eventlet import *\nsleep(0)")
    assert [node.module for node in table.module.star_imports] == ["eventlet"]
    assert table.module.bindings == {}


def test_bindings_of_a_global_are_the_module_s_in_the_order_of_the_source() -> None:
    table = table_of(
        """
        def f():
            global x
            x = 1
            def g():
                nonlocal y
                y = 2
            y = 3
        x = 4
        """
    )
    f, g = table.scopes[1:]
    assert [b.scope for b in table.bindings("x", g)] == [f, table.module]
    assert [b.scope for b in table.bindings("y", g)] == [g, f]
    assert "x" not in f.bindings
    assert g.bindings == {}


def test_nonlocal_goes_through_every_scope_that_declares_it() -> None:
    table = table_of(
        """
        def f(x):
            def g():
                nonlocal x
                x = 1
                def h():
                    nonlocal x
                    del x
        """
    )
    f, _, h = table.scopes[1:]
    assert table.resolve("x", h) is f
    assert [b.kind for b in f.bindings["x"]] == [K.PARAMETER, K.ASSIGN, K.DELETE]


def test_a_walrus_stands_in_the_comprehension_and_belongs_to_the_function() -> None:
    table = table_of("def f():\n [(x := y) for y in z]")
    _, f, comprehension = table.scopes
    binding = only(f.bindings["x"])
    assert binding.scope is comprehension
    assert isinstance(binding.value, ast.Name)
    assert table.scope_of(binding.value) is comprehension


def test_loads_leave_out_stores_and_deletions() -> None:
    table = table_of("x = 1\nx\ndel x\nx += 1\ny.x = f(x=1)\ndef g(): return x")
    assert [use.node.lineno for use in table.loads("x")] == [2, 6]
    assert len(table.uses["x"]) == 5
    assert table.loads("nothing") == []


def test_scope_of_refuses_a_name_of_another_tree() -> None:
    with pytest.raises(KeyError):
        table_of("x").scope_of(ast.Name("x", ast.Load()))


def test_identifiers_are_all_names_bound_used_or_declared() -> None:
    table = table_of(
        """
        import a.b as c, d.e
        def f(g, *h):
            global i
            nonlocal j
            try: k
            except L as m: pass
            match n:
                case [*o, {**p}]: q.r = s(t=1)
        """
    )
    assert table.identifiers == frozenset("cdfghijkLmnopqs")


def test_the_same_order_comes_out_every_time() -> None:
    table = table_of("def f(a):\n x = [b for b in a]\n return lambda: x\nclass C: pass")
    assert [scope.kind for scope in table.scopes] == [
        S.MODULE,
        S.FUNCTION,
        S.COMPREHENSION,
        S.FUNCTION,
        S.CLASS,
    ]
    assert [scope.parent for scope in table.scopes[:3]] == [None, *table.scopes[:2]]


def test_a_program_that_python_would_refuse_later_does_no_harm() -> None:
    table = table_of(
        "def f():\n nonlocal x\n x = HERE\nclass C:\n y = [(z := 1) for i in 'a']"
    )
    assert table.is_free("x", here(table))
    assert [b.kind for b in table.scopes[2].bindings["z"]] == [K.WALRUS]


EVERY_FORM = """
import a; from b import c
@d
def f(a: e = 1, /, *b, c=2, **g) -> h:
    global i
    nonlocal j
    return (yield), (yield from k)
async def l():
    async for m in n: await o
    async with p as q: continue
class r(s): pass
t = u = v, *w = [x.y, z[1:2:3]]
a += b; c: d = e; del f, g[h]
for i in j: break
else: raise k from l
while m: assert n, o
if p: q
elif r: s
with p as q: pass
try: r
except s as t: u
try: v
except* w: x
match y:
    case 1 | None | [a, *_] | {2: b, **c} | d.e(f, g=h) | (i.j as k): l
a if b and not c < -d else (lambda e: f @ g)
{h: i, **j}, {k}, [l for l in m if n], {o for o in p}, {q: r for q in s}
(t for t in u), (v := w), f(*x, y=z, **a), f"{b!r:>{c}}", ...
"""


def concrete(base: type[ast.AST]) -> set[type[ast.AST]]:
    return {t for t in base.__subclasses__() if t.__module__ in ("ast", "_ast")}


def test_every_form_of_the_grammar_is_walked() -> None:
    newer = "type X[T: A, *U, **V] = B" if HAS_TYPE_PARAMETERS else ""
    tree = ast.parse(EVERY_FORM + newer)
    present = {type(node) for node in ast.walk(tree)}
    bases = [
        ast.stmt,
        ast.expr,
        ast.pattern,
        getattr(ast, "type_param", ast.excepthandler),
    ]
    assert set().union(*map(concrete, bases)) <= present
    table = ScopeTable(tree)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    used = [use.node for uses in table.uses.values() for use in uses]
    assert Counter(used) == Counter(found)
    asked = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    listed = [node for nodes in table.attributes.values() for node in nodes]
    assert Counter(listed) == Counter(asked)
    assert all(
        node.attr == name
        for name in table.attributes
        for node in table.attributes[name]
    )


# Depth.

DEEP = {
    "sum": "+".join(["x"] * 2000),
    "calls": "x" + "()" * 2000,
    "attributes": "x" + ".y" * 2000,
    "conditionals": "x if y else " * 1000 + "x",
    "lambdas": "lambda: " * 1000 + "x",
    "negations": "not " * 1000 + "x",
    "branches": "if x: pass\n" + "elif x: pass\n" * 900,
    "target": "[" * 90 + "x" + "]" * 90 + " = x",
    "comprehensions": "[" * 50 + "x" + " for x in x]" * 50,
}


@pytest.fixture
def shallow_stack() -> Iterator[None]:
    """Leave room for about a hundred more frames."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 140)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_depth_does_not_matter(source: str, request: pytest.FixtureRequest) -> None:
    tree = ast.parse(source)
    request.getfixturevalue("shallow_stack")
    table = ScopeTable(tree)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert sum(len(uses) for uses in table.uses.values()) == len(names)
    for node in (names[0], names[-1]):
        assert is_path(ancestors(tree, node), tree, node)


def is_path(path: list[ast.AST], tree: ast.Module, node: ast.AST) -> bool:
    steps = zip(path, [*path[1:], node], strict=True)
    return path[0] is tree and all(
        any(child is lower for child in ast.iter_child_nodes(upper))
        for upper, lower in steps
    )


# Hypothesis: small programs, every form, against symtable and the byte code.

NAMES = ("a", "b", "c", "d")
ALL = frozenset(NAMES)
names = st.sampled_from(NAMES)


@dataclass(frozen=True)
class Place:
    """What may stand where: ``banned`` names cannot be the target of a walrus."""

    depth: int = 3
    in_class: bool = False
    banned: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    outer_parameters: frozenset[str] = frozenset()

    def deeper(self, **changes: bool | frozenset[str]) -> Place:
        return replace(self, depth=self.depth - 1, **changes)  # type: ignore[arg-type]


@st.composite
def expressions(draw: st.DrawFn, place: Place) -> str:
    """Scopes start on a line of their own, so that line and name identify them."""
    forms = ["name", "name"]
    if place.depth > 0:
        forms += ["sum", "lambda", "comprehension", "comprehension"]
        forms += ["walrus"] if place.banned != ALL else []
    form = draw(st.sampled_from(forms))
    if form == "name":
        return draw(names)
    inner = place.deeper()
    if form == "sum":
        return f"({draw(expressions(inner))} + {draw(expressions(inner))})"
    if form == "walrus":
        target = draw(st.sampled_from(sorted(ALL - place.banned)))
        return f"({target} := {draw(expressions(inner))})"
    if form == "lambda":
        body = inner.deeper(banned=frozenset(), in_class=False)
        parameters = draw(parameter_lists(inner, annotated=False))
        return f"(\nlambda {parameters.text}: {draw(expressions(body))})"
    return draw(comprehensions(inner))


@st.composite
def comprehensions(draw: st.DrawFn, place: Place) -> str:
    targets = draw(st.lists(names, min_size=1, max_size=2))
    iterator = replace(place, banned=ALL)
    body = replace(place, banned=ALL if place.in_class else place.banned.union(targets))
    clauses = " ".join(f"for {t} in {draw(expressions(iterator))}" for t in targets)
    if draw(st.booleans()):
        clauses += f" if {draw(expressions(body))}"
    element = draw(expressions(body))
    form = draw(
        st.sampled_from(["[{0} {1}]", "{{{0} {1}}}", "{{{0}: {0} {1}}}", "({0} {1})"])
    )
    if form.count("{0}") == 2:
        element = draw(names)
    return "(\n" + form.format(element, clauses) + ")"


@dataclass(frozen=True)
class Parameters:
    text: str
    names: frozenset[str]


@st.composite
def parameter_lists(draw: st.DrawFn, place: Place, annotated: bool) -> Parameters:
    chosen = draw(st.lists(names, unique=True, max_size=3))
    marks = draw(st.lists(st.sampled_from(["", "*", "**"]), min_size=3, max_size=3))
    parts, seen = [], ""
    for name, mark in zip(chosen, sorted(marks, key=len), strict=False):
        mark = mark if len(mark) > len(seen) else ""
        if not mark and seen == "**":
            break
        text = mark + name
        if annotated and draw(st.booleans()):
            text += f": {draw(expressions(place))}"
        if not mark:
            text += f"={draw(expressions(place))}"
        seen = mark or seen
        parts.append(text)
    return Parameters(", ".join(parts), frozenset(chosen[: len(parts)]))


@st.composite
def blocks(draw: st.DrawFn, place: Place) -> list[str]:
    size = draw(st.integers(1, 3))
    return [line for _ in range(size) for line in draw(statements(place))]


def indented(lines: list[str]) -> list[str]:
    return [" " + line for line in lines]


Form = Callable[[st.DrawFn, Place], list[str]]


def simple(template: str) -> Form:
    """A statement: N stands for names, E for expressions."""

    def form(draw: st.DrawFn, place: Place) -> list[str]:
        parts = []
        for part in template.split(" "):
            known = {"N": names, "E": expressions(place.deeper())}
            parts.append(draw(known[part]) if part in known else part)
        return [" ".join(parts)]

    return form


def compound(*headers: str) -> Form:
    def form(draw: st.DrawFn, place: Place) -> list[str]:
        lines = []
        for header in headers:
            lines += simple(header)(draw, place)
            lines += indented(draw(blocks(place.deeper())))
        return lines

    return form


def match(draw: st.DrawFn, place: Place) -> list[str]:
    lines = simple("match E :")(draw, place)
    for pattern in ("[{0}, *{1}]", "1 as {0}", "{{1: {0}, **{1}}}", "a(k={0})", "{0}"):
        pair = draw(st.permutations(NAMES))
        lines += indented([f"case {pattern.format(*pair)}:", " pass"])
    return lines


def annotation(draw: st.DrawFn, place: Place) -> list[str]:
    allowed = sorted(ALL - place.declared)
    if not allowed:
        return ["pass"]
    form = draw(st.sampled_from(["{0}: {1}", "{0}: {1} = {1}", "({0}): {1}"]))
    return [form.format(draw(st.sampled_from(allowed)), draw(names))]


def declarations(
    draw: st.DrawFn, place: Place, parameters: frozenset[str]
) -> tuple[list[str], frozenset[str], frozenset[str]]:
    """``global`` and ``nonlocal`` lines, and what each declares."""
    globals_ = draw(st.sets(names, max_size=1)) - parameters
    visible = place.outer_parameters - parameters - globals_
    chosen = (
        draw(st.sets(st.sampled_from(sorted(visible)), max_size=1))
        if visible
        else set()
    )
    lines = [f"global {n}" for n in globals_] + [f"nonlocal {n}" for n in chosen]
    return lines, frozenset(globals_), frozenset(chosen)


def type_parameters(draw: st.DrawFn) -> str:
    if not HAS_TYPE_PARAMETERS or draw(st.booleans()):
        return ""
    return draw(st.sampled_from(["[a]", "[b: a]", "[*c]", "[**d, a]"]))


def function(draw: st.DrawFn, place: Place) -> list[str]:
    generic = type_parameters(draw)
    inner = place.deeper()
    outside = replace(inner, depth=0) if generic else inner
    parameters = draw(parameter_lists(outside, annotated=True))
    lines, globals_, nonlocals = declarations(draw, place, parameters.names)
    body = inner.deeper(
        in_class=False,
        banned=frozenset(),
        declared=globals_ | nonlocals,
        outer_parameters=(place.outer_parameters - globals_) | parameters.names,
    )
    decorator = [f"@{draw(expressions(inner))}"] if draw(st.booleans()) else []
    header = f"def {draw(names)}{generic}({parameters.text}) -> {draw(names)}:"
    return [*decorator, header, *indented(lines + draw(blocks(body)))]


def class_(draw: st.DrawFn, place: Place) -> list[str]:
    generic = type_parameters(draw)
    inner = place.deeper()
    base = draw(expressions(replace(inner, depth=0) if generic else inner))
    lines, globals_, nonlocals = declarations(draw, place, frozenset())
    body = inner.deeper(
        in_class=True, banned=frozenset(), declared=globals_ | nonlocals
    )
    header = f"class {draw(names)}{generic}({base}, k={draw(names)}):"
    return [header, *indented(lines + draw(blocks(body)))]


SIMPLE = [
    *map(simple, ("E", "N = E", "N = N = E", "( N , *a.b , [ N ] ) = E", "N += E")),
    *map(
        simple, ("del N", "del ( N , a.b )", "import N", "import N.x", "import x as N")
    ),
    *map(simple, ("from x import N", "from x import y as N", "a.b = E", "a[ E ] = E")),
    annotation,
    *(
        [simple("type N = N"), simple("type N [ N ] = N")]
        if HAS_TYPE_PARAMETERS
        else []
    ),
]
COMPOUND = [
    compound("if E :", "else:"),
    compound("for N in E :", "else:"),
    compound("for N , a.b in E :"),
    compound("with E as N , E as ( N , N ) :"),
    compound("try:", "except E as N :", "finally:"),
    compound("while E :"),
    match,
    *[function, class_] * 3,
]


@st.composite
def statements(draw: st.DrawFn, place: Place) -> list[str]:
    forms = SIMPLE + COMPOUND * 2 if place.depth > 0 else SIMPLE
    return draw(st.sampled_from(forms))(draw, place)


@st.composite
def programs(draw: st.DrawFn) -> str:
    size = draw(st.integers(1, 5))
    lines = [line for _ in range(size) for line in draw(statements(Place(depth=4)))]
    return "\n".join(lines) + "\n"


Key = tuple[str, int]


def key_of(scope: Scope) -> Key:
    """The name and the line, by which a scope is found in symtable."""
    node: Any = scope.node
    return getattr(node, "name", type(node).__name__), node.lineno


def our_scopes(table: ScopeTable) -> dict[Key, Scope]:
    outside = (S.MODULE, S.TYPE_PARAMETERS)
    return {key_of(s): s for s in table.scopes if s.kind not in outside}


def python_scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    if isinstance(table, symtable.Function | symtable.Class):
        yield table
    for child in table.get_children():
        yield from python_scopes(child)


SHORT_NAMES = {
    "lambda": "Lambda",
    "listcomp": "ListComp",
    "setcomp": "SetComp",
    "dictcomp": "DictComp",
    "genexpr": "GeneratorExp",
}


def python_key_of(table: symtable.SymbolTable) -> Key:
    """The same key; a ``def listcomp`` is not mistaken for a comprehension."""
    name = table.get_name()
    named = name != "lambda" and not is_comprehension(table)
    return name if named else SHORT_NAMES[name], table.get_lineno()


def is_comprehension(table: symtable.SymbolTable) -> bool:
    return ".0" in table.get_identifiers()


def names_seen_in(table: ScopeTable) -> dict[Scope, set[str]]:
    """The names that stand in each scope itself.

    Since Python 3.12 symtable also gives a function the names of the comprehensions
    inlined in it; those stand elsewhere.
    """
    found: dict[Scope, set[str]] = {scope: set() for scope in table.scopes}
    for name, uses in table.uses.items():
        for use in uses:
            found[use.scope].add(name)
    for owner in table.scopes:
        for bindings in owner.bindings.values():
            for binding in bindings:
                found[binding.scope].add(binding.name)
    return found


def stored_globally(code: types.CodeType, is_module: bool = True) -> set[str]:
    """The module's names that a program binds or deletes, from its byte code."""
    ends = ("_GLOBAL", "_NAME") if is_module else ("_GLOBAL",)
    opcodes = {verb + end for verb in ("STORE", "DELETE") for end in ends}
    found = {i.argval for i in dis.get_instructions(code) if i.opname in opcodes}
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return found.union(*(stored_globally(c, is_module=False) for c in inner))


def place_of(owner: Scope | None, scope: Scope) -> str:
    if owner is None or owner.kind is S.MODULE:
        return "global"
    return "local" if owner is scope else "free"


def python_place_of(symbol: symtable.Symbol) -> str:
    if symbol.is_local():
        return "local"
    return "free" if symbol.is_free() else "global"


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(programs())
def test_every_name_belongs_where_python_puts_it(source: str) -> None:
    try:
        code = compile(source, "p", "exec", dont_inherit=True)
    except SyntaxError:
        assume(False)
    table = table_of(source)
    ours, seen = our_scopes(table), names_seen_in(table)
    for theirs in python_scopes(symtable.symtable(source, "p", "exec")):
        scope = ours[python_key_of(theirs)]
        for symbol in theirs.get_symbols():
            if symbol.get_name() in seen[scope]:
                owner = table.resolve(symbol.get_name(), scope)
                assert place_of(owner, scope) == python_place_of(symbol), symbol
    assert stored_globally(code) == {
        name
        for name, bindings in table.module.bindings.items()
        if any(binding.kind is not K.ANNOTATION for binding in bindings)
    }


# The standard library.


def standard_library(count: int) -> list[Path]:
    """Every n-th module, so that the sample is the same each time."""
    root = Path(sysconfig.get_path("stdlib"))
    paths = sorted(
        Path(folder, file)
        for folder, _, files in os.walk(root)
        for file in files
        if file.endswith(".py") and "site-packages" not in folder
    )
    return paths[:: max(1, len(paths) // count)]


def parsed(path: Path) -> tuple[str, ast.Module] | None:
    """Source and tree, unless Python itself refuses the file."""
    try:
        source = path.read_text("utf-8")
        symtable.symtable(source, str(path), "exec")
        return source, ast.parse(source)
    except (SyntaxError, UnicodeDecodeError):
        return None


INLINED = ast.ListComp | ast.SetComp | ast.DictComp


def merged_locals(table: ScopeTable) -> dict[Scope, set[str]]:
    """The local names of each scope as symtable counts them on this Python.

    Since 3.12 an inlined comprehension adds its own to the scope around it, unless
    the name stands there already.
    """
    seen = names_seen_in(table)
    found = {scope: set(scope.bindings) for scope in table.scopes}
    if sys.version_info < (3, 12):
        return found
    for scope in reversed(table.scopes):  # inner ones first
        if isinstance(scope.node, INLINED) and scope.parent is not None:
            found[scope.parent] |= found[scope] - seen[scope.parent]
    return found


def readable(found: Iterable[str]) -> frozenset[str]:
    """Without private names, which symtable mangles and the pass does not."""
    return frozenset(name for name in found if "__" not in name)


def our_functions(table: ScopeTable) -> Counter[tuple[Key, frozenset[str]]]:
    found = merged_locals(table)
    functions = [scope for scope in table.scopes if scope.kind is S.FUNCTION]
    return Counter((key_of(scope), readable(found[scope])) for scope in functions)


def python_functions(source: str, path: Path) -> Counter[tuple[Key, frozenset[str]]]:
    tables = python_scopes(symtable.symtable(source, str(path), "exec"))
    return Counter(
        (python_key_of(table), readable(table.get_locals()))
        for table in tables
        if isinstance(table, symtable.Function) and not is_comprehension(table)
    )


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_the_locals_of_every_function_are_those_of_symtable() -> None:
    functions = 0
    for path in standard_library(150):
        if (file := parsed(path)) is not None:
            ours = our_functions(ScopeTable(file[1]))
            assert ours == python_functions(file[0], path), path
            functions += ours.total()
    assert functions > 1000


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_every_name_of_the_standard_library_is_used_once() -> None:
    for path in standard_library(40):
        if (file := parsed(path)) is None:
            continue
        table = ScopeTable(file[1])
        found = {node for node in ast.walk(file[1]) if isinstance(node, ast.Name)}
        used = [use.node for uses in table.uses.values() for use in uses]
        assert len(used) == len(found)
        assert set(used) == found
        assert {table.scope_of(node) for node in found} <= set(table.scopes)
