"""Mocks of a native function that would meet calls which they did not meet before.

``mock.patch("time.sleep")`` in a test of a function that sleeps in two ways counts one
of them; when ``eventlet.sleep`` becomes ``time.sleep`` there, it would count both. And
a mock of ``eventlet.sleep`` that moves counts what slept by ``time.sleep`` before. Of
functions that give nothing only mocks that are asked something count, or that have a
fake. Reads texts first, and parses a test only if its words lead to the call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass, field

from deventlet.driver.mocks.intercepts import BACKGROUND
from deventlet.driver.mocks.through import POOLED, POOLS
from deventlet.driver.reach.holding import held_text, is_class_wide
from deventlet.driver.reach.leading import Leading, Place
from deventlet.driver.reach.named import with_users
from deventlet.driver.reach.running import Running, name_of
from deventlet.resolve.mock_parts import is_silent
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.mock_uses import asks, stored_fakes
from deventlet.resolve.mocks import OPENING, mocks_of
from deventlet.resolve.offsets import node_at
from deventlet.resolve.processes.testing import is_test_path
from deventlet.resolve.project import DEFINITIONS, Module, Project, as_bytes
from deventlet.resolve.receivers import imported_path
from deventlet.resolve.uses import Use

_EVENTLET = ("eventlet.", "oslo_", "futurist.")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NEAR = 200
_OWN_CALL = re.compile(rb"(?<![\w.])(?:self\.|cls\.)?(\w+)\(")
_SET = re.compile(rb"[ \t]?=(?!=)")
_SILENT = frozenset({"time.sleep"})
"""Functions of which nobody misses the result."""
_BASES = {
    "queue.LifoQueue": ("queue.Queue",),
    "queue.PriorityQueue": ("queue.Queue",),
    "threading.BoundedSemaphore": ("threading.Semaphore",),
    "threading.Timer": ("threading.Thread",),
}
"""The classes of the standard library that others have their methods from."""
_OF_ANY = frozenset({"mock_calls", "method_calls"})
"""What a mock of a module tells of all its functions."""


@dataclass(eq=False)
class Counting:
    """Answers about one state of a repository.

    :param ours: the calls, by identity, that mock a name of Eventlet's.
    """

    project: Project
    running: Running
    ours: Set[int]
    _leading: Leading = field(init=False)
    _files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[tuple[str, str], list[Target]] = field(default_factory=dict)
    _loaded: dict[str, frozenset[str]] = field(default_factory=dict)
    _native: dict[str, frozenset[Place]] = field(default_factory=dict)
    _methods: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._leading = Leading(self.project)

    def of(self, use: Use, replacement: str) -> str:
        """Where a mock would count a call that becomes one of another function.

        :param replacement: the dotted name of that function.
        :returns: the place of the mock; empty if there is none.
        """
        place = _place(use)
        for target in self._mocks(use, replacement) if place.name else ():
            if self._may_run(target, use, place, replacement):
                return f"{target.module.path}:{target.node.lineno}"
        return ""

    def around_method(self, use: Use, native: str) -> str:
        """Where a mock of a method holds around a use of what becomes its object.

        :param native: the dotted name of the class that the object will be of.
        :returns: the method, and the place of the mock; empty if there is none.
        """
        for owner in (native, *_BASES.get(native, ())):
            for each in self._mocked_methods(owner):
                where = self.around(use, each)
                if where:
                    return f"{each} at {where}"
        return ""

    def around(self, use: Use, dotted: str) -> str:
        """Where a mock of a function, asked for nothing, holds around a use.

        :param dotted: a function that the use comes to, but for its name.
        :returns: the place of the mock; empty if there is none.
        """
        place = _place(use)
        for path in self._saying(dotted) if place.name else ():
            if not self._is_near(path, use):
                continue
            for target in self._in_file(path, dotted):
                if _is_of(target, dotted) and self._runs(target, use, place):
                    return f"{path}:{target.node.lineno}"
        return ""

    def beside(self, target: Target, uses: Collection[Use], replacement: str) -> str:
        """Where a mock that moves would count a call of the native function.

        :param uses: the calls that it intercepts.
        :returns: the file and function of the call; empty if there is none.
        """
        if not _counts(target, replacement):
            return ""
        own = _functions(uses)
        others = self._natives(replacement) - own
        if not others:
            return ""
        known = self.running.names(target, frozenset())
        if known is not None:
            met = {each for each in others if self._is_met(each, target, known, own)}
        else:
            met = {
                each
                for place in sorted(own)
                for each in self._near(self._led(target, place), others)
            }
        return _told(met)

    def pooled(
        self, target: Target, uses: Collection[Use], mocked: Collection[int]
    ) -> str:
        """Where a pool meets a mock that moves, by way of Eventlet.

        :param uses: the calls that it intercepts, which are no pool's.
        :param mocked: as for :meth:`Running.may_run`.
        :returns: the file and function of the call; empty if there is none.
        """
        others = self._pools(f"{target.owner}.{target.attribute}")
        if not others:
            return ""
        known, own = self.running.names(target, mocked), _functions(uses)
        if known is not None:
            met = {each for each in others if self._is_met(each, target, known, own)}
        else:
            led = (self._led(target, place) for place in own)
            met = set(others).intersection(frozenset().union(*led))
        return _told(met)

    def _is_met(
        self,
        other: Place,
        target: Target,
        known: Set[str],
        own: Collection[Place],
    ) -> bool:
        """Whether a function may run with others, whose names are known."""
        if other.name not in known:
            return False
        if self._name(other) not in self._load(target.module.name):
            return False
        paths = {
            target.module.path,
            *(p.path for each in own for p in self._leading.to(each)),
        }
        if any(self._leading.is_meant(other, path) for path in sorted(paths)):
            return True
        return self._leading.is_made(other, target.module.path)

    # -- the mocks that there are ------------------------------------------------

    def _mocks(self, use: Use, replacement: str) -> Iterator[Target]:
        """The mocks of a function in tests whose words lead to a use."""
        for path, dotted in self._spoken(use, replacement):
            if self._is_near(path, use):
                key = path, dotted
                if key not in self._found:
                    found = self._in_file(path, dotted)
                    self._found[key] = [
                        mock
                        for mock in found
                        if id(mock.call) not in self.ours
                        and (
                            _counts(mock, replacement, dotted != replacement)
                            or self._is_taken(mock)
                        )
                    ]
                yield from self._found[key]

    def _mocked_methods(self, native: str) -> tuple[str, ...]:
        """The methods of a class in whose place files put something, by their texts."""
        if native not in self._methods:
            owner, _, name = map(as_bytes, native.rpartition("."))
            replaced = re.compile(
                rb"%b(?:(?<=\b%b\.%b)|(?<![\w.]%b))(?:\.|\s*,\s*['\"])"
                rb"(\w+)(?:['\"]|[ \t]?=(?!=))" % (name, owner, name, name)
            )
            found = {
                f"{native}.{each.decode()}"
                for path in self.project.holding(name)
                for each in replaced.findall(self.project.read_or_empty(path))
            }
            self._methods[native] = tuple(sorted(found))
        return self._methods[native]

    def _is_taken(self, mock: Target) -> bool:
        """Whether another file uses the attribute that holds a mock."""
        words = [as_bytes(f".{name}") for name in sorted(asks(mock).kept)]
        texts = map(self.project.read_or_empty, self._users(mock.module.path))
        return any(word in text for text in texts for word in words)

    def _is_near(self, path: str, use: Use) -> bool:
        """Whether a file's tests may load that of a use, and say what leads to it."""
        names = {self.project.names[each] for each in [path, *self._users(path)]}
        if not any(use.module.name in self._load(each) for each in sorted(names)):
            return False
        if path == use.module.path:
            return True
        place = _place(use)
        return any(
            self._leading.run(place, each, self.project.read_or_empty(each))
            or self._leading.is_made(place, each)
            for each in [path, *self._users(path)]
        )

    def _load(self, name: str) -> frozenset[str]:
        """The modules that the tests of a file may load."""
        if name not in self._loaded:
            self._loaded[name] = with_users(self.project, name)
        return self._loaded[name]

    def _users(self, path: str) -> list[str]:
        """The files whose tests may run under what a file mocks for others."""
        folder, _, last = path.rpartition("/")
        if last == "conftest.py":
            return [p for p in self.project.paths if p.startswith(f"{folder}/")]
        return self.project.importers.get(self.project.names[path], [])

    def _spoken(self, use: Use, replacement: str) -> Iterator[tuple[str, str]]:
        """The files that put something in the place of a name, and of which.

        That is the function, or the module under the name that the use's file has.
        """
        for path in self._saying(replacement):
            yield path, replacement
        owner, name = replacement.rpartition(".")[0], use.module.name
        for dotted in (f"{name}.{each}" for each in _names_of(use.module, owner)):
            if dotted not in self._files:
                self._files[dotted] = tuple(
                    path
                    for path in self.project.importers.get(name, ())
                    if any(_spelt(self.project.read_or_empty(path), dotted))
                )
            for path in self._files[dotted]:
                yield path, dotted

    def _saying(self, dotted: str) -> tuple[str, ...]:
        """The files that put something in the place of a name, by their text."""
        if dotted not in self._files:
            last = as_bytes(dotted.rpartition(".")[2])
            self._files[dotted] = tuple(
                path
                for path in self.project.holding(last)
                if any(_spelt(self.project.read_or_empty(path), dotted))
            )
        return self._files[dotted]

    def _in_file(self, path: str, dotted: str) -> Iterator[Target]:
        """The mocks of a name in one file, by its own path or a module's of it."""
        module = self.project.module(path)
        if module is None:
            return
        owner, _, attribute = dotted.rpartition(".")
        found = list(_spelt(module.source.utf8, dotted))
        for each in sorted({name for name, _ in found if name}):
            if each == dotted or not each.startswith(_EVENTLET):
                yield from mocks_of(module, each)
        for name, start in found:
            nodes = node_at(module, start)
            if isinstance(nodes[-1], ast.keyword) and isinstance(nodes[-2], ast.Call):
                yield Target(
                    module, nodes[-2], nodes[:-2], nodes[-2], "object", dotted, owner,
                    attribute, problem="mock.multiple",
                )  # fmt: skip
            apart = not name or not any(isinstance(n, ast.Call) for n in nodes)
            if apart and isinstance(nodes[-1], ast.expr):
                yield Target(
                    module, nodes[-1], nodes[:-1], None, "object", dotted, owner,
                    attribute,
                )  # fmt: skip

    # -- what runs under them --------------------------------------------------------

    def _may_run(
        self, target: Target, use: Use, place: Place, replacement: str
    ) -> bool:
        """Whether a call runs while a mock holds that would count it.

        What mocks for many tests has to be for a native call on the way.
        """
        if _is_for_many(target) and target.module is not use.module:
            run = self._led(target, place)
            return bool(self._near(run, self._natives(replacement)))
        return self._runs(target, use, place)

    def _runs(self, target: Target, use: Use, place: Place) -> bool:
        """Whether a call runs while a mock holds.

        Where that is not known, whether the test's words lead there.
        """
        if target.module is use.module:
            return _holder(target) in use.parents
        if not self._led(target, place):
            return False
        known = self.running.names(target, frozenset())
        return known is None or place.name in known

    def _led(self, target: Target, place: Place) -> frozenset[Place]:
        """What leads from where a mock holds to a function, and that one."""
        module, text = target.module, _text(target)
        if not _is_for_many(target):
            text += self._helpers(module, text)
            found = self._leading.run(place, module.path, text)
            return found or self._of_object(target, place, text)
        paths = [module.path, *self._users(module.path)]
        each = (
            self._leading.run(place, p, self.project.read_or_empty(p)) for p in paths
        )
        return frozenset().union(*each)

    def _of_object(self, target: Target, place: Place, text: bytes) -> frozenset[Place]:
        """A method, if a test may call it on an object that its file has made.

        Other files make it, so that the class is not named; nor is it by a name of the
        method that many have.
        """
        known = self.running.names(target, frozenset())
        if known is None:
            found = self._leading.said({place}, text)
        else:
            found = frozenset({place} if place.name in known else ())
        is_made = self._leading.is_made
        return frozenset(p for p in found if is_made(p, target.module.path))

    def _helpers(self, module: Module, text: bytes) -> bytes:
        """The texts of a test file's own functions that others of it name."""
        found: dict[str, bytes] = {}
        waiting = [text]
        while waiting:
            words = {each.decode() for each in _OWN_CALL.findall(waiting.pop())}
            for name in words.intersection(module.definitions).difference(found):
                if not name.startswith("test"):
                    each = self._leading.texts(Place(module.path, name))
                    found[name] = b"\n".join(each)
                    waiting.append(found[name])
        return b"\n".join(found.values())

    def _natives(self, replacement: str) -> frozenset[Place]:
        """The functions that call the native one, by its module's name."""
        if replacement not in self._native:
            called = re.compile(
                rb"%b(?<![\w.]%b)\(" % ((re.escape(as_bytes(replacement)),) * 2)
            )
            self._native[replacement] = frozenset(
                each
                for path in self.project.containing([as_bytes(f"{replacement}(")])
                if not is_test_path(path)
                for each in self._leading.at(path, self._starts(path, called))
            )
        return self._native[replacement]

    def _pools(self, dotted: str) -> frozenset[Place]:
        """The functions in which a pool comes to one of Eventlet's."""
        if dotted not in self._native:
            called = POOLED.get(dotted)
            self._native[dotted] = frozenset(
                each
                for path in self.project.containing(POOLS if called else ())
                if called is not None and not is_test_path(path)
                for each in self._leading.at(path, self._starts(path, called))
            )
        return self._native[dotted]

    def _starts(self, path: str, called: re.Pattern[bytes]) -> Iterator[int]:
        """Where a text has a call."""
        text = self.project.read_or_empty(path)
        return (found.start() for found in called.finditer(text))

    def _near(
        self, run: Collection[Place], natives: Collection[Place]
    ) -> frozenset[Place]:
        """Those of some functions that others are, or call."""
        found = set(natives).intersection(run)
        for place in run:
            text = b"\n".join(self._leading.texts(place))
            said = self._leading.said(natives, text)
            found |= {each for each in said if self._leading.is_meant(each, place.path)}
        return frozenset(found)

    def _name(self, place: Place) -> str:
        return self.project.names[place.path]


