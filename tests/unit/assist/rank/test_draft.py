from __future__ import annotations

from assist.rank.draft import draft_from


def draft(text: str, best: str) -> str:
    start = text.index(best)
    return draft_from(text, (start, start + len(best)))


def test_that_a_step_brings_its_list_and_the_line_that_introduces_it():
    text = "It takes a minute. Do this:\n• Open Account > Membership.\n• Choose Cancel membership.\nYou get an e-mail."

    assert draft(text, "• Choose Cancel membership.") == (
        "Do this:\n• Open Account > Membership.\n• Choose Cancel membership."
    )


def test_that_a_sentence_before_a_list_brings_the_list():
    text = "You can cancel at any time, online.\n• Open Account > Membership.\n• Choose Cancel membership."

    assert draft(text, "You can cancel at any time, online.") == text


def test_that_a_sentence_brings_its_neighbours_but_no_link():
    text = "Covered are faults. We mend first and replace later. See Warranty. Nothing to pay."

    assert draft(text, "We mend first and replace later.") == (
        "Covered are faults. We mend first and replace later. Nothing to pay."
    )


def test_that_of_a_long_paragraph_the_part_around_the_sentence_is_taken():
    text = " ".join(f"This is sentence number {number} of it." for number in range(1, 9))

    assert draft(text, "This is sentence number 5 of it.") == " ".join(
        f"This is sentence number {number} of it." for number in (4, 5, 6, 7)
    )


def test_that_of_a_long_list_the_part_from_the_step_on_is_taken():
    text = "\n".join(f"• Do step number {number} now." for number in range(1, 13))

    assert draft(text, "• Do step number 3 now.").count("•") == 8
    assert draft(text, "• Do step number 12 now.").endswith("• Do step number 12 now.")


def test_that_a_row_of_a_table_reads_as_a_sentence():
    text = "Damaged on the way | Two photos of the outer box, two of the damage."

    assert draft(text, text) == "Damaged on the way – Two photos of the outer box, two of the damage."


def test_that_a_lonely_sentence_takes_the_next_line_along():
    text = "A pole that breaks at the joint is covered.\nSend us photos of both ends of the break."

    assert draft(text, "A pole that breaks at the joint is covered.") == text


def test_that_nothing_useful_is_no_draft():
    assert draft("See Contact us.", "See Contact us.") == ""
    assert draft("1,000 litres.", "1,000 litres.") == ""
