"""``check``: fails when there is more of Eventlet than the project has accepted.

For CI and for hooks: files that are named are looked at, and no others, unless one
seems to have grown. Writes the baseline when it is asked to, and nothing else.
Imports neither LibCST nor the driver, because a hook has no time for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from deventlet.baseline import NAME, Asked, Baseline, BaselineProblem, Measured
from deventlet.baseline import check as compare
from deventlet.baseline.file import dump, load
from deventlet.baseline.measure import IMPORT, measure
from deventlet.catalog import UnknownApi, entries, entry
from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import without_copies
from deventlet.cli.terminal import check_output, deliver, notice
from deventlet.config import Config, ConfigProblem
from deventlet.config import load as load_settings
from deventlet.growth import Checked
from deventlet.report import check as report
from deventlet.report.text import counted
from deventlet.source.discover import PathProblem, Tree, discover, matching, only
from deventlet.source.git import GitProblem
from deventlet.uses import Meaning


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    :param today: the day on which suppressions have to hold.
    """

    paths: tuple[Path, ...]
    baseline: Path | None
    update: bool
    allow_growth: str | None
    banned: frozenset[str]
    form: str
    output: Path | None
    today: date


@dataclass(frozen=True, slots=True)
class _Project:
    """What is checked.

    :param whole: whether these are all the files of the project.
    """

    tree: Tree
    config: Config
    whole: bool
    today: date

    def measured(self) -> list[Measured]:
        """Every file that is asked for, in order."""
        return [each for path in self.tree.selected if (each := self.look(path))]

    def look(self, path: str) -> Measured | None:
        """One file; None if there is no such file any more."""
        try:
            raw = (self.tree.root / path).read_bytes()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            return Measured(path, problem=("file.unreadable", said))
        meaning = Meaning(self.config.spellings, frozenset(self.config.shims))
        return measure(path, raw, meaning, self.today)


def check_project(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    _check_options(options)
    try:
        project = _open(options)
        file = options.baseline or project.tree.root / NAME
        known = load(file)
    except (BaselineProblem, ConfigProblem, GitProblem, PathProblem) as bad:
        raise Stop(str(bad)) from bad
    if known is None and not options.update:
        raise Stop(f"there is no {file}; make it with deventlet check --update")
    measured = project.measured()
    asked = Asked(known or Baseline(), options.banned, project.look)
    found = compare(measured, asked)
    if known is None:
        found = replace(found, grown=())
    if options.update and (not found.grown or options.allow_growth is not None):
        _write(file, _updated(asked.baseline, found, measured, project, options))
        found = replace(found, grown=())
    _tell(found, options, project.whole and not options.update)


def _check_options(options: Options) -> None:
    """Refuse what makes no sense together.

    :raises Stop: with what to do instead.
    """
    check_output(options.output)
    reason = options.allow_growth
    if reason is not None and not options.update:
        raise Stop("--allow-growth is for deventlet check --update")
    if reason is not None and not reason.strip():
        raise Stop("--allow-growth: give the reason; it is kept in the baseline")
    patterns = {each.pattern for each in entries().values()} | {IMPORT}
    for name in sorted(options.banned - patterns):
        if not _is_api(name):
            raise Stop(
                f"--banned {name}: there is no such pattern, nor a name of Eventlet's; "
                f"the patterns are {', '.join(sorted(patterns))}"
            )


def _is_api(name: str) -> bool:
    try:
        return entry(name).name != "eventlet" or name == "eventlet"
    except UnknownApi:
        return False


def _open(options: Options) -> _Project:
    """The files to look at, and the settings."""
    named = [path for path in options.paths if not path.is_dir()]
    if named and len(named) == len(options.paths):
        tree = only(named)
    else:
        tree = discover(options.paths)
    config = without_copies(tree, load_settings(tree.root))
    excluded = matching(tree.selected, config.exclude)
    selected = tuple(path for path in tree.selected if path not in excluded)
    whole = len(tree.selected) == len(tree.files) and not named
    kept = Tree(tree.root, tree.repository, tree.files, selected)
    return _Project(kept, config, whole, options.today)


def _updated(
    known: Baseline,
    found: Checked,
    measured: Sequence[Measured],
    project: _Project,
    options: Options,
) -> Baseline:
    """The baseline of what there is now."""
    root = project.tree.root
    there = {path for path in known.files if (root / path).is_file()}
    new = known.updated(measured, there, project.whole)
    if options.allow_growth is not None and found.grown:
        return new.because(options.allow_growth.strip(), found.grown)
    return new


def _write(file: Path, baseline: Baseline) -> None:
    """Write the baseline, and say how many uses it has.

    :raises Stop: if it cannot be written.
    """
    deliver(dump(baseline), file)
    notice(f"{file.name} has {counted(baseline.uses, 'use')} of Eventlet")


def _tell(found: Checked, options: Options, whole: bool) -> None:
    """Report what was found, and leave with the exit code.

    :raises Stop: when the code is not 0.
    """
    if options.form == "sarif":
        deliver(report.sarif(found), options.output)
    else:
        deliver(report.text(found).encode(), options.output)
        for each in found.comments:
            notice(report.comment(each))
    for path, (reason, message) in sorted(found.problems.items()):
        notice(f"{path}: {message} [{reason}]")
    if found.fails or whole:
        notice(report.summary(found))
    if found.fails:
        raise Stop("", Exit.FINDINGS)
    if found.problems:
        raise Stop("", Exit.PROBLEMS)
