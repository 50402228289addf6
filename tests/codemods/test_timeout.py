"""What the timeout codemod says of what it does, and what it takes an object for."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

HEAD = "import queue\nimport threading\n\nimport eventlet\n\neventlet.monkey_patch()\n"
WITH = "    with eventlet.Timeout(5, False):\n        "


def reasons_of(text: str) -> list[str]:
    outcome = rewrite(Case("timeout", "a", 1, (File("a.py", text, text),))).outcome
    made = [v for v in outcome.verdicts if v.subject.origin.form == "call"]
    return [verdict.reason or verdict.verdict for verdict in made]


def test_a_deadline_may_be_seen_late() -> None:
    loop = f"{HEAD}import time\n\n\ndef f(x):\n{WITH}while not x:\n"
    assert reasons_of(f"{loop}            time.sleep(1)\n") == ["timeout.late"]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("jobs = queue.Queue()", "rewrite"),
        ("jobs = None\njobs = queue.Queue(3)", "rewrite"),
        ("jobs = queue.LifoQueue() if 1 else queue.Queue()", "timeout.unknown"),
        ("jobs = queue.Queue()\njobs = object()", "timeout.unknown"),
        ("jobs = queue.Queue()\nfor jobs in ():\n    pass", "timeout.unknown"),
        ("from other import jobs", "timeout.unknown"),
        ("jobs = None", "timeout.unknown"),
        ("class Queue:\n    pass\n\n\njobs = Queue()", "timeout.unknown"),
        ("import collections as queue\njobs = queue.Queue()", "timeout.unknown"),
    ],
)
def test_a_name_is_what_all_its_values_are(made: str, found: str) -> None:
    text = f"{HEAD}\n{made}\n\n\ndef f():\n{WITH}jobs.get()\n"
    assert reasons_of(text) == [found]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("self.jobs = queue.Queue()", "rewrite"),
        ("self.jobs = None\n        self.jobs = queue.Queue()", "rewrite"),
        ("self.jobs, x = queue.Queue(), 1", "timeout.unknown"),
        ("self.jobs = other = queue.Queue()", "timeout.unknown"),
        ("self.jobs = queue.Queue()\n        self.jobs += 1", "timeout.unknown"),
        ("self.jobs = jobs", "timeout.unknown"),
        (
            "setattr(self, 'jobs', 1)\n        self.jobs = queue.Queue()",
            "timeout.unknown",
        ),
    ],
)
def test_an_attribute_is_what_its_class_assigns(line: str, found: str) -> None:
    start = f"class A:\n    def __init__(self, jobs=None):\n        {line}\n\n"
    method = "    def f(self):\n        with eventlet.Timeout(5, False):\n"
    text = f"{HEAD}\n{start}{method}            self.jobs.get()\n"
    assert reasons_of(text) == [found]


@pytest.mark.parametrize(
    ("method", "found"),
    [
        ("    @staticmethod\n    def f(self):\n", "timeout.unknown"),
        ("    @classmethod\n    def f(self):\n", "timeout.unknown"),
        ("    def f(self, other):\n        self = other\n", "timeout.unknown"),
    ],
)
def test_self_is_the_object_itself(method: str, found: str) -> None:
    start = "class A:\n    def __init__(self):\n        self.jobs = queue.Queue()\n\n"
    block = "        with eventlet.Timeout(5, False):\n            self.jobs.get()\n"
    assert reasons_of(f"{HEAD}\n{start}{method}{block}") == [found]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("jobs.get()", "rewrite"),
        ("jobs.get(True)", "timeout.unknown"),
        ("jobs.get(False)", "timeout.unknown"),
        ("jobs.get(block=False)", "timeout.unknown"),
        ("jobs.get(timeout=3)", "timeout.unknown"),
        ("jobs.put(1)", "rewrite"),
        ("jobs.put(item=x)", "rewrite"),
        ("jobs.put(x, False)", "timeout.unknown"),
        ("jobs.put(x())", "timeout.unknown"),
        ("jobs.put(*x)", "timeout.unknown"),
        ("jobs.join()", "timeout.unknown"),
        ("x.y = jobs.get()", "rewrite"),
        ("x[jobs.get()] = 1", "timeout.several"),
        ("jobs.get().run()", "timeout.unknown"),
        ("x = jobs.get() or 1", "timeout.several"),
        ("jobs.get()\n        jobs.get()", "timeout.several"),
    ],
)
def test_only_a_call_that_waits_for_ever_gets_a_timeout(call: str, found: str) -> None:
    text = f"{HEAD}\njobs = queue.Queue()\n\n\ndef f(x):\n{WITH}{call}\n"
    assert reasons_of(text) == [found]


@pytest.mark.parametrize(
    ("before", "error", "found"),
    [
        ("", "RuntimeError", "rewrite"),
        ("", "RuntimeError('late')", "rewrite"),
        ("class Late(Exception):\n    pass", "Late", "rewrite"),
        ("class Late(Exception):\n    pass", "Late(1)", "rewrite"),
        ("from x import errors", "errors.Late", "rewrite"),
        ("from x import Late", "Late()", "rewrite"),
        ("from x import errors", "errors.LATE", "timeout.error"),
        ("from x import late", "late('no job')", "timeout.error"),
        ("Late = None", "Late", "timeout.error"),
        ("Late = RuntimeError", "Late", "timeout.error"),
        ("class Late(Exception):\n    pass\n\n\nLate = None", "Late", "timeout.error"),
        ("RuntimeError = None", "RuntimeError", "timeout.error"),
        ("from x import *", "RuntimeError", "timeout.error"),
        ("", "late", "timeout.error"),
        ("", "late()", "timeout.error"),
        ("", "late.error", "timeout.error"),
        ("", "int", "timeout.error"),
        ("", "'late'", "timeout.error"),
    ],
)
def test_what_is_raised_is_certainly_an_exception(
    before: str, error: str, found: str
) -> None:
    block = f"    with eventlet.Timeout(5, {error}):\n        jobs.get()\n"
    text = f"{HEAD}{before}\n\njobs = queue.Queue()\n\n\ndef f(late=None):\n{block}"
    assert reasons_of(text) == [found]


@pytest.mark.parametrize(
    ("errors", "found"),
    [
        ("class Late(Exception):\n    pass\n", "rewrite"),
        ("from more import Late\n", "rewrite"),
        ("Late = None\n", "timeout.error"),
        ("", "timeout.error"),
        ("from errors import Late\n", "timeout.error"),
    ],
)
def test_an_imported_exception_is_looked_up_in_the_repository(
    errors: str, found: str
) -> None:
    block = "    with eventlet.Timeout(5, errors.Late):\n        jobs.get()\n"
    text = f"{HEAD}import errors\n\njobs = queue.Queue()\n\n\ndef f():\n{block}"
    files = (File("a.py", text, text), File("errors.py", errors, errors))
    outcome = rewrite(Case("timeout", "a", 1, files)).outcome
    made = [v for v in outcome.verdicts if v.subject.origin.form == "call"]
    assert [v.reason or v.verdict for v in made] == [found]


@pytest.mark.parametrize(
    ("before", "call", "found"),
    [
        ("import time", "time.sleep(1)", "timeout.late"),
        ("from time import sleep", "sleep(1)", "timeout.late"),
        ("", "eventlet.sleep(1)", "timeout.late"),
        ("", "x.sleep(1)", "timeout.loop"),
        ("def sleep(n):\n    pass", "sleep(1)", "timeout.loop"),
        ("time = object()", "time.sleep(1)", "timeout.loop"),
    ],
)
def test_a_round_ends_with_a_real_sleep(before: str, call: str, found: str) -> None:
    loop = f"def f(x):\n{WITH}while not x:\n            {call}\n"
    text = f"{HEAD}{before}\n\n\n{loop}"
    assert found in reasons_of(text)


def reasons(text: str) -> set[str]:
    """The verdicts of every subject of Timeout in a file, the handlers' too."""
    outcome = rewrite(Case("timeout", "a", 1, (File("a.py", text, text),))).outcome
    return {v.reason or v.verdict for v in outcome.verdicts}


