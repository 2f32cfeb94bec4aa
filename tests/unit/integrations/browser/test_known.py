"""Which browsers are found on which machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.browser.known import (
    BROWSERS,
    BY_ID,
    CHROME,
    CHROMIUM,
    EDGE,
    FIREFOX,
    Found,
    Machine,
    Packaging,
    find,
    hosts_folder,
)
from tests.helpers.browsers import a_machine, touch, with_all_browsers


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_that_a_bare_machine_has_no_browser(tmp_path, platform):
    assert find(a_machine(tmp_path, platform)) == ()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_that_each_browser_is_known_by_the_data_it_left(tmp_path, platform):
    assert find(with_all_browsers(a_machine(tmp_path, platform))) == tuple(map(Found, BROWSERS))


@pytest.mark.parametrize(
    ("name", "browser"),
    [
        ("google-chrome", CHROME),
        ("google-chrome-stable", CHROME),
        ("chromium", CHROMIUM),
        ("chromium-browser", CHROMIUM),
        ("microsoft-edge", EDGE),
        ("brave-browser", BY_ID["brave"]),
        ("firefox", FIREFOX),
        ("firefox-esr", FIREFOX),
    ],
)
def test_that_a_program_on_the_path_is_a_browser_before_its_first_start(tmp_path, name, browser):
    program = touch(tmp_path / "usr/bin" / name, "\x7fELF")
    assert find(a_machine(tmp_path, programs=[program])) == (Found(browser),)


def test_that_an_application_of_macos_and_a_program_of_windows_are_browsers(tmp_path):
    mac = a_machine(tmp_path / "mac", "darwin")
    touch(mac.root / "Applications/Microsoft Edge.app/Contents/Info.plist")
    touch(mac.home / "Applications/Firefox.app/Contents/Info.plist")
    windows = a_machine(tmp_path / "windows", "win32")
    touch(tmp_path / "windows/Program Files/Google/Chrome/Application/chrome.exe")
    touch(windows.home / "AppData/Local/BraveSoftware/Brave-Browser/Application/brave.exe")
    assert find(mac) == (Found(EDGE), Found(FIREFOX))
    assert find(windows) == (Found(CHROME), Found(BY_ID["brave"]))


def snap_of_path(machine: Machine) -> Path:
    return touch(machine.root / "snap/bin/chromium", "\x7fELF")


def script_of_ubuntu(machine: Machine) -> Path:
    return touch(machine.root / "usr/bin/chromium-browser", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')


def link_into_snap(machine: Machine) -> Path:
    link = machine.root / "usr/bin/chromium"
    link.parent.mkdir(parents=True)
    link.symlink_to(snap_of_path(machine))
    return link


@pytest.mark.parametrize("make", [snap_of_path, script_of_ubuntu, link_into_snap])
def test_that_a_snap_is_known_by_its_program(tmp_path, make):
    program = make(a_machine(tmp_path))
    assert find(a_machine(tmp_path, programs=[program])) == (Found(CHROMIUM, Packaging.SNAP),)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("root/snap/bin/firefox", Found(FIREFOX, Packaging.SNAP)),
        ("home/snap/firefox/common/x", Found(FIREFOX, Packaging.SNAP)),
        ("home/snap/chromium/common/chromium/Local State", Found(CHROMIUM, Packaging.SNAP)),
        ("root/var/lib/flatpak/exports/bin/org.mozilla.firefox", Found(FIREFOX, Packaging.FLATPAK)),
        ("home/.local/share/flatpak/exports/bin/com.google.Chrome", Found(CHROME, Packaging.FLATPAK)),
        ("home/.var/app/com.microsoft.Edge/config/x", Found(EDGE, Packaging.FLATPAK)),
    ],
)
def test_that_snap_and_flatpak_are_known_by_their_folders(tmp_path, place, found):
    touch(tmp_path / place)
    assert find(a_machine(tmp_path)) == (found,)


def test_that_a_browser_may_be_here_as_a_package_and_as_a_snap(tmp_path):
    program = touch(tmp_path / "usr/bin/chromium", "#!/bin/sh\nexec /usr/lib/chromium/chromium\n")
    touch(tmp_path / "root/snap/bin/chromium")
    found = find(a_machine(tmp_path, programs=[program]))
    assert found == (Found(CHROMIUM), Found(CHROMIUM, Packaging.SNAP))


def test_that_data_left_behind_beside_a_snap_is_no_browser(tmp_path):
    machine = a_machine(tmp_path)
    touch(machine.config / "chromium/Local State")
    touch(tmp_path / "root/snap/bin/chromium")
    assert find(machine) == (Found(CHROMIUM, Packaging.SNAP),)


def test_that_another_program_of_a_user_named_snap_is_no_snap(tmp_path):
    program = touch(tmp_path / "snap/bin/chromium", "\x7fELF")
    assert find(a_machine(tmp_path, programs=[program])) == (Found(CHROMIUM),)


@pytest.mark.parametrize(
    ("platform", "browser", "folder"),
    [
        ("linux", "chrome", ".config/google-chrome/NativeMessagingHosts"),
        ("linux", "chromium", ".config/chromium/NativeMessagingHosts"),
        ("linux", "edge", ".config/microsoft-edge/NativeMessagingHosts"),
        ("linux", "brave", ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts"),
        ("linux", "firefox", ".mozilla/native-messaging-hosts"),
        ("darwin", "chrome", "Library/Application Support/Google/Chrome/NativeMessagingHosts"),
        ("darwin", "chromium", "Library/Application Support/Chromium/NativeMessagingHosts"),
        ("darwin", "edge", "Library/Application Support/Microsoft Edge/NativeMessagingHosts"),
        ("darwin", "brave", "Library/Application Support/BraveSoftware/Brave-Browser/NativeMessagingHosts"),
        ("darwin", "firefox", "Library/Application Support/Mozilla/NativeMessagingHosts"),
    ],
)
def test_that_each_browser_looks_for_hosts_in_its_own_folder(tmp_path, platform, browser, folder):
    machine = a_machine(tmp_path, platform)
    assert hosts_folder(BY_ID[browser], machine) == machine.home / folder


def test_that_a_moved_configuration_folder_is_followed(tmp_path):
    machine = Machine("linux", tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "elsewhere")}, lambda _: None)
    touch(tmp_path / "elsewhere/chromium/Local State")
    assert find(machine) == (Found(CHROMIUM),)
    assert hosts_folder(CHROMIUM, machine) == tmp_path / "elsewhere/chromium/NativeMessagingHosts"
