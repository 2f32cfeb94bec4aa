"""The outside: helpdesks, and the demo helpdesk that stands in for them."""
