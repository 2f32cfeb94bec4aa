"""Ids of what every demo account has, and which brand a ticket belongs to."""

from __future__ import annotations

from integrations.demo.ids import object_id
from integrations.demo.model import Ticket
from integrations.demo.world import World

BRAND_ID = object_id("brand", "main")
OUTLET_ID = object_id("brand", "outlet")
FORM_ID = object_id("ticket form", "default")
ORDER_FIELD_ID = object_id("ticket field", "order number")
RETURN_FIELD_ID = object_id("ticket field", "return number")
REASON_FIELD_ID = object_id("ticket field", "reason")
CARD_FIELD_ID = object_id("ticket field", "card")
REASONS = {"reason_warranty": "Something broke::Warranty", "reason_returns": "Sending back::Return"}
"""Options of the drop-down, tag to name; ``::`` nests them."""


def brand_id(world: World, ticket: Ticket) -> int:
    return OUTLET_ID if ticket.number in world.odds.outlet else BRAND_ID
