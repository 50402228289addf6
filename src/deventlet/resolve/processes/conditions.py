"""Which code runs whenever a file is loaded, and which only may.

By text, as the rest of what is known of imports. What stands below an ``if``, in a
loop, a handler or a function may not run. Where Eventlet is opted out of by the
environment, whoever does so knows it, and both branches count, as they do for calls of
``monkey_patch()``.
"""

from __future__ import annotations

import ast
import re

_HEADER = re.compile(
    rb"(if|elif|else|try|for|while|except|match|def|async[ \t]+(?:for|def))\b"
)
_FUNCTION = re.compile(rb"(?:async[ \t]+)?def\b")
_READING = (b"environ", b"getenv")
_ENVIRONMENT = re.compile(rb"\b(?:environ|getenv)\b")
_FROM_ENVIRONMENT = re.compile(
    rb"^(\w+)[^\n=]*=[^\n=][^\n]*\b(?:environ|getenv)\b", re.M
)
_CONDITIONAL = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While),
    *(ast.ExceptHandler, ast.match_case),
)


def surely_run(text: bytes) -> bytes:
    """The lines of module-level code that run whenever it is loaded."""
    known = _environment_names(text)
    kept: list[bytes] = []
    below: int | None = None
    before: dict[int, bool] = {}
    for line in text.split(b"\n"):
        code = line.lstrip()
        indent = len(line) - len(code)
        if below is not None and (not code or indent > below):
            continue
        below = None
        header = _HEADER.match(code)
        if header and _is_conditional(header[1], code, before.get(indent, True), known):
            below = indent
        else:
            kept.append(line)
        if header and header[1] != b"except":
            before[indent] = below is not None
    return b"\n".join(kept)


def outside_functions(text: bytes) -> bytes:
    """The lines of a definition that run when it is made: those of a class."""
    kept: list[bytes] = []
    below: int | None = None
    for line in text.split(b"\n"):
        code = line.lstrip()
        if below is not None and (not code or len(line) - len(code) > below):
            continue
        below = len(line) - len(code) if _FUNCTION.match(code) else None
        kept.append(line)
    return b"\n".join(kept)


def _is_conditional(
    word: bytes, code: bytes, before: bool, known: frozenset[bytes]
) -> bool:
    """Whether what is below a header may not run.

    :param before: the same for the header that an ``else`` or ``elif`` belongs to.
    """
    if word in (b"try", b"else"):
        return word == b"else" and before
    if word in (b"if", b"elif"):
        return (word == b"elif" and before) or not _opts_out(code, known)
    return True


def _environment_names(text: bytes) -> frozenset[bytes]:
    """The names that a file gives to what it reads from the environment."""
    if not any(word in text for word in _READING):
        return frozenset()
    return frozenset(_FROM_ENVIRONMENT.findall(text))


def _opts_out(test: bytes, known: frozenset[bytes]) -> bool:
    """Whether a condition reads the environment, itself or by a name."""
    asked = frozenset(re.findall(rb"\w+", test))
    return bool(_ENVIRONMENT.search(test) or asked & known)


def may_not_run(node: ast.AST, text: bytes) -> bool:
    """Whether what is below a node of a file may be passed over when it is loaded."""
    if isinstance(node, ast.If):
        return not _opts_out(ast.unparse(node.test).encode(), _environment_names(text))
    return isinstance(node, _CONDITIONAL)
