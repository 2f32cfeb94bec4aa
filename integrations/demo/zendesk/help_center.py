"""The help centre."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.gate import ApiError
from integrations.demo.model import Article
from integrations.demo.zendesk.common import Endpoints, Handlers, error_body
from integrations.demo.zendesk.help_center_shapes import SEGMENT_IDS, HelpCenterShapes
from integrations.demo.zendesk.paging import cursor_page, help_center_page, is_cursor, offset_page, whole_number

_INCREMENTAL_ARTICLES = 100
_LARGEST_PAGE = 1_000
_SEARCH_RESULTS_AT_MOST = 1_000
SEARCHED_AT_MOST = 2_000
"""Words are looked for in so many articles; a large account has more, and real search engines an index."""


class HelpCenter(Endpoints):
    def handlers(self) -> Handlers:
        hc = "/api/v2/help_center"
        return {
            f"{hc}/incremental/articles": self.incremental_articles,
            f"{hc}/locales": self.locales,
            f"{hc}/user_segments": self.segments,
            f"{hc}/articles/search": self.search_articles,
            f"{hc}/articles/{{id:int}}": self.article,
            f"{hc}/articles/{{id:int}}/translations": self.translations,
            f"{hc}/{{locale}}/articles/{{id:int}}": self.article,
            f"{hc}/articles": self.articles,
            f"{hc}/sections": self.sections,
            f"{hc}/categories": self.categories,
            f"{hc}/{{locale}}/articles": self.articles,
            f"{hc}/{{locale}}/sections": self.sections,
            f"{hc}/{{locale}}/categories": self.categories,
        }

    def _pages(self, request: Request) -> HelpCenterShapes:
        return HelpCenterShapes(self._world, str(request.base_url).rstrip("/"))

    def _visible(self, request: Request, articles: Sequence[Article]) -> Sequence[Article]:
        """Return what the caller may read: drafts and restricted articles for agents only."""
        if self._caller(request) is not None:
            return articles
        return [article for article in articles if not article.draft and article.visibility == "everyone"]

    async def articles(self, request: Request) -> Response:
        asked = request.query_params.get("sort_by", "")
        articles = self._world.articles_in(
            request.path_params.get("locale"),
            sort_by=asked if asked in ("updated_at", "created_at", "title") else "",
            falling=request.query_params.get("sort_order") == "desc",
        )
        return self._help_center_list(request, "articles", self._visible(request, articles))

    def _help_center_list(self, request: Request, key: str, articles: Sequence[Article]) -> Response:
        if is_cursor(request):
            page, envelope = cursor_page(request, articles, id_of=lambda article: article.id)
        else:
            page, envelope = help_center_page(request, articles)
        return JSONResponse({**envelope, key: [self._pages(request).article(article) for article in page]})

    async def incremental_articles(self, request: Request) -> Response:
        self._agent(request)
        text = request.query_params.get("start_time", "")
        if not text.isdigit():
            raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "start_time is required"}})
        start_s = int(text)
        changed = self._world.articles_changed(start_s)
        page = changed[: min(whole_number(request, "per_page", _INCREMENTAL_ARTICLES), _LARGEST_PAGE)]
        end_s = int(page[-1].updated_at.timestamp()) if page else start_s
        more = len(changed) > len(page)
        return JSONResponse(
            {
                "articles": [self._pages(request).article(article) for article in page],
                "count": len(page),
                "next_page": f"{request.url.replace(query='')}.json?start_time={end_s}" if more else None,
                "end_time": end_s,
            }
        )

    async def article(self, request: Request) -> Response:
        wanted, locale = request.path_params["id"], request.path_params.get("locale")
        for article in self._visible(request, self._world.translations(wanted)):
            if article.locale == (locale or article.source_locale):
                return JSONResponse({"article": self._pages(request).article(article)})
        raise ApiError(404, error_body(404))

    async def translations(self, request: Request) -> Response:
        found = self._visible(request, self._world.translations(request.path_params["id"]))
        if not found:
            raise ApiError(404, error_body(404))
        page, envelope = help_center_page(request, found)
        return JSONResponse({"translations": [self._pages(request).translation(one) for one in page], **envelope})

    async def search_articles(self, request: Request) -> Response:
        words = request.query_params.get("query", "").lower().split()
        if not words:
            message = "At least one of query, category, section or label_names is needed"
            raise ApiError(400, {"error": {"title": "Invalid attribute", "message": message}})
        held = self._world.articles_in(request.query_params.get("locale"))[:SEARCHED_AT_MOST]
        scored = [
            (sum(3 * (word in one.title.lower()) + (word in one.html.lower()) for word in words), one)
            for one in self._visible(request, held)
        ]
        found = [one for score, one in sorted(scored, key=lambda pair: -pair[0]) if score]
        page, envelope = offset_page(request, found, default=25, records_at_most=_SEARCH_RESULTS_AT_MOST)
        shapes = self._pages(request)
        return JSONResponse({"results": [shapes.search_hit(one, words) for one in page], **envelope})

    async def sections(self, request: Request) -> Response:
        shapes, locale = self._pages(request), request.path_params.get("locale", "en-gb")
        page, envelope = help_center_page(request, list(self._world.sections.values()))
        return JSONResponse({"sections": [shapes.section(one, locale) for one in page], **envelope})

    async def categories(self, request: Request) -> Response:
        shapes, locale = self._pages(request), request.path_params.get("locale", "en-gb")
        page, envelope = help_center_page(request, list(self._world.categories.values()))
        return JSONResponse({"categories": [shapes.category(one, locale) for one in page], **envelope})

    async def locales(self, _request: Request) -> Response:
        return JSONResponse({"locales": ["en-gb", "de"], "default_locale": "en-gb"})

    async def segments(self, request: Request) -> Response:
        self._agent(request)
        kinds = {"signed-in": ("Signed-in users", "signed_in_users"), "agents": ("Agents and admins", "staff")}
        segments: list[dict[str, object]] = [
            {"id": SEGMENT_IDS[key], "name": name, "user_type": kind, "built_in": True, "tags": [], "group_ids": []}
            for key, (name, kind) in kinds.items()
        ]
        return JSONResponse({"user_segments": segments, "next_page": None, "previous_page": None, "count": 2})
