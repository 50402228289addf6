"""deventlet takes a Python project off Eventlet, one reviewable patch per pattern.

This package is the driver: everything that is the same for every pattern. It
knows no codemod by name; they are found through the entry-point group
``deventlet.codemods``.
"""

__version__ = "0.1.0"
