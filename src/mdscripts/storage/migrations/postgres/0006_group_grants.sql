-- What the members of a group get: a role, sites, or both. A person's effective access is derived
-- from these rows, the memberships and the person's own values; it is stored nowhere.

CREATE TABLE group_grant (
    organization_id text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    role text COLLATE "C",
    site_numbers text NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    updated_at text COLLATE "C" NOT NULL,
    CONSTRAINT group_grant_key PRIMARY KEY (organization_id, group_id),
    CONSTRAINT group_grant_of_group FOREIGN KEY (organization_id, group_id)
        REFERENCES "group" ON DELETE CASCADE
);

-- Whether the group has a row there. A change of members must know, and must be refused when this
-- changes at the same moment: of what a statement waits for, only the locked row is read again.
ALTER TABLE "group" ADD COLUMN granted boolean NOT NULL DEFAULT false;
