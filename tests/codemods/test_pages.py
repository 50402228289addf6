"""Every block of every page, run; and what must hold for any case ever written."""

from __future__ import annotations

import ast
import codecs
import difflib
import io
import os
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deventlet.cli.app import app
from deventlet.codemod import Fold, Import, Instead, Site, Subject, Unwrap
from deventlet.driver.run import Outcome, run
from deventlet.registry import reasons
from deventlet.series.patch import FileChange, unified_diff
from tests.pages import Case, CaseError, File, read_cases
from tests.support.tool import (
    VARIANTS,
    Rewritten,
    assumptions,
    codemod_of,
    encoded,
    every_case,
    request,
    rewrite,
    rewrite_again,
    tabbed,
    write,
)
from tests.support.worlds import Ran, World, run_programs

TESTS = Path(__file__).parents[1]
CASES = every_case()
GIT = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
STYLE = "H301,H303,H304,H306,E1,E2,E3,E5,W,F"

NAMED = {
    "sleep.negative": "codemods/test_sleep_behaviour.py::test_caveat_is_given",
    "sleep.exported": "codemods/test_sleep_behaviour.py::test_caveat_is_given",
    "current-thread.pool": (
        "codemods/test_current_thread.py::test_caveat_is_given_for_what_a_thread_keeps"
    ),
    **{
        f"current-thread.{name}": (
            "codemods/test_current_thread.py::test_caveat_is_given_for_a_number"
        )
        for name in ("printed", "reused")
    },
    "rpc-executor.option": ("codemods/test_rpc_executor.py::test_default_of_an_option"),
    "python-three": (
        "deventlet/driver/test_python2.py::test_what_python_2_lacks_is_assumed"
    ),
    "rpc-executor.old-library": (
        "codemods/test_rpc_executor.py::test_an_old_library_is_named"
    ),
    "timeout.late": "codemods/test_timeout.py::test_a_deadline_may_be_seen_late",
    "timeout.number": (
        "codemods/test_timeout.py::test_a_time_means_the_same_to_the_call"
    ),
    **{
        f"greenpool.{name}": f"codemods/test_greenpool_behaviour.py::{test}"
        for name, test in (
            ("backlog", "test_a_loop_is_told_by_what_it_goes_over"),
            ("open", "test_a_native_executor_that_is_not_shut_down_is_named"),
            ("threads", "test_many_native_threads_are_named"),
            ("unknown-task", "test_a_task_that_nobody_knows_is_named"),
        )
    },
    "event.sent-again": (
        "codemods/test_event.py"
        "::test_caveat_is_given_where_a_second_sending_was_an_error"
    ),
    "event.timeout": (
        "codemods/test_event.py::test_caveat_is_given_where_a_timeout_may_be_0"
    ),
    **{
        f"{name}.exported": (
            f"codemods/test_{name}.py::test_a_public_name_for_the_class_is_said"
        )
        for name in ("queue", "semaphore")
    },
    "queue.passed": (
        "codemods/test_queue.py"
        "::test_a_queue_that_is_passed_on_stays_near_what_it_lacks"
    ),
    "queue.timeout": (
        "codemods/test_queue.py::test_caveat_is_given_where_a_timeout_may_be_negative"
    ),
    "semaphore.order": (
        "codemods/test_semaphore.py::test_caveat_is_given_where_a_loop_takes_it"
    ),
    "semaphore.timeout": (
        "codemods/test_semaphore.py"
        "::test_caveat_is_given_where_a_timeout_may_be_negative"
    ),
    **{
        f"executor-native.{name}": (
            "codemods/test_executor_native_behaviour.py::test_caveat_is_given"
        )
        for name in ("size", "exit", "shutdown", "late-end")
    },
    "green-imports.negative": (
        "codemods/test_green_imports.py"
        "::test_caveat_is_given_for_a_time_that_may_be_negative"
    ),
    "green-imports.pipe-buffer": (
        "codemods/test_green_imports_behaviour.py::test_caveat_is_given"
    ),
    "green-imports.subprocess-error": (
        "codemods/test_green_imports_behaviour.py::test_caveat_is_given"
    ),
    "verify.failed": (
        "deventlet/cli/test_verify.py"
        "::test_one_wrong_site_of_forty_is_found_by_name_and_the_rest_is_kept"
    ),
    "keep.declined": ("deventlet/cli/test_interactive.py::test_what_is_declined_stays"),
    "keep.unanswered": (
        "deventlet/cli/test_interactive.py"
        "::test_quit_does_what_was_accepted_and_the_next_call_goes_on"
    ),
    **{
        f"spawn.{name}": "codemods/test_spawn.py::test_caveat_is_given"
        for name in ("future", "many", "preemptive", "timer", "unknown")
    },
    **{
        f"tpool.{name}": "codemods/test_tpool.py::test_caveat_is_given"
        for name in ("passed", "wrapping")
    },
    "servers.close": (
        "codemods/test_servers.py::test_caveat_is_given_where_a_socket_is_closed"
    ),
    "servers.ipv6": "codemods/test_servers.py::test_caveat_is_given_for_a_name",
    "hubs-debug.option": (
        "codemods/test_hubs_debug.py::test_caveat_is_given_for_an_option"
    ),
    "monkey-patch.threads": "codemods/test_monkey_patch.py::test_caveat_is_given",
    "path.not-selected": "codemods/test_pages.py::test_path_that_is_not_selected",
}
"""Tests for the reasons that no block can show."""

