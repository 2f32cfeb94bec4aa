"""Changing the helpdesk when the agent asks for it: off unless the admin allows it (docs/adr/0018-acting.md)."""
