"""Strategies: programs that use Eventlet in any spelling, scope and format.

A program is made of idioms. Each name of Eventlet's is spelled in one of many ways,
each object is made in one of many places and used in another, and the text is then
spaced, broken and commented at random. Text only: nothing is run or judged here.
"""

from __future__ import annotations

import ast
import io
import re
import tempfile
import textwrap
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import hypothesis.strategies as st

from deventlet.scaffold import Scaffold, scaffold
from tests.fuzz.idioms import GROUPS, HOMES, Idiom
from tests.support.tool import VARIANTS, write_files

MAIN, LIB, PACKAGE = "main.py", "lib.py", "pkg/inner.py"
BOTH_WAYS = "own/concurrency.py"
"""The module with which a program runs both ways, where there is one."""

VALUES = (
    "1", "2", "'v'", "(1, 2)", "[1]", "f'{1}-{\"a\"}'", "len('abc')", "0", "True",
    "None", "{'a': 1}", "1.5", "'a' 'b'", "-1", "(n_ := 3)", "1 if 2 else 3",
)  # fmt: skip
SECONDS = (
    "0", "0.001", "0.0", "0.001 * 2", "float('0.001')", "min(0.001, 1)", "0 or 0.001",
    "(0.001)", "max(0, 0.001)", "1e-3", "0x0", "0.002 - 0.001", "abs(-0.001)",
)  # fmt: skip
SIZES = ("", "3", "maxsize=4", "10")

PLACES = {
    "inline": "it@ = MAKE\nUSE",
    "annotated": "it@: object = MAKE\nUSE",
    "chained": "it@ = other@ = MAKE\nUSE",
    "walrus": "if (it@ := MAKE) is not None:\n    USE",
    "either": "it@ = MAKE if len('ab') else None\nUSE",
    "tuple": "it@, other@ = MAKE, 1\nUSE",
    "list": "its@ = [MAKE]\nit@ = its@[0]\nUSE",
    "loop": "for it@ in [MAKE]:\n    USE",
    "param": "def use@(it@):\n    USE\nuse@(MAKE)",
    "keyword": "def use@(*, it@=None, time=1):\n    USE\nuse@(it@=MAKE)",
    "default": "def use@(it@=MAKE):\n    USE\nuse@()",
    "factory": "def new@():\n    return MAKE\nit@ = new@()\nUSE",
    "lambda": "new@ = lambda: MAKE\nit@ = new@()\nUSE",
    "closure": "def outer@():\n    it@ = MAKE\n    def inner():\n        USE\n"
    "    return inner\nouter@()()",
    "global": "def set@():\n    global it@\n    it@ = MAKE\nset@()\nUSE",
    "star": "def use@(*its):\n    it@ = its[0]\n    USE\nuse@(MAKE)",
}
"""Where an object is made, and where it is used."""

OWNED = {
    "self": "class Own@:\n    def __init__(self, time=None):\n"
    "        self.it@ = MAKE\n    def use(self):\n        USE\nOwn@().use()",
    "private": "class Own@(object):\n    '''Has one.'''\n    def __init__(self):\n"
    "        self._it@: object = MAKE\n    def use(self):\n        USE\nOwn@().use()",
    "class": "class Own@:\n    it@ = MAKE\n    def use(self):\n        USE\n"
    "Own@().use()",
    "property": "class Own@:\n    def __init__(self):\n        self.real = MAKE\n"
    "    @property\n    def it@(self):\n        return self.real\n    def use(self):\n"
    "        USE\nOwn@().use()",
    "base": "class Base@:\n    def __init__(self):\n        self.it@ = MAKE\n"
    "class Own@(Base@):\n    def use(self):\n        USE\nOwn@().use()",
    "given": "class Own@:\n    def __init__(self, it):\n        self.it@ = it\n"
    "    def use(self):\n        USE\nOwn@(MAKE).use()",
    "dataclass": "import dataclasses\n@dataclasses.dataclass\nclass Own@:\n"
    "    it@: object\n    def use(self) -> None:\n        USE\nOwn@(MAKE).use()",
}

