-- What an agent asked Kibitz to do in a helpdesk (docs/adr/0018-acting.md). A row is on disk before its request leaves.
-- `preview` holds the text, which may be a customer's: it goes as soon as nobody needs it any more.

CREATE TABLE pending_acts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  ticket_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'sending', 'unknown', 'done', 'refused')),
  planned_at TEXT NOT NULL,
  sending_at TEXT,
  ended_at TEXT,
  preview TEXT,
  decision TEXT,
  message_id INTEGER,
  why TEXT NOT NULL DEFAULT '',
  told INTEGER NOT NULL DEFAULT 0,
  CHECK (preview IS NOT NULL OR state IN ('done', 'refused'))
) STRICT;
CREATE INDEX pending_acts_open ON pending_acts (account, seq) WHERE told = 0;
CREATE INDEX pending_acts_of_ticket ON pending_acts (account, ticket_id);

CREATE TRIGGER pending_acts_begin_planned BEFORE INSERT ON pending_acts
WHEN new.state <> 'planned'
BEGIN
  SELECT RAISE (ABORT, 'an act begins planned');
END;

-- Sent at most once: nothing leads back to `planned`, and nothing but `planned` leads to `sending`.
CREATE TRIGGER pending_acts_go_forward BEFORE UPDATE OF state ON pending_acts
WHEN NOT (
  (old.state = 'planned' AND new.state IN ('sending', 'refused'))
  OR (old.state = 'sending' AND new.state IN ('unknown', 'done', 'refused'))
  OR (old.state = 'unknown' AND new.state IN ('done', 'refused'))
)
BEGIN
  SELECT RAISE (ABORT, 'an act is sent once');
END;
