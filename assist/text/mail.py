"""What a person newly wrote in a message: quoted mail, signatures and disclaimers cut."""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser

from assist.domain import Message
from assist.text.html import tidy, to_text

MAX_TEXT_CHARS = 20_000
"""Longer messages are log files or books; their beginning says what they are about."""

_PARSER = EmailReplyParser(languages=["en", "de", "fr", "es", "it", "nl", "pl"])
_SENT_FROM = re.compile(
    r"\n[ \t]*(?:--[ \t]*|(?:sent from|get outlook for|von meinem .{1,30} gesendet|gesendet (?:von|mit) |"
    r"envoyé de(?:puis)? |enviado (?:desde|do|pelo) )[^\n]{0,80})(?:\n.*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_DISCLAIMER = re.compile(
    r"\n[ \t*_-]*(?:this (?:e-?mail|message|communication)(?: and any (?:attachments|files))?[^\n]{0,60}"
    r"(?:confidential|intended (?:solely|only)|privileged)|confidentiality notice|"
    r"diese e-?mail (?:enthält|und)[^\n]{0,40}vertraulich).*\Z",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED_LINE = re.compile(r"(?m)^[ \t]*>.*(?:\n|\Z)")
_POSTSCRIPT = re.compile(r"^[ \t]*p\.? ?s\.?\b.*", re.IGNORECASE | re.DOTALL | re.MULTILINE)
_SIGN_OFF = re.compile(
    r"\n[ \t]*(?:(?:(?:kind|best|warm|many)?[ \t]*(?:regards|wishes)|best|cheers|sincerely|yours (?:truly|faithfully|sincerely)|"
    r"thanks(?: again| a lot| in advance)?|thank you|ta|many thanks|mfg|lg|vg|cordialement|bien à vous|"
    r"saludos(?: cordiales)?|un saludo|atenciosamente|cumprimentos|obrigad[oa])|"
    r"with (?:love|thanks|apologies|best|kind|warm|many)[^\n?]{0,40}|"
    r"(?:mit (?:den )?)?(?:freundlich|viel|lieb|best|schön|herzlich)\w* gr(?:ü|ue)(?:ß|ss)\w*[^\n?]{0,40}|"
    r"gr(?:u|ü|ue)(?:ß|ss)e?(?: aus| von| an)?[^\n?]{0,40})[,.!]*[ \t]*\n(?P<rest>.{0,400})\Z",
    re.IGNORECASE | re.DOTALL,
)


def new_text(message: Message) -> str:
    """Return what ``message`` adds to the conversation, as plain text; everything, if cutting would leave nothing."""
    whole = to_text(message.html) if message.html else tidy(message.text[:MAX_TEXT_CHARS])
    unquoted = (to_text(message.html, without_quotes=True) if message.html else "") or whole
    return _cut(unquoted[:MAX_TEXT_CHARS]) or whole[:MAX_TEXT_CHARS]


def without_signature(text: str) -> str:
    """Return ``text`` without sign-off, name block, device line and disclaimer at its end."""
    body = f"\n{text}"
    body = _DISCLAIMER.sub("", body)
    body = _SENT_FROM.sub("", body)
    if (match := _SIGN_OFF.search(body)) is not None and _is_name_block(match["rest"]):
        postscript = _POSTSCRIPT.search(match["rest"])
        body = body[: match.start()] + (f"\n\n{postscript.group()}" if postscript else "")
    return body.strip()


def _cut(text: str) -> str:
    latest = _PARSER.parse_reply(text) if _may_hold_quote(text) else text
    # The parser keeps "> …" lines that no "… wrote:" introduces, and those between answers.
    return without_signature(tidy(_QUOTED_LINE.sub("", latest or "")))


def _may_hold_quote(text: str) -> bool:
    """The parser takes milliseconds on a long text, and most messages quote nothing."""
    return bool(
        re.search(
            r"(?m)^[ \t]*>|^.{0,200}(?:wrote|schrieb|geschrieben|écrit|escribió|scritto|schreef|napisał)|^[ \t]*(?:from|von|de|da|van)[ \t]*:",
            text,
            re.IGNORECASE,
        )
    )


def _is_name_block(rest: str) -> bool:
    """A signature is a few short lines; a question after "Thanks" is not one."""
    lines = [line for line in rest.split("\n") if line.strip()]
    return len(lines) <= 8 and "?" not in rest and all(len(line) <= 90 for line in lines)
