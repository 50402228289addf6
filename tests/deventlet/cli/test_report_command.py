"""``report``: a page of one project, and of several."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]


def test_a_page_is_written_and_nothing_else(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    done = deventlet(root, "report")
    page = (root / "deventlet-report.html").read_text()
    assert done.returncode == 0
    assert done.stdout == b""
    assert b"wrote deventlet-report.html" in done.stderr
    assert git(root, "status", "--porcelain") == "?? deventlet-report.html\n"
    assert "Replace eventlet.sleep" in page
    assert "<i>5</i>    eventlet.sleep(1)" in page


def test_the_same_project_gives_the_same_page(make: Make, deventlet: Run) -> None:
    root = make()
    pages = []
    for _ in range(2):
        deventlet(root, "report", "-o", "../page.html")
        pages.append((root / "../page.html").read_bytes())
    assert pages[0] == pages[1]


def test_lines_are_links_to_the_last_commit(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make({".gitreview": "[gerrit]\nproject=openstack/proj.git\n"})
    deventlet(root, "report", "--link-template", "opendev")
    head = git(root, "rev-parse", "HEAD").strip()
    link = f"https://opendev.org/openstack/proj/src/commit/{head}/proj/worker.py#L5"
    assert link in (root / "deventlet-report.html").read_text()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--link-template", "gitlab"), b"--link-template: give github or opendev"),
        (("-o", "missing/page.html"), b"there is no folder missing"),
        (("-o", "."), b"it is a folder"),
        (("nowhere",), b"nowhere"),
        (("--assume", "nothing"), b"assumption"),
        (("--in-flight", "nowhere"), b"--in-flight: nowhere"),
        (("--in-flight", "HEAD", "--no-history"), b"no chart with --no-history"),
    ],
)
def test_bad_input_is_told_before_any_work(
    make: Make, deventlet: Run, args: tuple[str, ...], said: bytes
) -> None:
    root = make()
    done = deventlet(root, "report", *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (root / "deventlet-report.html").exists()


def test_a_file_that_cannot_be_parsed_is_on_the_page(
    make: Make, deventlet: Run
) -> None:
    root = make({"proj/broken.py": "import eventlet\ndef (:\n"})
    done = deventlet(root, "report", "--no-history")
    assert done.returncode == 3
    assert b"proj/broken.py" in done.stderr
    assert "Not looked at" in (root / "deventlet-report.html").read_text()


def test_a_folder_without_git_has_no_history(deventlet: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import eventlet\neventlet.sleep(1)\n")
    assert deventlet(tmp_path, "report").returncode == 0
    assert "<svg" not in (tmp_path / "deventlet-report.html").read_text()


def test_the_chart_is_of_the_folder_that_is_shown(
    make: Make, deventlet: Run, git: GitIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
    root = make({"other/b.py": "import eventlet\neventlet.sleep(1)\n"})
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-02-01T00:00:00Z")
    (root / "other" / "b.py").write_text("")
    git(root, "commit", "-qam", "Less")
    said = []
    for path in (".", "other"):
        assert deventlet(root, "report", path).returncode == 0
        page = (root / "deventlet-report.html").read_text()
        said.append(re.findall(r"<desc[^>]*>(\d+) uses.*; (\d+) uses", page))
    assert said == [[("3", "2")], [("1", "0")]]


def test_a_series_in_flight_is_in_the_chart(
    make: Make, deventlet: Run, git: GitIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
    root = make()
    git(root, "checkout", "-qb", "series")
    (root / "proj" / "worker.py").write_text("")
    git(root, "commit", "-qam", "Take it out")
    git(root, "checkout", "-q", "-")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-02-01T00:00:00Z")
    git(root, "commit", "-q", "--allow-empty", "-m", "On")
    assert deventlet(root, "report", "--in-flight", "series").returncode == 0
    page = (root / "deventlet-report.html").read_text()
    assert "In flight: <code>series</code>, 1 patch, 1 use fewer" in page


def test_several_repositories_are_a_map(
    deventlet: Run, tmp_path: Path, git: GitIn
) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        git(folder, "init", "-q")
        (folder / "a.py").write_text("import eventlet\neventlet.sleep(1)\n")
    done = deventlet(tmp_path, "report", "one", "two", "-o", "map.html")
    page = (tmp_path / "map.html").read_text()
    assert done.returncode == 0
    assert "Eventlet in 2 projects" in page
    assert '<th scope="row">one</th>' in page
    assert '<th scope="row">two</th>' in page


def test_repositories_of_one_name_are_told_apart(
    deventlet: Run, tmp_path: Path, git: GitIn
) -> None:
    for name in ("a/proj", "b/proj"):
        (tmp_path / name).mkdir(parents=True)
        git(tmp_path / name, "init", "-q")
    paths = ("a/proj", "b/proj", "a/proj")
    assert deventlet(tmp_path, "report", *paths, "-o", "map.html").returncode == 0
    page = (tmp_path / "map.html").read_text()
    assert page.count('<th scope="row">a/proj</th>') == 1
    (tmp_path / "b/proj/pyproject.toml").write_text("[tool.deventlet]\nbogus = 1\n")
    done = deventlet(tmp_path, "report", *paths, "-o", "map.html")
    assert done.returncode == 2
    assert b"b/proj: pyproject.toml: there is no key" in done.stderr
