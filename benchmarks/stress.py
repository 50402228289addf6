"""Runs what programs become many times, with threads that hardly run undisturbed.

    python -m benchmarks.stress CODEMOD... [--times N] [--only TEXT]

The programs are those of the codemods' pages and of ``tests/codemods/behaviour``. Each
runs once under Eventlet as it stands, and then natively, rewritten for native
executors, with a switch of threads every 10 microseconds. Output, exit status and
complaints must be the same each time: the exit status is 1 if any is not.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.pages import Case, File, read_programs
from tests.support.tool import every_case, rewrite
from tests.support.worlds import Ran, run_programs

PAGES = Path(__file__).parents[1] / "tests" / "codemods" / "behaviour"
OTHER_PAGES = {"greenpool": "pools"}
CONFIG = (
    'executor = "concurrent.futures.ThreadPoolExecutor"\nassume = ["process-patched"]\n'
)

Contents = Mapping[str, bytes]


def cases(codemod: str) -> Iterator[Case]:
    """Every program that a codemod is shown and tested with."""
    for case in every_case():
        if case.page == codemod and case.runs:
            yield case
    stem = OTHER_PAGES.get(codemod, codemod).replace("-", "_")
    page = PAGES / f"{stem}.md"
    if page.exists():
        for program in read_programs(stem, page.read_text(encoding="utf-8")):
            files = tuple(File(path, text, text) for path, text in program.files)
            yield Case(codemod, program.name, 1, files, CONFIG)


def pairs(codemod: str, only: str) -> dict[str, tuple[Contents, Contents]]:
    """Each program before and after, without those that keep something of Eventlet."""
    found = {}
    for case in cases(codemod):
        if only not in case.heading:
            continue
        done = rewrite(case)
        if any(b"eventlet" in content for content in done.after.values()):
            print(f"{codemod}: {case.heading}: is not rewritten whole")
        else:
            found[f"{case.heading}:{case.line}"] = (done.before, done.after)
    return found


def stress(codemod: str, times: int, only: str) -> int:
    """How many programs of a codemod did something else at least once."""
    programs = pairs(codemod, only)
    expected = run_programs("green", {n: before for n, (before, _) in programs.items()})
    after = {name: rewritten for name, (_, rewritten) in programs.items()}
    different: Counter[str] = Counter()
    for _ in range(times):
        for name, ran in run_programs("switching", after).items():
            if ran.behaviour != expected[name].behaviour:
                different[name] += 1
                show(name, expected[name], ran)
    print(f"{codemod}: {len(programs)} programs, {times} times")
    for name, number in different.most_common():
        print(f"  {name}: differs {number} times")
    sys.stdout.flush()
    return len(different)


def show(name: str, expected: Ran, found: Ran) -> None:
    """Print what a program did, beside what it should do."""
    print(f"--- {name}\n{expected.stdout}{expected.stderr}status {expected.status}")
    print(f"+++ {name}\n{found.stdout}{found.stderr}status {found.status}")


def main() -> None:
    """Stress the programs of each codemod; the exit status says whether all held."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("codemods", nargs="+", metavar="CODEMOD")
    parser.add_argument("--times", type=int, default=50, metavar="N")
    parser.add_argument("--only", default="", metavar="TEXT")
    options = parser.parse_args()
    found = [stress(each, options.times, options.only) for each in options.codemods]
    sys.exit(any(found))


if __name__ == "__main__":
    main()
