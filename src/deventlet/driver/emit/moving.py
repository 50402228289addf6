"""Where the mocks of rewritten calls point, once every name is chosen.

May not choose names, only read which were chosen for the files that mocks go through.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deventlet.codemod import Retarget, Site
from deventlet.driver.emit.draft import Draft
from deventlet.driver.imports.naming import Place, choose
from deventlet.driver.imports.wanted import Wanted
from deventlet.driver.subjects.findings import Findings, site_of
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import Module, Project


@dataclass(frozen=True, slots=True)
class Moving:
    """Puts the new targets of mocks into the drafts."""

    project: Project
    wanted: Wanted
    findings: Findings

    def retarget(
        self, drafts: Mapping[str, Draft], site: Site, action: Retarget
    ) -> None:
        """Write where a mock points from now on, or leave it to a name that stays."""
        target = self.findings.targets[site]
        if target.alias and not _is_gone(drafts, target):
            return
        draft = drafts[site.path]
        source = draft.module.source
        owner = self._owner(drafts, target, action)
        if target.alias:
            self.wanted.moved[site.path].add(owner.rpartition(".")[2])
        if target.form == "string":
            old = source.slice(site.start, site.end)
            draft.texts[site] = _resaid(old, f"{owner}.{action.name}", target)
            return
        of_class, _, name = action.name.rpartition(".")
        draft.texts[site] = f"{owner}.{of_class}" if of_class else owner
        literal = target.literal
        if literal is not None and name != target.attribute:
            place = site_of(draft.module, literal, site.api, "string")
            old = source.slice(place.start, place.end)
            draft.texts[place] = _requote(old, name)

    def _owner(
        self, drafts: Mapping[str, Draft], target: Target, action: Retarget
    ) -> str:
        """What a mock takes the attribute from, once the sites have changed."""
        through, draft = target.through, drafts[target.module.path]
        name = self._name_in(drafts, through, action.module) if through else None
        if target.form == "string":
            return f"{through.name}.{name}" if through and name else action.module
        if through is None:
            return draft.names[action.module].name
        node = target.node
        if not target.alias:
            assert isinstance(node, ast.Attribute)
            name, node = name or node.attr, node.value
        return f"{draft.module.source.slice(*draft.module.source.span(node))}.{name}"

    def _name_in(
        self, drafts: Mapping[str, Draft], through: Module, wanted: str
    ) -> str | None:
        """The attribute under which another file will hold the module."""
        draft = drafts.get(through.path)
        if draft is not None and wanted in draft.names:
            return draft.names[wanted].name
        top = through.scopes.module
        chosen = choose(self.project, through, wanted, [Place(top, 1 << 60)])
        return chosen.name if chosen.needed is None else None


def without(drafts: Mapping[str, Draft], sites: Iterable[Site]) -> dict[str, bytes]:
    """The texts of files with blanks in the place of some sites."""
    texts: dict[str, bytes] = {}
    for site in sites:
        text = texts.get(site.path, drafts[site.path].module.source.utf8)
        blank = b" " * (site.end - site.start)
        texts[site.path] = text[: site.start] + blank + text[site.end :]
    return texts


def _is_gone(drafts: Mapping[str, Draft], target: Target) -> bool:
    """Whether every use of the repository's own name that is mocked goes.

    The name of an import that becomes one of the native class stays, with its uses.
    """
    assert target.through is not None
    draft = drafts.get(target.through.path)
    if draft is None:
        return False
    scopes = draft.module.scopes
    loads = [
        node
        for node, scope in scopes.loads(target.attribute)
        if scopes.resolve(target.attribute, scope) is scopes.module
    ]
    return bool(loads) and all(id(node) in draft.roots for node in loads)


def _resaid(old: str, new: str, target: Target) -> str:
    """The expression for a mock's target with another end, or another literal."""
    start = f"{target.through.name}." if target.through is not None else ""
    if not target.said:
        return _requote(old, new)
    if not new.startswith(start):
        return _requote(old[-1] * 2, new)
    return new.removeprefix(start).join(old.rsplit(target.said, 1))


def _requote(literal: str, value: str) -> str:
    """A string literal of the same prefix and quotes with another value."""
    quote = literal.rstrip()[-1]
    opening = literal[: literal.index(quote)]
    width = 3 if literal.endswith(quote * 3) and len(literal) > 5 else 1
    return f"{opening}{quote * width}{value}{quote * width}"
