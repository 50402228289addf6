from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deventlet import registry
from deventlet.registry import GROUP, PageError, UnknownName, parse_page

FRONT = 'name = "nap"\nsummary = "naps"\n'


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Nothing is remembered from one test to the next."""
    caches = (registry.pages, registry.reasons, registry.decider, registry.driver_page)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


class Collections:
    """Packages of codemods of somebody else's, found through entry points."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.points: list[importlib.metadata.EntryPoint] = []
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setattr(registry, "entry_points", self.find)

    def find(self, group: str) -> list[importlib.metadata.EntryPoint]:
        assert group == GROUP
        return self.points

    def add(self, package: str, **front_matters: str) -> None:
        sys.modules.pop(package, None)  # one of this name from another test
        (self.folder / package).mkdir()
        (self.folder / package / "__init__.py").touch()
        for name, front in front_matters.items():
            page = f'+++\nname = "{name}"\nsummary = "x"\n{front}+++\n\n# {name}\n'
            (self.folder / package / f"{name}.md").write_text(page)
        self.point_to(package)

    def point_to(self, package: str) -> None:
        point = importlib.metadata.EntryPoint(f"p{len(self.points)}", package, GROUP)
        self.points.append(point)


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collections:
    """No codemods but those of the test."""
    return Collections(tmp_path, monkeypatch)


# -- pages ---------------------------------------------------------------------------


def test_a_page_is_its_front_matter_and_its_text() -> None:
    page = parse_page(
        f'+++\n{FRONT}stage = "B"\nafter = ["sleep"]\n'
        '[replaces]\n"eventlet.nap" = "time.nap"\n'
        '[reasons."nap.long"]\nverdict = "refuse"\nsummary = "s"\nsuggestion = "t"\n'
        "+++\n\n# nap\n\n+++\n",
        "theirs.nap",
    )
    assert (page.name, page.summary, page.stage) == ("nap", "naps", "B")
    assert page.apis == ("eventlet.nap",)
    assert page.after == ("sleep",)
    assert page.reasons["nap.long"].code == "nap.long"
    assert page.reasons["nap.long"].verdict == "refuse"
    assert page.body == "\n# nap\n\n+++\n"
    assert page.module == "theirs.nap"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nap\n", "does not begin with"),
        ("+++\nname = \n+++\n", "front matter"),
        ('+++\nname = "nap"\n+++\n', "summary"),
        ('+++\nsummary = "naps"\n+++\n', "name"),
        (f'+++\n{FRONT}stage = "C"\n+++\n', "stage"),
        (f'+++\n{FRONT}replaces = "eventlet.nap"\n+++\n', "replaces"),
        (f'+++\n{FRONT}afer = ["sleep"]\n+++\n', "'afer'"),
        (f"+++\n{FRONT}[reasons.x]\nverdict = 'refuse'\n+++\n", "summary"),
        (
            f"+++\n{FRONT}[reasons.x]\nverdict = 'deny'\nsummary = 's'\n"
            "suggestion = 't'\n+++\n",
            "verdict",
        ),
        (f"+++\n{FRONT}reasons = 1\n+++\n", "`object`, got `int`"),
        (f"+++\n{FRONT}reasons.x = 1\n+++\n", "`object`, got `int`"),
    ],
)
def test_a_wrong_page_is_named_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(PageError) as wrong:
        parse_page(text, "theirs.nap")
    assert str(wrong.value).startswith("theirs.nap")
    assert said in str(wrong.value)


# -- collections ---------------------------------------------------------------------


def test_a_series_goes_by_stage_then_dependencies_then_names(
    others: Collections,
) -> None:
    others.add("first", zeta="", hub='stage = "B"\n', alpha='after = ["zeta"]\n')
    others.add("second", beta='after = ["alpha", "missing"]\n', app='stage = "B"\n')
    assert list(registry.pages()) == ["zeta", "alpha", "beta", "app", "hub"]


