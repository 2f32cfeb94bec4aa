-- The same decisions as before, found by their suggestion. SQLite uses a partial index only where a query repeats the
-- index's own condition, and without it every opened ticket read the whole log.
DROP VIEW standing;
CREATE VIEW standing AS
SELECT * FROM events AS final
WHERE final.kind IN ('used', 'edited', 'dismissed', 'undismissed', 'expired') AND final.kind <> 'undismissed'
AND NOT EXISTS (
  SELECT 1 FROM events AS undone
  WHERE undone.suggestion_id = final.suggestion_id AND undone.seq > final.seq AND undone.kind = 'undismissed'
  AND undone.kind IN ('used', 'edited', 'dismissed', 'undismissed', 'expired')
);
