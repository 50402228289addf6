"""What stays of the words about a line that has changed."""

from __future__ import annotations

import pytest

from deventlet.driver.emit.tidy import outgrown
from deventlet.source.text import Edit, SourceFile, splice

LENGTH = 20


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        ("spam(1234567, 1234567)  # noqa: E501", "spam", "s", "s(1234567, 1234567)"),
        ("spam(1234567, 123456789)  # noqa: E501", "spam", "s", None),
        ("spam(1, 2)  # noqa: E501", "spam", "s", None),
        ("spam(1234567, 1234567)  # noqa", "spam", "s", None),
        ("spam(1234567, 1234567)  # noqa: E501 it is", "spam", "s", None),
        ("spam(1234567, 1234567)  # noqa: E501,F841", "spam", "s", None),
        ("spam(1234567, 1234567)  # why # noqa: E501", "spam", "s", None),
        ("spam('äääääää', 123456)  # noqa:E501", "spam", "s", "s('äääääää', 123456)"),
        ("from e import q, s  # noqa: H301", ", s", "", "from e import q"),
        (
            "from e import q, s  # noqa: E402,H301, F401", ", s", "",
            "from e import q  # noqa: E402, F401",
        ),
        ("from e import q, s, t  # noqa: H301", ", s", "", None),
        ("from e import q  # noqa: H301", "q", "s", None),
        ("import spam; a = 1  # noqa: H301", "a", "b", None),
    ],
)  # fmt: skip
def test_word_that_a_line_needs_no_more(
    before: str, old: str, new: str, after: str | None
) -> None:
    text = f"import os  # noqa: E501,H301\n{before}\n"
    source = SourceFile("x.py", text.encode(), "utf-8", bom=False)
    start = len(text[: text.index(old, 20)].encode())
    edits = [Edit(start, start + len(old.encode()), new)]
    found = outgrown(source, edits, LENGTH)
    said = splice(source, [*edits, *found]).decode().splitlines()
    assert said[0] == "import os  # noqa: E501,H301"
    assert said[1] == (before.replace(old, new, 1) if after is None else after)


def test_line_that_is_replaced_with_its_comment_has_no_words() -> None:
    source = SourceFile(
        "x.py", b"a = 1\nspam(1234567, 1234567)  # noqa: E501\n", "utf-8", bom=False
    )
    assert outgrown(source, [Edit(6, 46, "")], LENGTH) == []
    assert outgrown(source, [Edit(0, 10, "x")], LENGTH) == []
