"""Canned responses, the solutions (Freshdesk's help centre), people and settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.freshdesk.common import Endpoints, Handlers, page_of
from integrations.demo.freshdesk.knowledge_shapes import VISIBILITY, KnowledgeShapes, folder_id
from integrations.demo.freshdesk.shapes import CUSTOM_FIELDS, PRODUCT_ID, SOURCES, STATUSES
from integrations.demo.gate import ApiError
from integrations.demo.ids import object_id
from integrations.demo.model import Article, Macro
from integrations.demo.world import BRAND, World

LANGUAGES = {"en": "en-gb", "de": "de"}
SEARCHED_AT_MOST = 2_000
"""Words are looked for in so many articles; a large account has more, and real search engines an index."""
_CREATED = {"created_at": "2023-02-01T09:00:00Z", "updated_at": "2026-01-12T10:30:00Z"}


class People(Endpoints):
    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/agents/me": self.me,
            f"{base}/agents": self.agents,
            f"{base}/contacts": self.contacts,
            f"{base}/contacts/{{id:int}}": self.contact,
            f"{base}/companies/{{id:int}}": self.company,
            f"{base}/ticket_fields": self.ticket_fields,
            f"{base}/settings/helpdesk": self.settings,
        }

    async def me(self, request: Request) -> Response:
        return JSONResponse(self._shapes.agent(self._agent(request)))

    async def agents(self, request: Request) -> Response:
        self._admin(request)
        page, headers = page_of(request, self._world.staff())
        return JSONResponse([self._shapes.agent(person) for person in page], headers=headers)

    async def contact(self, request: Request) -> Response:
        self._agent(request)
        person = self._world.person(request.path_params["id"])
        if person is None or person.role != "end-user":
            raise ApiError(404)
        return JSONResponse(self._shapes.contact(person))

    async def contacts(self, request: Request) -> Response:
        self._agent(request)
        email = request.query_params.get("email")
        known = self._world.people.values() if email is None else self._world.named(email)
        people = [one for one in known if one.role == "end-user" and email in (None, one.email)]
        page, headers = page_of(request, people)
        return JSONResponse([self._shapes.contact(person) for person in page], headers=headers)

    async def company(self, request: Request) -> Response:
        self._agent(request)
        one = self._world.organizations.get(request.path_params["id"])
        if one is None:
            raise ApiError(404)
        return JSONResponse(self._shapes.company(one))

    async def ticket_fields(self, request: Request) -> Response:
        self._agent(request)
        agents = {person.name: person.id for person in self._world.staff()}
        choices: dict[str, tuple[str, str, object]] = {
            "ticket_type": ("Type", "default_ticket_type", ["Question", "Problem", "Refund"]),
            "source": ("Source", "default_source", SOURCES),
            "status": ("Status", "default_status", {str(code): list(names) for code, names in STATUSES.items()}),
            "priority": ("Priority", "default_priority", {"Low": 1, "Medium": 2, "High": 3, "Urgent": 4}),
            "group": ("Group", "default_group", {group.name: group.id for group in self._world.groups.values()}),
            "agent": ("Agent", "default_agent", agents),
            "product": ("Product", "default_product", {f"{BRAND} Outlet": PRODUCT_ID}),
            **{name: (label, kind, []) for name, (label, kind) in CUSTOM_FIELDS.items()},
        }
        fields = [
            {
                "id": object_id("ticket field", name),
                "name": name,
                "label": label,
                "description": None,
                "position": position,
                "required_for_closure": False,
                "required_for_agents": name in ("status", "priority"),
                "type": kind,
                "default": kind.startswith("default_"),
                "customers_can_edit": False,
                "label_for_customers": label,
                "displayed_to_customers": False,
                **_CREATED,
                "choices": values,
            }
            for position, (name, (label, kind, values)) in enumerate(choices.items(), start=1)
        ]
        return JSONResponse(fields)

    async def settings(self, request: Request) -> Response:
        self._agent(request)
        languages = {"primary_language": "en", "supported_languages": ["de"], "portal_languages": ["de"]}
        return JSONResponse({**languages, "help_widget_languages": []})


class _Knowledge(Endpoints):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._knowledge = KnowledgeShapes(world)


class CannedResponses(_Knowledge):
    """For admins only; an agent's key gets 403."""

    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/canned_response_folders": self.folders,
            f"{base}/canned_response_folders/{{id:int}}": self.folder,
            f"{base}/canned_response_folders/{{id:int}}/responses": self.responses,
            f"{base}/canned_responses/{{id:int}}": self.response,
        }

    def _by_folder(self) -> dict[str, list[Macro]]:
        folders: dict[str, list[Macro]] = {}
        for macro in self._world.macros:
            folders.setdefault(macro.folder or "General", []).append(macro)
        return folders

    def _named(self, request: Request) -> tuple[str, list[Macro]]:
        for name, macros in self._by_folder().items():
            if object_id("canned folder", name) == request.path_params["id"]:
                return name, macros
        raise ApiError(404)

    async def folders(self, request: Request) -> Response:
        self._admin(request)
        folders = [
            {
                "id": object_id("canned folder", name),
                "name": name,
                **_CREATED,
                "personal": False,
                "responses_count": len(macros),
            }
            for name, macros in self._by_folder().items()
        ]
        return JSONResponse(folders)

    async def folder(self, request: Request) -> Response:
        self._admin(request)
        name, macros = self._named(request)
        titles = [{"id": macro.id, "title": macro.name} for macro in macros]
        return JSONResponse(
            {"id": object_id("canned folder", name), "name": name, "canned_responses": titles, **_CREATED}
        )

    async def responses(self, request: Request) -> Response:
        self._admin(request)
        page, headers = page_of(request, self._named(request)[1])
        return JSONResponse([self._knowledge.canned_response(macro) for macro in page], headers=headers)

    async def response(self, request: Request) -> Response:
        self._admin(request)
        for macro in self._world.macros:
            if macro.id == request.path_params["id"]:
                return JSONResponse(self._knowledge.canned_response(macro))
        raise ApiError(404)


