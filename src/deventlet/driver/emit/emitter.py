"""Leads verdicts to new file contents: through drafts, names, edits, the last check.

Only bytes that belong to a site, an import or the indentation of a continuation line
change. A file whose result cannot be proven right is given back untouched, with the
reason. Nothing here decides whether a site may change.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deventlet.codemod import Fold, Site, Verdict
from deventlet.driver.emit.asking import Asking, actions_of
from deventlet.driver.emit.draft import Draft, innermost
from deventlet.driver.emit.keeping import (
    kept_edits,
    kept_trees,
    own_name,
)
from deventlet.driver.emit.leaving import Leaving, lift
from deventlet.driver.emit.moving import Moving, without
from deventlet.driver.emit.proofs import check_attempts, check_free, check_order
from deventlet.driver.emit.spelling import edits_for, named
from deventlet.driver.emit.tidy import explained, freed, outgrown, united
from deventlet.driver.imports.naming import Chosen, Place, choose
from deventlet.driver.imports.wanted import Wanted
from deventlet.driver.project.requirements import uses_hacking
from deventlet.driver.project.styles import Styles
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.text import statements
from deventlet.driver.text.placeholders import KEPT
from deventlet.resolve.api import WORK_AROUND
from deventlet.resolve.project import Project
from deventlet.source.align import realign
from deventlet.source.check import check_result
from deventlet.source.imports import edit_imports
from deventlet.source.text import Edit, SourceProblem, splice

_CODE = re.compile(rb"(?m)^[ \t]*[^#\s]")


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
    styles: Styles
    _leaving: Leaving = field(init=False)

    def __post_init__(self) -> None:
        wanted = Wanted(self.project, self.findings.starred)
        self._leaving = Leaving(self.project, self.findings, wanted)

    def emit(self, verdicts: Iterable[Verdict]) -> Emitted:
        """The new contents of every file that changes.

        A verdict of which a site has to wait for another round waits as a whole.
        """
        given = [verdict for verdict in verdicts if verdict.applies]
        drafts, retargets = Asking(self.project, self.findings).drafts(given)
        late = {site for each in drafts.values() for site in innermost(each)[1]}
        folded = _folded(given, drafts)
        waiting = [
            verdict
            for verdict in given
            if _is_torn(verdict, late, drafts)
            or any(site in folded for site, _ in actions_of([verdict]))
        ]
        if waiting:
            now = self.emit(each for each in given if each not in waiting)
            sites = (site for site, _ in actions_of(waiting))
            return replace(now, postponed=(*now.postponed, *sites))
        bare = without(drafts, [site for site, _ in retargets])
        for draft in drafts.values():
            self._choose(draft, not late, bare)
        moving = Moving(self.project, self._leaving.wanted, self.findings)
        for site, retarget in retargets:
            moving.retarget(drafts, site, retarget)
        return self._finish(drafts)

    def _choose(self, draft: Draft, complete: bool, texts: Mapping[str, bytes]) -> None:
        """Choose every name; one that only a removed import binds may be taken over.

        :param complete: whether all sites change in this round.
        :param texts: files without the mocks that move, which speak of names.
        """
        module, freed = draft.module, frozenset[str]()
        if complete:
            freed = frozenset(
                name
                for scope, name, bindings in self._leaving.losing(draft)
                if scope is module.scopes.module
                and all(self._leaving.imports_source(module, b) for b in bindings)
                and not self._leaving.is_wanted_elsewhere(module, scope, name, texts)
            )
        for wanted, places in draft.places.items():
            if wanted.endswith(KEPT):
                draft.names[wanted] = own_name(module, wanted)
                continue
            given = frozenset(name for _, name in self.findings.given)
            chosen = _swapped_in(draft, wanted, places) or choose(
                self.project, module, wanted, places, freed, given
            )
            draft.names[wanted] = chosen
            if chosen.needed is not None:
                draft.freed |= freed & {chosen.name}

    def _finish(self, drafts: Mapping[str, Draft]) -> Emitted:
        """The new contents, once every name is chosen."""
        inner = {path: innermost(draft) for path, draft in drafts.items()}
        postponed = [site for _, late in inner.values() for site in late]
        site_edits = {
            path: [
                edit
                for site in inner[path][0]
                for edit in edits_for(draft, site, self.styles.of(path))
            ]
            for path, draft in drafts.items()
        }
        texts = {
            path: splice(draft.module.source, site_edits[path]) + _bound(draft)
            for path, draft in drafts.items()
        }
        contents: dict[str, bytes] = {}
        failed: dict[str, str] = {}
        for path, draft in sorted(drafts.items()):
            try:
                imports = self._imports(draft, texts, postponed)
                edits = self._tidied(draft, [*site_edits[path], *imports])
                result = self._result(draft, edits)
            except (SourceProblem, ValueError) as problem:
                failed[path] = str(problem)
                continue
            if result != draft.module.source.raw:
                contents[path] = result
        return Emitted(contents, failed, tuple(postponed))

    def _tidied(self, draft: Draft, edits: Sequence[Edit]) -> list[Edit]:
        """The edits of a file with what follows from all of them together."""
        source, tree = draft.module.source, draft.module.tree
        found = [*edits, *kept_edits(draft)]
        found += explained(source, tree, found, WORK_AROUND, b"current_thread")
        found = united(source, found)
        found += freed(source, tree, found)
        length = self.styles.of(draft.module.path).line_length
        return [*found, *outgrown(source, found, length)]

    def _result(self, draft: Draft, edits: Sequence[Edit]) -> bytes:
        """The new bytes of a file, proven to differ only where they may.

        :raises ValueError: if edits overlap, or change what they must not.
        :raises SourceProblem: if the result does not fit the file's encoding.
        """
        module = draft.module
        source = module.source
        lines = {source.position(edit.start)[0] for edit in edits}
        edited = _statements(module.tree, lines)
        every = [*edits, *realign(source, edits, edited)]
        kept = innermost(draft)[0]
        spans = [self._span(draft, site) for site in kept]
        put = {
            each.statement: statements.tree_of(
                named(draft, draft.texts[site]), each.indent
            )
            for site, each in draft.stretches.items()
            if site in kept
        }
        put |= kept_trees(draft)
        gone = [part.span for part in draft.heads.values()]
        check_result(source, module.tree, every, spans, put, gone)
        text = splice(source, every)
        return b"" if self._is_to_be_empty(source.path, text) else source.encode(text)

    def _is_to_be_empty(self, path: str, text: bytes) -> bool:
        """Whether a package's file has its licence only left, which hacking forbids.

        Its check H104 asks for a file without any code to be empty.
        """
        bare = path.endswith("__init__.py") and not _CODE.search(text)
        return bare and uses_hacking(self.project.root)

    def _span(self, draft: Draft, site: Site) -> tuple[int, int]:
        target = self.findings.targets.get(site)
        return (
            draft.module.source.span(target.node) if target else (site.start, site.end)
        )

    def _imports(
        self, draft: Draft, texts: Mapping[str, bytes], postponed: Sequence[Site]
    ) -> list[Edit]:
        """The import edits of a file: what it needs now and what it no longer uses."""
        add = [c.needed for c in draft.names.values() if c.needed is not None]
        add += (spec for _, spec in draft.bound)
        check_free(draft)
        lift(draft)
        add += draft.lifted.values()
        if postponed and draft.freed:
            raise ValueError("a name is taken over while a use of it has to wait")
        remove = [] if postponed else list(self._leaving.unused(draft, texts))
        remove += (*draft.lifted, *draft.dropped)
        for each in remove:  # one that lost its last use needs no other in its place
            draft.swaps.pop(each, None)
        check_attempts(draft, remove)
        if not (add or remove or draft.swaps or draft.flatten):
            return []
        edits = edit_imports(
            draft.module.source, draft.module.tree,
            self.styles.of(draft.module.path), add, remove,
            draft.swaps, {n: [*s.values()] for n, s in draft.flatten.items()},
            draft.above,
        )  # fmt: skip
        check_order(draft, edits)
        return edits


def _swapped_in(draft: Draft, wanted: str, places: Sequence[Place]) -> Chosen | None:
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


def _folded(
    verdicts: Iterable[Verdict], drafts: Mapping[str, Draft]
) -> frozenset[Site]:
    """The sites in what is folded, other than its test: they wait for what is left."""
    folds = (site for site, each in actions_of(verdicts) if isinstance(each, Fold))
    return frozenset(
        other for site in folds for other in drafts[site.path].inside(site)
    )


def _is_torn(
    verdict: Verdict, late: Collection[Site], drafts: Mapping[str, Draft]
) -> bool:
    """Whether some sites of a verdict wait for another one's, and others do not."""
    sites = {site for site, _ in actions_of([verdict])}
    return len(sites) > 1 and any(
        other not in sites
        for site in sites.intersection(late)
        for other in drafts[site.path].inside(site)
    )


def _bound(draft: Draft) -> bytes:
    """The names that a file will import modules under, for whoever looks for them."""
    lines = (
        f"\nimport {module} as {each.name}\n"
        for module, each in draft.names.items()
        if not module.endswith(KEPT)
    )
    return "".join(lines).encode()


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
