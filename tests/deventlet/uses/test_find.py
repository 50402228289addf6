"""What counts as a use in one file, and that leaving functions out changes nothing."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from deventlet.config import load
from deventlet.driver.inventory import take_inventory
from deventlet.uses import Kind, Meaning, find
from deventlet.uses.find import OneFile
from deventlet.uses.outline import Outline

PLAIN = Meaning()
OWN = Meaning({"proj.utils.nap": "eventlet.sleep"}, frozenset({"proj.hub"}))


def uses(
    text: str, meaning: Meaning = PLAIN, path: str = "proj/mod.py"
) -> list[tuple[int, Kind, str]]:
    """Line, kind and name of what is found, without imports."""
    found = find(path, text.encode(), meaning)
    assert found.problem is None
    return [(u.line, u.kind, u.api) for u in found.uses if u.kind != "import"]


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("import eventlet\neventlet.sleep(1)\n", "eventlet.sleep"),
        ("import eventlet as e\ne.spawn_n(f)\n", "eventlet.spawn_n"),
        ("from eventlet import greenthread as g\ng.sleep()\n", "eventlet.sleep"),
        ("from eventlet.green import socket\nsocket.error\n", "eventlet.green.socket"),
        ("import futurist as f\nf.GreenFuture\n", "futurist.GreenFuture"),
        ("from proj import utils\nutils.eventlet.sleep(0)\n", "eventlet.sleep"),
        ("import proj.utils as u\nu.eventlet.Queue()\n", "eventlet.Queue"),
        ("import eventlet\ngetattr(eventlet, 'sleep')\n", "eventlet"),
    ],
)
def test_every_spelling_is_a_use(text: str, api: str) -> None:
    assert uses(text) == [(2, "use", api)]


@pytest.mark.parametrize(
    "target",
    [
        "mock.patch('eventlet.sleep')",
        "mock.patch('proj.utils.eventlet.sleep')",
        "mock.patch.object(utils.eventlet, 'sleep')",
    ],
)
def test_the_target_of_a_mock_is_a_use(target: str) -> None:
    text = f"from unittest import mock\nfrom proj import utils\n@{target}\ndef f(): 0\n"
    assert uses(text) == [(3, "mock", "eventlet.sleep")]


def test_a_mock_of_the_package_in_another_module_is_a_use() -> None:
    imports = "from unittest import mock\nfrom proj import m\n"
    text = imports + "mock.patch.object(m, 'eventlet')"
    assert uses(text) == [(3, "mock", "eventlet")]


@pytest.mark.parametrize(
    "text",
    [
        "# eventlet.sleep()\n",
        "LOG.info('eventlet.sleep is no target')\n",
        "import eventlet\n",
        "def f(eventlet):\n    eventlet.sleep()\n",
        "from .eventlet import sleep\nsleep(1)\n",
        "import eventlet\ndef f():\n    eventlet = g()\n    eventlet.sleep()\n",
    ],
)
def test_the_word_alone_is_no_use(text: str) -> None:
    assert uses(text) == []


def test_imports_are_apart() -> None:
    text = b"import eventlet\nfrom eventlet import sleep as nap, Queue\n"
    found = find("a.py", text, PLAIN)
    assert [(u.kind, u.api) for u in found.uses] == [
        ("import", "eventlet"),
        ("import", "eventlet.sleep"),
        ("import", "eventlet.Queue"),
    ]


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("from proj import utils\nutils.nap(1)\n", "eventlet.sleep"),
        ("from proj.utils import nap\nnap(1)\n", "eventlet.sleep"),
        ("from proj import hub\nhub.spawn(f)\n", "proj.hub"),
        ("from . import hub\nhub.spawn(f)\n", "proj.hub"),
        ("from proj.hub import Event\nEvent()\n", "proj.hub"),
    ],
)
def test_uses_of_a_shim_are_apart(text: str, api: str) -> None:
    assert uses(text, OWN) == [(2, "through", api)]
    assert uses(text) == []


def test_a_place_is_told_in_characters() -> None:
    (use,) = find("a.py", b"x = '\xc3\xa4'; from eventlet import sleep", PLAIN).uses
    assert (use.line, use.column, use.end_line) == (1, 30, 1)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"import eventlet\nprint 'x'\n", "file.python2"),
        (b"# -*- coding: klingon -*-\nimport eventlet\n", "file.encoding"),
        (b"import eventlet\n\0", "file.nul"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    problem = find("a.py", raw, PLAIN).problem
    assert problem is not None
    assert problem[0] == reason


def test_an_encoding_and_line_ends_change_nothing() -> None:
    text = "# -*- coding: latin-1 -*-\r\nimport eventlet\r\ns = 'ä'; eventlet.sleep()"
    found = find("a.py", text.encode("latin-1"), PLAIN)
    assert [(u.line, u.column) for u in found.uses if u.kind == "use"] == [(3, 9)]


LONG = b'''import eventlet
from other import thing

class A(thing):
    """A docstring with def in it.

    def not_a_function():
    """

    @thing
    @other(
        1)
    def dropped(self,
                x):
        return "no word"

    async def kept(self):
        eventlet.sleep()

    attribute = 1

def also_dropped():
    return """
