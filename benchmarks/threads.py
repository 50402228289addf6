"""Measures what a thread costs here: memory, address space and time, green and native.

    python benchmarks/threads.py [--count N] [--depth FRAMES] [--json]

Each row is a process of its own, which starts N threads at once and holds them all:
idle ones wait right away, busy ones call down FRAMES Python functions first, as a
request handler does, and hold some objects on each level. Memory is what the kernel
says the process has more than before (Linux: /proc/self/status), for each thread.
Green threads are measured where Eventlet is installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

COUNT, DEPTH = 1000, 50
PROGRAM = """
import json, sys, time
kind, count, depth = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def status():
    with open("/proc/self/status") as lines:
        said = dict(line.split(":", 1) for line in lines)
    return {name: int(said[name].split()[0]) for name in ("VmRSS", "VmSize")}

def down(depth):
    kept = {"depth": depth, "held": [depth] * 8, "name": str(depth)}
    if depth:
        down(depth - 1)
    else:
        hold()
    return kept

if kind == "green":
    import eventlet
    from eventlet.event import Event
    done, begun = Event(), eventlet.semaphore.Semaphore(0)
    start = eventlet.spawn
    wait = done.wait
else:
    import threading
    done, begun = threading.Event(), threading.Semaphore(0)
    def start(target):
        threading.Thread(target=target, daemon=True).start()
    wait = done.wait

def hold():
    begun.release()
    wait()

def one():
    down(depth)

def come(number):
    for _ in range(number):
        if not begun.acquire(timeout=60):
            sys.exit("a thread did not start")

start(one)  # what the first needs, all share
come(1)
before, at = status(), time.perf_counter()
for _ in range(count):
    start(one)
come(count)
took, after = time.perf_counter() - at, status()
print(json.dumps({
    "resident_kib": (after["VmRSS"] - before["VmRSS"]) / count,
    "virtual_kib": (after["VmSize"] - before["VmSize"]) / count,
    "start_us": took / count * 1e6,
}))
import os
sys.stdout.flush()
os._exit(0)
"""


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=COUNT, metavar="N")
    parser.add_argument("--depth", type=int, default=DEPTH, metavar="FRAMES")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not Path("/proc/self/status").exists():
        parser.error("this needs /proc, which Linux has")
    found = {
        f"{kind}, {state}": measure(kind, options.count, depth)
        for kind in kinds()
        for state, depth in (("idle", 0), ("busy", options.depth))
    }
    if options.json:
        print(json.dumps({"count": options.count, "depth": options.depth, **found}))
    else:
        show(found, options.count, options.depth)


def kinds() -> list[str]:
    """What can be measured here."""
    return ["native", *(["green"] if find_spec("eventlet") else [])]


def measure(kind: str, count: int, depth: int) -> dict[str, float]:
    """What one thread costs, of so many at once."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    command += [kind, str(count), str(depth)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{kind}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def show(found: dict[str, dict[str, float]], count: int, depth: int) -> None:
    """One row for each kind and state."""
    version = sys.version.split()[0]
    print(f"Python {version}, {count} threads at once, busy: {depth} frames")
    print(f"{'one thread':<14}{'resident':>12}{'virtual':>12}{'to start':>12}")
    for name, cost in found.items():
        print(
            f"{name:<14}{cost['resident_kib']:>8.1f} KiB"
            f"{cost['virtual_kib']:>8.0f} KiB{cost['start_us']:>9.1f} µs"
        )


if __name__ == "__main__":
    main()
