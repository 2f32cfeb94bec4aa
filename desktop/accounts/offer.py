"""Offers of accounts in ``kibitz://`` links: where to sign in, never a secret.

A link can come from anybody, so it is read strictly, only ever shown, and connects nothing by itself.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from assist.domain import HelpdeskKind
from desktop.addresses import SCHEME
from desktop.i18n import tr
from desktop.policy import Offered
from desktop.wiring import checked_offer

LARGEST_LINK_CHARACTERS = 1_024
LONGEST_NAME_CHARACTERS = 60
_KEYS = {"kind": "kind", "site": "site", "client": "client_id", "portal": "portal", "name": "name"}
_SECRET = re.compile(r"token|secret|passw|pwd|key|code|credential|auth|verifier|bearer|session", re.IGNORECASE)
_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
"""Without these, emoji fall apart and Persian is misspelt."""


def parse_link(text: str) -> Offered:
    """Read a link such as ``kibitz://connect?kind=zendesk&site=acme&client=kibitz_desktop``.

    Returns:
        The offer; its ``site`` is the account's short name, such as ``acme``.

    Raises:
        ValueError: With a sentence that can be shown, for anything that is not exactly such a link.
    """
    link = text.strip()
    if len(link) > LARGEST_LINK_CHARACTERS:
        raise ValueError(tr("This link is too long to be one of Kibitz."))
    if any(character.isspace() or not character.isprintable() for character in link):
        raise ValueError(tr("This link holds characters that no link has. Copy it again, as a whole."))
    values = _values(_parts(link))
    try:
        kind = HelpdeskKind(values.pop("kind", ""))
    except ValueError:
        raise ValueError(tr("This link is for no helpdesk that Kibitz knows: Zendesk or Freshdesk.")) from None
    return checked(Offered(kind, **{_KEYS[key]: value for key, value in values.items()}))


def link_of(offered: Offered) -> str:
    """Return the link that `parse_link` reads as ``offered``. Raises ValueError for an offer that it would refuse."""
    sound = checked(offered)
    found = {key: str(getattr(sound, name)) for key, name in _KEYS.items()}
    link = f"{SCHEME}://connect?{urlencode({k: v for k, v in found.items() if v}, quote_via=quote)}"
    if len(link) > LARGEST_LINK_CHARACTERS:
        raise ValueError(tr("The name is too long for a link."))
    return link


def checked(offered: Offered) -> Offered:
    """Return ``offered`` with its hosts written in short.

    Raises:
        ValueError: With a sentence that can be shown, where it offers no account of that vendor.
    """
    is_zendesk = offered.kind is HelpdeskKind.ZENDESK
    if any(unicodedata.category(one) in _HIDDEN and one not in _JOINERS for one in "".join(_texts(offered))):
        raise ValueError(tr("This offer holds hidden characters, so Kibitz does not use it."))
    if is_zendesk and _CLIENT.fullmatch(offered.client_id) is None:
        raise ValueError(tr("The OAuth client's identifier is missing or is none. Ask your admin for it."))
    if is_zendesk and offered.portal:
        raise ValueError(tr("Only Freshdesk accounts have a portal's address."))
    if not is_zendesk and offered.client_id:
        raise ValueError(tr("Only Zendesk accounts have an OAuth client."))
    name = unicodedata.normalize("NFC", offered.name).strip()
    if len(name) > LONGEST_NAME_CHARACTERS:
        raise ValueError(tr("The account's name is too long."))
    if _looks_like_address(name):
        raise ValueError(tr("The account's name must not look like an address."))
    return checked_offer(Offered(offered.kind, offered.site, offered.client_id, offered.portal, name))


def _texts(offered: Offered) -> tuple[str, ...]:
    return offered.site, offered.client_id, offered.portal, offered.name


def _parts(link: str) -> SplitResult:
    refused = ValueError(tr("This is not a link of Kibitz. Such a link begins with kibitz://connect?"))
    try:
        parts = urlsplit(link)
    except ValueError:
        raise refused from None
    if parts.scheme != SCHEME or parts.netloc.lower() != "connect" or parts.path not in ("", "/") or parts.fragment:
        raise refused
    return parts


def _values(parts: SplitResult) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            parts.query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=len(_KEYS)
        )
    except ValueError:  # UnicodeDecodeError is one
        raise ValueError(tr("This link cannot be read. Copy it again, as a whole.")) from None
    values = dict(pairs)
    if any(_SECRET.search(key) for key in values):
        raise ValueError(
            tr("This link carries a secret. Kibitz takes none from a link: tell whoever sent it to withdraw it.")
        )
    if len(values) < len(pairs) or not values.keys() <= _KEYS.keys():
        raise ValueError(tr("This link says more than a link of Kibitz does, so it is not used."))
    return values


def _looks_like_address(name: str) -> bool:
    """A name stands above the host that it goes to, and must not be taken for one."""
    plain = unicodedata.normalize("NFKC", name).replace("\u3002", ".").replace("\u2024", ".")
    return re.search(r"\w\.\w|[/\\@]|:\S", plain) is not None
