"""The module that lets a project run both ways, from one documented template.

Gives texts and names; writes nothing. What becomes of the text is the command's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from keyword import iskeyword
from pathlib import Path, PurePosixPath

from jinja2 import Environment, StrictUndefined

from deventlet.driver.project.requirements import requires

_TEMPLATE = "concurrency.py.jinja"
_MODULE = "concurrency"
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_ASIDE = frozenset({"tests", "test", "doc", "docs", "tools", "examples", "build"})
_LICENCE = "Apache License, Version 2.0"
_HEADER = """\
#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""


class ScaffoldProblem(Exception):
    """Why the module cannot be made; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """The module, where it goes, and what it stands on.

    :param module: its dotted name.
    :param switch: the environment variable that chooses.
    :param requires: what the project has to require for it, and does not.
    """

    module: str
    path: str
    text: str
    switch: str
    requires: tuple[str, ...]


def scaffold(root: Path, paths: Sequence[str], module: str | None) -> Scaffold:
    """The module for the project at a root.

    :param paths: its Python files, relative to the root.
    :param module: the dotted name that it shall have; None for ``concurrency`` in the
        project's only package.
    :raises ScaffoldProblem: for a package that there is not, or several of them, or a
        name that is taken or cannot be one.
    """
    if module is None:
        module = f"{_only_package(paths)}.{_MODULE}"
    if not _DOTTED.fullmatch(module) or any(map(iskeyword, module.split("."))):
        raise ScaffoldProblem(f"{module!r} is not a module in a package")
    package, _, name = module.rpartition(".")
    init = _package(paths, package)
    services = _uses_services(root, paths)
    project = re.sub(r"\W+", "_", package.partition(".")[0]).upper()
    switch = f"OS_{project}_DISABLE_EVENTLET_PATCHING"
    text = _rendered(
        header=_HEADER if _is_apache(root, paths) else "",
        package=package,
        name=name,
        switch=switch,
        oslo_service=services,
    )
    needed = {"futurist": "futurist"}
    if services:
        needed["oslo.service[threading]"] = "oslo.service[threading]>=4.2.0"
    lacking = (said for listed, said in needed.items() if not requires(root, listed))
    path = str(PurePosixPath(init).with_name(f"{name}.py"))
    folder = f"{path.removesuffix('.py')}/"
    if any(each.startswith(folder) for each in paths):
        raise ScaffoldProblem(
            f"there is a package {module} here, which would be imported in its place; "
            f"say another name: --module {package}.NAME"
        )
    return Scaffold(module, path, text, switch, tuple(lacking))


def _rendered(**values: object) -> str:
    template = files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(
        undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    return environment.from_string(template).render(values)


def _only_package(paths: Sequence[str]) -> str:
    """The package at the top, where there is one that is no test or tool."""
    found = {
        path.split("/")[0]
        for path in paths
        if path.count("/") == 1 and path.endswith("/__init__.py")
    }
    found |= {
        path.split("/")[1]
        for path in paths
        if path.count("/") == 2
        and path.startswith("src/")
        and path.endswith("/__init__.py")
    }
    packages = sorted(found - _ASIDE)
    if len(packages) == 1:
        return packages[0]
    several = f"are several packages: {', '.join(packages)}"
    raise ScaffoldProblem(
        f"there {several if packages else 'is no package here'}; "
        f"say where it goes: --module PACKAGE.{_MODULE}"
    )


def _package(paths: Sequence[str], package: str) -> str:
    """The ``__init__.py`` of a package."""
    inside = f"{package.replace('.', '/')}/__init__.py"
    for path in (inside, f"src/{inside}", f"lib/{inside}"):
        if path in paths:
            return path
    raise ScaffoldProblem(f"there is no package {package} here")


def _uses_services(root: Path, paths: Sequence[str]) -> bool:
    """Whether the project's code imports oslo.service."""
    word = re.compile(rb"(?m)^[ \t]*(?:from|import)[ \t]+oslo_service\b")
    return any(word.search((root / path).read_bytes()) for path in paths)


def _is_apache(root: Path, paths: Sequence[str]) -> bool:
    """Whether most files of the project begin with the header of the licence."""
    heads = [(root / path).read_bytes()[:2000] for path in paths]
    full = [head for head in heads if head.strip()]
    return 2 * sum(_LICENCE.encode() in head for head in full) > len(full)
