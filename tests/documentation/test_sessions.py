"""What the documentation shows on a console is what is printed there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from deventlet.cli.app import app
from tests.documentation.sessions import ROOT, agrees, pages, refreshed, shell, steps

COMMAND = re.compile(r"^(?:\$ |\s*commands = )?deventlet (\w+)(.*)$", re.MULTILINE)
QUOTED = re.compile(r"`deventlet (\w+)([^`]*)`")
FENCED = re.compile(r"^```\S*\n((?:.*\n)*?)```$", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_console_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """If it does not: ``python -m tests.documentation.sessions``, and read the diff."""
    running = shell(page.name, tmp_path)
    for step in steps(page.read_text("utf-8")):
        printed = running.run(step.command)
        assert agrees(step.printed, printed), "\n".join(
            (f"$ {step.command}", *printed, "--- but the page shows", *step.printed)
        )


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda p: p.name)
def test_a_prompt_is_in_a_console(page: Path) -> None:
    """What looks like a console and is none would be run by nobody."""
    assert not re.search(
        r"^```(?!console)\w*\n(?:(?!```).*\n)*?\$ ",
        page.read_text("utf-8"),
        re.MULTILINE,
    )


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_every_command_exists_with_its_options(page: Path) -> None:
    commands = getattr(typer.main.get_command(app), "commands", {})
    text = page.read_text("utf-8").replace("\\\n", " ")
    shown = "".join(FENCED.findall(text))
    found = COMMAND.findall(shown) + QUOTED.findall(FENCED.sub("", text))
    for name, rest in found:
        assert name in commands, f"deventlet {name}{rest}"
        known = {"--help", "-h"}
        for parameter in commands[name].params:
            known |= {*getattr(parameter, "opts", ())}
            known |= {*getattr(parameter, "secondary_opts", ())}
        said = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", rest).partition("  ")[0]
        said = said.partition(" | ")[0].partition(" && ")[0]
        assert {*OPTION.findall(said)} <= known, f"deventlet {name}{rest}"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("a", "…", "d"), ("a", "b", "c", "d"), True),
        (("a", "…", "d"), ("a", "d"), True),
        (("a", "…"), ("b", "d"), False),
        (("a",), ("a", "b"), False),
        ((), ("a",), False),
        (("it passes (3 s)",), ("it passes (41 s)",), True),
        (("1a2b3c4d5e Stop it",), ("f1a2b3c4d5 Stop it",), True),
        (("1a2b3c4d5e Stop it",), ("f1a2b3c4d5 Go on",), False),
        (("sites: 3",), ("sites: 4",), False),
    ],
)
def test_what_is_left_out_and_what_varies(
    shown: tuple[str, ...], printed: tuple[str, ...], same: bool
) -> None:
    assert agrees(shown, printed) is same
    assert agrees(refreshed(shown, printed), printed)


def test_refreshing_keeps_what_a_page_leaves_out() -> None:
    shown = ("sites: 3", "…", "Next: sleep", "…", "end")
    printed = ("sites: 4", "x", "y", "Next: queue", "z", "end")
    assert refreshed(shown, printed) == ("sites: 4", "…", "Next: queue", "…", "end")
