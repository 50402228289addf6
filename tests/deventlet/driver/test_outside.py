from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deventlet.driver.outside import (
    COMMENT_WORDS,
    MAX_TEXT,
    comments,
    mentions,
    search,
    text_files,
    variables,
)
from deventlet.driver.outside.files import MAX_BYTES
from deventlet.driver.outside.rules import Area, Rule, table
from deventlet.inventory import Mention
from tests.support.pace import paces, seconds_of


def put(root: Path, name: str, text: str | bytes) -> str:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def found(root: Path, name: str, text: str | bytes) -> list[Mention]:
    return list(mentions(root, [put(root, name, text)]))


def git(root: Path, *args: str) -> None:
    subprocess.run(("git", *args), cwd=root, check=True, capture_output=True)


# Every kind, by file, by the line that is meant, and by what the advice must say ----

SETUP_CFG = """\
[options]
install_requires =
    eventlet>=0.33  # MIT
[options.extras_require]
eventlet =
    greenlet
[extras]
redis =
    celery[eventlet]>=5
[options.entry_points]
console_scripts =
    p-server = p.cmd.eventlet.server:main
p.executors =
    eventlet = futurist:GreenThreadPoolExecutor
[coverage:run]
concurrency = eventlet
omit = p/cmd/eventlet/*
[tool:pytest]
filterwarnings =
    ignore::DeprecationWarning:eventlet.patcher
"""
PYPROJECT = """\
[project]
dependencies = [
    "requests",
    "eventlet>=0.33",
]
[project.optional-dependencies]
eventlet = ["eventlet"]
async = [
    "greenlet",
]
[project.scripts]
p-server = "p.cmd.eventlet.server:main"
[tool.coverage.run]
concurrency = ["eventlet", "thread"]
[tool.pytest.ini_options]
filterwarnings = ["ignore::DeprecationWarning:eventlet"]
"""
TOX = """\
[testenv]
deps =
    py311: eventlet==0.36
setenv =
    EVENTLET_NO_GREENDNS=yes
    P_RAISE_ON_GREENLET_LEAK=1
    OS_P_DISABLE_EVENTLET_PATCHING=true
# eventlet needs this
commands = coverage run --concurrency=eventlet -m pytest
[testenv:py311-eventlet]
commands = make eventlet
[flake8:local-plugins]
extension =
    P340 = checks:check_greenthread_spawns
"""
KINDS = [
    ("requirements.txt", "eventlet>=0.30 # MIT", "requirements", "requirement itself"),
    ("doc/requirements.txt", "eventlet", "requirements", "requirement itself"),
    ("test-requirements.txt", "greenlet;os!='x'", "requirements", "SQLAlchemy"),
    ("requirements/dev.in", "celery[eventlet]>=5", "requirements", "an extra"),
    ("requirements.txt", "Eventlet===0.3", "requirements", "requirement itself"),
    ("requirements.txt", "dnspython<2 # eventlet", "requirements", "a comment"),
    ("requirements.txt", "# eventlet is old", "requirements", "a comment"),
    ("requirements.txt", "#eventlet==1", "requirements", "commented out"),
    ("requirements.txt", "eventlet # green thread", "requirements", "requirement its"),
    (
        "requirements.txt",
        "git+https://github.com/eventlet/eventlet",
        "requirements",
        "from its repository",
    ),
    ("lower-constraints.txt", "eventlet==0.25", "requirements", "a bound"),
    ("poetry.lock", 'name = "eventlet"', "requirements", "lock file"),
    ("bindep.txt", "python3-eventlet [test]", "requirements", "requirement itself"),
    ("p.egg-info/requires.txt", "eventlet", "packaging", "by the build"),
    ("p.spec", "Requires: python3-eventlet", "requirements", "distribution"),
    (".coveragerc", "[run]\nconcurrency = eventlet", "coverage", "thread`"),
    (".coveragerc", "[run]\nconcurrency =\n  greenlet", "coverage", "thread`"),
    (".coveragerc", "[run]\nomit = p/cmd/eventlet/*", "coverage", "names a module"),
    (".stestr.conf", "group_regex=eventlet", "test-setup", "tests still need"),
    ("pytest.ini", "env = EVENTLET_HUB=poll", "test-setup", "only Eventlet reads"),
    (
        ".pylintrc",
        "ignored-modules=eventlet.green",
        "test-setup",
        "nothing imports them",
    ),
    (".zuul.yaml", "- eventlet_opts:", "ci", "job still needs"),
    ("zuul.d/jobs.yaml", "  eventlet_opts:", "ci", "options of Eventlet's server"),
    (
        ".github/workflows/a.yml",
        "- run: pip install eventlet",
        "ci",
        "installs it",
    ),
    ("playbooks/pre.yaml", "name:\n  - eventlet", "ci", "the job installs"),
    (".gitlab-ci.yml", "  EVENTLET_HUB: poll", "ci", "only Eventlet reads"),
    (
        "etc/logging_sample.conf",
        "[logger_eventletwsgi]",
        "logging",
        "own name for it",
    ),
    (
        "etc/logging_sample.conf",
        "qualname = eventlet.wsgi.server",
        "logging",
        "takes its place",
    ),
    ("etc/p.yaml", "  eventlet.wsgi.server:", "logging", "takes its place"),
    (
        "etc/p.conf",
        "default_log_levels = a=INFO,eventlet.wsgi.server=WARN",
        "logging",
        "takes its place",
    ),
    ("etc/p.conf", "executor = eventlet", "configuration", "oslo.messaging"),
    ("etc/p.conf", "rpc_executor=eventlet", "configuration", "oslo.messaging"),
    ("etc/p.conf", "# by eventlet or not", "configuration", "the text of an option"),
    ("etc/p.conf", "#eventlet_hub = poll", "configuration", "project's own"),
    ("etc/p.conf", "backend = eventlet", "configuration", "chooses Eventlet"),
    ("etc/p.toml", 'async_mode = "eventlet"', "configuration", "async_mode=thr"),
    (
        "etc/p.conf-sample",
        "# Deprecated group/name - [a]/eventlet_x",
        "configuration",
        "old name",
    ),
    ("gunicorn.conf", "worker_class = 'eventlet'", "service", "gthread"),
    ("p.service", "ExecStart=gunicorn -k eventlet p", "service", "gthread"),
    ("Procfile", "web: gunicorn --worker-class=eventlet p", "service", "gthread"),
    ("Procfile", "worker: celery -A p worker -P eventlet", "service", "Celery"),
    ("Dockerfile", "ENV EVENTLET_NO_GREENDNS=yes", "service", "only Eventlet reads"),
    ("Dockerfile.dev", "RUN pip install eventlet", "service", "installs it"),
    (
        "docker-compose.yml",
        "command: celery worker --pool=eventlet",
        "service",
        "Celery",
    ),
    ("tools/run.sh", "celery worker --pool eventlet", "script", "Celery"),
    ("tools/run.sh", "export EVENTLET_HUB=poll", "script", "only Eventlet reads"),
    ("bin/run", "#!/bin/sh\ngunicorn -k p.EventletWorker", "script", "gthread"),
    ("bin/p", "#!/usr/bin/env python3\nimport eventlet", "script", "neither exec"),
    ("p/setup.py.tmpl", "requires = ['eventlet']", "script", "convert it by hand"),
    ("doc/source/a.rst", "It uses eventlet.", "docs", "stops being true"),
    ("README.md", "Green threads are light.", "docs", "stops being true"),
    ("doc/source/a.rst", "    import eventlet", "docs", "an example"),
    ("doc/source/a.rst", "   eventlet.sleep(1)", "docs", "an example"),
    ("doc/source/a.rst", ".. _eventlet: https://e.net", "docs", "link target"),
    ("doc/source/a.rst", "gunicorn -k eventlet p", "docs", "as the deployment"),
    ("doc/source/a.rst", ".. automodule:: p.eventlet_utils", "docs", "names a mod"),
    ("doc/source/a.rst", "- [N340] not eventlet.spawn", "docs", "lint check"),
    ("releasenotes/notes/a-1.yaml", "fix eventlet", "release-note", "Leave it"),
    ("ChangeLog", "* eventlet", "release-note", "Leave it"),
    ("p/locale/de/p.po", 'msgid "eventlet"', "translation", "Leave it"),
    ("p/locale/p.pot", 'msgid "eventlet"', "translation", "Leave it"),
    ("a.unknown", "eventlet", "other", "by hand"),
    ("setup.py", '    "eventlet>=0.33",', "packaging", "the requirement"),
]


