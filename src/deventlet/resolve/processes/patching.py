"""Which stdlib modules a piece of code monkey-patches: calls, wrappers and hooks.

A call counts by what its name denotes, never by the bare word. Of alternatives
only what all of them patch counts; loops, and conditions that cannot be decided,
count as not run. Only files that mention ``monkey_patch`` or a function that leads
to it are parsed.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from pathlib import PurePosixPath

from deventlet.resolve import api
from deventlet.resolve.chains import called_name
from deventlet.resolve.names import UNKNOWN as UNRESOLVED
from deventlet.resolve.names import Names
from deventlet.resolve.processes.literals import (
    UNKNOWN,
    Frame,
    evaluate,
    from_environment,
    options,
)
from deventlet.resolve.processes.texts import MAIN, Texts
from deventlet.resolve.processes.told import CONFTEST_HOOKS
from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.scopes import BindingKind, Scope

PATCHABLE = frozenset({"os", "select", "socket", "subprocess", "thread", "time"})
"""What ``monkey_patch()`` patches when it is told nothing (eventlet 0.41)."""

PATCH = "eventlet.monkey_patch"
_INTEREST = api.Named(frozenset({PATCH}))
_IS_PATCHED = "eventlet.patcher.is_monkey_patched"
_NOTHING: frozenset[str] = frozenset()
_UNDECIDED_KEYWORDS = 4
"""More keywords than this of unknown value count as patching nothing."""

_CLASS_HOOKS = frozenset(
    {"setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class"}
)
_MODULE_HOOKS = frozenset({"setUpModule", "setup_module"})

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "orelse", "finalbody")


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the repository that leads to a patch call."""

    module: Module
    node: _FunctionNode
    scope: Scope

    @property
    def name(self) -> str:
        """The dotted name under which it is called."""
        return f"{self.module.name}.{self.node.name}"


@dataclass(frozen=True, slots=True)
class Hook:
    """What a test framework calls by itself, and what that patches.

    ``owner`` is the class whose tests it is for; empty for those of the module.
    ``first`` says that it is called before any test is loaded.
    """

    module: str
    owner: str
    patches: frozenset[str]
    first: bool


