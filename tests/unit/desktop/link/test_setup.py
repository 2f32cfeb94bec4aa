"""What an agent is told of the browsers of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.link.browsers import installer
from desktop.link.setup import LocalSetup
from desktop.preferences.browser_state import FoundBrowser, Standing
from desktop.settings import folders
from integrations.browser.installed import Flaw, Installer
from integrations.browser.known import BROWSERS, CHROMIUM, Packaging, hosts_folder
from tests.helpers.browsers import a_machine, some_parts, touch, tree, with_all_browsers


@pytest.fixture
def setup(tmp_path: Path) -> LocalSetup:
    return LocalSetup(Installer(with_all_browsers(a_machine(tmp_path)), some_parts(tmp_path, python="/usr/bin/env")))


def found(setup: LocalSetup, key: str) -> FoundBrowser:
    return next(one for one in setup.look().browsers if one.key == key)


def test_that_a_browser_goes_from_absent_to_ready_and_back(setup):
    assert found(setup, "edge") == FoundBrowser("edge", "Microsoft Edge", Standing.ABSENT, page="edge://extensions")
    assert setup.install("edge") == ""
    assert found(setup, "edge").standing is Standing.READY
    assert found(setup, "edge").step.startswith("Open edge://extensions, turn on “Developer mode”")
    assert setup.remove("edge") == ""
    assert found(setup, "edge").standing is Standing.ABSENT


def test_that_firefox_is_told_that_it_forgets(setup):
    setup.install("firefox")
    step = found(setup, "firefox").step
    assert "about:debugging#/runtime/this-firefox" in step
    assert "Firefox forgets it when it ends; to stay, it needs a file signed by Mozilla" in step


def test_that_what_went_out_of_date_is_named(setup, tmp_path):
    assert setup.outdated() == ()
    setup.install("chromium")
    setup.install("chrome")
    assert setup.outdated() == ()
    (tmp_path / "data/browser/kibitz-link").unlink()
    assert setup.outdated() == ("Google Chrome", "Chromium")


def test_that_what_another_copy_of_kibitz_set_up_is_said_when_asked_only(setup, tmp_path):
    touch(hosts_folder(CHROMIUM, a_machine(tmp_path)) / "org.kibitz.link.json", "{}")
    assert setup.outdated() == ()
    assert found(setup, "chromium").said.startswith("Set up for another copy of Kibitz.")


def test_that_a_profile_given_by_hand_is_listed_and_removed_by_its_folder(setup, tmp_path):
    profile = tmp_path / "profile"
    assert setup.install(str(profile)) == ""
    one = found(setup, str(profile))
    assert (one.name, one.standing, one.page) == (str(profile), Standing.READY, "chrome://extensions")
    assert setup.remove(str(profile)) == ""
    assert len(setup.look().browsers) == len(BROWSERS)


@pytest.mark.logs("the browser link was not changed: FileExistsError")
def test_that_what_cannot_be_written_is_said_with_its_name(setup, tmp_path):
    folder = hosts_folder(CHROMIUM, a_machine(tmp_path))
    touch(folder, "in the way")
    assert setup.install("chromium") == f"{folder} could not be changed: File exists"


@pytest.mark.logs("the browser link was not changed: NoExtension")
def test_that_a_missing_extension_is_said(setup, tmp_path):
    (tmp_path / "extension/ids.json").unlink()
    assert setup.install("chromium").endswith("Install Kibitz again.")
    touch(hosts_folder(CHROMIUM, a_machine(tmp_path)) / "org.kibitz.link.json", "{}")
    assert setup.look().browsers == ()
    assert setup.look().problem.endswith("Install Kibitz again.")


@pytest.mark.parametrize(("packaging", "word"), [(Packaging.SNAP, "snap"), (Packaging.FLATPAK, "flatpak")])
def test_that_a_walled_off_browser_is_said_to_be_one(tmp_path, packaging, word):
    machine = a_machine(tmp_path)
    snap, flatpak = machine.home / "snap/chromium", machine.home / ".var/app/org.chromium.Chromium"
    touch((snap if packaging is Packaging.SNAP else flatpak) / "x")
    [one] = LocalSetup(Installer(machine, some_parts(tmp_path))).look().browsers
    assert one.standing is Standing.BLOCKED
    assert one.said.startswith(f"This Chromium is a {word}, which may not start Kibitz's host.")


def test_that_every_flaw_has_its_words(setup):
    from desktop.link import browsers

    assert set(browsers._FLAWS) == set(Flaw) - {Flaw.NONE}


def test_that_the_real_parts_are_there_and_everything_own_is_below_kibitz_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KIBITZ_HOME", str(tmp_path / "k"))
    parts = installer(folders()).parts
    assert parts.folder == tmp_path / "k/data/browser"
    assert parts.socket.endswith("/link")
    assert parts.host_file.is_file()
    assert {"ids.json", "manifest.json"} <= set(tree(parts.extension))
