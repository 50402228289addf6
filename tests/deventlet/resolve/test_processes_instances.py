"""A process that calls one method of what it makes does not run the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Project

HANDLER = """import eventlet
from app import tools

{handed}
class Handler({base}):
    size = {size}

    def __init__(self):
        {made}
        self.done = False

    def clean(self):
        {clean}

    def start(self):
        eventlet.spawn(self.run)

    {decorator}
    def run(self):
        pass

    {extra}

def get_handler():
    {returned}
"""
FILES = {
    "setup.cfg": "[entry_points]\nconsole_scripts =\n"
    "    app = app.main:main\n    tidy = app.tidy:main\n",
    "app/__init__.py": "",
    "app/tools.py": "def keep(thing): thing.start()\n",
    "app/main.py": "import eventlet\neventlet.monkey_patch()\n"
    "from app.handler import get_handler\n\ndef main():\n    get_handler().start()\n",
}
TIDY = """import eventlet
from app import handler
from app import tools
{above}

def main():
    eventlet.spawn(print)
    {body}
"""
PARTS = {
    "handed": "",
    "base": "object",
    "size": "8",
    "made": "pass",
    "clean": "self.done = True",
    "decorator": "",
    "extra": "pass",
    "returned": "return Handler()",
}


def proven(
    tmp_path: Path,
    body: str = "one = handler.get_handler()\n    one.clean()",
    above: str = "",
    method: str = "run",
    **parts: str,
) -> bool:
    """Whether the processes that run a method of the handler are proven to patch."""
    texts = FILES | {
        "app/handler.py": HANDLER.format(**PARTS | parts),
        "app/tidy.py": TIDY.format(above=above, body=body),
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    python = sorted(path for path in texts if path.endswith(".py"))
    processes = Processes(Project(tmp_path, python))
    return processes.patched("threading", "app/handler.py", "Handler", method).proven


@pytest.mark.parametrize(
    "body",
    [
        "one = handler.get_handler()\n    one.clean()",
        "handler.get_handler().clean()",
        "one = handler.Handler()\n    two = one\n    two.clean(); two.done",
        "from app.handler import Handler\n    Handler()",
        "def later():\n        one = handler.get_handler()\n        one.clean()\n"
        "    later()",
    ],
)
def test_only_what_is_called_runs(tmp_path: Path, body: str) -> None:
    assert proven(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        "handler.get_handler().start()",
        "one = handler.get_handler()\n    one.run()",
        "two = one = handler.get_handler()",
        "one = handler.get_handler()\n    tools.keep(one)",
        "tools.keep(handler.Handler())",
        "tools.keep(handler.Handler)",
        "tools.keep(handler.get_handler)",
        "one = handler.get_handler()\n    tools.keep(one.clean)",
        "one = handler.get_handler()\n    getattr(one, 'start')()",
        "getattr(handler, 'get_handler')().start()",
        "one = handler.get_handler()\n    tools.one = one",
        "one = handler.get_handler()\n    one.__class__().start()",
        "one = handler.get_handler()\n    tools.keep(**locals())",
        "global one\n    one = handler.get_handler()",
        "with handler.get_handler() as one:\n        one.start()",
        "from app.handler import get_handler as make\n    make().start()",
        "def inner(one=handler.get_handler()):\n        one.start()",
        "class Own(handler.Handler):\n        pass\n    Own().start()",
        "def inner():\n        return handler.Handler()\n    tools.keep(inner())",
    ],
)
def test_what_runs_or_is_out_of_sight_counts(tmp_path: Path, body: str) -> None:
    assert not proven(tmp_path, body)


@pytest.mark.parametrize(
    "above",
    [
        "one = handler.get_handler()",
        "class Own(handler.Handler):\n    pass",
        "def make():\n    return handler.get_handler()",
        "from app.handler import get_handler as make",
        "make = handler.get_handler",
        "make = {'handler': handler.Handler}",
    ],
)
def test_names_that_are_given_on_are_followed(tmp_path: Path, above: str) -> None:
    name = above.split("(")[0].split()[1] if above[0] in "cd" else "make"
    body = "one.start()" if above.startswith("one") else f"tools.keep({name}())"
    assert not proven(tmp_path, body, above)


def test_a_function_that_hands_on_what_it_makes_makes_it(tmp_path: Path) -> None:
    above = "def make():\n    one = handler.get_handler()\n    return one"
    assert proven(tmp_path, "make().clean()", above)
    assert not proven(tmp_path, "make().start()", above)
    handed = above.replace("def", "@tools.keep\ndef")
    assert not proven(tmp_path, "make().clean()", handed)


def test_a_function_that_calls_itself_is_not_followed(tmp_path: Path) -> None:
    above = "def make(deep):\n    one = handler.get_handler()\n"
    above += "    if deep: make(0).start()\n    return one"
    assert not proven(tmp_path, "make(1).clean()", above)


@pytest.mark.parametrize(
    "parts",
    [
        {"clean": "self.start()"},
        {"clean": "eventlet.spawn(self.start)"},
        {"clean": "tools.keep(self)"},
        {"clean": "tools.keep(self.clean)"},
        {"clean": "getattr(self, 'start')()"},
        {"clean": "return self"},
        {"clean": "(lambda: self)().start()"},
        {"clean": "super().__init__()"},
        {"clean": "self.__class__().start()"},
        {"clean": "Handler().start()"},
        {"made": "tools.one = self"},
        {"made": "self.start()"},
        {"base": "tools.Base"},
        {"base": "metaclass=tools.Meta"},
        {"handed": "@tools.keep"},
        {"decorator": "@tools.keep"},
        {"size": "tools.keep"},
        {"size": "tools.size()"},
        {"size": "('run', 'stop')"},
        {"extra": "later = run"},
        {"extra": "class Inner:\n        pass"},
        {"extra": "if True:\n        def __del__(self): tools.keep(self)"},
        {"extra": "def __del__(self): tools.keep(self)"},
        {"extra": "def run(self): eventlet.sleep(1)"},
        {"returned": "return tools.keep(Handler())"},
        {"returned": "global one; one = Handler(); return one"},
        {"returned": "yield Handler()"},
    ],
)
def test_what_leads_out_of_the_class_counts(
    tmp_path: Path, parts: dict[str, str]
) -> None:
    assert not proven(tmp_path, **parts)


def test_a_property_runs_where_it_is_read(tmp_path: Path) -> None:
    read = "one = handler.get_handler()\n    one.state"
    state = "@property\n    def state(self): return {}"
    assert proven(tmp_path, read, extra=state.format("self.done"))
    assert not proven(tmp_path, read, extra=state.format("self.start()"))


def test_what_always_runs_counts(tmp_path: Path) -> None:
    assert not proven(tmp_path, method="__init__")
    assert not proven(tmp_path, method="clean")
    assert proven(tmp_path, method="start")


def test_a_name_of_two_classes_is_of_either(tmp_path: Path) -> None:
    other = "import os\nif os.sep:\n    class Handler:\n        def clean(self):\n"
    extra = f"pass\n\n{other}            eventlet.spawn(self.run)\n"
    extra += "        def run(self):\n            pass\n"
    assert not proven(tmp_path, extra=extra)
