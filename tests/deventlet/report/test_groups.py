from __future__ import annotations

from dataclasses import replace

import pytest

from deventlet.inventory import Entry, Inventory, Mention, Process, Traced
from deventlet.report import groups
from deventlet.report.tally import objects, patterns, subjects
from tests.deventlet.report.inventories import EMPTY, REASONS, entry

SUMMARY = REASONS["spawn.stored"].summary


def stored(path: str, line: int, detail: str = "", **more: object) -> Entry:
    message = f"{SUMMARY}: {detail}" if detail else SUMMARY
    made = entry(path, line, "refuse", "spawn.stored", codemod="spawn", message=message)
    return replace(made, **more)  # type: ignore[arg-type]


def found(*entries: Entry, objects: tuple[Traced, ...] = ()) -> Inventory:
    return replace(EMPTY, entries=entries, objects=objects)


def test_sites_of_a_subject_are_one_case_at_what_makes_it() -> None:
    entries = [stored(p, n, subject="m.py:5") for p, n in (("a.py", 1), ("m.py", 5))]
    pool = Traced("m.py", 5, "GreenPool", (), (), (), ())
    (section,) = groups.refused(found(*entries, objects=(pool,)), REASONS)
    (part,) = section.parts
    (case,) = part.cases
    assert (case.place, case.facts) == ("m.py:5", "GreenPool, 2 uses in 2 files")
    assert section.counts == "2 sites, 1 subject"
    assert subjects(entries) == 1


def test_a_kind_is_only_said_of_what_makes_an_object() -> None:
    pool = Traced("m.py", 5, "GreenPool", (), (), (), ())
    use = stored("m.py", 5)
    reference = replace(use, site=replace(use.site, form="reference"))
    (section,) = groups.refused(found(reference, objects=(pool,)), REASONS)
    assert section.parts[0].cases[0].facts == ""


def test_the_detail_is_said_once_without_its_summary() -> None:
    entries = (
        stored("a.py", 1, "in a set"),
        stored("b.py", 2, "in a set"),
        stored("c.py", 3),
        stored("d.py", 4, "d.py:4"),
    )
    (section,) = groups.refused(found(*entries), REASONS)
    assert section.summary == SUMMARY
    said = [(part.words, [c.place for c in part.cases]) for part in section.parts]
    assert said == [("in a set", ["a.py:1", "b.py:2"]), ("", ["c.py:3", "d.py:4"])]


def test_production_is_before_tests_and_many_uses_before_few() -> None:
    entries = (
        stored("a.py", 1, "x", test=True),
        stored("b.py", 2, "y"),
        stored("c.py", 3, "z", subject="c.py:3"),
        stored("c.py", 4, "z", subject="c.py:3"),
    )
    (section,) = groups.refused(found(*entries), REASONS)
    assert [part.words for part in section.parts] == ["z", "y", "x"]


def test_what_has_no_codemod_is_by_pattern_with_the_first_words_of_its_recipe() -> None:
    entries = (
        entry("a.py", 1, "refuse", "codemod.missing", codemod="tpool", stage="B",
              suggestion="Call it. Then rest."),
        entry("a.py", 2, "refuse", "codemod.missing", codemod="spawn",
              suggestion="Write a thread. See there."),
    )  # fmt: skip
    inventory = found(*entries)
    assert groups.refused(inventory, REASONS) == []
    missing = groups.unwritten(inventory)
    assert [(s.name, s.parts[0].words) for s in missing] == [
        ("spawn", "Write a thread."),
        ("tpool", "Call it."),
    ]


def test_every_refused_site_is_in_one_section_or_an_import_that_follows() -> None:
    entries = (
        stored("a.py", 1),
        entry("a.py", 2, "refuse", "codemod.missing", codemod="tpool"),
        entry("a.py", 3, "refuse", "by-hand.hub", codemod=""),
        entry("a.py", 4, "refuse", "import.follows", codemod="", form="import"),
        entry("a.py", 5, "refuse", "name.star", codemod="", form="import"),
    )
    inventory = found(*entries)
    sections = groups.refused(inventory, REASONS) + groups.unwritten(inventory)
    lines = sorted(e.site.line for section in sections for e in section.entries)
    assert lines == [1, 2, 3, 5]
    assert [(p.name, p.outcomes.total()) for p in patterns(entries)] == [
        ("spawn", 1), ("tpool", 1), ("(no codemod)", 2), ("(imports)", 1),
    ]  # fmt: skip


