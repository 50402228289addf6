"""What a codemod decides about: sites, subjects, and what tests do with mocks.

Data only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    pass

Form: TypeAlias = Literal["call", "reference", "import", "method", "string", "line"]


Kind: TypeAlias = Literal["use", "alias", "object", "mock", "line"]


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """One place in the source where something of Eventlet is used.

    ``start`` and ``end`` are byte offsets into the UTF-8 source, ``line`` and
    ``end_line`` count from 1, ``column`` and ``end_column`` are 0-based UTF-8
    columns. A call site covers the whole call, a reference its expression, an
    import site the one alias, a string site the whole literal. A line of a file that
    is not Python is a site with its end; its offsets are those of the file's bytes.
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    api: str
    form: Form
    spelling: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about as a whole, in whichever files its sites are.

    ``use``
        one call or reference.
    ``alias``
        a name bound to the API (``from eventlet import sleep``, ``nap =
        eventlet.sleep``) with all its uses; the first site is the binding.
    ``object``
        an object that the API made, with every use of it; the first site is
        the call that made it.
    ``mock``
        a place in a test that intercepts the API; ``intercepts`` are the sites
        of every subject that the mocked name reaches, bindings and methods too.
    ``line``
        a line of a project file that is not Python, such as a requirement.

    ``bindings`` are those sites that bind the alias rather than use it, and
    ``exported`` says that the alias is a public name other code may call.
    """

    api: str
    kind: Kind
    sites: tuple[Site, ...]
    bindings: tuple[Site, ...] = ()
    intercepts: tuple[Site, ...] = field(default=(), compare=False)
    exported: bool = False

    def __hash__(self) -> int:
        """By the first site: an alias may have as many as a file has lines."""
        return hash((self.api, self.kind, self.sites[0], len(self.sites)))

    @property
    def origin(self) -> Site:
        """The site that stands for the subject in messages."""
        return self.sites[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a test asks of a mock or sets up on it, in the mock's own file.

    ``mock.return_value.wait.assert_called_once_with(1)`` has the path
    ``("return_value", "wait", "assert_called_once_with")`` and is ``called``; what a
    call gives is its ``return_value``. ``read`` is a question that mocks answer
    (``mock.call_count``), ``stored`` an assignment, and ``passed`` whatever else the
    mock or a part of it is used for. The site may be given an action of its own.
    """

    site: Site
    path: tuple[str, ...]
    how: Literal["called", "read", "stored", "passed"]


@dataclass(frozen=True, slots=True)
class Mocked:
    """What a test does with a mock.

    :param asked: everything that is asked of it, where it can be followed.
    :param lost: where it goes out of sight; empty if it does not.
    :param fakes: whether the test puts something of its own, and no mock, in the
        name's place, or has the mock give it.
    :param fake: the one lambda that it puts there, if it is nothing else; it may be
        given an action of its own.
    :param calls: every call that the mock gets, by its arguments, where the test says
        all of them, and they are constants given by position; None if it does not.
    :param set_up: whether a call that makes it, or what it gives, says more of it:
        ``Mock(get=f)``.
    """

    asked: tuple[Asked, ...]
    lost: str = ""
    fakes: bool = False
    fake: Site | None = None
    calls: tuple[tuple[object, ...], ...] | None = None
    set_up: bool = False


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings that an argument may be, each where it is written.

    The sites may be given actions of their own, whichever files they are in: nothing
    but such arguments gets what is written there.

    :param lost: what is not followed, in words; empty if these are all.
    :param options: where the options are declared whose defaults are among them.
    """

    sites: tuple[Site, ...]
    lost: str = ""
    options: tuple[str, ...] = ()
