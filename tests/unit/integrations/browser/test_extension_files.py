"""What of the extension can be said without a browser: that it asks for no more than it needs, and is whole."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess

import pytest

from assist import __version__
from tests.helpers.extension import EXTENSION, for_tests

SCRIPTS = sorted(EXTENSION.glob("*.js"))
MANIFEST = json.loads((EXTENSION / "manifest.json").read_text())
LANGUAGES = {
    folder.name: json.loads((folder / "messages.json").read_text()) for folder in (EXTENSION / "_locales").iterdir()
}


def node() -> str:
    """Return the JavaScript engine that comes with Playwright."""
    driver = pytest.importorskip("playwright._impl._driver")
    return driver.compute_driver_executable()[0]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_that_every_script_parses(script, tmp_path):
    # A content script is no module: what runs in a page stands alone.
    copy = tmp_path / ("script.cjs" if script.name == "content.js" else "script.mjs")
    copy.write_text(script.read_text())
    done = subprocess.run([node(), "--check", str(copy)], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_that_it_asks_for_nothing_beyond_the_decision():
    assert MANIFEST["permissions"] == ["nativeMessaging", "storage", "scripting"]
    assert MANIFEST["host_permissions"] == ["https://*.zendesk.com/*", "https://*.freshdesk.com/*"]
    assert MANIFEST["optional_host_permissions"] == ["https://*/*", "http://127.0.0.1/*", "http://localhost/*"]
    assert "optional_permissions" not in MANIFEST
    assert "externally_connectable" not in MANIFEST
    assert "web_accessible_resources" not in MANIFEST


def test_that_its_script_is_on_the_agents_pages_of_helpdesks_only():
    (script,) = MANIFEST["content_scripts"]
    assert script["matches"] == ["https://*.zendesk.com/agent/*", "https://*.freshdesk.com/a/*"]
    assert "all_frames" not in script
    assert "world" not in script


def test_that_the_ids_are_those_of_the_key():
    ids = json.loads((EXTENSION / "ids.json").read_text())
    digest = hashlib.sha256(base64.b64decode(MANIFEST["key"])).hexdigest()[:32]
    assert ids["chromium"] == "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
    assert ids["firefox"] == MANIFEST["browser_specific_settings"]["gecko"]["id"]


def test_that_it_has_the_version_of_the_app():
    assert MANIFEST["version"] == __version__


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\beval\b",
        r"\bnew Function\b",
        r"\binnerHTML\b",
        r"\bouterHTML\b",
        r"insertAdjacentHTML",
        r"document\.write",
        r"\bfetch\(",
        r"XMLHttpRequest",
        r"WebSocket",
        r"sendBeacon",
        r"importScripts",
        r"\bimport\(",
        r"onMessageExternal",
        r"onConnectExternal",
        r"\bpostMessage\((?!frame\)|shown\)|\{ kind)",
        r"""addEventListener\("message""",
        r"""(?:src|href|url)\s*[=(:]\s*["']?https?:""",
    ],
)
def test_that_nothing_is_run_or_loaded_from_outside(forbidden):
    files = [*SCRIPTS, *EXTENSION.glob("*.html"), *EXTENSION.glob("*.css")]
    assert [file.name for file in files if re.search(forbidden, file.read_text())] == []


def test_that_modules_import_their_neighbours_only():
    names = {script.name for script in SCRIPTS}
    for script in SCRIPTS:
        imported = re.findall(r"""^import .* from "(.+)";$""", script.read_text(), re.MULTILINE)
        assert {name.removeprefix("./") for name in imported} <= names
        assert all(name.startswith("./") for name in imported)


def test_that_the_popup_has_no_code_of_its_own():
    html = (EXTENSION / "popup.html").read_text()
    assert re.findall(r"<script[^>]*>", html) == ['<script type="module" src="popup.js">']
    assert not re.search(r"\son\w+=|\sstyle=|<style", html)
    policy = MANIFEST["content_security_policy"]["extension_pages"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy


def test_that_every_language_says_everything():
    used = set(re.findall(r"__MSG_(\w+)__", json.dumps(MANIFEST)))
    used |= set(re.findall(r'data-text="(\w+)"', (EXTENSION / "popup.html").read_text()))
    used |= set(re.findall(r'"((?:badge|host|pair)[A-Z]\w*)"', (EXTENSION / "popup.js").read_text()))
    states = "Connecting Missing Forbidden Broken Down Version Unpaired Pairing Code Linked LinkedClosed"
    used |= {f"{part}{state}" for state in states.split() for part in ("title", "lead")}
    used |= {f"trouble{why}" for why in ["Code", "Order", "Busy", "Late", "Cancelled", "Lost", "Unknown"]}
    for language, messages in LANGUAGES.items():
        assert set(messages) == used, language
        assert all(entry["message"].strip() for entry in messages.values())


def test_that_everything_the_manifest_names_is_there():
    named = [*MANIFEST["icons"].values(), *MANIFEST["background"]["scripts"], MANIFEST["action"]["default_popup"]]
    named += [name for script in MANIFEST["content_scripts"] for name in script["js"]]
    assert [name for name in named if not (EXTENSION / name).is_file()] == []
    assert MANIFEST["background"]["scripts"] == [MANIFEST["background"]["service_worker"]]


def test_that_the_copy_for_tests_differs_in_the_demos_host_only(tmp_path):
    copy = json.loads((for_tests(tmp_path / "extension") / "manifest.json").read_text())
    copy["host_permissions"].remove("http://127.0.0.1/*")
    for path in ("agent", "a"):
        copy["content_scripts"][0]["matches"].remove(f"http://127.0.0.1/{path}/*")
    assert copy == MANIFEST
