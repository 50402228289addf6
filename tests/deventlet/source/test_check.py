"""The last gate: what passes, and every kind of damage that must not."""

from __future__ import annotations

import pytest

from deventlet.source.check import Difference, check_result
from deventlet.source.text import Edit, decode, parse

SOURCE = '''\
"""Doc."""
import eventlet
import os

LIMIT = 3


@wrap(eventlet)
class Worker:
    """A class."""

    size = 1

    def one(self):
        eventlet.sleep(1)  # comment
        return "text"

    @staticmethod
    def two(): pass

    async def three(self):
        if self.size:
            eventlet.sleep(2); x = 1
        return [eventlet.sleep(n) for n in range(3)]

def four(): return 4
five = lambda: eventlet.sleep(5)

if LIMIT:
    def six():
        eventlet.sleep(6)
'''


def _check(
    text: str, *replacements: tuple[str, str], spans: tuple[str, ...] = ()
) -> None:
    source = decode("x.py", text.encode())
    edits = []
    for old, new in replacements:
        start = source.utf8.index(old.encode())
        edits.append(Edit(start, start + len(old.encode()), new))
    allowed = [
        (source.utf8.index(span.encode()), source.utf8.index(span.encode()) + len(span))
        for span in spans
    ]
    check_result(source, parse(source), edits, allowed)


@pytest.mark.parametrize("number", ["1", "2", "n", "5", "6"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_changed_expression_inside_its_span_passes(number: str, newline: str) -> None:
    old = f"eventlet.sleep({number})"
    text = SOURCE.replace("\n", newline)
    _check(text, (old, f"time.sleep({number})"), spans=(old,))


@pytest.mark.parametrize("number", ["1", "2", "n", "5", "6"])
def test_the_same_change_without_a_span_is_caught(number: str) -> None:
    with pytest.raises(Difference):
        _check(SOURCE, (f"eventlet.sleep({number})", f"time.sleep({number})"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import eventlet\n", ""),
        ("import eventlet\n", "import time\n"),
        ("import os\n", "import os\nimport time\n"),
        ("LIMIT = 3\n", "import time\nLIMIT = 3\n"),
        ("    size = 1\n", "    size  =  1\n"),
    ],
)
def test_imports_and_white_space_may_change(old: str, new: str) -> None:
    _check(SOURCE, (old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3\n", ""),
        ("LIMIT = 3", "LIMIT = 3; y = 2"),
        ("import os\n", "import os\nprint()\n"),
        ("class Worker", "class Waiter"),
        ("@wrap(eventlet)", "@wrap(time)"),
        ("    size = 1\n", ""),
        ("    size = 1\n", "size = 1\n"),
        ('return "text"', 'return "TEXT"'),
        ('return "text"', 'yield "text"'),
        ("        return [", "        return not ["),
        ("    @staticmethod\n", ""),
        ("def two(): pass", "def two(a): pass"),
        ("def two(): pass", "def two(): pass\n\n    def more(self): pass"),
        ("    async def three", "    def three"),
        ("x = 1\n", "x = 1\n            y = 2\n"),
        ("def four(): return 4", "def four(): return 5"),
        ("if LIMIT:", "if not LIMIT:"),
        ("    def six():\n", "    def six():\n        pass\n        0\n"),
    ],
)
def test_anything_else_is_caught(old: str, new: str) -> None:
    with pytest.raises(Difference):
        _check(SOURCE, (old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("eventlet.sleep(1)", "time.sleep((1)"),
        ("eventlet.sleep(1)", 'time.sleep("1)'),
        ("eventlet.sleep(1)", 'time.sleep("""1)'),
        ("eventlet.sleep(1)", "time.sleep(1)\n  time"),
        ("eventlet.sleep(1)", "time.sleep(1)\\"),
        ("import os\n", "import os\nimport (\n"),
    ],
)
def test_a_result_that_does_not_parse_is_caught(old: str, new: str) -> None:
    with pytest.raises(Difference):
        _check(SOURCE, (old, new), spans=("eventlet.sleep(1)",))


@pytest.mark.parametrize(
    ("old", "gone", "passes"),
    [
        ("    @staticmethod\n", "staticmethod", True),
        ("    @staticmethod\n", "wrap(eventlet)", False),
        ("@wrap(eventlet)\n", "wrap(eventlet)", True),
        ("    @staticmethod\n    def two(): pass\n", "staticmethod", False),
    ],
)
def test_a_decorator_goes_only_where_it_is_to_be_gone(
    old: str, gone: str, passes: bool
) -> None:
    source = decode("x.py", SOURCE.encode())
    start, begin = SOURCE.index(old), SOURCE.index(gone)
    edit = Edit(start, start + len(old), "")
    span = (begin, begin + len(gone))
    try:
        check_result(source, parse(source), [edit], (), gone=[span])
    except Difference:
        assert not passes
    else:
        assert passes


def test_a_span_does_not_cover_what_comes_after_it() -> None:
    with pytest.raises(Difference):
        _check(
            SOURCE,
            ("eventlet.sleep(1)", "time.sleep(1); time.sleep(1)"),
            spans=("eventlet.sleep(1)",),
        )


def test_a_fallback_of_imports_may_become_one_import() -> None:
    text = (
        "try:\n    from a import b\nexcept ImportError:\n    from c import b\n\nb()\n"
    )
    _check(text, (text.partition("\n\n")[0], "from c import b"))
    with pytest.raises(Difference):
        _check(text, ("b()", "c()"))
