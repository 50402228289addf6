"""What must hold of any program: the whole promise, checked on one of them.

The series is computed on a copy in a folder of its own; then every state on its way is
run. What does not hold is an ``AssertionError`` that shows the program.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import io
import re
import tempfile
import tokenize
from codecs import BOM_UTF8
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import UnionType

from benchmarks.replay import Code
from deventlet.codemod import Action, Fold, Instead, Site, Unwrap
from deventlet.config import load
from deventlet.driver.inventory import take_inventory
from deventlet.driver.run import Outcome, Request
from deventlet.inventory import Inventory
from deventlet.registry import pages
from deventlet.series.chunks import Split
from deventlet.series.compute import compute
from deventlet.source.discover import discover
from tests.fuzz.interpreters import HUNG, PATIENCE, Ran, World, interpreter
from tests.fuzz.programs import BOTH_WAYS, Program
from tests.support.orders import shuffled_by_stage
from tests.support.tool import write_files

Texts = Mapping[str, bytes]
_ASSUMED = frozenset({"green-free"})
"""What its user would say of a program: what is left green is refused by itself."""
_TIMES = 8
retried: Counter[str] = Counter()
"""How many states did as before only when they were run again, with more time."""


@dataclass(eq=False)
class Series:
    """What a series in one order makes of some files."""

    program: Program
    before: Texts
    order: Sequence[str]

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """One for each codemod."""
        return self._computed[0]

    @cached_property
    def after(self) -> Texts:
        """The files at the end, those that are made among them."""
        return self._computed[1]

    @cached_property
    def inventory(self) -> Inventory:
        """What a scan says of the files before."""
        with self._request() as request:
            files, config, assumed = request.files, request.config, request.assume
            return take_inventory(request.root, files, files, config, assumed)

    @property
    def states(self) -> Iterator[tuple[str, Texts]]:
        """The files after each codemod that changes something, with its name."""
        texts = dict(self.before)
        for outcome in self.outcomes:
            changes = outcome.changes.items()
            texts.update({path: after for path, (_, after) in changes})
            if outcome.changes:
                yield outcome.page.name, dict(texts)

    @cached_property
    def _computed(self) -> tuple[list[Outcome], Texts]:
        texts = dict(self.before)
        chosen = [pages()[name] for name in self.order]
        with self._request() as request:
            outcomes = compute(chosen, request, texts, Split(), lambda *_: frozenset())
        return outcomes, texts

    @contextmanager
    def _request(self) -> Iterator[Request]:
        """A request for the files before, in a folder that is there for its time."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_files(self.before, root)
            (root / "deventlet.toml").write_text(self.program.config)
            tree, assumed = discover([root]), _ASSUMED
            if not _patches(self.before):
                assumed |= {"process-patched"}
            selected = frozenset(tree.selected)
            yield Request(tree.root, tree.files, selected, load(root), assumed)


def _patches(texts: Texts) -> bool:
    """Whether a program says itself what is patched."""
    own = (text for path, text in texts.items() if path != BOTH_WAYS)
    return any(b"monkey_patch" in text for text in own)


def check(program: Program) -> int:
    """Everything; how many sites were rewritten."""
    before = program.contents
    series = Series(program, before, [*pages()])
    with _showing(series):
        _is_python(series)
        _no_name_is_lost(series)
        _only_sites_change(series)
        _again_changes_nothing(series)
        _order_does_not_matter(series)
        if _is_comparable(interpreter("green").run(_runnable(before))):
            _calls_have_a_verdict(series)
            _does_the_same(series)
    return sum(len(outcome.changes) for outcome in series.outcomes)


class _showing:  # noqa: N801 - reads as a word of `check`
    """Shows the program with whatever is said about it."""

    def __init__(self, series: Series) -> None:
        self.series = series

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if error is not None:
            error.add_note(show(self.series.program))
            if "_computed" in vars(self.series):
                error.add_note("became\n" + _shown(self.series.after))


