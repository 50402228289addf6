from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

OPTION = """
from eventlet import wsgi


def start(conf):
    wsgi.MAX_HEADER_LINE = {value}
    return conf
"""


def rewritten(text: str) -> Rewritten:
    return rewrite(Case("hubs-debug", "a case", 1, (File("example.py", text, text),)))


@pytest.mark.parametrize(
    ("value", "caveats"),
    [("conf.max_header_line", ("hubs-debug.option",)), ("16384", ()), ("conf", ())],
)
def test_caveat_is_given_for_an_option(value: str, caveats: tuple[str, ...]) -> None:
    found = rewritten(OPTION.format(value=value))
    (verdict,) = found.outcome.verdicts
    assert verdict.rewrite is not None
    assert verdict.rewrite.caveats == caveats
    assert b"MAX_HEADER_LINE" not in found.after["example.py"]


@pytest.mark.parametrize("value", ["limit()", "conf['limit']", "1 + 1", "[conf]"])
def test_what_may_do_something_stays(value: str) -> None:
    found = rewritten(OPTION.format(value=value))
    assert [v.reason for v in found.outcome.verdicts] == ["hubs-debug.value"]


def test_a_file_keeps_its_end_and_loses_what_was_blank() -> None:
    text = "from eventlet import hubs\n\n\nhubs.use_hub()\n\n\nX = 1"
    assert rewritten(text).after["example.py"] == b"X = 1"
    text = "X = 1\n\nfrom eventlet import hubs\n\nhubs.use_hub()"
    assert rewritten(text).after["example.py"] == b"X = 1"


HAND_MADE = """
from eventlet import debug


def patch(fake):
    debug.hub_exceptions = fake
"""


def test_a_mock_made_by_hand_stays() -> None:
    found = rewritten(HAND_MADE)
    assert [v.reason for v in found.outcome.verdicts] == ["name.assigned"]
