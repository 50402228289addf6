"""Every object that Eventlet makes: where it comes from, its uses, where it is lost.

Works on all uses of Eventlet's names of a repository, follows each object without
running anything, and answers with data. It decides nothing.
"""

from deventlet.resolve.values.analysis import Values
from deventlet.resolve.values.model import Escape, Member, Origin, Place

__all__ = ["Escape", "Member", "Origin", "Place", "Values"]
