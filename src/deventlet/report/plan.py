"""A plan as a table, as JSON or as Markdown; pure.

The JSON is version 1: the structure of :class:`deventlet.plan.Plan`, with the version
beside it. The same project gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from deventlet.plan import Plan, Remainder, Service, Step
from deventlet.report.markdown import escaped
from deventlet.report.text import encodable, visible

VERSION = 1
RISKS = {
    "low": "proven, nothing to know",
    "look": "proven; a corner changes, which the message names",
    "assumed": "rests on an assumption that was accepted",
}
MOMENTS = {
    "launch": "oslo.service launches; its backend of threads has to be chosen before "
    "anything of it is imported, and runs every worker as a process, a single one, too",
    "serve": "Eventlet's server has as many green threads as requests; the one that "
    "takes its place needs a number of threads",
    "fork": "a native thread that runs by then is not in the child, and what it held "
    "stays locked there",
    "signal": "signal.signal() raises anywhere but in the main thread, which green "
    "threads never left",
    "exit": "Python waits for native threads that are not daemons before atexit's "
    "functions run; os._exit() waits for nothing",
    "hazard.fork": "a thread that the series makes native is started before a fork",
    "hazard.shutdown": "a thread that the series makes native is killed, or waited "
    "for, where it sleeps long",
}
_PLACES = 3
_SHOWN = 4
_BEHIND = 8


def as_json(plan: Plan) -> bytes:
    """The plan for other programs."""
    data = {"version": VERSION, **msgspec.to_builtins(plan)}
    text = msgspec.json.format(msgspec.json.encode(_encodable(data)), indent=2)
    return text + b"\n"


def _encodable(data: object) -> object:
    """The data with file names that are not UTF-8 made fit to be written."""
    if isinstance(data, str):
        return encodable(data)
    if isinstance(data, dict):
        return {key: _encodable(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_encodable(each) for each in data]
    return data


def rows(plan: Plan) -> list[tuple[str, ...]]:
    """A heading and one row for each patch."""
    head = ("#", "codemod", "stage", "risk", "sites", "files", "lines", "on")
    return [head, *map(_cells, plan.steps)]


def _cells(step: Step) -> tuple[str, ...]:
    return (
        str(step.number),
        visible(f"{step.codemod}: {step.chunk}" if step.chunk else step.codemod),
        step.stage,
        step.risk,
        str(step.sites),
        str(len(step.files) + len(step.tests)),
        f"+{step.added} -{step.removed}",
        _numbers(step.stands_on),
    )


def _numbers(steps: Sequence[int]) -> str:
    return ", ".join(map(str, steps)) or "-"


def text(plan: Plan) -> Iterator[str]:
    """The lines below the table: what the words mean, and what is left."""
    if not plan.steps:
        yield "Nothing can be rewritten as it is."
    else:
        yield ""
        yield from _legend(plan)
    if plan.left:
        yield ""
        yield "Left by each codemod:"
        for left in plan.left:
            yield f"  {visible(_leftover(left))}"
            yield from (f"    {visible(line)}" for line in _behind(left))
    if plan.services:
        yield ""
        yield "How processes start and end, for those who operate and review:"
        for service in plan.services:
            yield f"  {visible(_named(service))}"
            yield from (f"    {visible(line)}" for line in _places(service))
        yield from _explained(plan)


def _named(service: Service) -> str:
    """The first entry points, and how many more there are."""
    more = len(service.entry_points) - _SHOWN
    names = ", ".join(service.entry_points[:_SHOWN])
    return f"{names} and {more} more" if more > 0 else names


def _places(service: Service) -> Iterator[str]:
    """Such as ``signal  proj/service.py:30, proj/api.py:12 and 2 more``."""
    for moment in filter(service.moments.__contains__, MOMENTS):
        places = service.moments[moment]
        more = len(places) - _PLACES
        shown = ", ".join(places[:_PLACES])
        yield f"{moment}: {shown} and {more} more" if more > 0 else f"{moment}: {shown}"


def _explained(plan: Plan) -> Iterator[str]:
    """What each of the moments means once threads are native."""
    found = {moment for service in plan.services for moment in service.moments}
    for moment in filter(found.__contains__, MOMENTS):
        yield f"{moment}: {MOMENTS[moment]}."


def _legend(plan: Plan) -> Iterator[str]:
    found = dict.fromkeys(step.risk for step in plan.steps)
    for risk in (each for each in RISKS if each in found):
        yield f"{risk}: {RISKS[risk]}."
    alone = [step.number for step in plan.steps if not step.stands_on]
    if len(alone) > 1:
        yield f"Side by side: {_numbers(alone)} change files that no earlier one does."


def _leftover(left: Remainder) -> str:
    """Such as ``sleep: 3 process-patched (--assume), 12 process.unpatched``."""
    parts = [f"{n} {name} (--assume)" for name, n in left.waiting.items()]
    parts += _some(left.refused)
    return f"{left.codemod}: {', '.join(parts)}"


def _behind(left: Remainder) -> Iterator[str]:
    """What has to go first, a line for each file: ``behind proj/a.py:3,7``.

    Or what a file imports, said in words.
    """
    lines: dict[str, list[str]] = {}
    for place in left.behind[:_BEHIND]:
        path, _, line = place.rpartition(":")
        lines.setdefault(path, []).append(line)
    more = len(left.behind) - _BEHIND
    for path, each in lines.items():
        yield f"behind {path}{':' if path else ''}{','.join(each)}"
    if more > 0:
        yield f"and {more} more"


def _some(refused: Mapping[str, int]) -> Iterator[str]:
    """The most frequent reasons, and how many sites have another."""
    listed = list(refused.items())
    yield from (f"{number} {code}" for code, number in listed[:_SHOWN])
    rest = sum(number for _, number in listed[_SHOWN:])
    if rest:
        yield f"{rest} for other reasons"


def markdown(plan: Plan) -> str:
    """The plan for an etherpad or a blueprint: a table, and boxes to tick."""
    return "".join(f"{line}\n" for line in _markdown(plan))


def _markdown(plan: Plan) -> Iterator[str]:
    yield f"# Leaving Eventlet: {escaped(plan.project)}"
    yield ""
    yield f"{_patches(plan)}."
    if plan.steps:
        yield ""
        head, *body = rows(plan)
        yield f"| {' | '.join(head)} |"
        yield "|--:|---|---|---|--:|--:|--:|---|"
        for cells in body:
            yield f"| {' | '.join(map(escaped, cells))} |"
        yield ""
        yield from _legend(plan)
        for step in plan.steps:
            yield from _section(step)
    if plan.left:
        yield ""
        yield "## Left"
        yield ""
        for left in plan.left:
            yield f"- {escaped(_leftover(left))}"
            yield from (f"  - {escaped(line)}" for line in _behind(left))
    if plan.services:
        yield ""
        yield "## How processes start and end"
        yield ""
        for service in plan.services:
            yield f"- {escaped(_named(service))}"
            yield from (f"  - {escaped(line)}" for line in _places(service))
        yield ""
        yield from map(escaped, _explained(plan))


def _patches(plan: Plan) -> str:
    number = len(plan.steps)
    return f"{number} patch{'' if number == 1 else 'es'}"


def _section(step: Step) -> Iterator[str]:
    yield ""
    yield f"## {step.number}. {escaped(step.subject)}"
    yield ""
    yield "- [ ] proposed"
    yield "- [ ] merged"
    notes = (
        ("caveats", _listed(step.caveats)),
        ("assumptions", _listed(step.assumptions)),
        ("stands on", _numbers(step.stands_on) if step.stands_on else ""),
        ("files", ", ".join(step.files)),
        ("tests", ", ".join(step.tests)),
    )
    yield from (f"- {name}: {escaped(said)}" for name, said in notes if said)


def _listed(codes: Mapping[str, int]) -> str:
    return ", ".join(f"{code} ({number})" for code, number in codes.items())
