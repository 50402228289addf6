"""Who else a mock would meet, once it is one of the native name.

``eventlet.sleep`` may be mocked where others call ``time.sleep``: the mock would count
those calls, too, or be the second of one name, or be met by a service that runs beside
the test. Asks texts before it asks trees; says why a mock cannot move, and moves none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from deventlet.codemod import Refuse, Site, Subject
from deventlet.driver.mocks.counting import Counting, looks
from deventlet.driver.mocks.intercepts import BACKGROUND, idle_calls, met_alike
from deventlet.driver.mocks.lasting import is_for_all
from deventlet.driver.mocks.natives import Natives
from deventlet.driver.mocks.results import asked_of_results
from deventlet.driver.mocks.tested import Tested
from deventlet.driver.reach.holding import (
    held_text,
    innermost_function,
    is_class_wide,
)
from deventlet.driver.reach.named import Named
from deventlet.driver.reach.running import replaced
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve import sharing
from deventlet.resolve.chains import root_name
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.offsets import path_at
from deventlet.resolve.project import Module, Project
from deventlet.resolve.uses import Use

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(eq=False)
class Meeting:
    """One mock, and what it would meet.

    :param subjects: those that it intercepts already, and that change with it.
    :param replacement: the dotted name that it would be of; empty for one that is not
        known.
    """

    natives: Natives
    counting: Counting
    names: Named
    target: Target
    subjects: Sequence[Subject]
    replacement: str

    def problem(self) -> Refuse | None:
        """Who else would meet the mock, once it is one of the whole process."""
        why = self._twice() if self.replacement else ""
        if why:
            return Refuse("mock.both", why)
        if is_for_all(self.target):
            return Refuse("mock.lasting")
        text = held_text(self.target)
        if BACKGROUND.search(text) and not _is_class(self.replacement):
            return Refuse("mock.background")
        user = self._user(text)
        if user:
            return Refuse("mock.shared", f"{user} uses {self.replacement}, too")
        return None

    def _twice(self) -> str:
        """What it would meet that it does not meet now; empty for nothing."""
        replacement = self.replacement
        if self._joins():
            return f"two names become {replacement} there"
        if self._is_met_already():
            return f"{replacement} is called or mocked there"
        further = self.counting.beside(self.target, self._met, replacement)
        if further:
            return f"{further} calls {replacement}"
        if self._meets_more():
            return f"it would meet {replacement} where it did not"
        return ""

    @cached_property
    def _sites(self) -> frozenset[Site]:
        """The sites that change with the mock."""
        return frozenset(site for each in self.subjects for site in each.sites)

    @cached_property
    def _met(self) -> list[Use]:
        """The uses that it intercepts, in order."""
        known = self._findings.uses
        sites = (site for each in self.subjects for site in each.sites)
        return [known[site] for site in sites if site in known]

    @cached_property
    def _idle(self) -> frozenset[int]:
        """The calls that do nothing while it holds, by identity."""
        return idle_calls(self.target, self.subjects, self._findings)

    @property
    def _findings(self) -> Findings:
        return self.natives.findings

    @property
    def _project(self) -> Project:
        return self.natives.project

    @property
    def _is_of_green_module(self) -> bool:
        return self.target.api.startswith("eventlet.green.")

    def _joins(self) -> bool:
        """Whether another of Eventlet's names, mocked or used there, becomes the same.

        ``eventlet.Queue`` and ``LightQueue`` are one class then, and so one mock.
        Names of green modules stay apart.
        """
        if self._is_of_green_module:
            return False
        target, replacement = self.target, self.replacement
        if any(
            self.natives.is_met_by(other, replacement)
            for other in self._findings.targets.values()
            if _is_beside(other, target) and not _is_same_name(other, target)
        ):
            return True
        return any(
            self._becomes_the_same(use)
            and self._findings.running.may_run(target, use.parents, self._idle)
            and self.names.may_be(use.module, use.parents, target)
            for use in self._beside()
        )

    def _meets_more(self) -> bool:
        """Whether a mock that is asked would meet a call of what its test calls.

        One that another of Eventlet's names made, or the native one.
        """
        if self._is_of_green_module or not looks(self.target):
            return False
        tested, uses = Tested(self._project, self.target), self._findings.uses
        return tested.calls(self.replacement, uses) or any(
            site.form == "call"
            and site not in self._sites
            and self._becomes_the_same(use)
            and tested.has(use)
            for site, use in uses.items()
        )

    def _becomes_the_same(self, use: Use) -> bool:
        """Whether the mock would meet another name's use once that is native, too.

        A function that is imported by its name is bound before the mock holds.
        """
        return (
            self.natives.becomes(use.api, self.replacement)
            and not met_alike(use, self.target)
            and (_is_class(self.replacement) or not use.aliases)
        )

    def _beside(self) -> Iterator[Use]:
        """The calls of others in the same functions; of a class, in the same files."""
        place: Callable[[Use], tuple[str, int]]
        place = _file if _is_class(self.replacement) else _function
        places = {place(use) for use in self._met}
        calls = (
            use
            for site, use in self._findings.uses.items()
            if site.form == "call" and site not in self._sites
        )
        return (use for use in calls if place(use) in places)

    def _is_met_already(self) -> bool:
        """Whether the test, or the code under test, has the replacement already.

        The mock would intercept those calls as well, or be a second mock of one name.
        """
        return self._is_mocked_already() or self._is_called_already()

    def _is_mocked_already(self) -> bool:
        """Whether the test mocks the replacement, or its class does for all of them."""
        target, own = self.target, innermost_function(self.target)
        others = self.natives.mocks(target.module, self.replacement)
        if any(innermost_function(other) == own for other in others):
            return True
        names = [n.name for n in target.parents if isinstance(n, ast.ClassDef)]
        return bool(names) and self.natives.is_mocked_for_all(
            target.module, names[0], self.replacement
        )

    def _is_called_already(self) -> bool:
        """Whether the code under test calls the replacement besides, by its text."""
        name = re.escape(self.replacement)  # first, since plain text is found faster
        called = re.compile(rf"{name}(?<![\w.]{name})\s*\(".encode())
        copies = {use.module for use in self._met if _stands_for(use, self.replacement)}
        met = [use for use in self._met if use.module not in copies]
        if not _is_class(self.replacement):
            return any(called.search(_function_text(use)) for use in met)
        modules = {use.module.path: use.module for use in met}
        return any(
            self._may_come_to(module, found.start())
            for _, module in sorted(modules.items())
            for found in called.finditer(module.source.utf8)
        )

    def _may_come_to(self, module: Module, offset: int) -> bool:
        """Whether a place in a file, at which an object is made, may run in a test."""
        place = path_at(module, offset)
        return self._findings.running.may_run(
            self.target, place, self._idle
        ) and self.names.may_be(module, place, self.target)

    def _user(self, text: bytes) -> str:
        """What else in the process is known to use the replacement; empty for nothing.

        :param text: of the test, as far as the mock holds.
        """
        known = self._findings.running.names(self.target, self._idle)
        idle = {name for name in replaced(self.target) if name.islower()}  # no class
        seen = (known or frozenset()) | idle | self._given(idle)
        return sharing.user(self.replacement, seen, text, *self._texts())

    def _given(self, idle: Collection[str]) -> set[str]:
        """What the code asks only of what functions give that are mocked."""
        paths = sorted({site.path for site in self._sites})
        modules = map(self._project.module, paths)
        return {
            name for each in modules if each for name in asked_of_results(each, idle)
        }

    def _texts(self) -> list[bytes]:
        """What may run of the files whose calls a mock intercepts."""
        paths = {site.path for site in self._sites if site.form != "import"}
        text = self._findings.running.text
        return [text(self.target, path, self._idle) for path in sorted(paths)]


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


def _function(use: Use) -> tuple[str, int]:
    """What tells the innermost function of a use from others."""
    functions = [n for n in use.parents if isinstance(n, _FUNCTIONS)]
    return use.module.path, id(functions[-1]) if functions else 0


def _file(use: Use) -> tuple[str, int]:
    return use.module.path, 0


def _is_class(dotted: str) -> bool:
    return dotted.rpartition(".")[2][:1].isupper()
