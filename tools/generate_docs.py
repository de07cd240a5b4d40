"""Fill the generated blocks of the documentation from the code they describe.

    python -m tools.generate_docs            write them
    python -m tools.generate_docs --check    say which are out of date, exit status 1 if any

A block stands between ``<!-- generated: name -->`` and ``<!-- end generated -->``; the text around
it is written by hand.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import dedent

from mdscripts.app.error_messages import catalogue
from mdscripts.app.schemas import GROUP_TYPE, ROLE_TYPE, SITE_TYPE, USER_TYPE
from mdscripts.cli.application import app as command_line
from mdscripts.cli.application import import_all
from mdscripts.scim import tolerances
from mdscripts.scim.schema import Attribute, ResourceType
from mdscripts.settings import Settings
from tools.deviations import collect_deviations, differences
from tools.limits import LIMITS

TYPES = (USER_TYPE, GROUP_TYPE, ROLE_TYPE, SITE_TYPE)
DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end generated -->)", re.DOTALL)


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars and line breaks inside cells are made harmless."""
    lines = [list(headings)]
    lines.append(["---"] * len(lines[0]))
    lines += [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(text: str) -> str:
    """*text* in code style, or a dash where there is none."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" if text else "–"


# --- errors -------------------------------------------------------------------------------------


def protocol_errors() -> str:
    """One row for each refusal of the protocol, by status; then what each means."""
    rows = ((str(entry.status), code(entry.scim_type or ""), _linked(entry)) for entry in catalogue.PROTOCOL)
    return table(("Status", "scimType", "Meaning"), rows) + _explanations(catalogue.PROTOCOL)


def rules() -> str:
    """One row for each rule of the practice that refuses; then what each means."""
    return table(("Rule", "Attribute", "Meaning"), map(_rule_row, catalogue.RULES)) + _explanations(catalogue.RULES)


def recorded() -> str:
    """One row for what is only recorded; then what each means."""
    rows = map(_rule_row, catalogue.RECORDED)
    return table(("Id", "Attribute", "Meaning"), rows) + _explanations(catalogue.RECORDED)


def _rule_row(entry: catalogue.Entry) -> tuple[str, ...]:
    return entry.id, ", ".join(map(code, entry.attributes)) or "–", _linked(entry)


def _linked(entry: catalogue.Entry) -> str:
    return f"[{entry.title}](#{_heading(entry).lower().replace(' ', '-')})"


def _heading(entry: catalogue.Entry) -> str:
    if entry not in catalogue.PROTOCOL:
        return entry.id
    return f"{entry.status} {entry.scim_type or 'without scimType'}" if entry.status == 400 else _status(entry)


def _status(entry: catalogue.Entry) -> str:
    return f"{entry.status} {entry.scim_type}" if entry.scim_type else str(entry.status)


def _explanations(entries: Iterable[catalogue.Entry]) -> str:
    return "".join(f"\n{_explanation(entry)}" for entry in entries)


def _explanation(entry: catalogue.Entry) -> str:
    lines = [f"#### {_heading(entry)}", "", f"{entry.title}. {entry.cause}", "", f"- What to do: {entry.remedy}"]
    if entry in catalogue.RULES:
        lines.append(f"- Answer: {entry.status} {code(entry.scim_type or '')}".removesuffix(" –"))
    lines += [f"- Message: {code(message)}" for message in entry.messages]
    return "\n".join(lines) + "\n"


# --- attributes ---------------------------------------------------------------------------------


def attributes() -> str:
    """One table for each schema of each resource type."""
    return "\n".join(part for kind in TYPES for part in _resource_type(kind))


def _resource_type(kind: ResourceType) -> Iterator[str]:
    yield f"## {kind.name}\n\n{kind.description}; endpoint `{kind.endpoint}`.\n"
    yield f"### Common attributes of a {kind.name}\n\n{_attribute_table(kind.common)}"
    for schema in kind.schemas():
        yield f"### `{schema.id}`\n\n{schema.description}.\n\n{_attribute_table(schema.attributes)}"


def _attribute_table(listed: Iterable[Attribute]) -> str:
    rows = []
    for attribute in listed:
        rows.append(_attribute_row(attribute.name, attribute))
        rows += [_attribute_row(f"{attribute.name}.{sub.name}", sub) for sub in attribute.sub_attributes]
    return table(("Attribute", "Type", "Mutability", "Returned", "Notes"), rows)


def _attribute_row(name: str, attribute: Attribute) -> tuple[str, ...]:
    notes = [attribute.description.rstrip(".")]
    if attribute.canonical_values:
        notes.append("values: " + ", ".join(attribute.canonical_values))
    if attribute.required:
        notes.append("required")
    if attribute.uniqueness != "none":
        notes.append(f"unique ({attribute.uniqueness})")
    if attribute.case_exact:
        notes.append("compared with case")
    kind = f"list of {attribute.type}" if attribute.multi_valued else str(attribute.type)
    return code(name), kind, str(attribute.mutability), str(attribute.returned), "; ".join(notes)


# --- settings, tolerances, commands, deviations ---------------------------------------------------


def settings() -> str:
    """A heading for each setting."""
    parts = [
        f"## {row.variable}\n\n{row.meaning}\n\n- In TOML: `{row.name}`\n- Default: {code(row.default)}\n"
        f"- Form: {row.form}\n"
        for row in Settings().describe()
    ]
    return "\n".join(parts)


def tolerance_list() -> str:
    """A heading for each tolerance."""
    parts = [
        f"## {each.id}\n\n{each.title}.\n\n- Sent by: {each.sent_by}\n- Example: {code(each.example)}\n"
        f"- On for: {_clients_of(each)}\n"
        f"- When off: {each.strict_answer}\n"
        for each in tolerances.ALL.values()
    ]
    return "\n".join(parts)


def _clients_of(tolerance: tolerances.Tolerance) -> str:
    return ", ".join(name for name in tolerances.CLIENTS if name in tolerance.default_for) or "nobody"


def commands() -> str:
    """What ``--help`` says, command by command."""
    import_all()
    text = command_line.generate_docs(heading_level=2, flatten_commands=True, usage_name="mdscripts")
    text = re.sub(r"\A.*?^\*\*Commands\*\*:\n", "", text, flags=re.DOTALL | re.MULTILINE)
    # Between a command and its options cyclopts repeats the name of the running program: this one.
    text = re.sub(r"^(## (.+)\n\n```console\n\2).*?(?= --| \[)", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^For example:\n((?: {4}.*\n)+)", _example, text, flags=re.MULTILINE)
    return text.replace("```console", "```text")


def _example(found: re.Match[str]) -> str:
    return f"For example:\n\n```sh\n{dedent(found[1])}```\n"


def limits() -> str:
    """What is limited in every installation."""
    rows = ((what, f"{amount:,} {unit}", beyond) for what, amount, unit, beyond in LIMITS)
    return table(("What", "Limit", "Beyond it"), rows)


def deviations() -> str:
    """Every place in the code that is marked as a deviation from a specification."""
    return table(("Where", "What and why"), ((code(place), text) for place, text in collect_deviations()))


def read_differently() -> str:
    """Every known difference to scim2-models, with an example."""
    rows = (
        (row.subject, row.reason.replace("``", "`"), code(row.example), code(row.ours), code(row.theirs))
        for row in differences()
    )
    return table(("Subject", "Our reading", "Example", "Here", "scim2-models"), rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "protocol-errors": protocol_errors,
    "rules": rules,
    "recorded": recorded,
    "attributes": attributes,
    "settings": settings,
    "tolerances": tolerance_list,
    "commands": commands,
    "limits": limits,
    "deviations": deviations,
    "read-differently": read_differently,
}


def filled(text: str) -> str:
    """*text* with every generated block as the code says now."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]().strip()}\n\n{found[3]}", text)


def pages() -> Iterator[tuple[Path, str, str]]:
    """Each page with a generated block: where it is, what it says, what it should say."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if BLOCK.search(text):
            yield path, text, filled(text)


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that are out of date."""
    stale = [(path, wanted) for path, text, wanted in pages() if text != wanted]
    if arguments == ["--check"]:
        for path, _ in stale:
            sys.stderr.write(f"{path.relative_to(DOCS.parent)} is out of date; run: make docs\n")
        return 1 if stale else 0
    for path, wanted in stale:
        path.write_text(wanted, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(DOCS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
