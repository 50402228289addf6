"""Which of the two ways a project goes, by the look of it: ``dual`` or ``native``.

Reads the few files whose names suggest that they choose how a process runs; the
settings and the command line come first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from deventlet.config import Config
from deventlet.driver.project.requirements import requires
from deventlet.resolve.processes.testing import is_test_path

_NAME = re.compile(r"patch|eventlet|concurren|backend|thread|green", re.IGNORECASE)
_PATCHES = re.compile(rb"\bmonkey_patch\(")
_ASKS = re.compile(rb"\b(?:environ|getenv)\b")
_NATIVE = re.compile(rb"\bBackendType\.THREADING\b|\bmonkey_patch\s*=[^=]")
_SWITCH = re.compile(rb"_DISABLE_EVENTLET_PATCHING\b")
_SCAFFOLDED = (b"\ndef start(", b"\ndef cooperative_yield(", b"\ndef tpool_wrap(",
               b"\ndef executor(")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Both:
    """The file by which a project runs both ways.

    :param module: its dotted name, if it is one that a scaffold wrote.
    """

    path: str
    module: str | None


def find_both(root: Path, paths: Sequence[str]) -> Both | None:
    """The file that patches or not, as the environment says, and goes native if not.

    A patch with an opt-out alone is none: the documentation of many projects is built
    with it. The file also selects oslo.service's backend of threads, or forbids to
    patch; or the project requires that backend and has the switch that is usual.
    """
    for path in paths:
        if _NAME.search(PurePosixPath(path).stem) and not is_test_path(path):
            text = _read(root / path)
            if _runs_both(root, text):
                return Both(path, _module(path, text))
    return None


def with_profile(
    config: Config, root: Path, paths: Sequence[str], asked: str | None
) -> tuple[Config, str]:
    """The settings with a profile: the one asked for, that of the file, or the look.

    :param asked: what the command line says.
    :returns: also the file that the project looks dual by; empty if that was not asked.
    """
    given = asked or config.profile
    if given is not None:
        return msgspec.structs.replace(config, profile=given), ""
    found = find_both(root, paths)
    if found is None:
        return msgspec.structs.replace(config, profile="native"), ""
    module = config.concurrency_module or found.module
    dual = msgspec.structs.replace(config, profile="dual", concurrency_module=module)
    return dual, found.path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _runs_both(root: Path, text: bytes) -> bool:
    if not (_PATCHES.search(text) and _ASKS.search(text)):
        return False
    usual = _SWITCH.search(text) is not None
    backend = "oslo.service[threading]"
    return bool(_NATIVE.search(text)) or (usual and requires(root, backend))


def _module(path: str, text: bytes) -> str | None:
    if not all(each in text for each in _SCAFFOLDED):
        return None
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] in ("src", "lib") else parts)
