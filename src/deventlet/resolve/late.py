"""What a thread uses that is stored only after it was started.

A green thread starts when the one that made it waits, so that it sees what was stored
in between; a native one starts at once. Read off the statements behind the start, and
those behind the calls of the function that holds it. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deventlet.resolve.chains import last_name
from deventlet.resolve.facts import Late
from deventlet.resolve.functions import Functions, body_of, where_is
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope, ScopeKind
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, first_parameter
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_LETS_RUN = frozenset({"join", "result", "sleep", "switch", "wait", "waitall"})
"""Calls during which a green thread that was started before has begun to run."""
_CHANGES = frozenset({
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop",
    "popleft", "remove", "setdefault", "update",
})  # fmt: skip
"""Methods that change what a container holds."""
_REMOVES = frozenset({"clear", "discard", "pop", "popleft", "remove"})
"""Those of them that miss what is put into it later."""
_METHODS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEVELS = 2
_MOST = 40
"""How far up calls are followed, and how many of one function."""

_NOBODY = "?"
"""In the place of the name of an object that a caller has none for."""

_Key = tuple[Scope | None, str]
"""A name of a scope, or an attribute of no scope."""


@dataclass(frozen=True, slots=True)
class _Behind:
    """What runs behind a start.

    :param statements: up to the first that lets the thread run.
    :param again: what a loop around it runs before the next start.
    :param waits: whether one of the statements lets the thread run.
    """

    statements: Sequence[ast.stmt]
    again: Sequence[ast.AST]
    waits: bool


@dataclass(frozen=True, slots=True)
class Lateness:
    """Answers about the starts of one program."""

    functions: Functions

    @property
    def program(self) -> Program:
        """The definitions and what uses them."""
        return self.functions.program

    def of(self, place: Place, expr: ast.expr) -> Late:
        """What the function that a call starts uses, and its callers store later.

        :param place: the call.
        :param expr: the function.
        """
        assert isinstance(place.node, ast.Call)
        given = [*place.node.args, *(k.value for k in place.node.keywords)]
        names = frozenset().union(*map(_names_in, given))
        closed = _closed(place, names.union(_handed(place, expr)))
        if closed:
            return Late(closed, closed)
        own = self.program.places.function_of(place)
        used = dict(_emptied_by(expr, place.module))
        for each in filter(None, self.functions.definitions(expr, place.module)):
            for reached in self.functions.reached(each):
                used = dict(_used(reached, own)) | used
        if not used:
            return Late("", "")
        holder = _holder(place)
        here = self._stored([holder] if holder is not None else [], place)
        later = self._later(place, list(_handed(place, expr)))
        return Late(_first(here, used), _first(later, used))

    # -- in the function of the start, and above it ------------------------

    def _later(self, place: Place, known: Sequence[str]) -> Iterator[_Key]:
        behind = _behind(place)
        yield from self._stored(behind.statements, place)
        yield from self._by_methods(behind.statements, place)
        if not behind.waits:
            yield from self._rebound(behind.again, place)
            yield from self._above(place, known, _LEVELS)

    def _by_methods(
        self, statements: Sequence[ast.stmt], place: Place
    ) -> Iterator[_Key]:
        """What methods store in their object, called on the one that starts."""
        own = self.program.places.function_of(place)
        itself = first_parameter(own) if isinstance(own, _METHODS) else None
        for node in (each for s in statements for each in _run_in(s)):
            if isinstance(node, ast.Call) and _is_on(node.func, itself):
                for found in self.functions.definitions(node.func, place.module):
                    if found is not None and isinstance(found.node, _METHODS):
                        yield from _of_itself(found.node)

    def _rebound(self, again: Sequence[ast.AST], place: Place) -> Iterator[_Key]:
        """The names that the next round of a loop binds, not what it puts into them."""
        for node in again:
            for each in _run_in(node):
                if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
                    yield _named(each, place.module)

    def _above(self, place: Place, known: Sequence[str], levels: int) -> Iterator[_Key]:
        """What the callers store in what the thread uses, or in global names.

        :param known: how the function of the place names the objects that it uses.
        """
        own = self.program.places.function_of(place)
        if not levels or not isinstance(own, FUNCTIONS):
            return
        function = Definition(place.module, own)
        for call in list(self._calls(function))[:_MOST]:
            owners = [self._called_with(call, function, each) for each in known]
            behind = _behind(call)
            for statement in (*_simple(call), *behind.statements):
                for node in _run_in(statement):
                    yield from _of_object(node, owners, call.module)
            if not behind.waits:
                yield from self._above(call, owners, levels - 1)

    def _called_with(self, call: Place, function: Definition, known: str) -> str:
        """How the caller names an object that a function knows by one of its own."""
        assert isinstance(call.node, ast.Call)
        assert isinstance(function.node, FUNCTIONS)
        root, dot, rest = known.partition(".")
        names = [arg.arg for arg in function.node.args.args]
        if self.program.places.class_of(function.module, function.node) is not None:
            if [root] == names[:1]:
                makes = getattr(function.node, "name", "") == "__init__"
                return _object(call, makes) + dot + rest
            names = names[1:]
        given = dict(zip(names, call.node.args, strict=False))
        given |= {k.arg: k.value for k in call.node.keywords if k.arg in names}
        return ast.unparse(given[root]) + dot + rest if root in given else _NOBODY

    def _calls(self, function: Definition) -> Iterator[Place]:
        """The calls of a function: of a method those on its class and derived ones."""
        name = getattr(function.node, "name", "")
        assert not isinstance(function.node, ast.ClassDef)
        owner = self.program.places.class_of(function.module, function.node)
        if owner is None:
            yield from _called(self.program.places.mentions(function))
            return
        related = sorted(
            self.program.classes.related(owner),
            key=lambda c: (c.module.path, c.node.lineno),
        )
        if name == "__init__":
            for each in related:
                yield from _called(self.program.places.mentions(each))
        for module in self._files(related):
            for place in self.program.places.attributes_in(module, name):
                if place.call is not None and self._is(function, owner, place):
                    yield place.up()

    def _files(self, classes: Sequence[Definition]) -> list[Module]:
        """The files of some classes, and those that may name one of them."""
        found = {each.module.path: each.module for each in classes}
        for each in classes:
            name = getattr(each.node, "name", "")
            for user in self.program.taking.files(each.module, name):
                found[user.path] = user
        return [found[path] for path in sorted(found)]

    def _is(self, function: Definition, owner: Definition, place: Place) -> bool:
        """Whether an attribute is a method: for certain, or by ``super()``.

        That is how the classes that derive from its own call it.
        """
        assert isinstance(place.node, ast.Attribute)
        if isinstance(place.node.value, ast.Call):
            around = [n for n in place.parents if isinstance(n, ast.ClassDef)][-1:]
            derived = self.program.classes.below(owner)
            return last_name(place.node.value.func) == "super" and any(
                Definition(place.module, each) in derived for each in around
            )
        return function in self.program.meanings.definitions(place.node, place.module)

    # -- what statements store ---------------------------------------------

    def _stored(self, statements: Sequence[ast.stmt], place: Place) -> Iterator[_Key]:
        """What statements store, behind the dot or in names of any scope."""
        own = self.program.places.function_of(place)
        scopes = place.module.scopes
        scope = self.program.places.scope(place.module, own) if own else scopes.module
        for statement in statements:
            if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
                yield scope, getattr(statement, "name", "")
            for node in _run_in(statement):
                changed = _changed(node)
                if isinstance(changed, ast.Attribute):
                    yield None, changed.attr
                elif isinstance(changed, ast.Name):
                    yield _named(changed, place.module)


def _used(function: Definition, outer: ast.AST | None) -> Iterator[tuple[_Key, str]]:
    """The attributes that a function uses, and the names of an outer one or a module.

    A method that is called is none of them.
    """
    nodes = list(body_of(function))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        where = where_is(function.module, node)
        if isinstance(node, ast.Attribute) and id(node) not in called:
            yield (None, node.attr), where
        elif isinstance(node, ast.Name):
            owner, name = _named(node, function.module)
            is_global = owner is not None and owner.kind is ScopeKind.MODULE
            if owner is not None and (is_global or owner.node is outer):
                yield (owner, name), where


def _emptied_by(method: ast.expr, module: Module) -> Iterator[tuple[_Key, str]]:
    """The container that ``jobs.discard`` empties, where it is the function."""
    if isinstance(method, ast.Attribute) and method.attr in _REMOVES:
        where = where_is(module, method)
        match method.value:
            case ast.Attribute(attr=name):
                yield (None, name), where
            case ast.Name() as name:
                yield _named(name, module), where


def _named(node: ast.Name, module: Module) -> _Key:
    """The name with the scope that owns it; one that is nobody's is never asked for."""
    scope = module.scopes.scope_of(node)
    return module.scopes.resolve(node.id, scope) or scope, node.id


