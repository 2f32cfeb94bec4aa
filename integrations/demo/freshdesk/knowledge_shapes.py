"""The JSON of canned responses and of the solutions, which is Freshdesk's word for the help centre."""

from __future__ import annotations

import re
from typing import Any

from integrations.demo.content import as_html, as_text
from integrations.demo.freshdesk.shapes import iso
from integrations.demo.ids import object_id
from integrations.demo.model import Article, Category, Macro
from integrations.demo.world import World

VISIBILITY = {"everyone": 1, "signed-in": 2, "agents": 3}
_PLACEHOLDERS = {
    "ticket.requester.first_name": "ticket.requester.firstname",
    "agent.name": "ticket.agent.name",
    "agent.first_name": "ticket.agent.firstname",
    "agent.signature": "ticket.agent.signature",
}
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")


def in_freshdesk_spelling(body: str) -> str:
    """Return a macro's text with its placeholders as Freshdesk spells them."""
    return _PLACEHOLDER.sub(lambda match: f"{{{{{_PLACEHOLDERS.get(match[1], match[1])}}}}}", body)


def folder_id(visibility: str, section: str) -> int:
    """Return the id of a section's folder: visibility belongs to folders, so there is one for each."""
    return object_id("folder", f"{section}/{visibility}")


class KnowledgeShapes:
    """Builds JSON for one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def canned_response(self, macro: Macro) -> dict[str, Any]:
        body = in_freshdesk_spelling(macro.body)
        return {
            "id": macro.id,
            "title": macro.name,
            "folder_id": object_id("canned folder", macro.folder or "General"),
            "content": body,
            "content_html": f"<div>{as_html(body)}</div>",
            "attachments": [],
            "created_at": iso(macro.updated_at),
            "updated_at": iso(macro.updated_at),
            "group_ids": [],
            "visibility": 0,
        }

    def article(self, article: Article) -> dict[str, Any]:
        section = self._world.section(article)
        category = self._world.categories[section.category_id]
        return {
            "id": article.id,
            "type": 1,
            "category_id": category.id,
            "folder_id": folder_id(article.visibility, section.name),
            "hierarchy": [self._level(0, "category", category.id, category.name), self._folder_level(article)],
            "thumbs_up": max(article.votes, 0),
            "thumbs_down": max(-article.votes, 0),
            "hits": 12 * abs(article.votes),
            "suggested": 0,
            "feedback_count": 0,
            "tags": list(article.labels),
            "seo_data": {"meta_title": "", "meta_description": ""},
            "agent_id": self._world.agent.id,
            "title": article.title,
            "description": article.html,
            "description_text": as_text(article.html),
            "status": 1 if article.draft else 2,
            "attachments": [],
            "cloud_files": [],
            "created_at": iso(article.created_at),
            "updated_at": iso(article.updated_at),
        }

    def _folder_level(self, article: Article) -> dict[str, Any]:
        section = self._world.section(article)
        return self._level(1, "folder", folder_id(article.visibility, section.name), section.name)

    @staticmethod
    def _level(level: int, kind: str, id_: int, name: str) -> dict[str, Any]:
        return {"level": level, "type": kind, "data": {"id": id_, "name": name, "language": "en"}}

    def category(self, category: Category) -> dict[str, Any]:
        return {
            "id": category.id,
            "name": category.name,
            "description": None,
            "visible_in_portals": [],
            "created_at": "2023-02-01T09:00:00Z",
            "updated_at": "2026-01-12T10:30:00Z",
        }

    def folder(self, example: Article, count: int) -> dict[str, Any]:
        """Return the folder that holds ``example``."""
        section = self._world.section(example)
        category = self._world.categories[section.category_id]
        suffix = "" if example.visibility == "everyone" else f" ({example.visibility})"
        return {
            "id": folder_id(example.visibility, section.name),
            "name": f"{section.name}{suffix}",
            "description": None,
            "parent_folder_id": None,
            "hierarchy": [self._level(0, "category", category.id, category.name)],
            "articles_count": count,
            "sub_folders_count": 0,
            "visibility": VISIBILITY[example.visibility],
            "created_at": "2023-02-01T09:00:00Z",
            "updated_at": "2026-01-12T10:30:00Z",
        }

    def search_hit(self, article: Article) -> dict[str, Any]:
        section = self._world.section(article)
        return {
            **self.article(article),
            "folder_visibility": VISIBILITY[article.visibility],
            "path": f"{article.id}-{article.slug}",
            "language_id": 6 if article.locale.startswith("en") else 3,
            "category_name": self._world.categories[section.category_id].name,
            "folder_name": section.name,
        }
