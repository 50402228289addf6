"""Each check of the census, on a change that it has to reject."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.census.files import changes, right
from benchmarks.census.steps import Edit, Span, Step
from benchmarks.census.style import style
from benchmarks.census.tables import Result, by_api, by_tree
from benchmarks.census.tools import git
from benchmarks.census.uses import Use
from benchmarks.census.verdicts import MISSING, Judged, judge

BEFORE = """\
import eventlet


def work(pool):
    # Others have their turn.
    for n in range(3):
        eventlet.sleep(n)
        print(n)
    return pool
"""
SLEEP: Span = (7, 8, 7, 25)


def failures(
    folder: Path,
    before: str,
    after: str,
    spans: Sequence[Span] = (SLEEP,),
    action: str = "Replace",
    path: str = "app.py",
) -> list[str]:
    """The checks that a change of one file does not pass."""
    git(folder, "init", "-q")
    for text in (before, after):
        (folder / path).write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "A state", "--allow-empty")
    edits = tuple(Edit(path, span, action) for span in spans)
    step = Step("sleep", (path,), frozenset(), edits)
    found = changes(folder, "HEAD^", "HEAD", step)
    return sorted({failure.check for change in found for failure in right(change)})


def changed(*pairs: tuple[str, str]) -> str:
    text = BEFORE.replace("import eventlet", "import time")
    text = text.replace("eventlet.sleep", "time.sleep")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_an_edit_with_its_import_is_right(tmp_path: Path) -> None:
    assert failures(tmp_path, BEFORE, changed()) == []


def test_a_function_may_be_kept_beside_its_import(tmp_path: Path) -> None:
    kept = ("import time\n", "import time\n\nreal_sleep = time.sleep\n")
    assert failures(tmp_path, BEFORE, changed(kept)) == []


@pytest.mark.parametrize(
    ("pair", "checks"),
    [
        (("(n)\n        print", "(n\n        print"), ["compile"]),
        (("import time\n", ""), ["pyflakes"]),
        (("import time\n", "import time\nimport os\n"), ["pyflakes"]),
        (("import time\n", "import time\n\nreal = time.sleep\n"), ["lines", "tree"]),
        (("print(n)", "print(n + 1)"), ["lines", "tree"]),
        (("return pool", "return  pool"), ["lines"]),
        (("    return pool\n", ""), ["lines", "tree"]),
        (("return pool", "print()\n    return pool"), ["lines", "tree"]),
        (("        print(n)", "    print(n)"), ["tree"]),
        (("    # Others have their turn.\n", ""), ["comment", "lines"]),
    ],
)
def test_what_an_edit_does_not_explain_is_a_failure(
    tmp_path: Path, pair: tuple[str, str], checks: list[str]
) -> None:
    assert failures(tmp_path, BEFORE, changed(pair)) == checks


def test_what_stands_beside_the_site_in_its_statement_has_to_stay(
    tmp_path: Path,
) -> None:
    before = "import eventlet\nx = f(eventlet.sleep(1), 2)\n"
    span = (2, 6, 2, 23)
    right = "import time\nx = f(time.sleep(1), 2)\n"
    assert failures(tmp_path, before, right, [span]) == []
    wrong = "import time\nx = f(time.sleep(1), 3)\n"
    assert failures(tmp_path, before, wrong, [span]) == ["tree"]


def test_a_mock_that_moves_may_have_another_name_and_no_other_argument(
    tmp_path: Path,
) -> None:
    before = "import eventlet\nm = patch.object(eventlet, 'spawn', 1)\n"
    span = (2, 17, 2, 25)
    after = "import threading\nm = patch.object(threading, 'Thread', 1)\n"
    assert failures(tmp_path, before, after, [span], "Retarget") == []
    assert failures(tmp_path, before, after, [span]) == ["tree"]
    wrong = after.replace("1)", "2)")
    assert failures(tmp_path, before, wrong, [span], "Retarget") == ["tree"]


def test_a_body_may_lose_its_indentation_and_nothing_else(tmp_path: Path) -> None:
    before = "import eventlet\nwith eventlet.Timeout(1):\n    f()\n    g()\n"
    span = (2, 5, 2, 24)
    assert failures(tmp_path, before, "f()\ng()\n", [span], "Instead") == []
    assert "tree" in failures(tmp_path, before, "f()\n", [span], "Instead")


def test_a_block_of_one_call_may_become_that_call_and_nothing_else(
    tmp_path: Path,
) -> None:
    before, span = "with T(5):\n    e.wait()\nf()\n", (1, 5, 1, 9)
    after = "e.wait(timeout=5)\nf()\n"
    assert failures(tmp_path, before, after, [span], "Instead") == []
    assert "tree" in failures(tmp_path, before, "e.wait()\n", [span], "Instead")
    more = before.replace("e.wait()", "e.wait()\n    g()")
    assert "tree" in failures(tmp_path, more, after, [span], "Instead")


def test_a_try_may_go_with_the_block_in_it(tmp_path: Path) -> None:
    before = "try:\n    with T(5):\n        e.wait()\nexcept T:\n    f()\ng()\n"
    after = "if not e.wait(timeout=5):\n    f()\ng()\n"
    span = 2, 9, 2, 13
    assert failures(tmp_path, before, after, [span], "Unwrap") == []
    assert "tree" in failures(tmp_path, before, after[:-4], [span], "Unwrap")


def test_another_file_may_only_lose_lines_that_are_sites(tmp_path: Path) -> None:
    before, span = "eventlet\nfuturist\n", (1, 0, 1, 8)
    path = "requirements.txt"
    assert failures(tmp_path, before, "futurist\n", [span], "Write", path) == []
    wrong = failures(tmp_path, before, "eventlet\n", [span], "Write", path)
    assert wrong == ["lines"]


@pytest.mark.parametrize(
    ("after", "checks"),
    [
        ("import time\n\ntime.sleep(1)\n", []),
        ("import time\n\ntime.sleep(1 )\n", ["E202"]),
        (f"import time\n\ntime.sleep({'1' * 80})\n", ["E501"]),
        ("import time\nimport os\n\ntime.sleep(os)\n", ["H306"]),
    ],
)
@pytest.mark.parametrize("hacking", [True, False])
def test_a_new_message_of_flake8_is_a_failure(
    tmp_path: Path, after: str, checks: list[str], hacking: bool
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    failures(tmp_path / "new", "import eventlet\n\neventlet.sleep(1)\n", after)
    (tmp_path / "old" / "app.py").write_text("import eventlet\n\neventlet.sleep(1)\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "old", check=True)
    config = "[flake8]\nselect = E2,E5,H306\n"
    for name in ("old", "new"):
        (tmp_path / name / "tox.ini").write_text(config)
        (tmp_path / name / "test-requirements.txt").write_text("hacking\n" * hacking)
        git(tmp_path / name, "add", "-A")
    found = changes(tmp_path / "new", "HEAD^", "HEAD", None)
    notes: list[str] = []
    said = style(found, tmp_path / "old", tmp_path / "new", notes)
    codes = [failure.message.split()[0].rstrip(":") for failure in said]
    assert codes == [code for code in checks if hacking or code != "H306"]
    assert notes == []


SITE = {
    "path": "app.py",
    "line": 3,
    "column": 4,
    "end_line": 3,
    "end_column": 21,
    "api": "eventlet.sleep",
    "form": "call",
    "verdict": "refuse",
    "reason": "process.unpatched",
}


@pytest.mark.parametrize(
    ("use", "verdict"),
    [
        (Use("app.py", 3, 4, "use", "eventlet.greenthread.sleep"), "refuse"),
        (Use("app.py", 3, 4, "use", "eventlet.spawn"), MISSING),
        (Use("app.py", 4, 4, "use", "eventlet.sleep"), MISSING),
        (Use("app.py", 3, 30, "use", "eventlet.sleep"), MISSING),
        (Use("other.py", 3, 4, "use", "eventlet.sleep"), MISSING),
        (Use("app.py", 3, 4, "import", "eventlet.sleep"), MISSING),
        (Use("app.py", 3, 4, "method", "Event#sleep"), MISSING),
    ],
)
def test_a_use_has_the_verdict_of_its_own_site_only(use: Use, verdict: str) -> None:
    assert [each.verdict for each in judge([use], [SITE])] == [verdict]


def test_the_tables_add_up() -> None:
    verdicts = ["rewrite", "assume", "refuse", "refuse", MISSING]
    apis = ["eventlet.greenthread.sleep"] * 4 + ["eventlet.patcher.original"]
    judged = [
        Judged(Use("app.py", n, 0, "use", api), verdict, verdict)
        for n, (verdict, api) in enumerate(zip(verdicts, apis, strict=True))
    ]
    results = [
        Result("one", "0", judged),
        Result("two", "1", judged[:1], only_scan=True),
    ]
    *_, one, two, every = by_tree(results)
    assert one == "| one | 5 | 1 (20 %) | 1 | 2 | 1 | 0 | 0 | 0 | 0 |"
    assert two == "| two | 1 | 1 (100 %) | 0 | 0 | 0 | - | - | - | 0 |"
    assert every == "| all | 6 | 2 (33 %) | 1 | 2 | 1 | 0 | 0 | 0 | 0 |"
    *_, sleep, others = by_api(results)
    assert sleep.startswith("| `eventlet.sleep` | 5 | 2 (40 %) | 1 | 2 | 0 | refuse 2")
    assert others.startswith("| 1 other name | 1 | 0 (0 %) | 0 | 0 | 1 | no verdict 1")


def test_names_of_python_2_are_those_of_python_3() -> None:
    use = Use("app.py", 3, 4, "use", "eventlet.green.urllib2")
    site = {**SITE, "api": "eventlet.green.urllib.request"}
    assert [each.verdict for each in judge([use], [site])] == ["refuse"]
    other = {**SITE, "api": "eventlet.green.urllib.error"}
    assert [each.verdict for each in judge([use], [other])] == [MISSING]