def _first(stored: Iterator[_Key], used: dict[_Key, str]) -> str:
    return next((f"{key[1]} at {used[key]}" for key in stored if key in used), "")


def _changed(node: ast.AST) -> ast.expr | None:
    """The name or attribute that a node binds, deletes, or changes the contents of."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value if node.func.attr in _CHANGES else None
    if not isinstance(node, ast.expr) or isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        return None
    return node.value if isinstance(node, ast.Subscript) else node


def _handed(place: Place, function: ast.expr) -> Iterator[str]:
    """The objects that a start names: that of the method, and the arguments."""
    assert isinstance(place.node, ast.Call)
    given = [*place.node.args, *(k.value for k in place.node.keywords)]
    owner = [function.value] if isinstance(function, ast.Attribute) else []
    for each in (*owner, *given):
        if each is not function and isinstance(each, (ast.Name, ast.Attribute)):
            yield ast.unparse(each)


def _of_object(node: ast.AST, owners: Sequence[str], module: Module) -> Iterator[_Key]:
    """What a caller's node stores in some objects, or in a name of the module."""
    changed = _changed(node)
    if isinstance(changed, ast.Attribute) and ast.unparse(changed.value) in owners:
        yield None, changed.attr
    elif isinstance(changed, ast.Name):
        key = _named(changed, module)
        if key[0] is not None and key[0].kind is ScopeKind.MODULE:
            yield key


