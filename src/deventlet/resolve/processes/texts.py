"""The repository as text: who imports whom, and which definition mentions which word.

Cheap because nothing is parsed. A definition is what starts with ``def``,
``async def``, ``class`` or a decorator in the first column and lasts until the next
code there; all else is module-level code. Where that guess is wrong (a docstring
with text in the first column), code counts as module-level: as run, not as dead.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.project import Project

MAIN = "__main__"
"""The name under which ``if __name__ == "__main__":`` counts as a definition."""

_COLUMN_0 = re.compile(
    rb"^(?:(?P<decorator>@)|(?:async[ \t]+def|def|class)[ \t]+(?P<name>\w+)"
    rb"|(?P<main>if[ \t]+__name__[ \t]*==)|[^\s#)\]}])",
    re.MULTILINE,
)
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+[.\w]+[ \t]+import[ \t]*(?:\([^)]*\)|(?:[^\n\\]|\\\r?\n)*)"
    rb"|import[ \t](?:[^\n\\]|\\\r?\n)*)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A top-level definition, or a stretch of module-level code (``name`` is empty)."""

    name: str
    start: int
    end: int
    decorated: bool


@dataclass(frozen=True)
class Text:
    """The bytes of one file in segments."""

    raw: bytes

    @cached_property
    def segments(self) -> list[Segment]:
        """All of the file, in order."""
        heads = [(0, "", False)]
        decorated: int | None = None
        for line in _COLUMN_0.finditer(self.raw):
            if line["decorator"] is not None:
                decorated = line.start() if decorated is None else decorated
                continue
            name = MAIN if line["main"] else (line["name"] or b"").decode()
            start = line.start() if decorated is None else decorated
            if name or heads[-1][1] or decorated is not None:
                heads.append((start, name, decorated is not None))
            decorated = None
        ends = [*(start for start, _, _ in heads[1:]), len(self.raw)]
        return [Segment(n, s, e, d) for (s, n, d), e in zip(heads, ends, strict=True)]

    @cached_property
    def _starts(self) -> list[int]:
        return [segment.start for segment in self.segments]

    @cached_property
    def definitions(self) -> frozenset[str]:
        """Names of the top-level definitions."""
        return frozenset(s.name for s in self.segments) - {"", MAIN}

    @cached_property
    def decorated(self) -> frozenset[str]:
        """Those that a decorator hands to somebody else."""
        return frozenset(s.name for s in self.segments if s.decorated)

    @property
    def module_level(self) -> bytes:
        """What runs when the file is imported, without the bodies of definitions."""
        parts = (self.raw[s.start : s.end] for s in self.segments if not s.name)
        return b"\n".join(parts)

    def of(self, name: str) -> bytes:
        """The text of all definitions of that name; the empty name is module level."""
        found = (s for s in self.segments if s.name == name)
        return b"\n".join(self.raw[s.start : s.end] for s in found)

    @cached_property
    def _imports(self) -> list[tuple[int, int]]:
        return [found.span() for found in _IMPORT.finditer(self.raw)]

    def mentions(self, word: str) -> Iterator[tuple[str, str]]:
        """Who mentions a word: pairs of definition and alias, some twice.

        The alias is the name that a module-level import gives it, else empty.
        """
        if word.encode() not in self.raw:
            return
        for hit in _word(word).finditer(self.raw):
            segment = self.segments[bisect_right(self._starts, hit.start()) - 1]
            if segment.name or not self._imported(hit.start()):
                yield segment.name, ""
            else:
                alias = _ALIAS.match(self.raw, hit.end())
                yield "", alias[1].decode() if alias else word

    def _imported(self, offset: int) -> bool:
        """Whether an offset is inside an import statement."""
        at = bisect_right(self._imports, (offset, len(self.raw))) - 1
        return at >= 0 and offset < self._imports[at][1]


_ALIAS = re.compile(rb"[ \t]+as[ \t]+(\w+)")
_WORDS: dict[str, re.Pattern[bytes]] = {}


def _word(word: str) -> re.Pattern[bytes]:
    if word not in _WORDS:
        _WORDS[word] = re.compile(rb"(?<!\w)" + re.escape(word.encode()) + rb"(?!\w)")
    return _WORDS[word]


class Texts:
    """Every file's text and imports, read once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        # A second view, in which files end at their module-level code: what it
        # says about imports is what happens when a module is loaded.
        self._loading = Project(project.root, project.paths)
        self._texts: dict[str, Text] = {}
        self._edges: dict[str, frozenset[str]] = {}
        self._eager: dict[str, frozenset[str]] = {}

    def __getitem__(self, path: str) -> Text:
        if path not in self._texts:
            self._texts[path] = Text(self.project.read_or_empty(path))
        return self._texts[path]

    def of(self, module: str) -> Text:
        """The text of a module of the repository by its name."""
        return self[self.project.by_name[module]]

    def containing(self, words: frozenset[str]) -> list[str]:
        """Paths of the files in which one of the words stands."""
        wanted = [(word.encode(), _word(word)) for word in sorted(words)]
        return [
            path
            for path in self.project.paths
            if any(w in self[path].raw and p.search(self[path].raw) for w, p in wanted)
        ]

    def imports(self, module: str) -> frozenset[str]:
        """The modules that a module may ever import, wherever the import stands."""
        if module not in self._edges:
            found = self.project.imported_modules(self.project.by_name[module])
            self._edges[module] = frozenset(found)
        return self._edges[module]

    def loads(self, module: str) -> frozenset[str]:
        """The modules that loading a module loads: by its module-level imports."""
        if module not in self._eager:
            path = self.project.by_name[module]
            self._loading.overlay[path] = self[path].module_level
            self._eager[module] = frozenset(self._loading.imported_modules(path))
        return self._eager[module]

    def closure(self, module: str) -> frozenset[str]:
        """What running ``module`` may load, sooner or later."""
        return self._reachable(module, self.imports)

    def loaded(self, module: str) -> frozenset[str]:
        """What loading ``module`` has loaded when it returns."""
        return self._reachable(module, self.loads)

    def _reachable(
        self, module: str, edges: Callable[[str], frozenset[str]]
    ) -> frozenset[str]:
        parts = module.split(".")
        chain = (".".join(parts[: n + 1]) for n in range(len(parts)))
        waiting = {name for name in chain if name in self.project.by_name}
        seen: set[str] = set()
        while waiting:
            seen |= waiting
            waiting = set[str]().union(*map(edges, waiting)) - seen
        return frozenset(seen)
