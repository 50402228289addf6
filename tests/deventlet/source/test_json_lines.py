from __future__ import annotations

from pathlib import Path

import msgspec

from deventlet.source.json_lines import add_line, read_lines


class Line(msgspec.Struct, frozen=True):
    number: int


def test_lines_come_back_in_order(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "lines.jsonl"
    for number in range(3):
        add_line(file, Line(number))
    assert [*read_lines(file, Line)] == [Line(0), Line(1), Line(2)]


def test_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert [*read_lines(tmp_path / "lines.jsonl", Line)] == []


def test_a_line_that_was_cut_short_costs_no_other(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    add_line(file, Line(1))
    for end in range(1, len(file.read_bytes())):
        whole = b'{"number":1}\n'
        file.write_bytes(whole + whole[:end])
        add_line(file, Line(2))
        found = [*read_lines(file, Line)]
        assert (found[0], found[-1]) == (Line(1), Line(2))


def test_what_is_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b'{"number":"one"}\n[]\n\xff\n\n{"number":1}\n')
    assert [*read_lines(file, Line)] == [Line(1)]
