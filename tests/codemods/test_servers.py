"""What the page of ``servers`` cannot show: caveats, and what is decided together."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

CALL = """
import eventlet


def connect(host):
    return eventlet.connect({0})
"""


@pytest.mark.parametrize(
    ("address", "caveats"),
    [
        ("('192.0.2.1', 80)", ()),
        ("('localhost', 80)", ("servers.ipv6",)),
        ("(host, 80)", ("servers.ipv6",)),
        ("host", ("servers.ipv6",)),
    ],
)
def test_caveat_is_given_for_a_name(address: str, caveats: tuple[str, ...]) -> None:
    text = CALL.format(address)
    found = rewrite(Case("servers", "a caveat", 1, (File("example.py", text, text),)))
    (verdict,) = found.outcome.verdicts
    assert verdict.rewrite is not None
    assert verdict.rewrite.caveats == caveats
    assert b"socket.create_connection(" in found.after["example.py"]
