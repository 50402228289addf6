"""From verdicts to new file contents: names, imports, splicing, and the last check.

Only bytes that belong to a site, an import or the indentation of a continuation line
change. A file whose result cannot be proven right is given back untouched, with the
reason. Nothing here decides whether a site may change.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest

from deventlet.codemod import (
    Action,
    Drop,
    Fold,
    Import,
    Instead,
    Keep,
    Replace,
    ReplaceAround,
    Retarget,
    Site,
    Swap,
    Verdict,
)
from deventlet.driver import statements
from deventlet.driver.context import (
    PLACEHOLDER,
    as_operand,
    placed,
    placeholder,
    site_around,
)
from deventlet.driver.idle import path_from
from deventlet.driver.naming import Chosen, Place, choose, runs_later
from deventlet.driver.passing import may_go
from deventlet.driver.requirements import uses_hacking
from deventlet.driver.subjects import Findings, imported_path, site_of
from deventlet.driver.tidy import freed, united
from deventlet.driver.wanted import Wanted
from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.mocks import Target
from deventlet.resolve.names import Use
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import (
    Binding,
    BindingKind,
    Scope,
    ScopeKind,
    ScopeTable,
    ancestors,
)
from deventlet.source.align import realign
from deventlet.source.check import check_result
from deventlet.source.imports import (
    ImportSpec,
    ImportStyle,
    Removal,
    bound_by,
    edit_imports,
    find_fallback,
    is_meant_unused,
    trailing_comment,
)
from deventlet.source.text import Edit, SourceFile, SourceProblem, splice
from deventlet.source.wrap import aligned, broken, is_held

_NEVER = 1 << 60
_CODE = re.compile(rb"(?m)^[ \t]*[^#\s]")
_BUILTIN = re.compile(rf"{placeholder('builtins')}\.(\w+)")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A statement to be replaced: what is cut out, and where its tree says it is."""

    held: ast.stmt
    cut: tuple[int, int]
    statement: tuple[int, int]
    indent: str


@dataclass(eq=False, slots=True)
class _Draft:
    """One file on its way: what replaces what, before names are chosen."""

    module: Module
    texts: dict[Site, str] = field(default_factory=dict)
    stretches: dict[Site, _Stretch] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    roots: set[int] = field(default_factory=set)
    swaps: dict[Removal, ImportSpec] = field(default_factory=dict)
    flatten: dict[ast.Try, dict[Removal, ImportSpec]] = field(default_factory=dict)
    lifted: dict[Removal, ImportSpec] = field(default_factory=dict)
    dropped: list[Removal] = field(default_factory=list)
    bound: list[tuple[ast.stmt, ImportSpec]] = field(default_factory=list)
    names: dict[str, Chosen] = field(default_factory=dict)
    above: int | None = None
    one_line: set[Site] = field(default_factory=set)
    freed: frozenset[str] = frozenset()

    def need(self, offset: int) -> None:
        """Note that an import must stand above an offset, where it is needed."""
        self.above = min(offset, self.above or offset)

    def cut(self, site: Site) -> tuple[int, int]:
        """From where to where the text of a site takes the place of the old one."""
        stretch = self.stretches.get(site)
        return stretch.cut if stretch else (site.start, site.end)

    def inside(self, site: Site) -> Iterator[Site]:
        """The other sites that are in what the text of a site takes the place of."""
        first, last = self.cut(site)
        for other in self.texts:
            start, end = self.cut(other)
            if other != site and first <= start and end <= last:
                yield other


@dataclass(frozen=True, slots=True)
class Emitted:
    """New bytes by path, files that failed the check, and sites left for later."""

    contents: Mapping[str, bytes]
    failed: Mapping[str, str]
    postponed: tuple[Site, ...]


