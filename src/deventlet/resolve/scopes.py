"""Which scope a name belongs to, and what binds it, for one parsed file; reads only.

A pass of its own over ``ast``, because ``symtable`` gives no columns and loses the
scopes of inlined comprehensions on Python 3.12 and later, and LibCST's scope
provider does not see ``match`` captures, a walrus inside a comprehension or star
imports. The answer is the same on every Python that runs the tool. The rules are
those of the language reference, "Naming and binding" and "Annotation scopes".

It may not run code, follow an import or guess a type. Two things are left out:
private names are not mangled (``__x`` in a class body stays ``__x``), and the
implicit ``__class__`` cell is not a binding. Every walk has an explicit stack: no
tree that Python's own parser builds is too deep.
"""

from __future__ import annotations

import ast
import enum
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias


class ScopeKind(enum.Enum):
    """What opens a scope; ``FUNCTION`` is ``def``, ``async def`` and ``lambda``."""

    MODULE = enum.auto()
    CLASS = enum.auto()
    FUNCTION = enum.auto()
    COMPREHENSION = enum.auto()
    TYPE_PARAMETERS = enum.auto()


class BindingKind(enum.Enum):
    """How a name is bound.

    ``UNPACK`` is a tuple, list or starred target of an assignment; such a target of
    ``for``, ``with`` or a comprehension keeps that kind. ``ANNOTATION`` is ``x: int``
    without a value: it binds nothing when run, yet makes the name local.
    """

    IMPORT = enum.auto()
    FROM_IMPORT = enum.auto()
    ASSIGN = enum.auto()
    UNPACK = enum.auto()
    ANNOTATION = enum.auto()
    AUGMENTED = enum.auto()
    WALRUS = enum.auto()
    PARAMETER = enum.auto()
    FUNCTION = enum.auto()
    CLASS = enum.auto()
    FOR = enum.auto()
    WITH = enum.auto()
    EXCEPT = enum.auto()
    MATCH = enum.auto()
    DELETE = enum.auto()
    COMPREHENSION = enum.auto()
    TYPE_PARAMETER = enum.auto()
    TYPE_ALIAS = enum.auto()


@dataclass(slots=True, eq=False)
class Binding:
    """One place that binds a name.

    :param node: the statement, ``NamedExpr``, ``arg``, ``ExceptHandler``, pattern or
        type parameter that binds; for a comprehension the whole target.
    :param value: the expression whose value the name gets exactly: of an assignment
        to a plain name, a walrus, or the default of a parameter; else ``None``.
    :param alias: for the two kinds of import.
    :param scope: where the binding stands. The list it is found in belongs to the
        scope that owns the name; the two differ after ``global`` and ``nonlocal`` and
        for a walrus in a comprehension. ``value`` is evaluated here too, except the
        default of a parameter, which the scope around the function evaluates.
    """

    name: str
    kind: BindingKind
    node: ast.AST
    value: ast.expr | None
    alias: ast.alias | None
    scope: Scope = field(repr=False)


@dataclass(slots=True, eq=False)
class Scope:
    """One scope and the names that it owns.

    :param bindings: every binding of each name, those made from elsewhere through
        ``global`` and ``nonlocal`` included and those that this scope makes for
        another one excluded; in the order of the source.
    :param global_names: the names declared ``global`` here.
    :param nonlocal_names: the names declared ``nonlocal`` here.
    :param star_imports: ``from x import *`` in this scope: may bind any name.
    """

    kind: ScopeKind
    node: ast.AST
    parent: Scope | None = field(repr=False)
    bindings: dict[str, list[Binding]] = field(default_factory=dict, repr=False)
    global_names: frozenset[str] = frozenset()
    nonlocal_names: frozenset[str] = frozenset()
    star_imports: tuple[ast.ImportFrom, ...] = ()


class Use(NamedTuple):
    """An ``ast.Name`` in any context, and the scope that evaluates it."""

    node: ast.Name
    scope: Scope


_use = tuple.__new__
"""Makes a ``Use`` of a pair, in a third of the time: a file has very many."""


