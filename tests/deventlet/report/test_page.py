from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from deventlet.burndown import Burndown, Count, InFlight, Point
from deventlet.codemod import Proposal, Term
from deventlet.inventory import Hazard, Inventory, Pool
from deventlet.plan import Plan, Remainder, Service, Step
from deventlet.report.page import (
    Contents,
    Excerpt,
    LinkProblem,
    Links,
    Row,
    map_page,
    project_page,
)
from deventlet.report.page.view import View
from deventlet.report.plan import MOMENTS
from tests.deventlet.report.inventories import EMPTY, HOSTILE, REASONS, SMALL, entry

VOID = {"meta", "link", "input", "br"}
NO_PLAN = Plan("proj", (), ())


class Reader(HTMLParser):
    """A page as its tags; fails where one is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(read(page).words))


def contents(found: Inventory, **more: object) -> Contents:
    return replace(Contents(found, NO_PLAN, (), REASONS, {}), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "found", [EMPTY, SMALL, HOSTILE], ids=["empty", "small", "bad"]
)
def test_every_tag_is_closed_and_nothing_is_loaded(found: Inventory) -> None:
    tags = read(project_page(contents(found))).tags
    for name, attributes in tags:
        assert name not in ("iframe", "object", "embed", "base")
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("src") is None
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    policy = next(a["content"] for n, a in tags if a.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'")


def test_every_site_is_a_row_that_a_filter_can_find() -> None:
    rows = [
        attributes
        for name, attributes in read(project_page(contents(SMALL))).tags
        if name == "details" and attributes.get("class") == "site"
    ]
    assert len(rows) == len(SMALL.entries)
    places = Counter(str(row["data-place"]) for row in rows)
    assert places["tests"] == sum(entry.test for entry in SMALL.entries)
    assert {str(row["data-codemod"]) for row in rows} == {
        entry.codemod for entry in SMALL.entries
    }
    for row, each in zip(rows, sorted(SMALL.entries), strict=True):
        assert each.site.path.lower() in str(row["data-words"])
        assert each.reason in str(row["data-words"])


def test_text_of_a_file_is_text() -> None:
    site = entry("a<b>.py", 3, "refuse", "x.y", source='f("<script>alert(1)</script>")')
    evil = "</pre><script>alert(1)</script>"
    found = replace(EMPTY, project="<b>p", entries=(site,))
    excerpts = {("a<b>.py", 3): Excerpt(2, ("", evil, "\x1b[31m \udcff"))}
    page = project_page(contents(found, excerpts=excerpts))
    tags = Counter(name for name, _ in read(page).tags)
    assert tags["script"] == 1
    assert "&lt;/pre&gt;&lt;script&gt;" in page
    assert "\x1b" not in page
    page.encode()  # raises for a byte that is not UTF-8, were it not an escape


def test_the_line_of_a_site_is_marked_among_those_around() -> None:
    found = replace(EMPTY, entries=(entry("a.py", 3),))
    excerpts = {("a.py", 3): Excerpt(2, ("before", "it", "after"))}
    page = project_page(contents(found, excerpts=excerpts))
    lines = re.findall(r'<span class="(on|off)"><i>(\d+)</i>(\w+)', page)
    assert lines == [("off", "2", "before"), ("on", "3", "it"), ("off", "4", "after")]


def test_the_matrix_counts_each_site_once() -> None:
    view = View(contents(SMALL))
    assert sum(row.total.sites for row in view.matrix) == len(SMALL.entries)
    for row in view.matrix:
        assert sum(cell.sites for cell in row.cells) == row.total.sites
    assert view.matrix[-1].name == "tests"


def test_packages_are_named_by_two_folders() -> None:
    paths = ("top.py", "a/x.py", "a/b/x.py", "a/b/c/x.py")
    found = replace(EMPTY, entries=tuple(entry(path, 1) for path in paths))
    rows = {row.name: row.total.sites for row in View(contents(found)).matrix}
    assert rows == {"(top)": 1, "a": 1, "a/b": 2}


def test_an_empty_project_says_so() -> None:
    words = text_of(project_page(contents(EMPTY)))
    assert "No use of Eventlet in 1 Python file." in words
    assert "Nothing of Eventlet is left in the code." in words


def test_the_plan_says_what_each_patch_is_and_what_stays() -> None:
    step = Step(
        1, "sleep", "nova/api", "Replace eventlet.sleep", "A", "look", 3,
        ("a.py",), ("test_a.py",), 5, 4, {"sleep.negative": 2}, {}, (),
    )  # fmt: skip
    refused = {"spawn.stored": 7, "sleep.negative": 1}
    left = Remainder("spawn", "A", {"process-patched": 4}, refused)
    words = text_of(project_page(contents(SMALL, plan=Plan("p", (step,), (left,)))))
    assert "look sleep: nova/api 3 sites in 2 files, +5 −4, by itself" in words
    assert "sleep.negative (2): a negative value raises now" in words
    assert "look : proven; a corner changes" in words
    assert "4 until you say --assume process-patched" in words
    assert "7 spawn.stored" in words
    assert "1 sleep.negative a negative value raises now" in words


def test_it_is_said_how_processes_start_and_end() -> None:
    service = Service(("proj-api", "proj-worker"), {"fork": ("proj/cmd.py:3",)})
    plan = replace(NO_PLAN, services=(service,))
    words = text_of(project_page(contents(EMPTY, plan=plan)))
    assert "proj-api, proj-worker fork proj/cmd.py:3" in words
    assert MOMENTS["fork"] in words


def test_pools_and_endless_starts_stand_with_their_cost() -> None:
    pools = (Pool("a.py", 5, "eventlet.GreenPool", 1000, "1000, the default", False),)
    hazard = Hazard("b.py", 6, "hazard.unbounded", "starts threads", (), False)
    found = replace(EMPTY, hazards=(hazard,))
    words = text_of(project_page(contents(found, pools=pools)))
    assert "1,000 17 MiB to 39 MiB, 7.8 GiB reserved a.py:5 GreenPool" in words
    assert "no bound – b.py:6 starts threads" in words


def test_a_proposal_is_shown_argument_by_argument() -> None:
    proposal = Proposal(
        "cheroot.wsgi.Server",
        ("server = wsgi.Server()",),
        (Term("max_size", "9", "numthreads", "threads, not connections"),),
        (Term("access log", "", "", "is not written"),),
    )
    site = replace(entry("a.py", 1, "refuse", "x.y"), proposal=proposal)
    words = text_of(project_page(contents(replace(EMPTY, entries=(site,)))))
    assert "max_size 9 numthreads threads, not connections" in words
    assert "access log nothing is not written" in words


def point(label: str, uses: int) -> Point:
    counts = (Count("production", "sleep", "use", "eventlet.sleep", uses),)
    return Point(label, "2026-01-01", "c" * 40, counts, 0, 0, 1, uses + 1, 0)


@pytest.mark.parametrize(("points", "charts"), [(0, 0), (1, 0), (2, 1)])
def test_a_history_of_one_point_is_no_chart(points: int, charts: int) -> None:
    known = Burndown("proj", "week", tuple(point(f"W{n}", n) for n in range(points)))
    page = project_page(contents(SMALL, burndown=known))
    assert page.count("<svg") == charts
    assert ('href="#history"' in page) is bool(charts)


@pytest.mark.parametrize(("removes", "said"), [(2, "2 uses fewer"), (-1, "1 use more")])
def test_series_in_flight_are_in_the_chart_and_below(removes: int, said: str) -> None:
    series = InFlight("review/<x>", 3, {"sleep": removes})
    known = Burndown("proj", "week", (point("W1", 5), point("W2", 4)), (series,))
    page = project_page(contents(SMALL, burndown=known))
    assert ('<rect class="fly"' in page) is (removes > 0)
    assert f"In flight: review/<x> , 3 patches, {said}" in text_of(page)


def test_places_are_links_where_a_template_says_how() -> None:
    links = Links.of("opendev", "openstack/nova", "abc")
    found = replace(EMPTY, entries=(entry("a b/ü.py", 7),))
    tags = read(project_page(contents(found, links=links))).tags
    hrefs = [a["href"] for name, a in tags if name == "a" and a.get("href")]
    assert (
        "https://opendev.org/openstack/nova/src/commit/abc/a%20b/%C3%BC.py#L7" in hrefs
    )


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("github", "https://github.com/o/r/blob/abc/a.py#L7"),
        ("https://x.org/{path}?l={line}", "https://x.org/a.py?l=7"),
        ("http://x.org/{project}/{revision}/{path}", "http://x.org/o/r/abc/a.py"),
    ],
)
def test_a_template_is_filled_in(template: str, link: str) -> None:
    assert Links.of(template, "o/r", "abc").to("a.py", 7) == link


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("javascript:alert({path})", "give github or opendev, or a URL"),
        ("gitlab", "give github or opendev, or a URL"),
        ("https://x.org/", "with {path}"),
        ("https://x.org/{path}/{branch}", "there is no {branch}"),
        ("https://x.org/{path", "expected '}'"),
        ("https://x.org/{path.__class__}", "there is no {path.__class__}"),
        ("https://x.org/{path!r}", "only plain names"),
        ("https://x.org/{path:>9}", "only plain names"),
        ("https://x.org/{}{path}", "there is no {}"),
    ],
)
def test_what_is_no_link_is_refused(template: str, said: str) -> None:
    with pytest.raises(LinkProblem) as caught:
        Links.of(template, "o/r", "abc")
    assert said in str(caught.value)


def test_a_link_to_a_commit_needs_one() -> None:
    with pytest.raises(LinkProblem, match="no commit"):
        Links.of("github", "o/r", "")


def test_the_map_has_a_row_for_each_project_the_largest_first() -> None:
    rows = [Row(EMPTY), Row(replace(SMALL, project="<large>"))]
    page = map_page(rows, "1")
    reader = read(page)
    assert not any(name == "large" for name, _ in reader.tags)
    first = page.index("&lt;large&gt;")
    assert first < page.index(EMPTY.project, first)
    assert f"{len(SMALL.entries)} sites." in text_of(page)
