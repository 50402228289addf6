"""Whether a stdlib module is monkey-patched in every process in which a site runs.

Read off the text of the repository: entry points, imports, patch calls. It may not
run code, and it never answers "proven" because something was not found: where no
process is known that patches, only the user can know.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from deventlet.resolve.facts import Patched
from deventlet.resolve.processes.backends import Backends
from deventlet.resolve.processes.conditional import Conditional
from deventlet.resolve.processes.entrypoints import (
    Declared,
    EntryPoint,
    declared,
)
from deventlet.resolve.processes.green_tests import GreenTests
from deventlet.resolve.processes.instances import Instances
from deventlet.resolve.processes.order import Order
from deventlet.resolve.processes.patch_calls import PatchCalls
from deventlet.resolve.processes.patching import Patching
from deventlet.resolve.processes.plugins import Plugins
from deventlet.resolve.processes.reach import Entries, Reach
from deventlet.resolve.processes.starters import Starters
from deventlet.resolve.processes.testing import Tests, is_test
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module, Project

_PATCHED_WITH = {
    "_thread": "thread",
    "threading": "thread",
    "queue": "thread",
    "ssl": "socket",
    "selectors": "select",
}
"""Modules that ``monkey_patch`` makes green under another module's keyword."""

_NOWHERE = "no process of this repository is known to call monkey_patch"
_UNCALLED = "no process of this repository is known to come there"
_QUIET = "no green thread or timer is started in the processes that run this"
_NAMED = 3
"""How many names a clause lists before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Started:
    """One way in which the project's code is started.

    :param patches: the stdlib modules that it monkey-patches.
    :param patched_by: the modules whose code patches them.
    """

    path: str
    kind: Literal["command", "script", "wsgi"]
    patches: tuple[str, ...]
    patched_by: tuple[str, ...]


class Processes:
    """Answers for one state of a repository.

    :param ignore_branches: a branch whose condition mentions one of these words is
        taken for not run (nova patches less under ``debugger.enabled()``).
    :param ignore_entry_points: labels of entry points that do not count, because
        the user knows that they are dead, or do not run what is rewritten.
    :param spellings: other names of Eventlet's, such as a library's ``monkey_patch``.
    """

    def __init__(
        self,
        project: Project,
        ignore_branches: Sequence[str] = ("debugger",),
        ignore_entry_points: Sequence[str] = (),
        spellings: Mapping[str, str] | None = None,
    ) -> None:
        self.project = project
        self._spellings = spellings or {}
        self.texts = Texts(project)
        self._ignored = ignore_branches
        self._not_counted = frozenset(ignore_entry_points)
        self._memo: dict[tuple[str, str, str, str], Patched] = {}
        self._orders: dict[tuple[str, frozenset[str]], Order] = {}
        self._likely: dict[str, Order] = {}

    def patched(
        self, module: str, path: str, definition: str | None, method: str = ""
    ) -> Patched:
        """Whether a stdlib module is patched wherever a site runs.

        :param module: such as ``time``.
        :param path: the file of the site.
        :param definition: the top-level ``def`` or ``class`` of the file that holds
            the site; None for module-level code.
        :param method: the method of such a class that holds it; maybe empty.
        """
        keyword = _PATCHED_WITH.get(module, module)
        place = (self._segment(path, definition), method)
        key = (keyword, path, *place)
        if key not in self._memo:
            answer = self._decide(keyword, path, *place)
            self._memo[key] = self._with_premise(answer, keyword)
        return self._memo[key]

    def patched_above(
        self, module: str, home: Module, around: Sequence[ast.AST]
    ) -> Patched | None:
        """A proof that a block patches above what stands in it; None if none does.

        :param around: the path from the module of a file down to the place.
        """
        keyword = _PATCHED_WITH.get(module, module)
        if keyword not in self.patching.above(home, around):
            return None
        return _proven([home.name], keyword, "above this, in the same block")

    def patched_on_import(self, module: str, path: str) -> Patched:
        """The same for code that runs while its file is imported.

        That may be before an entry point's own function patches anything (os_ken's
        hub is imported first and patches when asked to), so that the file must load
        what patches, or start nothing green.
        """
        answer = self.patched(module, path, None)
        if not answer.proven:
            return answer
        keyword, name = _PATCHED_WITH.get(module, module), self.project.names[path]
        if self.patching.on_loading(keyword, name):
            return answer
        if self._starters.are_quiet_on_loading(name):
            return answer
        return _unpatched(
            f"it runs while the file is imported, maybe before {module} is patched"
        )

    def patched_before(self, module: str, path: str, line: int) -> Patched:
        """The same for what a line of a file takes or makes while it is imported.

        It stays what it was then, so that whoever loads the file must have patched by
        that line: in a module's own code, not in a function that is called later.
        """
        answer = self.patched(module, path, None)
        if not answer.proven:
            return answer
        keyword, name = _PATCHED_WITH.get(module, module), self.project.names[path]
        patching = self._patching_of(path)
        order = self._order(keyword, patching)
        if order.is_first(name, name, line):
            return answer
        loaders = [e for e in self.entry_points if name in self.closures[e]]
        for entry in loaders:
            first = order.is_first(entry.module, name, line)
            late = self.patching.on_loading(keyword, entry.module)
            if first is False or (first is None and not late):
                return _unpatched(
                    f"{entry.label} imports it, maybe before {module} is patched"
                )
        if not loaders and patching.on_loading(keyword, name):
            return _unpatched(f"it stands before {module} is patched")
        test = self._loading_early(keyword, path, line)
        if test:
            return _unpatched(f"{test} imports it, maybe before {module} is patched")
        return answer

    def _loading_early(self, keyword: str, path: str, line: int) -> str:
        """The file of tests that may load a helper's line before it patches itself."""
        if not is_test(path, self.texts[path]):
            return ""
        for test in self._tests.loading(path):
            if test == path or self._tests.patches_first(keyword, test):
                continue
            patching, name = self._patching_of(test), self.project.names[test]
            order = self._order(keyword, patching)
            if patching.on_loading(keyword, name) and not order.is_first(
                name, self.project.names[path], line
            ):
                return test
        return ""

    def _order(self, keyword: str, patching: Patching) -> Order:
        key = keyword, patching.told
        if key not in self._orders:
            self._orders[key] = Order(self.texts, patching, keyword)
        return self._orders[key]

    def _patching_of(self, path: str) -> Patching:
        """What is known of patching where a file is loaded: of a test, in tests."""
        if is_test(path, self.texts[path]):
            return self._tests.patching_of(path)
        return self.patching

    def _likely_order(self, keyword: str) -> Order:
        """As if every condition of a patch held."""
        if keyword not in self._likely:
            conditional = Conditional(self.patching.calls)
            self._likely[keyword] = Order(self.texts, conditional, keyword)
        return self._likely[keyword]

    def early(self, module: str, path: str, line: int) -> str:
        """Why a line may take or make something before its process patches; or nothing.

        Of processes that patch, maybe on a condition; whether all do is another
        question. What a function loads is loaded late.
        """
        keyword, name = _PATCHED_WITH.get(module, module), self.project.names[path]
        patching, place = self._patching_of(path), f"{path}:{line}"
        order = self._order(keyword, patching)
        if order.is_first(name, name, line):
            return ""
        loaders = [e for e in self.entry_points if name in self.closures[e]]
        for entry in loaders:
            certain = bool(self._patches(entry, keyword))
            if not (certain or self._may_patch(entry, keyword)):
                continue
            known = order if certain else self._likely_order(keyword)
            if known.is_first(entry.module, name, line) is False:
                return f"{entry.label} may run {place} before {module} is patched"
        if loaders:
            return ""
        late = self._patches_late(keyword, path)
        if late or patching.on_loading(keyword, name):
            return f"{place} may run before {module} is patched"
        test = self._loading_early(keyword, path, line)
        return f"{test} may run {place} before {module} is patched" if test else ""

    def _patches_late(self, keyword: str, path: str) -> bool:
        """Whether a file is one of tests before each of which something patches."""
        tested = is_test(path, self.texts[path])
        return tested and self._tests.patches_late(keyword, path)

    def _with_premise(self, answer: Patched, keyword: str) -> Patched:
        """A proof says which entry points and branches it leaves out at a word."""
        if not answer.proven:
            return answer
        left_out = {entry.label for entry in self._every_entry_point}
        named = [
            *sorted(left_out & self._not_counted),
            *(f"the branch on {word!r}" for word in self.patching.relied_on(keyword)),
        ]
        if not named:
            return answer
        return Patched(True, f"{answer.clause}, not counting {', '.join(named)}")

    def _segment(self, path: str, definition: str | None) -> str:
        known = definition in self.texts[path].definitions
        return definition if definition is not None and known else ""

    # -- facts, each worked out once ----------------------------------------

    @cached_property
    def patching(self) -> Patching:
        """What is sure to be patched in the repository."""
        calls = PatchCalls(self.texts, self._spellings)
        return Patching(calls, self._ignored)

    @cached_property
    def _starters(self) -> Starters:
        return Starters(self.texts)

    @cached_property
    def _backends(self) -> Backends:
        return Backends(self.texts, self._starters.names)

    @cached_property
    def _tests(self) -> Tests:
        return Tests(self.texts, self.patching)

    @cached_property
    def _green_tests(self) -> GreenTests:
        return GreenTests(self.texts, self._starters, self._tests)

    @cached_property
    def _declared(self) -> Declared:
        return declared(self.project)

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """Every way in which a process of the project starts, tests excepted."""
        return tuple(
            entry
            for entry in self._every_entry_point
            if entry.label not in self._not_counted
        )

    @cached_property
    def _every_entry_point(self) -> tuple[EntryPoint, ...]:
        commands = self._declared.commands
        started = {entry.module for entry in commands}
        scripts = [
            EntryPoint(path, self.project.names[path])
            for path in self.project.paths
            if not is_test(path, self.texts[path]) and self._is_script(path)
        ]
        alone = [
            EntryPoint(self.project.by_name[name], name)
            for name in sorted(self.patching.importing.keys() - self._imported)
            if not is_test(self.project.by_name[name], self.texts.of(name))
        ]
        found = {e for e in (*scripts, *alone) if e.module not in started}
        return (*commands, *sorted(found))

    def _is_script(self, path: str) -> bool:
        """A file that is run: by its suffix, its last lines, or a WSGI server."""
        if self.project.by_name.get(self.project.names[path]) != path:
            return False  # another file has its module name
        return not path.endswith(".py") or self.texts[path].is_run

    @cached_property
    def _imported(self) -> frozenset[str]:
        """Those modules with patching import-time code that some module imports."""
        patching = self.patching.importing.keys()
        words = frozenset(name.rpartition(".")[2] for name in patching)
        found: set[str] = set()
        for path in self.texts.containing(words):
            name = self.project.names[path]
            if self.project.by_name.get(name) == path:
                found |= (self.texts.imports(name) & patching) - {name}
        packages = (self.project.by_name[name] for name in patching)
        found |= {self.project.names[p] for p in packages if p.endswith("__init__.py")}
        return frozenset(found)

    @cached_property
    def _patched_in(self) -> dict[EntryPoint, dict[str, frozenset[str]]]:
        """For each entry point what is patched, by the name of what patches it."""
        return {entry: self._sources(entry) for entry in self.entry_points}

    def _sources(self, entry: EntryPoint) -> dict[str, frozenset[str]]:
        importing = self.patching.importing
        found = {name: importing[name] for name in self.patching.loaded(entry.module)}
        if entry.function:
            own = self.patching.calling(f"{entry.module}.{entry.function}")
        else:
            own = self.patching.script(entry.module)
        if own:
            found[entry.module] = found.get(entry.module, frozenset()) | own
        return found

    @cached_property
    def facts(self) -> dict[str, Started]:
        """What is known of each entry point, by its label."""
        found: dict[str, Started] = {}
        for entry in self.entry_points:
            sources = self._patched_in[entry]
            patches = frozenset[str]().union(*sources.values())
            path = self.project.by_name.get(entry.module, "")
            kind: Literal["command", "script", "wsgi"] = "command"
            if entry.label == path:
                kind = "wsgi" if self.texts[path].is_application else "script"
            patched_by = tuple(n for n in sorted(sources) if sources[n])
            found[entry.label] = Started(path, kind, tuple(sorted(patches)), patched_by)
        return found

    @cached_property
    def closures(self) -> dict[EntryPoint, frozenset[str]]:
        """The modules that each entry point may load, plug-ins among them."""
        plugins = Plugins(self.texts, self._declared.plugins)
        return {e: plugins.closure(e.module) for e in self.entry_points}

    def _patches(self, entry: EntryPoint, keyword: str) -> list[str]:
        """What patches a module in a process; empty if nothing does."""
        found = self._patched_in[entry]
        return [name for name in sorted(found) if keyword in found[name]]

    def _may_patch(self, entry: EntryPoint, keyword: str) -> bool:
        """Whether a process has a call that patches a module, on whatever condition."""
        somewhere = self.patching.calls.on_condition(keyword)
        return not somewhere.isdisjoint(self.closures[entry])

    # -- deciding -------------------------------------------------------------

    def _decide(self, keyword: str, path: str, definition: str, method: str) -> Patched:
        name = self.project.names[path]
        if not self.patching.calls.found and is_test(path, self.texts[path]):
            return _unknown(self._nowhere)
        own = self.patching.on_loading(keyword, name)
        if own:
            return _proven(own, keyword, "in every process that imports this")
        if is_test(path, self.texts[path]):
            return self._decide_test(keyword, path)
        return self._decide_production(keyword, name, definition, method)

    def _decide_test(self, keyword: str, path: str) -> Patched:
        sources = self._tests.sources(keyword, path)
        if sources:
            return _proven(sources, keyword, "in the tests that run this")
        green = self._green_tests.near(keyword, path)
        if not green:
            return Patched(True, _QUIET)
        return _unpatched(f"nothing patches {keyword} in the tests of {green}")

    def _decide_production(
        self, keyword: str, name: str, definition: str, method: str
    ) -> Patched:
        entries = [e for e in self.entry_points if name in self.closures[e]]
        good = [
            entry
            for entry in entries
            if entry not in self.demonstrations and self._patches(entry, keyword)
        ]
        bad = self._relevant(keyword, name, definition, method)
        if bad:
            return _unpatched(self._blame(keyword, name, definition, bad))
        asked = definition and self.patching.calls.found
        test = asked and self._green_tests.of(keyword, name, definition, method)
        if test:
            return _unpatched(
                f"{test} runs it, starts green threads, and patches no {keyword}"
            )
        test = asked and self._green_tests.of_handed(keyword, name, definition)
        if test:
            return _unpatched(
                f"a decorator hands it on, and {test} loads it, starts green threads, "
                f"and patches no {keyword}"
            )
        if good and self._vouched(keyword, name, definition):
            sources = {s for e in good for s in self._patches(e, keyword)}
            return _proven(sources, keyword, "for every entry point that runs this")
        if self._is_only_a_script(name) and self._starters.are_quiet_in(name):
            return Patched(True, _QUIET)
        return self._loaded_by_name(keyword, name)

    def _is_only_a_script(self, name: str) -> bool:
        """Whether a module is an entry point that no other module imports."""
        if not any(entry.module == name for entry in self.entry_points):
            return False
        return not any(self.texts.users(name))

    @cached_property
    def demonstrations(self) -> frozenset[EntryPoint]:
        """Modules of a library that can be run as a script, as a demonstration.

        Others import them in processes that are not of this repository, for which
        what the script patches says nothing.
        """
        return frozenset(filter(self._is_demonstration, self.entry_points))

    def _is_demonstration(self, entry: EntryPoint) -> bool:
        if self.project.by_name.get(entry.module) != entry.label:
            return False  # a command that is declared
        others = [each for each in self.entry_points if each != entry]
        known = {each.module for each in others}.union(
            *(self.closures[each] for each in others)
        )
        return any(
            self.project.names[path] not in known
            for path in self.texts.users(entry.module)
            if not is_test(path, self.texts[path])
        )

    def _vouched(self, keyword: str, name: str, definition: str) -> bool:
        """Whether it means something that no unpatched process reaches a site.

        It does not if the words lead to the site from nowhere: then whatever uses
        it is out of sight, and may run in an unpatched process that loads the file.
        """
        loading = self._reach(keyword, patched=False).loading(name)
        if all(self._starter(keyword, entry) is None for entry in loading):
            return True
        return bool(self._reach(keyword, patched=True).reached(name, definition))

    def _loaded_by_name(self, keyword: str, name: str) -> Patched:
        """A plug-in that no process imports: judged by the package's own processes."""
        package = name.partition(".")[0]
        patching = [
            entry
            for entry in self.entry_points
            if entry.module.partition(".")[0] == package
            and entry not in self.demonstrations
            and self._patched_in[entry]
        ]
        if not patching and not self.patching.calls.found:
            return _unknown(self._nowhere)
        if not patching:
            return _unknown(f"no entry point of {package} is known to patch {keyword}")
        bad = [entry for entry in patching if not self._patches(entry, keyword)]
        if bad:
            return _unpatched(
                f"it is loaded by name, and {_list(e.label for e in bad)} "
                f"{_verb(bad, 'patches', 'patch')} something, but not {keyword}"
            )
        sources = {s for e in patching for s in self._patches(e, keyword)}
        return _proven(
            sources,
            keyword,
            f"in all patched processes of {package}, one of which loads this by name",
        )

    @cached_property
    def _nowhere(self) -> str:
        """What to say where no process patches, as far as calls can be followed."""
        place = self.patching.calls.apart
        return f"{place} calls monkey_patch, and {_UNCALLED}" if place else _NOWHERE

    # -- processes that do not patch ------------------------------------------

    def _relevant(
        self, keyword: str, name: str, definition: str, method: str
    ) -> Entries:
        """The unpatched processes that reach a site and have green threads."""
        reach = self._reach(keyword, patched=False)
        reached = reach.reached(name, definition)
        bad = frozenset(e for e in reached if self._starter(keyword, e) is not None)
        if bad and method:
            return bad & Instances(reach).running(name, definition, method)
        return bad

    def _reach(self, keyword: str, patched: bool) -> Reach:
        """Reachability in the processes that patch a module, or that do not."""
        if (keyword, patched) not in self._reaches:
            closures = {
                entry: self.closures[entry]
                for entry in self.entry_points
                if bool(self._patches(entry, keyword)) is patched
            }
            reach = Reach(self.texts, closures, self._declared.plugins)
            self._reaches[keyword, patched] = reach
        return self._reaches[keyword, patched]

    @cached_property
    def _reaches(self) -> dict[tuple[str, bool], Reach]:
        return {}

    def _starter(self, keyword: str, entry: EntryPoint) -> tuple[str, str] | None:
        """The first definition that starts a green thread in an unpatched process."""
        if (keyword, entry) not in self._green:
            self._green[keyword, entry] = self._find_starter(keyword, entry)
        return self._green[keyword, entry]

    @cached_property
    def _green(self) -> dict[tuple[str, EntryPoint], tuple[str, str] | None]:
        return {}

    def _find_starter(self, keyword: str, entry: EntryPoint) -> tuple[str, str] | None:
        reach = self._reach(keyword, patched=False)
        native = self._backends.is_native(entry)
        starters = self._starters.natively if native else self._starters
        for module in sorted(self.closures[entry]):
            for definition in sorted(starters[module]):
                if entry in reach.reached(module, definition):
                    return module, definition
        return None

    def _blame(self, keyword: str, name: str, definition: str, bad: Entries) -> str:
        entries = sorted(bad)
        starts = self._starter(keyword, entries[0])
        assert starts is not None
        site = f"{name}.{definition}" if definition else name
        green = ".".join(filter(None, starts))
        return (
            f"{_list(e.label for e in entries)} {_verb(entries, 'reaches', 'reach')} "
            f"{site} without patching {keyword}, and {green} starts green threads there"
        )


def _proven(sources: Iterable[str], keyword: str, where: str) -> Patched:
    names = sorted(sources)
    return Patched(
        True, f"{_list(names)} {_verb(names, 'patches', 'patch')} {keyword} {where}"
    )


def _unpatched(clause: str) -> Patched:
    return Patched(False, clause, "process.unpatched")


def _unknown(clause: str) -> Patched:
    return Patched(False, clause, "process-patched")


def _list(names: Iterable[str]) -> str:
    """Up to three names, and how many more there are."""
    every = list(names)
    shown = every[:_NAMED]
    if len(every) > _NAMED:
        return f"{', '.join(shown)} and {len(every) - _NAMED} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _verb(names: Sequence[object], one: str, many: str) -> str:
    return one if len(names) == 1 else many
