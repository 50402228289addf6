"""How often code runs: the loops around a place, and what a loop may go over.

Reads the source and decides nothing. What is not known to end counts as data that
may come for as long as it likes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from deventlet.resolve.facts import Loop
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind
from deventlet.resolve.values.callers import calls
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, parts
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_ONCE = Loop("once")
_ORDER = ("once", "finite", "data", "endless")
_CALLERS = 3
"""How many functions outwards a loop is looked for."""
_HOPS = 4
_LISTED = frozenset({
    "list", "tuple", "set", "frozenset", "dict", "sorted", "range", "vars", "dir",
})  # fmt: skip
"""Builtin functions whose result is all there when they return."""
_LAZY = frozenset({"enumerate", "zip", "reversed", "map", "filter", "iter"})
"""Builtin functions that end when what they are given ends."""
_LISTING = frozenset({
    "items", "keys", "values", "split", "rsplit", "splitlines", "readlines", "copy",
})  # fmt: skip
_ENDLESS = frozenset({"itertools.count", "itertools.cycle", "itertools.repeat"})
_TAKING = frozenset({"pop", "popleft", "popitem", "get_nowait"})
_OF_SIZED = frozenset({
    "append", "extend", "insert", "pop", "popleft", "remove", "sort", "index", "count",
    "items", "keys", "values", "update", "add", "discard", "setdefault", "appendleft",
})  # fmt: skip
"""Methods that a generator does not have."""
_DISPLAYS = (
    ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp,
)  # fmt: skip
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_REPEATING = (ast.For, ast.AsyncFor, ast.While, *_COMPREHENSIONS)


@dataclass(frozen=True, slots=True)
class Loops:
    """Answers about one state of a repository."""

    program: Program

    def inside(self, place: Place, outer: Sequence[ast.AST]) -> Loop:
        """The least bounded loop of a function around a place.

        :param outer: nodes of which a loop does not count.
        """
        return _worst(self._in_function(place, outer))

    def around(self, place: Place, outwards: int = _CALLERS) -> Loop:
        """The least bounded loop that runs a place again and again.

        :param outwards: how many functions outwards, from a function to the places
            that call it.
        """
        found = [*self._in_function(place)]
        function = self.program.places.function_of(place)
        if outwards and function is not None:
            definition = Definition(place.module, function)
            found += self._rounds(definition)
            for caller in calls(self.program, definition):
                if caller.call is not None:
                    found.append(self.around(caller.up(), outwards - 1))
        return _worst(found)

    def _rounds(self, function: Definition) -> Iterator[Loop]:
        """A function that has itself run again: ``spawn_after(60, self.poll)``.

        It depends on what comes where a condition is asked before.
        """
        for expr, is_asked in _given(function.node):
            name = ast.unparse(expr).rpartition(".")[2]
            if name == getattr(function.node, "name", "") and (
                function in self.program.meanings.definitions(expr, function.module)
            ):
                where = f"{function.module.path}:{expr.lineno}"
                yield Loop("data" if is_asked else "endless", where)

    def _in_function(
        self, place: Place, outer: Sequence[ast.AST] = ()
    ) -> Iterator[Loop]:
        """The loops around a place up to the function that it is in."""
        path = [*place.parents, place.node]
        inner: ast.AST | None = None
        for above, below in reversed([*pairwise(path)]):
            if isinstance(above, FUNCTIONS):
                return
            once = isinstance(below, ast.comprehension) and below.iter is inner
            first = once and getattr(above, "generators", [None])[0] is below
            kind = "" if first else self._kind(above, below, place.module)
            inner = below
            if kind and not any(above is each for each in outer):
                line = getattr(above, "lineno", 0)
                yield Loop(kind, f"{place.module.path}:{line}")

    def _kind(self, node: ast.AST, below: ast.AST, module: Module) -> str:
        if isinstance(node, ast.While) and below not in node.orelse:
            return "data" if _is_used_up(node) else "endless"
        if isinstance(node, (ast.For, ast.AsyncFor)) and below in node.body:
            return self._over(node.iter, module)
        if isinstance(node, _COMPREHENSIONS):
            kinds = [self._over(each.iter, module) for each in node.generators]
            return max(kinds, key=_ORDER.index)
        return ""

    def _over(self, iterable: ast.expr, module: Module) -> str:
        if self.is_finite(iterable, module):
            return "finite"
        return "endless" if self._is_endless(iterable, module) else "data"

    def _is_endless(self, expr: ast.expr, module: Module) -> bool:
        """``itertools.count()``, ``iter(f, end)``, a generator with ``while``."""
        if not isinstance(expr, ast.Call):
            return False
        if isinstance(expr.func, ast.Name) and expr.func.id == "iter":
            return len(expr.args) == 2
        if self.program.names.denoted(expr.func, module) & _ENDLESS:
            return not (self._is_repeat(expr) and len(expr.args) > 1)
        found = self.program.meanings.definitions(expr.func, module)
        return any(
            each is not None
            and not isinstance(each.node, (ast.Lambda, ast.ClassDef))
            and _yields_in_while(each.node)
            for each in found
        )

    def _is_repeat(self, call: ast.Call) -> bool:
        return ast.unparse(call.func).endswith("repeat")

    # -- what is all there ---------------------------------------------------

    def is_repeated(self, place: Place) -> bool:
        """Whether a place is in a loop of its function, or in a comprehension."""
        own = self.program.places.function_of(place)
        around = place.parents[place.parents.index(own) :] if own else place.parents
        return any(isinstance(node, _REPEATING) for node in around)

    def consumed(self, place: Place) -> str:
        """How what an expression gives is gone over once, and to its end.

        :returns: ``looped`` by a statement, ``collected`` by an expression, or nothing
            if it may not be.
        """
        above = place.parent
        if not (
            isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name)
        ):
            return _consumed(place)
        name, scopes = above.targets[0], place.module.scopes
        owner = scopes.resolve(name.id, scopes.scope_of(name))
        if owner is None or len(owner.bindings.get(name.id, ())) > 1:
            return ""
        loads = list(self.program.places.loads(place.module, name.id, owner))
        again = any(_is_in_other_loop(each, place) for each in loads)
        return "" if again else _consumed(place, loads)

    def is_finite(self, expr: ast.expr, module: Module, hops: int = _HOPS) -> bool:
        """Whether an iterable certainly ends, and reading it runs nothing of note."""
        if isinstance(expr, ast.Constant):
            return isinstance(expr.value, (str, bytes))
        if isinstance(expr, _DISPLAYS):
            return True
        if isinstance(expr, ast.Subscript):
            return isinstance(expr.slice, ast.Slice)
        if not hops:
            return False
        alternatives = parts(expr)
        if alternatives is not None:
            return all(self.is_finite(each, module, hops) for each in alternatives)
        if isinstance(expr, ast.BinOp):
            return self.is_finite(expr.left, module, hops)
        if isinstance(expr, ast.Call):
            return self._gives_finite(expr, module, hops)
        if isinstance(expr, ast.Name):
            return self._is_finite_name(expr, module, hops)
        return isinstance(expr, ast.Attribute) and self._is_sized_attribute(
            expr, module, hops
        )

    def _gives_finite(self, call: ast.Call, module: Module, hops: int) -> bool:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _LISTING:
            return True
        if isinstance(call.func, ast.Name):
            scope = module.scopes.scope_of(call.func)
            if module.scopes.is_free(call.func.id, scope):
                return call.func.id in _LISTED or (
                    call.func.id in _LAZY
                    and not (call.func.id == "iter" and len(call.args) > 1)
                    and any(self._input(a, call, module, hops) for a in call.args)
                )
        found = self.program.meanings.definitions(call.func, module)
        return bool(found) and all(
            each is not None and self._returns_finite(each, hops - 1) for each in found
        )

    def _input(
        self, argument: ast.expr, call: ast.Call, module: Module, hops: int
    ) -> bool:
        """Whether what a lazy function goes over ends; of ``zip`` one is enough."""
        assert isinstance(call.func, ast.Name)
        if call.func.id in ("map", "filter") and argument is call.args[0]:
            return False
        return self.is_finite(argument, module, hops - 1)

    def _returns_finite(self, found: Definition, hops: int) -> bool:
        if isinstance(found.node, (ast.Lambda, ast.ClassDef)):
            return False
        results = self.program.places.results(found.node)
        return bool(results) and all(
            isinstance(each, ast.Return)
            and each.value is not None
            and self.is_finite(each.value, found.module, hops)
            for each in results
        )

    def _is_finite_name(self, name: ast.Name, module: Module, hops: int) -> bool:
        scope = module.scopes.scope_of(name)
        bindings = module.scopes.bindings(name.id, scope)
        if bindings and all(self._gives_list(b, module, hops) for b in bindings):
            return True
        owner = module.scopes.resolve(name.id, scope)
        if owner is None or not bindings:
            return False
        if any(map(_says_sized, bindings)):
            return True
        places = self.program.places.loads(module, name.id, owner)
        return any(_needs_size(place) for place in places)

    def _gives_list(self, binding: Binding, module: Module, hops: int) -> bool:
        if binding.kind is BindingKind.AUGMENTED:
            return True
        value = binding.value
        if binding.kind is BindingKind.PARAMETER or value is None:
            return False
        return self.is_finite(value, module, hops - 1)

    def _is_sized_attribute(
        self, expr: ast.Attribute, module: Module, hops: int
    ) -> bool:
        """Whether every value of ``self.x`` is a list, or it is used as one."""
        given = [
            value
            for owner in self.program.receivers.receiver(expr.value, module).classes
            for each in (owner, *self.program.classes.above(owner))
            for value in self.program.classes.stores(each).get(expr.attr, ())
        ]
        if given and all(
            value is not None and self.is_finite(value, module, hops - 1)
            for value in given
        ):
            return True
        text = ast.unparse(expr)
        return any(
            _needs_size(place) and ast.unparse(place.node) == text
            for place in self.program.places.attributes_in(module, expr.attr)
        )


def _given(
    node: ast.AST, is_asked: bool = False
) -> Iterator[tuple[ast.Name | ast.Attribute, bool]]:
    """The names that the calls in a function are given, and whether under an ``if``.

    Those in a lambda among them, which whoever gets it may call.
    """
    if isinstance(node, ast.Call):
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            among = ast.walk(each) if isinstance(each, ast.Lambda) else (each,)
            for name in among:
                if isinstance(name, (ast.Name, ast.Attribute)):
                    yield name, is_asked
    is_asked = is_asked or isinstance(node, (ast.If, ast.IfExp))
    for child in ast.iter_child_nodes(node):
        yield from _given(child, is_asked)


def _worst(found: Iterable[Loop]) -> Loop:
    return max((_ONCE, *found), key=lambda loop: _ORDER.index(loop.kind))


def _is_used_up(loop: ast.While) -> bool:
    """Whether a loop takes from what is there: ``while jobs: jobs.pop()``."""
    tested = ast.unparse(loop.test)
    for node in ast.walk(loop):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in _TAKING
            and _is_part(node.value, tested)
        ):
            return True
        if (
            isinstance(node, ast.AugAssign)
            and isinstance(loop.test, ast.Compare)
            and _is_part(node.target, tested)
        ):
            return True
    return False


def _is_part(expr: ast.expr, tested: str) -> bool:
    names = {ast.unparse(n) for n in ast.walk(ast.parse(tested, mode="eval"))
             if isinstance(n, (ast.Name, ast.Attribute))}  # fmt: skip
    return ast.unparse(expr) in names


def _yields_in_while(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, ast.While)
        and any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node))
        for node in ast.walk(function)
    )


def _says_sized(binding: Binding) -> bool:
    """``*args``, ``names: list[str]``."""
    node = binding.node
    annotation = getattr(node, "annotation", None)
    text = ast.unparse(annotation) if annotation is not None else ""
    head = text.partition("[")[0].rpartition(".")[2].lower()
    return head in ("list", "tuple", "set", "dict", "sequence", "mapping", "frozenset")


def _needs_size(place: Place) -> bool:
    """Whether a use shows a value to be no generator: ``len(x)``, ``x[0]``."""
    above = place.parent
    if isinstance(above, ast.Call) and place.node in above.args:
        return isinstance(above.func, ast.Name) and above.func.id == "len"
    if isinstance(above, ast.Subscript):
        return above.value is place.node
    is_method = isinstance(above, ast.Attribute) and above.attr in _OF_SIZED
    if is_method and len(place.parents) > 1:
        return isinstance(place.parents[-2], ast.Call)
    return False


def _is_in_other_loop(load: Place, assigned: Place) -> bool:
    """Whether a loop that the assignment is not in may go over a name again."""
    loops = (ast.For, ast.AsyncFor, ast.While)
    return any(
        isinstance(node, loops)
        and node not in assigned.parents
        and getattr(node, "iter", None) is not load.node
        and node is not _draining(load)
        for node in load.parents
    )


def _consumed(place: Place, loads: Sequence[Place] = ()) -> str:
    """The same for an expression, or for what is loaded of a name bound to it.

    :param loads: where a name that the expression is assigned to is read.
    """
    above = place.parent
    if isinstance(above, (ast.For, ast.AsyncFor)) and above.iter is place.node:
        return "" if _leave_early(above.body) else "looped"
    if isinstance(above, ast.comprehension):
        whole = isinstance(place.parents[-2], (ast.ListComp, ast.SetComp, ast.DictComp))
        return "collected" if whole else ""
    if _draining(place):
        return "looped"
    if isinstance(above, ast.Call) and isinstance(above.func, ast.Name):
        whole = above.func.id in (*_LISTED, "sum", "min", "max")
        return "collected" if whole and above.args[:1] == [place.node] else ""
    if isinstance(above, ast.Assign) and len(above.targets) == 1 and len(loads) == 1:
        return _consumed(loads[0])
    return ""


def _draining(place: Place) -> ast.While | None:
    """The loop that asks for the ``next()`` one until there is none, and for no less.

    ``while True: try: x = next(results) except StopIteration: break``, with anything
    before or behind it that does not leave the loop.
    """
    match place.parents[-4:]:
        case [
            ast.While(test=ast.Constant(value=True)) as loop,
            ast.Try() as attempt,
            (ast.Assign() | ast.Expr()) as statement,
            ast.Call(func=ast.Name(id="next"), args=[only], keywords=[]),
        ] if only is place.node and attempt.body == [statement]:
            return loop if _ends_with_its_input(loop, attempt) else None
    return None


def _ends_with_its_input(loop: ast.While, attempt: ast.Try) -> bool:
    """Whether a ``StopIteration`` of one statement is all that leaves a loop."""
    match attempt.handlers:
        case [ast.ExceptHandler(type=ast.Name(id="StopIteration"), body=[ast.Break()])]:
            others = [each for each in loop.body if each is not attempt]
            return not _leave_early([*others, *attempt.orelse, *attempt.finalbody])
    return False


def _leave_early(body: Iterable[ast.stmt]) -> bool:
    """Whether a loop's statements may end it before its input, or pause in between."""
    waiting: list[tuple[ast.AST, bool]] = [(each, True) for each in body]
    while waiting:
        node, own = waiting.pop()
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(node, ast.Break) and own:
            return True
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            continue
        inner = own and not isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
    return False
