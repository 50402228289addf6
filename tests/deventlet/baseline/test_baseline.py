"""What is growth and what is only a move; suppressions; the baseline's own file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from deventlet.baseline import (
    Asked,
    Baseline,
    BaselineProblem,
    Measured,
    check,
    measure,
)
from deventlet.baseline.file import dump, load
from deventlet.growth import Checked, Growth
from deventlet.uses import Meaning

TODAY = date(2026, 6, 1)
HEAD = "import eventlet\n\n\ndef f():\n"
SLEEP, SPAWN = "    eventlet.sleep(1)\n", "    eventlet.spawn(f)\n"


def measured(files: Mapping[str, str]) -> list[Measured]:
    return [
        measure(path, text.encode(), Meaning(), TODAY)
        for path, text in sorted(files.items())
    ]


def baseline(files: Mapping[str, str]) -> Baseline:
    return Baseline().updated(measured(files), (), True)


def after(
    before: Mapping[str, str], now: Mapping[str, str], *only: str
) -> tuple[Growth, ...]:
    """The growth from some files to others; all are looked at, or only some."""
    found = {each.path: each for each in measured(now)}
    asked = Asked(baseline(before), look=found.get)
    return check([found[path] for path in only or found], asked).grown


@pytest.mark.parametrize(
    "now",
    [
        HEAD + SLEEP,
        "# a line above\n\n" + HEAD + "    x = 1\n" + SLEEP,
        HEAD + "    if x:\n    " + SLEEP,
        HEAD + "    eventlet.sleep(\n        1)\n",
        HEAD + "    eventlet.sleep(2)\n",
        "import eventlet as e\ndef f():\n    e.sleep(1)\n",
        "x = 1\n",
    ],
)
def test_a_use_that_moves_or_changes_is_no_growth(now: str) -> None:
    assert after({"a.py": HEAD + SLEEP}, {"a.py": now}) == ()


def test_more_of_a_pattern_is_growth_and_the_new_one_is_named() -> None:
    now = HEAD + "    eventlet.sleep(7)\n" + SLEEP
    (grown,) = after({"a.py": HEAD + SLEEP}, {"a.py": now})
    assert (grown.path, grown.pattern, grown.was, grown.now) == ("a.py", "sleep", 1, 2)
    assert [(s.line, s.text) for s in grown.spots] == [(5, "eventlet.sleep(7)")]


def test_the_same_again_is_growth() -> None:
    (grown,) = after({"a.py": HEAD + SLEEP}, {"a.py": HEAD + SLEEP * 2})
    assert (grown.more, len(grown.spots)) == (1, 1)


def test_less_of_one_pattern_makes_no_room_for_another() -> None:
    (grown,) = after({"a.py": HEAD + SLEEP}, {"a.py": HEAD + SPAWN})
    assert (grown.pattern, grown.more) == ("spawn", 1)


def test_another_name_of_the_same_pattern_is_no_growth() -> None:
    now = HEAD + "    eventlet.spawn_n(f)\n"
    assert after({"a.py": HEAD + SPAWN}, {"a.py": now}) == ()


def test_where_a_use_changes_as_well_both_are_named() -> None:
    now = HEAD + "    eventlet.sleep(2)\n    eventlet.sleep(3)\n"
    (grown,) = after({"a.py": HEAD + SLEEP}, {"a.py": now})
    assert (grown.more, len(grown.spots)) == (1, 2)


@pytest.mark.parametrize("only", [(), ("b.py",)])
def test_a_use_that_comes_from_another_file_is_no_growth(only: tuple[str, ...]) -> None:
    before = {"a.py": HEAD + SLEEP + SPAWN, "b.py": HEAD + SPAWN}
    now = {"a.py": HEAD + SPAWN, "b.py": HEAD + SPAWN + SLEEP}
    assert after(before, now, *only) == ()


def test_a_renamed_file_is_no_growth() -> None:
    assert after({"a.py": HEAD + SLEEP}, {"b.py": HEAD + SLEEP}, "b.py") == ()


def test_a_copy_of_a_use_is_growth() -> None:
    both = {"a.py": HEAD + SLEEP, "b.py": HEAD + SLEEP}
    (grown,) = after({"a.py": HEAD + SLEEP}, both, "b.py")
    assert (grown.path, grown.moved, grown.more) == ("b.py", 0, 1)


def test_a_use_comes_only_once() -> None:
    before = {"a.py": HEAD + SLEEP}
    now = {"b.py": HEAD + SLEEP, "c.py": HEAD + SLEEP}
    (grown,) = after(before, now)
    assert grown.path == "c.py"


def test_a_use_that_is_replaced_where_it_was_has_not_moved() -> None:
    before = {"a.py": HEAD + SLEEP}
    now = {"a.py": HEAD + "    eventlet.sleep(2)\n", "b.py": HEAD + SLEEP}
    (grown,) = after(before, now)
    assert grown.path == "b.py"


def test_an_import_alone_is_growth_and_with_a_use_it_is_not_said() -> None:
    (grown,) = after({"a.py": "x = 1\n"}, {"a.py": "import eventlet\n"})
    assert grown.pattern == "import"
    (grown,) = after({"a.py": "x = 1\n"}, {"a.py": HEAD + SLEEP})
    assert grown.pattern == "sleep"


# Suppressions --------------------------------------------------------------------


def kept(comment: str) -> Checked:
    """A new use with a comment."""
    files = {"a.py": HEAD + f"    eventlet.sleep(1)  # deventlet: keep{comment}\n"}
    asked = Asked(baseline({"a.py": "import eventlet\n"}))
    return check(measured(files), asked)


@pytest.mark.parametrize(
    "comment",
    [
        " because the agent still runs so",
        ": the agent still runs so",
        " the agent still runs so",
        " until 2026-06-01 because of the agent",
        " until 2026-06-02, the agent",
    ],
)
def test_a_comment_with_a_reason_suppresses(comment: str) -> None:
    found = kept(comment)
    assert (found.grown, found.comments, found.uses) == ((), (), 0)


@pytest.mark.parametrize(
    ("comment", "ill", "remark"),
    [
        ("", "no-reason", "gives no reason"),
        (" because", "no-reason", "gives no reason"),
        (" until 2027-01-01", "no-reason", "gives no reason"),
        (" until 2026-05-31 because of it", "expired", "held until 2026-05-31"),
        (" until 2026-02-30 because of it", "no-date", "no day"),
    ],
)
def test_a_comment_without_reason_or_after_its_day_does_not(
    comment: str, ill: str, remark: str
) -> None:
    found = kept(comment)
    ((spot,),) = (growth.spots for growth in found.grown)
    assert remark in spot.remark
    assert [(each.line, each.ill) for each in found.comments] == [(5, ill)]


def test_a_comment_on_any_line_of_a_use_suppresses() -> None:
    text = HEAD + "    eventlet.sleep(\n        1)  # deventlet: keep because of it\n"
    (found,) = measured({"a.py": text})
    assert [use.spot.pattern for use in found.uses] == ["import"]
    assert found.comments == ()


def test_a_comment_without_a_use_is_told_and_a_text_like_one_is_not() -> None:
    text = (
        "x = 1  # deventlet: keep because of nothing\n"
        "'''\n# deventlet: keep\n'''\ns = '# deventlet: keep'\n# eventlet\n"
    )
    found = check(measured({"a.py": text}), Asked(Baseline()))
    assert [(each.line, each.ill) for each in found.comments] == [(1, "unused")]
    assert not found.fails


def test_a_comment_in_a_file_without_eventlet_is_unused() -> None:
    (found,) = measured({"a.py": "x = 1  # deventlet: keep because of nothing\n"})
    assert [each.ill for each in found.comments] == ["unused"]


# Banned --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("banned", "lines"),
    [("sleep", [5]), ("spawn", [6]), ("eventlet.spawn", [6]), ("eventlet", [1, 5, 6])],
)
def test_a_banned_pattern_fails_whatever_the_baseline_says(
    banned: str, lines: list[int]
) -> None:
    files = {"a.py": HEAD + SLEEP + SPAWN}
    found = check(measured(files), Asked(baseline(files), frozenset({banned})))
    assert [spot.line for spot in found.banned] == lines
    assert found.fails


def test_a_banned_use_is_told_once() -> None:
    files = {"a.py": HEAD + SLEEP}
    found = check(measured(files), Asked(Baseline(), frozenset({"sleep"})))
    assert (found.grown, len(found.banned)) == ((), 1)


def test_what_is_suppressed_is_not_banned() -> None:
    text = HEAD + "    eventlet.sleep(1)  # deventlet: keep because of it\n"
    found = check(measured({"a.py": text}), Asked(Baseline(), frozenset({"sleep"})))
    assert found.banned == ()


# The file ------------------------------------------------------------------------


def test_the_file_is_the_same_for_the_same_uses(tmp_path: Path) -> None:
    one = baseline({"b.py": HEAD + SLEEP + SPAWN, "a.py": HEAD + SPAWN})
    two = baseline({"a.py": HEAD + SPAWN, "b.py": "\n" + HEAD + SPAWN + SLEEP})
    assert dump(one) == dump(two)
    (tmp_path / "b.json").write_bytes(dump(one))
    assert load(tmp_path / "b.json") == one
    assert load(tmp_path / "none.json") is None


def test_each_use_is_a_line_of_its_own() -> None:
    one = dump(baseline({"a.py": HEAD + SLEEP + SPAWN})).splitlines()
    two = dump(baseline({"a.py": HEAD + SLEEP})).splitlines()
    assert len(set(one) - set(two)) == 2  # the pattern and its one use


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"{", b'{"format": 2}', b'{"format": 1, "more": 1}',
        b'{"format": 1, "files": {"a.py": {"sleep": {"ab": 0}}}}',
        b'{"format": 1, "files": {"a.py": {"sleep": {"ab": "1"}}}}',
    ],
)  # fmt: skip
def test_another_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "b.json").write_bytes(raw)
    with pytest.raises(BaselineProblem, match=r"b\.json"):
        load(tmp_path / "b.json")


def test_a_file_that_cannot_be_read_keeps_what_it_had() -> None:
    before = baseline({"a.py": HEAD + SLEEP, "b.py": HEAD + SLEEP})
    now = measured({"a.py": "import eventlet\nprint 'x'\n", "b.py": "x = 1\n"})
    new = before.updated(now, {"a.py", "b.py"}, True)
    assert new.files == {"a.py": before.files["a.py"]}


def test_files_that_were_not_looked_at_stay_if_they_are_there() -> None:
    names = ("a.py", "b.py", "gone.py")
    before = baseline(dict.fromkeys(names, HEAD + SLEEP))
    new = before.updated(measured({"a.py": "x = 1\n"}), {"a.py", "b.py"}, False)
    assert list(new.files) == ["b.py"]
