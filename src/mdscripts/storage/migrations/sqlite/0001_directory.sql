-- Organizations, sites, tokens, people, groups, audit and outbox.
--
-- organization_id comes first in every key and index, so that a row of another organization cannot
-- be reached by an id alone. Keys (*_key) are made by the application: lower() knows only ASCII here.
-- Times are text: YYYY-MM-DDTHH:MM:SS.mmmZ.

CREATE TABLE organization (
    organization_id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    okta_scim_enabled INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX organization_slug_unique ON organization (slug);

CREATE TABLE site (
    organization_id TEXT NOT NULL REFERENCES organization,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT,
    created_at TEXT NOT NULL,
    closed_at TEXT,
    PRIMARY KEY (organization_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
    organization_id TEXT NOT NULL REFERENCES organization,
    key_id TEXT NOT NULL,
    secret_sha256 BLOB NOT NULL,
    label TEXT NOT NULL,
    client TEXT NOT NULL,
    last_four TEXT NOT NULL,
    tolerances TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    last_used_at TEXT,
    PRIMARY KEY (organization_id, key_id)
) STRICT, WITHOUT ROWID;

-- The one look-up that does not know the organization yet: it is what a token tells us.
CREATE UNIQUE INDEX credential_key_unique ON credential (key_id);

CREATE TABLE tolerance_use (
    organization_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    tolerance TEXT NOT NULL,
    uses INTEGER NOT NULL,
    last_used_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, key_id, tolerance),
    FOREIGN KEY (organization_id, key_id) REFERENCES credential ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A deleted user stays as a tombstone (deleted_at); its name is free again.
CREATE TABLE "user" (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    external_id TEXT,
    active INTEGER NOT NULL,
    role_key TEXT NOT NULL,
    npi TEXT,
    display TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    provenance TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE UNIQUE INDEX user_name_unique ON "user" (organization_id, user_name_key) WHERE deleted_at IS NULL;
CREATE INDEX user_by_external_id ON "user" (organization_id, substr(external_id, 1, 256))
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX user_by_npi ON "user" (organization_id, npi) WHERE npi IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX user_active_managers ON "user" (organization_id, id)
    WHERE role_key = 'manager' AND active AND deleted_at IS NULL;

-- Values that filters find without reading bodies. Written and removed together with the user's row.
CREATE TABLE user_value (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    attribute TEXT NOT NULL,
    type TEXT NOT NULL,
    value_key TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id, attribute, type, value_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_value_by_key ON user_value (organization_id, attribute, substr(value_key, 1, 256));

CREATE TABLE password (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE "group" (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    display_name_key TEXT NOT NULL,
    external_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE UNIQUE INDEX group_name_unique ON "group" (organization_id, substr(display_name_key, 1, 256));
CREATE INDEX group_by_external_id ON "group" (organization_id, substr(external_id, 1, 256))
    WHERE external_id IS NOT NULL;

CREATE TABLE group_member (
    organization_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (organization_id, group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES "group" ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX group_member_by_user ON group_member (organization_id, user_id, group_id);

-- How many living users and groups there are: the sum over the slots.
CREATE TABLE resource_counter (
    organization_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    slot INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (organization_id, resource, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target_id TEXT NOT NULL,
    target_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    source TEXT NOT NULL,
    client TEXT NOT NULL,
    status INTEGER NOT NULL,
    changes TEXT NOT NULL,
    rules TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_organization ON audit (organization_id, sequence);

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    topic TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;

CREATE INDEX outbox_by_organization ON outbox (organization_id, sequence);
