"""From uses of Eventlet's names to the objects they make, each followed to its end.

The ways in which a program says that something is one of Eventlet's objects: a call,
a subclass, an annotation, an ``except``, the ``spec`` of a mock. It decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.resolve.api import canonical
from deventlet.resolve.chains import last_name
from deventlet.resolve.names import Names
from deventlet.resolve.offsets import path_at
from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.scopes import Scope, ScopeKind
from deventlet.resolve.tied import interesting
from deventlet.resolve.uses import Use, find_uses
from deventlet.resolve.values import compared, identity, kinds, matchers, operators
from deventlet.resolve.values.arguments import Argument, bind_parameter
from deventlet.resolve.values.bound import whole
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, first_parameter
from deventlet.resolve.values.doubt import judge
from deventlet.resolve.values.exported import publish
from deventlet.resolve.values.flow import Flow, result_of
from deventlet.resolve.values.giving import give
from deventlet.resolve.values.model import How, Member, Origin, Place, Shape, Token
from deventlet.resolve.values.parents import RULES
from deventlet.resolve.values.program import Program
from deventlet.resolve.values.readers import readers
from deventlet.resolve.values.storing import bind

_PLAIN_GENERICS = frozenset({
    "Optional", "Union", "ClassVar", "Final", "Annotated", "Type", "type",
})  # fmt: skip
_TUPLES = frozenset({"Tuple", "tuple"})
_DICTS = frozenset({
    "dict", "Dict", "DefaultDict", "defaultdict", "OrderedDict", "Mapping",
    "MutableMapping",
})  # fmt: skip
_CALLABLES = frozenset({"Callable"})
_QUOTED = rb"(?::|->|\[|\||,)\s*([\"'])(?=[^\"'\n]*\b(?:%s)\b)[^\"'\n%%]*\1"
"""A string that may be an annotation, with a name of the file that is Eventlet's."""
_BEFORE_QUOTED = frozenset((b":", b">", b"[", b"|", b",", b""))
_BACK = 200
"""How many bytes before a quote are looked at for what stands there but space."""
_FEW = 100
"""Names that are each searched for before a pattern of them is tried everywhere."""
_FACTORY = ("default_factory", "factory")
_NOT_VALUES = frozenset({
    "eventlet.getcurrent", "eventlet.patcher.original", "eventlet.import_patched",
})  # fmt: skip
"""Functions that make nothing new, or what is no object: looked at where called."""


