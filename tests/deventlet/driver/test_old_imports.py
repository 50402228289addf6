"""What becomes of an import of Eventlet's when its name is wanted, or its use is gone.

The codemod for queues shows it: the module that it needs is named like Eventlet's.
"""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

GREEN = "import eventlet\neventlet.monkey_patch()\n"


def after(**files: str) -> dict[str, str]:
    """The files of a project, by stem, once their queues are rewritten."""
    given = tuple(File(f"proj/{name}.py", text, text) for name, text in files.items())
    package = File("proj/__init__.py", GREEN, GREEN)
    result = rewrite(Case("queue", repr(files), 1, (package, *given)))
    return {name: result.after[f"proj/{name}.py"].decode() for name in files}


def test_the_name_of_an_import_that_goes_is_taken_over() -> None:
    text = "from eventlet import queue\n\njobs = queue.LightQueue(3)\n"
    assert after(a=text) == {"a": "import queue\n\njobs = queue.Queue(3)\n"}


def test_the_name_stays_eventlets_while_a_use_stays() -> None:
    text = (
        "from eventlet import queue\n\njobs = queue.Queue(3)\n"
        "handover = queue.Queue(0)\n"
    )
    found = after(a=text)["a"]
    assert "from eventlet import queue\n" in found
    assert "import queue as _queue\n" in found
    assert "jobs = _queue.Queue(3)\nhandover = queue.Queue(0)\n" in found


def test_the_name_stays_eventlets_while_another_file_takes_it() -> None:
    text = "from eventlet import queue\n\njobs = queue.Queue(3)\n"
    user = "from proj import a\n\n\ndef light():\n    return a.queue.Queue(0)\n"
    found = after(a=text, b=user)
    assert "from eventlet import queue\n" in found["a"]
    assert "jobs = _queue.Queue(3)\n" in found["a"]
    assert found["b"] == user


def test_a_local_name_is_not_taken_over() -> None:
    text = (
        "from eventlet import queue\n\n\ndef f(queue):\n    return queue\n\n\n"
        "jobs = queue.Queue(3)\n"
    )
    assert after(a=text)["a"] == text.replace("from eventlet import", "import")


@pytest.mark.parametrize(
    ("use", "goes"),
    [
        ("eventlet.spawn(print)", True),
        ("eventlet.queue.Queue(0)", False),
        ("print(eventlet.queue)", False),
        ("print(eventlet)", False),
        ("eventlet.queues.Queue()", True),
    ],
)
def test_the_import_of_a_submodule_goes_with_its_last_use(use: str, goes: bool) -> None:
    imports = "import eventlet\nimport eventlet.queue\n\n"
    found = after(a=f"{imports}jobs = eventlet.queue.Queue(3)\n{use}\n")["a"]
    assert "jobs = queue.Queue(3)\n" in found
    assert ("import eventlet.queue\n" not in found) is goes
    assert "import eventlet\n" in found


def test_the_import_of_a_submodule_stays_where_no_other_binds_the_package() -> None:
    text = (
        "import eventlet.queue\n\njobs = eventlet.queue.Queue(3)\neventlet.sleep(1)\n"
    )
    assert "import eventlet.queue\n" in after(a=text)["a"]


def test_a_second_name_is_found_where_the_first_is_taken() -> None:
    text = (
        "import eventlet\n\n\ndef f(queue, _queue):\n"
        "    try:\n        return queue.get(block=False)\n"
        "    except eventlet.queue.Empty:\n        return _queue\n"
    )
    found = after(a=text)["a"]
    assert "import queue as python_queue\n" in found
    assert "    except python_queue.Empty:\n" in found
