"""OAuth 2 with PKCE as Zendesk speaks it: builds addresses and requests, reads answers. No I/O, no waiting.

A public client: there is no secret, and only this program knows the verifier (RFC 7636, S256).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from assist.errors import HelpdeskError, SignInNeeded, UnexpectedReply
from integrations.http import Request, Response
from integrations.ratelimit import raise_for_passing_fault
from integrations.reading import mapping, payload, text, whole
from integrations.site import OAuthGrant, Site
from integrations.zendesk.wire import raise_for

READ_SCOPES = ("read",)
ACTING_SCOPES = ("read", "tickets:write")
"""``read`` alone unless the admin allows acting: the rest would be asked for and never used."""

ACCESS_LIFE_S = 3_600
"""Longer than Zendesk's own half hour, because each renewal is a moment in which a pair can be lost."""
REFRESH_LIFE_S = 90 * 86_400
"""The most that Zendesk allows: nobody signs in again after a holiday."""
RENEWED_EARLY_S = 60.0
LONGEST_LIFE_S = 366 * 86_400

EXPIRED = "Your sign-in to Zendesk has ended. Sign in again."
SIGNED_OUT = "You are signed out of Zendesk. Sign in again."
KEPT_AS = "oauth-grant"
_KEPT_START = f'{{"with":"{KEPT_AS}",'
_LARGEST_TOKEN = 4_096


class GrantRefused(SignInNeeded):
    """The code or the refresh token is worth nothing any more, and must not be sent again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one attempt to sign in asks for. ``redirect_uri`` is registered with the client, letter for letter."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]


def new_verifier() -> str:
    """Return a PKCE verifier: 86 characters of RFC 7636's alphabet, 64 random bytes."""
    return secrets.token_urlsafe(64)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge: 43 characters, without padding."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def new_state() -> str:
    """Return what ties the browser's answer to this attempt: 43 characters, 32 random bytes."""
    return secrets.token_urlsafe(32)


