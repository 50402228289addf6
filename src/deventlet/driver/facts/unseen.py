"""Calls of a module's name that nobody's import leads to.

``def turn(tools=tools): tools.nap()`` calls ``nap`` of the module ``tools`` through a
parameter. Looks at texts, and asks whether the module is given anywhere only where a
call could be one. Decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deventlet.codemod import Subject
from deventlet.driver.reach.module_values import is_value
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import ScopeKind


def unseen_call(findings: Findings, names: Names, subject: Subject) -> str:
    """Where ``x.nap()`` may be a call of a subject's name, without a position.

    Not one of those that are followed, for this subject or surely for another one.
    Returns ``path:line``, or nothing.
    """
    followed = [findings.uses[site] for site in subject.sites if site in findings.uses]
    known = {(u.module.path, u.module.source.span(u.node)[1]) for u in followed}
    project = names.project
    for home, name in _named(findings, subject):
        others = [path for path in project.paths if path != home.path]
        for path, text, end in _calls(names, name, others):
            if (path, end) in known or not is_value(project, home, others):
                continue
            if not _is_followed(findings, path, end):
                line = text.count(b"\n", 0, end) + 1
                return f"{path}:{line}"
    return ""


def _is_followed(findings: Findings, path: str, end: int) -> bool:
    """Whether the name that ends there is surely one that a codemod looks for."""
    return any(
        use.module.path == path
        and not use.others
        and use.module.source.span(use.node)[1] == end
        for use in findings.uses.values()
    )


def _named(findings: Findings, subject: Subject) -> Iterator[tuple[Module, str]]:
    """The modules whose name the subject is, and that name."""
    for site in subject.bindings:
        if site in findings.imports:
            module, binding = findings.imports[site]
            if binding.scope.kind is ScopeKind.MODULE:
                yield module, binding.name
        elif findings.uses[site].scope.kind is ScopeKind.MODULE:
            use = findings.uses[site]
            for node in ast.walk(use.parents[-1]):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield use.module, node.id


def _calls(
    names: Names, name: str, paths: list[str]
) -> Iterator[tuple[str, bytes, int]]:
    """Calls of attributes of a name, without a position: path, text, the name's end.

    A file that has one is parsed, for offsets are those of its text in UTF-8.
    """
    word = name.encode()
    called = re.compile(
        rb"\.\s*%b\b(?=\s*\(\s*(?:\)|\*|\w+\s*=[^=]))" % re.escape(word)
    )
    among = frozenset(paths)
    for path in names.project.containing([word]):
        text = names.project.read_or_empty(path) if path in among else b""
        if called.search(text):
            module = names.project.module(path)
            text = module.source.utf8 if module is not None else text
            yield from ((path, text, found.end()) for found in called.finditer(text))
