"""Zendesk's HTTP for what things are called: brands, groups, ticket fields, statuses, sections, segments, languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations.http import Request, Response
from integrations.reading import text, texts
from integrations.site import Site
from integrations.zendesk import parts, raw, wire

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Locales:
    default: str
    all: tuple[str, ...]


def statuses_request(site: Site) -> Request:
    return wire.get(site, "custom_statuses")


def brands_request(site: Site, page: int = 1) -> Request:
    return wire.get(site, "brands", page=str(page), per_page=str(wire.PAGE_SIZE))


def groups_request(site: Site, page: int = 1) -> Request:
    return wire.get(site, "groups", page=str(page), per_page=str(wire.PAGE_SIZE))


def fields_request(site: Site, page: int = 1) -> Request:
    return wire.get(site, "ticket_fields", page=str(page), per_page=str(wire.PAGE_SIZE))


def locales_request(site: Site) -> Request:
    return wire.get(site, "help_center/locales")


def sections_request(site: Site, page: int) -> Request:
    return wire.get(site, "help_center/sections", page=str(page), per_page=str(wire.PAGE_SIZE))


def segments_request(site: Site, page: int) -> Request:
    return wire.get(site, "help_center/user_segments", page=str(page), per_page=str(wire.PAGE_SIZE))


def read_locales(response: Response) -> Locales:
    body = wire.body_of(response)
    return Locales(default=text(body.get("default_locale")), all=texts(body.get("locales")))


def read_sections(response: Response) -> tuple[dict[int, str], bool]:
    """Return names by id, and whether another page follows."""
    return _named(response, "sections", raw.names)


def read_groups(response: Response) -> tuple[dict[int, str], bool]:
    """As `read_sections`."""
    return _named(response, "groups", raw.names)


def read_brands(response: Response) -> tuple[dict[int, parts.RawBrand], bool]:
    """As `read_sections`."""
    return _named(response, "brands", parts.brands)


def read_fields(response: Response) -> tuple[dict[int, parts.RawField], bool]:
    """As `read_sections`."""
    return _named(response, "ticket_fields", parts.fields)


def read_segments(response: Response) -> tuple[dict[int, raw.RawSegment], bool]:
    """Return user segments by id, and whether another page follows."""
    return _named(response, "user_segments", raw.segments)


def _named(response: Response, key: str, read: Callable[[Any], dict[int, T]]) -> tuple[dict[int, T], bool]:
    body = wire.body_of(response)
    return read(body.get(key)), wire.has_more(body)


def read_statuses(response: Response) -> dict[int, str]:
    """Return the agents' names of custom statuses by id."""
    return raw.names(wire.body_of(response).get("custom_statuses"), key="agent_label")