def text():
"""

def kept_too(): return nap()

nap = eventlet.sleep
'''


def test_functions_without_a_word_are_left_out() -> None:
    left = Outline(LONG).keeping(["eventlet"], ["nap"])
    assert b"dropped" not in left
    assert b"attribute" in left
    assert b"def kept(self)" in left
    assert b"def kept_too()" in left
    assert left.count(b"\n") == LONG.count(b"\n")
    compile(left, "left", "exec")


def test_leaving_functions_out_finds_the_same_on_the_same_lines() -> None:
    lines = LONG.decode().splitlines()
    found = uses(LONG.decode())
    assert [(lines[n - 1].strip(), api) for n, _, api in found] == [
        ("eventlet.sleep()", "eventlet.sleep"),
        ("def kept_too(): return nap()", "eventlet.sleep"),
        ("nap = eventlet.sleep", "eventlet.sleep"),
    ]


def sources() -> list[Path]:
    """Eventlet's own files: nowhere are there more spellings."""
    found = importlib.util.find_spec("eventlet")
    assert found is not None
    assert found.origin is not None
    return sorted(Path(found.origin).parent.rglob("*.py"))


def test_leaving_functions_out_finds_the_same_in_real_files() -> None:
    number = 0
    for path in sources():
        raw = path.read_bytes()
        found = find(path.name, raw, PLAIN).uses
        assert list(found) == OneFile.of(path.name, raw, PLAIN).found(), path
        number += len(found)
    assert number > 500


@pytest.mark.parametrize(
    ("example", "elsewhere"),
    [
        # One string names a function of the project's own that is Eventlet's.
        ("greenhouse", {("greenhouse/tests/test_clock.py", "eventlet.sleep"): 1}),
        ("thorns", {}),
    ],
)
def test_uses_are_what_a_scan_lists(
    example: str, elsewhere: dict[tuple[str, str], int]
) -> None:
    root = Path(__file__).parents[3] / "examples" / example
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    scan = take_inventory(root, files, files, load(root), frozenset())
    listed = Counter(
        (entry.site.path, entry.site.api)
        for entry in scan.entries
        if entry.site.form not in ("import", "method") and entry.reason != "name.module"
    )
    found = Counter(
        (path, use.api)
        for path in files
        for use in find(path, (root / path).read_bytes(), PLAIN).uses
        if use.kind in ("use", "mock")
    )
    assert listed - found == elsewhere
    assert found - listed == {}


def test_a_file_whose_outline_does_not_parse_is_read_as_a_whole() -> None:
    text = "import eventlet\ndef f(a,\nb):\n    return a\neventlet.sleep()\n"
    assert uses(text) == [(5, "use", "eventlet.sleep")]


def test_python_2_in_a_function_that_does_not_matter_hides_nothing() -> None:
    text = "import eventlet\ndef old():\n    print 'x'\neventlet.sleep()\n"
    assert uses(text) == [(4, "use", "eventlet.sleep")]