CAUGHT = """
jobs = queue.Queue()
lock = threading.Lock()
opened = threading.Event()


def f(x, note):
    {before}
    try:
        {with_}
            {body}
        {after}
    {handler}
        {done}
    {more}
"""


def caught(**parts: str) -> set[str]:
    known = {
        "before": "pass", "with_": "with eventlet.Timeout(5):", "body": "jobs.get()",
        "after": "", "handler": "except eventlet.Timeout:", "done": "note()",
        "more": "note()",
    } | parts  # fmt: skip
    head = f"{HEAD}import sys\nimport time\nimport traceback\n"
    return reasons(f"{head}{CAUGHT.format(**known)}")


def test_a_handler_around_the_block_goes_along() -> None:
    assert caught() == {"rewrite"}


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"after": "note()"}, {"timeout.itself", "timeout.class-used"}),
        ({"before": "try:\n        note()\n    finally:\n        pass"}, {"rewrite"}),
        ({"with_": "with eventlet.Timeout(5, False):"}, {"timeout.handler"}),
        ({"with_": "with eventlet.Timeout(5, KeyError):"}, {"timeout.handler"}),
        ({"handler": "except (eventlet.Timeout, OSError):"}, {"timeout.handler"}),
        (
            {"handler": "except OSError:\n        pass\n    except eventlet.Timeout:"},
            {"timeout.handler"},
        ),
        (
            {"more": "except (OSError, eventlet.Timeout):\n        pass"},
            {"timeout.handler"},
        ),
        ({"more": "except queue.Empty:\n        pass"}, {"rewrite"}),
        ({"more": "except Exception:\n        raise"}, {"rewrite"}),
        ({"handler": "except eventlet.Timeout as e:"}, {"rewrite"}),
        (
            {"handler": "except eventlet.Timeout as e:", "done": "note(e)"},
            {"timeout.itself", "value.passed"},
        ),
        ({"done": "raise"}, {"timeout.handler"}),
        ({"done": "if x:\n            raise"}, {"timeout.handler"}),
        ({"done": "raise KeyError"}, {"rewrite"}),
        ({"done": "note(sys.exc_info())"}, {"timeout.handler"}),
        ({"done": "note(traceback.format_exc())"}, {"timeout.handler"}),
        (
            {"done": "with note.save_and_reraise():\n            pass"},
            {"timeout.handler"},
        ),
        ({"body": "note(1)"}, {"timeout.unknown"}),
        ({"body": "jobs.get()\n            note()"}, {"timeout.several"}),
        ({"body": "jobs.put(note())"}, {"timeout.unknown"}),
        ({"body": "opened.wait()"}, {"rewrite"}),
        ({"body": "x = opened.wait()"}, {"timeout.result"}),
        ({"body": "return opened.wait()"}, {"timeout.result"}),
        (
            {"body": "opened.wait()", "more": "else:\n        note()"},
            {"timeout.handler"},
        ),
        (
            {"body": "opened.wait()", "more": "finally:\n        note()"},
            {"timeout.handler"},
        ),
        (
            {"body": "opened.wait()", "more": "except OSError:\n        note()"},
            {"timeout.handler"},
        ),
        ({"body": "while not x:\n                time.sleep(1)"}, {"timeout.late"}),
        (
            {
                "body": "while not x:\n                time.sleep(1)",
                "more": "finally:\n        note()",
            },
            {"timeout.loop"},
        ),
        (
            {
                "before": "while note():\n      pass",
                "body": "while not x:\n                time.sleep(1)",
                "done": "for y in x:\n            break",
            },
            {"timeout.loop"},
        ),
        (
            {"body": "while not note():\n                time.sleep(1)"},
            {"timeout.polled"},
        ),
        (
            {"body": "while not x:\n                time.sleep(note())"},
            {"timeout.loop"},
        ),
    ],
)
def test_a_handler_is_for_one_timeout_alone(
    parts: dict[str, str], found: set[str]
) -> None:
    assert caught(**parts) == found


