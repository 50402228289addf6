"""Holds what ``deventlet history`` counts against what is counted elsewhere.

    python benchmarks/burndown.py REPOSITORY REVISION... [--sites FILE]

At each revision two other counts are made: ``deventlet scan`` on a checkout, which
looks at all files together, and, where the sites file has the very commit, the uses
that another analyser counted. Imports, members of objects and uses of a whole package
are no uses here. Where the first two differ, the names are listed. Nothing is
written to the repository: it is cloned.

The sites file is that of ``census.py``, under the name of the repository.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

COUNTED = ("use", "projuse", "mockstr", "mockobj")
# The other analyser did not look for names of other libraries.
ROOTS = ("eventlet.", "greenlet.")


def deventlet(folder: Path, *args: str) -> Any:
    """The JSON that a command writes.

    :raises SystemExit: if it fails; 3 only says that files could not be read.
    """
    command = [sys.executable, "-m", "deventlet", *args, "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"{args[0]} failed in {folder}:\n{done.stderr.decode()}")
    return json.loads(done.stdout)


def git(folder: Path, *args: str) -> str:
    """What git says.

    :raises CalledProcessError: if it fails.
    """
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def scanned(folder: Path) -> Counter[str]:
    """Uses by name of a checkout, as ``scan`` lists them."""
    return Counter(
        site["api"]
        for site in deventlet(folder, "scan")["sites"]
        if site["form"] not in ("import", "method") and site["reason"] != "name.module"
    )


def in_history(clone: Path, commit: str) -> Counter[str]:
    """Uses by name in the last point of a history."""
    args = ("history", "--revision", commit, "--since", commit)
    point = deventlet(clone, *args)["points"][-1]
    assert point["commit"] == commit
    return Counter(point["names"])


def counted(census: Mapping[str, Any], commit: str) -> int | None:
    """How many uses another analyser counted, if it was at this commit."""
    if census.get("sha") != commit:
        return None
    return sum(use[2] in COUNTED for use in census["uses"])


def compare(
    clone: Path, folder: Path, revisions: Iterable[str], census: Mapping[str, Any]
) -> bool:
    """Print one line for each revision.

    :returns: whether all numbers are equal.
    """
    same = True
    print(f"{'commit':10} {'date':10} history   scan  eventlet's own  census")
    for revision in revisions:
        commit = git(clone, "rev-parse", f"{revision}^{{commit}}")
        git(folder, "checkout", "-q", commit)
        mine, theirs = in_history(clone, commit), scanned(folder)
        own = sum(n for name, n in mine.items() if f"{name}.".startswith(ROOTS))
        date = git(clone, "log", "-1", "--format=%cs", commit)
        other = counted(census, commit)
        print(
            f"{commit[:10]} {date} {mine.total():7} {theirs.total():6} {own:15}  "
            f"{'-' if other is None else other}"
        )
        for name in sorted(mine.keys() | theirs.keys()):
            if mine[name] != theirs[name]:
                print(f"  {name}: {mine[name]} and {theirs[name]}")
        same = same and mine == theirs
    return same


def main() -> None:
    """Compare; status 1 if ``scan`` and ``history`` differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path, metavar="REPOSITORY")
    parser.add_argument("revisions", nargs="+", metavar="REVISION")
    parser.add_argument("--name", help="what the sites file calls the repository")
    parser.add_argument("--sites", type=Path, help="uses that were counted elsewhere")
    options = parser.parse_args()
    known = json.loads(options.sites.read_text()) if options.sites else {}
    source = options.repository.resolve()
    census = known.get(options.name or source.name.removesuffix(".git"), {})
    with tempfile.TemporaryDirectory() as name:
        clone, folder = Path(name, "clone"), Path(name, "checkout")
        git(source, "clone", "-q", "--bare", "--shared", str(source), str(clone))
        git(
            source, "clone", "-q", "--shared", "--no-checkout", str(source), str(folder)
        )
        same = compare(clone, folder, options.revisions, census)
    sys.exit(not same)


if __name__ == "__main__":
    main()
