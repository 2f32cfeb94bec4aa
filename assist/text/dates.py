# ruff: noqa: E501 - patterns of many words
"""Dates as people write them in English, German, French, Spanish and Portuguese."""

from __future__ import annotations

import re

_MONTHS = (
    r"jan(?:uary|uar|vier|\.)?|feb(?:ruary|ruar|\.)?|f[ée]vr(?:ier|\.)?|mar(?:ch|s|zo|ço|\.)?|märz|apr(?:il|\.)?|avr(?:il|\.)|(?-i:May|Mai)|mai|mayo|maio|"
    r"jun[eio]?|juin|jul[yio]?|juil(?:let|\.)|aug(?:ust|\.)?|août|agosto|sep(?:t|tember|tembre|tiembre|\.)?|setembro|septiembre|"
    r"o[ck]t(?:ober|obre|ubre|\.)?|outubro|nov(?:ember|embre|iembre|embro|\.)?|de[cz](?:ember|embro|\.)?|d[ée]c(?:embre|\.)|diciembre|"
    r"enero|janeiro|febrero|fevereiro|abril|junho|junio|julho|julio"
)
WEEKDAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?"
)
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|\.)?"
_NEAR = (
    r"this|next|last|on|by|until|before|since|coming|am|bis|ab|vor|seit|zum|diesen?|nächsten?|kommenden?|letzten?|vergangenen?|"
    r"ce|dès|avant|jusqu['’](?:au|à)|depuis|prochain|le|el|este|hasta|antes del|desde el|próxim[oa]|pasado|passad[oa]|"
    r"na|no|até|desde|nesta|neste|esta|est[ea]|para|pour|for"
)
_DAY_MONTH = (
    rf"\d{{1,2}}{_ORDINAL}[ \-]?(?:of |de |d['’])?(?:{_MONTHS})(?!\w)\.?(?:,?[ \-](?:de |del )?(?:\d{{4}}|['’]\d\d)\b)?"
)
_MONTH_DAY = rf"(?:{_MONTHS}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? \d{{4}}\b)?"
_NUMERIC = (
    r"(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:(?:19|20)\d\d|\d\d)(?![\w-])"
    r"|(?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])[./-](?:(?:19|20)\d\d|\d\d)(?![\w-])"
    r"|(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:T[\d:]+Z?)?(?!\d)"
    r"|(?<![.,€£$])(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?!\d)"
)
DATE = re.compile(
    rf"(?<![\w.,/-])(?:(?:{WEEKDAYS}),? (?:(?:the|den|dem|le|el|o|dia|día) )?)?(?:{_DAY_MONTH}|{_MONTH_DAY}|{_NUMERIC})",
    re.IGNORECASE,
)
MONTH_YEAR = re.compile(
    rf"(?<!\w)(?:{_MONTHS})\.? (?:de |del )?(?:19|20)\d\d(?!\d)|(?<!\w)(?:in|since|until|seit|bis|ab) (?:{_MONTHS})(?= |[.,!?;)]|$)(?! (?:be|not|have|also|need|take)\b)",
    re.IGNORECASE,
)
SHORT_DATE = re.compile(
    r"(?<!\w)(?:on|by|until|since|from|of|dated|due|before|the|am|bis|vom|zum|ab|den|le|du|au|el|del|al|em|dia|día|até|no|de)"
    r" (?P<v>(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])(?![\d/])"
    r"|(?<=the )(?:[12]?\d|3[01])(?:st|nd|rd|th)\b|(?<=am )(?:[12]?\d|3[01])\.(?= |$)(?! (?:Tag|Mal|Schritt))"
    r"|(?<=dia |día )(?:[12]?\d|3[01])\b(?! (?:de|por|%)))",
    re.IGNORECASE,
)
WEEKDAY = re.compile(
    rf"(?<!\w)(?:{_NEAR}) (?:(?:next|coming|this|nächsten|kommenden|próxim[oa]|this|el|la) )?(?:{WEEKDAYS})(?!\w)"
    r"(?!s\b|s?[ ,]*(?:to|till|until|through|and|or|bis|und|oder|à|au|et|ou|a|e|y|o|al|–|-)[ ,]*(?:{0}))".replace(
        "{0}", WEEKDAYS
    )
    + r"(?: (?:prochain|dernier|próxim[oa]|que viene|pasado|passada|que vem|next|morning|afternoon|evening))?",
    re.IGNORECASE,
)
"""A weekday that one ticket meant; "Monday to Friday" are opening hours."""

OWN_DATES = (DATE, SHORT_DATE, MONTH_YEAR, WEEKDAY)

_RANGE_BEGINS = re.compile(rf"(?:{WEEKDAYS})s?,? (?:\S+ ){{0,2}}$", re.IGNORECASE)


def is_own_date(match: re.Match[str]) -> bool:
    """Return whether ``match`` of one of `OWN_DATES` is a day of its own, not the end of "Monday to Friday"."""
    return (
        match.re is not WEEKDAY
        or _RANGE_BEGINS.search(match.string[max(0, match.start() - 40) : match.start()]) is None
    )
