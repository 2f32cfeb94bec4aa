"""What of an account is synced, as Zendesk's lists understand it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from assist.ports import SyncScope
from integrations.site import Site
from integrations.zendesk import parts, raw


def key_of(scope: SyncScope, *names: str) -> str:
    """Return a text that differs when any of ``names`` in ``scope`` does; empty for no limit at all."""
    chosen = {name: getattr(scope, name) for name in names if getattr(scope, name)}
    listed = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in chosen.items()}
    return json.dumps(listed, separators=(",", ":")) if listed else ""


def months_before(now: datetime, months: int) -> datetime | None:
    """Return the start of the day that was so many months ago; None for 0, which is no bound."""
    if not months:
        return None
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=years, month=month + 1, day=min(now.day, 28), hour=0, minute=0, second=0, microsecond=0)


def has_ticket(scope: SyncScope, ticket: raw.RawTicket) -> bool:
    by_brand = not scope.brands or ticket.brand_id in scope.brands
    return by_brand and (not scope.groups or ticket.group_id in scope.groups)


def has_article(scope: SyncScope, article: raw.RawArticle, own_brand: int | None) -> bool:
    """Tell whether an article belongs to it. Where its brand cannot be told, only the folder counts."""
    brand = article.brand_id if article.brand_id is not None else own_brand
    by_brand = not scope.brands or brand is None or brand in scope.brands
    return by_brand and (not scope.folders or article.section_id in scope.folders)


def brand_of(site: Site, brands: Mapping[int, parts.RawBrand]) -> int | None:
    """Return the brand whose help center stands at this address; each brand has its own subdomain."""
    addresses = {brand.url.rstrip("/").lower(): brand.id for brand in brands.values()}
    addresses |= {f"https://{brand.subdomain.lower()}.zendesk.com": brand.id for brand in brands.values()}
    return addresses.get(site.base_url.lower())