@dataclass(eq=False)
class Emitter:
    """Turns the accepted verdicts of one codemod into file contents."""

    project: Project
    findings: Findings
    style: ImportStyle
    _wanted: Wanted = field(init=False)

    def __post_init__(self) -> None:
        self._wanted = Wanted(self.project, self.findings.starred)

    def emit(self, verdicts: Iterable[Verdict]) -> Emitted:
        """The new contents of every file that changes.

        A verdict of which a site has to wait for another round waits as a whole.
        """
        given = [verdict for verdict in verdicts if verdict.applies]
        drafts, retargets = self._drafts(given)
        late = {site for each in drafts.values() for site in _innermost(each)[1]}
        folded = _folded(given, drafts)
        waiting = [
            verdict
            for verdict in given
            if _is_torn(verdict, late, drafts)
            or any(site in folded for site, _ in _actions([verdict]))
        ]
        if waiting:
            now = self.emit(each for each in given if each not in waiting)
            sites = (site for site, _ in _actions(waiting))
            return replace(now, postponed=(*now.postponed, *sites))
        without = _without(drafts, [site for site, _ in retargets])
        for draft in drafts.values():
            self._choose(draft, not late, without)
        for site, retarget in retargets:
            self._retarget(drafts, site, retarget)
        return self._finish(drafts)

    def _drafts(
        self, verdicts: Iterable[Verdict]
    ) -> tuple[dict[str, _Draft], list[tuple[Site, Retarget]]]:
        """What the actions ask for, by file, and the mocks, which come last."""
        drafts: dict[str, _Draft] = {}
        retargets: list[tuple[Site, Retarget]] = []
        actions = list(_actions(verdicts))
        deleted = self._deleted(actions)
        for site, action in actions:
            draft = self._draft(drafts, site.path)
            if isinstance(action, Replace):
                self._replace(draft, site, as_operand(action.node))
            elif isinstance(action, ReplaceAround):
                place = site_around(site, self.findings.uses[site])
                self._replace(draft, site, as_operand(action.node), place=place)
            elif isinstance(action, (Instead, Fold)):
                self._state(draft, site, action, deleted)
            elif isinstance(action, Import):
                self._bind(draft, site, action, deleted)
            elif isinstance(action, Swap):
                self._swap(draft, site, action)
            elif isinstance(action, Drop):
                draft.dropped.append(_removal(self.findings.imports[site][1]))
            elif isinstance(action, Retarget):
                retargets.append((site, action))
                self._reserve(draft, site, action)
        return drafts, retargets

    def _draft(self, drafts: dict[str, _Draft], path: str) -> _Draft:
        if path not in drafts:
            module = self.project.module(path)
            assert module is not None
            drafts[path] = _Draft(module)
        return drafts[path]

    # -- what each action asks for -------------------------------------------

    def _replace(
        self,
        draft: _Draft,
        site: Site,
        text: str,
        indent: str = "",
        place: Site | None = None,
    ) -> None:
        """Put a text where a site is, or at another place around it."""
        use, place = self.findings.use(site), place or site
        self._ask(draft, text, use.scope, site)
        draft.texts[place] = text
        if any(isinstance(node, ast.JoinedStr) for node in use.parents):
            draft.one_line.add(place)  # before 3.12 an f-string may hold no line end
        known = _loaded(text, indent)
        for node in ast.walk(_replaced(draft, site, use)):
            if isinstance(node, ast.Name) and node.id not in known:
                draft.roots.add(id(node))

    def _state(
        self,
        draft: _Draft,
        site: Site,
        action: Instead | Fold,
        deleted: frozenset[int],
    ) -> None:
        """Put statements in the place of the one that an action is for."""
        held = self._held(site, action)
        if not action.statements:
            self._delete(draft, site, held, deleted)
            return
        indent = self._stretch(draft, site, held).indent
        text = statements.printed_in(indent, action.statements)
        self._replace(draft, site, text, indent)

    def _bind(
        self, draft: _Draft, site: Site, action: Import, deleted: frozenset[int]
    ) -> None:
        """An import that binds the name of an assignment, among the others or there."""
        held = self._held(site, action)
        spec = _binding_spec(action.module, held)
        if held in draft.module.tree.body:
            draft.bound.append((held, spec))
            draft.need(site.start)
            self._delete(draft, site, held, deleted)
            return
        stretch = self._stretch(draft, site, held)
        comment = draft.module.source.slice(stretch.statement[1], stretch.cut[1])
        text = f"{spec.statement()}{comment}"
        self._replace(draft, site, text, stretch.indent)

    def _held(self, site: Site, action: Action) -> ast.stmt:
        """The statement that an action replaces."""
        use = self.findings.uses[site]
        find = statements.branch if isinstance(action, Fold) else statements.holder
        held = find(use)
        assert held is not None
        return held

    def _stretch(self, draft: _Draft, site: Site, held: ast.stmt) -> _Stretch:
        source = draft.module.source
        cut = statements.extent(source, held)
        assert cut is not None
        indent = statements.indentation(source, cut[0])
        found = _Stretch(held, cut, source.span(held), indent)
        draft.stretches[site] = found
        return found

    def _deleted(self, actions: Iterable[tuple[Site, Action]]) -> frozenset[int]:
        """The statements that actions delete, by their identity."""
        return frozenset(
            id(self._held(site, action))
            for site, action in actions
            if action in (Instead(()), Fold(())) or isinstance(action, Import)
        )

    def _delete(
        self, draft: _Draft, site: Site, held: ast.stmt, deleted: frozenset[int]
    ) -> None:
        """Take a statement out with its lines; `pass` fills a block that is emptied."""
        source, use = draft.module.source, self.findings.uses[site]
        stretch = self._stretch(draft, site, held)
        cut, indent = stretch.cut, stretch.indent
        block = statements.block_of(use, held)
        text = "pass" if _is_emptied(block, held, deleted) and indent else ""
        if not text:
            cut = statements.part_of_run(source, held, block, deleted)
            draft.stretches[site] = replace(stretch, cut=cut)
        self._replace(draft, site, text, indent)

    def _ask(self, draft: _Draft, text: str, scope: Scope, site: Site) -> None:
        """Note which modules a text needs, and where."""
        for wanted in placed(text):
            free = all(
                draft.module.scopes.is_free(name, scope)
                for name in _BUILTIN.findall(text)
            )
            if wanted != "builtins" or not free:
                draft.places[wanted].append(Place(scope, site.line, site.start))
        if not runs_later(scope):
            draft.need(site.start)

    def _swap(self, draft: _Draft, site: Site, action: Swap) -> None:
        module, binding = self.findings.imports[site]
        statement, alias = binding.node, binding.alias
        assert isinstance(statement, (ast.Import, ast.ImportFrom))
        assert alias is not None
        if not self.findings.is_source(imported_path(module, binding)):
            return
        bound = alias.asname or alias.name
        local = None if bound == (action.name or action.module) else bound
        comment = _meant(module, binding)
        spec = ImportSpec(action.module, action.name, local, comment)
        if binding.scope.kind is ScopeKind.MODULE:
            for node in _early(module.scopes, bound):
                draft.need(module.source.span(node)[0])
        fallback = find_fallback(module.tree, statement)
        if fallback is not None:
            removal = Removal(statement, alias)
            draft.flatten.setdefault(fallback, {})[removal] = spec
        else:
            draft.swaps[Removal(statement, alias)] = spec

    def _reserve(self, draft: _Draft, site: Site, action: Retarget) -> None:
        """A mock of an object in its own file needs the module's name there."""
        target = self.findings.targets[site]
        if target.form == "object" and not target.alias and target.through is None:
            root = _root(target.node)
            assert root is not None
            scope = draft.module.scopes.scope_of(root)
            self._ask(draft, placeholder(action.module), scope, site)
            draft.roots.add(id(root))

    def _choose(
        self, draft: _Draft, complete: bool, texts: Mapping[str, bytes]
    ) -> None:
        """Choose every name; one that only a removed import binds may be taken over.

        :param complete: whether all sites change in this round.
        :param texts: files without the mocks that move, which speak of names.
        """
        module, freed = draft.module, frozenset[str]()
        if complete:
            freed = frozenset(
                name
                for scope, name, bindings in self._losing(draft)
                if scope is module.scopes.module
                and all(self._imports_source(module, b) for b in bindings)
                and not self._wanted_elsewhere(module, scope, name, texts)
            )
        for wanted, places in draft.places.items():
            given = frozenset(name for _, name in self.findings.given)
            chosen = _swapped_in(draft, wanted, places) or choose(
                self.project, module, wanted, places, freed, given
            )
            draft.names[wanted] = chosen
            if chosen.needed is not None:
                draft.freed |= freed & {chosen.name}

    def _retarget(
        self, drafts: Mapping[str, _Draft], site: Site, action: Retarget
    ) -> None:
        target = self.findings.targets[site]
        if target.alias and not _is_gone(drafts, target):
            return
        draft = drafts[site.path]
        source = draft.module.source
        owner = self._owner(drafts, target, action)
        if target.alias:
            self._wanted.moved[site.path].add(owner.rpartition(".")[2])
        if target.form == "string":
            old = source.slice(site.start, site.end)
            draft.texts[site] = _requote(old, f"{owner}.{action.name}")
            return
        of_class, _, name = action.name.rpartition(".")
        draft.texts[site] = f"{owner}.{of_class}" if of_class else owner
        literal = target.literal
        if literal is not None and name != target.attribute:
            place = site_of(draft.module, literal, site.api, "string")
            old = source.slice(place.start, place.end)
            draft.texts[place] = _requote(old, name)

    def _owner(
        self, drafts: Mapping[str, _Draft], target: Target, action: Retarget
    ) -> str:
        """What a mock takes the attribute from, once the sites have changed."""
        through, draft = target.through, drafts[target.module.path]
        name = self._name_in(drafts, through, action.module) if through else None
        if target.form == "string":
            return f"{through.name}.{name}" if through and name else action.module
        if through is None:
            return draft.names[action.module].name
        node = target.node
        if not target.alias:
            assert isinstance(node, ast.Attribute)
            name, node = name or node.attr, node.value
        return f"{draft.module.source.slice(*draft.module.source.span(node))}.{name}"

    def _name_in(
        self, drafts: Mapping[str, _Draft], through: Module, wanted: str
    ) -> str | None:
        """The attribute under which another file will hold the module."""
        draft = drafts.get(through.path)
        if draft is not None and wanted in draft.names:
            return draft.names[wanted].name
        top = through.scopes.module
        chosen = choose(self.project, through, wanted, [Place(top, 1 << 60)])
        return chosen.name if chosen.needed is None else None

    # -- from drafts to bytes ------------------------------------------------

    def _finish(self, drafts: Mapping[str, _Draft]) -> Emitted:
        site_edits: dict[str, list[Edit]] = {}
        postponed: list[Site] = []
        for path, draft in drafts.items():
            kept, late = _innermost(draft)
            postponed += late
            site_edits[path] = [
                edit for site in kept for edit in _edit(draft, site, self.style)
            ]
        texts = {
            path: splice(draft.module.source, site_edits[path]) + _bound(draft)
            for path, draft in drafts.items()
        }
        contents: dict[str, bytes] = {}
        failed: dict[str, str] = {}
        for path, draft in sorted(drafts.items()):
            try:
                imports = self._imports(draft, texts, postponed)
                source = draft.module.source
                edits = united(source, [*site_edits[path], *imports])
                edits += freed(source, draft.module.tree, edits)
                result = self._result(draft, edits)
            except (SourceProblem, ValueError) as problem:
                failed[path] = str(problem)
                continue
            if result != draft.module.source.raw:
                contents[path] = result
        return Emitted(contents, failed, tuple(postponed))

    def _result(self, draft: _Draft, edits: Sequence[Edit]) -> bytes:
        """The new bytes of a file, proven to differ only where they may.

        :raises ValueError: if edits overlap, or change what they must not.
        :raises SourceProblem: if the result does not fit the file's encoding.
        """
        module = draft.module
        source = module.source
        lines = {source.position(edit.start)[0] for edit in edits}
        edited = _statements(module.tree, lines)
        every = [*edits, *realign(source, edits, edited)]
        kept = _innermost(draft)[0]
        spans = [self._span(draft, site) for site in kept]
        put = {
            each.statement: statements.tree_of(
                _named(draft, draft.texts[site], site), each.indent
            )
            for site, each in draft.stretches.items()
            if site in kept
        }
        check_result(source, module.tree, every, spans, put)
        text = splice(source, every)
        return b"" if self._is_to_be_empty(source.path, text) else source.encode(text)

    def _is_to_be_empty(self, path: str, text: bytes) -> bool:
        """Whether a package's file has its licence only left, which hacking forbids.

        Its check H104 asks for a file without any code to be empty.
        """
        bare = path.endswith("__init__.py") and not _CODE.search(text)
        return bare and uses_hacking(self.project.root)

    def _span(self, draft: _Draft, site: Site) -> tuple[int, int]:
        target = self.findings.targets.get(site)
        return (
            draft.module.source.span(target.node) if target else (site.start, site.end)
        )

    def _imports(
        self, draft: _Draft, texts: Mapping[str, bytes], postponed: Sequence[Site]
    ) -> list[Edit]:
        """The import edits of a file: what it needs now and what it no longer uses."""
        add = [c.needed for c in draft.names.values() if c.needed is not None]
        add += (spec for _, spec in draft.bound)
        _check_free(draft)
        _lift(draft)
        add += draft.lifted.values()
        if postponed and draft.freed:
            raise ValueError("a name is taken over while a use of it has to wait")
        remove = [] if postponed else list(self._unused(draft, texts))
        remove += (*draft.lifted, *draft.dropped)
        _check_attempts(draft, remove)
        if not (add or remove or draft.swaps or draft.flatten):
            return []
        edits = edit_imports(
            draft.module.source, draft.module.tree, self.style, add, remove,
            draft.swaps, {n: [*s.values()] for n, s in draft.flatten.items()},
            draft.above,
        )  # fmt: skip
        _check_order(draft, edits)
        return edits

    def _unused(self, draft: _Draft, texts: Mapping[str, bytes]) -> Iterator[Removal]:
        """Eventlet imports that lost their last use to this change.

        :raises ValueError: if one is the project's, and may be there for more.
        """
        found = [
            _removal(binding)
            for scope, name, bindings in self._losing(draft)
            if name in draft.freed
            or not self._wanted_elsewhere(draft.module, scope, name, texts)
            for binding in bindings
        ]
        gone = {removal.alias for removal in found}
        for each in found:
            if not may_go(self.project, draft.module, each.statement, gone):
                raise ValueError(f"{each.alias.name} would be imported for nothing")
        yield from found
        yield from self._submodules(draft)

    def _submodules(self, draft: _Draft) -> Iterator[Removal]:
        """``import eventlet.queue`` that lost its last use, where ``eventlet`` stays.

        The package must be imported by another statement, and be used only through
        attributes that are other modules and functions.
        """
        scopes = draft.module.scopes
        for name, bindings in scopes.module.bindings.items():
            if len(bindings) < 2 or not all(
                self._imports_source(draft.module, b) for b in bindings
            ):
                continue
            loads = [
                node
                for node, where in scopes.loads(name)
                if scopes.resolve(name, where) is scopes.module
            ]
            paths = {id(n): path_from(draft.module, n) + "." for n in loads}
            lost = {path for key, path in paths.items() if key in draft.roots}
            kept = {path for key, path in paths.items() if key not in draft.roots}
            gone = [b for b in bindings if _serves_only(b, lost, kept)]
            if kept and len(gone) < len(bindings):
                yield from map(_removal, gone)

    def _losing(self, draft: _Draft) -> Iterator[tuple[Scope, str, list[Binding]]]:
        """The names of Eventlet imports of which every use goes.

        Also those that a module of the project passes on.
        """
        module = draft.module
        kept = {each.name for each in draft.names.values()} - draft.freed
        for scope in module.scopes.scopes:
            for name, bindings in scope.bindings.items():
                if name in kept:
                    continue
                if not all(self._brings(module, b) for b in bindings):
                    continue
                loads = [
                    node
                    for node, where in module.scopes.loads(name)
                    if module.scopes.resolve(name, where) is scope
                ]
                if loads and all(id(node) in draft.roots for node in loads):
                    yield scope, name, bindings

    def _imports_source(self, module: Module, binding: Binding) -> bool:
        """Whether a binding imports something of Eventlet, or of its stand-ins."""
        if binding.alias is None:
            return False
        dotted = imported_path(module, binding)
        return self.findings.is_source(dotted) or EVERYTHING.leads(dotted)

    def _brings(self, module: Module, binding: Binding) -> bool:
        """Whether a binding imports something of Eventlet, maybe by the project."""
        if self._imports_source(module, binding):
            return True
        statement = binding.node
        return isinstance(statement, ast.ImportFrom) and (
            module.absolute(statement) in self.project.by_name
        )

    def _wanted_elsewhere(
        self, module: Module, scope: Scope, name: str, texts: Mapping[str, bytes]
    ) -> bool:
        """Whether ``__all__``, another file or a string still speaks of the name."""
        wanted = self._wanted
        return bool(
            wanted.inside(module, scope, name)
            or wanted.outside(module, scope, name, texts)
        )


