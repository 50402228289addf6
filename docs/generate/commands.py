"""The reference of the command line: what each command prints for ``--help``."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from deventlet.cli.app import app

_MORE = {
    "list": "[Codemods](codemods/index.md)",
    "explain": "[Reason codes](reasons/index.md)",
    "scan": "[scan](scan.md)",
    "plan": "[plan and apply](series.md)",
    "check": "[check](check.md)",
    "history": "[history](history.md)",
    "report": "[report](report.md)",
    "apply": "[plan and apply](series.md)",
    "scaffold": "[Profile dual](dual.md)",
}
"""Where there is more of what each command is about."""
_WIDTH = {"COLUMNS": "80", "TERMINAL_WIDTH": "80"}


def page() -> str:
    """Every command with its arguments and options."""
    group = typer.main.get_command(app)
    parts = [_command(name) for name in getattr(group, "commands", {})]
    return (
        "# All options\n\n"
        "Results go to standard output, all else to standard error. [Exit codes]"
        "(exit-codes.md) are the same for all commands. `NO_COLOR` is honoured, and so "
        "is `COLUMNS` in a pipe.\n\n" + "\n".join(parts)
    )


def _command(name: str) -> str:
    said = CliRunner().invoke(app, [name, "--help"], env=_WIDTH)
    lines = "\n".join(line.rstrip() for line in said.output.strip("\n").splitlines())
    return f"## deventlet {name}\n\nSee {_MORE[name]}.\n\n```text\n{lines}\n```\n"
