"""What requirement lists and settings files say, and what an edit of one may change."""

from __future__ import annotations

import pytest

from deventlet.source.settings import (
    Form,
    NotUnderstood,
    facts,
    form_of,
    required_lines,
    strays,
)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("requirements.txt", "list"),
        ("requirements/base.in", "list"),
        ("tox.ini", "ini"),
        ("proj/setup.cfg", "ini"),
        (".coveragerc", "ini"),
        ("pyproject.toml", "toml"),
        ("environment.yml", "other"),
        ("setup.py", "python"),
    ],
)
def test_the_form_is_told_by_the_name(path: str, form: Form) -> None:
    assert form_of(path) == form


def test_ini_values_are_read_line_by_line() -> None:
    text = "[testenv]\ndeps =\n    a\n    # said\n\n    b==1\nusedevelop = True\n[x]\n"
    assert sorted(facts("ini", text)) == [
        ("testenv/deps", "a"),
        ("testenv/deps", "b==1"),
        ("testenv/usedevelop", "True"),
    ]


def test_toml_values_are_read_with_their_keys() -> None:
    text = '[project]\ndependencies = ["a", "b"]\n[tool.x]\ny = 1\n'
    assert sorted(facts("toml", text)) == [
        ("/project/dependencies", "a"),
        ("/project/dependencies", "b"),
        ("/tool/x/y", "1"),
    ]


@pytest.mark.parametrize(
    ("form", "text"),
    [("ini", "no section\n"), ("toml", "x = [1,"), ("other", "")],
)
def test_what_cannot_be_parsed_is_said(form: Form, text: str) -> None:
    with pytest.raises(NotUnderstood):
        facts(form, text)


@pytest.mark.parametrize(
    ("before", "after", "stray"),
    [
        ("a\neventlet\nb\n", "a\nb\n", ""),
        ("a\neventlet\nb\n", "a\n", "b"),
        ("a\neventlet\n", "a\nc\n", "c"),
        ("a\na\neventlet\n", "a\n", "a"),
    ],
)
def test_only_what_was_cut_may_be_gone(before: str, after: str, stray: str) -> None:
    assert strays("list", before, after, ["eventlet\n"], [""]) == stray


def test_a_line_of_a_longer_string_is_no_line_of_a_list() -> None:
    before = '[project]\ndescription = """\n"eventlet",\nx"""\n'
    after = before.replace('"eventlet",\n', "")
    assert strays("toml", before, after, ['"eventlet",\n'], [""])


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("x = ['eventlet', 'a']", "x = ['a']", True),
        ("x = ('eventlet',\n'a')", "x = (\n'a',)", True),
        ("f('eventlet', 'a')", "f('a')", False),
        ("x = ['eventlet', b]", "x = [c]", False),
        ("x = ['eventlet', 1]", "x = [2]", False),
        ("x = ['eventlet']", "x = [", False),
    ],
)
def test_of_python_only_texts_in_lists_may_go(
    before: str, after: str, fits: bool
) -> None:
    try:
        stray = strays("python", before, after, ["'eventlet',"], [""])
    except NotUnderstood:
        stray = "not understood"
    assert (stray == "") is fits


def test_a_line_that_goes_on_is_one_requirement() -> None:
    whole = "a\neventlet==1 \\\n  --hash=x\nb\n"
    half = "a\n  --hash=x\nb\n"
    cut = "eventlet==1 \\\n  --hash=x\n"
    assert strays("list", whole, "a\nb\n", [cut], [""]) == ""
    assert strays("list", whole, half, ["eventlet==1 \\\n"], [""])


def test_lists_of_requirements_are_known_by_their_names() -> None:
    text = (
        "REQS = [\n'a',\n]\n"
        "setup(\nkeywords=['b'],\nextras_require={\n'x': ['c'],\n},\n"
        "install_requires=[\n'd',\n],\n)\n"
    )
    assert required_lines(text) == {2, 7, 10}
