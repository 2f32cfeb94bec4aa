from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QLocale, Qt

from assist.domain import AlertKind, Band, Channel, ChurnSignal, Csat, Mood, Stage, SuggestionId, Trend, Visibility
from assist.errors import NotAllowed
from assist.text.promises import find_flags
from desktop.panel.state import (
    Action,
    CollectionProgress,
    Decided,
    Engine,
    Footer,
    Loading,
    NoAccount,
    NoTicket,
    Offline,
    Starting,
    Syncing,
    Trouble,
)
from desktop.troubles import TABLE, trouble
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_ref,
    a_similar_ticket,
    a_source,
    a_suggestion,
    a_ticket,
    an_alert,
    an_article_hit,
    an_evidence,
    an_open_ticket,
)
from tests.helpers.panel import ready, words_on


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.promise("I7")
def test_that_without_an_account_it_offers_to_connect_one(panel, qtbot, heard):
    panel.show_state(NoAccount())
    said = words_on(panel)
    assert "Connect your helpdesk" in said
    assert "It never sends anything" in said

    for button in panel.welcome.findChildren(type(panel.bar.quick_open)):
        click(qtbot, button)

    assert heard == [("connect_requested", "zendesk"), ("connect_requested", "freshdesk"), ("demo_requested",)]


def test_that_until_accounts_are_known_none_is_asked_for(panel):
    panel.show_state(Starting())
    said = words_on(panel)
    assert "Connect your helpdesk" not in said
    assert "Starting …" in said


@pytest.mark.parametrize(
    ("state", "said"),
    [(Starting(), "Still starting"), (Loading(a_ref(), "Tent pole snapped"), "The helpdesk has not answered yet")],
)
def test_that_what_takes_longer_than_expected_says_so(panel, qtbot, monkeypatch, state, said):
    for page in (panel.starting, panel.loading):
        page._patience.setInterval(1)
    panel.show_state(NoTicket())
    panel.show_state(state)
    qtbot.waitUntil(lambda: said in words_on(panel))
    panel.show_state(NoTicket())
    for page in (panel.starting, panel.loading):
        page._patience.setInterval(60_000)
    panel.show_state(state)
    assert said not in words_on(panel)


def test_that_a_sync_shows_each_collection_and_can_be_cancelled(panel, qtbot, heard):
    collections = (
        CollectionProgress("Articles", 64, 64, finished=True),
        CollectionProgress("Solved tickets", 812),
        CollectionProgress("Macros", 0, problem="Your role may not read these."),
    )
    panel.show_state(Syncing("acme.zendesk.com", collections))

    said = words_on(panel)
    assert "64 of 64" in said
    assert "812 so far" in said.splitlines()
    assert [row._bar.isVisibleTo(panel) for row in panel.sync.rows[:3]] == [True, False, False]
    assert "Your role may not read these." in said
    click(
        qtbot, next(one for one in panel.sync.findChildren(type(panel.bar.quick_open)) if one.text() == "Stop reading")
    )
    assert heard == [("cancel_sync",)]


def test_that_a_sync_of_very_many_counts_as_the_reader_does(panel):
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        panel.show_state(Syncing("acme", (CollectionProgress("Solved tickets", 1_812, 95_002),)))
    finally:
        QLocale.setDefault(before)

    assert "1.812 of 95.002" in words_on(panel)


@pytest.mark.promise("I7")
@pytest.mark.parametrize(("watches", "words"), [(True, "appears here by itself"), (False, "Paste a ticket's address")])
def test_that_without_a_ticket_it_says_how_one_comes_here(panel, watches, words):
    panel.show_state(NoTicket(watches=watches, helpdesk="Zendesk"))
    assert "No ticket is open" in words_on(panel)
    assert words in words_on(panel)


def test_that_while_a_ticket_is_read_its_subject_is_there_already(panel):
    panel.show_state(Loading(a_ref(), "Tent pole snapped"))
    assert "Tent pole snapped" in words_on(panel)
    assert "Reading the ticket" in words_on(panel)


def test_that_a_ticket_without_a_known_subject_is_called_by_its_number(panel):
    panel.show_state(Loading(a_ref(20418)))
    assert "Ticket #20418" in words_on(panel)


