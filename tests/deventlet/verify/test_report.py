"""Which tests failed is read off the report that the command leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from subunit import StreamResultToBytes

from deventlet.verify.report import MISSING, Report

Event = tuple[str | None, str | None]

STREAMS: dict[str, tuple[list[Event], set[str]]] = {
    "passed": ([("a", "exists"), ("a", "inprogress"), ("a", "success")], set()),
    "skipped": ([("a", "inprogress"), ("a", "skip"), ("b", "xfail")], set()),
    "failed": ([("a", "inprogress"), ("a", "fail"), ("b", "success")], {"a"}),
    "unexpected": ([("a", "uxsuccess")], {"a"}),
    "never ended": ([("a", "inprogress"), ("b", "success")], {"a"}),
    "class": ([("setUpClass (proj.A)", "fail")], {"setUpClass (proj.A)"}),
    "with a log": ([("a", "fail"), ("a", None)], {"a"}),
    "no test": ([], {MISSING}),
    "only listed": ([("a", "exists")], {MISSING}),
}


def stream(path: Path, events: list[Event]) -> None:
    with path.open("wb") as file:
        result = StreamResultToBytes(file)
        for test, status in events:
            log = (
                {} if status else {"file_name": "log", "file_bytes": b"17", "eof": True}
            )
            result.status(test_id=test, test_status=status, **log)


@pytest.mark.parametrize("name", STREAMS)
def test_a_subunit_stream_says_what_failed(tmp_path: Path, name: str) -> None:
    events, failed = STREAMS[name]
    stream(tmp_path / "out", events)
    assert Report("subunit", "out").failed(tmp_path) == failed


def test_what_a_command_prints_into_its_stream_is_passed_over(tmp_path: Path) -> None:
    stream(tmp_path / "out", [("a", "fail")])
    raw = (tmp_path / "out").read_bytes()
    (tmp_path / "out").write_bytes(b"Listing tests\n" + raw + "\nDone: 1 ü\n".encode())
    assert Report("subunit", "out").failed(tmp_path) == {"a"}


def test_a_stream_that_was_cut_short_is_a_failure(tmp_path: Path) -> None:
    stream(tmp_path / "out", [("a", "success"), ("b", "success")])
    raw = (tmp_path / "out").read_bytes()
    (tmp_path / "out").write_bytes(raw[:-3])
    assert Report("subunit", "out").failed(tmp_path) == {"subunit.parser"}


JUNIT = """<testsuites><testsuite>
<testcase classname='proj.A' name='one'/>
<testcase classname='proj.A' name='two'><failure/></testcase>
<testcase name='three'><error/></testcase>
<testcase classname='proj.A' name='four'><skipped/></testcase>
</testsuite></testsuites>"""


def test_a_junit_report_says_what_failed(tmp_path: Path) -> None:
    (tmp_path / "out.xml").write_text(JUNIT)
    assert Report("junit", "out.xml").failed(tmp_path) == {"proj.A.two", "three"}


@pytest.mark.parametrize("form", ["junit", "subunit"])
def test_no_report_is_a_failure(tmp_path: Path, form: str) -> None:
    report = Report("junit" if form == "junit" else "subunit", "out")
    assert report.failed(tmp_path) == {MISSING}
    (tmp_path / "out").write_text("")
    assert report.failed(tmp_path) == {MISSING}
    report.remove(tmp_path)
    report.remove(tmp_path)
    assert not any(tmp_path.iterdir())
