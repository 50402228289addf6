"""``apply``: run codemods, then preview, write patches, or write in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

from deventlet.cli.deliver import BRANCH, Deliver, Way, changes_of, delivery
from deventlet.cli.exits import Exit, Stop
from deventlet.cli.interactive import Asker, check_terminal
from deventlet.cli.project import (
    check_assumptions,
    finish_interrupted,
    open_project,
    refuse_interrupted,
)
from deventlet.cli.report import show_problems, show_summaries
from deventlet.cli.split import split_of
from deventlet.cli.terminal import notice, result, working
from deventlet.cli.verify import say_flaky, verifying
from deventlet.codemod import Page
from deventlet.config import Config, ConfigProblem
from deventlet.driver.run import Outcome, Request
from deventlet.registry import PageError, UnknownName, page, pages, reasons
from deventlet.series.answers import Answers
from deventlet.series.base import Base, at_head
from deventlet.series.build import Footers, NeedsGit
from deventlet.series.chunks import By
from deventlet.series.commit import BranchProblem
from deventlet.series.compute import compute, failed
from deventlet.series.files import PatchFolderProblem
from deventlet.series.template import TemplateProblem
from deventlet.source.discover import PathProblem, Tree
from deventlet.source.git import Git, GitProblem
from deventlet.source.write import (
    Ledger,
    WriteProblem,
    blocked,
    state_folder,
)
from deventlet.verify.command import Command
from deventlet.verify.tests import CannotVerify


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    paths: tuple[Path, ...]
    codemods: tuple[str, ...]
    every: bool
    dry_run: bool
    patch_dir: Path | None
    commit: bool
    branch: str | None
    topic: str | None
    bug: str | None
    blueprint: str | None
    depends_on: tuple[str, ...]
    split: By
    max_lines: int | None
    verify: Command | None
    jobs: int
    interactive: bool
    assume: frozenset[str]
    profile: Literal["native", "dual"] | None
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
        deliver = _told(delivery(tree, _way(options, config)), options)
        outcomes = _run(chosen, tree, config, options, deliver)
    except (
        *(PathProblem, ConfigProblem, PageError, UnknownName),
        *(GitProblem, NeedsGit, PatchFolderProblem, BranchProblem),
        *(CannotVerify, TemplateProblem),
    ) as bad:
        raise Stop(str(bad)) from bad
    except WriteProblem as bad:
        raise Stop(f"{bad.message} [{bad.reason}]", Exit.PROBLEMS) from bad
    _leave(outcomes, options)


# What was asked for --------------------------------------------------------------


def _check(options: Options) -> None:
    """Refuse options that contradict each other."""
    if options.interactive:
        check_terminal()
    wrong = (why for is_wrong, why in _contradictions(options) if is_wrong)
    why = next(wrong, "")
    if why:
        raise Stop(why)


def _contradictions(options: Options) -> Iterator[tuple[object, str]]:
    """What is wrong with some options if it is true, and what to say then."""
    yield options.every and options.codemods, "give --all or --codemod, not both"
    yield (
        not options.every and not options.codemods,
        "say what to do: --codemod NAME or --all (deventlet list shows them)",
    )
    yield (
        options.dry_run and options.patch_dir,
        "give --dry-run or --patch-dir, not both",
    )
    yield options.dry_run and options.commit, "give --dry-run or --commit, not both"
    yield (
        options.allow_dirty and (options.patch_dir or options.commit),
        "a patch applies to what is committed, so that --allow-dirty cannot be "
        "given with --patch-dir or --commit",
    )
    yield (
        options.verify is not None and not options.commit,
        "--verify tests what --commit commits; give both",
    )
    yield (
        options.jobs > 1 and options.verify is None,
        "--jobs says how many runs of --verify there are at once; give both",
    )
    yield (
        options.branch and not options.commit,
        "--branch says where --commit puts its commits; give both",
    )


def _way(options: Options, config: Config) -> Way:
    """How the outcomes are wanted."""
    try:
        footers = Footers(
            options.signoff, options.bug, options.blueprint, options.depends_on
        )
    except ValueError as bad:
        raise Stop(str(bad)) from bad
    branch = options.branch or BRANCH
    return Way(
        options.dry_run, options.patch_dir, branch if options.commit else None,
        options.topic or BRANCH, footers, config.message_template,
    )  # fmt: skip


def _codemods(options: Options) -> list[Page]:
    """The pages of the codemods to run, in the order of a series."""
    check_assumptions(options.assume)
    if options.every:
        return list(pages().values())
    wanted = {page(name).name for name in options.codemods}
    return [each for name, each in pages().items() if name in wanted]


def _project(options: Options) -> tuple[Tree, Config]:
    """The files and the settings, once no interrupted run is in the way."""
    writes = not (options.dry_run or options.patch_dir or options.commit)
    settle = finish_interrupted if writes else refuse_interrupted
    return open_project(options.paths, settle, options.profile)


def _base(tree: Tree, options: Options) -> Base:
    """What a run works on: the files as they are, or as HEAD has them for commits."""
    if not options.commit:
        return Base(tree, {}, ())
    base = at_head(tree)
    if base.aside:
        notice(
            f"Python files with uncommitted changes: {len(base.aside)}; the commits "
            "start from HEAD, and do not touch them"
        )
    return base


# Running -------------------------------------------------------------------------


def _run(
    chosen: Sequence[Page],
    tree: Tree,
    config: Config,
    options: Options,
    deliver: Deliver,
) -> list[Outcome]:
    """One outcome for each patch, each on the texts that the one before left."""
    base = _base(tree, options)
    files = base.tree.files
    selected = frozenset(base.tree.selected)
    request = Request(tree.root, files, selected, config, options.assume)
    locked = partial(_locked, tree, options)
    split = split_of(base.tree, options.split, options.max_lines)
    run = partial(compute, chosen, request, split=split, locked=locked, working=working)
    if options.interactive:
        run = partial(run, asked=_asker(tree).left)
    if options.verify is not None:
        return _run_verified(options, options.verify, base, run, deliver)
    outcomes = run(dict(base.overlay))
    deliver(outcomes)
    return outcomes


def _asker(tree: Tree) -> Asker:
    """Who asks about each change; without a repository, answers are not kept."""
    folder = state_folder(tree.root, True) if tree.repository else None
    asker = Asker(Answers(folder))
    asker.begin()
    return asker


def _run_verified(
    options: Options,
    command: Command,
    base: Base,
    run: Callable[..., list[Outcome]],
    deliver: Deliver,
) -> list[Outcome]:
    """The same with tests; what they said is forgotten once that is delivered."""
    expect = cache(partial(run, dict(base.overlay)))
    if options.interactive:
        expect()  # every question comes before the first run of the tests
    with verifying(base.tree, command, options.jobs, expect) as verifier:
        outcomes = run(dict(base.overlay), proven=verifier.proven)
        say_flaky(verifier)
        deliver(outcomes)
    return outcomes


def _locked(
    tree: Tree, options: Options, outcome: Outcome, known: Collection[str]
) -> frozenset[str]:
    """Files that would change and hold work of the user's that is not committed."""
    changes = changes_of([outcome])
    asked = [change for change in changes if change.path not in known]
    free = options.allow_dirty or options.commit
    if not tree.repository or free or not asked:
        return frozenset()
    dirty = Git(tree.root).dirty_paths([change.path for change in asked])
    # A patch applies to HEAD, so that there our own uncommitted work counts, too.
    ours = options.patch_dir is None
    ledger = Ledger.load(state_folder(tree.root, True)) if ours else Ledger()
    return frozenset(blocked(asked, dirty, ledger))


def _told(deliver: Deliver, options: Options) -> Deliver:
    """The same, and the verdicts; what to type next is the last that is seen."""

    def both(outcomes: Sequence[Outcome]) -> None:
        if options.commit or options.patch_dir is not None:
            show_summaries(outcomes)
            result("")
            deliver(outcomes)
        else:
            deliver(outcomes)
            show_summaries(outcomes)

    return both


def _leave(outcomes: Sequence[Outcome], options: Options) -> None:
    """Name what could not be processed, and stop with the exit code if not 0."""
    problems = {
        path: (problem.reason, problem.message)
        for outcome in outcomes
        for path, problem in outcome.problems.items()
    }
    problems.update(_dirty(outcomes))
    show_problems(problems)
    if problems:
        raise Stop("", Exit.PROBLEMS)
    changed = any(outcome.changes for outcome in outcomes)
    if (options.exit_code and changed) or any(map(failed, outcomes)):
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
