"""The text of an expression that is put together from strings and constants.

``MANAGER + ".eventlet.sleep"``, where ``MANAGER`` is bound once, at the top of this
file or of another one of the repository. Runs no code, decides nothing.
"""

from __future__ import annotations

import ast
import re

from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.receivers import imported_path
from deventlet.resolve.scopes import BindingKind, ScopeKind

_STEPS = 9
"""How many names may lead to each other."""


def text_of(
    expr: ast.expr, module: Module, project: Project, steps: int = _STEPS
) -> str | None:
    """The text that an expression certainly is; None if that is not known."""
    match expr:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _joined([left, right], module, project, steps)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text)), right=right):
            before, mark, behind = text.partition("%s")
            said = text_of(right, module, project, steps)
            plain = mark and "%" not in before + behind
            return f"{before}{said}{behind}" if plain and said is not None else None
        case ast.JoinedStr(values=parts):
            return _joined(parts, module, project, steps)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return text_of(value, module, project, steps)
        case ast.Name() if steps:
            return _of_name(expr, module, project, steps - 1)
        case ast.Attribute(value=ast.Name() as owner, attr=name) if steps:
            found = module.scopes.bindings(owner.id, module.scopes.scope_of(owner))
            if len(found) == 1 and found[0].alias is not None:
                home = project.named(imported_path(module, found[0]))
                return _constant(name, home, project, steps - 1)
    return None


def _joined(
    parts: list[ast.expr], module: Module, project: Project, steps: int
) -> str | None:
    texts = [text_of(each, module, project, steps) for each in parts]
    known = [each for each in texts if each is not None]
    return "".join(known) if len(known) == len(parts) else None


def _of_name(
    expr: ast.Name, module: Module, project: Project, steps: int
) -> str | None:
    """The text of a name of the file, which may be another's constant."""
    owner = module.scopes.resolve(expr.id, module.scopes.scope_of(expr))
    if owner is None or owner.kind is not ScopeKind.MODULE:
        return None
    return _constant(expr.id, module, project, steps)


def _constant(
    name: str, home: Module | None, project: Project, steps: int
) -> str | None:
    """The text that the one binding of a name at the top of a file gives it."""
    found = home.scopes.module.bindings.get(name, ()) if home is not None else ()
    if home is None or len(found) != 1 or found[0].scope is not home.scopes.module:
        return None
    if home.scopes.module.star_imports:  # which may bind any name
        return None
    binding = found[0]
    if binding.kind is BindingKind.ASSIGN and binding.value is not None:
        known = steps and not _is_stored(name, project)
        return text_of(binding.value, home, project, steps - 1) if known else None
    if binding.kind is BindingKind.FROM_IMPORT and steps:
        above, _, attribute = imported_path(home, binding).rpartition(".")
        return _constant(attribute, project.named(above), project, steps - 1)
    return None


def _is_stored(name: str, project: Project) -> bool:
    """Whether any file may store an attribute of the name, such as a module's."""
    word = as_bytes(name)
    stored = re.compile(rb"\.%b[ \t]*(?::[^=\n]*)?=(?!=)|['\"]%b['\"]" % (word, word))
    read = project.read_or_empty
    return any(stored.search(read(path)) for path in project.holding(word))
