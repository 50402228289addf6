"""Tests that run with green threads where nothing patches.

Native code for which green threads wait would hang there, or hold them up. Of what a
test loads, it is taken to run what it speaks of, and what somebody else may have been
handed. Says which test it is, decides nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.processes.methods import derives_from_nothing, methods_run_by
from deventlet.resolve.processes.starters import Starters, waits
from deventlet.resolve.processes.testing import Tests, has_tests, is_test
from deventlet.resolve.processes.text import Text
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.processes.uncalled import Uncalled


@dataclass(eq=False)
class GreenTests:
    """Answers for one state of a repository."""

    texts: Texts
    starters: Starters
    tests: Tests

    @cached_property
    def _uncalled(self) -> Uncalled:
        return Uncalled(self.texts)

    def near(self, keyword: str, path: str) -> str:
        """A test with a file that starts green threads and patches nothing.

        The file itself, or, of a helper, one of those that load it; maybe empty.
        """
        seen, waiting = {path}, [path]
        while waiting:
            each = waiting.pop()
            if self.tests.sources(keyword, each):
                continue
            name = self.texts.project.names[each]
            if not self.starters.are_quiet_in(name):
                return each
            users = [] if has_tests(self.texts[each]) else self.texts.users(name)
            waiting += sorted({*users} - seen, reverse=True)
            seen.update(waiting)
        return ""

    def of(self, keyword: str, name: str, definition: str, method: str) -> str | None:
        """A test of the site's file that patches nothing and has green threads.

        Only a test that imports the file and speaks of the definition counts, unless
        nothing that it loads calls the site's method, and only if it starts green
        threads itself, or runs what does in the site's file. If it is a helper, so does
        a test with it that waits for green threads, wherever they were started.
        """
        for path in self.texts.containing(frozenset({definition})):
            user = self.texts.project.names[path]
            if (
                is_test(path, self.texts[path])
                and name in self.texts.imports(user)
                and not self.tests.sources(keyword, path)
                and not self._uncalled.is_uncalled(name, definition, method, user)
            ):
                if self.starters[user] or self._runs_starter(name, user):
                    return path
                waiting = self._waiting_test(keyword, user)
                if waiting is not None:
                    return waiting
        return None

    def of_handed(self, keyword: str, name: str, definition: str) -> str | None:
        """A test that patches nothing and has green threads, and loads the site's file.

        Only for what a decorator may hand to somebody: who gets a definition so may
        call it by any name, and the test need not speak of it.
        """
        if not self.texts.handed(name, definition):
            return None
        return self._loading(keyword).get(name)

    def _loading(self, keyword: str) -> dict[str, str]:
        """For each module the first such test of those that load it."""
        if keyword not in self._first:
            found = self._first[keyword] = dict[str, str]()
            for path in filter(self._has_tests, self.texts.project.paths):
                if not self.tests.sources(keyword, path):
                    loaded = self.texts.closure(self.texts.project.names[path])
                    if any(map(self.starters.__getitem__, loaded)):
                        found |= dict.fromkeys(loaded - found.keys(), path)
        return self._first[keyword]

    @cached_property
    def _first(self) -> dict[str, dict[str, str]]:
        return {}

    def _has_tests(self, path: str) -> bool:
        return has_tests(self.texts[path]) and is_test(path, self.texts[path])

    def _waiting_test(self, keyword: str, helper: str) -> str | None:
        """A test that loads a helper, waits for green threads, and patches nothing."""
        for path in self._waiting_tests:
            loads = helper in self.texts.closure(self.texts.project.names[path])
            if loads and not self.tests.sources(keyword, path):
                return path
        return None

    @cached_property
    def _waiting_tests(self) -> list[str]:
        return [
            path
            for path in self.texts.containing(frozenset({"sleep"}))
            if waits(self.texts[path].raw) and is_test(path, self.texts[path])
        ]

    def _runs_starter(self, name: str, user: str) -> bool:
        """Whether a test, or what it uses, runs what starts a green thread in a module.

        What it uses are the helpers among the tests, and what it imports itself. Only
        what these name of the module, and what that names there, is taken to run.
        """
        if not self.starters[name]:
            return False
        own = self.texts.imports(user) | {user}
        helpers = [
            self.texts.of(each)
            for each in sorted(self.texts.closure(user) | {user})
            if name in self.texts.imports(each)
            and (
                each in own
                or is_test(self.texts.project.by_name[each], self.texts.of(each))
            )
        ]
        run = self.texts.of(name).run_by(helpers)
        return any(
            self._runs(name, starter, run, helpers)
            for starter in self.starters.inner(name)
            if starter.partition(".")[0] in run
        )

    def _runs(
        self, name: str, starter: str, run: frozenset[str], helpers: list[Text]
    ) -> bool:
        """Whether a definition is run, by the method if the class has no base."""
        owner, _, method = starter.partition(".")
        module = self.texts.project.named(name) if method else None
        tree = module.tree.body if module is not None else []
        classes = [n for n in tree if isinstance(n, ast.ClassDef) and n.name == owner]
        if len(classes) != 1 or not derives_from_nothing(classes[0]):
            return True
        text = self.texts.of(name)
        users = [
            *(each.raw for each in helpers),
            *(text.of(each) for each in run - {owner}),
        ]
        return method in methods_run_by(classes[0], users)
