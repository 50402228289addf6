"""What becomes of the outcomes of a run: a preview, patches, commits, or new files.

Each way checks what it needs before anything is run, and writes at the end. Decides
nothing about sites.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from deventlet.cli.report import show_diff
from deventlet.cli.terminal import notice, result
from deventlet.driver.run import Outcome
from deventlet.report import plan as report
from deventlet.report.text import counted
from deventlet.series.build import (
    Footers,
    NeedsGit,
    Origin,
    build_all,
    origin_of,
    try_template,
)
from deventlet.series.commit import Branch, branch_for, commit_series, move
from deventlet.series.files import PatchFolder
from deventlet.series.gerrit import has_gitreview
from deventlet.series.patch import Patch
from deventlet.series.planning import plan_of
from deventlet.series.template import load
from deventlet.source.discover import Tree
from deventlet.source.git import Git
from deventlet.source.write import Change, state_folder, write_changes

Deliver = Callable[[Sequence[Outcome]], None]

BRANCH = "eventlet-removal"
"""The branch, and the topic in Gerrit, where no other is asked for."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the outcomes are wanted, as the command line says it.

    :param commit: the branch that takes one commit per patch; None for no commits.
    :param template: the file of the project's own with the text of the messages.
    """

    dry_run: bool
    patch_dir: Path | None
    commit: str | None
    topic: str
    footers: Footers
    template: str | None = None


def delivery(tree: Tree, way: Way) -> Deliver:
    """What becomes of the outcomes; what that needs is there, or this raises.

    :raises NeedsGit: for patches or commits without a repository or an identity.
    :raises PatchFolderProblem: for a folder that holds something else.
    :raises BranchProblem: for a branch that holds something else.
    :raises TemplateProblem: for a template that cannot be used.
    """
    if way.dry_run:
        return _show
    if way.patch_dir is None and way.commit is None:
        return partial(_write_in_place, tree)
    folder = PatchFolder(way.patch_dir) if way.patch_dir is not None else None
    if not tree.repository:
        raise NeedsGit(f"{tree.root} is not in a git repository, and a patch needs one")
    origin = origin_of(tree.root, way.footers)
    if way.template is not None:
        template = load(tree.root, way.template)
        try_template(template)
        origin = replace(origin, template=template)
    branch = branch_for(Git(tree.root), way.commit) if way.commit is not None else None
    return partial(_write_series, folder, branch, origin, way.topic)


def changes_of(outcomes: Iterable[Outcome]) -> list[Change]:
    """What the outcomes, one after the other, make of each file."""
    before: dict[str, bytes | None] = {}
    after: dict[str, bytes] = {}
    for outcome in outcomes:
        for path, (old, new) in outcome.changes.items():
            before.setdefault(path, None if path in outcome.created else old)
            after[path] = new
    return [Change(path, before[path], after[path]) for path in sorted(after)]


def _show(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        show_diff(outcome)


def _write_in_place(tree: Tree, outcomes: Sequence[Outcome]) -> None:
    changes = changes_of(outcomes)
    if changes:
        write_changes(tree.root, changes, state_folder(tree.root, tree.repository))
    for change in changes:
        result(f"rewrote {change.path}")
    if len(outcomes) > 1:
        notice("for one patch per pattern instead: --commit or --patch-dir DIR")


def _write_series(
    folder: PatchFolder | None,
    branch: Branch | None,
    origin: Origin,
    topic: str,
    outcomes: Sequence[Outcome],
) -> None:
    patches = build_all(outcomes, origin)
    if folder is not None:
        plan = plan_of(origin.project, outcomes)
        _write_patches(folder, patches, report.markdown(plan))
    if branch is not None:
        _commit(branch, origin, topic, patches)


def _write_patches(folder: PatchFolder, patches: Sequence[Patch], letter: str) -> None:
    earlier = folder.names()
    written = folder.write(patches, letter)
    for path, keep_cr in written:
        flag = " --keep-cr" if keep_cr else ""
        result(f"git am{flag} {shlex.quote(str(path))}")
    gone = "removed" if written else "nothing to write; still there:"
    for name in sorted(earlier.difference(path.name for path, _ in written)):
        notice(f"{gone} {name}, which an earlier run had written")


def _commit(
    branch: Branch, origin: Origin, topic: str, patches: Sequence[Patch]
) -> None:
    """Make the commits, move the branch, and say what to type next."""
    if not patches:
        still = f"; branch {branch.name} stays as it is" if branch.tip else ""
        notice(f"nothing to commit{still}")
        return
    git = Git(origin.root)
    base = git.run("rev-parse", "HEAD^{commit}").decode().strip()
    commits = commit_series(git, base, patches)
    for commit, patch in zip(commits, patches, strict=True):
        result(f"{commit[:10]} {patch.subject}")
    if commits[-1] == branch.tip:
        notice(f"branch {branch.name} is there already")
    else:
        move(git, branch, commits[-1])
        was = f", which was at {branch.tip[:10]}" if branch.tip else ""
        notice(f"{counted(len(commits), 'commit')} on branch {branch.name}{was}")
    _say_what_is_next(branch, origin, topic)


def _say_what_is_next(branch: Branch, origin: Origin, topic: str) -> None:
    name = shlex.quote(branch.name)
    notice("next:")
    notice(f"  git checkout {name}")
    if has_gitreview(origin.root):
        notice(f"  git review -t {shlex.quote(topic)}")
    else:
        notice(f"  git push origin {name}")