@dataclass(eq=False)
class Values:
    """The objects of one state of a repository.

    :param names: the names of the repository, with every name of Eventlet's as its
        interest, after :meth:`Names.explore`.
    :param modules: the files that :meth:`Names.explore` gave.
    """

    names: Names
    modules: list[Module]
    _origins: list[Origin] = field(default_factory=list)
    _named: list[tuple[str, Place]] = field(default_factory=list)
    """The places that name a class and do not call it, with its kind."""
    _classes: list[Origin] = field(default_factory=list)
    """The classes that are values; an object only if something is known of it."""

    @cached_property
    def program(self) -> Program:
        """The repository as the flow sees it."""
        return Program(self.names)

    @cached_property
    def objects(self) -> list[Origin]:
        """Every object, in the order of the places that make them."""
        flow = Flow(self.program, RULES, readers)
        for module in self.modules:
            for use in find_uses(self.names, module):
                self._begin(flow, use)
            self._quoted(flow, module)
        flow.run()
        self._call_back(flow)
        operators.judge(flow)
        used = [each for each in self._classes if each.members or each.escapes]
        found = [*self._origins, *used, *flow.products]
        judge(flow, found)
        compared.judge(flow)
        publish(flow)
        matchers.judge(flow, self._named, found)
        identity.judge(flow)
        found.sort(key=_order)
        for origin in found:
            origin.members.sort(key=lambda m: _where(m.module, m.node))
            origin.escapes.sort(key=lambda e: _where(e.module, e.node))
        return found

    # -- where objects begin -----------------------------------------------

    def _begin(self, flow: Flow, use: Use) -> None:
        """Put in what a use makes or declares, if it does."""
        place = Place(use.module, use.node, use.parents)
        green = kinds.GREEN_CONSTRUCTORS.get(use.api)
        if green is not None:
            place = place if use.dotted != use.api else self._outermost(place)
            inner = use.dotted.removeprefix(use.api).removeprefix(".")
            kind = green.get(inner or getattr(place.node, "attr", ""), "")
        elif canonical(use.dotted) != use.api:
            return
        else:
            kind = kinds.CONSTRUCTORS.get(use.api, "")
        if not kind:
            return
        if place.call is not None:
            self._follow(flow, kind, "created", use.api, place.up())
        else:
            self._named.append((kind, place))
            self._declared(flow, kind, use.api, place)

    def _outermost(self, place: Place) -> Place:
        """``socket.socket`` for the module name that it begins with."""
        parent = place.parent
        if isinstance(parent, ast.Attribute) and parent.value is place.node:
            return place.up()
        return place

    def _follow(
        self, flow: Flow, kind: str, how: How, api: str, place: Place, shape: Shape = ()
    ) -> Origin:
        origin = Origin(kind, place.module, place.node, how, api, result_of(place))
        self._origins.append(origin)
        flow.makers.add((id(place.node), kind))
        flow.start(origin, place, shape)
        return origin

    def _declared(self, flow: Flow, kind: str, api: str, place: Place) -> None:
        """The class itself is named: as a base, a type, a factory or a spec."""
        parent = place.parent
        if isinstance(parent, ast.ClassDef) and place.node in parent.bases:
            self._subclass(flow, kind, api, Definition(place.module, parent))
        elif isinstance(parent, ast.keyword):
            self._keyword(flow, kind, api, place, parent)
        elif isinstance(parent, ast.Call) and last_name(parent.func) in (
            "defaultdict",
            "partial",
        ):
            self._follow(flow, kind, "created", api, place.up(), _made_by(parent))
        elif not (
            self._caught(flow, kind, api, place)
            or self._annotation(flow, kind, api, place)
        ):
            self._as_value(flow, kind, api, place)

    def _as_value(self, flow: Flow, kind: str, api: str, place: Place) -> None:
        """The class goes on as a value: what it is called for is its objects."""
        if api in _NOT_VALUES or _is_dropped(place):
            return
        origin = Origin(kind, place.module, place.node, "created", api)
        self._classes.append(origin)
        flow.classes.add(id(origin))
        flow.start(origin, place, ("call",))

    def _keyword(
        self, flow: Flow, kind: str, api: str, place: Place, keyword: ast.keyword
    ) -> None:
        call = Place(place.module, place.node, place.parents[:-1])
        if not isinstance(call.parent, ast.Call):
            return
        if keyword.arg in ("spec", "spec_set") and "Mock" in last_name(
            call.parent.func
        ):
            self._follow(flow, kind, "mock", api, call.up())
        elif keyword.arg in _FACTORY:
            self._follow(flow, kind, "created", api, call.up())
        else:
            self._as_value(flow, kind, api, place)

    def _caught(self, flow: Flow, kind: str, api: str, place: Place) -> bool:
        """``except Timeout as t``, alone or in a tuple."""
        above = place.parents
        handler = above[-2] if isinstance(above[-1], ast.Tuple) else above[-1]
        if not isinstance(handler, ast.ExceptHandler):
            return False
        if handler.name is not None:
            origin = Origin(kind, place.module, place.node, "caught", api)
            self._origins.append(origin)
            owner = self._owner(place, handler.name)
            if owner is not None:
                binding = next(
                    (b for b in owner.bindings[handler.name] if b.node is handler), None
                )
                token: Token = (origin, ())
                flow.put_name(place.module, owner, handler.name, token, binding)
        return True

    def _owner(self, place: Place, name: str) -> Scope | None:
        function = self.program.places.function_of(place)
        module = place.module
        scope = (
            self.program.places.scope(module, function)
            if function
            else module.scopes.module
        )
        return module.scopes.resolve(name, scope)

    # -- subclasses --------------------------------------------------------

    def _subclass(self, flow: Flow, kind: str, api: str, owner: Definition) -> None:
        """What a class of the repository that derives from Eventlet's makes."""
        family = [owner, *sorted(self.program.classes.below(owner), key=_line)]
        for each in family:
            assert isinstance(each.node, ast.ClassDef)
            members = frozenset().union(
                *(self._members(c) for c in (each, *self.program.classes.above(each)))
            )
            origin = Origin(kind, each.module, each.node, "subclass", api, own=members)
            self._origins.append(origin)
            home = self._home(each)
            binding = next(
                b for b in home.bindings[each.node.name] if b.node is each.node
            )
            token: Token = (origin, ("call",))
            flow.put_name(each.module, home, each.node.name, token, binding)
            for name, function in self._selves(each):
                flow.put_elsewise(each.module, function, name, (origin, ()))

    def _members(self, owner: Definition) -> frozenset[str]:
        scope = self.program.places.scope(owner.module, owner.node)
        return frozenset(scope.bindings) | frozenset(self.program.classes.stores(owner))

    def _home(self, owner: Definition) -> Scope:
        scope = self.program.places.scope(owner.module, owner.node).parent
        while scope is not None and scope.kind is ScopeKind.TYPE_PARAMETERS:
            scope = scope.parent
        assert scope is not None
        return scope

    def _selves(self, owner: Definition) -> Iterator[tuple[str, ast.AST]]:
        """The first parameter of each method, with the method."""
        for bindings in self.program.places.scope(
            owner.module, owner.node
        ).bindings.values():
            for binding in bindings:
                if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    name = first_parameter(binding.node)
                    if name is not None:
                        yield name, binding.node

    # -- annotations -------------------------------------------------------

    def _annotation(
        self, flow: Flow, kind: str, api: str, place: Place, inside: Shape = ()
    ) -> bool:
        """``ev: Event``, ``-> GreenThread``, ``x: dict[str, Event] = {}``.

        Answers whether it is an annotation at all.

        :param inside: how the kind is wrapped within an annotation that is a string.
        """
        shape: list[str] = [*inside]
        below: ast.AST = place.node
        parents = list(place.parents)
        while parents:
            above = parents.pop()
            if getattr(above, "annotation", None) is below:
                self._typed(flow, kind, api, place, above, parents, tuple(shape))
                return True
            if getattr(above, "returns", None) is below:
                self._returning(flow, kind, api, place, above, tuple(shape))
                return True
            if isinstance(above, ast.Subscript):
                shape += _generic(above, place.node)
            elif not isinstance(above, (ast.Tuple, ast.BinOp, ast.List)):
                return False
            below = above
        return False

    def _quoted(self, flow: Flow, module: Module) -> None:
        """Annotations that are strings, in a file that may have one of ours."""
        text = module.source.utf8
        known = sorted(map(as_bytes, interesting(self.names, module) - {"*"}))
        few = len(known) <= _FEW
        quoted = [name for name in known if _is_quoted(text, name)] if few else known
        names = b"|".join(map(re.escape, quoted))
        for found in re.finditer(_QUOTED % names, text) if names else ():
            path = path_at(module, found.start(1))
            string = path.pop()
            if isinstance(string, ast.Constant) and _may_annotate(string, path):
                self._in_quotes(flow, Place(module, string, path))

    def _in_quotes(self, flow: Flow, place: Place) -> None:
        assert isinstance(place.node, ast.Constant)
        try:
            tree = ast.parse(str(place.node.value), mode="eval")
        except (SyntaxError, ValueError):
            return
        module = place.module
        for node in ast.walk(tree):
            if not isinstance(node, (ast.Name, ast.Attribute)):
                continue
            for dotted in sorted(self.names.denote(node, module.scopes.module, module)):
                api = self.names.interest.match(dotted) or ""
                kind = kinds.CONSTRUCTORS.get(api)
                if kind:
                    inside = tuple(_wrapping(tree, node))
                    self._annotation(flow, kind, api, place, inside)

    def _typed(
        self,
        flow: Flow,
        kind: str,
        api: str,
        place: Place,
        above: ast.AST,
        parents: list[ast.AST],
        shape: Shape,
    ) -> None:
        module = place.module
        origin = Origin(kind, module, place.node, "annotated", api)
        if isinstance(above, ast.arg):
            function = next(n for n in reversed(parents) if isinstance(n, FUNCTIONS))
            self._origins.append(origin)
            flow.put_elsewise(module, function, above.arg, (origin, shape[::-1]))
        elif isinstance(above, ast.AnnAssign) and not isinstance(above.value, ast.Call):
            self._origins.append(origin)
            holder = Place(module, above.annotation, [*parents, above])
            bind(flow, holder, above.target, (origin, shape[::-1]))

    def _returning(
        self,
        flow: Flow,
        kind: str,
        api: str,
        place: Place,
        function: ast.AST,
        shape: Shape,
    ) -> None:
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        origin = Origin(kind, place.module, place.node, "annotated", api)
        self._origins.append(origin)
        give(flow, place, function, (origin, shape[::-1]))

    # -- link --------------------------------------------------------------

    def _call_back(self, flow: Flow) -> None:
        """``gt.link(cb)``: the callback's first parameter is the thread."""
        done = 0
        while done != (done := self._links(flow)):
            flow.run()

    def _links(self, flow: Flow) -> int:
        count = 0
        for origin in [*self._origins, *flow.products]:
            for member in list(origin.members):
                call = member.place.call
                if member.name == "link" and call is not None and call.args:
                    count += 1
                    self._link(flow, origin, member, call)
        return count

    def _link(self, flow: Flow, origin: Origin, member: Member, call: ast.Call) -> None:
        place, callback = member.place, call.args[0]
        for each in self.program.meanings.definitions(callback, member.module):
            if each is not None and isinstance(each.node, FUNCTIONS):
                bound = isinstance(callback, ast.Attribute) and bool(
                    self.program.places.class_of(each.module, each.node)
                )
                name = ast.unparse(callback)
                first = Argument(0)
                bind_parameter(flow, place, each, first, (origin, ()), name, bound)


