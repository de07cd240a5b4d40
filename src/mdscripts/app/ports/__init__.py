"""What the use cases ask of the edge: storage, clock, identifiers.

Reads return records; every write is a *change set*: a list of changes and the facts that
describe them, applied by ``OrganizationStore.commit`` as one transaction or not at all. A store
is made for one organization and cannot reach another.

Times are text, UTC, always ``YYYY-MM-DDTHH:MM:SS.mmmZ``: sortable as text on every database.
"""

from mdscripts.app.ports.access import (
    AccessState,
    AccessWatch,
    AccessWitness,
    GroupGrant,
    PersonAccess,
)
from mdscripts.app.ports.changes import (
    Change,
    ChangeGrants,
    ChangeMembers,
    DeleteGroup,
    DeleteUser,
    GroupRow,
    IndexedValue,
    InsertCredential,
    InsertGroup,
    InsertSite,
    InsertUser,
    SetPassword,
    UpdateCredential,
    UpdateGroup,
    UpdateOrganization,
    UpdateProvenance,
    UpdateRemarks,
    UpdateSite,
    UpdateUser,
    UserRow,
)
from mdscripts.app.ports.conflicts import (
    AlreadyExists,
    StaleVersion,
    StorageUnavailable,
    UnknownMember,
    UserNameTaken,
    WorkBudgetExceeded,
)
from mdscripts.app.ports.facts import (
    AuditFact,
    AuditRecord,
    Facts,
    OutboxEvent,
)
from mdscripts.app.ports.queries import (
    INDEXED_PATHS,
    GroupPage,
    Keyset,
    Query,
    UserPage,
)
from mdscripts.app.ports.records import (
    CredentialMatch,
    CredentialRecord,
    CredentialUse,
    GroupRecord,
    GroupRef,
    Member,
    OrganizationRecord,
    SiteRecord,
    ToleranceUse,
    UserRecord,
)
from mdscripts.app.ports.stores import (
    Clock,
    Ids,
    OrganizationStore,
    Storage,
)

__all__ = [
    "INDEXED_PATHS",
    "AccessState",
    "AccessWatch",
    "AccessWitness",
    "AlreadyExists",
    "AuditFact",
    "AuditRecord",
    "Change",
    "ChangeGrants",
    "ChangeMembers",
    "Clock",
    "CredentialMatch",
    "CredentialRecord",
    "CredentialUse",
    "DeleteGroup",
    "DeleteUser",
    "Facts",
    "GroupGrant",
    "GroupPage",
    "GroupRecord",
    "GroupRef",
    "GroupRow",
    "Ids",
    "IndexedValue",
    "InsertCredential",
    "InsertGroup",
    "InsertSite",
    "InsertUser",
    "Keyset",
    "Member",
    "OrganizationRecord",
    "OrganizationStore",
    "OutboxEvent",
    "PersonAccess",
    "Query",
    "SetPassword",
    "SiteRecord",
    "StaleVersion",
    "Storage",
    "StorageUnavailable",
    "ToleranceUse",
    "UnknownMember",
    "UpdateCredential",
    "UpdateGroup",
    "UpdateOrganization",
    "UpdateProvenance",
    "UpdateRemarks",
    "UpdateSite",
    "UpdateUser",
    "UserNameTaken",
    "UserPage",
    "UserRecord",
    "UserRow",
    "WorkBudgetExceeded",
]
