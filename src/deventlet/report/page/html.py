"""Fills the templates of the pages; pure but for reading its own package's files.

No text of a project is taken as HTML, and a character that would steer a terminal or
cannot be encoded is shown as an escape.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from deventlet.report import plan, pools
from deventlet.report.burndown import svg
from deventlet.report.page.view import WORDS, Contents, View
from deventlet.report.text import counted, visible


def project_page(contents: Contents) -> str:
    """The page of one project, a newline at its end."""
    known = contents.burndown
    chart = svg.text(known) if known and len(known.points) > 1 else ""
    return fill(
        "project.html",
        view=View(contents),
        version=contents.version,
        chart=chart,
        pool_cost=pools.cost,
        pool_kind=pools.kind,
        moments=plan.MOMENTS,
        risks=plan.RISKS,
    )


def fill(name: str, **values: object) -> str:
    """One of the package's templates with its values."""
    template = _environment().get_template(name)
    return str(template.render(words=WORDS, **values))


@cache
def _environment() -> Any:
    """Jinja's environment; a name that is not there is an error of ours."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("deventlet.report.page", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["counted"] = counted
    made.globals["asset"] = _asset
    return made


def _shown(value: object) -> object:
    """Plain text made fit to be shown; what is HTML already is ours."""
    return visible(value) if type(value) is str else value


def _asset(name: str) -> object:
    """A style or a script of the package, as it stands."""
    from markupsafe import Markup

    return Markup(_file(name))


def _file(name: str) -> str:
    return resources.files("deventlet.report.page").joinpath(name).read_text("utf-8")
