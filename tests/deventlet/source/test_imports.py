"""The import editor against golden files, flake8 with hacking, and itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deventlet.source.imports import (
    ImportSpec,
    ImportStyle,
    Removal,
    detect_style,
    edit_imports,
    find_fallback,
)
from deventlet.source.text import SourceFile, decode, parse, splice

HACKING = ImportStyle(frozenset({"nova"}))
ISORT = ImportStyle(frozenset({"nova"}), "isort", force_single_line=False)


@dataclass(frozen=True)
class Case:
    """A change and its result; paths name what existing imports take."""

    name: str
    before: str
    after: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    flatten: Mapping[str, str] = field(default_factory=dict)
    style: ImportStyle = HACKING
    above: str | None = None


def spec(statement: str) -> ImportSpec:
    node = ast.parse(statement).body[0]
    assert isinstance(node, ast.Import | ast.ImportFrom)
    alias = node.names[0]
    if isinstance(node, ast.Import):
        return ImportSpec(alias.name, None, alias.asname)
    assert node.module
    return ImportSpec(node.module, alias.name, alias.asname)


def removals(tree: ast.Module, path: str) -> Iterator[Removal]:
    """All removals of an alias that takes ``path``."""
    found = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                if prefix + alias.name == path:
                    found += 1
                    yield Removal(node, alias)
    assert found, f"no import of {path}"


def fallback(tree: ast.Module, path: str) -> ast.Try:
    for removal in removals(tree, path):
        node = find_fallback(tree, removal.statement)
        if node is not None:
            return node
    raise AssertionError(path)


def edited(source: SourceFile, case: Case) -> bytes:
    tree = parse(source)
    edits = edit_imports(
        source,
        tree,
        case.style,
        add=[spec(text) for text in case.add],
        remove=[r for path in case.remove for r in removals(tree, path)],
        replace={
            r: spec(new)
            for path, new in case.replace.items()
            for r in removals(tree, path)
        },
        flatten={fallback(tree, p): [spec(new)] for p, new in case.flatten.items()},
        above=source.utf8.index(case.above.encode()) if case.above else None,
    )
    return source.encode(splice(source, edits))


ADDING = [
    Case(
        "sorted into the standard library",
        "import os\nimport sys\n\nimport six\n\nfrom nova import x\n",
        "import os\nimport sys\nimport time\n\nimport six\n\nfrom nova import x\n",
        add=("import time",),
    ),
    Case(
        "sorted by full path whatever the keyword",
        "import abc\nfrom concurrent import futures\nimport copy\n\nimport six\n",
        "import abc\nfrom collections import abc\nfrom concurrent import futures\n"
        "import contextlib\nimport copy\n\nimport six\n",
        add=("import contextlib", "from collections import abc"),
    ),
    Case(
        "case does not count",
        "from nova import A\nfrom nova import c\n",
        "from nova import A\nfrom nova import B\nfrom nova import c\n",
        add=("from nova import B",),
    ),
    Case(
        "first of its group",
        '"""doc"""\n\nimport os\n',
        '"""doc"""\n\nimport abc\nimport os\n',
        add=("import abc",),
    ),
    Case(
        "a new group above the others",
        '"""doc"""\n\nimport six\n\nfrom nova import x\n',
        '"""doc"""\n\nimport time\n\nimport six\n\nfrom nova import x\n',
        add=("import time",),
    ),
    Case(
        "a new group between the others",
        "import os\n\nfrom nova import x\n",
        "import os\n\nimport six\n\nfrom nova import x\n",
        add=("import six",),
    ),
    Case(
        "a new group at the end",
        "import os\n\n\ndef f():\n    pass\n",
        "import os\n\nimport six\n\n\ndef f():\n    pass\n",
        add=("import six",),
    ),
    Case(
        "two new groups in one gap",
        "import os\n\nfrom nova import x\n",
        "from __future__ import annotations\n\nimport os\nimport time\n\n"
        "import abcd\nimport six\n\nfrom nova import x\nfrom nova import y\n",
        add=(
            "import six",
            "import abcd",
            "import time",
            "from nova import y",
            "from __future__ import annotations",
        ),
    ),
    Case(
        "a new group with the gap of the file",
        "import os\n\n\nfrom nova import x\n",
        "import os\n\n\nimport six\n\n\nfrom nova import x\n",
        add=("import six",),
    ),
    Case(
        "never above __future__",
        '"""doc"""\nfrom __future__ import annotations\nimport six\n',
        '"""doc"""\nfrom __future__ import annotations\n\nimport abc\n\nimport six\n',
        add=("import abc",),
    ),
    Case(
        "below __future__ alone",
        "from __future__ import annotations\n\n\nclass A:\n    pass\n",
        "from __future__ import annotations\n\nimport abc\n\n\nclass A:\n    pass\n",
        add=("import abc",),
    ),
    Case(
        "behind the last line that sorts before it if the group is not sorted",
        "import sys\nimport os\nimport zlib\nimport abc\n",
        "import sys\nimport os\nimport zlib\nimport abc\nimport time\n",
        add=("import time",),
    ),
    Case(
        "a mixed block that is sorted stays sorted",
        "import eventlet\nimport os\nimport six\nimport zmq\n",
        "import eventlet\nimport os\nimport six\nimport time\nimport zmq\n",
        add=("import time",),
    ),
    Case(
        "never behind the project's own imports",
        "import abc\nimport eventlet\nfrom nova import x\n",
        "import abc\nimport time\n\nimport eventlet\nfrom nova import x\n",
        add=("import time",),
    ),
    Case(
        "among its own group in a mixture without order",
        "import os\nimport sys\nimport six\nimport abcd\n",
        "import os\nimport sys\nimport time\nimport six\nimport abcd\n",
        add=("import time",),
    ),
    Case(
        "in a mixture without order, in order between its neighbours if it can be",
        "import six\nimport mock\nimport json\nimport six.moves\nimport zlib\n",
        "import six\nimport mock\nimport json\nimport queue\nimport six.moves\n"
        "import sortedlist\nimport zlib\n",
        add=("import queue", "import sortedlist"),
    ),
    Case(
        "a blank line parts groups that stood together but would be out of order",
        "import abc\nfrom six import moves\nfrom nova import z\nfrom nova import y\n",
        "import abc\nimport time\n\nfrom six import moves\nfrom nova import z\n"
        "from nova import y\n",
        add=("import time",),
    ),
    Case(
        "the nearest place in order among interleaved groups",
        "import zlib\nimport locale\nimport random\nimport six\nimport abc\n",
        "import zlib\nimport locale\nimport oslo\nimport random\nimport six\n"
        "import abc\n",
        add=("import oslo",),
    ),
    Case(
        "no group of its own in a mixture that is sorted by accident",
        "import eventlet\nfrom nova import x\n",
        "import time\n\nimport eventlet\nfrom nova import x\n",
        add=("import time",),
    ),
    Case(
        "what is there already is left alone",
        "import time\n\nfrom os import path as p\n",
        "import time\n\nfrom os import path as p\n",
        add=("import time", "from os import path as p"),
    ),
    Case(
        "another alias is another binding",
        "import time as t\n",
        "import time\nimport time as t\n",
        add=("import time",),
    ),
    Case(
        "an import in a function, if or try does not count",
        "import abc\n\nif abc:\n    import time\n",
        "import abc\nimport time\n\nif abc:\n    import time\n",
        add=("import time",),
    ),
    Case(
        "noqa on the first line of an import of several",
        "import eventlet\neventlet.monkey_patch()\n\n"
        "import abc  # noqa: E402\n\nfrom nova import (  # noqa: E402\n    x,\n)\n",
        "import eventlet\neventlet.monkey_patch()\n\n"
        "import abc  # noqa: E402\nimport time  # noqa: E402\n\n"
        "from nova import (  # noqa: E402\n    x,\n)\n",
        add=("import time",),
    ),
    Case(
        "no noqa where one of the lines has none",
        "import eventlet\neventlet.monkey_patch()\n\n"
        "import abc\n\nfrom nova import (  # noqa: E402\n    x,\n)\n",
        "import eventlet\neventlet.monkey_patch()\n\n"
        "import abc\nimport time\n\nfrom nova import (  # noqa: E402\n    x,\n)\n",
        add=("import time",),
    ),
    Case(
        "below monkey_patch",
        "import os\nimport sys\n\nimport eventlet\n\neventlet.monkey_patch()\n\n"
        "import abc  # noqa: E402\n\nfrom nova import x  # noqa: E402\n",
        "import os\nimport sys\n\nimport eventlet\n\neventlet.monkey_patch()\n\n"
        "import abc  # noqa: E402\nimport time  # noqa: E402\n\n"
        "from nova import x  # noqa: E402\n",
        add=("import time",),
    ),
    Case(
        "below monkey_patch with the noqa of all its neighbours",
        "import eventlet\neventlet.monkey_patch()\n\nimport six  # noqa E402\n\n"
        "from nova import x  # noqa: F401,E402\n",
        "import eventlet\neventlet.monkey_patch()\n\nimport time  # noqa E402\n\n"
        "import six  # noqa E402\n\nfrom nova import x  # noqa: F401,E402\n",
        add=("import time",),
    ),
    Case(
        "sorted as a whole, with the project's own in between",
        "import abc\nfrom nova import utils\nimport oslo\nimport time\n",
        "import abc\nfrom nova import utils\nimport oslo\nimport queue\nimport time\n",
        add=("import queue",),
    ),
    Case(
        "below monkey_patch without what another import is excepted from",
        "import eventlet\neventlet.monkey_patch()\n\n"
        "from nova import x  # noqa: F401,E402\n",
        "import eventlet\neventlet.monkey_patch()\n\nimport time  # noqa: E402\n\n"
        "from nova import x  # noqa: F401,E402\n",
        add=("import time",),
    ),
    Case(
        "below a guarded monkey_patch, as a new group",
        "import os\n\nimport eventlet\n\nif not os.environ.get('X'):\n"
        "    # early\n    eventlet.monkey_patch()\n\nfrom nova import x\n",
        "import os\n\nimport eventlet\n\nif not os.environ.get('X'):\n"
        "    # early\n    eventlet.monkey_patch()\n\nimport time\n\n"
        "from nova import x\n",
        add=("import time",),
    ),
    Case(
        "above monkey_patch if no import follows it",
        "import os\n\nimport eventlet\n\n# first of all\neventlet.monkey_patch()\n",
        "import os\nimport time\n\nimport eventlet\n\n"
        "# first of all\neventlet.monkey_patch()\n",
        add=("import time",),
    ),
    Case(
        "below an import that patches",
        "import nova.monkey_patch  # noqa\n\nimport os\n",
        "import nova.monkey_patch  # noqa\n\nimport abc\nimport os\n",
        add=("import abc",),
    ),
    Case(
        "into the run with most of its group",
        "import os\nimport sys\n\nsys.path.insert(0, os.getcwd())\n\n"
        "import abc\n\nfrom nova import x\n",
        "import os\nimport sys\nimport time\n\nsys.path.insert(0, os.getcwd())\n\n"
        "import abc\n\nfrom nova import x\n",
        add=("import time",),
    ),
    Case(
        "into a run above the first use",
        "import os\n\nX = os.sep\n\nimport abc\nimport sys\n",
        "import os\nimport time\n\nX = os.sep\n\nimport abc\nimport sys\n",
        add=("import time",),
        above="X = ",
    ),
    Case(
        "not into try, TYPE_CHECKING or below a definition",
        "import os\n\ntry:\n    import json\n    import queue\nexcept ImportError:\n"
        "    json = None\n\nif os.TYPE_CHECKING:\n    import abc\n\n\n"
        "def f():\n    pass\n\n\nimport sys\nimport re\nimport zlib\n",
        "import os\nimport time\n\ntry:\n    import json\n    import queue\n"
        "except ImportError:\n    json = None\n\nif os.TYPE_CHECKING:\n"
        "    import abc\n\n\ndef f():\n    pass\n\n\nimport sys\nimport re\n"
        "import zlib\n",
        add=("import time",),
    ),
    Case(
        "a line with semicolons is one line",
        "import abc; import os\n\nimport sys; X = sys\n",
        "import abc; import os\nimport re\n\nimport sys; X = sys\n",
        add=("import re",),
    ),
    Case(
        "above the comment of an import",
        "import abc\n# why sys\n# at all\nimport sys\n\n# why six\nimport six\n",
        "import abc\nimport os\n# why sys\n# at all\nimport sys\n\n"
        "import bcd\n# why six\nimport six\n",
        add=("import os", "import bcd"),
    ),
    Case(
        "below a section header, and a new group above one",
        "# Standard library\nimport os\n\n# Local imports\nfrom nova import x\n",
        "# Standard library\nimport os\n\nimport six\n\n"
        "# Local imports\nfrom nova import a\nfrom nova import x\n",
        add=("import six", "from nova import a"),
    ),
    Case(
        "below the header comment of the file",
        "#!/usr/bin/env python\n# License\nimport os\n",
        "#!/usr/bin/env python\n# License\nimport abc\nimport os\n",
        add=("import abc",),
    ),
    Case(
        "beside the nearest of its group, not beside one that strays",
        "import bcd\nimport six\nfrom nova import x\nimport bbb\nfrom nova import y\n",
        "import bcd\nimport cde\nimport six\nfrom nova import x\nimport bbb\n"
        "from nova import y\n",
        add=("import cde",),
    ),
    Case(
        "below a license between the docstring and the imports",
        '"""doc"""\n# Copyright A\n# Licensed to B\n#\nfrom time import time\n',
        '"""doc"""\n# Copyright A\n# Licensed to B\n#\nimport abc\n'
        "from time import time\n",
        add=("import abc",),
    ),
    Case(
        "a file without imports",
        '#!/usr/bin/env python\n# License\n\n"""doc\n\n# text"""\n\n\n'
        "class A:\n    pass\n",
        '#!/usr/bin/env python\n# License\n\n"""doc\n\n# text"""\n\nimport os\n'
        "import time\n"
        "\nimport six\n\n\nclass A:\n    pass\n",
        add=("import time", "import os", "import six"),
    ),
    Case(
        "a file without imports and blank lines",
        '"""doc"""\nX = 1\n',
        '"""doc"""\n\nimport time\n\nX = 1\n',
        add=("import time",),
    ),
    Case(
        "a file that starts with a decorated function",
        "@staticmethod\ndef f():\n    pass\n",
        "import time\n\n\n@staticmethod\ndef f():\n    pass\n",
        add=("import time",),
    ),
    Case(
        "a file with a header only above a commented class",
        "# License\n\n# the class\nclass A:\n    pass\n",
        "# License\n\nimport time\n\n\n# the class\nclass A:\n    pass\n",
        add=("import time",),
    ),
    Case("an empty file", "", "import time\n", add=("import time",)),
    Case(
        "a file of comments",
        "# License\n",
        "# License\n\nimport time\n",
        add=("import time",),
    ),
    Case(
        "a file with its docstring and code on one line",
        '"""doc"""; X = 1\nY = 2\n',
        '"""doc"""; X = 1\n\nimport time\n\nY = 2\n',
        add=("import time",),
    ),
    Case(
        "a file that imports only in try",
        '"""doc"""\n\ntry:\n    import six\nexcept ImportError:\n    six = None\n',
        '"""doc"""\n\nimport time\n\ntry:\n    import six\nexcept ImportError:\n'
        "    six = None\n",
        add=("import time",),
    ),
    Case(
        "isort puts every import above every from",
        "import abc\nimport time\nfrom concurrent import futures\n",
        "import abc\nimport queue\nimport time\nfrom concurrent import futures\n"
        "from os import path\n",
        add=("import queue", "from os import path"),
        style=ISORT,
    ),
    Case(
        "a long line is wrapped like the file wraps",
        "from os import (\n    path,\n    sep,\n)\n",
        "from os import (\n    path,\n    sep,\n)\nfrom subprocess import (\n"
        "    PIPE,\n    CalledProcessError,\n    TimeoutExpired,\n    check_call,\n)\n",
        add=(
            "from subprocess import check_call",
            "from subprocess import CalledProcessError",
            "from subprocess import TimeoutExpired",
            "from subprocess import PIPE",
        ),
        style=ImportStyle(order="isort", force_single_line=False, line_length=60),
    ),
    Case(
        "a long line is aligned like the file aligns",
        "from os import (path,\n                sep)\n",
        "from os import (path,\n                sep)\nfrom subprocess import (PIPE,\n"
        "                        STDOUT,\n                        check_call)\n",
        add=(
            "from subprocess import check_call",
            "from subprocess import PIPE",
            "from subprocess import STDOUT",
        ),
        style=ImportStyle(order="isort", force_single_line=False, line_length=40),
    ),
]

