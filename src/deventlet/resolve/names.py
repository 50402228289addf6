"""Which expression is which Eventlet name: every spelling, across the repository.

A name *denotes* a set of dotted paths: more than one when it is bound more than
once. Nothing is guessed: what cannot be followed denotes :data:`UNKNOWN`, and a
use that may be two things is reported as ambiguous, never dropped. Nothing here
runs code or knows a codemod.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ancestors

UNKNOWN = "?"
NOTHING = "None"

_SPACE = rb"(?:\s|\\\r?\n|#[^\r\n]*[\r\n])*"
_NEXT_ATTRIBUTE = re.compile(_SPACE + rb"\." + _SPACE + rb"(\w+)")
_ENDING = re.compile(_SPACE + rb"[),]")
_RENAMED = re.compile(rb"\b(\w+)[ \t]+as[ \t]+(\w+)")
_PACKAGES = re.compile(rb"(?:eventlet|greenlet)\b")
_STAR = re.compile(rb"import[ \t(\\\r\n]*\*")
_TAKEN = re.compile(
    rb"from(?<=\bfrom)[ \t]+[.\w]*?(\w+)[ \t]+import\b[^\n]*"
    rb"\b(?:eventlet|greenlet)\b"
)
_OWNER = re.compile(rb"\b(\w+)\s*\.\s*\Z")
_IMPORTERS = frozenset({"try_import", "import_module", "__import__", "import_any"})
_VALUE_KINDS = frozenset({BindingKind.ASSIGN, BindingKind.WALRUS})


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
    _memo: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    _active: set[tuple[str, int]] = field(default_factory=set)
    exports: dict[str, set[str]] = field(default_factory=dict)
    _found: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    _sources: dict[str, _Sources] = field(default_factory=dict)
    _uses: dict[str, tuple[int, list[Use]]] = field(default_factory=dict)

    def denote(self, expr: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        """Every dotted path that ``expr``, evaluated in ``scope``, may be."""
        if isinstance(expr, ast.Name):
            return self._name(expr.id, scope, module)
        if isinstance(expr, ast.Attribute):
            owners = self.denote(expr.value, scope, module)
            return _union(self.member(owner, expr.attr) for owner in owners)
        if isinstance(expr, ast.Call):
            return _dynamic_import(expr)
        if isinstance(expr, ast.IfExp):
            parts: Iterable[ast.expr] = (expr.body, expr.orelse)
            return _union(self.denote(part, scope, module) for part in parts)
        if isinstance(expr, ast.BoolOp):
            return _union(self.denote(part, scope, module) for part in expr.values)
        if isinstance(expr, ast.NamedExpr):
            return self.denote(expr.value, scope, module)
        if isinstance(expr, ast.Constant) and expr.value is None:
            return frozenset({NOTHING})
        return frozenset({UNKNOWN})

    def _name(self, name: str, scope: Scope, module: Module) -> frozenset[str]:
        found = module.scopes.bindings(name, scope)
        if found:
            return _union(self.binding(module, each) for each in found)
        for statement in module.scopes.module.star_imports:
            base = module.absolute(statement)
            if eventlet_api.is_eventlet(base):
                return frozenset({f"{base}.*"})
        return frozenset({UNKNOWN})

    def binding(self, module: Module, binding: Binding) -> frozenset[str]:
        """What one binding gives its name."""
        key = (module.path, id(binding))
        if key in self._memo:
            return self._memo[key]
        if key in self._active:
            return frozenset()
        self._active.add(key)
        try:
            result = self._binding(module, binding)
        finally:
            self._active.discard(key)
        if not self._active:
            self._memo[key] = result
        return result

    def _binding(self, module: Module, binding: Binding) -> frozenset[str]:
        if binding.kind is BindingKind.IMPORT and binding.alias is not None:
            full = binding.alias.name
            return frozenset({full if binding.alias.asname else full.partition(".")[0]})
        if binding.kind is BindingKind.FROM_IMPORT and binding.alias is not None:
            assert isinstance(binding.node, ast.ImportFrom)
            base = module.absolute(binding.node)
            return self.member(base, binding.alias.name) if base else _UNKNOWN
        if binding.kind in _VALUE_KINDS and binding.value is not None:
            return self.denote(binding.value, binding.scope, module)
        if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
            return frozenset()
        return _UNKNOWN

    def member(self, owner: str, name: str) -> frozenset[str]:
        """What the attribute ``name`` of the dotted path ``owner`` may be."""
        if owner == NOTHING:
            return frozenset({NOTHING})
        if owner == UNKNOWN or owner.endswith(".*"):
            return _UNKNOWN
        full = f"{owner}.{name}"
        if full in self.shims:
            return frozenset({self.shims[full]})
        if name in self.exports.get(owner, ()):
            target = self.project.named(owner)
            if target is not None:
                return self._name(name, target.scopes.module, target)
        return frozenset({full})

    def aliases(self, expr: ast.expr, scope: Scope, module: Module) -> Iterator[Alias]:
        """The bindings that give a bare or re-exported name its value."""
        if isinstance(expr, ast.Name):
            for binding in module.scopes.bindings(expr.id, scope):
                yield Alias(module, binding)
        elif isinstance(expr, ast.Attribute):
            for owner in self.denote(expr.value, scope, module):
                yield from self.exported(owner, expr.attr)

    def exported(self, owner: str, name: str) -> Iterator[Alias]:
        """The module-level bindings of ``name`` in the repository's ``owner``."""
        target = (
            self.project.named(owner) if name in self.exports.get(owner, ()) else None
        )
        if target is not None:
            for binding in target.scopes.bindings(name, target.scopes.module):
                yield Alias(target, binding)

    @cached_property
    def starred(self) -> frozenset[str]:
        """Modules whose names some file of the repository takes with a star."""
        return frozenset(
            item.module
            for path in self.project.paths
            if _STAR.search(self.project.read_or_empty(path))
            for item in self.project.imports(path)
            if item.name == "*"
        )

    # -- finding -----------------------------------------------------------

    def explore(self) -> list[Module]:
        """Load every file that can reach one of the names; fill ``exports``.

        Files that mention Eventlet come first, then those that import a name
        which another file passes on, until nothing new is found.
        """
        waiting = self._first_wave()
        modules: dict[str, Module] = {}
        while waiting:
            fresh = [self.project.module(path) for path in waiting]
            modules.update((m.path, m) for m in fresh if m is not None)
            grown = self._export([m for m in fresh if m is not None])
            self._memo.clear()
            waiting = sorted(self._importers_of(grown) - modules.keys())
        return [modules[path] for path in sorted(modules)]

    def _first_wave(self) -> list[str]:
        """Files that mention Eventlet and can hold one of the names, by their text.

        A file without any word of the names' paths has neither a use nor a mock of
        them, but may pass ``eventlet`` itself on: it counts if another file takes
        it from there.
        """
        triggers = chain(self.interest.triggers, self._shim_words)
        texts = {p: self.project.read(p) for p in self.project.containing(triggers)}
        relevant = self.interest.text_test(self.shims)
        if relevant is None:
            return list(texts)
        takers = {t for text in texts.values() for t in _owners_of_eventlet(text)}
        names = self.project.names
        passed_on = {
            path for path in texts if as_bytes(names[path].rpartition(".")[2]) in takers
        }
        return [
            path
            for path, text in texts.items()
            if path in passed_on or relevant.search(text)
        ]

    @property
    def _shim_words(self) -> list[bytes]:
        return [as_bytes(shim.rpartition(".")[2]) for shim in self.shims]

    def _export(self, modules: list[Module]) -> dict[str, set[str]]:
        """Module-level names of these files that lead to a name of interest."""
        grown: dict[str, set[str]] = {}
        for module in modules:
            names = {
                name
                for name in self.interesting(module)
                if any(
                    self.interest.leads(d)
                    for d in self._name(name, module.scopes.module, module)
                )
            }
            if names:
                grown[module.name] = names
                self.exports.setdefault(module.name, set()).update(names)
        return grown

    def _importers_of(self, grown: Mapping[str, set[str]]) -> set[str]:
        """Files that mention an exported name and import the file it is in."""
        by_word: dict[bytes, set[str]] = {}
        for module, names in grown.items():
            for name in names:
                if not any(word in as_bytes(name) for word in eventlet_api.TRIGGERS):
                    by_word.setdefault(as_bytes(name), set()).add(module)
        if not by_word:
            return set()
        found: set[str] = set()
        for path in self.project.paths:
            raw = self.project.read_or_empty(path)
            wanted = set[str]().union(*(m for w, m in by_word.items() if w in raw))
            if wanted and (
                not wanted.isdisjoint(self.project.imported_modules(path))
                or any(_mentions(raw, module, grown[module]) for module in wanted)
            ):
                found.add(path)
        return found

    def interesting(self, module: Module) -> frozenset[str]:
        """Identifiers of a file that some binding may tie to Eventlet."""
        known = sum(map(len, self.exports.values()))
        if self._found.get(module.path, (-1, None))[0] != known:
            self._found[module.path] = known, self._interesting(module)
        return self._found[module.path][1]

    def _interesting(self, module: Module) -> frozenset[str]:
        if module.path not in self._sources:
            self._sources[module.path] = _sources_of(module)
        imports, values = self._sources[module.path]
        found = {b.name for b in imports if self._imports_eventlet(module, b)}
        _spread(found, values)
        if any(
            eventlet_api.is_eventlet(module.absolute(s))
            for s in module.scopes.module.star_imports
        ):
            found.add("*")
        return frozenset(found)

    def _imports_eventlet(self, module: Module, binding: Binding) -> bool:
        assert binding.alias is not None
        if binding.kind is BindingKind.IMPORT:
            name = binding.alias.name
            return (
                eventlet_api.is_eventlet(name)
                or self.interest.leads(name)
                or name in self._shim_modules
                or any(
                    known == name or known.startswith(name + ".")
                    for known in self.exports
                )
                or (name.partition(".")[0] in self._export_roots)
            )
        assert isinstance(binding.node, ast.ImportFrom)
        base = module.absolute(binding.node)
        full = f"{base}.{binding.alias.name}"
        return (
            eventlet_api.is_eventlet(base)
            or self.interest.leads(full)
            or full in self.shims
            or full in self._shim_modules
            or full in self.exports
            or binding.alias.name in self.exports.get(base, ())
        )

    @cached_property
    def _shim_modules(self) -> frozenset[str]:
        return frozenset(shim.rpartition(".")[0] for shim in self.shims)

    @property
    def _export_roots(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.exports)

    def uses(self, module: Module) -> list[Use]:
        """Every expression of a file that denotes one of the names, in order."""
        known = sum(map(len, self.exports.values()))
        if self._uses.get(module.path, (-1, None))[0] != known:
            self._uses[module.path] = known, self._find_uses(module)
        return self._uses[module.path][1]

    def _find_uses(self, module: Module) -> list[Use]:
        found: list[Use] = []
        for name in self.interesting(module):
            for node, scope in module.scopes.loads(name):
                use = self._use(module, node, scope)
                if use is not None:
                    found.append(use)
        found.sort(key=lambda use: module.source.span(use.node))
        return found

    def _use(self, module: Module, name: ast.Name, scope: Scope) -> Use | None:
        """The use that begins at ``name``: the shortest chain that is an API."""
        denoted = self._name(name.id, scope, module)
        if not self._may_lead(module, name, denoted):
            return None
        parents = ancestors(module.tree, name)
        node: ast.expr = name
        owner: frozenset[str] = frozenset()
        while True:
            hits = {d: self.interest.match(d) for d in denoted}
            apis = sorted({api for api in hits.values() if api})
            if apis:
                dotted = sorted(d for d, api in hits.items() if api)[0]
                return Use(
                    module, node, parents, dotted, apis[0],
                    dotted.rpartition(".")[0] if owner else "",
                    tuple(self.aliases(node, scope, module)),
                    frozenset(d for d, api in hits.items() if not api),
                    scope,
                )  # fmt: skip
            above = parents[-1]
            if not (isinstance(above, ast.Attribute) and above.value is node):
                return self._module_use(module, node, parents, denoted, scope)
            owner, node = denoted, above
            parents = parents[:-1]
            denoted = _union(self.member(each, above.attr) for each in owner)

    def _may_lead(
        self, module: Module, name: ast.Name, denoted: frozenset[str]
    ) -> bool:
        """Whether the chain that begins at a name can reach one of the names.

        Follows the text, which is much cheaper than finding the node's place in
        the tree, and true for most names of a file that imports its own package.
        """
        if any(self.interest.leads(each) for each in denoted):
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
            if any(
                self.interest.leads(each) or each in self.exports for each in denoted
            ):
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
        leading = sorted(
            d for d in denoted if self.interest.leads(d) or d in self.exports
        )
        if not leading:
            return None
        others = denoted - set(leading)
        return Use(module, node, parents, leading[0], "", "", (), others, scope)

    def _passes(self, dotted: str) -> bool:
        """Whether a path is a module of the repository that passes a name on."""
        return any(
            name == dotted or name.startswith(dotted + ".")
            for name in chain(self.exports, self._shim_modules)
        )


