"""Settings of Sphinx. ``python -m docs`` builds the site; see ``docs/__main__.py``."""

import sys
from pathlib import Path
from typing import Any

# Sphinx runs this file by its path, and asks for the function below by its name.
sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.highlight import ConsoleLexer

project = "deventlet"
author = "deventlet"
html_title = "deventlet"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["style.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
myst_heading_slug_func = "docs.generate.reasons.anchor"

nitpicky = True
smartquotes = False  # -- begins an option
highlight_language = "text"
pygments_style = "friendly"
pygments_dark_style = "github-dark"


def setup(app: Any) -> None:
    """Colour consoles as they are."""
    app.add_lexer("console", ConsoleLexer)
