-- What makes lists of people fast: what is worth a look, who has the same NPI, and filters that are
-- answered from the index that has people in the order of lists.
--
-- remarks holds the ids of what the rules say about a person's own values, separated by blanks. Of
-- people who are here already nothing is known yet: mdscripts migrate examines them afterwards.

ALTER TABLE "user" ADD COLUMN remarks text COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX user_remarked ON "user" (organization_id, id) WHERE remarks <> '' AND deleted_at IS NULL;

-- The same as before, with the columns that filters ask for.
DROP INDEX user_by_npi;
CREATE INDEX user_by_npi ON "user" (organization_id, npi) INCLUDE (active, id)
    WHERE npi IS NOT NULL AND deleted_at IS NULL;
DROP INDEX user_name_unique;
CREATE UNIQUE INDEX user_name_unique ON "user" (organization_id, user_name_key)
    INCLUDE (id, active, role_key, npi) WHERE deleted_at IS NULL;
