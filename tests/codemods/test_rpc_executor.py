"""What ``rpc-executor`` takes away, where, and what it does not look at."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

from deventlet.driver.run import Request, run
from deventlet.registry import pages
from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

NAMES = (
    "get_rpc_server",
    "get_notification_listener",
    "get_batch_notification_listener",
)
IMPORTS = {
    "import oslo_messaging": "oslo_messaging.{}",
    "import oslo_messaging as messaging": "messaging.{}",
    "from oslo_messaging import {}": "{}",
    "from oslo_messaging import {} as serve": "serve",
}
CALL = "get_rpc_server(1, 2, 3, executor='eventlet')"


def files(**sources: str) -> Rewritten:
    """Some files of a package, rewritten."""
    paths = {f"proj/{name}.py": text for name, text in sources.items()}
    parts = tuple(File(path, text, text) for path, text in paths.items())
    return rewrite(Case("rpc-executor", "x", 1, parts))


def one(source: str) -> str:
    """The text that becomes of one file."""
    return files(example=source).after["proj/example.py"].decode()


@pytest.mark.parametrize(("name", "statement"), [*product(NAMES, IMPORTS)])
def test_every_function_by_every_import(name: str, statement: str) -> None:
    function = IMPORTS[statement].format(name)
    head = f"{statement.format(name)}\n\nserver = {function}(1, 2, 3"
    assert one(f"{head}, executor='eventlet')\n") == f"{head})\n"
    assert one(f"{head}, 'eventlet')\n") == f"{head})\n"


SERVERS = {
    "RPCServer": "oslo_messaging.rpc.server",
    "NotificationServer": "oslo_messaging.notify.listener",
    "BatchNotificationServer": "oslo_messaging.notify.listener",
}


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("statement", ["import {0} as m", "from {1} import {2} as m"])
def test_every_class_of_a_server(name: str, statement: str) -> None:
    package, _, module = SERVERS[name].rpartition(".")
    head = f"{statement.format(SERVERS[name], package, module)}\n\nserver = m.{name}"
    assert one(f"{head}(1, 2, 3, executor='eventlet')\n") == f"{head}(1, 2, 3)\n"
    if name != "RPCServer":
        assert one(f"{head}(1, 2, 3, 'eventlet', True)\n") == (
            f"{head}(1, 2, 3, allow_requeue=True)\n"
        )


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ("t, g, e, executor='eventlet', serializer=s", "t, g, e, serializer=s"),
        ("executor='eventlet', transport=t", "transport=t"),
        ("t, g, e, 'eventlet', s, p", "t, g, e, serializer=s, access_policy=p"),
        ("t, g, e, 'eventlet', s, **o", "t, g, e, serializer=s, **o"),
        ("t, g, e, executor=('eventlet'),", "t, g, e,"),
        ('t, g, e, serializer=s, executor="eventlet"', "t, g, e, serializer=s"),
        (
            "\n    t,\n    g,\n    e,\n    executor='eventlet',\n",
            "\n    t,\n    g,\n    e,\n",
        ),
        ("t, g, e,\n  executor='eventlet', serializer=s", "t, g, e,\n  serializer=s"),
        ("t, g, e, executor='eventlet',\n  serializer=s", "t, g, e,\n  serializer=s"),
        ("\n  t, g, e, executor='eventlet'\n", "\n  t, g, e\n"),
        ("\n  t, g, e,\n  executor='eventlet'\n", "\n  t, g, e\n"),
    ],
)
def test_arguments_that_are_left(arguments: str, left: str) -> None:
    head = "import oslo_messaging\n\noslo_messaging.get_rpc_server("
    assert one(f"{head}{arguments})\n") == f"{head}{left})\n"


@pytest.mark.parametrize(
    "arguments",
    [
        "1, 2, 3",
        "1, 2, 3, None",
        "1, 2, 3, 'threading'",
        "1, 2, 3, executor='blocking'",
        "1, 2, 3, executor=None",
        "1, 2, 3, serializer='eventlet'",
        "1, 'eventlet', 3",
    ],
)
def test_other_call_is_no_site(arguments: str) -> None:
    source = f"import oslo_messaging\n\noslo_messaging.get_rpc_server({arguments})\n"
    assert files(example=source).outcome.verdicts == ()


@pytest.mark.parametrize(
    "source",
    [
        "from oslo_messaging import get_rpc_server  # eventlet\n",
        "import oslo_messaging\n\nf = oslo_messaging.get_rpc_server  # eventlet\n",
        "import eventlet\nimport oslo_messaging\n\nprint(oslo_messaging)\n",
        "from unittest import mock  # eventlet\n\n"
        "mock.patch('oslo_messaging.get_rpc_server')\n".replace("# eventlet", ""),
    ],
)
def test_name_without_the_argument_is_no_site(source: str) -> None:
    assert files(example=source).outcome.verdicts == ()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("1, 2, 3, executor=executor", "rpc-executor.computed"),
        ("1, 2, 3, executor", "rpc-executor.computed"),
        ("1, 2, 3, executor='event' 'let' + executor", "rpc-executor.computed"),
        ("*executor, executor='eventlet'", "rpc-executor.star-args"),
        ("1, 2, 3,  # all\n  executor='eventlet',  # why\n", "comment.inside"),
    ],
)
def test_form_is_refused(arguments: str, reason: str) -> None:
    result = files(
        example="import oslo_messaging\n\n\ndef listen(executor):\n"
        f"    oslo_messaging.get_rpc_server({arguments})\n    return 'eventlet'\n"
    )
    assert result.after == result.before
    assert [v.reason for v in result.outcome.verdicts] == [reason]


# -- an executor that is no literal -------------------------------------------

OPTION = """\
from oslo_config import cfg

