"""Users, organisations and groups."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.gate import ApiError
from integrations.demo.zendesk.common import Endpoints, Handlers, error_body, ids_asked, includes


class People(Endpoints):
    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/users/me": self.me,
            f"{base}/users/show_many": self.users,
            f"{base}/users/{{id:int}}": self.user,
            f"{base}/organizations/{{id:int}}": self.organization,
            f"{base}/groups": self.groups,
        }

    async def me(self, request: Request) -> Response:
        agent = self._caller(request)
        if agent is None:
            anonymous = {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}
            return JSONResponse({"user": {**anonymous, "time_zone": "London", "locale": "en-GB", "user_fields": {}}})
        shape = self._shapes(request).user(agent)
        return JSONResponse({"user": {**shape, "authenticity_token": "demo-only"}})

    async def user(self, request: Request) -> Response:
        self._agent(request)
        person = self._world.person(request.path_params["id"])
        if person is None or person.id == self._world.bot_id:
            raise ApiError(404, error_body(404))
        shapes = self._shapes(request)
        answer: dict[str, Any] = {"user": shapes.user(person)}
        if "organizations" in includes(request):
            one = self._world.organizations.get(person.organization_id or 0)
            answer["organizations"] = [] if one is None else [shapes.organization(one)]
        return JSONResponse(answer)

    async def users(self, request: Request) -> Response:
        self._agent(request)
        people = self._people(ids_asked(request))
        shapes = self._shapes(request)
        users = [shapes.user(person) for person in people]
        return JSONResponse({"users": users, "next_page": None, "previous_page": None, "count": len(users)})

    async def organization(self, request: Request) -> Response:
        self._agent(request)
        one = self._world.organizations.get(request.path_params["id"])
        if one is None:
            raise ApiError(404, error_body(404))
        return JSONResponse({"organization": self._shapes(request).organization(one)})

    async def groups(self, request: Request) -> Response:
        self._agent(request)
        groups = [self._shapes(request).group(group) for group in self._world.groups.values()]
        return JSONResponse({"groups": groups, "next_page": None, "previous_page": None, "count": len(groups)})
