"""Which functions stand in the place of one: fakes of tests, and what is bound anew.

A call of ``work(event)`` gives the event to what a test puts in the place of ``work``,
too, which no call names; ``Worker().work(event)`` to the method of what is put in the
place of ``Worker``. Says what that may be; follows no value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deventlet.resolve.chains import last_name
from deventlet.resolve.mock_uses import is_mock
from deventlet.resolve.values.definitions import (
    FUNCTIONS,
    HOPS,
    NAMED,
    NOT_KNOWN,
    Definition,
    Receiver,
    by_place,
    decorator_names,
    is_static,
    parts,
)
from deventlet.resolve.values.replacing import OF_CLASSES, OF_FUNCTIONS, Put, puts

if TYPE_CHECKING:
    from deventlet.resolve.project import Module
    from deventlet.resolve.values.program import Program

_DATA = (
    ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_ITERATORS = frozenset({"chain", "count", "cycle", "iter", "list", "range", "repeat"})


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a call may run in the place of a function.

    :param found: None for what is not seen.
    :param put: where it is put there.
    :param with_object: it gets the object that a method is called on first.
    :param is_certain: it is put in the place of that function, and not of one that is
        only called the same.
    :param is_only: and it is named nowhere else, so that nothing else runs it.
    """

    found: Definition | None
    put: Put
    with_object: bool
    is_certain: bool
    is_only: bool