SCOPES = (
    "BODY",
    "BODY",
    "def run@():\n    BODY\nrun@()",
    "def run@(time=1, *, queue=2):\n    BODY\nrun@()",
    "def run@(threading, futures=None) -> None:\n    BODY\nrun@(0)",
    "class Run@:\n    @staticmethod\n    def run():\n        BODY\nRun@.run()",
    "class Run@:\n    time = 3\n    def run(self, threading=None):\n        BODY\n"
    "Run@().run()",
    "async def run@():\n    BODY\ntry:\n    run@().send(None)\n"
    "except StopIteration:\n    pass",
    "def run@():\n    BODY\n    yield\nlist(run@())",
    "if True:\n    BODY\nelse:\n    pass",
    "for i@ in range(2):\n    BODY",
    "try:\n    BODY\nfinally:\n    print('end')",
    "with open('/dev/null') as time@:\n    BODY",
    "match 1:\n    case 1:\n        BODY",
    "def outer@():\n    def inner():\n        BODY\n    inner()\nouter@()",
    "while True:\n    BODY\n    break",
    "def same@(f):\n    return f\n@same@\ndef run@() -> None:\n"
    "    '''eventlet.sleep(1)'''\n    BODY\nrun@()",
    "if __name__ == '__main__':\n    BODY",
    "def run@():\n    time = 5\n    BODY\n    return time\nrun@()",
    "def run@():\n    global g@\n    g@ = 1\n    BODY\nrun@()",
    "try:\n    pass\nexcept ValueError:\n    pass\nelse:\n    BODY",
    "def run@():\n    if not __debug__:\n        return\n    BODY\nrun@()",
)
LOCAL = re.compile(r"    BODY")

NOISE = (
    "# eventlet.sleep(6)",
    "'''eventlet.spawn(x)'''",
    "",
    "\f",
    "x: int = 3",
    "print('noise')",
    "assert len('a'), 'eventlet'",
    "y = [n for n in range(3)]",
    "z = f'{len(\"eventlet.sleep(1)\")}'",
    "if 0: pass",
    "try: pass\nfinally: pass",
    "def é(ü=1): return ü",
)
BINDING = {
    "time": (
        "time = 7",
        "import time",
        "def time(): return 1",
        "from os import times as time",
    ),
    "_time": ("_time = 7",),
    "queue": ("queue = 'q'", "import queue", "class queue: pass"),
    "threading": ("threading = None", "import threading"),
    "futures": ("futures = 0", "from concurrent import futures"),
    "concurrent": ("concurrent = []", "import concurrent.futures"),
    "socket": ("socket = 1", "import socket"),
    "futurist": ("futurist = 1", "import futurist"),
    "os": ("import os",),
    "functools": ("import functools",),
}  # fmt: skip
"""What else may bind names that a codemod would like to have."""

TRICKY = ("time", "queue", "threading", "futures", "socket", "clock", "_sleep")
HEADS = (
    "",
    "",
    "#!/usr/bin/env python3\n",
    '"""Uses eventlet."""\n',
    "# A licence.\n\n'''Doc.'''\n",
    "from __future__ import annotations\n",
    '"""Doc."""\nfrom __future__ import annotations\n\n',
    "__all__ = ['x']\n",
)
PATCHES = (
    "",
    "",
    "import eventlet\neventlet.monkey_patch()\n",
    "import eventlet; eventlet.monkey_patch()\n",
    "from eventlet import patcher\npatcher.monkey_patch()\n",
    "import eventlet\n\neventlet.monkey_patch()  # noqa\n\nimport os  # noqa: E402\n",
    "from eventlet import monkey_patch as mp\nmp(all=True)\n",
)
REQUIRED: tuple[Mapping[str, str], ...] = (
    {},
    {},
    {"requirements.txt": "futurist>=2.0\neventlet>=0.30 # MIT\nrequests\n"},
    {
        "setup.py": "import setuptools\nsetuptools.setup(\n    name='own',\n"
        "    install_requires=[\n        'eventlet',\n        'futurist',\n    ],\n)\n"
    },
)
"""What else says that Eventlet is needed."""
CONFIGS = (
    "",
    "",
    'executor = "concurrent.futures.ThreadPoolExecutor"\n',
    'executor = "concurrent.futures.ThreadPoolExecutor"\n',
    "line-length = 60\n",
)


