"""Measures how long a codemod takes on a checkout, as ratios in one run.

    python benchmarks/speed.py TREE [--conventional] [--repeat N]

Everything runs as a process of its own and is measured from outside, start of the
interpreter included; nothing is written to the tree. The steps take turns, so that
other load on the machine meets them all. The first round warms the file cache and
does not count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOAL_RATIO, GOAL_MEGABYTES = 3.5, 300
WORDS = "eventlet|greenlet"
# What no tool that understands Python can do without. Like deventlet, it holds back
# the garbage collector, which would make it slower and the ratios look better.
BASELINE = """
import ast, gc, subprocess, sys, warnings
gc.disable()
warnings.simplefilter("ignore")
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        ast.parse(file.read())
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to measure: its name, what it runs, and how often."""

    name: str
    command: Callable[[], Sequence[str]]
    rounds: int
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: seconds of wall time, and peak memory of one process."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure, and print one line per step."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--conventional", action="store_true")
    parser.add_argument("--repeat", type=int, default=5, metavar="N")
    options = parser.parse_args()
    tree = options.tree.resolve()
    files = mentioning(tree)
    size = sum((tree / name).stat().st_size for name in files) / 1e6
    print(f"{tree.name}: {len(files)} files, {size:.1f} MB, mention {WORDS}")
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    steps = the_steps(tree, options.repeat, options.conventional)
    show(steps, measure(steps, tree))


def mentioning(tree: Path) -> list[str]:
    """The Python files of a repository that mention Eventlet, by one grep."""
    command = ["git", "grep", "-lIE", "-e", WORDS, "--", "*.py"]
    done = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE)
    return os.fsdecode(done.stdout).splitlines()


def the_steps(tree: Path, repeat: int, conventional: bool) -> list[Step]:
    """The baseline first; the conventional codemod, which takes minutes, once."""

    def baseline() -> Sequence[str]:
        return [sys.executable, "-c", BASELINE, *mentioning(tree)]

    def ours() -> Sequence[str]:
        return [
            *(sys.executable, "-m", "deventlet", "apply"),
            *("--codemod", "sleep", "--dry-run"),
        ]

    def libcst() -> Sequence[str]:
        return [
            *(sys.executable, "-m", "libcst.tool", "codemod", "-x", "--no-format"),
            *("conventional.Sleep", "-u", "3", "--hide-progress", *mentioning(tree)),
        ]

    steps = [
        Step("grep + ast.parse (baseline)", baseline, repeat),
        Step("deventlet apply --codemod sleep --dry-run", ours, repeat, goal=True),
    ]
    if conventional:
        steps.append(Step("a conventional LibCST codemod", libcst, 1))
    return steps


def measure(steps: Sequence[Step], tree: Path) -> list[list[Cost]]:
    """The costs of each step; rounds of all steps alternate."""
    costs: list[list[Cost]] = [[] for _ in steps]
    for number in range(max(step.rounds for step in steps) + 1):
        for step, found in zip(steps, costs, strict=True):
            if number == 0 and step.rounds > 1:
                run(step, tree)
            elif len(found) < step.rounds:
                found.append(run(step, tree))
    return costs


def run(step: Step, tree: Path) -> Cost:
    """Run a step once.

    :raises SystemExit: if it fails; 3 only says that files could not be read.
    """
    environment = {**os.environ, "PYTHONPATH": python_path()}
    start = time.perf_counter()
    with subprocess.Popen(
        step.command(), cwd=tree, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode not in (0, 3):
        sys.exit(f"{step.name} failed:\n{errors.decode(errors='replace')}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def python_path() -> str:
    """This folder, where the conventional codemod is, and what was there before."""
    return os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))


def show(steps: Sequence[Step], costs: Sequence[Sequence[Cost]]) -> None:
    """Medians, ratios to the first step and peak memory, beside the goals."""
    print(f"\n{'':42} {'runs':>4} {'seconds':>8} {'ratio':>7} {'peak MB':>8}")
    first = statistics.median(cost.seconds for cost in costs[0])
    for step, found in zip(steps, costs, strict=True):
        seconds = statistics.median(cost.seconds for cost in found)
        ratio = seconds / first
        memory = max(cost.megabytes for cost in found)
        goals = verdict(ratio, memory) if step.goal else ""
        print(
            f"{step.name:42} {len(found):4} {seconds:8.2f} {ratio:6.2f}x "
            f"{memory:8.0f}{goals}"
        )


def verdict(ratio: float, megabytes: float) -> str:
    """The goals, and whether they are met."""
    said = [
        f"{'met' if value <= goal else 'MISSED'}: {goal:g}{unit}"
        for value, goal, unit in (
            (ratio, GOAL_RATIO, "x"),
            (megabytes, GOAL_MEGABYTES, " MB"),
        )
    ]
    return "   goals " + ", ".join(said)


if __name__ == "__main__":
    main()
