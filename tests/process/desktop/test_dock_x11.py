"""The real panel in a process of its own, on a real X server with a window manager."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.helpers.children import Child, child, eventually
from tests.helpers.x11 import BAR_PX, HEIGHT_PX, WIDTH_PX, XServer

pytestmark = [pytest.mark.x11, pytest.mark.slow]

PANEL_PX = 392
STRIP_PX = 44
WHOLE = (0, 0, WIDTH_PX, HEIGHT_PX)
BESIDE_PANEL = (0, 0, WIDTH_PX - PANEL_PX, HEIGHT_PX)


@pytest.fixture
def dock(x11: XServer) -> Iterator[Child]:
    with child("tests.helpers.dock_child", folder=x11.folder, env=x11.env) as running:
        assert running.answer()["platform"] == "xcb"
        yield running


@pytest.fixture
def helpdesk(x11: XServer) -> Iterator[Child]:
    """Another program, maximised, which has the keyboard."""
    with child("tests.helpers.other_app", folder=x11.folder, env=x11.env) as running:
        window = running.answer()["id"]
        eventually(x11.focused, lambda focused: focused == window)
        yield running


def shown(x11: XServer, dock: Child) -> int:
    """Show the panel, wait until the edge is reserved, and return its window."""
    window = dock.tell("show")["id"]
    eventually(x11.work_area, lambda area: area == BESIDE_PANEL)
    eventually(lambda: x11.geometry(window), lambda box: box == (WIDTH_PX - PANEL_PX, 0, PANEL_PX, HEIGHT_PX))
    return int(window)


def typed_into(x11: XServer, target: Child, text: str) -> None:
    before = target.tell("state")["text"]
    x11.type(text)
    eventually(lambda: target.tell("state")["text"], lambda now: now == before + text)


def test_that_a_maximised_window_makes_room_for_the_panel_and_gets_it_back(x11, helpdesk, dock):
    shown(x11, dock)
    eventually(lambda: helpdesk.tell("state")["geometry"][2], lambda width: width <= WIDTH_PX - PANEL_PX)
    dock.tell("hide")
    eventually(x11.work_area, lambda area: area == WHOLE)
    eventually(lambda: helpdesk.tell("state")["geometry"][2], lambda width: width > WIDTH_PX - PANEL_PX)


def test_that_the_strut_is_that_of_the_panel_and_it_stays_above_all_on_every_desktop(x11, dock):
    window = shown(x11, dock)
    assert x11.strut(window) == (0, PANEL_PX, 0, 0, 0, 0, 0, HEIGHT_PX - 1, 0, 0, 0, 0)
    states = x11.states(window)
    assert "_NET_WM_STATE_ABOVE" in states
    assert "_NET_WM_WINDOW_TYPE_DOCK" in states
    assert dock.tell("state")["limits"] == ""


@pytest.mark.promise("I3")
def test_that_showing_and_refreshing_the_panel_leaves_the_keyboard_where_it_is(x11, helpdesk, dock):
    typed_into(x11, helpdesk, "Dear ")
    shown(x11, dock)
    typed_into(x11, helpdesk, "customer,")
    for word in ("one", "two", "three"):
        dock.tell("refresh")
        typed_into(x11, helpdesk, word)
    dock.tell("collapse", collapsed=True)
    typed_into(x11, helpdesk, "four")
    dock.tell("collapse", collapsed=False)
    dock.tell("hide")
    dock.tell("show")
    typed_into(x11, helpdesk, "five")
    assert helpdesk.tell("state")["text"] == "Dear customer,onetwothreefourfive"
    assert not dock.tell("state")["active"]


@pytest.mark.promise("I3")
def test_that_a_click_on_the_panel_leaves_the_keyboard_where_it_is(x11, helpdesk, dock):
    window = shown(x11, dock)
    x, y, width, height = x11.geometry(window)
    x11.click(x + width // 2, y + height - 8)
    x11.click(x + width // 2, y + 120)
    typed_into(x11, helpdesk, "still here")
    assert x11.focused() == helpdesk.tell("state")["id"]


@pytest.mark.promise("I3")
def test_that_the_panel_takes_the_keyboard_when_asked_and_hands_it_back(x11, helpdesk, dock):
    window = shown(x11, dock)
    typed_into(x11, helpdesk, "before ")
    dock.tell("edit")
    eventually(x11.focused, lambda focused: focused == window)
    draft = eventually(lambda: dock.tell("state")["draft"])
    x11.type("zq")
    eventually(lambda: dock.tell("state")["draft"], lambda now: len(now) == len(draft) + 2 and "zq" in now)
    assert helpdesk.tell("state")["text"] == "before "
    dock.tell("keyboard", wanted=False)
    eventually(x11.focused, lambda focused: focused == helpdesk.tell("state")["id"])
    typed_into(x11, helpdesk, "after")
    assert not dock.tell("state")["takes_keyboard"]


@pytest.mark.promise("I3")
def test_that_the_panel_stops_taking_keys_once_another_window_has_them(x11, helpdesk, dock):
    window = shown(x11, dock)
    dock.tell("keyboard", wanted=True)
    eventually(x11.focused, lambda focused: focused == window)
    x11.click(200, 200)
    eventually(lambda: dock.tell("state")["takes_keyboard"], lambda takes: not takes)
    x11.click(WIDTH_PX - 100, HEIGHT_PX - 8)
    typed_into(x11, helpdesk, "mine")


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("name", ["Menu", "Change this ticket", "Dismiss with a reason"])
def test_that_a_menu_opens_inside_the_panel_and_not_over_the_helpdesk(x11, dock, side, name):
    dock.tell("offer_acts")
    dock.tell("place", side=side, width_px=PANEL_PX)
    dock.tell("show")
    x, free = (0, PANEL_PX) if side == "left" else (WIDTH_PX - PANEL_PX, 0)
    eventually(x11.work_area, lambda area: area == (free, 0, WIDTH_PX - PANEL_PX, HEIGHT_PX))
    eventually(lambda: dock.tell("state")["geometry"], lambda box: box == [x, 0, PANEL_PX, HEIGHT_PX])
    eventually(lambda: dock.tell("button", name=name)[0], lambda at: x < at < x + PANEL_PX)
    x11.click(*dock.tell("button", name=name))
    menu = eventually(lambda: dock.tell("popup"))
    eventually(lambda: x11.geometry(menu["id"]), lambda box: list(box) == menu["box"])
    left, top, width, height = menu["box"]
    assert x <= left
    assert left + width <= x + PANEL_PX
    assert top >= 0
    assert top + height <= HEIGHT_PX


def test_that_the_strip_reserves_only_itself(x11, dock):
    window = shown(x11, dock)
    dock.tell("collapse", collapsed=True)
    eventually(x11.work_area, lambda area: area == (0, 0, WIDTH_PX - STRIP_PX, HEIGHT_PX))
    eventually(lambda: x11.geometry(window), lambda box: box == (WIDTH_PX - STRIP_PX, 0, STRIP_PX, HEIGHT_PX))
    dock.tell("collapse", collapsed=False)
    eventually(x11.work_area, lambda area: area == BESIDE_PANEL)


def test_that_the_panel_moves_to_the_left_edge_in_another_width(x11, dock):
    window = shown(x11, dock)
    dock.tell("place", side="left", width_px=420)
    eventually(x11.work_area, lambda area: area == (420, 0, WIDTH_PX - 420, HEIGHT_PX))
    eventually(lambda: x11.geometry(window), lambda box: box == (0, 0, 420, HEIGHT_PX))
    assert x11.strut(window) == (420, 0, 0, 0, 0, HEIGHT_PX - 1, 0, 0, 0, 0, 0, 0)


def test_that_a_panel_which_reserves_nothing_lies_over_the_others(x11, helpdesk, dock):
    window = shown(x11, dock)
    dock.tell("reserving", wanted=False)
    eventually(x11.work_area, lambda area: area == WHOLE)
    assert x11.strut(window) == ()
    assert x11.geometry(window) == (WIDTH_PX - PANEL_PX, 0, PANEL_PX, HEIGHT_PX)


def test_that_the_edge_is_given_back_when_kibitz_is_killed(x11, dock):
    shown(x11, dock)
    dock.process.send_signal(signal.SIGKILL)
    dock.wait()
    eventually(x11.work_area, lambda area: area == WHOLE)


def test_that_showing_again_and_again_ends_where_it_began(x11, dock):
    window = shown(x11, dock)
    for _ in range(5):
        dock.tell("hide")
        dock.tell("show")
    eventually(x11.work_area, lambda area: area == BESIDE_PANEL)
    assert x11.geometry(window) == (WIDTH_PX - PANEL_PX, 0, PANEL_PX, HEIGHT_PX)


def test_that_a_panel_that_the_window_manager_withdrew_as_it_was_shown_comes_back(x11, dock):
    window = shown(x11, dock)
    # What happens to a window that is mapped before the window manager has taken note that it was unmapped.
    x11.tool("xdotool", "windowunmap", str(window))
    eventually(lambda: dock.tell("state")["showings"], lambda count: count >= 2)
    eventually(x11.work_area, lambda area: area == BESIDE_PANEL)
    assert x11.geometry(window) == (WIDTH_PX - PANEL_PX, 0, PANEL_PX, HEIGHT_PX)


@pytest.mark.promise("I4")
@pytest.mark.parametrize(("scale", "width_px"), [("2", 784), ("1.25", 490)])
def test_that_the_strut_counts_device_pixels_on_a_dense_screen(x11_dense, scale, width_px):
    x11, width, height = x11_dense, 2 * WIDTH_PX, 2 * HEIGHT_PX
    env = {**x11.env, "QT_SCALE_FACTOR": scale}
    with child("tests.helpers.dock_child", folder=x11.folder, env=env) as dock:
        dock.answer()
        state = dock.tell("show")
        window = state["id"]
        assert state["ratio"] == float(scale)
        eventually(x11.work_area, lambda area: area == (0, 0, width - width_px, height))
        eventually(lambda: x11.geometry(window), lambda box: box == (width - width_px, 0, width_px, height))


@pytest.mark.promise("I5", part="on X11; Wayland and the other systems by their rules only")
def test_that_the_panel_and_the_icon_share_the_screen_with_the_desktops_own_bar(x11):
    with x11.tray_bar(), child("tests.helpers.dock_child", folder=x11.folder, env=x11.env) as dock:
        dock.answer()
        window = dock.tell("show")["id"]
        eventually(x11.work_area, lambda area: area == (0, 0, WIDTH_PX - PANEL_PX, HEIGHT_PX - BAR_PX))
        eventually(lambda: x11.geometry(window)[3], lambda height: height == HEIGHT_PX - BAR_PX)
        icon = eventually(
            lambda: dock.tell("tray_icon", badge="alert"), lambda found: found["box"] and found["box"][1] > 800
        )
        assert icon["available"]
        assert icon["box"][1] >= HEIGHT_PX - BAR_PX


@pytest.mark.promise("I5")
def test_that_without_a_notification_area_that_is_known(x11, dock):
    assert dock.tell("tray_icon", badge="normal") == {"available": False, "box": None}


@pytest.mark.promise("I5")
def test_that_the_icon_appears_when_the_notification_area_comes_later(x11, dock):
    assert not dock.tell("tray_icon", badge="normal")["available"]
    with x11.tray_bar():
        eventually(lambda: dock.tell("tray_icon", badge="normal")["box"], lambda box: box and box[1] > 800)


@pytest.mark.promise("I5")
def test_that_the_panel_moves_when_its_monitor_is_unplugged_and_returns_with_it(x11_two):
    x11 = x11_two
    with child("tests.helpers.dock_child", folder=x11.folder, env=x11.env) as dock:
        dock.answer()
        dock.tell("show")
        window = dock.tell("place", side="right", width_px=400, screen="RIGHT|")["id"]
        on_right = (2 * WIDTH_PX - 400, 0, 400, HEIGHT_PX)
        eventually(lambda: x11.geometry(window), lambda box: box == on_right)
        assert x11.strut(window) == (0, 400, 0, 0, 0, 0, 0, HEIGHT_PX - 1, 0, 0, 0, 0)
        x11.unplug("RIGHT")
        eventually(lambda: x11.geometry(window), lambda box: box == (WIDTH_PX - PANEL_PX, 0, PANEL_PX, HEIGHT_PX))
        assert dock.tell("state")["visible"]
        x11.plug_in("RIGHT", WIDTH_PX)
        eventually(lambda: x11.geometry(window), lambda box: box == on_right)


@pytest.mark.promise("I5")
def test_that_an_edge_between_two_monitors_is_not_reserved_and_that_is_said(x11_two):
    x11 = x11_two
    with child("tests.helpers.dock_child", folder=x11.folder, env=x11.env) as dock:
        dock.answer()
        window = dock.tell("place", side="right", width_px=400, screen="LEFT|")["id"]
        dock.tell("show")
        eventually(lambda: x11.geometry(window), lambda box: box == (WIDTH_PX - 400, 0, 400, HEIGHT_PX))
        assert x11.strut(window) == ()
        assert "between two screens" in dock.tell("state")["limits"]
        dock.tell("place", side="left", width_px=400, screen="LEFT|")
        eventually(lambda: x11.strut(window), lambda strut: strut[:2] == (400, 0))
        eventually(lambda: dock.tell("state")["limits"], lambda limits: limits == "")


@pytest.mark.promise("I3")
def test_that_copied_text_can_be_pasted_into_the_other_window_at_once(x11, helpdesk, dock):
    shown(x11, dock)
    assert dock.tell("copy", text="Hi Inês, ☃")
    eventually(lambda: x11.tool("xclip", "-selection", "clipboard", "-o"), lambda text: text == "Hi Inês, ☃")
    assert x11.tool("xclip", "-selection", "primary", "-o", check=False) == ""
    x11.tool("xdotool", "key", "ctrl+v")
    eventually(lambda: helpdesk.tell("state")["text"], lambda text: text == "Hi Inês, ☃")
