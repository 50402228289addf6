"""Whether code prints its own text: ``f"{eventlet.sleep(1)=}"``.

Reads the f-string around a site; the parser gives that text as the constant before the
value.
"""

from __future__ import annotations

import ast
from itertools import pairwise

from deventlet.resolve.uses import Use


def prints_itself(use: Use, spelling: str) -> bool:
    """Whether an f-string prints the text of a use.

    :param spelling: the text, on one line.
    """
    strings = (
        _text_before(below, above)
        for above, below in pairwise(use.parents)
        if isinstance(above, ast.JoinedStr)
    )
    return any(
        text.rstrip().endswith("=") and spelling in " ".join(text.split())
        for text in strings
    )


def _text_before(value: ast.AST, whole: ast.JoinedStr) -> str:
    index = whole.values.index(value)  # type: ignore[arg-type]
    before = whole.values[index - 1] if index else None
    return str(before.value) if isinstance(before, ast.Constant) else ""
