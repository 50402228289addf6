"""What one Python file uses of Eventlet, found in that file alone, and fast.

For counts over a history and for checks of a few files: no other file is looked at,
so that what is found depends on nothing but the file's path and bytes. Decides no
verdict and follows no object; :mod:`deventlet.driver.inventory` does.
"""

from deventlet.uses.find import Found, Kind, Meaning, Use, find

__all__ = ["Found", "Kind", "Meaning", "Use", "find"]
