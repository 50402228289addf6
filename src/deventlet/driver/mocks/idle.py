"""Decides the mocks of names that nothing in the repository calls.

They intercept a library, or nothing: no code of the repository says which, so that
who knows may have them taken out. Everything else about mocks is for
:mod:`deventlet.driver.mocks.mocking`, which has the last word on what is still called.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import (
    Action,
    Assume,
    Decision,
    Drop,
    Instead,
    Refuse,
    Rewrite,
    Site,
    Subject,
)
from deventlet.driver.mocks.intercepts import directly_imported
from deventlet.driver.project.requirements import allows_before
from deventlet.driver.reach.holding import innermost_function, is_class_wide
from deventlet.driver.subjects.findings import Findings, expression_use, site_of
from deventlet.driver.text import statements
from deventlet.driver.text.heads import head_parts
from deventlet.resolve.libraries import caller, former, leads_to_former
from deventlet.resolve.mock_parts import NotApart, Parts, left_over, parts
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.mocks import mocks_of
from deventlet.resolve.offsets import node_at
from deventlet.resolve.project import Project
from deventlet.source.text import SourceFile

IDLE = "mock.idle"
NO_SITE = "mock.no-site"
_LOOKED_UP = (b"attr", b"__dict__", b"vars")
_NAMED = rb"""attr\w*\([^()]*['"](?:%b)['"]"""
"""Where an attribute is taken by its name: ``getattr``, ``attrgetter`` and more."""
_COMPUTED = (
    rb"""\bgetattr\(\s*(?:self|cls)\s*,(?!\s*['"]\w+['"]\s*[,)])"""
    rb"""|\bself\.__dict__\b|\bvars\(\s*self\s*\)"""
)
"""Where any attribute of a test may be taken."""
_PROOF = "nothing in the repository calls what the mock replaced"


@dataclass(frozen=True, slots=True)
class IdleMocks:
    """The mocks of one codemod's findings that meet no site.

    :param replaces: the dotted name that a codemod puts in each API's place.
    """

    findings: Findings
    project: Project
    replaces: Mapping[str, str]

    def decide(self, subject: Subject) -> Decision | None:
        """Offer to take a mock out, or say why it stays; None for its codemod to say.

        Notes in the findings what stands at the sites of the actions.
        """
        target = self.findings.targets[subject.origin]
        name = f"{target.owner}.{target.attribute}"
        near = {
            target.module.name,
            *directly_imported(self.project, target.module.path),
        }
        library = self._caller(name, target.module.name, near)
        if library:
            return Refuse(NO_SITE, f"{name} is called by {library}")
        own = name.startswith("eventlet.") and not target.alias
        if not own or len(subject.sites) > 1:
            return None
        met = self._unread(target) or self._meant_for(target, near)
        if met:
            return Refuse(NO_SITE, met)
        try:
            actions = self._taken_out(subject.origin, target)
        except NotApart as problem:
            return Refuse(NO_SITE, str(problem))
        return Assume(IDLE, name, Rewrite(actions, proofs=(_PROOF,)))

    # -- what the mock may be there for ------------------------------------------

    def _caller(self, name: str, module: str, near: Collection[str]) -> str:
        """A library that calls a name, in a release that the project may run with.

        :param module: that of the mock.
        :param near: it, and the modules that it imports itself.
        """
        known = self.project.by_name
        used = {m for each in near for m in self.project.imported_modules(known[each])}
        found = caller(name, self._texts(near), self._texts(used.difference(near)))
        past = former(name)
        if found or past is None or not allows_before(self.project.root, *past):
            return found
        if not leads_to_former(name, self._texts(self.project.closure(module))):
            return ""
        distribution, version = past
        return f"{distribution} before {'.'.join(map(str, version))}"

    def _texts(self, modules: Iterable[str]) -> Iterator[bytes]:
        paths = sorted(self.project.by_name[name] for name in modules)
        return map(self.project.read_or_empty, paths)

    def _unread(self, target: Target) -> str:
        """A file that says the name, and is not understood."""
        said = self.project.containing([target.attribute.encode()])
        unread = (path for path in said if path in self.project.problems)
        return next((f"{path} cannot be read" for path in unread), "")

    def _meant_for(self, target: Target, near: Iterable[str]) -> str:
        """A call of what took the name's place, which the test runs and does not mock.

        Only of one that has the same name, so that the mock would do for it as it is;
        where it cannot be told what one test runs, that is for who knows.
        """
        native = self.replaces.get(target.api, "")
        if native.rpartition(".")[2] != target.attribute:
            return ""
        names = self.findings.running.names(target, ())
        if names is None and not is_class_wide(target):
            return ""
        own = innermost_function(target)
        mocked = mocks_of(target.module, native)
        if any(innermost_function(each) == own for each in mocked):
            return ""
        paths = (self.project.by_name[name] for name in near)
        for path, line in self._calls(target, native, sorted(paths)):
            return f"it may be meant for {native}, called at {path}:{line}"
        return ""

    def _calls(
        self, target: Target, dotted: str, paths: Iterable[str]
    ) -> Iterator[tuple[str, int]]:
        """The calls of a name, as it is spelled, that may run while a mock holds."""
        called = re.compile(rf"(?<![\w.]){re.escape(dotted)}\s*\(".encode())
        for path in paths:
            text = self.project.read_or_empty(path)
            module = self.project.module(path) if called.search(text) else None
            if module is None:
                continue
            for found in called.finditer(module.source.utf8):
                place = node_at(module, found.start())
                if self.findings.running.may_run(target, place, ()):
                    yield path, module.source.position(found.start())[0]

    # -- taking it out ---------------------------------------------------------------

    def _taken_out(self, site: Site, target: Target) -> dict[Site, Action]:
        """The actions that take a mock out.

        :raises NotApart: if something would be left that is of no use any more.
        """
        taken = parts(target)
        module = target.module
        left = left_over(module, taken)
        if left:
            raise NotApart(f"{left} would be left without a use")
        self._check_kept(target, taken)
        self.findings.asked[site] = expression_use(
            module, target.node, target.parents, target.api
        )
        if taken.decorator is not None:
            if _is_said(module.source, taken.decorator):
                raise NotApart("a comment stands above it")
            if head_parts(module.source, taken) is None:
                raise NotApart("it shares its lines with something else")
            return {site: Drop()}
        if taken.item is not None and isinstance(taken.holder, ast.With):
            return {site: _opened(module.source, taken.holder, taken.item)}
        gone = frozenset(id(statement) for statement, _ in taken.statements)
        for statement, above in taken.statements:
            _check_alone(module.source, statement, above[-1], gone)
        return {
            (
                site
                if statement in target.parents
                else self._site(target, statement, above)
            ): Instead(())
            for statement, above in taken.statements
        }

    def _check_kept(self, target: Target, taken: Parts) -> None:
        """Prove that nothing takes an attribute that holds the mock out of sight.

        Another file by the attribute, and any file by its name or a computed one.

        :raises NotApart: if something may.
        """
        own, kept = target.module, [name.encode() for name in sorted(taken.kept)]
        named = re.compile(_NAMED % b"|".join(kept) + b"|" + _COMPUTED)
        words = [b"." + name for name in kept]
        for path in self.project.containing([*words, *_LOOKED_UP]) if kept else ():
            text = self.project.read_or_empty(path)
            is_used = path != own.path and any(word in text for word in words)
            if not (is_used or named.search(text)):
                continue
            if own.name in self.project.closure(self.project.names[path]):
                raise NotApart(f"{path} may use it")

    def _site(self, target: Target, statement: ast.stmt, above: list[ast.AST]) -> Site:
        """A site for another statement of a mock's."""
        assert isinstance(statement, (ast.Expr, ast.Assign))
        value, module = statement.value, target.module
        site = site_of(module, value, target.api, "reference")
        use = expression_use(module, value, [*above, statement], target.api)
        self.findings.asked[site] = use
        return site


def _opened(source: SourceFile, held: ast.With, item: ast.withitem) -> Instead:
    """A ``with`` without one of those that open it, or what is in it without it.

    :raises NotApart: if it cannot be written plainly.
    """
    span = statements.extent(source, held)
    if span is None:
        raise NotApart("it shares its lines with another statement")
    if _is_said(source, held):
        raise NotApart("a comment stands above it")
    try:
        node = statements.parsed(source, span)
    except statements.CannotPrint as problem:
        raise NotApart(str(problem)) from problem
    assert isinstance(node, cst.With)
    index = held.items.index(item)
    items = [*node.items[:index], *node.items[index + 1 :]]
    if not items:
        return Instead(_bare(node))
    if index == len(items):
        items[-1] = items[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return Instead((node.with_changes(items=items),))


def _bare(
    node: cst.With,
) -> tuple[cst.SimpleStatementLine | cst.BaseCompoundStatement, ...]:
    """The statements in a block, to stand where it is.

    :raises NotApart: if they are on the line of its head, or do not move as they are.
    """
    body = [each for each in node.body.body if isinstance(each, _STATEMENTS)]
    if not isinstance(node.body, cst.IndentedBlock) or not body:
        raise NotApart("what it holds for is on its line")
    if "\\\n" in cst.Module([]).code_for_node(node.body):
        raise NotApart("what it holds for has lines that a backslash goes on with")
    said = [line for line in body[0].leading_lines if line.comment is not None]
    first = body[0].with_changes(leading_lines=said)
    return (first, *body[1:])


_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)


def _check_alone(
    source: SourceFile, statement: ast.stmt, above: ast.AST, gone: frozenset[int]
) -> None:
    """Prove that a statement leaves no gap, and nothing that speaks of it.

    :raises NotApart: if it does.
    """
    if statements.extent(source, statement) is None:
        raise NotApart("it shares its lines with another statement")
    if _is_said(source, statement):
        raise NotApart("a comment stands above it")
    blocks = (value for _, value in ast.iter_fields(above) if isinstance(value, list))
    block = next(each for each in blocks if statement in each)
    if all(id(each) in gone or _is_docstring(each) for each in block):
        raise NotApart("nothing else is in its block")


def _is_said(source: SourceFile, node: ast.expr | ast.stmt) -> bool:
    """Whether the line above is a comment, which may be about what is below."""
    above = source.line_bytes(node.lineno - 1) if node.lineno > 1 else b""
    return above.lstrip().startswith(b"#")


def _is_docstring(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant)
