from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from deventlet.config import Config
from deventlet.driver.processes.sizing import pools_of
from deventlet.inventory import Pool


def pools(root: Path, **files: str) -> list[Pool]:
    for name, text in files.items():
        (root / f"{name}.py").write_text(dedent(text))
    names = sorted(f"{name}.py" for name in files)
    return list(pools_of(root, names, names, Config()))


def sizes(found: list[Pool]) -> list[tuple[int | None, str]]:
    return [(pool.size, pool.words) for pool in found]


@pytest.mark.parametrize(
    ("call", "api", "size", "words"),
    [
        ("eventlet.GreenPool()", "eventlet.GreenPool", 1000, "1000, the default"),
        ("eventlet.GreenPool(7)", "eventlet.GreenPool", 7, "7"),
        ("eventlet.GreenPool(size=7)", "eventlet.GreenPool", 7, "7"),
        ("eventlet.greenpool.GreenPile(3)", "eventlet.GreenPile", 3, "3"),
        (
            "futurist.GreenThreadPoolExecutor()",
            "futurist.GreenThreadPoolExecutor",
            1000,
            "1000, the default",
        ),
        (
            "futurist.ThreadPoolExecutor()",
            "futurist.ThreadPoolExecutor",
            None,
            "5 for each processor, the default",
        ),
        (
            "concurrent.futures.ThreadPoolExecutor(max_workers=2)",
            "concurrent.futures.ThreadPoolExecutor",
            2,
            "2",
        ),
        (
            "eventlet.wsgi.server(sock, app, max_size=64)",
            "eventlet.wsgi.server",
            64,
            "64",
        ),
        ("eventlet.GreenPool(len(hosts))", "eventlet.GreenPool", None, "len(hosts)"),
        ("eventlet.GreenPool(*given)", "eventlet.GreenPool", None, "*given"),
    ],
)
def test_a_call_says_how_many(
    tmp_path: Path, call: str, api: str, size: int | None, words: str
) -> None:
    text = (
        f"import concurrent.futures\nimport eventlet\nimport futurist\n\nX = {call}\n"
    )
    assert pools(tmp_path, pool=text) == [Pool("pool.py", 5, api, size, words, False)]


def test_a_server_with_a_pool_of_its_own_is_that_pool(tmp_path: Path) -> None:
    text = """\
    import eventlet
    from eventlet import wsgi

    wsgi.server(sock, app, custom_pool=eventlet.GreenPool(5))
    """
    assert sizes(pools(tmp_path, server=text)) == [(5, "5")]


@pytest.mark.parametrize(
    ("before", "size", "words"),
    [
        ("", None, "size"),
        ("size = 4", 4, "size: 4"),
        ("size = wanted or 4", 4, "size: 4"),
        ("size = wanted if wanted else 4", 4, "size: 4"),
        ("size = 4\nsize = 5", None, "size"),
        ("size = 4\nsize *= 2", None, "size"),
        ("size = other", None, "size: other"),
        ("size: int = 4", 4, "size: 4"),
    ],
)
def test_a_variable_is_followed_to_what_it_is_given(
    tmp_path: Path, before: str, size: int | None, words: str
) -> None:
    text = f"import eventlet\n{before}\nPOOL = eventlet.GreenPool(size)\n"
    assert sizes(pools(tmp_path, pool=text)) == [(size, words)]


def test_a_parameter_counts_by_its_default(tmp_path: Path) -> None:
    text = """\
    import eventlet

    def start(size=8, *, other=9, none):
        eventlet.GreenPool(size)
        eventlet.GreenPool(other)
        eventlet.GreenPool(none)
    """
    found = sizes(pools(tmp_path, pool=text))
    assert found == [(8, "size: 8"), (9, "other: 9"), (None, "none")]


def test_an_attribute_is_followed_through_its_class(tmp_path: Path) -> None:
    text = """\
    import eventlet

    class Agent:
        DEFAULT = 6

        def __init__(self, size=None):
            self.size = size or self.DEFAULT

        def start(self):
            return eventlet.GreenPool(self.size)
    """
    assert sizes(pools(tmp_path, agent=text)) == [(6, "self.size: 6")]


def test_what_turns_in_a_circle_has_no_size(tmp_path: Path) -> None:
    text = "import eventlet\na = b\nb = a\nPOOL = eventlet.GreenPool(a)\n"
    assert sizes(pools(tmp_path, pool=text)) == [(None, "a: b")]


OPTIONS = """\
from oslo_config import cfg

OPTS = [
    cfg.IntOpt('sync-pool-size', default=12),
    cfg.IntOpt('made', default=processors()),
]
"""


@pytest.mark.parametrize(
    ("value", "size", "words"),
    [
        (
            "CONF.sync_pool_size",
            12,
            "CONF.sync_pool_size, an option, 12 by default",
        ),
        (
            "self.conf.agent.sync_pool_size",
            12,
            "self.conf.agent.sync_pool_size, an option, 12 by default",
        ),
        ("CONF.made", None, "CONF.made, an option, processors() by default"),
        ("CONF.other", None, "CONF.other, an option of another project"),
        (
            "CONF.wsgi_default_pool_size",
            100,
            "CONF.wsgi_default_pool_size, an option of oslo.service, 100 by default",
        ),
        ("sensors.sync_pool_size", None, "sensors.sync_pool_size"),
    ],
)
def test_an_option_counts_by_its_default(
    tmp_path: Path, value: str, size: int | None, words: str
) -> None:
    text = f"import eventlet\n\nPOOL = eventlet.GreenPool({value})\n"
    assert sizes(pools(tmp_path, options=OPTIONS, pool=text)) == [(size, words)]


def test_an_option_with_two_defaults_has_none(tmp_path: Path) -> None:
    text = "import eventlet\n\nPOOL = eventlet.GreenPool(CONF.sync_pool_size)\n"
    other = OPTIONS.replace("12", "13")
    found = pools(tmp_path, options=OPTIONS, other=other, pool=text)
    assert sizes(found) == [(None, "CONF.sync_pool_size, an option")]
