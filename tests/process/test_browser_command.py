"""``kibitz browser`` as an agent types it: a process of its own, a real home, and what it wrote read back."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.places import place_in
from tests.helpers.browsers import touch, tree

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "org.kibitz.link.json"
PAIRING = (
    "Then click Kibitz in the browser's toolbar, press “Show the code” and type the six digits from Kibitz's panel."
)
STEP = "Open chrome://extensions, turn on “Developer mode”, press “Load unpacked” and choose the extension's folder."
NO_QT = (
    "import sys; from desktop.__main__ import main; code = main(); sys.exit(9 if 'PySide6' in sys.modules else code)"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a used Chromium, in a folder that needs quotes."""
    made = tmp_path / "a home 'of' Zoë"
    touch(made / ".config/chromium/Local State")
    return made


def kibitz(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command; it exits with 9 if it has loaded Qt."""
    # No program is found on this PATH, so that the browsers of this machine do not matter.
    env = {"HOME": str(home), "PATH": "/nowhere", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", NO_QT, "browser", *arguments], env=env, capture_output=True, text=True, check=False
    )


def test_that_install_says_what_was_done_and_the_one_thing_left(home):
    said = kibitz(home, "install")
    folder = home / ".local/share/kibitz/browser/extension"
    assert said.returncode == 0
    assert said.stderr == ""
    assert said.stdout.splitlines() == [
        "Chromium: Ready.",
        f"  {STEP}",
        f"The extension's folder: {folder}",
        PAIRING,
    ]
    assert json.loads((folder / "manifest.json").read_text())["manifest_version"] == 3
    written = json.loads((home / ".config/chromium/NativeMessagingHosts" / HOST).read_text())
    ids = json.loads((ROOT / "resources/browser/ids.json").read_text())
    assert written["allowed_origins"] == [f"chrome-extension://{ids['chromium']}/"]
    assert os.access(written["path"], os.X_OK)


@pytest.mark.promise("S5")
def test_that_what_the_browser_would_start_is_the_host_and_it_answers_our_extension_only(home):
    kibitz(home, "install")
    written = json.loads((home / ".config/chromium/NativeMessagingHosts" / HOST).read_text())
    [origin] = written["allowed_origins"]
    with subprocess.Popen([written["path"], origin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as host:
        size = int.from_bytes(host.stdout.read(4), sys.byteorder)
        assert json.loads(host.stdout.read(size)) == {"app": "down"}
        host.stdin.close()
        assert host.wait() == 0
    other = f"chrome-extension://{'p' * 32}/"
    refused = subprocess.run([written["path"], other], stdin=subprocess.PIPE, capture_output=True, check=False, env={})
    assert (refused.returncode, refused.stdout) == (2, b"")


def test_that_status_tells_before_and_after_by_words_and_exit_status(home):
    before = kibitz(home, "status")
    assert (before.returncode, before.stdout) == (1, "Chromium: Not set up.\n")
    kibitz(home, "install")
    after = kibitz(home, "status")
    assert after.returncode == 0
    assert after.stdout.startswith("Chromium: Ready.\n")
    assert "Settings, Browser" in after.stdout
    (home / ".local/share/kibitz/browser/kibitz-link").unlink()
    broken = kibitz(home, "status")
    assert broken.returncode == 1
    assert broken.stdout == "Chromium: The file that the browser starts is gone. Install again.\n"


def test_that_remove_leaves_the_home_as_it_was(home):
    other = home / ".config/chromium/NativeMessagingHosts/org.other.json"
    touch(other, '{"name": "org.other"}')
    before = tree(home)
    kibitz(home, "install")
    said = kibitz(home, "remove")
    assert said.returncode == 0
    assert said.stdout == (
        "Chromium: Kibitz has no file in it. Remove the extension on the browser's page of extensions.\n"
    )
    assert tree(home) == before


def test_that_a_profile_of_a_test_or_a_portable_browser_can_be_named(home, tmp_path):
    profile = tmp_path / "profile"
    said = kibitz(home, "install", "--user-data-dir", str(profile))
    assert said.returncode == 0
    assert said.stdout.startswith(f"{profile}: Ready.\n")
    written = json.loads((profile / "NativeMessagingHosts" / HOST).read_text())
    assert os.access(written["path"], os.X_OK)
    assert kibitz(home, "status", "--user-data-dir", str(profile)).returncode == 0
    assert kibitz(home, "remove", "--user-data-dir", str(profile)).returncode == 0
    assert tree(profile) == {}


def test_that_a_snap_is_said_with_what_to_do_instead(home):
    touch(home / "snap/firefox/common/x")
    said = kibitz(home, "install", "--browser", "firefox")
    assert said.returncode == 1
    assert said.stdout == (
        "Firefox: This Firefox is a snap, which may not start Kibitz's host. Use Firefox as a package of your system "
        "or from its maker, or paste a ticket's address into Kibitz (Ctrl+K).\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (("install", "--browser", "edge"), 1, "Microsoft Edge was not found here. Start it once, then try again."),
        (("install", "--browser", "opera"), 2, "invalid choice: 'opera'"),
        (("install", "--browser", "firefox", "--user-data-dir", "x"), 2, "leave out --user-data-dir"),
        (("dance",), 2, "invalid choice: 'dance'"),
        ((), 2, "the following arguments are required: act"),
    ],
)
def test_that_a_wrong_call_says_what_is_wrong_on_stderr(home, arguments, status, complaint):
    said = kibitz(home, *arguments)
    assert said.returncode == status
    assert complaint in said.stderr
    assert said.stdout == ""
    assert tree(home) == {".config/chromium/Local State": b""}


def test_that_without_a_browser_it_says_how_to_name_one(tmp_path):
    said = kibitz(tmp_path, "install")
    assert said.returncode == 1
    assert "No browser that Kibitz knows was found" in said.stdout
    assert "kibitz browser install --user-data-dir DIR" in said.stdout


def test_that_a_file_in_the_way_is_named(home):
    touch(home / ".config/chromium/NativeMessagingHosts", "not a folder")
    said = kibitz(home, "install")
    assert said.returncode == 1
    assert said.stderr.startswith("kibitz: ")
    assert "NativeMessagingHosts" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.promise("S5")
def test_that_a_real_chromium_starts_the_installed_host_which_reaches_the_app(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("there is no chromium here")
    home, profile = tmp_path / "a home", tmp_path / "a profile"
    home.mkdir()
    assert kibitz(home, "install", "--user-data-dir", str(profile)).returncode == 0
    folder = home / ".local/share/kibitz"
    extension = folder / "browser/extension"
    origin = f"chrome-extension://{json.loads((extension / 'ids.json').read_text())['chromium']}/"
    arguments = ["--no-sandbox", "--disable-gpu", f"--disable-extensions-except={extension}"]
    with socket.socket(socket.AF_UNIX) as app, playwright.sync_playwright() as started:
        app.bind(place_in(folder / "run").link)
        app.listen()
        app.settimeout(90)
        browser = started.chromium.launch_persistent_context(
            str(profile), executable_path=chromium, args=[*arguments, f"--load-extension={extension}"]
        )
        # The extension looks for the app when it is paired or, as here, its popup is open.
        browser.new_page().goto(f"{origin}popup.html")
        host, _ = app.accept()
        with host, host.makefile("rb") as said:
            greeting = json.loads(said.read(int.from_bytes(said.read(4), "little")))
        browser.close()
    assert greeting == {"host": 1, "origin": origin}
