"""The names that a codemod asked for, until one is free for each.

Knows how they are written and read back; chooses no name.
"""

from __future__ import annotations

import re

_PREFIX = "deventlet_name_of_"
PLACEHOLDER = re.compile(rf"{_PREFIX}([0-9a-f]+)_")


KEPT = "="
"""Behind the dotted path of what is to be kept under a name: ``time.sleep=``."""


def placeholder(module: str) -> str:
    """The identifier that stands for ``module`` until a free name is chosen."""
    return f"{_PREFIX}{module.encode().hex()}_"


def meant(text: str) -> str:
    """A text with the modules' own names in the place of their placeholders."""
    return PLACEHOLDER.sub(
        lambda found: bytes.fromhex(found[1]).decode().removesuffix(KEPT), text
    )


def placed(text: str) -> list[str]:
    """The modules whose placeholders a text contains, each once, in order."""
    found = (bytes.fromhex(m.group(1)).decode() for m in PLACEHOLDER.finditer(text))
    return list(dict.fromkeys(found))