SCANNED = (
    "codemod.", "by-hand.", "value.", "import.follows", "object.", "name.module",
    "hazard.",
)  # fmt: skip
"""Reasons that a scan gives for patterns without a codemod: their examples are text."""

every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
in_every_variant = pytest.mark.parametrize("variant", VARIANTS)


def shown(before: bytes, after: bytes, path: str) -> str:
    """What differs, for a person: with the line ends spelled out."""
    said, found = (
        [repr(line)[2:-1] for line in content.split(b"\n")]
        for content in (before, after)
    )
    names = f"{path} as the page says", path
    return "\n".join(difflib.unified_diff(said, found, *names, lineterm=""))


# -- what the pages say ----------------------------------------------------


@every
@in_every_variant
def test_result_is_what_the_page_says(case: Case, variant: str) -> None:
    result = rewrite(case, variant)
    for file in case.files:
        expected = encoded(file, file.after, variant)
        found = result.after.get(file.path, b"")
        if found != expected:
            told = "".join(
                f"\n{v.verdict} {v.reason} {v.detail}: {v.subject.origin.spelling}"
                for v in result.outcome.verdicts
            )
            pytest.fail(shown(expected, found, file.path) + told, pytrace=False)
    assert result.outcome.created == {file.path for file in case.files if file.new}


@pytest.mark.parametrize(
    ("case", "file", "reason"),
    [
        pytest.param(*(case, file, reason), id=f"{case.name}-{file.path}-{reason}")
        for case in CASES
        for file in case.files
        for reason in file.reasons
    ],
)
def test_refusal_gives_its_reason(case: Case, file: File, reason: str) -> None:
    refusals = [
        verdict.reason
        for verdict in rewrite(case).outcome.verdicts
        if not verdict.applies
        and any(site.path == file.path for site in verdict.subject.sites)
    ]
    assert reason in refusals


@every
def test_every_reason_given_is_documented(case: Case) -> None:
    codes = {verdict.reason for verdict in rewrite(case).outcome.verdicts}
    assert codes - {""} <= reasons().keys()


def test_four_cases_in_ten_must_not_change() -> None:
    staying = [case for case in CASES if not case.changes]
    assert len(staying) >= 0.4 * len(CASES)


def test_every_reason_is_shown() -> None:
    in_blocks = {code for case in CASES for f in case.files for code in f.reasons}
    internal = {
        c for c in reasons() if c.startswith(("file.", "edit.", "site.", *SCANNED))
    } - in_blocks
    assert reasons().keys() - internal - NAMED.keys() == in_blocks


@pytest.mark.parametrize("reason", NAMED)
def test_named_test_speaks_of_its_reason(reason: str) -> None:
    path, _, name = NAMED[reason].partition("::")
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    (test,) = (n for n in tree.body if getattr(n, "name", "") == name)
    constants = {getattr(node, "value", None) for node in ast.walk(test)}
    assert reason in constants, f"{path} does not speak of it"


def test_path_that_is_not_selected(tmp_path: Path) -> None:
    several = [case for case in CASES if len(case.files) > 1 and case.changes]
    case = next(case for case in several if case.page == "sleep")
    write(case, rewrite(case).before, tmp_path)
    whole = request(case, tmp_path)
    for file in case.files:
        part = replace(whole, selected=frozenset({file.path}))
        outcome = run(codemod_of(case), part, {})
        assert not outcome.changes.keys() - {file.path}
        codes = {verdict.reason for verdict in outcome.verdicts}
        assert codes & {"path.not-selected", "mock.stays", "mock.kept-site"}


