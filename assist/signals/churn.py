"""How likely this customer is to leave: from their own words and from their history. Additive, and every part quoted.

Words are looked for sentence by sentence, because who leaves whom is said in one: "I'm switching from Nordvik to you"
is no reason to worry. Phrases with weights (``resources/churn.toml``) and a model that learned from examples
(`assist.signals.churn_model`) judge them; facts of the helpdesk (`assist.signals.history`) strengthen what is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from assist.context import Context, Turn, split_turns
from assist.domain import Band, ChurnSignal, Evidence, OpenTicket, Role
from assist.signals.churn_model import LANGUAGES, Ending, churn_model
from assist.signals.companies import Companies
from assist.signals.cues import Cues, Hit, default_cues, hits
from assist.signals.history import facts
from assist.signals.phrases import MAX_QUOTE_CHARS, Sentence, newest, sentence, spoken

RAISED = 0.4
HIGH = 0.8
HISTORY_CAP = 0.35
"""History strengthens what a customer says, but raises no alarm alone: too many who had trouble stay."""
HOW_TO = 0.8
"""A plain question how to leave weighs less than saying so, and is never HIGH."""
THREAT = 0.6
"""A condition ("if this isn't fixed …") makes leaving a threat, not a decision."""
EARLIER = 0.6
"""Words from before the agent's last reply count less; what was offered since may have changed them."""
LEARNED = {Ending.HINTED: ((4.2, 0.4), (3.2, 0.1)), Ending.PLAIN: ((0.9, 0.4), (0.0, 0.2))}
"""From these log-odds of the model on, a sentence weighs so much.

Set on the demo's tickets, and raised as the model's scale grew (docs/adr/0009-churn.md)."""
LEARNED_SENTENCES = 40
"""So many of the newest sentences are judged by the model; a thread costs no more than that."""
OTHER_WAY_ROUND = -0.3
"""Below these log-odds a sentence that names us speaks of another company's loss, whatever phrase it holds."""
QUIET_PARTS = 2
"""So many different small preparations to leave (card removed, data exported …) make a signal together."""


@dataclass(frozen=True, slots=True)
class _Part:
    """``firm`` says that the customer speaks of leaving, and does not merely ask how."""

    weight: float
    evidence: Evidence
    reason: str
    firm: bool = False


def assess(context: Context, opened: OpenTicket, *, now: datetime, cues: Cues | None = None) -> ChurnSignal:
    """Return the band with its evidence, heaviest first, words before history on a tie.

    Only public words of customers count, quoted mail already cut. ``cues`` replaces the shipped phrases.
    """
    words = _from_words(context, cues or default_cues("churn"), _companies(opened, cues or default_cues("churn")))
    past = [_Part(weight, Evidence("", meaning), "history") for weight, meaning in facts(context, opened, now)]
    heard = bool(context.customer_turns) and context.language in LANGUAGES
    if not words and not past and not heard and not (opened.history and not context.customer_turns):
        return ChurnSignal(Band.UNKNOWN, ())
    score = sum(part.weight for part in words) + min(HISTORY_CAP, sum(part.weight for part in past))
    parts = sorted((*words, *past), key=lambda part: -part.weight)
    firm = any(part.firm for part in words)
    return ChurnSignal(
        _band(score, firm=firm),
        tuple(part.evidence for part in parts),
        tuple(dict.fromkeys(part.reason for part in parts)),
    )


def own_names(opened: OpenTicket) -> tuple[str, ...]:
    """Return what customers may call us: the ticket's brand and the account's subdomain."""
    subdomain = opened.ticket.ref.account.partition(":")[2].split(".")[0]
    return tuple(name for name in (opened.ticket.brand, subdomain) if name)


def _companies(opened: OpenTicket, cues: Cues) -> Companies:
    return Companies(own_names(opened), tuple(cues.lists.get("competitor", ())))


def _band(score: float, *, firm: bool) -> Band:
    """HIGH takes somebody who speaks of leaving; small signs and questions only raise."""
    rounded = round(score, 6)  # sums such as 0.1 + 0.3 must not miss a threshold by a hair
    if rounded >= HIGH and firm:
        return Band.HIGH
    return Band.RAISED if rounded >= RAISED else Band.LOW


