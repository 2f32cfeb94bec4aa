"""The demo helpdesk: one invented shop behind a Zendesk face, a Freshdesk face and an agent's web page."""