class Patching:
    """The patch calls of one repository.

    :param ignored: branches whose condition mentions one of these words are taken
        for not run.
    :param spellings: other names of Eventlet's, such as a library's own function.
    :param told: attributes of ``sys`` that are set before anything is loaded.
    """

    def __init__(
        self,
        texts: Texts,
        ignored: Sequence[str] = (),
        spellings: Mapping[str, str] | None = None,
        told: frozenset[str] = frozenset(),
    ) -> None:
        self.texts = texts
        self.project = texts.project
        self.ignored = tuple(ignored)
        self.spellings = spellings or {}
        self.told = told
        self.names = Names(self.project, _INTEREST, self.spellings)
        self.functions: dict[str, list[Function]] = {}
        self._files: dict[str, Module] = {}
        self._memo: dict[object, frozenset[str]] = {}
        self._loaded: dict[str, list[str]] = {}
        self._somewhere: dict[str, frozenset[str]] = {}
        self._active: set[object] = set()
        self._discover()

    # -- what the rest asks -------------------------------------------------

    def where_told(self, told: frozenset[str]) -> Patching:
        """The same where attributes of ``sys`` are set to True."""
        return Patching(self.texts, self.ignored, self.spellings, told)

    def relied_on(self, keyword: str) -> list[str]:
        """The ignored words without which less would be sure to patch ``keyword``."""
        return [word for word in self.ignored if keyword in self._lost_with[word]]

    @cached_property
    def _lost_with(self) -> dict[str, frozenset[str]]:
        """What is not sure to be patched if the branches on an ignored word count."""
        return {word: self._lost(word) for word in self.ignored}

    def _lost(self, word: str) -> frozenset[str]:
        texts = (self.texts[path].raw for path in self._files)
        if not any(word.encode() in text for text in texts):
            return _NOTHING
        others = [each for each in self.ignored if each != word]
        counted = Patching(self.texts, others, self.spellings, self.told)
        lost = _NOTHING
        for module in {each.name for each in self._files.values()}:
            lost |= self._patched_by(module) - counted._patched_by(module)
        for function in self.functions:
            lost |= self.calling(function) - counted.calling(function)
        return lost

    def _patched_by(self, module: str) -> frozenset[str]:
        return self.importing.get(module, _NOTHING) | self.script(module)

    @cached_property
    def found(self) -> bool:
        """Whether the repository calls ``monkey_patch`` at all."""
        modules = (self._files[path] for path in sorted(self._files))
        return bool(self.functions) or any(map(self._has_call, modules))

    def _has_call(self, module: Module) -> bool:
        frame = Frame(self.names, module, module.scopes.module, {})
        calls = (n for n in ast.walk(module.tree) if isinstance(n, ast.Call))
        return any(PATCH in self._called(call, frame) for call in calls)

    def on_condition(self, keyword: str) -> frozenset[str]:
        """The modules with a call that patches ``keyword``, if it runs at all."""
        if keyword not in self._somewhere:
            self._somewhere[keyword] = frozenset(
                module.name
                for module in self._files.values()
                if self._patches_somewhere(keyword, module)
            )
        return self._somewhere[keyword]

    def _patches_somewhere(self, keyword: str, module: Module) -> bool:
        calls = (n for n in ast.walk(module.tree) if isinstance(n, ast.Call))
        frame = Frame(self.names, module, module.scopes.module, {})
        direct = (call for call in calls if PATCH in self._called(call, frame))
        return any(keyword in _patched(call, frame) for call in direct)

    @cached_property
    def speaking(self) -> frozenset[str]:
        """The modules whose files mention what patches."""
        return frozenset(module.name for module in self._files.values())

    def leading(
        self, keyword: str, module: Module, calls: Iterable[ast.Call]
    ) -> Iterator[ast.Call]:
        """Those of a file's calls that patch, or are of a function that may."""
        frame = Frame(self.names, module, module.scopes.module, {})
        for call in calls:
            called = self._called(call, frame) - _UNRESOLVED
            if called - {PATCH} or (called and keyword in _patched(call, frame)):
                yield call

    @cached_property
    def apart(self) -> str:
        """Where a method calls ``monkey_patch``: who calls that is not followed.

        The first such place; empty if there is none.
        """
        places = (
            f"{path}:{call.lineno}"
            for path in sorted(self._files)
            for call in self._calls_in_functions(self._files[path])
        )
        return next(places, "")

    def _calls_in_functions(self, module: Module) -> Iterator[ast.Call]:
        for node in ast.walk(module.tree):
            if isinstance(node, _FunctionNode):
                frame = Frame(self.names, module, module.scopes.of(node), {})
                calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
                yield from (c for c in calls if PATCH in self._called(c, frame))

    @cached_property
    def importing(self) -> dict[str, frozenset[str]]:
        """What each module that patches when it is imported patches."""
        found = {m.name: self._module_level(m, m.name) for m in self._files.values()}
        return {name: found[name] for name in sorted(found) if found[name]}

    def on_loading(self, keyword: str, module: str) -> list[str]:
        """The modules that patch ``keyword`` whenever ``module`` is loaded."""
        return [name for name in self.loaded(module) if keyword in self.importing[name]]

    def loaded(self, module: str) -> list[str]:
        """The modules that patch something whenever ``module`` is loaded."""
        if module not in self._loaded:
            found = self.texts.surely_loaded(module, self._leading)
            self._loaded[module] = sorted(found & self.importing.keys())
        return self._loaded[module]

    @cached_property
    def _leading(self) -> frozenset[str]:
        return self.texts.leading_to(self.importing)

    def patched_from(self, keyword: str, module: Module) -> int:
        """The line of the statement of a file's own code that patches; 0 if none."""
        if keyword not in self.importing.get(module.name, _NOTHING):
            return 0
        body = module.tree.body
        size = bisect_left(
            range(len(body)),
            True,
            key=lambda end: keyword in self._run(module, module.name, body[: end + 1]),
        )
        return body[size].lineno if size < len(body) else 0

    def above(self, module: Module, around: Sequence[ast.AST]) -> frozenset[str]:
        """What is patched above a place in the blocks that it stands in.

        Whatever runs there runs behind that, and so does what is defined there. Left
        out are the module's own block, which :meth:`on_loading` knows, and calls that
        a test may replace.

        :param around: the path from the module down to the place.
        """
        if module.path not in self._files:
            return _NOTHING
        scope, total = module.scopes.module, _NOTHING
        for outer, inner in pairwise(around[1:]):
            if isinstance(outer, _FunctionNode):
                scope = module.scopes.of(outer)
            if not isinstance(outer, ast.ClassDef):
                above = _before(outer, inner)
                patched = self._block(above, self._frame(module, scope, {}))
                if patched and not any(map(self._is_replaced, self._called_in(above))):
                    total |= patched
        return total

    def _called_in(self, code: Iterable[ast.AST]) -> frozenset[str]:
        """The names by which code, and the functions that it calls, come to patch."""
        found, waiting = {"monkey_patch"}, list(code)
        while waiting:
            for call in ast.walk(waiting.pop()):
                name = called_name(call)
                if name in self._words - found:
                    found.add(name)
                    waiting += (f.node for f in self._functions_called(name))
        return frozenset(found)

    def _functions_called(self, name: str) -> Iterator[Function]:
        for dotted, functions in self.functions.items():
            if dotted.rpartition(".")[2] == name:
                yield from functions

    def _is_replaced(self, name: str) -> bool:
        """Whether any file may put something else in the place of a function.

        It says the name as the end of a string, or assigns it behind a dot.
        """
        word = as_bytes(name)
        said = re.compile(rb"['\".:]%b['\"]|\.%b[ \t]*=(?!=)" % (word, word))
        read = self.project.read_or_empty
        return any(said.search(read(path)) for path in self.project.holding(word))

    def script(self, module: str) -> frozenset[str]:
        """What the module's own code patches when it is run as a script."""
        loaded = self._files.get(self.project.by_name[module])
        return _NOTHING if loaded is None else self._module_level(loaded, MAIN)

    def calling(self, dotted: str) -> frozenset[str]:
        """What calling a function of the repository without arguments patches."""
        return self._every(self._targets(dotted), None, None)

    @cached_property
    def hooks(self) -> list[Hook]:
        """What test frameworks call that patches something, by module."""
        return [
            hook
            for path in sorted(self._files)
            for hook in self._hooks(self._files[path])
            if hook.patches
        ]

    # -- finding the functions ----------------------------------------------

    def _discover(self) -> None:
        spelled = (n for n, api in self.names.shims.items() if api == PATCH)
        self._words = {"monkey_patch", *(n.rpartition(".")[2] for n in spelled)}
        waiting = self.texts.containing(frozenset(self._words))
        while waiting:
            fresh: dict[str, list[Function]] = {}
            for path in waiting:
                for function in self._patching_functions(path):
                    fresh.setdefault(function.name, []).append(function)
            self.functions.update(fresh)
            names = {*fresh, *(name for path in waiting for name in self._named(path))}
            self._words.update(name.rpartition(".")[2] for name in names)
            waiting = self._callers(names) if names else []

    def _patching_functions(self, path: str) -> Iterator[Function]:
        """Functions of a file that are new to us and call what patches."""
        module = self.project.module(path)
        if module is None:
            return
        self._files[path] = module
        for node in _statements(module.tree.body):
            if isinstance(node, _FunctionNode):
                function = Function(module, node, module.scopes.of(node))
                if function.name not in self.functions and self._patches(function):
                    yield function

    def _named(self, path: str) -> Iterator[str]:
        """New names that a file gives it, as in ``patch = eventlet.monkey_patch``."""
        module = self._files.get(path)
        bindings = module.scopes.module.bindings if module is not None else {}
        for name in sorted(bindings.keys() - self._words):
            for each in bindings[name]:
                if module and isinstance(each.value, ast.Attribute | ast.Name):
                    denoted = self.names.binding(module, each)
                    if any(map(_INTEREST.match, denoted)):
                        yield f"{module.name}.{name}"

    def _patches(self, function: Function) -> bool:
        return self._calls(function.node, function.module, function.scope)

    def _leads(self, module: Module) -> bool:
        """Whether a file calls what patches anywhere."""
        return self._calls(module.tree, module, module.scopes.module)

    def _calls(self, node: ast.AST, module: Module, scope: Scope) -> bool:
        frame = Frame(self.names, module, scope, {})
        calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
        return any(self._called(call, frame) - _UNRESOLVED for call in calls)

    def _callers(self, fresh: Iterable[str]) -> list[str]:
        """Files that contain a function's name and can have got it from its file."""
        found: set[str] = set()
        for name in sorted(fresh):
            owner, _, word = name.rpartition(".")
            paths = self.texts.containing(frozenset({word}))
            found.add(self.project.by_name[owner])
            for each in self._sources(owner, word, paths):
                imported = self.project.imported_modules
                found.update(path for path in paths if each in imported(path))
        return sorted(found)

    def _sources(self, owner: str, word: str, paths: list[str]) -> set[str]:
        """The module and those that pass the name on."""
        sources: set[str] = set()
        waiting = {owner}
        while waiting:
            sources |= waiting
            waiting = {
                self.project.names[path]
                for path in paths
                for item in self.project.imports(path)
                if item.module in waiting and item.name in (word, "*")
            } - sources
        return sources & self.project.by_name.keys()

    # -- what a name is -------------------------------------------------------

    def _called(self, call: ast.Call, frame: Frame) -> frozenset[str]:
        """Every patching function that a call may call; UNRESOLVED among others."""
        denoted = set(frame.denotes(call.func))
        if isinstance(call.func, ast.Name) and UNRESOLVED in denoted:
            bindings = frame.module.scopes.bindings(call.func.id, frame.scope)
            if bindings and all(_is_module_function(frame.module, b) for b in bindings):
                denoted = {f"{frame.module.name}.{call.func.id}"}
        targets = [self._targets(each) for each in sorted(denoted)]
        return frozenset().union(*targets)

    def _targets(self, dotted: str) -> frozenset[str]:
        """The patching functions that a dotted path leads to."""
        if _INTEREST.match(dotted):
            return frozenset({PATCH})
        if dotted in self.functions:
            return frozenset({dotted})
        owner, _, name = dotted.rpartition(".")
        if name not in self._words or owner not in self.project.by_name:
            return self._through_attribute(owner, name)
        target = self.project.named(owner)
        if target is None:
            return _UNRESOLVED
        return self._passed_on(target, name, "")

    def _through_attribute(self, owner: str, name: str) -> frozenset[str]:
        """``shim.eventlet.monkey_patch``: an attribute of what a module passes on."""
        package, _, middle = owner.rpartition(".")
        if name not in self._words or package not in self.project.by_name:
            return _UNRESOLVED
        if middle.encode() not in self.texts.of(package).raw:
            return _UNRESOLVED
        target = self.project.named(package)
        return _UNRESOLVED if target is None else self._passed_on(target, middle, name)

    def _passed_on(self, module: Module, name: str, rest: str) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for binding in module.scopes.bindings(name, module.scopes.module):
            for each in self.names.binding(module, binding):
                full = f"{each}.{rest}" if rest else each
                own = f"{module.name}.{name}"
                found |= _UNRESOLVED if full == own else self._targets(full)
        return found or _UNRESOLVED

    # -- what code does ---------------------------------------------------------

    def _frame(
        self, module: Module, scope: Scope, known: Mapping[str, object]
    ) -> Frame:
        """Where conditions are evaluated."""
        return Frame(self.names, module, scope, known, self.ignored, self.told)

    def _module_level(self, module: Module, name: str) -> frozenset[str]:
        """What a file patches under a name; a bare ``raise`` in it patches nothing."""
        if not self._leads(module):
            return _NOTHING
        return self._run(module, name, module.tree.body)

    def _run(
        self, module: Module, name: str, body: Sequence[ast.stmt]
    ) -> frozenset[str]:
        """What statements of a file's own code patch when it is loaded as a name."""
        scope, known = module.scopes.module, {"__name__": name}
        frame = self._frame(module, scope, known)
        return self._block(body, frame)

    def _block(self, body: Sequence[ast.stmt], frame: Frame) -> frozenset[str]:
        total = _NOTHING
        for index, statement in enumerate(body):
            if isinstance(statement, ast.If):
                rest = body[index + 1 :] if _returns(statement) else ()
                total |= self._if(statement, rest, frame)
            else:
                total |= self._statement(statement, frame)
            if isinstance(statement, ast.Raise):
                return PATCHABLE  # nothing runs after this, patched or not
            if _returns(statement):
                break
            frame = _after(statement, frame)
        return total

    def _if(
        self, node: ast.If, rest: Sequence[ast.stmt], frame: Frame
    ) -> frozenset[str]:
        """The branch that is known to run, else what all branches patch.

        Whoever opts out by the environment knows what they do: a branch under
        such a condition that patches wins over one that does not.
        """
        asked = self._expression(node.test, frame)
        truth = evaluate(node.test, frame)
        if truth is not UNKNOWN:
            chosen = node.body if truth else node.orelse
            return asked | self._block([*chosen, *rest], frame)
        return asked | self._either(node, rest, frame)

    def _either(
        self, node: ast.If, rest: Sequence[ast.stmt], frame: Frame
    ) -> frozenset[str]:
        """What both branches patch, or one where the environment chooses."""
        first = self._block([*node.body, *rest], frame)
        second = self._block([*node.orelse, *rest], frame)
        chosen = not (first and second) and not _raises(node.body, node.orelse)
        if chosen and from_environment(node.test, frame):
            return first | second
        return first & (second | _asked_for(node.test, frame))

    def _statement(self, node: ast.stmt, frame: Frame) -> frozenset[str]:
        match node:
            case ast.Try(body=body, orelse=orelse, finalbody=last):
                return self._block([*body, *orelse], frame) | self._block(last, frame)
            case (
                ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body)
            ):
                found = [self._expression(i.context_expr, frame) for i in items]
                return self._block(body, frame).union(*found)
            case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.Return():
                return self._expression(node.value, frame)
        return _NOTHING

    def _expression(self, expr: ast.expr | None, frame: Frame) -> frozenset[str]:
        found = _NOTHING
        for call in _unconditional_calls(expr):
            targets = self._called(call, frame)
            found |= self._every(targets, call, frame)
        return found

    def _every(
        self, targets: frozenset[str], call: ast.Call | None, frame: Frame | None
    ) -> frozenset[str]:
        """What is patched whichever of the functions is called."""
        if not targets or UNRESOLVED in targets:
            return _NOTHING
        effects = []
        for target in sorted(targets):
            if target == PATCH:
                effects.append(_patched(call, frame))
            else:
                effects += [self._call(f, call, frame) for f in self.functions[target]]
        return frozenset.intersection(*effects)

    def _call(
        self, function: Function, call: ast.Call | None, frame: Frame | None
    ) -> frozenset[str]:
        known = _arguments(function, call, frame)
        key = (function, tuple(sorted((k, repr(v)) for k, v in known.items())))
        if key in self._memo:
            return self._memo[key]
        if key in self._active:
            return _NOTHING
        self._active.add(key)
        inner = self._frame(function.module, function.scope, known)
        result = self._block(function.node.body, inner)
        self._active.discard(key)
        if not self._active:
            self._memo[key] = result
        return result

    # -- hooks --------------------------------------------------------------

    def _hooks(self, module: Module) -> Iterator[Hook]:
        conftest = PurePosixPath(module.path).name == "conftest.py"
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if _is_hook(method, _CLASS_HOOKS):
                        yield self._hook(module, node.name, method)
            elif _is_hook(node, _MODULE_HOOKS) or (
                conftest and _is_hook(node, CONFTEST_HOOKS)
            ):
                yield self._hook(module, "", node)

    def _hook(self, module: Module, owner: str, node: ast.stmt) -> Hook:
        assert isinstance(node, _FunctionNode)
        scope = module.scopes.of(node)
        frame = self._frame(module, scope, {})
        first = not owner and node.name in CONFTEST_HOOKS
        return Hook(module.name, owner, self._block(node.body, frame), first)


