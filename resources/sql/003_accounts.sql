-- What an account needs to be signed in to again, and to be recognised in a browser. None of it is secret.

ALTER TABLE accounts ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN portal TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
