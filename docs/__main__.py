"""Builds the site: ``python -m docs`` writes it to ``build/site``, warnings are errors.

The pages of this folder and the generated ones are put side by side in ``build/docs``
first, so that nothing generated is ever written among the sources.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from docs.generate import ROOT, pages

BUILD = ROOT / "build"


def assemble(to: Path) -> None:
    """Write every page of the site, in place of what is there."""
    shutil.rmtree(to, ignore_errors=True)
    for path, text in pages().items():
        page = to / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")


def build(into: Path) -> int:
    """Make the site anew below a folder, as ``docs`` and ``site``.

    :return: Sphinx's exit status; warnings are errors.
    """
    assemble(into / "docs")
    strict = ["--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
    places = ["-c", str(ROOT / "docs"), str(into / "docs"), str(into / "site")]
    return build_main(["--fresh-env", "--write-all", *strict, *places])


if __name__ == "__main__":
    sys.exit(build(BUILD))
