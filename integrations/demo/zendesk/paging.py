"""Zendesk's two ways of cutting a list into pages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from integrations.demo.gate import ApiError

T = TypeVar("T")

PAGE_AT_MOST = 100
_MOVED_AT_MOST = 20
OFFSET_RECORDS_AT_MOST = 10_000


def whole_number(request: Request, name: str, default: int) -> int:
    """Return a query parameter as a number of at least 1, or answer 400."""
    text = request.query_params.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise ApiError(400, {"error": {"title": "Invalid attribute", "message": f"{name} must be an integer"}})
    return int(text)


def is_cursor(request: Request) -> bool:
    return any(name.startswith("page[") for name in request.query_params)


def cursor_page(request: Request, items: Sequence[T], *, id_of: Callable[[T], int]) -> tuple[list[T], dict[str, Any]]:
    """Return the page and its ``meta`` and ``links``. ``links.next`` stays a URL on the last page, as it really does.

    A cursor names the item it stands behind, so that what is written meanwhile shifts nothing.
    """
    size = min(whole_number(request, "page[size]", PAGE_AT_MOST), PAGE_AT_MOST)
    after, before = request.query_params.get("page[after]"), request.query_params.get("page[before]")
    start = 0
    if after:
        start = _position(items, id_of, after) + 1
    elif before:
        start = max(0, _position(items, id_of, before) - size)
    page = list(items[start : start + size])
    if not page:
        return [], {
            "meta": {"has_more": False, "after_cursor": None, "before_cursor": None},
            "links": _no_links(),
        }
    first, last = _cursor(id_of(page[0]), start), _cursor(id_of(page[-1]), start + len(page) - 1)
    return page, {
        "meta": {
            "has_more": bool(items[start + size : start + size + 1]),
            "after_cursor": last,
            "before_cursor": first,
        },
        "links": {
            "prev": _address(request, {"page[before]": first}, drop=("page[after]",)),
            "next": _address(request, {"page[after]": last}, drop=("page[before]",)),
        },
    }


def offset_page(
    request: Request,
    items: Sequence[T],
    *,
    default: int = PAGE_AT_MOST,
    records_at_most: int = OFFSET_RECORDS_AT_MOST,
) -> tuple[list[T], dict[str, Any]]:
    """Return the page and ``next_page``, ``previous_page``, ``count``; 400 or 422 beyond what may be paged."""
    per_page = min(whole_number(request, "per_page", default), PAGE_AT_MOST)
    number = whole_number(request, "page", 1)
    start = (number - 1) * per_page
    if start >= records_at_most:
        raise _too_deep(records_at_most)
    shown = items[start : start + per_page + 1]
    has_next = len(shown) > per_page
    return list(shown[:per_page]), {
        "next_page": _address(request, {"page": str(number + 1)}) if has_next else None,
        "previous_page": _address(request, {"page": str(number - 1)}) if number > 1 else None,
        "count": len(items),
    }


def help_center_page(request: Request, items: Sequence[T]) -> tuple[list[T], dict[str, Any]]:
    """Return the page and the wider envelope of the help centre."""
    page, envelope = offset_page(request, items, default=30)
    per_page = min(whole_number(request, "per_page", 30), PAGE_AT_MOST)
    return page, {
        **envelope,
        "page": whole_number(request, "page", 1),
        "page_count": -(-len(items) // per_page),
        "per_page": per_page,
        "sort_by": request.query_params.get("sort_by", "position"),
        "sort_order": request.query_params.get("sort_order", "asc"),
    }


def _too_deep(records_at_most: int) -> ApiError:
    if records_at_most < OFFSET_RECORDS_AT_MOST:
        description = f"Requested response size was greater than Search Response Limits ({records_at_most})"
        return ApiError(422, {"error": "invalid", "description": description})
    return ApiError(400, {"errors": [{"code": "InvalidPaginationDepth", "title": "Pagination depth is too great"}]})


def _cursor(id_: int, place: int) -> str:
    return base64.urlsafe_b64encode(f"o:{id_}:{place}".encode()).decode().rstrip("=")


def _position(items: Sequence[T], id_of: Callable[[T], int], cursor: str) -> int:
    """Return where the item stands now; looked for first where it stood, and near there."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        id_, place = map(int, raw.removeprefix("o:").split(":"))
        first = max(0, place - _MOVED_AT_MOST)
        near = [id_of(item) for item in items[first : place + _MOVED_AT_MOST]]
        return first + near.index(id_) if id_ in near else [id_of(item) for item in items].index(id_)
    except ValueError as error:
        body = {"errors": [{"code": "InvalidCursor", "title": "page[after] is not valid", "detail": "unknown cursor"}]}
        raise ApiError(400, body) from error


def _address(request: Request, changes: dict[str, str], drop: tuple[str, ...] = ()) -> str:
    kept = {name: value for name, value in request.query_params.items() if name not in drop}
    return f"{str(request.base_url).rstrip('/')}{request.url.path}.json?{urlencode({**kept, **changes})}"


def _no_links() -> dict[str, None]:
    return {"prev": None, "next": None}