@dataclass(frozen=True, slots=True)
class Program:
    """Files of which the first is run, and how they are to be tried.

    :param variant: one of the ``VARIANTS`` of the bytes.
    :param config: the text of ``deventlet.toml``.
    :param seed: for the other order of codemods.
    """

    files: Mapping[str, str]
    variant: str = "plain"
    config: str = ""
    seed: int = 0

    @property
    def contents(self) -> dict[str, bytes]:
        """The bytes of the files."""
        return {path: VARIANTS[self.variant](t) for path, t in self.files.items()}


@dataclass(slots=True)
class _File:
    """A file that is being written: what it imports, defines and does, and binds."""

    imports: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    bound: dict[str, str] = field(default_factory=dict)

    def free(self, name: str, by: str) -> bool:
        """Whether a name is bound by nothing else; it is by this, from now on."""
        return self.bound.setdefault(name, by) == by

    @property
    def text(self) -> str:
        return "\n".join([*dict.fromkeys(self.imports), *self.parts]) + "\n"


@dataclass(slots=True)
class _Writer:
    """Writes one program."""

    draw: st.DrawFn
    files: dict[str, _File] = field(default_factory=lambda: {MAIN: _File()})
    number: int = 0  # of the piece
    names: int = 0

    def pick(self, choices: Sequence[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def often(self, one_in: int) -> bool:
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def file(self, path: str) -> _File:
        if path.startswith("pkg/"):
            self.files.setdefault("pkg/__init__.py", _File())
        return self.files.setdefault(path, _File())

    def piece(self) -> None:
        """One idiom, somewhere."""
        idiom = self.draw(st.sampled_from(self.draw(st.sampled_from(GROUPS))))
        self.number += 1
        main = self.files[MAIN]
        if idiom.top:
            main.parts.append(self.filled(idiom.top, MAIN))
        use = self.filled(idiom.use, MAIN)
        if idiom.make:
            use = self.placed(idiom, use)
        main.parts.append(self.scoped(use))

    def filled(self, text: str, path: str) -> str:
        """A text of an idiom with its values, and names spelled for a file."""
        text = re.sub(r"\bV\b", lambda _: self.pick(VALUES), text)
        text = re.sub(r"\bS\b", lambda _: self.pick(SECONDS), text)
        text = re.sub(r"\bMAX\b", lambda _: self.pick(SIZES), text)
        text = re.sub(r"<([\w.]+)>", lambda m: self.spelled(m[1], path), text)
        return re.sub(r"(?<=\w)@", str(self.number), text)

    def placed(self, idiom: Idiom, use: str) -> str:
        """The statements that make an object, and use it."""
        kind = self.draw(st.integers(0, 9))
        if kind == 0:
            return self.shared(idiom, use)
        table = OWNED if kind < 4 else PLACES
        place = self.pick([*table])
        made = self.filled(idiom.make, MAIN)
        it = f"it{self.number}"
        if table is OWNED:
            owned = f"self._{it}" if place == "private" else f"self.{it}"
            use = re.sub(rf"\b{it}\b", owned, use)
        text = re.sub(r"(?<=\w)@", str(self.number), table[place])
        return _inserted(text.replace("MAKE", made), "USE", use)

    def shared(self, idiom: Idiom, use: str) -> str:
        """An object that another file makes."""
        path = self.pick((LIB, PACKAGE))
        other, main = self.file(path), self.files[MAIN]
        it = f"it{self.number}"
        if idiom.top:
            other.parts.append(self.filled(idiom.top, path))
        other.parts.append(f"{it} = {self.filled(idiom.make, path)}")
        module = path.removesuffix(".py").replace("/", ".")
        if self.often(2):
            main.imports.append(f"import {module}")
            return re.sub(rf"\b{it}\b", f"{module}.{it}", use)
        main.imports.append(f"from {module} import {it}")
        return use

    def scoped(self, body: str) -> str:
        scope = re.sub(r"(?<=\w)@", str(self.number), self.pick(SCOPES))
        if self.often(8) and "    BODY" in scope and "class" not in body:
            body = f"{self.noise()}\n{body}"
        return _inserted(scope, "BODY", body)

    def noise(self) -> str:
        return self.pick(NOISE)

    def binding(self) -> None:
        """Bind a name at the top of the main file that nothing else has."""
        main = self.files[MAIN]
        name = self.pick([*BINDING])
        statement = self.pick(BINDING[name])
        if main.free(name, statement):
            main.parts.append(statement)

    # -- names

    def spelled(self, api: str, path: str) -> str:
        """An expression for a name of Eventlet's; its import is at the top."""
        home, _, name = api.rpartition(".")
        module = self.pick(HOMES.get(api, (home,)))
        file = self.file(path)
        if path == MAIN and self.often(6):
            return self.through_project(module, name)
        way = self.draw(st.sampled_from(_WAYS))
        statement, expression = way(module, name, self.alias(name))
        bound = re.match(r"\w+", expression)
        assert bound is not None
        if not file.free(bound[0], _owner(statement, bound[0])):
            self.names += 1
            unlike = f"_{name}_{self.names}"
            statement, expression = f"from {module} import {name} as {unlike}", unlike
            file.free(unlike, statement)
        file.imports.append(statement)
        return expression

    def alias(self, name: str) -> str:
        if self.often(6):
            return self.pick(TRICKY)
        self.names += self.often(3)
        return f"{name[0].lower()}_{self.names}"

    def through_project(self, module: str, name: str) -> str:
        """A name that another file of the project has imported."""
        path = self.pick((LIB, PACKAGE))
        own = path.removesuffix(".py").replace("/", ".")
        other, main = self.file(path), self.files[MAIN]
        statement = f"from {module} import {name}"
        if not other.free(name, statement):
            return self.spelled(f"{module}.{name}", MAIN)
        other.imports.append(statement)
        if self.often(2) and main.free(name, f"from {own} import {name}"):
            main.imports.append(f"from {own} import {name}")
            return name
        main.imports.append(f"import {own}")
        return f"{own}.{name}"


Way = Callable[[str, str, str], tuple[str, str]]


def _child(module: str, name: str, alias: str) -> tuple[str, str]:
    parent, _, child = module.rpartition(".")
    if not parent:
        return f"import {module}", f"{module}.{name}"
    return f"from {parent} import {child}", f"{child}.{name}"


def _child_as(module: str, name: str, alias: str) -> tuple[str, str]:
    parent, _, child = module.rpartition(".")
    statement = f"from {parent} import {child}" if parent else f"import {module}"
    return f"{statement} as {alias}", f"{alias}.{name}"


_WAYS: tuple[Way, ...] = (
    lambda m, n, a: (f"import {m}", f"{m}.{n}"),
    lambda m, n, a: (f"import {m}", f"{m}.{n}"),
    lambda m, n, a: (f"import {m} as {a}", f"{a}.{n}"),
    lambda m, n, a: (f"from {m} import {n}", n),
    lambda m, n, a: (f"from {m} import {n}", n),
    lambda m, n, a: (f"from {m} import {n} as {a}", a),
    lambda m, n, a: (f"from {m} import (  # all\n    {n} as {a},\n)", a),
    lambda m, n, a: (f"from {m} import {n} \\\n    as {a}", a),
    lambda m, n, a: (f"from {m} import {n} as {a}  # noqa", a),
    lambda m, n, a: (f"import os, {m} as {a}, sys", f"{a}.{n}"),
    _child,
    _child,
    _child_as,
    lambda m, n, a: (f"import {m} as {a}_\n{a} = {a}_.{n}", a),
    lambda m, n, a: (
        f"try:\n    from {m} import {n} as {a}\nexcept ImportError:\n    {a} = None",
        a,
    ),
    lambda m, n, a: (f"if True:\n    import {m} as {a}", f"{a}.{n}"),
)


def _owner(statement: str, name: str) -> str:
    """What binds a name: the package, where ``import a.b`` and ``import a.c`` agree."""
    return f"import {name}" if statement.startswith(f"import {name}") else statement


def _inserted(text: str, word: str, body: str) -> str:
    """A text with a block in a word's place, as far to the right as the word was."""
    return re.sub(
        rf"^( *){word}$", lambda m: textwrap.indent(body, m[1]), text, flags=re.M
    )


# -- formats -------------------------------------------------------------------------

EDITS = (
    "space", "space", "backslash", "break", "comment", "break", "comment", "after",
    "semicolon", "join", "tight", "blank", "note",
)  # fmt: skip
_SKIPPED = frozenset(
    {tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT}
)


def edited(text: str, edits: Sequence[tuple[int, str]]) -> str:
    """The text with each edit at one of its gaps.

    Edits that break it are left out, or give it another meaning: a line that is joined
    to ``for t in ts: t.wait()`` would be in the loop.
    """
    for place, kind in edits:
        found = _edit(text, place, kind)
        if found != text and compiles(found) and _means(found) == _means(text):
            text = found
    return text


def _means(text: str) -> str:
    return ast.dump(ast.parse(text))


def _edit(text: str, place: int, kind: str) -> str:
    gaps = _gaps(text)
    if not gaps:
        return text
    start, end, depth, is_line_end = gaps[place % len(gaps)]
    gap = text[start:end]
    put = {
        "space": f"{gap}  ",
        "tight": "",
        "backslash": f"{gap} \\\n     ",
        "break": "\n       " if depth else gap,
        "comment": "  # why, eventlet?\n   " if depth else gap,
    }
    if is_line_end:
        after = text[end:]
        indent = after[1:][: len(after[1:]) - len(after[1:].lstrip(" "))]
        put = {
            "after": f"  # see eventlet{gap}",
            "semicolon": f";{gap}",
            "note": f"\n{indent}# a note",
            "blank": "\n",
        }
        if kind == "join":
            return f"{text[:start]}; {after[1:].lstrip(' ')}"
    return text[:start] + put.get(kind, gap) + text[end:]


def _gaps(text: str) -> list[tuple[int, int, int, bool]]:
    """Start, end and depth of what is between tokens of a line, and of line ends."""
    starts = [0]
    for line in io.StringIO(text):
        starts.append(starts[-1] + len(line))
    found: list[tuple[int, int, int, bool]] = []
    depth, last, inside = 0, (0, 0), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        begin = starts[token.start[0] - 1] + token.start[1]
        if token.type in _SKIPPED or token.type == tokenize.NL:
            continue
        if token.type == tokenize.NEWLINE:
            if not inside:
                found.append((begin, begin, 0, True))
            last = (0, 0)
            continue
        inside -= token.type == getattr(tokenize, "FSTRING_END", -1)
        if last[0] == token.start[0] and not inside:
            found.append((starts[last[0] - 1] + last[1], begin, depth, False))
        inside += token.type == getattr(tokenize, "FSTRING_START", -1)
        depth += (token.string in "([{") - (token.string in ")]}")
        last = token.end
    return found


def compiles(text: str) -> bool:
    """Whether Python takes it."""
    try:
        compile(text, "composed", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


# -- programs ------------------------------------------------------------------------


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of one to four idioms, in one to three files."""
    writer = _Writer(draw)
    for _ in range(draw(st.integers(1, 4))):
        writer.piece()
        if writer.often(4):
            writer.files[MAIN].parts.append(writer.noise())
        if writer.often(4):
            writer.binding()
    head, patch = draw(st.sampled_from(HEADS)), draw(st.sampled_from(PATCHES))
    files = {}
    for path, file in writer.files.items():
        text = (head + patch if path == MAIN else "") + file.text
        text = text if compiles(text) else "print('not a program')\n"
        edits = st.lists(
            st.tuples(st.integers(0, 400), st.sampled_from(EDITS)), max_size=6
        )
        files[path] = edited(text, draw(edits))
    files.update(draw(st.sampled_from(REQUIRED)))
    variant = draw(st.sampled_from([*VARIANTS]))
    return Program(
        files, variant, draw(st.sampled_from(CONFIGS)), draw(st.integers(0, 99))
    )


def both_ways(program: Program) -> Program:
    """The program in a project of the profile ``dual``, with its module."""
    files = {**program.files, "own/__init__.py": "", BOTH_WAYS: _scaffolded().text}
    config = 'profile = "dual"\nconcurrency-module = "own.concurrency"\n'
    return replace(program, files=files, config=config)


@cache
def _scaffolded() -> Scaffold:
    with tempfile.TemporaryDirectory() as folder:
        paths = ["own/__init__.py"]
        write_files({paths[0]: b""}, Path(folder))
        return scaffold(Path(folder), paths, "own.concurrency")
