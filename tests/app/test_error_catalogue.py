"""The error catalogue against the code: everything that can be answered, and nothing that cannot."""

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

import mdscripts
from mdscripts.app.error_messages import catalogue
from mdscripts.scim import errors
from mdscripts.scim.errors import ScimError

SOURCE = Path(mdscripts.__path__[0])
RULE = re.compile(r"(?:UN|EM|ET|NM|BO|PF|NPI|DEA|RO|TZ|SI|LC)-\d{2}|W-[A-Z]{2,3}\d")
ROWS = Path(__file__).parents[1] / "domain" / "data" / "rule_rows.jsonl"


class Text(NamedTuple):
    """A text in the code, ``…`` for what is filled in, and the class it is given to, if to one."""

    template: str
    kind: str
    where: str


def modules() -> Iterator[tuple[str, ast.Module]]:
    """The code that answers, without the catalogue itself."""
    for folder in ("domain", "scim", "app", "web/scim"):
        for path in sorted((SOURCE / folder).rglob("*.py")):
            if path.stem not in ("error_catalogue", "rule_entries", "warning_entries", "protocol_entries"):
                yield path.name, ast.parse(path.read_text(encoding="utf-8"))
    server = SOURCE / "cli" / "http_protocol.py"
    yield server.name, ast.parse(server.read_text(encoding="utf-8"))


def template(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp):
        return (template(node.left) or "…") + (template(node.right) or "…")
    return None


def texts() -> list[Text]:
    found = []
    for name, tree in modules():
        owners = {
            id(node.args[0]): node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
        }
        for node in ast.walk(tree):
            text = template(node)
            if text:
                found.append(Text(text, owners.get(id(node), ""), f"{name}:{getattr(node, 'lineno', 0)}"))
    return found


TEXTS = texts()


def subclasses(kind: type[ScimError]) -> Iterator[type[ScimError]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from subclasses(sub)


@pytest.fixture(scope="module")
def kinds() -> set[type[ScimError]]:
    """Every class of refusal there is, wherever it is defined."""
    for package in ("scim", "app", "web"):
        root = importlib.import_module(f"mdscripts.{package}")
        for module in pkgutil.walk_packages(root.__path__, f"mdscripts.{package}."):
            importlib.import_module(module.name)
    return {kind for kind in subclasses(ScimError) if kind.__module__.startswith("mdscripts.")}


def test_every_rule_and_warning_that_can_be_told_has_an_entry_and_no_other_has() -> None:
    told = {
        found
        for text in TEXTS
        for found in RULE.findall(text.template)
        if text.template == found or f"[{found}]" in text.template
    }
    listed = {entry.id for entry in (*catalogue.RULES, *catalogue.RECORDED)}
    assert len(told) >= 55
    assert told == listed


def test_every_refusal_of_the_protocol_has_an_entry_and_no_other_has(kinds: set[type[ScimError]]) -> None:
    answered = {(kind.status, kind.scim_type) for kind in kinds}
    assert len(answered) >= 26
    assert {(entry.status, entry.scim_type) for entry in catalogue.PROTOCOL} == answered


def test_ids_are_unique_and_found() -> None:
    ids = [entry.id for entry in catalogue.ENTRIES]
    assert sorted(set(ids)) == sorted(ids)
    assert all(catalogue.find(entry.id) is entry for entry in catalogue.ENTRIES)
    assert catalogue.find("NPI-99") is None
    assert catalogue.find_scim(418, None) is None


def test_a_refusal_is_found_by_what_the_protocol_calls_it() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, ScimError) and kind is not ScimError:
            found = catalogue.find_scim(kind.status, kind.scim_type)
            assert found is not None
            assert (found.status, found.scim_type) == (kind.status, kind.scim_type)


def parts_of(detail: str) -> list[str]:
    """The single messages of a detail; what was cut off at its end is left out."""
    parts = re.split(r"(?:^|(?<=\]) )\(\d+\) ", detail)
    return [part for part in parts if re.search(r"\[[A-Z]+-\d+\]$", part)]


def rule_messages() -> Iterator[tuple[str, str]]:
    for line in ROWS.read_text(encoding="utf-8").splitlines():
        for message in parts_of(json.loads(line).get("detail", "")):
            yield message.rpartition("[")[2].rstrip("]"), message


def test_every_message_of_the_rule_table_is_one_of_its_entry() -> None:
    seen = set()
    for rule, message in rule_messages():
        entry = catalogue.find(rule)
        assert entry is not None
        assert catalogue.matches(entry, message), (rule, message)
        assert message.split()[0] in entry.attributes or message.startswith(("Only", "emails.primary")), message
        seen.add(rule)
    # EM-15 needs a thousand emails; UN-10, UN-13, LC-10 and LC-11 are about what is stored.
    assert {entry.id for entry in catalogue.RULES} - seen == {"EM-15", "UN-10", "UN-13", "LC-10", "LC-11"}


def test_every_sentence_that_refuses_is_listed(kinds: set[type[ScimError]]) -> None:
    by_name = {kind.__name__: kind for kind in kinds}
    unlisted = []
    checked = 0
    for text in TEXTS:
        kind = by_name.get(text.kind)
        if kind is None or not text.template.strip("… "):
            continue
        checked += 1
        entry = catalogue.find_scim(kind.status, kind.scim_type)
        assert entry is not None
        if not catalogue.matches(entry, text.template):
            unlisted.append((entry.id, text))
    assert checked >= 80
    assert unlisted == []


@pytest.mark.parametrize("entry", catalogue.ENTRIES, ids=lambda entry: entry.id)
def test_every_listed_sentence_can_be_said(entry: catalogue.Entry) -> None:
    said = [message for rule, message in rule_messages() if rule == entry.id] + [text.template for text in TEXTS]
    for message in entry.messages:
        alone = replace(entry, messages=(message,))
        assert any(catalogue.matches(alone, text) for text in said), message


def test_every_entry_says_what_and_why_and_what_to_do() -> None:
    for entry in catalogue.ENTRIES:
        assert entry.title
        assert not entry.title.endswith(".")
        for text in (entry.cause, entry.remedy):
            assert text.endswith("."), (entry.id, text)
            assert "  " not in text
            assert text.count(". ") <= 3
