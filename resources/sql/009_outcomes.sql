-- What became of a suggestion, found by it: a page of the journal read all outcomes of all years for its 200 rows.
CREATE INDEX events_outcomes_of_suggestion ON events (suggestion_id) WHERE kind = 'outcome';
