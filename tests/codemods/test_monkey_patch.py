from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deventlet import registry
from deventlet.codemod import Rewrite
from deventlet.driver.run import Request, run
from deventlet.source.discover import discover
from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite, write_files

MAIN = """
import eventlet
eventlet.monkey_patch()
{below}

if __name__ == "__main__":
    {run}
"""


def rewritten(**texts: str) -> Rewritten:
    files = tuple(
        File(f"proj/{name}.py", text, text) for name, text in sorted(texts.items())
    )
    return rewrite(Case("monkey-patch", "a case", 1, files))


def file(path: str, text: str) -> File:
    return File(path, text, text)


def reasons(found: Rewritten) -> set[str]:
    return {v.reason for v in found.outcome.verdicts if not v.applies}


def test_caveat_is_given() -> None:
    found = rewritten(main=MAIN.format(below="", run="print()"))
    (verdict,) = found.outcome.verdicts
    assert isinstance(verdict.decision, Rewrite)
    assert verdict.decision.caveats == ("monkey-patch.threads",)
    assert verdict.decision.proofs


BLOCKING = [
    "eventlet.sleep(1)",
    "eventlet.spawn(print)",
    "eventlet.tpool.execute(print)",
    "eventlet.tpool.Proxy(print).start()",
    "eventlet.listen(('', 0)).accept()",
    "eventlet.import_patched('proj').run()",
    "getattr(eventlet, print())()",
    "eventlet.hubs.get_hub().switch()",
    "eventlet.patcher.inject('proj', None)",
]
HARMLESS = [
    "eventlet.patcher.original('time').sleep(1)",
    "eventlet.hubs.use_hub()",
    "eventlet.debug.spew()",
    "print(eventlet.__version__)",
    "eventlet.wsgi.MAX_HEADER_LINE = 5",
    "print(eventlet.patcher.is_monkey_patched('os'))",
]


@pytest.mark.parametrize("run", BLOCKING)
def test_what_needs_a_hub_keeps_it(run: str) -> None:
    found = rewritten(main=MAIN.format(below="", run=run))
    assert reasons(found) - {"name.computed"} == {"stage.blocked"}


@pytest.mark.parametrize("run", HARMLESS)
def test_what_does_nothing_without_a_hub_may_stay(run: str) -> None:
    found = rewritten(main=MAIN.format(below="", run=run))
    assert reasons(found) == set()
    assert b"monkey_patch()" not in found.after["proj/main.py"]


BELOW = "from proj import other  # noqa: E402"
SERVICE = "from oslo_service import service\n\n\nservice.launch(None, None)\n"


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        ("import sys", ""),
        ("from oslo_service import backend", ""),
        ("from oslo_service import service", "monkey-patch.late"),
        ("import oslo_messaging", "monkey-patch.late"),
        ("from proj import other", "monkey-patch.late"),
        ("from proj import quiet", ""),
        ("import proj.quiet", ""),
        ("import proj.other", "monkey-patch.late"),
    ],
)
def test_backend_is_chosen_before_the_services_are_imported(
    above: str, reason: str
) -> None:
    main = f"{above}\n{MAIN.format(below=BELOW, run='print(other)')}"
    found = rewritten(main=main, other=SERVICE, quiet="import os\n")
    assert reasons(found) == ({reason} if reason else set())
    chosen = b"init_backend(backend" in found.after["proj/main.py"].replace(
        b"service_", b""
    )
    assert chosen is not bool(reason)


COMMAND = MAIN.format(below=BELOW, run="print(other)")
LOADS_BOTH = "from proj import other\nfrom proj import main\n"
PATCHES = "import eventlet\neventlet.monkey_patch()\n"
CHOOSES = (
    "from oslo_service import backend\nbackend.init_backend(backend.BackendType.{})\n"
)
TESTS: Mapping[str, tuple[dict[str, str], bool]] = {
    "one file after the other": ({"tests/test_a.py": LOADS_BOTH}, False),
    "two files": (
        {
            "tests/test_a.py": "from proj import main\n",
            "tests/test_b.py": "def test():\n    from proj import other\n",
        },
        False,
    ),
    "services of its own": (
        {"tests/test_a.py": "from oslo_service import service\nimport proj.main\n"},
        False,
    ),
    "through the command": ({"tests/test_a.py": "from proj import main\n"}, True),
    "without the command": ({"tests/test_a.py": "from proj import other\n"}, True),
    "a package that patches": (
        {"tests/__init__.py": PATCHES, "tests/unit/test_a.py": LOADS_BOTH},
        True,
    ),
    "another package": (
        {"tests/unit/__init__.py": PATCHES, "tests/test_a.py": LOADS_BOTH},
        False,
    ),
    "helpers beside a package that patches": (
        {
            "tests/base.py": f"from proj.tests.unit import a\n{LOADS_BOTH}",
            "tests/unit/__init__.py": PATCHES,
            "tests/unit/a.py": "",
            "tests/unit/test_a.py": "from proj.tests import base\n",
        },
        True,
    ),
    "a hook that chooses": (
        {"conftest.py": CHOOSES.format("THREADING"), "tests/test_a.py": LOADS_BOTH},
        True,
    ),
    "a hook that chooses the other": (
        {"conftest.py": CHOOSES.format("EVENTLET"), "tests/test_a.py": LOADS_BOTH},
        False,
    ),
}


