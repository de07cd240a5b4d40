-- What identity providers did through the SCIM service: the entries people search, the masked
-- messages behind them, counters for charts, and what happened for the first and the last time.
--
-- An id is that of the request: UUIDv7, so ids sort by time, and the key of a row answers lists by
-- time. It holds nothing secret: passwords, tokens and numbers of providers are removed before.

CREATE TABLE activity (
    organization_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    credential_id text COLLATE "C" NOT NULL,
    token_label text NOT NULL,
    client text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    result text COLLATE "C" NOT NULL,
    status integer NOT NULL,
    target_type text NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    person text NOT NULL,
    person_key text COLLATE "C" NOT NULL,
    rules text NOT NULL,
    detail text NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    duration_us bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT activity_key PRIMARY KEY (organization_id, id)
);

CREATE INDEX activity_by_result ON activity (organization_id, result, id);
CREATE INDEX activity_by_operation ON activity (organization_id, operation, id);
CREATE INDEX activity_by_person ON activity (organization_id, person_key, id) WHERE person_key <> '';
CREATE INDEX activity_by_target ON activity (organization_id, target_id, id) WHERE target_id <> '';

-- Kept apart, so that searching entries does not read messages.
CREATE TABLE activity_exchange (
    organization_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    request text NOT NULL,
    response text NOT NULL,
    changes text NOT NULL,
    CONSTRAINT activity_exchange_key PRIMARY KEY (organization_id, id)
);

CREATE TABLE activity_rule (
    organization_id text COLLATE "C" NOT NULL,
    rule text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT activity_rule_key PRIMARY KEY (organization_id, rule, id)
);

-- Every call counts here, also the reads of which no entry is kept. A subject is a result, or a
-- result with a rule: refused:NPI-05. An hour is YYYY-MM-DDTHH, UTC.
CREATE TABLE activity_count (
    organization_id text COLLATE "C" NOT NULL,
    hour text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    calls bigint NOT NULL,
    CONSTRAINT activity_count_key PRIMARY KEY (organization_id, hour, subject)
) WITH (fillfactor = 80);

-- When each operation succeeded for the first and the last time; outlives the entries.
CREATE TABLE activity_milestone (
    organization_id text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    first_id text COLLATE "C" NOT NULL,
    first_at text COLLATE "C" NOT NULL,
    first_person text NOT NULL,
    last_id text COLLATE "C" NOT NULL,
    last_at text COLLATE "C" NOT NULL,
    last_person text NOT NULL,
    CONSTRAINT activity_milestone_key PRIMARY KEY (organization_id, operation)
) WITH (fillfactor = 80);
