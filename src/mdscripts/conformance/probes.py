"""Thirty-five requests that tell service providers apart, in the thirty rows of the comparison.

Where a check judges by the RFC, a probe says in a few words what a server does; the best answer of
five other servers is the bar. The table is in ``docs/reference/comparison.md``.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.conformance import probe_directory, probe_requests
from mdscripts.conformance.http import Answer, Json, NoAnswer, Violation
from mdscripts.conformance.server import Server
from mdscripts.conformance.shape import Inapplicable

RATIO = re.compile(r"x(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Probe:
    """What to ask, and the answers that are as good as the best of the others.

    ``row`` is the row of the comparison; two requests of one row are told apart by ``part``.
    """

    row: str
    ask: Callable[[Server], str]
    best: tuple[str, ...]
    part: str = ""

    def is_good(self, cell: str) -> bool:
        """Whether an answer reaches the bar; a ratio need only be within its bound."""
        ratio = RATIO.fullmatch(cell)
        return float(ratio[1]) <= probe_directory.RATIO_BOUND if ratio else cell in self.best


@dataclass(frozen=True, slots=True)
class Measured:
    """What a server answered to a probe."""

    probe: Probe
    cell: str

    @property
    def good(self) -> bool:
        """Whether it reaches the bar."""
        return self.probe.is_good(self.cell)


_R, _D = probe_requests, probe_directory

PROBES: tuple[Probe, ...] = (
    Probe("Okta documented create body (has `groups: []`, `password`)", _R.okta_create, ("201",)),
    Probe("duplicate -> 409 + scimType uniqueness", _R.duplicate_status, ("Y",), "409"),
    Probe("duplicate -> 409 + scimType uniqueness", _R.duplicate_type, ("Y",), "scimType"),
    Probe("duplicate userName in other case", _R.duplicate_in_other_case, ("409",)),
    Probe("filter userName eq, other case", _R.filter_in_other_case, ("1",)),
    Probe("malformed filter", _R.malformed_filter, ("400 invalidFilter",)),
    Probe('`emails[type eq "work" and value co "ann"]`', _R.filter_in_brackets, ("1",)),
    Probe("`not (...) and meta.lastModified gt`", _R.filter_with_not, ("1",)),
    Probe("startIndex=0,count=-1", _R.start_index_zero, ("start 1",), "startIndex"),
    Probe("startIndex=0,count=-1", _R.negative_count, ("n 0",), "count"),
    Probe("startIndex beyond end", _R.beyond_the_end, ("n 0, itemsPerPage 0",)),
    Probe("Okta path-less deactivate", _R.okta_deactivate, ("200, off", "204, off")),
    Probe('Entra `Replace active "True"`', _R.entra_activate, ("on",)),
    Probe('Entra `Add phoneNumbers[type eq "mobile"].value` (no element)', _R.entra_add_phone, ("creates",)),
    Probe("dotted + URN keys in path-less value", _R.dotted_keys, ("Y",), "dotted"),
    Probe("dotted + URN keys in path-less value", _R.urn_keys, ("Y",), "URN"),
    Probe("extension URN path + schemas updated", _R.extension_path, ("Y",), "path"),
    Probe("extension URN path + schemas updated", _R.extension_schemas, ("Y",), "schemas"),
    Probe("PATCH atomic when 2nd op has no target", _R.atomic_patch, ("400, unchanged",)),
    Probe("PATCH readOnly `id`", _R.patch_read_only, ("400 mutability",)),
    Probe("stale If-Match", _R.stale_if_match, ("412",)),
    Probe("If-None-Match", _R.if_none_match, ("304",)),
    Probe("PUT omitting displayName clears it", _R.put_clears, ("Y",)),
    Probe("malformed JSON", _R.malformed_json, ("400 invalidSyntax",)),
    Probe("missing userName", _R.missing_user_name, ("400 invalidValue",)),
    Probe("sort + attributes", _R.sorting, ("Y",), "sort"),
    Probe("sort + attributes", _R.attributes, ("Y",), "attributes"),
    Probe("Bulk with bulkId cross-reference", _D.bulk_reference, ("201,201",)),
    Probe("RFC 9865 `?cursor`", _D.cursor, ("Y",)),
    Probe("group remove by `members[value eq ..]`", _D.remove_member, ("Y",)),
    Probe("Entra `Remove members` with value list naming someone else", _D.remove_someone_else, ("safe",)),
    Probe("group with non-existent member", _D.unknown_member, ("400, names it",)),
    Probe("16 racing creates of one userName", _D.racing_creates, ("1x201 15x409",)),
    Probe("3,000-deep parenthesised filter", _D.deep_filter, ("200", "400 invalidFilter")),
    Probe("add 1 member: cost at 2,000 members / at 0", _D.member_cost, ()),
)


def run_probe(server: Server, probe: Probe) -> Measured:
    """Ask one thing and remove what it made."""
    with server.scope():
        try:
            cell = probe.ask(server)
        except Violation as fault:
            cell = _told(fault.exchanges, str(fault))
        except (NoAnswer, Inapplicable) as fault:
            cell = str(fault)
    return Measured(probe, cell)


def run_probes(server: Server, probes: Iterable[Probe] = PROBES) -> list[Measured]:
    """Ask everything."""
    return [run_probe(server, probe) for probe in probes]


def cells(measured: Iterable[Measured]) -> Mapping[str, str]:
    """Row of the comparison -> its cell; the parts of a row are joined unless they say the same."""
    rows: dict[str, list[str]] = {}
    for each in measured:
        parts = rows.setdefault(each.probe.row, [])
        if each.cell not in parts:
            parts.append(each.cell)
    return {row: ", ".join(parts) for row, parts in rows.items()}


def text_table(measured: Sequence[Measured]) -> str:
    """The column of a server as a Markdown table, with the rows that miss the bar named below."""
    lines = ["| Check | this server |", "|---|---|"]
    lines += [f"| {row} | {cell} |" for row, cell in cells(measured).items()]
    missed = [each for each in measured if not each.good]
    lines += [""] + [f"Below the best: {each.probe.row}: {each.cell}" for each in missed]
    reached = len(measured) - len(missed)
    return "\n".join([*lines, f"{reached} of {len(measured)} probes are as good as the best of five others."])


def json_table(base_url: str, measured: Sequence[Measured]) -> Json:
    """The same for machines."""
    listed = [
        {"row": each.probe.row, "part": each.probe.part, "cell": each.cell, "good": each.good} for each in measured
    ]
    return {"baseUrl": base_url, "cells": dict(cells(measured)), "probes": listed}


def _told(exchanges: Sequence[Answer], otherwise: str) -> str:
    return probe_requests.refusal(exchanges[-1]) if exchanges else otherwise