@pytest.mark.parametrize(("name", "text", "kind", "said"), KINDS)
def test_kind_and_advice(
    tmp_path: Path, name: str, text: str, kind: str, said: str
) -> None:
    mention = found(tmp_path, name, text)[-1]
    assert (mention.path, mention.kind) == (name, kind)
    assert said in mention.advice


def by_line(listed: list[Mention]) -> dict[int, tuple[str, str]]:
    return {each.line: (each.kind, each.advice) for each in listed}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "setup.cfg",
            SETUP_CFG,
            {
                3: ("requirements", "requirement itself"),
                5: ("packaging", "extra with this name"),
                6: ("requirements", "requirement of an extra"),
                9: ("requirements", "pulls in Eventlet"),
                12: ("packaging", "module with Eventlet in its name"),
                14: ("packaging", "others choose by this name"),
                16: ("coverage", "thread`"),
                17: ("coverage", "names a module"),
                20: ("test-setup", "nothing imports them"),
            },
        ),
        (
            "pyproject.toml",
            PYPROJECT,
            {
                4: ("requirements", "requirement itself"),
                7: ("packaging", "extra with this name"),
                9: ("requirements", "requirement of an extra"),
                12: ("packaging", "module with Eventlet in its name"),
                14: ("coverage", "thread`"),
                16: ("test-setup", "nothing imports them"),
            },
        ),
        (
            "tox.ini",
            TOX,
            {
                3: ("requirements", "installed for the tests"),
                5: ("test-setup", "only Eventlet reads"),
                6: ("test-setup", "a variable of the project's own"),
                7: ("test-setup", "own switch"),
                8: ("test-setup", "a comment"),
                9: ("coverage", "--concurrency=thread"),
                10: ("test-setup", "a test environment"),
                11: ("test-setup", "environment or command"),
                14: ("test-setup", "a lint check"),
            },
        ),
    ],
)
def test_sections_and_keys_say_what_a_line_is(
    tmp_path: Path, name: str, text: str, expected: dict[int, tuple[str, str]]
) -> None:
    got = by_line(found(tmp_path, name, text))
    assert list(got) == list(expected)
    for line, (kind, said) in expected.items():
        assert got[line][0] == kind, line
        assert said in got[line][1], line


