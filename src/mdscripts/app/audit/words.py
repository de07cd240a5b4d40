"""The words for what the audit records: actions, attributes and values, as people read them."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from mdscripts.app.mapping import PATHS
from mdscripts.app.ports import AuditFact
from mdscripts.domain.wording import mask_dea_license

ACTIONS: dict[str, str] = {
    "user.created": "Person created",
    "user.updated": "Person changed",
    "user.linked": "Person linked to the identity provider",
    "user.deactivated": "Person deactivated",
    "user.reactivated": "Person reactivated",
    "user.deleted": "Person deleted",
    "user.create": "Creating a person",
    "user.replace": "Replacing a person",
    "user.patch": "Changing a person",
    "user.delete": "Deleting a person",
    "user.signed_in": "Signed in",
    "user.signed_out": "Signed out",
    "user.sign_in": "Trying to sign in",
    "user.sessions_ended": "Sessions ended",
    "user.password_set": "Password set",
    "user.password_link_created": "Password link created",
    "group.created": "Group created",
    "group.updated": "Group changed",
    "group.members_changed": "Group members changed",
    "group.deleted": "Group deleted",
    "group.create": "Creating a group",
    "group.replace": "Replacing a group",
    "group.patch": "Changing a group",
    "group.delete": "Deleting a group",
    "group.grant_set": "Group mapping changed",
    "group.grant_moved": "Group mapping moved",
    "group.grant_removed": "Group mapping removed",
    "group.access_changed": "Access of members changed",
    "user.access_changed": "Access changed",
    "site.created": "Site added",
    "site.renamed": "Site renamed",
    "site.closed": "Site closed",
    "token.created": "Token created",
    "token.revoked": "Token revoked",
    "token.tolerances_changed": "Token tolerances changed",
    "token.use": "Using a token",
    "organization.created": "Organization created",
    "organization.okta_scim_enabled": "Okta SCIM switched on",
    "organization.okta_scim_disabled": "Okta SCIM switched off",
    "organization.alias_urns_changed": "Alias URNs changed",
    "organization.last_manager": "No active manager left",
    "organization.time_zone_changed": "Time zone of the organization changed",
}
"""By ``AuditFact.action``. Attempts (``user.create``) are recorded when they were refused."""

TARGETS = {"User": "person", "Group": "group", "Site": "site", "Token": "token", "Organization": "organization"}
"""By ``AuditFact.target_type``: what kind of thing it is about."""

CLIENTS = {"okta": "Okta", "entra": "Entra ID", "generic": "SCIM client", "local": "Admin"}
"""By ``AuditFact.client``: through what somebody acted."""

OUTCOMES = {"changed": "Changed", "refused": "Refused"}
"""By ``AuditFact.outcome``."""

SIGN_IN = "user.sign_in"
NOBODY_KNOWN = "Somebody who was not signed in"

LABELS: dict[str, str] = {
    PATHS["user_name"]: "User name",
    PATHS["active"]: "Active",
    PATHS["given_name"]: "First name",
    PATHS["family_name"]: "Last name",
    PATHS["emails"]: "Email",
    PATHS["time_zone"]: "Time zone",
    PATHS["is_provider"]: "Dispensing provider",
    PATHS["is_physician_assistant"]: "Physician assistant",
    PATHS["npi"]: "NPI",
    PATHS["dea_license"]: "DEA license",
    PATHS["role"]: "Role",
    PATHS["site_numbers"]: "Sites",
    PATHS["email_type"]: "Email type",
    "externalId": "External id",
    "displayName": "Display name",
    "members": "Members",
    "name": "Name",
    "label": "Label",
    "client": "Client",
    "slug": "Short name for commands",
    "locale": "Language and region",
    "name.formatted": "Full name",
    "okta_scim": "Okta SCIM",
    "alias_urns": "Alias URNs",
    "closed_at": "Closed",
    "revoked_at": "Revoked",
    "expires_at": "Expires",
    "time_zone": "Time zone",
    "grant.role": "Role given",
    "grant.sites": "Sites given",
    "grant.position": "Place in the order",
    "access.role": "Role in effect",
    "access.sites": "Sites in effect",
    "people": "People",
}
"""Attribute as the audit names it -> what the pages call it."""

_LIST_SHOWN = 20


class ShownChange(NamedTuple):
    """A change as people read it; None where there is no value."""

    attribute: str
    label: str
    old: str | None
    new: str | None


_CODED = {"client": CLIENTS}
"""Attributes whose values are names of ours -> the words for them."""

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[._]")
_TOKEN = re.compile("mds_scim_[0-9A-Za-z_]+")


def action_label(action: str) -> str:
    """What happened, in words."""
    return ACTIONS.get(action, action)


def attribute_label(attribute: str) -> str:
    """What the pages call an attribute; of one they do not know, the name of its schema in separate words."""
    known = LABELS.get(attribute)
    if known:
        return known
    name = attribute.rpartition(":")[2].removeprefix("name.")
    words = [word if word.isupper() else word.lower() for word in _WORDS.split(name) if word]
    return " ".join(words).capitalize() if words and not words[0].isupper() else " ".join(words)


def client_label(client: str) -> str:
    """Through what somebody acted."""
    return CLIENTS.get(client, client)


def through_label(fact: AuditFact) -> str:
    """Through what it was done: Admin, the command line, or a client of the API."""
    if fact.action == SIGN_IN:
        return "Sign-in page"
    return "Command line" if fact.actor == "cli" else client_label(fact.client)


def actor_label(fact: AuditFact, names: Mapping[str, str]) -> str:
    """Who did it; ``names`` are those of ``Audit.actor_names``.

    Whoever fails to sign in has not proven to be the person whose name was typed.
    """
    if fact.action == SIGN_IN:
        return NOBODY_KNOWN
    known = names.get(fact.actor, fact.actor)
    if known != fact.actor:
        return known
    return {"user": "A person who is not here any more", "token": "A token"}.get(fact.actor.partition(":")[0], known)


def target_label(fact: AuditFact, organization_name: str) -> str:
    """To whom or what it happened. Organizations are recorded with the name for commands; people know the other."""
    return organization_name if fact.target_type == "Organization" else fact.target_name or fact.target_id


def sentence_of(fact: AuditFact) -> str:
    """What there is to say beside the changes: why it was refused, or remarks. Empty for nothing."""
    if fact.action != SIGN_IN:
        return fact.detail
    source = f"the address {fact.source}" if fact.source else "an address that is not recorded"
    why = fact.detail or "The password was wrong, or the person may not sign in."
    return f"Somebody tried to sign in as {fact.target_name} from {source}, and was not let in. {why}"


def masked_changes(fact: AuditFact) -> list[dict[str, object]]:
    """``{"attribute", "old", "new"}`` as recorded, with the middle of a DEA number hidden, and a token
    that somebody pasted into a value."""
    changes = orjson.loads(_TOKEN.sub("mds_scim_…", fact.changes))
    for change in changes:
        if change.get("attribute") == PATHS["dea_license"]:
            change |= {side: mask_dea_license(change[side]) for side in ("old", "new") if change.get(side)}
    return list(changes)


def shown_changes(fact: AuditFact) -> Sequence[ShownChange]:
    """The changes of an entry as people read them."""
    return [
        ShownChange(
            str(change["attribute"]),
            attribute_label(str(change["attribute"])),
            _shown(str(change["attribute"]), change.get("old")),
            _shown(str(change["attribute"]), change.get("new")),
        )
        for change in masked_changes(fact)
        if "attribute" in change
    ]


def _shown(attribute: str, value: object) -> str | None:
    words = _CODED.get(attribute, {}).get(str(value))
    return words or shown_value(value)


def shown_value(value: object) -> str | None:
    """A JSON value as a line of text; None for no value."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        parts = [shown_value(item) or "" for item in value[:_LIST_SHOWN]]
        more = f" and {len(value) - _LIST_SHOWN} more" if len(value) > _LIST_SHOWN else ""
        return ", ".join(parts) + more
    if isinstance(value, Mapping):
        return _element(value)
    return str(value)


def _element(element: Mapping[str, object]) -> str:
    """An email, phone number or the like: its value first, what qualifies it in parentheses."""
    value = element.get("value") or element.get("formatted")
    if value is None:
        return ", ".join(f"{name}: {shown_value(part)}" for name, part in element.items())
    kind = element.get("type")
    remarks = [str(kind)] if kind else []
    if element.get("primary") is True:
        remarks.append("primary")
    return f"{value} ({', '.join(remarks)})" if remarks else str(value)