def show(program: Program) -> str:
    """A program as it stands in the corpus."""
    head = f"variant {program.variant}, seed {program.seed}, config {program.config!r}"
    return f"{head}\n{_shown({p: t.encode() for p, t in program.files.items()})}"


def _shown(texts: Texts) -> str:
    return "\n".join(
        f"```python program path={path}\n{text.decode('utf-8', 'replace')}```"
        for path, text in texts.items()
    )


def _is_python(series: Series) -> None:
    """Every state compiles, and nothing stands in the way of that."""
    assert not series.inventory.problems, series.inventory.problems
    for outcome in series.outcomes:
        assert not outcome.problems, outcome.problems
    for name, texts in series.states:
        for path, text in texts.items():
            if path.endswith(".py"):
                try:
                    compile(text, path, "exec", dont_inherit=True)
                except SyntaxError as error:
                    raise AssertionError(f"{name}: {path}: {error}") from error


def _no_name_is_lost(series: Series) -> None:
    """A name that is read is bound in its file, unless it was not before either."""
    for name, texts in series.states:
        for path, text in _runnable(texts).items():
            lost = _unbound(text) - _unbound(series.before.get(path, b""))
            assert not lost, f"{name}: {path}: nothing binds {sorted(lost)}"


def _unbound(text: bytes) -> set[str]:
    """The names that a file reads and that nothing in it binds, wherever it does."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    for node in nodes:
        if isinstance(node, ast.alias):
            bound.add(node.asname or node.name.partition(".")[0])
        bound.update(str(getattr(node, key, "")) for key in ("name", "arg"))
    return read - bound - {*dir(builtins)}


def _again_changes_nothing(series: Series) -> None:
    second = Series(series.program, series.after, series.order)
    assert second.after == series.after, f"again: {_shown(second.after)}"


def _order_does_not_matter(series: Series) -> None:
    order = shuffled_by_stage(series.program.seed)
    other = Series(series.program, series.before, order)
    plain, expected = _plain(other), _plain(series)
    assert plain == expected, f"order {order}:\n{_shown(other.after)}"


def _plain(series: Series) -> dict[str, object]:
    """The files without how added imports are ordered, and what new things are called.

    A name that one codemod has imported for a place where another is taken is there
    for the next one, too; and a variable of the next one is called otherwise then. A
    block may have lost its imports to a name that another codemod imported.
    """
    own = b" ".join(series.before.values()).decode("latin-1")
    return {
        path: _code(text, own) if path.endswith(".py") else text
        for path, text in series.after.items()
    }


def _code(text: bytes, own: str) -> tuple[frozenset[str], str]:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(text).readline)
    plain = text.decode(encoding).replace("coding: latin-1", "coding: utf-8", 1)
    code = Code(ast.unparse(_passing(ast.parse(plain))).encode())
    return code.imported, _NUMBERED.sub(
        lambda found: found[0 if found[0] in own else 1], code.tree
    )


def _passing(tree: ast.Module) -> ast.Module:
    """The syntax with a ``pass`` in each conditional block that only imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and all(map(_is_import, node.body)):
            imports = [each for each in node.body if not isinstance(each, ast.Pass)]
            node.body = [*imports, ast.Pass()]
    return tree


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass)


_NUMBERED = re.compile(r"(?<=id=')(\w+)_\d+(?=')")
"""A name in a dump of syntax, with a number that tells it from one that is taken."""


# -- what may change -------------------------------------------------------------------


def _only_sites_change(series: Series) -> None:
    """Every line that holds no import and no statement of a site stays as it is."""
    for outcome in series.outcomes:
        lines = _lines_of_sites(outcome)
        whole = _starts(outcome, Instead | Fold | Unwrap)
        inside = _starts(outcome, Unwrap)
        for path, (before, after) in outcome.changes.items():
            if path.endswith(".py"):
                free = lines.get(path, set()) | _lines_of_imports(before)
                free |= _lines_of_statements(before, whole[path], inside[path])
                _keeps(outcome.page.name, path, before, after, free)