def _swapped_in(draft: _Draft, wanted: str, places: Sequence[Place]) -> Chosen | None:
    """The name of the file that an import of this very change binds to a module."""
    scopes = draft.module.scopes
    for removal, spec in draft.swaps.items():
        name = spec.alias or spec.module
        if spec.name is not None or spec.module != wanted or "." in name:
            continue
        bindings = scopes.module.bindings.get(name, ())
        top = [b for b in bindings if b.node in draft.module.tree.body]
        alone = len(bindings) == len(top) == 1 and top[0].node is removal.statement
        if alone and all(
            scopes.resolve(name, place.scope) is scopes.module
            and place.line > removal.statement.lineno
            for place in places
        ):
            return Chosen(name, None)
    return None


def _without(drafts: Mapping[str, _Draft], sites: Iterable[Site]) -> dict[str, bytes]:
    """The texts of files with blanks in the place of some sites."""
    texts: dict[str, bytes] = {}
    for site in sites:
        text = texts.get(site.path, drafts[site.path].module.source.utf8)
        blank = b" " * (site.end - site.start)
        texts[site.path] = text[: site.start] + blank + text[site.end :]
    return texts


def _is_gone(drafts: Mapping[str, _Draft], target: Target) -> bool:
    """Whether every use of the repository's own name that is mocked goes.

    The name of an import that becomes one of the native class stays, with its uses.
    """
    assert target.through is not None
    draft = drafts.get(target.through.path)
    if draft is None:
        return False
    scopes = draft.module.scopes
    loads = [
        node
        for node, scope in scopes.loads(target.attribute)
        if scopes.resolve(target.attribute, scope) is scopes.module
    ]
    return bool(loads) and all(id(node) in draft.roots for node in loads)