@pytest.mark.parametrize(
    ("body", "seconds", "found"),
    [
        ("opened.wait()", "x.limit", "rewrite"),
        ("opened.wait()", "x - 1", "rewrite"),
        ("opened.wait()", "note()", "timeout.seconds"),
        ("opened.wait()", "x[0]", "timeout.seconds"),
        ("jobs.get()", "x", "timeout.number"),
        ("jobs.get()", "5", "rewrite"),
        ("lock.acquire()", "x", "timeout.seconds"),
        ("lock.acquire()", "5", "rewrite"),
        ("while not x:\n                time.sleep(1)", "x", "timeout.seconds"),
        ("while not x:\n                time.sleep(1)", "x.limit", "timeout.seconds"),
    ],
)
def test_a_time_means_the_same_to_the_call(body: str, seconds: str, found: str) -> None:
    with_ = f"with eventlet.Timeout({seconds}):"
    assert caught(with_=with_, body=body) == {found}


@pytest.mark.parametrize(
    ("default", "found"),
    [("=60", "timeout.late"), ("=None", "timeout.seconds"), ("", "timeout.seconds")],
)
def test_the_time_of_a_deadline_is_a_number(default: str, found: str) -> None:
    loop = "        while not x:\n            time.sleep(1)\n"
    block = f"    with eventlet.Timeout(limit, KeyError):\n{loop}"
    text = f"{HEAD}import time\n\n\ndef f(x, limit{default}):\n{block}"
    assert reasons(text) == {found}


