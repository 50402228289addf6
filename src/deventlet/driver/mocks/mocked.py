"""Whether a file's tests put something in the place of a library's function.

Told by words, which says yes too often and never too rarely: of what runs with a site
in its file, that is its own function, those that lead to it, and what these name; and
of what runs with each test of a class, for those that are derived from it elsewhere.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from deventlet.resolve.project import Module
from deventlet.source.text import SourceFile

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WITH = (ast.With, ast.AsyncWith)
_WORD = re.compile(rb"\w+")
_MOCKING = re.compile(rb"(?i)mock|monkeypatch|stub|set_?attr|\bpatch(?:object)?\b")
"""Of what a file speaks that puts something in another thing's place."""
_FIXTURE = re.compile(r"(?i)(?:async_?)?set_?up")
"""How the names begin of what runs before each test of a class or a file."""

_NEAR = 200
"""How many bytes before and after a name belong to the arguments that it is among."""

_Parts = dict[str, list[ast.AST]]


def is_mocked(
    module: Module, dotted: str, parents: Sequence[ast.AST], on_import: bool
) -> bool:
    """Whether what runs with a site puts something in a function's place.

    :param dotted: such as ``time.sleep``.
    :param parents: the path from the module down to the site.
    :param on_import: whether the site runs while the file is imported: no test does.
    """
    source = module.source
    if not may_mock(dotted)(source.utf8):
        return False
    mock, file = _mock_of(dotted), module.of_tree(_read)
    if on_import:
        parents = [node for node in parents if not isinstance(node, _FUNCTIONS)]
    own = _name(parents)
    around = {""} if on_import else file.together(own)
    if own:
        around.discard(own)
    return mock.search(_own(parents, source)) is not None or any(
        mock.search(file.texts[each]) for each in around
    )


def is_mocked_for(module: Module, name: str, dotted: str) -> bool:
    """Whether what runs with each test of a class puts something in its place.

    :param name: of the class, which may be the base of others elsewhere.
    """
    file, mock = module.of_tree(_read), _mock_of(dotted)
    if name not in file.texts:
        return False
    around = _reached({name} | file.automatic, file.named)
    return any(mock.search(file.texts[each]) for each in around)


def is_mocked_on_loading(module: Module, dotted: str) -> bool:
    """Whether what runs when a file is loaded puts something in a function's place.

    Or what runs with every test because the file is.
    """
    file, mock = module.of_tree(_read), _mock_of(dotted)
    around = _reached({""} | file.automatic, file.named)
    return any(mock.search(file.texts[each]) for each in around)


def classes_with(module: Module, parents: Sequence[ast.AST]) -> Iterator[str]:
    """The classes at the top of a file whose tests a site may run in."""
    leading = _reached({_name(parents)}, module.of_tree(_read).users)
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name in leading:
            yield node.name


@cache
def may_mock(dotted: str) -> Callable[[bytes], bool]:
    """Whether a file's text looks as if it put something in a function's place.

    One question for each function, so that a project remembers what its texts answer.
    """
    name, mock = dotted.rpartition(".")[2].encode(), _mock_of(dotted)
    stored = _stored(dotted)

    def asked(text: bytes) -> bool:
        said = _may_match(mock, name, text) and _MOCKING.search(text)
        return bool(said) or stored.search(text) is not None

    return asked


@cache
def _mock_of(dotted: str) -> re.Pattern[bytes]:
    """What says a function as a mock's target, or puts another there, by text."""
    owner, _, name = dotted.rpartition(".")
    other = rf"(?!\s*,\s*\w+\.{name}\s*\))"  # not what does the same
    quoted = rf"""(?:\b{re.escape(owner)}\.{name}['"]|,\s*['"]{name}['"]){other}"""
    return re.compile(b"%b|%b" % (quoted.encode(), _stored(dotted).pattern))


@cache
def _stored(dotted: str) -> re.Pattern[bytes]:
    """``time.sleep = fake``, by text; begins with plain text to be found fast."""
    return re.compile(rb"%b[ \t]*=(?!=)" % re.escape(dotted).encode())


def _may_match(mock: re.Pattern[bytes], name: bytes, text: bytes) -> bool:
    """Whether a pattern matches around a name that ends a string of a text.

    Looks at these places only: a text is large, and the pattern begins with anything.
    """
    return any(
        mock.search(text, max(0, found.start() - _NEAR), found.end() + _NEAR)
        for found in re.finditer(rb"%b['\"]" % re.escape(name), text)
    )