class ScopeTable:
    """The scopes, bindings and uses of one file.

    :param tree: as ``ast.parse`` gave it; nodes are told apart by identity.

    ``scopes`` starts with the module, and a scope comes before those inside it.
    ``uses`` has every ``ast.Name`` of the file by identifier, once. The target of
    ``x += 1`` is a use in store context, although it reads the name too.
    ``attributes`` has every ``ast.Attribute`` by the name that it asks for, once.
    """

    def __init__(self, tree: ast.Module) -> None:
        walk = _Walk(tree)
        self.scopes: list[Scope] = walk.scopes
        self.module: Scope = walk.scopes[0]
        self.uses: dict[str, list[Use]] = dict(walk.uses)
        self.attributes: dict[str, list[ast.Attribute]] = dict(walk.attributes)
        self._evaluated_in: dict[str, dict[ast.Name, Scope]] = {}
        for scope in self.scopes:
            self._hand_over(scope)

    def dissolve(self) -> None:
        """Cut scopes, bindings and nodes loose from each other; nothing is left.

        They point at one another, so that without this only the cyclic collector
        would free the tree, and a run holds that back.
        """
        for scope in self.scopes:
            scope.bindings.clear()
            scope.parent = None
            scope.node = _GONE
        self.scopes.clear()
        self.uses.clear()
        self.attributes.clear()
        self.__dict__.pop("_opened", None)
        self.__dict__.pop("_taken", None)
        self._evaluated_in.clear()

    def scope_of(self, node: ast.Name) -> Scope:
        """The scope that evaluates this name.

        :raises KeyError: if the node is not in the tree.
        """
        if node.id not in self._evaluated_in:
            self._evaluated_in[node.id] = dict(self.uses[node.id])
        return self._evaluated_in[node.id][node]

    def of(self, node: ast.AST) -> Scope:
        """The scope that a function, lambda, class or comprehension opens.

        :raises KeyError: if it opens none, or is not in the tree.
        """
        return self._opened[node]

    def taken(self, name: str) -> list[tuple[Scope, Binding]]:
        """What ``from x import name`` binds, in any scope, and where."""
        return self._taken.get(name, [])

    @cached_property
    def _taken(self) -> dict[str, list[tuple[Scope, Binding]]]:
        found: defaultdict[str, list[tuple[Scope, Binding]]] = defaultdict(list)
        for scope in self.scopes:
            for bindings in scope.bindings.values():
                for each in bindings:
                    if each.alias is not None and isinstance(each.node, ast.ImportFrom):
                        found[each.alias.name].append((scope, each))
        return dict(found)

    @cached_property
    def _opened(self) -> dict[ast.AST, Scope]:
        return {scope.node: scope for scope in self.scopes}

    def loads(self, name: str) -> list[Use]:
        """The uses of the identifier that read it, whatever scope it belongs to."""
        return [
            use for use in self.uses.get(name, ()) if type(use.node.ctx) is ast.Load
        ]

    def resolve(self, name: str, scope: Scope) -> Scope | None:
        """The scope that owns a name evaluated in ``scope``.

        ``None`` if the file binds it nowhere in sight: a builtin, a star import or
        undefined. A class body that binds the name answers for itself, although it
        may read the outer one first.
        """
        here: Scope | None = scope
        class_in_sight = True
        while here is not None:
            if class_in_sight or here.kind is not ScopeKind.CLASS:
                if name in here.global_names:
                    return self.module if name in self.module.bindings else None
                if name in here.bindings and name not in here.nonlocal_names:
                    return here
            # Only type parameters see the names of the class body they stand in.
            class_in_sight &= here.kind is ScopeKind.TYPE_PARAMETERS
            here = here.parent
        return None

    def bindings(self, name: str, scope: Scope) -> list[Binding]:
        """Every binding a name evaluated in ``scope`` can have; maybe none.

        A class body reads the global name until it has bound its own, even where
        a function around it binds the name, too; type parameters read that one.
        """
        owner = self.resolve(name, scope)
        if owner is None:
            return []
        found = list(owner.bindings[name])
        if owner.kind is ScopeKind.CLASS:
            found = self._outside(name, owner, scope) + found
        return found

    def _outside(self, name: str, body: Scope, reader: Scope) -> list[Binding]:
        """What a name means to the reader while the class body has not bound it."""
        outer: Scope | None = self.module
        if reader is not body:
            outer = body.parent
            while outer is not None and outer.kind is ScopeKind.CLASS:
                outer = outer.parent
            outer = outer and self.resolve(name, outer)
        return [] if outer is None else outer.bindings.get(name, [])

    def is_free(self, name: str, scope: Scope) -> bool:
        """Whether nothing the file binds would catch ``name`` if ``scope`` used it.

        Star imports are not counted; see ``Scope.star_imports``.
        """
        return self.resolve(name, scope) is None

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every identifier that the file binds, uses or declares, in any scope."""
        declared = (
            (*s.bindings, *s.global_names, *s.nonlocal_names) for s in self.scopes
        )
        return frozenset(self.uses).union(*declared)

    def _hand_over(self, scope: Scope) -> None:
        """Give bindings made through ``global`` or ``nonlocal`` to their owner."""
        for name in sorted(scope.global_names | scope.nonlocal_names):
            is_global = name in scope.global_names
            owner = self.module if is_global else self.resolve(name, scope)
            if owner is None or owner is scope or name not in scope.bindings:
                continue
            joined = owner.bindings.setdefault(name, [])
            joined += scope.bindings.pop(name)
            joined.sort(key=_position)


_GONE = ast.Pass()
"""Stands for the node of a scope that may be remembered, but not its tree."""


def _position(binding: Binding) -> tuple[int, int]:
    node: Any = binding.node
    return node.lineno, node.col_offset


_Item: TypeAlias = "ast.AST | Scope | None"
_Body: TypeAlias = "list[ast.stmt] | ast.expr"
_Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# Fields without names in them, of the node types that have no handler below.
_PLAIN_FIELDS = {"arg", "attr", "conversion", "ctx", "kwd_attrs", "op", "ops", "str"}


def _child_fields(node_type: type[ast.AST]) -> tuple[str, ...]:
    """The fields to walk into, last first: the walk's stack turns them round."""
    if node_type in (ast.Constant, ast.MatchSingleton):
        return ()  # their value is a plain object
    return tuple(f for f in reversed(node_type._fields) if f not in _PLAIN_FIELDS)


