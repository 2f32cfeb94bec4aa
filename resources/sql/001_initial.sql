-- The first schema. Times are ISO 8601 in UTC with microseconds, so that they sort as text; lists and
-- mappings are JSON. Document ids (passages, macros, past_replies) are never reused, and the content behind
-- an id never changes: what changed gets a new id, so that an index can be kept up to date by ids alone.

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- No secrets here: tokens live in the keyring.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  base_url TEXT NOT NULL,
  display TEXT NOT NULL,
  agent TEXT NOT NULL,
  added_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  account TEXT NOT NULL,
  collection TEXT NOT NULL,
  value TEXT NOT NULL,
  done INTEGER NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (account, collection)
) STRICT, WITHOUT ROWID;

-- Articles and their passages ---------------------------------------------------------------------------

CREATE TABLE articles (
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  locale TEXT NOT NULL,
  title TEXT NOT NULL,
  html TEXT NOT NULL,
  url TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  section TEXT NOT NULL,
  labels TEXT NOT NULL,
  draft INTEGER NOT NULL,
  visibility TEXT NOT NULL,
  votes INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  PRIMARY KEY (account, id, locale)
) STRICT;

CREATE TABLE passages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  article_id INTEGER NOT NULL,
  locale TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  heading_path TEXT NOT NULL,
  text TEXT NOT NULL,
  FOREIGN KEY (account, article_id, locale) REFERENCES articles (account, id, locale) ON DELETE CASCADE
) STRICT;
CREATE INDEX passages_of_article ON passages (account, article_id, locale);
CREATE INDEX passages_of_account ON passages (account, id);

-- Macros ------------------------------------------------------------------------------------------------

CREATE TABLE macros (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  macro_id INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  tags TEXT NOT NULL,
  usage INTEGER,
  updated_at TEXT,
  language TEXT NOT NULL,
  UNIQUE (account, macro_id)
) STRICT;
CREATE INDEX macros_of_account ON macros (account, id);

-- Solved tickets and the replies learned from them --------------------------------------------------------

CREATE TABLE solved_tickets (
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  updated_at TEXT NOT NULL,
  requester_id INTEGER,
  content TEXT NOT NULL,
  PRIMARY KEY (account, id)
) STRICT;
CREATE INDEX solved_tickets_of_requester ON solved_tickets (account, requester_id);

