"""The changes that a person is asked about are those of the patch, each by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from deventlet.codemod import Refuse, Subject
from deventlet.driver.apart import apart
from deventlet.driver.run import Request, key_of, run
from deventlet.registry import pages
from deventlet.series.answers import names
from deventlet.source.discover import discover

EXAMPLE = Path(__file__).parents[3] / "examples" / "greenhouse"
DECLINED = Refuse("keep.declined")


def declining(request: Request, subjects: Iterable[Subject]) -> Request:
    return replace(request, left=dict.fromkeys(map(key_of, subjects), DECLINED))


def without(
    changes: Mapping[str, tuple[bytes, bytes]], paths: frozenset[str]
) -> dict[str, tuple[bytes, bytes]]:
    return {path: texts for path, texts in changes.items() if path not in paths}


def test_the_changes_of_the_example_are_apart_and_each_stands_alone(
    tmp_path: Path,
) -> None:
    root = tmp_path / "greenhouse"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("__pycache__"))
    tree = discover([root])
    request = Request(tree.root, tree.files, frozenset(tree.selected))
    texts: dict[str, bytes] = {}
    asked = 0
    for page in pages().values():
        outcome = run(page, request, texts)
        changes = apart(page, request, texts)
        grouped = [v.subject for change in changes for v in change.verdicts]
        applied = {v.subject for v in outcome.verdicts if v.applies}
        assert len(grouped) == len(set(grouped))
        none = run(page, declining(request, grouped), texts)
        assert not without(none.changes, none.beside)
        assert {v.subject for v in none.verdicts if v.applies} <= applied
        assert len({*names(page.name, changes)}) == len(changes)
        for change in changes:
            own = {verdict.subject for verdict in change.verdicts}
            alone = run(page, declining(request, {*grouped} - own), texts)
            assert without(alone.changes, alone.beside) == change.files
            assert change.files
        asked += len(changes)
        texts |= {path: after for path, (_, after) in outcome.changes.items()}
    assert asked > 30
