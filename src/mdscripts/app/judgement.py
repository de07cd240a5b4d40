"""Whether a proposed user may be stored, and what is different about it: pure, no storage, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mdscripts.app.mapping import PATHS, Draft, apply_profile, draft, profile_of
from mdscripts.domain.profile import Review, render_detail, review
from mdscripts.domain.sites import Sites
from mdscripts.scim.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a request wants a user to be.

    ``flat`` is the candidate by path (``mapping.flatten``). ``sent`` are the lower-case path keys
    the client spoke about. ``elsewhere`` holds values that arrived outside their canonical place.
    ``deactivates`` says that the request asks for ``active: false`` in any accepted form;
    ``overruled`` holds refusals that such a request outlived (LC-02). ``whole`` marks a PUT.
    """

    flat: Mapping[str, object]
    sent: frozenset[str] = frozenset()
    elsewhere: Mapping[str, Sequence[tuple[str, object]]] = field(default_factory=dict)
    deactivates: bool = False
    overruled: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judged user, flat, and what is worth recording about the judgement."""

    flat: dict[str, object]
    rules: tuple[str, ...]
    remarks: tuple[str, ...]


def judge(proposal: Proposal, stored: Mapping[str, object] | None, sites: Sites) -> Verdict:
    """Apply the rules of the practice to a proposal.

    Raises InvalidValue with all violations in one detail, unless the request deactivates the
    user: then the invalid values keep what is stored and the rest is applied (LC-02).
    """
    wanted = draft(proposal.flat, stored, proposal.elsewhere)
    current = {} if stored is None else profile_of(stored)
    judged = review(
        wanted.raw,
        changed=_evaluated(proposal, wanted, current, sites),
        current=current,
        sites=sites,
    )
    if judged.violations and not (proposal.deactivates and judged.values["active"] is False):
        raise InvalidValue(render_detail(judged.violations))
    return _verdict(proposal, wanted, judged)


def _evaluated(proposal: Proposal, wanted: Draft, current: Mapping[str, object], sites: Sites) -> frozenset[str]:
    """Which profile values the rules look at: those that change, and listed sites closed since (SI-15)."""
    stored_sites = current.get("site_numbers")
    if not proposal.whole or not isinstance(stored_sites, tuple) or not wanted.raw["site_numbers"]:
        return wanted.changed
    return wanted.changed | {"site_numbers"} if sites.closed.intersection(stored_sites) else wanted.changed


def _verdict(proposal: Proposal, wanted: Draft, judged: Review) -> Verdict:
    warnings = (*wanted.warnings, *judged.warnings)
    rules = [warning.id for warning in warnings]
    remarks = [f"{warning.message} [{warning.id}]" for warning in warnings]
    if judged.violations or proposal.overruled:
        rules += ["LC-02", *(violation.rule for violation in judged.violations)]
        remarks += [violation.message for violation in judged.violations]
        remarks += proposal.overruled
    if judged.ignored:
        rules.append("PF-01")
        remarks.append(f"Ignored because isProvider is not true: {', '.join(judged.ignored)}. [PF-01]")
    return Verdict(apply_profile(proposal.flat, judged.values), tuple(rules), tuple(remarks))


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[dict[str, object], ...]:
    """What changed, by path: ``{"attribute", "old", "new"}``, in the order of ``after``."""
    paths = [*after, *(path for path in before if path not in after)]
    return tuple(
        {"attribute": path, "old": before.get(path), "new": after.get(path)}
        for path in paths
        if before.get(path) != after.get(path)
    )


def action_of(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """The name of a change, for audit and events."""
    was_active, is_active = before.get("active") is not False, after.get("active") is not False
    if was_active and not is_active:
        return "user.deactivated"
    if is_active and not was_active:
        return "user.reactivated"
    if before.get("externalId") is None and after.get("externalId") is not None:
        return "user.linked"
    return "user.updated"


def loses_manager(before: Mapping[str, object], after: Mapping[str, object], granted_role: str | None) -> bool:
    """Whether an active Manager stops being one (RO-08). A role granted by a group goes before the own one."""

    def manages(flat: Mapping[str, object]) -> bool:
        return flat.get("active") is not False and (granted_role or flat.get(PATHS["role"])) == "Manager"

    return manages(before) and not manages(after)