_UNRESOLVED = frozenset({UNRESOLVED})


def _asked_for(test: ast.expr, frame: Frame) -> frozenset[str]:
    """The module X of ``not is_monkey_patched(X)``: patched if the test is false."""
    match test:
        case ast.UnaryOp(
            op=ast.Not(), operand=ast.Call(func=func, args=[ast.Constant(value=str(x))])
        ) if _IS_PATCHED in frame.denotes(func):
            return frozenset({x})
    return _NOTHING


def _is_module_function(module: Module, binding: object) -> bool:
    kind = getattr(binding, "kind", None)
    scope = getattr(binding, "scope", None)
    return kind is BindingKind.FUNCTION and scope is module.scopes.module


def _is_hook(node: ast.stmt, names: frozenset[str]) -> bool:
    """A function that the framework calls by its name, or a fixture used by all."""
    if not isinstance(node, _FunctionNode):
        return False
    return node.name in names or any(map(_is_autouse, node.decorator_list))


def _is_autouse(decorator: ast.expr) -> bool:
    """``@pytest.fixture(autouse=True)``."""
    match decorator:
        case ast.Call(
            func=ast.Attribute(attr="fixture") | ast.Name(id="fixture"),
            keywords=keywords,
        ):
            return any(
                k.arg == "autouse"
                and isinstance(k.value, ast.Constant)
                and k.value.value is True
                for k in keywords
            )
    return False


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Module-level statements, those under ``if``, ``try`` and ``with`` too."""
    for node in body:
        yield node
        match node:
            case ast.If(body=first, orelse=second):
                yield from _statements([*first, *second])
            case ast.Try(body=first, handlers=handlers, orelse=second, finalbody=last):
                handled = [s for handler in handlers for s in handler.body]
                yield from _statements([*first, *handled, *second, *last])
            case ast.With(body=first):
                yield from _statements(first)


def _before(outer: ast.AST, inner: ast.AST) -> Sequence[ast.stmt]:
    """The statements of a block that stand above one of it."""
    for block in (getattr(outer, name, None) for name in _BLOCKS):
        if isinstance(block, list) and inner in block:
            return block[: block.index(inner)]
    return ()


def _unconditional_calls(expr: ast.expr | None) -> Iterator[ast.Call]:
    """Calls in an expression that are made whenever it is evaluated."""
    waiting: list[ast.AST] = [] if expr is None else [expr]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                continue
            case ast.GeneratorExp():
                continue
            case ast.IfExp(test=first) | ast.BoolOp(values=[first, *_]):
                waiting.append(first)
                continue
            case ast.Call():
                yield node
        waiting += ast.iter_child_nodes(node)


def _returns(statement: ast.stmt) -> bool:
    """Whether a statement may leave the function, Eventlet being there."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            return True
        if isinstance(node, _FunctionNode | ast.ClassDef | ast.expr):
            continue
        if isinstance(node, ast.ExceptHandler) and _handles_import(node):
            continue
        waiting += ast.iter_child_nodes(node)
    return False


