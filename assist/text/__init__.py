"""Untrusted mail and HTML in, plain clean text out."""
