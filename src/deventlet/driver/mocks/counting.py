"""Mocks of a native function that look at their calls, and would meet one more.

``mock.patch("time.sleep")`` in a test of a function that sleeps in two ways counts one
of them; when ``eventlet.sleep`` becomes ``time.sleep`` there, it would count both.
Only mocks that are asked something count, or that have a fake. Reads the files that
import the one with the call themselves; changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from deventlet.driver.reach.running import Running, name_of
from deventlet.resolve.mock_uses import asks, stored_fakes
from deventlet.resolve.mocks import Target, mocks_of
from deventlet.resolve.names import Use
from deventlet.resolve.project import Project

_EVENTLET = ("eventlet.", "oslo_", "futurist.")


@dataclass(eq=False)
class Counting:
    """Answers about one state of a repository.

    :param ours: the calls, by identity, that mock a name of Eventlet's.
    """

    project: Project
    running: Running
    ours: Set[int]
    _found: dict[tuple[str, str], list[Target]] = field(default_factory=dict)

    def of(self, use: Use, replacement: str) -> str:
        """Where a mock would count a call that becomes one of another function.

        :param replacement: the dotted name of that function.
        :returns: the place of the mock; empty if there is none.
        """
        name = name_of([*use.parents, use.node])
        for target in self._mocks(use, replacement) if name else ():
            if self._may_run(target, use, name, replacement):
                return f"{target.module.path}:{target.node.lineno}"
        return ""

    def _mocks(self, use: Use, replacement: str) -> Iterator[Target]:
        """The mocks of a function in the files that import that of a use."""
        name = replacement.rpartition(".")[2].encode()
        for path in self.project.importers.get(use.module.name, ()):
            text = self.project.read_or_empty(path)
            if not (name + b"'" in text or name + b'"' in text):
                continue
            if (path, replacement) not in self._found:
                self._found[path, replacement] = [
                    mock
                    for mock in self._in_file(path, replacement)
                    if id(mock.call) not in self.ours and looks(mock)
                ]
            yield from self._found[path, replacement]

    def _in_file(self, path: str, replacement: str) -> Iterator[Target]:
        """The mocks of a function in one file, by its own name or a module's of it."""
        owner, _, attribute = map(re.escape, replacement.rpartition("."))
        whole = rf"""['"]((?:\w+\.)*{owner}\.{attribute})['"]"""
        apart = rf"""\b{owner}\s*,\s*['"]{attribute}['"]"""
        spelt = re.compile(f"{whole}|{apart}".encode())
        found = spelt.findall(self.project.read_or_empty(path))
        names = {(each or replacement.encode()).decode() for each in found}
        module = self.project.module(path) if names else None
        for each in sorted(names):
            if module is not None and not each.startswith(_EVENTLET):
                yield from mocks_of(module, each)

    def _may_run(self, target: Target, use: Use, name: str, replacement: str) -> bool:
        """Whether a call runs while a mock holds.

        Where that is not known, whether its function makes such a call already, for
        which the mock would be, and the test speaks of it.
        """
        known = self.running.names(target, frozenset())
        if known is not None:
            return name in known
        return self._calls(use, name, replacement) and self._says(target, name)

    def _calls(self, use: Use, name: str, replacement: str) -> bool:
        """Whether the function around a use calls another one already."""
        text = use.module.source
        held = [n for n in use.parents if getattr(n, "name", "") == name][:1]
        own = (text.utf8[slice(*text.span(node))] for node in held)  # type: ignore[arg-type]
        return any(f"{replacement}(".encode() in each for each in own)

    def _says(self, target: Target, name: str) -> bool:
        """Whether a test's file has a word, its helpers included."""
        text, word = target.module.source.utf8, name.encode()
        return word in text and re.search(rb"\b%s\b" % word, text) is not None


def looks(target: Target) -> bool:
    """Whether a test asks a mock for its calls, or has it do something."""
    found = asks(target)
    given = [*found.given, *target.fakes, *stored_fakes(target)]
    return bool(found.lost or given or any(ask.path for ask in found.found))