OTHERS = """class Poller:
    def __init__(self, jobs):
        self.jobs = jobs


"""
OWN = """class A:
    def __init__(self):
        self.jobs = queue.Queue()

    def f(self):
        with eventlet.Timeout(5, False):
            self.jobs.get()
"""


@pytest.mark.parametrize(
    ("before", "own", "after", "found"),
    [
        (OTHERS, OWN, "", "rewrite"),
        ("", OWN, OTHERS, "rewrite"),
        (OTHERS, OWN.replace("A:", "A(object):"), "", "rewrite"),
        (OTHERS, OWN.replace("A:", "A(Poller):"), "", "timeout.unknown"),
        (OTHERS, OWN.replace("A:", "A(metaclass=Meta):"), "", "timeout.unknown"),
        ("", OWN, OTHERS.replace("Poller", "Poller(A)"), "timeout.unknown"),
        (OTHERS, OWN, "class B(A, Poller):\n    pass\n", "timeout.unknown"),
        (OTHERS.replace("self.", "jobs."), OWN, "", "timeout.unknown"),
        (OTHERS, OWN, "A().jobs = None\n", "timeout.unknown"),
        ("def g(self):\n    self.jobs = None\n\n\n", OWN, "", "timeout.unknown"),
        (
            OTHERS.replace("= jobs", "= other.jobs = jobs"),
            OWN,
            "",
            "timeout.unknown",
        ),
    ],
)
def test_an_attribute_of_another_class_is_another_one(
    before: str, own: str, after: str, found: str
) -> None:
    assert reasons_of(f"{HEAD}\n\n{before}{own}\n\n{after}") == [found]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (OTHERS, "rewrite"),
        (
            f"from a import A\n\n\n{OTHERS.replace('Poller', 'Poller(A)')}",
            "timeout.unknown",
        ),
        (f"from a import A as B\n\n\n{OTHERS}", "timeout.unknown"),
        (f"import a\n\nB = a.A\n\n\n{OTHERS}", "timeout.unknown"),
        (f"import a\n\n\nclass B(a.A):\n    pass\n\n\n{OTHERS}", "timeout.unknown"),
        ("def change(a):\n    a.jobs = None\n", "timeout.unknown"),
    ],
)
def test_another_file_may_have_an_attribute_of_that_name(
    other: str, found: str
) -> None:
    text = f"{HEAD}\n\n{OWN}"
    files = (File("a.py", text, text), File("b.py", other, other))
    outcome = rewrite(Case("timeout", "a", 1, files)).outcome
    made = [v for v in outcome.verdicts if v.subject.origin.form == "call"]
    assert [v.reason or v.verdict for v in made] == [found]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "x.wait()",
            "in the block: x.wait (has timeout); x.wait(timeout=limit) is False, or"
            " raises subprocess.TimeoutExpired of a process when it is over",
        ),
        (
            "return x.result()",
            "in the block: x.result (has timeout); x.result(timeout=limit) raises"
            " TimeoutError when it is over",
        ),
        (
            "x.waitall()",
            "in the block: x.waitall; concurrent.futures.wait(futures, timeout=limit)"
            " gives the futures that are not done",
        ),
        ("x.get('page')", "in the block: x.get (has timeout)"),
        ("x.run(x.name)", "in the block: x.run (has timeout)"),
        (
            "x.wait(); x.get()",
            "in the block: x.wait (has timeout), x.get (has timeout)",
        ),
        ("x += 1", "nothing is called"),
        (
            "yield",
            "it yields: what runs meanwhile is the caller's, and not interrupted",
        ),
    ],
)
def test_a_refusal_says_how_the_call_is_written_natively(body: str, said: str) -> None:
    text = f"{HEAD}\n\ndef f(x, limit):\n    with eventlet.Timeout(limit):\n"
    text = f"{text}        {body}\n"
    outcome = rewrite(Case("timeout", "a", 1, (File("a.py", text, text),))).outcome
    (detail,) = [v.detail for v in outcome.verdicts if v.reason == "timeout.itself"]
    assert detail == said


