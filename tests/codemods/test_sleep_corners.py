"""What nearly went wrong: programs in which a plausible rewrite breaks something.

Each test is one way in which a file, or a file beside it, can hang on a name or on
bytes that a rewrite of its neighbours would take away.
"""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

ONE_USE = "import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n"


def rewritten(*files: tuple[str, str]) -> Rewritten:
    """The files after the codemod."""
    parts = tuple(File(path, text, text) for path, text in files)
    return rewrite(Case("sleep", "corner", 1, parts))


def after(result: Rewritten, path: str = "example.py") -> str:
    return result.after[path].decode()


def reasons(result: Rewritten, path: str = "example.py") -> set[str]:
    """The codes of the refusals that touch a file."""
    return {
        verdict.reason
        for verdict in result.outcome.verdicts
        if not verdict.applies
        and any(site.path == path for site in verdict.subject.sites)
    }


# -- an import that somebody still needs ------------------------------------

SPOKEN_OF = {
    "eval": "eval('eventlet.spawn(work)')\n",
    "globals": "globals()['eventlet'].spawn(work)\n",
    "getattr of the module": "import sys\ngetattr(sys.modules[__name__], 'eventlet')\n",
    "annotation": "def take(pool: 'eventlet.GreenPool'): pass\n",
    "nested annotation": "def take(pool: 'list[eventlet.GreenPool]' = ()): pass\n",
    "cast": "import typing\ntyping.cast('eventlet.GreenPool', None)\n",
    "type comment": "pool = None  # type: eventlet.GreenPool\n",
    "doctest": 'def take():\n    """\n    >>> eventlet.spawn(work)\n    """\n',
    "__all__": "__all__ = []\n__all__ += ['eventlet']\n",
    "annotated __all__": "__all__: list[str] = ['eventlet']\n",
    "__all__.append": "__all__ = []\n__all__.append('eventlet')\n",
    "__all__ in a branch": "if work:\n    __all__ = ['eventlet']\n",
}


@pytest.mark.parametrize("how", SPOKEN_OF)
def test_import_stays_where_the_file_speaks_of_it(how: str) -> None:
    text = after(rewritten(("example.py", ONE_USE + SPOKEN_OF[how])))
    assert "    time.sleep(1)\n" in text
    assert "import eventlet\n" in text


def test_prose_keeps_no_import() -> None:
    prose = '"""Uses eventlet."""\nNAME = "eventlet"  # the type of eventlet\n'
    assert "import eventlet" not in after(rewritten(("example.py", prose + ONE_USE)))


TAKERS = {
    "renamed module": "from proj import worker as w\n\nw.eventlet.spawn(print)\n",
    "plain module": "from proj import worker\n\nworker.eventlet.spawn(print)\n",
    "by path": "import proj.worker\n\nproj.worker.eventlet.spawn(print)\n",
    "name": "from proj.worker import eventlet\n\neventlet.spawn(print)\n",
    "attribute": "from proj import worker\n\nA = [worker]\nA[0].eventlet.spawn()\n",
    "getattr": "from proj import worker\n\ngetattr(worker, 'eventlet').spawn(print)\n",
    "star": "from proj.worker import *\n\neventlet.spawn(print)\n",
}


@pytest.mark.parametrize("how", TAKERS)
def test_import_stays_where_another_file_takes_it(how: str) -> None:
    result = rewritten(("proj/worker.py", ONE_USE), ("proj/taker.py", TAKERS[how]))
    assert "    time.sleep(1)\n" in after(result, "proj/worker.py")
    assert "import eventlet\n" in after(result, "proj/worker.py")


def test_import_of_a_class_stays_an_attribute() -> None:
    inner = "class A:\n    import eventlet\n    eventlet.sleep(1)\n\n"
    use = "    def later(self):\n        self.eventlet.spawn(self)\n"
    text = after(rewritten(("example.py", inner + use)))
    assert "    import eventlet\n    time.sleep(1)\n" in text


# -- star imports of the project's own ---------------------------------------


def test_name_that_a_star_import_takes_stays() -> None:
    compat = "from eventlet import sleep\n\n\ndef work():\n    sleep(1)\n"
    user = "from proj.compat import *\n\n\ndef turn():\n    sleep()\n"
    result = rewritten(("proj/compat.py", compat), ("proj/user.py", user))
    assert result.after == result.before
    assert reasons(result, "proj/compat.py") == {"name.star-import"}
    assert reasons(result, "proj/user.py") == {"name.star-import"}


