from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deventlet.catalog import entry, refused
from deventlet.cli import pools as pools_command
from deventlet.registry import PageError, driver_page, pages, reasons
from deventlet.report import pools as pools_report

pages_command = importlib.import_module("deventlet.cli.pages")
Run = Callable[..., subprocess.CompletedProcess[bytes]]

# Slow to import, and of no use to a command that only reads pages.
HEAVY = ("libcst", "pathspec", "deventlet.driver", "deventlet.resolve.names")


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["list"],
        ["explain", "sleep"],
        ["explain", "file.nul"],
        ["explain", "eventlet.GreenPool"],
    ],
)
def test_what_only_reads_pages_imports_nothing_heavy(args: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "deventlet", *args],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "deventlet.cli.app" in imported
    assert {name for name in imported if name.startswith(HEAVY)} == set()
    assert done.stdout


def test_list_names_every_codemod_in_the_order_of_a_series(
    deventlet: Run, tmp_path: Path
) -> None:
    done = deventlet(tmp_path, "list")
    heading, *rows = done.stdout.decode().splitlines()
    assert heading.split() == ["codemod", "stage", "what", "it", "does"]
    assert [row.split()[0] for row in rows] == list(pages())
    for row, page in zip(rows, pages().values(), strict=True):
        assert row.endswith(page.summary)


@pytest.mark.parametrize("width", ["5", "200"])
def test_pages_in_a_pipe_are_never_cut(
    deventlet: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    listed = deventlet(tmp_path, "list").stdout
    assert b"\x1b" not in listed
    assert all(line == line.rstrip() for line in listed.decode().splitlines())
    for name, page in pages().items():
        text = deventlet(tmp_path, "explain", name).stdout.decode()
        what, _, cases = page.body.partition("\n## Cases\n")
        assert text.startswith(what.lstrip("\n"))
        assert text.endswith(f"\n## Cases\n{cases}")
        for reason in page.reasons.values():
            pattern = rf"^{re.escape(reason.code)} +{reason.verdict} +"
            assert re.search(pattern + re.escape(reason.summary), text, re.MULTILINE)


@pytest.mark.parametrize("code", refused())
def test_a_reason_of_the_catalogue_says_its_names(
    deventlet: Run, tmp_path: Path, code: str
) -> None:
    lines = deventlet(tmp_path, "explain", code).stdout.decode().splitlines()
    names = [each.name for each in refused()[code]]
    first = refused()[code][0]
    assert [*lines[:3], lines[-1]] == [
        f"{code} (refuse)",
        pages_command.sentence(first.why),
        f"What to do: {first.recipe}",
        f"Names: {', '.join(names)}, and what is below",
    ]


@pytest.mark.parametrize("code", sorted(reasons().keys() - refused()))
def test_every_reason_is_explained(deventlet: Run, tmp_path: Path, code: str) -> None:
    done = deventlet(tmp_path, "explain", code)
    assert done.returncode == 0
    reason = reasons()[code]
    lines = done.stdout.decode().splitlines()
    assert lines[0] == f"{code} ({reason.verdict})"
    assert lines[1].lower() == f"{reason.summary}.".lower()
    assert lines[2] == f"What to do: {reason.suggestion}"
    _, heading, example = done.stdout.decode().partition("\n### ")
    assert heading
    assert re.search(rf"(?<![\w.-]){re.escape(code)}(?![\w.-])", example)
    assert re.search(r"^(?:```(?:python|text)|    \S)", example, re.MULTILINE)


@pytest.mark.parametrize(
    "code", [code for code in reasons() if code.startswith(("codemod.", "value."))]
)
def test_example_that_is_text_is_a_program_of_eventlets(code: str) -> None:
    text = pages_command.example_of(driver_page(), code)
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    program = textwrap.dedent("\n".join(lines))
    compile(program, code, "exec", dont_inherit=True)
    assert "eventlet" in text
    assert "\nWhat to do: " in text


def test_an_example_is_the_section_about_the_reason() -> None:
    page = replace(
        driver_page(),
        body="### Other\n\na.bc, x.a.b\n\n### First\n\n`a.b`\n\n    # x\n"
        "\n## Next\n\n### Second\n\na.b\n",
    )
    assert pages_command.example_of(page, "a.b") == "### First\n\n`a.b`\n\n    # x\n"
    assert pages_command.example_of(page, "a.c") == ""


def test_a_name_of_eventlets_is_explained(deventlet: Run, tmp_path: Path) -> None:
    known = entry("eventlet.GreenPool")
    done = deventlet(tmp_path, "explain", "eventlet.greenpool.GreenPool")
    heading, why, recipe, *rest = done.stdout.decode().splitlines()
    assert heading.startswith("eventlet.greenpool.GreenPool (codemod greenpool")
    assert why.lower() == f"{known.why}.".lower()
    assert recipe == f"What to do: {known.recipe}"
    assert "Listed as: eventlet.GreenPool" in rest


def test_a_name_with_a_codemod_points_to_its_page(
    deventlet: Run, tmp_path: Path
) -> None:
    text = deventlet(tmp_path, "explain", "eventlet.greenthread.sleep").stdout.decode()
    assert text.startswith("eventlet.greenthread.sleep (codemod sleep, stage A)\ntime.")
    assert text.endswith("\nMore: deventlet explain sleep\n")


def test_a_name_that_is_only_refused_says_so(deventlet: Run, tmp_path: Path) -> None:
    text = deventlet(tmp_path, "explain", "eventlet.db_pool.x").stdout.decode()
    assert "\nReason: by-hand.db-pool\n" in text
    assert text.startswith("eventlet.db_pool.x (always refused, stage A)\n")
    assert "More:" not in text


def test_the_page_of_a_reason_is_pointed_to(deventlet: Run, tmp_path: Path) -> None:
    text = deventlet(tmp_path, "explain", "sleep.negative").stdout.decode()
    assert text.endswith("More: deventlet explain sleep\n")


def test_the_drivers_own_reasons_have_a_page(deventlet: Run, tmp_path: Path) -> None:
    text = deventlet(tmp_path, "explain", "reasons").stdout.decode()
    assert text.startswith("# How deventlet decides")
    assert "file.newer-python" in text


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("slep", "sleep"),
        ("sleep.negativ", "sleep.negative"),
        ("process-patch", "process-patched"),
        ("proces.unpatched", "process.unpatched"),
        ("reason", "reasons"),
        ("eventlet.slep", "eventlet.sleep"),
        ("tpool.execute", "eventlet.tpool.execute"),
    ],
)
def test_an_unknown_name_gives_the_nearest(
    deventlet: Run, tmp_path: Path, wrong: str, nearest: str
) -> None:
    done = deventlet(tmp_path, "explain", wrong)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode() == (
        f"deventlet: no codemod, reason or name of Eventlet's is called {wrong!r}; "
        f"did you mean {nearest!r}?\n"
    )


