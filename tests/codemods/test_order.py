"""Codemods compose: any order that their dependencies allow gives the same texts."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from deventlet.config import load
from deventlet.driver.run import Request
from deventlet.registry import pages
from deventlet.series.chunks import Split
from deventlet.series.compute import compute
from deventlet.source.discover import discover
from tests.support.orders import shuffled

GREENHOUSE = Path(__file__).parents[2] / "examples/greenhouse"
SEEDS = range(3)
Texts = Mapping[str, bytes]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example, in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(GREENHOUSE, tmp_path / "greenhouse", ignore=ignored))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    """What the series makes of the example."""
    root = tmp_path_factory.mktemp("whole") / "greenhouse"
    ignored = shutil.ignore_patterns("__pycache__")
    return after(pages(), Path(shutil.copytree(GREENHOUSE, root, ignore=ignored)))


def after(names: Iterable[str], root: Path) -> Texts:
    """Every text once codemods have run in that order."""
    tree = discover([root])
    texts = {path: (root / path).read_bytes() for path in tree.files}
    request = Request(
        tree.root, tree.files, frozenset(tree.selected), load(root),
        frozenset({"process-patched"}),
    )  # fmt: skip
    chosen = [pages()[name] for name in names]
    compute(chosen, request, texts, Split(), lambda outcome, paths: frozenset())
    return texts


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_does_not_matter(seed: int, project: Path, whole: Texts) -> None:
    assert shuffled(seed) != list(pages())
    assert after(shuffled(seed), project) == whole
    assert whole != after([], project)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_part_of_the_series_and_then_all_of_it_is_the_whole(
    seed: int, project: Path, whole: Texts
) -> None:
    order = shuffled(seed)
    for names in (order[: len(order) // 2], pages()):
        for path, text in after(names, project).items():
            (project / path).write_bytes(text)
    assert {path: (project / path).read_bytes() for path in whole} == whole
