"""One HTML page about one project, or about the projects of an organisation; pure.

A page is one file that loads nothing, so that it works from a store of CI logs; it
reads well without its script, which only filters. All text of a file is escaped, and a
policy in the page forbids whatever would still be loaded.
"""

from deventlet.report.page.html import project_page
from deventlet.report.page.links import LinkProblem, Links
from deventlet.report.page.map import Row, map_page
from deventlet.report.page.view import Contents, Excerpt

__all__ = [
    "Contents",
    "Excerpt",
    "LinkProblem",
    "Links",
    "Row",
    "map_page",
    "project_page",
]
