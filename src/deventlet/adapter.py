"""Lets LibCST's own runner apply a codemod; decides nothing and writes nothing.

    python -m libcst.tool codemod -x --no-format deventlet.adapter.Sleep PATH...

The class is the codemod's name in CamelCase; a module ``__getattr__`` makes it, so
that no codemod is known by name here. ``-x`` takes the class by its full name, so no
``.libcst.codemod.yaml`` is needed; ``--no-format`` keeps LibCST from running a
formatter over each changed file (black, where nothing else is configured).

A codemod has to see the whole project, and as it was before the first file was
rewritten. LibCST's workers get one file each, at a time when others may have been
rewritten already. So the work is done where LibCST has a place for facts about the
whole repository: in the ``gen_cache`` of a metadata provider, which it calls once,
with all paths, before it starts a worker. The result is the same for any ``-j``.

The result is that of ``deventlet apply PATH...``, but for these: LibCST writes file
by file, without journal, and also files with changes that are not committed; and a
file that its configuration leaves out (a generated marker, a blacklisted pattern)
is taken for rewritten, so give paths without such files. Assumptions are accepted
in the project's ``[tool.deventlet]`` only.

Only LibCST imports this module: it is the one that imports LibCST at its top.
"""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, cast

import libcst as cst
from libcst.codemod import CodemodCommand, SkipFile
from libcst.metadata import BaseMetadataProvider

from deventlet import config
from deventlet.codemod import Page, Verdict
from deventlet.driver.project.profile import with_profile
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import UnknownName, pages, reasons
from deventlet.source.discover import Tree, discover


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one file.

    :param warnings: what the reader of the change has to know, a line each.
    :param change: digest of the bytes that the change was computed from, and the
        new bytes, compressed: LibCST sends all plans along with every file.
    """

    warnings: tuple[str, ...] = ()
    change: tuple[bytes, bytes] | None = None


_NO_PLAN = Plan(
    (
        "left alone: deventlet needs the whole project around a file; "
        "run `python -m libcst.tool codemod` on paths, not on standard input",
    )
)


class Plans(BaseMetadataProvider[Plan]):
    """Gives a module its plan, which one run over the whole project has made."""

    codemod: ClassVar[str]

    def __init__(self, cache: Plan | None = None) -> None:
        super().__init__(cache or _NO_PLAN)  # LibCST raises for None

    @classmethod
    def gen_cache(
        cls, root_path: Path, paths: Sequence[str], **_options: Any
    ) -> Mapping[str, Plan]:
        """The plan of each path; see the module's docstring for who calls this.

        :param paths: absolute paths of the files that may change.
        :raises ConfigProblem, PathProblem: as ``deventlet apply`` would.
        """
        return make_plans(pages()[cls.codemod], paths)

    def _gen_impl(self, module: cst.Module) -> None:
        self.set_metadata(module, cast("Plan", self.cache))


class Command(CodemodCommand):
    """Puts the new text of a file, as the plan has it, in the place of its tree."""

    plans: ClassVar[type[Plans]]

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The tree of the new text; ``tree`` itself if nothing changes.

        :raises SkipFile: without a plan: for standard input, and for a runner that
            asks no metadata provider for what it knows about the repository.
        :raises ValueError: if the tree is not that of the file that was planned for.
        """
        plan = self.get_metadata(self.plans, tree)
        for warning in plan.warnings:
            self.warn(warning)
        if plan is _NO_PLAN:
            raise SkipFile(*plan.warnings)
        return tree if plan.change is None else _changed(tree, *plan.change)


def _changed(tree: cst.Module, digest: bytes, packed: bytes) -> cst.Module:
    if _digest(tree.bytes) != digest:
        raise ValueError("the file has changed since the project was looked through")
    return cst.parse_module(zlib.decompress(packed))


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()


# Plans ---------------------------------------------------------------------------


def make_plans(page: Page, paths: Sequence[str]) -> dict[str, Plan]:
    """Run a codemod on the project that holds the paths.

    :param paths: absolute paths of the files that may change.
    :returns: a plan for each path; for one that is no file of the project (that is
        ignored, say, or in another repository), a warning that says so.
    """
    if not paths:
        return {}
    tree, settings = _project(paths)
    inside = {
        path: os.path.relpath(os.path.realpath(path), tree.root) for path in paths
    }
    selected = frozenset(inside.values()).intersection(tree.files)
    outcome = _run(page, Request(tree.root, tree.files, selected, settings))
    warnings = _warnings(outcome)
    foreign = Plan((f"left alone: not a file of the project in {tree.root}",))
    return {
        path: _plan(outcome, name, warnings[name]) if name in selected else foreign
        for path, name in inside.items()
    }


