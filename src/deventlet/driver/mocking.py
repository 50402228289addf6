"""Keeps mocks and what they intercept together: both change, or neither does.

A ``mock.patch('eventlet.sleep')`` that stays while the code moves intercepts nothing
any more, and one that moves while the code stays does neither. Which sites a mock
intercepts is read off what it patches and what the test's file imports; the page
``reasons.md`` states the rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deventlet.codemod import Refuse, Replace, Site, Subject, Verdict
from deventlet.driver.context import print_expression
from deventlet.driver.subjects import Findings
from deventlet.resolve.mocks import Target, fake_functions, mocks_of
from deventlet.resolve.names import Use
from deventlet.resolve.project import Module, Project

_ASSERTS = re.compile(
    rb"assert_called\w*_with|assert_any_call|assert_has_calls|mock_calls|call_args"
)
Verdicts = dict[Subject, Verdict]


@dataclass(eq=False)
class Mocking:
    """The mocks of one codemod's findings."""

    findings: Findings
    project: Project
    replacement: str
    _by_site: dict[Site, Subject] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for subject in self.findings.subjects:
            for site in subject.sites:
                self._by_site[site] = subject

    def settle(self, verdicts: Verdicts) -> Verdicts:
        """The verdicts once mocks and the sites they intercept agree."""
        result = dict(verdicts)
        self._refuse_recursion(result)
        reached = {
            subject: self._intercepted(target)
            for site, target in self.findings.targets.items()
            for subject in (self._by_site[site],)
        }
        for mock, subjects in reached.items():
            reason = self._own_problem(mock, subjects, result)
            if reason is not None:
                _demote(result, mock, reason)
        _agree(result, reached)
        return result

    # -- what a mock reaches -------------------------------------------------

    def _intercepted(self, target: Target) -> list[Subject]:
        """The subjects whose sites a mock intercepts, nearest first."""
        if target.alias and target.form != "whole":
            return self._bound_in(target)
        for modules in self._places(target):
            found = self._owned(target, modules)
            if found:
                return self._mentioned(target, found)
        return []

    def _bound_in(self, target: Target) -> list[Subject]:
        """The alias subject whose module-level name the mock replaces."""
        assert target.through is not None
        found = []
        for subject in self.findings.subjects:
            if subject.kind == "alias" and any(
                site.path == target.through.path and self._binds(site, target.attribute)
                for site in subject.bindings
            ):
                found.append(subject)
        return found

    def _binds(self, site: Site, name: str) -> bool:
        if site in self.findings.imports:
            return self.findings.imports[site][1].name == name
        use = self.findings.uses[site]
        parent = use.parents[-1]
        targets = parent.targets if isinstance(parent, ast.Assign) else []
        return any(isinstance(t, ast.Name) and t.id == name for t in targets)

    def _places(self, target: Target) -> Iterator[frozenset[str]]:
        """Sets of module names to look for the mocked calls in, nearest first."""
        own = target.module.name
        if target.through is not None:
            yield frozenset({target.through.name})
            if target.form == "whole":
                return
        direct = frozenset(self._directly_imported(target.module))
        yield direct | {own}
        yield self.project.closure(own)

    def _directly_imported(self, module: Module) -> Iterator[str]:
        known = self.project.by_name
        for item in self.project.imports(module.path):
            full = f"{item.module}.{item.name}" if item.name else item.module
            if full in known:
                yield full
            elif item.module in known:
                yield item.module

    def _owned(self, target: Target, modules: frozenset[str]) -> list[Subject]:
        """Subjects called through the very attribute that the mock replaces."""
        found: list[Subject] = []
        for site, use in self.findings.uses.items():
            if use.module.name in modules and self._goes_through(use, target):
                subject = self._by_site[site]
                if subject not in found:
                    found.append(subject)
        return found

    def _goes_through(self, use: Use, target: Target) -> bool:
        if use.stored or _inside(use, target):
            return False
        if target.form == "whole":
            root = use.node
            while isinstance(root, ast.Attribute):
                root = root.value
            return isinstance(root, ast.Name) and root.id == target.attribute
        return use.owner == target.owner

    def _mentioned(self, target: Target, found: list[Subject]) -> list[Subject]:
        """Those of several whose definition the test speaks of, if it does."""
        text = _surroundings(target.module, target.parents)
        named = []
        for subject in found:
            use = self.findings.uses.get(subject.origin)
            name = _definition(use) if use is not None else None
            if name and re.search(rf"\b{re.escape(name)}\b".encode(), text):
                named.append(subject)
        return named or found

    # -- what stands in a mock's way -----------------------------------------

    def _own_problem(
        self, mock: Subject, subjects: list[Subject], verdicts: Verdicts
    ) -> Refuse | None:
        """Why a mock cannot move by itself, if so."""
        target = self.findings.targets[mock.origin]
        if target.problem:
            return Refuse(target.problem)
        if not subjects and not self._under_test_moved(target):
            return Refuse("mock.no-site")
        for fake in fake_functions(target):
            if not _takes_one(fake):
                return Refuse("mock.arguments", "the fake takes no argument")
            if _calls(fake, self.replacement):
                return Refuse("mock.recursion", f"the fake calls {self.replacement}")
        if any(
            self._arguments_change(s, verdicts) for s in subjects
        ) and _ASSERTS.search(_surroundings(target.module, target.parents)):
            return Refuse("mock.arguments", "the test asserts the call's arguments")
        return None

    def _under_test_moved(self, target: Target) -> bool:
        """Whether a file that the test imports already calls the replacement."""
        word = f"{self.replacement}(".encode()
        known = self.project.by_name
        return any(
            word in self.project.read_or_empty(known[name])
            for name in self._directly_imported(target.module)
        )

    def _arguments_change(self, subject: Subject, verdicts: Verdicts) -> bool:
        rewrite = verdicts[subject].rewrite
        for site, action in rewrite.actions.items() if rewrite else ():
            if isinstance(action, Replace) and site.form == "call":
                before = self.findings.uses[site].call
                after = ast.parse(print_expression(action.node), mode="eval").body
                assert before is not None
                assert isinstance(after, ast.Call)
                if _dump(before) != _dump(after):
                    return True
        return False

    def _refuse_recursion(self, verdicts: Verdicts) -> None:
        """A site inside a fake of the replacement itself would call the fake."""
        for module in self.findings.modules:
            targets = [t for t in self.findings.targets.values() if t.module is module]
            plain = mocks_of(module, self.replacement)
            fakes = [f for t in (*targets, *plain) for f in fake_functions(t)]
            for site, use in self.findings.uses.items():
                if use.module is module and any(f in use.parents for f in fakes):
                    _demote(
                        verdicts, self._by_site[site],
                        Refuse("mock.recursion", f"it runs inside a fake of {self.replacement}"),
                    )  # fmt: skip


