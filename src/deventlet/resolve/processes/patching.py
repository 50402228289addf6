"""Which stdlib modules a file, a function or a test's hook is sure to monkey-patch.

Each answer is what :mod:`.effects` says of the code that runs; here is which code that
is. A word of the project's own may keep branches out of it.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from deventlet.resolve.processes.effects import Effects
from deventlet.resolve.processes.hooks import Hook, hooks_of
from deventlet.resolve.processes.monkey_patch import NOTHING
from deventlet.resolve.processes.patch_calls import PatchCalls
from deventlet.resolve.processes.text import MAIN
from deventlet.resolve.project import Module, as_bytes

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "orelse", "finalbody")


class Patching:
    """What is sure to be patched in one repository.

    :param ignored: branches whose condition mentions one of these words are taken
        for not run.
    :param told: attributes of ``sys`` that are set before anything is loaded.
    """

    def __init__(
        self,
        calls: PatchCalls,
        ignored: Sequence[str] = (),
        told: frozenset[str] = frozenset(),
    ) -> None:
        self.calls = calls
        self.texts = calls.texts
        self.project = calls.project
        self.ignored = tuple(ignored)
        self.told = told
        self._effects = Effects(calls, self.ignored, told)
        self._loaded: dict[str, list[str]] = {}

    def where_told(self, told: frozenset[str]) -> Patching:
        """The same where attributes of ``sys`` are set to True."""
        return Patching(self.calls, self.ignored, told)

    def relied_on(self, keyword: str) -> list[str]:
        """The ignored words without which less would be sure to patch ``keyword``."""
        return [word for word in self.ignored if keyword in self._lost_with[word]]

    @cached_property
    def _lost_with(self) -> dict[str, frozenset[str]]:
        """What is not sure to be patched if the branches on an ignored word count."""
        return {word: self._lost(word) for word in self.ignored}

    def _lost(self, word: str) -> frozenset[str]:
        texts = (self.texts[path].raw for path in self.calls.files)
        if not any(word.encode() in text for text in texts):
            return NOTHING
        others = [each for each in self.ignored if each != word]
        counted = Patching(self.calls, others, self.told)
        lost = NOTHING
        for module in {each.name for each in self.calls.files.values()}:
            lost |= self._patched_by(module) - counted._patched_by(module)
        for function in self.calls.functions:
            lost |= self.calling(function) - counted.calling(function)
        return lost

    def _patched_by(self, module: str) -> frozenset[str]:
        return self.importing.get(module, NOTHING) | self.script(module)

    @cached_property
    def importing(self) -> dict[str, frozenset[str]]:
        """What each module that patches when it is imported patches."""
        modules = self.calls.files.values()
        found = {m.name: self._effects.loading(m, m.name) for m in modules}
        return {name: found[name] for name in sorted(found) if found[name]}

    def on_loading(self, keyword: str, module: str) -> list[str]:
        """The modules that patch ``keyword`` whenever ``module`` is loaded."""
        return [name for name in self.loaded(module) if keyword in self.importing[name]]

    def loaded(self, module: str) -> list[str]:
        """The modules that patch something whenever ``module`` is loaded."""
        if module not in self._loaded:
            found = self.texts.surely_loaded(module, self._leading)
            self._loaded[module] = sorted(found & self.importing.keys())
        return self._loaded[module]

    @cached_property
    def _leading(self) -> frozenset[str]:
        return self.texts.leading_to(self.importing)

    def patched_from(self, keyword: str, module: Module) -> int:
        """The line of the statement of a file's own code that patches; 0 if none."""
        if keyword not in self.importing.get(module.name, NOTHING):
            return 0
        body = module.tree.body
        size = bisect_left(
            range(len(body)),
            True,
            key=lambda end: (
                keyword in self._effects.running(body[: end + 1], module, module.name)
            ),
        )
        return body[size].lineno if size < len(body) else 0

    def above(self, module: Module, around: Sequence[ast.AST]) -> frozenset[str]:
        """What is patched above a place in the blocks that it stands in.

        Whatever runs there runs behind that, and so does what is defined there. Left
        out are the module's own block, which :meth:`on_loading` knows, and calls that
        a test may replace.

        :param around: the path from the module down to the place.
        """
        if module.path not in self.calls.files:
            return NOTHING
        scope, total = module.scopes.module, NOTHING
        for outer, inner in pairwise(around[1:]):
            if isinstance(outer, _FunctionNode):
                scope = module.scopes.of(outer)
            if not isinstance(outer, ast.ClassDef):
                above = _before(outer, inner)
                patches = self._effects.within(above, module, scope)
                names = self.calls.names_in(above) if patches else ()
                if not any(map(self._is_replaced, names)):
                    total |= patches
        return total

    def _is_replaced(self, name: str) -> bool:
        """Whether any file may put something else in the place of a function.

        It says the name as the end of a string, or assigns it behind a dot.
        """
        word = as_bytes(name)
        said = re.compile(rb"['\".:]%b['\"]|\.%b[ \t]*=(?!=)" % (word, word))
        read = self.project.read_or_empty
        return any(said.search(read(path)) for path in self.project.holding(word))

    def script(self, module: str) -> frozenset[str]:
        """What the module's own code patches when it is run as a script."""
        loaded = self.calls.files.get(self.project.by_name[module])
        return NOTHING if loaded is None else self._effects.loading(loaded, MAIN)

    def calling(self, dotted: str) -> frozenset[str]:
        """What calling a function of the repository without arguments patches."""
        return self._effects.calling(dotted)

    @cached_property
    def hooks(self) -> list[Hook]:
        """What test frameworks call that patches something, by module."""
        return [
            hook
            for path in sorted(self.calls.files)
            for hook in hooks_of(self.calls.files[path], self._effects)
            if hook.patches
        ]


def _before(outer: ast.AST, inner: ast.AST) -> Sequence[ast.stmt]:
    """The statements of a block that stand above one of it."""
    for block in (getattr(outer, name, None) for name in _BLOCKS):
        if isinstance(block, list) and inner in block:
            return block[: block.index(inner)]
    return ()