CREATE TABLE past_replies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  ticket_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  agent_id INTEGER,
  agent_name TEXT NOT NULL,
  subject TEXT NOT NULL,
  customer_text TEXT NOT NULL,
  reply_text TEXT NOT NULL,
  language TEXT NOT NULL,
  brand TEXT NOT NULL,
  csat TEXT,
  reopens INTEGER,
  replied_at TEXT NOT NULL,
  url TEXT NOT NULL,
  FOREIGN KEY (account, ticket_id) REFERENCES solved_tickets (account, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX past_replies_of_ticket ON past_replies (account, ticket_id);
CREATE INDEX past_replies_of_account ON past_replies (account, id);

-- Vectors of documents; kind is a SourceKind. Little-endian float16. ----------------------------------------

CREATE TABLE vectors (
  kind TEXT NOT NULL,
  doc_id INTEGER NOT NULL,
  encoder TEXT NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY (kind, encoder, doc_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE encoders (
  name TEXT PRIMARY KEY,
  dimension INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Full text: each table mirrors the documents of one kind, kept by triggers. ---------------------------------

CREATE VIRTUAL TABLE passages_fts USING fts5 (
  heading_path, text, content = 'passages', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE passages_words USING fts5vocab ('passages_fts', 'row');
CREATE TRIGGER passages_inserted AFTER INSERT ON passages BEGIN
  INSERT INTO passages_fts (rowid, heading_path, text) VALUES (new.id, new.heading_path, new.text);
END;
CREATE TRIGGER passages_deleted AFTER DELETE ON passages BEGIN
  INSERT INTO passages_fts (passages_fts, rowid, heading_path, text)
  VALUES ('delete', old.id, old.heading_path, old.text);
  DELETE FROM vectors WHERE kind = 'article' AND encoder IN (SELECT name FROM encoders) AND doc_id = old.id;
END;
CREATE TRIGGER passages_are_immutable BEFORE UPDATE OF id, account, heading_path, text ON passages BEGIN
  SELECT RAISE (ABORT, 'the content behind a document id never changes');
END;

CREATE VIRTUAL TABLE macros_fts USING fts5 (
  title, body, content = 'macros', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE macros_words USING fts5vocab ('macros_fts', 'row');
CREATE TRIGGER macros_inserted AFTER INSERT ON macros BEGIN
  INSERT INTO macros_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER macros_deleted AFTER DELETE ON macros BEGIN
  INSERT INTO macros_fts (macros_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  DELETE FROM vectors WHERE kind = 'macro' AND encoder IN (SELECT name FROM encoders) AND doc_id = old.id;
END;
CREATE TRIGGER macros_are_immutable BEFORE UPDATE OF id, account, title, body ON macros BEGIN
  SELECT RAISE (ABORT, 'the content behind a document id never changes');
END;

CREATE VIRTUAL TABLE past_replies_fts USING fts5 (
  subject, customer_text, reply_text, content = 'past_replies', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE past_replies_words USING fts5vocab ('past_replies_fts', 'row');
CREATE TRIGGER past_replies_inserted AFTER INSERT ON past_replies BEGIN
  INSERT INTO past_replies_fts (rowid, subject, customer_text, reply_text)
  VALUES (new.id, new.subject, new.customer_text, new.reply_text);
END;
CREATE TRIGGER past_replies_deleted AFTER DELETE ON past_replies BEGIN
  INSERT INTO past_replies_fts (past_replies_fts, rowid, subject, customer_text, reply_text)
  VALUES ('delete', old.id, old.subject, old.customer_text, old.reply_text);
  DELETE FROM vectors WHERE kind = 'past reply' AND encoder IN (SELECT name FROM encoders) AND doc_id = old.id;
END;
CREATE TRIGGER past_replies_are_immutable
BEFORE UPDATE OF id, account, subject, customer_text, reply_text ON past_replies BEGIN
  SELECT RAISE (ABORT, 'the content behind a document id never changes');
END;

-- The tickets that were opened last, for a first paint without the network -----------------------------------

CREATE TABLE tickets_cache (
  account TEXT NOT NULL,
  ticket_id INTEGER NOT NULL,
  content TEXT NOT NULL,
  fetched_at TEXT NOT NULL,
  PRIMARY KEY (account, ticket_id)
) STRICT;

-- The log: append-only, one `shown` and at most one standing final decision for each suggestion. -------------

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (
    kind IN ('shown', 'used', 'edited', 'dismissed', 'undismissed', 'expired', 'outcome')
  ),
  suggestion_id TEXT,
  account TEXT NOT NULL,
  ticket_id INTEGER NOT NULL,
  source_key TEXT,
  message_id INTEGER,
  payload TEXT NOT NULL,
  CHECK (kind = 'outcome' OR suggestion_id IS NOT NULL),
  CHECK (kind <> 'shown' OR source_key IS NOT NULL),
  CHECK (kind <> 'outcome' OR message_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX events_one_shown ON events (suggestion_id) WHERE kind = 'shown';
CREATE UNIQUE INDEX events_one_outcome ON events (account, ticket_id, message_id) WHERE kind = 'outcome';
CREATE INDEX events_decisions ON events (suggestion_id, seq)
WHERE kind IN ('used', 'edited', 'dismissed', 'undismissed', 'expired');
CREATE INDEX events_of_ticket ON events (account, ticket_id, seq);
CREATE INDEX events_by_time ON events (at);

-- A final decision stands until an `undismissed` takes it back; only a dismissal can be taken back.
CREATE VIEW standing AS
SELECT * FROM events AS final
WHERE final.kind IN ('used', 'edited', 'dismissed', 'expired') AND NOT EXISTS (
  SELECT 1 FROM events AS undone
  WHERE undone.suggestion_id = final.suggestion_id AND undone.seq > final.seq AND undone.kind = 'undismissed'
);

CREATE TRIGGER events_need_a_shown BEFORE INSERT ON events
WHEN new.kind IN ('used', 'edited', 'dismissed', 'undismissed', 'expired')
AND NOT EXISTS (SELECT 1 FROM events WHERE suggestion_id = new.suggestion_id AND kind = 'shown')
BEGIN
  SELECT RAISE (ABORT, 'a decision about a suggestion that was never shown');
END;

-- Repeats are no-ops, not errors: the row that stands stays.
CREATE TRIGGER events_one_final BEFORE INSERT ON events
WHEN new.kind IN ('used', 'edited', 'dismissed', 'expired')
AND EXISTS (SELECT 1 FROM standing WHERE suggestion_id = new.suggestion_id)
BEGIN
  SELECT RAISE (IGNORE);
END;

CREATE TRIGGER events_undo_only_a_dismissal BEFORE INSERT ON events
WHEN new.kind = 'undismissed'
AND NOT EXISTS (SELECT 1 FROM standing WHERE suggestion_id = new.suggestion_id AND kind = 'dismissed')
BEGIN
  SELECT RAISE (IGNORE);
END;

-- The way in for retention: a transaction that removes or blanks old rows puts a row here first and takes it
-- away before it commits. While the table is empty, which is always outside of such a transaction, the log
-- can only grow.
CREATE TABLE retention_run (
  started_at TEXT NOT NULL
) STRICT;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
WHEN NOT EXISTS (SELECT 1 FROM retention_run)
BEGIN
  SELECT RAISE (ABORT, 'the log can only grow');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM retention_run)
BEGIN
  SELECT RAISE (ABORT, 'the log can only grow');
END;
