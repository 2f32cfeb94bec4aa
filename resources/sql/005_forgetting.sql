-- Deleting a customer and the end of retention, brands of articles.

ALTER TABLE articles ADD COLUMN brand_id INTEGER;

-- Who asked each ticket that was ever read: numbers only. The ticket itself may be gone long before what the log
-- holds of it is to be deleted.
CREATE TABLE ticket_requesters (
  account TEXT NOT NULL,
  ticket_id INTEGER NOT NULL,
  requester_id INTEGER NOT NULL,
  PRIMARY KEY (account, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_of_requester ON ticket_requesters (account, requester_id);
INSERT INTO ticket_requesters (account, ticket_id, requester_id)
SELECT account, id, requester_id FROM solved_tickets WHERE requester_id IS NOT NULL;
INSERT OR REPLACE INTO ticket_requesters (account, ticket_id, requester_id)
SELECT account, ticket_id, json_extract(content, '$.ticket.requester_id') FROM tickets_cache
WHERE json_valid(content) AND json_type(content, '$.ticket.requester_id') = 'integer';

-- Customers whose texts were deleted: what the helpdesk still holds of them is not read again.
CREATE TABLE forgotten_customers (
  account TEXT NOT NULL,
  requester_id INTEGER NOT NULL,
  PRIMARY KEY (account, requester_id)
) STRICT, WITHOUT ROWID;

-- The way in for retention becomes narrow: a row of the log may lose its words, while retention_run holds a row, and
-- nothing else. What was shown, decided and counted stays, and no row ever goes.
DROP TRIGGER events_are_never_changed;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
WHEN NOT EXISTS (SELECT 1 FROM retention_run)
OR (new.seq, new.uuid, new.at, new.kind, new.account, new.ticket_id)
IS NOT (old.seq, old.uuid, old.at, old.kind, old.account, old.ticket_id)
OR (new.suggestion_id, new.source_key, new.message_id) IS NOT (old.suggestion_id, old.source_key, old.message_id)
OR new.payload IS NOT json_replace(
  old.payload, '$.text', '', '$.sent_text', '', '$.reason', '', '$.source.title', '', '$.source.url', ''
)
BEGIN
  SELECT RAISE (ABORT, 'the log can only grow');
END;
DROP TRIGGER events_are_never_deleted;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events BEGIN
  SELECT RAISE (ABORT, 'the log can only grow');
END;
