"""What real helpdesks answered to changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assist.domain import TicketStatus
from assist.errors import Moved, NotAllowed
from integrations.freshdesk import acting_wire as fd
from integrations.http import Response
from integrations.zendesk import acting_wire as zd


def load(folder: Path, name: str) -> Response:
    recorded = json.loads((folder / name).read_text())["response"]
    body = recorded.get("body", recorded.get("body_text", ""))
    raw = body if isinstance(body, str) else json.dumps(body)
    headers = {key.lower(): value for key, value in (recorded.get("headers") or {}).items()}
    return Response(recorded["status"], headers, raw.encode())


@pytest.mark.parametrize(
    ("name", "id_", "public"),
    [
        ("freshdesk/pyfreshdesk/reply_1.json", 2, True),
        ("freshdesk/docs-samples/reply_create.json", 4, True),
        ("freshdesk/pyfreshdesk/note_1.json", 1, False),
        ("freshdesk/docs-samples/note_create.json", 5, True),
    ],
)
def test_that_freshdesk_tells_what_it_wrote_and_for_whom(recorded_dir, name, id_, public):
    written = fd.read_written(load(recorded_dir, name))
    assert (written.id, written.public) == (id_, public)
    assert written.at is not None


def test_that_an_applied_macro_of_2015_only_solves_the_ticket(recorded_dir):
    response = load(recorded_dir, "zendesk/rb2015/macro_apply_to_ticket.json")
    body = json.loads(response.body)["result"]["ticket"]
    before = zd.read_ticket(Response(200, {}, json.dumps({"ticket": {**body, "status": "open"}}).encode()))
    change = zd.read_macro(response, before)
    assert (dict(change.fields), dict(change.custom), change.text, change.tags) == ({"status": "solved"}, {}, "", ())
    assert zd.rendered(change, before).status is TicketStatus.SOLVED


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("zendesk/rb2015/error_409_text.json", Moved, "changed"),
        ("zendesk/rb2015/error_406_comment_required.json", NotAllowed, "text"),
        ("zendesk/rb2015/error_422_field.json", NotAllowed, "does not accept"),
        ("zendesk/rb2015/error_422_base.json", NotAllowed, r"\(base\)"),
    ],
)
def test_that_zendesks_recorded_refusals_of_a_change_say_what_to_do(recorded_dir, name, error, sentence):
    with pytest.raises(error, match=sentence):
        zd.read_change(load(recorded_dir, name))


def test_that_freshdesks_recorded_refusal_names_the_field(recorded_dir):
    with pytest.raises(NotAllowed, match="does not accept this change"):
        fd.read_change(load(recorded_dir, "freshdesk/docs-samples/error_400_validation.json"))


def test_that_a_recorded_update_tells_its_comment_and_that_it_was_public(recorded_dir):
    found = [path for path in sorted((recorded_dir / "zendesk").rglob("*.json")) if '"audit":' in path.read_text()]
    changed = [zd.read_change(load(recorded_dir, str(path.relative_to(recorded_dir)))) for path in found]
    assert changed
    assert all(one.at is not None and one.at > datetime(2010, 1, 1, tzinfo=UTC) for one in changed)
