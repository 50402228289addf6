"""The command ``scan``: its options with a stand-in for the analysis, then without."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from deventlet.config import Config
from deventlet.inventory import Inventory
from deventlet.registry import reasons
from deventlet.report import as_json, markdown, sarif, table
from deventlet.source.discover import discover, matching
from deventlet.source.write import state_folder
from tests.deventlet.report.inventories import EMPTY, HOSTILE, SMALL

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]

CLEAN = replace(SMALL, problems={})
ASSUMPTION = next(code for code, r in reasons().items() if r.verdict == "assume")


@dataclass
class Analysis:
    """Stands in for the driver: gives an inventory, and remembers what was asked."""

    found: Inventory = CLEAN
    asked: list[tuple[Path, Sequence[str], set[str], Config, frozenset[str]]] = field(
        default_factory=list
    )

    def take(
        self,
        root: Path,
        tree_files: Sequence[str],
        selected: Collection[str],
        config: Config,
        assume: frozenset[str],
    ) -> Inventory:
        """What the driver's ``take_inventory`` takes and gives."""
        self.asked.append((root, tree_files, set(selected), config, assume))
        return self.found


@pytest.fixture
def analysis(monkeypatch: pytest.MonkeyPatch) -> Analysis:
    """The analysis that the command runs."""
    made = Analysis()
    module = ModuleType("deventlet.driver.inventory")
    module.take_inventory = made.take  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return made


OURS = re.compile(r"\x1b\[[0-9;]*m")
REPORTS: dict[str, Callable[[Inventory], bytes]] = {
    "table": lambda found: table.text(found, reasons()).encode(),
    "json": as_json.encode,
    "sarif": lambda found: sarif.encode(found, reasons()),
    "markdown": lambda found: markdown.text(found, reasons()).encode(),
}


# -- formats -------------------------------------------------------------------------


@pytest.mark.parametrize("found", [CLEAN, HOSTILE, EMPTY], ids=["all", "odd", "empty"])
@pytest.mark.parametrize("form", REPORTS)
def test_a_pipe_and_a_file_get_the_same_bytes(
    make: Make, deventlet: Run, analysis: Analysis, form: str, found: Inventory
) -> None:
    analysis.found = found
    root = make()
    piped = deventlet(root, "scan", "--format", form)
    written = deventlet(root, "scan", "--format", form, "--output", "report.out")
    assert piped.stdout == REPORTS[form](found)
    assert (root / "report.out").read_bytes() == piped.stdout
    assert written.stdout == b""