def _parts(tree: ast.Module) -> tuple[_Parts, dict[str, set[str]]]:
    """Functions, and what is left of classes and the file, by name; whose methods.

    Those of one name count as one, but for what runs before tests; the file has none.
    """
    parts: defaultdict[str, list[ast.AST]] = defaultdict(list)
    classes: defaultdict[str, set[str]] = defaultdict(set)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            parts[node.name] += [*node.decorator_list, *node.bases]
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        outer = node.name if isinstance(node, ast.ClassDef) else ""
        for each in inner:
            name = _key(outer, each.name) if isinstance(each, _FUNCTIONS) else outer
            classes[name] |= {outer} - {name}
            parts[name] += [each, *getattr(each, "decorator_list", [])]
    return {"": [], **parts}, {name: classes[name] for name in ("", *parts)}


@dataclass(frozen=True, slots=True)
class _File:
    """The functions and classes of a file, by name, and how they name each other.

    :param named: what each names, and what runs with it.
    :param users: what names each, and what it runs with.
    :param automatic: what runs with every test.
    """

    texts: dict[str, bytes]
    named: dict[str, set[str]]
    users: dict[str, set[str]]
    automatic: frozenset[str]

    def together(self, own: str) -> set[str]:
        """The functions and classes that may run in one test with another one.

        With a class, and with the file, what runs before each test.
        """
        leading = _reached({own}, self.users) - {""}
        return _reached(leading | {""} | self.automatic, self.named)


def _read(module: Module) -> _File:
    parts, classes = _parts(module.tree)
    texts = {each: _text(nodes, module.source) for each, nodes in parts.items()}
    known = {name.encode(): name for name in texts}
    named = {name: set(classes[name]) for name in texts}
    users = {name: set(classes[name]) for name in texts}
    for name, text in texts.items():
        for word in known.keys() & set(_WORD.findall(text)):
            named[name].add(known[word])
            users[known[word]].add(name)
    for name in texts:
        owner, _, method = name.rpartition(".")
        if _FIXTURE.match(method):
            named[owner].add(name)
    automatic = frozenset(name for name, text in texts.items() if b"autouse" in text)
    return _File(texts, named, users, automatic)


def _reached(start: Iterable[str], edges: dict[str, set[str]]) -> set[str]:
    found, waiting = set[str](), set(start)
    while waiting:
        found |= waiting
        waiting = set[str]().union(*(edges[each] for each in waiting)) - found
    return found


def _key(owner: str, name: str) -> str:
    """A function's name, with its class for what runs before the tests of that."""
    return f"{owner}.{name}" if owner and _FIXTURE.match(name) else name


def _name(parents: Sequence[ast.AST]) -> str:
    """The function around a site at the top of the file or of a class, or the class."""
    match parents[1:3]:
        case [
            ast.ClassDef(name=owner),
            (ast.FunctionDef() | ast.AsyncFunctionDef()) as f,
        ]:
            return _key(owner, f.name)
        case [(ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef()) as top, *_]:
            return top.name
    return ""


def _own(parents: Sequence[ast.AST], source: SourceFile) -> bytes:
    """The function of a site, without the mocks that do not hold where the site is.

    A function inside of it may be called in any of them.
    """
    functions = [n for n in parents if isinstance(n, (*_FUNCTIONS, ast.Lambda))]
    if not functions:
        items = (i for n in parents if isinstance(n, _WITH) for i in n.items)
        return _text(items, source)
    outer, text = functions[0], bytearray(source.utf8)
    if len(functions) == 1 and isinstance(outer, _FUNCTIONS):
        others = (n for n in ast.walk(outer) if isinstance(n, _WITH))
        for item in (i for n in others if n not in parents for i in n.items):
            start, end = source.span(item.context_expr)
            text[start:end] = b" " * (end - start)
    spans = map(source.span, [outer, *getattr(outer, "decorator_list", [])])
    return b"\n".join(bytes(text[start:end]) for start, end in spans)


def _text(nodes: Iterable[ast.AST], source: SourceFile) -> bytes:
    return b"\n".join(
        source.utf8[slice(*source.span(node))] for node in _spanned(nodes)
    )


def _spanned(nodes: Iterable[ast.AST]) -> Iterator[ast.expr | ast.stmt]:
    for node in nodes:
        found = node.context_expr if isinstance(node, ast.withitem) else node
        assert isinstance(found, (ast.expr, ast.stmt))
        yield found
