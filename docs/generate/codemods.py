"""The page of each codemod, and the list of them; made from the codemods' own pages.

A page of the collection is documentation, specification and test in one; here its
front matter becomes text, its reason codes get anchors, and its blocks, which the tests
execute, say what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deventlet.codemod import Page
from deventlet.registry import pages as registered
from docs.generate import blocks
from docs.generate.markdown import code, escaped, table
from docs.generate.reasons import details, linked

_STAGES = {
    "A": "A: right on native threads, and while the process is still monkey-patched",
    "B": "B: right only where no green thread is left",
}


def pages() -> dict[str, str]:
    """Each codemod's page, and ``codemods/index.md``."""
    known = registered()
    found = {f"codemods/{name}.md": _page(known, name) for name in known}
    return {"codemods/index.md": _index(known), **found}


def _index(known: Mapping[str, Page]) -> str:
    rows = [
        (f"[{each.name}]({each.name}.md)", each.stage, escaped(each.summary))
        for each in known.values()
    ]
    return (
        "# Codemods\n\n"
        "One codemod rewrites one pattern, in one patch. This is their order in a "
        "series. Stage A is right while the processes still monkey-patch; stage B "
        "waits until no green thread is left. Every `before` and `after` on these "
        "pages is executed by deventlet's tests, and every refusal is provoked.\n\n"
        f"{table(('Codemod', 'Stage', 'What it does'), rows)}\n"
        "Names that no codemod is for are in [Eventlet's names](../names.md), with "
        "what to do by hand.\n"
    )


def _page(known: Mapping[str, Page], name: str) -> str:
    each = known[name]
    _, _, body = each.body.partition(f"# {name}\n")
    text, cases, examples = body.partition("\n## Cases\n")
    first, _, more = text.strip("\n").partition("\n\n")
    parts = [
        f"# {name}",
        _shown(first, each),
        "".join(_facts(known, each)),
        _shown(more, each),
        "## Reason codes",
        "What this codemod itself can answer. Those that any codemod can are on "
        "[their own page](../reasons/driver.md).",
        details(each),
        _shown(cases + examples, each),
        _names(each),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _shown(text: str, page: Page) -> str:
    return linked(blocks.shown(text), "../", f"codemods/{page.name}.md")


def _facts(known: Mapping[str, Page], each: Page) -> Iterator[str]:
    """What is asked first: where it comes, and how it is run."""
    after = [f"[{name}]({name}.md)" for name in each.after if name in known]
    place = f"{[*known].index(each.name) + 1} of {len(known)}"
    yield f"- Look at it: `deventlet apply --codemod {each.name} --dry-run`\n"
    yield f"- Stage {_STAGES[each.stage]}\n"
    yield f"- In a series: {place}{', after ' if after else ''}{', '.join(after)}\n"
    yield f"- Subject of its patch: {each.subject}\n"
    if each.whole:
        yield "- Its patch is never split: a part of it would be wrong\n"


def _names(each: Page) -> str:
    """The names of Eventlet's that it is for."""
    rows = [(code(name), code(new)) for name, new in each.replaces.items()]
    if not rows:
        return ""
    shown = table(("Eventlet's", "In its place"), rows)
    return f"## Names\n\n{shown}"
