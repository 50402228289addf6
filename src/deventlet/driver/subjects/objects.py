"""Subjects for objects: what makes one, with every use of it, in whichever files.

An object that is lost from sight is refused as a whole, because some of its uses
cannot be changed. Objects that share a use are one subject. Decides nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from deventlet.codemod import Site, Subject
from deventlet.driver.reach.module_values import is_value
from deventlet.driver.subjects.find import find
from deventlet.driver.subjects.findings import Findings, expression_use, site_of
from deventlet.driver.text.statements import around
from deventlet.resolve import facts
from deventlet.resolve.chains import last_name
from deventlet.resolve.mock_targets import is_met_by
from deventlet.resolve.names import Names
from deventlet.resolve.scopes import ScopeKind
from deventlet.resolve.tree import ancestors
from deventlet.resolve.uses import Use
from deventlet.resolve.values import Escape, Member, Origin, Place, Values, kinds

_OWNERS = {
    "original": "eventlet.patcher.original",
    "GreenThreadPoolExecutor": "futurist.GreenThreadPoolExecutor",
    "GreenFuture": "futurist.GreenFuture",
    "eventletutils.Event": "oslo_utils.eventletutils.Event",
}
"""The names of the kinds that are not called as their class in Eventlet is."""

_TESTS = ("tests", "test", "testing")
"""Folders of files that only tests run."""

_SAID_BY_ITSELF = frozenset({"with", "iter", "raise"})
"""Uses that may be one and the same expression as what makes the object."""


def find_all(names: Names, replaces: Mapping[str, str]) -> Findings:
    """Every subject of the names of interest; objects with all their uses.

    :param replaces: as for :func:`~deventlet.driver.subjects.find.find`.
    """
    findings = find(names, replaces)
    makers = (*kinds.CONSTRUCTORS, *kinds.GREEN_CONSTRUCTORS)
    if any(names.interest.match(api) and not _is_green(api) for api in makers):
        _trace(findings, names)
    return findings


def _trace(findings: Findings, names: Names) -> None:
    """Turn the calls that make objects into subjects with all their uses.

    What a green module makes is put aside: its uses stay as they are when the module
    becomes the standard one, wherever it goes.
    """
    every = Values(names, findings.modules).objects
    origins = [origin for origin in every if not _is_green(origin.api)]
    for origin in every:
        if _is_green(origin.api) and origin.members:
            _put_aside(findings, origin)
    made = {id(use.call or use.node): site for site, use in findings.uses.items()}
    named = _named_by(findings)
    given = _given_by(origins)
    sites = {
        id(origin): _sites(findings, origin, made, named, given) for origin in origins
    }
    joined = _joined(origins, sites)
    taken = {s: group for group in joined for o in group for s in sites[id(o)]}
    public = _bind(findings, names, taken)
    _hand_over(findings, frozenset(taken))
    patched = list(_patched_members(findings))
    for origin in origins:
        for site in sites[id(origin)]:
            for api, method, place in patched:
                if site.api == api and _is_reached(names, origin, site, method, place):
                    findings.objections[site] = "mock.stays", place
    for group in joined:
        _add(findings, group, sites, public)
    findings.subjects.sort(key=lambda subject: subject.origin)


def _is_reached(
    names: Names, origin: Origin, site: Site, method: str, place: str
) -> bool:
    """Whether a mocked method of a class is one that an object runs in that test."""
    used = {member.name for member in origin.members}
    return is_met_by(method, used) and _may_run(
        names, place.partition(":")[0], site.path
    )


def _may_run(names: Names, test: str, path: str) -> bool:
    """Whether a test may run a file: it imports it, or says its name.

    For a file of tests the name is not enough. A test that imports nothing of the
    repository loads what it runs in another way, so that it may be any file.
    """
    project = names.project
    if project.names[path] in project.closure(project.names[test]):
        return True
    if set(_TESTS).intersection(path.split("/")):
        return False
    if not project.imported_modules(test):
        return True
    return PurePosixPath(path).stem.encode() in project.read_or_empty(test)


def _patched_members(findings: Findings) -> Iterator[tuple[str, str, str]]:
    """The classes of which something replaces a member by its object, which, and where.

    ``patch.object(LightQueue, "get")`` would no longer reach the objects.
    """
    for site, use in findings.uses.items():
        call = use.parents[-1] if use.parents else None
        if (
            site.form == "reference"
            and isinstance(call, ast.Call)
            and use.node in call.args[:1]
            and len(call.args) > 1
            and (name := _name(call.args[1]))
        ):
            yield site.api, name, f"{site.path}:{site.line}"


def _name(node: ast.expr) -> str:
    """What a string says, if it is the name of something; or nothing."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and value.isidentifier() else ""


