"""Measures how long a codemod and a scan take on a checkout, as ratios in one run.

    python benchmarks/speed.py TREE [--conventional] [--growth] [--repeat N]

Everything runs as a process of its own and is measured from outside, start of the
interpreter included; nothing is written to the tree. The steps take turns, so that
other load on the machine meets them all, and ratios are those of processor time, which
other load changes least. The first round warms the file cache and does not count.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOAL_APPLY, GOAL_SCAN, GOAL_ALL, GOAL_MEGABYTES = 3.5, 2.5, 2, 300
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
TIMES = (1, 2, 4)
WORDS = "eventlet|greenlet"
# Where a tool is installed its bytecode is, too; that of a checkout is written here.
BYTECODE = Path(tempfile.gettempdir(), f"deventlet-bytecode-{os.getuid()}")
DEVENTLET = (sys.executable, "-m", "deventlet")
SCAN = (*DEVENTLET, "scan", "--format", "json")
SLEEP = (*DEVENTLET, "apply", "--codemod", "sleep", "--dry-run")
ALL = (*DEVENTLET, "apply", "--all", "--dry-run")
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
    """Something to measure: its name, what it runs, how often, and the ratio to reach.

    A goal of 0 is none. It is for the ratio to one of the steps, the baseline mostly.
    """

    name: str
    command: Callable[[], Sequence[str]]
    rounds: int
    goal: float = 0
    goal_to: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: wall and processor seconds, and peak memory of a process."""

    seconds: float
    processor: float
    megabytes: float


def main() -> None:
    """Measure, and print one line per step."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--conventional", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--repeat", type=int, default=5, metavar="N")
    options = parser.parse_args()
    tree = options.tree.resolve()
    files = mentioning(tree)
    size = sum((tree / name).stat().st_size for name in files) / 1e6
    print(f"{tree.name}: {len(files)} files, {size:.1f} MB, mention {WORDS}")
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    steps = the_steps(tree, options.repeat, options.conventional)
    show(steps, measure(steps, tree))
    if options.growth:
        show_growth(tree, files, options.repeat)


def mentioning(tree: Path) -> list[str]:
    """The Python files of a repository that mention Eventlet, by one grep."""
    command = ["git", "grep", "-lIE", "-e", WORDS, "--", "*.py"]
    done = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE)
    return os.fsdecode(done.stdout).splitlines()


def the_steps(tree: Path, repeat: int, conventional: bool) -> list[Step]:
    """The baseline first; the conventional codemod, which takes minutes, once."""

    def baseline() -> Sequence[str]:
        return [sys.executable, "-c", BASELINE, *mentioning(tree)]

    def libcst() -> Sequence[str]:
        return [
            *(sys.executable, "-m", "libcst.tool", "codemod", "-x", "--no-format"),
            *("conventional.Sleep", "-u", "3", "--hide-progress", *mentioning(tree)),
        ]

    steps = [
        Step("grep + ast.parse (baseline)", baseline, repeat),
        Step(_shown(SLEEP), lambda: SLEEP, repeat, GOAL_APPLY),
        Step(_shown(SCAN), lambda: SCAN, repeat, GOAL_SCAN),
        Step(_shown(ALL), lambda: ALL, repeat, GOAL_ALL, goal_to=2),
    ]
    if conventional:
        steps.append(Step("a conventional LibCST codemod", libcst, 1))
    return steps


def _shown(command: Sequence[str]) -> str:
    return " ".join(command[2:])


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
    environment = {
        **os.environ,
        "PYTHONPATH": python_path(),
        "PYTHONPYCACHEPREFIX": str(BYTECODE),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    start, before = time.perf_counter(), _processor()
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
    return Cost(seconds, _processor() - before, usage.ru_maxrss / 1024)


def _processor() -> float:
    """The processor seconds of all that was run from here and has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def python_path() -> str:
    """This folder, where the conventional codemod is, and what was there before."""
    return os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))