def _closed(place: Place, handed: frozenset[str]) -> str:
    """What a start gets that a ``with`` around it ends, before the thread runs.

    ``with connect() as c: spawn(listen, Listener(c))``: a green thread finds it closed,
    a native one uses it while it is closed. Not if it may begin before, as something
    behind the start waits.
    """
    around = [*place.parents, place.node]
    for above, below in zip(around[-2::-1], around[:0:-1], strict=True):
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            return ""
        if isinstance(above, (ast.With, ast.AsyncWith)) and below in above.body:
            before, behind = _block(above, below)
            entered = {
                item.optional_vars.id
                for item in above.items
                if isinstance(item.optional_vars, ast.Name)
            }
            given = _holding(before, entered) & handed
            if given and not any(map(_lets_run, [below, *behind])):
                where = where_is(place.module, above)
                return f"{min(given)}, whose with at {where} ends behind it"
    return ""


def _holding(statements: Sequence[ast.stmt], names: set[str]) -> set[str]:
    """Some names, and those that statements assign what is made of them."""
    found = set(names)
    for each in statements:
        for node in _run_in(each):
            if isinstance(node, ast.Assign) and found & _names_in(node.value):
                found |= {ast.unparse(target) for target in node.targets}
    return found


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _object(call: Place, makes: bool) -> str:
    """The object whose method is called, or that a call makes, as it is spelled."""
    assert isinstance(call.node, ast.Call)
    function = call.node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
        return _own_name(call)
    statement = _holder(call)
    is_made = makes and last_name(function) != "__init__"
    if is_made and isinstance(statement, ast.Assign) and statement.value is call.node:
        return ast.unparse(statement.targets[0])
    return ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""


