from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.settings import (
    TABLE,
    Loaded,
    LogLevel,
    Placement,
    Settings,
    SettingsFile,
    SettingsNotSaved,
    Side,
    ThemeChoice,
    folders,
    parse,
    write_whole,
)

CHANGED = {
    "screen": "DP-1|X7",
    "placements": {"DP-1|X7": Placement(Side.LEFT, 400)},
    "collapsed": True,
    "reserve_edge": False,
    "show_at_start": False,
    "theme": ThemeChoice.DARK,
    "language": "de",
    "poll": False,
    "drafts": True,
    "door": True,
    "door_origins": ("https://apps.acme.example", "https://127.0.0.1:8443"),
    "offer_link": False,
    "browsers": {"00ff00ff00ff00ff": "Chromium"},
    "last_account": "zendesk:acme",
    "log_level": LogLevel.DEBUG,
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_that_the_table_names_every_setting_once():
    assert [one.key for one in TABLE] == [field.name for field in dataclasses.fields(Settings)]
    assert all(one.help for one in TABLE)


def test_that_all_settings_come_back_as_they_were_saved(path):
    assert set(CHANGED) == {one.key for one in TABLE}
    saved = SettingsFile(path).change(**CHANGED)
    assert SettingsFile(path).value == saved == Settings(**CHANGED)


def test_that_the_file_can_be_read_by_its_owner_only(path):
    SettingsFile(path).change(collapsed=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "bad",
    [
        {"collapsed": "yes"},
        {"collapsed": 1},
        {"theme": "pink"},
        {"theme": None},
        {"last_account": "acme"},
        {"language": "<b>"},
        {"placements": []},
        {"placements": {"DP-1": {"side": "right"}}},
        {"placements": {"DP-1": {"side": "right", "width_px": True}}},
        {"log_level": ["debug"]},
        {"door_origins": "https://apps.acme.example"},
        {"door_origins": ["http://apps.acme.example"]},
        {"door_origins": ["https://apps.acme.example/"]},
        {"door_origins": ["https://*.acme.example"]},
    ],
    ids=str,
)
def test_that_a_bad_value_costs_only_itself(bad):
    loaded = parse({**bad, "poll": False})
    assert loaded.settings == Settings(poll=False)
    [key] = bad
    assert loaded.problems == (f"setting {key} cannot be used, so its default holds",)


@given(st.dictionaries(st.sampled_from([one.key for one in TABLE]), json_values))
def test_that_no_json_keeps_the_settings_from_loading(raw):
    loaded = parse(raw)
    assert isinstance(loaded, Loaded)
    assert all(360 <= one.width_px <= 420 for one in loaded.settings.placements.values())


@pytest.mark.parametrize(("saved", "used"), [(10, 360), (360, 360), (400, 400), (5_000, 420)])
def test_that_a_width_is_brought_into_its_bounds(saved, used):
    raw = {"placements": {"HDMI-1|": {"side": "left", "width_px": saved}}}
    assert parse(raw).settings.placement("HDMI-1|") == Placement(Side.LEFT, used)


def test_that_a_screen_never_seen_gets_the_default_placement():
    assert Settings().placement("DP-9|") == Placement(Side.RIGHT, 392)


@pytest.mark.logs("the settings file cannot be read")
@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_that_an_unreadable_file_is_kept_aside(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    settings = SettingsFile(path)
    assert settings.value == Settings()
    [kept] = path.parent.iterdir()
    assert kept.name.startswith("settings.json.unreadable-")
    assert kept.read_bytes() == content


def test_that_what_a_later_version_wrote_survives_a_change(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"hologram": {"depth": 3}, "poll": False}))
    SettingsFile(path).change(collapsed=True)
    assert json.loads(path.read_text())["hologram"] == {"depth": 3}
    assert SettingsFile(path).value == Settings(poll=False, collapsed=True)


def test_that_each_screen_keeps_its_own_placement(path):
    settings = SettingsFile(path)
    settings.place("A|1", Placement(Side.LEFT, 380))
    settings.place("B|2", Placement(Side.RIGHT, 410))
    again = SettingsFile(path).value
    assert (again.screen, again.placement("A|1"), again.placement("B|2")) == (
        "B|2",
        Placement(Side.LEFT, 380),
        Placement(Side.RIGHT, 410),
    )


def test_that_a_change_that_cannot_be_saved_says_so_and_holds_until_the_end(tmp_path):
    (tmp_path / "config").write_text("a file where the folder should be")
    settings = SettingsFile.__new__(SettingsFile)
    settings._path, settings.value, settings._unknown = tmp_path / "config" / "settings.json", Settings(), {}
    with pytest.raises(SettingsNotSaved):
        settings.change(collapsed=True)
    assert settings.value.collapsed


def test_that_a_write_that_fails_leaves_the_old_file_and_no_other(path):
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half of it \udfff")
    assert [one.name for one in path.parent.iterdir()] == ["settings.json"]
    assert path.read_text() == "old"


def test_that_kibitz_home_holds_every_folder(tmp_path):
    found = folders({"KIBITZ_HOME": str(tmp_path)})
    assert {found.config, found.data, found.log, found.runtime} == {
        tmp_path / name for name in ("config", "data", "log", "run")
    }
    assert found.home == tmp_path


def test_that_without_kibitz_home_the_folders_are_the_systems():
    found = folders({})
    assert found.home is None
    assert all("kibitz" in str(one) for one in (found.config, found.data, found.log, found.runtime))
