"""``report``: one HTML page of a project, or one with a row for each of several.

Writes nothing but the page (and what ``history`` keeps in the git folder).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deventlet import __version__
from deventlet.burndown import Burndown
from deventlet.cli import plan
from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import check_assumptions, open_project, refuse_interrupted
from deventlet.cli.report import show_problems
from deventlet.cli.terminal import check_output, deliver, notice, working
from deventlet.config import Config, ConfigProblem
from deventlet.driver.inventory import take_inventory
from deventlet.driver.processes.sizing import pools_of
from deventlet.history import (
    FlightProblem,
    Stepping,
    StepProblem,
    Wanted,
    read_history,
)
from deventlet.inventory import Entry, Inventory
from deventlet.registry import PageError, UnknownName, reasons
from deventlet.report.page import (
    Contents,
    Excerpt,
    LinkProblem,
    Links,
    Row,
    map_page,
    project_page,
)
from deventlet.series.chunks import Split
from deventlet.series.gerrit import project_name
from deventlet.source.discover import PathProblem, Tree
from deventlet.source.excerpt import around, lines_of
from deventlet.source.git import Git, GitProblem, find_root
from deventlet.source.text import SourceProblem, decode


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    :param since: where the burn-down begins, as for ``history``; empty for none.
    :param in_flight: what is not merged yet, as for ``history``.
    """

    paths: tuple[Path, ...]
    output: Path
    link_template: str
    since: str
    in_flight: tuple[str, ...]
    history: bool
    assume: frozenset[str]


def write_report(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    check_output(options.output)
    try:
        check_assumptions(options.assume)
        projects = _projects(options.paths)
        _check_flights(options, len(projects))
        if len(projects) > 1:
            page, found = _map(projects, options)
        else:
            page, found = _project(options)
    except (PathProblem, ConfigProblem, PageError, UnknownName, GitProblem) as bad:
        raise Stop(str(bad)) from bad
    except FlightProblem as bad:
        raise Stop(f"--in-flight: {bad}") from bad
    except LinkProblem as bad:
        raise Stop(f"--link-template: {bad}") from bad
    deliver(page.encode(), options.output)
    notice(f"wrote {options.output}")
    show_problems(found)
    if found:
        raise Stop("", Exit.PROBLEMS)


def _check_flights(options: Options, projects: int) -> None:
    """Refuse series that no chart of the page could show.

    :raises Stop: with the reason.
    """
    if not options.in_flight:
        return
    if not options.history:
        raise Stop("--in-flight: there is no chart with --no-history")
    if projects > 1:
        raise Stop("--in-flight: a page of several repositories has no chart")


_Problems = dict[str, tuple[str, str]]


def _projects(paths: Sequence[Path]) -> list[Path]:
    """The repositories that the paths belong to; one if they are all of one."""
    return list(dict.fromkeys(map(_root, paths)))


def _root(path: Path) -> Path:
    """The repository of a path, or the path itself if there is none."""
    return (find_root(path) if path.exists() else None) or path


# One project ---------------------------------------------------------------------


def _project(options: Options) -> tuple[str, _Problems]:
    tree, config = open_project(options.paths, refuse_interrupted)
    links = _links(tree, options.link_template)
    found = _inventory(tree, config, options)
    selected = frozenset(tree.selected)
    contents = Contents(
        found,
        plan.made(tree, config, options.assume, Split())[0],
        pools_of(tree.root, tree.files, selected, config),
        reasons(),
        _excerpts(tree.root, found.entries),
        _burndown(tree, config, options),
        links,
        __version__,
    )
    return project_page(contents), dict(found.problems)


def _links(tree: Tree, wanted: str) -> Links:
    """Links to the lines of the last commit, if they are wanted."""
    if not wanted:
        return Links()
    revision = ""
    if tree.repository:
        said = Git(tree.root).run("rev-parse", "--verify", "--quiet", "HEAD")
        revision = said.decode().strip()
    return Links.of(wanted, project_name(tree.root), revision)


def _inventory(tree: Tree, config: Config, options: Options) -> Inventory:
    with working(f"looking through {len(tree.files)} files of {tree.root.name}"):
        return take_inventory(
            tree.root, tree.files, frozenset(tree.selected), config, options.assume
        )


def _excerpts(root: Path, entries: Sequence[Entry]) -> dict[tuple[str, int], Excerpt]:
    """The source around every site that can be read."""
    texts: dict[str, list[str]] = {}
    found = {}
    for site in (entry.site for entry in entries):
        if site.path not in texts:
            texts[site.path] = _lines(root, site.path)
        if texts[site.path]:
            lines = around(texts[site.path], site.line, max(site.line, site.end_line))
            found[site.path, site.line] = Excerpt(*lines)
    return found


def _lines(root: Path, path: str) -> list[str]:
    """The lines of a file; none if it has become unreadable meanwhile."""
    try:
        return lines_of(decode(path, (root / path).read_bytes()).text)
    except (OSError, SourceProblem):
        return []


def _burndown(tree: Tree, config: Config, options: Options) -> Burndown | None:
    """The burn-down by weeks, None if there is none.

    :raises FlightProblem: for a series that is none, or does not apply.
    """
    if not tree.repository or not options.history:
        return None
    wanted = Wanted(
        folder=_folder(options.paths, tree.root),
        stepping=Stepping(since=options.since),
        in_flight=options.in_flight,
    )
    try:
        with working("reading the history"):
            return read_history(Git(tree.root), tree.root.name, wanted, config)
    except (StepProblem, GitProblem) as bad:
        notice(f"there is no history on the page: {bad}")
        return None


def _folder(paths: Sequence[Path], root: Path) -> str:
    """The one folder that is shown; empty for the top, and for several paths."""
    named = paths or (Path(),)
    if len(named) > 1 or not named[0].is_dir():
        return ""
    folder = named[0].resolve().relative_to(root.resolve()).as_posix()
    return "" if folder == "." else folder


# Several projects ----------------------------------------------------------------


def _map(projects: Sequence[Path], options: Options) -> tuple[str, _Problems]:
    rows = []
    problems: _Problems = {}
    for root, name in _names(projects).items():
        try:
            tree, config = open_project([root], refuse_interrupted)
        except (PathProblem, ConfigProblem, GitProblem) as bad:
            raise Stop(f"{name}: {bad}") from bad
        found = _inventory(tree, config, options)
        rows.append(Row(replace(found, project=name)))
        problems |= {f"{name}/{p}": said for p, said in found.problems.items()}
    return map_page(rows, __version__), problems


def _names(projects: Sequence[Path]) -> dict[Path, str]:
    """Each project by as many of its last folders as tell it from the others."""
    parts = {root: root.resolve().parts for root in projects}
    longest = max(map(len, parts.values()))
    for size in range(1, longest + 1):
        names = {root: "/".join(part[-size:]) for root, part in parts.items()}
        if len(set(names.values())) == len(names):
            break
    return names
