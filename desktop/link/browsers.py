"""The browsers of this user, and what an agent is told of them. Without Qt: the command line uses it, too."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from desktop.places import place_in
from desktop.settings import Folders
from integrations.browser.installed import Flaw, Installer, Parts, Setup, Status
from integrations.browser.known import Family, Machine, Packaging, Registry
from integrations.browser.launcher import HOST_FILE
from resources import ROOT

OWN_FOLDER = "browser"
"""Below the data folder: what browsers load and start from there."""
EXTENSION = ROOT / "browser"

READY = "Ready."
ABSENT = "Not set up."
_FLAWS = {
    Flaw.OTHER_COPY: "Set up for another copy of Kibitz. Installing again takes it over.",
    Flaw.PYTHON_GONE: "The Python that it was set up with is gone. Install again.",
    Flaw.LAUNCHER_GONE: "The file that the browser starts is gone. Install again.",
    Flaw.CHANGED: "Kibitz was moved or updated since it was set up. Install again.",
    Flaw.EXTENSION_OLD: "Kibitz has a newer extension. Install again, then reload it in the browser.",
}
_PACKED = {
    Packaging.SNAP: "This {name} is a snap, which may not start Kibitz's host. Use {name} as a package of your system "
    "or from its maker, or paste a ticket's address into Kibitz (Ctrl+K).",
    Packaging.FLATPAK: "This {name} is a flatpak, which may not start Kibitz's host. Use {name} as a package of your "
    "system or from its maker, or paste a ticket's address into Kibitz (Ctrl+K).",
}
_STEPS = {
    Family.CHROMIUM: "Open {page}, turn on “Developer mode”, press “Load unpacked” and choose the extension's folder.",
    Family.FIREFOX: "Open {page}, press “Load Temporary Add-on” and choose manifest.json in the extension's folder. "
    "Firefox forgets it when it ends; to stay, it needs a file signed by Mozilla, or a policy of your admin.",
}
PAIRING = (
    "Then click Kibitz in the browser's toolbar, press “Show the code” and type the six digits from Kibitz's panel."
)
PROFILE_PAGE = "chrome://extensions"


def installer(where: Folders) -> Installer:
    """Return what puts the link into the browsers of this user. Raises `NotPrivate` or OSError."""
    parts = Parts(
        folder=where.data / OWN_FOLDER,
        python=sys.executable,
        host_file=HOST_FILE,
        socket=place_in(where.runtime).link,
        extension=EXTENSION,
    )
    return Installer(this_machine(), parts)


def this_machine() -> Machine:
    return Machine(sys.platform, Path.home(), os.environ, shutil.which, registry=_registry())


def verdict(status: Status) -> tuple[str, dict[str, str]]:
    """Return how a browser stands, as a sentence to translate and what to fill in."""
    if status.setup is Setup.READY:
        return READY, {}
    if status.setup is Setup.BLOCKED:
        return _PACKED[status.packaging], {"name": status.name}
    return _FLAWS.get(status.flaw, ABSENT), {}


def step(status: Status) -> tuple[str, dict[str, str]]:
    """Return the one thing that an agent has to do by hand, as a sentence to translate and what to fill in."""
    return _STEPS[status.family], {"page": page(status)}


def page(status: Status) -> str:
    """Return the address of the browser's page of extensions."""
    return status.browser.page if status.browser is not None else PROFILE_PAGE


def _registry() -> Registry | None:
    if sys.platform == "win32":
        from desktop.link.registry import UserRegistry

        return UserRegistry()
    return None
