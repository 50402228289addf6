"""Whether a project says that it needs a distribution."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.project.requirements import allows_before, requires


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("requirements.txt", "futurist>=2.4 # Apache-2.0\n", True),
        ("requirements.txt", "Futurist\n", True),
        ("requirements.txt", "oslo.futurist\n# futurist\npython-futurist\n", False),
        ("test-requirements.txt", "futurist\n", True),
        ("requirements/base.txt", "futurist==3.2.1\n", True),
        ("pyproject.toml", 'dependencies = ["eventlet", "futurist>=3"]\n', True),
        ("pyproject.toml", '[project]\nname = "x"\n', False),
        ("setup.cfg", "install_requires =\n    futurist\n", True),
    ],
)
def test_lists_are_read(tmp_path: Path, path: str, text: str, found: bool) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text)
    assert requires(tmp_path, "futurist") is found


def test_a_project_without_lists_says_nothing(tmp_path: Path) -> None:
    assert requires(tmp_path, "futurist")


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("requirements.txt", "oslo.messaging>=5.29.0,!=9.0.0 # Apache-2.0\n", True),
        ("requirements.txt", "oslo.messaging!=2.8.0,>2.6.1\n", True),
        ("requirements.txt", "oslo.messaging>=12.0.0 # >=5.0\n", False),
        ("requirements.txt", "oslo.messaging>=14.1.0,!=9.0.0\n", False),
        ("requirements.txt", "oslo.messaging\n", False),
        ("requirements.txt", "oslo.messagingx>=5\n# oslo.messaging>=5\n", False),
        ("pyproject.toml", 'needs = ["eventlet>=0.1", "oslo.messaging>=14"]\n', False),
        ("pyproject.toml", 'needs = ["oslo.messaging>=14", "eventlet>=0.1"]\n', False),
        ("setup.cfg", "install_requires =\n    oslo.messaging~=11.4\n", True),
    ],
)
def test_lower_bounds_are_read(
    tmp_path: Path, path: str, text: str, found: bool
) -> None:
    (tmp_path / path).write_text(text)
    assert allows_before(tmp_path, "oslo.messaging", (12,)) is found


def test_no_list_allows_no_older_version(tmp_path: Path) -> None:
    assert not allows_before(tmp_path, "oslo.messaging", (12,))


@pytest.mark.parametrize(
    ("text", "found"),
    [("oslo.messaging\n", True), ("oslo.messaging>=12.1\n", False), ("", True)],
)
def test_oldest_tested_version_counts_where_no_list_says_one(
    tmp_path: Path, text: str, found: bool
) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    (tmp_path / "lower-constraints.txt").write_text("oslo.messaging==5.36.0\n")
    assert allows_before(tmp_path, "oslo.messaging", (12,)) is found