def test_star_import_of_names_that_are_not_used_is_no_site() -> None:
    user = "from proj.worker import *\n\nwork()\n"
    result = rewritten(("proj/worker.py", ONE_USE), ("proj/user.py", user))
    assert reasons(result, "proj/user.py") == set()


@pytest.mark.parametrize(
    ("module", "expected"), [("compat", set()), ("eventlet", {"name.computed"})]
)
def test_computed_name_of_our_own_module_is_no_site(
    module: str, expected: set[str]
) -> None:
    compat = "from eventlet import sleep\n\n\ndef work():\n    sleep(1)\n"
    user = f"import eventlet\nfrom proj import compat\n\ngetattr({module}, str())()\n"
    result = rewritten(("proj/compat.py", compat), ("proj/user.py", user))
    assert reasons(result, "proj/user.py") == expected


# -- modules of the same name --------------------------------------------------


def test_module_beside_a_script_is_the_scripts_own() -> None:
    own = "def sleep(seconds):\n    print(seconds)\n"
    script = "import eventlet\n\neventlet.sleep(1)\n"
    result = rewritten(
        ("tools/eventlet.py", own),
        ("tools/__init__.py", ""),
        ("tools/sub/eventlet.py", own),
        ("scripts/run.py", script),
        ("proj/worker.py", ONE_USE),
    )
    assert "time.sleep(1)" in after(result, "proj/worker.py")
    assert "time.sleep(1)" in after(result, "scripts/run.py")


# -- where the import stands -------------------------------------------------------


def test_swapped_import_stays_above_code_that_runs_on_import() -> None:
    source = "from eventlet import sleep\nsleep(1)\nimport os\nfrom proj import x\n"
    text = "from time import sleep\nsleep(1)\nimport os\nfrom proj import x\n"
    assert after(rewritten(("example.py", source))) == text


def test_import_that_would_come_too_late_is_refused() -> None:
    result = rewritten(
        ("example.py", '"""Doc."""; import eventlet; eventlet.sleep(1)\n')
    )
    assert result.after == result.before
    assert reasons(result) == {"edit.unverified"}


# -- mocks ---------------------------------------------------------------------------


def test_mock_in_a_base_class_moves_with_what_its_users_import() -> None:
    base = (
        "import unittest\nfrom unittest import mock\n\n\n"
        "class Base(unittest.TestCase):\n    def setUp(self):\n"
        "        self.sleep = mock.patch('eventlet.sleep').start()\n"
    )
    test = (
        "from proj import worker\nfrom proj.tests import base\n\n\n"
        "class TestWork(base.Base):\n    def test_work(self):\n"
        "        worker.work()\n        self.sleep.assert_called_once_with(1)\n"
    )
    files = [("proj/tests/base.py", base), ("proj/tests/test_w.py", test)]
    result = rewritten(("proj/worker.py", ONE_USE), *files)
    assert "mock.patch('time.sleep')" in after(result, "proj/tests/base.py")
    assert "    time.sleep(1)\n" in after(result, "proj/worker.py")
    stays = ONE_USE + "    eventlet.sleep(*())\n"
    result = rewritten(("proj/worker.py", stays), *files)
    assert result.after["proj/tests/base.py"] == base.encode()
    assert result.after["proj/worker.py"] == stays.encode()


IN_SYS_MODULES = {
    "assigned": "sys.modules['eventlet'] = mock.Mock()\n",
    "patch.dict": "mock.patch.dict(sys.modules, {'eventlet': mock.Mock()}).start()\n",
    "patch.dict by name": "mock.patch.dict('sys.modules', {'eventlet': 1}).start()\n",
    "setitem": "pytest.MonkeyPatch().setitem(sys.modules, 'eventlet', None)\n",
}


@pytest.mark.parametrize("how", IN_SYS_MODULES)
def test_module_replaced_in_sys_modules_keeps_its_calls(how: str) -> None:
    head = "import sys\nfrom unittest import mock\n\nimport pytest\n\n"
    test = head + IN_SYS_MODULES[how] + "\nfrom proj import worker\n"
    result = rewritten(("proj/worker.py", ONE_USE), ("proj/tests/test_w.py", test))
    assert result.after == result.before
    assert reasons(result, "proj/tests/test_w.py") == {"mock.whole-module"}
    assert reasons(result, "proj/worker.py") == {"mock.stays"}


