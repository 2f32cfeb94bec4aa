import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assist.domain import Decision, EventKind, SentAs, SuggestionId
from assist.outcome import Frame, candidates, compare, core, edit_distance, outcome_of
from tests.helpers.builders import NOON, a_ref, a_shown

REPLY = (
    "Thanks for the photo. The pole is covered by the warranty, so we will mend it for free.\n\n"
    "Please send it to Kendal with this label: https://tarn.example/mend. We need your [order number]."
)
FRAME = Frame(names=("Inês Caldeira", "Maya Okafor"), signatures=("Maya\nTarn & Tor customer care",))
S1 = SuggestionId("s1")

GREETINGS = (
    "Hi Inês,\n\n",
    "Hello,\n",
    "Hi\n\n",
    "Dear Ms Caldeira,\n\n",
    "Dear Sir or Madam,\n\n",
    "Hello Inês\n\n",
    "Hey there! ",
    "Good morning Inês, ",
    "Inês,\n\n",
    "Guten Tag Frau Caldeira,\n\n",
    "Sehr geehrte Damen und Herren,\n\n",
    "Liebe Inês,\n",
    "Bonjour Madame Caldeira,\n\n",
    "Buenos días Inês:\n\n",
    "Olá Inês, ",
    "Prezada Inês,\n\n",
)
ENDINGS = (
    "\n\nBest regards,\nMaya",
    "\n\nKind regards\nMaya Okafor\nTarn & Tor customer care",
    " Best regards, Maya",
    "\nRegards",
    "\n\nThanks,\nMaya",
    "\n\nMaya",
    "\n\nMaya\nTarn & Tor customer care",
    "\n\nAll the best,\nMaya Okafor | Support | +44 1539 555 0100 | www.tarn.example",
    "\n-- \nMaya\nTarn & Tor",
    "\n\nMit freundlichen Grüßen\nMaya Okafor\nKundenservice",
    "\n\nViele Grüße, Maya",
    "\n\nCordialement,\nMaya",
    "\n\nUn saludo,\nMaya Okafor",
    "\n\nAtenciosamente,\nMaya",
    "\n\nHave a nice day!\n\nBest wishes,\nMaya",
)
SENTENCES = st.lists(
    st.sampled_from(
        (
            "Your refund left us today.",
            "Could you send a photo of the pole?",
            "Das Paket ist unterwegs!",
            "Use the label at https://x.example/a?b=1.",
            "Order TT-204518 was packed at 9:40; it arrives on Friday.",
            "It costs £12 - or nothing for members.",
            "Il n'y a pas de frais.",
            "Thanks for the photo, it helps.",
            "Hello from Kendal is printed on the bag.",
            "Hi-vis jackets are in section 4.",
            "Your tent's poles: 8.5 mm, “DAC” alloy.",
            "Fill in [order number].",
        )
    ),
    min_size=1,
    max_size=5,
).map(" ".join)
SPACES = st.sampled_from((" ", "  ", "\n", "\n\n", "\r\n", "\t", " \n "))


def sent(text: str, *shown: str, frame: Frame = FRAME):
    return compare(text, [(SuggestionId(f"s{n}"), t) for n, t in enumerate(shown, start=1)], frame=frame)


@pytest.mark.promise("D3")
@pytest.mark.parametrize("greeting", GREETINGS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_that_greeting_and_signature_make_no_difference(greeting, ending):
    found = sent(greeting + REPLY + ending, REPLY)

    assert (found.sent_as, found.edit_distance, found.similarity, found.suggestion_id) == (SentAs.AS_IS, 0, 1.0, S1)


@pytest.mark.promise("D3")
@given(text=SENTENCES, greeting=st.sampled_from(("", *GREETINGS)), ending=st.sampled_from(("", *ENDINGS)))
def test_that_whatever_the_text_a_frame_around_it_is_never_an_edit(text, greeting, ending):
    assert sent(greeting + text + ending, text).sent_as is SentAs.AS_IS
    assert sent(text, greeting + text + ending).sent_as is SentAs.AS_IS


@pytest.mark.promise("D3")
@given(text=SENTENCES, data=st.data(), greeting=st.sampled_from(GREETINGS), ending=st.sampled_from(ENDINGS))
def test_that_white_space_anywhere_is_never_an_edit(text, data, greeting, ending):
    suggestion = greeting + text + ending
    spaced = "".join(data.draw(SPACES) if c == " " else c for c in suggestion) + data.draw(SPACES)

    assert sent(spaced, suggestion).sent_as is SentAs.AS_IS
    assert sent(spaced, text).sent_as is SentAs.AS_IS


@pytest.mark.promise("D3")
@pytest.mark.parametrize("ending", ENDINGS)
def test_that_a_helpdesk_may_drop_every_line_break(ending):
    suggestion = "Hi Inês,\n\n" + REPLY + ending

    assert sent(suggestion.replace("\n", ""), suggestion).sent_as is SentAs.AS_IS


@pytest.mark.promise("D3")
@given(text=st.text(min_size=1, max_size=200))
def test_that_a_text_sent_untouched_is_never_called_edited(text):
    assume(not text.isspace() and core(text))

    assert sent(text, text).sent_as is SentAs.AS_IS
    assert sent(f"  {text}\n", text).edit_distance == 0


@pytest.mark.promise("D3")
@given(
    text=SENTENCES,
    greeting=st.sampled_from(GREETINGS),
    ending=st.sampled_from(ENDINGS),
    word=st.sampled_from(("Not", "42")),
)
def test_that_a_word_put_in_is_an_edit_of_its_length_whatever_the_frame(text, greeting, ending, word):
    changed = f"{word} {text}"

    assert sent(greeting + changed + ending, text).edit_distance == len(word)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('the "Lathe" - don\'t', "the “Lathe” – don’t", id="quotes and dashes"),
        pytest.param("one, two, three...", "one, two, three…", id="ellipsis"),
        pytest.param("naïve", "nai\u0308ve", id="composed letters"),
        pytest.param("10 km", "10\u00a0km", id="hard space"),
        pytest.param("a label", "a\u200b label\ufeff", id="invisible characters"),
        pytest.param("Send:\n- a photo\n- the label", "Send:\na photo\nthe label", id="a list"),
        pytest.param("Then:\n1. press\n2) turn", "Then:\n\n  press\n  turn", id="a numbered list"),
        pytest.param("Send:\n• a photo\n• the label", "Send: • a photo • the label", id="a list in one line"),
    ],
)
def test_that_what_composers_change_by_themselves_is_no_edit(before, after):
    assert sent(after, before).sent_as is SentAs.AS_IS


