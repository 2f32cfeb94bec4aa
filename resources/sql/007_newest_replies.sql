-- What agents answer now is learned from their newest replies, of which a desk may have half a million.
CREATE INDEX past_replies_by_time ON past_replies (account, replied_at);
