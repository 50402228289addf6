"""What analysis tells a codemod about a site: plain data, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Role:
    """How a reference (not a call) is used.

    ``called`` is True when every call that the reference can reach is known; each
    entry of ``shapes`` is then the number of positional arguments of one of them,
    with no keyword and no star. Otherwise ``why`` says where it escapes to.
    ``asked`` is True where a test asks a mock that stands in the name's place.
    """

    called: bool
    shapes: tuple[int, ...] = ()
    why: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A use of an object of Eventlet's.

    :param name: the method or attribute, or ``with``, ``iter``, ``raise``.
    :param result: what becomes of what it gives: ``discarded``, ``assigned``,
        ``returned``, ``argument``, ``condition``, ``iterated``, ``collected``,
        ``entered``, ``used``; ``reference`` if it is not called, ``stored`` if it is
        assigned to, ``mocked`` if a test puts a mock in its place.
    """

    name: str
    result: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of a module at a place where it is named.

    :param name: its attribute there, also by ``getattr`` or a mock with a literal
        name; empty where the module itself goes somewhere.
    :param how: ``read``, ``called``, ``assigned``, ``mocked``; for the module itself
        ``bound`` to another name of the same subject, or ``passed`` on.
    :param keywords: the keywords of the call, if it is called.
    :param given: the source of what it is called with by place.
    :param by_name: whether a name of the attribute's own stands there, as after
        ``from module import name``, and not the module.
    :param why: where the module is passed to, in words.
    """

    name: str
    how: Literal["read", "called", "assigned", "mocked", "bound", "passed"]
    keywords: frozenset[str] = frozenset()
    given: tuple[str, ...] = ()
    by_name: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Patched:
    """Whether a stdlib module is green wherever a site runs.

    ``proven`` with the clause that proves it; otherwise the reason code
    (``process.unpatched``, or ``process-patched`` for what only the user can
    know) and what was found.
    """

    proven: bool
    clause: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of green threads in the processes that run a site.

    :param places: ``path:line`` of each site that has to go first, in order.
    :param doubt: a clause: why there may be something green but for these; empty
        if that is proven not to be.
    """

    places: tuple[str, ...]
    doubt: str


@dataclass(frozen=True, slots=True)
class Patching:
    """A call of ``monkey_patch``, and the processes that it is for.

    :param places: ``path:line`` of each site of them that needs green threads.
    :param doubt: a clause: why there may be something green but for these.
    :param within: ``module`` for a statement that runs when its file is loaded or
        run, ``function``, ``wrapper`` for a function that does nothing else, or
        ``branch`` for what runs on some condition.
    :param saved: a file of them that takes a module which the call puts aside.
    :param services: whether they have services of oslo.service, without its native
        backend.
    :param selected: where a backend may be selected before the call.
    :param begins: whether a process begins with the file of the call.
    :param begun: whether all processes that load it begin with another such call.
    :param repeated: whether it does nothing, as tests have patched as much before it.
    """

    places: tuple[str, ...]
    doubt: str
    within: str
    saved: str
    services: bool
    selected: str
    begins: bool
    begun: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop that runs a site most often.

    :param kind: ``once`` if there is none; ``finite`` if what it goes over certainly
        ends; ``data`` if that depends on what comes; ``endless`` if it may go on
        as long as the program does.
    :param where: the place of the loop, ``path:line``.
    """

    kind: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A function that a site hands over to be run at another time.

    :param known: whether every function that it may be is the repository's.
    :param silent: whether none of them can raise: all their code is in a ``try``
        that catches everything and only logs it.
    :param ends: a place where it, or what it calls, may raise what is no
        ``Exception``, such as ``SystemExit`` or Eventlet's ``Timeout``.
    :param own: a place where it, or what it calls, uses what its thread has for itself.
    """

    known: bool
    silent: bool = False
    ends: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the repository that a thread runs; places are ``path:line``.

    :param exits: where it, or what it calls, ends the process; empty if nowhere.
    :param endless: where a loop of it has no end.
    :param caught: where it catches what kills a green thread.
    :param current: where it asks for the green thread that it runs in.
    :param main: where it does what only the main thread may, or forks.
    :param parameters: what may be given by keyword, in order, without ``self``.
    """

    name: str
    where: str
    exits: str
    endless: str
    caught: str
    current: str
    main: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """What the function of a thread uses, and its starter stores after the start.

    :param here: what the statement itself stores that starts the thread.
    :param later: what the statements behind it store.
    """

    here: str
    later: str


@dataclass(frozen=True, slots=True)
class Need:
    """What an import may be there for although nothing in its file uses the name.

    :param how: ``said`` by a comment; ``branch`` of the code, that may try whether the
        import works, or do nothing but import; ``spoken`` of by the file's own text;
        ``bound`` again by something else; ``exported`` to whoever imports the package;
        ``taken`` by another file; ``patching``, which the file does; ``loaded``, a
        module that others use without importing it; ``tested``, whether and when
        Eventlet was imported.
    :param where: the place or the words that say so.
    """

    how: Literal[
        "said", "branch", "spoken", "bound", "exported", "taken", "patching",
        "loaded", "tested",
    ]  # fmt: skip
    where: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a project file, or several that go together; or a file to be made.

    :param what: what it is: ``requirement``, ``bound`` of a constraints file,
        ``concurrency`` of coverage, ``variable`` in an environment, ``lint`` for the
        checks of hacking that are on, ``note`` for a release note that is not there
        yet; or what only a person can change: ``extra``, ``pulls`` (an extra of
        another package), ``generated``, ``entry-point``, ``worker``, ``by-hand``.
    :param text: its text, with the line end; empty for a new file.
    :param form: how the file is written: ``list``, ``ini``, ``toml``, ``python``, or
        ``other`` for what is not understood.
    :param advice: one line: what to do about it by hand.
    :param hint: what else has to be known to change it: the requirement of hacking
        for ``lint``, for others the section and keys that hold it.
    :param more: whether the value of its key goes on in the next line.
    """

    what: str
    text: str
    form: Literal["list", "ini", "toml", "python", "other"]
    advice: str
    hint: str = ""
    more: bool = False
