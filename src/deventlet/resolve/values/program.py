"""The repository as a program: its names and values, and what tests put in their place.

Everything is looked up when asked for, by text first: a file is parsed only if it
has the word in question. Reads only; it knows nothing of Eventlet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.names import Names
from deventlet.resolve.own import ThreadLocals
from deventlet.resolve.project import Project
from deventlet.resolve.values.classes import Classes
from deventlet.resolve.values.meanings import Meanings
from deventlet.resolve.values.places import Places
from deventlet.resolve.values.recalled import Recalls
from deventlet.resolve.values.receivers import Receivers
from deventlet.resolve.values.standins import StandIns
from deventlet.resolve.values.taking import Taking
from deventlet.resolve.values.words import Words


@dataclass(eq=False)
class Program:
    """Answers about one state of a repository."""

    names: Names

    @cached_property
    def project(self) -> Project:
        """The files."""
        return self.names.project

    @cached_property
    def words(self) -> Words:
        """The texts of the files."""
        return Words(self.project)

    @cached_property
    def thread_locals(self) -> ThreadLocals:
        """What each thread has for itself."""
        return ThreadLocals(self.project)

    @cached_property
    def taking(self) -> Taking:
        """Which files may read a name of another."""
        return Taking(self.names, self.words)

    @cached_property
    def places(self) -> Places:
        """Where names and attributes stand."""
        return Places(self.names, self.taking)

    @cached_property
    def meanings(self) -> Meanings:
        """What expressions stand for."""
        return Meanings(self)

    @cached_property
    def receivers(self) -> Receivers:
        """What may be before a dot."""
        return Receivers(self)

    @cached_property
    def classes(self) -> Classes:
        """How classes are related."""
        return Classes(self)

    @cached_property
    def stand_ins(self) -> StandIns:
        """What stands in the place of functions and classes."""
        return StandIns(self)

    @cached_property
    def recalls(self) -> Recalls:
        """What tests take back out of mocks."""
        return Recalls(self)
