from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.__main__ import main
from desktop.accounts.scheme import (
    CLASSES,
    ENTRY,
    LinuxHandler,
    NoHandler,
    Program,
    WindowsHandler,
    default_in,
    desktop_entry,
    registry_values,
    this_program,
    with_default,
)
from desktop.accounts.state import LinksOpen
from tests.helpers.qt_loop import until

PROGRAM = Program(("/opt/kibitz/bin/kibitz",))
LINK = "kibitz://connect?kind=zendesk&site=acme&client=kibitz_desktop"
LISTS = st.lists(
    st.sampled_from(
        [
            "[Default Applications]",
            "[Added Associations]",
            "text/html=firefox.desktop",
            "x-scheme-handler/kibitz=other.desktop;",
            f"x-scheme-handler/kibitz={ENTRY}",
            "",
            "# a comment",
        ]
    )
).map("\n".join)


class FakeRegistry:
    """Keys below HKEY_CURRENT_USER in memory; as in Windows, a key that holds keys is not deleted."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def get(self, key: str) -> str | None:
        return self.values.get((key, ""))

    def put(self, key: str, value: str) -> None:
        self.values[key, ""] = value

    def put_named(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def delete(self, key: str) -> None:
        assert not [one for one, _ in self.values if one.startswith(f"{key}\\")]
        self.values = {at: value for at, value in self.values.items() if at[0] != key}


@pytest.fixture
def handler(tmp_path) -> LinuxHandler:
    return LinuxHandler({}, tmp_path, PROGRAM)


def test_that_nothing_is_written_by_looking(handler, tmp_path):
    assert handler.state() is LinksOpen.NOT_YET
    assert str(tmp_path / ".local/share/applications" / ENTRY) in handler.what()
    assert list(tmp_path.iterdir()) == []


def test_that_installing_is_undone_by_removing_and_leaves_the_rest_alone(handler, tmp_path):
    theirs = tmp_path / ".config" / "mimeapps.list"
    theirs.parent.mkdir()
    before = "[Default Applications]\ntext/html=firefox.desktop\n\n[Added Associations]\nx/y=z.desktop;\n"
    theirs.write_text(before)
    handler.install()
    assert handler.state() is LinksOpen.HERE
    assert "text/html=firefox.desktop\n" in theirs.read_text()
    handler.remove()
    assert handler.state() is LinksOpen.NOT_YET
    assert theirs.read_text() == before
    assert not (tmp_path / ".local/share/applications" / ENTRY).exists()


def test_that_another_copy_s_entry_is_not_taken_for_ours(handler, tmp_path):
    LinuxHandler({}, tmp_path, Program(("/elsewhere/kibitz",))).install()
    assert handler.state() is LinksOpen.NOT_YET


def test_that_a_list_that_is_a_link_to_another_file_stays_one(handler, tmp_path):
    real = tmp_path / "dotfiles" / "mimeapps.list"
    real.parent.mkdir()
    real.write_text("")
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "mimeapps.list").symlink_to(real)
    made = LinuxHandler({}, tmp_path, PROGRAM)
    made.install()
    assert (tmp_path / ".config" / "mimeapps.list").is_symlink()
    assert default_in(real.read_text()) == ENTRY


def test_that_a_list_that_is_no_text_is_left_alone(handler, tmp_path):
    theirs = tmp_path / ".config" / "mimeapps.list"
    theirs.parent.mkdir()
    theirs.write_bytes(b"\xff\xfe")
    with pytest.raises(OSError, match="no text"):
        handler.install()
    assert theirs.read_bytes() == b"\xff\xfe"


def theirs(text: str) -> list[str]:
    """Return the lines that are not about our links; a group that we needed may have come."""
    return [line for line in text.splitlines() if "kibitz" not in line and line != "[Default Applications]"]


@given(LISTS)
def test_that_only_our_line_of_a_list_changes(text):
    done = with_default(text, ENTRY)
    assert default_in(done) == ENTRY
    assert done.count(f"x-scheme-handler/kibitz={ENTRY}") >= 1
    undone = with_default(done, None)
    assert default_in(undone) != ENTRY
    assert theirs(undone) == theirs(done) == theirs(text)


def test_that_removing_leaves_another_program_that_opens_such_links():
    text = "[Default Applications]\nx-scheme-handler/kibitz=other.desktop;\n"
    assert with_default(text, None) == text


@pytest.mark.skipif(not shutil.which("xdg-mime"), reason="needs xdg-utils")
def test_that_the_desktop_itself_finds_who_opens_our_links(tmp_path):
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    LinuxHandler(env, tmp_path, PROGRAM).install()
    asked = subprocess.run(
        ["xdg-mime", "query", "default", "x-scheme-handler/kibitz"], env=env, capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == ENTRY


@pytest.mark.skipif(not shutil.which("gio"), reason="needs gio")
def test_that_a_click_starts_kibitz_with_the_link_as_one_word(tmp_path):
    heard = tmp_path / "heard"
    folder = tmp_path / 'odd "$HOME" `x` 100% folder'
    folder.mkdir()
    program = folder / "kibitz"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$@" > "{heard}.new" && mv "{heard}.new" "{heard}"\n')
    program.chmod(0o700)
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    LinuxHandler(env, tmp_path, Program((str(program),))).install()
    entry = tmp_path / "data" / "applications" / ENTRY
    subprocess.run(["gio", "launch", str(entry), LINK], env=env, capture_output=True, check=True)
    asyncio.run(until(heard.exists))
    assert heard.read_text().splitlines() == ["3", "open", "--", LINK]


def test_that_a_copy_with_its_own_home_is_started_for_that_home(tmp_path):
    program = this_program({"KIBITZ_HOME": "/home/maya/kib itz"}, str(tmp_path / "python"))
    assert program.words == ("env", "KIBITZ_HOME=/home/maya/kib itz", str(tmp_path / "python"), "-m", "desktop")
    assert f"\nPath={Path(__file__).resolve().parents[4]}\n" in desktop_entry(program)


def test_that_windows_is_told_by_three_values_below_the_user_s_own_key():
    program = Program((r"C:\Program Files\Kibitz\kibitz.exe",))
    assert [(one.key, one.name, one.value) for one in registry_values(program)] == [
        (CLASSES, "", "URL:Kibitz"),
        (CLASSES, "URL Protocol", ""),
        (rf"{CLASSES}\shell\open\command", "", r'"C:\Program Files\Kibitz\kibitz.exe" "open" "--" "%1"'),
    ]


def test_that_windows_values_are_written_and_taken_out_again():
    registry = FakeRegistry()
    handler = WindowsHandler(registry, Program((r"C:\kibitz.exe",)))
    assert handler.state() is LinksOpen.NOT_YET
    handler.install()
    assert handler.state() is LinksOpen.HERE
    handler.remove()
    assert registry.values == {}


def test_that_where_links_cannot_be_had_it_says_why_and_that_they_can_be_pasted():
    assert NoHandler().state() is LinksOpen.NEVER
    assert "bundle" in NoHandler().what()
    assert "Paste" in NoHandler().what()
    unpacked = WindowsHandler(FakeRegistry(), Program(("python.exe", "-m", "desktop"), Path("C:/kibitz")))
    assert unpacked.state() is LinksOpen.NEVER
    assert "not installed" in unpacked.what()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the command's words are those of Linux")
def test_that_the_command_installs_tells_and_removes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert main(["link-handler", "status"]) == 1
    assert main(["link-handler", "install"]) == 0
    assert main(["link-handler", "status"]) == 0
    assert "links open in this copy" in capsys.readouterr().out
    assert main(["link-handler", "remove"]) == 0
    assert main(["link-handler", "status"]) == 1
