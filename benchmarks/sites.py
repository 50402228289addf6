"""Holds what ``deventlet scan`` lists against uses of Eventlet that were counted.

    python benchmarks/sites.py TREE... --sites FILE [--near N]

The census comes from another analyser, and nothing of deventlet's is imported: what
it lists comes from a process of its own. Writes nothing to the trees.

The census is ``{tree: {"sha": commit, "uses": [[path, line, kind, api, form], ...]}}``
with the kinds ``import``, ``use``, ``projuse``, ``mockstr``, ``mockobj`` and
``method``, whose api is ``GreenThread#wait``. Every use has to be within the lines of
a site of the same name, and a method has to belong to an object of the same kind.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Site: TypeAlias = Mapping[str, Any]

SCAN = (sys.executable, "-m", "deventlet", "scan", "--format", "json")
# The census has one word for several classes of Eventlet's; what runs in a
# GreenThread is a greenlet to the code that asks for the current one.
KINDS = {
    "Queue": ("Queue", "LightQueue", "LifoQueue", "PriorityQueue"),
    "Semaphore": ("Semaphore", "BoundedSemaphore"),
    "GreenThread": ("GreenThread", "greenlet"),
}
# A loop over the result of a call stands where the call stands, which is one site.
AT_THE_CALL = {
    "GreenMap#iter": ("eventlet.GreenPool.imap", "eventlet.GreenPool.starmap")
}
# Names of Python 2, which are other names of the same modules.
RENAMED = {
    "eventlet.green.urllib2": "eventlet.green.urllib.request",
    "eventlet.green.httplib": "eventlet.green.http.client",
}


class Use(NamedTuple):
    """A use that was counted."""

    path: str
    line: int
    kind: str
    api: str
    form: str


@dataclass(frozen=True)
class Scan:
    """What was listed for a tree: the JSON of the report."""

    report: Mapping[str, Any]

    @cached_property
    def by_path(self) -> Mapping[str, Sequence[Site]]:
        """The sites of each file."""
        found = defaultdict(list)
        for site in self.report["sites"]:
            found[site["path"]].append(site)
        return found

    @cached_property
    def methods(self) -> Sequence[Site]:
        """The uses of members of objects that Eventlet made."""
        return [site for site in self.report["sites"] if site["form"] == "method"]

    @cached_property
    def makers(self) -> Mapping[str, set[str]]:
        """The files in which the objects of each subject are made."""
        made = {(each["path"], each["line"]) for each in self.report["objects"]}
        found = defaultdict(set)
        for site in self.report["sites"]:
            if site["form"] != "method" and (site["path"], site["line"]) in made:
                found[site["subject"]].add(site["path"])
        return found

    def elsewhere(self) -> list[Site]:
        """The uses in a file that makes no object of their subject."""
        makers = self.makers
        return [
            site
            for site in self.methods
            if makers[site["subject"]] and site["path"] not in makers[site["subject"]]
        ]


def scan(tree: Path) -> Scan:
    """List the uses of a tree.

    :raises SystemExit: if that fails; 3 only says that files could not be read.
    """
    done = subprocess.run(SCAN, cwd=tree, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"{tree.name}: scan failed:\n{done.stderr.decode(errors='replace')}")
    return Scan(json.loads(done.stdout))


def missed(uses: Iterable[Use], found: Scan, near: int) -> list[tuple[Use, list[Site]]]:
    """The uses that no site is, each with the sites that are on its line."""
    wrong = []
    for use in uses:
        there = [
            site for site in found.by_path.get(use.path, ()) if _covers(site, use, near)
        ]
        if not any(_same_name(site, use) for site in there):
            wrong.append((use, there))
    return wrong


def _covers(site: Site, use: Use, near: int) -> bool:
    """Whether a use is within the lines of a site, or as near as that."""
    first, last = site["line"] - near, site["end_line"] + near
    return bool(first <= use.line <= last)


def _same_name(site: Site, use: Use) -> bool:
    """Whether a site is of the name, or of the kind and its member, that was counted.

    The same thing has several names, and one analyser may name a module where the
    other names what is in it; the last part of one has to be in the other.
    """
    if use.kind == "method":
        return site["form"] == "method" and site["api"] in _members(use.api)
    listed, counted = _parts(site["api"]), _parts(use.api)
    return listed[-1] in counted or counted[-1] in listed


def _members(api: str) -> set[str]:
    """The names that deventlet may give to a member that the census names."""
    kind, _, member = api.rpartition("#")
    names = {f"eventlet.{each}.{member}" for each in KINDS.get(kind, (kind,))}
    return names.union(AT_THE_CALL.get(api, ()))


def _parts(api: str) -> list[str]:
    """The parts of a name, without that of the package if there are others."""
    for old, new in RENAMED.items():
        api = api.replace(old, new)
    return api.split(".")[1:] or [api]


def examine(tree: Path, census: Mapping[str, Any], near: int) -> bool:
    """Compare one tree, and print what comes of it.

    :returns: whether a use is missed.
    """
    uses = [Use(*use) for use in census["uses"]]
    there = [use for use in uses if not near or (tree / use.path).exists()]
    found = scan(tree)
    wrong = missed(there, found, near)
    show(tree.name, uses, found, wrong)
    if len(there) < len(uses):
        print(f"  note: {len(uses) - len(there)} were in files that are not here")
    if not near and commit(tree) != census["sha"]:
        print(f"  note: the census counted {census['sha']}; see --near")
    return bool(wrong)


def show(
    name: str,
    uses: Sequence[Use],
    found: Scan,
    wrong: Sequence[tuple[Use, Sequence[Site]]],
) -> None:
    """Print one line for a tree, and one for each use that is missed."""
    print(
        f"{name:16} {len(uses):7} {len(wrong):6} {len(found.report['sites']):6} "
        f"{len(found.methods):7} {len(found.elsewhere()):9}",
        flush=True,
    )
    for use, there in wrong:
        listed = ", ".join(sorted({site["api"] for site in there})) or "nothing"
        print(f"  MISSED {use.path}:{use.line}: {use.kind} {use.api}; there: {listed}")


def commit(tree: Path) -> str:
    """The commit that is checked out; empty outside of a repository."""
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=tree, capture_output=True, check=False)
    return done.stdout.decode().strip()


def main() -> None:
    """Compare every tree; status 1 if a use is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--sites", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--near",
        type=int,
        default=0,
        metavar="N",
        help="how many lines a use may be away, on another commit than was counted",
    )
    options = parser.parse_args()
    census = json.loads(options.sites.read_text())
    print(f"{'':16} counted missed  sites methods elsewhere")
    results = []
    for tree in map(Path.resolve, options.trees):
        if tree.name not in census:
            parser.error(f"{options.sites} knows no {tree.name}")
        results.append(examine(tree, census[tree.name], options.near))
    sys.exit(any(results))


if __name__ == "__main__":
    main()