def _named_by(findings: Findings) -> dict[Site, tuple[Site, ...]]:
    """For each use of ``Queue = eventlet.queue.LightQueue``, where that is said.

    The name and all that is made through it change together.
    """
    return {
        site: given
        for subject in findings.subjects
        if (given := tuple(s for s in subject.bindings if s.form == "reference"))
        for site in subject.sites
    }


def _bind(findings: Findings, names: Names, taken: Collection[Site]) -> frozenset[Site]:
    """Tell which assignments name a class for nothing but to make objects with it.

    All that is said by the name is a part of objects, or an import of it.

    :returns: those of them whose name is public.
    """
    public: set[Site] = set()
    for subject in findings.subjects:
        given = [site for site in subject.bindings if site.form == "reference"]
        said = all(site in taken or site.form == "import" for site in subject.sites)
        if said and not any(_is_reached_otherwise(findings, names, s) for s in given):
            for site in given:
                named = facts.Member("named", "reference")
                findings.members.setdefault(site, named)
            public.update(given if subject.exported else ())
    return frozenset(public)


def _is_reached_otherwise(findings: Findings, names: Names, site: Site) -> bool:
    """Whether a name of a module may be asked for in a way that is not followed.

    The module itself goes somewhere, or is asked for names that are computed.
    """
    use = findings.uses[site]
    if use.scope.kind is not ScopeKind.MODULE:
        return False
    others = [path for path in names.project.paths if path != site.path]
    by_itself = b"globals" in use.module.source.utf8
    return by_itself or is_value(names.project, use.module, others)


def _given_by(origins: Iterable[Origin]) -> dict[int, Site]:
    """The calls whose results change together with an object, by a use of it there."""
    return {
        id(member.place.call or member.place.parent): _member_site(origin, member)
        for origin in origins
        for member in origin.members
        if (origin.kind, member.name) in kinds.CHANGE_TOGETHER
    }


def _put_aside(findings: Findings, origin: Origin) -> None:
    """The uses of an object that stay, for whoever wants to see them all."""
    sites = tuple(dict.fromkeys(_member_site(origin, m) for m in origin.members))
    subject = Subject(sites[0].api, "object", sites)
    findings.companions.append(subject)
    findings.traced[subject] = (origin,)
    findings.refused[subject] = "object.follows", ""


def _is_green(api: str) -> bool:
    """Whether an API is a module that stands for one of the standard library."""
    return api.startswith("eventlet.green.")


def _sites(
    findings: Findings,
    origin: Origin,
    made: dict[int, Site],
    named: Mapping[Site, tuple[Site, ...]],
    given: Mapping[int, Site],
) -> tuple[Site, ...]:
    """The site that makes an object, if one does, then its uses."""
    found: dict[Site, None] = {}
    own = _made_at(findings, origin, made, given)
    if own is not None:
        along = () if origin.circle else named.get(own, ())
        found.update(dict.fromkeys((own, *along)))
        if own.form == "reference":
            findings.members.setdefault(own, facts.Member(_said(origin), "reference"))
    for node, how in _named_along(findings, origin, own):
        if (named_there := made.get(id(node))) is not None:
            found[named_there] = None
            findings.members.setdefault(named_there, facts.Member(how, "reference"))
    if origin.how == "created" and id(origin.node) in given:
        found[given[id(origin.node)]] = None
    for member in origin.members:
        if member.node is origin.node and member.name in _SAID_BY_ITSELF:
            if own is not None and own.form != "method":
                findings.members.setdefault(own, _fact(member))
            continue
        site = _member_site(origin, member)
        found[site] = None
        findings.uses.setdefault(site, _use(member.place, site.api))
        findings.members.setdefault(site, _fact(member))
    return tuple(found)