def _is_of(target: Target, dotted: str) -> bool:
    """Whether a mock that names what it replaces apart means the owner of a name.

    Not another class of the same name: ``patch.object(objects.Event, "wait")``.
    """
    owner = dotted.rpartition(".")[0]
    if target.form != "object" or target.call is None or "." not in owner:
        return True
    given = ast.unparse(target.call.args[0]) if target.call.args else owner
    if f".{given}".endswith(f".{owner}"):
        return True
    bound = target.module.scopes.module.bindings.get(given, ())
    return any(b.alias and imported_path(target.module, b) == owner for b in bound)


def _told(places: Collection[Place]) -> str:
    """The first of some functions; empty for none."""
    return next((f"{each.name}() of {each.path}" for each in sorted(places)), "")


def _functions(uses: Iterable[Use]) -> frozenset[Place]:
    return frozenset(map(_place, uses))


def _place(use: Use) -> Place:
    """The function around a use, by the name under which others reach it."""
    return Place(use.module.path, name_of([*use.parents, use.node]))


def _spelt(text: bytes, dotted: str) -> Iterator[tuple[str, int]]:
    """How and where a text spells a name that is mocked; empty where it is assigned.

    ``"svc.time.sleep"``, ``time, "sleep"``, ``time.sleep =``; empty, too, where one of
    several is given: ``patch.multiple("time", sleep=…)``.
    """
    owner, _, attribute = dotted.rpartition(".")
    last = owner.rpartition(".")[2]
    whole = re.compile(
        rb"""%b((?:\w+\.)*%b\.)\Z""" % (OPENING, as_bytes(re.escape(owner)))
    )
    apart = re.compile(rb"""\b%b\s*,\s*['"]\Z""" % as_bytes(re.escape(last)))
    given = re.compile(rb"""\b%b\.\Z""" % as_bytes(re.escape(last)))
    among = re.compile(
        rb"""\bmultiple\(\s*['"]?[\w.]*\b%b['"]?\s*,[^()]*\Z"""
        % as_bytes(re.escape(last))
    )
    word = as_bytes(attribute)
    start = text.find(word)
    while start >= 0:
        before = text[max(0, start - _NEAR) : start]
        behind = text[start + len(word) : start + len(word) + 3]
        if behind[:1] in (b"'", b'"'):
            path = whole.search(before)
            if path is not None:
                yield path[1].decode() + attribute, start
            elif apart.search(before):
                yield f"{last}.{attribute}", start
        elif _SET.match(behind) and (given.search(before) or among.search(before)):
            yield "", start
        start = text.find(word, start + len(word))