def test_a_yaml_list_belongs_to_the_key_above_it(tmp_path: Path) -> None:
    text = (
        "repos:\n- id: a\n  additional_dependencies:\n  - eventlet\n  args: eventlet\n"
    )
    first, second = found(tmp_path, ".pre-commit-config.yaml", text)
    assert first.kind == "requirements"
    assert second.kind == "test-setup"


def test_a_generated_requirement_names_what_to_change_instead(tmp_path: Path) -> None:
    text = "# This file is autogenerated by a tool\neventlet==1\n    # via celery\n"
    (mention,) = found(tmp_path, "requirements.txt", text)
    assert "generated file" in mention.advice


# What is no mention ---------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "greenletter",
        "GREENLETTER",
        "an eventLetter",
        "greenletting",
        "evergreenlet",
        "deventlet scan",
        "[tool.deventlet]",
        "a green paint pool",
        "green-house",
        "oslo.service[threading]",
        "python-socketio",
        "event let",
    ],
)
def test_other_words_are_no_mention(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "requirements.txt", line) == []


@pytest.mark.parametrize(
    "word",
    [
        "eventlet",
        "EVENTLET",
        "Eventlets",
        "mastereventlet",
        "logger_eventletwsgi",
        "old_Eventlet",
        "greenlet",
        "greenlets.",
        "GreenletExit",
        "GREENLET_LEAK",
        "python-greenlet",
        "PyGreenlet",
        "greenthreads",
        "GreenThread",
        "green thread",
        "green-threads",
        "check_greenthread_x",
        "GreenPool",
    ],
)
def test_words_that_mean_it(tmp_path: Path, word: str) -> None:
    (mention,) = found(tmp_path, "a.rst", f"The {word} here")
    assert mention.text == f"The {word} here"


def test_a_line_after_deventlet_may_still_name_eventlet(tmp_path: Path) -> None:
    (mention,) = found(tmp_path, "README.rst", "deventlet removes eventlet")
    assert mention.column == 18


# Places and texts -----------------------------------------------------------------