# ``None`` stands in optional fields and in ``Dict.keys``: a leaf like any other.
_CHILD_FIELDS: dict[type, tuple[str, ...]] = {
    type(None): (),
    **{
        node_type: _child_fields(node_type)
        for node_type in vars(ast).values()
        if isinstance(node_type, type) and issubclass(node_type, ast.AST)
    },
}


class _Walk:
    """The one pass that finds scopes, bindings and uses.

    The stack holds nodes still to walk. A ``Scope`` on it says that what follows
    is evaluated there, so one stack serves all scopes.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.scopes: list[Scope] = []
        self.uses: defaultdict[str, list[Use]] = defaultdict(list)
        self.attributes: defaultdict[str, list[ast.Attribute]] = defaultdict(list)
        self.scope = self.open(ScopeKind.MODULE, tree, None)
        self.stack: list[Any] = tree.body[::-1]
        self.run()

    def run(self) -> None:
        """Walk; the kinds of nodes that most of a file consists of are done here."""
        stack, uses, handlers = self.stack, self.uses, _HANDLERS
        attributes = self.attributes
        name, attribute, constant = ast.Name, ast.Attribute, ast.Constant
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is name:
                uses[node.id].append(_use(Use, (node, self.scope)))
            elif kind is attribute:
                attributes[node.attr].append(node)
                stack.append(node.value)
            elif kind is ast.Call:
                if node.keywords:
                    stack += [keyword.value for keyword in reversed(node.keywords)]
                stack += node.args[::-1]
                stack.append(node.func)
            elif kind is ast.Expr:
                stack.append(node.value)
            elif kind is not constant:
                handler = handlers.get(kind)
                if handler is not None:
                    handler(self, node)
                else:
                    self.below(node)

    def below(self, node: ast.AST) -> None:
        """Put all parts of a node on the stack."""
        for name in _CHILD_FIELDS[node.__class__]:
            child = getattr(node, name)
            if child.__class__ is list:
                self.stack += child[::-1]
            else:
                self.stack.append(child)

    def open(self, kind: ScopeKind, node: ast.AST, parent: Scope | None) -> Scope:
        scope = Scope(kind, node, parent)
        self.scopes.append(scope)
        return scope

    def enter(self, scope: Scope) -> None:
        self.scope = scope

    def later(self, *parts: _Item | list[Any]) -> None:
        """Put parts on the stack; they are walked in the order given here."""
        for part in reversed(parts):
            if isinstance(part, list):
                self.stack += part[::-1]
            else:
                self.stack.append(part)

    def use(self, node: ast.Name) -> None:
        self.uses[node.id].append(_use(Use, (node, self.scope)))

    def bind(
        self,
        name: str,
        kind: BindingKind,
        node: ast.AST,
        value: ast.expr | None = None,
        alias: ast.alias | None = None,
        owner: Scope | None = None,
    ) -> None:
        binding = Binding(name, kind, node, value, alias, self.scope)
        (owner or self.scope).bindings.setdefault(name, []).append(binding)

    def bind_target(self, target: ast.expr, kind: BindingKind, node: ast.AST) -> None:
        """Bind the names of a target; what it only evaluates is walked later."""
        todo = [target]
        while todo:
            part = todo.pop()
            if isinstance(part, ast.Name):
                self.use(part)
                self.bind(part.id, kind, node)
            elif isinstance(part, ast.Tuple | ast.List):
                todo += part.elts[::-1]
            elif isinstance(part, ast.Starred):
                todo.append(part.value)
            else:
                self.stack.append(part)

    # Statements that bind.

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.bind(name, BindingKind.IMPORT, node, alias=alias)

    def import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.scope.star_imports += (node,)
            else:
                name = alias.asname or alias.name
                self.bind(name, BindingKind.FROM_IMPORT, node, alias=alias)

    def assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.assign_one(target, node, node.value)
        self.stack.append(node.value)

    def assign_one(self, target: ast.expr, node: ast.stmt, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.use(target)
            self.bind(target.id, BindingKind.ASSIGN, node, value)
        else:
            self.bind_target(target, BindingKind.UNPACK, node)

    def annotated_assign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign_one(node.target, node, node.value)
        elif node.simple:
            self.bind_target(node.target, BindingKind.ANNOTATION, node)
        else:
            self.later(node.target)  # "(x): int" does not even make x local
        self.later(node.annotation, node.value)

    def augmented_assign(self, node: ast.AugAssign) -> None:
        self.bind_target(node.target, BindingKind.AUGMENTED, node)
        self.later(node.value)

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.bind_target(target, BindingKind.DELETE, node)

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.bind_target(node.target, BindingKind.FOR, node)
        self.later(node.iter, node.body, node.orelse)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, BindingKind.WITH, node)
        self.later([item.context_expr for item in node.items], node.body)

    def except_(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self.bind(node.name, BindingKind.EXCEPT, node)
        self.later(node.type, node.body)

    def global_(self, node: ast.Global) -> None:
        self.scope.global_names |= frozenset(node.names)

    def nonlocal_(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocal_names |= frozenset(node.names)

    # Patterns.

    def match_as(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name is not None:
            self.bind(node.name, BindingKind.MATCH, node)
        self.later(getattr(node, "pattern", None))

    def match_mapping(self, node: ast.MatchMapping) -> None:
        if node.rest is not None:
            self.bind(node.rest, BindingKind.MATCH, node)
        self.later(node.keys, node.patterns)

    # Scopes of their own. The stack turns things round: what is put on it first,
    # the inside, is walked last.

    def function(self, node: _Function) -> None:
        """Decorators and defaults belong outside; annotations see type parameters."""
        self.bind(node.name, BindingKind.FUNCTION, node)
        typed = self.type_scope(node)
        self.inside(node, node.args, node.body, typed)
        annotations = [arg.annotation for arg, _ in _parameters(node.args)]
        self.later(typed, _type_parameters(node), annotations, node.returns)
        self.later(node.decorator_list, node.args.defaults, node.args.kw_defaults)

    def lambda_(self, node: ast.Lambda) -> None:
        self.inside(node, node.args, node.body, self.scope)
        self.later(node.args.defaults, node.args.kw_defaults)

    def inside(
        self, node: ast.AST, args: ast.arguments, body: _Body, parent: Scope
    ) -> None:
        """Open the scope of a function, bind its parameters and plan its body."""
        inner = self.open(ScopeKind.FUNCTION, node, parent)
        for arg, default in _parameters(args):
            binding = Binding(arg.arg, BindingKind.PARAMETER, arg, default, None, inner)
            inner.bindings[arg.arg] = [binding]
        self.later(inner, body, self.scope)

    def class_(self, node: ast.ClassDef) -> None:
        self.bind(node.name, BindingKind.CLASS, node)
        typed = self.type_scope(node)
        inner = self.open(ScopeKind.CLASS, node, typed)
        header = (typed, _type_parameters(node), node.bases, node.keywords)
        self.later(node.decorator_list, *header, inner, node.body, self.scope)

    def comprehension(self, node: _Comprehension) -> None:
        """The first iterator belongs outside, everything else inside."""
        inner = self.open(ScopeKind.COMPREHENSION, node, self.scope)
        result = (
            [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        )
        first = node.generators[0].iter
        self.later(first, inner, node.generators, result, self.scope)

    def clause(self, node: ast.comprehension) -> None:
        comprehension: Any = self.scope.node
        first = comprehension.generators[0]
        self.later(None if node is first else node.iter, node.ifs)
        self.bind_target(node.target, BindingKind.COMPREHENSION, node.target)

    def walrus(self, node: ast.NamedExpr) -> None:
        """Binds in the nearest scope that is not a comprehension."""
        self.use(node.target)
        owner = self.scope
        while owner.kind is ScopeKind.COMPREHENSION and owner.parent is not None:
            owner = owner.parent
        self.bind(node.target.id, BindingKind.WALRUS, node, node.value, owner=owner)
        self.later(node.value)

    # Type parameters: their nodes exist from Python 3.12 on.

    def type_scope(self, node: ast.AST) -> Scope:
        """The scope of a statement's type parameters; the present one without."""
        if not _type_parameters(node):
            return self.scope
        return self.open(ScopeKind.TYPE_PARAMETERS, node, self.scope)

    def type_parameter(self, node: Any) -> None:
        self.bind(node.name, BindingKind.TYPE_PARAMETER, node)
        self.later(getattr(node, "bound", None), getattr(node, "default_value", None))

    def type_alias(self, node: Any) -> None:
        self.use(node.name)
        self.bind(node.name.id, BindingKind.TYPE_ALIAS, node)
        self.later(
            self.type_scope(node), _type_parameters(node), node.value, self.scope
        )


