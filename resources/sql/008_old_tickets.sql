-- What is too old to keep is looked for at each start, among up to half a million solved tickets.
CREATE INDEX solved_tickets_by_time ON solved_tickets (account, updated_at, id);
