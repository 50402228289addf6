"""``apply``: run codemods, then preview, write patches, or write in place."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import (
    check_assumptions,
    finish_interrupted,
    open_project,
    refuse_interrupted,
)
from deventlet.cli.report import show_diff, show_problems, show_summary
from deventlet.cli.terminal import notice, result, working
from deventlet.codemod import Page
from deventlet.config import Config, ConfigProblem
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import PageError, UnknownName, page, pages, reasons
from deventlet.series.build import NeedsGit, Origin, build_all, origin_of
from deventlet.series.files import PatchFolder, PatchFolderProblem
from deventlet.source.discover import PathProblem, Tree
from deventlet.source.git import Git, GitProblem
from deventlet.source.write import (
    Change,
    Ledger,
    WriteProblem,
    blocked,
    state_folder,
    write_changes,
)

Deliver = Callable[[Sequence[Outcome]], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    paths: tuple[Path, ...]
    codemods: tuple[str, ...]
    every: bool
    dry_run: bool
    patch_dir: Path | None
    assume: frozenset[str]
    allow_dirty: bool
    signoff: bool
    exit_code: bool


def apply_codemods(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    _check(options)
    try:
        chosen = _codemods(options)
        tree, config = _project(options)
        deliver = _delivery(tree, options)
        outcomes = _run(chosen, tree, config, options)
        deliver(outcomes)
    except (
        *(PathProblem, ConfigProblem, PageError, UnknownName),
        *(GitProblem, NeedsGit, PatchFolderProblem),
    ) as bad:
        raise Stop(str(bad)) from bad
    except WriteProblem as bad:
        raise Stop(f"{bad.message} [{bad.reason}]", Exit.PROBLEMS) from bad
    _leave(outcomes, options)


# What was asked for --------------------------------------------------------------


def _check(options: Options) -> None:
    """Refuse options that contradict each other."""
    if options.every and options.codemods:
        raise Stop("give --all or --codemod, not both")
    if not options.every and not options.codemods:
        raise Stop(
            "say what to do: --codemod NAME or --all (deventlet list shows them)"
        )
    if options.dry_run and options.patch_dir:
        raise Stop("give --dry-run or --patch-dir, not both")
    if options.allow_dirty and options.patch_dir:
        raise Stop(
            "a patch applies to what is committed, so that --allow-dirty cannot be "
            "given with --patch-dir"
        )


def _codemods(options: Options) -> list[Page]:
    """The pages of the codemods to run, in the order of a series."""
    check_assumptions(options.assume)
    if options.every:
        return list(pages().values())
    wanted = {page(name).name for name in options.codemods}
    return [each for name, each in pages().items() if name in wanted]


def _project(options: Options) -> tuple[Tree, Config]:
    """The files and the settings, once no interrupted run is in the way."""
    writes = not options.dry_run and options.patch_dir is None
    settle = finish_interrupted if writes else refuse_interrupted
    return open_project(options.paths, settle)


# Running -------------------------------------------------------------------------


def _run(
    chosen: Sequence[Page], tree: Tree, config: Config, options: Options
) -> list[Outcome]:
    """One outcome for each codemod, each on the texts that the one before left."""
    request = Request(
        tree.root, tree.files, frozenset(tree.selected), config, options.assume
    )
    overlay: dict[str, bytes] = {}
    outcomes: list[Outcome] = []
    for each in chosen:
        with working(f"{each.name}: looking through {len(tree.files)} files"):
            outcome, request = _run_one(each, request, overlay, tree, options)
        overlay.update({path: after for path, (_, after) in outcome.changes.items()})
        outcomes.append(outcome)
    return outcomes


def _run_one(
    each: Page,
    request: Request,
    overlay: dict[str, bytes],
    tree: Tree,
    options: Options,
) -> tuple[Outcome, Request]:
    """Run a codemod, and again without the files that turn out to be the user's.

    Asking git about the few files that would change costs less than asking it
    about all of them.

    :returns: also the request, with these files locked.
    """
    while True:
        outcome = run(each, request, overlay)
        locked = _locked(outcome, overlay, tree, options)
        if not locked:
            return outcome, request
        request = replace(request, locked=request.locked | locked)


def _locked(
    outcome: Outcome, known: Collection[str], tree: Tree, options: Options
) -> frozenset[str]:
    """Files that would change and hold work of the user's that is not committed."""
    changes = _changes([outcome])
    asked = [change for change in changes if change.path not in known]
    if not tree.repository or options.allow_dirty or not asked:
        return frozenset()
    dirty = Git(tree.root).dirty_paths([change.path for change in asked])
    # A patch applies to HEAD, so that there our own uncommitted work counts, too.
    ours = options.patch_dir is None
    ledger = Ledger.load(state_folder(tree.root, True)) if ours else Ledger()
    return frozenset(blocked(asked, dirty, ledger))


def _changes(outcomes: Iterable[Outcome]) -> list[Change]:
    """What the outcomes, one after the other, make of each file."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    for outcome in outcomes:
        for path, (old, new) in outcome.changes.items():
            before.setdefault(path, old)
            after[path] = new
    return [Change(path, before[path], after[path]) for path in sorted(after)]


# Delivering ----------------------------------------------------------------------


def _delivery(tree: Tree, options: Options) -> Deliver:
    """What becomes of the outcomes; what that needs is there, or this raises."""
    if options.dry_run:
        return _show
    if options.patch_dir is None:
        return partial(_write_in_place, tree)
    folder = PatchFolder(options.patch_dir)
    if not tree.repository:
        raise NeedsGit(f"{tree.root} is not in a git repository, and a patch needs one")
    return partial(_write_patches, folder, origin_of(tree.root, options.signoff))


def _show(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        show_diff(outcome)


def _write_patches(
    folder: PatchFolder, origin: Origin, outcomes: Sequence[Outcome]
) -> None:
    patches = build_all(outcomes, origin)
    earlier = folder.names()
    written = folder.write(patches)
    for path, keep_cr in written:
        flag = " --keep-cr" if keep_cr else ""
        result(f"git am{flag} {shlex.quote(str(path))}")
    gone = "removed" if written else "nothing to write; still there:"
    for name in sorted(earlier.difference(path.name for path, _ in written)):
        notice(f"{gone} {name}, which an earlier run had written")


def _write_in_place(tree: Tree, outcomes: Sequence[Outcome]) -> None:
    changes = _changes(outcomes)
    if changes:
        write_changes(tree.root, changes, state_folder(tree.root, tree.repository))
    for change in changes:
        result(f"rewrote {change.path}")
    if len(outcomes) > 1:
        notice("for one patch per pattern instead: --patch-dir DIR")


def _leave(outcomes: Sequence[Outcome], options: Options) -> None:
    """Sum up, and stop with the exit code if it is not 0."""
    for outcome in outcomes:
        show_summary(outcome)
    problems = {
        path: (problem.reason, problem.message)
        for outcome in outcomes
        for path, problem in outcome.problems.items()
    }
    problems.update(_dirty(outcomes))
    show_problems(problems)
    if problems:
        raise Stop("", Exit.PROBLEMS)
    if options.exit_code and any(outcome.changes for outcome in outcomes):
        raise Stop("", Exit.FINDINGS)


def _dirty(outcomes: Iterable[Outcome]) -> dict[str, tuple[str, str]]:
    """The files that were left alone because they hold work of the user's."""
    reason = reasons()["file.dirty"]
    return {
        verdict.detail: (reason.code, reason.summary)
        for outcome in outcomes
        for verdict in outcome.verdicts
        if verdict.reason == reason.code
    }