# -- what holds for any case -----------------------------------------------


@every
@in_every_variant
def test_result_parses(case: Case, variant: str) -> None:
    for path, content in only_python(rewrite(case, variant).after).items():
        compile(content, path, "exec", dont_inherit=True)


def only_python(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that are Python."""
    return {path: text for path, text in contents.items() if path.endswith(".py")}


@every
@in_every_variant
def test_second_run_changes_nothing(case: Case, variant: str) -> None:
    again = rewrite_again(case, rewrite(case, variant).after)
    assert again.outcome.changes == {}


@every
def test_result_does_not_depend_on_the_run(case: Case) -> None:
    again = rewrite_again(case, rewrite(case).before)
    assert again.after == rewrite(case).after
    assert given(again) == given(rewrite(case))


def given(result: Rewritten) -> list[tuple[Subject, str, str, str]]:
    """What a person is told; the nodes of a rewrite have no equality."""
    return [(v.subject, v.verdict, v.reason, v.detail) for v in result.outcome.verdicts]


@every
@in_every_variant
def test_no_comment_is_lost_or_made(case: Case, variant: str) -> None:
    result = rewrite(case, variant)
    for path, before in only_python(result.before).items():
        assert comments(before) == comments(result.after[path])


def comments(content: bytes) -> Counter[str]:
    """The comments of a file, each with how often it is there."""
    return Counter(
        token.string
        for token in tokenize.tokenize(io.BytesIO(content).readline)
        if token.type == tokenize.COMMENT
    )


@every
def test_only_lines_of_sites_and_imports_change(case: Case) -> None:
    result = rewrite(case)
    for path, before in only_python(result.before).items():
        sites = [
            site
            for verdict in result.outcome.verdicts
            if verdict.applies and verdict.rewrite is not None
            for site in {*verdict.subject.sites, *verdict.rewrite.actions}
            if site.path == path
        ]
        put = [site for site in sites if site in put_in_place_of(result.outcome)]
        strange = list(strange_lines(before, result.after[path], sites, put))
        assert not strange, "\n".join(strange)


def put_in_place_of(outcome: Outcome) -> set[Site]:
    """The sites whose whole statement is replaced."""
    return {
        site
        for verdict in outcome.verdicts
        for site, action in (verdict.rewrite.actions if verdict.rewrite else {}).items()
        if isinstance(action, (Instead, Fold, Unwrap, Import))
    }


def strange_lines(
    before: bytes, after: bytes, sites: list[Site], put: list[Site]
) -> Iterator[str]:
    """Changed lines that belong to no site, no import, and no gap beside one."""
    old, new = before.decode().split("\n"), after.decode().split("\n")
    may_go, may_come = changeable(before, sites), changeable(after, [])
    may_go |= whole_statements(before, put)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        for number in range(start, end):
            if old[number].strip() and number + 1 not in may_go:
                yield f"-{old[number]}"
        beside = {start, start + 1, end, end + 1}
        for number in range(new_start, new_end):
            fits = number + 1 in may_come or beside & may_go
            if new[number].strip() and not fits:
                yield f"+{new[number]}"


def whole_statements(content: bytes, sites: list[Site]) -> set[int]:
    """The lines of the innermost statements around sites, blocks included."""
    found: set[int] = set()
    statements = [n for n in ast.walk(ast.parse(content)) if isinstance(n, ast.stmt)]
    for site in sites:
        around = [s for s in statements if s.lineno <= site.line <= (s.end_lineno or 0)]
        inner = max(around, key=lambda s: (s.lineno, -(s.end_lineno or 0)))
        tries = (s for s in around if isinstance(s, ast.Try) and s.body == [inner])
        inner = next(tries, inner)
        emptied = (s for s in around if isinstance(s, ast.If) and all_hold(s, sites))
        inner = next(emptied, inner)
        found.update(range(inner.lineno, (inner.end_lineno or 0) + 1))
    return found


def all_hold(condition: ast.If, sites: list[Site]) -> bool:
    """Whether every statement of an ``if`` without ``else`` holds one of some sites."""
    lines = {site.line for site in sites}
    held = (lines & {*range(s.lineno, (s.end_lineno or 0) + 1)} for s in condition.body)
    return not condition.orelse and all(held)


def changeable(content: bytes, sites: list[Site]) -> set[int]:
    """Lines of import statements, and of statements (or headers) with a site."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(content)):
        if not isinstance(node, (ast.stmt, ast.excepthandler)):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        if only_imports(node):
            last = node.end_lineno or last
        first = min([node.lineno, *(d.lineno for d in decorators(node))])
        held = any(first <= s.line and s.end_line <= max(first, last) for s in sites)
        if held or only_imports(node):
            found.update(range(first, max(first, last) + 1))
    return found


def decorators(node: ast.AST) -> list[ast.expr]:
    found: list[ast.expr] = getattr(node, "decorator_list", [])
    return found


def only_imports(node: ast.AST) -> bool:
    """An import, or an import with its fallback."""
    if isinstance(node, ast.Try):
        handlers = [s for handler in node.handlers for s in handler.body]
        return all(isinstance(s, IMPORTS) for s in (*node.body, *handlers))
    return isinstance(node, IMPORTS)


IMPORTS = (ast.Import, ast.ImportFrom)


def test_mock_is_found_behind_a_byte_order_mark() -> None:
    worker = "import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n"
    test = 'from proj import worker\n\nstub("eventlet.sleep")\nworker.work()\n'
    files = (
        File("proj/worker.py", worker, worker),
        File("proj/tests/test_worker.py", test, test),
    )
    case = Case("sleep", "A stub", 1, files)
    plain, marked = rewrite(case), rewrite(case, "bom")
    assert sorted(plain.outcome.changes) == [file.path for file in files[::-1]]
    assert marked.after == {
        path: codecs.BOM_UTF8 + content for path, content in plain.after.items()
    }


def test_comment_behind_an_import_stays() -> None:
    source = "import eventlet  # the green one\n\neventlet.sleep(1)\n"
    case = Case("sleep", "A comment", 1, (File("example.py", source, source),))
    test_no_comment_is_lost_or_made(case, "plain")


def test_pragma_goes_with_the_line_that_it_speaks_of() -> None:
    source = "import eventlet  # noqa: I100\n\neventlet.sleep(1)\n"
    case = Case("sleep", "A pragma", 1, (File("example.py", source, source),))
    assert rewrite(case).after["example.py"] == b"import time\n\ntime.sleep(1)\n"


# -- judged by others ------------------------------------------------------

CONTROL = """\
from json import *
from . import proj
import sys
import abc
from os import path, sep
x = [1 , 2]; y = undefined  # a line that is by far longer than the seventy-nine columns
"""
"""Breaks a rule of each checker: without its violations nothing was checked."""


@pytest.fixture(scope="module")
def violations(
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Counter[str]]:
    """What flake8 and hacking say of each file of each case, before and after."""
    root = tmp_path_factory.mktemp("style")
    (root / "control.py").write_text(CONTROL)
    for index, case in enumerate(CASES):
        write(case, rewrite(case).before, root / f"before{index}")
        write(case, rewrite(case).after, root / f"after{index}")
    found: dict[str, Counter[str]] = {}
    for line in flake8(root):
        path, code, text = line.split("\t")
        # The text of the other checks holds columns and lengths.
        key = f"{code} {text}" if code.startswith("F") else code
        found.setdefault(path.removeprefix("./"), Counter())[key] += 1
    return found


def flake8(root: Path) -> list[str]:
    """One line for each violation under a folder."""
    options = ("--isolated", "--jobs=1", f"--select={STYLE}")
    form = "--format=%(path)s\t%(code)s\t%(text)s"
    done = subprocess.run(
        [sys.executable, "-m", "flake8", *options, form, "."],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.stdout.splitlines()


def test_style_is_checked(violations: Mapping[str, Counter[str]]) -> None:
    codes = {key[:4] for key in violations["control.py"]}
    assert codes >= {"H301", "H303", "H304", "H306", "E203", "E501", "F401", "F405"}


@every
def test_style_gets_no_worse(
    case: Case, violations: Mapping[str, Counter[str]]
) -> None:
    index = CASES.index(case)
    for file in case.files:
        before = violations.get(f"before{index}/{file.path}", Counter())
        after = violations.get(f"after{index}/{file.path}", Counter())
        assert after - before == Counter()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--template=")
    return tmp_path


def git(root: Path, *args: str, data: bytes = b"") -> None:
    done = subprocess.run(
        ["git", *args], cwd=root, env=GIT, input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@every
@in_every_variant
def test_git_applies_the_diff(case: Case, variant: str, repository: Path) -> None:
    result = rewrite(case, variant)
    write(case, result.before, repository)
    diff = b"".join(
        unified_diff(
            FileChange(path, before, after, new=path in result.outcome.created)
        )
        for path, (before, after) in result.outcome.changes.items()
    )
    if diff:
        git(repository, "apply", "--check", data=diff)
        git(repository, "apply", data=diff)
    for path, after in result.after.items():
        assert (repository / path).read_bytes() == after


@every
def test_dry_run_shows_what_a_run_in_place_does(case: Case, repository: Path) -> None:
    result = rewrite(case)
    write(case, result.before, repository)
    diff = deventlet(case, repository, "--dry-run", "--allow-dirty")
    assert contents(repository, case) == result.before
    deventlet(case, repository, "--allow-dirty")
    assert contents(repository, case) == result.after
    write(case, result.before, repository)
    for path in result.outcome.created:
        (repository / path).unlink()
    if b"diff --git" in diff:
        git(repository, "apply", data=diff)
    assert contents(repository, case) == result.after


def deventlet(case: Case, root: Path, *options: str) -> bytes:
    """Apply the case's codemod through the command line; what it prints."""
    assumed = [f"--assume={name}" for name in sorted(assumptions(case))]
    name = f"--codemod={codemod_of(case).name}"
    done = CliRunner().invoke(app, ["apply", str(root), name, *assumed, *options])
    assert done.exception is None, done.output
    return done.stdout_bytes


def contents(root: Path, case: Case) -> dict[str, bytes]:
    """The files of a case as they are on disk."""
    paths = [file.path for file in case.files if (root / file.path).exists()]
    return {path: (root / path).read_bytes() for path in paths}


# -- cases that are programs -----------------------------------------------


@cache
def did(world: World, side: str) -> Mapping[str, Ran]:
    """What the programs among the cases do, ``before`` or ``after``."""
    running = {case.name: rewrite(case) for case in CASES if case.runs}
    programs = {name: getattr(result, side) for name, result in running.items()}
    return run_programs(world, programs)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.runs], ids=lambda case: case.name
)
@pytest.mark.parametrize("world", ["green", "native"])
def test_program_does_the_same(case: Case, world: World) -> None:
    before, after = did("green", "before")[case.name], did(world, "after")[case.name]
    assert before.stdout
    assert after.behaviour == before.behaviour, after.stderr


# -- the reader of the pages -----------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "```pyhton before\n```\n",
        "```python befor\n```\n",
        "```python\n```\n",
        "```\n```\n",
        "```python refused\n```\n",
        "```python unchanged run\n```\n",
        "```python before path=proj/x.txt\n```\n",
        "```python after\n```\n",
        "```python unchanged\n```\n```python after\n```\n",
        "```python before\n```\n```python before\n```\n",
        "```python before run\n```\n```python after\n```\n",
        "```toml config\n```\n",
        "```python program\n```\n",
        "```python before\n",
        "  ```python before\n  ```\n",
        "~~~python before\n~~~\n",
    ],
)
def test_what_is_no_case_is_an_error(text: str) -> None:
    with pytest.raises(CaseError, match=r"^page\.md:[0-9]+: "):
        read_cases("page", f"## Cases\n\n### One\n\n{text}")


