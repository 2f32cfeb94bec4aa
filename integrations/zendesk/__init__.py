"""Zendesk: Support tickets and macros, and the Help Center."""
