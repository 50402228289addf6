"""Which function runs where: what starts it as a thread, and how often.

Follows names only, in files that are parsed already, and guesses nothing: a function
of which no start is known runs in the main thread or in one that is not known.
"""

from deventlet.resolve.threads.reach import Run, Threads
from deventlet.resolve.threads.starts import Often, Start

__all__ = ["Often", "Run", "Start", "Threads"]
