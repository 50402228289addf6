"""Where a node stands, against a map of parents made of the whole tree."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from deventlet.resolve import tree as tree_module
from deventlet.resolve.tree import all_ancestors, ancestors


def parents(tree: ast.Module) -> dict[ast.AST, ast.AST]:
    return {c: node for node in ast.walk(tree) for c in ast.iter_child_nodes(node)}


def path_by(above: dict[ast.AST, ast.AST], node: ast.AST) -> list[ast.AST]:
    path = []
    while node in above:
        node = above[node]
        path.append(node)
    return path[::-1]


@pytest.mark.parametrize(
    "module", ["contextlib", "functools", "reprlib", "shlex", "string", "enum"]
)
def test_ancestors_are_those_of_a_parent_map(module: str) -> None:
    path = Path(sysconfig.get_path("stdlib"), f"{module}.py")
    tree = ast.parse(path.read_text("utf-8"))
    above = parents(tree)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert len(found) > 100
    for node in found:
        assert ancestors(tree, node) == path_by(above, node)


PLAIN = """
@(decorated)
@by(a, lambda b: c)
async def f(d: e = g, /, h=i, *j: k, l: m = n, **o: p) -> q:
    with (r as s, t() as (u, v)):
        async for w in x: await y
    return [z async for z in (aa for bb in cc if dd) if ee]
@ff
class C(gg, hh=ii, **jj):
    kk: ll = mm
    try: nn
    except oo as pp: qq
match rr:
    case [ss.tt, *uu] if vv: ww
    case {**xx} | C(1, yy=zz): f(*a, **b)
import j as k, l
from m import n as o
{**p, q: r}
"""
FORMATTED = """
x = f'{a!r:>{b}} é {c}' f"{d:{e}{f'{g}'}}" '' f'''
  {h
  } {i:
}'''
"""


def test_ancestors_of_every_kind_of_node() -> None:
    tree = ast.parse(PLAIN + FORMATTED)
    above = parents(tree)
    shared = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
    nodes = [node for node in above if not isinstance(node, shared)]
    assert {type(node) for node in nodes} > {
        ast.arguments,
        ast.withitem,
        ast.match_case,
        ast.comprehension,
        ast.FormattedValue,
    }
    for node in nodes:
        assert ancestors(tree, node) == path_by(above, node)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[ast.AST]:
    """The nodes whose position was asked for, each time."""
    seen: list[ast.AST] = []
    span = tree_module._span

    def noted(node: ast.AST) -> object:
        seen.append(node)
        return span(node)

    monkeypatch.setattr(tree_module, "_span", noted)
    return seen


def test_ancestors_of_one_node_do_not_visit_a_whole_file(
    looked_at: list[ast.AST],
) -> None:
    tree = ast.parse(PLAIN * 50)
    nodes = [*ast.walk(tree)]
    found = [node for node in nodes if isinstance(node, ast.Name)]
    for node in found[:: len(found) // 100]:
        looked_at.clear()
        ancestors(tree, node)
        assert 0 < len(looked_at) < len(nodes) / 100


def test_ancestors_of_many_nodes_are_found_in_one_walk(
    looked_at: list[ast.AST],
) -> None:
    text = "x = [f(1), f(2), f(3)]\n" * 500 + f"y = [{'f(a.b), ' * 500}]\n"
    tree = ast.parse(text + f"z = f'{'{a.b}' * 500}'\n")
    above = parents(tree)
    found = [node for node in above if isinstance(node, ast.Name)]
    placed = all_ancestors(tree, found)
    assert placed == {node: path_by(above, node) for node in found}
    assert len(looked_at) < 3 * len(above)


def test_the_module_has_no_ancestors() -> None:
    tree = ast.parse("x")
    assert ancestors(tree, tree) == []


def test_ancestors_refuse_a_node_of_another_tree() -> None:
    with pytest.raises(ValueError, match="Name node is not in this tree"):
        ancestors(ast.parse("x"), ast.parse("x", mode="eval").body)
