"""Every row of the rule table that concerns values: what is stored, or the exact message."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mdscripts import domain
from mdscripts.domain.profile import PROFILE_ATTRIBUTES, render_detail

DATA = Path(__file__).parent / "data"
KEYS = {attribute: key for key, attribute in PROFILE_ATTRIBUTES.items()}


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


ROWS = read_lines("rule_rows.jsonl")
CASES = read_lines("value-cases.jsonl")


def name_of(row: dict[str, Any]) -> str:
    return str(row.get("row") or row["rule"])


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_it_answers_each_row_of_the_rule_table(judge, row):
    judged = judge(row["raw"], row.get("changed", PROFILE_ATTRIBUTES), row.get("current", {}))
    assert render_detail(judged.violations) == row.get("detail", "")
    assert [violation.rule for violation in judged.violations] == row.get("rules", [])
    expected = row.get("values", {})
    assert {key: plain(judged.values)[key] for key in expected} == expected
    if "warnings" in row:
        assert [warning.id for warning in judged.warnings] == row["warnings"]
    if "ignored" in row:
        assert list(judged.ignored) == row["ignored"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_it_answers_each_machine_readable_value_case(judge, case):
    attribute, sent = case["attr"], case["in"]
    key = KEYS[attribute]
    raw = {"emails": [{"value": sent, "primary": True}]} if key == "emails" else {key: sent}
    judged = judge({"is_provider": case.get("isProvider", True), **raw})
    if "error" in case:
        assert [violation.rule for violation in judged.violations] == [case["error"]]
        assert judged.violations[0].attribute == attribute
        return
    assert judged.violations == ()
    value = plain(judged.values)[key]
    value = value[0]["value"] if key == "emails" else value
    # A flag that is not set is false: MDScripts has no third answer to "is this a provider?".
    assert value == (False if case["out"] is None and attribute == "isProvider" else case["out"])


def test_no_rule_is_without_a_row():
    """EM-15 needs a thousand emails and has its test beside the other email rules."""
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(domain.__path__[0]).glob("*.py"))
    raised = set(re.findall(r'"((?:UN|EM|ET|NM|BO|NPI|DEA|RO|TZ|SI)-\d+)"', sources))
    fired = {rule for row in ROWS for rule in row.get("rules", [])}
    assert raised - fired == {"EM-15"}
