"""What may stand in a log."""

from __future__ import annotations

import logging

import pytest

from integrations.redaction import RedactingFilter, redact


@pytest.mark.promise("S3")
@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Basic bWU6c2VjcmV0", "Authorization: …"),
        ("{'authorization': 'Bearer abc.def-123'}", "{'authorization': '…'}"),
        ("sent Bearer abcdef123456 today", "sent Bearer … today"),
        ("Set-Cookie: _zendesk_session=abc; path=/", "Set-Cookie: …; path=/"),
        ('"authenticity_token": "tok/=="', '"authenticity_token": "…"'),
        ("api_key=1234567", "api_key=…"),
        (
            "GET https://acme.zendesk.com/api/v2/search?query=ada&x=1 200",
            "GET https://acme.zendesk.com/api/v2/search?… 200",
        ),
        ("GET /api/v2/search?query=requester%3Aada 200", "GET /api/v2/search?… 200"),
        ("https://me:pw@acme.example.com/x", "https://…@acme.example.com/x"),
        ("from ada.l+x@mail.example.co.uk now", "from …@… now"),
        ("client 203.0.113.77", "client …"),
        ("listening on 127.0.0.1:8080", "listening on 127.0.0.1:8080"),
        ("opened ticket 1234 in 12 ms", "opened ticket 1234 in 12 ms"),
    ],
)
def test_that_secrets_queries_and_addresses_are_taken_out_and_nothing_else(text, clean):
    assert redact(text) == clean


@pytest.mark.promise("S3")
def test_that_a_record_is_redacted_with_its_arguments():
    record = logging.LogRecord(
        "x", logging.DEBUG, __file__, 1, "to %s: %s", ("ada@example.com", "Bearer abcdefgh"), None
    )
    assert RedactingFilter().filter(record) is True
    assert record.getMessage() == "to …@…: Bearer …"