class Solutions(_Knowledge):
    def handlers(self) -> Handlers:
        base = "/api/v2/solutions"
        plain: Handlers = {
            f"{base}/categories": self.categories,
            f"{base}/categories/{{id:int}}/folders": self.folders,
            f"{base}/folders/{{id:int}}/subfolders": self.subfolders,
            f"{base}/folders/{{id:int}}/articles": self.articles,
            f"{base}/articles/{{id:int}}": self.article,
        }
        translated = {f"{path}/{{language}}": handler for path, handler in plain.items()}
        return {**plain, **translated, "/api/v2/search/solutions": self.search}

    @staticmethod
    def _locale(request: Request) -> str | None:
        """Return the locale asked for; None for the language in which each article was written."""
        language = request.path_params.get("language")
        if language is not None and language not in LANGUAGES:
            raise ApiError(404)
        return None if language is None else LANGUAGES[language]

    def _folder(self, id_: int) -> tuple[int, str]:
        """Return the section and the visibility of a folder."""
        for section in self._world.sections.values():
            for visibility in VISIBILITY:
                if folder_id(visibility, section.name) == id_ and self._world.shelved(section.id, visibility, None):
                    return section.id, visibility
        raise ApiError(404)

    async def categories(self, request: Request) -> Response:
        self._agent(request)
        page, headers = page_of(request, list(self._world.categories.values()))
        return JSONResponse([self._knowledge.category(one) for one in page], headers=headers)

    async def folders(self, request: Request) -> Response:
        self._agent(request)
        category_id = request.path_params["id"]
        if category_id not in self._world.categories:
            raise ApiError(404)
        locale = self._locale(request)
        sections = [one.id for one in self._world.sections.values() if one.category_id == category_id]
        nested = self._world.odds.nested
        folders = [
            self._world.shelved(section, one, locale)
            for section in sections
            for one in VISIBILITY
            if one == "everyone" or section not in nested
        ]
        page, headers = page_of(request, [held for held in folders if held])
        return JSONResponse([self._listed(held, locale) for held in page], headers=headers)

    async def subfolders(self, request: Request) -> Response:
        self._agent(request)
        locale = self._locale(request)
        inside = self._inside(*self._folder(request.path_params["id"]), locale)
        page, headers = page_of(request, inside)
        parent = request.path_params["id"]
        return JSONResponse(
            [self._listed(held, locale) | {"parent_folder_id": parent} for held in page], headers=headers
        )

    def _inside(self, section_id: int, visibility: str, locale: str | None) -> list[Sequence[Article]]:
        """Return what each folder inside of a folder holds."""
        if section_id not in self._world.odds.nested or visibility != "everyone":
            return []
        others = (self._world.shelved(section_id, one, locale) for one in VISIBILITY if one != "everyone")
        return [held for held in others if held]

    def _listed(self, held: Sequence[Article], locale: str | None) -> dict[str, Any]:
        inside = len(self._inside(held[0].section_id, held[0].visibility, locale))
        return self._knowledge.folder(held[0], len(held)) | {"sub_folders_count": inside}

    async def articles(self, request: Request) -> Response:
        self._agent(request)
        locale = self._locale(request)
        page, headers = page_of(request, self._world.shelved(*self._folder(request.path_params["id"]), locale))
        return JSONResponse([self._knowledge.article(article) for article in page], headers=headers)

    async def article(self, request: Request) -> Response:
        self._agent(request)
        article = self._world.article(request.path_params["id"], self._locale(request))
        if article is None:
            raise ApiError(404)
        return JSONResponse(self._knowledge.article(article))

    async def search(self, request: Request) -> Response:
        self._agent(request)
        words = request.query_params.get("term", "").lower().split()
        found = [
            article
            for article in self._world.articles_in(self._locale(request))[:SEARCHED_AT_MOST]
            if any(word in article.title.lower() or word in article.html.lower() for word in words)
        ]
        page, headers = page_of(request, found)
        return JSONResponse([self._knowledge.search_hit(article) for article in page], headers=headers)
