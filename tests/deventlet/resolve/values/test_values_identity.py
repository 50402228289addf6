"""What is done with what ``getcurrent()`` gives, and who hands its users to a pool."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.exploring import explore
from deventlet.resolve.names import Names
from deventlet.resolve.pools import place_that_pools
from deventlet.resolve.project import Project
from deventlet.resolve.values import Origin, Values

_TOP = "import eventlet, logging, weakref\nLOG = logging.getLogger(__name__)\n"
_ME = "me = eventlet.getcurrent()\n"
_JOBS = "jobs = {}\njobs[eventlet.getcurrent()] = 1\n"
_SEEN = "seen = set()\nseen.add(eventlet.getcurrent())\n"


def _project(root: Path, **files: str) -> Project:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    return Project(root, [f"{name}.py" for name in files])


def _origins(root: Path, text: str) -> list[Origin]:
    names = Names(_project(root, a=_TOP + text), EVERYTHING)
    found = Values(names, explore(names)).objects
    return [each for each in found if each.api == "eventlet.getcurrent"]


@pytest.mark.parametrize(
    ("text", "fates"),
    [
        ("LOG.info('%s', eventlet.getcurrent())", {"text"}),
        ("x = '%s' % eventlet.getcurrent()", {"text"}),
        ("x = '%s %s' % (1, eventlet.getcurrent())", {"text"}),
        ("x = '{}'.format(eventlet.getcurrent())", {"text"}),
        ("x = f'{eventlet.getcurrent()}'", {"text"}),
        ("print([eventlet.getcurrent()])", {"text"}),
        ("LOG.info('%s', id(eventlet.getcurrent()))", {"text"}),
        ("x = f'{id(eventlet.getcurrent())}'", {"text"}),
        ("x = id(eventlet.getcurrent()) % 7", {"number"}),
        ("x = {id(eventlet.getcurrent()): 1}", {"number"}),
        ("def f():\n    return eventlet.getcurrent()\nprint(f())", {"text"}),
        ("eventlet.getcurrent()", {"dropped"}),
        (_ME + "me is None", {"compared"}),
        (_ME + "eventlet.getcurrent() != me", {"compared"}),
        (_JOBS + "eventlet.getcurrent() in jobs", {"key", "compared"}),
        (_JOBS + "jobs.pop(eventlet.getcurrent(), None)", {"key"}),
        (_JOBS + _ME + "del jobs[me]", {"key"}),
        (_ME + "x = me if LOG else eventlet.getcurrent()\nx == me", {"compared"}),
        (_SEEN + "len(seen)\nprint(seen)", {"key", "text"}),
        (_SEEN + "seen.discard(eventlet.getcurrent())", {"key"}),
        (_SEEN + "seen.pop() == eventlet.getcurrent()", {"key", "compared"}),
        ("x = eventlet.getcurrent() or None\nx == None", {"compared"}),
    ],
)
def test_a_number_would_do(tmp_path: Path, text: str, fates: set[str]) -> None:
    origins = _origins(tmp_path, text)
    assert [each.escapes for each in origins if each.escapes] == []
    assert {fate for each in origins for fate in each.fates} == fates


@pytest.mark.parametrize(
    "text",
    [
        _ME + "id(me)",
        _ME + "hash(me)",
        _ME + "isinstance(me, object)",
        _ME + "me is eventlet.getcurrent()",
        _ME + "me == 'main'",
        _ME + "me == eventlet.spawn(print)",
        _ME + "if me: pass",
        _ME + "not me",
        _ME + "x = me or None",
        _ME + "x = 1 if me else 2",
        _ME + "x = [y for y in 'ab' if me]",
        _ME + "me + 1",
        "x = 0\nx += eventlet.getcurrent()",
        _JOBS + "jobs['name' if LOG else eventlet.getcurrent()]",
        _ME + "x = eventlet.getcurrent() or 'main'",
        "def id(x): return x.dead\nid(eventlet.getcurrent())",
        _ME,
        "f = lambda: eventlet.getcurrent()",
        "def f():\n    return eventlet.getcurrent()",
        "class A:\n  def f(self):\n    return eventlet.getcurrent()",
        "class A:\n  @property\n  def f(self):\n    return eventlet.getcurrent()",
        "class A:\n  def f(self):\n    me = self.me = eventlet.getcurrent()\n"
        "    print(me)",
        "weakref.ref(eventlet.getcurrent())",
        "seen = weakref.WeakSet()\nseen.add(eventlet.getcurrent())",
        "def f(jobs):\n    jobs[eventlet.getcurrent()] = 1",
        "jobs = {'a': 1}\neventlet.getcurrent() in jobs",
        _JOBS + "jobs[eventlet.spawn(print)] = 2",
        _JOBS + "jobs['main']",
        _JOBS + "jobs.get('main')",
        _JOBS + "'main' in jobs",
        _JOBS + "t = eventlet.spawn(print)\nt in jobs",
        _JOBS + "jobs == {}",
        _SEEN + "seen - {1}",
        _SEEN + "seen.union({1})",
        _SEEN + "for each in seen:\n    each is None or each.kill()",
        "class T:\n  def t(self):\n    self.assertEqual(1, eventlet.getcurrent())",
        "class T:\n  def t(self):\n    self.assertIn(1, [eventlet.getcurrent()])",
    ],
)
def test_a_greenlet_is_needed(tmp_path: Path, text: str) -> None:
    origins = _origins(tmp_path, text)
    assert any(each.escapes or each.members for each in origins)


def test_values_that_meet_are_in_one_circle(tmp_path: Path) -> None:
    origins = _origins(
        tmp_path,
        _JOBS + "jobs.get(eventlet.getcurrent())\nother = eventlet.getcurrent()\n",
    )
    assert [each.circle for each in origins] in ([1, 1, 2], [2, 2, 1])


def test_all_whose_id_is_taken_are_in_one_circle(tmp_path: Path) -> None:
    first, second = _origins(
        tmp_path, "a = id(eventlet.getcurrent())\nb = id(eventlet.getcurrent())\n"
    )
    assert first.circle == second.circle


_WORK = "def inner():\n    pass\n\ndef work():\n    inner()\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import a\nself.pool.spawn_n(a.work, 1)\n", 2),
        ("import a\nexecutor.submit(a.inner)\n", 2),
        ("import a\nget_executor().map(a.work, [1])\n", 2),
        ("from a import work\nwith ThreadPoolExecutor(2) as e:\n    e.submit(work)", 3),
        ("from a import work\nx = eventlet.GreenPool()\nx.spawn(work)", 3),
        ("from a import work\nloop.run_in_executor(None, work)", 2),
    ],
)
def test_a_pool_runs_it(tmp_path: Path, text: str, line: int) -> None:
    project = _project(tmp_path, a=_WORK, b=text)
    module = project.module("a.py")
    assert module is not None
    assert place_that_pools(project, module, ["inner"]) == f"b.py:{line}"


@pytest.mark.parametrize(
    "text",
    [
        "import a\npool.spawn_n(a.other)\n",
        "import a\neventlet.spawn(a.work)\n",
        "pool.spawn_n(work)\n",
        "import a\nsession.submit(a.work)\n",
    ],
)
def test_no_pool_is_seen_to_run_it(tmp_path: Path, text: str) -> None:
    project = _project(tmp_path, a=_WORK, b=text)
    module = project.module("a.py")
    assert module is not None
    assert place_that_pools(project, module, ["inner"]) == ""


_NESTED = """\
def one(pool):
    def inner():
        pass

    inner()


def other(pool):
    def inner():
        pass

    def work():
        inner()

    {}
"""


@pytest.mark.parametrize(
    ("handed", "expected"),
    [
        ("pool.spawn_n(work)", ["", "a.py:15"]),
        ("pool.spawn_n(inner)", ["", "a.py:15"]),
        ("pool.inner = inner\n    pool.spawn_n(pool.inner)", ["a.py:16", "a.py:16"]),
    ],
)
def test_a_nested_function_is_handed_on_where_it_is_known(
    tmp_path: Path, handed: str, expected: list[str]
) -> None:
    project = _project(tmp_path, a=_NESTED.format(handed))
    module = project.module("a.py")
    assert module is not None
    functions = [each for each in module.tree.body if isinstance(each, ast.FunctionDef)]
    found = [place_that_pools(project, module, ["inner"], each) for each in functions]
    assert found == expected
