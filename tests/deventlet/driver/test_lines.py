"""What a change of a line may take along: nothing that does not name Eventlet."""

from __future__ import annotations

import pytest

from deventlet.codemod import Rewrite, Verdict, Write
from deventlet.driver.files import Lines, write
from deventlet.resolve.facts import Line


@pytest.mark.parametrize(
    ("path", "line", "new", "right"),
    [
        ("pyproject.toml", 'x = ["a", "eventlet>=1", "b"]\n', 'x = ["a", "b"]\n', True),
        ("pyproject.toml", 'x = ["a", "eventlet>=1", "b"]\n', 'x = ["a"]\n', False),
        ("pyproject.toml", 'x = ["a", "eventlet>=1", "b"]\n', "", False),
        ("setup.py", "x = ['eventlet', 'b']\n", "x = ['b']\n", True),
        ("setup.py", "x = ['eventlet', 'b']\n", "x = []\n", False),
        ("tox.ini", "[flake8]\nx = H106\n", "[flake8]\nx = H106,H905\n", True),
        ("tox.ini", "[flake8]\nx = H106\n", "[flake8]\nx = H905\n", False),
    ],
)
def test_only_what_names_eventlet_goes(
    path: str, line: str, new: str, right: bool
) -> None:
    found = Lines(texts={path: line.encode()})
    said = Line("requirement", line, "toml", "")
    subject = found.add(path, (0, len(line)), said)
    rewrite = Rewrite({subject.origin: Write(new)})
    written = write(found, [Verdict(subject, "project-files", rewrite)])
    assert (path in written.contents) is right
    assert (path in written.failed) is not right


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_file_ends_as_it_did_when_its_last_line_goes(end: str, final: bool) -> None:
    last = "eventlet" + end * final
    text = f"six{end}{last}"
    found = Lines(texts={"requirements.txt": text.encode()})
    said = Line("requirement", last, "list", "")
    subject = found.add("requirements.txt", (3 + len(end), len(text)), said)
    verdict = Verdict(subject, "project-files", Rewrite({subject.origin: Write("")}))
    written = write(found, [verdict])
    assert written.contents == {"requirements.txt": f"six{end * final}".encode()}
