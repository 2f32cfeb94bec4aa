"""A helpdesk's page with frames of the Kibitz app in it: the app's real files, and a stand-in for each vendor's SDK.

The pages have the origins that they have at the vendors; the browser gets them from here. Each ticket has an editor in
the page, and the stand-in writes into it as the platform would.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from integrations.browser.door import PORT
from resources import ROOT
from tests.helpers.door import FRESHWORKS, ZENDESK

APPS = ROOT / "helpdesk-apps"
_SHARED = """
const ticket = Number(new URLSearchParams(location.search).get("ticket"));
const handlers = {};
const on = (name, handler) => (handlers[name] ??= []).push(handler);
const fire = (name) => (handlers[name] ?? []).forEach((handler) => handler({ type: name }));
globalThis.fake = { status: "open", subdomain: "acme", fire };
const asked = new Map();
addEventListener("message", ({ data }) => asked.get(data.asked)?.(data.done));
/** Have the page write into the ticket's editor, as the platform does. */
function write(html) {
  const number = asked.size + 1;
  return new Promise((resolve, reject) => {
    asked.set(number, (done) => (done ? resolve({}) : reject(new Error("no editor"))));
    parent.postMessage({ ticket, html, number }, "*");
  });
}
"""
_ZAF = (
    _SHARED
    + """
const known = () => ({ "ticket.id": ticket, "ticket.status": fake.status, "currentUser.locale": "LOCALE" });
globalThis.ZAFClient = {
  init: () => ({
    on,
    context: async () => ({ account: { subdomain: fake.subdomain }, location: "ticket_sidebar", ticketId: ticket }),
    get: async (paths) => Object.fromEntries([paths].flat().map((path) => [path, known()[path]])),
    invoke: async (name, value) => {
      if (name === "resize") return {};
      if (name !== "ticket.editor.insert") throw new Error(`no action ${name}`);
      return write(value);
    },
  }),
};
"""
)
_FRESH = (
    _SHARED
    + """
const loggedInUser = { contact: { language: "LOCALE" } };
const known = () => ({ ticket: { id: ticket }, domainName: "acme.freshdesk.com", loggedInUser });
const client = {
  events: { on },
  data: { get: async (name) => ({ [name]: known()[name] }) },
  instance: { resize: async () => {} },
  interface: {
    trigger: async (name, { id, text }) => {
      if (name !== "setValue" || id !== "editor") throw new Error(`no interface ${name}`);
      return write(text);
    },
  },
};
globalThis.app = { initialized: async () => client };
"""
)
_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>A helpdesk</title>
<style>body{font:14px sans-serif;display:flex;gap:16px}
[contenteditable]{min-height:120px;width:420px;border:1px solid #999}
iframe{width:320px;height:420px;border:1px solid #ccc}</style>
<div>%(editors)s</div>%(frames)s
<script>
addEventListener("message", ({ data, source }) => {
  const editor = document.querySelector(`[data-ticket="${data.ticket}"]`);
  if (editor) { editor.focus(); document.execCommand("insertHTML", false, data.html); }
  source.postMessage({ asked: data.number, done: Boolean(editor) }, "*");
});
</script>"""


@dataclass(frozen=True)
class Vendor:
    """Where a vendor's pages are and what they hold. ``page`` is a ticket's address, to be filled in."""

    page: str
    origin: str
    frame: str
    files: Path
    sdk: str
    sdk_url: str

    def frame_url(self, ticket: int) -> str:
        return f"{self.origin}{self.frame}?ticket={ticket}"


ZENDESK_DESK = Vendor(
    "https://acme.zendesk.com/agent/tickets/{}",
    ZENDESK,
    "/assets/iframe.html",
    APPS / "zendesk",
    _ZAF,
    "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js",
)
FRESH_DESK = Vendor(
    "https://acme.freshdesk.com/a/tickets/{}",
    FRESHWORKS,
    "/app/index.html",
    APPS / "freshworks",
    _FRESH,
    "https://static.freshdev.example/fresh_client.js",
)


def serve(context: Any, vendor: Vendor, port: int, *, tickets: tuple[int, ...], locale: str = "en") -> Any:
    """Open the vendor's page in ``context`` with a frame of the app for each of ``tickets``; return the page."""
    editors = "".join(
        f'<p>{one}</p><div contenteditable data-ticket="{one}"><p>Dear Anna,</p></div>' for one in tickets
    )
    frames = "".join(f'<iframe allow="loopback-network" src="{vendor.frame_url(one)}"></iframe>' for one in tickets)

    def answer(route: Any) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" == vendor.origin:
            file = vendor.files / url.path.lstrip("/")
            if not file.is_file():
                route.fulfill(status=404)
                return
            body = file.read_bytes().replace(str(PORT).encode(), str(port).encode())
            body = body.replace(b"{{{appclient}}}", vendor.sdk_url.encode())
            route.fulfill(body=body, content_type=mimetypes.guess_type(file.name)[0])
        elif route.request.url == vendor.sdk_url:
            route.fulfill(body=vendor.sdk.replace("LOCALE", locale), content_type="text/javascript")
        else:
            route.fulfill(body=_PAGE % {"editors": editors, "frames": frames}, content_type="text/html")

    context.route(re.compile("^https://"), answer)
    page = context.new_page()
    page.goto(vendor.page.format(tickets[0]))
    return page


def frame_of(page: Any, vendor: Vendor, ticket: int) -> Any:
    """Return the frame of a ticket, once the stand-in is there."""
    frame = next(one for one in page.frames if one.url == vendor.frame_url(ticket))
    frame.wait_for_function("globalThis.fake && document.getElementById('title').textContent")
    return frame