@pytest.mark.parametrize("name", TESTS)
def test_tests_may_choose_a_backend_before_they_load_the_command(name: str) -> None:
    texts, goes = TESTS[name]
    files = (
        file("proj/main.py", COMMAND),
        file("proj/other.py", SERVICE),
        *(file(f"proj/{path}", text) for path, text in texts.items()),
    )
    found = rewrite(Case("monkey-patch", "a case", 1, files))
    assert (b"BackendType.THREADING" in found.after["proj/main.py"]) is goes
    assert goes or "monkey-patch.late" in reasons(found)


def test_a_package_around_the_command_may_import_services_before() -> None:
    files = (
        File("proj/__init__.py", "import proj.other\n", "import proj.other\n"),
        File("proj/other.py", SERVICE, SERVICE),
        File(
            "proj/main.py",
            MAIN.format(below="", run="print()"),
            MAIN.format(below="", run="print()"),
        ),
    )
    found = rewrite(Case("monkey-patch", "a case", 1, files))
    (verdict,) = found.outcome.verdicts
    assert (verdict.reason, verdict.detail) == ("monkey-patch.late", "proj/__init__.py")


SHARED = "import eventlet\n\nif {condition}:\n    eventlet.monkey_patch(time=True)\n"


def test_calls_of_different_processes_do_not_wait_for_each_other() -> None:
    one = MAIN.format(below="", run="print()")
    two = SHARED.format(condition="__debug__") + "\nif __name__ == '__main__':\n    1\n"
    found = rewritten(one=one, two=two)
    told = {v.subject.origin.path: v.reason for v in found.outcome.verdicts}
    assert told == {
        "proj/one.py": "monkey-patch.threads",
        "proj/two.py": "monkey-patch.branch",
    }


def test_tests_go_only_with_what_they_test() -> None:
    tests = "import eventlet\n\neventlet.monkey_patch()\n"
    main = (
        SHARED.format(condition="__debug__") + "\nif __name__ == '__main__':\n    1\n"
    )
    files = (
        File("proj/main.py", main, main),
        File("proj/tests/__init__.py", tests, tests),
    )
    found = rewrite(Case("monkey-patch", "a case", 1, files))
    told = {v.subject.origin.path: v.reason for v in found.outcome.verdicts}
    assert told["proj/tests/__init__.py"] == "monkey-patch.other"


COMMENTED = """
import eventlet
eventlet.monkey_patch(){comment}

{below}

if __name__ == "__main__":
    print()
"""


@pytest.mark.parametrize(
    ("comment", "goes"),
    [
        ("  # noqa", True),
        ("  # noqa: E402", True),
        ("  # pylint: disable=wrong-import-position", True),
        ("  # before all else", False),
        ("  # noqa  # before all else", False),
    ],
)
def test_what_is_said_to_a_checker_goes_with_its_line(comment: str, goes: bool) -> None:
    text = COMMENTED.format(comment=comment, below="")
    found = rewritten(main=text, tests=text)
    assert reasons(found) == (set() if goes else {"comment.inside"})


def test_comment_that_would_go_keeps_the_other_calls_too() -> None:
    files = [
        File(f"proj/cmd/{name}.py", text, text)
        for name, text in (
            ("__init__", COMMENTED.format(comment="  # before all", below="")),
            ("serve", COMMENTED.format(comment="", below="")),
        )
    ]
    found = rewrite(Case("monkey-patch", "a case", 1, tuple(files)))
    assert reasons(found) == {"comment.inside", "monkey-patch.other"}


def test_comment_stays_on_the_line_that_takes_its_place() -> None:
    text = COMMENTED.format(comment=" # before all else", below=SERVICE)
    after = rewritten(main=text).after["proj/main.py"].decode()
    assert "backend.init_backend(backend.BackendType.THREADING) # before all else" in (
        after
    )


