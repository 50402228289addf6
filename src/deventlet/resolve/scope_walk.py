"""The one pass over a tree that finds its scopes, bindings and uses.

A pass of its own over ``ast``, because ``symtable`` gives no columns and loses the
scopes of inlined comprehensions on Python 3.12 and later, and LibCST's scope
provider does not see ``match`` captures, a walrus inside a comprehension or star
imports. The answer is the same on every Python that runs the tool. Only what binds
where is decided here, not whose a name is. The walk has an explicit stack: no tree
that Python's own parser builds is too deep.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind, Use


class Found(NamedTuple):
    """What the tree of a file has; see :class:`.scope_table.ScopeTable`.

    Each scope has the bindings that are made in it, whoever owns the name.
    """

    scopes: list[Scope]
    uses: dict[str, list[Use]]
    attributes: dict[str, list[ast.Attribute]]


def find_scopes(tree: ast.Module) -> Found:
    """The scopes of a tree, the module first, and every name that stands in it."""
    walk = _Walk(tree)
    return Found(walk.scopes, dict(walk.uses), dict(walk.attributes))


_use = tuple.__new__
"""Makes a ``Use`` of a pair, in a third of the time: a file has very many."""

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
    """The pass itself.

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