_UNKNOWN = frozenset({UNKNOWN})
_Sources: TypeAlias = tuple[list[Binding], list[tuple[str, str]]]


def _sources_of(module: Module) -> _Sources:
    """The imports of a file, and which name gets its value from which other."""
    imports: list[Binding] = []
    values: list[tuple[str, str]] = []
    for scope in module.scopes.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.alias is not None:
                    imports.append(binding)
                elif binding.value is not None and binding.kind in _VALUE_KINDS:
                    values += ((name, root) for root in _roots(binding.value))
    return imports, values


def _union(parts: Iterable[Collection[str]]) -> frozenset[str]:
    return frozenset(chain.from_iterable(parts))


def _owners_of_eventlet(text: bytes) -> Iterator[bytes]:
    """Last parts of the modules from which a text takes ``eventlet``."""
    owners = {
        owner[1]
        for found in _PACKAGES.finditer(text)
        for owner in [_OWNER.search(text, max(0, found.start() - 100), found.start())]
        if owner
    }
    owners |= {found[1] for found in _TAKEN.finditer(text)}
    for found in _RENAMED.finditer(text) if owners else ():
        if found[2] in owners:
            yield found[1]
    yield from owners


def _mentions(raw: bytes, module: str, names: Iterable[str]) -> bool:
    """Whether a text has ``module.name``, as the strings of mocks do."""
    return any(as_bytes(f"{module}.{name}") in raw for name in names)


