"""The Windows registry of this user, as far as Kibitz is looked for there. Not tried on a real Windows yet."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import winreg

    class UserRegistry:
        """Values of keys below HKEY_CURRENT_USER, mostly the default ones. Each method may raise OSError."""

        def get(self, key: str) -> str | None:
            try:
                return winreg.QueryValue(winreg.HKEY_CURRENT_USER, key)
            except FileNotFoundError:
                return None

        def put(self, key: str, value: str) -> None:
            winreg.SetValue(winreg.HKEY_CURRENT_USER, key, winreg.REG_SZ, value)

        def put_named(self, key: str, name: str, value: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str) -> None:
            try:
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
            except FileNotFoundError:
                return
