"""What a requirement list or a settings file says, as facts that can be compared.

An edit of such a file is a splice of its bytes; that it changed nothing but what it was
meant to is proven by reading the facts before and after. Reads text and writes none.
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["list", "ini", "toml", "python", "other"]
Fact: TypeAlias = tuple[str, str]
"""Where something is said, and what."""

_INI = re.compile(r"(?:tox|setup|pytest|mypy)\.(?:ini|cfg)|\.(?:coveragerc|flake8)")
_LIST = frozenset({".txt", ".in"})


class NotUnderstood(ValueError):
    """A text that is not what the name of its file says; the message says why."""


def form_of(path: str) -> Form:
    """How a file is written, by its name; ``other`` for what is not understood."""
    name = PurePosixPath(path)
    if _INI.fullmatch(name.name):
        return "ini"
    if name.suffix in (".toml", ".py"):
        return "toml" if name.suffix == ".toml" else "python"
    return "list" if name.suffix in _LIST else "other"


def facts(form: Form, text: str) -> Counter[Fact]:
    """Everything that a text says, each with how often.

    :raises NotUnderstood: if it cannot be parsed.
    """
    readers = {
        "list": _of_list, "ini": _of_ini, "toml": _of_toml, "python": _of_python,
    }  # fmt: skip
    reader = readers.get(form)
    if reader is None:
        raise NotUnderstood("deventlet does not parse this sort of file")
    return Counter(reader(text.removeprefix("\ufeff")))


def strays(
    form: Form, before: str, after: str, old: Sequence[str], new: Sequence[str]
) -> str:
    """A fact that changed and should not have; empty if there is none.

    :param old: the texts that were cut out; what is gone has to be said in them.
    :param new: those that were put in; what has come has to be said in them.
    :raises NotUnderstood: if one of the texts cannot be parsed.
    """
    gone, came = changed(form, before, after)
    for found, texts in ((gone, old), (came, new)):
        said = [*texts, *map(_on_one_line, texts)]
        for where, what in sorted(found):
            if not any(what in text for text in said):
                return f"{where}: {what}" if where else what
    return ""


def changed(form: Form, before: str, after: str) -> tuple[Counter[Fact], Counter[Fact]]:
    """The facts that a text has lost, and those that it has got.

    :raises NotUnderstood: if one of the texts cannot be parsed.
    """
    was, now = facts(form, before), facts(form, after)
    return was - now, now - was


def required_lines(text: str) -> frozenset[int]:
    """The lines of Python code that hold items of a list of requirements.

    It is known by its name: that of an argument, or of a variable.

    :raises NotUnderstood: if it cannot be parsed.
    """
    lists = [value for name, value in _named_values(_parsed(text)) if _is_list(name)]
    items = (each for value in lists for each in ast.walk(value))
    return frozenset(each.lineno for each in items if isinstance(each, ast.Constant))


def _named_values(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The values of arguments by keyword, and of variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            yield node.arg or "", node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield ast.unparse(target), node.value


def _is_list(name: str) -> bool:
    return re.search(r"(?i)requir|reqs|depend|deps|extras", name) is not None


def _on_one_line(text: str) -> str:
    return " ".join(text.replace("\\\r\n", " ").replace("\\\n", " ").split())


def _of_list(text: str) -> Iterator[Fact]:
    """The lines of a list of requirements, each with those that continue it."""
    whole = re.sub(r"\\\r?\n", " ", text)
    return (("", _on_one_line(line)) for line in whole.split("\n") if line.strip())


def _of_ini(text: str) -> Iterator[Fact]:
    """The lines of each value."""
    parser = configparser.RawConfigParser(
        strict=False, allow_no_value=True, default_section="\0"
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise NotUnderstood(str(error).replace("\n", " ")) from error
    for section in parser.sections():
        for key, value in parser.items(section):
            for line in (value or "").split("\n"):
                if line.strip():
                    yield f"{section}/{key}", line.strip()


def _of_toml(text: str) -> Iterator[Fact]:
    """Every value, with the keys that lead to it."""
    try:
        return _values("", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise NotUnderstood(str(error)) from error


def _of_python(text: str) -> Iterator[Fact]:
    """The texts in lists, and all other names and constants in a form of their own."""
    tree = _parsed(text)
    lists = [n for n in ast.walk(tree) if isinstance(n, (ast.List, ast.Tuple, ast.Set))]
    items = {id(each) for found in lists for each in found.elts}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            plain = id(node) in items and isinstance(node.value, str)
            yield ("", str(node.value)) if plain else ("", f"<{node.value!r}>")
        elif not isinstance(node, ast.List):
            yield "", f"<{type(node).__name__} {getattr(node, 'id', '')}>"


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise NotUnderstood(str(error)) from error


def _values(where: str, value: object) -> Iterator[Fact]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(f"{where}/{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(where, inner)
    else:
        yield where, str(value).lower() if isinstance(value, bool) else str(value)