def _type_parameters(node: ast.AST) -> list[ast.AST]:
    return getattr(node, "type_params", [])


def _parameters(args: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """Every parameter in the order of the source, with its default."""
    plain = args.posonlyargs + args.args
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    found = [*zip(plain, [*defaults, *args.defaults], strict=True)]
    if args.vararg is not None:
        found.append((args.vararg, None))
    found += zip(args.kwonlyargs, args.kw_defaults, strict=True)
    if args.kwarg is not None:
        found.append((args.kwarg, None))
    return found


_HANDLER_NAMES: dict[str, Callable[[_Walk, Any], None]] = {
    "Import": _Walk.import_,
    "ImportFrom": _Walk.import_from,
    "Assign": _Walk.assign,
    "AnnAssign": _Walk.annotated_assign,
    "AugAssign": _Walk.augmented_assign,
    "Delete": _Walk.delete,
    "For": _Walk.for_,
    "AsyncFor": _Walk.for_,
    "With": _Walk.with_,
    "AsyncWith": _Walk.with_,
    "ExceptHandler": _Walk.except_,
    "Global": _Walk.global_,
    "Nonlocal": _Walk.nonlocal_,
    "MatchAs": _Walk.match_as,
    "MatchStar": _Walk.match_as,
    "MatchMapping": _Walk.match_mapping,
    "FunctionDef": _Walk.function,
    "AsyncFunctionDef": _Walk.function,
    "Lambda": _Walk.lambda_,
    "ClassDef": _Walk.class_,
    "ListComp": _Walk.comprehension,
    "SetComp": _Walk.comprehension,
    "DictComp": _Walk.comprehension,
    "GeneratorExp": _Walk.comprehension,
    "comprehension": _Walk.clause,
    "NamedExpr": _Walk.walrus,
    "TypeVar": _Walk.type_parameter,
    "ParamSpec": _Walk.type_parameter,
    "TypeVarTuple": _Walk.type_parameter,
    "TypeAlias": _Walk.type_alias,
}
_HANDLERS: dict[type, Callable[[_Walk, Any], None]] = {
    Scope: _Walk.enter,
    **{
        getattr(ast, name): handler
        for name, handler in _HANDLER_NAMES.items()
        if hasattr(ast, name)
    },
}


def ancestors(tree: ast.Module, node: ast.AST) -> list[ast.AST]:
    """The nodes from the module down to the parent of ``node``.

    :raises ValueError: if the node is not in the tree.
    """
    return all_ancestors(tree, [node])[node]


def all_ancestors(
    tree: ast.Module, nodes: Collection[ast.AST]
) -> dict[ast.AST, list[ast.AST]]:
    """The nodes from the module down to the parent of each of ``nodes``.

    Goes down by position, to all of them at once, so that a few nodes of a large
    file are cheap to place and many are no more than one walk. A node without a
    position, or one that lies about it, is looked for everywhere; parts of f-strings
    do on Python 3.11, so that those are walked whole.

    :raises ValueError: if one of the nodes is not in the tree.
    """
    wanted = set(nodes)
    starts = sorted(span[0] for span in map(_span, wanted) if span is not None)
    found = _paths(tree, wanted, _Near(starts))
    if len(found) < len(wanted):
        found |= _paths(tree, wanted - found.keys(), _everywhere)
    if len(found) < len(wanted):
        node = next(iter(wanted - found.keys()))
        raise ValueError(f"the {type(node).__name__} node is not in this tree")
    return found


_Position: TypeAlias = tuple[int, int]


class _Link(NamedTuple):
    """A node and the link to its parent: a path that needs no copying."""

    node: ast.AST
    above: _Link | None


_Children: TypeAlias = "Callable[[ast.AST], tuple[Iterable[ast.AST], _Children]]"


def _paths(
    tree: ast.Module, wanted: set[ast.AST], children: _Children
) -> dict[ast.AST, list[ast.AST]]:
    """The ancestors of nodes, looking only into some of the children.

    :param children: those of a node, and how to go on below them.
    """
    found: dict[ast.AST, list[ast.AST]] = {}
    links = [(_Link(tree, None), children)]
    while links and len(found) < len(wanted):
        link, choose = links.pop()
        if link.node in wanted:
            found[link.node] = _unwind(link.above)
        below, choose = choose(link.node)
        links += ((_Link(child, link), choose) for child in below)
    return found


def _unwind(link: _Link | None) -> list[ast.AST]:
    path = []
    while link is not None:
        path.append(link.node)
        link = link.above
    return path[::-1]


def _everywhere(node: ast.AST) -> tuple[Iterable[ast.AST], _Children]:
    return ast.iter_child_nodes(node), _everywhere


@dataclass(frozen=True, eq=False, slots=True)
class _Near:
    """The children that cover one of some positions, and those without a position.

    :param starts: the positions, in order.
    """

    starts: list[_Position]

    def __call__(self, node: ast.AST) -> tuple[Iterable[ast.AST], _Children]:
        if isinstance(node, ast.JoinedStr):
            return _everywhere(node)
        return filter(self._covers, self.children(node)), self

    def _covers(self, node: ast.AST) -> bool:
        span = _span(node)
        if span is None:
            return True
        index = bisect_left(self.starts, span[0])
        return index < len(self.starts) and self.starts[index] < span[1]

    def children(self, parent: ast.AST) -> Iterator[ast.AST]:
        """All but the statements that are around none of the positions."""
        for name in parent._fields:
            value = getattr(parent, name, None)
            if isinstance(value, ast.AST):
                yield value
            elif isinstance(value, list) and name in _BLOCKS and len(value) > _FEW:
                yield from self._around(value)
            elif isinstance(value, list):
                yield from (each for each in value if isinstance(each, ast.AST))

    def _around(self, block: list[ast.stmt]) -> Iterator[ast.stmt]:
        """The statements before whose end the next position is, each once.

        A class of a large file has thousands of statements, which stand in order.
        """
        index = bisect_left(self.starts, _start(block[0]))
        while index < len(self.starts):
            place = bisect_right(block, self.starts[index], key=_start)
            yield block[place - 1]
            if place == len(block):
                return
            index = bisect_left(self.starts, _start(block[place]), lo=index + 1)


def path_to(tree: ast.Module, line: int, column: int) -> list[ast.AST]:
    """The path down to the innermost node that covers the byte at a position."""
    path: list[ast.AST] = [tree]
    while True:
        below = near(path[-1], (line, column + 1))
        inner = next((each for each in below if reaches(each, line, column + 1)), None)
        if inner is None:
            return path
        path.append(inner)


def reaches(node: ast.AST, line: int, column: int) -> bool:
    """Whether a node, or one without a position, may hold what ends there."""
    span = _span(node)
    if span is None:
        return any(reaches(each, line, column) for each in ast.iter_child_nodes(node))
    return span[0] < (line, column) <= span[1]


def near(parent: ast.AST, start: _Position) -> Iterator[ast.AST]:
    """The children of a node; of a list of statements only the one around a place."""
    return _Near([start]).children(parent)


_BLOCKS = frozenset({"body", "orelse", "finalbody"})
_FEW = 4


def _start(statement: ast.stmt) -> _Position:
    span = _span(statement)
    assert span is not None
    return span[0]


def _span(node: Any) -> tuple[_Position, _Position] | None:
    """Start and end of a node; a decorated one starts at its first decorator."""
    if not hasattr(node, "end_lineno"):
        return None
    decorators = getattr(node, "decorator_list", None)
    first = decorators[0] if decorators else node
    start = first.lineno, first.col_offset
    return start, (node.end_lineno, node.end_col_offset)
