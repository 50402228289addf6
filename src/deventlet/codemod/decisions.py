"""What a codemod answers: an action for each site, or why not.

Data only; who carries it out is the driver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from deventlet.codemod.sites import Site, Subject

if TYPE_CHECKING:
    import libcst as cst

Statement: TypeAlias = "cst.SimpleStatementLine | cst.BaseCompoundStatement"


@dataclass(frozen=True, slots=True)
class Replace:
    """Put the code of ``node`` where the site is, parenthesised as needed."""

    node: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Instead:
    """Put these statements where the one is that :meth:`Code.statement` gave.

    With none it is deleted, for which :meth:`Code.removable` is enough; ``pass``
    stands for a block that would be empty, but an ``if`` may go along
    (:meth:`Code.hollow`).
    """

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Put these statements where the ``if`` is that :meth:`Code.branch` gave.

    They are those of the branch that is always taken; with none it is deleted.
    """

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Unwrap:
    """Put these statements where the ``try`` is that :meth:`Code.attempt` gave."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """For a statement ``name = …``: bind the name by an import of a module instead.

    It goes to the imports of the file, or stays where it is inside of a block.
    """

    module: str


@dataclass(frozen=True, slots=True)
class ReplaceAround:
    """The same for the call that has the site as its only argument: ``id(site)``."""

    node: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Keep:
    """The site is right as it stands once the rest of its subject has changed."""


@dataclass(frozen=True, slots=True)
class Swap:
    """For an import site: bind the same local name to ``module.name`` instead."""

    module: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Drop:
    """For an import site: take the name out of its statement, and add nothing.

    For a mock that is a decorator: take it out, with the parameter that it fills.
    """


@dataclass(frozen=True, slots=True)
class Retarget:
    """For a mock: intercept ``module.name`` as the rewritten sites spell it.

    The name may be that of a member: ``Queue.get``.
    """

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Write:
    """For a line: the text that takes its place, with its line ends; empty for none."""

    text: str


Action: TypeAlias = (
    Replace
    | ReplaceAround
    | Instead
    | Fold
    | Unwrap
    | Import
    | Keep
    | Swap
    | Drop
    | Retarget
    | Write
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The preconditions are proven; one action for each site of the subject.

    :param caveats: reason codes of corners that the reader must know.
    :param proofs: one short clause each, for the commit message.
    """

    actions: Mapping[Site, Action]
    caveats: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a proposal: what the code says now, and what says it afterwards.

    :param name: an argument, such as ``max_size``, or what changes without being
        said, such as ``access log``.
    :param value: the argument as it stands in the code; empty if it is not given.
    :param counterpart: what takes its place; empty if there is nothing like it.
    :param note: a clause: what is different then, for who runs or reads it.
    """

    name: str
    value: str
    counterpart: str
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person may write where no machine may choose.

    :param target: what is proposed, such as ``cheroot.wsgi.Server``.
    :param code: the lines to begin with, without indentation.
    :param arguments: every argument of the code, in its order.
    :param changes: what is different for operators and callers whatever is given.
    """

    target: str
    code: tuple[str, ...]
    arguments: tuple[Term, ...]
    changes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Assume:
    """Right if the named assumption holds, which code cannot prove."""

    reason: str
    detail: str
    rewrite: Rewrite
    proposals: Mapping[Site, Proposal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refuse:
    """Left alone. ``detail`` says what of *this* code stands in the way.

    ``proposals`` say of some of its sites what a person may write there.
    ``behind`` are all the places, ``path:line``, that have to go before, where it waits
    for others.
    """

    reason: str
    detail: str = ""
    proposals: Mapping[Site, Proposal] = field(default_factory=dict)
    behind: tuple[str, ...] = ()


Decision: TypeAlias = Rewrite | Assume | Refuse


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision for a subject, as every report reads it.

    ``verdict`` is ``rewrite``, ``assume`` or ``refuse``; ``reason`` is empty for a
    rewrite without caveat.
    """

    subject: Subject
    codemod: str
    decision: Decision
    accepted: bool = False

    @property
    def verdict(self) -> Literal["rewrite", "assume", "refuse"]:
        """The word for the decision."""
        if isinstance(self.decision, Refuse):
            return "refuse"
        return "assume" if isinstance(self.decision, Assume) else "rewrite"

    @property
    def rewrite(self) -> Rewrite | None:
        """The rewrite, proven or assumed; None for a refusal."""
        if isinstance(self.decision, Refuse):
            return None
        if isinstance(self.decision, Assume):
            return self.decision.rewrite
        return self.decision

    @property
    def applies(self) -> bool:
        """Whether the sites change: proven, or an assumption that was accepted."""
        return isinstance(self.decision, Rewrite) or self.accepted

    @property
    def reason(self) -> str:
        """The reason code of a refusal or an assumption, else the first caveat."""
        if isinstance(self.decision, Rewrite):
            return self.decision.caveats[0] if self.decision.caveats else ""
        return self.decision.reason

    @property
    def detail(self) -> str:
        """What of this code the reason speaks of."""
        return "" if isinstance(self.decision, Rewrite) else self.decision.detail

    @property
    def proposals(self) -> Mapping[Site, Proposal]:
        """What a person may write at some of the sites; nothing for a rewrite."""
        return {} if isinstance(self.decision, Rewrite) else self.decision.proposals
