-- Signing in: sessions, one-time links for setting a password, counted attempts.
--
-- A session and a link are found by the SHA-256 of the secret that the browser holds: it is what
-- tells us the organization, like the key of a token.

CREATE TABLE session (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    site_number TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id, digest),
    FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX session_digest_unique ON session (digest);

CREATE TABLE one_time_link (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_time_link_digest_unique ON one_time_link (digest);

-- Attempts are counted before anybody is recognised, so they belong to no organization. The key is
-- the SHA-256 of a site number with a user name, or of a network address.
CREATE TABLE sign_in_attempt (
    key_sha256 BLOB NOT NULL PRIMARY KEY,
    started_at TEXT NOT NULL,
    attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX site_by_number ON site (number) WHERE closed_at IS NULL;
CREATE INDEX user_inactive ON "user" (organization_id, id) WHERE NOT active AND deleted_at IS NULL;
