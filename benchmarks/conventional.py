"""The sleep codemod as one would write it with LibCST alone; only for ``speed.py``.

It does what a LibCST tutorial teaches: it asks for the qualified name of every call,
and schedules the imports. It looks at no mock, no process, no alias, no argument that
``time.sleep`` does not take, so it is not a tool for anybody's project.
"""

from __future__ import annotations

import libcst as cst
from libcst.codemod import VisitorBasedCodemodCommand
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor
from libcst.metadata import QualifiedNameProvider

NAMES = {"eventlet.sleep", "eventlet.greenthread.sleep"}


class Sleep(VisitorBasedCodemodCommand):
    """Makes calls of ``eventlet.sleep`` calls of ``time.sleep``."""

    DESCRIPTION = "eventlet.sleep becomes time.sleep"
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def leave_Call(  # noqa: N802 - LibCST's name
        self, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.Call:
        """Replace the function of a call that is known by its qualified name."""
        names = self.get_metadata(QualifiedNameProvider, original_node.func, set())
        if not any(name.name in NAMES for name in names):
            return updated_node
        AddImportsVisitor.add_needed_import(self.context, "time")
        RemoveImportsVisitor.remove_unused_import_by_node(
            self.context, original_node.func
        )
        return updated_node.with_changes(func=cst.parse_expression("time.sleep"))
