"""What is asked of a file's text before it is parsed: never a file too few."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.exploring import explore
from deventlet.resolve.names import Names
from deventlet.resolve.project import Project
from deventlet.resolve.values.bound import Bound
from deventlet.resolve.values.taking import Taking
from deventlet.resolve.values.words import Words

HELPER = b"""\
import eventlet


def start():
    return eventlet.spawn(print)
"""
READS = {
    "from": "from app.helper import start",
    "renamed": "from app.helper import start as begin",
    "brackets": "from app.helper import (\n    other,  # one\n    start\n)",
    "star": "from app.helper import *\nstart()",
    "module": "from app import helper\nhelper.start()",
    "module-renamed": "from app import helper as h\nh.start()",
    "relative": "from . import helper\nhelper.start()",
    "dotted": "import app.helper\napp.helper.start()",
    "dotted-renamed": "import app.helper as h\nh.start()",
    "own-name": "import app.helper as app\napp.start()",
    "assigned": "from app import helper\nh = helper\nh.start()",
    "annotated": "import app.helper\nh: object = app.helper\nh.start()",
    "walrus": "from app import helper\nif (h := helper):\n    h.start()",
    "either": "from app import helper\nh = None or helper\nh.start()",
    "by-call": (
        "import importlib\nfrom app import helper\n"
        "h = importlib.import_module('app.helper')\nh.start()"
    ),
    "in-function": "def f():\n    from app import helper\n    helper.start()",
    "inline": "import app.helper\nif app: from app import helper\nhelper.start()",
    "second-statement": "import app.helper; from app import helper\nhelper.start()",
    "in-brackets": "from app import helper\n(helper).start()",
    "next-line": "from app import helper\n(helper\n .start)()",
    "commented-dot": "from app import helper\n(helper.  # go\n start)()",
    "both-lines": "import app.helper\n(app\n .helper\n .start)()",
    "getattr": "from app import helper\ngetattr(helper, 'start')()",
    "getattr-lines": "from app import helper\ngetattr(  # go\n    helper, 'start')()",
    "vars": "from app import helper\nvars(helper)['start']()",
    "dict": "from app import helper\nhelper.__dict__['start']()",
    "conditional": "from app import helper\n(helper if print else None).start()",
}
IGNORES = {
    "no-import": "helper.start()",
    "other-name": "from app import helper\nhelper.started()",
    "attribute-of-self": "from app import helper\nself.helper.start()",
    "result": "from app import helper\nmake().start()",
    "string": "from app import helper\nx = 'other.start'",
    "other-module": "from app import helper, other\nother.start()",
    "made": "from app import helper\nh = Helper(helper)\nh.start()",
    "constant": "from app import helper\nh = None\nh.start()",
}


def project(tmp_path: Path, user: str) -> Project:
    """A package with a helper, and a file that may use it."""
    files = {
        "app/__init__.py": b"",
        "app/helper.py": HELPER,
        "app/user.py": user.encode(),
    }
    (tmp_path / "app").mkdir()
    for path, text in files.items():
        (tmp_path / path).write_bytes(text)
    return Project(tmp_path, list(files))


def takers(tmp_path: Path, user: str) -> list[str]:
    """The files that may read ``app.helper.start``."""
    names = Names(project(tmp_path, user), EVERYTHING)
    explore(names)
    helper = names.project.module("app/helper.py")
    assert helper is not None
    taking = Taking(names, Words(names.project))
    return [each.path for each in taking.files(helper, "start")]


@pytest.mark.parametrize("user", READS.values(), ids=READS)
def test_a_file_that_reads_a_name_is_found(tmp_path: Path, user: str) -> None:
    """In each way in which the tree would show it to be read."""
    assert takers(tmp_path, user) == ["app/user.py"]


@pytest.mark.parametrize("user", IGNORES.values(), ids=IGNORES)
def test_a_file_that_only_has_the_word_is_left_alone(tmp_path: Path, user: str) -> None:
    """It need not be parsed."""
    assert takers(tmp_path, user) == []


BINDINGS = {
    "assigned": "x = 1",
    "annotated": "x: int = 1",
    "augmented": "x += 1",
    "walrus": "(x := 1)",
    "unpacked": "x, y = 1, 2",
    "list": "[x] = [1]",
    "commented": "(y,  # why\n x  # so\n) = 1, 2",
    "continued": "x \\\n    = 1",
    "for": "for x in y: pass",
    "comprehension": "[y for x in y]",
    "with": "with y as x: pass",
    "with-brackets": "with (y as x): pass",
    "def": "def x(): pass",
    "async-def": "async def x(): pass",
    "class": "class x: pass",
    "derived": "class x(object): pass",
    "parameter": "def f(x): pass",
    "parameter-commented": "def f(\n    y,\n    x  # last\n): pass",
    "rest": "def f(*x): pass",
    "lambda": "lambda x: y",
    "except": "try: pass\nexcept y as x: pass",
    "case": "match y:\n    case x: pass",
    "case-list": "match y:\n    case [x, *_]: pass",
    "case-rest": "match y:\n    case [*x]: pass",
    "case-dict": "match y:\n    case {'k': x}: pass",
    "case-if": "match y:\n    case x if y: pass",
    "case-as": "match y:\n    case int() as x: pass",
    "out-of-the-tree": "from ... import x",
    "out-of-the-tree-last": "from ... import y, x",
    "inline": "if y: import x",
    "second-statement": "y = 1; from z import x",
    "star": "from z import *\nx.y",
}
"""Ways to bind ``x`` otherwise than by an import that the text shows."""


@pytest.mark.parametrize("text", BINDINGS.values(), ids=BINDINGS)
def test_a_name_that_more_than_imports_bind_is_open(tmp_path: Path, text: str) -> None:
    """Nothing may be concluded from the imports then."""
    bound = Bound(project(tmp_path, f"{text}\nx.y\n"))
    assert bound.only_imports("app/user.py", "x") is None


IMPORTS = {
    "plain": ("import os.path", "os", ["os.path"]),
    "renamed": ("import os.path as x", "x", ["os.path"]),
    "from": ("from os import path", "path", ["os"]),
    "from-renamed": ("from os import path as x", "x", ["os"]),
    "twice": ("try:\n    import a as x\nexcept E:\n    import b as x", "x", ["a", "b"]),
    "nothing": ("'os.path'\n# os, path", "os", []),
    "only-the-package": ("from os import path", "os", []),
}


@pytest.mark.parametrize(("text", "name", "modules"), IMPORTS.values(), ids=IMPORTS)
def test_imports_that_bind_a_name_are_found(
    tmp_path: Path, text: str, name: str, modules: list[str]
) -> None:
    """With the module that each is of; none where it only stands in a text."""
    found = Bound(project(tmp_path, text)).only_imports("app/user.py", name)
    assert found is not None
    assert [each.module for each in found] == modules


OBJECTS = {
    "unknown": ("def f(a):\n    a.word", True),
    "result": ("f().word", True),
    "item": ("a[0].word", True),
    "attribute": ("def f(self):\n    self.a.word", True),
    "self": ("self.word", False),
    "string": ("patch('app.user.word')", False),
    "foreign": ("from oslo import ids as a\na.word", False),
    "foreign-below": ("import oslo.ids\noslo.ids.word", False),
    "ours": ("from app.helper import a\na.word", True),
    "ours-below": ("import app.helper\napp.helper.word", True),
    "package": ("import app.helper\napp.word", False),
    "rebound": ("from oslo import a\na = f()\na.word", True),
    "unbound": ("# of app.helper.word", False),
    "starred": ("from oslo import *\na.word", True),
}


@pytest.mark.parametrize(("text", "is_one"), OBJECTS.values(), ids=OBJECTS)
def test_a_file_counts_where_an_object_may_stand_before_the_dot(
    tmp_path: Path, text: str, is_one: bool
) -> None:
    """Everywhere but where the text says that it is none."""
    found = list(Words(project(tmp_path, text)).dotted("word"))
    assert found == (["app/user.py"] if is_one else [])


BINDS = [
    "class Box:\n    def append(self): pass",
    "class Box:\n    async  def append(self): pass",
    "class Box:\n    def \\\n      append(self): pass",
    "class Box:\n    def append[T](self): pass",
    "class Box:\n    append = list.append",
    "class Box: append = list.append",
    "class Box:\n    x = 1; append = 2",
    "class Box:\n    append: object = print",
    "class Box:\n    pop, append = one, two",
    "class Box:\n    (pop, append) = one, two",
    "class Box:\n    [pop,\n     append] = one, two",
    "class Box:\n    pop = append = print",
    "class Box:\n    x = (append := print)",
    "class Box:\n    from other import append",
    "class Box:\n    from other import take as append",
    "class Box:\n    from other import (\n        take as append,\n    )",
    "class Box:\n    from other import (\n        append  # one\n    )",
    "class Box:\n    for append in (print,): pass",
    "class Box:\n    for x, append in (): pass",
    "class Box:\n    with open(x) as append: pass",
    "class Box:\n    with (open(x) as append,\n          open(y)): pass",
    "class Box:\n    class append: pass",
]
BINDS_NOT = [
    "x.append(1)",
    "x.append = 1",
    "append(1)",
    "print(x, append(y))",
    "'append'",
]


@pytest.mark.parametrize("code", BINDS)
def test_a_file_that_binds_a_name_is_found(tmp_path: Path, code: str) -> None:
    assert binding(tmp_path, code) == ["box.py"]


@pytest.mark.parametrize("code", BINDS_NOT)
def test_one_that_only_says_it_is_not(tmp_path: Path, code: str) -> None:
    assert binding(tmp_path, code) == []


def binding(root: Path, code: str) -> list[str]:
    (root / "box.py").write_text(f"{code}\n")
    return list(Words(Project(root, ["box.py"])).binding("append"))