def _own_name(call: Place) -> str:
    """What the method around a call of ``super()`` calls its object."""
    for node in reversed(call.parents):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return first_parameter(node) or ""
    return ""


# -- statements behind a call ----------------------------------------------------


def _is_on(function: ast.expr, itself: str | None) -> bool:
    """Whether a method is that of one's own object: ``self.x`` or ``super().x``."""
    match function:
        case ast.Attribute(value=ast.Name(id=name)):
            return name == itself
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
            return True
    return False


def _of_itself(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[_Key]:
    """What a method stores in its object before it lets others run."""
    itself = first_parameter(method)
    for statement in _until_run(method.body):
        for node in _run_in(statement):
            match _changed(node):
                case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                    if name == itself:
                        yield None, attribute


def _called(places: Iterator[Place]) -> Iterator[Place]:
    return (place.up() for place in places if place.call is not None)


def _holder(place: Place) -> ast.stmt | None:
    around = [*place.parents, place.node]
    return next((n for n in reversed(around) if isinstance(n, ast.stmt)), None)


def _simple(call: Place) -> list[ast.stmt]:
    """The statement of a call in a list: what it stores, it stores behind the call."""
    found = _holder(call)
    return [found] if isinstance(found, (ast.Assign, ast.AnnAssign, ast.Expr)) else []


def _behind(place: Place) -> _Behind:
    """What runs behind the statement of a call, in its function or its file."""
    around = [*place.parents, place.node]
    found: list[ast.stmt] = []
    again: list[ast.AST] = []
    for above, below in zip(around[-2::-1], around[:0:-1], strict=True):
        before, behind = _block(above, below)
        found += behind
        if isinstance(above, _LOOPS) and below in above.body:
            again += [*_child(above, "target"), *before]
            if any(map(_lets_run, found)):
                again = []
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            break
    until = list(_until_run(found))
    return _Behind(until, again, bool(until) and _waits(until[-1]))


def _child(node: ast.AST, name: str) -> list[ast.AST]:
    """The child of a node in a list; an empty one if it has none."""
    found = getattr(node, name, None)
    return [found] if isinstance(found, ast.AST) else []


def _block(above: ast.AST, below: ast.AST) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements of a block before and behind one of them."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(above, name, None)
        if isinstance(block, list) and below in block:
            index = block.index(below)
            return list(block[:index]), list(block[index + 1 :])
    return [], []


def _until_run(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for each in statements:
        yield each
        if isinstance(each, (ast.Return, ast.Raise)) or _waits(each):
            return


def _waits(statement: ast.stmt) -> bool:
    """Whether a statement lets the thread run before the next one for certain."""
    simple = isinstance(statement, (ast.Expr, ast.Assign, ast.Return, ast.Raise))
    return simple and _lets_run(statement)


def _lets_run(statement: ast.AST) -> bool:
    calls = (node for node in _run_in(statement) if isinstance(node, ast.Call))
    return any(last_name(c.func) in _LETS_RUN or _takes(c) for c in calls)


def _takes(call: ast.Call) -> bool:
    """``queue.get()``, and not ``options.get(name)``."""
    plain = all(isinstance(arg, ast.Constant) for arg in call.args)
    text = any(isinstance(getattr(arg, "value", 0), str) for arg in call.args)
    return last_name(call.func) == "get" and plain and not text


def _run_in(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that run with it, not those of functions in it."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _run_in(child)
