"""What else is asked of an object tells that it is of no class that was thought of."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import eventlet

eventlet.monkey_patch()


class Runner({base}):
    {body}

    def __init__(self):
        self.pool = eventlet.GreenPool(2)

    def run(self):
        return list(self.pool.imap(twice, [1, 2]))


def twice(number):
    return 2 * number


class Store:
    def __init__(self):
        self.size = 3


def describe(store, flag=None):
    {read}


Runner().run()
describe(input())
{more}
"""
BOTH = "return {'size': store.size, 'pool': store.pool}"


def reason(**parts: str) -> str:
    """Why the pool of the program stays, if it does."""
    known = {"base": "object", "body": "name = ''", "read": BOTH, "more": ""}
    text = PROGRAM.format(**known | parts)
    result = rewrite(Case("greenpool", "greenpool", 1, (File("a.py", text, text),)))
    (verdict,) = result.outcome.verdicts
    return verdict.reason if verdict.rewrite is None else ""


@pytest.mark.parametrize(
    "read",
    [
        BOTH,
        "print(store.size)\n    return store.pool",
        "if flag:\n        print(store.size)\n        return store.pool",
        "size = store.size\n    if flag:\n        return [store.pool]",
    ],
)
def test_a_store_is_no_runner(read: str) -> None:
    assert reason(read=read) == ""


@pytest.mark.parametrize(
    "read",
    [
        "return store.pool",
        "return flag and store.size, store.pool",
        "if flag:\n        return store.size\n    return store.pool",
        "store = store or flag\n    return store.size, store.pool",
        "return store.name, store.pool",
        "return store.run(), store.pool",
        "def inner():\n        return store.size\n    return store.pool",
    ],
)
def test_what_does_not_tell_proves_nothing(read: str) -> None:
    assert reason(read=read) == "value.elsewhere"


@pytest.mark.parametrize(
    "parts",
    [
        {"more": "runner = Runner()\nrunner.size = 3"},
        {"more": "setattr(Runner(), 'size', 3)"},
        {"body": "size = 0"},
        {"body": "def __getattr__(self, name): return name"},
        {"base": "unknown.Base"},
    ],
)
def test_a_runner_may_have_what_somebody_gives_it(parts: dict[str, str]) -> None:
    assert reason(**parts) == "value.elsewhere"


TESTED = """
    def test_it(self):
        stores = ask(flag)
        {lines}
"""


@pytest.mark.parametrize(
    "lines",
    [
        "check(stores[0].pool)\n        check(stores[0].size)",
        "check(stores[0].size)\n        check(stores[0].pool)",
        "self.assertEqual(1, len(stores), stores)\n"
        "        check(stores[0].pool, stores[1].name)\n        print()\n"
        "        self.assertEqual(3, stores[0].size)",
    ],
)
def test_an_element_that_a_test_asks_for_something_else_is_no_runner(
    lines: str,
) -> None:
    assert reason(read="pass" + TESTED.format(lines=lines)) == ""


@pytest.mark.parametrize(
    "lines",
    [
        "check(stores[0].pool)\n        check(stores[1].size)",
        "check(stores[0].pool)\n        if flag: check(stores[0].size)",
        "check(stores[0].pool)\n        return\n        check(stores[0].size)",
        "check(stores[0].pool)\n        self.skipTest()\n        check(stores[0].size)",
        "check(stores[0].pool)\n        change(stores)\n        check(stores[0].size)",
        "check(stores[0].pool)\n        stores.pop()\n        check(stores[0].size)",
        "check(stores[0].pool)\n        stores[0] = 1\n        check(stores[0].size)",
        "with flag: check(stores[0].pool)\n        check(stores[0].size)",
        "check(stores[flag].pool)\n        check(stores[flag].size)",
    ],
)
def test_an_element_that_may_be_another_proves_nothing(lines: str) -> None:
    tested = reason(read="pass" + TESTED.format(lines=lines))
    assert tested == "value.elsewhere"


def test_what_is_read_behind_proves_nothing_outside_of_tests() -> None:
    read = "print(store.pool)\n    return store.size"
    assert reason(read=read) == "value.elsewhere"


FACTORY = """
MODEL = None


class First(Store):
    pool = None


class Second(First):
    pass


def choose(kind):
    global MODEL
    if kind:
        model = First
    else:
        model = Second
    MODEL = model


def get_model():
    assert MODEL
    return MODEL


class Kind:
    def get_model(self):
        return First


def build():
    cls = get_model()
    return cls().pool
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("model = Second", "model = input()", "value.elsewhere"),
        ("MODEL = None", "MODEL = input()", "value.elsewhere"),
        ("    return MODEL", "    yield MODEL", "value.elsewhere"),
        ("def get_model", "@input\ndef get_model", "value.elsewhere"),
        ("def get_model():", "def get_model(MODEL=None):", "value.elsewhere"),
        (
            "def build",
            "def change(module):\n    module.MODEL = Runner\n\n\ndef build",
            "value.elsewhere",
        ),
        (
            "def build",
            "def change(module):\n    module.MODEL = None\n\n\ndef build",
            "",
        ),
        ("    cls = get_model()", "    cls = Kind().get_model()", "value.elsewhere"),
    ],
)
def test_what_a_function_returns_tells_the_class(
    old: str, new: str, expected: str
) -> None:
    found = reason(read="pass", more=FACTORY.replace(old, new, 1) if old else FACTORY)
    assert found == expected


@pytest.mark.parametrize(
    ("patched", "expected"),
    [
        ("mock.patch.object(store.pool, 'shutdown')", ""),
        ("mock.patch.object(store.pool, 'shutdown', autospec=True)", ""),
        ("mock.patch.object(store.pool, 'imap')", "value.elsewhere"),
        ("mock.patch.object(store.pool, 'shutdown', create=True)", "value.elsewhere"),
        ("mock.patch.object(store.pool, 'shutdown', **flag)", "value.elsewhere"),
        ("mock.patch.object(store.pool, flag)", "value.elsewhere"),
        ("mock.patch.object(flag, 'shutdown', store.pool)", "value.elsewhere"),
    ],
)
def test_what_is_mocked_is_there(patched: str, expected: str) -> None:
    read = f"with {patched}:\n        print()"
    assert reason(read=read, more="from unittest import mock") == expected


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("return store.pool()", ""),
        ("return [store.pool(1), store.pool(2)]", ""),
        ("return store.pool().title", ""),
        ("return store.pool.imap()", "value.elsewhere"),
        ("return flag(store.pool)", "value.elsewhere"),
    ],
)
def test_what_is_called_is_no_object_that_cannot_be(read: str, expected: str) -> None:
    assert reason(read=read) == expected


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("store.get()", ""),
        ("return store.get().title", ""),
        ("return store.get().imap", "value.elsewhere"),
        ("return store.get()", "value.elsewhere"),
        ("return store.get", "value.elsewhere"),
    ],
)
def test_what_a_function_gives_may_be_dropped(read: str, expected: str) -> None:
    body = "def get(self): return self.pool"
    more = "class Other:\n    def get(self): return 1"
    assert reason(read=read, body=body, more=more) == expected
