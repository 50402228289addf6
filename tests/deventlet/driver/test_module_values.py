"""Whether a module is put anywhere: what is looked at, and what is only prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.reach.module_values import is_value
from deventlet.resolve.project import Project


def _project(root: Path, line: str) -> Project:
    (root / "tools.py").write_text("def run():\n    pass\n")
    (root / "user.py").write_text(f"import tools\n\n\ndef use(x, y):\n    {line}\n")
    return Project(root, ["tools.py", "user.py"])


def _is_put(project: Project) -> bool:
    home = project.module("tools.py")
    assert home is not None
    return is_value(project, home, ["user.py"])


@pytest.mark.parametrize(
    "line",
    [
        "x.tools = tools",
        "use(tools, y)",
        "return tools if x else y",
        "return tools or y",
        "return [tools for each in y]",
        "return tools \\\n        in x",
        "x(y, 'tools')",
    ],
)
def test_what_may_put_a_module_somewhere_is_looked_at(
    tmp_path: Path, line: str
) -> None:
    project = _project(tmp_path, line)
    assert _is_put(project)
    assert project.is_parsed("user.py")


@pytest.mark.parametrize(
    "line", ["tools.run()", "pass  # the tools we have", "'''Have tools run.'''"]
)
def test_a_file_that_only_speaks_of_a_module_is_not_parsed(
    tmp_path: Path, line: str
) -> None:
    project = _project(tmp_path, line)
    assert not _is_put(project)
    assert not project.is_parsed("user.py")
