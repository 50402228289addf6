"""A service is what a command is named after; what no command names is common."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from deventlet.resolve.project import Project
from deventlet.series.services import Services, services_of

FILES = (
    *("nova/__init__.py", "nova/utils.py", "nova/objects/base.py"),
    *("nova/cmd/compute.py", "nova/cmd/api_metadata.py", "nova/cmd/manage.py"),
    *("nova/compute/manager.py", "nova/conductor/manager.py"),
    *("nova/virt/libvirt/driver.py", "tools/run.py"),
    *("nova/api/wsgi.py", "nova/api/metadata/handler.py", "nova/api/v2/servers.py"),
    *("nova/obj/__init__.py", "nova/obj/server.py", "nova/agent/l3/agent.py"),
)
SETUP = """\
[entry_points]
console_scripts =
    nova-compute = nova.cmd.compute:main
    nova-api-metadata = nova.cmd.api_metadata:main
    nova-manage = nova.cmd.manage:main
    nova-object-server = nova.obj.server:main
    nova-l3-agent = nova.cmd.agents.l3:main
wsgi_scripts =
    nova-wsgi = nova.api.wsgi:main
"""


@pytest.fixture
def services(tmp_path: Path) -> Services:
    paths = (*FILES, "nova/cmd/agents/l3.py")
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / "setup.cfg").write_text(SETUP)
    return services_of(Project(tmp_path, sorted(paths)))


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("nova/compute/manager.py", "nova/compute"),
        ("nova/cmd/compute.py", "nova/compute"),
        ("nova/api/v2/servers.py", "nova/api"),
        ("nova/api/metadata/handler.py", "nova/api/metadata"),
        ("nova/cmd/api_metadata.py", "nova/api/metadata"),
        ("nova/obj/server.py", "nova/obj"),
        ("nova/agent/l3/agent.py", "nova/agent/l3"),
        ("nova/cmd/agents/l3.py", "nova/agent/l3"),
        ("nova/cmd/manage.py", "nova"),
        ("nova/conductor/manager.py", "nova"),
        ("nova/virt/libvirt/driver.py", "nova"),
        ("nova/utils.py", "nova"),
        ("tools/run.py", "tools"),
        ("setup.py", "."),
    ],
)
def test_the_service_of_a_file(services: Services, path: str, service: str) -> None:
    pure = PurePosixPath(path)
    assert services.of(pure.with_suffix(""), pure.parts[:-1]) == service


def test_a_project_without_commands_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    assert services_of(Project(tmp_path, ["a.py"])) == Services()