def _serves_only(binding: Binding, lost: set[str], kept: set[str]) -> bool:
    """Whether an import of a submodule is for uses that go, and for no other."""
    alias = binding.alias
    if alias is None or alias.asname or binding.kind is not BindingKind.IMPORT:
        return False
    path = alias.name + "."
    return (
        "." in alias.name
        and any(each.startswith(path) for each in lost)
        and not any(each.startswith(path) or path.startswith(each) for each in kept)
    )


def _removal(binding: Binding) -> Removal:
    assert isinstance(binding.node, (ast.Import, ast.ImportFrom))
    assert binding.alias is not None
    return Removal(binding.node, binding.alias)


def _actions(
    verdicts: Iterable[Verdict],
) -> Iterator[tuple[Site, Action]]:
    for verdict in verdicts:
        rewrite = verdict.rewrite if verdict.applies else None
        for site, action in sorted(rewrite.actions.items()) if rewrite else ():
            if not isinstance(action, Keep):
                yield site, action


def _folded(
    verdicts: Iterable[Verdict], drafts: Mapping[str, _Draft]
) -> frozenset[Site]:
    """The sites in what is folded, other than its test: they wait for what is left."""
    folds = (site for site, each in _actions(verdicts) if isinstance(each, Fold))
    return frozenset(
        other for site in folds for other in drafts[site.path].inside(site)
    )