def _handles_import(handler: ast.ExceptHandler) -> bool:
    names = ("ImportError", "ModuleNotFoundError")
    return isinstance(handler.type, ast.Name) and handler.type.id in names


def _patched(call: ast.Call | None, frame: Frame | None) -> frozenset[str]:
    """What a call of ``monkey_patch`` with these keywords patches at least."""
    if call is None or frame is None:
        return _NOTHING
    values: dict[str, object] = {}
    for keyword in call.keywords:
        given = [keyword] if keyword.arg else options(keyword.value, frame)
        if given is None:
            return _NOTHING
        values |= {str(k.arg): evaluate(k.value, frame) for k in given}
    unknown = [name for name, value in values.items() if value is UNKNOWN]
    if len(unknown) > _UNDECIDED_KEYWORDS:
        return _NOTHING
    found = PATCHABLE
    for guess in product((True, False), repeat=len(unknown)):
        found &= switched_on({**values, **dict(zip(unknown, guess, strict=True))})
    return found


def _raises(*branches: Sequence[ast.stmt]) -> bool:
    """Whether one of the branches ends by an error: it says nothing of the other."""
    return any(each and isinstance(each[-1], ast.Raise) for each in branches)


def switched_on(keywords: dict[str, object]) -> frozenset[str]:
    """The rule of ``eventlet.patcher.monkey_patch``."""
    default = keywords.pop("all", None)
    if default is None:
        default = True not in keywords.values()
    return frozenset(name for name in PATCHABLE if keywords.get(name, default))


