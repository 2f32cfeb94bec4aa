"""The help centre's JSON."""

from __future__ import annotations

from typing import Any

from integrations.demo.content import as_text
from integrations.demo.ids import object_id
from integrations.demo.model import Article, Category, Section
from integrations.demo.world import World
from integrations.demo.zendesk.shapes import iso

SEGMENT_IDS = {
    "everyone": None,
    "signed-in": object_id("segment", "signed-in"),
    "agents": object_id("segment", "agents"),
}


class HelpCenterShapes:
    """Builds JSON for one world as seen at one address. ``base`` has no slash at its end."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base

    def article(self, article: Article) -> dict[str, Any]:
        return {
            "id": article.id,
            "url": f"{self._base}/api/v2/help_center/{article.locale}/articles/{article.id}.json",
            "html_url": f"{self._base}/hc/{article.locale}/articles/{article.id}-{article.slug}",
            "author_id": self._world.agent.id,
            "comments_disabled": True,
            "draft": article.draft,
            "promoted": False,
            "position": 0,
            "vote_sum": article.votes,
            "vote_count": abs(article.votes),
            "section_id": article.section_id,
            "created_at": iso(article.created_at),
            "updated_at": iso(article.updated_at),
            "name": article.title,
            "title": article.title,
            "source_locale": article.source_locale,
            "locale": article.locale,
            "outdated": False,
            "outdated_locales": [],
            "edited_at": iso(article.updated_at),
            "user_segment_id": SEGMENT_IDS[article.visibility],
            "permission_group_id": object_id("permission group", "editors"),
            "content_tag_ids": [],
            "label_names": list(article.labels),
            "body": article.html,
        }

    def translation(self, article: Article) -> dict[str, Any]:
        return {
            "id": object_id("translation", f"{article.slug}/{article.locale}"),
            "url": f"{self._base}/api/v2/help_center/articles/{article.id}/translations/{article.locale}.json",
            "html_url": f"{self._base}/hc/{article.locale}/articles/{article.id}-{article.slug}",
            "source_id": article.id,
            "source_type": "Article",
            "locale": article.locale,
            "title": article.title,
            "body": article.html,
            "outdated": False,
            "draft": article.draft,
            "hidden": False,
            "created_at": iso(article.created_at),
            "updated_at": iso(article.updated_at),
            "updated_by_id": self._world.agent.id,
            "created_by_id": self._world.agent.id,
        }

    def section(self, section: Section, locale: str) -> dict[str, Any]:
        return {
            **self._place("sections", section.id, section.name, locale),
            "category_id": section.category_id,
            "parent_section_id": None,
            "theme_template": "section_page",
        }

    def category(self, category: Category, locale: str) -> dict[str, Any]:
        return self._place("categories", category.id, category.name, locale)

    def _place(self, kind: str, id_: int, name: str, locale: str) -> dict[str, Any]:
        return {
            "id": id_,
            "url": f"{self._base}/api/v2/help_center/{locale}/{kind}/{id_}.json",
            "html_url": f"{self._base}/hc/{locale}/{kind}/{id_}",
            "position": 0,
            "created_at": "2023-02-01T09:00:00Z",
            "updated_at": "2026-01-12T10:30:00Z",
            "name": name,
            "description": "",
            "locale": locale,
            "source_locale": "en-gb",
            "outdated": False,
        }

    def search_hit(self, article: Article, words: list[str]) -> dict[str, Any]:
        text = as_text(article.html)
        at = min((place for place in (text.lower().find(word) for word in words) if place >= 0), default=0)
        snippet = text[max(0, at - 60) : at + 120]
        for word in words:
            snippet = snippet.replace(word, f"<em>{word}</em>")
        return {**self.article(article), "result_type": "article", "snippet": snippet}