def _is_torn(
    verdict: Verdict, late: Collection[Site], drafts: Mapping[str, _Draft]
) -> bool:
    """Whether some sites of a verdict wait for another one's, and others do not."""
    sites = {site for site, _ in _actions([verdict])}
    return len(sites) > 1 and any(
        other not in sites
        for site in sites.intersection(late)
        for other in drafts[site.path].inside(site)
    )


def _is_emptied(
    block: Sequence[ast.stmt], held: ast.stmt, deleted: Collection[int]
) -> bool:
    """Whether it is for a statement to keep the block that deletions would empty.

    An import that is for deleted statements only goes along.
    """
    first = next(each for each in block if id(each) in deleted)
    imports = (ast.Import, ast.ImportFrom)
    goes = (id(each) in deleted or isinstance(each, imports) for each in block)
    return held is first and all(goes)


def _binding_spec(module: str, held: ast.stmt) -> ImportSpec:
    """The import of a module under the name that an assignment binds."""
    assert isinstance(held, ast.Assign)
    target = held.targets[0]
    assert isinstance(target, ast.Name)
    package, _, last = module.rpartition(".")
    alias = None if target.id == last else target.id
    return (
        ImportSpec(package, last, alias)
        if package
        else (ImportSpec(module, None, alias))
    )


