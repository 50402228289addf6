"""Who else uses a name of the standard library that a moved mock would replace.

A mock of ``eventlet.X`` is met by what names Eventlet; one of ``threading.X`` by the
standard library as well, and by every library that uses it. Facts only; the page
``reasons.md`` states the rule.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping

_ALWAYS = frozenset({
    "threading.Lock", "threading.RLock", "threading.Condition", "threading.local",
    "threading.get_ident", "threading.current_thread", "threading.main_thread",
    "time.time", "time.monotonic",
})  # fmt: skip
"""Used by logging, by locks and by the start of a thread, and so in every test."""

_THREADS = (
    rb"spawn\w*|\w*Thread\w*|Timer|\w*Executor|\w*executor(?=\()|\w*Pool|futures"
    rb"|futurist|\w*loopingcall|\w*LoopingCall|\w*Launcher|\w*start_\w*service\w*"
    rb"|periodics|serve"
)
_USERS: Mapping[str, bytes] = {
    "threading.Event": _THREADS,
    "threading.Thread": (
        rb"Timer|\w*Executor|\w*executor(?=\()|futures|\w*Launcher|start_\w*(?=\()"
    ),
    "threading.Semaphore": rb"futures|ThreadPoolExecutor",
    "queue.Queue": rb"\w*ThreadPool\w*|QueueListener|multiprocessing",
    "queue.LifoQueue": rb"requests|urllib3|\w*ConnectionPool",
    "queue.PriorityQueue": rb"",
}
"""Words for what makes objects of a class in the standard library and beside it."""


_NO_CODE = frozenset({
    tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT,
})  # fmt: skip


def user(name: str, known: Collection[str], *texts: bytes) -> str:
    """What else uses a name in some texts; empty if nothing there is known to.

    :param name: dotted; a member of a class counts as the class.
    :param known: functions of the repository whose own text is among these.
    :param texts: code; what its comments and docstrings tell is nobody's use.
    """
    if name in _ALWAYS:
        return "the standard library itself"
    found_in = next(
        (_USERS[n] for n in (name, name.rpartition(".")[0]) if n in _USERS), b""
    )
    if not found_in:
        return ""
    pattern = re.compile(rb"\b(?:" + found_in + rb")\b")
    speaking = (text for text in texts if any(_words(pattern, text, known)))
    words = (word for text in speaking for word in _words(pattern, _code(text), known))
    return next(words, "")


def _words(
    pattern: re.Pattern[bytes], text: bytes, known: Collection[str]
) -> Iterator[str]:
    """What a pattern finds in a text, but for what is known."""
    words = (each[0].decode() for each in pattern.finditer(text))
    return (word for word in words if word not in known)


def _code(text: bytes) -> bytes:
    """A text without comments and docstrings; all of it, if it cannot be read."""
    statements: list[list[tokenize.TokenInfo]] = [[]]
    said = io.StringIO(text.decode("utf-8-sig", errors="replace"))
    try:
        for token in tokenize.generate_tokens(said.readline):
            if token.type == tokenize.NEWLINE:
                statements.append([])
            elif token.type not in _NO_CODE:
                statements[-1].append(token)
    except (tokenize.TokenError, SyntaxError):
        return text
    return b"\n".join(_line(each) for each in statements if not _is_told(each))


def _is_told(statement: Iterable[tokenize.TokenInfo]) -> bool:
    """Whether a statement is a string, and nothing that runs."""
    return all(
        token.type == tokenize.STRING and "f" not in _prefix(token.string)
        for token in statement
    )


def _prefix(string: str) -> str:
    """The letters before the quotes of a string."""
    return string.partition(string[-1])[0].lower()


def _line(tokens: Iterable[tokenize.TokenInfo]) -> bytes:
    """Tokens with a space where something was between them."""
    parts: list[str] = []
    end = None
    for token in tokens:
        parts += [token.string] if token.start == end else [" ", token.string]
        end = token.end
    return "".join(parts).encode()
