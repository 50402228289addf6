"""What the codemod ``green-imports`` refuses would have gone wrong.

It is rewritten naively and run; programs that are rewritten are run by
``test_behaviour``. The table of modules is held against the modules themselves.
"""

from __future__ import annotations

import importlib
import types
from dataclasses import dataclass

import pytest
from deventlet_codemods._green_modules import MODULES

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite
from tests.support.worlds import World, run_programs


def rewritten(*files: tuple[str, str]) -> Rewritten:
    """The files after the codemod."""
    parts = tuple(File(path, text, text) for path, text in files)
    return rewrite(Case("green-imports", "example", 1, parts))


def example(source: str) -> Rewritten:
    """One file, rewritten."""
    return rewritten(("example.py", source))


def reasons(result: Rewritten) -> list[str]:
    return [verdict.reason for verdict in result.outcome.verdicts]


# -- programs that are refused ---------------------------------------------


@dataclass(frozen=True, slots=True)
class Thorn:
    """A program that stays, and what comes of rewriting it by search and replace.

    :param works: what it prints as it stands, in ``world``.
    :param symptom: what the naive rewrite prints or complains of, in ``then``.
    """

    name: str
    reason: str
    source: str
    works: str
    symptom: str
    world: World = "green"
    then: World = "native"

    @property
    def naive(self) -> str:
        return self.source.replace("from eventlet.green import", "import")


THORNS = [
    Thorn(
        "a name of Eventlet's",
        "green-imports.name",
        "from eventlet.green import subprocess\n\nprint(subprocess.mswindows)\n",
        "False\n",
        "AttributeError",
    ),
    Thorn(
        "a function of Eventlet's",
        "green-imports.name",
        "from eventlet.green import os\n\nprint(os.get_errno(OSError(2, '')))\n",
        "2\n",
        "AttributeError",
    ),
    Thorn(
        "an attribute that is assigned to",
        "green-imports.assigned",
        "import socket as native\n\nfrom eventlet.green import socket\n\n"
        "socket.has_ipv6 = 'changed'\nprint(native.has_ipv6 == 'changed')\n"
        "socket.has_ipv6 = True\n",
        "False\n",
        "True\n",
    ),
    Thorn(
        "a process that does not patch",
        "process.unpatched",
        "import eventlet\nfrom eventlet.green import select\n\n"
        "eventlet.monkey_patch(all=False, time=True)\n\nticks = []\n\n\n"
        "def tick():\n    while True:\n        ticks.append(1)\n"
        "        eventlet.sleep(0.01)\n\n\ndef main():\n    eventlet.spawn_n(tick)\n"
        "    select.select([], [], [], 0.2)\n    print(len(ticks) > 3)\n\n\n"
        "if __name__ == '__main__':\n    main()\n",
        "True\n",
        "False\n",
        "bare",
        "bare",
    ),
]
each_thorn = pytest.mark.parametrize("thorn", THORNS, ids=lambda thorn: thorn.name)


@each_thorn
def test_thorn_is_refused(thorn: Thorn) -> None:
    result = example(thorn.source)
    assert result.after == result.before
    assert set(reasons(result)) == {thorn.reason}


@each_thorn
def test_search_and_replace_would_break_it(thorn: Thorn) -> None:
    as_it_stands = run_programs(
        thorn.world, {"before": {"main.py": thorn.source.encode()}}
    )["before"]
    naive = run_programs(thorn.then, {"naive": {"main.py": thorn.naive.encode()}})
    assert as_it_stands.behaviour == (thorn.works, 0, False), as_it_stands.stderr
    assert naive["naive"].behaviour != as_it_stands.behaviour
    assert thorn.symptom in naive["naive"].stdout + naive["naive"].stderr


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("print(socket)", "green-imports.passed"),
        ("tools = {'socket': socket}", "green-imports.passed"),
        ("getattr(socket, name)", "green-imports.passed"),
        ("vars(socket)", "green-imports.passed"),
        ("socket.getaddrinfo = None", "green-imports.assigned"),
        ("socket.socket.timeout = 3", "green-imports.assigned"),
        ("del socket.getaddrinfo", "green-imports.assigned"),
        ("setattr(socket, 'getaddrinfo', None)", "green-imports.assigned"),
        ("socket.slurp_properties", "green-imports.name"),
        ("hasattr(socket, 'slurp_properties')", "green-imports.name"),
        ("mock.patch.object(socket, 'getaddrinfo')", "mock.no-site"),
    ],
)
@pytest.mark.parametrize("start", ["from eventlet.green import socket", ""])
def test_form_is_refused(line: str, reason: str, start: str) -> None:
    if not start:
        start = "import eventlet.green.socket"
        line = line.replace("(socket", "(eventlet.green.socket")
        line = line.replace(": socket", ": eventlet.green.socket")
        line = line.replace("socket.", "eventlet.green.socket.", 1)
        line = line.replace("eventlet.green.eventlet.green.", "eventlet.green.")
    result = example(f"{start}\nfrom unittest import mock\n\nname = 'x'\n{line}\n")
    assert result.after == result.before
    assert reasons(result) == [reason]


