-- Signing in: sessions, one-time links for setting a password, counted attempts.
--
-- A session and a link are found by the SHA-256 of the secret that the browser holds: it is what
-- tells us the organization, like the key of a token.

CREATE TABLE session (
    organization_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    site_number text COLLATE "C" NOT NULL,
    source text NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    last_seen_at text COLLATE "C" NOT NULL,
    CONSTRAINT session_key PRIMARY KEY (organization_id, user_id, digest),
    CONSTRAINT session_of_user FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX session_digest_unique ON session (digest);

CREATE TABLE one_time_link (
    organization_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    created_by text NOT NULL,
    expires_at text COLLATE "C" NOT NULL,
    CONSTRAINT one_time_link_key PRIMARY KEY (organization_id, user_id),
    CONSTRAINT one_time_link_of_user FOREIGN KEY (organization_id, user_id) REFERENCES "user" ON DELETE CASCADE
);

CREATE UNIQUE INDEX one_time_link_digest_unique ON one_time_link (digest);

-- Attempts are counted before anybody is recognised, so they belong to no organization. The key is
-- the SHA-256 of a site number with a user name, or of a network address.
CREATE TABLE sign_in_attempt (
    key_sha256 bytea NOT NULL,
    started_at text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    CONSTRAINT sign_in_attempt_key PRIMARY KEY (key_sha256)
);

CREATE INDEX site_by_number ON site (number) WHERE closed_at IS NULL;
CREATE INDEX user_inactive ON "user" (organization_id, id) WHERE NOT active AND deleted_at IS NULL;