def _is_dropped(place: Place) -> bool:
    """Whether the name of a class is replaced, is only looked into, or says to a mock
    what to raise.
    """
    parent = place.parent
    if isinstance(parent, ast.Assign):
        return any(last_name(target) == "side_effect" for target in parent.targets) or (
            place.node in parent.targets
        )
    return isinstance(parent, (ast.Attribute, ast.Expr, ast.Delete))


def _generic(above: ast.Subscript, inner: ast.expr) -> Shape:
    """How ``X[...]`` wraps what is in its brackets."""
    name = last_name(above.value)
    if name in _PLAIN_GENERICS:
        return ()
    if name in _CALLABLES:
        return ("call",)
    if name in _TUPLES and isinstance(above.slice, ast.Tuple):
        for index, each in enumerate(above.slice.elts):
            if each is inner:
                return (f"at:{index}",)
    if name in _DICTS and isinstance(above.slice, ast.Tuple):
        return ("key",) if above.slice.elts[0] is inner else ("value",)
    return ("item",)


def _is_quoted(text: bytes, name: bytes) -> bool:
    """Whether a name stands in a string that may be an annotation."""
    for start, _ in whole(text, name):
        line = text.rfind(b"\n", 0, start) + 1
        quote = max(text.rfind(each, line, start) for each in (b"'", b'"'))
        before = text[max(0, quote - _BACK) : max(0, quote)].rstrip()
        if quote >= 0 and before[-1:] in _BEFORE_QUOTED:
            return True
    return False


def _may_annotate(text: ast.Constant, path: list[ast.AST]) -> bool:
    """Whether a string stands where an annotation may be."""
    above = path[-1]
    if isinstance(above, (ast.Dict, ast.JoinedStr, ast.Call, ast.keyword, ast.Expr)):
        return False
    return isinstance(text.value, str)


def _wrapping(node: ast.AST, inner: ast.expr) -> Iterator[str]:
    """How the expressions around one wrap it, innermost first."""
    for child in ast.iter_child_nodes(node):
        if child is inner or any(each is inner for each in ast.walk(child)):
            yield from _wrapping(child, inner)
            if isinstance(node, ast.Subscript):
                yield from _generic(node, inner)


def _made_by(call: ast.Call) -> Shape:
    """A ``defaultdict`` holds what its factory makes; a ``partial`` gives it."""
    return ("value",) if last_name(call.func) == "defaultdict" else ("call",)


def _line(found: Definition) -> tuple[str, int]:
    return found.module.path, found.node.lineno


def _where(module: Module, node: ast.AST) -> tuple[str, int, int]:
    return module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _order(origin: Origin) -> tuple[str, int, int, str]:
    return *_where(origin.module, origin.node), origin.kind
