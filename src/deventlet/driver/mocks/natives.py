"""The native names that mocked ones become, and the mocks that tests have of those.

A mock of ``time.sleep`` is nothing of Eventlet's, until one of ``eventlet.sleep``
becomes its second in a test. Answers by name and file; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.driver.mocks.intercepts import directly_imported
from deventlet.driver.reach.holding import is_class_wide
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.api import canonical
from deventlet.resolve.chains import last_name
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.mocks import mocks_of
from deventlet.resolve.project import Module, Project
from deventlet.resolve.taken import is_handed_to_mock

_BASES = 5
"""How many levels of base classes are looked through for a mock of everything."""


@dataclass(eq=False)
class Natives:
    """What one codemod puts in the place of Eventlet's names.

    :param replaces: the native name for each API.
    """

    findings: Findings
    project: Project
    replaces: Mapping[str, str]
    _plain: dict[tuple[str, str], list[Target]] = field(default_factory=dict)

    def of(self, target: Target) -> str:
        """What a mock intercepts, under the name that its API gets; empty for none."""
        path = canonical(f"{target.owner}.{target.attribute}")
        if target.alias or not path.startswith(target.api):
            path = target.api
        name = self.replaces.get(target.api, "")
        return name + path.removeprefix(target.api) if name else ""

    def is_met_by(self, target: Target, replacement: str) -> bool:
        """Whether a mock becomes one of the same name, or of what that is in."""
        return _leads(self.of(target), replacement)

    def becomes(self, api: str, replacement: str) -> bool:
        """Whether an API becomes that name, or what it is in."""
        return _leads(self.replaces.get(api, ""), replacement)

    @cached_property
    def ours(self) -> frozenset[int]:
        """The calls, by identity, that mock names of Eventlet's."""
        own = {id(mock.call) for mock in self.findings.targets.values()}
        handed = filter(is_handed_to_mock, self.findings.uses.values())
        return frozenset(own.union(id(use.parents[-1]) for use in handed))

    def mocks(self, module: Module, native: str) -> list[Target]:
        """The mocks of a native name in a file, those that become such left out."""
        key = module.path, native
        if key not in self._plain:
            found = mocks_of(module, native) if native else ()
            self._plain[key] = [t for t in found if id(t.call) not in self.ours]
        return self._plain[key]

    def is_mocked_for_all(
        self, module: Module, name: str, native: str, depth: int = _BASES
    ) -> bool:
        """Whether a class, or a base of it, mocks a native name for all its tests."""
        classes = [n for n in module.tree.body if getattr(n, "name", None) == name]
        own = classes[0] if classes else None
        if not isinstance(own, ast.ClassDef) or not depth:
            return False
        if any(
            own in other.parents and is_class_wide(other)
            for other in self.mocks(module, native)
        ):
            return True
        return any(
            self.is_mocked_for_all(home, base, native, depth - 1)
            for base in map(last_name, own.bases)
            for home in self._homes(module, base)
        )

    def _homes(self, module: Module, name: str) -> Iterator[Module]:
        """The files, this one and those that it imports, that define a class."""
        yield module
        word = name.encode()
        definition = re.compile(rb"^class[ \t]+" + word + rb"\b", re.MULTILINE)
        imports = directly_imported(self.project, module.path) if word else ()
        for imported in dict.fromkeys(imports):
            path = self.project.by_name[imported]
            text = self.project.read_or_empty(path)
            if word in text and definition.search(text):
                home = self.project.module(path)
                if home is not None:
                    yield home


def _leads(native: str, dotted: str) -> bool:
    """Whether a native name is another one, or what that is in."""
    return bool(native) and f"{dotted}.".startswith(f"{native}.")
