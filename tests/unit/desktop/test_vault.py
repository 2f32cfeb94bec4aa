from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from keyring.errors import KeyringError

from assist.domain import SuggestionId
from assist.store.database import files_of
from desktop.secrets import KeyringTrouble, Secrets
from desktop.vault import FILE_NAME, Vault, open_vault
from tests.helpers.builders import a_shown
from tests.helpers.fakes import DictKeyring, run


async def secrets_of(keyring: DictKeyring | None, name: str = "Fake Vault") -> Secrets:
    def native():
        if keyring is None:
            raise KeyringTrouble("Kibitz knows no keyring for this system")
        return name, lambda: keyring

    return await Secrets.open("kibitz test", native=native)


def opened(keyring: DictKeyring | None, folder: Path, name: str = "Fake Vault") -> Vault:
    async def scenario() -> Vault:
        return await open_vault(await secrets_of(keyring, name), folder)

    return run(scenario())


def wrote(vault: Vault) -> None:
    vault.store.log.submit(a_shown("s1")).result(timeout=10)


def holds_what_was_written(vault: Vault) -> bool:
    return [shown.suggestion_id for shown in vault.store.log.shown_on(a_shown().ref)] == [SuggestionId("s1")]


@pytest.fixture
def keyring():
    return DictKeyring()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def kept_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(f"{FILE_NAME}.damaged-*"))


def test_that_the_store_opens_again_with_what_was_in_it(keyring, folder):
    first = opened(keyring, folder)
    assert (first.is_session_only, first.notice) == (False, "")
    wrote(first)
    first.close()
    second = opened(keyring, folder)
    assert holds_what_was_written(second)
    assert second.notice == ""
    second.close()


@pytest.mark.promise("S2")
@pytest.mark.logs("secrets are kept for this session only", "nothing is kept after this session")
def test_that_without_a_keyring_all_is_gone_at_the_end_and_that_is_said(folder):
    vault = opened(None, folder)
    assert vault.is_session_only
    assert vault.notice == "Nothing is kept after quitting: Kibitz knows no keyring for this system."
    wrote(vault)
    assert holds_what_was_written(vault)
    session_folder = vault.store.path.parent
    vault.close()
    assert not session_folder.exists()
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.promise("S2")
@pytest.mark.logs("nothing is kept after this session")
def test_that_a_keyring_that_stops_answering_leaves_the_old_store_alone(keyring, folder):
    first = opened(keyring, folder)
    wrote(first)
    first.close()

    async def scenario() -> Vault:
        secrets = await secrets_of(keyring)
        keyring.broken = KeyringError("gone")
        return await open_vault(secrets, folder)

    vault = run(scenario())
    assert vault.is_session_only
    assert not holds_what_was_written(vault)
    vault.close()
    keyring.broken = None
    again = opened(keyring, folder)
    assert holds_what_was_written(again)
    again.close()


@pytest.mark.promise("S2")
def test_that_a_store_whose_key_is_lost_is_kept_aside_and_that_is_said(keyring, folder):
    first = opened(keyring, folder)
    wrote(first)
    first.close()
    before = (folder / FILE_NAME).read_bytes()
    keyring.entries.clear()
    vault = opened(keyring, folder)
    [kept] = [name for name in kept_files(folder) if re.fullmatch(r".*Z", name)]
    assert vault.notice == (f"The key of the local data is no longer in the keyring. The old file was kept as {kept}.")
    assert (folder / kept).read_bytes() == before
    assert not vault.is_session_only
    assert not holds_what_was_written(vault)
    vault.close()


@pytest.mark.promise("D4")
@pytest.mark.logs("the local database cannot be opened: (Corrupt|WrongKey)")
@pytest.mark.parametrize("damage", ["head", "key"])
def test_that_a_store_that_cannot_be_read_is_kept_aside_and_that_is_said(keyring, folder, damage):
    opened(keyring, folder).close()
    path = folder / FILE_NAME
    if damage == "head":
        path.write_bytes(b"not a database" * 1_000)
    else:
        [entry] = keyring.entries
        keyring.entries[entry] = "00" * 32
    before = path.read_bytes()
    vault = opened(keyring, folder)
    [kept] = kept_files(folder)
    assert vault.notice == f"The local data could not be read. The old file was kept as {kept}."
    assert (folder / kept).read_bytes() == before
    wrote(vault)
    assert holds_what_was_written(vault)
    vault.close()


@pytest.mark.promise("D4")
@pytest.mark.logs("the local database cannot be opened", "nothing is kept after this session")
def test_that_a_damaged_store_that_cannot_even_be_renamed_costs_only_the_memory(keyring, folder, monkeypatch):
    opened(keyring, folder).close()
    path = folder / FILE_NAME
    path.write_bytes(b"not a database" * 1_000)

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        vault = opened(keyring, folder)
    assert vault.is_session_only
    assert "Permission denied" in vault.notice
    vault.close()
    assert path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_that_the_folder_and_its_files_are_the_owners_alone(keyring, folder):
    vault = opened(keyring, folder)
    wrote(vault)
    for path in (folder, *(file for file in files_of(folder / FILE_NAME) if file.exists())):
        assert path.stat().st_mode & 0o077 == 0, path
    vault.close()


@pytest.mark.promise("D4")
@pytest.mark.logs("nothing is kept after this session")
def test_that_a_folder_which_cannot_be_made_costs_only_the_memory(keyring, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    vault = opened(keyring, tmp_path / "data")
    assert vault.is_session_only
    assert vault.notice.startswith("Nothing is kept after quitting: ")
    vault.close()
