"""What the README says a newcomer sees is what the command prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(
    r"^\$ .* && \.venv/bin/deventlet (?P<args>scan .*)\n(?P<text>(?:.*\n)*?)```$",
    re.MULTILINE,
)


def test_the_first_scan_prints_what_the_readme_shows() -> None:
    shown = SHOWN.search((ROOT / "README.md").read_text("utf-8"))
    assert shown
    done = subprocess.run(
        [sys.executable, "-m", "deventlet", *shlex.split(shown["args"])],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "COLUMNS"},
        capture_output=True,
        check=True,
    )
    printed = done.stdout.decode()
    parts = [part for part in re.split(r"^…\n", shown["text"], flags=re.M) if part]
    assert len(parts) == 2
    places = [printed.find(f"\n{part}") for part in parts]
    assert -1 not in places, printed
    assert places == sorted(places)
