"""Inventories built by hand, small enough to know what a report must say of them."""

from __future__ import annotations

from deventlet.codemod import Form, Reason, Site
from deventlet.inventory import (
    Entry,
    Escape,
    Hazard,
    Inventory,
    Mention,
    Process,
    Stage,
    Thread,
    Traced,
    VerdictWord,
)

REASONS = {
    "sleep.arguments": Reason(
        "sleep.arguments",
        "refuse",
        "the arguments are not one number of seconds",
        "Pass one number.",
    ),
    "sleep.negative": Reason(
        "sleep.negative",
        "caveat",
        "a negative value raises now",
        "Check that it cannot be negative.",
    ),
    "process-patched": Reason(
        "process-patched",
        "assume",
        "every process that runs this patches the module",
        "Accept with --assume process-patched.",
    ),
    "codemod.missing": Reason(
        "codemod.missing",
        "refuse",
        "no codemod for this pattern is installed yet",
        "Follow the recipe of the name by hand.",
    ),
    "spawn.stored": Reason(
        "spawn.stored",
        "refuse",
        "the thread is stored where others can reach it",
        "Keep it in a local variable, or wait for the codemod of pools to do it.",
    ),
    "hazard.atomicity": Reason(
        "hazard.atomicity",
        "hazard",
        "shared state is changed in more than one step",
        "Hold a lock around all that reads and changes it.",
    ),
}


def entry(
    path: str,
    line: int,
    verdict: VerdictWord = "rewrite",
    reason: str = "",
    *,
    codemod: str = "sleep",
    api: str = "eventlet.sleep",
    spelling: str = "",
    message: str = "",
    replacement: str = "",
    form: Form = "call",
    stage: Stage = "A",
    test: bool = False,
    source: str = "",
    columns: tuple[int, int] = (4, 21),
    subject: str = "",
    blocked_by: tuple[str, ...] = (),
    before: int = 0,
    suggestion: str = "",
) -> Entry:
    """One site on one line, of 17 ASCII characters if nothing else is said."""
    known = REASONS.get(reason)
    return Entry(
        site=Site(path, line * 100, line * 100 + 17, line, 4, line, 21, api, form,
                  spelling or api),
        codemod=codemod,
        verdict=verdict,
        reason=reason,
        message=message or (known.summary if known else ""),
        suggestion=suggestion or (known.suggestion if known else ""),
        replacement=replacement,
        stage=stage,
        subject=subject or f"{path}:{line}",
        blocked_by=blocked_by,
        test=test,
        source=source or f"{spelling or api}(1)",
        columns=columns,
        before=before,
    )  # fmt: skip


SPAWN = "eventlet.spawn"
SMALL = Inventory(
    project="proj",
    files=1200,
    entries=(
        entry("proj/api/wsgi.py", 7, replacement="time.sleep(1)"),
        entry("proj/api/wsgi.py", 9, "rewrite", "sleep.negative"),
        entry("proj/api/wsgi.py", 30, "assume", "process-patched"),
        *(
            entry(f"proj/compute/deep/er/m{n}.py", 3, "refuse", "sleep.arguments",
                  message="the arguments are not one number of seconds: "
                  "None is not a number")
            for n in range(7)
        ),
        entry("proj/compute/manager.py", 12, "refuse", "spawn.stored",
              codemod="spawn", api=SPAWN),
        entry("proj/compute/manager.py", 40, "refuse", "spawn.stored",
              codemod="spawn", api=SPAWN, spelling="utils.spawn",
              message="the thread is stored where others can reach it: "
              "self.threads is read in proj/api/wsgi.py, by a function that "
              "another project may call", stage="B"),
        entry("proj/tests/test_wsgi.py", 2, codemod="", api="eventlet", form="import",
              test=True),
    ),
    objects=(
        Traced("proj/compute/manager.py", 12, "GreenThread", ("stored",),
               (("wait", 2),), ("proj/api/wsgi.py",),
               (Escape("proj/api/wsgi.py", 3, "foreign-code", "passed to oslo"),)),
        Traced("proj/compute/manager.py", 40, "GreenThread", ("discarded",),
               (), (), ()),
    ),
    mentions=(
        Mention("requirements.txt", 4, 0, "requirements", "eventlet>=0.30.1",
                "Remove it last."),
    ),
    processes=(
        Process("proj-api", "proj/cmd/api.py", "command", ("socket", "time"),
                ("proj.cmd",), (5, 1)),
    ),
    problems={"proj/old.py": ("file.python2", "this is Python 2, line 3")},
    threads=(
        Thread("proj/compute/manager.py", 50, "Manager.poll",
               (("proj/compute/manager.py:12", SPAWN, "loop"),)),
    ),
    hazards=(
        Hazard("proj/compute/manager.py", 55, "hazard.atomicity",
               "Manager.count is changed in more than one step by threads that "
               "proj/compute/manager.py:12 starts more than once",
               ("proj/compute/manager.py:12",), False),
        Hazard("proj/compute/a_test.py", 5, "hazard.atomicity", "N is changed",
               ("proj/compute/a_test.py:4",), True),
    ),
)  # fmt: skip

EMPTY = Inventory(project="proj", files=1, entries=())

STEERING = "\x1b[31mred\x1b[0m"
HOSTILE = Inventory(
    project="[bold]p|`<b>`",
    files=3,
    entries=(
        entry("a\nb|c.py", 1, "refuse", "odd.reason", spelling="x[bold]`y`",
              message="[red]pipe | and <script>alert(1)</script> `tick` {0} [0](1)"),
        entry(f"c{STEERING}.py", 2, "refuse", "odd.reason", spelling=STEERING,
              message=STEERING),
        entry("caf\udce9/[link=x].py", 3, replacement="[/]", spelling="\u202ex"),
        entry("g\u00fc:n/%20 #?.py", 4, "assume", "process-patched"),
    ),
    mentions=(Mention("x`|y.txt", 1, 0, "docs", "``eventlet`` <i>", "See [/bold]."),),
    processes=(Process(f"[b]{STEERING}", "p.py", "script", ("[x]",), (), (0, 0)),),
    problems={f"bad{STEERING}.py": ("file.syntax", "line 1: [oops] <x> |")},
    threads=(
        Thread("caf\udce9/[link=x].py", 3, STEERING, (("[b]:1", "[x]", "once"),)),
    ),
    hazards=(Hazard(f"c{STEERING}.py", 2, "odd.hazard", f"[red]`<b>`{STEERING} |", (),
                    False),),
)  # fmt: skip
