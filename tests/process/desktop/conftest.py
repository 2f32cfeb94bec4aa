from __future__ import annotations

from tests.helpers.x11 import x11, x11_dense, x11_two

__all__ = ["x11", "x11_dense", "x11_two"]
