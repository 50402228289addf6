"""Lines of project files that are not Python: found, decided about, changed, proven.

The other half of the driver, for codemods that are about ``files``: subjects are lines
that the table of :mod:`deventlet.driver.outside` marks. Nothing here writes to the disk
or knows what becomes of a line; that is the codemod's.
"""

from deventlet.driver.files.adding import add
from deventlet.driver.files.changing import Written, write
from deventlet.driver.files.deciding import LineContext, decide, settled
from deventlet.driver.files.finding import Lines, find

__all__ = [
    "LineContext",
    "Lines",
    "Written",
    "add",
    "decide",
    "find",
    "settled",
    "write",
]