def test_that_the_header_says_who_waits_where_how_long_and_in_which_mood(panel):
    opened = an_open_ticket(7, ticket=a_ticket(7, subject="Pole snapped", channel=Channel.CHAT))
    panel.show_state(ready("one", opened=opened, help_={"mood": Mood.ANGRY}))
    said = words_on(panel)
    assert "Pole snapped" in said
    assert "Inês Caldeira" in said
    assert "Chat · waiting 3 h · #7" in said
    assert "Angry" in said


@pytest.mark.parametrize(
    ("trend", "line"),
    [
        (Trend.UNKNOWN, ""),
        (Trend.STEADY, ""),
        (Trend.FALLING, "getting worse"),
        (Trend.RISING, "getting better"),
    ],
)
def test_that_the_mood_line_says_where_the_mood_goes(panel, trend, line):
    panel.show_state(ready("one", help_={"mood": Mood.UNHAPPY, "mood_trend": trend}))
    said = words_on(panel).split("\n")
    assert "Unhappy" in said
    assert [word for word in said if word.startswith("getting ")] == ([line] if line else [])


def test_that_a_courtesy_formula_is_called_one(panel):
    source = a_source(key="courtesy:thanks:en", title="Courtesy formula")
    panel.show_state(ready("one", help_={"replies": (a_suggestion("one", source=source),)}))
    assert "Courtesy" in words_on(panel)


def test_that_a_ticket_of_nobody_says_so(panel):
    panel.show_state(ready(opened=an_open_ticket(customer=None)))
    assert "Unknown requester" in words_on(panel)


def test_that_a_reply_shows_its_text_source_reasons_and_a_word_for_its_confidence(panel):
    source = a_source(title="Returns::Send label", date=NOON)
    panel.show_state(
        ready(
            help_={
                "replies": (
                    a_suggestion("Here is your label.", source=source, because=("same product", "used 14 times")),
                )
            }
        )
    )
    said = words_on(panel)
    assert "Here is your label." in said
    assert "Returns › Send label" in said
    assert "Macro · 2 Nov 2026" in said
    assert "Why: same product · used 14 times" in said
    assert "Strong match" in said
    assert "0.8" not in said
    assert "80" not in said


def test_that_open_slots_are_counted_and_painted(panel):
    suggestion = a_suggestion("Sent to [address] on [date].", open_slots=("[address]", "[date]"))
    panel.show_state(ready(help_={"replies": (suggestion,)}))
    assert "Fill in 2 places before you send" in words_on(panel)
    cursor = panel.ready.replies[0].text.textCursor()
    cursor.setPosition(10)
    assert cursor.charFormat().background().color() == panel._theme.color("slot")


