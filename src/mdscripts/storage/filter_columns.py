"""Where the values of attributes live in tables, so that filters and orders can use them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mdscripts.app.ports import INDEXED_PATHS
from mdscripts.app.schemas import MDSCRIPTS_URN


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds the value of a singular attribute, or of one element of a plural one.

    ``present`` is the condition under which there is a value. ``folded`` says whether the column
    holds comparison keys of text compared without case; None if case makes no difference to it.
    ``long`` marks text that is indexed by its first characters only; ``lookup`` a column where
    equality leaves few rows.
    """

    sql: str
    kind: str = "text"
    present: str = "TRUE"
    folded: bool | None = False
    long: bool = False
    lookup: bool = False

    @property
    def nullable(self) -> bool:
        """Whether the column is NULL where the attribute is unassigned."""
        return self.present.endswith("IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Elements:
    """Rows that hold the elements of a plural attribute.

    ``select`` finds the ids of the resources that have a row; conditions are added with AND.
    ``complete`` says that every element has a row; otherwise only those with a ``value``.
    """

    select: str
    columns: Mapping[str, Column]
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of resources. Keys are lower-case attribute paths (``Path.key``); the table's rows
    are called ``t``. ``living`` are the rows that belong to the organization and exist."""

    resource: str
    source: str
    living: str
    columns: Mapping[str, Column]
    elements: Mapping[str, Elements] = field(default_factory=dict)


ID = Column("t.id", lookup=True)
_EXTERNAL_ID = Column("t.external_id", present="t.external_id IS NOT NULL", long=True, lookup=True)
_DATES = {
    "meta.created": Column("t.created_at", kind="instant"),
    "meta.lastmodified": Column("t.updated_at", kind="instant"),
}


def _indexed(attribute: str) -> Elements:
    return Elements(
        f"SELECT v.user_id FROM user_value v WHERE v.organization_id = $1 AND v.attribute = '{attribute}'",
        {
            "value": Column("v.value_key", present="v.value_key <> ''", folded=True, long=True, lookup=True),
            "type": Column("v.type", present="v.type <> ''", folded=True),
        },
    )


ACTIVE_WITH_NPI = "t.organization_id = $1 AND t.active AND t.npi IS NOT NULL AND t.deleted_at IS NULL"
"""Active people with an NPI, as their index has them."""

_REMARKED = (
    "SELECT r.user_id FROM ("
    'SELECT t.id AS user_id FROM "user" t'
    " WHERE t.organization_id = $1 AND t.remarks <> '' AND t.deleted_at IS NULL"
    # SQLite reads tables of a CROSS JOIN in this order: closed sites are few.
    " UNION ALL SELECT v.user_id FROM site s CROSS JOIN user_value v"
    " WHERE s.organization_id = $1 AND s.closed_at IS NOT NULL AND v.organization_id = $1"
    " AND v.attribute = 'site' AND substr(v.value_key, 1, 256) = s.number || ''"
    f' UNION ALL SELECT t.id FROM "user" t WHERE {ACTIVE_WITH_NPI} AND t.npi IN'
    f' (SELECT t.npi FROM "user" t WHERE {ACTIVE_WITH_NPI} GROUP BY t.npi HAVING count(*) > 1)'
    ") r WHERE TRUE"
)
"""People about whom there is something to say (``app.remarks``): by their own values, by a site that
is closed, by an NPI that somebody else holds too."""

USERS = Table(
    resource="user",
    source='"user" t',
    living="t.organization_id = $1 AND t.deleted_at IS NULL",
    columns={
        "id": ID,
        "username": Column("t.user_name_key", folded=True, lookup=True),
        "externalid": _EXTERNAL_ID,
        "active": Column("t.active", kind="boolean"),
        f"{MDSCRIPTS_URN.lower()}:role": Column("t.role_key", folded=True),
        f"{MDSCRIPTS_URN.lower()}:npi": Column("t.npi", present="t.npi IS NOT NULL", folded=None, lookup=True),
        **_DATES,
        # Not attributes of a user: no client can name them, ``app.roster_filter`` does.
        "managed": Column("(t.provenance <> '[]')", kind="boolean"),
    },
    elements={
        "remarked": Elements(_REMARKED, {"value": Column("r.user_id")}, complete=True),
        "site": Elements(
            "SELECT v.user_id FROM user_value v WHERE v.organization_id = $1 AND v.attribute = 'site'",
            {"value": Column("v.value_key", folded=None, long=True)},
        ),
        **{attribute.lower(): _indexed(attribute) for attribute in set(INDEXED_PATHS.values())},
        "groups": Elements(
            "SELECT m.user_id FROM group_member m WHERE m.organization_id = $1",
            {"value": Column("m.group_id", lookup=True)},
            complete=True,
        ),
    },
)

GROUPS = Table(
    resource="group",
    source='"group" t',
    living="t.organization_id = $1",
    columns={
        "id": ID,
        "displayname": Column("t.display_name_key", folded=True, long=True, lookup=True),
        "externalid": _EXTERNAL_ID,
        **_DATES,
    },
    elements={
        "members": Elements(
            "SELECT m.group_id FROM group_member m WHERE m.organization_id = $1",
            {"value": Column("m.user_id", lookup=True)},
            complete=True,
        ),
    },
)
