"""Which files are found by their text alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.project import Project
from deventlet.resolve.takers import Takers

_FILES = {
    "lib.py": b"from eventlet import sleep as n1\n",
    "middle.py": b"import lib as part\n",
    "outer.py": b"import middle as mid\n",
    "plain.py": b"import middle\nmiddle.part.n10()\n",
    "user.py": b"import middle\nmiddle.part.n1()\n",
    "user2.py": b"import outer\nouter.mid.part.n1()\n",
}


@pytest.mark.parametrize("more", [0, 500])
def test_a_module_is_taken_from_one_that_imports_it(more: int, tmp_path: Path) -> None:
    """However many names it passes on: of many, a file's own words are looked up."""
    for name, text in _FILES.items():
        (tmp_path / name).write_bytes(text)
    takers = Takers(Project(tmp_path, sorted(_FILES)), ())
    names = {"n1", *(f"other{i}" for i in range(more))}
    relays = takers.relays({"lib": names})
    assert set(relays) == {("middle", "part"), ("outer", "mid")}
    assert "user.py" in relays["middle", "part"]
    assert relays["outer", "mid"] == {"user2.py"}
    assert ("plain.py" in relays["middle", "part"]) is (more == 0)
