"""Objects that are copied deeply, which nothing with a native lock can be."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PATCH = "import eventlet\n\neventlet.monkey_patch()\n"
HEAD = "import copy\n\nfrom eventlet import queue\n\n\n"
DIRECT = HEAD + "def work():\n    jobs = queue.Queue()\n    jobs.put(1)\n"
OWN = (
    HEAD + "class Worker:\n    def __init__(self):\n        self.jobs = queue.Queue()\n"
)
OWN += "\n    def put(self, each):\n        self.jobs.put(each)\n"
CLONE = "\n    def clone(self):\n        return copy.deepcopy({})\n"
GETSTATE = "\n    def __getstate__(self):\n        return {}\n"
OTHERWISE = OWN.replace(
    "import copy", "import pickle\nfrom copy import deepcopy as dup"
)
DERIVED = "\n\nclass Special(Worker):" + CLONE.format("self")

USER = """import copy
import pickle
from copy import deepcopy as dup

from proj.worker import Worker


class Special(Worker):
    pass


class Other:
    pass


class Holder:
    def __init__(self):
        self.worker = Worker()
        self.other = Other()


def use():
    worker = Worker()
    holder = Holder()
    other = Other()
    worker.put(1)
    LINE
"""


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        (DIRECT + "    return copy.deepcopy(jobs)\n", True),
        (DIRECT + "    return copy.deepcopy([])\n", False),
        (OWN + CLONE.format("self"), True),
        (OWN + DERIVED, True),
        (OTHERWISE + CLONE.format("self").replace("copy.deepcopy", "dup"), True),
        (
            OTHERWISE + CLONE.format("self").replace("copy.deepcopy", "pickle.dumps"),
            True,
        ),
        (
            OTHERWISE + CLONE.format("self").replace("copy.deepcopy", "pickle.loads"),
            False,
        ),
        (
            DIRECT.replace("import copy", "import copy as c")
            + "    c.deepcopy(jobs)\n",
            True,
        ),
        (
            DIRECT.replace("import copy", "import pickle as p") + "    p.dumps(jobs)\n",
            True,
        ),
        (OWN + CLONE.format("{}"), False),
        (OWN + CLONE.format("self") + GETSTATE, False),
        (OWN + "\n\nclass Other:" + CLONE.format("self"), False),
    ],
)
def test_what_is_copied_deeply_stays(text: str, stays: bool) -> None:
    texts = {"proj/__init__.py": PATCH, "proj/worker.py": text}
    found = tuple(File(path, each, each) for path, each in texts.items())
    after = rewrite(Case("queue", "a case", 1, found)).after["proj/worker.py"].decode()
    assert (after == text) is stays


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("copy.deepcopy(worker)", True),
        ("dup(Special())", True),
        ("pickle.dumps(worker)", True),
        ("pickle.dumps(holder.worker)", True),
        ("copy.copy(worker)", False),
        ("copy.deepcopy(other)", False),
        ("copy.deepcopy(holder.other)", False),
        ("copy.deepcopy([])", False),
    ],
)
def test_what_is_copied_with_an_object_by_others_stays(line: str, stays: bool) -> None:
    user = USER.replace("LINE", line)
    texts = {"proj/__init__.py": PATCH, "proj/worker.py": OWN, "proj/user.py": user}
    found = tuple(File(path, each, each) for path, each in texts.items())
    after = rewrite(Case("queue", "a case", 1, found)).after["proj/worker.py"].decode()
    assert (after == OWN) is stays
    kept = OWN + GETSTATE
    found = (File("proj/worker.py", kept, kept), found[0], found[2])
    after = rewrite(Case("queue", "a case", 1, found)).after["proj/worker.py"].decode()
    assert after != kept
