"""The reference of the settings, made from the class that reads them."""

from __future__ import annotations

import inspect
import re
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from deventlet.config import Config
from deventlet.registry import reasons
from docs.generate.markdown import code, escaped, table
from docs.generate.reasons import owners

_PARAM = re.compile(r"^:param (\w+): ((?:.*\n?)(?:(?!:param)[ \t]*\S.*\n?)*)", re.M)


def page() -> str:
    """What can be set, where, and what it means."""
    types = get_type_hints(Config, include_extras=True)
    said = described(Config)
    keys = "\n".join(
        f"### {field.encode_name}\n\n{said[field.name]}\n\n"
        f"Value: {_kind(types[field.name])}. Default: {_default(field)}.\n"
        for field in msgspec.structs.fields(Config)
    )
    return (
        "# Configuration\n\n"
        "In the table `[tool.deventlet]` of `pyproject.toml`, or at the top level of "
        "`deventlet.toml`; not in both. The file stands at the top of the repository. "
        "A key may be written with dashes or underscores. A key that there is not is "
        "an error: a setting that is silently ignored would rewrite on a wrong "
        "premise. Without any settings deventlet reads what it can off the project: "
        "line length, import order, profile.\n\n"
        "```toml\n"
        "[tool.deventlet]\n"
        'profile = "native"\n'
        'assume = ["process-patched"]\n'
        'exclude = ["/contrib/"]\n'
        "```\n\n"
        "Import order is not set here: hacking, flake8-import-order, isort and ruff "
        "settings are read. A single line is kept by a comment, `# deventlet: keep "
        "because …` ([check](check.md#suppressing-a-use)).\n\n"
        f"## Keys\n\n{keys}\n"
        "## Assumptions\n\n"
        "What `assume` and the option `--assume` may name. Each is a question that no "
        f"code can answer.\n\n{_assumptions()}"
    )


def _assumptions() -> str:
    return table(
        ("Name", "What is not known"),
        [
            (f"[`{code}`]({owner}#{code})", escaped(reasons()[code].summary))
            for code, owner in owners().items()
            if reasons()[code].verdict == "assume"
        ],
    )


def described(of: type) -> dict[str, str]:
    """What a docstring says of each parameter, as Markdown."""
    text = inspect.getdoc(of) or ""
    return {
        name: _markdown(" ".join(said.split())) for name, said in _PARAM.findall(text)
    }


def _markdown(text: str) -> str:
    """The docstring's code as Markdown's, with a capital at the beginning."""
    text = escaped(text.replace("``", "`"))
    return text if text.startswith("`") else text[0].upper() + text[1:]


def _kind(hint: Any) -> str:
    """Which values a key takes, for a person."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(args[0])
    if origin in (Union, UnionType):
        return " or ".join(_kind(each) for each in args if each is not NoneType)
    if origin is Literal:
        return " or ".join(f'`"{each}"`' for each in args)
    if origin is tuple:
        return "list of texts"
    if origin is dict:
        return "table of texts"
    return {str: "text", int: "number"}[hint]


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = None if field.default is msgspec.NODEFAULT else field.default
    return code(msgspec.json.encode(value).decode()) if value else "none"
