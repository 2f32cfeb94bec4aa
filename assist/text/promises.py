# ruff: noqa: E501 - patterns of many words
"""Days, sums, deeds and promises in a reply that was written for another ticket: marked, so that an agent checks them.

"I have refunded", "it will arrive on Tuesday", "we will call you tomorrow" were true there. What this ticket says too is not marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from assist.domain import Flag, FlagKind
from assist.text.codes import AMOUNT
from assist.text.dates import OWN_DATES, is_own_date
from assist.text.spans import KEEP, Claims, Rule

_I = re.IGNORECASE

_SOON: Mapping[str, str] = {
    "en": r"tomorrow|today|tonight|yesterday|(?:this|next|last) (?:week|month|morning|afternoon|evening|weekend)|(?:by|before|at) the end of (?:the |this |next )?(?:day|week|month)|within the hour|in an hour",
    "de": r"(?<!guten )(?<!am )(?-i:morgen|übermorgen|heute|gestern)(?: (?:früh|vormittag|nachmittag|abend))?|(?:nächste|kommende|diese|letzte)[nr]? (?:woche|tage|monat)|(?:bis )?ende (?:der|dieser|nächster) woche|im laufe des tages",
    "fr": r"demain|aujourd['’]hui|ce soir|hier|(?:la )?semaine prochaine|cette semaine|d['’]ici (?:la fin de (?:la )?\w+|demain)|le mois prochain|après-demain",
    "es": r"(?<!la )(?<!buena )mañana|pasado mañana|hoy|ayer|esta (?:tarde|noche|semana)|la (?:próxima semana|semana que viene)|a finales de \w+",
    "pt": r"amanhã|depois de amanhã|hoje|ontem|esta (?:tarde|noite|semana)|(?:na |a )?(?:próxima semana|semana que vem)|até ao? (?:fim|final) d[aoe] \w+",
}
_PARTICIPLE_EN = r"(?!(?:been|had|need|wanted|noticed|received|seen|heard|understood)\b)(?:\w+ed|sent|made|put|set|run|given|taken|written|spoken|told|found|done|got|left|paid|let|sorted|reset|brought|chosen|held|kept|begun)"
_DONE: Mapping[str, str] = {
    "en": rf"(?:I|we)(?:['’]ve| have)(?: \w+ly| just| now| also| both)* {_PARTICIPLE_EN}\b|(?:I|we) (?:just |already )(?:sent|refunded|called|cancelled|changed|reset|ordered|booked)|(?:has|have|was|were) (?:just |already |now )?(?:been )?(?:refunded|sent|shipped|dispatched|cancelled|canceled|credited|issued|processed|escalated|forwarded|booked|reset|replaced|extended|approved|activated|unlocked|closed|delivered|collected)\b|(?:is|are) (?:already |now )?on (?:its|the|their) way",
    "de": r"(?:ich habe|wir haben|habe ich|haben wir|habe)\b(?! (?:leider )?(?:kein|nicht))(?:[^.!?,\n]|[.,]\d){0,60}?\b(?:\w*ge\w{3,}(?:t|en)|erstattet|überwiesen|veranlasst|verschickt|versandt|versendet|verlängert|bestellt|beauftragt|vermerkt|hinterlegt|bestätigt|erhöht|\w{3,}iert)\b|(?:wurden?|ist|sind) (?:[^.!?,\n]|[.,]\d){0,30}\b(?:erstattet|verschickt|versandt|storniert|gebucht|gutgeschrieben|überwiesen|freigeschaltet|zugestellt|bestellt|aktiviert|verlängert|umgestellt)\b|(?:ist|sind) (?:schon |bereits |jetzt )?unterwegs",
    "fr": r"(?:j['’](?:ai|y ai)|je (?:vous |l['’]|les )?ai|nous (?:vous |l['’]|les )?avons|je viens de|nous venons de)(?: (?:bien|déjà|aussi|tout de suite|également))?(?! (?:pas|plus|besoin|un|une|le|la|les|des|bien que)\b) \w+(?:é|és|ée|ées|i|is|it|u|us|er|ir|re)\b|(?:a|ont) (?:bien |déjà )?été \w+(?:é|és|ée|ées)\b|(?:est|sont) (?:déjà )?(?:en route|en chemin|partie?s?|expédiée?s?|remboursée?s?|annulée?s?)",
    "es": r"(?:(?:le|te|lo|la|les|ya|se lo) )*(?:he|hemos)(?: ya)? \w+(?:ado|ido|sto|cho|rto)\b|(?:acabo|acabamos) de \w+r\b|(?:ha|han) sido \w+[ai]d[oa]s?\b|se ha(?:n)? \w+[ai]do\b|est[áa]n? (?:ya )?en camino",
    "pt": r"(?:já )?(?:(?:envi|reembols|cancel|alter|troc|devolv|ped|registe?|confirm|encaminh|fal|marc|cri|renov|ativ|estorn|solicit|atualiz|prolong|adicion)(?:ei|i|[aá]mos|[ei]mos))\b|(?:foi|foram) (?:já )?\w+[ai]d[oa]s?\b|acab(?:ei|[aá]mos) de \w+r\b|est(?:á|ão) (?:já )?a caminho|fiz|fizemos",
}
_PROMISED: Mapping[str, str] = {
    "en": r"(?:I|we)(?:['’]ll| will|['’]m going to| am going to|['’]re going to| are going to| shall)(?: \w+ly| also| then| gladly)? (?!not\b|need\b|have to\b)\w+|(?:will|should|['’]ll) (?:be (?:with you|delivered|refunded|sent|there|back|credited|replaced|shipped|called|done|fixed|ready)|arrive|reach you|come|call you|get back to you|contact you|be in touch|show up)|you(?:['’]ll| will| should) (?:get|have|receive|hear|see it)\b|(?:I|we) (?:promise|guarantee|am sending|are sending)|(?:I['’]m|we['’]re) (?:sending|refunding|arranging|ordering)",
    "de": r"(?:ich werde|wir werden|werde ich|werden wir|(?:sie|du) (?:werden|wirst|erhalten|erhältst|bekommen|bekommst))\b|(?:wird|werden) (?:[^.!?,\n]|[.,]\d){0,40}\b(?:geliefert|erstattet|verschickt|zugestellt|abgeholt|ankommen|eintreffen|gutgeschrieben|anrufen|melden|ersetzt|repariert|überwiesen)\b|(?:ich|wir) (?:melden?|schicken?|senden?|rufen?|erstatten?|ersetzen?|überweisen?|kümmern?|reservieren?|legen?|buchen?|stornieren?|leiten?)\b|(?:melden? (?:uns|mich)|(?:schicke|sende|rufe|erstatte|ersetze|kümmere|überweise) ich|(?:schicken|senden|rufen|erstatten|ersetzen|überweisen|melden|kümmern) wir)\b|(?:kommt|trifft) (?:[^.!?,\n]|[.,]\d){0,20}\b(?:an|ein|bei ihnen)\b|(?:ist|sind) (?:[^.!?,\n]|[.,]\d){0,20}\bbei ihnen\b|versprech\w+|garantier\w+",
    "fr": r"(?:je vais|nous allons|je m['’]en occupe|nous nous en occupons)\b|(?:je|nous|on) (?:vous |le |la |les |l['’])*\w{2,}(?:rai|rons|ra)\b|vous (?:recevrez|aurez|serez|verrez)\b|(?:arrivera|arriveront|parviendra|partira)\b|ser(?:a|ont) (?:livré|remboursé|envoyé|expédié|remplacé|crédité|prêt)e?s?\b|(?:je|nous) (?:vous )?(?:promets|promettons|garantissons|garantis)",
    "es": r"(?:voy|vamos) a \w+r\b|(?:le |te |lo |la |les |nos |me )*\w{3,}(?:aré|eré|iré|aremos|eremos|iremos)\b|(?:llegará|recibirá|tendrá|recibirás|tendrás|será|serán)n?\b|(?:le |te )?(?:prometo|prometemos|garantizamos|garantizo)",
    "pt": r"(?:vou|vamos) \w+r\b|\w{3,}(?:arei|erei|irei|aremos|eremos|iremos)\b|(?:chegará|receberá|terá|será|serão|enviar-lhe-\w+)\b|vai (?:chegar|receber|ser)\b|(?:prometo|prometemos|garantimos|garanto)\b|entr(?:arei|aremos) em contacto",
}


def find_flags(text: str, *, language: str, facts: str, since: int = 0) -> tuple[Flag, ...]:
    """Return what of ``text`` belongs to the ticket it was written for, in order, without overlaps.

    Args:
        text: A past reply, its open slots in brackets (those are visible already and not flagged).
        language: Of ``text``; for another than en, de, fr, es and pt only dates and sums with a form of their own are found.
        facts: What this ticket says: a day, sum or deed that stands there too is not flagged.
        since: Where the reply begins, after the greeting.
    """
    claims = Claims(text)
    claims.claim(0, since, KEEP)
    claims.apply((Rule(KEEP, re.compile(r"\[[^\[\]\n]{2,60}\]|https?://\S+")),))
    spoken = ((FlagKind.DONE, _DONE), (FlagKind.PROMISE, _PROMISED), (FlagKind.DATE, _SOON))
    # Deeds first: a German one reaches round the sum and the day in it.
    claims.apply([_rule(kind, patterns[language]) for kind, patterns in spoken if language in patterns])
    claims.apply([Rule(FlagKind.DATE, pattern, is_own_date) for pattern in OWN_DATES])
    claims.apply((Rule(FlagKind.AMOUNT, re.compile(AMOUNT, _I)),))
    said = _plain(facts)
    return tuple(
        Flag(FlagKind(kind), start, end)
        for start, end, kind in sorted(claims.spans)
        if kind != KEEP and not re.search(rf"(?<!\w){re.escape(_plain(text[start:end]))}(?!\w)", said)
    )


@lru_cache(maxsize=32)
def _rule(kind: FlagKind, pattern: str) -> Rule:
    return Rule(kind, re.compile(rf"(?<![\w’'])(?:{pattern})(?!\w)", _I))


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())
