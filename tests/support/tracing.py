"""Runs programs under Eventlet and writes down which object is used where, and how.

Every attribute, ``with``, loop and ``raise`` of a program's own files goes through a
probe that notes its receiver, and every call through one that notes where an object
of Eventlet's came from. What is found is what happened, so that it can be compared
with what an analysis says may happen; nothing is judged here.

This file is also the script that runs inside: it may import nothing of the tests.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, TypeVar

_Probed = TypeVar("_Probed", bound=ast.expr)

_TIMEOUT = 300.0
_SECONDS_EACH = 10
_SEEN, _MADE = "__deventlet_seen__", "__deventlet_made__"
_ITERATING = frozenset(
    "all any dict enumerate filter frozenset iter list map max min set sorted sum"
    " tuple zip".split()
)
_TAKING_A_THREAD = frozenset(
    {"eventlet.kill", "greenthread.kill", "greenthread.cancel"}
)
_KINDS = {
    "eventlet.greenpool": ("GreenMap", "GreenPile", "GreenPool"),
    "eventlet.greenthread": ("GreenThread",),
    "greenlet": ("greenlet",),
    "eventlet.event": ("Event",),
    "eventlet.queue": ("PriorityQueue", "LifoQueue", "Queue", "LightQueue"),
    "eventlet.lock": ("Lock",),
    "eventlet.semaphore": ("BoundedSemaphore", "CappedSemaphore", "Semaphore"),
    "eventlet.timeout": ("Timeout",),
    "eventlet.tpool": ("Proxy",),
    "eventlet.corolocal": ("local",),
    "eventlet.greenio": ("GreenSocket",),
    "eventlet.green.subprocess": ("Popen",),
    "eventlet.green.threading": ("Event", "Thread", "Condition", "Timer"),
    "futurist": ("GreenThreadPoolExecutor", "GreenFuture"),
}
_PREFIX = {
    "eventlet.tpool": "tpool.",
    "eventlet.corolocal": "corolocal.",
    "eventlet.green.subprocess": "green.subprocess.",
    "eventlet.green.threading": "green.threading.",
}
_FOREIGN = ("eventlet", "greenlet", "futurist")


@dataclass(frozen=True, slots=True, order=True)
class Made:
    """An object of Eventlet's: its kind, and the call that it came out of first.

    :param line: 0 if it came out of no call of the program's own.
    :param direct: whether that call was to Eventlet itself, not to a function that
        hands on what somebody else made.
    :param subclass: whether its class is one of the program's.
    """

    kind: str
    path: str
    line: int
    direct: bool
    subclass: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Used:
    """One use of a member at one place.

    :param member: an attribute, or ``with``, ``iter``, ``next``, ``raise``.
    :param maker: index of the object in :attr:`Trace.made`; -1 if the receiver is
        nothing of Eventlet's.
    :param own: false if a class of the program answers in Eventlet's place: an
        override, an attribute of a subclass, a method of a mock.
    """

    path: str
    line: int
    member: str
    maker: int
    own: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one run of a program did."""

    made: tuple[Made, ...]
    used: tuple[Used, ...]
    error: str

    def kind(self, use: Used) -> str:
        """The kind of the receiver, empty if it is nothing of Eventlet's."""
        return self.made[use.maker].kind if use.maker >= 0 else ""