def _lines_of_sites(outcome: Outcome) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for site in _sites(outcome):
        lines = range(site.line, site.end_line + 1)
        found.setdefault(site.path, set()).update(lines)
    return found


def _sites(outcome: Outcome) -> Iterator[Site]:
    for verdict in outcome.verdicts:
        if verdict.applies:
            yield from (*verdict.subject.sites, *verdict.subject.intercepts)
            yield from verdict.rewrite.actions if verdict.rewrite else ()


def _starts(
    outcome: Outcome, kinds: type[Action] | UnionType
) -> defaultdict[str, set[int]]:
    """The lines, by file, of the sites that an action of some kinds is for."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for verdict in outcome.verdicts:
        if verdict.applies and verdict.rewrite is not None:
            for site, action in verdict.rewrite.actions.items():
                if isinstance(action, kinds):
                    found[site.path].add(site.line)
    return found


def _lines_of_statements(text: bytes, starts: set[int], inside: set[int]) -> set[int]:
    """The lines of every statement, with its body, that gives way to others.

    :param starts: the lines of sites whose statement does.
    :param inside: those of sites where the ``try`` does that begins with it.
    """
    return {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt)
        and (
            not starts.isdisjoint(_own_lines(node))
            or (isinstance(node, ast.Try) and node.body[0].lineno in inside)
            or _is_emptied(node, starts)
        )
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }


def _is_emptied(node: ast.stmt, starts: set[int]) -> bool:
    """Whether it is an ``if`` whose statements all give way to others, or go."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    return not any(starts.isdisjoint(_own_lines(each)) for each in node.body)


def _lines_of_imports(text: bytes) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(range(node.lineno, (node.end_lineno or 0) + 1))
        if isinstance(node, ast.Try | ast.If) and all(map(_imports, ast.walk(node))):
            found.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return found


def _imports(node: ast.AST) -> bool:
    """Whether a node may be part of a block that is there for an import."""
    return not isinstance(node, ast.stmt) or isinstance(
        node, ast.Import | ast.ImportFrom | ast.Try | ast.If | ast.Pass | ast.Assign
    )


def _keeps(name: str, path: str, before: bytes, after: bytes, free: set[int]) -> None:
    """The lines of statements that hold none of the free ones are kept, in order."""
    changing = set(free)
    for node in ast.walk(ast.parse(before)):
        if isinstance(node, ast.stmt):
            lines = _own_lines(node)
            if not changing.isdisjoint(lines):
                free |= set(lines)
    left = iter(_lines(after))
    for number, kept in enumerate(_lines(before), 1):
        if number in free or not kept:
            continue
        assert any(kept == other for other in left), (
            f"{name}: {path}:{number} is gone: {kept!r}\n{_diff(before, after)}"
        )


def _lines(text: bytes) -> list[bytes]:
    """The lines, without indentation; a BOM belongs to the file, not to a line."""
    return [line.strip() for line in text.removeprefix(BOM_UTF8).split(b"\n")]


def _own_lines(node: ast.stmt) -> range:
    """The lines of a statement; of a compound one, those of its header."""
    body = getattr(node, "body", getattr(node, "cases", None))
    last = node.end_lineno or node.lineno
    if isinstance(body, list) and body:
        first = body[0]
        line = getattr(first, "lineno", None) or first.pattern.lineno
        last = max(node.lineno, line - 1) if line > node.lineno else last
    return range(node.lineno, last + 1)


def _diff(before: bytes, after: bytes) -> str:
    old, new = (text.decode("utf-8", "replace").split("\n") for text in (before, after))
    return "\n".join(difflib.unified_diff(old, new, lineterm=""))


# -- what runs -------------------------------------------------------------------------


def _runnable(texts: Texts) -> dict[str, bytes]:
    return {path: text for path, text in texts.items() if path.endswith(".py")}


