"""The knowledge without its window: ``python -m assist``."""
