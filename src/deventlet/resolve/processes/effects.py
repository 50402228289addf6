"""What a piece of code patches whenever it runs.

Of alternatives only what all of them patch counts; loops, and conditions that cannot
be decided, count as not run. Follows calls into the functions of the repository.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deventlet.resolve.names import UNKNOWN as UNRESOLVED
from deventlet.resolve.processes.literals import (
    UNKNOWN,
    Frame,
    evaluate,
    from_environment,
)
from deventlet.resolve.processes.monkey_patch import NOTHING, PATCH, PATCHABLE, patched
from deventlet.resolve.processes.patch_calls import Function, PatchCalls
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope

_IS_PATCHED = "eventlet.patcher.is_monkey_patched"
_UNRESOLVED = frozenset({UNRESOLVED})

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Effects:
    """What code patches, as far as it is sure.

    :param ignored: branches whose condition mentions one of these words are taken
        for not run.
    :param told: attributes of ``sys`` that are set before anything is loaded.
    """

    calls: PatchCalls
    ignored: Sequence[str] = ()
    told: frozenset[str] = frozenset()
    _memo: dict[object, frozenset[str]] = field(default_factory=dict)
    _active: set[object] = field(default_factory=set)

    # -- what the rest asks -------------------------------------------------

    def loading(self, module: Module, name: str) -> frozenset[str]:
        """What a file patches under a name; a bare ``raise`` in it patches nothing."""
        if not self.calls.leads(module):
            return NOTHING
        return self.running(module.tree.body, module, name)

    def running(
        self, body: Sequence[ast.stmt], module: Module, name: str
    ) -> frozenset[str]:
        """What statements of a file's own code patch when it is loaded as a name."""
        frame = self._frame(module, module.scopes.module, {"__name__": name})
        return self._block(body, frame)

    def within(
        self, body: Sequence[ast.stmt], module: Module, scope: Scope
    ) -> frozenset[str]:
        """What statements of a scope patch."""
        return self._block(body, self._frame(module, scope, {}))

    def calling(self, dotted: str) -> frozenset[str]:
        """What calling a function of the repository without arguments patches."""
        return self._every(self.calls.targets(dotted), None, None)

    # -- what code does ---------------------------------------------------------

    def _frame(
        self, module: Module, scope: Scope, known: Mapping[str, object]
    ) -> Frame:
        """Where conditions are evaluated."""
        return Frame(self.calls.names, module, scope, known, self.ignored, self.told)

    def _block(self, body: Sequence[ast.stmt], frame: Frame) -> frozenset[str]:
        total = NOTHING
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
        return NOTHING

    def _expression(self, expr: ast.expr | None, frame: Frame) -> frozenset[str]:
        found = NOTHING
        for call in _unconditional_calls(expr):
            targets = self.calls.called(call, frame)
            found |= self._every(targets, call, frame)
        return found

    def _every(
        self, targets: frozenset[str], call: ast.Call | None, frame: Frame | None
    ) -> frozenset[str]:
        """What is patched whichever of the functions is called."""
        if not targets or UNRESOLVED in targets:
            return NOTHING
        effects = []
        for target in sorted(targets):
            if target == PATCH:
                effects.append(patched(call, frame))
            else:
                effects += [
                    self._call(f, call, frame) for f in self.calls.functions[target]
                ]
        return frozenset.intersection(*effects)

    def _call(
        self, function: Function, call: ast.Call | None, frame: Frame | None
    ) -> frozenset[str]:
        known = _arguments(function, call, frame)
        key = (function, tuple(sorted((k, repr(v)) for k, v in known.items())))
        if key in self._memo:
            return self._memo[key]
        if key in self._active:
            return NOTHING
        self._active.add(key)
        inner = self._frame(function.module, function.scope, known)
        result = self._block(function.node.body, inner)
        self._active.discard(key)
        if not self._active:
            self._memo[key] = result
        return result


def _asked_for(test: ast.expr, frame: Frame) -> frozenset[str]:
    """The module X of ``not is_monkey_patched(X)``: patched if the test is false."""
    match test:
        case ast.UnaryOp(
            op=ast.Not(), operand=ast.Call(func=func, args=[ast.Constant(value=str(x))])
        ) if _IS_PATCHED in frame.denotes(func):
            return frozenset({x})
    return NOTHING


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


def _raises(*branches: Sequence[ast.stmt]) -> bool:
    """Whether one of the branches ends by an error: it says nothing of the other."""
    return any(each and isinstance(each[-1], ast.Raise) for each in branches)


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
