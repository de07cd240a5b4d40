"""Rows of the statements -> records of ``app.ports``."""

import orjson

from mdscripts.app.ports import (
    AuditFact,
    AuditRecord,
    CredentialMatch,
    CredentialRecord,
    GroupRecord,
    GroupRef,
    Member,
    OrganizationRecord,
    SiteRecord,
    UserRecord,
)
from mdscripts.storage.engine import Row

USER_COLUMNS = "t.id, t.version, t.created_at, t.updated_at, t.active, t.body, t.provenance, {groups}"
GROUP_COLUMNS = "t.id, t.version, t.created_at, t.updated_at, t.display_name, t.body, t.granted, NULL"
GROUP_AND_MEMBERS_COLUMNS = GROUP_COLUMNS.removesuffix("NULL") + "{members}"
ORGANIZATION_COLUMNS = "o.organization_id, o.slug, o.name, o.okta_scim_enabled, o.created_at, o.settings"
CREDENTIAL_COLUMNS = (
    "c.key_id, c.organization_id, c.secret_sha256, c.label, c.client, c.last_four, c.tolerances, "
    "c.created_at, c.created_by, c.expires_at, c.revoked_at, c.last_used_at"
)
_CREDENTIAL_WIDTH = 12
AUDIT_COLUMNS = (
    "id, at, actor, action, outcome, target_type, target_id, target_name, request_id, source, client, "
    "status, changes, rules, detail"
)
_RULES = 13


def user_record(row: Row) -> UserRecord:
    """From USER_COLUMNS; further columns are ignored."""
    groups = row[7]
    return UserRecord(
        row[0],
        row[1],
        row[2],
        row[3],
        bool(row[4]),
        row[5],
        row[6],
        () if groups is None or groups == "[]" else tuple(GroupRef(*pair) for pair in orjson.loads(groups)),
    )


def group_record(row: Row) -> GroupRecord:
    """From GROUP_COLUMNS: without members."""
    return GroupRecord(row[0], row[1], row[2], row[3], row[4], row[5], None, bool(row[6]))


def group_with_members(row: Row) -> GroupRecord:
    """From GROUP_AND_MEMBERS_COLUMNS."""
    members = () if row[7] is None else tuple(Member(*pair) for pair in orjson.loads(row[7]))
    return GroupRecord(row[0], row[1], row[2], row[3], row[4], row[5], members, bool(row[6]))


def organization_record(row: Row) -> OrganizationRecord:
    """From ORGANIZATION_COLUMNS."""
    return OrganizationRecord(row[0], row[1], row[2], bool(row[3]), row[4], row[5])


def site_record(row: Row) -> SiteRecord:
    """From the columns of ``site`` without the organization."""
    return SiteRecord(*row)


def credential_record(row: Row) -> CredentialRecord:
    """From CREDENTIAL_COLUMNS."""
    return CredentialRecord(*row)


def credential_match(row: Row) -> CredentialMatch:
    """From CREDENTIAL_COLUMNS and ORGANIZATION_COLUMNS."""
    columns = tuple(row)
    return CredentialMatch(
        credential_record(columns[:_CREDENTIAL_WIDTH]), organization_record(columns[_CREDENTIAL_WIDTH:])
    )


def audit_record(row: Row) -> AuditRecord:
    """From the sequence and AUDIT_COLUMNS. Numbers become text that sorts like them."""
    sequence, *columns = row
    columns[_RULES] = tuple(orjson.loads(columns[_RULES]))
    return AuditRecord(f"{sequence:020}" if isinstance(sequence, int) else sequence, AuditFact(*columns))


def audit_row(fact: AuditFact) -> tuple[object, ...]:
    """What is stored of a fact besides its organization, in the order in which both databases take it."""
    return (
        fact.id,
        fact.at,
        fact.actor,
        fact.action,
        fact.outcome,
        fact.target_type,
        fact.target_id,
        fact.target_name,
        fact.request_id,
        fact.source,
        fact.client,
        fact.status,
        fact.changes,
        orjson.dumps(fact.rules).decode(),
        fact.detail,
    )
