from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import pytest

from deventlet.config import Config
from deventlet.inventory import Inventory
from deventlet.registry import reasons
from deventlet.report import as_json, markdown, sarif, table
from deventlet.source.discover import discover
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
