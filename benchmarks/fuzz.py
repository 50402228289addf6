"""Tries composed programs for a time: every promise must hold of every one.

    python -m benchmarks.fuzz [--minutes N] [--seed N] [--batches N] [--kind NAME]

Programs come in batches, each from a seed of its own, of these kinds in turn:

``programs``
    use Eventlet in any spelling, scope and format; everything in
    ``tests/fuzz/holds.py`` is asked of them.
``dual``
    are the same programs, in projects that go on running both ways.
``names``
    import and pass names around; what each name is, the interpreter says.
``sleep``
    call and mock ``sleep`` in every way, with modules that note what is called.

The first program that something does not hold of is made as small as possible and
shown with its seed, and makes the exit status 1. A busy machine is no failure: what is
late, or does something else, is run again with more time, and counted as ``hung`` or
``uneven`` if it does right then; so is, as ``not again``, what fails only once.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import count

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from deventlet.resolve import api as eventlet_api
from tests.codemods import test_sleep_fuzz as sleeping
from tests.deventlet.resolve import test_names_oracle as naming
from tests.fuzz import holds
from tests.fuzz.programs import Program, both_ways, programs

Batch = Callable[[int], None]

_SETTINGS = settings(
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)
tried: Counter[str] = Counter()
"""How many programs of each kind there were."""


def try_programs(number: int) -> None:
    """Programs that use Eventlet in any way."""

    @seed(number)
    @settings(_SETTINGS, max_examples=50)
    @given(programs())
    def batch(program: Program) -> None:
        tried["programs"] += 1
        tried["rewritten"] += bool(holds.check(program))

    batch()


def try_dual(number: int) -> None:
    """Programs in projects of the profile ``dual``."""

    @seed(number)
    @settings(_SETTINGS, max_examples=50)
    @given(programs().map(both_ways))
    def batch(program: Program) -> None:
        tried["dual"] += 1
        tried["rewritten"] += bool(holds.check(program))

    batch()


def try_names(number: int) -> None:
    """Projects that hand names around."""

    @seed(number)
    @settings(_SETTINGS, max_examples=50)
    @given(st.booleans().flatmap(_named), naming.interests)
    def batch(
        project: tuple[bool, dict[str, str]], interest: eventlet_api.Interest
    ) -> None:
        tried["names"] += 1
        naming.check(project[1], interest, loose=project[0])

    batch()


def _named(loose: bool) -> st.SearchStrategy[tuple[bool, dict[str, str]]]:
    return st.tuples(st.just(loose), naming.projects(loose=loose))


def try_sleeping(number: int) -> None:
    """Programs that sleep, and have that mocked."""

    @seed(number)
    @settings(_SETTINGS, max_examples=50)
    @given(sleeping.program().map(_main) | sleeping.two_files() | sleeping.mocked())
    def batch(files: dict[str, str]) -> None:
        tried["sleep"] += 1
        sleeping.check(files)

    batch()


def _main(text: str) -> dict[str, str]:
    return {"main.py": text}


KINDS: dict[str, Batch] = {
    "programs": try_programs,
    "dual": try_dual,
    "names": try_names,
    "sleep": try_sleeping,
}


def fuzz(kinds: list[str], first: int, batches: int | None, minutes: float) -> int:
    """Try until the time or the batches are over; the exit status."""
    started = time.monotonic()
    for number in count(first):
        elapsed = time.monotonic() - started
        if number - first == batches or (batches is None and elapsed >= minutes * 60):
            break
        print(f"{elapsed / 60:5.1f} min  seed {number}  {_said()}", flush=True)
        for kind in kinds:
            try:
                KINDS[kind](number)
            except Flaky as error:
                tried["not again"] += 1
                _show("not again", kind, number, error)
            except Exception as error:
                _show("FAILED", kind, number, error)
                return 1
    print(f"nothing failed in {(time.monotonic() - started) / 60:.1f} min: {_said()}")
    return 0


def _said() -> str:
    counts = {**tried, **holds.retried}
    return ", ".join(f"{number} {kind}" for kind, number in counts.items())


def _show(what: str, kind: str, number: int, error: Exception) -> None:
    """What failed, the smallest program, and how to see it again."""
    found = error.exceptions if isinstance(error, ExceptionGroup) else [error]
    for each in found:
        print(f"{what}: {type(each).__name__}: {each}")
        print(*getattr(each, "__notes__", ()), sep="\n")
    print(
        f"again: python -m benchmarks.fuzz --kind {kind} --seed {number} --batches 1",
        flush=True,
    )


def main() -> None:
    """Fuzz; the exit status says whether everything held."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--batches", type=int, metavar="N")
    parser.add_argument("--kind", choices=KINDS, action="append")
    options = parser.parse_args()
    found = fuzz(
        options.kind or [*KINDS], options.seed, options.batches, options.minutes
    )
    sys.exit(found)


if __name__ == "__main__":
    main()
