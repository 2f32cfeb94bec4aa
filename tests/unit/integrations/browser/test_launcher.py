"""The launcher hands the host exactly what it was told, whatever is in the paths."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from integrations.browser.files import write_whole
from integrations.browser.launcher import launcher, python_of, windows_launcher

ECHO = "import json, sys\nsys.stdout.write(json.dumps([sys.argv[1:], sys.flags.isolated, sys.flags.no_site]))\n"
ORIGINS = ("chrome-extension://abc/", "moz:link@kibitz.example")
names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..") and len(os.fsencode(name)) < 200
)


@settings(max_examples=25)
@given(folder=names, python=names, socket=names, said=st.lists(names, max_size=2))
@example("a folder with 'quotes' \"and\" more", "$(id) `id` ;&|", "\\ %PATH% !x! \n\t", ["--", "$@"])
@example("客服 Ünïcode 🎧", "-IS", "--", [])
def test_that_the_host_gets_its_socket_and_origins_whatever_the_paths_hold(folder, python, socket, said):
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary) / folder
        host = base / "host.py"
        write_whole(host, ECHO.encode())
        linked = base / "bin" / python
        linked.parent.mkdir()
        linked.symlink_to(sys.executable)
        place = str(base / socket)
        script = base / "kibitz-link"
        write_whole(script, os.fsencode(launcher(str(linked), host, place, ORIGINS)), mode=0o700)
        out = subprocess.run([script, *said], capture_output=True, check=True, env={"PYTHONPATH": "/nowhere"})
    assert json.loads(out.stdout) == [[place, *ORIGINS, "--", *said], 1, 1]


@given(python=names, host=names, socket=names)
def test_that_the_python_of_a_launcher_can_be_told(python, host, socket):
    path = f"/opt/{python.replace(chr(10), '').replace(chr(13), '')}"
    text = launcher(path, Path(host), socket, ORIGINS)
    if len(text.splitlines()) == 3:
        assert python_of(text) == path


@pytest.mark.parametrize("text", ["", "#!/bin/sh\n", "exec", "exec 'open", "exec python", "\x00\n"])
def test_that_what_is_no_launcher_has_no_python(text):
    assert python_of(text) in ("", "python")


def test_that_a_batch_file_quotes_every_path_and_doubles_percent_signs():
    text = windows_launcher(r"C:\Jörg & Söhne\100%\python.exe", Path("host file.py"), "kibitz-link-1", ORIGINS[1:])
    assert text.split("\r\n") == [
        "@echo off",
        "rem Written by: kibitz browser install",
        "chcp 65001 >nul",
        r'"C:\Jörg & Söhne\100%%\python.exe" "-IS" "host file.py" "kibitz-link-1" "moz:link@kibitz.example" "--" %*',
        "",
    ]
    assert python_of(text) == r"C:\Jörg & Söhne\100%\python.exe"
