"""What the table of semantics says came out, comes out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TypeAlias

import pytest

from docs.generate import ROOT

Row: TypeAlias = tuple[str, str, str]

CELL = re.compile(r"^`(?P<code>[^`]+)` → (?P<how>raises |prints )?`?(?P<what>[^`]+)`?$")
IMPORTS = """\
import ast, contextlib, io, json, queue, socket, subprocess, sys, threading, time
import http.client
from concurrent import futures
"""
GREEN = """\
import warnings
warnings.simplefilter("ignore")
import eventlet
from eventlet import corolocal, green, greenpool, patcher, queue as _q, tpool, wsgi
from eventlet.event import Event
from eventlet.lock import Lock
from eventlet.semaphore import BoundedSemaphore, Semaphore
"""
NATIVE = """\
sys.modules["eventlet"] = sys.modules["greenlet"] = None
import futurist
"""
RUN = """
def run(code, names):
    *first, last = ast.parse(code).body
    exec(compile(ast.Module(first, []), "row", "exec"), names)
    return eval(compile(ast.Expression(last.value), "row", "eval"), names)


def told(code):
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            how, what = "", repr(run(code, dict(globals())))
        except BaseException as error:
            how, what = "raises ", type(error).__name__
    return how, what, said.getvalue()


print(json.dumps([told(code) for code in json.load(sys.stdin)]), flush=True)
import os
os._exit(0)
"""


def rows(column: int) -> list[Row]:
    """The cells of a column that say what comes out: code, how, and what."""
    text = (ROOT / "docs/semantics.md").read_text("utf-8")
    tables = re.findall(r"^\|(?! Eventlet \||---)(.*)\|$", text, re.MULTILINE)
    cells = [line.split("|")[column].strip() for line in tables]
    return [_read(cell) for cell in cells if "→" in cell]


def _read(cell: str) -> Row:
    found = CELL.match(cell)
    assert found, cell
    return found["code"], found["how"] or "", found["what"]


def outcomes(codes: list[str], names: str) -> list[tuple[str, str, str]]:
    """How it ended, what came out, and what was printed: in one process for all."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS + names + RUN], input=json.dumps(codes),
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return [(how, what, said) for how, what, said in json.loads(done.stdout)]


@pytest.mark.parametrize(
    ("column", "names"), [(0, GREEN), (1, NATIVE)], ids=["eventlet", "native"]
)
def test_what_comes_out_is_what_the_table_says(column: int, names: str) -> None:
    shown = rows(column)
    assert len(shown) > 30
    found = outcomes([code for code, _, _ in shown], names)
    wrong = [
        (code, how + what, out)
        for (code, how, what), out in zip(shown, found, strict=True)
        if not _agrees(how, what, *out)
    ]
    assert wrong == []


def _agrees(how: str, what: str, found_how: str, found: str, said: str) -> bool:
    if how == "prints ":
        return not found_how and (not said if what == "nothing" else what in said)
    return (how, what) == (found_how, found)
