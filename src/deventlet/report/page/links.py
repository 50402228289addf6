"""Where a line of a file is to be seen on the web: a template, filled in; pure."""

from __future__ import annotations

import string
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRESETS = {
    "opendev": "https://opendev.org/{project}/src/commit/{revision}/{path}#L{line}",
    "github": "https://github.com/{project}/blob/{revision}/{path}#L{line}",
}
FIELDS = frozenset({"project", "revision", "path", "line"})


class LinkProblem(Exception):
    """A template that cannot be a link; its text says why."""


@dataclass(frozen=True, slots=True)
class Links:
    """Links to lines of one project at one revision.

    :param template: a URL with fields in braces, or empty for no links.
    """

    template: str = ""
    project: str = ""
    revision: str = ""

    @classmethod
    def of(cls, wanted: str, project: str, revision: str) -> Links:
        """Links after a template, or after the name of a preset.

        :raises LinkProblem: for what is neither, or needs what is not known.
        """
        template = PRESETS.get(wanted, wanted)
        named = _fields(template)
        if unknown := sorted(named - FIELDS):
            known = ", ".join(f"{{{name}}}" for name in sorted(FIELDS))
            raise LinkProblem(f"there is no {{{unknown[0]}}}; there are {known}")
        url = urlsplit(template)
        if url.scheme not in ("http", "https") or not url.netloc or "path" not in named:
            raise LinkProblem(
                f"give {' or '.join(sorted(PRESETS))}, or a URL with {{path}}"
            )
        if "revision" in named and not revision:
            raise LinkProblem("there is no commit that {revision} could be")
        return cls(template, project, revision)

    def to(self, path: str, line: int) -> str:
        """The link to a line; empty without a template."""
        return self.template.format(
            project=quote(self.project),
            revision=quote(self.revision),
            path=quote(path.encode("utf-8", "surrogateescape")),
            line=line,
        )


def _fields(template: str) -> set[str]:
    """The names in braces.

    :raises LinkProblem: for braces that hold no plain name.
    """
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as wrong:
        raise LinkProblem(f"{template}: {wrong}") from wrong
    if any(name is not None and (form or turn) for _, name, form, turn in parsed):
        raise LinkProblem(f"{template}: only plain names can stand in braces")
    return {name for _, name, _, _ in parsed if name is not None}
