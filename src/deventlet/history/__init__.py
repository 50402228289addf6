"""The way of a repository off Eventlet, read from its git history.

Reads blobs straight from git: nothing is checked out, and no file of the work tree
is looked at but the settings. Writes nothing but counts by blob, in the git folder,
which may be lost at any time (:mod:`deventlet.history.cache`).
"""

from deventlet.history.flying import FlightProblem
from deventlet.history.read import Wanted, read_history
from deventlet.history.steps import Stepping, StepProblem

__all__ = ["FlightProblem", "StepProblem", "Stepping", "Wanted", "read_history"]