def authorize_url(site: Site, asked: Asked, *, state: str, challenge: str) -> str:
    """Return the address that the agent's browser opens."""
    query = {
        "response_type": "code",
        "client_id": asked.client_id,
        "redirect_uri": asked.redirect_uri,
        "scope": " ".join(asked.scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{site.base_url}/oauth/authorizations/new?{urlencode(query)}"


def exchange_request(site: Site, asked: Asked, *, code: str, verifier: str) -> Request:
    """Return the request that turns a code into tokens; it works once, within 120 s."""
    return _token_request(
        site,
        {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": asked.client_id,
            "redirect_uri": asked.redirect_uri,
            "scope": " ".join(asked.scopes),
            "code_verifier": verifier,
            "expires_in": ACCESS_LIFE_S,
            "refresh_token_expires_in": REFRESH_LIFE_S,
        },
    )


def refresh_request(site: Site, grant: OAuthGrant) -> Request:
    """Return the request that replaces ``grant``; its two tokens are dead from the answer on."""
    return _token_request(
        site,
        {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, "client_id": grant.client_id},
    )


def revoke_request(site: Site) -> Request:
    """Return the request that ends the access token that it is signed with, and its refresh token."""
    return Request("DELETE", f"{site.base_url}/api/v2/oauth/tokens/current", {"accept": "application/json"})


def read_grant(response: Response, client_id: str, *, scopes: tuple[str, ...], at: datetime) -> OAuthGrant:
    """Turn the answer to a token request into a grant.

    Args:
        scopes: What holds where the answer names no scope (RFC 6749: what was asked).
        at: When the answer came, by this machine's clock.

    Raises:
        GrantRefused: The code or the refresh token is used up or has expired.
        SignInNeeded: The client, or a scope, is not accepted; the sentence says which.
        Retryable: A passing fault.
        UnexpectedReply: Anything else, without quoting it.
    """
    if response.status not in (200, 201):
        _raise_for(response, client_id)
    body = mapping(payload(response))
    access, refresh = text(body.get("access_token")), text(body.get("refresh_token"))
    if not _is_token(access) or (refresh and not _is_token(refresh)):
        raise UnexpectedReply("Zendesk answered the sign-in without a usable token")
    life_s = _life_s(body.get("expires_in"))
    return OAuthGrant(
        client_id=client_id,
        access_token=access,
        refresh_token=refresh,
        expires_at=None if life_s is None else at + timedelta(seconds=life_s),
        scopes=_scopes(body.get("scope")) or scopes,
        renew_at=None if life_s is None else at + timedelta(seconds=life_s - min(RENEWED_EARLY_S, life_s / 10)),
    )


def read_revoked(response: Response) -> None:
    """Return when the grant is gone. Raises as any request."""
    if response.status not in (200, 204):
        raise_for(response)


def missing(asked: Sequence[str], granted: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes that were asked for and not granted; ``read`` holds every ``….:read``."""
    had = set(granted)
    return tuple(scope for scope in asked if scope not in had and scope.rpartition(":")[2] not in had)


def check_scopes(asked: Sequence[str], granted: Sequence[str]) -> None:
    """Raise `SignInNeeded` naming what was not granted: Zendesk drops unknown scopes without a word."""
    if lacking := missing(asked, granted):
        raise SignInNeeded(
            f"Zendesk did not grant {' and '.join(lacking)}. "
            "Ask your admin to allow this for Kibitz' OAuth client, then sign in again."
        )


def is_due(grant: OAuthGrant, now: datetime) -> bool:
    """Say whether it is time to renew. A wrong clock only costs a refused request, or a renewal too many."""
    return grant.renew_at is not None and now >= grant.renew_at


def spent(grant: OAuthGrant) -> OAuthGrant:
    """Return what is kept of a grant that was refused: nothing in it can be sent again."""
    return OAuthGrant(grant.client_id, "", "", None, grant.scopes)


def grant_text(grant: OAuthGrant) -> str:
    """Return the text that the keyring keeps."""
    times = {"expires_at": grant.expires_at, "renew_at": grant.renew_at}
    return json.dumps(
        {
            "with": KEPT_AS,
            "client": grant.client_id,
            "access": grant.access_token,
            "refresh": grant.refresh_token,
            "scopes": grant.scopes,
            **{name: None if at is None else at.isoformat() for name, at in times.items()},
        },
        separators=(",", ":"),
    )


def grant_in(kept: str) -> OAuthGrant:
    """Read what `grant_text` wrote. Raises ValueError, which quotes nothing of it."""
    try:
        raw: Mapping[str, Any] = json.loads(kept)
        grant = OAuthGrant(
            client_id=str(raw["client"]),
            access_token=str(raw["access"]),
            refresh_token=str(raw["refresh"]),
            expires_at=_moment(raw["expires_at"]),
            scopes=tuple(str(scope) for scope in raw["scopes"]),
            renew_at=_moment(raw["renew_at"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("the kept sign-in cannot be read") from None
    return grant


def is_grant(kept: str) -> bool:
    """Say whether a kept text is a grant's, and not one of somebody's typed credentials."""
    return kept.startswith(_KEPT_START)


def refusal(error: str) -> HelpdeskError:
    """Return what the ``error`` of the browser's answer means. It is a stranger's word, so it is never shown."""
    if error == "access_denied":
        return SignInNeeded("Access was denied on Zendesk's page. Sign in again and choose Allow.")
    if error == "invalid_scope":
        return SignInNeeded("Kibitz' OAuth client in Zendesk may not ask for these rights. Ask your admin.")
    if error in {"server_error", "temporarily_unavailable"}:
        return HelpdeskError("Zendesk could not sign you in just now. Try again in a moment.")
    return SignInNeeded("Zendesk refused to sign you in. Ask your admin to look at Kibitz' OAuth client.")


def _raise_for(response: Response, client_id: str) -> None:
    raise_for_passing_fault(response, "Zendesk")
    match _error_of(response):
        case "invalid_grant":
            raise GrantRefused(EXPIRED)
        case "invalid_scope":
            raise refusal("invalid_scope")
        case "invalid_client" | "unauthorized_client":
            raise SignInNeeded(
                f"Zendesk does not know the OAuth client {client_id}. Ask your admin for its identifier."
            )
    if response.status == 404:
        raise SignInNeeded("There is no such Zendesk account. Check its address.")
    raise UnexpectedReply(f"Zendesk refused the sign-in ({response.status})")


def _error_of(response: Response) -> str:
    try:
        return text(mapping(payload(response)).get("error"))
    except UnexpectedReply:
        return ""


def _token_request(site: Site, fields: Mapping[str, str | int]) -> Request:
    headers = {"accept": "application/json", "content-type": "application/json"}
    return Request("POST", f"{site.base_url}/oauth/tokens", headers, json.dumps(fields).encode())


def _is_token(value: str) -> bool:
    return 0 < len(value) <= _LARGEST_TOKEN and value.isascii() and value.isprintable() and " " not in value


def _life_s(value: Any) -> int | None:
    life_s = whole(value)
    return None if life_s is None or not 0 < life_s <= LONGEST_LIFE_S else life_s


def _scopes(value: Any) -> tuple[str, ...]:
    words = value if isinstance(value, list) else text(value).replace(",", " ").split()
    return tuple(dict.fromkeys(found for word in words if (found := text(word))))


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