def _agree(verdicts: Verdicts, reached: dict[Subject, list[Subject]]) -> None:
    """Demote mocks and sites until no mock is parted from what it intercepts."""
    changed = True
    while changed:
        changed = False
        for mock, subjects in reached.items():
            staying = [s for s in subjects if not verdicts[s].applies]
            if verdicts[mock].applies and staying:
                where = f"{staying[0].origin.path}:{staying[0].origin.line}"
                changed |= _demote(verdicts, mock, Refuse("mock.kept-site", where))
            if not verdicts[mock].applies and verdicts[mock].reason != "mock.no-site":
                where = f"{mock.origin.path}:{mock.origin.line}"
                for subject in subjects:
                    changed |= _demote(verdicts, subject, Refuse("mock.stays", where))


def _demote(verdicts: Verdicts, subject: Subject, refusal: Refuse) -> bool:
    """Refuse a subject; False if it does not change anyway."""
    before = verdicts[subject]
    if isinstance(before.decision, Refuse):
        return False
    verdicts[subject] = Verdict(subject, before.codemod, refusal)
    return True


def _inside(use: Use, target: Target) -> bool:
    """Whether a use is part of the mocking call itself."""
    return target.call is not None and target.call in use.parents


def _surroundings(module: Module, parents: Iterable[ast.AST]) -> bytes:
    """The text of the top-level definition around a node."""
    top = next((n for n in parents if isinstance(n, ast.stmt)), None)
    if top is None:
        return module.source.utf8
    decorators = getattr(top, "decorator_list", None) or [top]
    start = module.source.offset(decorators[0].lineno, 0)
    return module.source.utf8[start : module.source.span(top)[1]]


def _definition(use: Use) -> str | None:
    top = use.parents[1] if len(use.parents) > 1 else None
    return getattr(top, "name", None)


def _takes_one(fake: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Whether a fake can be called with one positional argument."""
    arguments = fake.args
    return bool(arguments.posonlyargs or arguments.args or arguments.vararg)


def _calls(fake: ast.AST, dotted: str) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == dotted
        for node in ast.walk(fake)
    )


def _dump(call: ast.Call) -> str:
    return ast.dump(ast.Tuple([*call.args, *(k.value for k in call.keywords)])) + str(
        [keyword.arg for keyword in call.keywords]
    )
