"""Ids that look like the vendors' and are the same in every run: they are derived from keys alone."""

from __future__ import annotations

import hashlib

FIRST_ID = 2**44
"""Zendesk's ids have passed this mark; a reader that keeps them in 32 bits or a float32 is caught by them."""

FIRST_TICKET_NUMBER = 1001
MESSAGES_PER_TICKET = 2**12


def _hash(key: str, bits: int) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") % (1 << bits)


def object_id(kind: str, key: str) -> int:
    """Return the id of a person, article, macro …, between 2**44 and 2**45."""
    return FIRST_ID + _hash(f"{kind}/{key}", 44)


def message_id(ticket_key: str, index: int) -> int:
    """Return the id of a ticket's ``index``-th message: grows with the index, as the vendors' ids do."""
    return FIRST_ID + _hash(f"ticket/{ticket_key}", 32) * MESSAGES_PER_TICKET + index


def encoded_id(number: int) -> str:
    """Return the short code by which Zendesk threads mail, e.g. ``K2QX9P-0R4Z1``."""
    digest = hashlib.blake2b(str(number).encode(), digest_size=8).hexdigest().upper()
    return f"{digest[:6]}-{digest[6:11]}"
