"""The panel beside the helpdesk: what helps with the ticket that is open."""