@pytest.mark.promise("I4")
def test_that_what_was_true_of_another_ticket_is_underlined_named_and_read_out(panel):
    text = "🎒 We've refunded £49.90. It will arrive."
    flags = find_flags(text, language="en", facts="")
    panel.show_state(ready(help_={"replies": (a_suggestion(text, flags=flags),)}))

    assert "Check: what was done, amount, promise" in words_on(panel)
    card = panel.ready.replies[0]
    assert card.accessibleDescription().startswith("Check: what was done")
    underlined = ""
    cursor = card.text.textCursor()
    for place in range(1, len(card.text.toPlainText().encode("utf-16-le")) // 2 + 1):
        cursor.setPosition(place - 1)
        cursor.setPosition(place, cursor.MoveMode.KeepAnchor)
        if cursor.charFormat().underlineStyle() != cursor.charFormat().UnderlineStyle.NoUnderline:
            underlined += cursor.selectedText()
    assert underlined == "We've refunded£49.90will arrive"


def test_that_nothing_is_to_be_checked_where_nothing_is_flagged(panel):
    panel.show_state(ready(help_={"replies": (a_suggestion("Please send a photo."),)}))

    assert "Check:" not in words_on(panel)


def test_that_at_most_three_replies_are_shown(panel):
    panel.show_state(ready("a", "b", "c", "d"))
    assert panel.shown_replies() == ("a", "b", "c")


@pytest.mark.promise("I7")
def test_that_an_empty_list_says_why(panel):
    panel.show_state(
        ready(help_={"articles": (), "why_no_replies": "No macro fits.", "why_no_articles": "64 were searched."})
    )
    said = words_on(panel)
    assert "Nothing good enough to suggest" in said
    assert "No macro fits." in said
    assert "64 were searched." in said


def test_that_nothing_is_not_said_before_meaning_was_looked_at(panel):
    panel.show_state(ready(help_={"articles": (), "stage": Stage.LEXICAL, "why_no_replies": "No macro fits."}))
    said = words_on(panel)
    assert "Nothing good enough to suggest" not in said
    assert "No macro fits." not in said
    assert "Looking further …" in said


@pytest.mark.promise("I7")
def test_that_when_all_are_dismissed_it_says_so(panel):
    panel.show_state(ready("a", decided={SuggestionId("a"): Decided.DISMISSED}))
    assert "You have dismissed every suggestion for this ticket." in words_on(panel)


@pytest.mark.promise("I7")
def test_that_an_offline_ticket_without_a_copy_says_what_is_kept(panel, qtbot, heard):
    panel.show_state(Offline(age=timedelta(hours=3), footer=Footer(offline=True)))
    said = words_on(panel)
    assert "The helpdesk cannot be reached" in said
    assert "kept from 3 h ago" in said
    click(qtbot, panel.offline.findChildren(type(panel.bar.quick_open))[0])
    assert heard == [("retry",)]


def test_that_an_offline_copy_says_its_age_and_still_helps(panel):
    panel.show_state(ready("a", offline_age=timedelta(days=2)))
    said = words_on(panel)
    assert "This copy of the ticket is 2 days old." in said
    assert "Hello, this is a." in said
    assert panel.status.text.text().startswith("Offline")


def test_that_trouble_says_what_to_do_and_reports_the_button(panel, qtbot, heard):
    panel.show_state(Trouble("Sign in again", "The token expired.", Action.SIGN_IN, "Sign in …"))
    assert "The token expired." in words_on(panel)
    assert panel.trouble.button.text() == "Sign in …"
    click(qtbot, panel.trouble.button)
    assert heard == [("action_requested", "sign-in")]


@pytest.mark.promise("I4")
@pytest.mark.parametrize("kind", [kind for kind, _ in TABLE], ids=lambda kind: kind.__name__)
def test_that_the_one_button_of_each_error_can_be_pressed_and_says_what_it_does(panel, qtbot, heard, kind):
    state = trouble(kind("the reason"), Footer(), "Acme")
    panel.show_state(state)

    button = panel.trouble.button
    assert state.title in words_on(panel)
    assert button.text() == state.action_label
    assert button.isVisible()
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    if state.action is Action.WHY:
        assert heard == []
        assert "the reason" in words_on(panel)
    elif state.action is Action.RETRY:
        assert heard == [("retry",), ("action_requested", "retry")]
    else:
        assert heard == [("action_requested", state.action.value)]


def test_that_the_reason_stays_readable_when_the_same_trouble_is_shown_again(panel, qtbot):
    state = trouble(NotAllowed("Your plan ends at two brands."), Footer(), "Acme")
    panel.show_state(state)
    click(qtbot, panel.trouble.button)
    panel.show_state(state)

    assert "Your plan ends at two brands." in words_on(panel)


def test_that_a_copy_that_could_not_be_read_again_says_why(panel):
    said = "Acme answered in a way that Kibitz does not know."
    panel.show_state(ready(offline_age=timedelta(minutes=3), offline_because=said))
    assert f"{said} This copy of the ticket is 3 min old." in words_on(panel)

    panel.show_state(ready(offline_age=timedelta(minutes=3)))
    assert "Offline. This copy of the ticket is 3 min old." in words_on(panel)


def test_that_trouble_nobody_can_mend_has_no_button(panel):
    panel.show_state(Trouble("Read only", "The disk is full."))
    assert not panel.trouble.button.isVisible()


@pytest.mark.promise("I4")
@pytest.mark.parametrize("kind", list(AlertKind))
def test_that_an_alert_has_a_word_an_icon_and_its_evidence_on_demand(panel, qtbot, heard, kind):
    alert = an_alert(kind=kind, title="Careful", rule="r1", evidence=(an_evidence("I will cancel", meaning="says so"),))
    panel.show_state(ready(help_={"alerts": (alert,)}))
    (card,) = panel.ready.alerts.shown
    assert card.accessibleName().startswith("Alert: ")
    assert not card.is_open
    assert "I will cancel" not in words_on(panel)

    click(qtbot, card._expand)

    assert "“I will cancel”" in words_on(panel)
    assert "Offer to pause instead." in words_on(panel)
    click(qtbot, card._close)
    assert heard == [("alert_dismissed", "r1")]


def test_that_a_high_alert_is_open_and_stands_first(panel):
    alerts = (an_alert(kind=AlertKind.URGENCY, rule="u"), an_alert(kind=AlertKind.CHURN, band=Band.HIGH, rule="c"))
    panel.show_state(ready(help_={"alerts": alerts}))
    assert [card.alert.rule for card in panel.ready.alerts.shown] == ["c", "u"]
    assert [card.is_open for card in panel.ready.alerts.shown] == [True, False]
    assert "May leave · High" in words_on(panel)


def test_that_a_churn_signal_without_an_alert_is_told_as_one_when_it_is_raised(panel):
    panel.show_state(ready(help_={"churn": ChurnSignal(Band.RAISED, (an_evidence(),))}))
    assert "Signs that this customer may leave" in words_on(panel)
    panel.show_state(ready(help_={"churn": ChurnSignal(Band.LOW, (an_evidence(),))}))
    assert panel.ready.alerts.shown == ()


def test_that_a_dismissed_alert_is_not_shown(panel):
    panel.show_state(
        ready(help_={"alerts": (an_alert(rule="r1"), an_alert(rule="r2"))}, quiet_alerts=frozenset({"r1"}))
    )
    assert [card.alert.rule for card in panel.ready.alerts.shown] == ["r2"]


def test_that_an_alert_told_today_is_one_calm_line_below_the_others_that_can_be_opened(panel, qtbot, heard):
    told = ChurnSignal(Band.HIGH, (an_evidence(),))
    keys = frozenset({"churn"})
    panel.show_state(
        ready(
            help_={"churn": told, "alerts": (an_alert(kind=AlertKind.ESCALATION, rule="r1"),)},
            quiet_alerts=keys,
            told_alerts=keys,
        )
    )
    first, second = panel.ready.alerts.shown
    assert (first.alert.rule, second.alert.kind) == ("r1", AlertKind.CHURN)
    assert "May leave · High · told today" in words_on(second)
    assert (second.is_open, second.property("surface")) == (False, "calm")
    click(qtbot, second._expand)
    assert second.is_open
    click(qtbot, second._close)
    assert heard == [("alert_dismissed", "churn")]


@pytest.mark.promise("U5")
@pytest.mark.parametrize(
    ("visibility", "words"),
    [
        (Visibility.AGENTS, "Internal: agents only"),
        (Visibility.RESTRICTED, "Some customers only"),
        (Visibility.SIGNED_IN, "Signed-in customers only"),
    ],
)
def test_that_a_source_not_everyone_may_read_is_marked(panel, visibility, words):
    panel.show_state(ready(help_={"articles": (an_article_hit(visibility=visibility),)}))
    assert words in words_on(panel)
    panel.show_state(ready(help_={"articles": (), "replies": (a_suggestion(source=a_source(visibility=visibility)),)}))
    assert words in words_on(panel)


def test_that_the_sentence_that_matters_is_painted(panel):
    text = "Poles bend. They are replaced for free. Cords are not."
    panel.show_state(ready(help_={"articles": (an_article_hit(text, highlight=(12, 39)),)}))
    prose = panel.ready.articles[0].text
    painted = []
    for position in range(1, len(text) + 1):
        cursor = prose.textCursor()
        cursor.setPosition(position)
        if cursor.charFormat().background().color() == panel._theme.color("marker"):
            painted.append(text[position - 1])
    assert "".join(painted) == "They are replaced for free."


@pytest.mark.parametrize(("decided", "said"), [(Decided.USED, "Copied"), (Decided.OPENED, "Opened")])
def test_that_an_article_says_what_was_done_with_it(panel, decided, said):
    opened = SuggestionId("a9")
    panel.show_state(ready(decided={opened: decided}, help_={"articles": (an_article_hit(id=opened),)}))

    assert panel.ready.articles[0]._done.text() == said


def test_that_an_article_reports_what_is_asked_of_it(panel, qtbot, heard):
    panel.show_state(ready(help_={"articles": (an_article_hit(id=SuggestionId("a9")),)}))
    for button in panel.ready.articles[0].findChildren(type(panel.bar.quick_open)):
        if button.isVisible() and not button.text().startswith("Show"):
            click(qtbot, button)
    assert heard == [("article_open", "a9"), ("article_copy_link", "a9"), ("article_copy_passage", "a9")]


def test_that_a_similar_ticket_says_how_it_ended_and_can_be_opened(panel, qtbot, heard):
    similar = a_similar_ticket(31, csat=Csat.GOOD)
    panel.show_state(ready(help_={"similar": (similar,)}))
    assert "Pole broke in the wind" in words_on(panel)
    assert "solved 3 h ago by Tom Lindqvist · Rated good" in words_on(panel)
    click(qtbot, panel.ready.similar._rows[0])
    assert heard == [("ticket_open", similar.ref)]


def test_that_the_customer_shows_facts_and_earlier_tickets(panel, qtbot, heard):
    history = tuple(a_ticket(number, subject=f"Earlier {number}", csat=Csat.BAD) for number in range(1, 7))
    customer = a_customer(
        facts={"Plan": "Trail Club", "Empty": ""}, tags=("vip",), created_at=NOON - timedelta(days=820)
    )
    panel.show_state(ready(opened=an_open_ticket(7, customer=customer, history=history)))
    panel.ready.customer_section.fold(folded=False)
    said = words_on(panel)
    assert "ines.caldeira@example.com" in said
    assert "Trail Club" in said
    assert "Empty" not in said
    assert "2 years" in said
    assert "6 earlier tickets" in said
    assert "Open · 3 h ago · Rated bad" in said
    assert "Earlier 4" in said
    assert "Earlier 5" not in said
    click(qtbot, panel.ready.customer._more)
    assert "Earlier 6" in words_on(panel)
    click(qtbot, panel.ready.customer._rows[5])
    assert heard == [("ticket_open", a_ref(6))]


@pytest.mark.parametrize(
    ("footer", "stage", "said"),
    [
        (Footer("acme", timedelta(minutes=4)), Stage.REFINED, "Synced 4 min ago · acme"),
        (Footer("acme", timedelta(minutes=4)), Stage.LEXICAL, "Synced 4 min ago · refining … · acme"),
        (Footer("acme", None, syncing=True), Stage.REFINED, "Syncing · acme"),
        (Footer("acme", None), Stage.REFINED, "Not synced yet · acme"),
        (Footer("acme", timedelta(0), engine=Engine.DOWN), Stage.PLAIN, "Synced just now · plain search · acme"),
        (Footer("acme", timedelta(hours=5), offline=True), Stage.REFINED, "Offline · synced 5 h ago · acme"),
    ],
)
def test_that_the_status_line_says_how_fresh_and_how_good_the_data_is(panel, footer, stage, said):
    panel.show_state(ready("a", footer=footer, help_={"stage": stage}))
    assert panel.status.text.text() == said


def test_that_a_session_without_keyring_is_marked(panel):
    panel.show_state(ready("a", footer=Footer("acme", session_only=True)))
    assert panel.status.session.isVisible()
    assert panel.status.session.text == "This session only"


def test_that_the_strip_counts_alerts_and_replies_and_opens_the_panel(panel, qtbot, heard):
    panel.show_state(ready("a", "b", help_={"alerts": (an_alert(),)}))
    click(qtbot, panel.bar.collapse)
    assert heard == [("collapse_toggled", True)]
    assert panel.is_collapsed
    assert (panel.strip.alerts.text(), panel.strip.replies.text()) == ("1", "2")
    assert panel.strip.accessibleName() == "one alert, 2 replies"
    assert panel.sizeHint().width() == 44

    click(qtbot, panel.strip.expand)

    assert heard[-1] == ("collapse_toggled", False)
    assert panel.ready.isVisible()


def test_that_the_menu_reports_what_was_chosen(panel, heard):
    for action in panel.menu.actions():
        if action.text() != "Keyboard shortcuts":
            action.trigger()
    assert [values[1] for values in heard] == ["sync", "journal", "accounts", "settings", "admin", "about", "quit"]