BY_HAND = {
    "an assignment": "worker.eventlet = Fake()\n",
    "several at once": "worker.eventlet, saved = Fake(), worker.eventlet\n",
    "with a type": "worker.eventlet: object = Fake()\n",
    "an object": "mock.patch.object(worker, 'eventlet').start()\n",
    "a fixture": 'pytest.MonkeyPatch().setattr(worker, "eventlet", Fake())\n',
}


@pytest.mark.parametrize("how", BY_HAND)
def test_module_replaced_under_a_files_name_keeps_its_calls(how: str) -> None:
    head = "from unittest import mock\n\nimport pytest\nfrom proj import worker\n\n"
    call = "worker.work()\n"
    test = f"{head}\nclass Fake:\n    pass\n\n\n{BY_HAND[how]}{call}"
    result = rewritten(("proj/worker.py", ONE_USE), ("proj/tests/test_w.py", test))
    assert result.after == result.before
    assert reasons(result, "proj/tests/test_w.py") == {"mock.whole-module"}
    assert reasons(result, "proj/worker.py") == {"mock.stays"}


def test_mock_of_an_alias_by_its_module_is_seen() -> None:
    worker = "from eventlet import sleep\n\n\ndef work():\n    sleep()\n"
    test = (
        "from unittest import mock\n\nfrom proj import worker\n\n\n"
        "@mock.patch.object(worker, 'sleep')\ndef test_work(sleep):\n"
        "    worker.work()\n    sleep.assert_called_once_with()\n"
    )
    result = rewritten(("proj/worker.py", worker), ("proj/tests/test_w.py", test))
    assert result.after == result.before
    assert reasons(result, "proj/tests/test_w.py") == {"mock.arguments"}
    assert reasons(result, "proj/worker.py") == {"mock.stays"}


@pytest.mark.parametrize("starter", ["start_new_thread", "apply"])
def test_arguments_in_a_tuple_are_not_counted_as_one(starter: str) -> None:
    source = f"import eventlet\n\n\ndef f(x):\n    x.{starter}(eventlet.sleep, ())\n"
    result = rewritten(("example.py", source))
    assert reasons(result) == {"sleep.unknown-callee"}


# -- f-strings -------------------------------------------------------------------


def test_line_inside_of_an_f_string_is_not_realigned() -> None:
    source = (
        "import eventlet\n\n\ndef f(x):\n"
        '    return g(eventlet.sleep(), f"""{g(x,\n'
        '             x)}\n             """,\n'
        "             x)\n"
    )
    text = source.replace("eventlet.sleep()", "time.sleep(0)").replace(
        "import eventlet", "import time"
    )
    assert after(rewritten(("example.py", source))) == text


def test_long_line_is_not_broken_inside_of_an_f_string() -> None:
    head = '    return f"' + "a" * 60 + "{"
    source = f'import eventlet\n\n\ndef f(x):\n{head}eventlet.sleep(-x)}}"\n'
    line = f'{head}time.sleep(max(0, -x))}}"\n'
    assert line in after(rewritten(("example.py", source)))


# -- found by composing programs ---------------------------------------------------


def test_import_below_the_call_of_a_function_is_not_relied_on() -> None:
    function = "def f():\n    eventlet.sleep(1)\n\n\nf()\n"
    text = after(
        rewritten(("example.py", f"import eventlet\n\n\n{function}import time\n"))
    )
    assert text.startswith("import time as _time\n")
    assert "    _time.sleep(1)\n" in text


def test_string_that_is_not_the_target_of_a_mock_stays() -> None:
    test = (
        "from unittest import mock\n\nfrom proj import worker\n\n\n"
        "def test_work():\n    with mock.patch('eventlet.sleep'):\n"
        "        worker.work()\n    print('called', 'eventlet.sleep')\n"
    )
    result = rewritten(("proj/worker.py", ONE_USE), ("proj/tests/test_w.py", test))
    assert "print('called', 'eventlet.sleep')" in after(result, "proj/tests/test_w.py")
    assert "mock.unknown-helper" in reasons(result, "proj/tests/test_w.py")


def test_mock_that_intercepts_nothing_stays_in_a_second_run() -> None:
    worker = (
        "from eventlet import greenthread\n\n\ndef f():\n    greenthread.sleep(1)\n"
    )
    test = (
        "from unittest import mock\n\nfrom proj import worker\n\n\n"
        "def test_f():\n    with mock.patch('eventlet.sleep') as sleep:\n"
        "        worker.f()\n    sleep.assert_not_called()\n"
    )
    first = rewritten(("proj/worker.py", worker), ("proj/tests/test_w.py", test))
    assert "    time.sleep(1)\n" in after(first, "proj/worker.py")
    files = [(path, text.decode()) for path, text in first.after.items()]
    second = rewritten(*files)
    assert second.after == first.after
    assert reasons(second, "proj/tests/test_w.py") == {"mock.no-site"}


