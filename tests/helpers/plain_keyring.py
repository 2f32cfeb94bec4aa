"""A keyring back end as some packages install: it keeps everything in a file that anybody can read."""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend


class PlainFile(KeyringBackend):
    priority = 9  # type: ignore[assignment]  # keyring declares a property of the class

    def set_password(self, service: str, username: str, password: str) -> None:
        with Path(os.environ["PLAIN_KEYRING_FILE"]).open("a") as file:
            file.write(f"{service} {username} {password}\n")

    def get_password(self, service: str, username: str) -> str | None:
        for line in Path(os.environ["PLAIN_KEYRING_FILE"]).read_text().splitlines():
            if line.startswith(f"{service} {username} "):
                return line.rpartition(" ")[2]
        return None

    def delete_password(self, service: str, username: str) -> None:
        """It forgets nothing."""
