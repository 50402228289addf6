"""What works with green threads only: found and told, never rewritten.

A hazard is a place that is right as long as threads switch at a yield only, start
late, can be killed and survive a fork. Each kind is a module with one rule, which says
what must be seen in the code for it to speak; what is not seen is not reported.
State that is shared between the threads of one process and not between processes is
no kind of its own: no code says that it was meant for all of them.
"""

from deventlet.hazards.find import find, matter

__all__ = ["find", "matter"]