@pytest.mark.parametrize("hacking", [True, False])
def test_a_licence_alone_goes_where_hacking_asks_for_that(
    tmp_path: Path, hacking: bool
) -> None:
    patching = b"# Licensed to all.\n\nimport eventlet\n\neventlet.monkey_patch()\n"
    main = MAIN.format(below="", run="print()").encode()
    write_files({"proj/tests/__init__.py": patching, "proj/main.py": main}, tmp_path)
    checks = "[testenv:pep8]\ndeps = hacking\n" if hacking else "[hacking]\n"
    (tmp_path / "tox.ini").write_text(checks)
    tree = discover([tmp_path])
    page = registry.page("monkey-patch")
    outcome = run(page, Request(tree.root, tree.files, frozenset(tree.selected)), {})
    _, after = outcome.changes["proj/tests/__init__.py"]
    assert after == (b"" if hacking else b"# Licensed to all.\n")


@pytest.mark.parametrize(
    "below",
    [
        "from nameko.rpc import rpc",
        "import os_ken.base",
        "io = socketio.Server(async_mode='eventlet')",
        'worker_class = "eventlet"',
        "Server.__init__(self, 1, 2, executor='eventlet')",
        "from neutron.agent.linux.utils import UnixDomainWSGIServer",
    ],
)
def test_library_that_runs_on_eventlet_is_for_a_person_to_judge(below: str) -> None:
    found = rewritten(main=MAIN.format(below=below, run="print()"))
    (verdict,) = found.outcome.verdicts
    assert verdict.reason == "green-free"
    assert "runs on Eventlet" in verdict.detail


def test_a_project_is_no_library_of_its_own() -> None:
    main = MAIN.format(below="from nameko import rpc", run="print()")
    files = (
        File("nameko/main.py", main, main),
        File("nameko/rpc.py", "", ""),
    )
    found = rewrite(Case("monkey-patch", "a case", 1, files))
    assert reasons(found) == set()


PLACED = """
import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from proj.other import (  # noqa: E402
    one)
import os  # noqa
import re  # noqa: E402,F401
{code}
import time  # noqa: E402

if __name__ == "__main__":
    print(sys, os, one, time)
"""
LEFT = """
import sys
from proj.other import (
    one)
import os  # noqa
import re  # noqa: E402,F401
{code}
import time{kept}

if __name__ == "__main__":
    print(sys, os, one, time)
"""


@pytest.mark.parametrize(
    ("code", "kept"), [("", ""), ("sys.path.append('.')", "  # noqa: E402")]
)
def test_what_is_said_of_a_place_goes_where_nothing_is_above(
    code: str, kept: str
) -> None:
    found = rewritten(main=PLACED.format(code=code), other="one = 1\n")
    after = found.after["proj/main.py"].decode()
    assert after.lstrip() == LEFT.format(code=code, kept=kept).lstrip()


def test_what_the_user_keeps_holds_back_the_rest_of_its_process_only() -> None:
    kept = MAIN.format(below="", run="print()").replace(
        "monkey_patch()", "monkey_patch()  # deventlet: keep"
    )
    files = [
        File("proj/cmd/__init__.py", kept, kept),
        file("proj/cmd/serve.py", MAIN.format(below="", run="print(1)")),
        file("proj/digest.py", MAIN.format(below="", run="print(2)")),
        file("proj/tests/__init__.py", MAIN.format(below="", run="1")),
    ]
    found = rewrite(Case("monkey-patch", "a case", 1, tuple(files)))
    told = {v.subject.origin.path: v.reason for v in found.outcome.verdicts}
    assert told == {
        "proj/cmd/__init__.py": "keep.asked",
        "proj/cmd/serve.py": "monkey-patch.other",
        "proj/digest.py": "monkey-patch.threads",
        "proj/tests/__init__.py": "monkey-patch.other",
    }


def test_a_process_waits_for_what_its_calls_wait_for() -> None:
    """One waits for another, which waits for a third that is in no process of its."""
    branch = "import eventlet\n\nif __debug__:\n    eventlet.monkey_patch()\n"
    shared = "import eventlet\n\neventlet.monkey_patch()\n"
    one = "from proj import shared\n\nif __name__ == '__main__':\n    print(shared)\n"
    two = one.replace("shared", "shared, branch")
    files = [
        File(f"proj/{name}.py", text, text)
        for name, text in (
            ("branch", branch), ("one", one), ("shared", shared), ("two", two),
        )
    ]  # fmt: skip
    found = rewrite(Case("monkey-patch", "a case", 1, tuple(files)))
    told = {v.subject.origin.path: v.reason for v in found.outcome.verdicts}
    assert told["proj/shared.py"] == "monkey-patch.other"


