"""What is monkey-patched in the processes of a project's own tests.

A test module runs after its packages, its imports and the ``conftest.py`` files
above it; its test classes run after the hooks of the classes they derive from. A
helper runs wherever the tests run that import it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from deventlet.resolve.processes.hooks import Hook
from deventlet.resolve.processes.patching import Patching
from deventlet.resolve.processes.text import Text
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.processes.told import told_above

_TEST_METHOD = re.compile(rb"^[ \t]*(?:async[ \t]+)?def[ \t]+test", re.MULTILINE)
_CLASS = re.compile(rb"^class[ \t]+(\w+)[ \t]*\(([^)]*)\)", re.MULTILINE)


def is_test(path: str, text: Text) -> bool:
    """Whether a file belongs to the tests: by its folder, or by name and content."""
    return is_test_source(path, text.raw)


def is_test_source(path: str, raw: bytes) -> bool:
    """The same, of the file's bytes."""
    if _is_among_tests(path):
        return True
    return is_test_path(path) and _TEST_METHOD.search(raw) is not None


def is_test_path(path: str) -> bool:
    """Whether a path looks like that of a test, or of what only tests load."""
    return is_test_name(path) or _is_among_tests(path)


def is_test_name(path: str) -> bool:
    """Whether a file is called as one with tests is: runners load it by itself."""
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def _is_among_tests(path: str) -> bool:
    *folders, name = path.split("/")
    return name == "conftest.py" or any(map(_is_test_folder, folders))


def _is_test_folder(name: str) -> bool:
    return name == "test" or name.endswith(("tests", "_test"))


def has_tests(text: Text) -> bool:
    """Whether a file has tests itself, and is not only a helper of others."""
    return _TEST_METHOD.search(text.raw) is not None


class Tests:
    """Answers per test file."""

    def __init__(self, texts: Texts, patching: Patching) -> None:
        self.texts = texts
        self.project = texts.project
        self.patching = patching
        self._told: dict[frozenset[str], Patching] = {frozenset(): patching}

    def patching_of(self, path: str) -> Patching:
        """What is known of patching where the tests of a file run.

        There the ``conftest.py`` files above may have told so.
        """
        told = told_above(path, self.texts, self._loaded_by_runners)
        if told not in self._told:
            self._told[told] = self.patching.where_told(told)
        return self._told[told]

    @cached_property
    def _loaded_by_runners(self) -> list[str]:
        """The files that are called as those with tests are."""
        return list(filter(is_test_name, self.project.paths))

    def sources(self, keyword: str, path: str) -> list[str]:
        """What patches a module wherever the tests of a file run; maybe nothing."""
        return sorted(self._sources(keyword, path, frozenset()))

    def _sources(
        self, keyword: str, path: str, users: frozenset[str]
    ) -> frozenset[str]:
        found = (
            frozenset(self._on_loading(keyword, path))
            or self._conftest(keyword, path)
            or self._hooked(keyword, path)
        )
        if found or has_tests(self.texts[path]):
            return found
        return self._of_users(keyword, path, users | {path})

    def _on_loading(self, keyword: str, path: str) -> list[str]:
        name = self.project.names[path]
        return self.patching_of(path).on_loading(keyword, name)

    def _of_users(
        self, keyword: str, path: str, users: frozenset[str]
    ) -> frozenset[str]:
        """A helper: what patches in all of the test files that import it."""
        found: frozenset[str] = frozenset()
        for user in self._users(path):
            if user in users:
                continue
            above = self._sources(keyword, user, users)
            if not above:
                return above
            found |= above
        return found

    def loading(self, path: str) -> list[str]:
        """The test files that load a helper, themselves or by other helpers."""
        found: list[str] = []
        waiting, seen = [path], {path}
        while waiting:
            helper = waiting.pop()
            if has_tests(self.texts[helper]):
                found.append(helper)
            else:
                fresh = [user for user in self._users(helper) if user not in seen]
                seen.update(fresh)
                waiting += fresh
        return sorted(found)

    def _users(self, path: str) -> Iterator[str]:
        """The files that import a file."""
        name = self.project.names[path]
        for user in self.texts.containing(frozenset({name.rpartition(".")[2]})):
            if name in self.texts.imports(self.project.names[user]):
                yield user

    def patches_first(self, keyword: str, path: str) -> bool:
        """Whether a ``conftest.py`` patches before any test file is loaded."""
        return bool(self._conftest(keyword, path, True))

    def patches_late(self, keyword: str, path: str) -> bool:
        """Whether only what runs before each test patches: its file is loaded by then.

        What the file takes of a module by name is not patched.
        """
        if self._on_loading(keyword, path) or self.patches_first(keyword, path):
            return False
        return bool(self._conftest(keyword, path) or self._hooked(keyword, path))

    def _conftest(self, keyword: str, path: str, first: bool = False) -> frozenset[str]:
        """What the ``conftest.py`` files in the folders above patch.

        :param first: whether only what they do before any test is loaded counts.
        """
        folders = PurePosixPath(path).parents
        paths = {str(folder / "conftest.py") for folder in folders}
        names = {self.project.names[p] for p in paths if p in self.project.names}
        hooks = {
            h.module
            for h in self._hooks(keyword)
            if not h.owner and (h.first or not first)
        }
        found = (self.patching.on_loading(keyword, name) for name in sorted(names))
        return frozenset(names & hooks).union(*found)

    def _hooks(self, keyword: str) -> list[Hook]:
        return [hook for hook in self.patching.hooks if keyword in hook.patches]

    def _hooked(self, keyword: str, path: str) -> frozenset[str]:
        """The hooks that run before every test of a file."""
        name = self.project.names[path]
        hooks = self._hooks(keyword)
        if any(h.module == name and not h.owner for h in hooks):
            return frozenset({name})
        classes = _test_classes(self.texts[path])
        found: set[str] = set()
        for each in classes:
            above = {
                f"{h.module}.{h.owner}"
                for h in hooks
                if h.owner and (name, each) in self._derived(h.module, h.owner)
            }
            if not above:
                return frozenset()
            found |= above
        return frozenset(found)

    def _derived(self, module: str, owner: str) -> frozenset[tuple[str, str]]:
        """A class and those that derive from it, by the words of their headers."""
        if (module, owner) not in self._families:
            self._families[module, owner] = self._family(module, owner)
        return self._families[module, owner]

    @cached_property
    def _families(self) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
        return {}

    def _family(self, module: str, owner: str) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        waiting = [(module, owner)]
        while waiting:
            base = waiting.pop()
            if base in found:
                continue
            found.add(base)
            for name in self._mentioned_as_base.get(base[1], ()):
                if name[0] == base[0] or base[0] in self.texts.imports(name[0]):
                    waiting.append(name)
        return frozenset(found)

    @cached_property
    def _mentioned_as_base(self) -> dict[str, list[tuple[str, str]]]:
        """Classes of the repository's tests by each word of their bases."""
        found = defaultdict(list)
        for name, path in sorted(self.project.by_name.items()):
            if is_test(path, self.texts[path]):
                for header in _CLASS.finditer(self.texts[path].raw):
                    for word in set(re.findall(rb"\w+", header[2])):
                        found[word.decode()].append((name, header[1].decode()))
        return dict(found)


def _test_classes(text: Text) -> list[str]:
    """Top-level classes with test methods."""
    return [
        segment.name
        for segment in text.segments
        if text.raw.find(b"class", segment.start, segment.end) >= 0
        and _TEST_METHOD.search(text.raw, segment.start, segment.end)
        and segment.name
    ]