opts = [cfg.StrOpt('rpc-executor', default='eventlet'{more})]
cfg.CONF.register_opts(opts)
"""
READING = """\
from oslo_config import cfg
import oslo_messaging

CONF = cfg.CONF


def listen(group=None):
    oslo_messaging.get_rpc_server(1, 2, 3, executor={option})
"""


def listening(body: str, signature: str = "") -> str:
    return f"import oslo_messaging\n\n\ndef listen({signature}):\n{body}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "    name = 'eventlet'\n    if debug:\n        name = 'blocking'\n",
            "    name = None\n    if debug:\n        name = 'blocking'\n",
        ),
        ("    name = 'eventlet' if debug else x\n    x = 1\n", ""),
        ("    name = name_of('eventlet')\n", ""),
        ("    name = 'eventlet'\n    print(name)\n", ""),
        ("    name, other = 'eventlet', 1\n", ""),
        ("    for name in ('eventlet',):\n        pass\n", ""),
    ],
)
def test_name_of_a_function(before: str, after: str) -> None:
    call = "    oslo_messaging.get_rpc_server(1, 2, 3, executor=name)\n"
    source = listening(before + call)
    assert one(source) == (listening(after + call) if after else source)


def test_name_of_a_file_that_two_calls_take() -> None:
    source = """\
import oslo_messaging