@pytest.mark.parametrize(
    ("heir", "other", "found"),
    [
        ("class B(a.A):\n    pass\n", OTHERS, "rewrite"),
        ("class B(a.A):\n    pass\n\n\nclass C(B):\n    pass\n", OTHERS, "rewrite"),
        ("class B(a.A, c.Poller):\n    pass\n", OTHERS, "timeout.unknown"),
        (
            "class B(a.A):\n    pass\n\n\nclass C(B, c.Poller):\n    pass\n",
            OTHERS,
            "timeout.unknown",
        ),
        (
            "class B(a.A):\n    pass\n",
            f"import b\n\n\n{OTHERS.replace('Poller', 'Poller(b.B)')}",
            "timeout.unknown",
        ),
    ],
)
def test_a_derived_class_may_assign_to_the_attribute(
    heir: str, other: str, found: str
) -> None:
    text, heir = f"{HEAD}\n\n{OWN}", f"import a\nimport c\n\n\n{heir}"
    files = (
        File("a.py", text, text),
        File("b.py", heir, heir),
        File("c.py", other, other),
    )
    outcome = rewrite(Case("timeout", "a", 1, files)).outcome
    made = [v for v in outcome.verdicts if v.subject.origin.form == "call"]
    assert [v.reason or v.verdict for v in made] == [found]


@pytest.mark.parametrize(
    ("needs", "found"),
    [("eventlet>=0.22.1", "rewrite"), ("eventlet>=0.18.2", "timeout.unknown")],
)
def test_an_old_event_of_eventlet_waits_without_a_timeout(
    needs: str, found: str
) -> None:
    made = "from eventlet import event\n\nopened = event.Event()\n"
    text = f"{HEAD}{made}\n\ndef f(x):\n{WITH}opened.wait()\n"
    files = (File("a.py", text, text), File("requirements.txt", needs, needs))
    outcome = rewrite(Case("timeout", "a", 1, files)).outcome
    made_by = [v for v in outcome.verdicts if v.subject.origin.form == "call"]
    assert [v.reason or v.verdict for v in made_by] == [found]