def test_each_codemod_that_waits_for_a_word_has_its_command() -> None:
    entries = (
        entry("a.py", 1, "assume", "process-patched"),
        entry("a.py", 2, "assume", "process-patched", codemod="queue"),
        entry("a.py", 3, "assume", "process-patched"),
    )
    (section,) = groups.waiting(found(*entries), REASONS)
    assert section.commands == (
        "deventlet apply --codemod queue --assume process-patched",
        "deventlet apply --codemod sleep --assume process-patched",
    )


def test_what_goes_now_is_counted_by_file() -> None:
    entries = (
        entry("a.py", 1),
        entry("a.py", 2, "rewrite", "sleep.negative"),
        entry("a.py", 3, codemod="queue"),
        entry("a.py", 4, codemod="spawn", form="import", message="goes with its uses"),
        stored("b.py", 1),
    )
    assert groups.rewritten(found(*entries)) == {
        "a.py": ("queue 1, sleep 2", "1 with a caveat")
    }


def mention(path: str, line: int, kind: str, advice: str = "Remove it.") -> Mention:
    return Mention(path, line, 0, kind, "eventlet", advice)


def test_a_file_is_named_once_for_each_advice_with_its_lines() -> None:
    given = groups.advised(
        [
            mention("b.txt", 9, "ci"),
            mention("a.txt", 7, "ci"),
            mention("a.txt", 2, "ci"),
            mention("c.txt", 3, "ci", "Remove it. (40 lines)"),
            mention("a.txt", 4, "ci", "Keep it."),
        ]
    )
    assert [
        (a.words, [(f.first.path, f.first.line, f.lines) for f in a.files])
        for a in given
    ] == [
        ("Remove it.", [("a.txt", 2, 2), ("b.txt", 9, 1), ("c.txt", 3, 40)]),
        ("Keep it.", [("a.txt", 4, 1)]),
    ]
    assert given[0].counts == "3 files, 43 lines"


def test_what_the_code_needs_is_first_and_history_is_last() -> None:
    kinds = (
        *("requirements", "packaging", "service", "test-setup", "coverage", "ci"),
        *("configuration", "logging", "docs", "release-note", "translation"),
    )
    given = groups.advised(mention("a", 1, kind) for kind in sorted(kinds))
    assert [a.kind for a in given] == list(kinds)
    assert [a.kind for a in given if a.is_history] == ["release-note", "translation"]


def process(label: str, patches: tuple[str, ...], sites: tuple[int, int]) -> Process:
    return Process(label, f"{label}.py", "command", patches, (), sites)


def test_equal_processes_are_one_and_those_that_patch_nothing_are_first() -> None:
    given = groups.started(
        [
            *(process(f"big-{n}", ("time",), (9, 9)) for n in range(6)),
            process("bare", (), (1, 0)),
            process("late", (), (0, 2)),
            process("none", (), (0, 0)),
        ]
    )
    assert [(s.name, s.is_bare) for s in given] == [
        ("bare", True),
        ("big-0, big-1 and 4 more", False),
        ("late", False),
    ]


@pytest.mark.parametrize("kind", ["tpool.Proxy", "green.threading.Lock", "original"])
def test_objects_that_stay_as_they_are_are_only_counted(kind: str) -> None:
    made = [
        Traced("a.py", n, name, (), (), (), ())
        for n, name in ((1, kind), (2, "Event"), (2, "Event"), (3, "Event"))
    ]
    changing, following = objects(made)
    assert [(name, len(group)) for name, group in changing] == [("Event", 2)]
    assert following == ((kind, 1),)
