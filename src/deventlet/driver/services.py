"""How the processes of a project start and end, and what the series changes in that.

For the eyes of who operates and who reviews: nothing is decided by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from deventlet.driver.run import Outcome, Request
from deventlet.plan import Service
from deventlet.resolve.processes import Processes
from deventlet.resolve.processes.lifecycle import moments
from deventlet.resolve.project import Project

_TOLD = frozenset({"hazard.fork", "hazard.shutdown"})
_Places = Mapping[str, Mapping[str, Sequence[str]]]


def services(request: Request, outcomes: Iterable[Outcome]) -> tuple[Service, ...]:
    """The entry points that patch or launch something, those that are alike together.

    :param outcomes: of the series, whose hazards are told.
    """
    project = Project(request.root, request.files)
    config = request.config
    processes = Processes(
        project,
        config.ignore_branches,
        config.ignore_entry_points,
        config.spellings,
    )
    places = _places(processes, outcomes)
    alike: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for entry, modules in sorted(processes.closures.items()):
        if entry in processes.demonstrations:
            continue
        paths = sorted(project.by_name[m] for m in modules if m in project.by_name)
        found = _of(paths, places)
        if processes.facts[entry.label].patches or "launch" in found:
            alike[tuple(found.items())].append(entry.label)
    return tuple(
        Service(tuple(labels), dict(found)) for found, labels in alike.items() if found
    )


def _places(processes: Processes, outcomes: Iterable[Outcome]) -> _Places:
    """For each file what happens in it, and where."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in processes.project.paths:
        for line, moment, _ in moments(processes.texts, path):
            found[path][moment].append(f"{path}:{line}")
    hazards = {each for outcome in outcomes for each in outcome.hazards}
    for each in sorted(hazards):
        if each.code in _TOLD and not each.test:
            found[each.path][each.code].append(each.path)  # lines move in a series
    return found


def _of(paths: Iterable[str], places: _Places) -> dict[str, tuple[str, ...]]:
    """What happens in some files, in the order of the places."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        for moment, where in places.get(path, {}).items():
            found[moment] += dict.fromkeys(where)
    return {moment: tuple(where) for moment, where in sorted(found.items())}
