"""Lines that got too long, and how they are broken."""

from __future__ import annotations

import ast

import pytest

from deventlet.source.wrap import aligned, broken, hangs_at, is_held, joined

LINES = (
    "start(target=self._function_of_mine, args=(context, instance), daemon=True).go()",
    "self._thread = futures.ThreadPoolExecutor(max_workers=1).submit(self._run, a)",
    "self.threads.append(Pool(max_workers=1).submit(self._function, 'c, d'))",
    "found = [Pool(max_workers=1).submit(self._run, each).result() for each in xs]",
    "start(target=lambda a, b: self.do(a, b, some_long_argument, other_long_argument))",
    "start(f'{one}, {two(1, 2)} and {three}', \"a ) bracket, in a string\", other)",
    "start(target=name, args=(aaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc))",
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("width", [50, 60, 72])
def test_broken_line_means_the_same_and_is_shorter(line: str, width: int) -> None:
    text = broken(line, "", width, "\n")
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(line))
    assert len(text.split("\n")) > 1
    assert max(map(len, text.split("\n"))) < len(line)


@pytest.mark.parametrize("line", LINES)
def test_broken_line_fits_where_it_can(line: str) -> None:
    assert max(map(len, broken(line, "", 79, "\n").split("\n"))) <= 79


def test_arguments_are_filled_under_a_hanging_indentation() -> None:
    line = "    start(target=function, args=(1, 2, 3, 4), kwargs={'a': 1}, daemon=True)"
    assert broken(line, "    ", 50, "\r\n").split("\r\n") == [
        "    start(",
        "        target=function, args=(1, 2, 3, 4),",
        "        kwargs={'a': 1}, daemon=True)",
    ]


def test_line_without_a_bracket_stays() -> None:
    assert broken("value = other", "", 5, "\n") == "value = other"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("    x = ", "", False),
        ("    x = f(", ")", False),
        ("    x = [", "", True),
        ("    x = f(a, [", "]", True),
        ("    x = '['", "", False),
        ("    x = f(", "), g(", False),
    ],
)
def test_other_lines_may_hang_under_a_bracket(
    before: str, after: str, expected: bool
) -> None:
    assert is_held(before, after) is expected


def test_arguments_are_aligned_where_other_lines_hang() -> None:
    text = aligned("submit(function, one, two)", 31, "\n", 10)
    assert text.split("\n") == [
        "submit(function, one,",
        " " * 17 + "two)",
    ]
    assert aligned("submit(function)", 20, "\n", 10) == "submit(function)"


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("run(a,\n    b)", "run(a, b)"),
        ("run(\n    a,\n    b=[\n        1,\n    ],\n)", "run(a, b=[1,])"),
        ("run(lambda: (\n    1,\n))", "run(lambda: (1,))"),
        ("run(a,\n\n    'x'\n    'y')", "run(a, 'x' 'y')"),
        ("run(a,  # why\n    b)", None),
        ("run('''a\nb''',\n    c)", None),
        ("run(f'''a{b}\nc''',\n    d)", None),
        ("run(a + \\\n    b)", None),
    ],
)
def test_call_on_one_line(call: str, line: str | None) -> None:
    assert joined(call) == line
    if line is not None:
        assert ast.dump(ast.parse(line)) == ast.dump(ast.parse(call))


@pytest.mark.parametrize(
    ("line", "column"),
    [("x = run(a, [b,", 11), ("x = run(a,", 7), ("x = run(", 0), ("x = run(a)", 0)],
)
def test_column_that_lines_hang_at(line: str, column: int) -> None:
    assert hangs_at(line) == column
