"""Objects in the contract: an event and a pool whose uses span two files.

An object is one subject with every use of it, and all of them change or none does,
even for a codemod that is no more than a stand-in.
"""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from deventlet.codemod import (
    Context,
    Decision,
    Page,
    Refuse,
    Replace,
    Rewrite,
    Subject,
)
from deventlet.driver import decide
from deventlet.driver import run as driver
from deventlet.driver.run import Outcome, Request

EVENT = {
    "proj/__init__.py": "",
    "proj/gate.py": "from eventlet import event\n\nopened = event.Event()\n",
    "proj/keeper.py": (
        "from proj import gate\n\n\ndef keep():\n    gate.opened.wait()\n\n\n"
        "def open_it():\n    gate.opened.send()\n"
    ),
}
POOL = {
    "proj/__init__.py": "",
    "proj/pools.py": (
        "import eventlet\n\n\nclass Pools:\n    def __init__(self):\n"
        "        self.pool = eventlet.GreenPool(4)\n"
    ),
    "proj/user.py": (
        "from proj import pools\n\n\ndef use(f):\n    mine = pools.Pools()\n"
        "    mine.pool.spawn_n(f)\n    mine.pool.waitall()\n"
    ),
}


def _run(
    root: Path, files: dict[str, str], page: Page, monkeypatch: pytest.MonkeyPatch
) -> Outcome:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    monkeypatch.setattr(decide, "decider", lambda name: _threading_names)
    request = Request(
        root, sorted(files), frozenset(files), assume=frozenset({"process-patched"})
    )
    return driver.run(page, request, {})


def _threading_names(subject: Subject, context: Context) -> Decision:
    """Rename ``send`` to ``set`` at every site of an object, or refuse it whole."""
    if subject.kind != "object":
        return Refuse("sleep.arguments")
    return Rewrite({site: Replace(cst.Name("done")) for site in subject.sites})


def _page(name: str, api: str) -> Page:
    return Page(name, "A sketch", "Sketch", {api: ""}, "A")


def test_an_event_used_in_two_files_is_one_subject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = _run(tmp_path, EVENT, _page("event", "eventlet.Event"), monkeypatch)
    (verdict,) = outcome.verdicts
    assert verdict.subject.kind == "object"
    assert [(site.path, site.form) for site in verdict.subject.sites] == [
        ("proj/gate.py", "call"),
        ("proj/keeper.py", "method"),
        ("proj/keeper.py", "method"),
    ]
    assert set(outcome.changes) == {"proj/gate.py", "proj/keeper.py"}


def test_a_pool_in_an_attribute_is_one_subject_with_its_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = _run(
        tmp_path, POOL, _page("greenpool", "eventlet.GreenPool"), monkeypatch
    )
    (verdict,) = outcome.verdicts
    assert verdict.subject.kind == "object"
    assert [site.path for site in verdict.subject.sites] == [
        "proj/pools.py",
        "proj/user.py",
        "proj/user.py",
    ]


def test_a_name_of_the_projects_changes_with_what_is_made_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "proj/__init__.py": "",
        "proj/hub.py": "from eventlet import event\n\nEvent = event.Event\n",
        "proj/user.py": (
            "from proj import hub\n\n\ndef use():\n    done = hub.Event()\n"
            "    done.wait()\n"
        ),
    }
    outcome = _run(tmp_path, files, _page("event", "eventlet.Event"), monkeypatch)
    (verdict,) = outcome.verdicts
    assert [(site.path, site.form) for site in verdict.subject.sites] == [
        ("proj/user.py", "call"),
        ("proj/hub.py", "reference"),
        ("proj/user.py", "method"),
    ]


@pytest.mark.parametrize(
    "test",
    [
        "@mock.patch('eventlet.event.Event.wait')\ndef test(wait):\n    pass\n",
        "@mock.patch.object(event.Event, 'wait')\ndef test(wait):\n    pass\n",
    ],
)
def test_objects_of_which_a_method_is_replaced_stay(
    test: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "from unittest import mock\n\nfrom eventlet import event\n\n\n"
    files = EVENT | {"proj/test_gate.py": head + test}
    outcome = _run(tmp_path, files, _page("event", "eventlet.Event"), monkeypatch)
    (verdict,) = [v for v in outcome.verdicts if v.subject.kind == "object"]
    assert verdict.reason == "mock.stays"
    assert verdict.detail.startswith("proj/test_gate.py")


def test_a_mock_of_a_name_reaches_what_is_made_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "proj/__init__.py": "",
        "proj/gate.py": (
            "from eventlet.event import Event\n\n\ndef go():\n    Event().wait()\n"
        ),
        "proj/test_gate.py": (
            "from unittest import mock\n\nfrom proj import gate\n\n\n"
            "@mock.patch('proj.gate.Event')\ndef test(made):\n    gate.go()\n"
        ),
    }
    outcome = _run(tmp_path, files, _page("event", "eventlet.Event"), monkeypatch)
    (verdict,) = [v for v in outcome.verdicts if v.subject.kind == "object"]
    assert (verdict.reason, verdict.detail) == ("mock.stays", "proj/test_gate.py:6")
    assert not outcome.changes


@pytest.mark.parametrize(
    ("method", "reasons"),
    [("waitall", ["mock.stays", ""]), ("spawn_n", ["mock.stays", "mock.stays"])],
)
def test_a_mocked_method_holds_back_only_the_pools_that_use_it(
    method: str, reasons: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = "import eventlet\n\n\ndef go(f):\n    pool = eventlet.GreenPool(2)\n"
    files = {
        "proj/__init__.py": "",
        "proj/a.py": f"{pool}    pool.spawn_n(f)\n    pool.waitall()\n",
        "proj/b.py": f"{pool}    pool.spawn_n(f)\n",
        "proj/far.py": f"{pool}    pool.spawn_n(f)\n    pool.waitall()\n",
        "proj/test_a.py": (
            "from unittest import mock\n\nimport eventlet\n\n"
            "from proj import a, b\n\n\n"
            f"@mock.patch.object(eventlet.GreenPool, '{method}')\n"
            "def test(mocked):\n    a.go(print)\n    b.go(print)\n"
        ),
    }
    page = _page("greenpool", "eventlet.GreenPool")
    outcome = _run(tmp_path, files, page, monkeypatch)
    found = {
        v.subject.origin.path: v.reason if v.reason == "mock.stays" else ""
        for v in outcome.verdicts
        if v.subject.kind == "object"
    }
    assert [found["proj/a.py"], found["proj/b.py"]] == reasons
    assert not found["proj/far.py"]
