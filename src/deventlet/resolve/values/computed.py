"""Where a name is looked up by a string: by ``getattr``, ``vars``, ``globals``, …

Found by the words themselves in one file; says which names a string may spell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_MARKS = (b"getattr", b"vars", b"globals", b"__dict__")
_FORMAT = re.compile(r"%(?:\(\w+\))?[-+ #0-9.]*[a-zA-Z]|\{[^}]*\}")

_NAMED = re.compile(r"%\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up by a string.

    :param place: the expression that gives what is found.
    :param owner: what is looked into; None for the names of the file itself.
    :param key: the string; None where any may be meant.
    :param is_attribute: whether it reads an attribute as a dot does.
    """

    place: Place
    owner: ast.expr | None
    key: ast.expr | None
    is_attribute: bool = False

    def may_be(self, name: str) -> bool:
        """Whether the string may spell a name."""
        return self.key is None or re.fullmatch(_spelling(self.key), name) is not None

    @property
    def asked(self) -> ast.ClassDef | None:
        """The class whose ``__getattr__`` looks up just what it is asked for."""
        if not isinstance(self.key, ast.Name):
            return None
        scope = self.place.module.scopes.scope_of(self.key)
        node, above = scope.node, scope.parent.node if scope.parent else None
        if not isinstance(node, ast.FunctionDef) or node.name != "__getattr__":
            return None
        is_key = [self.key.id] == [each.arg for each in node.args.args[1:]]
        once = len(scope.bindings.get(self.key.id, ())) == 1
        return above if is_key and once and isinstance(above, ast.ClassDef) else None

    @property
    def is_told(self) -> bool:
        """Whether some of the string is written down."""
        return self.key is not None and _spelling(self.key) != ".*"

    @property
    def is_literal(self) -> bool:
        """Whether the attribute is read under a name that is written down."""
        return self.is_attribute and isinstance(self.key, ast.Constant)


def lookups_of(program: Program, module: Module, call: ast.Call) -> Iterator[Lookup]:
    """What one call looks up, if it is one of ``getattr``."""
    if isinstance(call.func, ast.Name) and call.func.id == "getattr":
        yield from _called(program.places.place(module, call), call.func.id, call)


def lookups(program: Program, module: Module) -> Iterator[Lookup]:
    """The look-ups of a file."""
    text = module.source.utf8
    for mark in _MARKS[:3]:
        for node, _ in module.scopes.loads(mark.decode()) if mark in text else ():
            place = program.places.place(module, node)
            if place.call is not None:
                yield from _called(place.up(), node.id, place.call)
    for place in program.places.attributes_in(module, "__dict__"):
        assert isinstance(place.node, ast.Attribute)
        if not _is_asked(place):
            yield Lookup(*_key(place, place.node.value))


def lookups_around(program: Program, module: Module, owner: Scope) -> Iterator[Lookup]:
    """The look-ups in all names of a function: ``locals()``, there or further in."""
    text = module.source.utf8
    for mark in (b"locals", b"vars"):
        for node, scope in module.scopes.loads(mark.decode()) if mark in text else ():
            place = program.places.place(module, node)
            call = place.call
            if call is None or call.args or not _is_inside(scope, owner):
                continue
            if not _is_asked(place.up()):
                yield Lookup(*_key(place.up(), None))


def _is_inside(scope: Scope | None, owner: Scope) -> bool:
    while scope is not None and scope is not owner:
        scope = scope.parent
    return scope is owner


def _called(place: Place, name: str, call: ast.Call) -> Iterator[Lookup]:
    if name == "getattr" and len(call.args) > 1:
        yield Lookup(place, call.args[0], _listed(place, call.args[1]), True)
    elif name == "vars" and call.args and not _is_asked(place):
        yield Lookup(*_key(place, call.args[0]))
    elif name == "globals" and not _is_asked(place):
        yield Lookup(*_key(place, None))


def _is_asked(place: Place) -> bool:
    """Whether it is only asked for names, or one is deleted.

    ``"name" in globals()``, ``for name in vars(self)``, ``del self.__dict__[name]``.
    """
    match place.parent:
        case ast.Compare(ops=[ast.In() | ast.NotIn(), *_], comparators=[only]):
            return only is place.node
        case ast.For(iter=names) | ast.comprehension(iter=names):
            return names is place.node
        case ast.Subscript(ctx=ast.Del()):
            return True
    return False


def _key(
    place: Place, owner: ast.expr | None
) -> tuple[Place, ast.expr | None, ast.expr | None]:
    parent = place.parent
    key = parent.slice if isinstance(parent, ast.Subscript) else _filled_in(place)
    return place, owner, key


def _filled_in(place: Place) -> ast.expr | None:
    """The names that a text says that a dict is put into: ``"%(name)s" % vars(x)``."""
    match place.parent:
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=given):
            if given is place.node and _NAMED.findall(text):
                names = _NAMED.findall(text)
                return ast.Tuple([ast.Constant(name) for name in names], ast.Load())
    return None


def _listed(place: Place, key: ast.expr) -> ast.expr:
    """The names themselves, where a key goes through those that are written down.

    ``getattr(self, name) for name in ("first", "second")``.
    """
    if not isinstance(key, ast.Name):
        return key
    scopes = place.module.scopes
    found = scopes.bindings(key.id, scopes.scope_of(key))
    loops = [
        loop
        for node in place.parents
        for loop in (*getattr(node, "generators", ()), node)
        if isinstance(loop, (ast.For, ast.comprehension))
        and isinstance(loop.target, ast.Name)
        and any(b.node in (loop, loop.target) for b in found)
    ]
    names = loops[0].iter if len(found) == len(loops) == 1 else None
    if isinstance(names, (ast.Tuple, ast.List)) and all(map(_is_text, names.elts)):
        return names
    return _put_together(found) or key


def _put_together(found: Sequence[Binding]) -> ast.expr | None:
    """What a name of a function's own is bound to, if nothing binds it again.

    ``name = "handle_" + kind``, and ``getattr(self, name)`` further down.
    """
    if len(found) != 1 or found[0].kind is not BindingKind.ASSIGN:
        return None
    return found[0].value if found[0].scope.kind is ScopeKind.FUNCTION else None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _spelling(key: ast.expr) -> str:
    """A pattern of the strings that an expression may give."""
    if isinstance(key, (ast.Tuple, ast.List)):
        return f"(?:{'|'.join(map(_spelling, key.elts))})"
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return re.escape(key.value)
    if isinstance(key, ast.BinOp) and isinstance(key.op, ast.Add):
        return _spelling(key.left) + _spelling(key.right)
    if isinstance(key, ast.JoinedStr):
        return "".join(_spelling(each) for each in key.values)
    template = _template(key)
    return ".*" if template is None else _filled(template)


def _template(key: ast.expr) -> str | None:
    """The text of ``"..." % x`` and ``"...".format(x)``."""
    text: ast.expr | None = None
    if isinstance(key, ast.BinOp) and isinstance(key.op, ast.Mod):
        text = key.left
    elif isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute):
        text = key.func.value if key.func.attr == "format" else None
    is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
    return str(text.value) if is_text and isinstance(text, ast.Constant) else None


def _filled(template: str) -> str:
    return ".*".join(re.escape(part) for part in _FORMAT.split(template))
