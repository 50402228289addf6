"""``apply``: run codemods, then preview, write patches, or write in place."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deventlet.cli import report
from deventlet.cli.app import Exit, Stop
from deventlet.codemod import Page
from deventlet.config import Config, ConfigProblem, load
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import UnknownName, page, pages, reasons
from deventlet.series.build import NeedsGit, build, origin_of
from deventlet.series.files import PatchFolder, PatchFolderProblem
from deventlet.source.discover import PathProblem, Tree, discover
from deventlet.source.git import Git, GitProblem
from deventlet.source.write import (
    Change,
    Ledger,
    WriteProblem,
    recover,
    state_folder,
    write_changes,
)


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
    chosen = _codemods(options)
    _check_assumptions(options.assume)
    try:
        tree = discover(options.paths)
        if not _only_shows(options):
            _recover(tree)
        config = load(tree.root)
        tree = discover(options.paths, config.exclude) if config.exclude else tree
        request = _request(tree, config, options)
        outcomes = _run(chosen, request)
        _deliver(outcomes, request, tree, options)
    except (
        PathProblem,
        ConfigProblem,
        GitProblem,
        NeedsGit,
        PatchFolderProblem,
    ) as bad:
        raise Stop(str(bad)) from bad
    except WriteProblem as bad:
        raise Stop(f"{bad.message} [{bad.reason}]", Exit.PROBLEMS) from bad
    _leave(outcomes, options)


def _only_shows(options: Options) -> bool:
    return options.dry_run or options.patch_dir is not None


def _codemods(options: Options) -> list[Page]:
    if options.every and options.codemods:
        raise Stop("give --all or --codemod, not both")
    if options.dry_run and options.patch_dir:
        raise Stop("give --dry-run or --patch-dir, not both")
    if options.every:
        return list(pages().values())
    if not options.codemods:
        raise Stop(
            "say what to do: --codemod NAME or --all (deventlet list shows them)"
        )
    try:
        wanted = {page(name).name for name in options.codemods}
    except UnknownName as unknown:
        raise Stop(str(unknown)) from unknown
    return [each for name, each in pages().items() if name in wanted]


def _check_assumptions(names: frozenset[str]) -> None:
    known = [code for code, reason in reasons().items() if reason.verdict == "assume"]
    for name in sorted(names.difference(known)):
        raise Stop(str(UnknownName("assumption", name, known)))


def _recover(tree: Tree) -> None:
    """Finish or undo what an interrupted run left, before anything is read."""
    recovery = recover(tree.root, state_folder(tree.root, tree.repository))
    if recovery is None:
        return
    done = "finished" if recovery.outcome == "finished" else "undone"
    report.notice(f"an interrupted run was {done}: {len(recovery.files)} files")
    for path in recovery.edited:
        report.notice(f"{path} was edited meanwhile and left as it is")


def _request(tree: Tree, config: Config, options: Options) -> Request:
    locked: frozenset[str] = frozenset()
    if tree.repository and not options.dry_run and not options.allow_dirty:
        locked = _dirty(tree)
    return Request(
        tree.root, tree.files, frozenset(tree.selected), config, options.assume, locked
    )


def _dirty(tree: Tree) -> frozenset[str]:
    """Files that hold work of the user's that is not committed."""
    ledger = Ledger.load(state_folder(tree.root, tree.repository))
    dirty = Git(tree.root).dirty_paths(tree.files)
    return frozenset(
        path
        for path in dirty
        if not ledger.holds(path, (tree.root / path).read_bytes())
    )


def _run(chosen: Sequence[Page], request: Request) -> list[Outcome]:
    overlay: dict[str, bytes] = {}
    outcomes: list[Outcome] = []
    for each in chosen:
        with report.working(f"{each.name}: looking through {len(request.files)} files"):
            outcome = run(each, request, overlay)
        overlay.update({path: after for path, (_, after) in outcome.changes.items()})
        outcomes.append(outcome)
    return outcomes


def _deliver(
    outcomes: Sequence[Outcome], request: Request, tree: Tree, options: Options
) -> None:
    if options.dry_run:
        for outcome in outcomes:
            report.show_diff(outcome)
    elif options.patch_dir is not None:
        _write_patches(outcomes, tree, options.patch_dir, options.signoff)
    else:
        _write_in_place(outcomes, tree)
        if len(outcomes) > 1:
            report.notice("for one patch per pattern instead: --patch-dir DIR")
    for outcome in outcomes:
        report.show_summary(outcome)
    if options.patch_dir is None and not options.dry_run:
        return


def _write_patches(
    outcomes: Sequence[Outcome], tree: Tree, folder: Path, signoff: bool
) -> None:
    if not tree.repository:
        raise NeedsGit(f"{tree.root} is not in a git repository, and a patch needs one")
    target = PatchFolder(folder)
    origin = origin_of(tree.root, signoff)
    patches = [build(outcome, origin) for outcome in outcomes if outcome.changes]
    for path, keep_cr in target.write(patches):
        flag = " --keep-cr" if keep_cr else ""
        report.result(f"git am{flag} {path}")


def _write_in_place(outcomes: Sequence[Outcome], tree: Tree) -> None:
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    for outcome in outcomes:
        for path, (old, new) in outcome.changes.items():
            before.setdefault(path, old)
            after[path] = new
    changes = [Change(path, before[path], after[path]) for path in sorted(after)]
    if changes:
        write_changes(tree.root, changes, state_folder(tree.root, tree.repository))
    for change in changes:
        report.result(f"rewrote {change.path}")


def _leave(outcomes: Sequence[Outcome], options: Options) -> None:
    problems: Mapping[str, object] = {
        path: problem
        for outcome in outcomes
        for path, problem in outcome.problems.items()
    }
    dirty = any(v.reason == "file.dirty" for o in outcomes for v in o.verdicts)
    if problems or dirty:
        raise Stop("", Exit.PROBLEMS)
    if options.exit_code and any(outcome.changes for outcome in outcomes):
        raise Stop("", Exit.FINDINGS)
    sys.stdout.flush()
