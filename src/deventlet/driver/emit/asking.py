"""What each action asks of a file: texts, statements that go, imports, names.

Fills the drafts and chooses nothing: a name is a placeholder until all have asked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

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
    Unwrap,
    Verdict,
)
from deventlet.driver.emit.draft import Draft, Stretch, early_loads, removal_of
from deventlet.driver.facts.around import site_around
from deventlet.driver.imports.naming import Place
from deventlet.driver.subjects.findings import Findings, imported_path
from deventlet.driver.text import statements
from deventlet.driver.text.emptied import outermost
from deventlet.driver.text.heads import head_parts
from deventlet.driver.text.placeholders import KEPT, placed, placeholder
from deventlet.driver.text.printing import as_operand
from deventlet.resolve.chains import root
from deventlet.resolve.mock_parts import parts
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, Scope, ScopeKind
from deventlet.resolve.uses import Use
from deventlet.source.imports import (
    ImportSpec,
    Removal,
    find_fallback,
    is_meant_unused,
    trailing_comment,
)
from deventlet.source.text import SourceFile

_BUILTIN = re.compile(rf"{placeholder('builtins')}\.(\w+)")


@dataclass(frozen=True, slots=True)
class Asking:
    """Fills the drafts of the files that a codemod's actions are for."""

    project: Project
    findings: Findings

    def drafts(
        self, verdicts: Iterable[Verdict]
    ) -> tuple[dict[str, Draft], list[tuple[Site, Retarget]]]:
        """What the actions ask for, by file, and the mocks, which come last."""
        drafts: dict[str, Draft] = {}
        retargets: list[tuple[Site, Retarget]] = []
        actions = list(actions_of(verdicts))
        deleted = self._deleted(actions)
        for site, action in actions:
            draft = self._draft(drafts, site.path)
            if isinstance(action, Replace):
                self._replace(draft, site, as_operand(action.node))
            elif isinstance(action, ReplaceAround):
                place = site_around(site, self.findings.uses[site])
                self._replace(draft, site, as_operand(action.node), place=place)
            elif isinstance(action, (Instead, Fold, Unwrap)):
                self._state(draft, site, action, deleted)
            elif isinstance(action, Import):
                self._bind(draft, site, action, deleted)
            elif isinstance(action, Swap):
                self._swap(draft, site, action)
            elif isinstance(action, Drop):
                self._drop(draft, site)
            elif isinstance(action, Retarget):
                retargets.append((site, action))
                self._reserve(draft, site, action)
        return drafts, retargets

    def _draft(self, drafts: dict[str, Draft], path: str) -> Draft:
        if path not in drafts:
            module = self.project.module(path)
            assert module is not None
            drafts[path] = Draft(module)
        return drafts[path]

    def _replace(
        self,
        draft: Draft,
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
        if site in draft.stretches:
            tree: Sequence[ast.AST] = statements.tree_of(text, indent)
        else:  # between parentheses it may go on wherever it did
            tree = [ast.parse(f"(\n{text}\n)", mode="eval")]
        known = _loaded(tree)
        resolve = draft.module.scopes.resolve
        draft.loaded |= {(name, resolve(name, use.scope)) for name in known}
        for node in ast.walk(_replaced(draft, site, use)):
            if isinstance(node, ast.Name) and node.id not in known:
                draft.roots.add(id(node))

    def _state(
        self,
        draft: Draft,
        site: Site,
        action: Instead | Fold | Unwrap,
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
        self, draft: Draft, site: Site, action: Import, deleted: frozenset[int]
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
        """The statement that an action replaces; one that goes takes its ``try``."""
        use = self.findings.use(site)
        held: ast.stmt | None
        if isinstance(action, Unwrap):
            held = statements.around(use)
        else:
            is_branch = isinstance(action, Fold)
            held = (statements.branch if is_branch else statements.holder)(use)
        assert held is not None
        if action == Instead(()):
            return statements.attempt(use, held) or held
        return held

    def _stretch(self, draft: Draft, site: Site, held: ast.stmt) -> Stretch:
        source = draft.module.source
        span = source.span(held)
        cut = statements.extent(source, held) or span
        line = source.line_bytes(held.lineno).decode("utf-8")
        indent = line[: len(line) - len(line.lstrip())]
        found = Stretch(held, cut, span, indent)
        draft.stretches[site] = found
        return found

    def _deleted(self, actions: Iterable[tuple[Site, Action]]) -> frozenset[int]:
        """The statements that go, an ``if`` around others too, by their identity."""
        held = [
            (self.findings.use(site), self._held(site, action))
            for site, action in actions
            if action in (Instead(()), Fold(())) or self._goes_up(site, action)
        ]
        gone = {id(each) for _, each in held}
        for use, each in held:
            outer = outermost(use, each, gone)
            gone |= {id(node) for node in (*use.parents, each) if node is outer}
        return frozenset(gone)

    def _goes_up(self, site: Site, action: Action) -> bool:
        """Whether a statement becomes an import among the others, and is gone there."""
        if not isinstance(action, Import):
            return False
        return self._held(site, action) in self.findings.use(site).module.tree.body

    def _delete(
        self, draft: Draft, site: Site, held: ast.stmt, deleted: frozenset[int]
    ) -> None:
        """Take a statement out with its lines; `pass` fills a block that is emptied."""
        source, use = draft.module.source, self.findings.use(site)
        held = outermost(use, held, deleted)
        if any(each.held is held for each in draft.stretches.values()):
            return  # an `if` around several that go
        stretch = self._stretch(draft, site, held)
        block = statements.block_of(use, held)
        keeper = _keeper(block, deleted) if stretch.indent else None
        text = "pass" if keeper is held else ""
        if not text:
            cut = _cut_out(source, held, block, deleted, keeper)
            draft.stretches[site] = replace(stretch, cut=cut)
        self._replace(draft, site, text, stretch.indent)

    def _ask(self, draft: Draft, text: str, scope: Scope, site: Site) -> None:
        """Note which modules a text needs, and where."""
        for wanted in placed(text):
            if wanted.endswith(KEPT):
                self._ask_below(draft, wanted)
            free = all(
                draft.module.scopes.is_free(name, scope)
                for name in _BUILTIN.findall(text)
            )
            if wanted != "builtins" or not free:
                draft.places[wanted].append(Place(scope, site.line, site.start))
        draft.need(site.start)  # also in a function, which a statement below may call

    def _ask_below(self, draft: Draft, wanted: str) -> None:
        """Note the module of what is kept below the imports, where that is done."""
        module = draft.module
        held = statements.last_import(module.source, module.tree)
        assert held is not None
        end = module.source.span(held)[1]
        line = (held.end_lineno or 0) + 1
        owner = wanted.removesuffix(KEPT).rpartition(".")[0]
        draft.places[owner].append(Place(module.scopes.module, line, end))
        draft.need(end)

    def _swap(self, draft: Draft, site: Site, action: Swap) -> None:
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
            first = module.source.span(statement)[0]
            found = early_loads(module.scopes, bound)
            early = [module.source.span(node)[0] for node in found]
            late = (module.source.span(n)[0] for n, _ in module.scopes.loads(bound))
            for offset in [*early, *(each for each in late if each > first)]:
                draft.need(offset)
        fallback = find_fallback(module.tree, statement)
        if fallback is not None:
            removal = Removal(statement, alias)
            draft.flatten.setdefault(fallback, {})[removal] = spec
        else:
            draft.swaps[Removal(statement, alias)] = spec

    def _drop(self, draft: Draft, site: Site) -> None:
        """Take an import out, or the decorator that a mock is."""
        if site in self.findings.imports:
            draft.dropped.append(removal_of(self.findings.imports[site][1]))
            return
        source = draft.module.source
        for part in head_parts(source, parts(self.findings.targets[site])) or ():
            place = replace(site, start=part.span[0], end=part.span[1])
            draft.heads[place], draft.texts[place] = part, ""
            nodes = (n for n in ast.walk(part.node) if isinstance(n, ast.Name))
            draft.roots.update(map(id, nodes))

    def _reserve(self, draft: Draft, site: Site, action: Retarget) -> None:
        """A mock of an object in its own file needs the module's name there."""
        target = self.findings.targets[site]
        if target.form == "object" and not target.alias and target.through is None:
            first = root(target.node)
            assert isinstance(first, ast.Name)
            scope = draft.module.scopes.scope_of(first)
            self._ask(draft, placeholder(action.module), scope, site)
            draft.roots.add(id(first))


def actions_of(verdicts: Iterable[Verdict]) -> Iterator[tuple[Site, Action]]:
    """Every action that changes something, with its site, verdict by verdict."""
    for verdict in verdicts:
        rewrite = verdict.rewrite if verdict.applies else None
        for site, action in sorted(rewrite.actions.items()) if rewrite else ():
            if not isinstance(action, Keep):
                yield site, action


def _cut_out(
    source: SourceFile,
    held: ast.stmt,
    block: Sequence[ast.stmt],
    deleted: Collection[int],
    keeper: ast.stmt | None,
) -> tuple[int, int]:
    """What goes with a statement: its lines, or its part of those that it shares.

    :param keeper: the one of the block that `pass` takes the place of.
    """
    if statements.extent(source, held) is not None:
        return statements.part_of_run(source, held, block, deleted)
    line = statements.neighbours(source, held, block)
    gone = {each for each in deleted if each != id(keeper)}
    return statements.part_of_line(source, held, line, gone)


def _keeper(block: Sequence[ast.stmt], deleted: Collection[int]) -> ast.stmt | None:
    """The statement that is to keep a block that deletions would empty.

    An import that is for deleted statements only goes along.
    """
    imports = (ast.Import, ast.ImportFrom)
    goes = (id(each) in deleted or isinstance(each, imports) for each in block)
    first = next((each for each in block if id(each) in deleted), None)
    return first if all(goes) else None


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


def _replaced(draft: Draft, site: Site, use: Use) -> ast.AST:
    """What the text of a site takes the place of."""
    if site in draft.stretches:
        return draft.stretches[site].held
    call = use.call
    return call if call is not None and site.form in ("call", "method") else use.node


def _loaded(tree: Iterable[ast.AST]) -> frozenset[str]:
    """The names that a text evaluates or binds."""
    nodes = chain.from_iterable(map(ast.walk, tree))
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
