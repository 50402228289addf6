"""Reason codes: an anchor for each on the page of its owner, links, and an index."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from deventlet import catalog
from deventlet.cli.pages import example_of
from deventlet.codemod import Page, Reason
from deventlet.registry import driver_page, reasons
from deventlet.registry import pages as registered
from docs.generate import blocks
from docs.generate.markdown import code, escaped, sentence, slug, table

VERDICTS = {
    "rewrite": "rewritten",
    "caveat": "rewritten, and the message of the patch names the corner",
    "assume": "rewritten if you accept it with `--assume`",
    "refuse": "left alone",
    "hazard": "reported; nothing is rewritten because of it",
    "problem": "the file is not looked at, or not touched",
}
DRIVER = "reasons/driver.md"
BY_HAND = "names.md"
_CODE = re.compile(r"(?<!\[)`([a-z][\w-]*(?:\.[a-z][\w-]*)?)`")


def pages() -> dict[str, str]:
    """The index, and the page of the reasons that any codemod can give."""
    return {"reasons/index.md": _index(), DRIVER: _driver()}


def owners() -> dict[str, str]:
    """The page that explains each reason code, by its path below ``docs/``."""
    found = dict.fromkeys(driver_page().reasons, DRIVER)
    found |= dict.fromkeys(catalog.refused(), BY_HAND)
    for page in registered().values():
        found |= dict.fromkeys(page.reasons, f"codemods/{page.name}.md")
    return dict(sorted(found.items()))


def linked(text: str, up: str, here: str) -> str:
    """The text with each reason code in it as a link.

    :param up: what leads from the page to ``docs/``, such as ``../``.
    :param here: the page itself, below ``docs/``.
    """
    known = owners()

    def link(found: re.Match[str]) -> str:
        owner = known.get(found[1])
        if owner is None:
            return found[0]
        return f"[{found[0]}]({'' if owner == here else up + owner}#{found[1]})"

    lines = (
        piece if fenced else "".join(_linked(piece, link))
        for fenced, piece in blocks.outside(text)
    )
    return "".join(lines)


def _linked(text: str, link: Callable[[re.Match[str]], str]) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        yield line if line.startswith("#") else _CODE.sub(link, line)


def anchor(title: str) -> str:
    """The anchor of a heading: as code hosts make it, but a reason code as it is."""
    return title if title in reasons() else slug(title)


def details(page: Page) -> str:
    """Each reason of a page with what it means, what to do, and where an example is."""
    return "\n".join(_detail(page, each) for each in page.reasons.values())


def _detail(page: Page, reason: Reason) -> str:
    lines = [
        f"### {reason.code}",
        f"**{reason.verdict}**: {sentence(escaped(reason.summary))}",
        f"*What to do:* {escaped(reason.suggestion)}",
    ]
    example = example_of(page, reason.code).partition("\n")[0].removeprefix("### ")
    if example:
        lines.append(f"*Example:* [{example}](#{slug(example)})")
    return "\n\n".join(lines) + "\n"


def _driver() -> str:
    page = driver_page()
    body = page.body.strip().removeprefix("# How deventlet decides\n")
    return (
        "# General reasons\n\n"
        "The answers that any codemod can give, because they come from what is the "
        "same for every pattern: names, mocks, processes, objects, files.\n\n"
        f"{linked(body, '../', DRIVER).strip()}\n\n"
        f"## Codes\n\n{details(page)}"
    )


def _index() -> str:
    known = owners()
    meaning = table(
        ("Verdict", "What becomes of the site"),
        [(code(word), said) for word, said in VERDICTS.items()],
    )
    rows = [
        (
            f"[`{name}`](../{known[name]}#{name})",
            reason.verdict,
            escaped(reason.summary),
        )
        for name, reason in reasons().items()
    ]
    return (
        "# Reason codes\n\n"
        "Whatever is not a plain rewrite has a code. Codes are stable: they can be "
        "given to `--assume`, counted in JSON, and searched for. Each leads to its "
        "meaning, what to do, and an example. `deventlet explain CODE` says the same "
        f"on the terminal.\n\n{meaning}\n"
        f"## All {len(rows)}\n\n{table(('Code', 'Verdict', 'Meaning'), rows)}"
    )
