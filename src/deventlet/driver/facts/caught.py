"""The exceptions that are caught around a site.

Reads the function of the site, as the source has it. Decides nothing.
"""

from __future__ import annotations

import ast
from itertools import pairwise

from deventlet.resolve.uses import Use


def caught(use: Use) -> frozenset[str]:
    """What the handlers around a use name, each as the source has it."""
    handlers = (
        handler
        for above, below in pairwise([*use.parents, use.node])
        if isinstance(above, ast.Try) and below in above.body
        for handler in above.handlers
    )
    types = (handler.type for handler in handlers if handler.type is not None)
    return frozenset(
        ast.unparse(each)
        for found in types
        for each in (found.elts if isinstance(found, ast.Tuple) else (found,))
    )