@dataclass(eq=False)
class StandIns:
    """What stands in the place of the functions of a repository."""

    program: Program
    _puts: dict[tuple[str, tuple[str, ...]], list[Put]] = field(default_factory=dict)
    _of: dict[Definition, list[StandIn]] = field(default_factory=dict)

    def of(self, function: Definition) -> list[StandIn]:
        """What may run where a function is called."""
        if function not in self._of:
            self._of[function] = list(self._find(function))
        return self._of[function]

    def _find(self, function: Definition) -> Iterator[StandIn]:
        name = getattr(function.node, "name", "")
        for put, is_certain in self._puts_for(function, name):
            if put.how != "given":
                yield from self._put(put, function, is_certain)
        home = self._class_of(function)
        if home is not None and name != "__init__":  # that goes with its class
            family = self.program.classes.below(home) | {home}
            for owner in sorted(family, key=by_place):
                yield from self._of_class(owner, name, family)

    def _of_class(
        self, owner: Definition, name: str, family: frozenset[Definition]
    ) -> Iterator[StandIn]:
        """The methods of what stands in the place of a class.

        Those of one that derives from it are known to be called, too.
        """
        for put, is_certain in self._puts_for(owner, getattr(owner.node, "name", "")):
            for each in dict.fromkeys(self._classes(put)):
                if each not in family:
                    for found in self._method(each, name):
                        bound = found is not None and not is_static(found.node)
                        yield StandIn(found, put, bound, is_certain, False)

    def _puts_for(self, found: Definition, name: str) -> Iterator[tuple[Put, bool]]:
        """What is put in the place of a definition, and whether it surely is."""
        for put in self._named(found, name):
            is_certain = self._is_put_for(put, name, found)
            if is_certain or self._owner(put).unknown:
                yield put, is_certain
        for other in sorted(self._aliases(found, name)):
            for put in self._named(found, other):
                if self._is_put_for(put, other, found):
                    yield put, True

    def _named(self, found: Definition, name: str) -> list[Put]:
        """What is put in the place of any such definition of a name."""
        later = OF_CLASSES if isinstance(found.node, ast.ClassDef) else OF_FUNCTIONS
        key = name, later
        if name and key not in self._puts:
            self._puts[key] = list(puts(self.program, name, later))
        return self._puts.get(key, [])

    def _aliases(self, found: Definition, name: str) -> frozenset[str]:
        """The names under which other files import a definition."""
        if not name or self._class_of(found) is not None:
            return frozenset()
        project = self.program.project
        return frozenset(
            each.bound
            for path in self.program.words.holding(name)
            for each in project.imports(path)
            if each.name == name != each.bound and self._gives(each.module, name, found)
        )

    def _gives(
        self, module: str, name: str, found: Definition, hops: int = HOPS
    ) -> bool:
        """Whether a module has a definition by a name, as the texts of imports say."""
        project = self.program.project
        if module == found.module.name or module not in project.by_name or not hops:
            return module == found.module.name
        return any(
            self._gives(each.module, name, found, hops - 1)
            for each in project.imports(project.by_name[module])
            if each.name in (name, "*")
        )

    def _put(
        self, put: Put, function: Definition, is_certain: bool
    ) -> Iterator[StandIn]:
        with_object = self._gets_object(put, function)
        is_class = isinstance(function.node, ast.ClassDef)
        own = self._made(function) if is_class else ()
        for each in parts(put.value) or [put.value]:
            is_only = is_certain and self._is_only(put, each)
            for found in self._run(put, each):
                if found is None or found not in own:
                    bound = with_object or _is_init(found)
                    yield StandIn(found, put, bound, is_certain, is_only)

    # -- whose function it is ------------------------------------------------

    def _is_put_for(self, put: Put, name: str, function: Definition) -> bool:
        """Whether it is that function whose place is taken."""
        owner, home = self._owner(put), self._class_of(function)
        meanings, classes = self.program.meanings, self.program.classes
        if any(function in meanings.module_level(each, name) for each in owner.modules):
            return True
        return any(
            function in classes.methods(each, name) or home in classes.below(each)
            for each in owner.classes
        )

    def _owner(self, put: Put) -> Receiver:
        """What the name is taken from."""
        if isinstance(put.owner, str):
            return self._at(put.owner)
        if put.owner is None:
            return NOT_KNOWN
        if self.program.meanings.is_foreign(put.owner, put.module):
            return Receiver()
        return self.program.receivers.receiver(put.owner, put.module)

    def _at(self, path: str) -> Receiver:
        """What a dotted path leads to; nothing if that is not of the repository."""
        project, words = self.program.project, path.split(".")
        known = (
            n
            for n in range(len(words), 0, -1)
            if ".".join(words[:n]) in project.by_name
        )
        end = next(known, 0)
        module = project.named(".".join(words[:end])) if end else None
        found = Receiver(modules=(module,) if module is not None else ())
        for word in words[end:]:
            found = self._member(found, word)
        return found

    def _member(self, owner: Receiver, name: str) -> Receiver:
        if not owner.modules:
            return NOT_KNOWN if owner.unknown or owner.classes else owner
        project, names = self.program.project, self.program.names
        found = [
            d
            for m in owner.modules
            for d in self.program.meanings.module_level(m, name)
        ]
        classes = frozenset(d for d in found if d and isinstance(d.node, ast.ClassDef))
        dotted = {each for m in owner.modules for each in names.member(m.name, name)}
        modules = tuple(filter(None, map(project.named, sorted(dotted))))
        return Receiver(classes, False, modules, not (classes or modules))

    def _class_of(self, function: Definition) -> Definition | None:
        if isinstance(function.node, ast.ClassDef):
            return None
        return self.program.places.class_of(function.module, function.node)

    def _gets_object(self, put: Put, function: Definition) -> bool:
        """Whether what is put into a class is called as the method that was there."""
        if self._class_of(function) is None or is_bare(function.node):
            return False
        if put.how == "run" and not put.with_object:
            return False
        if put.owner is None or isinstance(put.owner, str):
            return bool(self._owner(put).classes)
        found = self.program.meanings.definitions(put.owner, put.module)
        return any(d is not None and isinstance(d.node, ast.ClassDef) for d in found)

    # -- what is put there -------------------------------------------------------

    def _run(self, put: Put, expr: ast.expr) -> Iterator[Definition | None]:
        """The functions that a call of an expression runs; None for one not seen."""
        for found in self._functions(put, expr):
            yield from self._made(found) if found is not None else (None,)

    def _made(self, called: Definition) -> list[Definition | None]:
        """What runs where a function, or a class, is called."""
        if isinstance(called.node, ast.ClassDef):
            return self._method(called, "__init__")
        return [called]

    def _method(self, owner: Definition | None, name: str) -> list[Definition | None]:
        """The functions of a name that a class has; None for one that is not seen."""
        if owner is None:
            return [None]
        classes = self.program.classes
        found = classes.methods(owner, name)
        return [*found] if found or not classes.is_external(owner) else [None]

    def _classes(self, put: Put) -> Iterator[Definition | None]:
        """Of which classes an object is that is made there instead."""
        for each in parts(put.value) or [put.value]:
            if put.how == "given":
                yield from self._made_by(each, put.module)
                continue
            for found in self._functions(put, each):
                if found is None or isinstance(found.node, ast.ClassDef):
                    yield found
                else:
                    for result in self._results(found):
                        yield from self._made_by(result, found.module)

    def _results(self, function: Definition) -> Iterator[ast.expr]:
        if isinstance(function.node, ast.Lambda):
            yield function.node.body
        elif isinstance(function.node, NAMED):
            for each in self.program.places.results(function.node):
                if each.value is not None:
                    yield each.value

    def _made_by(self, expr: ast.expr, module: Module) -> Iterator[Definition | None]:
        """The classes of what an expression gives; None for one that is not seen."""
        if _is_data(expr) or is_mock(expr):
            return
        receiver = self.program.receivers.receiver(expr, module)
        yield from receiver.classes
        if not receiver.classes or receiver.unknown:
            made = list(self.program.meanings.made_of(expr, module))
            if not (made and all(_is_data(each) or is_mock(each) for each in made)):
                yield None

    def _functions(self, put: Put, expr: ast.expr) -> Iterator[Definition | None]:
        """The functions that an expression gives; None for one that is not seen."""
        for found in self.program.meanings.definitions(expr, put.module):
            if found is None:
                yield from self._objects(put, expr)
            elif isinstance(found.node, FUNCTIONS) or not (
                put.how != "itself" and self.program.classes.is_external(found)
            ):
                yield found

    def _is_only(self, put: Put, expr: ast.expr) -> bool:
        """Whether a function is named there and nowhere else in its file."""
        if isinstance(expr, ast.Attribute):
            found = self.program.places.attributes_in(put.module, expr.attr)
            return len(found) == 1
        name = getattr(expr, "id", "")
        return isinstance(expr, ast.Lambda) or len(put.module.scopes.loads(name)) == 1

    def _objects(self, put: Put, expr: ast.expr) -> Iterator[Definition | None]:
        """What is called of something that is no definition."""
        if _is_data(expr) or is_mock(expr) or _is_raised(put, expr):
            return
        receiver = self.program.receivers.receiver(expr, put.module)
        for owner in receiver.classes:
            yield from self.program.classes.methods(owner, "__call__")
        if not receiver.classes:
            values = self.program.meanings.made_of(expr, put.module)
            made = [each for each in values if each is not expr]
            for each in made:
                yield from self._objects(put, each)
            if not made:
                yield None


def _is_init(found: Definition | None) -> bool:
    return found is not None and getattr(found.node, "name", "") == "__init__"


def is_bare(function: ast.AST) -> bool:
    """Whether a method gets no object, or maybe its class."""
    return bool(decorator_names(function) & {"staticmethod", "classmethod"})


def _is_data(expr: ast.expr) -> bool:
    """Whether an expression gives what nobody calls."""
    return isinstance(expr, _DATA)


def _is_raised(put: Put, expr: ast.expr) -> bool:
    """Whether a mock raises it, or gives what is in it, by how it is written."""
    func = expr.func if isinstance(expr, ast.Call) else expr
    name = last_name(func)
    is_class = name[:1].isupper()
    return put.how != "itself" and (
        is_class or (name in _ITERATORS and func is not expr)
    )