WORK_AROUND = """
import eventlet
eventlet.monkey_patch()
{comment}
import __original_module_threading as orig_threading  # noqa
import threading  # noqa
{said}

import {below}  # noqa: E402

if __name__ == "__main__":
    print({below})
"""
SAID = "orig_threading.current_thread.__globals__['_active'] = threading._active"


@pytest.mark.parametrize(
    ("comment", "said", "below", "left"),
    [
        ("# The current_thread.\n# See the bug.", SAID, "os", "import os\n"),
        ("# Read the manual.", SAID, "os", "# Read the manual.\n\nimport os\n"),
        ("# current_thread", f"{SAID}  # type: ignore", "os", "import os\n"),
        ("# current_thread", SAID.replace("= ", "= \\\n    "), "os", "import os\n"),
        ("#", SAID, "threading", "#\nimport threading  # noqa\n\nimport threading\n"),
    ],
)
def test_work_around_goes_with_its_comment(
    comment: str, said: str, below: str, left: str
) -> None:
    main = WORK_AROUND.format(comment=comment, said=said, below=below)
    found = rewritten(main=main.lstrip())
    after = found.after["proj/main.py"].decode()
    assert after.partition("\nif ")[0] == left


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (SAID.replace("'_active'", "'_limbo'"), "monkey-patch.saved"),
        (SAID.replace("threading._active", "threading"), "monkey-patch.saved"),
        (SAID.replace(" = ", " = _active = "), "monkey-patch.saved"),
        (f"{SAID}; print()", "monkey-patch.saved"),
        (f"{SAID}  # hm", "comment.inside"),
        ("orig_threading.Thread(target=print).start()", "monkey-patch.saved"),
    ],
)
def test_other_uses_of_the_module_put_aside_hold_the_call_back(
    said: str, reason: str
) -> None:
    found = rewritten(main=WORK_AROUND.format(comment="#", said=said, below="os"))
    assert reasons(found) == {reason, "monkey-patch.other"}
    assert found.outcome.changes == {}


def test_a_function_that_patches_and_works_around_does_nothing_else() -> None:
    body = WORK_AROUND.partition("\nimport eventlet")[2].partition("\n\n")[0]
    lines = body.format(comment="#", said=SAID).strip().split("\n")
    inside = "".join(f"    {line}\n" for line in lines)
    main = f"import eventlet\n\n\ndef patch():\n{inside}\n\n"
    found = rewritten(main=f"{main}if __name__ == '__main__':\n    patch()\n")
    assert reasons(found) == {"monkey-patch.wrapper", "monkey-patch.other"}


def test_no_import_of_threading_is_left_beside_another_module() -> None:
    main = WORK_AROUND.format(comment="#", said=SAID, below="os").lstrip()
    main = main.replace("import __orig", "import sys, __orig") + "    print(sys)\n"
    after = rewritten(main=main).after["proj/main.py"].decode()
    assert "import threading" not in after
    assert "import sys  # noqa\n" in after


GREEN = "import eventlet\n\n\ndef start():\n    eventlet.spawn(print)\n"
USER = "from proj.tests import base\n"
PATCH = "import eventlet\neventlet.monkey_patch({})\n"
TWICE = {
    "proj/work.py": GREEN,
    "proj/tests/unit/__init__.py": PATCH.format(""),
    "proj/tests/base.py": PATCH.format("os=False"),
    "proj/tests/unit/test_a.py": USER,
}


def repeated(path: str, files: dict[str, str]) -> bool:
    """Whether the call in a file goes, where something green keeps every other one."""
    made = tuple(file(name, text) for name, text in sorted(files.items()))
    found = rewrite(Case("monkey-patch", "a case", 1, made))
    told = {v.subject.origin.path: v for v in found.outcome.verdicts}
    assert told["proj/tests/unit/__init__.py"].reason == "stage.blocked"
    assert told[path].reason in ("", "stage.blocked", "monkey-patch.arguments")
    return told[path].applies


ENVIRONMENT = "import os\nif not os.environ.get('NATIVE'):\n    import eventlet\n"