def trace_programs(programs: Mapping[str, Mapping[str, bytes]]) -> dict[str, Trace]:
    """Run the first file of each program, each in a process of its own.

    :param programs: the files of each program by its name.
    """
    with tempfile.TemporaryDirectory() as folder:
        mains = {}
        for index, (name, contents) in enumerate(programs.items()):
            root = Path(folder).resolve() / f"program{index}"
            for path, content in contents.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
            mains[name] = [str(root), next(iter(contents))]
        done = subprocess.run(
            [sys.executable, "-B", __file__],
            cwd=folder,
            input=json.dumps(mains),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return {name: _trace(found) for name, found in json.loads(done.stdout).items()}


def _trace(found: dict[str, Any]) -> Trace:
    return Trace(
        tuple(Made(**made) for made in found["made"]),
        tuple(sorted(Used(**used) for used in found["used"])),
        found["error"],
    )


# What follows runs inside.


@dataclass(eq=False, slots=True)
class Recorder:
    """Notes what the probes are shown, for files below ``root``."""

    root: Path
    kinds: Mapping[type, str]
    made: list[Made] = field(default_factory=list)
    used: set[Used] = field(default_factory=set)
    _objects: list[object] = field(default_factory=list)  # kept: ids must stay theirs
    _known: dict[int, int] = field(default_factory=dict)

    def seen(self, value: object, member: str, path: str, line: int) -> object:
        """Note a use and give the value back."""
        if type(value) is super:
            receiver, own = getattr(value, "__self__", None), False
        else:
            receiver, own = value, self._answers(value, member)
        maker = self._maker(receiver, Made("", "", 0, False))
        self.used.add(Used(path, line, member, maker, own))
        return value

    def result(
        self, value: object, path: str, line: int, function: Callable[[], object]
    ) -> object:
        """Note what a call gave and give it back."""
        if self._kind(value):
            index = self._maker(value, Made("", path, line, self._direct(function)))
            known = self.made[index]
            if not known.line and self._direct(function):  # its __init__ was first
                self.made[index] = replace(known, path=path, line=line, direct=True)
        return value

    def _maker(self, value: object, origin: Made) -> int:
        kind = self._kind(value)
        if not kind:
            return -1
        if id(value) not in self._known:
            self._known[id(value)] = len(self.made)
            self._objects.append(value)
            subclass = not any(base in self.kinds for base in _bases(value)[:1])
            self.made.append(replace(origin, kind=kind, subclass=subclass))
        return self._known[id(value)]

    def _kind(self, value: object) -> str:
        if isinstance(value, types.ModuleType):
            return "original" if _is_original(value) else ""
        for base in _bases(value):
            if base in self.kinds:
                return self.kinds[base]
        return ""

    def _answers(self, value: object, member: str) -> bool:
        """Whether the member is Eventlet's own, as far as classes can tell."""
        bases = _bases(value)
        if not bases or bases[0] in self.kinds:
            return not _is_mock(value) or any(hasattr(b, member) for b in bases[:1])
        for base in bases:
            if base in self.kinds:
                return hasattr(base, member) or member in _WAYS
            if member in vars(base):
                return False
        return False

    def _direct(self, function: Callable[[], object]) -> bool:
        try:
            called = function()
        except NameError:  # a name of a class body, which the lambda cannot see
            return False
        module = getattr(called, "__module__", None) or ""
        return str(module).partition(".")[0] in _FOREIGN or (
            isinstance(called, type)
            and any(base in self.kinds for base in called.__mro__)
        )


_WAYS = frozenset({"with", "iter", "next", "raise"})


def _bases(value: object) -> tuple[type, ...]:
    """The classes that an object answers for; those of a mock are its spec's."""
    spec = vars(value).get("_spec_class") if _is_mock(value) else type(value)
    return spec.__mro__ if isinstance(spec, type) else ()


def _is_mock(value: object) -> bool:
    return any(base.__module__ == "unittest.mock" for base in type(value).__mro__)


def _is_original(module: types.ModuleType) -> bool:
    return any(
        known is module
        for name, known in list(sys.modules.items())
        if name.startswith("__original_module_")
    )


class _Probes(ast.NodeTransformer):
    """Sends every receiver and every result of a call through the recorder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        line = node.lineno
        self.generic_visit(node)
        node.value = self._seen(node.value, node.attr, line)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        line, function = node.lineno, ast.unparse(node.func)
        dotted = _is_dotted(node.func)
        members = _done_to_arguments(function, len(node.args))
        lines = [argument.lineno for argument in node.args]
        self.generic_visit(node)
        node.args = [
            argument
            if isinstance(argument, ast.Starred) or not member
            else self._seen(argument, member, at)
            for argument, member, at in zip(node.args, members, lines, strict=True)
        ]
        lazily = ast.parse(f"lambda: {function if dotted else None}", mode="eval").body
        return _like(node, _MADE, node, self.path, line, lazily)

    def visit_With(self, node: ast.With) -> ast.AST:
        lines = [item.context_expr.lineno for item in node.items]
        self.generic_visit(node)
        for item, line in zip(node.items, lines, strict=True):
            item.context_expr = self._seen(item.context_expr, "with", line)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        line = node.iter.lineno
        self.generic_visit(node)
        node.iter = self._seen(node.iter, "iter", line)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        line = node.iter.lineno
        self.generic_visit(node)
        node.iter = self._seen(node.iter, "iter", line)
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        line = node.lineno
        self.generic_visit(node)
        if node.exc is not None:
            node.exc = self._seen(node.exc, "raise", line)
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        """Patterns are not expressions: leave them."""
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def _seen(self, value: ast.expr, member: str, line: int) -> ast.expr:
        return _like(value, _SEEN, value, member, self.path, line)


def _like(place: ast.expr, function: str, *arguments: ast.expr | str | int) -> ast.expr:
    """A call of a probe that stands where ``place`` stood."""
    call = ast.Call(
        ast.Name(function, ast.Load()),
        [
            argument if isinstance(argument, ast.expr) else ast.Constant(argument)
            for argument in arguments
        ],
        [],
    )
    return ast.fix_missing_locations(ast.copy_location(call, place))


def _done_to_arguments(function: str, count: int) -> list[str]:
    """The member that each argument of a call is used for; empty for none."""
    if function == "next" and count:
        return ["next", *[""] * (count - 1)]
    if function in _ITERATING:
        return ["iter"] * count
    if function in _TAKING_A_THREAD and count:
        return [function.rpartition(".")[2], *[""] * (count - 1)]
    return [""] * count


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _probed(source: bytes, path: str, filename: str) -> types.CodeType:
    tree = ast.fix_missing_locations(_Probes(path).visit(ast.parse(source)))
    code: types.CodeType = compile(tree, filename, "exec", dont_inherit=True)
    return code


def _main() -> None:
    """Read the programs from stdin, run each in a child, write what they did."""
    mains: dict[str, list[str]] = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    kinds = _load_kinds()
    found = {
        name: _in_a_child(Path(root), path, kinds)
        for name, (root, path) in mains.items()
    }
    json.dump(found, sys.stdout)


def _load_kinds() -> dict[type, str]:
    return {
        getattr(__import__(module, fromlist=[name]), name): _PREFIX.get(module, "")
        + name
        for module, names in _KINDS.items()
        for name in names
    }


def _in_a_child(root: Path, main: str, kinds: dict[type, str]) -> dict[str, Any]:
    """Fork: a program may leave threads and timers, and must not meet another's."""
    answer = root / "trace.json"
    child = os.fork()
    if not child:
        signal.alarm(_SECONDS_EACH)
        try:
            answer.write_text(json.dumps(_run(root, main, kinds)))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    if not answer.exists():
        return {"made": [], "used": [], "error": f"no end in {_SECONDS_EACH} s"}
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def _run(root: Path, main: str, kinds: dict[type, str]) -> dict[str, Any]:
    recorder = Recorder(root, kinds)
    output = io.StringIO()
    error = ""
    with (
        _importing_from(root, recorder),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        module = types.ModuleType("__main__")
        module.__file__ = str(root / main)
        sys.modules["__main__"] = module
        try:
            exec(
                _probed((root / main).read_bytes(), main, str(root / main)),
                vars(module),
            )
        except BaseException:
            error = traceback.format_exc()
    if not error and "Traceback" in output.getvalue():
        error = output.getvalue()
    return {
        "made": [asdict(made) for made in recorder.made],
        "used": [asdict(used) for used in recorder.used],
        "error": error,
    }


@contextlib.contextmanager
def _importing_from(root: Path, recorder: Recorder) -> Iterator[None]:
    """The program's modules are found, and compiled with probes."""
    import builtins

    def compiled(
        self: SourceFileLoader, data: bytes, path: str, **options: int
    ) -> types.CodeType:
        if Path(path).is_relative_to(root):
            return _probed(data, str(Path(path).relative_to(root)), path)
        return plain(self, data, path, **options)

    plain: Callable[..., types.CodeType] = SourceFileLoader.source_to_code
    SourceFileLoader.source_to_code = compiled  # type: ignore[assignment, method-assign]
    setattr(builtins, _SEEN, recorder.seen)
    setattr(builtins, _MADE, recorder.result)
    sys.path.insert(0, str(root))
    yield


if __name__ == "__main__":
    _main()
