"""The reference pages hold everything there is to look up, and say what the code says."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mdscripts.cli.application import app as command_line
from mdscripts.scim import errors, tolerances
from mdscripts.settings import Settings
from tests.support.markdown import headings
from tests.support.processes import PROJECT
from tools import generate_docs

REFERENCE = PROJECT / "docs" / "reference"
SOURCE = PROJECT / "src" / "mdscripts"
RULE = re.compile(r"\b(?:UN|EM|ET|NM|BO|PF|NPI|DEA|RO|TZ|SI|LC)-\d{2}\b|\bW-[A-Z]{2,3}\d\b")


def text_of(page: str) -> str:
    return (REFERENCE / page).read_text(encoding="utf-8")


def code_of(folder: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((SOURCE / folder).rglob("*.py")))


def test_the_generated_blocks_say_what_the_code_says() -> None:
    stale = [str(path) for path, text, wanted in generate_docs.pages() if text != wanted]
    assert stale == [], "run: make docs"


def test_every_kind_of_block_is_on_a_page() -> None:
    used = {name for _, text, _ in generate_docs.pages() for _, name, _ in generate_docs.BLOCK.findall(text)}
    assert used == set(generate_docs.BLOCKS)


def test_a_page_that_is_out_of_date_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "docs" / "settings.md"
    page.parent.mkdir()
    page.write_text("<!-- generated: settings -->\nold\n<!-- end generated -->\n", encoding="utf-8")
    monkeypatch.setattr(generate_docs, "DOCS", page.parent)
    assert generate_docs.main(["--check"]) == 1
    assert generate_docs.main([]) == 0
    assert generate_docs.main(["--check"]) == 0
    assert "MDSCRIPTS_DATABASE" in page.read_text(encoding="utf-8")


def test_every_setting_has_a_heading() -> None:
    assert {row.variable for row in Settings().describe()} <= set(headings(REFERENCE / "settings.md"))


def test_every_tolerance_has_a_heading() -> None:
    assert set(tolerances.ALL) <= set(headings(REFERENCE / "tolerances.md"))


def test_every_command_has_a_heading() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "mdscripts", "--help"], capture_output=True, text=True, check=True
    ).stdout
    titles = " ".join(headings(REFERENCE / "cli.md"))
    commands = [name for name in command_line if not name.startswith("-")]
    assert {"migrate", "serve", "organization", "site", "user", "token", "simulate", "doctor", "demo"} <= set(commands)
    for name in commands:
        assert name in listed
        assert re.search(rf"\bmdscripts {name}\b", titles), name
        for verb in command_line[name]:
            if not verb.startswith("-"):
                assert re.search(rf"\bmdscripts {name} {verb}\b", titles), f"{name} {verb}"


def test_every_scim_type_and_status_is_explained() -> None:
    rows = text_of("errors.md")
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.ScimError) and kind is not errors.ScimError:
            shown = f"`{kind.scim_type}`" if kind.scim_type else "–"
            assert f"| {kind.status} | {shown} |" in rows, kind.__name__


def test_every_rule_and_warning_in_the_code_is_explained() -> None:
    used = {
        rule
        for folder in ("domain", "app")
        for line in code_of(folder).splitlines()
        for rule in re.findall(rf"[\"\[]({RULE.pattern})[\"\]]", line)
    }
    explained = set(re.findall(rf"^\| ({RULE.pattern}) \|", text_of("errors.md"), re.M))
    assert len(used) >= 30
    assert sorted(used - explained) == []


def test_every_attribute_is_listed() -> None:
    listed = text_of("attributes.md")
    for kind in generate_docs.TYPES:
        for schema in kind.schemas():
            assert f"`{schema.id}`" in listed
            assert [a.name for a in schema.attributes if f"| `{a.name}` |" not in listed] == []


def test_every_endpoint_is_listed() -> None:
    listed = text_of("http-api.md")
    table = set(re.findall(r"\(\"([.A-Za-z]+)\",\)\]? *[:=]", code_of("web/scim")))
    assert {"Bulk", "Schemas", ".search"} <= table
    endpoints = {f"/{name}" for name in table} | {kind.endpoint for kind in generate_docs.TYPES}
    assert {"/Users", "/Groups"} <= endpoints
    assert [name for name in sorted(endpoints) if f"`{name}`" not in listed] == []


def test_every_action_of_the_audit_is_listed() -> None:
    actions = set(re.findall(r"\"((?:user|group|site|token|organization)\.[a-z_]+)\"", code_of("app")))
    assert len(actions) >= 8
    assert [action for action in sorted(actions) if f"`{action}`" not in text_of("audit-events.md")] == []


def test_every_field_of_the_audit_is_listed() -> None:
    from dataclasses import fields

    from mdscripts.app.ports import AuditFact

    listed = text_of("audit-events.md")
    assert [field.name for field in fields(AuditFact) if f"`{field.name}`" not in listed] == ["id"]