def _check_free(draft: _Draft) -> None:
    """Prove that the imports which take the place of assignments may stand higher up.

    A module of others may look at what the code above has set up for it.

    :raises ValueError: if that code does anything.
    """
    body = draft.module.tree.body
    for held, spec in draft.bound:
        if spec.module.partition(".")[0] in sys.stdlib_module_names:
            continue
        acting = next(filter(_acts, body[: body.index(held)]), None)
        if acting is not None:
            line = acting.lineno
            raise ValueError(f"{spec.module} may look at what line {line} has done")


def _acts(statement: ast.stmt) -> bool:
    """Whether a statement does more than to name something, but for patching."""
    if isinstance(statement, ast.Assign):
        return not all(isinstance(each, ast.Name) for each in statement.targets)
    if isinstance(statement, ast.Expr):
        called = isinstance(statement.value, ast.Call)
        return called and "monkey_patch" not in ast.unparse(statement)
    return isinstance(statement, (ast.For, ast.While, ast.With, ast.Delete))


def _root(node: ast.expr) -> ast.Name | None:
    """The name that a chain of attributes begins with, if it begins with one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def _replaced(draft: _Draft, site: Site, use: Use) -> ast.AST:
    """What the text of a site takes the place of."""
    if site in draft.stretches:
        return draft.stretches[site].held
    call = use.call
    return call if call is not None and site.form in ("call", "method") else use.node


def _loaded(text: str, indent: str) -> frozenset[str]:
    """The names that a text evaluates or binds."""
    nodes = chain.from_iterable(map(ast.walk, statements.tree_of(text, indent)))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def _meant(module: Module, binding: Binding) -> str:
    """The comment that says of an import that it goes unused, if it does."""
    scopes, statement = module.scopes, binding.node
    assert isinstance(statement, ast.stmt)
    assert binding.alias is not None
    loads = (scopes.resolve(binding.name, s) for _, s in scopes.loads(binding.name))
    if binding.scope.kind is not ScopeKind.MODULE or scopes.module in loads:
        return ""
    if statement.col_offset and statement not in module.tree.body:
        return ""  # what is not moved keeps its comment
    source = module.source
    end = source.span(statement)[1]
    lines = {statement.lineno, binding.alias.lineno}
    found = [_comment_on(source, line) for line in sorted(lines)]
    found.append(trailing_comment(source, end)[1])
    return next((each.decode() for each in found if is_meant_unused(each)), "")


def _comment_on(source: SourceFile, line: int) -> bytes:
    """The comment of a line of an import, in which no string can be."""
    _, sign, comment = source.line_bytes(line).partition(b"#")
    return sign + comment.rstrip()


def _early(scopes: ScopeTable, name: str) -> list[ast.Name]:
    """The reads of a module's name that run while the module is imported."""
    return [
        node
        for node, scope in scopes.loads(name)
        if not runs_later(scope) and scopes.resolve(name, scope) is scopes.module
    ]


