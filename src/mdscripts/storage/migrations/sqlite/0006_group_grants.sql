-- What the members of a group get: a role, sites, or both. A person's effective access is derived
-- from these rows, the memberships and the person's own values; it is stored nowhere.

CREATE TABLE group_grant (
    organization_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    role TEXT,
    site_numbers TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, group_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES "group" ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Whether the group has a row there. A change of members must know, and must be refused when this
-- changes at the same moment: on PostgreSQL only the row that is locked is read again after a wait.
ALTER TABLE "group" ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;
