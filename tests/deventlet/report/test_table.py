from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from deventlet.inventory import Inventory, Mention
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


@pytest.mark.parametrize(("said", "width"), [("80", 80), ("x", 100), ("0", 100)])
def test_a_pipe_is_as_wide_as_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, said: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", said)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert table.text(SMALL, REASONS) == table.text(SMALL, REASONS, width=width)


def test_a_pipe_is_100_columns_wide_if_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert table.text(SMALL, REASONS) == table.text(SMALL, REASONS, width=100)


def test_a_place_is_on_one_line_however_long_it_is() -> None:
    path = "proj/" + "long" * 60 + ".py"
    entries = (
        entry(path, 5, "refuse", "sleep.arguments"),
        entry("a.py", 7, "refuse", "sleep.arguments",
              message=f"the arguments are not one number of seconds: see {path}:5"),
    )  # fmt: skip
    said = table.text(replace(SMALL, entries=entries), REASONS, width=80)
    assert f"    {path}:5\n      eventlet.sleep\n" in said
    assert f"  see\n  {path}:5:\n" in said


@pytest.mark.parametrize("width", [80, 100])
def test_all_but_places_is_cut_at_the_width(width: int) -> None:
    long = "eventlet.sleep(" + "x" * 300 + ")"
    entries = (
        entry("a.py", 1, "refuse", "sleep.arguments", spelling=long,
              message=f"the arguments are not one number of seconds: {long}"),
        entry("a.py", 2, "rewrite", "sleep.negative", spelling=long),
        entry("a.py", 3, "refuse", "codemod.missing", codemod=long[:30],
              spelling=long, suggestion=f"{long} {long}."),
    )  # fmt: skip
    mentions = (Mention("tox.ini", 1, 0, "ci", long, long),)
    found = replace(SMALL, entries=entries, mentions=mentions)
    lines = table.text(found, REASONS, width=width).splitlines()
    assert max(map(len, lines)) == width
    assert sum(line.endswith("\u2026") for line in lines) >= 5


def test_what_was_left_out_is_said_and_verbose_has_it() -> None:
    short, whole = (table.text(SMALL, REASONS, verbose) for verbose in (False, True))
    assert "m6.py:3" not in short
    assert "\u2026 and 2 more subjects; --verbose has all" in short
    assert "m6.py:3" in whole
    assert "--verbose" not in whole


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


def test_an_assumption_is_next_where_only_assumptions_are_left() -> None:
    entries = (
        entry("p.py", 1, "assume", "process-patched"),
        entry("p.py", 2, "refuse", "sleep.arguments"),
    )
    said = table.text(replace(SMALL, entries=entries), REASONS)
    command = "deventlet apply --codemod sleep --assume process-patched"
    assert f"Next: {command} --dry-run\n" in said
    assert f"\n  {command}\n" in said


def test_imports_that_follow_are_nothing_to_run_or_to_decide() -> None:
    entries = (
        entry("p.py", 1, codemod="spawn", form="import", message="it goes"),
        entry("p.py", 2, "refuse", "import.follows", codemod="spawn", form="import"),
        entry("p.py", 3, "refuse", "spawn.stored", codemod="spawn"),
    )
    said = table.text(replace(SMALL, entries=entries), REASONS)
    assert "Next" not in said
    assert "Can go now" not in said
    assert "\n2 imports besides, each of which goes with the last" in said
    assert "import.follows (" not in said


def test_stage_b_is_behind_stage_a_and_says_what_comes_first() -> None:
    late = [
        entry("p.py", n, "refuse", "spawn.stored", codemod=name, stage="B",
              blocked_by=("q.py:1", "q.py:2"), before=34)
        for n, name in enumerate(("tpool", "tpool", "servers"), 1)
    ]  # fmt: skip
    found = replace(SMALL, entries=(*late, entry("q.py", 1)))
    said = table.text(found, REASONS)
    rows = [line.split()[:4] for line in said.splitlines()]
    at = rows.index(["sleep", "1", "1", "-"])
    assert rows[at + 1 : at + 3] == [
        ["tpool", "2", "-", "2"],
        ["servers", "1", "-", "1"],
    ]
    before = "after 34 stage A sites in the same processes, first q.py:1"
    assert f"\ntpool, servers: {before}\n" in said


def test_verbose_shows_each_site_of_a_subject() -> None:
    entries = tuple(
        entry("p.py", n, "refuse", "spawn.stored", codemod="spawn", subject="p.py:2")
        for n in (1, 2, 3)
    )
    short, whole = (
        table.text(replace(SMALL, entries=entries), REASONS, verbose)
        for verbose in (False, True)
    )
    assert "    p.py:2  eventlet.sleep  (3 uses)\n" in short
    assert "p.py:3" not in short
    assert "(3 uses)\n      p.py:1  eventlet.sleep\n      p.py:3  " in whole


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
    for words in (
        "[bold]p|`<b>`: 4 sites (4 subjects)",
        "[red]pipe |",
        "[/bold].",
        "[oops]",
    ):
        assert words in said


def test_the_order_of_what_was_found_makes_no_difference_to_the_numbers() -> None:
    backwards = replace(SMALL, entries=SMALL.entries[::-1], objects=SMALL.objects[::-1])
    assert table.text(backwards, REASONS) == table.text(SMALL, REASONS)
