from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from deventlet.config import Config, ConfigProblem, load

# Each key with a value and what it gives; a test holds the list against the class.
KEYS: dict[str, tuple[str, object]] = {
    "profile": ("'dual'", "dual"),
    "concurrency-module": ("'proj.concurrency'", "proj.concurrency"),
    "yield-helper": ("'proj.utils.pause'", "proj.utils.pause"),
    "tpool-wrapper": ("'proj.utils.wrap'", "proj.utils.wrap"),
    "executor-factory": ("'proj.utils.executor'", "proj.utils.executor"),
    "spellings": ("{'proj.nap' = 'eventlet.sleep'}", {"proj.nap": "eventlet.sleep"}),
    "executor": ("'futurist.ThreadPoolExecutor'", "futurist.ThreadPoolExecutor"),
    "blocking-executor": ("'proj.threads.Pool'", "proj.threads.Pool"),
    "assume": ("['process-patched']", ("process-patched",)),
    "exclude": ("['vendor/', '!vendor/ours.py']", ("vendor/", "!vendor/ours.py")),
    "keep": ("['vendor/', '!vendor/ours.py']", ("vendor/", "!vendor/ours.py")),
    "shims": ("['proj.hub', 'proj.utils.spawn']", ("proj.hub", "proj.utils.spawn")),
    "line-length": ("99", 99),
    "message-template": ("'dev/message.j2'", "dev/message.j2"),
    "ignore-branches": ("['debug', 'pydev']", ("debug", "pydev")),
    "ignore-entry-points": ("['proj-dead']", ("proj-dead",)),
}
WRONG_TYPES = {
    "profile": ("'both'", "true"),
    "concurrency-module": ("1", "'concurrency'", "'proj.'"),
    "tpool-wrapper": ("1", "'wrap'"),
    "executor-factory": ("1", "'executor'"),
    "yield-helper": ("1", "'pause'", "'proj.utils.'", "'a b.c'", "''"),
    "spellings": (
        *("[]", "{'proj.nap' = 1}", "{'proj.nap' = 'time.sleep'}"),
        *("{'nap' = 'eventlet.sleep'}", "{'proj.nap' = 'eventlet'}"),
        "{'proj.nap' = 'eventlet.'}",
    ),
    "shims": ("'proj.hub'", "[1]", "['hub']", "['proj.']"),
    "executor": (
        *("''", "'ThreadPoolExecutor'", "'futurist.GreenThreadPoolExecutor'", "1"),
        *("'futurist.GreenPoolExecutor'", "['futurist.ThreadPoolExecutor']"),
    ),
    "blocking-executor": ("1", "'Pool'", "'proj.threads.'", "''"),
    "assume": ("'process-patched'", "[1]"),
    "exclude": ("'vendor/'", "[[]]"),
    "keep": ("'vendor/'", "[[]]"),
    "line-length": ("'79'", "79.5", "0", "-1", "true"),
    "message-template": ("1", "['dev/message.j2']"),
    "ignore-branches": ("'debugger'", "{}"),
    "ignore-entry-points": ("'proj-dead'", "[1]"),
}
PLACES = {"deventlet.toml": "", "pyproject.toml": "[tool.deventlet]\n"}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """One of the two files that settings may be in, and what stands above them."""
    return tmp_path / request.param, PLACES[request.param]


def test_every_key_is_in_these_tests() -> None:
    known = {field.encode_name for field in msgspec.structs.fields(Config)}
    assert known == set(KEYS) == set(WRONG_TYPES)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("dash", ["-", "_"])
def test_every_key_works(place: tuple[Path, str], key: str, dash: str) -> None:
    path, above = place
    value, expected = KEYS[key]
    path.write_text(f"{above}{key.replace('-', dash)} = {value}\n")
    found = load(path.parent)
    name = key.replace("-", "_")
    assert getattr(found, name) == expected
    assert getattr(Config(), name) != expected


@pytest.mark.parametrize(
    ("key", "value"), [(key, v) for key, values in WRONG_TYPES.items() for v in values]
)
def test_a_wrong_value_is_named_by_file_and_key(
    place: tuple[Path, str], key: str, value: str
) -> None:
    path, above = place
    path.write_text(f"{above}{key} = {value}\n")
    with pytest.raises(ConfigProblem) as wrong:
        load(path.parent)
    assert str(wrong.value).startswith(f"{path.name}: `{key}")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("profil", "; did you mean `profile`?"),
        ("yield_helpers", "; did you mean `yield-helper`?"),
        ("zzz", ""),
    ],
)
def test_an_unknown_key_is_an_error_with_the_nearest(
    place: tuple[Path, str], key: str, hint: str
) -> None:
    path, above = place
    path.write_text(f"{above}{key} = 1\n")
    with pytest.raises(ConfigProblem) as wrong:
        load(path.parent)
    assert str(wrong.value) == f"{path.name}: there is no key `{key}`{hint}"


def test_a_key_in_both_spellings_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "deventlet.toml").write_text("line-length = 79\nline_length = 99\n")
    with pytest.raises(ConfigProblem, match="`line-length` is given twice"):
        load(tmp_path)


@pytest.mark.parametrize(
    "raw", [b"profile = ", b"[tool", b"\xff", b"a = 1\na = 2\n", b"\0"]
)
def test_a_file_that_is_not_toml_is_named(place: tuple[Path, str], raw: bytes) -> None:
    path, _ = place
    path.write_bytes(raw)
    with pytest.raises(ConfigProblem, match=f"^{path.name}: "):
        load(path.parent)


def test_settings_in_both_places_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "deventlet.toml").write_text("line-length = 79\n")
    (tmp_path / "pyproject.toml").write_text("[tool.deventlet]\nprofile = 'dual'\n")
    with pytest.raises(ConfigProblem, match=r"deventlet\.toml and in \[tool"):
        load(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'x'\n", "[tool.black]\nline-length = 99\n"]
)
def test_a_project_without_settings_has_the_defaults(tmp_path: Path, text: str) -> None:
    assert load(tmp_path) == Config()
    (tmp_path / "pyproject.toml").write_text(text)
    assert load(tmp_path) == Config()
    (tmp_path / "deventlet.toml").write_text("profile = 'dual'\n")
    assert load(tmp_path) == Config(profile="dual")


def test_settings_that_are_no_table_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool.deventlet = 1\n")
    with pytest.raises(ConfigProblem, match=r"^pyproject.toml: tool\.deventlet is not"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("settings", "helper"),
    [
        ({"profile": "dual"}, None),
        ({"profile": "dual", "concurrency_module": "p.both"}, "p.both.tpool_wrap"),
        ({"profile": "native", "concurrency_module": "p.both"}, None),
        (
            {"profile": "dual", "concurrency_module": "p.both", "tpool_wrapper": "p.w"},
            "p.w",
        ),
        ({"tpool_wrapper": "p.w"}, "p.w"),
    ],
)
def test_helpers_are_those_of_the_module_unless_named(
    settings: dict[str, str], helper: str | None
) -> None:
    config = Config(**settings)  # type: ignore[arg-type]
    assert config.helper("tpool_wrapper") == helper