def _named_along(
    findings: Findings, origin: Origin, own: Site | None
) -> Iterator[tuple[ast.AST, str]]:
    """Where the class is named for what an object is, and how."""
    yield from ((tested, "isinstance") for tested in origin.tests)
    if own is not None and origin.kind in kinds.CAUGHT and origin.how == "created":
        yield from ((node, "caught") for node in _caught_around(findings.uses[own]))


def _caught_around(use: Use) -> Iterator[ast.expr]:
    """What is caught right around the ``with`` that a use opens.

    Without what a handler does something with: that is an object of its own.
    """
    attempt = around(use)
    for handler in attempt.handlers if attempt is not None else ():
        loads = (n for each in handler.body for n in ast.walk(each))
        named = any(isinstance(n, ast.Name) and n.id == handler.name for n in loads)
        if isinstance(handler.type, ast.Tuple):
            yield from () if named else handler.type.elts
        elif handler.type is not None and not named:
            yield handler.type


def _made_at(
    findings: Findings,
    origin: Origin,
    made: Mapping[int, Site],
    given: Mapping[int, Site],
) -> Site | None:
    """The site that makes an object, or the method of another one that gives it."""
    if origin.how == "product":
        return given.get(id(origin.node))
    own = made.get(id(origin.node))
    if own is None and origin.how == "created" and isinstance(origin.node, ast.Call):
        own = _given(origin.node, made)
        own = own or _through_module(findings, origin, origin.node)
    return own


def _said(origin: Origin) -> str:
    """How the class is named; a ``factory`` is called without an argument."""
    node = origin.node
    if origin.how != "created" or not isinstance(node, ast.Call):
        return origin.how
    is_factory = any(keyword.arg == "default_factory" for keyword in node.keywords)
    name = last_name(node.func)
    return "factory" if is_factory or name == "defaultdict" else origin.how


def _given(call: ast.Call, made: Mapping[int, Site]) -> Site | None:
    """The class in ``defaultdict(Event)`` or ``Field(factory=Event)``."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return next((made[id(v)] for v in values if id(v) in made), None)


def _through_module(findings: Findings, origin: Origin, call: ast.Call) -> Site:
    """``subprocess.Popen(...)``, where the name that is imported is the module's."""
    name = getattr(call.func, "attr", "")
    api = f"{origin.api}.{name}" if name else origin.api
    site = site_of(origin.module, call, api, "call")
    place = Place(origin.module, call.func, ancestors(origin.module.tree, call.func))
    findings.uses.setdefault(site, _use(place, api))
    return site


def _fact(member: Member) -> facts.Member:
    """What a codemod is told; ``with sem as x`` uses what entering gives."""
    above = member.place.parent
    used = isinstance(above, ast.withitem) and above.optional_vars is not None
    return facts.Member(member.name, "assigned" if used else member.result)


def _use(place: Place, api: str) -> Use:
    """A use of an object as what a codemod may ask about."""
    return expression_use(place.module, place.node, place.parents, api)


def _member_site(origin: Origin, member: Member) -> Site:
    """A method's call, or the attribute, with the kind and the member as its API."""
    api = f"{_OWNERS.get(origin.kind, f'eventlet.{origin.kind}')}.{member.name}"
    call = member.place.call
    is_method = isinstance(member.node, ast.Attribute) and call is not None
    node = call if is_method and call is not None else member.node
    return site_of(member.module, node, api, "method")


