"""``plan``, and the parts of a large patch: what is planned is what is made."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deventlet.cli.test_apply import content, snapshot

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

NAP = "import eventlet\n\n\ndef nap():\n    eventlet.sleep({n})\n"
# Two services with their tests, one name that spans both, and a test of each.
SERVICES = {
    "setup.cfg": "[metadata]\nname = proj\n[options.entry_points]\n"
    "console_scripts =\n    proj = proj.cmd:main\n    proj-api = proj.main:api\n",
    "proj/api/__init__.py": "",
    "proj/api/a.py": NAP.format(n=1),
    "proj/api/b.py": NAP.format(n=2),
    "proj/api/v2/c.py": NAP.format(n=3),
    "proj/db/__init__.py": "",
    "proj/db/pause.py": "from eventlet import semaphore\n\n"
    "gate = semaphore.Semaphore()\n",
    "proj/db/user.py": "from proj.db import pause\n\n\n"
    "def f():\n    pause.gate.release(True)\n",
    "proj/db/q.py": "from eventlet import queue\n\njobs = queue.Queue()\n",
    "proj/tests/__init__.py": "import eventlet\neventlet.monkey_patch()\n",
    "proj/tests/unit/__init__.py": "",
    "proj/tests/unit/api/__init__.py": "",
    "proj/tests/unit/api/test_a.py": "from unittest import mock\n\n"
    "from proj.api import a\n\n\n@mock.patch('proj.api.a.eventlet.sleep')\n"
    "def test_a(sleep):\n    a.nap()\n    sleep.assert_called_once_with(1)\n",
    "proj/main.py": "import eventlet\neventlet.monkey_patch()\n"
    "from proj.api import a, b\nfrom proj.api.v2 import c\n"
    "from proj.db import q, user\n\n\ndef api():\n    eventlet.sleep(4)\n",
}
SPLITS: list[tuple[str, ...]] = [
    ("--split", "directory"),
    ("--split", "service"),
    ("--max-lines", "4"),
    ("--max-lines", "1"),
    ("--split", "directory", "--max-lines", "4"),
]


def planned(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    data = json.loads(done.stdout)
    assert data["version"] == 1
    return list(data["steps"])


def test_a_plan_writes_nothing_and_is_the_same_twice(
    make: Make, deventlet: Run
) -> None:
    root = make(SERVICES)
    before = snapshot(root)
    first = deventlet(root, "plan", "--format", "json")
    assert first.returncode == 0, first.stderr
    assert deventlet(root, "plan", "--format", "json").stdout == first.stdout
    assert snapshot(root) == before


@pytest.mark.parametrize("split", [(), *SPLITS], ids=" ".join)
def test_the_series_is_what_was_planned(
    make: Make, deventlet: Run, git: GitIn, split: tuple[str, ...]
) -> None:
    root = make(SERVICES)
    steps = planned(deventlet(root, "plan", "--format", "json", *split))
    deventlet(root, "apply", "--all", "--commit", *split)
    log = git(root, "log", "--reverse", "--format=%s", "master..eventlet-removal")
    assert log.splitlines() == [step["subject"] for step in steps]
    tip = f"eventlet-removal~{len(steps)}"
    assert git(root, "rev-parse", tip) == git(root, "rev-parse", "master")
    for back, step in zip(range(len(steps) - 1, -1, -1), steps, strict=True):
        at = f"eventlet-removal~{back}"
        stat = git(root, "diff", "--numstat", f"{at}~1", at).split("\n")[:-1]
        numbers = [line.split("\t") for line in stat]
        assert sum(int(added) for added, _, _ in numbers) == step["added"]
        assert sum(int(removed) for _, removed, _ in numbers) == step["removed"]
        both = [*step["files"], *step["tests"]]  # type: ignore[misc]
        assert sorted(path for _, _, path in numbers) == sorted(both)


@pytest.mark.parametrize("split", SPLITS, ids=" ".join)
def test_a_split_series_ends_where_the_whole_one_does(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path, split: tuple[str, ...]
) -> None:
    root = make(SERVICES)
    deventlet(root, "apply", "--all", "--commit", *split)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", "eventlet-removal", str(root), str(clone))
    deventlet(root, "apply", "--all")
    assert content(clone) == content(root)
    ids = git(root, "log", "--format=%(trailers:key=Change-Id,valueonly)", "-20")
    found = ids.split()
    assert len(found) == len(set(found))


@pytest.mark.parametrize("split", ["directory", "service"])
def test_parts_are_folders_or_services_with_their_tests(
    make: Make, deventlet: Run, split: str
) -> None:
    done = deventlet(make(SERVICES), "plan", "--format", "json", "--split", split)
    main = ["proj/main.py"]  # the module of the command, beside the service's folder
    above, inside = (main, []) if split == "directory" else ([], main)
    parts = {
        step["subject"]: ([*step["files"]], [*step["tests"]])  # type: ignore[misc]
        for step in planned(done)
        if step["codemod"] == "sleep"
    }
    assert parts == {
        "Replace eventlet.sleep with time.sleep in proj": (
            [*above, "proj/worker.py"],
            [],
        ),
        "Replace eventlet.sleep with time.sleep in proj/api": (
            ["proj/api/a.py", "proj/api/b.py", "proj/api/v2/c.py", *inside],
            ["proj/tests/unit/api/test_a.py"],
        ),
    }


def test_a_limit_keeps_together_what_changes_together(
    make: Make, deventlet: Run
) -> None:
    gate = "from eventlet import semaphore\n\n\nclass Gate:\n"
    more = {"proj/db/gate.py": f"{gate}    lock = semaphore.Semaphore()\n"}
    root = make({**SERVICES, **more})
    done = deventlet(root, "plan", "--format", "json", "--max-lines", "1")
    files = [step["files"] for step in planned(done) if step["codemod"] == "semaphore"]
    assert sorted(map(str, files)) == [
        "['proj/db/gate.py']",
        "['proj/db/pause.py', 'proj/db/user.py']",
    ]


def test_risk_order_and_what_stands_on_what(make: Make, deventlet: Run) -> None:
    files = {
        "proj/worker.py": "from eventlet import queue, sleep\n\n"
        "jobs = queue.Queue()\n\n\ndef work(n):\n    sleep(n)\n",
        "proj/other.py": "import eventlet\n\n\ndef f():\n    eventlet.sleep(1)\n",
    }
    steps = planned(deventlet(make(files), "plan", "--format", "json"))
    by_name = {step["codemod"]: step for step in steps}
    assert by_name["queue"]["risk"] == "low"
    assert by_name["sleep"]["risk"] == "look"
    assert by_name["sleep"]["caveats"] == {"sleep.negative": 2}
    assert by_name["queue"]["stands_on"] == [by_name["sleep"]["number"]]


def test_what_waits_and_what_stays_is_counted(make: Make, deventlet: Run) -> None:
    files = {
        "proj/cmd.py": "",
        "proj/other.py": "import eventlet\neventlet.sleep(None)\n",
    }
    root = make(files)
    data = json.loads(deventlet(root, "plan", "--format", "json").stdout)
    assert data["steps"] == []
    (left,) = data["left"]
    assert (left["waiting"], left["refused"]) == (
        {"process-patched": 1},
        {"sleep.arguments": 1},
    )
    assumed = deventlet(root, "plan", "--assume", "process-patched", "-f", "json")
    assert [step["risk"] for step in planned(assumed)] == ["assumed"]


def test_what_stage_b_waits_for_is_named(make: Make, deventlet: Run) -> None:
    files = {
        "proj/cmd.py": (
            "import eventlet\neventlet.monkey_patch()\nfrom proj import work\n"
            "\n\ndef main():\n    work.go()\n"
        ),
        "proj/work.py": "import eventlet\n\n\ndef go():\n"
        + "    eventlet.sleep(None)\n" * 5,
        "proj/more.py": "import eventlet\n\n\ndef go():\n"
        + "    eventlet.sleep(None)\n" * 5,
    }
    root = make(files)
    said = deventlet(root, "plan").stdout.decode()
    assert (
        "  monkey-patch: 1 stage.blocked\n    behind proj/more.py:5,6,7,8,9\n"
        "    behind proj/work.py:5,6,7\n    and 2 more\n"
    ) in said
    data = json.loads(deventlet(root, "plan", "--format", "json").stdout)
    (left,) = (each for each in data["left"] if each["codemod"] == "monkey-patch")
    assert left["behind"] == [
        f"proj/{name}.py:{line}" for name in ("more", "work") for line in range(5, 10)
    ]
    listed = deventlet(root, "plan", "--format", "markdown").stdout.decode()
    assert "  - behind proj/work.py:5,6,7\n  - and 2 more\n" in listed


def test_the_table_is_read_in_80_columns(make: Make, deventlet: Run) -> None:
    done = deventlet(make(SERVICES), "plan")
    lines = done.stdout.decode().splitlines()
    assert re.match(r"#  codemod +stage +risk +sites +files +lines +on$", lines[0])
    assert all(len(line) <= 80 for line in lines)
    assert "should be green" in done.stderr.decode()


GREEN = f"{sys.executable} -c 'import proj.worker'"
RED = "echo 17 wrong; exit 1"
REPORTED = (
    'echo \'<t><testcase name="a"/><testcase name="b"><failure/></testcase></t>\' > r'
)


def test_a_plan_offers_the_run_of_the_tests_that_the_project_has(
    make: Make, deventlet: Run
) -> None:
    said = deventlet(make(SERVICES), "plan").stderr.decode()
    assert "your unit tests should be green" in said
    assert "  deventlet plan --verify 'python -m pytest -q'\n" in said
    assert "apply --all --commit --verify 'python -m pytest -q'\n" in said
    root = make({**SERVICES, ".stestr.conf": "[DEFAULT]\n"}, name="other")
    said = deventlet(root, "plan").stderr.decode()
    line = "--verify 'python -m stestr run --subunit > report.subunit' "
    assert f"  deventlet plan {line}--subunit report.subunit\n" in said


def test_what_a_plan_offers_is_about_the_series_that_it_shows(
    make: Make, deventlet: Run
) -> None:
    same = (
        "proj/api", "--split", "directory", "--max-lines", "9", "--assume",
        "green-free", "--profile", "native",
    )  # fmt: skip
    said = deventlet(make(SERVICES), "plan", *same).stderr.decode()
    assert f"  deventlet plan {' '.join(same)} --verify '" in said
    assert f"  deventlet apply --all --commit {' '.join(same)} --verify '" in said


@pytest.mark.parametrize(
    ("line", "more", "code", "words"),
    [
        (GREEN, (), 0, "the tests pass before the series"),
        (RED, (), 1, "17 wrong\ndeventlet: the tests fail before the series"),
        (REPORTED, ("--junit", "r"), 1, "before the series 1 test failed"),
        ("true", ("--junit", "r"), 1, "the tests fail before the series"),
        ("sleep 60", ("--verify-timeout", "1"), 1, "the tests fail before the series"),
    ],
)
def test_a_plan_runs_the_tests_once_and_leaves_nothing(
    make: Make, deventlet: Run, line: str, more: tuple[str, ...], code: int, words: str
) -> None:
    root = make(SERVICES)
    before = snapshot(root)
    done = deventlet(root, "plan", "--format", "json", "--verify", line, *more)
    assert done.returncode == code
    assert planned(done)
    assert words in done.stderr.decode()
    after = snapshot(root)
    assert after.keys() == before.keys()


def test_tests_before_the_series_need_a_commit(deventlet: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(NAP.format(n=1))
    call = ("plan", "--assume", "process-patched", "--verify", "true")
    done = deventlet(tmp_path, *call)
    assert done.returncode == 2
    assert "commit first" in done.stderr.decode()


def test_markdown_has_a_box_for_each_patch(make: Make, deventlet: Run) -> None:
    done = deventlet(make(SERVICES), "plan", "--format", "markdown")
    said = done.stdout.decode()
    assert said.count("- [ ] merged\n") == 4
    assert "| 1 | sleep " in said


STAGES = {
    "proj/__init__.py": "",
    "proj/main.py": "import eventlet\nfrom eventlet import tpool\n\n\ndef main():\n"
    "    eventlet.sleep(1)\n    return tpool.execute(len, '')\n\n\n"
    "if __name__ == '__main__':\n    main()\n",
}


def test_stage_b_is_asked_about_what_stage_a_has_left(
    make: Make, deventlet: Run
) -> None:
    root = make(STAGES)
    alone = deventlet(root, "apply", "--codemod", "tpool", "--dry-run")
    assert b"stage.blocked" in alone.stdout
    assert b"proj/main.py:6" in alone.stdout
    whole = planned(deventlet(root, "plan", "--format", "json"))
    codemods = [step["codemod"] for step in whole]
    assert codemods == ["sleep", "tpool", "monkey-patch"]


SETUP = (
    "[options.entry_points]\nconsole_scripts =\n    api = proj.api:main\n"
    "    worker = proj.worker:main\n    again = proj.worker:main\n"
)
DAEMONS = {
    "setup.cfg": SETUP,
    "proj/api.py": "import eventlet\neventlet.monkey_patch()\nimport signal\n\n\n"
    "def main():\n    signal.signal(signal.SIGHUP, print)\n",
    "proj/worker.py": "import eventlet\neventlet.monkey_patch()\nimport os\n\n\n"
    "def loop():\n    while True:\n        eventlet.sleep(60)\n\n\n"
    "def main():\n    eventlet.spawn_n(loop)\n    if os.fork() == 0:\n"
    "        os._exit(1)\n",
}


def test_how_processes_start_and_end_is_listed_for_each(
    make: Make, deventlet: Run
) -> None:
    root = make(DAEMONS)
    data = json.loads(deventlet(root, "plan", "--format", "json").stdout)
    assert data["services"] == [
        {"entry_points": ["again", "proj/cmd.py", "worker"], "moments": {
            "exit": ["proj/worker.py:14"], "fork": ["proj/worker.py:13"],
            "hazard.fork": ["proj/worker.py"],
        }},
        {"entry_points": ["api"], "moments": {"signal": ["proj/api.py:7"]}},
    ]  # fmt: skip
    text = deventlet(root, "plan").stdout.decode()
    assert "\n  again, proj/cmd.py, worker\n    fork: proj/worker.py:13\n" in text
    assert "\nsignal: signal.signal() raises anywhere but in the main thread" in text
    listed = deventlet(root, "plan", "--format", "markdown").stdout.decode()
    assert (
        "\n## How processes start and end\n\n- again, proj/cmd.py, worker\n  - fork: "
        in listed
    )


def test_many_commands_and_places_are_counted(make: Make, deventlet: Run) -> None:
    names = [f"c{number}" for number in range(6)]
    scripts = "".join(f"    {name} = proj.api:main\n" for name in names)
    calls = "    signal.signal(1, print)\n" * 5
    root = make({
        "setup.cfg": f"[options.entry_points]\nconsole_scripts =\n{scripts}",
        "proj/api.py": "import eventlet\neventlet.monkey_patch()\nimport signal\n\n\n"
        f"def main():\n{calls}",
    })  # fmt: skip
    text = deventlet(root, "plan").stdout.decode()
    assert "\n  c0, c1, c2, c3 and 2 more\n" in text
    places = ", ".join(f"proj/api.py:{line}" for line in (7, 8, 9))
    assert f"    signal: {places} and 2 more\n" in text
