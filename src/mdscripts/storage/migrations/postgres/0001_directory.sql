-- Organizations, sites, tokens, people, groups, audit and outbox.
--
-- organization_id comes first in every key and index, so that a row of another organization cannot
-- be reached by an id alone and tables can be distributed by it. COLLATE "C" makes text compare by
-- code point, as the application does. Keys (*_key) are made by the application.
-- Times are text: YYYY-MM-DDTHH:MM:SS.mmmZ. An index entry holds at most 2,704 bytes, hence substr().

CREATE TABLE organization (
    organization_id text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    name text NOT NULL,
    okta_scim_enabled boolean NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    settings text NOT NULL,
    CONSTRAINT organization_key PRIMARY KEY (organization_id)
);

CREATE UNIQUE INDEX organization_slug_unique ON organization (slug);

CREATE TABLE site (
    organization_id text COLLATE "C" NOT NULL REFERENCES organization,
    number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    time_zone text,
    created_at text COLLATE "C" NOT NULL,
    closed_at text COLLATE "C",
    CONSTRAINT site_key PRIMARY KEY (organization_id, number)
);

CREATE TABLE credential (
    organization_id text COLLATE "C" NOT NULL REFERENCES organization,
    key_id text COLLATE "C" NOT NULL,
    secret_sha256 bytea NOT NULL,
    label text NOT NULL,
    client text NOT NULL,
    last_four text NOT NULL,
    tolerances text NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    created_by text NOT NULL,
    expires_at text COLLATE "C",
    revoked_at text COLLATE "C",
    last_used_at text COLLATE "C",
    CONSTRAINT credential_key PRIMARY KEY (organization_id, key_id)
);

-- The one look-up that does not know the organization yet: it is what a token tells us.
CREATE UNIQUE INDEX credential_key_unique ON credential (key_id);

CREATE TABLE tolerance_use (
    organization_id text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    tolerance text COLLATE "C" NOT NULL,
    uses bigint NOT NULL,
    last_used_at text COLLATE "C" NOT NULL,
    CONSTRAINT tolerance_use_key PRIMARY KEY (organization_id, key_id, tolerance),
    CONSTRAINT tolerance_use_of_credential FOREIGN KEY (organization_id, key_id)
        REFERENCES credential ON DELETE CASCADE
);

-- A deleted user stays as a tombstone (deleted_at); its name is free again. There is no foreign key
-- to organization: every insert would lock that one row. updated_at and version are in no index and
-- pages keep some room, so that most updates stay on their page without new index entries.
CREATE TABLE "user" (
    organization_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_name_key text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    active boolean NOT NULL,
    role_key text COLLATE "C" NOT NULL,
    npi text COLLATE "C",
    display text NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    updated_at text COLLATE "C" NOT NULL,
    deleted_at text COLLATE "C",
    version integer NOT NULL,
    body text NOT NULL,
    provenance text NOT NULL,
    CONSTRAINT user_key PRIMARY KEY (organization_id, id)
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX user_name_unique ON "user" (organization_id, user_name_key) WHERE deleted_at IS NULL;
CREATE INDEX user_by_external_id ON "user" (organization_id, substr(external_id, 1, 256))
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX user_by_npi ON "user" (organization_id, npi) WHERE npi IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX user_active_managers ON "user" (organization_id, id)
    WHERE role_key = 'manager' AND active AND deleted_at IS NULL;

-- Values that filters find without reading bodies. Written and removed together with the user's row.
-- A value may be too long for a key; with the whole row as identity the table can still be replicated.
CREATE TABLE user_value (
    organization_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    value_key text COLLATE "C" NOT NULL
);

ALTER TABLE user_value REPLICA IDENTITY FULL;
CREATE INDEX user_value_by_user ON user_value (organization_id, user_id);
CREATE INDEX user_value_by_key ON user_value (organization_id, attribute, substr(value_key, 1, 256));

CREATE TABLE password (
    organization_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    password_hash text NOT NULL,
    CONSTRAINT password_key PRIMARY KEY (organization_id, user_id),
    CONSTRAINT password_of_user FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
);

CREATE TABLE "group" (
    organization_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    display_name_key text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    created_at text COLLATE "C" NOT NULL,
    updated_at text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    body text NOT NULL,
    CONSTRAINT group_key PRIMARY KEY (organization_id, id)
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX group_name_unique ON "group" (organization_id, substr(display_name_key, 1, 256));
CREATE INDEX group_by_external_id ON "group" (organization_id, substr(external_id, 1, 256))
    WHERE external_id IS NOT NULL;

CREATE TABLE group_member (
    organization_id text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    CONSTRAINT group_member_key PRIMARY KEY (organization_id, group_id, user_id),
    CONSTRAINT group_member_of_group FOREIGN KEY (organization_id, group_id)
        REFERENCES "group" ON DELETE CASCADE,
    CONSTRAINT group_member_is_user FOREIGN KEY (organization_id, user_id)
        REFERENCES "user" ON DELETE CASCADE
);

CREATE INDEX group_member_by_user ON group_member (organization_id, user_id, group_id);

-- How many living users and groups there are: the sum over the slots. Several slots, because one
-- row per organization would make its creates wait for each other.
CREATE TABLE resource_counter (
    organization_id text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    slot integer NOT NULL,
    total bigint NOT NULL,
    CONSTRAINT resource_counter_key PRIMARY KEY (organization_id, resource, slot)
) WITH (fillfactor = 50);

CREATE TABLE audit (
    organization_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    target_type text NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    target_name text NOT NULL,
    request_id text NOT NULL,
    source text NOT NULL,
    client text NOT NULL,
    status integer NOT NULL,
    changes text NOT NULL,
    rules text NOT NULL,
    detail text NOT NULL,
    CONSTRAINT audit_key PRIMARY KEY (organization_id, id)
);

CREATE TABLE outbox (
    organization_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    topic text NOT NULL,
    subject text NOT NULL,
    payload text NOT NULL,
    CONSTRAINT outbox_key PRIMARY KEY (organization_id, id)
);
