-- What identity providers did through the SCIM service: the entries people search, the masked
-- messages behind them, counters for charts, and what happened for the first and the last time.
--
-- An id is that of the request: UUIDv7, so ids sort by time, and the key of a row answers lists by
-- time. It holds nothing secret: passwords, tokens and numbers of providers are removed before.

CREATE TABLE activity (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    token_label TEXT NOT NULL,
    client TEXT NOT NULL,
    operation TEXT NOT NULL,
    result TEXT NOT NULL,
    status INTEGER NOT NULL,
    target_type TEXT NOT NULL,
    target_id TEXT NOT NULL,
    person TEXT NOT NULL,
    person_key TEXT NOT NULL,
    rules TEXT NOT NULL,
    detail TEXT NOT NULL,
    search_key TEXT NOT NULL,
    duration_us INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX activity_by_result ON activity (organization_id, result, id);
CREATE INDEX activity_by_operation ON activity (organization_id, operation, id);
CREATE INDEX activity_by_person ON activity (organization_id, person_key, id) WHERE person_key <> '';
CREATE INDEX activity_by_target ON activity (organization_id, target_id, id) WHERE target_id <> '';

-- Kept apart, so that searching entries does not read messages.
CREATE TABLE activity_exchange (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    response TEXT NOT NULL,
    changes TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE activity_rule (
    organization_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (organization_id, rule, id)
) STRICT, WITHOUT ROWID;

-- Every call counts here, also the reads of which no entry is kept. A subject is a result, or a
-- result with a rule: refused:NPI-05. An hour is YYYY-MM-DDTHH, UTC.
CREATE TABLE activity_count (
    organization_id TEXT NOT NULL,
    hour TEXT NOT NULL,
    subject TEXT NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (organization_id, hour, subject)
) STRICT, WITHOUT ROWID;

-- When each operation succeeded for the first and the last time; outlives the entries.
CREATE TABLE activity_milestone (
    organization_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    first_id TEXT NOT NULL,
    first_at TEXT NOT NULL,
    first_person TEXT NOT NULL,
    last_id TEXT NOT NULL,
    last_at TEXT NOT NULL,
    last_person TEXT NOT NULL,
    PRIMARY KEY (organization_id, operation)
) STRICT, WITHOUT ROWID;
