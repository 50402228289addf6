"""Where a name is still needed although no expression that can be seen uses it.

Type comments, doctests, ``eval``, ``globals()[...]``, ``__all__`` and the attributes
that other files take: what speaks of a name keeps its import. Reads only, and rather
keeps an import too many than one too few.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from deventlet.resolve.api import ROOTS
from deventlet.resolve.chains import last_name
from deventlet.resolve.offsets import in_annotation, node_at
from deventlet.resolve.project import Module, as_bytes

_CODE_TAKERS = frozenset({"eval", "exec", "compile", "cast", "TypeVar", "NewType"})
_NAME_TAKERS = frozenset({"getattr", "setattr", "hasattr", "delattr"})
_NAMESPACES = frozenset({"globals", "locals", "vars", "__dict__"})
_OWNER = re.compile(rb"(?<=[^\w.])\w+\Z")
_NEAR = 200
_IMPORT = re.compile(rb"[ \t]*(?:import|from)[ \t]")
_DOCTEST = re.compile(rb"\s*(?:>>>|\.\.\.)\s")


def speaks_of(module: Module, name: str) -> bool:
    """Whether text of a file that is not an expression means its own ``name``."""
    word = re.escape(as_bytes(name))
    text = module.source.utf8
    if re.search(rb"#[ \t]*type:[^\n]*\b" + word + rb"\b", text):
        return True
    return any(
        _means(module, found.start(), name)
        for found in re.finditer(word + rb"(?<=\b" + word + rb")\b", text)
    )


def _means(module: Module, offset: int, name: str) -> bool:
    """Whether the word at an offset is in a string that is used as code."""
    path = node_at(module, offset)
    node = path.pop()
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return False
    line = module.source.line_bytes(module.source.position(offset)[0])
    if _DOCTEST.match(line) or in_annotation(node, path):
        return True
    above = path[-1]
    if isinstance(above, ast.Subscript):
        return node.value == name and _last_word(above.value) in _NAMESPACES
    calls = (_last_word(n) for n in reversed(path) if isinstance(n, ast.Call))
    called = next(calls, "")
    return called in _CODE_TAKERS or (node.value == name and called in _NAME_TAKERS)


def _last_word(node: ast.expr) -> str:
    """The last part of the name of an expression, or of what it calls."""
    if isinstance(node, ast.Call):
        node = node.func
    return last_name(node)


def listed_in_all(module: Module, name: str) -> bool:
    """Whether any statement about ``__all__`` has the name."""
    if b"__all__" not in module.source.utf8:
        return False
    return any(
        isinstance(node, ast.Constant) and node.value == name
        for statement in _about_all(module.tree)
        for node in ast.walk(statement)
    )


def says_all(module: Module) -> bool:
    """Whether one plain ``__all__`` says what a star import takes from a file."""
    found = list(_about_all(module.tree)) if b"__all__" in module.source.utf8 else []
    if len(found) != 1 or found[0] not in module.tree.body:
        return False
    value = found[0].value if isinstance(found[0], ast.Assign) else None
    return isinstance(value, (ast.List, ast.Tuple)) and all(
        isinstance(each, ast.Constant) for each in value.elts
    )


def _about_all(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr)) and (
            any(isinstance(n, ast.Name) and n.id == "__all__" for n in ast.walk(node))
        ):
            yield node


def taken(text: bytes, module: str, name: str, others: Iterable[str] = ()) -> bool:
    """Whether a text may take an attribute of this name from a module.

    Not if all that it is taken from are names that ``import`` binds to other modules,
    as in ``threading.Event``.

    :param others: names that the text imports from packages, of modules which have
        nothing to do with it; they count unless the text may bind them anew. So do
        Eventlet's own, such as in a string.
    """
    word = as_bytes(name)
    if _is_taken_by_text(text, word):
        return True
    known = {as_bytes(each) for each in (*others, *ROOTS)}
    for owner in set(_owners(text, word)):
        if owner is None:
            return True
        apart = owner in known and not _is_rebound(text, owner)
        if not apart and not _is_another(text, owner, module):
            return True
    return False


def _is_taken_by_text(text: bytes, name: bytes) -> bool:
    """Whether a call such as ``setattr(x, "name")`` or a mock names an attribute."""
    if not any(quote + name + quote in text for quote in (b"'", b'"')):
        return False
    call = rb"(?:attr|object)\(\s*[\w.]+\s*,\s*(['\"])" + re.escape(name) + rb"\1"
    return re.search(call, text) is not None


def _owners(text: bytes, name: bytes) -> Iterator[bytes | None]:
    """What an attribute is taken from, each time: a name, or None for all else.

    A pattern that begins with one certain byte is found many times faster.
    """
    for found in re.finditer(rb"\.\s*" + re.escape(name) + rb"\b", text):
        if _is_imported(text, found.start()) or _ends_comment(text, found.start()):
            continue
        near = text[max(0, found.start() - _NEAR) : found.start()].rstrip()
        owner = _OWNER.search(near)
        yield owner[0] if owner is not None else None


def _is_imported(text: bytes, offset: int) -> bool:
    """Whether a path is one that ``import`` names: it takes nothing from a module."""
    line = text[text.rfind(b"\n", 0, offset) + 1 :].partition(b"\n")[0]
    return _IMPORT.match(line) is not None and b";" not in line


def _ends_comment(text: bytes, offset: int) -> bool:
    """Whether a dot belongs to a line that is a comment, as the end of a sentence."""
    line = text[text.rfind(b"\n", 0, offset) + 1 : offset]
    return line.lstrip().startswith(b"#")


def _is_another(text: bytes, owner: bytes, module: str) -> bool:
    """Whether ``import`` binds a name to a module that is not the given one.

    The last part of the name decides: a script may import it without its package.
    """
    before = rb"(?m)^import[ \t]+(?:([\w.]+)[ \t]+as[ \t]+)?"
    found = re.search(before + re.escape(owner) + rb"[ \t\r]*(?:#|$)", text)
    if found is None:
        return False
    last = (found[1] or owner).rpartition(b".")[2]
    return last != as_bytes(module.rpartition(".")[2])


def _is_rebound(text: bytes, name: bytes) -> bool:
    """Whether a text may bind a name otherwise than ``from package import name``."""
    word = re.escape(name)
    binding = (
        rb"\bas\s+%s\b|\b%s\b[^\n=().]*=[^=]"
        rb"|\bfor\b[^\n]*\b%s\b|[(,]\s*%s\s*[,):=]"
    )
    return re.search(binding % ((word,) * 4), text) is not None
