"""The contract between the driver and every codemod: sites in, decisions out.

A codemod is one function, ``decide(subject, context)``, and a page that says
what it is for. It never touches files, imports or positions: it asks the context
for what it may know, builds LibCST nodes and gives back a decision. This package
holds data and questions only, and imports neither LibCST nor anything that reads
files.
"""

from deventlet.codemod.context import (
    Code,
    Context,
    FileContext,
    Flow,
    Mocks,
    Names,
    Objects,
    Processes,
    Project,
)
from deventlet.codemod.decisions import (
    Action,
    Assume,
    Decision,
    Drop,
    Fold,
    Import,
    Instead,
    Keep,
    Proposal,
    Refuse,
    Replace,
    ReplaceAround,
    Retarget,
    Rewrite,
    Statement,
    Swap,
    Term,
    Unwrap,
    Verdict,
    Write,
)
from deventlet.codemod.page import (
    Page,
    Reason,
)
from deventlet.codemod.sites import (
    Asked,
    Form,
    Kind,
    Mocked,
    Site,
    Strings,
    Subject,
)

__all__ = [
    "Action",
    "Asked",
    "Assume",
    "Code",
    "Context",
    "Decision",
    "Drop",
    "FileContext",
    "Flow",
    "Fold",
    "Form",
    "Import",
    "Instead",
    "Keep",
    "Kind",
    "Mocked",
    "Mocks",
    "Names",
    "Objects",
    "Page",
    "Processes",
    "Project",
    "Proposal",
    "Reason",
    "Refuse",
    "Replace",
    "ReplaceAround",
    "Retarget",
    "Rewrite",
    "Site",
    "Statement",
    "Strings",
    "Subject",
    "Swap",
    "Term",
    "Unwrap",
    "Verdict",
    "Write",
]
