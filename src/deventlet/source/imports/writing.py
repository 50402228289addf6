"""Import statements as text: which bindings share one, and how a long one wraps."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from deventlet.source.imports.style import ImportSpec, ImportStyle, name_key


@dataclass(frozen=True, slots=True)
class Statement:
    """An import statement to be written: specs that share one line."""

    specs: tuple[ImportSpec, ...]

    def render(self, style: ImportStyle, indent: str, *, aligned: bool) -> list[str]:
        """Its lines, wrapped in parentheses if one is too long.

        :param aligned: names start behind the parenthesis instead of on a new line.
        """
        names = [
            f"{spec.name} as {spec.alias}" if spec.alias else str(spec.name)
            for spec in self.specs
        ]
        comment = next((spec.comment for spec in self.specs if spec.comment), "")
        lines = self._lines(names, style, indent, aligned=aligned)
        return [f"{lines[0]}  {comment}", *lines[1:]] if comment else lines

    def _lines(
        self, names: list[str], style: ImportStyle, indent: str, *, aligned: bool
    ) -> list[str]:
        first = self.specs[0]
        if first.name is None:
            return [indent + first.statement()]
        head = f"{indent}from {first.module} import "
        if len(head + ", ".join(names)) <= style.line_length:
            return [head + ", ".join(names)]
        if len(names) == 1:  # no comma: H301 would count two names
            return [f"{head}(", f"{indent}    {names[0]})"]
        if aligned:
            starts = [f"{head}(", *[" " * (len(head) + 1)] * (len(names) - 1)]
            ends = [*[","] * (len(names) - 1), ")"]
            return [a + b + c for a, b, c in zip(starts, names, ends, strict=True)]
        return [f"{head}(", *(f"{indent}    {name}," for name in names), f"{indent})"]


def statements(specs: Iterable[ImportSpec], style: ImportStyle) -> list[Statement]:
    """The statements that make some bindings, in the project's order.

    Names of one module share a statement unless the style wants one name per line;
    aliased names stand alone, as isort writes them.
    """

    def together(spec: ImportSpec) -> tuple[object, ...]:
        alone = style.force_single_line or spec.name is None or spec.alias
        return (spec,) if alone else (spec.module,)

    ordered = sorted(sorted(set(specs)), key=style.place)
    joined: dict[object, list[ImportSpec]] = {}
    for spec in ordered:
        joined.setdefault(together(spec), []).append(spec)
    return [
        Statement(tuple(sorted(group, key=lambda spec: name_key(spec.name or ""))))
        for group in joined.values()
    ]


def aligned(tree: ast.Module) -> bool:
    """Whether the file's first wrapped import starts its names behind the ``(``."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.end_lineno != node.lineno:
            return node.names[0].lineno == node.lineno
    return False
