-- What makes lists of people fast: what is worth a look, who has the same NPI, and filters that are
-- answered from the index that has people in the order of lists.
--
-- remarks holds the ids of what the rules say about a person's own values, separated by blanks. Of
-- people who are here already nothing is known yet: mdscripts migrate examines them afterwards.

ALTER TABLE "user" ADD COLUMN remarks TEXT NOT NULL DEFAULT '';

-- An index answers a question alone only if it has every column of it, deleted_at included.
CREATE INDEX user_remarked ON "user" (organization_id, id, remarks, deleted_at)
    WHERE remarks <> '' AND deleted_at IS NULL;
CREATE INDEX user_list ON "user" (
    organization_id, user_name_key, id, deleted_at, active, role_key, npi, (provenance <> '[]')
) WHERE deleted_at IS NULL;

DROP INDEX user_by_npi;
CREATE INDEX user_by_npi ON "user" (organization_id, npi, active, id, deleted_at)
    WHERE npi IS NOT NULL AND deleted_at IS NULL;
