"""The Freshdesk face: the part of the API that an assistant calls."""