def test_an_unknown_name_that_is_like_none(deventlet: Run, tmp_path: Path) -> None:
    done = deventlet(tmp_path, "explain", "zzzzzzzz")
    assert done.returncode == 2
    assert b"did you mean" not in done.stderr


@pytest.mark.parametrize("args", [("list",), ("explain", "sleep")])
def test_somebody_elses_wrong_page_is_named(
    deventlet: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
) -> None:
    def wrong() -> None:
        raise PageError("theirs.page: front matter: no name")

    monkeypatch.setattr(pages_command, "pages", wrong)
    monkeypatch.setattr(pages_command, "reasons", wrong)
    done = deventlet(tmp_path, *args)
    assert done.returncode == 2
    assert done.stderr == b"deventlet: theirs.page: front matter: no name\n"


def test_the_version_is_said(deventlet: Run, tmp_path: Path) -> None:
    done = deventlet(tmp_path, "--version")
    assert done.returncode == 0
    assert re.fullmatch(rb"deventlet \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("args", [("--help",), ("apply", "-h"), ("explain", "--help")])
def test_help_is_not_an_error(
    deventlet: Run, tmp_path: Path, args: tuple[str, ...]
) -> None:
    done = deventlet(tmp_path, *args)
    assert done.returncode == 0
    assert done.stdout.startswith(b"Usage: deventlet")
    assert done.stderr == b""


def test_pools_are_explained_with_those_of_the_project(
    deventlet: Run, tmp_path: Path
) -> None:
    (tmp_path / "work.py").write_text(
        "import eventlet\n\nPOOL = eventlet.GreenPool()\n\n\n"
        "def handle(given):\n    given.close()\n\n\n"
        "def serve(sock):\n    while True:\n"
        "        eventlet.spawn_n(handle, sock.accept())\n"
    )
    (tmp_path / "test_work.py").write_text(
        "import eventlet\n\n\ndef test_it():\n    eventlet.GreenPool(2)\n"
    )
    done = deventlet(tmp_path, "explain", "pools")
    text, _, page = done.stdout.decode().partition("\n# Pools: ")
    name, _, first, second, tests, *_ = text.splitlines()
    assert (done.returncode, name) == (0, f"Pools of {tmp_path.name}")
    assert re.search(r"^1,000 +17 MiB .* work.py:3 +GreenPool", first)
    assert re.search(r"^no bound .* work.py:12 .*for each connection$", second)
    assert tests == "Tests make 1 more."
    assert "check_and_reject" in page


def test_pools_are_explained_where_there_is_none(
    deventlet: Run, tmp_path: Path
) -> None:
    done = deventlet(tmp_path, "explain", "pools")
    assert done.returncode == 0
    assert b"There is none here" in done.stdout
    assert b"# Pools: " in done.stdout


def test_the_figures_of_pools_are_those_of_its_page() -> None:
    page = pools_command.page()
    assert f"| native, idle | {pools_report.IDLE_KIB} KiB |" in page
    assert f"| native, busy | {pools_report.BUSY_KIB} KiB |" in page
