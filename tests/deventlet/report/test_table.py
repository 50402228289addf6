from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from deventlet.inventory import Inventory
from deventlet.report import table
from tests.deventlet.report.inventories import EMPTY, HOSTILE, REASONS, SMALL, entry

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_reads_as_it_was_read_and_approved(width: int) -> None:
    golden = (GOLDEN / f"table-{width}.txt").read_text(encoding="utf-8")
    assert table.text(SMALL, REASONS, width=width) == golden


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_or_ends_in_space(width: int) -> None:
    lines = table.text(SMALL, REASONS, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_pipe_has_one_width_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert table.text(SMALL, REASONS) == table.text(SMALL, REASONS, width=100)


def test_a_place_is_on_one_line_however_long_it_is() -> None:
    path = "proj/" + "long" * 60 + ".py"
    found = replace(SMALL, entries=(entry(path, 5, "refuse", "sleep.arguments"),))
    assert f"    {path}:5  eventlet.sleep\n" in table.text(found, REASONS, width=80)


def test_what_was_left_out_is_said_and_verbose_has_it() -> None:
    short, whole = (table.text(SMALL, REASONS, verbose) for verbose in (False, True))
    assert "m6.py:3" not in short
    assert "\u2026 and 2 more, --format json has all" in short
    assert "m6.py:3" in whole
    assert "more" not in whole.replace("\n", " ")


def test_deep_folders_are_counted_where_they_are_in_unless_verbose() -> None:
    paths = ("p/a/b/c/x.py", "p/a/b/d/y.py", "p/a/z.py", "p/q.py")
    found = replace(SMALL, entries=tuple(entry(path, 1) for path in paths))
    short, whole = (table.text(found, REASONS, verbose) for verbose in (False, True))
    assert [line.split()[:2] for line in tree(short)] == [
        ["p/", "4"],
        ["a/", "3"],
        ["b/", "2"],
    ]
    assert [line.split()[0] for line in tree(whole)] == ["p/", "a/", "b/", "c/", "d/"]


def tree(text: str) -> list[str]:
    """The lines of the tree of folders."""
    _, _, below = text.partition("\nfolder")
    return below.partition("\n\n")[0].splitlines()[1:]


def test_production_is_shown_before_tests() -> None:
    entries = (
        *(entry("a.py", n, "refuse", "sleep.arguments", test=True) for n in range(9)),
        entry("z.py", 1, "refuse", "sleep.arguments", message="other"),
    )
    said = table.text(replace(SMALL, entries=entries), REASONS)
    assert said.index("z.py:1") < said.index("a.py:0")


def test_what_is_next_is_the_pattern_with_most_that_can_go() -> None:
    entries = (
        *(entry("p.py", n, "refuse", "sleep.arguments") for n in range(5)),
        *(entry("p.py", n, codemod="spawn") for n in range(6, 8)),
        entry("p.py", 9),
    )
    said = table.text(replace(SMALL, entries=entries), REASONS)
    assert "Next: deventlet apply --codemod spawn --dry-run\n" in said


def test_nothing_is_next_where_nothing_can_go() -> None:
    entries = (entry("p.py", 1, "refuse", "sleep.arguments"),)
    assert "Next" not in table.text(replace(SMALL, entries=entries), REASONS)


def test_a_project_without_eventlet_is_one_line() -> None:
    assert table.text(EMPTY, REASONS) == "proj: no use of Eventlet in 1 Python file\n"


def test_a_project_that_only_names_it_elsewhere_says_where() -> None:
    said = table.text(replace(EMPTY, mentions=SMALL.mentions), REASONS)
    assert "requirements.txt:4  eventlet>=0.30.1" in said


def on_a_terminal(found: Inventory, colours: bool) -> str:
    """What a terminal is sent, without the colours that are ours."""
    to = Console(
        file=io.StringIO(), width=100, force_terminal=True, no_color=not colours
    )
    with to.capture() as captured:
        table.show(to, found, REASONS)
    return captured.get()


def test_a_terminal_shows_colours_and_the_same_words() -> None:
    shown = on_a_terminal(SMALL, colours=True)
    assert "\x1b[31m" in shown
    plain = Console(file=io.StringIO(), width=100)
    with plain.capture() as captured:
        table.show(plain, SMALL, REASONS)
    assert captured.get().split() == table.text(SMALL, REASONS).split()


def test_no_colour_is_sent_where_none_is_wanted() -> None:
    assert "\x1b[3" not in on_a_terminal(SMALL, colours=False)


@pytest.mark.parametrize("verbose", [False, True])
def test_what_could_steer_a_terminal_is_shown_and_not_sent(verbose: bool) -> None:
    said = table.text(HOSTILE, REASONS, verbose)
    assert {c for c in said if not c.isprintable()} == {"\n"}
    assert "c\\x1b[31mred\\x1b[0m.py:2  \\x1b[31mred\\x1b[0m\n" in said
    assert "    a\\nb|c.py:1  x[bold]`y`\n" in said


def test_markup_in_names_is_text() -> None:
    said = table.text(HOSTILE, REASONS)
    for words in ("[bold]p|`<b>`: 4 sites", "[red]pipe |", "[/bold].", "[oops]"):
        assert words in said


def test_the_order_of_what_was_found_makes_no_difference_to_the_numbers() -> None:
    backwards = replace(SMALL, entries=SMALL.entries[::-1], objects=SMALL.objects[::-1])
    assert table.text(backwards, REASONS) == table.text(SMALL, REASONS)
