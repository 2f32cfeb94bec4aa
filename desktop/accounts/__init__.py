"""Connecting helpdesks, and signing out of them."""
