"""Which methods of a class run where only some of them are named.

For a class that derives from nothing: who else could call a method of it has to name
it after a dot. It says nothing about classes with a base, whose methods may be called
from there.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def methods_run_by(owner: ast.ClassDef, users: Collection[bytes]) -> frozenset[str]:
    """The methods that some texts name after a dot, and what those name in turn.

    Special methods, and what the body of the class names, always run. Those of one name
    run together: a property's getter, its setter, and what is defined anew.
    """
    methods = defaultdict[str, set[str]](set)
    for node in owner.body:
        if isinstance(node, _FUNCTIONS):
            methods[node.name] |= _words(node)
    others = [node for node in owner.body if not isinstance(node, _FUNCTIONS)]
    found = {name for name in methods if name.startswith("__")}
    found |= {name for name in methods if any(_has(text, name) for text in users)}
    found |= methods.keys() & {word for node in others for word in _words(node)}
    waiting = set(found)
    while waiting:
        named = {word for name in waiting for word in methods[name]}
        waiting = (methods.keys() & named) - found
        found |= waiting
    return frozenset(found)


def derives_from_nothing(owner: ast.ClassDef) -> bool:
    """Whether a class has no base but ``object``, no metaclass and no decorator."""
    bases = [base for base in owner.bases if getattr(base, "id", "") != "object"]
    return not (bases or owner.keywords or owner.decorator_list)


def _has(text: bytes, name: str) -> bool:
    return re.search(rb"\." + name.encode() + rb"\b", text) is not None


def _words(node: ast.AST) -> set[str]:
    """The names and attributes of a piece of code, and its strings: for getattr."""
    return {
        word
        for each in ast.walk(node)
        for word in (
            getattr(each, "attr", ""),
            getattr(each, "id", ""),
            each.value if isinstance(each, ast.Constant) else "",
        )
        if isinstance(word, str)
    }