def test_line_column_and_text(tmp_path: Path) -> None:
    text = "one\r\n\r\n\tthe é eventlet \r\neventlet, eventlet"
    first, second = found(tmp_path, "a.rst", text)
    assert (first.line, first.column, first.text) == (3, 8, "the é eventlet")
    assert (second.line, second.column, second.text) == (4, 0, "eventlet, eventlet")


def test_a_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    (mention,) = found(tmp_path, "requirements.txt", b"\xef\xbb\xbfeventlet\n")
    assert (mention.column, mention.text) == (0, "eventlet")
    assert "requirement itself" in mention.advice


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_is_text(tmp_path: Path, codec: str) -> None:
    (mention,) = found(tmp_path, "a.ini", "\ufeffé = eventlet".encode(codec))
    assert (mention.line, mention.column, mention.text) == (1, 5, "é = eventlet")


def test_undecodable_bytes_are_replaced(tmp_path: Path) -> None:
    (mention,) = found(tmp_path, "a.rst", b"caf\xe9 eventlet \x1b[31m")
    assert mention.text == "caf\ufffd eventlet \ufffd[31m"
    assert mention.column == 5


def test_a_long_line_is_cut_around_the_word(tmp_path: Path) -> None:
    text = "x" * 5000 + " eventlet " + "y" * 5000
    (mention,) = found(tmp_path, "a.rst", text)
    assert mention.column == 5001
    assert " eventlet " in mention.text
    assert len(mention.text) == MAX_TEXT + 2
    assert mention.text[0] == mention.text[-1] == "…"


def test_a_word_at_the_end_of_a_long_line_is_shown(tmp_path: Path) -> None:
    (mention,) = found(tmp_path, "a.rst", "x" * 5000 + " eventlet")
    assert mention.text.startswith("…")
    assert mention.text.endswith("x eventlet")
    assert len(mention.text) == MAX_TEXT + 1


def test_history_and_generated_files_are_one_mention(tmp_path: Path) -> None:
    (mention,) = found(tmp_path, "releasenotes/notes/a.yaml", "a\neventlet\ngreenlet\n")
    assert mention.line == 2
    assert mention.advice.endswith("(2 lines)")


def test_mentions_are_in_order_of_place(tmp_path: Path) -> None:
    names = [put(tmp_path, n, "eventlet\n" * 11) for n in ("b.rst", "a.rst")]
    places = [(m.path, m.line) for m in mentions(tmp_path, names)]
    assert places == [(n, i) for n in ("a.rst", "b.rst") for i in range(1, 12)]


# What cannot be searched ----------------------------------------------------------


def test_binary_files_are_passed_over(tmp_path: Path) -> None:
    name = put(tmp_path, "a.bin", b"eventlet\0eventlet")
    big = put(tmp_path, "b.bin", b"\0" + b"x" * MAX_BYTES + b"eventlet")
    result = search(tmp_path, [name, big])
    assert (result.mentions, result.problems) == ((), {})


def test_a_file_too_large_is_named(tmp_path: Path) -> None:
    name = put(tmp_path, "a.txt", b"eventlet\n" + b"x" * MAX_BYTES)
    result = search(tmp_path, [name])
    assert result.mentions == ()
    assert result.problems[name][0] == "file.too-large"
    assert "8 MiB" in result.problems[name][1]


def test_an_unreadable_file_is_named_and_the_search_goes_on(tmp_path: Path) -> None:
    good = put(tmp_path, "b.rst", "eventlet")
    result = search(tmp_path, ["a.rst", good])
    assert [m.path for m in result.mentions] == [good]
    assert result.problems == {
        "a.rst": ("file.unreadable", "No such file or directory")
    }


