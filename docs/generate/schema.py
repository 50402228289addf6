"""The reference of the JSON of ``scan`` and ``plan``, made from their schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from deventlet.plan import Plan, Remainder, Service, Step
from deventlet.report import as_json
from docs.generate.markdown import escaped, table
from docs.generate.settings import described

Schema = dict[str, Any]


def page() -> str:
    """Each object of both formats: keys, types, meaning."""
    scan = msgspec.json.decode(as_json.schema())["$defs"]
    plan = msgspec.json.schema(Plan)["$defs"]
    for part in (Plan, Step, Remainder, Service):
        for key, said in described(part).items():
            plan[part.__name__]["properties"][key]["description"] = said
    return (
        "# JSON\n\n"
        "Both formats have a `version`. A key that changes its meaning, comes or goes "
        "makes a new one. Paths are relative to the root of the project, lines count "
        "from 1, columns are UTF-8 bytes from 0. The same project gives the same "
        "bytes.\n\n"
        "Two others are described where they are made: that of "
        "[history](history.md#json), and the [baseline]"
        "(check.md#deventlet-baselinejson) of check. SARIF is explained with "
        "[scan](scan.md#sarif).\n\n"
        "## deventlet scan --format json\n\n"
        "The JSON Schema (2020-12) is in the package, as "
        "`deventlet/report/scan.schema.json`.\n\n"
        f"{''.join(_objects(scan, 'Scan', 'scan'))}"
        "## deventlet plan --format json\n\n"
        "Beside these keys the outermost object has `version`, which is 1.\n\n"
        f"{''.join(_objects(plan, 'Plan', 'plan'))}"
    )


def _objects(defs: dict[str, Schema], first: str, prefix: str) -> Iterator[str]:
    """The outermost object, then the others in the order of their mention."""
    waiting, seen = [first], set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield _object(name, defs[name], prefix)
        for each in defs[name]["properties"].values():
            waiting += _mentioned(each)


def _object(name: str, said: Schema, prefix: str) -> str:
    about = said.get("description", "").partition("\n")[0]
    rows = [
        (f"`{key}`", _type(each, prefix), escaped(each.get("description", "")))
        for key, each in said["properties"].items()
    ]
    shown = _title(name)
    return (
        f"### {prefix}: {shown}\n\n{about}\n\n"
        f"{table(('Key', 'Type', 'Meaning'), rows)}\n"
    )


def _title(name: str) -> str:
    return name.removesuffix("Record")


def _mentioned(said: Schema) -> list[str]:
    """The objects that a type speaks of."""
    if "$ref" in said:
        return [said["$ref"].rpartition("/")[2]]
    inner = [
        *said.get("anyOf", ()),
        said.get("items"),
        said.get("additionalProperties"),
    ]
    return [
        name for each in inner if isinstance(each, dict) for name in _mentioned(each)
    ]


def _type(said: Schema, prefix: str) -> str:
    """A type of the schema in words, with a link to an object."""
    if "$ref" in said:
        shown = _title(said["$ref"].rpartition("/")[2])
        return f"[{shown}](#{prefix}-{shown.lower()})"
    if "anyOf" in said:
        return " or ".join(_type(each, prefix) for each in said["anyOf"])
    if "enum" in said:
        return " or ".join(f"`{msgspec.json.encode(e).decode()}`" for e in said["enum"])
    if said["type"] == "array":
        return f"list of {_type(said['items'], prefix)}"
    if said["type"] == "object":
        return f"object: {_type(said['additionalProperties'], prefix)} by name"
    return str(said["type"])
