"""What an account is made of beside tickets: brands, ticket fields, survey answers."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.gate import ApiError
from integrations.demo.ids import object_id
from integrations.demo.model import Ticket
from integrations.demo.world import BRAND
from integrations.demo.zendesk.common import IDS_AT_MOST, Endpoints, Handlers
from integrations.demo.zendesk.constants import (
    BRAND_ID,
    CARD_FIELD_ID,
    ORDER_FIELD_ID,
    OUTLET_ID,
    REASON_FIELD_ID,
    REASONS,
    RETURN_FIELD_ID,
)
from integrations.demo.zendesk.paging import cursor_page, offset_page
from integrations.demo.zendesk.shapes import iso

_MADE = "2023-02-01T09:00:00Z"
_SURVEY_ID = "01JPHVQK3JY2RQCPWGBVCN6Y11"
_RATINGS = {"good": 5, "bad": 1}


class Account(Endpoints):
    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/brands": self.brands,
            f"{base}/ticket_fields": self.ticket_fields,
            f"{base}/guide/survey_responses": self.survey_responses,
        }

    async def brands(self, request: Request) -> Response:
        self._agent(request)
        base = str(request.base_url).rstrip("/")
        brands = [
            _brand(base, BRAND_ID, BRAND, "tarnandtor", address=base),
            _brand(base, OUTLET_ID, f"{BRAND} Outlet", "outlet", address="https://outlet.zendesk.com"),
        ]
        page, envelope = offset_page(request, brands)
        return JSONResponse({"brands": page, **envelope})

    async def ticket_fields(self, request: Request) -> Response:
        self._agent(request)
        options = [
            {"id": object_id("option", tag), "name": name, "raw_name": name, "value": tag, "default": False}
            for tag, name in REASONS.items()
        ]
        fields = [
            _field(request, object_id("ticket field", "subject"), "subject", "Subject"),
            _field(request, ORDER_FIELD_ID, "text", "Order number"),
            _field(request, RETURN_FIELD_ID, "regexp", "Return number"),
            _field(request, REASON_FIELD_ID, "tagger", "Contact reason", custom_field_options=options),
            _field(request, CARD_FIELD_ID, "partialcreditcard", "Card"),
        ]
        page, envelope = offset_page(request, fields)
        return JSONResponse({"ticket_fields": page, **envelope})

    async def survey_responses(self, request: Request) -> Response:
        """Answer what was rated about the tickets asked for; only admins may see it."""
        self._admin(request)
        names = [name for name in request.query_params.get("filter[subject_zrns]", "").split(",") if name]
        if len(names) > IDS_AT_MOST:
            detail = {"code": "TooManyValues", "title": "filter[subject_zrns] holds too many values"}
            raise ApiError(400, {"errors": [detail]})
        numbers = [int(name.rpartition(":")[2]) for name in names if name.startswith("zen:ticket:")]
        tickets = [ticket for number in numbers if (ticket := self._world.ticket(number)) is not None]
        rated = [ticket for ticket in tickets if ticket.csat and self._world.odds.surveys]
        page, envelope = cursor_page(request, rated, id_of=lambda ticket: ticket.number)
        return JSONResponse({"survey_responses": [_survey(ticket) for ticket in page], **envelope})


def _brand(base: str, id_: int, name: str, subdomain: str, *, address: str) -> dict[str, Any]:
    return {
        "url": f"{base}/api/v2/brands/{id_}.json",
        "id": id_,
        "name": name,
        "brand_url": address,
        "subdomain": subdomain,
        "host_mapping": None,
        "has_help_center": True,
        "help_center_state": "enabled",
        "active": True,
        "default": id_ == BRAND_ID,
        "is_deleted": False,
        "logo": None,
        "ticket_form_ids": [],
        "signature_template": "{{agent.signature}}",
        "created_at": _MADE,
        "updated_at": _MADE,
    }


def _field(request: Request, id_: int, type_: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "url": f"{str(request.base_url).rstrip('/')}/api/v2/ticket_fields/{id_}.json",
        "id": id_,
        "type": type_,
        "title": title,
        "raw_title": title,
        "description": "",
        "raw_description": "",
        "position": 0,
        "active": True,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": title,
        "visible_in_portal": False,
        "editable_in_portal": False,
        "tag": None,
        "created_at": _MADE,
        "updated_at": _MADE,
        "removable": type_ != "subject",
        "agent_description": None,
        **more,
    }


def _survey(ticket: Ticket) -> dict[str, Any]:
    name, at = f"zen:ticket:{ticket.number}", iso(ticket.updated_at)
    rated = {"type": "rating_scale", "rating": _RATINGS[ticket.csat], "rating_category": ticket.csat}
    said: dict[str, Any] = {"type": "open_ended", "value": ticket.csat_comment}
    answers = [
        {**rated, "question": {"type": "rating_scale_numeric", "id": "01GFYB", "sub_type": "customer_satisfaction"}},
        {**(said if ticket.csat_comment else {"type": "skipped"}), "question": {"type": "open_ended", "id": "01GFYC"}},
    ]
    return {
        "id": f"01J1WB51MG{ticket.number:016d}",
        "expires_at": at,
        "responder_id": ticket.requester_id,
        "subject_zrns": [name],
        "subjects": [{"id": str(ticket.number), "type": "ticket", "zrn": name}],
        "survey": {"id": _SURVEY_ID, "version": 3, "state": "enabled"},
        "answers": [{**answer, "created_at": at, "updated_at": at} for answer in answers],
    }