def test_the_format_is_a_table_if_none_is_named(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    done = deventlet(make(), "scan")
    assert done.returncode == 0
    assert done.stdout == REPORTS["table"](CLEAN)
    assert done.stderr == b""


def test_verbose_leaves_nothing_out(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    root = make()
    assert b"m6.py" not in deventlet(root, "scan").stdout
    assert b"m6.py" in deventlet(root, "scan", "--verbose").stdout


@pytest.mark.parametrize(("name", "value"), [("COLUMNS", "20"), ("NO_COLOR", "1")])
def test_a_pipe_gets_the_same_in_every_environment(
    make: Make,
    deventlet: Run,
    analysis: Analysis,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert deventlet(make(), "scan").stdout == REPORTS["table"](CLEAN)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is taken for a terminal of 80 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_colours_and_its_own_width(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    shown = deventlet(make(), "scan").stdout.decode()
    assert "\x1b[32m" in shown
    lines = [line.rstrip() for line in OURS.sub("", shown).splitlines()]
    assert lines == table.text(CLEAN, reasons(), width=80).splitlines()


@pytest.mark.usefixtures("terminal")
def test_nothing_of_a_file_steers_a_terminal(
    make: Make, deventlet: Run, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis.found = HOSTILE
    monkeypatch.setenv("NO_COLOR", "1")
    shown = deventlet(make(), "scan").stdout.decode()
    bare = shown.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert {c for c in bare if not c.isprintable()} == {"\n"}
    assert "c\\x1b[31mred\\x1b[0m.py:2" in bare


@pytest.mark.usefixtures("terminal")
def test_a_program_gets_its_format_on_a_terminal_as_in_a_pipe(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    done = deventlet(make(), "scan", "--format", "json")
    assert done.stdout == REPORTS["json"](CLEAN)


def test_no_use_of_eventlet_is_said_and_is_no_finding(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    analysis.found = EMPTY
    done = deventlet(make(), "scan", "--exit-code")
    assert done.returncode == 0
    assert done.stdout == b"proj: no use of Eventlet in 1 Python file\n"


# -- what is asked of the analysis ---------------------------------------------------


def test_the_paths_choose_what_is_shown_and_not_what_is_analysed(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    root = make()
    deventlet(root, "scan", "proj/worker.py")
    ((at, files, selected, _, assume),) = analysis.asked
    assert at == root.resolve()
    assert set(files) == {"proj/__init__.py", "proj/cmd.py", "proj/worker.py"}
    assert selected == {"proj/worker.py"}
    assert assume == frozenset()


def test_settings_and_assumptions_reach_the_analysis(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    root = make({"deventlet.toml": "exclude = ['worker.py']\nprofile = 'dual'\n"})
    deventlet(root, "scan", "--assume", ASSUMPTION)
    ((_, files, _, config, assume),) = analysis.asked
    assert "proj/worker.py" not in files
    assert config.profile == "dual"
    assert assume == {ASSUMPTION}


def test_a_copy_of_eventlet_is_said_and_not_analysed(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    copy = "vendor [1]/eventlet"
    root = make({f"{copy}/hubs/hub.py": "", f"{copy}/wsgi.py": "", "vendor/a.py": ""})
    done = deventlet(root, "scan")
    ((_, files, _, config, _),) = analysis.asked
    assert {path for path in files if "vendor" in path} == {"vendor/a.py"}
    said = f"deventlet: {copy}/ is a copy of Eventlet itself, and is not looked at\n"
    assert done.stderr == said.encode()
    assert matching([f"{copy}/README", "vendor/README"], config.exclude) == {
        f"{copy}/README"
    }


@pytest.mark.parametrize(
    ("text", "line"), [("[metadata]\nname = p\n%%%\n", 3), ("name = p\n", 1)]
)
def test_a_setup_cfg_that_cannot_be_parsed_is_named(
    make: Make, deventlet: Run, text: str, line: int
) -> None:
    done = deventlet(make({"setup.cfg": text}), "scan")
    said = (
        f"deventlet: setup.cfg:{line} cannot be parsed: the commands that it declares"
    )
    assert done.stderr.startswith(said.encode())
    assert done.returncode == 0


def test_it_is_said_that_eventlet_is_an_extra(make: Make, deventlet: Run) -> None:
    root = make({"setup.cfg": "[extras]\ngreen = eventlet\n"})
    said = b"deventlet: Eventlet is only an extra here (setup.cfg): "
    assert deventlet(root, "scan").stderr.startswith(said)
    (root / "requirements.txt").write_text("eventlet\n")
    assert deventlet(root, "scan").stderr == b""


def test_a_scan_writes_nothing(
    make: Make, deventlet: Run, analysis: Analysis, git: Callable[..., str]
) -> None:
    root = make()
    deventlet(root, "scan")
    assert git(root, "status", "--porcelain", "--ignored") == ""


# -- how it ends ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "found",
    [replace(CLEAN, mentions=()), replace(EMPTY, mentions=CLEAN.mentions)],
    ids=["sites", "mentions"],
)
def test_exit_code_is_1_if_anything_is_found(
    make: Make, deventlet: Run, analysis: Analysis, found: Inventory
) -> None:
    analysis.found = found
    root = make()
    assert deventlet(root, "scan", "--exit-code").returncode == 1
    assert deventlet(root, "scan").returncode == 0


@pytest.mark.parametrize("form", REPORTS)
def test_a_file_that_cannot_be_parsed_is_named_and_the_code_is_3(
    make: Make, deventlet: Run, analysis: Analysis, form: str
) -> None:
    analysis.found = SMALL
    done = deventlet(make(), "scan", "--format", form, "--exit-code")
    assert done.returncode == 3
    assert done.stderr == (
        b"deventlet: proj/old.py: this is Python 2, line 3 [file.python2]\n"
    )
    assert done.stdout == REPORTS[form](SMALL)


def test_a_name_on_standard_error_cannot_steer_a_terminal(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    analysis.found = HOSTILE
    assert b"\x1b" not in deventlet(make(), "scan").stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--format", "yaml"), "yaml"),
        (("nowhere.py",), "nowhere.py"),
        (("--assume", "process-patchd"), "did you mean"),
        (("--output", "proj"), "it is a folder"),
        (("--output", "no/such/report.json"), "there is no folder no/such"),
    ],
)
def test_wrong_use_is_said_before_anything_is_analysed(
    make: Make, deventlet: Run, analysis: Analysis, args: tuple[str, ...], word: str
) -> None:
    done = deventlet(make(), "scan", *args)
    assert done.returncode == 2
    assert word in done.stderr.decode()
    assert done.stdout == b""
    assert analysis.asked == []


def test_an_output_that_cannot_be_written_is_named(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    root = make()
    (root / "loop").symlink_to("loop")
    done = deventlet(root, "scan", "--output", "loop")
    assert done.returncode == 2
    assert b"deventlet: cannot write loop: " in done.stderr


def test_an_output_of_an_earlier_run_stays_if_the_analysis_fails(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    root = make({"report.json": "earlier"})
    deventlet(root, "scan", "nowhere.py", "--output", "report.json")
    assert (root / "report.json").read_text() == "earlier"


def test_what_an_interrupted_run_left_is_not_read(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    root = make()
    tree = discover([root])
    folder = state_folder(tree.root, tree.repository)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "renaming.json").write_text("{}")
    done = deventlet(root, "scan")
    assert done.returncode == 3
    assert b"run deventlet apply" in done.stderr
    assert analysis.asked == []


def test_a_folder_without_python_is_said(
    make: Make, deventlet: Run, analysis: Analysis
) -> None:
    analysis.found = EMPTY
    root = make({"docs/index.txt": "x"})
    done = deventlet(root, "scan", "docs")
    assert b"there are no Python files here" in done.stderr


# -- the whole way, nothing standing in ----------------------------------------------

EXAMPLES = Path(__file__).parents[3] / "examples"
EXPECTED = re.compile(r"^# expected: (\S+)$", re.MULTILINE)
ROW = re.compile(r"^sleep +(rewrite|assume|refuse) +(\d+) +(\d+) *(.*)$", re.MULTILINE)
SAID = re.compile(r"^(?:Caveat |  )([a-z]+\.[a-z-]+|process-patched): ")
PLACE = re.compile(r"^    (\S+:\d+): ")
BROKEN = "import eventlet\nprint 'ripe'\n"
STAGES = {
    "proj/cmd.py": "import eventlet\neventlet.monkey_patch()\n\n"
    "from proj import field, worker\n\n\n"
    "def main():\n    worker.work()\n    return field.harvest(field.sow())\n",
    "proj/field.py": "import eventlet\n\n\n"
    "def sow():\n    return eventlet.spawn(int)\n\n\n"
    "def harvest(crop):\n    return crop.wait()\n",
}
ALL_PATCHED = ["os", "select", "socket", "subprocess", "thread", "time"]


@pytest.fixture(params=["greenhouse", "thorns", "made up"])
def project(request: pytest.FixtureRequest, make: Make) -> Path:
    """A project that is all of its repository."""
    return make(STAGES) if request.param == "made up" else example(make, request.param)


def example(make: Make, name: str) -> Path:
    """A repository with one of the examples, and nothing else."""
    sources = [path for path in (EXAMPLES / name).rglob("*") if path.is_file()]
    kept = [path for path in sources if "__pycache__" not in path.parts]
    root = make(
        {
            path.relative_to(EXAMPLES / name).as_posix(): path.read_bytes()
            for path in kept
        }
    )
    shutil.rmtree(root / "proj")
    return root


def scanned(deventlet: Run, root: Path, *args: str, code: int = 0) -> dict[str, Any]:
    """The JSON of a scan that ends with this exit code."""
    done = deventlet(root, "scan", "--format", "json", *args)
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def of(sites: Iterable[dict[str, Any]], **wanted: object) -> list[dict[str, Any]]:
    """The sites of which this holds; there has to be one."""
    found = [s for s in sites if all(s[key] == value for key, value in wanted.items())]
    assert found
    return found


def test_json_of_a_project_is_what_the_schema_says(
    project: Path, deventlet: Run
) -> None:
    found = scanned(deventlet, project)
    assert found["sites"]
    assert found["objects"] or project.joinpath("thorns").exists()
    jsonschema.Draft202012Validator(json.loads(as_json.schema())).validate(found)


@pytest.mark.parametrize("form", REPORTS)
def test_two_scans_give_the_same_bytes(
    project: Path, deventlet: Run, form: str
) -> None:
    first, second = (deventlet(project, "scan", "--format", form) for _ in "ab")
    assert first.stdout == second.stdout
    assert first.returncode == second.returncode == 0


def test_every_thorn_is_listed_with_its_reason(make: Make, deventlet: Run) -> None:
    root = example(make, "thorns")
    given = defaultdict(set)
    for site in scanned(deventlet, root)["sites"]:
        assert site["verdict"] == "refuse"
        given[site["path"]].add(site["reason"])
    expected = {
        path.relative_to(root).as_posix(): match[1]
        for path in root.rglob("*.py")
        if (match := EXPECTED.search(path.read_text()))
    }
    assert len(expected) == 13
    assert {path: reason in given[path] for path, reason in expected.items()} == (
        dict.fromkeys(expected, True)
    )


def test_scan_and_apply_say_the_same_of_every_sleep(
    project: Path, deventlet: Run
) -> None:
    sites = [*filter(is_decided_by_sleep, scanned(deventlet, project)["sites"])]
    done = deventlet(project, "apply", "--codemod", "sleep", "--dry-run")
    totals, places = what_apply_says(done.stdout.decode())
    counts = Counter((site["verdict"], site["reason"]) for site in sites)
    files = {(site["verdict"], site["reason"], site["path"]) for site in sites}
    assert sites
    in_files = Counter((verdict, reason) for verdict, reason, _ in files)
    assert totals == {key: (counts[key], in_files[key]) for key in counts}
    said = {(site["reason"], site["subject"]) for site in sites if site["reason"]}
    assert places == said


WHOLE = ("name.computed", "name.getattr", "name.star-import", "mock.")


def is_decided_by_sleep(site: dict[str, Any]) -> bool:
    """Every codemod decides about the package as a whole; a scan names none of them."""
    whole = site["api"] == "eventlet" and site["reason"].startswith(WHOLE)
    return bool(whole or site["codemod"] == "sleep")


def what_apply_says(
    text: str,
) -> tuple[dict[tuple[str, str], tuple[int, int]], set[tuple[str, str]]]:
    """Sites and files by verdict and reason; and every reason with its place."""
    totals = {
        (verdict, reason.removeprefix("caveat ")): (int(sites), int(files))
        for verdict, sites, files, reason in ROW.findall(text)
    }
    places, reason = set(), ""
    for line in text.splitlines():
        if heading := SAID.match(line):
            reason = heading[1]
        elif reason and (place := PLACE.match(line)):
            places.add((reason, place[1]))
    return totals, places


@pytest.mark.parametrize("selection", ["greenhouse/worker.py", "greenhouse/tests"])
def test_paths_show_a_part_of_what_the_whole_scan_shows(
    make: Make, deventlet: Run, selection: str
) -> None:
    root = example(make, "greenhouse")
    every, some = scanned(deventlet, root), scanned(deventlet, root, selection)
    for key in ("sites", "objects"):
        inside = [each for each in every[key] if each["path"].startswith(selection)]
        assert 0 < len(inside) < len(every[key])
        assert some[key] == inside


def test_a_broken_file_is_named_and_the_others_are_listed(
    make: Make, deventlet: Run
) -> None:
    root = make({"proj/old.py": BROKEN})
    done = deventlet(root, "scan", "--format", "json")
    assert done.returncode == 3
    assert done.stderr.startswith(b"deventlet: proj/old.py: ")
    found = json.loads(done.stdout)
    assert [problem["path"] for problem in found["problems"]] == ["proj/old.py"]
    assert {site["path"] for site in found["sites"]} == {
        "proj/cmd.py",
        "proj/worker.py",
    }
    assert of(found["sites"], path="proj/worker.py", api="eventlet.sleep")


def test_a_broken_file_that_is_not_asked_for_is_no_problem(
    make: Make, deventlet: Run
) -> None:
    root = make({"proj/old.py": BROKEN})
    assert scanned(deventlet, root, "proj/worker.py")["problems"] == []


def test_what_names_eventlet_outside_of_the_code_is_listed(
    make: Make, deventlet: Run
) -> None:
    found = scanned(deventlet, example(make, "greenhouse"))
    assert [
        (each["path"], each["line"], each["kind"]) for each in found["mentions"]
    ] == [
        ("greenhouse/sensors.py", 13, "comment"),
        ("setup.cfg", 3, "packaging"),
        ("setup.cfg", 10, "requirements"),
        ("tox.ini", 5, "requirements"),
        ("tox.ini", 13, "test-setup"),
    ]


def test_stage_b_names_what_comes_first_in_its_processes(
    make: Make, deventlet: Run
) -> None:
    sites = scanned(deventlet, make(STAGES))["sites"]
    (patching,) = of(sites, api="eventlet.monkey_patch")
    assert patching["stage"] == "B"
    assert patching["blocked_by"] == [
        *("proj/field.py:5", "proj/field.py:9", "proj/worker.py:5"),
    ]
    assert all(site["blocked_by"] == [] for site in of(sites, stage="A"))


def test_stage_b_is_free_once_the_rest_is_rewritten(make: Make, deventlet: Run) -> None:
    root = make()
    assert of(scanned(deventlet, root)["sites"], blocked_by=["proj/worker.py:5"])
    assert deventlet(root, "apply", "--codemod", "sleep").returncode == 0
    after = scanned(deventlet, root)["sites"]
    assert {site["path"] for site in after} == {"proj/cmd.py"}
    assert all(site["blocked_by"] == [] for site in after)


def test_processes_say_what_they_patch_and_reach(make: Make, deventlet: Run) -> None:
    found = scanned(deventlet, make(STAGES))["processes"]
    assert of(found, label="proj") == [
        {
            "label": "proj",
            "path": "proj/cmd.py",
            "kind": "command",
            "patches": ALL_PATCHED,
            "patched_by": ["proj.cmd"],
            "stage_a": 3,
            "stage_b": 1,
        }
    ]


def test_an_object_has_its_uses_in_other_files(make: Make, deventlet: Run) -> None:
    files = {"proj/reap.py": "from proj import field\n\nprint(field.sow().wait())\n"}
    found = scanned(deventlet, make(STAGES | files))
    (thread,) = of(found["objects"], kind="GreenThread")
    assert (thread["path"], thread["line"]) == ("proj/field.py", 5)
    assert thread["members"] == {"wait": 2}
    assert thread["others"] == ["proj/reap.py"]
    assert "value" in thread["result"]
    waits = of(found["sites"], api="eventlet.GreenThread.wait")
    assert [site["path"] for site in waits] == ["proj/field.py", "proj/reap.py"]
    assert {site["subject"] for site in waits} == {"proj/field.py:5"}


def test_a_use_has_the_name_of_what_made_its_object(make: Make, deventlet: Run) -> None:
    """What ``import_patched()`` gives is not said to be of ``original()``."""
    text = (
        "import eventlet\nfrom eventlet import patcher\n\n"
        "client = eventlet.import_patched('http.client')\n"
        "threading = patcher.original('threading')\n\n\n"
        "def ask(host):\n    threading.Lock().acquire()\n"
        "    return client.HTTPConnection(host)\n"
    )
    found = scanned(deventlet, make({"proj/ask.py": text}))
    methods = of(found["sites"], path="proj/ask.py", form="method")
    assert [(site["line"], site["api"]) for site in methods] == [
        (9, "eventlet.patcher.original.Lock"),
        (10, "eventlet.import_patched.HTTPConnection"),
    ]


def test_a_module_that_a_test_names_in_a_string_has_that_form(
    make: Make, deventlet: Run
) -> None:
    text = (
        "from unittest import mock\n\nimport proj.worker\n\n\n"
        "@mock.patch('proj.worker.eventlet')\n"
        "@mock.patch('eventlet.sleep')\n"
        "@mock.patch.object(proj.worker, 'eventlet')\n"
        "def test(one, two, three):\n    proj.worker.run()\n"
    )
    found = scanned(deventlet, make({"proj/tests/test_worker.py": text}))
    sites = of(found["sites"], path="proj/tests/test_worker.py")
    assert [(site["line"], site["form"]) for site in sites] == [
        (6, "string"), (7, "string"), (8, "reference"),
    ]  # fmt: skip


def test_a_site_says_in_which_thread_it_runs(make: Make, deventlet: Run) -> None:
    root = make(
        {
            "service.py": (
                "import eventlet\n\n\ndef run(items):\n    for item in items:\n"
                "        eventlet.spawn_n(work, item)\n    eventlet.sleep(1)\n\n\n"
                "def work(item):\n    eventlet.sleep(2)\n"
            )
        }
    )
    found = scanned(deventlet, root)
    sites = of(found["sites"], path="service.py")
    by_line = {site["line"]: site["started_at"] for site in sites}
    assert by_line == {1: [], 6: [], 7: [], 11: ["service.py:6"]}
    (thread,) = found["threads"]
    assert (thread["name"], thread["line"]) == ("work", 10)
    assert thread["starts"] == [
        {"place": "service.py:6", "api": "eventlet.spawn_n", "often": "loop"}
    ]


HAZARD = {
    "a/service.py": (
        "import eventlet\n\n\ndef serve(sock, handle=print):\n    while True:\n"
        "        eventlet.spawn_n(work, sock.accept())\n\n\n"
        "def work(connection):\n    pass\n"
    ),
    "b/other.py": "import eventlet\n\neventlet.sleep(1)\n",
}


def test_hazards_are_in_every_format_and_follow_the_paths(
    make: Make, deventlet: Run
) -> None:
    root = make(HAZARD)
    (hazard,) = scanned(deventlet, root)["hazards"]
    assert (hazard["path"], hazard["line"]) == ("a/service.py", 6)
    assert (hazard["code"], hazard["causes"]) == (
        "hazard.unbounded",
        ["a/service.py:6"],
    )
    for form in ("table", "markdown", "sarif"):
        said = deventlet(root, "scan", "--format", form).stdout.decode()
        assert "hazard.unbounded" in said
    assert scanned(deventlet, root, "b")["hazards"] == []