def _roots(value: ast.expr) -> Iterator[str]:
    """Names that a simple value may take its meaning from."""
    while isinstance(value, ast.Attribute):
        value = value.value
    if isinstance(value, ast.Name):
        yield value.id
    elif isinstance(value, ast.IfExp):
        yield from chain(_roots(value.body), _roots(value.orelse))
    elif isinstance(value, ast.BoolOp):
        yield from chain.from_iterable(map(_roots, value.values))
    elif isinstance(value, ast.Call) and any(
        eventlet_api.is_eventlet(dotted) for dotted in _dynamic_import(value)
    ):
        yield "*dynamic"


def _spread(found: set[str], values: list[tuple[str, str]]) -> None:
    """Add names that get their value from a found name, to a fixed point."""
    found.add("*dynamic")
    size = -1
    while size != len(found):
        size = len(found)
        found.update(name for name, root in values if root in found)
    found.discard("*dynamic")


def _dynamic_import(call: ast.Call) -> frozenset[str]:
    """``try_import('eventlet.x')`` and its like, with a literal name."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else None
    if isinstance(call.func, ast.Name):
        name = call.func.id
    if name not in _IMPORTERS or not call.args:
        return _UNKNOWN
    first = call.args[0]
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return _UNKNOWN
    dotted = first.value
    if name == "__import__":
        dotted = dotted.partition(".")[0]
    return frozenset({dotted, NOTHING} if name == "try_import" else {dotted})
