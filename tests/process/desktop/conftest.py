from __future__ import annotations

from tests.helpers.x11 import x11

__all__ = ["x11"]
