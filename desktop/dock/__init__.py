"""Docks the panel at an edge of a screen, as well as the desktop allows, and says what it does not allow."""

from __future__ import annotations