def test_mock_does_not_intercept_a_name_that_another_file_has_bound() -> None:
    files = {
        "proj/__init__.py": "",
        "proj/names.py": "from eventlet import sleep\n",
        "proj/worker.py": (
            "from proj import names\n\n\ndef f():\n    names.sleep(1)\n"
        ),
        "proj/tests/test_w.py": (
            "from unittest import mock\n\nfrom proj import worker\n\n\n"
            "def test_f():\n    with mock.patch('eventlet.sleep') as sleep:\n"
            "        worker.f()\n    sleep.assert_not_called()\n"
        ),
    }
    result = rewritten(*files.items())
    assert "proj/tests/test_w.py" not in result.outcome.changes
    assert reasons(result, "proj/tests/test_w.py") == {"mock.no-site"}


@pytest.mark.parametrize(
    ("other", "moves"),
    [
        ("greenthread.sleep(1)", False),
        ("time.sleep(1)", False),
        ("nap(1)", True),
        ("print(1)", True),
    ],
)
def test_mock_does_not_move_to_where_it_would_meet_a_call_it_did_not_meet(
    other: str, moves: bool
) -> None:
    worker = (
        "import time\n\nimport eventlet\nfrom eventlet import greenthread\n"
        "from eventlet import sleep as nap\n\n\n"
        f"def f():\n    eventlet.sleep(1)\n\n\ndef g():\n    {other}\n"
    )
    test = (
        "from unittest import mock\n\nfrom proj import worker\n\n\n"
        "def test_g():\n    with mock.patch('eventlet.sleep') as sleep:\n"
        "        worker.g()\n    sleep.assert_not_called()\n"
    )
    result = rewritten(("proj/worker.py", worker), ("proj/tests/test_w.py", test))
    found = reasons(result, "proj/tests/test_w.py")
    assert found == (set() if moves else {"mock.both"})


@pytest.mark.parametrize("own", ["greenthread.sleep(1)", "time.sleep(1)"])
def test_mock_does_not_move_to_where_its_test_would_meet_it_itself(own: str) -> None:
    worker = "import eventlet\n\n\ndef f():\n    eventlet.sleep(1)\n"
    test = (
        "import time\nfrom unittest import mock\n\nfrom eventlet import greenthread\n"
        "from proj import worker\n\n\n"
        "def test_f():\n    with mock.patch('eventlet.sleep') as sleep:\n"
        f"        worker.f()\n        {own}\n    sleep.assert_called_once_with(1)\n"
    )
    result = rewritten(("proj/worker.py", worker), ("proj/tests/test_w.py", test))
    assert "mock.both" in reasons(result, "proj/tests/test_w.py")
    assert "proj/worker.py" not in result.outcome.changes


# -- words about a line -------------------------------------------------------


def test_word_about_the_length_goes_where_the_line_is_short_enough_now() -> None:
    long = f"    eventlet.sleep(option('{'a_rather_long_name_' * 2}') + 155 + 1000)"
    short = "    eventlet.sleep(1)  # noqa: E501\n    eventlet.sleep(2)  # noqa\n"
    text = f"import eventlet\n\n\ndef work(option):\n{long}  # noqa: E501\n{short}"
    assert len(long) > 79
    expected = text.replace("eventlet", "time").replace(
        "+ 155 + 1000)  # noqa: E501", "+ 155 + 1000)"
    )
    assert after(rewritten(("example.py", text))) == expected


def test_a_yield_of_a_green_module_is_the_same_in_either_order() -> None:
    text = "import eventlet\nimport eventlet.green.time\n\neventlet.sleep(0)\n"
    text += "eventlet.green.time.sleep(0)\n"
    config = 'yield-helper = "own.pause"\nassume = ["process-patched", "green-free"]'
    results = []
    for order in (("sleep", "green-imports"), ("green-imports", "sleep")):
        texts = {"main.py": text, "own.py": "def pause():\n    pass\n"}
        for codemod in order:
            files = tuple(File(path, each, each) for path, each in texts.items())
            after = rewrite(Case(codemod, "a case", 1, files, config=config)).after
            texts = {path: each.decode() for path, each in after.items()}
        results.append(texts["main.py"])
    assert results[0] == results[1]
    assert "own.pause()\ntime.sleep(0)\n" in results[0]
