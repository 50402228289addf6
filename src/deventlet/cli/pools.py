"""``explain pools``: what a thread costs, and every pool of the project one stands in.

Writes nothing but the text.
"""

from __future__ import annotations

from importlib import resources

from rich.console import Console
from rich.text import Text

from deventlet.cli.exits import Stop
from deventlet.cli.project import open_project, refuse_interrupted
from deventlet.cli.terminal import show_table, working
from deventlet.config import ConfigProblem
from deventlet.inventory import Hazard, Pool
from deventlet.report import pools as report
from deventlet.source.discover import PathProblem
from deventlet.source.git import GitProblem


def page() -> str:
    """What is to be known of pools in general, as Markdown."""
    return resources.files("deventlet").joinpath("pools.md").read_text("utf-8")


def show_pools(to: Console) -> None:
    """The pools of the project around the current folder, after what they may cost.

    :raises Stop: if the project cannot be read.
    """
    try:
        name, pools, hazards = _found()
    except (PathProblem, ConfigProblem, GitProblem) as bad:
        raise Stop(str(bad)) from bad
    table = report.rows(pools, hazards)
    to.print(Text(f"Pools of {name}", style="bold"))
    if len(table) > 1:
        show_table(to, table)
    else:
        to.print(Text("There is none here, and nothing starts threads without end."))
    tests = sum(pool.test for pool in pools)
    if tests:
        to.print(Text(f"Tests make {tests} more."))
    to.print()


def _found() -> tuple[str, tuple[Pool, ...], tuple[Hazard, ...]]:
    from deventlet.driver.inventory import take_inventory
    from deventlet.driver.processes.sizing import pools_of

    tree, config = open_project((), refuse_interrupted)
    here = frozenset(tree.selected)
    with working(f"looking through {len(tree.files)} files"):
        pools = pools_of(tree.root, tree.files, here, config)
        found = take_inventory(tree.root, tree.files, here, config, frozenset())
    return tree.root.name, pools, found.hazards
