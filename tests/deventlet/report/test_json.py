from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from deventlet.codemod import Proposal, Term
from deventlet.inventory import Inventory
from deventlet.report import as_json
from tests.deventlet.report.inventories import EMPTY, HOSTILE, SMALL, entry

SCHEMA = files("deventlet.report").joinpath("scan.schema.json")
SITE_KEYS = (
    *("path", "line", "column", "end_line", "end_column", "api", "form", "codemod"),
    *("verdict", "reason", "message", "replacement"),
)


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def test_the_shipped_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA.read_bytes() == as_json.schema()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(as_json.schema()))


@pytest.mark.parametrize("found", [EMPTY, SMALL, HOSTILE], ids=["empty", "all", "odd"])
def test_every_output_is_valid(found: Inventory) -> None:
    validator().validate(json.loads(as_json.encode(found)))


def bad(data: dict[str, Any], change: str) -> None:
    """Make a document wrong in one way."""
    site = data["sites"][0]
    match change:
        case "version":
            data["version"] = 2
        case "missing":
            del site["verdict"]
        case "unknown":
            site["extra"] = 1
        case "verdict":
            site["verdict"] = "maybe"
        case "line":
            site["line"] = 0


@pytest.mark.parametrize("change", ["version", "missing", "unknown", "verdict", "line"])
def test_the_schema_refuses_what_is_wrong(change: str) -> None:
    data = json.loads(as_json.encode(SMALL))
    bad(data, change)
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(data)


def test_a_site_has_the_documented_fields_in_this_order() -> None:
    site = json.loads(as_json.encode(SMALL))["sites"][0]
    assert tuple(site)[: len(SITE_KEYS)] == SITE_KEYS
    assert {**site, "path": "proj/api/wsgi.py"} == {
        "path": "proj/api/wsgi.py",
        "line": 7,
        "column": 4,
        "end_line": 7,
        "end_column": 21,
        "api": "eventlet.sleep",
        "form": "call",
        "codemod": "sleep",
        "verdict": "rewrite",
        "reason": "",
        "message": "",
        "replacement": "time.sleep(1)",
        "suggestion": "",
        "stage": "A",
        "subject": "proj/api/wsgi.py:7",
        "blocked_by": [],
        "test": False,
        "started_at": [],
        "proposal": None,
        "spelling": "eventlet.sleep",
        "source": "eventlet.sleep(1)",
    }


def test_a_proposal_is_part_of_its_site() -> None:
    said = Proposal(
        "cheroot.wsgi.Server",
        ("server.safe_start()",),
        (Term("max_size", "5", "numthreads", "native threads"),),
        (Term("access log", "", "", "there is none"),),
    )
    found = replace(SMALL, entries=(replace(entry("a.py", 1), proposal=said),))
    data = json.loads(as_json.encode(found))
    validator().validate(data)
    assert data["sites"][0]["proposal"] == {
        "target": "cheroot.wsgi.Server",
        "code": ["server.safe_start()"],
        "arguments": [
            {
                "name": "max_size",
                "value": "5",
                "counterpart": "numthreads",
                "note": "native threads",
            }
        ],
        "changes": [
            {
                "name": "access log",
                "value": "",
                "counterpart": "",
                "note": "there is none",
            }
        ],
    }


def test_what_else_was_found_is_there() -> None:
    data = json.loads(as_json.encode(SMALL))
    (outside,), (process,), (problem,) = (
        data[key] for key in ("mentions", "processes", "problems")
    )
    assert (outside["path"], outside["line"]) == ("requirements.txt", 4)
    assert (process["stage_a"], process["stage_b"]) == (5, 1)
    assert problem == {
        "path": "proj/old.py",
        "reason": "file.python2",
        "message": "this is Python 2, line 3",
    }
    first, second = data["objects"]
    assert first["members"] == {"wait": 2}
    assert first["escapes"][0]["reason"] == "foreign-code"
    assert second["result"] == ["discarded"]


def test_the_order_of_what_was_found_makes_no_difference() -> None:
    backwards = replace(SMALL, entries=SMALL.entries[::-1], objects=SMALL.objects[::-1])
    assert as_json.encode(backwards) == as_json.encode(SMALL)


def test_members_are_in_order() -> None:
    made = replace(SMALL.objects[0], members=(("wait", 1), ("kill", 2)))
    (found,) = json.loads(as_json.encode(replace(EMPTY, objects=(made,))))["objects"]
    assert list(found["members"]) == ["kill", "wait"]


def test_the_bytes_are_utf_8_and_end_in_one_newline() -> None:
    raw = as_json.encode(replace(EMPTY, entries=(entry("g\u00fcn.py", 1),)))
    assert "g\u00fcn.py".encode() in raw
    assert raw.endswith(b"}\n")


def test_a_name_that_is_not_utf_8_is_written_with_escapes() -> None:
    paths = [site["path"] for site in json.loads(as_json.encode(HOSTILE))["sites"]]
    assert "caf\\xe9/[link=x].py" in paths


def test_a_started_function_and_a_hazard_have_the_documented_fields() -> None:
    data = json.loads(as_json.encode(SMALL))
    assert data["threads"] == [
        {
            "path": "proj/compute/manager.py",
            "line": 50,
            "name": "Manager.poll",
            "starts": [
                {
                    "place": "proj/compute/manager.py:12",
                    "api": "eventlet.spawn",
                    "often": "loop",
                }
            ],
        }
    ]
    assert data["hazards"][0] == {
        "path": "proj/compute/a_test.py",
        "line": 5,
        "code": "hazard.atomicity",
        "message": "N is changed",
        "causes": ["proj/compute/a_test.py:4"],
        "test": True,
    }