def _arguments(
    function: Function, call: ast.Call | None, frame: Frame | None
) -> dict[str, object]:
    """The parameters whose values are known when the function begins."""
    args = function.node.args
    plain = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    known = _defaults(args, plain)
    if call is not None and frame is not None:
        known.update(_passed(call, plain, frame))
    bindings = function.scope.bindings
    return {
        name: value
        for name, value in known.items()
        if value is not UNKNOWN
        and all(each.scope is function.scope for each in bindings.get(name, ()))
    }


def _after(statement: ast.stmt, frame: Frame) -> Frame:
    """What is known of parameters and local names behind a statement."""
    if isinstance(statement, ast.If):
        truth = evaluate(statement.test, frame)
        if truth is not UNKNOWN:
            for each in statement.body if truth else statement.orelse:
                frame = _after(each, frame)
            return frame
    if isinstance(statement, _FunctionNode | ast.ClassDef):
        return frame
    bound: dict[str, object] = {
        node.id: UNKNOWN
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            bound[name] = evaluate(value, frame)
    known = {n: bound.get(n, value) for n, value in frame.known.items()}
    decided = (n for n, value in bound.items() if value is not UNKNOWN)
    known |= {n: bound[n] for n in decided if frame.is_local(n)}
    return frame if known == frame.known else replace(frame, known=known)


def _defaults(args: ast.arguments, plain: list[str]) -> dict[str, object]:
    pairs = [
        *zip(reversed(plain), reversed(args.defaults), strict=False),
        *zip([arg.arg for arg in args.kwonlyargs], args.kw_defaults, strict=True),
    ]
    return {n: d.value for n, d in pairs if isinstance(d, ast.Constant)}


def _passed(call: ast.Call, plain: list[str], frame: Frame) -> dict[str, object]:
    """What a call passes; everything is unknown if it unpacks something."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        return dict.fromkeys(plain, UNKNOWN)
    found = {n: evaluate(a, frame) for n, a in zip(plain, call.args, strict=False)}
    found.update((str(k.arg), evaluate(k.value, frame)) for k in call.keywords)
    return found
