-- What an engine that kept its index compares with the store: the ids of an account's documents and what tells their
-- contents apart, read without the documents themselves.

DROP INDEX passages_of_account;
CREATE INDEX passages_of_account ON passages (account, id, content_hash);
DROP INDEX macros_of_account;
CREATE INDEX macros_of_account ON macros (account, id, content_hash);
DROP INDEX past_replies_of_account;
CREATE INDEX past_replies_of_account ON past_replies (account, id, content_hash);
