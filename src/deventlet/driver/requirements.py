"""Whether a project says that it needs a distribution; reads its lists of them."""

from __future__ import annotations

import re
from pathlib import Path

_LISTS = (
    "requirements.txt", "requirements/*.txt", "*requirements*.txt",
    "requirements*.in", "pyproject.toml", "setup.cfg", "setup.py",
)  # fmt: skip


def requires(root: Path, name: str) -> bool:
    """Whether a list of requirements names a distribution, or there is no list.

    :param name: as it is written in such lists, in lower case.
    """
    paths = {path for pattern in _LISTS for path in root.glob(pattern)}
    line = re.compile(rf"(?mi)^[^#\n]*?(?<![\w.-]){re.escape(name)}(?![\w.-])")
    texts = [path.read_text("utf-8", "replace") for path in sorted(paths)]
    return not texts or any(map(line.search, texts))
