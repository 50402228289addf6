"""What a change needs that Python 2 does not have, for projects that still name it.

Reads what the project says of itself, and what is put in a place. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from deventlet.codemod import (
    Action,
    Instead,
    Replace,
    ReplaceAround,
    Retarget,
    Swap,
    Unwrap,
)
from deventlet.driver.text.placeholders import meant, placed
from deventlet.resolve.processes.texts import Texts

_SAID_IN = ("setup.cfg", "setup.py", "pyproject.toml")
_CLASSIFIER = re.compile(r"^[^#\n]*Programming Language :: Python :: 2\b", re.MULTILINE)
_STATEMENT = re.compile(
    rb"^[ \t]*(?:print[ \t]+[^\s=(]|print[ \t]*$|raise[ \t]+[\w.]+[ \t]*,"
    rb"|except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:)",
    re.MULTILINE,
)
"""What only Python 2 takes for a statement; also met in strings."""
_MODULES = frozenset({
    "_thread", "builtins", "concurrent.futures", "http", "queue", "selectors",
    "socketserver", "urllib.error", "urllib.parse", "urllib.request", "urllib.response",
})  # fmt: skip
_NAMES = (
    "threading.get_ident", "{**", "time.monotonic", "contextlib.suppress",
    "subprocess.TimeoutExpired", "acquire(timeout=", "daemon=True",
    "socket.create_server", "futurist.DynamicThreadPoolExecutor", "BackendType",
)  # fmt: skip
"""What else is used of newer Pythons, as it is written."""


@dataclass(frozen=True)
class Python2:
    """What says that code of a repository runs on Python 2."""

    texts: Texts

    def said_of(self, paths: Iterable[str]) -> str:
        """Who says it of some files; empty if nobody does.

        The classifiers, of all; or a file that is Python 2 code itself, of those that
        it loads, and of those that load it.
        """
        if self._named:
            return f"{self._named} names Python 2"
        names = {self.texts.project.names[path] for path in paths}
        for path, together in self._old.items():
            if not names.isdisjoint(together) or any(
                self.texts.project.names[path] in self.texts.closure(name)
                for name in names
            ):
                return f"{path} is Python 2 code"
        return ""

    @cached_property
    def _named(self) -> str:
        """The file whose classifiers name it; empty if there is none."""
        for name in _SAID_IN:
            path = self.texts.project.root / name
            if path.is_file() and _CLASSIFIER.search(
                path.read_text("utf-8", "replace")
            ):
                return name
        return ""

    @cached_property
    def _old(self) -> dict[str, frozenset[str]]:
        """The files that are Python 2 code, and the modules that each may load.

        Of those that speak of Eventlet and look so; what is parsed is none.
        """
        project = self.texts.project
        speaking = project.containing([b"eventlet"])
        for path in (each for each in speaking if not project.is_parsed(each)):
            if _STATEMENT.search(project.read_or_empty(path)):
                project.module(path)  # a problem, if it is Python 2 code
        return {
            path: self.texts.closure(project.names[path])
            for path, problem in sorted(project.problems.items())
            if problem.reason == "file.python2"
        }


def lacking(action: Action) -> str:
    """What Python 2 lacks of what an action puts in a place; empty if nothing."""
    return next(_lacking(action), "")


def _lacking(action: Action) -> Iterator[str]:
    if isinstance(action, (Swap, Retarget)):
        yield from (m for m in (action.module,) if _is_new(m))
    text = _text(action)
    yield from (module for module in placed(text) if _is_new(module))
    yield from (name for name in _NAMES if name in meant(text))


def _text(action: Action) -> str:
    """The code of an action, with placeholders for modules."""
    nodes: tuple[cst.CSTNode, ...] = ()
    if isinstance(action, (Replace, ReplaceAround)):
        nodes = (action.node,)
    elif isinstance(action, (Instead, Unwrap)):
        nodes = action.statements
    return "\n".join(cst.Module([]).code_for_node(node) for node in nodes)


def _is_new(module: str) -> bool:
    return module in _MODULES or module.partition(".")[0] == "http"