def test_that_a_filled_bracket_is_an_edit():
    found = sent(REPLY.replace("[order number]", "TT-204518"), REPLY)

    assert found.sent_as is SentAs.EDITED
    assert found.edit_distance == 13
    assert found.similarity == pytest.approx(1 - 13 / len(core(REPLY)))


def test_that_a_change_of_case_or_of_one_digit_is_an_edit():
    assert sent("It costs £13.", "It costs £12.").edit_distance == 1
    assert sent("it costs £12.", "It costs £12.").sent_as is SentAs.EDITED


@pytest.mark.parametrize(
    ("kept", "verdict"), [(60, SentAs.EDITED), (59, SentAs.SOMETHING_ELSE)], ids=["six tenths", "less"]
)
def test_that_six_tenths_alike_is_where_an_edit_begins(kept, verdict):
    found = sent("a" * kept + "b" * (100 - kept), "a" * 100)

    assert (found.sent_as, found.similarity) == (verdict, pytest.approx(kept / 100))


def test_that_the_nearest_suggestion_is_named_and_the_first_of_equals():
    assert sent("The pole is mended.", "Boots", "The pole is mended", "The pole is mended").suggestion_id == "s2"
    assert sent("Something quite different", "Boots").suggestion_id == S1


def test_that_without_suggestions_there_is_nothing_to_compare():
    found = sent("Hello")

    assert (found.sent_as, found.suggestion_id, found.edit_distance, found.similarity) == (
        *(SentAs.SOMETHING_ELSE, None, None, 0.0),
    )


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_that_an_empty_text_is_like_nothing(empty):
    assert sent(empty, "The pole is mended.").sent_as is SentAs.SOMETHING_ELSE
    assert sent(empty, empty).sent_as is SentAs.SOMETHING_ELSE


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nplease send the photo",
        "Best regards the tent as a loan",
        "I spoke to Maya",
        "Dear customers get 10% off, always.",
        "Hi-vis jackets, and boots",
        "Liebe geht durch den Magen, sagt man",
    ],
)
def test_that_content_that_looks_like_a_frame_is_content(text):
    assert core(text, FRAME) == "".join(text.split())


@pytest.mark.parametrize("text", ["Hi Inês,", "Best regards, Maya", "Thanks!", "Maya"])
def test_that_a_text_that_is_only_a_frame_is_still_a_text(text):
    assert sent(text, text).sent_as is SentAs.AS_IS
    assert core(text, FRAME) != ""


def test_that_of_a_message_of_five_megabytes_only_the_beginning_is_compared():
    long = " ".join(f"Word{n} Best regards, then." for n in range(200_000))

    edited = sent("Not " + long, REPLY, long)
    same_beginning = sent(long + " Not at all.", REPLY, long)

    assert (edited.suggestion_id, edited.sent_as) == ("s2", SentAs.EDITED)
    assert (same_beginning.suggestion_id, same_beginning.sent_as) == ("s2", SentAs.AS_IS)


def test_that_the_distance_between_edit_and_suggestion_leaves_the_frame_aside():
    assert edit_distance(REPLY, "Hello,\n" + REPLY.replace("free", "nothing") + "\nKind regards") == 7


def test_that_a_macro_sent_as_the_helpdesk_filled_it_is_sent_as_is():
    shown = [a_shown(S1, text="Your order [order number] has left our warehouse in Kendal. We are sorry for the wait.")]
    filled = "Your order TT-104711 has left our warehouse in Kendal. We are sorry for the wait."
    used = Decision(S1, shown[0].ref, EventKind.USED, shown[0].at, text=filled, how="click")
    edited = Decision(S1, shown[0].ref, EventKind.EDITED, shown[0].at, text=filled, how="edit")
    found = [compare(filled, candidates(shown, decided)) for decided in ([used], [edited], [])]
    assert [(one.sent_as, one.suggestion_id) for one in found] == [
        (SentAs.AS_IS, S1),
        (SentAs.EDITED, S1),
        (SentAs.EDITED, S1),
    ]
    assert found[0].edit_distance == 0


def test_that_articles_are_no_candidates():
    shown = [a_shown("s1", text="reply"), a_shown("a1", list_name="articles", text="article")]

    assert candidates(shown) == [(S1, "reply")]


def test_that_an_outcome_holds_the_comparison_and_the_whole_text():
    text = f"Hi Inês,\n{REPLY}\nMaya"

    outcome = outcome_of(sent(text, REPLY), ref=a_ref(), message_id=71, sent_text=text, at=NOON)

    assert (outcome.ref, outcome.message_id, outcome.at, outcome.sent_text) == (a_ref(), 71, NOON, text)
    assert (outcome.sent_as, outcome.suggestion_id, outcome.edit_distance) == (SentAs.AS_IS, S1, 0)
