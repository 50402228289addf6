"""A project's own text in messages: what it may say, and what it cannot reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.series.build import try_template
from deventlet.series.template import Template, TemplateProblem, load


def render(source: str, **values: object) -> str:
    return Template("message.j2", source).render(values)


def test_a_template_reads_the_values_that_it_is_given() -> None:
    source = "{% for p in paragraphs %}\n{{ loop.index }}. {{ p }}\n{% endfor %}"
    assert render(source, paragraphs=["one", "two"]) == "1. one\n2. two\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ sumary }}", "'sumary' is undefined"),
        ("a\n{% if %}", "message.j2:2"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ counts.rewriten }}", "rewriten"),
        ("a{{ '\\x1b[31m' }}", "control character"),
        ("{{ 'a' * 200000 }}", "too long"),
        ("{{ range(1000000) | list }}", "Range too big"),
    ],
)
def test_a_mistake_is_named(source: str, said: str) -> None:
    with pytest.raises(TemplateProblem, match=r"message\.j2") as problem:
        try_template(Template("message.j2", source))
    assert said in str(problem.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{ summary.__class__.__mro__ }}",
        "{{ summary['__class__'] }}",
        "{{ (summary | attr('__class__')).__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ '{0.__class__.__mro__}'.format(summary) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ paragraphs.append('more') }}",
        "{{ counts.clear() }}",
        "{{ open('/etc/passwd').read() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'setup.cfg' %}",
    ],
)
def test_a_hostile_template_reaches_nothing(source: str) -> None:
    with pytest.raises(TemplateProblem):
        try_template(Template("message.j2", source))


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "missing", "."])
def test_a_template_is_a_file_inside_of_the_project(tmp_path: Path, name: str) -> None:
    root = tmp_path / "proj"
    root.mkdir()
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to("../secret")
    with pytest.raises(TemplateProblem, match="message-template"):
        load(root, name)
