"""Where a file's text may take a name from another one."""

from __future__ import annotations

import pytest

from deventlet.driver.imports.mentions import taken


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        (b"from proj import jobs\n# It ends here.\neventlet.sleep(1)\n", False),
        (b"from proj import jobs\njobs.eventlet.sleep(1)\n", True),
        (b"from proj import jobs\nx = (jobs.\n     eventlet)\n", True),
        (b"from proj import jobs\nx = '# a'; jobs.eventlet\n", True),
    ],
)
def test_a_comment_takes_nothing(text: bytes, is_taken: bool) -> None:
    assert taken(text, "proj.jobs", "eventlet") is is_taken


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        (b"CODE = 'eventlet.greenthread.spawn(f)'\n", False),
        (b"CODE = 'jobs.greenthread.spawn(f)'\n", True),
        (b"from proj import jobs as eventlet\neventlet.greenthread\n", True),
    ],
)
def test_what_is_taken_of_eventlet_is_not_of_a_module(
    text: bytes, is_taken: bool
) -> None:
    assert taken(text, "proj.jobs", "greenthread") is is_taken
