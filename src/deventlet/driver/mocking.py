"""Keeps mocks and what they intercept together: both change, or neither does.

A ``mock.patch('eventlet.sleep')`` that stays while the code moves intercepts nothing
any more, and one that moves while the code stays does neither. Which sites a mock
intercepts is read off what it patches and what the test's file imports; the page
``reasons.md`` states the rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.codemod import (
    Assume,
    Decision,
    Refuse,
    Replace,
    Site,
    Subject,
    Verdict,
)
from deventlet.driver.context import print_expression
from deventlet.driver.subjects import Findings
from deventlet.resolve import api as eventlet_api
from deventlet.resolve.mocks import Target, fake_functions, mocks_of
from deventlet.resolve.names import Use
from deventlet.resolve.project import Module, Project
from deventlet.resolve.roles import is_question
from deventlet.resolve.taken import is_handed_to_mock

_HARMLESS = "mock.no-site"
"""The one refusal of a mock that says nothing against the calls it intercepts."""

_BASES = 5
"""How many levels of base classes are looked through for a mock of everything."""

_BACKGROUND = re.compile(
    rb"\b(?:\w*start_\w*service\w*|spawn\w*|serve|Thread|WSGIService|ServiceLauncher)\("
)
"""What leaves something running that may poll with ``time.sleep``."""

_WORD = re.compile(rb"['\"](\w+)['\"]")

Verdicts = dict[Subject, Verdict]


@dataclass(eq=False)
class Mocking:
    """The mocks of one codemod's findings."""

    findings: Findings
    project: Project
    replaces: Mapping[str, str]
    _by_site: dict[Site, Subject] = field(default_factory=dict)
    _plain_mocks: dict[tuple[str, str], list[Target]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for subject in self.findings.subjects:
            for site in subject.sites:
                self._by_site[site] = subject

    def settle(self, verdicts: Verdicts) -> Verdicts:
        """The verdicts once mocks and the sites they intercept agree."""
        result = dict(verdicts)
        self._refuse_recursion(result)
        reached = {
            self._by_site[site]: self._intercepted(target)
            for site, target in self.findings.targets.items()
        }
        for mock, subjects in reached.items():
            reason = self._own_problem(mock, subjects, result)
            if reason is not None:
                _demote(result, mock, reason)
        _agree(result, reached | self._assigned() | self._questions() | self._handed())
        return result

    def _handed(self) -> dict[Subject, list[Subject]]:
        """``patch.object(socket, 'x')`` by a file's own import, and what it meets.

        The module is no mock by itself: it goes with the import that it comes from.
        """
        found: dict[Subject, list[Subject]] = {}
        for site, use in self.findings.uses.items():
            if is_handed_to_mock(use):
                met = self._met_through(use)
                found.setdefault(self._by_site[site], []).extend(met)
        return found

    @cached_property
    def _calls_handed(self) -> frozenset[int]:
        """The calls that mock an attribute of Eventlet's module itself."""
        uses = self.findings.uses.values()
        return frozenset(id(u.parents[-1]) for u in uses if is_handed_to_mock(u))

    def _met_through(self, use: Use) -> list[Subject]:
        """The subjects of one module in the files that a test's file imports."""
        modules = frozenset(self._directly_imported(use.module))
        found = {
            self._by_site[site]: None
            for site, other in self.findings.uses.items()
            if other.module.name in modules and other.dotted == use.dotted
        }
        return list(found)

    def _questions(self) -> dict[Subject, list[Subject]]:
        """``eventlet.sleep.call_count`` in a test, and the mocks it asks."""
        return {
            self._by_site[site]: [
                self._by_site[place]
                for place, target in self.findings.targets.items()
                if target.module is use.module
            ]
            for site, use in self.findings.uses.items()
            if is_question(use) and self._by_site[site].kind == "use"
        }

    def _assigned(self) -> dict[Subject, list[Subject]]:
        """Hand-made mocks, ``eventlet.sleep = fake``, and what they intercept."""
        return {
            self._by_site[site]: self._owned_near(use)
            for site, use in self.findings.uses.items()
            if use.stored and use.owner
        }

    def _owned_near(self, fake: Use) -> list[Subject]:
        """The calls that a hand-made mock replaces in what its file imports."""
        own = fake.module.name
        direct = frozenset(self._directly_imported(fake.module))
        for modules in (direct | {own}, self.project.closure(own)):
            found = {
                self._by_site[site]: None
                for site, use in self.findings.uses.items()
                if use.module.name in modules
                and use.owner == fake.owner
                and not use.stored
            }
            if found:
                return list(found)
        return []

    def _replacement(self, target: Target) -> str:
        """The dotted name that takes the place of what a mock intercepts."""
        path = eventlet_api.canonical(f"{target.owner}.{target.attribute}")
        if target.alias or not path.startswith(target.api):
            path = target.api
        name = self.replaces.get(target.api, "")
        return name + path.removeprefix(target.api) if name else ""

    def _plain(self, module: Module, replacement: str) -> list[Target]:
        """The mocks of the replacement itself in a file."""
        key = module.path, replacement
        if key not in self._plain_mocks:
            found = mocks_of(module, replacement) if replacement else ()
            ours = self._calls_handed
            self._plain_mocks[key] = [t for t in found if id(t.call) not in ours]
        return self._plain_mocks[key]

    # -- what a mock reaches -------------------------------------------------

    def _intercepted(self, target: Target) -> list[Subject]:
        """The subjects whose sites a mock intercepts, nearest first."""
        if target.alias and target.form != "whole":
            return self._bound_in(target)
        if _BACKGROUND.search(_held_text(target)):
            return self._in_services(target)
        for modules in self._places(target):
            found = self._owned(target, modules)
            if found:
                return self._mentioned(target, found)
        return []

    def _in_services(self, target: Target) -> list[Subject]:
        """What a mock reaches around a service that is started by its name.

        Every file that the test can load, and those whose dotted name has one of the
        words that the test says there: ``start_service('scheduler')``.
        """
        words = {word.decode() for word in _WORD.findall(_held_text(target))}
        named = {
            name
            for name in self.project.by_name
            if not words.isdisjoint(name.split("."))
        }
        modules = self.project.closure(target.module.name) | named
        return self._owned(target, modules | {target.module.name})

    def _bound_in(self, target: Target) -> list[Subject]:
        """The subjects that hang on the module-level name that the mock replaces.

        That is the name's alias, and the objects that were made through it.
        """
        assert target.through is not None
        path, name = target.through.path, target.attribute
        aliases = (
            subject
            for subject in self.findings.subjects
            if subject.kind == "alias"
            and any(s.path == path and self._binds(s, name) for s in subject.bindings)
        )
        made = (
            self._by_site[site]
            for site, use in self.findings.uses.items()
            if any(
                a.module.path == path and a.binding.name == name for a in use.aliases
            )
        )
        found = dict.fromkeys((*aliases, *made))
        return [each for each in found if each not in self.findings.followers]

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
        yield self._beside(own)

    def _beside(self, own: str) -> frozenset[str]:
        """All that is imported by whoever imports a file: users of a test's base."""
        users = _reach({own}, self._importers)
        known = self.project.by_name
        return _reach(
            users, {n: self.project.imported_modules(known[n]) for n in known}
        )

    @cached_property
    def _importers(self) -> Mapping[str, Iterable[str]]:
        """The modules that import each module."""
        found: dict[str, set[str]] = {}
        for name, path in self.project.by_name.items():
            for imported in self.project.imported_modules(path):
                found.setdefault(imported, set()).add(name)
        return found

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
        if use.dotted.startswith("eventlet.green."):
            return f"{target.owner}.".startswith(f"{use.dotted}.")
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
        if not subjects:
            return Refuse("mock.no-site")
        replacement = self._replacement(target)
        if replacement and self._met_already(target, subjects, replacement):
            return Refuse("mock.both", f"{replacement} is called or mocked there")
        if _BACKGROUND.search(_held_text(target)):
            return Refuse("mock.background")
        changes = any(self._arguments_change(s, verdicts) for s in subjects)
        for fake in fake_functions(target):
            if changes and not _takes_one(fake):
                return Refuse("mock.arguments", "the fake takes no argument")
            if replacement and _calls(fake, replacement):
                return Refuse("mock.recursion", f"the fake calls {replacement}")
        if changes and _expects_bare_call(target):
            return Refuse("mock.arguments", "the test expects a call without arguments")
        return None

    def _met_already(
        self, target: Target, subjects: list[Subject], replacement: str
    ) -> bool:
        """Whether the test, or the code under test, has the replacement already.

        The mock would intercept those calls as well, or be a second mock of one name.
        """
        own = _innermost_function(target)
        others = self._plain(target.module, replacement)
        if any(_innermost_function(other) == own for other in others):
            return True
        classes = [n for n in target.parents if isinstance(n, ast.ClassDef)]
        if classes and self._mocked_for_all(
            target.module, classes[0].name, replacement, _BASES
        ):
            return True
        called = re.compile(rf"\b{re.escape(replacement)}\s*\(".encode())
        uses = (
            self.findings.uses[site]
            for subject in subjects
            for site in subject.sites
            if site in self.findings.uses
        )
        uses = (use for use in uses if not _stands_for(use, replacement))
        return any(called.search(_function_text(use)) for use in uses)

    def _mocked_for_all(
        self, module: Module, name: str, replacement: str, depth: int
    ) -> bool:
        """Whether a class, or a base of it, mocks the replacement for all its tests."""
        classes = [n for n in module.tree.body if getattr(n, "name", None) == name]
        own = classes[0] if classes else None
        if not isinstance(own, ast.ClassDef) or not depth:
            return False
        if any(
            own in other.parents and _is_class_wide(other)
            for other in self._plain(module, replacement)
        ):
            return True
        return any(
            self._mocked_for_all(home, base, replacement, depth - 1)
            for base in map(_last_name, own.bases)
            for home in self._homes(module, base)
        )

    def _homes(self, module: Module, name: str) -> Iterator[Module]:
        """The files, this one and those that it imports, that define a class."""
        yield module
        word = name.encode()
        definition = re.compile(rb"^class[ \t]+" + word + rb"\b", re.MULTILINE)
        for imported in dict.fromkeys(self._directly_imported(module) if word else ()):
            path = self.project.by_name[imported]
            text = self.project.read_or_empty(path)
            if word in text and definition.search(text):
                home = self.project.module(path)
                if home is not None:
                    yield home

    def _arguments_change(self, subject: Subject, verdicts: Verdicts) -> bool:
        rewrite = verdicts[subject].rewrite
        for site, action in rewrite.actions.items() if rewrite else ():
            if isinstance(action, Replace) and site.form == "call":
                before = self.findings.uses[site].call
                after = ast.parse(print_expression(action.node), mode="eval").body
                assert before is not None
                if not isinstance(after, ast.Call) or _dump(before) != _dump(after):
                    return True
        return False

    def _refuse_recursion(self, verdicts: Verdicts) -> None:
        """A site inside a fake of the replacement itself would call the fake."""
        # An alias is bound before the mock takes the name's place.
        called = {s: u for s, u in self.findings.uses.items() if not u.aliases}
        for module in {use.module.path: use.module for use in called.values()}.values():
            targets = [t for t in self.findings.targets.values() if t.module is module]
            plain = [
                mock
                for name in sorted(set(self.replaces.values()))
                for mock in self._plain(module, name)
            ]
            fakes = [f for t in (*targets, *plain) for f in fake_functions(t)]
            for site, use in called.items():
                if use.module is module and any(f in use.parents for f in fakes):
                    name = self.replaces.get(use.api, "")
                    inside = f"it runs inside a fake of {name}"
                    refusal = Refuse("mock.recursion", inside)
                    _demote(verdicts, self._by_site[site], refusal)


def _reach(starts: Iterable[str], steps: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Everything that steps lead to from the starts, which are included."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += steps.get(name, ())
    return frozenset(seen)


def _agree(verdicts: Verdicts, reached: dict[Subject, list[Subject]]) -> None:
    """Bring mocks and what they intercept to the least of their verdicts.

    Of what is proven, what hangs on an assumption and what is refused, the least
    certain decides for all, because they change together or not at all.
    """
    changed = True
    while changed:
        changed = False
        for mock, subjects in reached.items():
            for subject in subjects:
                changed |= _lower(verdicts, mock, subject, "mock.kept-site")
            if verdicts[mock].reason != _HARMLESS:
                for subject in subjects:
                    changed |= _lower(verdicts, subject, mock, "mock.stays")


def _lower(verdicts: Verdicts, subject: Subject, other: Subject, reason: str) -> bool:
    """Make a verdict no more certain than another's; False if it is not."""
    mine, least = verdicts[subject], verdicts[other]
    if _certainty(mine) <= _certainty(least):
        return False
    where = f"{other.origin.path}:{other.origin.line}"
    decision: Decision = Refuse(reason, where)
    if isinstance(least.decision, Assume) and mine.rewrite is not None:
        decision = Assume(least.reason, least.detail, mine.rewrite)
    verdicts[subject] = Verdict(subject, mine.codemod, decision)
    return True


def _certainty(verdict: Verdict) -> int:
    """2 for what is applied, 1 for what an assumption would allow, 0 for refusals."""
    if verdict.applies:
        return 2
    return 0 if isinstance(verdict.decision, Refuse) else 1


def _demote(verdicts: Verdicts, subject: Subject, refusal: Refuse) -> bool:
    """Refuse a subject; False if it does not change anyway."""
    before = verdicts[subject]
    if isinstance(before.decision, Refuse):
        return False
    verdicts[subject] = Verdict(subject, before.codemod, refusal)
    return True


def _stands_for(use: Use, replacement: str) -> bool:
    """Whether a name that reads like the replacement's module is Eventlet's: a copy."""
    head = replacement.partition(".")[0]
    return isinstance(use.node, ast.Name) and use.node.id == head


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


def _expects_bare_call(target: Target) -> bool:
    """Whether the test asserts a call without arguments, or with the keyword."""
    name = rf"\b{re.escape(_bound_to(target) or '')}\." if _bound_to(target) else ""
    bare = r"\(\s*(?:\)|seconds=)"
    pattern = (
        rf"{name}assert_(?:called_once_with|called_with|any_call){bare}"
        rf"|{name}(?:assert_has_calls|mock_calls)[^\n]*\n?[^\n]*\bcall{bare}"
        rf"|{name}call_args\b"
    )
    return re.search(pattern.encode(), _innermost_function(target)) is not None


def _bound_to(target: Target) -> str | None:
    """The name that the test gives the mock, where it can be told."""
    above = [node for node in target.parents if not isinstance(node, ast.expr)]
    holder = above[-1] if above else None
    if isinstance(holder, (ast.With, ast.AsyncWith)):
        for item in holder.items:
            if item.context_expr is target.call and isinstance(
                item.optional_vars, ast.Name
            ):
                return item.optional_vars.id
    if isinstance(holder, ast.Assign) and isinstance(holder.targets[0], ast.Name):
        return holder.targets[0].id
    return None


def _is_class_wide(target: Target) -> bool:
    """Whether a mock holds for every test of its class: set up, or on the class."""
    functions = [
        node
        for node in target.parents
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return not functions or functions[-1].name.lower().startswith("setup")


def _last_name(expr: ast.expr) -> str:
    return getattr(expr, "attr", getattr(expr, "id", ""))


def _held_text(target: Target) -> bytes:
    """What runs while a mock holds: the body of its ``with``, or its function."""
    holder = next(
        (n for n in reversed(target.parents) if isinstance(n, ast.stmt)), None
    )
    if isinstance(holder, (ast.With, ast.AsyncWith)):
        start, end = target.module.source.span(holder)
        return target.module.source.utf8[start:end]
    return _innermost_function(target)


def _innermost_function(target: Target) -> bytes:
    """The text of the function or class that holds a mock, decorators included.

    A mock in a ``setUp`` or on a class is seen by the whole class.
    """
    functions = [
        node
        for node in target.parents
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    if not functions or functions[-1].name.lower().startswith("setup"):
        return _surroundings(target.module, target.parents)
    start, end = target.module.source.span(functions[-1])
    return target.module.source.utf8[start:end]


def _function_text(use: Use) -> bytes:
    """The text of the innermost function around a use; nothing at module level."""
    functions = [
        node
        for node in use.parents
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    if not functions:
        return b""
    start, end = use.module.source.span(functions[-1])
    return use.module.source.utf8[start:end]


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