def _lift(draft: _Draft) -> None:
    """What leaves a fallback of which some names stay, for the module's imports.

    Each name leaves all branches. In a block of its own a fallback is only changed.
    """
    for node, specs in list(draft.flatten.items()):
        if sorted(spec.bound for spec in specs.values()) == bound_by(node.body):
            continue
        del draft.flatten[node]
        if node not in draft.module.tree.body:
            draft.swaps.update(specs)
            continue
        wanted = {spec.bound: spec for spec in specs.values()}
        for removal in _branches(node):
            name = removal.alias.asname or removal.alias.name.partition(".")[0]
            if name in wanted:
                draft.lifted[removal] = wanted[name]


def _branches(fallback: ast.Try) -> Iterator[Removal]:
    """Every name that the branches of a fallback import."""
    for branch in (fallback.body, *(h.body for h in fallback.handlers)):
        for statement in branch:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                yield from (Removal(statement, alias) for alias in statement.names)


def _check_attempts(draft: _Draft, remove: Collection[Removal]) -> None:
    """Prove that no ``except ImportError`` is left with nothing to catch.

    :raises ValueError: if the last import of such a ``try`` goes, and it does more.
    """
    gone = {removal.alias for removal in remove}
    lifted = {removal.alias for removal in draft.lifted}
    for removal in remove:
        above = ancestors(draft.module.tree, removal.statement)[-1]
        if not isinstance(above, ast.Try) or removal.statement not in above.body:
            continue
        names = {
            alias
            for each in above.body
            if isinstance(each, (ast.Import, ast.ImportFrom))
            for alias in each.names
        }
        if names <= gone and not names & lifted and _catches_missing(above):
            raise ValueError(f"the try at line {above.lineno} would import nothing")


def _catches_missing(node: ast.Try) -> bool:
    """Whether a handler is for an import that fails."""
    caught = (ast.unparse(handler.type) for handler in node.handlers if handler.type)
    return any("ImportError" in each or "ModuleNotFound" in each for each in caught)


def _check_order(draft: _Draft, import_edits: Sequence[Edit]) -> None:
    """Prove that no new import stands below a use that runs before it.

    Compares offsets in the source, where the edits are, so that nothing is parsed
    again.

    :raises ValueError: if one does.
    """
    for name, first in _first_uses(draft):
        word = re.compile(rf"\bimport\b[^\n]*\b{re.escape(name)}\b")
        put = [edit.start for edit in import_edits if word.search(edit.text)]
        if put and min(put) > first:
            raise ValueError(f"the import of {name} would come after its first use")


def _first_uses(draft: _Draft) -> Iterator[tuple[str, int]]:
    """Each newly imported name and the offset of its first use on import."""
    for wanted, chosen in draft.names.items():
        if chosen.needed is not None:
            places = draft.places[wanted]
            offsets = [p.offset for p in places if not runs_later(p.scope)]
            yield chosen.needed.bound, min(offsets, default=_NEVER)
    scopes, source = draft.module.scopes, draft.module.source
    flat = chain.from_iterable(specs.values() for specs in draft.flatten.values())
    own = (spec for _, spec in draft.bound)
    for spec in chain(draft.swaps.values(), draft.lifted.values(), flat, own):
        offsets = [source.span(node)[0] for node in _early(scopes, spec.bound)]
        yield spec.bound, min(offsets, default=_NEVER)


def _bound(draft: _Draft) -> bytes:
    """The names that a file will import modules under, for whoever looks for them."""
    lines = (f"\nimport {m} as {each.name}\n" for m, each in draft.names.items())
    return "".join(lines).encode()


def _innermost(draft: _Draft) -> tuple[list[Site], list[Site]]:
    """Sites that hold no other site, and those that must wait for another round."""
    ordered = sorted(draft.texts, key=lambda s: (draft.cut(s)[0], -draft.cut(s)[1]))
    kept: list[Site] = []
    late: list[Site] = []
    for site, following in zip_longest(ordered, ordered[1:]):
        start, end = draft.cut(following) if following else (_NEVER, _NEVER)
        first, last = draft.cut(site)
        holds = first <= start and end <= last
        (late if holds else kept).append(site)
    return kept, late


def _requote(literal: str, value: str) -> str:
    """A string literal of the same prefix and quotes with another value."""
    quote = literal.rstrip()[-1]
    opening = literal[: literal.index(quote)]
    width = 3 if literal.endswith(quote * 3) and len(literal) > 5 else 1
    return f"{opening}{quote * width}{value}{quote * width}"


