"""What code does when a process starts and ends: launches, forks, signals, exits.

Found by the calls' dotted names, as the imports of each file spell them. Says where,
and judges nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from deventlet.resolve.chains import dotted
from deventlet.resolve.importing import Imported
from deventlet.resolve.processes.testing import is_test
from deventlet.resolve.processes.texts import Texts
from deventlet.source.text import SourceProblem

Moment: TypeAlias = Literal["launch", "serve", "fork", "signal", "exit"]
"""``launch`` by oslo.service, ``serve`` by Eventlet's server, ``fork``, ``signal`` for
handlers of the project's own, ``exit`` for what is done at the end."""

_CALLS: Mapping[str, Moment] = {
    "oslo_service.service.launch": "launch",
    "oslo_service.service.Launcher": "launch",
    "oslo_service.service.ServiceLauncher": "launch",
    "oslo_service.service.ProcessLauncher": "launch",
    "cotyledon.ServiceManager": "launch",
    "eventlet.wsgi.server": "serve",
    "eventlet.serve": "serve",
    "oslo_service.wsgi.Server": "serve",
    "os.fork": "fork",
    "os.forkpty": "fork",
    "multiprocessing.Process": "fork",
    "multiprocessing.Pool": "fork",
    "concurrent.futures.ProcessPoolExecutor": "fork",
    "signal.signal": "signal",
    "oslo_service.service.SignalHandler": "signal",
    "atexit.register": "exit",
    "os._exit": "exit",
}
_NAMES = sorted({dotted.rpartition(".")[2] for dotted in _CALLS})
_WORDS = re.compile(rf"\b(?:{'|'.join(_NAMES)})[ \t]*\(".encode())


def moments(texts: Texts, path: str) -> Iterator[tuple[int, Moment, str]]:
    """The calls of one file, each with its line and the dotted name of what is called.

    Nothing for a test, or for a file that cannot be parsed.
    """
    raw = texts.project.read_or_empty(path)
    if not _WORDS.search(raw) or is_test(path, texts[path]):
        return
    bound = {item.bound: _meant(item) for item in texts.project.imports(path)}
    calls = (n for n in ast.walk(_tree(texts, path)) if isinstance(n, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        first, dot, rest = dotted(call.func).partition(".")
        meant = f"{bound.get(first, first)}{dot}{rest}"
        if meant in _CALLS and first in bound:
            yield call.lineno, _CALLS[meant], meant


def _meant(item: Imported) -> str:
    """The dotted name that an imported name stands for."""
    if item.name is not None:
        return f"{item.module}.{item.name}"
    return item.bound if f"{item.module}.".startswith(f"{item.bound}.") else item.module


def _tree(texts: Texts, path: str) -> ast.AST:
    module = texts.project.module(path)
    try:
        return ast.Module([], []) if module is None else module.tree
    except SourceProblem:
        return ast.Module([], [])
