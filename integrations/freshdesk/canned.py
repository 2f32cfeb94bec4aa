"""Reading Freshdesk's canned responses, which it shows to admins only."""

from __future__ import annotations

from collections.abc import AsyncIterator

from assist.domain import Macro
from assist.errors import NotThere
from assist.ports import Batch
from integrations import checkpoint
from integrations.connection import Connection
from integrations.freshdesk import mapping, wire
from integrations.freshdesk.paging import whole_list
from integrations.freshdesk.raw_knowledge import RawResponse
from integrations.http import Request
from integrations.reading import whole


async def canned_responses(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Macro]]:
    """Read all canned responses, a folder at a time; those that went are ``gone`` at the end.

    One request for the folders and one for each of them that holds something.

    Raises:
        NotAllowed: At once, to every agent who is not an admin.
    """
    mark = checkpoint.load(resume)
    known, seen = checkpoint.ids(mark.get("known")), checkpoint.ids(mark.get("seen"))
    after = whole(mark.get("after")) or 0
    listed = await connection.background(wire.canned_folders_request(connection.site), wire.read_response_folders)
    folders = sorted(item.id for item in listed.items if item.responses != 0)
    for id_ in (id_ for id_ in folders if id_ > after):
        found = await _responses(connection, id_)
        items = tuple(macro for item in found if (macro := mapping.macro(connection.site, item)))
        seen |= {item.id for item in items}
        if id_ != folders[-1]:
            yield Batch(items, checkpoint.dump(after=id_, known=known, seen=seen), done=False)
        else:
            yield Batch(items, checkpoint.dump(known=seen), done=True, gone=tuple(sorted(known - seen)))
    if not folders or folders[-1] <= after:
        yield Batch((), checkpoint.dump(known=seen), done=True, gone=tuple(sorted(known - seen)))


async def _responses(connection: Connection, folder_id: int) -> tuple[RawResponse, ...]:
    """Return a folder's responses; none of a folder that was deleted a moment ago."""

    def request(page: int) -> Request:
        return wire.canned_responses_request(connection.site, folder_id, page)

    try:
        return await whole_list(connection, request, wire.read_responses)
    except NotThere:
        return ()