def test_cases_are_read_with_their_files() -> None:
    text = (
        "# page\n\n### One\n\nWords.\n\n"
        "```python before run path=proj/a.py\n# not a heading\na = 1\n```\n\n"
        "```python after run path=proj/a.py\na = 2\n```\n"
        '```toml config\nprofile = "dual"\n```\n'
        "### Two\n"
        "```python refused: name.ambiguous\nb\n```\n"
        "```python unchanged path=c.py\n```\n"
        "```python before path=d.py\nd\n```\n"
    )
    first = File("proj/a.py", "# not a heading\na = 1\n", "a = 2\n")
    others = (
        File("example.py", "b\n", "b\n", ("name.ambiguous",)),
        File("c.py", "", ""),
        File("d.py", "d\n", "d\n"),
    )
    assert read_cases("page", text) == [
        Case("page", "One", 3, (first,), 'profile = "dual"\n', True),
        Case("page", "Two", 18, others),
    ]


def test_tabs_keep_strings_and_continuation_lines() -> None:
    spaces = (
        'def f():\n    x = """\n    text"""\n    if x:\n'
        "        f(1,\n          2)\n    # said\n"
    )
    tabs = 'def f():\n\tx = """\n    text"""\n\tif x:\n\t\tf(1,\n\t\t  2)\n\t# said\n'
    assert tabbed(spaces) == tabs