EXECUTOR = 'eventlet'
oslo_messaging.get_rpc_server(1, 2, 3, executor=EXECUTOR)
oslo_messaging.get_notification_listener(1, 2, 3, executor=EXECUTOR)
"""
    after = source.replace("'eventlet'", "None")
    assert files(example=source).after["proj/example.py"] == after.encode()
    other = "from proj.example import EXECUTOR\n"
    result = files(example=source, other=other)
    assert result.after == result.before


CALL_BY_NAME = "    oslo_messaging.get_rpc_server(1, 2, 3, executor=name)\n"


@pytest.mark.parametrize(
    ("caller", "goes"),
    [
        ("listen()\n", True),
        ("listen(name='blocking')\n", True),
        ("listen('threading')\n", True),
        ("listen('eventlet')\n", False),
        ("listen(name=chosen())\n", False),
        ("listen(**options)\n", False),
    ],
)
def test_default_of_a_parameter(caller: str, *, goes: bool) -> None:
    source = listening(CALL_BY_NAME, "name='eventlet'")
    result = files(example=source, other=f"from proj.example import listen\n\n{caller}")
    after = source.replace("'eventlet'", "None") if goes else source
    assert result.after["proj/example.py"] == after.encode()


@pytest.mark.parametrize("value", ["'threading'", "name"])
def test_mock_of_calls_with_another_executor_is_no_site(value: str) -> None:
    production = (
        "import oslo_messaging\n\n\ndef listen():\n    name = 'threading'\n"
        f"    return oslo_messaging.get_rpc_server(1, 2, 3, executor={value})\n"
    )
    test = (
        "from unittest import mock\n\nfrom proj import rpc\n\n\n"
        "@mock.patch('oslo_messaging.get_rpc_server')\ndef test_it(get):\n"
        "    rpc.listen()\n"
        "    get.assert_called_once_with(1, 2, 3, executor='threading')\n"
    )
    assert files(rpc=production, test_rpc=test).outcome.verdicts == ()


def test_parameter_that_nobody_is_seen_to_give_is_refused() -> None:
    result = files(example=listening(CALL_BY_NAME + "    # eventlet\n", "name"))
    assert [v.reason for v in result.outcome.verdicts] == ["rpc-executor.computed"]


def test_parameter_of_a_method_that_another_class_has_is_refused() -> None:
    source = (
        "import oslo_messaging\n\n\nclass Server(Base):\n"
        "    def run(self, executor='eventlet'):\n"
        "        oslo_messaging.get_rpc_server(1, 2, 3, executor=executor)\n"
    )
    base = "class Base:\n    def run(self, executor='eventlet'):\n        pass\n"
    assert files(example=source).after["proj/example.py"] != source.encode()
    result = files(example=source, base=base)
    (found,) = result.outcome.verdicts
    assert found.detail == "proj/base.py:2 has the same parameter, too"


@pytest.mark.parametrize(
    "option", ["CONF.rpc_executor", "cfg.CONF.rpc_executor", "CONF.api.rpc_executor"]
)
def test_default_of_an_option(option: str) -> None:
    declared = OPTION.format(more=", choices=['eventlet', 'blocking']")
    reading = READING.format(option=option)
    setting = (
        "def test(conf):\n    conf.import_opt('rpc_executor', 'proj.options')\n"
        "    conf.set_override('rpc_executor', 'threading')\n"
    )
    result = files(options=declared, rpc=reading, test_rpc=setting)
    after = declared.replace("default='eventlet'", "default=None")
    assert result.after["proj/options.py"] == after.encode()
    assert result.after["proj/rpc.py"] == reading.encode()
    (found,) = result.outcome.verdicts
    assert found.rewrite is not None
    assert found.rewrite.caveats == ("rpc-executor.option",)


@pytest.mark.parametrize(
    ("more", "other", "said"),
    [
        (", required=True", "", "declares the option with required"),
        (", sample_default='x'", "", "declares the option with sample_default"),
        (", **more", "", "declares the option with None"),
        ("", "print(conf.rpc_executor)", "reads or sets the option, too"),
        ("", "print(conf['rpc_executor'])", "reads or sets the option, too"),
        ("", "conf.set_default('rpc_executor', 1)", "reads or sets the option, too"),
        ("", "cfg.set_defaults(opts, rpc_executor=1)", "reads or sets the option, too"),
        ("", "cfg.StrOpt('rpc_executor')", "reads or sets the option, too"),
        ("", "import oslo_config\ncfg.StrOpt('rpc_executor')", "more than once"),
    ],
)
def test_option_is_refused(more: str, other: str, said: str) -> None:
    declared = OPTION.format(more=more)
    reading = READING.format(option="CONF.rpc_executor")
    result = files(options=declared, rpc=reading, other=other)
    (found,) = result.outcome.verdicts
    assert found.reason == "rpc-executor.computed"
    assert said in found.detail


def test_option_of_another_repository_is_refused() -> None:
    result = files(rpc=READING.format(option="CONF.rpc_executor") + "# eventlet\n")
    (found,) = result.outcome.verdicts
    assert found.detail.endswith(
        "reads the option rpc_executor, which is declared elsewhere"
    )


def test_option_in_a_file_that_stays_is_refused() -> None:
    kept = "    # deventlet: keep because operators know it"
    declared = OPTION.format(more="").replace("]\n", f"]{kept}\n")
    reading = READING.format(option="CONF.rpc_executor")
    result = files(options=declared, rpc=reading)
    assert [v.reason for v in result.outcome.verdicts] == ["keep.asked"]


def test_option_in_a_file_that_was_not_selected_is_refused(tmp_path: Path) -> None:
    (tmp_path / "options.py").write_text(OPTION.format(more=""))
    (tmp_path / "rpc.py").write_text(READING.format(option="CONF.rpc_executor"))
    request = Request(tmp_path, ["options.py", "rpc.py"], frozenset({"rpc.py"}))
    outcome = run(pages()["rpc-executor"], request, {})
    assert [v.reason for v in outcome.verdicts] == ["path.not-selected"]
    assert outcome.changes == {}


def test_executor_that_a_mock_may_expect_is_refused() -> None:
    source = listening("    name = 'eventlet'\n" + CALL_BY_NAME)
    test = (
        "from unittest import mock\n\nfrom proj import example\n\n\n"
        "@mock.patch('oslo_messaging.get_rpc_server')\ndef test_it(get):\n"
        "    example.listen()\n"
        "    get.assert_called_once_with(1, 2, 3, executor='eventlet')\n"
    )
    result = files(example=source, test_example=test)
    assert result.after == result.before


def test_option_whose_other_reader_is_mocked_is_refused() -> None:
    reading = READING.format(option="CONF.rpc_executor")
    test = (
        "from unittest import mock\n\n\n"
        "@mock.patch('proj.other.oslo_messaging.get_rpc_server')\n"
        "def test_it(get):\n    assert get.call_args.kwargs['executor']\n"
    )
    sources = {"options": OPTION.format(more=""), "rpc": reading, "other": reading}
    result = files(**sources, test_other=test)
    assert result.after == result.before


def test_an_old_library_needs_a_name(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("oslo.messaging>=5.29.0\n")
    source = listening("    name = 'eventlet'\n" + CALL_BY_NAME)
    (tmp_path / "example.py").write_text(source)
    request = Request(tmp_path, ["example.py"], frozenset({"example.py"}))
    (found,) = run(pages()["rpc-executor"], request, {}).verdicts
    assert found.reason == "rpc-executor.computed"


# -- tests that expect the argument -------------------------------------------

RPC = (
    f"import oslo_messaging as messaging\n\n\ndef get_server():\n    messaging.{CALL}\n"
)
HEAD = """\
from unittest import mock

