"""What a change needs that Python 2 does not have, for projects that still name it.

Reads what the project says of itself, and what is put in a place. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import libcst as cst

from deventlet.codemod import (
    Action,
    Instead,
    Replace,
    ReplaceAround,
    Retarget,
    Swap,
    Unwrap,
)
from deventlet.driver.text.placeholders import meant, placed

_SAID_IN = ("setup.cfg", "setup.py", "pyproject.toml")
_CLASSIFIER = re.compile(r"^[^#\n]*Programming Language :: Python :: 2\b", re.MULTILINE)
_MODULES = frozenset({
    "_thread", "builtins", "http", "queue", "selectors", "socketserver", "urllib.error",
    "urllib.parse", "urllib.request", "urllib.response",
})  # fmt: skip
_NAMES = (
    "threading.get_ident", "{**", "time.monotonic", "contextlib.suppress",
    "subprocess.TimeoutExpired", "acquire(timeout=", "daemon=True",
)  # fmt: skip
"""What else is used of newer Pythons, as it is written."""


def says_python_2(root: Path) -> str:
    """The file in which a project says that it runs on Python 2; empty if none does."""
    for name in _SAID_IN:
        path = root / name
        if path.is_file() and _CLASSIFIER.search(path.read_text("utf-8", "replace")):
            return name
    return ""


def lacking(action: Action) -> str:
    """What Python 2 lacks of what an action puts in a place; empty if nothing."""
    return next(_lacking(action), "")


def _lacking(action: Action) -> Iterator[str]:
    if isinstance(action, (Swap, Retarget)):
        yield from (m for m in (action.module,) if _is_new(m))
    text = _text(action)
    yield from (module for module in placed(text) if _is_new(module))
    yield from (name for name in _NAMES if name in meant(text))


def _text(action: Action) -> str:
    """The code of an action, with placeholders for modules."""
    nodes: tuple[cst.CSTNode, ...] = ()
    if isinstance(action, (Replace, ReplaceAround)):
        nodes = (action.node,)
    elif isinstance(action, (Instead, Unwrap)):
        nodes = action.statements
    return "\n".join(cst.Module([]).code_for_node(node) for node in nodes)


def _is_new(module: str) -> bool:
    return module in _MODULES or module.partition(".")[0] == "http"
