from __future__ import annotations

import pytest

from deventlet.inventory import Hazard, Pool
from deventlet.report import pools as report

GREEN = "eventlet.GreenPool"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (0, ""),
        (1, "17 KiB to 40 KiB, 8.0 MiB reserved"),
        (1000, "17 MiB to 39 MiB, 7.8 GiB reserved"),
    ],
)
def test_the_cost_is_that_of_all_threads(size: int | None, words: str) -> None:
    assert report.cost(size) == words


def test_what_has_no_bound_stands_first_and_tests_are_left_out() -> None:
    pools = [
        Pool("a.py", 1, GREEN, 5, "5", False),
        Pool("b.py", 2, GREEN, 1000, "1000, the default", False),
        Pool("c.py", 3, GREEN, None, "len(hosts)", False),
        Pool("test_d.py", 4, GREEN, 9999, "9999", True),
    ]
    rows = report.rows(pools, [])
    assert [row[:1] + row[2:3] for row in rows[1:]] == [
        ("any number", "c.py:3"),
        ("1,000", "b.py:2"),
        ("5", "a.py:1"),
    ]


def test_threads_started_without_end_are_rows_of_their_own() -> None:
    hazards = [
        Hazard("a.py", 7, report.UNBOUNDED, "eventlet.spawn_n starts", (), False),
        Hazard("a.py", 8, "hazard.fork", "another", (), False),
        Hazard("test_a.py", 9, report.UNBOUNDED, "in a test", (), True),
    ]
    rows = report.rows([], hazards)[1:]
    assert rows == [("no bound", "-", "a.py:7", "", "eventlet.spawn_n starts")]


def test_what_steers_a_terminal_is_shown_as_an_escape() -> None:
    rows = report.rows([Pool("a\x1b.py", 1, GREEN, None, "x\x1b[1m", False)], [])
    assert not any("\x1b" in cell for row in rows for cell in row)


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("eventlet.GreenPool", "GreenPool"),
        ("concurrent.futures.ThreadPoolExecutor", "ThreadPoolExecutor"),
        ("eventlet.wsgi.server", "wsgi.server"),
        ("eventlet.tpool.set_num_threads", "tpool.set_num_threads"),
    ],
)
def test_the_kind_is_as_it_is_called(api: str, kind: str) -> None:
    assert report.kind(Pool("a.py", 1, api, 1, "1", False)) == kind