def test_what_tidies_up_comes_after_the_uses_of_both_stages(
    others: Collections,
) -> None:
    others.add("first", idle='about = "imports"\n', all='about = "files"\n')
    others.add("second", hub='stage = "B"\n', sleep="")
    assert list(registry.pages()) == ["sleep", "hub", "idle", "all"]


def test_the_order_does_not_depend_on_that_of_the_entry_points(
    others: Collections,
) -> None:
    others.add("second", b="", d='after = ["c"]\n')
    others.add("first", a='after = ["d"]\n', c="")
    forward = list(registry.pages())
    registry.pages.cache_clear()
    others.points.reverse()
    assert list(registry.pages()) == forward == ["b", "c", "d", "a"]


def test_codemods_that_wait_for_each_other_are_named(others: Collections) -> None:
    others.add("first", a='after = ["b"]\n', b='after = ["a"]\n')
    with pytest.raises(PageError, match=r"wait for each other: (a -> b|b -> a)"):
        registry.pages()


def test_stage_a_cannot_wait_for_stage_b(others: Collections) -> None:
    others.add("first", a='after = ["b"]\n', b='stage = "B"\n')
    with pytest.raises(PageError, match="wait for each other"):
        registry.pages()


def test_two_codemods_of_one_name_are_an_error(others: Collections) -> None:
    others.add("first", nap="")
    others.add("second", nap="")
    with pytest.raises(PageError, match="two codemods are called 'nap'"):
        registry.pages()


REASON = '[reasons."{}"]\nverdict = "refuse"\nsummary = "s"\nsuggestion = "t"\n'


def test_a_reason_code_belongs_to_one_page(others: Collections) -> None:
    others.add("first", a=REASON.format("nap.long"), b=REASON.format("nap.long"))
    with pytest.raises(PageError, match=r"'nap\.long' belongs to a and b"):
        registry.pages()


def test_a_reason_code_of_the_driver_is_taken(others: Collections) -> None:
    code = next(iter(registry.driver_page().reasons))
    others.add("first", a=REASON.format(code))
    with pytest.raises(PageError, match="belongs to the driver and a"):
        registry.pages()


def test_an_entry_point_that_leads_nowhere_is_named(others: Collections) -> None:
    others.point_to("not_installed_here")
    with pytest.raises(PageError, match="not_installed_here"):
        registry.pages()


def test_a_module_is_imported_only_for_a_decision(
    others: Collections, tmp_path: Path
) -> None:
    others.add("lazy_collection", nap="")
    code = "def decide(subject, context):\n    return subject\n"
    (tmp_path / "lazy_collection" / "nap.py").write_text(code)
    assert registry.page("nap").body == "\n# nap\n"
    assert "lazy_collection.nap" not in sys.modules
    decide = registry.decider("nap")
    assert decide.__module__ == "lazy_collection.nap"
    del sys.modules["lazy_collection.nap"]


def test_all_reasons_are_known_by_their_code(others: Collections) -> None:
    others.add("first", a=REASON.format("a.b"))
    table = registry.reasons()
    assert list(table) == sorted(table)
    assert table["a.b"].suggestion == "t"
    assert registry.driver_page().reasons.items() <= table.items()


def test_an_unknown_codemod_gives_the_nearest(others: Collections) -> None:
    others.add("first", nap="", wake="")
    with pytest.raises(UnknownName) as unknown:
        registry.page("nab")
    assert unknown.value.nearest == "nap"
    assert str(unknown.value) == "no codemod is called 'nab'; did you mean 'nap'?"
    with pytest.raises(UnknownName) as like_none:
        registry.page("zzzz")
    assert like_none.value.nearest is None


def test_reading_all_pages_imports_no_libcst() -> None:
    code = (
        "import sys; from deventlet import registry; assert registry.reasons(); "
        "sys.exit('libcst' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
