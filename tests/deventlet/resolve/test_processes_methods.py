"""Which methods of a class run where only some of them are named."""

from __future__ import annotations

import ast

import pytest

from deventlet.resolve.processes.methods import methods_run_by

GETTER = "@property\n    def state(self):\n        return self.{0}()"
SETTER = "@state.setter\n    def state(self, new):\n        self.{0}(new)"


def run_by(body: str, text: str) -> set[str]:
    """What a text runs of a class with ``read``, ``write`` and other methods."""
    more = "def read(self): ...\n    def write(self, new): ..."
    (owner,) = ast.parse(f"class C:\n    {body}\n    {more}").body
    assert isinstance(owner, ast.ClassDef)
    return set(methods_run_by(owner, [text.encode()]))


@pytest.mark.parametrize(
    "body",
    [
        f"{GETTER.format('read')}\n    {SETTER.format('write')}",
        "def state(self): self.read()\n    def state(self): self.write()",
    ],
)
def test_all_of_one_name_run(body: str) -> None:
    assert run_by(body, "c.state") == {"state", "read", "write"}


def test_what_nobody_names_does_not_run() -> None:
    assert run_by(GETTER.format("read"), "c.other") == set()
    assert run_by(GETTER.format("read"), "c.state") == {"state", "read"}