import oslo_messaging as messaging
from proj import rpc


"""
TESTS = {
    "an object": (
        "@mock.patch.object(messaging, 'get_rpc_server')\ndef test_it(get):\n"
        "    rpc.get_server()\n    get.assert_called_once_with(1, 2, 3{})\n"
    ),
    "a string": (
        "@mock.patch('oslo_messaging.get_rpc_server')\ndef test_it(get):\n"
        "    rpc.get_server()\n    get.assert_called_with(1, 2, 3{})\n"
    ),
    "a string through the module": (
        "@mock.patch('proj.rpc.messaging.get_rpc_server')\ndef test_it(get):\n"
        "    rpc.get_server()\n    get.assert_any_call(1, 2, 3{})\n"
    ),
    "a with statement": (
        "def test_it():\n"
        "    with mock.patch.object(messaging, 'get_rpc_server') as g:\n"
        "        rpc.get_server()\n    assert g.mock_calls == [mock.call(1, 2, 3{})]\n"
    ),
    "set up for the class": (
        "class TestIt:\n    def setUp(self):\n"
        "        self.get = mock.patch.object(messaging, 'get_rpc_server').start()\n\n"
        "    def test_it(self):\n        rpc.get_server()\n"
        "        self.get.assert_called_once_with(1, 2, 3{})\n"
    ),
    "a fixture": (
        "def fixture():\n"
        "    with mock.patch.object(messaging, 'get_rpc_server') as g:\n"
        "        yield g\n\n\ndef test_it(fixture):\n    rpc.get_server()\n"
        "    fixture.assert_called_once_with(1, 2, 3{})\n"
    ),
}


@pytest.mark.parametrize("way", [", executor='eventlet'", ", 'eventlet'"])
@pytest.mark.parametrize("name", TESTS)
def test_expectation_changes_with_the_call(name: str, way: str) -> None:
    production = RPC.replace(", executor='eventlet'", way)
    result = files(rpc=production, test_rpc=HEAD + TESTS[name].format(way))
    assert result.after["proj/rpc.py"] == production.replace(way, "").encode()
    found = result.after["proj/test_rpc.py"].decode()
    assert found == HEAD + TESTS[name].format("")
    ast.parse(found)


def test_expectation_of_another_test_stays() -> None:
    other = (
        "def test_other(get):\n    get.assert_called_with(1, 2, executor='eventlet')\n"
    )
    text = HEAD + TESTS["an object"].format(", executor='eventlet'") + "\n\n" + other
    result = files(rpc=RPC, test_rpc=text)
    found = result.after["proj/test_rpc.py"].decode()
    assert found == HEAD + TESTS["an object"].format("") + "\n\n" + other


def test_repository_that_defines_the_function_stays() -> None:
    sources = {
        "oslo_messaging/__init__.py": "from oslo_messaging.rpc import get_rpc_server\n",
        "oslo_messaging/rpc.py": "def get_rpc_server(*args, executor=None): ...\n",
        "tests/test_it.py": f"import oslo_messaging\n\noslo_messaging.{CALL}\n",
    }
    parts = tuple(File(path, text, text) for path, text in sources.items())
    result = rewrite(Case("rpc-executor", "own", 1, parts))
    assert result.after == result.before
    assert {v.reason for v in result.outcome.verdicts} == {"name.own-package"}


@pytest.mark.parametrize(
    ("listed", "caveats"),
    [
        ("oslo.messaging>=14.1.0\n", ()),
        ("oslo.messaging>=5.29.0\n", ("rpc-executor.old-library",)),
    ],
)
def test_an_old_library_is_named(
    tmp_path: Path, listed: str, caveats: tuple[str, ...]
) -> None:
    text = f"from oslo_messaging import get_rpc_server\n\n{CALL}\n"
    (tmp_path / "requirements.txt").write_text(listed)
    (tmp_path / "example.py").write_text(text)
    request = Request(tmp_path, ["example.py"], frozenset({"example.py"}))
    (found,) = run(pages()["rpc-executor"], request, {}).verdicts
    assert found.rewrite is not None
    assert found.rewrite.caveats == caveats
