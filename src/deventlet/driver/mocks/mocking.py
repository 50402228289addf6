"""Keeps mocks and what they intercept together: both change, or neither does.

A ``mock.patch('eventlet.sleep')`` that stays while the code moves intercepts nothing
any more, and one that moves while the code stays does neither. Which sites a mock
intercepts is read off what it patches and what the test's file imports; the page
``reasons.md`` states the rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.codemod import (
    Keep,
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
    Swap,
    Verdict,
)
from deventlet.driver.mocks.calls import Change, accepts, expecting, is_same
from deventlet.driver.mocks.counting import Counting, looks
from deventlet.driver.mocks.idle import IDLE, NO_SITE
from deventlet.driver.mocks.intercepts import (
    BACKGROUND,
    definition,
    directly_imported,
    idle_calls,
    met_alike,
    used_of,
)
from deventlet.driver.mocks.results import asked_of_results
from deventlet.driver.mocks.tested import Tested
from deventlet.driver.reach.holding import (
    held_text,
    holder,
    innermost_function,
    is_class_wide,
)
from deventlet.driver.reach.named import Named
from deventlet.driver.reach.running import replaced
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.verdicts import Verdicts, demote, lower
from deventlet.driver.text.placeholders import KEPT, placed
from deventlet.driver.text.printing import print_expression
from deventlet.resolve import api as eventlet_api
from deventlet.resolve import sharing
from deventlet.resolve.chains import called_name, last_name, root_name
from deventlet.resolve.mock_uses import Asks, asks, stored_fakes
from deventlet.resolve.mocks import Fake, Target, fake_functions, is_met_by, mocks_of
from deventlet.resolve.names import Use
from deventlet.resolve.project import Module, Project
from deventlet.resolve.roles import is_question
from deventlet.resolve.scopes import path_to
from deventlet.resolve.taken import handed_name, is_handed_to_mock

_BASES = 5
"""How many levels of base classes are looked through for a mock of everything."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(eq=False)
class Mocking:
    """The mocks of one codemod's findings.

    :param linked: subjects that wait for others besides, with the reason ``waits``.
    """

    findings: Findings
    project: Project
    replaces: Mapping[str, str]
    linked: Mapping[Subject, Sequence[Subject]] = field(default_factory=dict)
    waits: str = ""
    _by_site: dict[Site, Subject] = field(init=False)
    _plain_mocks: dict[tuple[str, str], list[Target]] = field(default_factory=dict)
    _names: Named = field(init=False)

    def __post_init__(self) -> None:
        self._names = Named(self.project)
        self._by_site = self.findings.by_site()

    def settle(self, verdicts: Verdicts) -> Verdicts:
        """The verdicts once mocks and the sites they intercept agree."""
        result = dict(verdicts)
        self._refuse_recursion(result)
        self._refuse_counted(result)
        for mock, subjects in self._reached(result).items():
            reason = self._own_problem(mock, subjects, result)
            if reason is not None:
                demote(result, mock, reason)
        _agree(result, self._mocked(result))
        while self._hold_back(result):
            _agree(result, self._mocked(result))
        self._refuse_busy(result)
        return result

    def _refuse_busy(self, verdicts: Verdicts) -> None:
        """A mock that meets nothing stays as long as anything says its name."""
        for mock, subjects in self._reached(verdicts).items():
            if not subjects and verdicts[mock].reason == IDLE:
                used = self._used(self.findings.targets[mock.origin], verdicts)
                if used:
                    demote(verdicts, mock, Refuse(NO_SITE, f"but {used} uses it"))

    def _used(self, target: Target, verdicts: Verdicts) -> str:
        """A place that still uses what a mock replaces, or may; empty for none.

        Also one that changes, if the test speaks of it: it may load it by its name.
        """
        return next(
            (
                f"{subject.origin.path}:{subject.origin.line}"
                for subject, verdict in verdicts.items()
                if subject.kind != "mock"
                and f"{target.api}.".startswith(f"{subject.api}.")
                and not (verdict.applies and not self._speaks_of(target, subject))
            ),
            "",
        )

    def _speaks_of(self, target: Target, subject: Subject) -> bool:
        """Whether the file of a mock says the name of what holds a site."""
        uses = self.findings.uses
        found = {site.path: definition(uses.get(site)) for site in subject.sites}
        words = {self.project.names[path].rpartition(".")[2] for path in found}
        text = target.module.source.utf8
        return any(
            re.search(rf"\b{re.escape(word)}\b".encode(), text)
            for word in words.union(filter(None, found.values()))
        )

    def _hold_back(self, verdicts: Verdicts) -> bool:
        """Lower what waits for another subject that stays; whether there was any."""
        changed = [
            lower(verdicts, subject, other, self.waits)
            for subject, others in self.linked.items()
            for other in others
            if subject in verdicts and other in verdicts
        ]
        return any(changed)

    def together(self, verdicts: Verdicts) -> dict[Subject, list[Subject]]:
        """The subjects that change only if another one does, and the other way round.

        :param verdicts: of the subjects that there are.
        """
        return self._mocked(verdicts) | {s: [*each] for s, each in self.linked.items()}

    def _mocked(self, verdicts: Verdicts) -> dict[Subject, list[Subject]]:
        """The same for mocks, and what has to do with them."""
        return (
            self._reached(verdicts)
            | self._assigned()
            | self._questions(verdicts)
            | self._handed()
        )

    def _reached(self, verdicts: Verdicts) -> dict[Subject, list[Subject]]:
        """The mocks, and what each intercepts."""
        return {
            mock: subjects
            for mock, subjects in (self.findings.reached or {}).items()
            if mock in verdicts
        }

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
        modules = frozenset(directly_imported(self.project, use.module))
        found = {
            self._by_site[site]: None
            for site, other in self.findings.uses.items()
            if other.module.name in modules and other.dotted == use.dotted
        }
        method = handed_name(use)
        return [s for s in found if s.kind != "object" or is_met_by(method, used_of(s))]

    def _questions(self, verdicts: Verdicts) -> dict[Subject, list[Subject]]:
        """``eventlet.sleep.call_count`` in a test, and the mocks it asks."""
        return {
            self._by_site[site]: [
                self._by_site[place]
                for place, target in self.findings.targets.items()
                if target.module is use.module and self._by_site[place] in verdicts
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
        direct = frozenset(directly_imported(self.project, fake.module))
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

    def _replacement(self, mock: Subject, target: Target, verdicts: Verdicts) -> str:
        """The dotted name that takes the place of what a mock intercepts."""
        rewrite = verdicts[mock].rewrite
        action = rewrite.actions.get(mock.origin) if rewrite else None
        if isinstance(action, Retarget):
            return f"{action.module}.{action.name}"
        return self._native(target)

    def _native(self, target: Target) -> str:
        """What a mock intercepts, under the name that its API gets."""
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
            self._plain_mocks[key] = [t for t in found if id(t.call) not in self._ours]
        return self._plain_mocks[key]

    @property
    def _ours(self) -> set[int]:
        """The calls, by identity, that mock names of Eventlet's."""
        own = {id(mock.call) for mock in self.findings.targets.values()}
        return own | self._calls_handed

    @cached_property
    def _counting(self) -> Counting:
        return Counting(self.project, self.findings.running, self._ours)

    # -- what stands in a mock's way -----------------------------------------

    def _own_problem(
        self, mock: Subject, subjects: list[Subject], verdicts: Verdicts
    ) -> Refuse | None:
        """Why a mock cannot move by itself, if so."""
        target = self.findings.targets[mock.origin]
        if target.problem:
            return Refuse(target.problem)
        if not subjects:
            return None if verdicts[mock].reason == IDLE else Refuse(NO_SITE)
        replacement = self._replacement(mock, target, verdicts)
        if self._is_local(target, subjects, verdicts):
            replacement = ""  # nobody else's name is replaced
        elif (shared := self._shared(target, subjects, replacement)) is not None:
            return shared
        changes = [c for each in subjects for c in self._changes(each, verdicts)]
        translated = _translated(mock, verdicts)
        span = target.module.source.span
        fakes = [
            fake
            for fake in (*fake_functions(target), *stored_fakes(target))
            if (target.module.path, *span(fake)) not in translated
        ]
        return _fakes_problem(fakes, changes, replacement) or self._unlike(
            mock, target, changes, verdicts
        )

    def _is_local(
        self, target: Target, subjects: list[Subject], verdicts: Verdicts
    ) -> bool:
        """Whether the name that is mocked is the repository's own, and stays."""
        rewrites = [verdicts[each].rewrite for each in subjects]
        return target.alias and all(
            subject.kind == "alias"
            and (rewrite is None or _keeps_name(subject, rewrite))
            for subject, rewrite in zip(subjects, rewrites, strict=True)
        )

    def _shared(
        self, target: Target, subjects: list[Subject], replacement: str
    ) -> Refuse | None:
        """Who else would meet the mock, once it is one of the whole process."""
        if replacement and self._joins(target, subjects, replacement):
            return Refuse("mock.both", f"two names become {replacement} there")
        if replacement and self._met_already(target, subjects, replacement):
            return Refuse("mock.both", f"{replacement} is called or mocked there")
        if replacement and (
            further := self._met_further(target, subjects, replacement)
        ):
            return Refuse("mock.both", f"{further} calls {replacement}")
        if replacement and self._meets_more(target, subjects, replacement):
            return Refuse("mock.both", f"it would meet {replacement} where it did not")
        if BACKGROUND.search(held_text(target)) and not _is_class(replacement):
            return Refuse("mock.background")
        known = self.findings.running.names(
            target, idle_calls(target, subjects, self.findings)
        )
        texts = self._texts(target, subjects)
        idle = {name for name in replaced(target) if name.islower()}  # no class
        seen = (known or frozenset()) | idle | self._given(subjects, idle)
        user = sharing.user(replacement, seen, held_text(target), *texts)
        if user:
            return Refuse("mock.shared", f"{user} uses {replacement}, too")
        return None

    def _given(self, subjects: list[Subject], idle: Collection[str]) -> set[str]:
        """What the code asks only of what functions give that are mocked."""
        sites = (site for each in subjects for site in each.sites)
        modules = map(self.project.module, sorted({site.path for site in sites}))
        return {
            name for each in modules if each for name in asked_of_results(each, idle)
        }

    def _joins(self, target: Target, subjects: list[Subject], replacement: str) -> bool:
        """Whether another of Eventlet's names, mocked or used there, becomes the same.

        ``eventlet.Queue`` and ``LightQueue`` are one class then, and so one mock.
        Names of green modules stay apart.
        """
        if target.api.startswith("eventlet.green."):
            return False
        if any(
            self._moves_to(other, replacement)
            for other in self.findings.targets.values()
            if _is_beside(other, target) and not _is_same_name(other, target)
        ):
            return True
        in_file = _is_class(replacement)
        mocked = idle_calls(target, subjects, self.findings)
        return any(
            self._becomes(use.api, replacement)
            for use in self._beside(subjects, in_file)
            if not met_alike(use, target)
            and (in_file or not use.aliases)  # those are bound before the mock holds
            and self.findings.running.may_run(target, use.parents, mocked)
            and self._names.may_be(use.module, use.parents, target)
        )

    def _meets_more(
        self, target: Target, subjects: list[Subject], replacement: str
    ) -> bool:
        """Whether a mock that is asked would meet a call of what its test calls.

        One that another of Eventlet's names made, or the native one.
        """
        if target.api.startswith("eventlet.green.") or not looks(target):
            return False
        tested, is_class = Tested(self.project, target), _is_class(replacement)
        own = {site for each in subjects for site in each.sites}
        return tested.calls(replacement, self.findings.uses) or any(
            site.form == "call"
            and site not in own
            and self._becomes(use.api, replacement)
            and not met_alike(use, target)
            and (is_class or not use.aliases)
            and tested.has(use)
            for site, use in self.findings.uses.items()
        )

    def _moves_to(self, target: Target, replacement: str) -> bool:
        """Whether a mock becomes one of the same name, or of what that is in."""
        native = self._native(target)
        return bool(native) and f"{replacement}.".startswith(f"{native}.")

    def _becomes(self, api: str, replacement: str) -> bool:
        native = self.replaces.get(api, "")
        return bool(native) and f"{replacement}.".startswith(f"{native}.")

    def _beside(self, subjects: Iterable[Subject], in_file: bool) -> Iterator[Use]:
        """The calls of other subjects in the same functions, or the same files."""
        own = {site for each in subjects for site in each.sites}
        known = self.findings.uses
        places = {_place(known[s], in_file) for s in own if s in known}
        calls = {s: u for s, u in known.items() if s.form == "call" and s not in own}
        yield from (use for use in calls.values() if _place(use, in_file) in places)

    def _texts(self, target: Target, subjects: list[Subject]) -> list[bytes]:
        """What may run of the files whose calls a mock intercepts."""
        paths = {s.path for each in subjects for s in each.sites if s.form != "import"}
        mocked = idle_calls(target, subjects, self.findings)
        return [
            self.findings.running.text(target, path, mocked) for path in sorted(paths)
        ]

    def _changes(self, subject: Subject, verdicts: Verdicts) -> Iterator[Change]:
        """The calls of a subject that get other arguments or become something else."""
        rewrite = verdicts[subject].rewrite
        for site, action in rewrite.actions.items() if rewrite else ():
            if site.form not in ("call", "method") or isinstance(action, Keep):
                continue
            before = self.findings.uses[site].call
            if before is None:
                continue
            after: ast.expr | None = None
            if isinstance(action, Replace):
                after = ast.parse(print_expression(action.node), mode="eval").body
            if after is None or not is_same(before, after):
                yield Change(before, after if isinstance(after, ast.Call) else None)

    def _unlike(
        self,
        mock: Subject,
        target: Target,
        changes: list[Change],
        verdicts: Verdicts,
    ) -> Refuse | None:
        """What the test expects of calls that change, and the codemod leaves."""
        if not changes:
            return None
        translated = _translated(mock, verdicts)
        found = asks(target)
        module = target.module
        if found.lost:
            nodes = list(ast.walk(holder(target)))
        else:
            nodes = [ask.node for ask in found.found]
            nodes += [n for n in ast.walk(holder(target)) if _is_mock_call(n)]
        for call in expecting(nodes, changes):
            start, end = module.source.span(call)
            if not any(
                path == module.path and first <= start and end <= last
                for path, first, last in translated
            ):
                where = f"the test expects it at line {call.lineno}"
                return Refuse("mock.arguments", where)
        looked = any(
            isinstance(n, ast.Attribute) and n.attr.startswith("call_args")
            for n in (nodes if found.lost else _chains(found))
        )
        return Refuse("mock.arguments", "the test looks at them") if looked else None

    def _met_already(
        self, target: Target, subjects: list[Subject], replacement: str
    ) -> bool:
        """Whether the test, or the code under test, has the replacement already.

        The mock would intercept those calls as well, or be a second mock of one name.
        """
        own = innermost_function(target)
        others = self._plain(target.module, replacement)
        if any(innermost_function(other) == own for other in others):
            return True
        classes = [n for n in target.parents if isinstance(n, ast.ClassDef)]
        if classes and self._mocked_for_all(
            target.module, classes[0].name, replacement, _BASES
        ):
            return True
        name = re.escape(replacement)  # first, since plain text is found faster
        called = re.compile(rf"{name}(?<![\w.]{name})\s*\(".encode())
        uses = [
            self.findings.uses[site]
            for subject in subjects
            for site in subject.sites
            if site in self.findings.uses
        ]
        own_name = {use.module for use in uses if _stands_for(use, replacement)}
        met = [use for use in uses if use.module not in own_name]
        if not _is_class(replacement):
            return any(called.search(_function_text(use)) for use in met)
        modules = {use.module.path: use.module for use in met}
        mocked = idle_calls(target, subjects, self.findings)
        return any(
            self._may_come_to(target, module, found.start(), mocked)
            for _, module in sorted(modules.items())
            for found in called.finditer(module.source.utf8)
        )

    def _may_come_to(
        self, target: Target, module: Module, offset: int, mocked: Collection[int]
    ) -> bool:
        """Whether a place in a file, at which an object is made, may run in a test."""
        place = path_to(module.tree, *module.source.position(offset))
        return self.findings.running.may_run(
            target, place, mocked
        ) and self._names.may_be(module, place, target)

    def _met_further(
        self, target: Target, subjects: list[Subject], replacement: str
    ) -> str:
        """A function on the way that has the replacement already; empty for none."""
        sites = (site for each in subjects for site in each.sites)
        uses = [self.findings.uses[s] for s in sites if s in self.findings.uses]
        return self._counting.beside(target, uses, replacement)

    def _mocked_for_all(
        self, module: Module, name: str, replacement: str, depth: int
    ) -> bool:
        """Whether a class, or a base of it, mocks the replacement for all its tests."""
        classes = [n for n in module.tree.body if getattr(n, "name", None) == name]
        own = classes[0] if classes else None
        if not isinstance(own, ast.ClassDef) or not depth:
            return False
        if any(
            own in other.parents and is_class_wide(other)
            for other in self._plain(module, replacement)
        ):
            return True
        return any(
            self._mocked_for_all(home, base, replacement, depth - 1)
            for base in map(last_name, own.bases)
            for home in self._homes(module, base)
        )

    def _homes(self, module: Module, name: str) -> Iterator[Module]:
        """The files, this one and those that it imports, that define a class."""
        yield module
        word = name.encode()
        definition = re.compile(rb"^class[ \t]+" + word + rb"\b", re.MULTILINE)
        imports = directly_imported(self.project, module) if word else ()
        for imported in dict.fromkeys(imports):
            path = self.project.by_name[imported]
            text = self.project.read_or_empty(path)
            if word in text and definition.search(text):
                home = self.project.module(path)
                if home is not None:
                    yield home

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
            mocks = (*targets, *plain)
            fakes = [f for t in mocks for f in fake_functions(t)]
            fakes += [f for t in mocks for f in stored_fakes(t)]
            for site, use in called.items():
                if use.module is module and any(f in use.parents for f in fakes):
                    name = self.replaces.get(use.api, "")
                    if _is_taken(verdicts[self._by_site[site]], site, name):
                        continue
                    inside = f"it runs inside a fake of {name}"
                    refusal = Refuse("mock.recursion", inside)
                    demote(verdicts, self._by_site[site], refusal)

    def _refuse_counted(self, verdicts: Verdicts) -> None:
        """A call that a mock of the native function would count as well."""
        for site, use in self.findings.uses.items():
            subject = self._by_site.get(site)
            name = self._function(site, use)
            if subject is None or not name:
                continue
            verdict = verdicts[subject]
            if isinstance(verdict.decision, Refuse) or _is_taken(verdict, site, name):
                continue
            where = self._counting.of(use, name)
            if where:
                demote(verdicts, subject, Refuse("mock.both", f"{name} at {where}"))

    def _function(self, site: Site, use: Use) -> str:
        """The native function that a use will ask its module for, to call it.

        Empty if it calls none, or one that an import has given it for good.
        """
        name = self.replaces.get(use.api, "")
        if site.form == "call" or not name:
            return "" if use.aliases else name
        node: ast.AST = use.node
        for above in reversed(use.parents):  # green.socket, of which names are taken
            if isinstance(above, ast.Call) and above.func is node:
                return name
            if not isinstance(above, ast.Attribute):
                break
            node, name = above, f"{name}.{above.attr}"
        return ""


def _is_taken(verdict: Verdict, site: Site, name: str) -> bool:
    """Whether a site becomes the function itself, and no attribute that is mocked."""
    action = verdict.rewrite and verdict.rewrite.actions.get(site)
    text = print_expression(action.node) if isinstance(action, Replace) else ""
    return name in {each.removesuffix(KEPT) for each in placed(text)}


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
                changed |= lower(verdicts, mock, subject, "mock.kept-site")
            if verdicts[mock].reason != NO_SITE:
                for subject in subjects:
                    changed |= lower(verdicts, subject, mock, "mock.stays")


def _stands_for(use: Use, replacement: str) -> bool:
    """Whether a name that reads like the replacement's module is Eventlet's: a copy."""
    return root_name(use.node) == replacement.partition(".")[0]


def _function_text(use: Use) -> bytes:
    """The text of the innermost function around a use, or what a module runs itself."""
    functions: list[ast.stmt] = [
        node for node in use.parents if isinstance(node, _FUNCTIONS)
    ]
    held = functions[-1:] or [
        node
        for node in use.module.tree.body
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef))
    ]
    source = use.module.source
    return b"\n".join(source.utf8[slice(*source.span(node))] for node in held)


