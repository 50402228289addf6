"""Calls that an edit makes too long for the project, in whole files."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROXY = """\
import {module}

MOST = 20


class Proxy:
    def ask(self, hosts):
        if hosts:
            pool = {made}
            for answer in pool.{method}(self.one, list(hosts)):
                print(answer)
            pool.{end}
"""
ALIGNED = """\
            pool = eventlet.GreenPool(min(MOST,
                                          len(self.zone.management_addresses)))
"""
ANEW = """\
            pool = futurist.GreenThreadPoolExecutor(
                max_workers=max(1,
                                min(MOST,
                                    len(self.zone.management_addresses))))
"""
SAID = """\
            pool = eventlet.GreenPool(min(MOST,  # what the zone bears
                                          len(self.zone.management_addresses)))
"""
SHORT = """\
            pool = eventlet.GreenPool(
                min(MOST,
                    len(hosts)))
"""


def after(made: str, newline: str = "\n") -> str:
    text = PROXY.format(module="eventlet", made=made, method="imap", end="waitall()")
    text = text.replace("\n", newline)
    files = (File("proj/example.py", text, text),)
    found = rewrite(Case("greenpool", "x", 1, files)).after["proj/example.py"]
    return found.decode()


def call(lines: str) -> str:
    return lines.strip().removeprefix("pool = ")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_call_of_several_lines_is_broken_anew(newline: str) -> None:
    expected = PROXY.format(
        module="futurist", made=call(ANEW), method="map", end="shutdown(wait=True)"
    )
    assert after(call(ALIGNED), newline) == expected.replace("\n", newline)


def test_call_with_a_comment_keeps_its_lines() -> None:
    assert "min(MOST,  # what the zone bears\n" in after(call(SAID))


def test_call_whose_lines_fit_keeps_them() -> None:
    lines = after(call(SHORT)).splitlines()
    (at,) = (n for n, line in enumerate(lines) if line.endswith("max(1, min(MOST,"))
    assert lines[at + 1].strip() == "len(hosts))))"
    assert max(map(len, lines)) <= 79
