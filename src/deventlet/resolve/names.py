"""Which expression is which Eventlet name: every spelling, across the repository.

A name *denotes* a set of dotted paths: more than one when it is bound more than
once. Nothing is guessed: what cannot be followed denotes :data:`UNKNOWN`, and a
use that may be two things is reported as ambiguous, never dropped. Nothing here
runs code or knows a codemod.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from typing import TypeAlias

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.chains import root
from deventlet.resolve.equations import Equations
from deventlet.resolve.project import Module, Project, with_parents
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.takers import IMPORTERS, Takers, importing_calls, last_part
from deventlet.resolve.tree import all_ancestors, path_to

UNKNOWN = "?"
NOTHING = "None"

MOST = 32
"""A name that may be more than this is unknown beyond the likeliest of them."""
DEEPEST = 32
"""A path of more dots than this is unknown: ``x = x.a`` would go on for ever."""

_SPACE = rb"(?:\s|\\\r?\n|#[^\r\n]*[\r\n])*"
_NEXT_ATTRIBUTE = re.compile(_SPACE + rb"\." + _SPACE + rb"(\w+)")
_ENDING = re.compile(_SPACE + rb"(?:[),]|(?:or|and|if|else)\b)")
_RENAMED = re.compile(rb"\b(\w+)[ \t]+as[ \t]+(\w+)")
_PACKAGES = re.compile(rb"(?:eventlet|greenlet)\b")
_TAKEN = re.compile(
    rb"from(?<=\bfrom)[ \t]+[.\w]*?(\w+)[ \t]+import\b[^\n]*"
    rb"\b(?:eventlet|greenlet)\b"
)
_OWNER = re.compile(rb"\b(\w+)\s*\.\s*\Z")
_ANY = b"*"
_ANYBODYS = re.compile(rb"(?:['\"}]|%s)\.\Z")
"""Before ``eventlet`` in a mock's target of which a constant says the start."""
_VALUE_KINDS = frozenset({BindingKind.ASSIGN, BindingKind.WALRUS})
_ROOTLESS = frozenset({ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.BinOp})


@dataclass(frozen=True, eq=False, slots=True)
class Alias:
    """A binding whose value is an Eventlet name, and the file it is in."""

    module: Module
    binding: Binding

    @property
    def key(self) -> tuple[str, int]:
        """Identifies the binding within a run."""
        return self.module.path, id(self.binding)


@dataclass(eq=False, slots=True)
class Use:
    """One expression that denotes an Eventlet name.

    :param node: the shortest expression that is the name (``eventlet.sleep``).
    :param api: the canonical name; empty where a whole module is used.
    :param parents: the path from the module down to, not including, ``node``.
    :param owner: what the part before the last dot denotes; empty for a bare name.
    :param aliases: the bindings through which a bare or re-exported name gets it.
    :param others: what else the expression may denote.
    """

    module: Module
    node: ast.expr
    parents: list[ast.AST]
    dotted: str
    api: str
    owner: str
    aliases: tuple[Alias, ...]
    others: frozenset[str]
    scope: Scope

    @property
    def call(self) -> ast.Call | None:
        """The call that the name is the function of, if it is one."""
        parent = self.parents[-1]
        if isinstance(parent, ast.Call) and parent.func is self.node:
            return parent
        return None

    @property
    def stored(self) -> bool:
        """Whether the expression is assigned to or deleted."""
        context = getattr(self.node, "ctx", None)
        return isinstance(context, (ast.Store, ast.Del))