@pytest.mark.parametrize(
    ("changed", "goes"),
    [
        ({}, True),
        ({"proj/tests/base.py": PATCH.format("")}, True),
        ({"proj/tests/base.py": PATCH.format("all=True")}, True),
        ({"proj/tests/base.py": PATCH.format("socket=True, all=False")}, True),
        ({"proj/tests/base.py": PATCH.format("MySQLdb=True")}, False),
        ({"proj/tests/base.py": PATCH.format("os=print()")}, False),
        ({"proj/tests/base.py": PATCH.format("**{'os': False}")}, False),
        (
            {"proj/tests/base.py": "import eventlet\nprint(eventlet.monkey_patch())\n"},
            False,
        ),
        (
            {
                "proj/tests/base.py": PATCH.format("")
                + "if __name__ == '__main__':\n    1\n"
            },
            False,
        ),
        ({"proj/tests/unit/__init__.py": PATCH.format("os=False")}, True),
        ({"proj/tests/unit/__init__.py": PATCH.format("time=False")}, False),
        (
            {
                "proj/tests/unit/__init__.py": PATCH.format(
                    "os=True, time=True, thread=True,"
                    "socket=True, select=True, subprocess=True"
                )
            },
            False,
        ),
        ({"proj/tests/unit/__init__.py": PATCH.format("psycopg=False")}, False),
        ({"proj/tests/unit/__init__.py": USER + PATCH.format("")}, False),
        ({"proj/tests/unit/__init__.py": PATCH.format("") + USER}, True),
        (
            {
                "proj/tests/unit/__init__.py": ENVIRONMENT
                + "    eventlet.monkey_patch()\n"
            },
            False,
        ),
        ({"proj/tests/unit/test_a.py": ""}, False),
        ({"proj/tests/other.py": USER}, False),
        ({"proj/tests/other.py": "from . import base\n"}, False),
        ({"proj/tests/other.py": "WHERE = 'proj.tests.base.Case'\n"}, False),
        ({"proj/other.py": "def later():\n    import proj.tests.base\n"}, False),
        ({"proj/tests/other.py": "from proj.tests import unit, base\n"}, True),
        ({"proj/tests/other.py": "from proj.tests import base, unit\n"}, False),
    ],
)
def test_a_call_goes_that_comes_second_wherever_it_is_loaded(
    changed: dict[str, str], goes: bool
) -> None:
    files = {**TWICE, **changed}
    files.setdefault("proj/main.py", "from proj import work\nwork.start()\n")
    assert repeated("proj/tests/base.py", files) is goes


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("proj/tests/unit/test_b.py", True),
        ("proj/tests/unit/deep/conftest.py", True),
        ("proj/tests/test_b.py", False),
        ("proj/tests/conftest.py", False),
        ("proj/tests/deep/__init__.py", False),
        ("proj/late.py", False),
    ],
)
def test_a_file_that_is_loaded_by_itself_needs_its_packages(
    path: str, goes: bool
) -> None:
    user = f"import {path.removesuffix('.py').replace('/', '.')}\n"
    user = user.replace(".__init__", "")
    files = {**TWICE, path: PATCH.format(""), "proj/tests/unit/test_c.py": user}
    assert repeated(path, files) is goes


def test_a_second_call_in_the_same_file_goes() -> None:
    twice = PATCH.format("") + "\nimport sys\n\neventlet.monkey_patch(time=True)\n"
    files = {**TWICE, "proj/tests/unit/__init__.py": twice}
    made = tuple(file(name, text) for name, text in sorted(files.items()))
    found = rewrite(Case("monkey-patch", "a case", 1, made))
    assert found.after["proj/tests/unit/__init__.py"].decode() == (
        PATCH.format("") + "\nimport sys\n"
    )


PATCHING = """
import sys
import eventlet

NAMES = "_thread os queue select socket ssl subprocess threading time".split()

def found():
    modules = [__import__(name) for name in NAMES]
    return {(m.__name__, k): id(v) for m in modules for k, v in vars(m).items()}

eventlet.monkey_patch(%s)
before = found()
eventlet.monkey_patch(%s)
print([key for key, value in found().items() if before.get(key) != value])
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("", "os=False"),
        ("os=False", "all=False, time=True"),
        ("", "all=True"),
    ],
)
def test_eventlet_patches_each_module_once(first: str, second: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", PATCHING % (first, second)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("test", "goes"), [(LOADS_BOTH, False), ("1\n", True)])
def test_tests_that_go_on_patching_keep_the_command_from_choosing(
    test: str, goes: bool
) -> None:
    files = (
        file("proj/main.py", COMMAND),
        file("proj/other.py", SERVICE),
        file("proj/tests/__init__.py", f"{PATCHES[:-1]}  # deventlet: keep\n"),
        file("proj/tests/test_a.py", test),
    )
    found = rewrite(Case("monkey-patch", "a case", 1, files))
    assert (b"BackendType.THREADING" in found.after["proj/main.py"]) is goes
