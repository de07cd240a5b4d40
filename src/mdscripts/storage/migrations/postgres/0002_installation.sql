-- What one installation knows about itself, whichever process asks; made at the first start.

CREATE TABLE installation (
    name text NOT NULL PRIMARY KEY,
    value text NOT NULL
);