def show(steps: Sequence[Step], costs: Sequence[Sequence[Cost]]) -> None:
    """Medians, ratios to the first step and peak memory, beside the goals."""
    columns = f"{'runs':>4} {'seconds':>8} {'cpu':>6} {'ratio':>7} {'peak MB':>8}"
    print(f"\n{'':42} {columns}")
    processor = [statistics.median(c.processor for c in each) for each in costs]
    for step, found, own in zip(steps, costs, processor, strict=True):
        seconds = statistics.median(cost.seconds for cost in found)
        memory = max(cost.megabytes for cost in found)
        ratio = own / processor[step.goal_to]
        goals = verdict(step, ratio, memory) if step.goal else ""
        print(
            f"{step.name:42} {len(found):4} {seconds:8.2f} {own:6.2f} "
            f"{own / processor[0]:6.2f}x {memory:8.0f}{goals}"
        )


def verdict(step: Step, ratio: float, megabytes: float) -> str:
    """The goals, and whether they are met."""
    other = f", is {ratio:.1f}x, of scan" if step.goal_to else ""
    said = [
        f"{'met' if value <= goal else 'MISSED'}: {goal:g}{unit}"
        for value, goal, unit in (
            (ratio, step.goal, f"x{other}"),
            (megabytes, GOAL_MEGABYTES, " MB"),
        )
    ]
    return "   goals " + ", ".join(said)


def show_growth(tree: Path, mentioning: Sequence[str], repeat: int) -> None:
    """How long a scan takes with part of the files, of one sort and of the other.

    It may grow with the files that mention Eventlet, and has to stay nearly as it is
    with those that do not; finding and grepping them is what they cost.
    """
    others = sorted(set(python_files(tree)).difference(mentioning))
    print(f"\n{'scan with files: mentioning':>25} {'others':>7} {'cpu':>8} {'MB':>6}")
    for share in SHARES:
        show_copy(tree, mentioning, part(others, share), repeat)
    for share in SHARES[:-1]:
        show_copy(tree, part(mentioning, share), others, repeat)
    print("\nthe whole tree, several times under other package names")
    for times in TIMES:
        show_copy(tree, mentioning, others, repeat, times)


def show_copy(
    tree: Path,
    mentioning: Sequence[str],
    others: Sequence[str],
    repeat: int,
    times: int = 1,
) -> None:
    """Measure a scan of a copy that has these files only, each so many times."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, tree.name)
        copy_files(tree, [*mentioning, *others], copy)
        for number in range(2, times + 1):
            add_packages(tree, [*mentioning, *others], copy, f"_{number}")
        subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
        subprocess.run(["git", "add", "-A", "-f"], cwd=copy, check=True)
        step = Step("scan", lambda: SCAN, repeat)
        (costs,) = measure([step], copy)
    seconds = statistics.median(cost.processor for cost in costs)
    memory = max(cost.megabytes for cost in costs)
    counts = f"{times * len(mentioning):25} {times * len(others):7}"
    print(f"{counts} {seconds:8.2f} {memory:6.0f}", flush=True)


def part(files: Sequence[str], share: float) -> list[str]:
    """About so much of the files, from all over the list."""
    return [
        name
        for number, name in enumerate(files)
        if int((number + 1) * share) > int(number * share)
    ]


def tracked(tree: Path, *patterns: str) -> list[str]:
    """The files of a repository that git knows."""
    command = ["git", "ls-files", "-z", "--", *patterns]
    done = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE)
    return os.fsdecode(done.stdout).split("\0")[:-1]


def python_files(tree: Path) -> list[str]:
    """The Python files of a repository."""
    return tracked(tree, "*.py")


def copy_files(tree: Path, kept: Iterable[str], target: Path) -> None:
    """A repository of these Python files, and of all that is not Python."""
    dropped = set(python_files(tree)).difference(kept)
    for name in tracked(tree):
        if name not in dropped and (tree / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(tree / name, target / name)


def add_packages(tree: Path, files: Iterable[str], target: Path, ending: str) -> None:
    """The files of the top-level packages once more, the packages renamed.

    The name of a package is changed wherever it stands as a word, so that a copy
    imports nothing of another.
    """
    packages = [path.parent.name for path in sorted(tree.glob("*/__init__.py"))]
    words = "|".join(map(re.escape, packages))
    package = re.compile(rf"\b(?:{words})\b".encode())
    for name in files:
        folder, _, rest = name.partition("/")
        if folder in packages and (tree / name).is_file():
            text = package.sub(rb"\g<0>" + ending.encode(), (tree / name).read_bytes())
            copied = target / (folder + ending) / rest
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(text)


if __name__ == "__main__":
    main()
