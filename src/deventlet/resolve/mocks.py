"""Places that intercept an Eventlet name: mock targets as strings and as objects.

``mock.patch('eventlet.sleep')``, ``patch.object(mod.eventlet, 'sleep')``,
``self.mock_object(greenthread, 'sleep')``, ``stub_out('pkg.mod.sleep', fake)``: what
matters is not who patches but what is patched, so that project helpers need no
configuration. Nothing here decides whether a mock may move.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.chains import last_name, spelled
from deventlet.resolve.constants import text_of
from deventlet.resolve.mock_targets import Target, is_patching
from deventlet.resolve.names import UNKNOWN, Names
from deventlet.resolve.offsets import in_annotation, literal_at, node_at
from deventlet.resolve.project import Module
from deventlet.resolve.uses import Use

_MODULE_KEY = re.compile(rb"""(?P<quote>['"])(?P<path>eventlet(?:\.\w+)*)(?P=quote)""")
# A pattern that starts with its word is found many times as fast as with ``\b``.
_MULTIPLE = re.compile(rb"multiple(?<=\bmultiple)\s*\("), re.compile(rb"__dict__")
"""Each begins with plain text, which is found many times as fast as one of two."""
OPENING = rb"""(?:['"}]|%s)\.?"""
"""What may stand before a path in a string, which may have its start from elsewhere."""
_PATH = re.compile(r"\w+(?:\.\w+)+")
_TAIL = re.compile(r"\b(?:eventlet|greenlet)(?:\.\w+)+\Z")
_READING = frozenset({"getattr", "hasattr"})


@dataclass(eq=False)
class Mocks:
    """Finds the interceptors of the names of interest in one project."""

    names: Names

    @cached_property
    def _string(self) -> re.Pattern[bytes]:
        exported = chain.from_iterable(self.names.exports.values())
        endings = self.names.interest.endings(exported)
        return re.compile(rb"(?:" + endings + rb""")(?P<quote>['"])""")

    def of(self, module: Module, uses: Iterable[Use]) -> list[Target]:
        """Every interceptor in a file; ``uses`` are the file's own."""
        uses = list(uses)
        found = [
            *self._strings(module),
            *self._objects(module, uses),
            *self._assigned(module, uses),
            *self._multiple(module),
            *self._replaced(module),
        ]
        return sorted(found, key=lambda target: module.source.span(target.node))

    # -- objects -----------------------------------------------------------

    def _objects(self, module: Module, uses: Iterable[Use]) -> Iterator[Target]:
        """``patch.object(eventlet, 'sleep')`` and helpers of the same shape.

        Also ``patch.object(queue.LightQueue, 'get')``, of a class by its full name.
        """
        for use in uses:
            call = use.parents[-1]
            if not isinstance(call, ast.Call) or use.node not in call.args:
                continue
            if spelled(call.func) in _READING:
                continue
            index = call.args.index(use.node)
            attribute = call.args[index + 1] if index + 1 < len(call.args) else None
            if not use.api or (
                _is_class(use)
                and isinstance(attribute, ast.Constant)
                and is_patching(call)
            ):
                yield from self._object(module, use, call, attribute)

    def _object(
        self, module: Module, use: Use, call: ast.Call, attribute: ast.expr | None
    ) -> Iterator[Target]:
        through = self._through(use)
        if not isinstance(attribute, ast.Constant):
            if is_patching(call) and eventlet_api.is_eventlet(use.dotted):
                yield Target(
                    module, use.node, use.parents, call, "object", use.dotted,
                    use.dotted, "", through, problem="mock.computed",
                )  # fmt: skip
            return
        if not isinstance(attribute.value, str):
            return
        for dotted in sorted(self.names.member(use.dotted, attribute.value)):
            api = self.names.interest.match(dotted)
            alias = use.dotted in self.names.exports
            if api is not None:
                yield Target(
                    module, use.node, use.parents, call, "object", api, use.dotted,
                    attribute.value,
                    self.names.project.named(use.dotted) if alias else through, alias,
                    attribute,
                )  # fmt: skip
            elif alias and eventlet_api.is_eventlet(dotted):
                yield Target(
                    module, use.node, use.parents, call, "whole", dotted, use.dotted,
                    attribute.value, self.names.project.named(use.dotted),
                    problem="mock.whole-module",
                )  # fmt: skip

    def _through(self, use: Use) -> Module | None:
        """``mod`` in ``mod.eventlet``, where it is one of the repository's files."""
        if not isinstance(use.node, ast.Attribute):
            return None
        owners = self.names.denote(use.node.value, use.scope, use.module)
        found = [self.names.project.named(owner) for owner in sorted(owners)]
        return next((module for module in found if module is not None), None)

    # -- by hand ---------------------------------------------------------------

    def _assigned(self, module: Module, uses: Iterable[Use]) -> Iterator[Target]:
        """``worker.eventlet = fake``: a module of Eventlet's under a file's name."""
        for use in uses:
            if use.api or not use.stored or not isinstance(use.node, ast.Attribute):
                continue
            through = self._through(use)
            if through is not None:
                yield Target(
                    module, use.node, use.parents, None, "whole", use.dotted,
                    through.name, use.node.attr, through, problem="mock.whole-module",
                )  # fmt: skip

    # -- sys.modules -----------------------------------------------------------

    def _replaced(self, module: Module) -> Iterator[Target]:
        """``sys.modules['eventlet'] = fake``, as an item or in ``patch.dict``."""
        text = module.source.utf8
        for found in _MODULE_KEY.finditer(text) if b"sys.modules" in text else ():
            dotted = found["path"].decode()
            path = literal_at(module, found.start())
            if (
                path is None
                or not self.names.interest.leads(dotted)
                or not _is_set(path)
            ):
                continue
            node = path[-1]
            assert isinstance(node, ast.expr)
            owner, _, attribute = dotted.rpartition(".")
            yield Target(
                module, node, path[:-1], _enclosing_call(path), "whole", dotted, owner,
                attribute, problem="mock.whole-module",
            )  # fmt: skip

    # -- several names at once -------------------------------------------------

    def _multiple(self, module: Module) -> Iterator[Target]:
        """``patch.multiple('eventlet', sleep=DEFAULT)``; ``patch.dict`` of a module."""
        for offset in module.of_tree(_several):
            path = node_at(module, offset)
            call = _enclosing_call(path)
            owner = _module_of(call) if call is not None else None
            if call is None or owner is None:
                continue
            for name in sorted(_names_given(call, module)):
                for dotted in sorted(self._owners(module, owner)):
                    for member in sorted(self.names.member(dotted, name)):
                        api = self.names.interest.match(member)
                        if api is not None:
                            yield Target(
                                module, call.args[0], path, call, "object", api,
                                dotted, name, problem="mock.multiple",
                            )  # fmt: skip

    def _owners(self, module: Module, expr: ast.expr) -> frozenset[str]:
        """What a module may be that is named by a string or an expression."""
        if isinstance(expr, ast.Constant) and isinstance(expr.value, str):
            if eventlet_api.is_eventlet(expr.value):
                return frozenset({expr.value})
            _, owner, name, _ = self._split(expr.value)
            return self.names.member(owner, name)
        return self.names.denoted(expr, module)

    # -- strings -----------------------------------------------------------

    def _ends(self, module: Module) -> list[re.Match[bytes]]:
        """Every match of the pattern in a file, in order.

        It is slow, and matches within one word before a quote: each of those words is
        looked at once, and where the few stand that have a match.
        """
        text, found = module.source.utf8, dict[int, re.Match[bytes]]()
        for word in module.before_quotes:
            if self._string.search(word + b"'") is not None:
                for end in (*_ends(text, word + b"'"), *_ends(text, word + b'"')):
                    each = self._string.search(text, end - len(word) - 1, end)
                    known = found.get(end)  # of a word that this one ends with
                    if each and (known is None or each.start() < known.start()):
                        found[end] = each
        return [found[end] for end in sorted(found)]

    def _strings(self, module: Module) -> Iterator[Target]:
        """String literals that name a path ending in one of the names."""
        text = module.source.utf8
        for found in self._ends(module):  # the end first: it is met rarely
            line = text.rfind(b"\n", 0, found.start()) + 1
            opening = text.rfind(found["quote"], line, found.start())
            path = literal_at(module, opening) if opening >= 0 else None
            if path is None:
                continue
            node, call = path[-1], _enclosing_call(path)
            assert isinstance(node, ast.expr)
            if not _computed(node, path[:-1]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield from self._named(module, path, node.value, call)
                continue
            whole = _whole(path)
            known = self._put_together(module, whole)
            named = [] if known is None else [*self._named(module, whole, known, call)]
            yield from named
            is_lost = known is None or self._is_led_off(known)
            if is_lost and not named and call is not None:
                said = text[opening + 1 : found.end() - 1].decode()
                yield from self._half_known(module, node, path[:-1], call, said)

    def _put_together(self, module: Module, path: list[ast.AST]) -> str | None:
        """The dotted path that is computed there, if that is known."""
        whole, above = path[-1], path[-2]
        if not isinstance(whole, ast.expr) or isinstance(above, ast.Attribute):
            return None
        known = text_of(whole, module, self.names.project)
        return known if known is not None and _PATH.fullmatch(known) else None

    def _named(
        self, module: Module, path: list[ast.AST], text: str, call: ast.Call | None
    ) -> Iterator[Target]:
        """What a string names, be it a literal or put together.

        :param path: the nodes down to it.
        """
        node, parents = path[-1], path[:-1]
        assert isinstance(node, ast.expr)
        if in_annotation(node, parents) or (call is not None and _gets_logger(call)):
            return
        through, owner, attribute, others = self._split(text)
        said, unsaid = "", ""
        if not isinstance(node, ast.Constant):
            said = text.removeprefix(f"{through.name}." if through else text)
            unsaid = "" if _says(module, node, said) else "mock.computed"
        for dotted in sorted(self.names.member(owner, attribute)) if attribute else ():
            api = self.names.interest.match(dotted)
            alias = through is not None and owner == through.name
            patching = call is not None and _is_target(node, call)
            known = patching and call is not None and is_patching(call)
            if api is not None:
                unknown = "name.ambiguous" if others else _unknown(call, known)
                yield Target(
                    module, node, parents, call if patching else None, "string", api,
                    owner, attribute, through, alias, said=said,
                    problem=unknown or unsaid,
                )  # fmt: skip
            elif (
                known
                and (alias or self.names.interest.leads(dotted))
                and (eventlet_api.is_eventlet(dotted))
            ):
                yield Target(
                    module, node, parents, call, "whole", dotted, owner, attribute,
                    through, problem="mock.whole-module",
                )  # fmt: skip

    def _split(self, text: str) -> tuple[Module | None, str, str, bool]:
        """The repository's module in a dotted path, the owner, and the attribute.

        Last, whether the owner may be something else than Eventlet's as well.
        """
        owner, _, attribute = text.rpartition(".")
        if eventlet_api.is_eventlet(text):
            return None, owner, attribute, False
        parts = owner.split(".")
        for end in range(len(parts), 0, -1):
            name = ".".join(parts[:end])
            if name not in self.names.project.by_name:
                continue
            through, others = self.names.project.named(name), False
            for part in parts[end:]:
                members = self.names.member(name, part)
                name = _one_of(members)
                others = others or len(set(map(eventlet_api.is_eventlet, members))) > 1
            return through, name, attribute, others
        return None, owner, "", False

    def _is_led_off(self, text: str) -> bool:
        """Whether a path begins with a module of ours, and is not followed to its end.

        One that is passed on is only known where a text spells that.
        """
        through, owner, _, _ = self._split(text)
        return through is not None and not eventlet_api.is_eventlet(owner)

    def _half_known(
        self,
        module: Module,
        node: ast.expr,
        parents: list[ast.AST],
        call: ast.Call,
        text: str,
    ) -> Iterator[Target]:
        """A computed target that ends in ``eventlet.sleep`` or its like."""
        if not is_patching(call):
            return
        tail = _TAIL.search(text)
        api = self.names.interest.match(tail[0]) if tail else None
        if tail and api is not None:
            owner, _, attribute = tail[0].rpartition(".")
            yield Target(
                module, node, parents, call, "string", api, owner, attribute,
                problem="mock.computed",
            )  # fmt: skip


def _module_of(call: ast.Call) -> ast.expr | None:
    """The module, named or given, of which a call replaces several names."""
    first = call.args[0] if call.args else None
    if spelled(call.func).endswith("multiple"):
        return first
    if not spelled(call.func).endswith(("patch.dict", "setitem")):
        return None
    if isinstance(first, ast.Attribute) and first.attr == "__dict__":
        return first.value
    named = first.value if isinstance(first, ast.Constant) else None
    if isinstance(named, str) and named.endswith(".__dict__"):
        return ast.Constant(named.removesuffix(".__dict__"))
    return None


def _names_given(call: ast.Call, module: Module) -> frozenset[str]:
    """The names that a call gives values for; if it is computed, all it may give."""
    given = [keyword.value for keyword in call.keywords if keyword.arg is None]
    found = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
    for node in (*call.args[1:2], *given):
        keys = node.keys if isinstance(node, ast.Dict) else [node]
        literal = all(isinstance(key, ast.Constant) for key in keys)
        found |= _words(node if literal else module.tree)
    return frozenset(found)


def _words(tree: ast.AST) -> set[str]:
    """The strings, and the names of arguments, that are somewhere in a tree."""
    nodes = list(ast.walk(tree))
    said = {node.value for node in nodes if isinstance(node, ast.Constant)}
    named = {node.arg for node in nodes if isinstance(node, ast.keyword)}
    return {word for word in (*said, *named) if isinstance(word, str)}


def _ends(text: bytes, word: bytes) -> Iterator[int]:
    """The offsets behind a word wherever it stands."""
    start = text.find(word)
    while start >= 0:
        yield start + len(word)
        start = text.find(word, start + len(word))


def _is_class(use: Use) -> bool:
    """Whether a place names a class of Eventlet's by its full name, for certain."""
    last = use.api.rpartition(".")[2]
    is_module = use.api.startswith("eventlet.green.")
    return last[:1].isupper() and not (is_module or use.aliases or use.others)


def _one_of(members: frozenset[str]) -> str:
    """The one path, or of several the first of Eventlet's: any of them is a mock's."""
    if len(members) == 1:
        return next(iter(members))
    return min(filter(eventlet_api.is_eventlet, members), default=UNKNOWN)


def _is_set(path: list[ast.AST]) -> bool:
    """Whether a string is the key under which something is put into ``sys.modules``."""
    above = path[-2]
    if isinstance(above, ast.Subscript):
        stored = isinstance(above.ctx, ast.Store)
        return stored and ast.unparse(above.value) == "sys.modules"
    call = _enclosing_call(path)
    return call is not None and any(
        ast.unparse(argument).strip("'\"") == "sys.modules"
        for argument in call.args[:1]
    )


def _several(module: Module) -> list[int]:
    """Where a file may replace several names at once, by its text."""
    text = module.source.utf8
    found = chain.from_iterable(each.finditer(text) for each in _MULTIPLE)
    return [each.start() for each in found]


def _is_target(node: ast.expr, call: ast.Call) -> bool:
    """Whether a call gets the string as what it patches, not as something else."""
    named = [k.value for k in call.keywords if k.arg in ("target", "name")]
    return node in (*call.args[:1], *named)


def _whole(path: list[ast.AST]) -> list[ast.AST]:
    """The path down to all that a string is put together with."""
    end = len(path)
    while isinstance(path[end - 2], (ast.BinOp, ast.JoinedStr, ast.FormattedValue)):
        end -= 1
    return path[:end]


def _says(module: Module, whole: ast.expr, said: str) -> bool:
    """Whether one literal in an expression ends with a text that is nowhere else."""
    ends = any(
        isinstance(node, ast.Constant) and str(node.value).endswith(said)
        for node in ast.walk(whole)
    )
    text = module.source.slice(*module.source.span(whole))
    return bool(said) and ends and text.count(said) == 1


def _gets_logger(call: ast.Call) -> bool:
    """``logging.getLogger("eventlet.wsgi.server")``: a name of a logger may be any."""
    return last_name(call.func) == "getLogger"


def _unknown(call: ast.Call | None, known: bool) -> str:
    """The reason against a string that no known mock receives."""
    if known:
        return ""
    return "string.unknown" if call is None else "mock.unknown-helper"


def _enclosing_call(path: list[ast.AST]) -> ast.Call | None:
    """The nearest call around the last node of a path."""
    return next((n for n in reversed(path[:-1]) if isinstance(n, ast.Call)), None)


def _computed(node: ast.AST, parents: list[ast.AST]) -> bool:
    """Whether a string is only part of the value that is used."""
    return isinstance(node, ast.JoinedStr) or isinstance(
        parents[-1], (ast.BinOp, ast.JoinedStr, ast.FormattedValue, ast.Attribute)
    )


def mocks_of(module: Module, dotted: str) -> Iterator[Target]:
    """Plain mocks of a standard-library function in a file: ``time.sleep``.

    Found by text, for the one question whether a fake would call itself.
    """
    owner, _, attribute = dotted.rpartition(".")
    text = module.source.utf8
    quoted = re.compile(rf"{re.escape(attribute)}['\"]".encode())
    whole = re.compile(rb"%b%b\.\Z" % (OPENING, re.escape(owner).encode()))
    apart = re.compile(rf"""\b{re.escape(owner)}\s*,\s*['"]\Z""".encode())
    for found in quoted.finditer(text):  # a literal first: it is met rarely
        before = text[max(0, found.start() - 200) : found.start()]
        is_string = whole.search(before) is not None
        if not is_string and apart.search(before) is None:
            continue
        path = literal_at(module, found.start())
        call = _enclosing_call(path) if path else None
        if path is None or call is None or not is_patching(call):
            continue
        node = path[-1]
        assert isinstance(node, ast.expr)
        form: Literal["string", "object"] = "string" if is_string else "object"
        yield Target(module, node, path[:-1], call, form, dotted, owner, attribute)