def _calls(fake: ast.AST, dotted: str) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == dotted
        for node in ast.walk(fake)
    )


def _is_same_name(one: Target, other: Target) -> bool:
    return (one.owner, one.attribute) == (other.owner, other.attribute)


def _is_beside(one: Target, other: Target) -> bool:
    """Whether two mocks hold at the same time, in a test or in all of a class."""
    if one.module is not other.module:
        return False
    if innermost_function(one) == innermost_function(other):
        return True
    classes = [n for n in other.parents if isinstance(n, ast.ClassDef)]
    common = any(each in one.parents for each in classes)
    return common and (is_class_wide(one) or is_class_wide(other))


def _place(use: Use, in_file: bool) -> tuple[str, int]:
    """The innermost function of a use, or its file."""
    functions = [n for n in use.parents if isinstance(n, _FUNCTIONS)]
    inside = functions and not in_file
    return use.module.path, id(functions[-1]) if inside else 0


def _keeps_name(subject: Subject, rewrite: Rewrite) -> bool:
    """Whether a name stays, bound to something else."""
    actions = map(rewrite.actions.get, subject.bindings)
    return any(isinstance(action, (Swap, Replace)) for action in actions)


def _translated(mock: Subject, verdicts: Verdicts) -> set[tuple[str, int, int]]:
    """The places that the rewrite of a mock changes."""
    rewrite = verdicts[mock].rewrite
    return {_key(site) for site in rewrite.actions} if rewrite else set()


def _fakes_problem(
    fakes: Sequence[Fake], changes: list[Change], replacement: str
) -> Refuse | None:
    """Why what the test puts in the name's place would not do there."""
    for fake in fakes:
        if not all(accepts(fake, change.after) for change in changes):
            return Refuse("mock.arguments", "the fake does not take the new ones")
        if replacement and _calls(fake, replacement):
            return Refuse("mock.recursion", f"the fake calls {replacement}")
    return None


def _is_mock_call(node: ast.AST) -> bool:
    """``mock.call(…)`` in what a test compares calls with."""
    return called_name(node) == "call"


def _chains(found: Asks) -> Iterator[ast.AST]:
    """The attributes in what is asked of a mock."""
    for ask in found.found:
        yield from ast.walk(ask.node)


def _is_class(dotted: str) -> bool:
    return dotted.rpartition(".")[2][:1].isupper()


def _key(site: Site) -> tuple[str, int, int]:
    return site.path, site.start, site.end
