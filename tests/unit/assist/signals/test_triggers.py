from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.context import Context, build_context
from assist.domain import AlertKind, Band, Evidence, Role
from assist.signals.triggers import TriggerFileError, fired, load_triggers
from tests.helpers.builders import a_message, a_reply, a_ticket, a_trigger, an_open_ticket

GOOD = '[[trigger]]\nname = "legal"\ntitle = "Legal"\nadvice = "Hand over."\nphrases = ["my lawyer"]\n'


def context_of(*texts: str, subject: str = "A question") -> Context:
    messages = tuple(a_message(text, id=70 + number) for number, text in enumerate(texts))
    return build_context(an_open_ticket(ticket=a_ticket(subject=subject), messages=messages))


def rules_for(text: str) -> list[str]:
    return [alert.rule for alert in fired(context_of(text), load_triggers())]


@pytest.mark.promise("R6", part="any order, and which rule fired; not tried on past tickets first")
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("You will hear from my solicitor.", "legal"),
        ("I will take legal action.", "legal"),
        ("Ich schalte meinen Anwalt ein.", "legal"),
        ("Wir behalten uns rechtliche Schritte vor.", "legal"),
        ("J'en parlerai à mon avocat.", "legal"),
        ("I have opened a dispute with PayPal.", "payment-dispute"),
        ("My bank will reverse the payment.", "payment-dispute"),
        ("Ich lasse die Lastschrift zurückgeben.", "payment-dispute"),
        ("My mother passed away last week.", "vulnerable"),
        ("I lost my husband in May.", "vulnerable"),
        ("Mein Mann ist im Mai verstorben.", "vulnerable"),
        ("My son was burned by it.", "injury"),
        ("The stove exploded.", "injury"),
        ("We had to go to hospital.", "injury"),
        ("Meine Tochter hat sich verletzt und musste ins Krankenhaus.", "injury"),
        ("I make a GDPR request.", "data-protection"),
        ("Send me a copy of all personal data you hold.", "data-protection"),
        ("Ich verlange Auskunft nach DSGVO.", "data-protection"),
        ("I'm a journalist and would like a statement.", "press"),
        ("Dies ist eine Presseanfrage.", "press"),
        ("I want to die.", "self-harm"),
        ("I can't see a reason, I want to end my life.", "self-harm"),
        ("Ich will nicht mehr leben.", "self-harm"),
        ("Can I talk to a real person?", "wish-for-human"),
        ("Ich möchte mit einem echten Menschen sprechen.", "wish-for-human"),
        ("Quiero hablar con una persona.", "wish-for-human"),
    ],
)
def test_that_the_shipped_rules_know_this_sentence(text: str, rule: str) -> None:
    alerts = fired(context_of(text), load_triggers())

    assert [alert.rule for alert in alerts] == [rule]
    assert alerts[0].evidence[0].quote == text


@pytest.mark.promise("R6")
@pytest.mark.parametrize(
    "text",
    [
        "Is it legal in Norway to camp wild?",
        "Do you print on legal size paper?",
        "Are these good on a tennis court?",
        "The battery died after two hours.",
        "Nobody was hurt, luckily.",
        "I work at the hospital, please deliver there.",
        "My feet hurt in them.",
        "We burned dinner on it, great stove otherwise.",
        "The stitches are coming loose.",
        "Which button do I press for the French press lid?",
        "The price is suicide.",
        "It was a human error on my side.",
        "The app crashed with a fatal error and the kill switch did nothing.",
        "The torch died in the night.",
    ],
)
def test_that_harmless_sentences_set_nothing_off(text: str) -> None:
    assert rules_for(text) == []


@pytest.mark.promise("R6")
@given(st.permutations(load_triggers()))
def test_that_the_order_of_the_rules_changes_nothing(triggers: list) -> None:
    context = context_of("My lawyer says my husband died of the burns. Let me talk to a human. I want a chargeback.")

    alerts = fired(context, triggers)

    assert [alert.rule for alert in alerts] == ["legal", "payment-dispute", "vulnerable", "wish-for-human"]
    assert alerts == fired(context, load_triggers())