@dataclass(eq=False)
class Names:
    """Denotations over one project for a set of Eventlet names of interest."""

    project: Project
    interest: eventlet_api.Interest
    shims: Mapping[str, str] = field(default_factory=dict)
    exports: dict[str, set[str]] = field(default_factory=dict)
    _passing: set[str] = field(default_factory=set)
    _relayed: set[tuple[str, str]] = field(default_factory=set)
    """Modules that import such a one for others, and what they call it."""
    _explored: list[Module] | None = None
    _found: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    _uses: dict[str, tuple[int, list[Use]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._equations = Equations(self._variable)
        self._leads = cache(self.interest.leads)
        self._match = cache(self.interest.match)
        for module in self._shim_modules:
            self._passing.update(with_parents(module))

    def denote(self, expr: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        """Every dotted path that ``expr``, evaluated in ``scope``, may be."""
        return self._equations.settled(self._denote, expr, scope, module)

    def denoted(self, expr: ast.expr, module: Module) -> frozenset[str]:
        """As :meth:`denote` where a name with attributes stands; else nothing."""
        first = root(expr)
        if not isinstance(first, ast.Name):
            return frozenset()
        return self.denote(expr, module.scopes.scope_of(first), module)

    def binding(self, module: Module, binding: Binding) -> frozenset[str]:
        """What one binding gives its name."""
        return self._equations.settled(self._binding, module, binding)

    def member(self, owner: str, name: str) -> frozenset[str]:
        """What the attribute ``name`` of the dotted path ``owner`` may be."""
        return self._equations.settled(self._member, owner, name)

    # -- what the equations say: none of these may call the three above ----------

    def _denote(self, expr: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        if isinstance(expr, ast.Name):
            return self._name(expr.id, scope, module)
        return _union(
            self._members(self._simple(leaf, scope, module), attributes)
            for leaf, attributes in _leaves(expr)
        )

    def _simple(self, leaf: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        if isinstance(leaf, ast.Name):
            return self._name(leaf.id, scope, module)
        if isinstance(leaf, ast.Call):
            return _dynamic_import(leaf)
        if isinstance(leaf, ast.Constant) and leaf.value is None:
            return frozenset({NOTHING})
        return _UNKNOWN

    def _members(
        self, owners: frozenset[str], attributes: _Attributes
    ) -> frozenset[str]:
        while attributes is not None:
            name, attributes = attributes
            owners = _union([self._member(owner, name) for owner in sorted(owners)])
        return owners

    def _name(self, name: str, scope: Scope, module: Module) -> frozenset[str]:
        owner = module.scopes.resolve(name, scope) or module.scopes.module
        reader = scope if owner.kind is ScopeKind.CLASS else owner
        return self._equations.read((module, reader, name))

    def _variable(self, variable: _Variable) -> frozenset[str]:
        """What a name is wherever it is read in a scope: any of what binds it."""
        module, scope, name = variable
        bindings = module.scopes.bindings(name, scope)
        found = _union([self._binding(module, each) for each in bindings])
        for base in self._starred_by(module, scope):
            if name in self.exports.get(base, ()):
                found |= self._member(base, name)
            elif eventlet_api.is_eventlet(base) and not (bindings or found):
                return frozenset({f"{base}.*"})
        return self._few(found) if bindings or found else _UNKNOWN

    def _few(self, found: frozenset[str]) -> frozenset[str]:
        """Some of many paths: first those that lead somewhere, then the short ones."""
        if len(found) <= MOST:
            return found
        likeliest = sorted(
            found,
            key=lambda path: (
                not (self._leads(path) or path in self._passing),
                path.count("."),
                path,
            ),
        )
        return _UNKNOWN.union(likeliest[:MOST])

    def _binding(self, module: Module, binding: Binding) -> frozenset[str]:
        if binding.kind is BindingKind.IMPORT and binding.alias is not None:
            full = binding.alias.name
            return frozenset({full if binding.alias.asname else full.partition(".")[0]})
        if binding.kind is BindingKind.FROM_IMPORT and binding.alias is not None:
            assert isinstance(binding.node, ast.ImportFrom)
            base = module.absolute(binding.node)
            return self._member(base, binding.alias.name) if base else _UNKNOWN
        if binding.kind in _VALUE_KINDS and binding.value is not None:
            return self._denote(binding.value, binding.scope, module)
        if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
            return frozenset()
        return _UNKNOWN

    def _member(self, owner: str, name: str) -> frozenset[str]:
        if owner == NOTHING:
            return frozenset({NOTHING})
        if owner == UNKNOWN or owner.endswith(".*") or owner.count(".") > DEEPEST:
            return _UNKNOWN
        full = f"{owner}.{name}"
        if full in self.shims:
            return frozenset({self.shims[full]})
        if name in self.exports.get(owner, ()):
            target = self.project.named(owner)
            if target is not None:
                return self._name(name, target.scopes.module, target)
        return frozenset({full})

    @staticmethod
    def _starred_by(module: Module, scope: Scope) -> list[str]:
        """The modules that star imports may bind a name of a scope from."""
        if scope.kind not in (ScopeKind.MODULE, ScopeKind.CLASS):
            return []
        return [module.absolute(each) for each in _stars(module)]

    # -- the bindings behind a name --------------------------------------------

    def aliases(self, expr: ast.expr, scope: Scope, module: Module) -> Iterator[Alias]:
        """The bindings that give a bare or re-exported name its value."""
        if isinstance(expr, ast.NamedExpr):
            expr = expr.target
        if isinstance(expr, ast.Name):
            for binding in module.scopes.bindings(expr.id, scope):
                yield Alias(module, binding)
            owner = module.scopes.resolve(expr.id, scope) or module.scopes.module
            for base in self._starred_by(module, owner):
                yield from self.exported(base, expr.id)
        elif isinstance(expr, ast.Attribute):
            for dotted in sorted(self.denote(expr.value, scope, module)):
                yield from self.exported(dotted, expr.attr)

    def exported(self, owner: str, name: str) -> Iterator[Alias]:
        """The module-level bindings of ``name`` in the repository's ``owner``.

        Those of the modules that ``owner`` takes with a star come after its own.
        """
        waiting, seen = [owner], set[str]()
        while waiting:
            owner = waiting.pop()
            if owner in seen or name not in self.exports.get(owner, ()):
                continue
            seen.add(owner)
            target = self.project.named(owner)
            if target is not None:
                top = target.scopes.module
                for binding in target.scopes.bindings(name, top):
                    yield Alias(target, binding)
                waiting += reversed(self._starred_by(target, top))

    @cached_property
    def starred(self) -> frozenset[str]:
        """Modules whose names some file of the repository takes with a star."""
        return frozenset(self._takers.by_star)

    @cached_property
    def _takers(self) -> Takers:
        return Takers(self.project, eventlet_api.PARTS)

    # -- finding -----------------------------------------------------------

    def explore(self) -> list[Module]:
        """Load every file that can reach one of the names; fill ``exports``.

        Files that mention Eventlet come first, then those that import a name
        which another file passes on, until nothing new is found. A file that is
        loaded already is asked again for what it passes on in its turn.
        """
        if self._explored is None:
            modules: dict[str, Module] = {}
            asked = self._first_wave()
            while asked:
                self.project.parse(asked)
                found = [m for path in asked if (m := self.project.module(path))]
                modules.update((module.path, module) for module in found)
                asked = sorted(self._affected(self._export(found), modules))
            self._explored = [modules[path] for path in sorted(modules)]
        return self._explored

    def _first_wave(self) -> list[str]:
        """Files that mention Eventlet and can hold one of the names, by their text.

        A file without any word of the names' paths has neither a use nor a mock of
        them, but may pass ``eventlet`` itself on: it counts if another file takes
        it from there.
        """
        triggers = chain(self.interest.triggers, self._shim_words)
        paths = self._takers.having(triggers)
        relevant = self.interest.text_test(self.shims)
        if relevant is None:
            return paths
        read = self.project.read
        owners = (self.project.of_text(path, _owners_of_eventlet) for path in paths)
        takers = frozenset[bytes]().union(*owners)
        if _ANY in takers:
            return paths
        names = self.project.names
        return [
            path
            for path in paths
            if last_part(names[path]) in takers or relevant.search(read(path))
        ]

    @property
    def _shim_words(self) -> list[bytes]:
        return [last_part(shim) for shim in self.shims]

    def _export(self, modules: list[Module]) -> dict[str, set[str]]:
        """Module-level names of these files that newly lead to a name of interest."""
        grown: dict[str, set[str]] = {}
        for module in modules:
            known = self.exports.get(module.name, set())
            names = {
                n for n in self.interesting(module) - known if self._is_led(module, n)
            }
            if names:
                passed = {name for name in names if self._brings_in(module, name)}
                grown.setdefault(module.name, set()).update(passed)
                self.exports.setdefault(module.name, set()).update(names)
                self._passing.update(with_parents(module.name))
        if grown:
            self._equations.forget()
        return grown

    def _is_led(self, module: Module, name: str) -> bool:
        """Whether a module-level name leads to a name of interest."""
        relayed = (module.name, name) in self._relayed
        return relayed or any(map(self._leads, self._top(module, name)))

    def _brings_in(self, module: Module, name: str) -> bool:
        """Whether other files may reach a name of interest through this one.

        They import a library such as futurist themselves; nobody takes it from a
        file of the project that happens to import it.
        """
        return any(
            eventlet_api.is_eventlet(each) or self._match(each)
            for each in self._top(module, name)
        )

    def _top(self, module: Module, name: str) -> frozenset[str]:
        top = module.scopes.module
        return self._equations.settled(self._name, name, top, module)

    def _affected(
        self, grown: Mapping[str, set[str]], loaded: Mapping[str, Module]
    ) -> set[str]:
        """Files for which it may matter that some modules pass on more than before.

        Eventlet's own name, which is what most files pass on, brings no file in
        that is not loaded: one that has it has been looked at. But one through which
        others take the module itself need not have it.
        """
        paths = {f"{owner}.{name}" for owner in grown for name in (*grown[owner], "*")}
        paths.update(*map(with_parents, grown))
        again = {
            path
            for path, module in loaded.items()
            if not paths.isdisjoint(module.of_tree(_sources).paths)
        }
        beyond = {owner: grown[owner] - eventlet_api.ROOTS for owner in grown}
        stars = (self._takers.by_star.get(owner, ()) for owner in grown)
        relays = self._takers.relays({owner: self.exports[owner] for owner in grown})
        self._relayed.update(relays)
        again.update(self.project.by_name[module] for module, _ in relays)
        more = self._takers.of(beyond).union(*stars, *relays.values())
        return again | more.difference(loaded)

    def interesting(self, module: Module) -> frozenset[str]:
        """Identifiers of a file that some binding may tie to Eventlet."""
        known = sum(map(len, self.exports.values()))
        if self._found.get(module.path, (-1, None))[0] != known:
            self._found[module.path] = known, self._interesting(module)
        return self._found[module.path][1]

    def _interesting(self, module: Module) -> frozenset[str]:
        sources = module.of_tree(_sources)
        values = sources.values
        found = {b.name for b in sources.imports if self._imports_eventlet(module, b)}
        for base in self._starred_by(module, module.scopes.module):
            found |= self.exports.get(base, set())
            if eventlet_api.is_eventlet(base):
                found.add("*")
        called = {root for root in values if self._is_dynamic(root)}
        return frozenset(_spread(found | called, values) - called)

    def _is_dynamic(self, root: str) -> bool:
        """Whether a root is a call that imports what a name may come from."""
        dotted = root.removeprefix(_BY_CALL)
        return dotted != root and (
            eventlet_api.is_eventlet(dotted) or self._passes(dotted)
        )

    def _imports_eventlet(self, module: Module, binding: Binding) -> bool:
        assert binding.alias is not None
        if binding.kind is BindingKind.IMPORT:
            name = binding.alias.name
            return (
                eventlet_api.is_eventlet(name)
                or self._leads(name)
                or self._passes(name.partition(".")[0])
            )
        assert isinstance(binding.node, ast.ImportFrom)
        base = module.absolute(binding.node)
        full = f"{base}.{binding.alias.name}"
        return (
            eventlet_api.is_eventlet(base)
            or self._leads(full)
            or full in self.shims
            or self._passes(full)
            or binding.alias.name in self.exports.get(base, ())
        )

    @cached_property
    def _shim_modules(self) -> frozenset[str]:
        return frozenset(shim.rpartition(".")[0] for shim in self.shims)

    def uses(self, module: Module) -> list[Use]:
        """Every expression of a file that denotes one of the names, in order."""
        known = sum(map(len, self.exports.values()))
        if self._uses.get(module.path, (-1, None))[0] != known:
            self._uses[module.path] = known, self._find_uses(module)
        return self._uses[module.path][1]

    def _find_uses(self, module: Module) -> list[Use]:
        loads = {
            load: denoted
            for name in sorted(self.interesting(module))
            for load in module.scopes.loads(name)
            if self._may_lead(module, load.node, denoted := self.denote(*load, module))
        }
        paths = all_ancestors(module.tree, [node for node, _ in loads]) if loads else {}
        found: dict[int, Use] = {}
        starts = [(*load, paths[load.node], loads[load]) for load in loads]
        for node, scope, path, denoted in (*starts, *module.of_tree(_called_modules)):
            use = self._use(module, node, path, denoted, scope)
            if use is not None and eventlet_api.is_meant(use.api, use.call):
                found.setdefault(id(use.node), use)
        return sorted(found.values(), key=lambda use: module.source.span(use.node))

    def _use(
        self,
        module: Module,
        node: ast.expr,
        parents: list[ast.AST],
        denoted: frozenset[str],
        scope: Scope,
    ) -> Use | None:
        """The use that begins at a node: the shortest chain that is an API."""
        owner: frozenset[str] = frozenset()
        while True:
            if any(map(self._match, denoted)):
                return self._api_use(module, node, parents, denoted, scope, owner)
            depth = _above(parents, node)
            if depth is None:
                return self._module_use(module, node, parents, denoted, scope)
            above = parents[depth]
            assert isinstance(above, ast.Attribute)
            owner = self.denote(above.value, scope, module)
            node, parents = above, parents[:depth]
            denoted = _union(self.member(each, above.attr) for each in owner)

    def _api_use(
        self,
        module: Module,
        node: ast.expr,
        parents: list[ast.AST],
        denoted: frozenset[str],
        scope: Scope,
        owner: frozenset[str],
    ) -> Use:
        """A use of the first of the names; any other one makes it ambiguous."""
        hits = {dotted: self._match(dotted) for dotted in denoted}
        api = min(filter(None, hits.values()))
        dotted = min(path for path, hit in hits.items() if hit == api)
        name = eventlet_api.canonical(dotted)
        return Use(
            module, node, parents, dotted, api,
            self._owner(node, dotted, owner),
            tuple(self.aliases(node, scope, module)),
            frozenset(p for p in denoted if eventlet_api.canonical(p) != name),
            scope,
        )  # fmt: skip

    def _owner(self, node: ast.expr, dotted: str, owners: frozenset[str]) -> str:
        """What an attribute is taken of, which may be a module of the project.

        A spelling that the project says it has stands for Eventlet's own.
        """
        home = dotted.rpartition(".")[0]
        if home in owners or not isinstance(node, ast.Attribute):
            return home if owners else ""
        through = {o for o in owners if dotted in self.member(o, node.attr)}
        shims = {o for o in through if f"{o}.{node.attr}" in self.shims}
        return home if shims else min(through, default=home)

    def _may_lead(
        self, module: Module, name: ast.Name, denoted: frozenset[str]
    ) -> bool:
        """Whether the chain that begins at a name can reach one of the names.

        Follows the text, which is much cheaper than finding the node's place in
        the tree, and true for most names of a file that imports its own package.
        """
        if any(self._leads(each) for each in denoted):
            return True
        if not any(self._passes(each) for each in denoted):
            return False
        text = module.source.utf8
        position = module.source.span(name)[1]
        while True:
            found = _NEXT_ATTRIBUTE.match(text, position)
            if found is None:
                return _ENDING.match(text, position) is not None
            attribute = found[1].decode()
            denoted = _union(self.member(each, attribute) for each in denoted)
            if any(self._leads(each) or each in self.exports for each in denoted):
                return True
            if not any(self._passes(each) for each in denoted):
                return False
            position = found.end()

    def _module_use(
        self,
        module: Module,
        node: ast.expr,
        parents: list[ast.AST],
        denoted: frozenset[str],
        scope: Scope,
    ) -> Use | None:
        """A use of the whole module: passed on, tested, patched by name."""
        leading = sorted(d for d in denoted if self._leads(d) or d in self.exports)
        if not leading:
            return None
        others = denoted - set(leading)
        return Use(module, node, parents, leading[0], "", "", (), others, scope)

    def _passes(self, dotted: str) -> bool:
        """Whether a path is a module of the repository that passes a name on."""
        return dotted in self._passing


_UNKNOWN = frozenset({UNKNOWN})
_Variable: TypeAlias = tuple[Module, Scope, str]
_Attributes: TypeAlias = "tuple[str, _Attributes] | None"
_BY_CALL = "import "
"""Begins the root of a value that a call imports: no name can be spelt so."""


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the names of a file can come from.

    :param imports: the bindings that import.
    :param values: the names that get their values from a name, or by a call.
    :param paths: what the imports bind; ``.*`` ends what a star takes.
    """

    imports: list[Binding]
    values: dict[str, list[str]]
    paths: frozenset[str]


def _sources(module: Module) -> _Sources:
    imports: list[Binding] = []
    values: defaultdict[str, list[str]] = defaultdict(list)
    for scope in module.scopes.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.alias is not None:
                    imports.append(binding)
                elif binding.value is not None and binding.kind in _VALUE_KINDS:
                    for root in _roots(binding.value):
                        values[root].append(name)
    paths = {_imported(module, binding) for binding in imports}
    paths.update(f"{base}.*" for base in map(module.absolute, _stars(module)))
    called = (root for root in values if root.startswith(_BY_CALL))
    paths.update(root.removeprefix(_BY_CALL) for root in called)
    return _Sources(imports, dict(values), frozenset(paths))


def _imported(module: Module, binding: Binding) -> str:
    """The path that an import binds a name to."""
    assert binding.alias is not None
    name = binding.alias.name
    if isinstance(binding.node, ast.ImportFrom):
        return f"{module.absolute(binding.node)}.{name}"
    return name if binding.alias.asname else name.partition(".")[0]


def _stars(module: Module) -> tuple[ast.ImportFrom, ...]:
    return module.scopes.module.star_imports


def _leaves(expr: ast.expr) -> Iterator[tuple[ast.expr, _Attributes]]:
    """The expressions whose value another may have, and the attributes taken of each.

    ``(a or b.c).d`` is either ``d`` of ``a``, or ``d`` of ``c`` of ``b``.
    """
    waiting: list[tuple[ast.expr, _Attributes]] = [(expr, None)]
    while waiting:
        node, attributes = waiting.pop()
        if isinstance(node, ast.Attribute):
            waiting.append((node.value, (node.attr, attributes)))
        elif isinstance(node, ast.IfExp):
            waiting += ((part, attributes) for part in (node.orelse, node.body))
        elif isinstance(node, ast.BoolOp):
            waiting += ((part, attributes) for part in reversed(node.values))
        elif isinstance(node, ast.NamedExpr):
            waiting.append((node.value, attributes))
        else:
            yield node, attributes


def _above(parents: list[ast.AST], node: ast.AST) -> int | None:
    """Which of the parents takes an attribute of what may be the value of ``node``."""
    for depth in range(len(parents) - 1, -1, -1):
        above = parents[depth]
        if isinstance(above, ast.Attribute):
            return depth
        if not isinstance(above, ast.IfExp | ast.BoolOp | ast.NamedExpr) or (
            isinstance(above, ast.IfExp) and above.test is node
        ):
            return None
        node = above
    return None


def _union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    found = list(parts)
    return found[0].union(*found[1:]) if found else frozenset()


def _owners_of_eventlet(text: bytes) -> frozenset[bytes]:
    """Last parts of the modules from which a text takes ``eventlet``.

    :data:`_ANY` among them where the text does not say from which.
    """
    owners = set[bytes]()
    for found in _PACKAGES.finditer(text):
        start, end = max(0, found.start() - 100), found.start()
        owner = _OWNER.search(text, start, end)
        if _ANYBODYS.search(text, start, end):
            owners.add(_ANY)
        elif owner is not None:
            owners.add(owner[1])
    owners |= {found[1] for found in _TAKEN.finditer(text)}
    renamed = _RENAMED.finditer(text) if owners else ()
    return frozenset({*owners, *(r[1] for r in renamed if r[2] in owners)})


def _roots(value: ast.expr) -> Iterator[str]:
    """Names that a value may take its meaning from, and the modules that it imports."""
    if value.__class__ in _ROOTLESS:
        return
    for leaf, _ in _leaves(value):
        if isinstance(leaf, ast.Name):
            yield leaf.id
        elif isinstance(leaf, ast.Call):
            for dotted in _dynamic_import(leaf):
                yield _BY_CALL + dotted


def _spread(found: set[str], values: Mapping[str, Iterable[str]]) -> set[str]:
    """With the names that get their value from a found name, and so on."""
    reached, waiting = set(found), list(found)
    while waiting:
        for name in values.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def _called_modules(
    module: Module,
) -> tuple[tuple[ast.expr, Scope, list[ast.AST], frozenset[str]], ...]:
    """``import_module("eventlet").sleep``: the calls of which an attribute is taken.

    Each with its scope, its path, and what it gives.
    """
    found: list[tuple[ast.expr, Scope, list[ast.AST], frozenset[str]]] = []
    for each in importing_calls(module.source.utf8):
        path = path_to(module.tree, *module.source.position(each.start(1)))
        call = path[-2]
        if isinstance(call, ast.Call) and isinstance(path[-3], ast.Attribute):
            names = (n for n in ast.walk(call.func) if isinstance(n, ast.Name))
            scope = module.scopes.scope_of(next(names))
            found.append((call, scope, path[:-2], _dynamic_import(call)))
    return tuple(found)


def _dynamic_import(call: ast.Call) -> frozenset[str]:
    """``try_import('eventlet.x')`` and its like, with a literal name."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else None
    if isinstance(call.func, ast.Name):
        name = call.func.id
    if name not in IMPORTERS or not call.args:
        return _UNKNOWN
    first = call.args[0]
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return _UNKNOWN
    dotted = first.value
    if name == "__import__":
        dotted = dotted.partition(".")[0]
    return frozenset({dotted, NOTHING} if name == "try_import" else {dotted})
