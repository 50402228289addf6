"""Imports that lose their last use: which go, and which somebody else may need."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

MAKER = "from oslo_utils import eventletutils\n{}\nready = eventletutils.Event()\n"


def after(codemod: str, config: str | None = None, **sources: str) -> str:
    """What becomes of the first of some files of a package."""
    paths = {f"proj/{name}.py": text for name, text in sources.items()}
    files = tuple(File(path, text, text) for path, text in paths.items())
    result = rewrite(Case(codemod, "x", 1, files, config))
    return result.after[next(iter(paths))].decode()


@pytest.mark.parametrize(
    ("names", "goes"),
    [
        ("__all__ = ['ready']", True),
        ("__all__ = ('ready',)", True),
        ("__all__ = ['ready', 'eventletutils']", False),
        ("", False),
        ("__all__ = [str('ready')]", False),
        ("__all__ = ['ready']\n__all__ += ['more']", False),
        ("__all__ = list(globals())", False),
        ("if True:\n    __all__ = ['ready']", False),
    ],
)
def test_star_import_takes_what_all_says(names: str, goes: bool) -> None:
    found = after(
        "eventletutils", maker=MAKER.format(names), user="from proj.maker import *\n"
    )
    assert "ready = threading.Event()" in found
    assert ("eventletutils import" in found or "import eventletutils" in found) != goes


STANDARD = (
    'executor = "concurrent.futures.ThreadPoolExecutor"\nassume = ["process-patched"]\n'
)
POOL = (
    "with futurist.GreenThreadPoolExecutor(2) as executor:\n    executor.submit(int)\n"
)


@pytest.mark.parametrize(
    ("source", "config", "goes"),
    [
        (f"import futurist\n\n{POOL}", STANDARD, True),
        (f"import futurist\n\n{POOL}", None, False),
        (f"import futurist\n\n{POOL}futurist.Future()\n", STANDARD, False),
        (f"import futurist\n\n__all__ = ['futurist']\n{POOL}", STANDARD, False),
    ],
)
def test_package_goes_with_its_last_use(
    source: str, config: str | None, goes: bool
) -> None:
    found = after("executor-native", config, example=source)
    assert "GreenThreadPoolExecutor" not in found
    assert ("import futurist" not in found) == goes


def test_package_that_another_file_takes_stays() -> None:
    found = after(
        "executor-native",
        STANDARD,
        maker=f"import futurist\n\n{POOL}",
        user="from proj import maker\n\nmaker.futurist.Future()\n",
    )
    assert "import futurist\n" in found