def _edit(draft: _Draft, site: Site, style: ImportStyle) -> Iterator[Edit]:
    """The smallest edits that turn the site's old text into its new one.

    One for each line where both have as many, so that what hangs under a bracket in
    between is seen to move with it.
    """
    source = draft.module.source
    first, last = draft.cut(site)
    text = _named(draft, draft.texts[site], site)
    old = source.slice(first, last)
    text = text.replace("\n", source.newline)
    wrap = _wrapped_lines if site in draft.stretches else _wrapped
    text = wrap(draft, site, text, style)
    before, after = old.split(source.newline), text.split(source.newline)
    if len(before) != len(after):
        before, after = [old], [text]
    for one, two in zip(before, after, strict=True):
        yield from _smallest(first, one, two)
        first += len(f"{one}{source.newline}".encode())


def _smallest(first: int, old: str, text: str) -> Iterator[Edit]:
    """The smallest edit that puts a text in place of another one at an offset."""
    start = 0
    while start < min(len(old), len(text)) and old[start] == text[start]:
        start += 1
    end = 0
    while end < min(len(old), len(text)) - start and old[-1 - end] == text[-1 - end]:
        end += 1
    head = len(old[:start].encode("utf-8"))
    tail = len(old[len(old) - end :].encode("utf-8"))
    if head + tail < len(old.encode("utf-8")) or len(text) > start + end:
        yield Edit(first + head, first + len(old.encode("utf-8")) - tail,
                   text[start : len(text) - end])  # fmt: skip


def _named(draft: _Draft, text: str, site: Site) -> str:
    """The text with the chosen names in place of placeholders."""
    if "builtins" not in draft.names:
        text = _BUILTIN.sub(r"\1", text)

    def name(found: re.Match[str]) -> str:
        return draft.names[bytes.fromhex(found.group(1)).decode()].name

    return PLACEHOLDER.sub(name, text)


def _wrapped(draft: _Draft, site: Site, text: str, style: ImportStyle) -> str:
    """A call on one line that got too long, broken at the commas of its arguments."""
    source = draft.module.source
    if site in draft.one_line or source.newline in text or not text.endswith(")"):
        return text
    first = source.line_bytes(site.line).decode("utf-8")
    before = source.slice(source.offset(site.line, 0), site.start)
    after = _after(source, site.end, site.end_line)
    was = len(first) if site.line == site.end_line else 0
    if len(before) + len(text) + len(after) <= max(style.line_length, was):
        return text
    behind = "_" * len(after.partition("#")[0].rstrip())  # leaves the room for it
    room, width = text + behind, style.line_length
    lines = room
    if is_held(before, after):
        lines = aligned(room, width, source.newline, len(before))
    if lines == room:
        indent = first[: len(first) - len(first.lstrip())]
        if after.endswith(":"):
            indent += "    "  # further in than the block below it
        lines = broken(room, indent, width, source.newline, len(before))
    return lines.removesuffix(behind)


def _after(source: SourceFile, offset: int, line: int) -> str:
    """What stands behind an offset on its line."""
    end = source.offset(line, 0) + len(source.line_bytes(line))
    return source.slice(offset, end).rstrip()


def _wrapped_lines(draft: _Draft, site: Site, text: str, style: ImportStyle) -> str:
    """New statements, each line that got too long broken at its commas."""
    newline, indent = draft.module.source.newline, draft.stretches[site].indent
    lines = f"{indent}{text}".split(newline)
    for number, line in enumerate(lines):
        inner = line[: len(line) - len(line.lstrip())]
        whole = line.endswith(")") and line.count("(") == line.count(")")
        if len(line) > style.line_length and whole:
            lines[number] = broken(line, inner, style.line_length, newline)
    return newline.join(lines).removeprefix(indent)


def _statements(tree: ast.Module, lines: set[int]) -> list[tuple[int, int]]:
    """First and last line of the innermost statement (or header) of each line."""
    found: set[tuple[int, int]] = set()
    for wanted in lines:
        block: list[ast.stmt] = tree.body
        span: tuple[int, int] | None = None
        while block:
            inside = [s for s in block if _first(s) <= wanted <= (s.end_lineno or 0)]
            if not inside:
                break
            statement = inside[-1]
            block = [
                n for n in ast.iter_child_nodes(statement) if isinstance(n, ast.stmt)
            ]
            handlers = [
                *getattr(statement, "handlers", []),
                *getattr(statement, "cases", []),
            ]
            block += [s for handler in handlers for s in handler.body]
            block.sort(key=lambda s: s.lineno)
            last = statement.end_lineno or 0
            span = _first(statement), min([last, *(s.lineno - 1 for s in block[:1])])
        if span is not None and span[0] <= wanted <= span[1]:
            found.add(span)
    return sorted(found)


def _first(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators[:1])])
