"""What ``executor-native`` names, keeps and refuses, beyond the blocks of its page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite
from tests.support.worlds import Ran, run_programs

POOL = "futurist.GreenThreadPoolExecutor"


def example(source: str, config: str | None = None) -> Rewritten:
    """One file, rewritten."""
    text = f"import futurist\n\n\n{source}"
    return rewrite(
        Case("executor-native", "x", 1, (File("example.py", text, text),), config)
    )


def caveats(result: Rewritten) -> list[str]:
    found = (verdict.rewrite for verdict in result.outcome.verdicts)
    return [code for each in found if each for code in each.caveats]


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        (f"with {POOL}(2) as e:\n    e.submit(print)\n", ["executor-native.late-end"]),
        (f"with {POOL}(99) as e:\n    e.submit(print)\n", ["executor-native.late-end"]),
        (f"with {POOL}(100) as e:\n    pass\n",
         ["executor-native.size", "executor-native.late-end"]),
        (f"def f(n):\n    with {POOL}(n):\n        pass\n",
         ["executor-native.size", "executor-native.late-end"]),
        (f"def f(n):\n    with {POOL}(n * 2):\n        pass\n",
         ["executor-native.size", "executor-native.late-end"]),
        (f"N = 7\nwith {POOL}(N) as e:\n    pass\n", ["executor-native.late-end"]),
        (f"e = {POOL}(2)\ne.submit(print)\n", ["executor-native.exit"]),
        (f"e = {POOL}(2)\ne.shutdown()\n", ["executor-native.late-end"]),
        (f"e = {POOL}(2)\ne.shutdown(True)\n", ["executor-native.late-end"]),
        (f"e = {POOL}(2)\ne.shutdown(False)\n", ["executor-native.shutdown"]),
        (f"def f(w):\n    e = {POOL}(2)\n    e.shutdown(wait=w)\n",
         ["executor-native.shutdown"]),
    ],
)  # fmt: skip
def test_caveat_is_given(source: str, reasons: list[str]) -> None:
    result = example(source)
    assert POOL.encode() not in result.after["example.py"]
    assert caveats(result) == reasons


def test_the_configured_class_drains_its_queue() -> None:
    config = 'executor = "concurrent.futures.ThreadPoolExecutor"\n'
    accepted = 'assume = ["process-patched"]\n'
    result = example(f"e = {POOL}(2)\ne.shutdown(False)\n", config + accepted)
    assert b"futures.ThreadPoolExecutor(2)" in result.after["example.py"]
    assert caveats(result) == []


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (f"{POOL}()", "executor-native.default-size"),
        (f"{POOL}(*args)", "executor-native.arguments"),
        (f"{POOL}(**options)", "executor-native.arguments"),
        (f"{POOL}(None)", "executor-native.arguments"),
        (f"{POOL}(max_workers=0)", "executor-native.arguments"),
        (f"{POOL}(-1)", "executor-native.arguments"),
        (f"{POOL}(workers=4)", "executor-native.arguments"),
        (f"{POOL}(4, args, 3)", "executor-native.arguments"),
        (f"{POOL}(4, max_workers=4)", "executor-native.arguments"),
        (f"{POOL}(4, args)", "executor-native.rejector"),
        (f"{POOL}(check_and_reject=args)", "executor-native.rejector"),
        (f"{POOL}(4)._max_workers", "executor-native.missing"),
        ("futurist.GreenFuture(1)", "executor-native.arguments"),
        (f"args.append({POOL})", "executor-native.class-used"),
        (f"isinstance(args, {POOL})", "value.type-tested"),
    ],
)
def test_form_is_refused(call: str, reason: str) -> None:
    result = example(f"def f(*args, **options):\n    {call}\n")
    assert result.after == result.before
    assert [verdict.reason for verdict in result.outcome.verdicts] == [reason]


def test_type_test_anywhere_keeps_every_executor() -> None:
    result = example(
        f"def f(e):\n    return isinstance(e, {POOL})\n\n\nf({POOL}(max_workers=4))\n"
    )
    assert result.after == result.before


def test_assigned_class_stays_whole() -> None:
    result = example(f"Pool = {POOL}\nwith Pool(4) as e:\n    e.submit(print)\n")
    assert result.after == result.before


@pytest.mark.parametrize(
    "call", ["()", "(run_work_func=print)", "(green=bool())", "(*[])"]
)
def test_synchronous_executor_stays(call: str) -> None:
    result = example(f"futurist.SynchronousExecutor{call}\n")
    assert result.after == result.before


# -- programs ----------------------------------------------------------------

PROGRAMS = {
    "submitted": (
        f"with {POOL}(max_workers=4) as executor:\n"
        "    futures = [executor.submit(pow, 2, n) for n in range(9)]\n"
        "print([future.result() for future in futures])\n"
    ),
    "mapped": (
        f"executor = {POOL}(2)\n"
        "print(list(executor.map(str, range(5))))\nexecutor.shutdown()\n"
    ),
    "one worker keeps the order": (
        f"seen = []\nwith {POOL}(max_workers=1) as executor:\n"
        "    for n in range(9):\n        executor.submit(seen.append, n)\nprint(seen)\n"
    ),
    "a name that is one": (
        f"def make(n):\n    return {POOL}(max_workers=n)\n\n\n"
        "with make(1) as executor:\n    print(executor.submit(len, 'abc').result())\n"
    ),
    "an exception": (
        f"with {POOL}(2) as executor:\n    future = executor.submit(int, 'x')\n"
        "print(type(future.exception()).__name__)\nfuture.result()\n"
    ),
    "after the end": (
        f"executor = {POOL}(2)\nexecutor.shutdown()\nprint(executor.alive)\n"
        "executor.submit(print)\n"
    ),
    "statistics": (
        f"executor = {POOL}(2)\nexecutor.submit(int, 'x')\n"
        "executor.submit(int, '1')\nexecutor.shutdown()\n"
        "numbers = executor.statistics\nprint(numbers.executed, numbers.failures)\n"
    ),
    "a future of one's own": (
        "import threading\n\nfuture = futurist.GreenFuture()\n"
        "future.add_done_callback(lambda f: print('called', f.result()))\n"
        "threading.Timer(0.01, future.set_result, [3]).start()\n"
        "print(future.result(5), future.done())\n"
    ),
    "a future is cancelled": (
        "future = futurist.GreenFuture()\nprint(future.cancel(), future.cancelled())\n"
    ),
    "at once": (
        "executor = futurist.SynchronousExecutor(green=True)\n"
        "print(executor.submit(pow, 2, 3).result(), executor.statistics.executed)\n"
    ),
    "at once, in a way of its own": (
        "executor = futurist.SynchronousExecutor(True, lambda work: work.run())\n"
        "print(executor.submit(pow, 2, 3).result())\n"
    ),
}
each_program = pytest.mark.parametrize("name", PROGRAMS)


@cache
def under_eventlet() -> Mapping[str, Ran]:
    """Every program as it stands, and its rewrite, while patching is on."""
    results = {name: example(source) for name, source in PROGRAMS.items()}
    before = {f"before {name}": result.before for name, result in results.items()}
    after = {f"after {name}": result.after for name, result in results.items()}
    return run_programs("green", before | after)


@cache
def without_eventlet() -> Mapping[str, Ran]:
    """Every rewrite where Eventlet cannot be imported."""
    return run_programs("native", {n: example(s).after for n, s in PROGRAMS.items()})


@each_program
def test_program_is_rewritten_whole(name: str) -> None:
    before, after = (b"".join(f.values()) for f in sides(example(PROGRAMS[name])))
    assert b"Green" in before or b"SynchronousExecutor(" in before
    assert b"Green" not in after
    assert before != after


def sides(result: Rewritten) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    return result.before, result.after


@each_program
def test_program_does_the_same_while_patched(name: str) -> None:
    ran = under_eventlet()
    before, after = ran[f"before {name}"], ran[f"after {name}"]
    assert before.stdout
    assert after.behaviour == before.behaviour, after.stderr


@each_program
def test_program_does_the_same_without_eventlet(name: str) -> None:
    before, after = under_eventlet()[f"before {name}"], without_eventlet()[name]
    assert after.behaviour == before.behaviour, after.stderr


def test_programs_end_in_both_ways() -> None:
    assert {under_eventlet()[f"before {n}"].status for n in PROGRAMS} == {0, 1}


NAIVE = {
    "one worker": (
        f"with {POOL}(max_workers=1) as executor:\n"
        "    print(executor.submit(len, 'abc').result())\n",
        "3\n",
        "ValueError",
    ),
    "a rejector": (
        "from futurist import rejection\n\nseen = []\n"
        f"executor = {POOL}(4, rejection.reject_when_reached(1))\n"
        "for n in range(4):\n    executor.submit(seen.append, n)\nexecutor.shutdown()\n"
        "print(seen)\n",
        "[0, 1, 2, 3]\n",
        "RejectedSubmission",
    ),
}
"""Programs that putting the dynamic class in by search and replace would break."""


@pytest.mark.parametrize("name", NAIVE)
def test_search_and_replace_would_break_it(name: str) -> None:
    source, printed, symptom = NAIVE[name]
    naive = source.replace("GreenThreadPool", "DynamicThreadPool")
    texts = {"before": source, "naive": naive, "after": ""}
    programs = {
        key: {"main.py": f"import futurist\n\n\n{text}".encode()}
        for key, text in texts.items()
    }
    programs["after"] = {"main.py": example(source).after["example.py"]}
    ran = run_programs("green", programs)
    assert ran["before"].behaviour == (printed, 0, False)
    assert symptom in ran["naive"].stderr
    assert ran["after"].behaviour == ran["before"].behaviour
