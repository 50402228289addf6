"""The series as a plan: what each patch does, how risky it is, what it stands on.

Data only; every report of the plan reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Risk = Literal["low", "look", "assumed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One patch of the series.

    :param number: its place in the series, from 1.
    :param chunk: which part of the codemod's patch; empty if whole.
    :param risk: ``low`` if all is proven, ``look`` if a corner changes (a caveat),
        ``assumed`` if it rests on an assumption that was accepted.
    :param stands_on: the numbers of earlier patches that change the same files; a
        patch without any can be proposed beside the others.
    """

    number: int
    codemod: str
    chunk: str
    subject: str
    stage: Literal["A", "B"]
    risk: Risk
    sites: int
    files: tuple[str, ...]
    tests: tuple[str, ...]
    added: int
    removed: int
    caveats: Mapping[str, int]
    assumptions: Mapping[str, int]
    stands_on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Remainder:
    """What a codemod leaves.

    :param waiting: sites that wait for an assumption, by its name.
    :param refused: sites that stay, by reason.
    :param behind: the places, ``path:line``, that have to go before some of these can.
    """

    codemod: str
    stage: Literal["A", "B"]
    waiting: Mapping[str, int]
    refused: Mapping[str, int]
    behind: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """What starts and ends in the same way, for who operates it and who reviews.

    :param entry_points: the commands and scripts, by name or path.
    :param moments: what may happen in their processes, each with the places, as
        ``path:line``: ``launch`` by oslo.service, ``serve`` by Eventlet's server,
        ``fork``, ``signal`` for handlers of the project's own, ``exit``; and
        ``hazard.fork`` and ``hazard.shutdown`` for what the series makes matter,
        with the files alone, as lines move while it goes on.
    """

    entry_points: tuple[str, ...]
    moments: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The series, and what it leaves, in order.

    :param services: how the project's processes start and end.
    """

    project: str
    steps: tuple[Step, ...]
    left: tuple[Remainder, ...]
    services: tuple[Service, ...] = ()
