"""Freshdesk: tickets, conversations, canned responses and solutions."""