def _names_of(module: Module, dotted: str) -> list[str]:
    """The names that a file has for another module."""
    return sorted(
        name
        for name, bindings in module.scopes.module.bindings.items()
        if any(b.alias and imported_path(module, b) == dotted for b in bindings)
    )


def _is_for_many(target: Target) -> bool:
    """Whether a mock holds for more than the test that makes it."""
    name = getattr(_holder(target), "name", "")
    return not _is_around(target) and (
        is_class_wide(target) or not name.startswith("test")
    )


def _text(target: Target) -> bytes:
    """What runs while a mock holds, as far as its own file has it."""
    if not _is_around(target):
        return held_text(target)
    holder = _holder(target)
    assert isinstance(holder, ast.stmt)
    return target.module.source.utf8[slice(*target.module.source.span(holder))]


def _is_around(target: Target) -> bool:
    """Whether a mock holds for one ``with`` statement, or one call of a function."""
    holder = _holder(target)
    if isinstance(holder, (ast.With, ast.AsyncWith)):
        return not any(isinstance(node, ast.Yield) for node in ast.walk(holder))
    return isinstance(holder, _FUNCTIONS) and target.call in holder.decorator_list


def _holder(target: Target) -> ast.AST:
    """The ``with`` statement, or the function, in which a mock holds."""
    around = [node for node in target.parents if isinstance(node, ast.stmt)]
    if around and isinstance(around[-1], (ast.With, ast.AsyncWith)):
        return around[-1]
    functions = [node for node in around if isinstance(node, DEFINITIONS)]
    return functions[-1] if functions else target.module.tree


def looks(target: Target) -> bool:
    """Whether a test asks a mock for its calls, or has it do something."""
    found = asks(target)
    given = [*found.given, *target.fakes, *stored_fakes(target)]
    return bool(found.lost or given or any(ask.path for ask in found.found))


def _counts(target: Target, replacement: str, is_whole: bool = False) -> bool:
    """Whether a test would tell that a mock gets a call more.

    :param is_whole: whether the module of the function is replaced.
    """
    if replacement not in _SILENT or BACKGROUND.search(_text(target)):
        return True
    if target.problem:  # a mock that gets its name from the call is not followed
        return True
    found = asks(target)
    given = [*found.given, *target.fakes]
    same = replacement, replacement.rpartition(".")[2]
    silent = all(
        is_silent(each, target.module) or ast.unparse(each) in same for each in given
    )
    if found.lost or not silent or any(stored_fakes(target)):
        return True
    own = _OF_ANY | {replacement.rpartition(".")[2]}
    return any(ask.path and (not is_whole or ask.path[0] in own) for ask in found.found)
