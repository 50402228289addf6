from __future__ import annotations

import pytest

from deventlet.codemod import Rewrite
from tests.pages import Case, File
from tests.support.tool import rewrite

PASSED = """
from eventlet import tpool


def upload(service, file):
    service.update(tpool.Proxy(file))
"""
WRAPPING = """
from eventlet import tpool


def wrap(self, thing):
    return tpool.Proxy(thing, autowrap=self.classes).size
"""
KEPT = """
from eventlet import tpool


def size(thing):
    made = tpool.Proxy(thing, autowrap=())
    return made.size
"""


def caveats_of(text: str) -> tuple[str, ...]:
    found = rewrite(Case("tpool", "a caveat", 1, (File("example.py", text, text),)))
    (decision,) = {
        id(v.rewrite): v.rewrite
        for v in found.outcome.verdicts
        if v.rewrite and v.subject.kind == "object"
    }.values()
    assert isinstance(decision, Rewrite)
    assert b"tpool" not in found.after["example.py"]
    return decision.caveats


@pytest.mark.parametrize(
    ("text", "caveats"),
    [
        (PASSED, ("tpool.passed",)),
        (WRAPPING, ("tpool.wrapping",)),
        (KEPT, ()),
    ],
)
def test_caveat_is_given(text: str, caveats: tuple[str, ...]) -> None:
    assert set(caveats) <= set(caveats_of(text))
    assert bool(caveats) == bool(caveats_of(text))
