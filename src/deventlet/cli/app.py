"""The command ``deventlet``: options, exit codes, and nothing that decides.

Commands import what they need when they run, so that ``--help``, ``list`` and
``explain`` do not wait for LibCST.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO, TypeAlias

import typer

from deventlet import __version__
from deventlet.cli.exits import Exit, Stop

app = typer.Typer(
    name="deventlet",
    help="Take a Python project off Eventlet, one small reviewable patch per pattern.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """The formats of ``scan``."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"


class PlanFormat(StrEnum):
    """The formats of ``plan``."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class CheckFormat(StrEnum):
    """The formats of ``check``."""

    TEXT = "text"
    SARIF = "sarif"


class HistoryFormat(StrEnum):
    """The formats of ``history``."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


class HistoryBy(StrEnum):
    """What the bars of ``history`` are made of."""

    PLACE = "place"
    PATTERN = "pattern"


class Profile(StrEnum):
    """The two ways to leave Eventlet."""

    NATIVE = "native"
    DUAL = "dual"


class Splitting(StrEnum):
    """The ways to split a large patch."""

    NONE = "none"
    DIRECTORY = "directory"
    SERVICE = "service"


# Options that several commands take.
_Shown: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(help="Files and folders to show; default: here."),
]
_Output: TypeAlias = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write it to a file.")
]
_Assumptions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="Accept a named assumption; repeatable."),
]
_ProfileOption: TypeAlias = Annotated[
    Profile | None,
    typer.Option(help="Leave Eventlet for good, or run both ways."),
]
_Changed: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(help="Files and folders that may change; default: here."),
]
_SplitOption: TypeAlias = Annotated[
    Splitting, typer.Option(help="Make several patches of a large one.")
]
_MaxLines: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="The most changed lines of a patch.")
]
_Subunit: TypeAlias = Annotated[
    str | None,
    typer.Option(help="The same as a subunit v2 stream, such as stestr's."),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deventlet {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Take a Python project off Eventlet, one small reviewable patch per pattern."""


@app.command("list")
def list_codemods() -> None:
    """List the codemods, in the order of a series."""
    from deventlet.cli.pages import show_list

    show_list()


@app.command()
def explain(
    name: Annotated[
        str,
        typer.Argument(
            help="A codemod, a reason code, a name such as eventlet.GreenPool, or "
            "`pools` for those of the project you are in."
        ),
    ],
) -> None:
    """Explain a codemod, a reason code or a name of Eventlet's."""
    from deventlet.cli.pages import show_page

    show_page(name)


@app.command()
def scan(
    paths: _Shown = None,
    form: Annotated[
        Format, typer.Option("--format", "-f", help="How to write it.")
    ] = Format.TABLE,
    output: _Output = None,
    assume: _Assumptions = None,
    profile: _ProfileOption = None,
    exit_code: Annotated[
        bool, typer.Option(help="Exit with 1 if anything is found.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Leave nothing out of the table.")
    ] = False,
) -> None:
    """Show every use of Eventlet: what can go, and why the rest stays."""
    from deventlet.cli.scan import Options, scan_project

    scan_project(
        Options(
            paths=tuple(paths or ()),
            form=form.value,
            output=output,
            assume=frozenset(assume or ()),
            profile=profile.value if profile else None,
            exit_code=exit_code,
            verbose=verbose,
        )
    )


@app.command()
def plan(
    paths: _Changed = None,
    form: Annotated[
        PlanFormat, typer.Option("--format", "-f", help="How to write it.")
    ] = PlanFormat.TABLE,
    split: _SplitOption = Splitting.NONE,
    max_lines: _MaxLines = None,
    assume: _Assumptions = None,
    profile: _ProfileOption = None,
    verify: Annotated[
        str | None,
        typer.Option(help="Run this in the shell once, to see whether the tests pass."),
    ] = None,
    junit: Annotated[
        str | None,
        typer.Option(help="The JUnit report of --verify, to name what fails."),
    ] = None,
    subunit: _Subunit = None,
    verify_timeout: Annotated[
        float | None, typer.Option(min=1, help="Seconds for the run of --verify.")
    ] = None,
) -> None:
    """Show the series, patch by patch: size, risk and what stays."""
    from deventlet.cli.plan import Options, plan_series
    from deventlet.cli.verify import command_for

    plan_series(
        Options(
            paths=tuple(paths or ()),
            form=form.value,
            split=split.value,
            max_lines=max_lines,
            assume=frozenset(assume or ()),
            profile=profile.value if profile else None,
            verify=command_for(verify, junit, subunit, verify_timeout),
        )
    )


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders to look at; default: here."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Record that there is less.")
    ] = False,
    allow_growth: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="With --update: record more, and why."),
    ] = None,
    banned: Annotated[
        list[str] | None,
        typer.Option(help="A pattern or name of which no use is allowed; repeatable."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="The file; default: deventlet-baseline.json.")
    ] = None,
    form: Annotated[
        CheckFormat, typer.Option("--format", "-f", help="How to write it.")
    ] = CheckFormat.TEXT,
    output: _Output = None,
) -> None:
    """Fail when there is more of Eventlet than the baseline allows."""
    from datetime import date

    from deventlet.cli.check import Options, check_project

    check_project(
        Options(
            paths=tuple(paths or ()),
            baseline=baseline,
            update=update,
            allow_growth=allow_growth,
            banned=frozenset(banned or ()),
            form=form.value,
            output=output,
            today=date.today(),
        )
    )