@pytest.mark.parametrize(
    "line",
    [
        "hasattr(socket, 'AF_UNIX')",
        "getattr(socket, 'SO_REUSEPORT', None)",
        "isinstance(None, socket.socket)",
        "socket.socket.__name__",
        "socket.socket().timeout = 3",
        "[socket.AF_INET for _ in ()]",
        "lambda: socket.gethostname()",
    ],
)
def test_form_is_rewritten(line: str) -> None:
    text = f"from unittest import mock\n\n{{}}\n\nprint(mock)\n{line}\n"
    result = example(text.format("from eventlet.green import socket"))
    after = result.after["example.py"].decode()
    assert "eventlet" not in after
    assert after.endswith(f"print(mock)\n{line}\n")


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("subprocess.Popen(['a'], stdin=subprocess.PIPE)", {"pipe-buffer"}),
        ("subprocess.Popen(['a'], stdin=subprocess.PIPE, bufsize=0)", set()),
        ("subprocess.Popen(['a'], stdout=subprocess.PIPE)", set()),
        ("subprocess.run(['a'], stdin=subprocess.PIPE)", set()),
        ("print(subprocess.SubprocessError)", {"subprocess-error"}),
        ("print(subprocess.TimeoutExpired)", set()),
    ],
)
def test_caveat_is_given(line: str, codes: set[str]) -> None:
    known = {"green-imports.pipe-buffer", "green-imports.subprocess-error"}
    result = example(f"from eventlet.green import subprocess\n\n{line}\n")
    (verdict,) = result.outcome.verdicts
    assert verdict.rewrite is not None
    found = set(verdict.rewrite.caveats)
    assert found <= known
    assert found == {f"green-imports.{code}" for code in codes}


def test_base_class_needs_a_patch_before_the_import() -> None:
    late = (
        "main.py",
        "import eventlet\n\nfrom proj import sockets\n\n\ndef main():\n"
        "    eventlet.monkey_patch()\n    eventlet.spawn(sockets.Mine).wait()\n\n\n"
        "if __name__ == '__main__':\n    main()\n",
    )
    start = "from eventlet.green import socket\n\n\n"
    bound = start + "class Mine(socket.socket):\n    pass\n"
    called = start + "def Mine():\n    return socket.socket()\n"
    result = rewritten(late, ("proj/sockets.py", bound))
    assert reasons(result) == ["process.unpatched"]
    result = rewritten(late, ("proj/sockets.py", called))
    assert result.after["proj/sockets.py"].startswith(b"import socket\n")


# -- the table of modules --------------------------------------------------


def _native(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


PAIRS = [
    pytest.param(api, id=api.removeprefix("eventlet.green."))
    for api, green in MODULES.items()
    if green.native and _native(green.native) is not None
]


@pytest.mark.parametrize("api", PAIRS)
def test_table_knows_what_only_eventlet_has(api: str) -> None:
    ours, native = (
        importlib.import_module(api),
        importlib.import_module(MODULES[api].native),
    )
    extra = {
        name
        for name in vars(ours).keys() - vars(native).keys()
        if not name.startswith("_")
    }
    assert extra <= MODULES[api].lacks


PATCHED = [pair for pair in PAIRS if MODULES[str(pair.values[0])].patched]


@pytest.mark.parametrize("api", PATCHED)
def test_table_knows_what_is_another_object(api: str) -> None:
    green = MODULES[api]
    ours, native = importlib.import_module(api), importlib.import_module(green.native)
    other = {
        name
        for name in vars(ours).keys() & vars(native).keys()
        if not name.startswith("_")
        and callable(vars(native)[name])
        and vars(ours)[name] is not vars(native)[name]
    }
    accounted = {name for name in other if green.may_wait(name)} | green.lacks
    assert other - accounted <= HARMLESS.get(api.removeprefix("eventlet.green."), set())


HARMLESS = {
    "ftplib": {
        *("Error", "error_perm", "error_proto", "error_reply", "error_temp"),
        *("parse150", "parse227", "parse229", "parse257", "print_line"),
    },
    "subprocess": {"CompletedProcess", "SubprocessError", "list2cmdline"},
}
"""Other objects that neither wait nor are refused as such, by module."""


@pytest.mark.parametrize("api", MODULES)
def test_module_without_counterpart_says_why(api: str) -> None:
    green = MODULES[api]
    assert bool(green.native) != bool(green.why)