def _calls_have_a_verdict(series: Series) -> None:
    """Where the interpreter calls Eventlet's, a scan has a site.

    Or it has one where the function or class is passed on as a value.
    """
    ran = interpreter("calls").run(_runnable(series.before))
    entries = series.inventory.entries
    covered = {
        (entry.site.path, line)
        for entry in entries
        for line in range(entry.site.line, entry.site.end_line + 1)
    }
    passed = {
        entry.site.api.rpartition(".")[2]
        for entry in entries
        if entry.site.form == "reference"
    }
    missed = [
        call
        for call in ran.calls
        if call[:2] not in covered and call[2].partition(".")[0] not in passed
    ]
    assert not missed, f"no verdict: {missed}"


def _is_comparable(ran: Ran) -> bool:
    """Whether a program ends, and not by an error that need not stay.

    One that only Eventlet raises, or a name that was never bound.
    """
    return ran.status != HUNG and not any(error in ran.stderr for error in _MAY_GO)


_MAY_GO = ("Trying to re-send() an already-triggered event", "NameError: name ")


def _does_the_same(series: Series) -> None:
    """Each state under Eventlet, and the last without it, does what was done before."""
    expected = interpreter("green").run(_runnable(series.before))
    after: Texts = series.before
    for name, after in series.states:
        _alike(f"after {name}", series.before, expected, after, "green")
    if after is not series.before and not _mentions(after):
        _alike("native", series.before, expected, after, "native")


def _mentions(texts: Texts) -> bool:
    """Whether any import or string of a program is still Eventlet's."""
    return any(
        _is_green(node)
        for path, text in _runnable(texts).items()
        if path != BOTH_WAYS
        for node in ast.walk(ast.parse(text))
    )


def _is_green(node: ast.AST) -> bool:
    match node:
        case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
            package = name.partition(".")[0]
            return package in ("eventlet", "greenlet") or name.startswith("Green")
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.startswith("Green")
        case ast.Constant(value=str(text)):
            return text.startswith("eventlet.")
    return False


def _alike(
    state: str, before: Texts, expected: Ran, after: Texts, world: World
) -> None:
    """The state behaves as before; if not, both are run again to be sure."""
    found = interpreter(world).run(_runnable(after))
    if found.behaviour in _right(expected):
        return
    if any(ran.behaviour != expected.behaviour for ran in _again(before, "green")):
        return  # it does not know itself what it does
    if not _is_comparable(interpreter("green").run(_lingering(before))):
        return  # it would have failed as well, had a thread of it got its turn
    tries = _again(after, world)
    assert any(ran.behaviour in _right(expected) for ran in tries), (
        f"{state}: {found.behaviour} instead of {expected.behaviour}\n"
        f"{found.stderr}\nbefore: {expected.stderr}\n{_shown(after)}"
    )
    retried["hung" if found.status == HUNG else "uneven"] += 1


def _again(texts: Texts, world: World) -> Iterator[Ran]:
    """Some more runs, each with all the time that a busy machine may take.

    What hangs with that much hangs always.
    """
    for _ in range(_TIMES):
        ran = interpreter(world).run(_runnable(texts), PATIENCE)
        yield ran
        if ran.status == HUNG:
            break


def _lingering(before: Texts) -> dict[str, bytes]:
    """The program, at whose end the threads run that it has not waited for."""
    (main, text), *others = _runnable(before).items()
    return {main: text + b"\nimport eventlet\neventlet.sleep(0.05)\n", **dict(others)}


def _right(expected: Ran) -> set[tuple[str, int, bool]]:
    """What a program may do that did this.

    The hub also prints the traceback of a thread that somebody waits for, and who
    waits gets the exception: a future only gives it.
    """
    stdout, status, complains = expected.behaviour
    by_thread = expected.stderr.count("greenthread.py")
    if by_thread and by_thread == expected.stderr.count("Traceback"):
        return {(stdout, status, complains), (stdout, status, False)}
    return {(stdout, status, complains)}
