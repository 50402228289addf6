"""Which method an attribute is, where the class of what it belongs to is certain."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from deventlet.resolve.project import Project
from deventlet.resolve.receivers import method_of

AGENT = """class Agent:
    def run(self): pass
    @property
    def state(self): pass
    def twice(self): pass
    twice = run

class Other(Agent):
    pass

@register
class Listed:
    def run(self): pass

class Meta(metaclass=type):
    def run(self): pass

if Agent:
    class Chosen:
        def run(self): pass
else:
    Chosen = Agent
"""


def found(tmp_path: Path, body: str, read: str) -> int | None:
    """The line of the method that the last expression of a function means."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("")
    (tmp_path / "pkg/agent.py").write_text(AGENT)
    lines = "".join(f"    {line}\n" for line in [*body.splitlines(), read])
    heads = (
        "from pkg import agent as ag\nfrom pkg.agent import Agent\nimport pkg.agent\n"
    )
    (tmp_path / "test_it.py").write_text(f"{heads}def test(flag):\n{lines}")
    project = Project(tmp_path, ["pkg/__init__.py", "pkg/agent.py", "test_it.py"])
    module = project.module("test_it.py")
    assert module is not None
    function = module.tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    last = function.body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Attribute)
    method = method_of(project, module, last.value)
    assert method is None or method[0] == "pkg/agent.py"
    return None if method is None else method[1].lineno


@pytest.mark.parametrize("made", ["ag.Agent()", "Agent(1, a=2)"])
def test_what_a_class_made_has_its_methods(tmp_path: Path, made: str) -> None:
    assert found(tmp_path, f"it = {made}", "it.run") == 2


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("it = flag", "it.run"),
        ("it = ag.Agent\n", "it.run"),
        ("it = ag.Agent()\nif flag: it = None", "it.run"),
        ("it = ag.Agent()\nit = Agent()", "it.run"),
        ("for it in [ag.Agent()]: pass", "it.run"),
        ("it = ag.Agent()", "it.state"),
        ("it = ag.Agent()", "it.twice"),
        ("it = ag.Agent()", "it.unknown"),
        ("it = ag.Agent()", "it.run.run"),
        ("it = ag.Other()", "it.run"),
        ("it = ag.Listed()", "it.run"),
        ("it = ag.Meta()", "it.run"),
        ("it = ag.Chosen()", "it.run"),
        ("it = pkg.agent.Agent()", "it.run"),
        ("Agent = flag\nit = Agent()", "it.run"),
        ("it = flag.Agent()", "it.run"),
    ],
)
def test_what_may_be_another_method_is_none(
    tmp_path: Path, body: str, read: str
) -> None:
    assert found(tmp_path, body, read) is None
