"""The points of a burn-down: which commits they are, and what is counted at each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deventlet.burndown import Burndown, Point
from deventlet.config import Config
from deventlet.history import (
    FlightProblem,
    Stepping,
    StepProblem,
    Wanted,
    cache,
    read_history,
)
from deventlet.history.read import is_home
from deventlet.history.trees import differences, empty_tree
from deventlet.source.git import Git
from tests.deventlet.history.conftest import Repository

SLEEPS = "import eventlet\n\n\ndef f():\n    eventlet.sleep(1)\n"
ONE, TWO = SLEEPS, SLEEPS + "    eventlet.spawn(f)\n"
PLAIN = Config()
NONE = "def f():\n    pass\n"


def read(root: Path, config: Config = PLAIN, **wanted: Any) -> Burndown:
    return read_history(Git(root), "proj", Wanted(**wanted), config)


def numbers(found: Burndown) -> list[tuple[str, int]]:
    return [(point.label, point.uses) for point in found.points]


def last(root: Path, config: Config = PLAIN) -> Point:
    return read(root, config).points[-1]


def test_a_week_ends_on_sunday_with_what_the_branch_had_then(
    repository: Repository,
) -> None:
    repository.commit("2025-01-01", {"a.py": TWO})  # a Wednesday
    repository.commit("2025-01-04", {"a.py": ONE})
    repository.commit("2025-01-05", {"a.py": TWO})  # the Sunday of week 1
    repository.commit("2025-01-21", {"a.py": NONE})  # none in week 3's
    found = read(repository.root)
    assert [(p.label, p.date, p.uses) for p in found.points] == [
        ("2025-W01", "2025-01-05", 2),
        ("2025-W02", "2025-01-12", 2),
        ("2025-W03", "2025-01-19", 2),
        ("2025-W04", "2025-01-21", 0),
    ]


def test_the_last_commit_on_a_sunday_is_one_point(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": TWO})
    repository.commit("2025-01-12", {"a.py": ONE})
    assert numbers(read(repository.root)) == [("2025-W01", 2), ("2025-W02", 1)]


def test_months_tags_and_every_nth_commit(repository: Repository) -> None:
    for day, text in (("01-10", TWO), ("02-10", ONE), ("02-20", ONE), ("04-02", NONE)):
        repository.commit(f"2025-{day}", {"a.py": text})
        repository.git("tag", f"v{day}")
    repository.git("tag", "-a", "-m", "Annotated", "v02-10-a", "v02-10")
    repository.git("tag", "-d", "v02-20")
    root = repository.root
    assert numbers(read(root, stepping=Stepping("month"))) == [
        ("2025-01", 2),
        ("2025-02", 1),
        ("2025-03", 1),
        ("2025-04", 0),
    ]
    assert numbers(read(root, stepping=Stepping("tag"))) == [
        ("v01-10", 2),
        ("v02-10", 1),
        ("v02-10-a", 1),
        ("v04-02", 0),
    ]
    every = read(root, stepping=Stepping("commit", 2))
    assert [point.uses for point in every.points] == [1, 0]


def test_a_history_begins_at_a_date_or_a_commit(repository: Repository) -> None:
    repository.commit("2024-01-01", {"a.py": TWO})
    repository.commit("2024-06-01", {"a.py": ONE})
    repository.git("tag", "begin")
    repository.commit("2024-06-14", {"a.py": NONE})
    for since in ("begin", "2024-06-01"):
        found = read(repository.root, stepping=Stepping(since=since))
        assert [point.uses for point in found.points] == [1, 1, 0]
    for wrong in ("never", "2024-13-01"):
        with pytest.raises(StepProblem, match=wrong):
            read(repository.root, stepping=Stepping(since=wrong))


def test_a_merge_counts_on_the_day_of_the_merge(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": TWO, "b.py": ONE})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("2025-01-06", {"a.py": NONE})
    repository.git("checkout", "-q", "master")
    repository.commit("2025-01-07", {"b.py": TWO})
    repository.git("merge", "-q", "--no-ff", "side", "-m", "M", day="2025-01-15")
    assert [p.uses for p in read(repository.root).points] == [3, 4, 2]


def test_code_tests_and_shim_are_apart(repository: Repository) -> None:
    repository.commit(
        "2025-01-01",
        {
            "proj/__init__.py": "",
            "proj/hub.py": "import eventlet\nspawn = eventlet.spawn\n",
            "proj/a.py": "from proj import hub\nimport eventlet\n"
            "hub.spawn(f)\neventlet.sleep()\nhub.spawn(g)\n",
            "proj/tests/test_a.py": "import eventlet\nfrom unittest import mock\n"
            "eventlet.sleep()\nmock.patch('eventlet.spawn')\n",
        },
    )
    point = last(repository.root, Config(shims=("proj.hub",)))
    assert point.by_place() == {"production": 1, "tests": 2, "shim": 1}
    assert point.by_pattern() == {"sleep": 2, "spawn": 2}
    assert point.by_pattern("tests") == {"sleep": 1, "spawn": 1}
    assert (point.uses, point.mocks, point.through) == (4, 1, 2)
    assert (point.imports, point.files) == (3, 3)
    without = last(repository.root)
    assert without.by_place() == {"production": 2, "tests": 2, "shim": 0}
    assert without.through == 0


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("proj/hub.py", True),
        ("src/proj/hub.py", True),
        ("proj/hub/__init__.py", True),
        ("proj/utils.py", True),
        ("tests/proj/hub.py", False),
        ("proj/hub/more.py", False),
        ("proj/other.py", False),
    ],
)
def test_the_home_of_a_shim(path: str, home: bool) -> None:
    assert is_home(path, ["proj.hub", "proj.utils.spawn"]) is home


def test_lines_are_counted_as_grep_does(repository: Repository) -> None:
    repository.commit(
        "2025-01-01",
        {
            "a.py": "# Eventlet, eventlet\nimport eventlet\n",
            "doc/x.rst": "EVENTLET\n\nnothing\neventlet",
            "releasenotes/notes/n.yaml": "eventlet\n",
            "binary": b"eventlet\n\0eventlet\n",
        },
    )
    said = subprocess.run(
        "grep --exclude-dir=releasenotes --exclude-dir=.git -i eventlet -R . | wc -l",
        shell=True,
        cwd=repository.root,
        check=True,
        capture_output=True,
    )
    assert last(repository.root).grep == 4 + 1
    assert last(repository.root).grep == int(said.stdout) + _told_on_stderr(said)


def _told_on_stderr(done: subprocess.CompletedProcess[bytes]) -> int:
    """Newer versions of grep say there that a binary file matches."""
    return done.stderr.count(b"matches")


def test_links_submodules_and_excluded_files_do_not_count(
    repository: Repository,
) -> None:
    (repository.root / "link.py").symlink_to("a.py")
    head = repository.commit("2025-01-01", {"a.py": ONE, "old/b.py": TWO})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    repository.git("commit", "-qm", "Submodule")
    assert last(repository.root, Config(exclude=("old/",))).uses == 1
    assert last(repository.root).uses == 3


def test_a_copy_of_eventlet_counts_at_no_point(repository: Repository) -> None:
    copy = {"lib/eventlet/hubs/hub.py": TWO, "lib/eventlet/b.py": TWO, "lib/c.py": ONE}
    repository.commit("2025-01-01", {"a.py": ONE, "lib/eventlet/b.py": TWO})
    repository.commit("2025-01-15", copy)
    repository.commit("2025-02-01", dict.fromkeys(copy))
    found = read(repository.root)
    assert [point.uses for point in found.points] == [1, 1, 2, 2, 1]
    assert found.copies == ("lib/eventlet/",)


def test_a_script_without_suffix_is_python(repository: Repository) -> None:
    script = repository.root / "bin"
    script.write_text("#!/usr/bin/env python3\n" + ONE)
    repository.commit("2025-01-01", {"data": "#!/usr/bin/env python3\n" + ONE})
    assert last(repository.root).uses == 0
    script.chmod(0o755)
    repository.commit("2025-01-02", {})
    assert last(repository.root).uses == 1


def test_what_cannot_be_parsed_is_told_and_not_counted(repository: Repository) -> None:
    repository.commit(
        "2025-01-01",
        {
            "a.py": ONE + "print 'x'\n",
            "b.py": b"# \xff eventlet\n",
            "c.py": "print 'x'\n",
        },
    )
    point = last(repository.root)
    assert (point.uses, point.unread, point.files) == (0, 2, 0)


def test_a_renamed_file_counts_by_its_new_place(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": ONE})
    repository.commit("2025-01-08", {"tests/b.py": ONE, "a.py": None})
    point = last(repository.root)
    assert point.by_place() == {"production": 0, "tests": 1, "shim": 0}


def test_a_folder_counts_by_itself(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a/b.py": ONE, "ab.py": TWO})
    found = read(repository.root, folder="a")
    assert (found.points[-1].uses, found.points[-1].grep) == (1, 2)


# Repositories of other kinds -----------------------------------------------------


def test_a_bare_repository_has_the_same_history(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2025-01-01", {"a.py": TWO})
    repository.commit("2025-01-08", {"a.py": ONE})
    repository.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    assert read(tmp_path / "bare") == read(repository.root)


def test_a_shallow_clone_says_so(repository: Repository, tmp_path: Path) -> None:
    repository.commit("2025-01-01", {"a.py": TWO})
    repository.commit("2025-01-08", {"a.py": ONE})
    url = f"file://{repository.root}"
    repository.git("clone", "-q", "--depth=1", url, str(tmp_path / "shallow"))
    found = read(tmp_path / "shallow")
    assert found.begins_late
    assert numbers(found) == [("2025-W02", 1)]
    assert not read(repository.root).begins_late


def test_what_the_clone_lacks_is_named(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": TWO, "b.py": ONE})
    repository.commit("2025-01-08", {"a.py": ONE})
    blob = repository.git("rev-parse", "HEAD~:a.py")
    (repository.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = read(repository.root)
    assert found.missing == ("a.py",)
    assert [point.uses for point in found.points] == [1, 2]


def test_a_repository_without_commits_is_a_problem(repository: Repository) -> None:
    with pytest.raises(StepProblem, match="no commit yet"):
        read(repository.root)


# The cache -----------------------------------------------------------------------


def cache_files(root: Path) -> list[Path]:
    return sorted((root / ".git" / "deventlet").iterdir())


def test_counts_are_kept_and_a_broken_cache_is_made_anew(
    repository: Repository,
) -> None:
    repository.commit("2025-01-01", {"a.py": TWO, "b.txt": "x"})
    repository.commit("2025-01-08", {"a.py": ONE})
    first = read(repository.root)
    (cache,) = cache_files(repository.root)
    kept = cache.read_bytes()
    assert read(repository.root) == first
    for wrong in (b"", b"[]", b"{", kept[:-9]):
        cache.write_bytes(wrong)
        assert read(repository.root) == first
        assert cache.read_bytes() == kept


def test_what_is_kept_is_what_is_told(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": ONE})
    read(repository.root)
    (cache,) = cache_files(repository.root)
    cache.write_bytes(cache.read_bytes().replace(b'sleep":1', b'sleep":7'))
    assert last(repository.root).uses == 7


def test_other_settings_have_counts_of_their_own(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": ONE})
    read(repository.root)
    read(repository.root, Config(shims=("proj.hub",)))
    assert len(cache_files(repository.root)) == 2


def test_nothing_is_kept_where_nothing_can_be_written(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": ONE})
    (repository.root / ".git" / "deventlet").write_text("in the way")
    assert last(repository.root).uses == 1


def test_a_disk_that_fills_up_leaves_no_file_behind(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    repository.commit("2025-01-01", {"a.py": ONE})
    monkeypatch.setattr("deventlet.history.cache.os.replace", full)
    assert last(repository.root).uses == 1
    assert list((repository.root / ".git" / "deventlet").iterdir()) == []


def test_kept_counts_are_for_all_of_the_code_that_counts() -> None:
    """Of what is loaded for it, only what each count is made from afterwards is out."""
    code = (
        "import sys, deventlet.uses, deventlet.resolve.processes.testing;"
        "names = [n for n in sys.modules if n.startswith('deventlet.')];"
        "print(*(sys.modules[n].__file__ for n in names))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    home = Path(cache.__file__).parents[1]
    loaded = {str(Path(name).relative_to(home)) for name in run.stdout.split()}
    packages = ("driver", "driver/subjects", "driver/reach")
    beside = {f"{name}/__init__.py" for name in packages}  # nothing but docstrings
    assert {
        name for name in loaded - beside if not name.startswith(tuple(cache.DECIDING))
    } == set()


# In flight -----------------------------------------------------------------------


def test_branches_in_flight_take_uses_away(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": TWO, "b.py": ONE})
    repository.git("checkout", "-q", "-b", "first")
    repository.commit("2025-01-02", {"a.py": ONE})
    repository.git("checkout", "-q", "-b", "second")
    repository.commit("2025-01-03", {"b.py": NONE})
    repository.git("checkout", "-q", "master")
    repository.commit("2025-01-04", {"c.py": TWO})
    found = read(repository.root, in_flight=("first", "second"))
    assert [(f.name, f.patches, dict(f.removes)) for f in found.in_flight] == [
        ("first", 1, {"spawn": 1}),
        ("second", 1, {"sleep": 1}),
    ]
    assert (found.points[-1].uses, found.flying) == (5, 2)


def test_patches_in_flight_are_applied_to_a_copy(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2025-01-01", {"a.py": TWO})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("2025-01-02", {"a.py": ONE})
    repository.commit("2025-01-03", {"a.py": NONE, "b.py": "x = 1\n"})
    folder = tmp_path / "patches"
    repository.git("format-patch", "-q", "-o", str(folder), "master")
    repository.git("checkout", "-q", "master")
    before = state(repository)
    (found,) = read(repository.root, in_flight=(str(folder),)).in_flight
    assert (found.patches, dict(found.removes)) == (2, {"sleep": 1, "spawn": 1})
    assert state(repository) == before


def state(repository: Repository) -> tuple[str, str]:
    """What git says of the repository, and how many objects it has."""
    status = repository.git("status", "--porcelain=v2", "--branch")
    return status, repository.git("count-objects", "-v")


def test_a_series_that_adds_is_negative(repository: Repository) -> None:
    repository.commit("2025-01-01", {"a.py": ONE})
    repository.git("checkout", "-q", "-b", "more")
    repository.commit("2025-01-02", {"a.py": TWO})
    repository.git("checkout", "-q", "master")
    assert read(repository.root, in_flight=("more",)).flying == -1


def test_what_is_no_series_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.commit("2025-01-01", {"a.py": ONE})
    stale = tmp_path / "stale.patch"
    stale.write_text("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("nowhere", "neither a branch"),
        (str(stale), "does not apply"),
        (str(tmp_path / "empty"), "neither a branch"),
    ):
        with pytest.raises(FlightProblem, match=said):
            read(repository.root, in_flight=(name,))


# Trees ---------------------------------------------------------------------------


def test_names_of_files_are_taken_as_they_are(repository: Repository) -> None:
    odd = "new\nline ü.py"
    repository.commit("2025-01-01", {odd: ONE, "b": "x"})
    git = Git(repository.root)
    tree = repository.git("rev-parse", "HEAD^{tree}")
    nothing = empty_tree(git)
    pairs = [(nothing, tree), (tree, tree), (tree, nothing)]
    first, same, back = differences(git, pairs)
    assert [file.path for file in first.come] == ["b", odd]
    assert (same.gone, same.come) == ((), ())
    assert back.gone == first.come
    assert last(repository.root).uses == 1