def test_a_pipe_in_a_file_s_place_does_not_stop_the_search(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.rst")
    result = search(tmp_path, ["a.rst"])
    assert (result.mentions, result.problems) == ((), {})


# Which files are searched ---------------------------------------------------------


@pytest.fixture(params=["repository", "folder"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project with a repository and one without; the same must be found."""
    top = tmp_path / "project"
    top.mkdir()
    if request.param == "repository":
        git(top, "init", "-q")
    return top


def listed(root: Path) -> list[str]:
    return text_files(root, (root / ".git").is_dir())


def test_files_of_the_project_without_python_links_and_ignored_ones(root: Path) -> None:
    odd = ["new\nline.txt", "é.rst", "\udcff.txt", "a b.cfg", "-n", "*.md"]
    for name in (*odd, "a.py", "ignored.txt", ".tox/x.txt", "sub/b.rst"):
        put(root, name, "eventlet")
    put(root, ".gitignore", "ignored.txt\n")
    (root / "script").write_text("#!/usr/bin/env python3\nimport eventlet\n")
    (root / "script").chmod(0o755)
    put(root.parent, "outside.rst", "eventlet")
    (root / "out.rst").symlink_to(root.parent / "outside.rst")
    (root / "in.rst").symlink_to("sub/b.rst")
    assert listed(root) == sorted([*odd, ".gitignore", "sub/b.rst"])
    paths = [m.path for m in mentions(root, listed(root))]
    assert paths == sorted([*odd, "sub/b.rst"])


def test_the_work_tree_is_searched_and_not_what_was_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    put(tmp_path, "gone.rst", "eventlet")
    put(tmp_path, "changed.rst", "nothing")
    git(tmp_path, "add", "-A")
    (tmp_path / "gone.rst").unlink()
    put(tmp_path, "changed.rst", "eventlet")
    put(tmp_path, "new.rst", "eventlet")
    found_in = [m.path for m in mentions(tmp_path, text_files(tmp_path, True))]
    assert found_in == ["changed.rst", "new.rst"]


# The table and the time -----------------------------------------------------------


def test_every_rule_and_area_names_known_areas_and_times() -> None:
    names = {area.name for area in table().areas}
    everything: list[Area | Rule] = [*table().areas, *table().rules]
    for said in everything:
        assert said.when in table().times
        assert said.advice
        assert "\n" not in said.advice
    for rule in table().rules:
        assert set(rule.areas) <= names
        assert not set(rule.areas) & {a.name for a in table().areas if a.once}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("etc/a.conf", "eventlet\n" * 20_000),
        ("a.json", "green" * 400_000),
        ("etc/b.yaml", "".join(f"{' ' * i}k{i}: eventlet\n" for i in range(1000))),
        ("tox.ini", "[" * 500_000 + "eventlet"),
        ("etc/c.conf", " " * 500_000 + "eventlet"),
    ],
)
def test_no_file_takes_more_than_its_length(
    tmp_path: Path, name: str, text: str
) -> None:
    put(tmp_path, name, text)
    assert paces(seconds_of(lambda: mentions(tmp_path, [name]))) < 50


# -- comments in Python code --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("os.environ['EVENTLET_NO_GREENDNS'] = 'yes'", [(1, 12)]),
        ('x = 1\nenviron.setdefault("EVENTLET_HUB", "poll")\r\n', [(2, 20)]),
        ("os.putenv('EVENTLET_HUB', 'poll')", [(1, 11)]),
        ("self.useFixture(EnvironmentVariable('EVENTLET_HUB'))", []),
        ("# os.environ['EVENTLET_NO_GREENDNS'] = 'yes'", []),
        ("os.environ['OS_EVENTLET_OFF'] = 'yes'", []),
        ("EVENTLET_MODULES = {'os': True}", []),
    ],
)
def test_variables_of_eventlet_are_found_in_code(
    text: str, places: list[tuple[int, int]]
) -> None:
    found = list(variables("a.py", text.encode()))
    assert [(each.line, each.column) for each in found] == places
    assert {each.kind for each in found} <= {"configuration"}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("# eventlet needs this", [(1, 2)]),
        ("x = 1  # NOTE: Eventlet\n\n# a greenthread", [(1, 15), (3, 4)]),
        ("x = 'eventlet'  # '' eventlet", [(1, 21)]),
        ("x = '# eventlet'", []),
        ('"""\n# eventlet\n"""\n# eventlet', [(4, 2)]),
        ("x = 'it\\'s # eventlet'  # greenlets\r\n", [(1, 26)]),
        ("import eventlet  # noqa", []),
        ("import eventlet\n# nothing", []),
        ("# \u00e9 eventlet", [(1, 5)]),
    ],
)
def test_comments_are_told_from_strings(
    text: str, places: list[tuple[int, int]]
) -> None:
    found = list(comments("a.py", text.encode()))
    assert [(each.line, each.column) for each in found] == places
    assert {each.kind for each in found} <= {"comment"}
    if found:
        assert any(word in text.encode() for word in COMMENT_WORDS)
