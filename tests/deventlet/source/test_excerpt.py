from __future__ import annotations

import ast

from deventlet.source.excerpt import MOST, WIDEST, around, lines_of

LINES = [f"line {number}" for number in range(1, 101)]


def test_lines_are_counted_as_python_counts_them() -> None:
    text = "a = 1\r\nb = 2\rc = 3\n\x0cd = 4\n'''\x0b\x85\u2028'''\ne = 6\n"
    lines = lines_of(text)
    for node in ast.parse(text.replace("\r\n", "\n").replace("\r", "\n")).body:
        if isinstance(node, ast.Assign):
            assert (
                lines[node.lineno - 1].strip().startswith(ast.unparse(node.targets[0]))
            )


def test_three_lines_stand_on_either_side() -> None:
    assert around(LINES, 10, 11) == (7, tuple(LINES[6:14]))


def test_the_ends_of_a_file_are_ends() -> None:
    assert around(LINES, 1, 1) == (1, tuple(LINES[:4]))
    assert around(LINES, 100, 100) == (97, tuple(LINES[96:]))
    assert around(["x"], 5, 5) == (2, ())


def test_what_is_long_is_cut() -> None:
    first, lines = around(LINES, 10, 90)
    assert (first, len(lines)) == (7, MOST)
    _, (line,) = around(["x" * 1000], 1, 1)
    assert len(line) == WIDEST
