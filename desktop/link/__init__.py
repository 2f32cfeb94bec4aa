"""The link to the browser."""
