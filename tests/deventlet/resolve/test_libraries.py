"""What libraries call of Eventlet: the table against the sources that are installed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import eventlet
import pytest

from deventlet.resolve.libraries import caller

ROOT = Path(eventlet.__file__).parent
A_LOCAL = "eventlet.greenthread.parent"  # a variable of green.thread
LEADS_THERE = b"GreenPool DAGPool Popen os.waitpid db_pool tpool Thread"


def test_eventlet_takes_no_name_by_attribute_that_is_not_in_the_table() -> None:
    missing = {
        name
        for path in sorted(ROOT.rglob("*.py"))
        if "zipkin" not in path.parts
        for name in taken(ast.parse(path.read_text()))
        if not is_module(name) and not caller(name, [LEADS_THERE])
    }
    assert missing <= {A_LOCAL}


def taken(tree: ast.Module) -> Iterator[str]:
    """The names of Eventlet's that functions take from its modules."""
    modules = dict(imported(tree))
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    for node in (n for each in functions for n in ast.walk(each)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            root, dot, rest = ast.unparse(node).partition(".")
            if root in modules:
                yield f"{modules[root]}{dot}{rest}"


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The modules of Eventlet's that a file imports, by their names there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name.partition(".")[0] == "eventlet":
                    yield (
                        each.asname or "eventlet",
                        each.name if each.asname else ("eventlet"),
                    )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                name = f"{node.module}.{each.name}"
                if is_module(name):
                    yield each.asname or each.name, name


def is_module(name: str) -> bool:
    first, *rest = name.split(".")
    path = ROOT.joinpath(*rest)
    return first == "eventlet" and (path.is_dir() or path.with_suffix(".py").exists())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("eventlet.spawn", b"pool = eventlet.GreenPool()"),
        ("eventlet.spawn", b"wsgi.Server(conf)"),
        ("eventlet.spawn_after", b"hub.spawn_after(1, f)"),
        ("eventlet.greenthread.spawn", b"loopingcall.FixedIntervalLoopingCall(f)"),
        ("eventlet.greenthread.spawn_n", b"threading.Thread(target=f).start()"),
        ("eventlet.sleep", b"processutils.execute('ls')"),
        ("eventlet.tpool.execute", b"transport = 'kafka'"),
        ("oslo_utils.eventletutils.EventletEvent.wait", b""),
    ],
)
def test_library_is_named_where_a_text_leads_to_it(name: str, text: bytes) -> None:
    assert caller(name, [b"", text])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("eventlet.spawn", b"self.assertIsNone(Greenhouse())"),
        ("eventlet.spawn_n", b"wsgi.Server(conf)"),
        ("eventlet.sleep", b"time.sleep(1)"),
        ("eventlet.kill", b"GreenPool"),
    ],
)
def test_no_library_is_named_where_none_is_in_sight(name: str, text: bytes) -> None:
    assert not caller(name, [text])