def _run(page: Page, request: Request) -> Outcome:
    """The outcome, without changes to files that LibCST would not write faithfully.

    They are taken out before anything is written, so that no name is changed in one
    file and not in another. Measured on 1.9: form feeds and a last CR may get lost.
    """
    while True:
        outcome = run(page, request, {})
        unfit = {
            path
            for path, contents in outcome.changes.items()
            if not all(map(_is_faithful, contents))
        }
        if not unfit:
            return outcome
        request = replace(request, selected=frozenset(request.selected) - unfit)


def _is_faithful(content: bytes) -> bool:
    """Whether LibCST gives a file back byte by byte."""
    try:
        return cst.parse_module(content).bytes == content
    except cst.ParserSyntaxError:
        return False


def _project(paths: Sequence[str]) -> tuple[Tree, config.Config]:
    """The project that holds the paths, and its settings.

    Without a repository, it is the folder that holds them all; or, if that is in a
    package, the folder that the package is imported from.
    """
    tree = discover([Path(os.path.commonpath(paths))])
    root = tree.root
    while not tree.repository and (root / "__init__.py").exists():
        root = root.parent
    settings = config.load(root)
    tree = discover([root], settings.exclude)
    return tree, with_profile(settings, root, tree.files, None)[0]


def _plan(outcome: Outcome, path: str, warnings: Iterable[str]) -> Plan:
    if path not in outcome.changes:
        return Plan(tuple(warnings))
    before, after = outcome.changes[path]
    return Plan(tuple(warnings), (_digest(before), zlib.compress(after)))


def _warnings(outcome: Outcome) -> Mapping[str, list[str]]:
    """For each file its problem, or its verdicts that have a reason, by line."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, problem in outcome.problems.items():
        found[path].append(f"left alone: {problem.message} [{problem.reason}]")
    for verdict in outcome.verdicts:
        for path, warning in _said(verdict) if verdict.reason else ():
            found[path].append(warning)
    return found


def _said(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """For each file of a verdict's sites the file and what to say there."""
    lines = {site.path: site.line for site in reversed(verdict.subject.sites)}
    what = "rewritten" if verdict.applies else "left alone"
    detail = f": {verdict.detail}" if verdict.detail else ""
    why = f"{reasons()[verdict.reason].summary} [{verdict.reason}]{detail}"
    for path, line in lines.items():
        yield path, f"line {line}: {verdict.subject.api} is {what}: {why}"


# Classes -------------------------------------------------------------------------


def class_name(codemod: str) -> str:
    """A codemod's name in CamelCase."""
    return "".join(word.capitalize() for word in codemod.split("-"))


@cache
def _classes() -> Mapping[str, type[Command]]:
    """A command for each codemod; made once, for pickle compares by identity."""
    return {
        class_name(page.name): _command(page)
        for page in pages().values()
        if page.about != "files"  # LibCST reads Python only
    }


def _command(page: Page) -> type[Command]:
    """The command for a codemod; pickle finds both classes by their dotted names."""
    name = class_name(page.name)
    own = {"__module__": __name__, "__qualname__": f"{name}.plans"}
    plans = type("plans", (Plans,), {**own, "codemod": page.name})
    own = {"__module__": __name__, "__qualname__": name, "DESCRIPTION": page.summary}
    made = type(
        name, (Command,), {**own, "plans": plans, "METADATA_DEPENDENCIES": (plans,)}
    )
    return cast("type[Command]", made)


def __getattr__(name: str) -> type[Command]:
    """The command for a codemod by its name in CamelCase.

    :raises AttributeError: with the nearest name.
    """
    if name.startswith("_"):  # the import system asks for __path__ and the like
        raise AttributeError(name)
    if name not in _classes():
        unknown = UnknownName("codemod class", name, _classes())
        raise AttributeError(str(unknown), name=name)  # Python adds no hint of its own
    return _classes()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *_classes()])