REMOVING = [
    Case(
        "a group and its blank line go",
        "import os\n\nimport eventlet\n\nfrom nova import x\n",
        "import os\n\nfrom nova import x\n",
        remove=("eventlet",),
    ),
    Case(
        "the last group leaves two blank lines above a function",
        "import os\n\nimport eventlet\nfrom eventlet import tpool  # noqa\n\n\n"
        "def f():\n    pass\n",
        "import os\n\n\ndef f():\n    pass\n",
        remove=("eventlet", "eventlet.tpool"),
    ),
    Case(
        "several groups in a row go",
        "import os\n\nimport eventlet\n\nimport greenlet\n\nfrom nova import x\n",
        "import os\n\nfrom nova import x\n",
        remove=("eventlet", "greenlet"),
    ),
    Case(
        "groups stay apart where the blank line was between removed lines",
        "import os\nimport eventlet\n\nimport greenlet\nimport six\n",
        "import os\n\nimport six\n",
        remove=("eventlet", "greenlet"),
    ),
    Case(
        "no blank line is left at the start of the file",
        "import eventlet\n\nfrom nova import x\n",
        "from nova import x\n",
        remove=("eventlet",),
    ),
    Case(
        "no blank line is left at the end of the file",
        "X = 1\n\nimport eventlet\n",
        "X = 1\n",
        remove=("eventlet",),
    ),
    Case("the only statement goes", "import eventlet\n", "", remove=("eventlet",)),
    Case(
        "its own comment stays and so does the header",
        "# License\n\n# about eventlet\nimport eventlet  # noqa\nimport six\n",
        "# License\n\n# about eventlet\nimport six\n",
        remove=("eventlet",),
    ),
    Case(
        "a comment between removed lines stays",
        "import os\n\nimport eventlet\n# green\nimport greenlet\n\nimport six\n",
        "import os\n\n# green\n\nimport six\n",
        remove=("eventlet", "greenlet"),
    ),
    Case(
        "one of several modules",
        "import abc, eventlet, os  # noqa\n",
        "import abc, os  # noqa\n",
        remove=("eventlet",),
    ),
    Case(
        "the first and the last of several modules",
        "import eventlet, abc, os, greenlet\n",
        "import abc, os\n",
        remove=("eventlet", "greenlet"),
    ),
    Case(
        "a statement among others on its line",
        "import abc; import eventlet; X = 1\n"
        "import greenlet; Y = 2\nZ = 3; import re\n",
        "import abc; X = 1\nY = 2\nZ = 3\n",
        remove=("eventlet", "greenlet", "re"),
    ),
    Case(
        "two statements at the end of a line",
        "X = 1; import eventlet; import greenlet  # why\n",
        "X = 1  # why\n",
        remove=("eventlet", "greenlet"),
    ),
    Case(
        "all statements of a line",
        "import os\nimport eventlet; import greenlet;  # both\nX = 1\n",
        "import os\nX = 1\n",
        remove=("eventlet", "greenlet"),
    ),
    Case(
        "a name and its comment; one name needs no parentheses",
        "from eventlet import (sleep,  # why sleep\n"
        "                      Timeout,  # why Timeout\n                      )\n",
        "from eventlet import Timeout  # why Timeout\n",
        remove=("eventlet.sleep",),
    ),
    Case(
        "names on their own lines with a trailing comma",
        "from eventlet import (\n    event,  # a\n    # about sleep\n    sleep,  # b\n"
        "    spawn,  # c\n)  # end\n",
        "from eventlet import (\n    event,  # a\n    # about sleep\n    spawn,  # c\n"
        ")  # end\n",
        remove=("eventlet.sleep",),
    ),
    Case(
        "the last name without a trailing comma",
        "from eventlet import (\n    event,  # a\n    sleep,\n    spawn  # c\n)\n",
        "from eventlet import (\n    event,  # a\n    sleep\n)\n",
        remove=("eventlet.spawn",),
    ),
    Case(
        "the first name on the line of the parenthesis",
        "from eventlet import (event,  # a\n                      sleep,\n"
        "                      spawn)\n",
        "from eventlet import (sleep,\n                      spawn)\n",
        remove=("eventlet.event",),
    ),
    Case(
        "the first name with a comment line below it",
        "from eventlet import (event,\n                      # about sleep\n"
        "                      sleep,\n                      spawn)\n",
        "from eventlet import (\n                      # about sleep\n"
        "                      sleep,\n                      spawn)\n",
        remove=("eventlet.event",),
    ),
    Case(
        "the last name before the parenthesis",
        "from eventlet import (event, sleep,\n                      spawn)\n",
        "from eventlet import (event, sleep)\n",
        remove=("eventlet.spawn",),
    ),
    Case(
        "the last names behind a comment that stays",
        "from eventlet import (event,\n                      sleep,  # b\n"
        "                      spawn,  # c\n                      tpool)\n",
        "from eventlet import (event,\n                      sleep)  # b\n",
        remove=("eventlet.spawn", "eventlet.tpool"),
    ),
    Case(
        "the last name behind a comment line",
        "from eventlet import (event,\n                      sleep,\n"
        "                      # about spawn\n                      spawn)\n",
        "from eventlet import (event,\n                      sleep,\n"
        "                      # about spawn\n                      )\n",
        remove=("eventlet.spawn",),
    ),
    Case(
        "names within wrapped lines",
        "from eventlet import (event, sleep, spawn,\n"
        "                      tpool, queue, wsgi)\n",
        "from eventlet import (event, sleep,\n                      queue, wsgi)\n",
        remove=("eventlet.spawn", "eventlet.tpool"),
    ),
    Case(
        "names of a line continued with a backslash",
        "from eventlet import event, \\\n    sleep, \\\n    spawn\n"
        "from greenlet import a, \\\n    b, c\nimport abc, \\\n    re\n",
        "from eventlet import event, \\\n    sleep\nfrom greenlet import b, c\n"
        "import re\n",
        remove=("eventlet.spawn", "greenlet.a", "abc"),
    ),
    Case(
        "the middle of a line continued with a backslash",
        "from eventlet import event, \\\n    sleep, \\\n    spawn; X = 1\n",
        "from eventlet import event, \\\n    spawn; X = 1\n",
        remove=("eventlet.sleep",),
    ),
    Case(
        "a whole statement continued with a backslash",
        "import os\nfrom eventlet import \\\n    sleep\nimport six\n",
        "import os\nimport six\n",
        remove=("eventlet.sleep",),
    ),
    Case(
        "a whole wrapped statement",
        "import os\nfrom eventlet import (\n    sleep,\n\n    spawn,\n)\nimport six\n",
        "import os\nimport six\n",
        remove=("eventlet.sleep", "eventlet.spawn"),
    ),
    Case(
        "an emptied function, branch, handler and class get pass",
        "def f():\n    import eventlet  # noqa\n\n\nif f:\n    import eventlet\nelse:\n"
        "    # never\n    import eventlet\ntry:\n    import eventlet; import eventlet\n"
        "finally:\n    import eventlet\n\n\nclass A:\n    import eventlet\n",
        "def f():\n    pass\n\n\nif f:\n    pass\nelse:\n"
        "    # never\n    pass\ntry:\n    pass\n"
        "finally:\n    pass\n\n\nclass A:\n    pass\n",
        remove=("eventlet",),
    ),
    Case(
        "an emptied block on the line of its header",
        "if X: import eventlet  # why\nif Y: import eventlet; Z = 1\n",
        "if X: pass\nif Y: Z = 1\n",
        remove=("eventlet",),
    ),
    Case(
        "the blank line below the first statement of a function",
        'def f():\n    import eventlet\n\n    return 1\n\n\ndef g():\n    """doc"""\n'
        "    import eventlet\n\n    return 1\n",
        'def f():\n    return 1\n\n\ndef g():\n    """doc"""\n\n    return 1\n',
        remove=("eventlet",),
    ),
    Case(
        "a match case and an async function",
        "async def f(x):\n    match x:\n        case 1:\n            import eventlet\n"
        "        case _:\n            import eventlet\n            return 2\n",
        "async def f(x):\n    match x:\n        case 1:\n            pass\n"
        "        case _:\n            return 2\n",
        remove=("eventlet",),
    ),
]

