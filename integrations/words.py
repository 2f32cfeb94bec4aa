"""Words of the helpdesks' APIs, from ``resources/api_words.toml``: what of an answer may be written down."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_FOUND = tomllib.loads((files("resources") / "api_words.toml").read_text(encoding="utf-8"))

SCHEMA, PATHS, PARAMETERS, HEADERS = (
    frozenset(str(_FOUND[name]).split()) for name in ("schema", "paths", "parameters", "headers")
)
