"""Tells what an address is that somebody opens Kibitz with. Loads nothing: the command line asks before it starts."""

from __future__ import annotations

from pathlib import Path

SCHEME = "kibitz"
SETTINGS_SUFFIX = ".json"


def is_link(text: str) -> bool:
    """Tell whether ``text`` means to be a ``kibitz://`` link, right or wrong."""
    return text.strip().lower().startswith(f"{SCHEME}:")


def is_settings_file(text: str) -> bool:
    """Tell whether ``text`` is the name of a settings file, and not an address on the network."""
    return "://" not in text and text.strip().lower().endswith(SETTINGS_SUFFIX)


def is_offer(text: str) -> bool:
    """Tell whether ``text`` is of an admin and not of a ticket."""
    return is_link(text) or is_settings_file(text)


def absolute(text: str) -> str:
    """Return ``text``, but a settings file by its whole path: the Kibitz that runs is in another folder."""
    return str(Path(text.strip()).expanduser().absolute()) if is_settings_file(text) else text
