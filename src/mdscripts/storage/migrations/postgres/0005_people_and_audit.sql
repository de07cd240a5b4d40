-- The audit as people read it: newest first (its key), of one target, or of what was done here by people.
--
-- An id is a UUIDv7, so that a period is a range of ids. What is done here is little beside what
-- identity providers do, which is why it has an index of its own and they have none.

CREATE INDEX audit_by_target ON audit (organization_id, substr(target_id, 1, 256), id);
CREATE INDEX audit_by_local ON audit (organization_id, id) WHERE client = 'local';