REPLACING = [
    Case(
        "at module level to the sorted place",
        "import os\nimport sys\n\nimport eventlet\n\nfrom nova import x\n",
        "import os\nimport sys\nimport time\n\nfrom nova import x\n",
        replace={"eventlet": "import time"},
    ),
    Case(
        "a new group in the place of the old one",
        '"""doc"""\n\nimport eventlet\n\nfrom nova import x\n\n\ndef f():\n    pass\n',
        '"""doc"""\n\nimport time\n\nfrom nova import x\n\n\ndef f():\n    pass\n',
        replace={"eventlet": "import time"},
    ),
    Case(
        "the only imports of a run, with their comment",
        "# License\n\n# for green\nimport eventlet\n\nfrom eventlet import tpool\n\n\n"
        "def f():\n    pass\n",
        "# License\n\n# for green\nimport threading\nimport time\n\n\n"
        "def f():\n    pass\n",
        remove=("eventlet.tpool",),
        replace={"eventlet": "import time"},
        add=("import threading",),
    ),
    Case(
        "the group is taken over by its new member",
        "import os\n\nimport eventlet\n\nfrom nova import x\n",
        "import os\n\nimport futurist\n\nfrom nova import x\n",
        replace={"eventlet": "import futurist"},
    ),
    Case(
        "one of several names",
        "import os\n\nfrom eventlet import sleep, Timeout\n",
        "import os\nfrom time import sleep\n\nfrom eventlet import Timeout\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "two names by one module",
        "import os\n\nfrom eventlet import semaphore, event\n",
        "import os\nimport threading\n",
        replace={
            "eventlet.semaphore": "import threading",
            "eventlet.event": "import threading",
        },
    ),
    Case(
        "in a function at its place",
        "def f():\n    from eventlet import sleep  # noqa: late\n    sleep(1)\n",
        "def f():\n    from time import sleep  # noqa: late\n    sleep(1)\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "in a function beside the name that stays",
        "def f():\n    from eventlet import sleep, Timeout  # both\n    sleep(1)\n",
        "def f():\n    from eventlet import Timeout  # both\n"
        "    from time import sleep\n    sleep(1)\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "in a function below what sorts before it",
        "def f():\n    import abc, eventlet\n    import re\n",
        "def f():\n    import abc\n    import re\n    import time\n",
        replace={"eventlet": "import time"},
    ),
    Case(
        "in a function all names of a statement",
        "def f():\n    from eventlet import (sleep,\n                          spawn)\n"
        "    sleep(1)\n",
        "def f():\n    import threading\n    from time import sleep\n    sleep(1)\n",
        replace={
            "eventlet.sleep": "from time import sleep",
            "eventlet.spawn": "import threading",
        },
    ),
    Case(
        "in a function among sorted neighbours, not across a blank line",
        "def f():\n    import zlib\n\n    from eventlet import sleep\n"
        "    from nova import x\n    from nova import y\n\n    import abc\n",
        "def f():\n    import zlib\n\n    from nova import x\n"
        "    from nova import y\n    from time import sleep\n\n    import abc\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "in a function at its place if its neighbours are not sorted",
        "def f():\n    import zlib\n    from eventlet import sleep\n    import abc\n",
        "def f():\n    import zlib\n    from time import sleep\n    import abc\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "in a function above and below its neighbours, with its comment",
        "def f():\n    import bcd\n    import eventlet  # noqa\n    import os\n"
        "    return 1\n\n\ndef g():\n    import os\n    from os import eventlet\n",
        "def f():\n    import bcd\n    import os\n    import time  # noqa\n"
        "    return 1\n\n\ndef g():\n    import abc\n    import os\n",
        replace={"eventlet": "import time", "os.eventlet": "import abc"},
    ),
    Case(
        "in a guarded block what is bound above is not bound again",
        "import os\n\nif os:\n    import time\n    import eventlet.event\n    X = 1\n"
        "    import eventlet.semaphore\n    from eventlet import sleep, Timeout\n",
        "import os\n\nif os:\n    import time\n    import threading\n    X = 1\n"
        "    from eventlet import Timeout\n",
        replace={
            "eventlet.event": "import threading",
            "eventlet.semaphore": "import threading",
            "eventlet.sleep": "import time",
        },
    ),
    Case(
        "on a line with other statements",
        "if X: from eventlet import sleep, spawn; Y = 1\n",
        "if X: from eventlet import spawn; from time import sleep; Y = 1\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "in a guarded block at its place",
        "if X:\n    import eventlet\nelse:\n    import time\n",
        "if X:\n    import time\nelse:\n    import time\n",
        replace={"eventlet": "import time"},
    ),
    Case(
        "a fallback at module level",
        "import os\n\ntry:\n    from eventlet import sleep  # noqa\n"
        "except (ImportError, ModuleNotFoundError):\n    from time import sleep\n\n\n"
        "def f():\n    pass\n",
        "import os\nfrom time import sleep\n\n\ndef f():\n    pass\n",
        flatten={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "a fallback between two runs of imports",
        "import os\n\ntry:\n    import eventlet.queue as queue\nexcept ImportError:\n"
        "    import queue\n\nimport six\n",
        "import os\nimport queue\n\nimport six\n",
        flatten={"eventlet.queue": "import queue"},
    ),
    Case(
        "a fallback alone in its file, with comments",
        "# License\n\ntry:\n    # green\n    from eventlet import sleep\n"
        "except ImportError:\n    from time import sleep\n\n\ndef f():\n    pass\n",
        "# License\n\n# green\nfrom time import sleep\n\n\ndef f():\n    pass\n",
        flatten={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "a fallback with comments among imports",
        "import os\n\ntry:\n    from eventlet import sleep\nexcept ImportError:\n"
        "    # native\n    from time import sleep\n\nimport six\n",
        "import os\nfrom time import sleep\n\n# native\n\nimport six\n",
        flatten={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "a fallback in a function",
        "def f():\n    try:\n        from eventlet import sleep\n"
        "    except ImportError:\n        # native\n        from time import sleep\n"
        "    sleep(1)\n",
        "def f():\n    # native\n    from time import sleep\n    sleep(1)\n",
        flatten={"eventlet.sleep": "from time import sleep"},
    ),
]

AS_WRITTEN = [
    Case(
        "a file in another order than the project's keeps its own",
        "import json\nimport socket\nimport time\nfrom contextlib import suppress\n",
        "import json\nimport socket\nimport threading\nimport time\n"
        "from contextlib import suppress\n",
        add=("import threading",),
    ),
    Case(
        "a name among modules in that order",
        "import json\nimport time\nfrom contextlib import suppress\n"
        "from re import sub\n",
        "import json\nimport time\nfrom contextlib import suppress\n"
        "from queue import Empty\nfrom re import sub\n",
        add=("from queue import Empty",),
    ),
    Case(
        "modules that are first by chance say nothing against the project's order",
        "import json\nfrom os import path\n",
        "import json\nfrom os import path\nimport queue\n",
        add=("import queue",),
    ),
]

CASES = [*ADDING, *REMOVING, *REPLACING, *AS_WRITTEN]
IDS = [case.name for case in CASES]


def text(data: bytes) -> str:
    return data.decode("utf-8")


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_golden(case: Case) -> None:
    result = text(edited(decode("x.py", case.before.encode()), case))
    assert result == case.after
    ast.parse(result)


def to_crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def with_bom(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def without_end(text: str) -> bytes:
    return text.removesuffix("\n").encode()


@pytest.mark.parametrize(
    "form", [to_crlf, with_bom, without_end], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("case", [c for c in CASES if c.before], ids=lambda c: c.name)
def test_golden_in_other_bytes(case: Case, form: Callable[[str], bytes]) -> None:
    before, after = form(case.before), form(case.after)
    assert edited(decode("x.py", before), case) == after


def test_offsets_of_a_file_in_latin_1() -> None:
    cookie = "# -*- coding: latin-1 -*-\n'''\xe9'''\nimport os\n"
    before = cookie + "X = '\xe9'; import eventlet; Y = '\xe9'\n"
    after = cookie + "import time\nX = '\xe9'; Y = '\xe9'\n"
    case = Case("", before, after, replace={"eventlet": "import time"})
    result = edited(decode("x.py", before.encode("latin-1")), case)
    assert result == after.encode("latin-1")


def test_a_form_feed_is_no_blank_line() -> None:
    before = b"import os\n\f\nimport eventlet\n\fimport greenlet\nX = 1\n"
    case = Case("", "", "", remove=("eventlet", "greenlet"))
    assert edited(decode("x.py", before), case) == b"import os\n\f\n\fX = 1\n"


def test_mixed_line_ends_stay_mixed() -> None:
    before = b"import os\r\nimport sys\nimport eventlet\r\nX = 1\n\n"
    case = Case("", "", "", replace={"eventlet": "import time"})
    after = b"import os\r\nimport sys\nimport time\nX = 1\n\n"
    assert edited(decode("x.py", before), case) == after


TABS = [
    Case(
        "whole statement",
        "def f():\n\timport eventlet\n",
        "def f():\n\timport time\n",
        replace={"eventlet": "import time"},
    ),
    Case(
        "one of two names",
        "def f():\n\tfrom eventlet import sleep, Timeout\n",
        "def f():\n\tfrom eventlet import Timeout\n\tfrom time import sleep\n",
        replace={"eventlet.sleep": "from time import sleep"},
    ),
    Case(
        "fallback",
        "def f():\n\ttry:\n\t\timport eventlet.queue as queue\n"
        "\texcept ImportError:\n\t\t# native\n\t\timport queue\n",
        "def f():\n\t# native\n\timport queue\n",
        flatten={"eventlet.queue": "import queue"},
    ),
    Case(
        "line of a wrapped import",
        "from eventlet import (\n\ta,\n\tb,  # why\n\tc,\n)\n",
        "from eventlet import (\n\ta,\n\tc,\n)\n",
        remove=("eventlet.b",),
    ),
]


@pytest.mark.parametrize("case", TABS, ids=lambda case: case.name)
def test_tabs_are_copied(case: Case) -> None:
    assert text(edited(decode("x.py", case.before.encode()), case)) == case.after


def violations(folder: Path) -> dict[str, set[str]]:
    """What flake8 with hacking and pyflakes finds, per file."""
    select = (
        "H301,H303,H304,H306,E1,E2,E3,E5,W2,W3,W6,F402,F403,F404,F63,F7,F821,F822,E9"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "flake8",
            "--isolated",
            f"--select={select}",
            "--ignore=E126",
            ".",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    found: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        path, _, _, what = line.split(":", 3)
        found.setdefault(Path(path).name, set()).add(what.split()[0].rstrip(":"))
    return found


def test_flake8_and_hacking_find_nothing_new(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    for number, case in enumerate(CASES):
        name = f"case{number:03}.py"
        (before / name).write_text(case.before)
        result = edited(decode("x.py", case.before.encode()), case)
        (after / name).write_bytes(result)
    found, old = violations(after), violations(before)
    new = {
        CASES[int(name[4:7])].name: codes - old.get(name, set())
        for name, codes in found.items()
    }
    assert {name: codes for name, codes in new.items() if codes} == {}
    assert sum(f"case{n:03}.py" not in old for n in range(len(CASES))) > 40


def test_flake8_would_find_a_violation(tmp_path: Path) -> None:
    (tmp_path / "case000.py").write_text("import sys\nimport os\nX = (\n 1)\n")
    assert {"H306"} <= violations(tmp_path)["case000.py"]


def key(statement: str) -> str:
    """The path that H306 compares."""
    words = statement.split()
    path = f"{words[1]}.{words[3]}" if words[0] == "from" else words[1]
    return path.lower()


STDLIB = ["abc", "ast", "concurrent.futures", "os", "os.path", "queue", "time", "zlib"]
OTHERS = ["Zope", "eventlet", "oslo_log.log", "six", "webob"]
OWN = ["nova", "nova.Test", "nova.api", "nova.compute.rpcapi"]


def statements_of(paths: list[str]) -> st.SearchStrategy[list[str]]:
    def forms(path: str) -> list[str]:
        parent, _, name = path.rpartition(".")
        return [f"import {path}", *([f"from {parent} import {name}"] if parent else [])]

    one = st.sampled_from([form for path in paths for form in forms(path)])
    return st.lists(one, unique_by=key).map(lambda found: sorted(found, key=key))


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file with sorted groups of imports, comments and a definition below."""
    groups: list[str] = []
    for paths in (STDLIB, OTHERS, OWN):
        lines: list[str] = []
        for statement in draw(statements_of(paths)):
            comment = [f"# about {statement.split()[1]}"] if lines else []
            lines += draw(st.sampled_from([[], comment]))
            lines.append(draw(st.sampled_from([statement, f"{statement}  # noqa"])))
        if lines:
            groups.append("\n".join(lines) + "\n")
    head = draw(st.sampled_from(["", '"""doc"""\n\n', "# License\n\n"]))
    gap = "\n\n" if groups else "\n" if head else ""
    return head + "\n".join(groups) + gap + "class A: pass\n"


added = st.lists(
    st.sampled_from(["import bisect", "import re", "from threading import Lock"]),
    unique=True,
    min_size=1,
)


def ordered(text: str) -> bool:
    """H306 by its definition: neighbours without a blank line between are sorted."""
    for block in text.split("\n\n"):
        lines = [x for x in block.splitlines() if x.startswith(("import", "from"))]
        if sorted(lines, key=key) != lines:
            return False
    return True


@given(files(), added)
def test_adding_keeps_the_order_and_only_inserts(before: str, add: list[str]) -> None:
    after = text(edited(decode("x.py", before.encode()), Case("", "", "", tuple(add))))
    assert ordered(before)
    assert ordered(after)
    assert all(line in after.splitlines() for line in add)
    rest = iter(after.splitlines())
    assert all(line in rest for line in before.splitlines())
    assert "\n\n\n\n" not in after
    assert not after.startswith("\n")


@given(files(), added)
def test_removing_what_was_added_gives_the_bytes_back(
    before: str, add: list[str]
) -> None:
    case = Case("", "", "", tuple(add))
    there = decode("x.py", edited(decode("x.py", before.encode()), case))
    paths = tuple(
        f"{s.module}.{s.name}" if s.name else s.module for s in map(spec, add)
    )
    assert edited(there, Case("", "", "", remove=paths)) == before.encode()


@given(files(), added)
def test_adding_twice_changes_nothing(before: str, add: list[str]) -> None:
    case = Case("", "", "", tuple(add))
    once = edited(decode("x.py", before.encode()), case)
    assert edited(decode("x.py", once), case) == once


@given(files(), st.data())
def test_any_removal_leaves_the_rest(before: str, data: st.DataObject) -> None:
    source = decode("x.py", before.encode())
    tree = parse(source)
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    gone = data.draw(st.sets(st.sampled_from(imports))) if imports else set()
    remove = [Removal(node, node.names[0]) for node in gone]
    edits = edit_imports(source, tree, HACKING, remove=remove)
    after = text(splice(source, edits))
    left = [ast.dump(n) for n in tree.body if n not in gone]
    assert [ast.dump(n) for n in ast.parse(after).body] == left
    assert ordered(after)
    comments = [x for x in before.splitlines() if x.startswith("#")]
    assert [x for x in after.splitlines() if x.startswith("#")] == comments
    assert "\n\n\n\n" not in after
    assert not after.startswith("\n")


def test_a_name_is_bound_as_python_binds_it() -> None:
    for statement in (
        "import os.path",
        "import os.path as p",
        "from os import path",
        "from os import path as p",
    ):
        names: dict[str, object] = {}
        exec(statement, names)
        assert spec(statement).bound in names
        assert spec(statement).statement() == statement


def test_specs_have_an_order() -> None:
    specs = [spec("import os"), spec("from os import path"), spec("import abc as b")]
    assert sorted(specs) == [specs[2], specs[0], specs[1]]


FALLBACK = "try:\n    {}\nexcept {}:\n    {}\n"


@pytest.mark.parametrize(
    "caught", ["ImportError", "(ModuleNotFoundError, ImportError)"]
)
def test_a_fallback_is_found_from_either_branch(caught: str) -> None:
    green, native = "from eventlet import sleep", "from time import sleep"
    code = FALLBACK.format(green, caught, native)
    tree = ast.parse("if X:\n  " + "\n  ".join(code.splitlines()) + "\n")
    for path in ("eventlet.sleep", "time.sleep"):
        (removal,) = removals(tree, path)
        assert isinstance(find_fallback(tree, removal.statement), ast.Try)


@pytest.mark.parametrize(
    "code",
    [
        FALLBACK.format("import eventlet", "ImportError", "eventlet = None"),
        FALLBACK.format("import eventlet", "ImportError", "import time"),
        FALLBACK.format("import eventlet", "Exception", "import gevent as eventlet"),
        FALLBACK.format("import eventlet; X = 1", "ImportError", "import eventlet"),
        FALLBACK.format("import eventlet, os", "ImportError", "import eventlet"),
        FALLBACK.format("import eventlet", "ImportError", "import eventlet")
        + "else:\n    X = 1\n",
        FALLBACK.format("import eventlet", "ImportError", "import eventlet")
        + "finally:\n    X = 1\n",
        "import eventlet\n",
    ],
)
def test_anything_else_is_no_fallback(code: str) -> None:
    tree = ast.parse(code)
    for removal in removals(tree, "eventlet"):
        assert find_fallback(tree, removal.statement) is None


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ImportStyle()),
        (
            {"pyproject.toml": "[tool.black]\nline-length = 100\n"},
            ImportStyle(line_length=100),
        ),
        (
            {"tox.ini": "[flake8]\nmax-line-length = 100\nignore = W503\n"},
            ImportStyle(line_length=100),
        ),
        (
            {
                "tox.ini": "[flake8]\nimport-order-style = google\n"
                "application-import-names = nova,nova_tests\n"
            },
            ImportStyle(
                frozenset({"nova", "nova_tests"}),
                "isort-force-sort-within-sections",
                force_single_line=False,
            ),
        ),
        (
            {"tox.ini": "[flake8]\nimport-order-style = pep8\n"},
            ImportStyle(),
        ),
        (
            {".isort.cfg": "[settings]\nprofile = black\nknown_first_party = a, b.c\n"},
            ImportStyle(
                frozenset({"a", "b"}), "isort", force_single_line=False, line_length=88
            ),
        ),
        (
            {"pyproject.toml": '[tool.isort]\nprofile = "open_stack"\n'},
            ImportStyle(),
        ),
        (
            {"setup.cfg": "[tool:isort]\nforce_single_line = True\nline_length = 90\n"},
            ImportStyle(order="isort", line_length=90),
        ),
        (
            {
                "pyproject.toml": "[tool.ruff]\nline-length = 110\n[tool.ruff.lint]\n"
                'select = ["E", "I"]\n[tool.ruff.lint.isort]\n'
                "force-sort-within-sections = true\nforce-single-line = true\n"
                'known-first-party = ["nova"]\n'
            },
            ImportStyle(
                frozenset({"nova"}),
                "isort-force-sort-within-sections",
                line_length=110,
            ),
        ),
        (
            {"ruff.toml": 'line-length = 85\n[lint]\nselect = ["E", "INP"]\n'},
            ImportStyle(line_length=85),
        ),
        ({"tox.ini": "not an ini", "pyproject.toml": "= no"}, ImportStyle()),
    ],
)
def test_style_is_detected(files: dict[str, str], expected: ImportStyle) -> None:
    assert detect_style(files.get, frozenset()) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import eventlet\neventlet.monkey_patch()\n\n\ndef f():\n    pass\n",
            "import eventlet\neventlet.monkey_patch()\n\n"
            "from proj import utils  # noqa: E402\n\n\ndef f():\n    pass\n",
        ),
        (
            "import os\n\nimport eventlet\n\neventlet.monkey_patch()  # first\n",
            "import os\n\nimport eventlet\n\neventlet.monkey_patch()  # first\n\n"
            "from proj import utils  # noqa: E402\n",
        ),
    ],
)
def test_what_may_import_anything_goes_below_monkey_patch(
    before: str, after: str
) -> None:
    source = decode("proj/x.py", before.encode())
    style = ImportStyle(frozenset({"proj"}))
    edits = edit_imports(source, parse(source), style, [ImportSpec("proj", "utils")])
    assert splice(source, edits).decode() == after
