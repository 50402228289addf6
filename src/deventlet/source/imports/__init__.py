"""Adding, removing and replacing imports; a pure function from changes to edits.

Knows nothing of Eventlet, writes no files, never moves or reflows a line that it
does not change.
"""

from deventlet.source.imports.editor import (
    Removal,
    bound_by,
    edit_imports,
    find_fallback,
)
from deventlet.source.imports.layout import is_meant_unused, trailing_comment
from deventlet.source.imports.style import (
    ImportSpec,
    ImportStyle,
    detect_style,
    own_length,
)

__all__ = [
    "ImportSpec",
    "ImportStyle",
    "Removal",
    "bound_by",
    "detect_style",
    "edit_imports",
    "find_fallback",
    "is_meant_unused",
    "own_length",
    "trailing_comment",
]