@app.command()
def history(
    path: Annotated[
        Path | None,
        typer.Argument(help="A repository, or a folder of one; default: here."),
    ] = None,
    per: Annotated[
        str,
        typer.Option(help="A point for each week, month or tag, or each N commits."),
    ] = "week",
    since: Annotated[
        str | None,
        typer.Option(help="A date, or a commit; default: two years before the end."),
    ] = None,
    revision: Annotated[
        str, typer.Option(help="The branch, or another commit, to end with.")
    ] = "HEAD",
    in_flight: Annotated[
        list[str] | None,
        typer.Option(help="A branch, or patches, not merged yet; repeatable."),
    ] = None,
    by: Annotated[
        HistoryBy, typer.Option(help="What the bars are made of.")
    ] = HistoryBy.PLACE,
    form: Annotated[
        HistoryFormat, typer.Option("--format", "-f", help="How to write it.")
    ] = HistoryFormat.TEXT,
    output: _Output = None,
) -> None:
    """Show how the use of Eventlet went down over the git history."""
    from deventlet.cli.history import Options, show_history

    show_history(
        Options(
            path=path or Path(),
            per=per,
            since=since or "",
            revision=revision,
            in_flight=tuple(in_flight or ()),
            by=by.value,
            form=form.value,
            output=output,
        )
    )


@app.command("report")
def write_page(
    paths: _Shown = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write.")
    ] = Path("deventlet-report.html"),
    link_template: Annotated[
        str,
        typer.Option(
            help="opendev, github, or a URL with {path}, {line}, {revision}, {project}."
        ),
    ] = "",
    since: Annotated[
        str,
        typer.Option(help="Where the history begins: a date, or a commit."),
    ] = "",
    in_flight: Annotated[
        list[str] | None,
        typer.Option(
            help="A branch, or patches, not merged yet, for the chart; repeatable."
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option(help="Read the git history for a burn-down.")
    ] = True,
    assume: _Assumptions = None,
) -> None:
    """Write one HTML page: what is where, what can go, what stays.

    Paths in several repositories make a page with a row for each.
    """
    from deventlet.cli.page import Options, write_report

    write_report(
        Options(
            paths=tuple(paths or ()),
            output=output,
            link_template=link_template,
            since=since,
            in_flight=tuple(in_flight or ()),
            history=history,
            assume=frozenset(assume or ()),
        )
    )