def _from_words(context: Context, cues: Cues, companies: Companies) -> list[_Part]:
    latest, earlier = split_turns(context.turns)
    now_said = list(_sentences(newest(latest)))
    before = list(_sentences(newest(earlier[-6:])))
    subject = sentence(context.subject, message_id=context.turns[0].message_id) if _own_subject(context) else None
    if subject is not None:
        (before if earlier else now_said).insert(0, subject)
    everything = [*before, *now_said]
    if any(cues.marks("joining", said) for said in everything):
        now_said = [said for said in now_said if cues.marks("us", said)]
        before = []
    if any(cues.marks("staying", said) for said in now_said):
        before = []
    found = [(hit, 1.0) for hit in _all_hits(now_said, cues)] + [(hit, EARLIER) for hit in _all_hits(before, cues)]
    if context.language in LANGUAGES and companies.ours:
        found = [(hit, share) for hit, share in found if not _other_way_round(hit, companies)]
    parts = list(_weighed(found, cues))
    if context.language in LANGUAGES:
        quoted = {(part.evidence.message_id, part.evidence.quote) for part in parts}
        parts += _learned(now_said[-LEARNED_SENTENCES:], cues, companies, quoted)
    return parts


def _other_way_round(hit: Hit, companies: Companies) -> bool:
    """Tell whether we are who is joined: "I'm moving from Nordvik to …" holds a phrase, but names us as the aim."""
    if hit.cue.group not in ("leaving", "asking"):
        return False
    model = churn_model()
    text = hit.sentence.text
    if not model.names_us(text, companies):
        return False
    return model.joins_us(text, companies) or model.score(text, companies) < OTHER_WAY_ROUND


def _learned(
    said: Sequence[Sentence], cues: Cues, companies: Companies, quoted: Collection[tuple[int | None, str]]
) -> list[_Part]:
    """Return the sentence that the model is surest of, if it speaks of an end and no phrase has found it."""
    model = churn_model()
    best: tuple[float, float, Sentence] | None = None
    for one in said:
        if any(number == one.message_id and quote in one.quote for number, quote in quoted):
            continue
        if (ending := model.ending(one.text, companies)) is Ending.NONE or cues.marks("staying", one):
            continue
        if model.joins_us(one.text, companies):
            continue
        score = model.score(one.text, companies)
        weight = next((weight for least, weight in LEARNED[ending] if score >= least), 0.0)
        if weight and (best is None or (weight, score) > best[:2]):
            best = (weight, score, one)
    if best is None:
        return []
    weight, _, one = best
    return [_Part(weight, Evidence(one.quote[:MAX_QUOTE_CHARS], "sounds like leaving", one.message_id), "learned")]


def _sentences(turns: Iterable[Turn]) -> Iterator[Sentence]:
    for turn in turns:
        yield from spoken(turn.text, message_id=turn.message_id)


def _own_subject(context: Context) -> bool:
    """The subject is the customer's own words if the customer opened the ticket."""
    return bool(
        context.turns and context.subject and context.turns[0].role is Role.CUSTOMER and context.turns[0].public
    )


def _all_hits(said: Iterable[Sentence], cues: Cues) -> Iterator[Hit]:
    for one in said:
        yield from hits(one, cues)


def _weighed(found: Iterable[tuple[Hit, float]], cues: Cues) -> Iterator[_Part]:
    """Each cue counts once, at its heaviest; small preparations count only in company."""
    best: dict[str, tuple[float, Hit]] = {}
    for hit, share in found:
        weight = hit.cue.weight * share * _doubt(hit, cues)
        if hit.cue.name not in best or weight > best[hit.cue.name][0]:
            best[hit.cue.name] = (weight, hit)
    leaving = any(hit.cue.group in ("leaving", "asking") for _, hit in best.values())
    quiet = sum(hit.cue.group == "quiet" for _, hit in best.values())
    for weight, hit in best.values():
        if hit.cue.group == "quiet" and not leaving and quiet < QUIET_PARTS:
            continue
        firm = hit.cue.group == "leaving" and not cues.marks("howto", hit.sentence)
        yield _Part(weight, Evidence(hit.quote, hit.cue.meaning, hit.sentence.message_id), hit.cue.name, firm)


def _doubt(hit: Hit, cues: Cues) -> float:
    if hit.cue.group != "leaving":
        return 1.0
    if cues.marks("howto", hit.sentence):
        return HOW_TO
    return THREAT if cues.marks("condition", hit.sentence) else 1.0