def _joined(
    origins: Iterable[Origin], sites: dict[int, tuple[Site, ...]]
) -> list[list[Origin]]:
    """The objects in groups that have a place in the source in common."""
    group_of: dict[tuple[str, int, int], list[Origin]] = {}
    for origin in origins:
        group = [origin]
        for key in _keys(origin, sites):
            other = group_of.get(key)
            if other is not None and other is not group:
                group += other
                for each in other:
                    for known in _keys(each, sites):
                        group_of[known] = group
            group_of[key] = group
    every = {id(group): group for group in group_of.values()}
    return [sorted(group, key=_place) for group in every.values()]


def _keys(
    origin: Origin, sites: Mapping[int, tuple[Site, ...]]
) -> list[tuple[str, int, int]]:
    """What objects have in common that are one subject: places, or that they meet."""
    circle = [("", origin.circle, 0)] if origin.circle else []
    return [*circle, *map(_key, sites[id(origin)])]


def _key(site: Site) -> tuple[str, int, int]:
    return site.path, site.start, site.end


def _place(origin: Origin) -> tuple[str, int, int]:
    node = origin.node
    return (
        origin.module.path,
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
    )


def _hand_over(findings: Findings, taken: frozenset[Site]) -> None:
    """Take the sites that belong to objects out of the other subjects."""
    kept: list[Subject] = []
    for subject in findings.subjects:
        rest = tuple(site for site in subject.sites if site not in taken)
        if rest == subject.sites:
            kept.append(subject)
            continue
        problem = findings.refused.pop(subject, None)
        if problem is not None and not taken.isdisjoint(subject.bindings):
            findings.objections.update(dict.fromkeys(subject.sites, problem))
        if rest:
            smaller = replace(subject, sites=rest)
            kept.append(smaller)
            if problem is not None:
                findings.refused[smaller] = problem
            elif all(site.form == "import" for site in rest):
                gone = frozenset(subject.sites).difference(rest)
                findings.followers[smaller] = gone
        elif problem is not None:
            findings.objections.update(dict.fromkeys(subject.sites, problem))
    findings.subjects[:] = kept


def _add(
    findings: Findings,
    group: list[Origin],
    sites: dict[int, tuple[Site, ...]],
    public: Collection[Site],
) -> None:
    """One subject for objects that share their uses."""
    every = dict.fromkeys(site for origin in group for site in sites[id(origin)])
    distinct = {_key(site): site for site in reversed(every)}
    if not distinct:
        return
    makers = [s for s in every if s.form != "method" and distinct[_key(s)] is s]
    uses = sorted(site for site in distinct.values() if site.form == "method")
    api = makers[0].api if makers else group[0].api
    exported = any(site in public for site in makers)
    subject = Subject(api, "object", (*makers, *uses), exported=exported)
    findings.subjects.append(subject)
    findings.traced[subject] = tuple(group)
    findings.parts[subject] = tuple(sites[id(origin)] for origin in group)
    problem = next(_problems(findings, group, every), None)
    if problem is not None:
        findings.refused[subject] = problem
    beside = [e for origin in group for e in origin.escapes if e.is_beside]
    if beside:
        findings.mixed[subject] = told(beside[0])


def _problems(
    findings: Findings, group: list[Origin], sites: Iterable[Site]
) -> Iterator[tuple[str, str]]:
    """Why the subject cannot change, the most telling first."""
    yield from (findings.objections[s] for s in sites if s in findings.objections)
    for origin in group:
        for escape in origin.escapes:
            if not escape.is_beside:
                yield escape.reason, told(escape)


def told(escape: Escape) -> str:
    """Where a value is lost, and to what."""
    line = getattr(escape.node, "lineno", 0)
    where = f"{escape.module.path}:{line}"
    return f"{escape.detail} at {where}" if escape.detail else f"at {where}"
