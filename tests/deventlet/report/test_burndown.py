"""The formats of a burn-down: what they say, and that they say it right."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from deventlet.burndown import Burndown, Count, InFlight, Point
from deventlet.report.burndown import as_json, mermaid, svg, text
from deventlet.report.burndown.bands import Band, bands, ceiling, stepped, thinned

SVG = "{http://www.w3.org/2000/svg}"


def point(day: int, *numbers: int, grep: int = 9, unread: int = 0) -> Point:
    """One day, with uses in production (sleep), tests (spawn) and shim (none)."""
    every = zip(
        ("production", "tests", "shim"),
        ("sleep", "spawn", "none"),
        numbers,
        strict=False,
    )
    counts = tuple(
        Count(place, pattern, "use", f"eventlet.{pattern}", number)  # type: ignore[arg-type]
        for place, pattern, number in every
        if number
    )
    date = f"2025-01-{day:02}"
    return Point(f"W{day}", date, "c" * 40, counts, 4, 3, 2, grep, unread)


SMALL = Burndown("proj", "week", (point(5, 4, 6, 1), point(12, 2, 1), point(19, 1)))
FLYING = Burndown(
    "proj", "week", SMALL.points, (InFlight("side", 2, {"sleep": 1}),), True
)
HOSTILE = Burndown('a"b<c>&\x1b[31m', "tag", (point(1, 1),), ())
EMPTY = Burndown("proj", "week", (point(1, grep=0),), ())


def test_a_single_commit_has_one_date() -> None:
    lines = text.text(EMPTY, "place", 80).splitlines()
    assert lines[0] == "Uses of Eventlet in proj: 0 on 2025-01-01"


def test_the_text_has_every_number() -> None:
    lines = text.text(FLYING, "place", 80).splitlines()
    assert lines[0] == "Uses of Eventlet in proj: 11 on 2025-01-05, 1 on 2025-01-19"
    heading = next(at for at, line in enumerate(lines) if line.startswith("date"))
    assert [line.split() for line in lines[heading : heading + 4]] == [
        "date week uses production tests shim through shim imports files lines".split(),
        "2025-01-05 W5 11 4 6 1 4 3 2 9".split(),
        "2025-01-12 W12 3 2 1 0 4 3 2 9".split(),
        "2025-01-19 W19 1 1 0 0 4 3 2 9".split(),
    ]
    assert "in flight: side, 2 patches, 1 use fewer (sleep 1)" in lines
    assert "(no codemod)      1     0" in lines


def test_bars_are_as_high_as_the_uses() -> None:
    found = Burndown("proj", "week", (point(1, 10), point(2, 5, 5), point(3)))
    rows = text.text(found, "place", 80).splitlines()[1 : text.HEIGHT + 1]
    columns = ["".join(row[at : at + 1] for row in rows) for at in (6, 15, 24)]
    full, half = text.HEIGHT, text.HEIGHT // 2
    assert columns == ["█" * full, "▒" * half + "█" * half, ""]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_chart_is_no_wider_than_it_may_be(width: int) -> None:
    many = tuple(point(day % 28 + 1, day, 3) for day in range(300))
    shown = text.text(Burndown("proj", "week", many), "place", width).splitlines()
    chart = shown[1 : text.HEIGHT + 4]
    assert max(map(len, chart)) <= width
    assert max(map(len, chart)) > width * 0.8


@pytest.mark.parametrize("by", ["place", "pattern"])
def test_nothing_at_all_can_be_shown(by: str) -> None:
    assert "0 on 2025-01-01" in text.text(EMPTY, by, 80)  # type: ignore[arg-type]
    assert ElementTree.fromstring(svg.text(EMPTY, by)) is not None  # type: ignore[arg-type]
    assert 'bar "remaining" [0]' in mermaid.text(EMPTY)


def test_files_that_cannot_be_parsed_are_told() -> None:
    found = Burndown("proj", "week", (point(1, 1, unread=2),))
    assert "2 files with the word cannot be parsed" in text.text(found, "place", 80)


def test_the_mermaid_chart_has_what_is_in_flight_as_a_second_bar() -> None:
    assert mermaid.text(FLYING).splitlines() == [
        "xychart-beta",
        '    title "Eventlet in proj"',
        '    x-axis ["W5", "W12", "W19"]',
        '    y-axis "uses (bars), lines with the word (line)" 0 --> 15',
        '    bar "remaining" [11, 3, 1]',
        '    bar "in flight" [0, 0, 1]',
        '    line "lines" [9, 9, 9]',
    ]
    assert "in flight" not in mermaid.text(SMALL)


def test_names_cannot_break_out_of_a_format() -> None:
    assert '"Eventlet in a\'b<c>&\\x1b[31m"' in mermaid.text(HOSTILE)
    title = ElementTree.fromstring(svg.text(HOSTILE)).find(f"{SVG}title")
    assert title is not None
    assert title.text == 'Eventlet in a"b<c>&\\x1b[31m'
    assert "\x1b" not in text.text(HOSTILE, "place", 80)


@pytest.mark.parametrize("by", ["place", "pattern"])
def test_the_bars_of_the_svg_are_as_high_as_the_uses(by: str) -> None:
    root = ElementTree.fromstring(svg.text(SMALL, by))  # type: ignore[arg-type]
    bars = [p for p in root.iter(f"{SVG}path") if p.get("class", "")[0] == "b"]
    heights = [
        [float(h) for h in re.findall(r"v([\d.]+)", bar.get("d", ""))] for bar in bars
    ]
    one = heights[0][-1]  # the last point has one use
    every = sorted(round(h / one) for each in heights for h in each)
    assert every == [1, 1, 1, 2, 4, 6]


def test_the_svg_needs_nothing_from_elsewhere() -> None:
    drawn = svg.text(FLYING)
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<(script|image|foreignObject)|url\(|@import", drawn)
    assert "screen and (prefers-color-scheme:dark)" in drawn
    assert "1 of the uses in flight" in drawn


def test_the_json_has_everything() -> None:
    found = json.loads(as_json.encode(FLYING))
    assert found["in_flight"] == [
        {"name": "side", "patches": 2, "uses": 1, "removes": {"sleep": 1}}
    ]
    assert found["begins_late"] is True
    assert found["points"][0] == {
        "label": "W5",
        "date": "2025-01-05",
        "commit": "c" * 40,
        "uses": 11,
        "production": {"sleep": 4},
        "tests": {"spawn": 6},
        "shim": {"none": 1},
        "names": {"eventlet.none": 1, "eventlet.sleep": 4, "eventlet.spawn": 6},
        "mocks": 0,
        "through": 4,
        "imports": 3,
        "files": 2,
        "lines": 9,
        "unread": 0,
    }


def test_patterns_beyond_the_commonest_are_one_band() -> None:
    counts = tuple(
        Count("production", f"p{n}", "use", f"eventlet.p{n}", 20 - n) for n in range(9)
    )
    found = Burndown("p", "week", (Point("", "", "", counts, 0, 0, 0, 0, 0),))
    assert bands(found, "pattern")[-2:] == (
        Band("p5", (15,)),
        Band("3 others", (14 + 13 + 12,)),
    )


@pytest.mark.parametrize("highest", [1, 2, 7, 10, 11, 163, 378, 99999])
def test_an_axis_ends_at_a_round_number_just_above(highest: int) -> None:
    top, step = ceiling(highest)
    assert highest <= top < highest + step
    assert top % step == 0
    assert top // step <= 5


@pytest.mark.parametrize(("number", "most"), [(0, 3), (1, 3), (3, 3), (4, 3), (99, 16)])
def test_thinning_keeps_both_ends(number: int, most: int) -> None:
    kept = thinned(number, most)
    assert len(kept) == len(set(kept)) == min(number, most)
    assert kept == sorted(kept)
    assert not kept or (kept[0], kept[-1]) == (0, number - 1)


@pytest.mark.parametrize(
    ("number", "most"), [(0, 3), (1, 3), (7, 3), (17, 16), (99, 8)]
)
def test_steps_are_equal_and_end_at_the_last(number: int, most: int) -> None:
    kept = stepped(number, most)
    assert len(kept) <= most
    assert not number or kept[-1] == number - 1
    assert len({after - before for before, after in itertools.pairwise(kept)}) <= 1
    assert all(at < number for at in kept)
