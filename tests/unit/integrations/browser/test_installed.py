"""Install, look, remove: on three systems, in temporary homes."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from integrations.browser.installed import CannotInstall, Flaw, Installer, Setup, Status
from integrations.browser.known import BROWSERS, BY_ID, CHROMIUM, FIREFOX, Family, Packaging, hosts_folder
from integrations.browser.launcher import NoExtension
from tests.helpers.browsers import (
    CHROMIUM_ID,
    FIREFOX_ID,
    TableRegistry,
    a_machine,
    some_parts,
    touch,
    tree,
    with_all_browsers,
)

HOST_FILE = "org.kibitz.link.json"


def an_installer(base: Path, platform: str = "linux", **fields) -> Installer:
    return Installer(with_all_browsers(a_machine(base, platform)), some_parts(base, **fields))


def standing(found: tuple[Status, ...]) -> dict[str, tuple[Setup, Flaw]]:
    return {one.name: (one.setup, one.flaw) for one in found}


def all_are(setup: Setup, flaw: Flaw = Flaw.NONE) -> dict[str, tuple[Setup, Flaw]]:
    return {browser.name: (setup, flaw) for browser in BROWSERS}


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_that_each_browser_gets_a_manifest_that_lets_our_extension_start_our_launcher(tmp_path, platform):
    installer = an_installer(tmp_path, platform)
    assert standing(installer.status()) == all_are(Setup.ABSENT)
    assert standing(installer.install()) == all_are(Setup.READY)
    launcher = tmp_path / "data/browser/kibitz-link"
    for browser in BROWSERS:
        folder = hosts_folder(browser, a_machine(tmp_path, platform))
        allowed = (
            {"allowed_extensions": [FIREFOX_ID]}
            if browser is FIREFOX
            else {"allowed_origins": [f"chrome-extension://{CHROMIUM_ID}/"]}
        )
        assert json.loads((folder / HOST_FILE).read_text()) == {
            "name": "org.kibitz.link",
            "description": "Tells Kibitz which ticket is in front",
            "path": str(launcher),
            "type": "stdio",
            **allowed,
        }
    assert os.access(launcher, os.X_OK)


def test_that_windows_is_told_in_the_registry(tmp_path):
    registry = TableRegistry()
    installer = Installer(with_all_browsers(a_machine(tmp_path, "win32", registry=registry)), some_parts(tmp_path))
    assert standing(installer.install()) == all_are(Setup.READY)
    own = tmp_path / "data/browser"
    chromium, firefox = own / "org.kibitz.link.chromium.json", own / "org.kibitz.link.firefox.json"
    assert registry.values == {
        r"Software\Google\Chrome\NativeMessagingHosts\org.kibitz.link": str(chromium),
        r"Software\Chromium\NativeMessagingHosts\org.kibitz.link": str(chromium),
        r"Software\Microsoft\Edge\NativeMessagingHosts\org.kibitz.link": str(chromium),
        r"Software\BraveSoftware\Brave-Browser\NativeMessagingHosts\org.kibitz.link": str(chromium),
        r"Software\Mozilla\NativeMessagingHosts\org.kibitz.link": str(firefox),
    }
    assert json.loads(chromium.read_text())["path"] == str(own / "kibitz-link.bat")
    installer.remove("edge")
    assert standing(installer.status())["Microsoft Edge"] == (Setup.ABSENT, Flaw.NONE)
    assert standing(installer.status())["Chromium"] == (Setup.READY, Flaw.NONE)
    installer.remove()
    assert registry.values == {}
    assert not own.exists()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_that_remove_takes_away_exactly_what_install_wrote(tmp_path, platform):
    installer = an_installer(tmp_path, platform)
    machine = a_machine(tmp_path, platform)
    if platform != "win32":
        touch(hosts_folder(CHROMIUM, machine) / "org.other.json", '{"name": "org.other"}')
    before = tree(tmp_path)
    installer.install()
    assert tree(tmp_path) != before
    assert standing(installer.remove()) == all_are(Setup.ABSENT)
    assert tree(tmp_path) == before
    assert not (tmp_path / "data/browser").exists()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_that_installing_twice_changes_nothing(tmp_path, platform):
    installer = an_installer(tmp_path, platform)
    installer.install()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    installer.install()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_that_nobody_else_may_read_or_change_what_is_written(tmp_path):
    an_installer(tmp_path).install()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert modes == {0o600, 0o700}
    manifest = hosts_folder(CHROMIUM, a_machine(tmp_path)) / HOST_FILE
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data/browser").stat().st_mode) == 0o700


def test_that_one_browser_alone_can_be_installed_and_removed(tmp_path):
    installer = an_installer(tmp_path)
    assert standing(installer.install("firefox")) == {"Firefox": (Setup.READY, Flaw.NONE)}
    assert standing(installer.status())["Chromium"] == (Setup.ABSENT, Flaw.NONE)
    installer.install("chromium")
    installer.remove("firefox")
    assert standing(installer.status())["Firefox"] == (Setup.ABSENT, Flaw.NONE)
    assert standing(installer.status())["Chromium"] == (Setup.READY, Flaw.NONE)
    installer.remove("chromium")
    assert not (tmp_path / "data/browser").exists()


def test_that_a_browser_that_is_not_here_is_said_and_nothing_is_written(tmp_path):
    installer = Installer(a_machine(tmp_path), some_parts(tmp_path))
    with pytest.raises(CannotInstall, match=r"^Brave was not found here\. Start it once, then try again\.$"):
        installer.install("brave")
    assert installer.install() == ()
    assert not (tmp_path / "data").exists()


def test_that_a_snap_is_told_apart_and_gets_no_file(tmp_path):
    machine = a_machine(tmp_path)
    touch(machine.root / "snap/bin/firefox")
    installer = Installer(machine, some_parts(tmp_path))
    blocked = Status("Firefox", Family.FIREFOX, Setup.BLOCKED, FIREFOX, Packaging.SNAP)
    assert installer.install() == (blocked,)
    assert installer.status() == (blocked,)
    assert tree(machine.home) == {}
    assert not (tmp_path / "data").exists()


# What goes out of date, and that installing again mends it


def move_python(installer: Installer, base: Path) -> Installer:
    return Installer(a_machine(base), some_parts(base, python="/opt/new/python3"))


def lose_launcher(installer: Installer, base: Path) -> Installer:
    (base / "data/browser/kibitz-link").unlink()
    return installer


def edit_manifest(installer: Installer, base: Path) -> Installer:
    path = hosts_folder(CHROMIUM, a_machine(base)) / HOST_FILE
    path.write_text(path.read_text().replace(CHROMIUM_ID, "p" * 32))
    return installer


def renew_extension(installer: Installer, base: Path) -> Installer:
    touch(base / "extension/background.js", "// new")
    return installer


def other_home(installer: Installer, base: Path) -> Installer:
    path = hosts_folder(CHROMIUM, a_machine(base)) / HOST_FILE
    path.write_text(path.read_text().replace("data/browser", "other/browser"))
    return installer


@pytest.mark.parametrize(
    ("happens", "python", "flaw"),
    [
        (move_python, "/usr/bin/env", Flaw.CHANGED),
        (move_python, "/no/such/python3", Flaw.PYTHON_GONE),
        (lose_launcher, "/usr/bin/env", Flaw.LAUNCHER_GONE),
        (edit_manifest, "/usr/bin/env", Flaw.CHANGED),
        (renew_extension, "/usr/bin/env", Flaw.EXTENSION_OLD),
        (other_home, "/usr/bin/env", Flaw.OTHER_COPY),
    ],
)
def test_that_what_is_out_of_date_is_named_and_mended_by_installing_again(tmp_path, happens, python, flaw):
    installer = an_installer(tmp_path, python=python)
    installer.install("chromium")
    installer = happens(installer, tmp_path)
    assert standing(installer.status())["Chromium"] == (Setup.OUTDATED, flaw)
    assert standing(installer.install("chromium")) == {"Chromium": (Setup.READY, Flaw.NONE)}


@pytest.mark.parametrize("written", ["", "[]", "{", '{"name": "org.kibitz.link"}', "\x00", "[" * 100_000])
def test_that_a_manifest_that_is_none_of_ours_is_left_by_remove_and_replaced_by_install(tmp_path, written):
    installer = an_installer(tmp_path)
    path = touch(hosts_folder(CHROMIUM, a_machine(tmp_path)) / HOST_FILE, written)
    assert standing(installer.remove("chromium")) == {"Chromium": (Setup.OUTDATED, Flaw.OTHER_COPY)}
    assert path.read_text() == written
    assert standing(installer.install("chromium")) == {"Chromium": (Setup.READY, Flaw.NONE)}


def test_that_the_copy_of_the_extension_loses_what_the_new_one_does_not_have(tmp_path):
    installer = an_installer(tmp_path)
    touch(tmp_path / "extension/old/module.js")
    installer.install()
    copy = tmp_path / "data/browser/extension"
    inode = copy.stat().st_ino
    assert (copy / "old/module.js").exists()
    (tmp_path / "extension/old/module.js").unlink()
    touch(tmp_path / "extension/new.js", "1")
    installer.install()
    assert tree(copy) == tree(tmp_path / "extension")
    assert not (copy / "old").exists()
    assert copy.stat().st_ino == inode


# Profiles given by hand


def test_that_a_profile_elsewhere_gets_its_own_manifest_and_is_remembered(tmp_path):
    installer = Installer(a_machine(tmp_path), some_parts(tmp_path))
    profile = tmp_path / "a profile"
    made = installer.install_profile(profile)
    assert made == Status(str(profile), Family.CHROMIUM, Setup.READY, profile=profile)
    written = json.loads((profile / "NativeMessagingHosts" / HOST_FILE).read_text())
    assert written["path"] == str(tmp_path / "data/browser/kibitz-link")
    assert installer.status() == (made,)
    assert installer.remove() == (Status(str(profile), Family.CHROMIUM, Setup.ABSENT, profile=profile),)
    assert list(profile.iterdir()) == []
    assert not (tmp_path / "data/browser").exists()


def test_that_what_browsers_share_stays_while_a_profile_needs_it(tmp_path):
    installer = an_installer(tmp_path)
    profile = tmp_path / "profile"
    installer.install("chromium")
    installer.install_profile(profile)
    installer.remove("chromium")
    assert installer.profile_status(profile).setup is Setup.READY
    installer.remove_profile(profile)
    assert not (tmp_path / "data/browser").exists()


def test_that_windows_knows_no_hosts_of_a_profile(tmp_path):
    installer = an_installer(tmp_path, "win32")
    with pytest.raises(CannotInstall, match="leave out --user-data-dir"):
        installer.install_profile(tmp_path / "profile")


# What can be wrong


@pytest.mark.parametrize(
    "ids", [None, "", "[]", "{}", '{"chromium": "x", "firefox": "a@b"}', json.dumps({"chromium": "a" * 32})]
)
def test_that_an_extension_without_proper_ids_is_not_installed(tmp_path, ids):
    installer = an_installer(tmp_path)
    path = tmp_path / "extension/ids.json"
    if ids is None:
        path.unlink()
    else:
        path.write_text(ids)
    with pytest.raises(NoExtension, match="Install Kibitz again"):
        installer.install()
    assert not (tmp_path / "data").exists()


def test_that_a_folder_that_cannot_be_written_is_named(tmp_path):
    installer = an_installer(tmp_path)
    folder = hosts_folder(CHROMIUM, a_machine(tmp_path))
    touch(folder, "a file where the folder should be")
    with pytest.raises(FileExistsError, match=re.escape(str(folder))):
        installer.install("chromium")


def test_that_pythonw_is_not_what_a_browser_starts(tmp_path):
    parts = some_parts(tmp_path, python=r"C:\Program Files\Kibitz\pythonw.exe")
    Installer(with_all_browsers(a_machine(tmp_path, "win32")), parts).install("chrome")
    text = (tmp_path / "data/browser/kibitz-link.bat").read_text(encoding="utf-8")
    assert r'"C:\Program Files\Kibitz\python.exe" "-IS"' in text


def test_that_every_browser_can_be_named():
    assert list(BY_ID) == ["chrome", "chromium", "edge", "brave", "firefox"]
