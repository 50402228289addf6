"""What reads a name or an attribute, wherever in the repository that stands.

In the file itself, by imports, by a name that is computed, and for an attribute through
each receiver that may be of the class. A receiver that is not known is a doubt, and is
told as one. Says where a value arrives; what becomes of it there is for the rules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.computed import Lookup, lookups_around
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, by_place, takes
from deventlet.resolve.values.flow import ENTER, Flow, Reader, Slot
from deventlet.resolve.values.model import Origin, Place, Token
from deventlet.resolve.values.storing import bind
from deventlet.resolve.values.unlike import is_unlike


@dataclass(frozen=True, eq=False, slots=True)
class _Attribute:
    """An attribute of a class, and the classes that may share it."""

    owner: Definition
    family: frozenset[Definition]
    name: str


def readers(flow: Flow, slot: Slot) -> list[Reader]:
    """What reads a slot, in the order in which it is to be looked at."""
    if isinstance(slot.owner, Definition):
        return _attribute_readers(flow, slot, slot.owner, slot.name)
    return _name_readers(flow, slot.module, slot.owner, slot.name, slot.binding)


# -- names ---------------------------------------------------------------------


def _name_readers(
    flow: Flow, module: Module, owner: Scope, name: str, binding: Binding | None
) -> list[Reader]:
    found = [
        flow.visitor(place)
        for place, bindings in flow.loads(module, owner, name)
        if binding is None or binding in bindings
    ]
    if owner.kind is ScopeKind.MODULE:
        found += _importing_readers(flow, module, name)
        found += _looked_up_in(flow, module, module, name)
    elif owner.kind is ScopeKind.FUNCTION:
        for each in lookups_around(flow.program, module, owner):
            if each.may_be(name):
                found.append(_looker(flow, each))
    return found


def _looked_up_in(
    flow: Flow, user: Module, module: Module, name: str
) -> Iterator[Reader]:
    """Where a file looks for a module-level name under a computed one."""
    for each in flow.lookups(user):
        owner = each.owner
        is_it = (
            user is module
            if owner is None
            else module in flow.program.places.modules(owner, user)
        )
        if is_it and each.may_be(name):
            yield _looker(flow, each)


def _looker(flow: Flow, lookup: Lookup) -> Reader:
    place = lookup.place
    if lookup.is_literal:
        return flow.visitor(place)

    def look(token: Token) -> None:
        is_called = lookup.is_attribute and _is_only_called(flow, place)
        if is_called and not token[1] and not _may_be_called(token[0]):
            return
        what = f"{ast.unparse(place.node)} may be it"
        flow.escape(place, token, "value.computed", what)

    return look


def _is_only_called(flow: Flow, place: Place) -> bool:
    """Whether what is found is called, maybe by a name, and asked for nothing."""
    if place.call is not None:
        return True
    match place.parent:
        case ast.Assign(targets=[ast.Name(id=name) as target]):
            owner = place.module.scopes.scope_of(target)
            if name not in owner.bindings or owner.kind is not ScopeKind.FUNCTION:
                return False
            loads = flow.loads(place.module, owner, name)
            return all(each.call is not None for each, _ in loads)
    return False


def _importing_readers(flow: Flow, module: Module, name: str) -> Iterator[Reader]:
    """A module-level name as other files of the repository reach it."""
    for user in flow.program.taking.files(module, name):
        yield from _imported(flow, user, module, name)
        yield from _looked_up_in(flow, user, module, name)


def _imported(flow: Flow, user: Module, module: Module, name: str) -> Iterator[Reader]:
    for scope, each in user.scopes.taken(name):
        if takes(user, each, module.name):
            yield _binder(flow, user, scope, each.name, each)
    for place in flow.program.places.attributes_in(user, name):
        assert isinstance(place.node, ast.Attribute)
        if module in flow.program.places.modules(place.node.value, user):
            yield flow.visitor(place)
    yield from _starred(flow, user, module, name)


def _starred(flow: Flow, user: Module, module: Module, name: str) -> Iterator[Reader]:
    for statement in user.scopes.module.star_imports:
        if user.absolute(statement) == module.name:
            for node, scope in user.scopes.loads(name):
                if user.scopes.resolve(name, scope) is None:
                    yield flow.visitor(flow.program.places.place(user, node))


def _binder(
    flow: Flow, user: Module, scope: Scope, name: str, binding: Binding
) -> Reader:
    return lambda token: flow.put_name(user, scope, name, token, binding)


# -- attributes ----------------------------------------------------------------


def _attribute_readers(
    flow: Flow, slot: Slot, owner: Definition, name: str
) -> list[Reader]:
    """What reads an attribute: in the class's family, near it, and elsewhere.

    Files that name neither a class of the family nor its module cannot make an
    instance; what they may get is looked at only until one place is in doubt.
    """
    wanted = _Attribute(owner, flow.program.classes.related(owner), name)
    own = {each.module.path: each.module for each in wanted.family}
    words = {getattr(c.node, "name", "") for c in wanted.family}
    names = {c.module.name for c in wanted.family}
    near, far = sorted(own), list[str]()
    for path in flow.program.words.dotted(name):
        if path not in own:
            is_near = _is_near(flow, path, words, names)
            (near if is_near else far).append(path)
    found: list[Reader] = []
    doubtful: list[Place] = []
    for path in near:
        _read_in(flow, path, wanted, found, doubtful)
    if name in ENTER:
        found += _entering(flow, wanted.family, words)
        found += _entering_elsewhere(flow, owner)
    return found + _guesses(flow, slot, wanted, far, doubtful)


def _is_near(flow: Flow, path: str, words: set[str], names: set[str]) -> bool:
    """Whether a file names one of some classes, or imports the file of one."""
    if not names.isdisjoint(flow.program.project.imported_modules(path)):
        return True
    found = flow.program.words
    return any(True for word in words for _ in found.ends(path, word))


def _guesses(
    flow: Flow, slot: Slot, wanted: _Attribute, far: list[str], doubtful: list[Place]
) -> list[Reader]:
    """Reads through a receiver that is not known: one of them says it all.

    If no other class has an attribute of that name, each is taken for a use.
    """
    if not far and not doubtful:
        return []
    if not _is_unique(flow, wanted.family, wanted.name):
        return [_searcher(flow, slot, wanted, far, doubtful)]
    found: list[Reader] = []
    for path in far:
        _read_in(flow, path, wanted, found, doubtful)
    return [*found, *(_by_name(flow, place) for place in doubtful)]


def _searcher(
    flow: Flow, slot: Slot, wanted: _Attribute, far: list[str], doubtful: list[Place]
) -> Reader:
    """Looks for one place that may read the attribute, no further than that."""
    waiting = far[::-1]

    def search(token: Token) -> None:
        place = next((p for p in doubtful if _may_read(flow, p, token)), None)
        while place is None and waiting:
            found: list[Reader] = []
            known = len(doubtful)
            _read_in(flow, waiting.pop(), wanted, found, doubtful)
            flow.wake(slot, found)
            new = doubtful[known:]
            place = next((p for p in new if _may_read(flow, p, token)), None)
        if place is not None:
            what = f"{ast.unparse(place.node)} may be it"
            flow.escape(place, token, "value.elsewhere", what)

    return search


def _may_read(flow: Flow, place: Place, token: Token) -> bool:
    """Whether a place may read an object through a receiver that is not known.

    Not if it is asked for what such an object does not have, nor through another
    object of Eventlet's; nor where a test asks a mock whether it was called. So it
    is with what a function gives that is called there, and maybe dropped.
    """
    assert isinstance(place.node, ast.Attribute)
    if () in flow.visited.get(id(place.node.value), ()):
        return False
    if not _is_call(token):
        return _may_do(place, token)
    if place.call is None:
        return not _is_no_call(place.parent)
    result = place.up()
    is_dropped = isinstance(result.parent, ast.Expr)
    return not is_dropped and _may_do(result, (token[0], token[1][1:]))


def _entering(
    flow: Flow, family: frozenset[Definition], words: set[str]
) -> Iterator[Reader]:
    """``with C() as x``, where ``C`` is a class of the family."""
    for path in flow.program.project.containing(map(as_bytes, sorted(words))):
        module = flow.program.project.module(path)
        for scope in module.scopes.scopes if module else ():
            for binding in chain.from_iterable(scope.bindings.values()):
                if module and binding.kind is BindingKind.WITH:
                    yield from _entered(flow, module, binding, family)


def _entering_elsewhere(flow: Flow, owner: Definition) -> Iterator[Reader]:
    """What is entered out of sight: objects that go on before a ``with`` has them."""
    below = sorted(flow.program.classes.below(owner), key=by_place)
    for each in (owner, *below):
        for place in flow.program.places.mentions(each):
            if not _is_for_with(flow, place):
                yield _by_others(flow, place)


def _is_for_with(flow: Flow, place: Place) -> bool:
    """Whether a class is named to enter what it makes, or makes nothing there."""
    parent = place.parent
    if place.call is None:
        is_base = isinstance(parent, ast.ClassDef) and place.node in parent.bases
        return is_base or isinstance(parent, (ast.Attribute, ast.arg))
    made = place.up()
    match made.parent:
        case ast.withitem() | ast.Attribute():
            return True
        case ast.Assign(targets=[ast.Name(id=name) as target]):
            owner = made.module.scopes.scope_of(target)
            return owner.kind is ScopeKind.FUNCTION and all(
                isinstance(each.parent, (ast.withitem, ast.Attribute))
                for each, _ in flow.loads(made.module, owner, name)
            )
    return False


def _by_others(flow: Flow, place: Place) -> Reader:
    what = f"{ast.unparse(place.parent)} may be entered elsewhere"
    return lambda token: flow.escape(place, token, "value.elsewhere", what)


def _entered(
    flow: Flow, module: Module, binding: Binding, family: frozenset[Definition]
) -> Iterator[Reader]:
    assert isinstance(binding.node, (ast.With, ast.AsyncWith))
    for item in binding.node.items:
        target, manager = item.optional_vars, item.context_expr
        if target is not None and (
            flow.program.receivers.receiver(manager, module).classes & family
        ):
            place = flow.program.places.place(module, manager)
            yield _enterer(flow, place, item, target)


def _enterer(flow: Flow, place: Place, item: ast.withitem, target: ast.expr) -> Reader:
    def enter(token: Token) -> None:
        if token[1][:1] == ("call",):
            flow.entered.add(id(item))
            bind(flow, place, target, (token[0], token[1][1:]))

    return enter


def _read_in(
    flow: Flow,
    path: str,
    wanted: _Attribute,
    found: list[Reader],
    doubtful: list[Place],
) -> None:
    """Add what reads an attribute in one file, by a dot or by a string."""
    module = flow.program.project.module(path)
    if module is None:
        return
    for place in flow.program.places.attributes_in(module, wanted.name):
        assert isinstance(place.node, ast.Attribute)
        if isinstance(place.node.ctx, ast.Load):
            _read_at(flow, place, place.node.value, wanted, found, doubtful)
    for each in flow.lookups(module):
        if each.owner is not None and each.may_be(wanted.name):
            receiver = flow.program.receivers.receiver(each.owner, module)
            if receiver.classes & wanted.family and _is_asked(flow, each, wanted):
                found.append(_looker(flow, each))


def _is_asked(flow: Flow, lookup: Lookup, wanted: _Attribute) -> bool:
    """Whether a class that hands on what it is asked for is asked for a name.

    What may be of any class is in doubt by itself, unless what else is asked of it
    tells that it is none of those wanted: then it may be of this one.
    """
    if lookup.asked is None:
        return True
    program = flow.program
    own = program.classes.related(Definition(lookup.place.module, lookup.asked))
    for path in program.words.dotted(wanted.name):
        module = program.project.module(path)
        for place in (
            program.places.attributes_in(module, wanted.name) if module else ()
        ):
            assert isinstance(place.node, ast.Attribute)
            receiver = program.receivers.receiver(place.node.value, place.module)
            if receiver.classes & own or (
                receiver.unknown and is_unlike(program, place, wanted.family)
            ):
                return True
    others = chain.from_iterable(
        flow.lookups(each) for each in {id(c.module): c.module for c in own}.values()
    )
    return any(
        program.receivers.receiver(each.owner, each.place.module).classes & own
        for each in others
        if each.owner is not None and each.may_be(wanted.name)
    )


def _read_at(
    flow: Flow,
    place: Place,
    expr: ast.expr,
    wanted: _Attribute,
    found: list[Reader],
    doubtful: list[Place],
) -> None:
    """Add what reads the attribute at a place, if it may be the one wanted."""
    receiver = flow.program.receivers.receiver(expr, place.module)
    ours = receiver.classes & wanted.family
    if ours:
        if flow.program.classes.may_be_of(ours, wanted.owner, wanted.name):
            found.append(flow.visitor(place))
    elif (
        receiver.unknown
        and not (receiver.is_self or receiver.modules)
        and not flow.program.meanings.is_foreign(expr, place.module)
        and not flow.program.meanings.is_imported(expr, place.module)
        and not flow.program.meanings.is_of_others(expr, place.module)
        and not is_unlike(flow.program, place, wanted.family)
    ):
        doubtful.append(place)


def _by_name(flow: Flow, place: Place) -> Reader:
    """A guess: a member that is used right here counts, nothing is followed."""

    def guess(token: Token) -> None:
        if _may_read(flow, place, token):
            what = ast.unparse(place.node)
            flow.escape(place, token, "value.by-name", what)
            if isinstance(place.parent, ast.Attribute) and not token[1]:
                flow.visit(place, token)

    return guess


def _is_unique(flow: Flow, family: frozenset[Definition], name: str) -> bool:
    """Whether no other class of the repository has a member of that name."""
    key = (family, name)
    if key not in flow.unique:
        flow.unique[key] = not (
            name in kinds.COMMON
            or name.startswith("__")
            or flow.program.classes.stored_elsewhere(name, family)
            or any(
                not _is_of(flow, d, family) for d in flow.program.classes.defining(name)
            )
        )
    return flow.unique[key]


def _is_of(flow: Flow, method: Definition, family: frozenset[Definition]) -> bool:
    assert isinstance(method.node, FUNCTIONS)
    return flow.program.places.class_of(method.module, method.node) in family


# -- small facts about values --------------------------------------------------


def _asked_of(place: Place) -> str | None:
    """The attribute that the object at a place surely has, if one is asked for.

    ``x.name``, and ``mock.patch.object(x, "name")``, which looks for it first.
    """
    match place.parent:
        case ast.Attribute(attr=name):
            return name
        case ast.Call(
            func=ast.Attribute(attr="object"),
            args=[first, ast.Constant(value=str(name)), *_],
            keywords=keywords,
        ) if first is place.node:
            return None if {k.arg for k in keywords} - {"autospec"} else name
    return None


def _is_call(token: Token) -> bool:
    """Whether a value is a function that gives an object."""
    return token[1][:1] == ("call",)


def _may_do(place: Place, token: Token) -> bool:
    """Whether what is done with a value may be done with an object of its kind."""
    origin, shape = token
    known = kinds.MEMBERS.get(origin.kind)
    if shape or known is None:
        return True
    has = known | origin.own
    if place.call is not None:
        return _may_be_called(origin)
    asked = _asked_of(place)
    return asked is None or asked in has or asked.startswith("__")


def _may_be_called(origin: Origin) -> bool:
    """Whether an object of some kind can be called itself."""
    known = kinds.MEMBERS.get(origin.kind)
    return known is None or not (known | origin.own).isdisjoint(("call", "__call__"))


def _is_no_call(parent: ast.AST) -> bool:
    """Whether a function that stands below is not called for its result.

    A mock is asked ``….assert_called_once_with()``; a test compares what is there.
    """
    if isinstance(parent, ast.Call):
        return getattr(parent.func, "attr", "") in ("assertEqual", "assertNotEqual")
    name = getattr(parent, "attr", "")
    return name.startswith("assert_") or name in ("called", "call_count", "reset_mock")
