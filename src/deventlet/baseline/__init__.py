"""The uses of Eventlet that a project has accepted, and whether there are more now.

A baseline counts per file and pattern, and remembers what the uses look like, so that
a use that moves, in its file or to another, is the same use. Only growth fails.
Looks at each file by itself (:mod:`deventlet.uses`), and at no more files than it is
asked for, except to see where a use that seems new came from.
"""

from deventlet.baseline.compare import Asked, check
from deventlet.baseline.file import NAME, Baseline, BaselineProblem
from deventlet.baseline.measure import Measured, measure

__all__ = [
    "NAME",
    "Asked",
    "Baseline",
    "BaselineProblem",
    "Measured",
    "check",
    "measure",
]