@pytest.mark.promise("R6")
def test_that_an_alert_says_which_rule_fired_and_quotes_the_sentence() -> None:
    trigger = a_trigger(phrases=("small claims", "my lawyer"), band=Band.HIGH)

    (alert,) = fired(context_of("Hello.\nI'll ask my lawyer, soon. Bye."), [trigger])

    assert (alert.kind, alert.rule, alert.band) == (AlertKind.ESCALATION, "legal", Band.HIGH)
    assert alert.evidence == (Evidence("I'll ask my lawyer, soon.", "says “my lawyer”", 70),)


@pytest.mark.parametrize(
    ("phrase", "text", "told"),
    [
        ("my husband|wife|father|mother died|passed", "Sadly My  father\ndied in May.", "says “My father died”"),
        ("degree burn|burns", "She has second-degree burns.", "says “degree burns”"),
        ("really? sue .. you", "I’ll sue the lot of you.", "says “sue the lot of you”"),
        ("reklam*", "Die Reklamation läuft.", "says “Reklamation”"),
        ("a* b", f"A{'a' * 200} b", f"says “A{'a' * 79}…”"),
    ],
)
def test_that_the_customers_words_are_told_and_not_how_the_rule_is_written(phrase: str, text: str, told: str) -> None:
    (alert,) = fired(context_of(text), [a_trigger(phrases=(phrase,))])

    assert [one.meaning for one in alert.evidence] == [told]


def test_that_an_unless_phrase_excuses_its_own_sentence_only() -> None:
    trigger = a_trigger(phrases=("legal",), unless=("legal size",))

    assert fired(context_of("I need legal size."), [trigger]) == ()
    (alert,) = fired(context_of("I need legal size. Else it is a legal matter."), [trigger])
    assert [evidence.quote for evidence in alert.evidence] == ["Else it is a legal matter."]


def test_that_a_rule_for_a_language_is_asked_only_in_that_language() -> None:
    german = a_trigger(phrases=("anwalt",), languages=("de",))
    text = "Das geht jetzt an den Anwalt, mir reicht es mit dieser Bestellung."

    assert fired(context_of(text), [german])
    assert not fired(context_of("I think the word Anwalt is a funny one to learn for me today."), [german])


def test_that_only_public_words_of_customers_count() -> None:
    opened = an_open_ticket(
        ticket=a_ticket(subject="Hello"),
        messages=(
            a_reply("Do you have a lawyer? my lawyer"),
            a_message("my lawyer", id=72, role=Role.SYSTEM),
            a_message("my lawyer", id=73, public=False),
        ),
    )

    assert fired(build_context(opened), [a_trigger()]) == ()


def test_that_an_older_threat_still_stands_and_the_newest_is_quoted_first() -> None:
    alert = fired(context_of("My lawyer knows.", "Any news? My lawyer asks."), [a_trigger()])[0]

    assert [evidence.message_id for evidence in alert.evidence] == [71, 70]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "holds no"),
        ("[[trigger]\n", "not valid TOML"),
        (GOOD + GOOD, "two triggers called 'legal'"),
        (GOOD.replace("advice", "advise"), r"trigger 1 \(legal\) has no advice"),
        (GOOD + "bnad = 'high'\n", "unknown field 'bnad'"),
        (GOOD + "band = 'huge'\n", "'huge' is not a valid Band"),
        (GOOD + "kind = 'panic'\n", "'panic' is not a valid AlertKind"),
        (GOOD.replace('["my lawyer"]', '"my lawyer"'), "phrases must be a list of texts"),
        (GOOD.replace("my lawyer", ".."), "holds no word"),
        (GOOD.replace("my lawyer", "<plan>"), "no list called <plan>"),
        (GOOD.replace('"Legal"', "7"), "title must be a text"),
    ],
)
def test_that_a_bad_file_says_where_and_what_to_do(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(TriggerFileError, match=problem) as error:
        load_triggers(path)

    assert "mine.toml" in str(error.value)


def test_that_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(TriggerFileError, match="cannot be read"):
        load_triggers(tmp_path / "none.toml")


def test_that_the_shipped_file_covers_the_topics_that_stay_with_humans() -> None:
    assert {trigger.name for trigger in load_triggers()} == {
        "legal",
        "payment-dispute",
        "vulnerable",
        "injury",
        "data-protection",
        "press",
        "self-harm",
        "wish-for-human",
    }
