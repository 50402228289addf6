"""A project's own text in the messages of commits: a Jinja template, in a sandbox.

The template is text of the repository that is worked on, and so not trusted: it can
read the values that it is given and nothing else, no file, no attribute that begins
with an underscore, no other template. It is not kept from looping for long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MOST = 100_000
"""Bytes of a template, and characters of what it makes."""


class TemplateProblem(Exception):
    """A template that cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """The source of a template that has been read.

    :param name: its path, for messages.
    """

    name: str
    source: str

    def render(self, values: Mapping[str, object]) -> str:
        """The paragraphs that the template makes of some values.

        :param values: plain text, numbers, and lists and mappings of these.
        :raises TemplateProblem: for a mistake in the template.
        """
        # Few projects have a template, and importing takes longer than the help.
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        sandbox = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        # A template can raise whatever its expressions can; each is its own mistake.
        try:
            text = sandbox.from_string(self.source).render(values)
        except Exception as error:
            line = getattr(error, "lineno", None)
            place = f"{self.name}:{line}" if line else self.name
            raise TemplateProblem(
                f"{place}: {error or type(error).__name__}"
            ) from error
        if len(text) > _MOST:
            raise TemplateProblem(f"{self.name}: the message is too long")
        if not text.isprintable() and _controls(text):
            raise TemplateProblem(f"{self.name}: a control character in the message")
        return text


def _controls(text: str) -> bool:
    return any((c < " " and c not in "\n\t") or c == "\x7f" for c in text)


def load(root: Path, name: str) -> Template:
    """Read a template.

    :param name: its path, relative to ``root``.
    :raises TemplateProblem: if it is not a file inside of ``root``, links resolved, or
        cannot be read.
    """
    top = root.resolve()
    path = (top / name).resolve()
    if not path.is_relative_to(top):
        raise TemplateProblem(f"`message-template`: {name} is outside of {root}")
    try:
        raw = path.read_bytes()
        if len(raw) > _MOST:
            raise TemplateProblem(f"{name} is too long for a template")
        return Template(name, raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateProblem(f"`message-template`: {name}: {error}") from error
