"""Which ``if`` goes with the last of its statements, and what shares a line.

By ``hubs-debug``, whose statements only go.
"""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

HEAD = "from eventlet import debug\n\n\n"


def rewritten(text: str) -> Rewritten:
    return rewrite(Case("hubs-debug", "a case", 1, (File("example.py", text, text),)))


def start(body: str, call: str = "debug.spew()") -> str:
    """A function with a body, before or after."""
    return f"{HEAD}def start(on, log):\n{body.replace('GO', call)}    log(on)\n"


def left(text: str) -> str:
    return text.removeprefix(HEAD)


@pytest.mark.parametrize(
    "body",
    [
        "    if on:\n        GO\n",
        "    if not on and log is not None:\n        GO\n",
        "    if on == 1 or log is not on:\n        GO\n",
        "    if on:\n        if log:\n            GO\n",
        "    if on:\n        if log:\n            GO\n        GO\n",
        "    if on:\n        GO\n        if log:\n            GO\n            GO\n",
        "    if on:\n        GO; GO\n",
    ],
)
def test_an_if_goes_with_all_that_is_in_it(body: str) -> None:
    found = rewritten(start(body))
    assert found.after["example.py"].decode() == left(start(""))
    assert {verdict.verdict for verdict in found.outcome.verdicts} == {"assume"}


@pytest.mark.parametrize(
    "body",
    [
        "    if log():\n        GO\n",
        "    if log.on:\n        GO\n",
        "    if log[on]:\n        GO\n",
        "    if on in (1, 2):\n        GO\n",
        "    if (log := on):\n        GO\n",
        "    if on:\n        GO\n    else:\n        log()\n",
        "    if on:\n        log()\n    else:\n        GO\n",
        "    if on:\n        log()\n    elif log:\n        GO\n",
        "    if on:  # for a look\n        GO\n",
        "    if on:\n        import os\n        GO\n",
        "    if log():\n        if on:\n            GO\n",
    ],
)
def test_a_statement_stays_where_an_empty_if_would(body: str) -> None:
    found = rewritten(start(body))
    assert found.after["example.py"] == start(body).encode()
    assert [v.reason for v in found.outcome.verdicts] == ["hubs-debug.value"]


@pytest.mark.parametrize("name", ["level", "os"])
def test_a_statement_stays_where_a_name_would_be_for_nothing(name: str) -> None:
    body = f"    import os\n    level = log()\n    if {name}:\n        GO\n"
    found = rewritten(start(body))
    assert found.after["example.py"] == start(body).encode()
    assert [v.detail for v in found.outcome.verdicts] == [
        f"without it {name} would be for nothing"
    ]


def test_one_of_two_that_stays_keeps_the_if() -> None:
    body = "    if on:\n        GO\n        debug.spew(on())\n"
    found = rewritten(start(body))
    after = start("    if on:\n        debug.spew(on())\n")
    assert found.after["example.py"].decode() == after


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("GO; log(1)", "log(1)"),
        ("log(1); GO", "log(1)"),
        ("log(1); GO; log(2)", "log(1); log(2)"),
        ("log(1); GO; GO", "log(1)"),
        ("GO; log(1); GO", "log(1)"),
        ("log(';'); GO", "log(';')"),
        ("log(\n        1); GO", "log(\n        1)"),
        ("import os; from eventlet import hubs; hubs.use_hub(); log(os)",
         "import os; log(os)"),
        ("log(1); from eventlet import hubs; hubs.use_hub()", "log(1)"),
    ],
)  # fmt: skip
def test_a_statement_leaves_the_line_that_it_shares(line: str, after: str) -> None:
    found = rewritten(start(f"    {line}\n")).after["example.py"].decode()
    assert left(found) == left(start(f"    {after}\n"))


@pytest.mark.parametrize(
    "line", ["GO; GO", "from eventlet import hubs; hubs.use_hub()"]
)
def test_a_block_keeps_a_statement(line: str) -> None:
    text = f"{HEAD}def start():\n    {line}\n".replace("GO", "debug.spew()")
    found = rewritten(text).after["example.py"].decode()
    assert found.endswith("def start():\n    pass\n")


@pytest.mark.parametrize(
    "line",
    ["if on: GO", "if on: log(1); GO", "log(1); GO;", "GO; log(1)  # twice",
     "log(1); debug.spew(\n        # all\n    )"],
)  # fmt: skip
def test_a_statement_stays_where_its_line_cannot(line: str) -> None:
    text = start(f"    {line}\n")
    found = rewritten(text)
    assert found.after["example.py"] == text.encode()
    assert [v.reason for v in found.outcome.verdicts] == ["hubs-debug.value"]
