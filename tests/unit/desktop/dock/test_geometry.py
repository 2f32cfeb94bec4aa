from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.dock.geometry import (
    Box,
    Spot,
    appbar_box,
    chosen_screen,
    gap_px,
    panel_box,
    prefer_platform,
    screen_key,
    strut,
    to_device,
    to_logical,
)
from desktop.settings import Side

SCREEN = Box(0, 0, 1440, 900)
sides = st.sampled_from(Side)
boxes = st.builds(
    Box, st.integers(-4_000, 4_000), st.integers(-4_000, 4_000), st.integers(640, 5_120), st.integers(480, 2_880)
)


@pytest.mark.parametrize(
    ("side", "expected"), [(Side.LEFT, Box(0, 24, 392, 844)), (Side.RIGHT, Box(1048, 24, 392, 844))]
)
def test_that_the_panel_is_at_its_edge_between_the_desktops_bars(side, expected):
    assert panel_box(SCREEN, Box(0, 24, 1440, 844), side, 392) == expected


@pytest.mark.parametrize(("side", "x"), [(Side.LEFT, 64), (Side.RIGHT, 984)])
def test_that_the_panel_stands_beside_a_dock_at_the_same_edge(side, x):
    assert panel_box(SCREEN, SCREEN, side, 392, gap_px=64).x == x


@given(boxes, boxes, sides, st.integers(44, 420))
def test_that_the_panel_never_leaves_its_screen(screen, available, side, width_px):
    box = panel_box(screen, available, side, width_px)
    assert screen.x <= box.x
    assert box.right <= screen.right
    assert screen.y <= box.y < box.bottom <= screen.bottom
    assert box.width == min(width_px, screen.width)


@pytest.mark.parametrize(
    ("available", "side", "expected"),
    [
        (Box(64, 0, 1376, 900), Side.LEFT, 64),
        (Box(64, 0, 1376, 900), Side.RIGHT, 0),
        (Box(0, 0, 1400, 900), Side.RIGHT, 40),
        (Box(700, 0, 740, 900), Side.LEFT, 0),
        (Box(-10, 0, 1440, 900), Side.LEFT, 0),
    ],
)
def test_that_the_gap_is_what_another_dock_holds_and_nothing_absurd(available, side, expected):
    assert gap_px(SCREEN, available, side) == expected


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (Side.LEFT, (392, 0, 0, 0, 24, 867, 0, 0, 0, 0, 0, 0)),
        (Side.RIGHT, (0, 392, 0, 0, 0, 0, 24, 867, 0, 0, 0, 0)),
    ],
)
def test_that_the_strut_names_the_edge_and_the_height_of_the_panel(side, expected):
    panel = panel_box(SCREEN, Box(0, 24, 1440, 844), side, 392)
    assert strut(Spot(side, panel, SCREEN)) == expected


def test_that_the_strut_counts_from_the_edge_of_the_whole_desktop():
    wide = Box(0, 0, 1920, 1080)
    below = Box(0, 1080, 2560, 1440)
    panel = panel_box(wide, wide, Side.RIGHT, 392)
    assert strut(Spot(Side.RIGHT, panel, wide, (below,))) == (0, 1032, 0, 0, 0, 0, 0, 1079, 0, 0, 0, 0)


@pytest.mark.promise("I5")
@pytest.mark.parametrize(
    ("side", "other", "reserved"),
    [
        (Side.RIGHT, Box(1440, 0, 1920, 1080), False),
        (Side.LEFT, Box(1440, 0, 1920, 1080), True),
        (Side.LEFT, Box(-1920, 0, 1920, 1080), False),
        (Side.RIGHT, Box(1440, 900, 1920, 1080), True),
    ],
)
def test_that_an_edge_between_two_screens_is_not_reserved(side, other, reserved):
    panel = panel_box(SCREEN, SCREEN, side, 392)
    assert (strut(Spot(side, panel, SCREEN, (other,))) is not None) is reserved


@pytest.mark.parametrize(
    ("ratio", "origin", "box", "expected"),
    [
        (2.0, Box(0, 0, 1440, 900), Box(1048, 0, 392, 900), Box(2096, 0, 784, 1800)),
        (2.0, Box(1920, 0, 1440, 900), Box(2968, 10, 392, 890), Box(4016, 20, 784, 1780)),
        (1.25, Box(0, 0, 1152, 720), Box(760, 0, 392, 720), Box(950, 0, 490, 900)),
    ],
)
def test_that_device_pixels_scale_the_distance_from_the_screens_origin(ratio, origin, box, expected):
    assert to_device(box, origin, ratio) == expected
    assert to_logical(expected, origin, ratio) == box


@given(boxes, sides, st.integers(360, 420), st.sampled_from([1.0, 1.25, 1.5, 1.75, 2.0, 3.0]))
def test_that_a_panel_at_the_edge_stays_at_it_in_device_pixels(screen, side, width_px, ratio):
    panel = to_device(panel_box(screen, screen, side, width_px), screen, ratio)
    whole = to_device(screen, screen, ratio)
    assert panel.x == whole.x if side is Side.LEFT else panel.right == whole.right
    assert (panel.y, panel.bottom) == (whole.y, whole.bottom)


def test_that_an_appbar_keeps_its_width_where_windows_moved_it():
    assert appbar_box(Box(1000, 0, 392, 860), Side.RIGHT, 392) == Box(1000, 0, 392, 860)
    assert appbar_box(Box(1048, 0, 340, 860), Side.RIGHT, 392) == Box(996, 0, 392, 860)
    assert appbar_box(Box(52, 0, 340, 860), Side.LEFT, 392) == Box(52, 0, 392, 860)


@pytest.mark.promise("I5")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("DP-1|A7", "DP-1|A7"),
        ("DP-9|B8", "HDMI-1|B8"),
        ("DP-1|gone", "DP-1|A7"),
        ("VGA|gone", "eDP-1|"),
        ("", "eDP-1|"),
        ("|", "eDP-1|"),
    ],
)
def test_that_a_screen_is_found_again_by_its_monitor_or_its_plug_and_else_the_primary_serves(wanted, expected):
    assert chosen_screen(wanted, ["DP-1|A7", "HDMI-1|B8", "eDP-1|"], "eDP-1|") == expected


def test_that_two_monitors_of_one_kind_are_told_apart():
    assert screen_key("DP-1", "A7") != screen_key("DP-2", "A7") != screen_key("DP-2", "B8")


@pytest.mark.promise("I5")
@pytest.mark.parametrize(
    ("platform", "env", "expected"),
    [
        ("linux", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, {"QT_QPA_PLATFORM": "xcb;wayland"}),
        ("linux", {"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, {"QT_QPA_PLATFORM": "xcb;wayland"}),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, {}),
        ("linux", {"DISPLAY": ":0"}, {}),
        ("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "QT_QPA_PLATFORM": "wayland"}, {}),
        ("darwin", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, {}),
    ],
)
def test_that_xwayland_is_preferred_where_there_is_one_and_nobody_chose(platform, env, expected):
    assert prefer_platform(env, platform) == expected