@app.command()
def apply(
    paths: _Changed = None,
    codemod: Annotated[
        list[str] | None,
        typer.Option("--codemod", "-c", help="The codemod to run; repeatable."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Run every codemod.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show the diff; write nothing.")
    ] = False,
    patch_dir: Annotated[
        Path | None,
        typer.Option(help="Write patches for `git am` there, and nothing else."),
    ] = None,
    commit: Annotated[
        bool,
        typer.Option("--commit", help="Commit each patch, on a branch of its own."),
    ] = False,
    branch: Annotated[
        str | None,
        typer.Option(help="The branch of --commit; default: eventlet-removal."),
    ] = None,
    topic: Annotated[
        str | None, typer.Option(help="The topic in Gerrit; default: eventlet-removal.")
    ] = None,
    bug: Annotated[
        str | None, typer.Option(help="The bug that each patch is a part of.")
    ] = None,
    blueprint: Annotated[
        str | None, typer.Option(help="The blueprint that each patch is a part of.")
    ] = None,
    depends_on: Annotated[
        list[str] | None,
        typer.Option(help="A change that the first patch needs; repeatable."),
    ] = None,
    split: _SplitOption = Splitting.NONE,
    max_lines: _MaxLines = None,
    verify: Annotated[
        str | None,
        typer.Option(help="Run this in the shell after each patch; keep what passes."),
    ] = None,
    junit: Annotated[
        str | None,
        typer.Option(help="The JUnit report of --verify, to judge test by test."),
    ] = None,
    subunit: _Subunit = None,
    verify_timeout: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="Seconds for one run of --verify; else ten times the first, "
            "at least 60.",
            show_default=False,
        ),
    ] = None,
    interactive: Annotated[
        bool,
        typer.Option("--interactive", "-i", help="Ask about each change."),
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Runs of --verify at once.")
    ] = 1,
    assume: _Assumptions = None,
    profile: _ProfileOption = None,
    allow_dirty: Annotated[
        bool, typer.Option(help="Touch files that have uncommitted changes.")
    ] = False,
    signoff: Annotated[
        bool, typer.Option(help="Add Signed-off-by with your git identity.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option(help="Exit with 1 if anything would change.")
    ] = False,
) -> None:
    """Rewrite patterns: in place, as a preview, patches or commits."""
    from deventlet.cli.apply import Options, apply_codemods
    from deventlet.cli.verify import command_for

    apply_codemods(
        Options(
            paths=tuple(paths or ()),
            codemods=tuple(codemod or ()),
            every=every,
            dry_run=dry_run,
            patch_dir=patch_dir,
            commit=commit,
            branch=branch,
            topic=topic,
            bug=bug,
            blueprint=blueprint,
            depends_on=tuple(depends_on or ()),
            split=split.value,
            max_lines=max_lines,
            verify=command_for(verify, junit, subunit, verify_timeout),
            jobs=jobs,
            interactive=interactive,
            assume=frozenset(assume or ()),
            profile=profile.value if profile else None,
            allow_dirty=allow_dirty,
            signoff=signoff,
            exit_code=exit_code,
        )
    )


@app.command()
def scaffold(
    path: Annotated[
        Path | None, typer.Argument(help="The project; default: here.")
    ] = None,
    module: Annotated[
        str | None,
        typer.Option(help="Its dotted name; default: PACKAGE.concurrency."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show it; write nothing.")
    ] = False,
) -> None:
    """Write the module with which a project runs both ways."""
    from deventlet.cli.scaffold import Options, write_scaffold

    write_scaffold(Options(path, module, dry_run))


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.disable()  # the process ends with the command; collecting trees only costs time
    sys.stdout, sys.stderr = map(_tolerant, (sys.stdout, sys.stderr))
    # So that what is begun is undone, as it is for Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = _exit_code()
    gc.freeze()  # the interpreter collects once more as it ends: 0.3 s on Nova
    sys.exit(code)


def _tolerant(stream: TextIO | None) -> TextIO:
    """A stream that takes every text, and is there even if its file is closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):  # the name of a file need not be UTF-8
        stream.reconfigure(errors="backslashreplace")
    return stream


def _exit_code() -> int:
    """The code of the command, once everything it said has been taken."""
    try:
        code = _command()
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _unheard(Exit.DONE)
    except OSError as error:
        return _unheard(_said(str(error), Exit.PROBLEMS))


def _command() -> int:
    """Run the command; every way in which it can end has its code.

    Not with the main function of the library, which exits with 1 for a closed pipe.
    """
    try:
        command = typer.main.get_command(app)
        with command.make_context("deventlet", sys.argv[1:]) as context:
            command.invoke(context)
        return Exit.DONE
    except typer.Exit as early:
        return early.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _said("interrupted; nothing is half done", Exit.INTERRUPTED)
    except OSError:
        raise
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> int:
    """A message for a person, or the traceback of what nobody thought of."""
    if isinstance(error, Stop):
        return _said(str(error), error.code)
    usage = getattr(error, "format_message", None)
    if usage is not None:
        return _said(usage(), Exit.USAGE)
    traceback.print_exception(error)
    return _said("this is a bug, please report it", Exit.PROBLEMS)


def _said(message: str, code: Exit) -> Exit:
    """The code, after the message if there is one; help speaks for itself."""
    if message:
        whole = message.startswith("Usage:")
        typer.echo(message if whole else f"deventlet: {message}", err=True)
    return code


def _unheard(code: Exit) -> Exit:
    """The code, with nothing left that Python would try to write at its end."""
    with contextlib.suppress(io.UnsupportedOperation):  # a file in memory
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
