import pytest

from integrations.written import as_html, same_words, without


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (
            "<p>Hi Ana,</p><p>A label is on its way.</p>",
            '<div class="zd-comment"><p>Hi Ana,<br>A label is on its way.</p></div>',
        ),
        ("<p>See https://acme.example/a</p>", '<p>See <a href="https://acme.example/a">https://acme.example/a</a></p>'),
        (
            "<p>Your card 4111 1111 is fine, and the money is on its way to you.</p>",
            "<p>Your card ▇▇▇▇ 1111 is fine, and the money is on its way to you.</p>",
        ),
        ("<p>ご返品用のラベルをお送りします。</p>", "<p>ご返品用のラベルを お送りします</p>"),
        ("<p>👍</p>", "<div>👍</div>"),
    ],
)
def test_that_what_a_helpdesk_makes_of_a_text_is_still_that_text(sent, found):
    assert same_words(sent, found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("<p>A label is on its way.</p>", "<p>Could you send us a photo?</p>"),
        ("<p>👍</p>", "<p>🙏</p>"),
        ("<p>👍</p>", "<p>A label is on its way.</p>"),
        ("<p>ご返品用のラベルをお送りします。</p>", "<p>写真を送っていただけますか。</p>"),
        ("", ""),
        ("<p> </p>", "<p>A label.</p>"),
    ],
)
def test_that_another_text_is_another_text(sent, found):
    assert not same_words(sent, found)


def test_that_plain_text_is_escaped_where_nothing_made_html_of_it():
    assert as_html("", "1 < 2\nand\n\n<script>") == "<p>1 &lt; 2<br>and</p><p>&lt;script&gt;</p>"
    assert as_html("<p>x</p>", "y") == "<p>x</p>"


def test_that_tags_differ_by_more_than_their_case():
    assert without(("Late", "pole", "x"), ("late", "X")) == ("pole",)
