"""A field to paste a ticket's address or number into."""
