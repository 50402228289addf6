"""What is said of names that are bound before their process patches."""

from __future__ import annotations

from tests.pages import Case, File
from tests.support.tool import rewrite

HUB = """import eventlet

sleep = eventlet.sleep


def patch():
    eventlet.monkey_patch()
"""
MAIN = """from proj import hub
hub.patch()


def main():
    hub.sleep(1)


if __name__ == "__main__":
    main()
"""


def test_calls_are_told_where_their_name_is_bound_too_early() -> None:
    texts = {"proj/__init__.py": "", "proj/hub.py": HUB, "proj/main.py": MAIN}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("sleep", "early", 1, files))
    sites = [site for each in result.outcome.verdicts for site in each.subject.sites]
    assert {site.path for site in sites} == {"proj/hub.py", "proj/main.py"}
    where = "proj/main.py may run proj/hub.py:3 before time is patched"
    assert {each.detail for each in result.outcome.verdicts} == {where}
