"""What stands in a test command for the tests that are concerned."""

from __future__ import annotations

import pytest

from deventlet.verify.command import Command


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pytest {files}", "pytest src/a/tests/test_x.py 'b c/tests/__init__.py'"),
        ("stestr run {modules}", "stestr run a.tests.test_x 'b c.tests'"),
        ("make check", "make check"),
    ],
)
def test_the_tests_that_are_concerned_are_named(line: str, said: str) -> None:
    files = ["src/a/tests/test_x.py", "b c/tests/__init__.py"]
    assert Command(line).naming(files) == said
    assert Command(line).names_tests is ("{" in line)


def test_where_none_is_concerned_none_is_named() -> None:
    assert Command("pytest {files}").naming([]) == "pytest "
