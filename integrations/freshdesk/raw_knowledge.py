"""Freshdesk's solutions and canned responses as typed values; as lenient as `integrations.freshdesk.raw`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.reading import mapping, moment, objects, text, texts, whole


@dataclass(frozen=True, slots=True)
class RawCategory:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class RawFolder:
    """A folder of solutions.

    ``listing`` is all that the list of folders says of it, shortened: it changes when the folder is renamed,
    moved, closed to customers, or holds another number of articles.
    """

    id: int
    name: str
    visibility: int | None
    sub_folders: int
    """Number of folders inside; 0 where Freshdesk does not say."""
    listing: str = ""


@dataclass(frozen=True, slots=True)
class RawArticle:
    id: int
    title: str
    html: str = field(repr=False)
    status: int | None
    tags: tuple[str, ...]
    votes: int
    updated_at: datetime | None
    language: str
    """As the article's place in the hierarchy names it; often unknown."""
    product_id: int | None = None
    """Freshdesk's own lists do not tell it."""


@dataclass(frozen=True, slots=True)
class RawResponseFolder:
    """A folder of canned responses; ``responses`` is how many it holds, None where Freshdesk does not say."""

    id: int
    responses: int | None


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A canned response."""

    id: int
    title: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    updated_at: datetime | None


_LISTING = ("name", "visibility", "articles_count", "sub_folders_count", "parent_folder_id", "updated_at")


def categories(value: Any) -> tuple[RawCategory, ...]:
    return tuple(
        RawCategory(id_, text(raw.get("name"))) for raw in objects(value) if (id_ := whole(raw.get("id"))) is not None
    )


def folders(value: Any) -> tuple[RawFolder, ...]:
    return tuple(
        RawFolder(
            id=id_,
            name=text(raw.get("name")),
            visibility=whole(raw.get("visibility")),
            sub_folders=whole(raw.get("sub_folders_count")) or 0,
            listing="|".join(text(raw.get(key)) for key in _LISTING),
        )
        for raw in objects(value)
        if (id_ := whole(raw.get("id"))) is not None
    )


def articles(value: Any) -> tuple[RawArticle, ...]:
    return tuple(
        RawArticle(
            id=id_,
            title=text(raw.get("title")),
            html=text(raw.get("description")),
            status=whole(raw.get("status")),
            tags=texts(raw.get("tags")),
            votes=(whole(raw.get("thumbs_up")) or 0) - (whole(raw.get("thumbs_down")) or 0),
            updated_at=moment(raw.get("updated_at")),
            language=_language(raw),
            product_id=whole(raw.get("product_id")),
        )
        for raw in objects(value)
        if (id_ := whole(raw.get("id"))) is not None
    )


def _language(raw: Mapping[str, Any]) -> str:
    places = (mapping(place.get("data")) for place in objects(raw.get("hierarchy")))
    return next((found for place in places if (found := text(place.get("language")))), "")


def response_folders(value: Any) -> tuple[RawResponseFolder, ...]:
    return tuple(
        RawResponseFolder(id_, whole(raw.get("responses_count")))
        for raw in objects(value)
        if (id_ := whole(raw.get("id"))) is not None
    )


def responses(value: Any) -> tuple[RawResponse, ...]:
    return tuple(
        RawResponse(
            id=id_,
            title=text(raw.get("title")),
            text=text(raw.get("content")),
            html=text(raw.get("content_html")),
            updated_at=moment(raw.get("updated_at")),
        )
        for raw in objects(value)
        if (id_ := whole(raw.get("id"))) is not None
    )
