"""The admin's window."""
