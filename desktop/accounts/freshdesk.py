"""Tells the two addresses of a Freshdesk account apart: the domain that its API has, and the portal's own host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from desktop.i18n import tr

DOMAIN = ".freshdesk.com"
_ORGANIZATION = (".myfreshworks.com", ".freshworks.com")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a typed address is. ``said`` is a sentence when it is not the domain, and empty otherwise.

    Attributes:
        domain: What goes into the field for the domain.
        portal: The host that goes into the field for the portal.
    """

    domain: str
    portal: str = ""
    said: str = ""


def sort_address(typed: str) -> Sorted:
    """Sort what somebody typed as the domain: a name, a host, or an address from the browser."""
    text = typed.strip()
    host = host_of(text)
    if host.endswith(DOMAIN):
        return Sorted(host.removesuffix(DOMAIN))
    if not host or "." not in host:
        return Sorted(text)
    if host.endswith(_ORGANIZATION):
        said = tr(
            "{host} is where Freshworks signs people in. The API has an address of its own, which ends in "
            ".freshdesk.com.",
            host=host,
        )
        return Sorted("", said=said)
    said = tr(
        "{host} is your portal's own address. The API has another one, which ends in .freshdesk.com: an admin "
        "finds it under Admin › Account. The portal was kept below.",
        host=host,
    )
    return Sorted("", host, said)


def portal_problem(typed: str) -> str:
    """Return what is wrong with a portal's address, or nothing."""
    host = host_of(typed)
    if not typed.strip():
        return ""
    if host.endswith((DOMAIN, *_ORGANIZATION)):
        return tr("Leave this empty unless your portal has an address of its own, like support.acme.com.")
    return "" if "." in host else tr("A portal's own address looks like support.acme.com.")


def host_of(typed: str) -> str:
    """Return the host in an address as DNS writes it, or nothing where there is none."""
    text = typed.strip().lower()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        usable = parts.scheme == "https" and parts.username is None and parts.port in (None, 443)
    except ValueError:  # UnicodeError is one
        return ""
    return host if usable and (_HOST.fullmatch(host) or re.fullmatch(r"[a-z0-9-]+", host)) else ""
