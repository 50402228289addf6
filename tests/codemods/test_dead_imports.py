"""What the page of ``dead-imports`` cannot show: comments, other files, and a scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.config import Config
from deventlet.driver.inventory import take_inventory
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import page, pages

USED = "\n\ndef name():\n    return os.name\n"


def outcome(root: Path, files: dict[str, str]) -> Outcome:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return run(page("dead-imports"), Request(root, sorted(files), set(files)), {})


def reasons(result: Outcome) -> dict[str, str]:
    """The reason of each subject, by the spelling of its import; empty if it goes."""
    return {v.subject.origin.spelling: v.reason for v in result.verdicts}


def first(root: Path, text: str) -> str:
    """The reason for the one idle import of a file, which may be the only file."""
    (found,) = reasons(outcome(root, {"proj/work.py": text})).values()
    return found


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: E402",
        "# noqa: E402,H301",
        "# pylint: disable=wrong-import-position",
        "# type: ignore",
        "# nosec",
    ],
)
def test_a_comment_about_the_line_goes_with_it(tmp_path: Path, comment: str) -> None:
    text = f"import os\n\nimport eventlet  {comment}\n{USED}"
    result = outcome(tmp_path, {"work.py": text})
    (_, after) = result.changes["work.py"]
    assert after.decode() == f"import os\n{USED}"


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa",
        "# NOQA",
        "# noqa F401",
        "# noqa:F401",
        "# noqa: E402,F401",
        "# noqa: F4",
        "# noqa: F",
        "# pylint: disable=unused-import",
        "# pylint: disable=wrong-import-position,unused-import",
        "# pylint: disable=W0611",
        "# ruff: noqa",
        "# isort: skip",
        "# for its side effects",
    ],
)
def test_a_comment_that_speaks_for_the_import_keeps_it(
    tmp_path: Path, comment: str
) -> None:
    text = f"import os\n\nimport eventlet  {comment}\n{USED}"
    assert first(tmp_path, text) == "dead-imports.deliberate"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("# Third party", ""),
        ("# under the License.", ""),
        ("# has to be imported first", "dead-imports.deliberate"),
        ("# Make sure that Eventlet is there", "dead-imports.deliberate"),
        ("# pylint: disable=unused-import", "dead-imports.deliberate"),
    ],
)
def test_a_line_above_keeps_the_import_if_it_is_about_it(
    tmp_path: Path, line: str, reason: str
) -> None:
    assert first(tmp_path, f"import os\n\n{line}\nimport eventlet\n{USED}") == reason


@pytest.mark.parametrize("opening", ["with guard():", "for _ in range(2):", "try:"])
def test_an_import_in_another_statement_stays(tmp_path: Path, opening: str) -> None:
    end = "finally:\n    done()\n" if opening == "try:" else ""
    text = f"import os\n\n{opening}\n    print(os.name)\n    import eventlet\n{end}"
    assert first(tmp_path, text) == "dead-imports.branch"


def test_an_import_of_a_program_goes_from_its_main_block(tmp_path: Path) -> None:
    text = 'if __name__ == "__main__":\n    import eventlet\n    print(1)\n'
    assert first(tmp_path, text) == ""


@pytest.mark.parametrize(
    "question",
    [
        '"eventlet" in sys.modules',
        "'eventlet.patcher' not in sys.modules",
        'sys.modules.get("eventlet")',
        "modules['eventlet']",
    ],
)
def test_every_form_of_the_question_keeps_the_import(
    tmp_path: Path, question: str
) -> None:
    files = {"a.py": f"import eventlet\n{USED}", "b.py": f"GREEN = {question}\n"}
    result = outcome(tmp_path, files)
    assert [(v.reason, v.detail) for v in result.verdicts] == [
        ("dead-imports.tested", "b.py:1")
    ]


def test_eventletutils_imports_eventlet_by_itself(tmp_path: Path) -> None:
    asks = "from oslo_utils import eventletutils\n\neventletutils.is_monkey_patched()\n"
    files = {"a.py": f"import eventlet\n{USED}", "b.py": asks}
    assert reasons(outcome(tmp_path, files)) == {"eventlet": ""}


def test_a_module_that_its_own_file_uses_by_the_package_stays(tmp_path: Path) -> None:
    text = (
        "import eventlet\nimport eventlet.green.threading as threading\n\n"
        "patched = eventlet.green.threading\n"
    )
    assert first(tmp_path, text) == "dead-imports.loaded"


def test_a_module_that_is_imported_where_it_is_used_does_not_count(
    tmp_path: Path,
) -> None:
    uses = "import eventlet.wsgi\n\neventlet.wsgi.server(1, 2)\n"
    files = {"a.py": f"from eventlet import wsgi\n{USED}", "b.py": uses}
    assert reasons(outcome(tmp_path, files)) == {"wsgi": ""}


def test_a_module_that_the_package_loads_is_missed_by_nobody(tmp_path: Path) -> None:
    uses = "import eventlet\n\neventlet.queue.Queue()\n"
    files = {"a.py": f"import eventlet.queue\n{USED}", "b.py": uses}
    assert reasons(outcome(tmp_path, files)) == {"eventlet.queue": ""}


def test_a_file_that_imports_the_same_module_does_not_take_it(tmp_path: Path) -> None:
    other = (
        "import eventlet.green.socket as socket\nimport proj.a as a\n\n"
        "a.name(socket.socket())\n"
    )
    dead = f"import os\nimport eventlet.green.socket as socket\n{USED}"
    files = {"proj/__init__.py": "", "proj/a.py": dead, "proj/b.py": other}
    assert reasons(outcome(tmp_path, files)) == {"eventlet.green.socket as socket": ""}


def test_a_module_of_the_repositorys_own_is_not_eventlets(tmp_path: Path) -> None:
    files = {"eventlet.py": "", "a.py": f"import eventlet\n{USED}"}
    assert reasons(outcome(tmp_path, files)) == {"eventlet": "name.own-package"}


def test_a_spelling_that_the_configuration_names_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text(f"import os\nfrom eventlet import sleep\n{USED}")
    config = Config(spellings={"work.sleep": "eventlet.sleep"})
    request = Request(tmp_path, ["work.py"], {"work.py"}, config)
    result = run(page("dead-imports"), request, {})
    assert reasons(result) == {"sleep": "dead-imports.exported"}


def test_it_comes_after_every_codemod_about_uses() -> None:
    python = [p.name for p in pages().values() if p.about != "files"]
    assert python[-1] == "dead-imports"


def test_a_scan_says_of_idle_imports_what_becomes_of_them(tmp_path: Path) -> None:
    files = {
        "dead.py": f"import os\nimport eventlet\nfrom eventlet import sleep\n{USED}",
        "meant.py": f"import os\nimport eventlet  # noqa\n{USED}",
        "used.py": "import eventlet\n\neventlet.spawn_n(print)\n",
    }
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    found = take_inventory(
        tmp_path, sorted(files), set(files), Config(), frozenset()
    ).entries
    said = {
        (e.site.path, e.site.line): (e.codemod, e.verdict, e.reason)
        for e in found
        if e.site.form == "import" and e.codemod == "dead-imports"
    }
    assert said == {
        ("dead.py", 2): ("dead-imports", "rewrite", ""),
        ("dead.py", 3): ("dead-imports", "rewrite", ""),
        ("meant.py", 2): ("dead-imports", "refuse", "dead-imports.deliberate"),
    }
