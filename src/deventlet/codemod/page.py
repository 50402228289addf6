"""What the page of a codemod says: its specification and its reason codes.

Data only; the registry reads the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Reason:
    """A documented reason code: what it means and what to do.

    :param subject: the first line of the message of a patch that changes nothing but
        what rests on it, if that is not the codemod's, and ``done`` the line below it.
    """

    code: str
    verdict: Literal["refuse", "assume", "caveat", "problem", "hazard"]
    summary: str
    suggestion: str
    subject: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The specification of a codemod: the front matter of its page and its text.

    :param replaces: the Eventlet names that it is for, each with the dotted name that
        takes its place; empty for a name that is only ever refused.
    :param place: where in a series it comes among those that could come next; the
        lowest first, which is what is easiest to review.
    :param same: those of the names that are the same object as what takes their place,
        so that it does not matter which of the two something is tested for being.
    :param about: what its subjects are: the ``uses`` of these names, or the ``imports``
        of Eventlet that nothing in their file uses, or lines of project ``files``.
        The second come after all uses, of both stages, the third after everything else;
        both have no names of their own.
    :param settings: those of the names that are there to be assigned to, so that the
        codemod also decides where that is done.
    :param whole: whether its patch is never split, because a part of it is wrong.
    :param together: the reason for which a subject stays where another one stays in
        the same processes; empty if each goes by itself.
    :param interchangeable: whether what takes an object's place has the same methods,
        so that the codemod also decides about objects that are lost from sight.
    """

    name: str
    summary: str
    subject: str
    replaces: Mapping[str, str]
    stage: Literal["A", "B"]
    after: tuple[str, ...] = ()
    place: int = 100
    about: Literal["uses", "imports", "files"] = "uses"
    whole: bool = False
    interchangeable: bool = False
    settings: frozenset[str] = frozenset()
    together: str = ""
    same: frozenset[str] = frozenset()
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    body: str = ""
    module: str = ""

    @property
    def apis(self) -> tuple[str, ...]:
        """The Eventlet names that the codemod is for."""
        return tuple(self.replaces)
