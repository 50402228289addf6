"""Continuation lines follow the bracket they hang under, and nothing else moves."""

from __future__ import annotations

import pytest

from deventlet.source.align import realign
from deventlet.source.text import Edit, decode, splice


def _realigned(text: str, old: str, new: str) -> str:
    source = decode("x.py", text.encode())
    start = source.utf8.index(old.encode())
    edits = [Edit(start, start + len(old.encode()), new)]
    last = text.rstrip("\n").count("\n") + 1
    more = realign(source, edits, [(1, last)])
    return splice(source, [*edits, *more]).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "eventlet.sleep(a +\n               b)\n",
            "time.sleep(a +\n           b)\n",
        ),
        (
            "f(eventlet.sleep(a,\n                 b), g(c,\n                      d))",
            "f(time.sleep(a,\n             b), g(c,\n                  d))",
        ),
        (  # hanging indents do not follow the bracket
            "eventlet.sleep(\n    a,\n    b)\n",
            "time.sleep(\n    a,\n    b)\n",
        ),
        (  # an opening bracket before the edit stays where it is
            "f(x, eventlet.sleep(1),\n  y)\n",
            "f(x, time.sleep(1),\n  y)\n",
        ),
        (  # the inside of a string is not white space
            "eventlet.sleep('''a\n               b''')\n",
            "time.sleep('''a\n               b''')\n",
        ),
        (  # a comment line goes along, a blank line has nothing to move
            "eventlet.sleep(a,\n               # why\n\n               b)\n",
            "time.sleep(a,\n           # why\n\n           b)\n",
        ),
        (  # a line that hangs under a line that moves
            "eventlet.sleep(a, f(\n                   b))\n",
            "time.sleep(a, f(\n                   b))\n",
        ),
    ],
)
def test_lines_under_a_moved_bracket_move(before: str, after: str) -> None:
    assert _realigned(before, "eventlet", "time") == after


def test_columns_count_characters_and_offsets_count_bytes() -> None:
    before = "f('é', eventlet.sleep(a,\n                      b))\n"
    after = "f('é', time.sleep(a,\n                  b))\n"
    assert _realigned(before, "eventlet", "time") == after


def test_a_line_without_enough_white_space_is_left() -> None:
    assert (
        _realigned("eventlet.sleep(a,\n b)\n", "eventlet", "t") == "t.sleep(a,\n b)\n"
    )


def test_a_longer_name_moves_lines_to_the_right() -> None:
    before = "sleep(a,\n      b)\n"
    assert _realigned(before, "sleep", "helper") == "helper(a,\n       b)\n"


def test_crlf_lines_move_too() -> None:
    before = "eventlet.sleep(a +\r\n               b)\r\n"
    assert (
        _realigned(before, "eventlet", "time") == "time.sleep(a +\r\n           b)\r\n"
    )
