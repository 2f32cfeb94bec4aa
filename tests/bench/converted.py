"""Public and own labelled data as the rows that ``python -m assist eval`` reads (docs/measuring.md)."""

from __future__ import annotations

import bz2
import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.datasets import RetrievalSet, emanual, stackfaq, stackfaq_answers

Row = dict[str, Any]
OWN = Path(__file__).resolve().parents[2] / "resources" / "training"
LANGUAGES = ("en", "de", "fr", "es", "pt")
NOTHING_FITS = "NO_NODES_DETECTED"
TWACS_PAST, TWACS_TEST = 8_000, 1_000
LEVELS = {
    -2: "anger disgust",
    -1: "annoyance disappointment disapproval embarrassment fear grief nervousness remorse sadness",
    0: "confusion curiosity desire neutral realization surprise",
    1: "admiration amusement approval caring gratitude optimism pride relief",
    2: "excitement joy love",
}
"""GoEmotions (Demszky et al., ACL 2020) in five levels. Nobody's labels say how strongly, so this is our reading."""


@dataclass(frozen=True)
class Converter:
    """``task`` as in ``eval TASK``; ``rows`` takes the folder of public sets; peers learn on ``learns_from``."""

    task: str
    rows: Callable[[Path], Iterator[Row]]
    learns_from: str = ""


def retrieval_rows(one: RetrievalSet) -> Iterator[Row]:
    for number, (title, text) in enumerate(zip(one.titles, one.texts, strict=True)):
        yield {"type": "document", "id": f"d{number}", "title": title, "text": text, "language": "en"}
    for number, (query, gold) in enumerate(zip(one.queries, one.gold, strict=True)):
        yield {"type": "query", "id": f"q{number}", "text": query, "gold": [f"d{gold}"]}


def dstc11(folder: Path) -> Iterator[Row]:
    """FAQs of hotels and restaurants, for the turns of dialogues that ask for something a FAQ answers."""
    base = folder / "dstc11-faq"
    for domain, entities in _json(base / "knowledge.json").items():
        for entity_id, entity in entities.items():
            for faq_id, faq in (entity.get("faqs") or {}).items():
                yield {
                    "type": "document",
                    "id": _faq_id(domain, entity_id, faq_id),
                    "title": faq["question"],
                    "text": faq["answer"],
                    "section": f"{domain} > {entity['name'] or domain}",
                    "language": "en",
                }
    labels, logs = _json(base / "val" / "labels.json"), _json(base / "val" / "logs.json")
    for number, (label, log) in enumerate(zip(labels, logs, strict=True)):
        faqs = [one for one in label.get("knowledge") or [] if one["doc_type"] == "faq"] if label["target"] else []
        if faqs:
            gold = dict.fromkeys(_faq_id(one["domain"], one["entity_id"], one["doc_id"]) for one in faqs)
            turns = [{"role": {"U": "customer", "S": "agent"}[t["speaker"]], "text": t["text"]} for t in log]
            yield {"type": "query", "id": f"q{number}", "turns": turns, "gold": list(gold)}


def languages(entries: Iterable[Mapping[str, Any]], *, asked: str, written: str) -> Iterator[Row]:
    """Queries in one language over the articles of knowledge bases that are written in one."""
    queries: list[Row] = []
    for entry in entries:
        kb, article = f"{entry['kb']}:{written}", str(entry["id"])
        title, text = entry["title"][written], entry["text"][written]
        yield {"type": "document", "id": article, "title": title, "text": text, "language": written, "kb": kb}
        queries.extend(
            {"type": "query", "id": f"{article}.{at}", "text": query, "gold": [article], "kb": kb}
            for at, query in enumerate(entry["queries"][asked])
        )
    yield from queries


def intents(train: Iterable[Sequence[str]], test: Iterable[Sequence[str]]) -> Iterator[Row]:
    """(text, label) pairs; what is labelled as fitting nothing has no macro."""
    for text, label in train:
        if label != NOTHING_FITS:
            yield {"type": "example", "text": text, "macro": label}
    for number, (text, label) in enumerate(test):
        macro = None if label == NOTHING_FITS else label
        yield {"type": "message", "id": f"m{number}", "text": text, "macro": macro}


def wmt22(folder: Path) -> Iterator[Row]:
    """Live support chats; the English side of each segment: the agent's own, the customer's as people corrected it."""
    chats: dict[str, list[Row]] = {}
    for name in ("de", "fr", "pt-br"):
        with (folder / "wmt22-chat" / f"dev-bilingual.en_{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                english = row["source_segment" if row["source_language"] == "en" else "pe_segment"].strip()
                if english:
                    turn = {"role": row["translation_direction"], "text": english}
                    chats.setdefault(row["doc_id"], []).append(turn)
    clients: dict[str, list[str]] = {}
    for chat in chats:
        clients.setdefault(_client(chat), []).append(chat)
    past = {chat for own in clients.values() for chat in by_hash(own)[: round(2 * len(own) / 3)]}
    for chat, turns in chats.items():
        split = "past" if chat in past else "test"
        yield {"type": "conversation", "id": chat, "client": _client(chat), "split": split, "turns": turns}


def by_hash(ids: Iterable[str]) -> list[str]:
    """Return ids in an order that nobody chose and that lasts."""
    return sorted(ids, key=lambda one: hashlib.sha256(one.encode()).hexdigest())


def twacs(folder: Path) -> Iterator[Row]:
    """Openings to airlines with the first reply: 8,000 of the past, 1,000 of those kept for development."""
    with bz2.open(folder / "twacs" / "pairs.jsonl.bz2", "rt", encoding="utf-8") as file:
        pairs = {f"t{number}": pair for number, pair in enumerate(map(json.loads, file))}
    for split, name, most in (("past", "past", TWACS_PAST), ("dev", "test", TWACS_TEST)):
        for id_ in by_hash(id_ for id_, pair in pairs.items() if pair["split"] == split)[:most]:
            turns = [("customer", pairs[id_]["opening"]), ("agent", pairs[id_]["reply"])]
            yield {
                "type": "conversation",
                "id": id_,
                "client": "airlines",
                "split": name,
                "turns": [{"role": role, "text": text} for role, text in turns],
            }


def churn_en(folder: Path) -> Iterator[Row]:
    with (folder / "churn-en" / "EN_chatbot.csv").open(encoding="utf-8", newline="") as file:
        for text, language, target, label in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            brand = "" if target == "no_brand" else target
            yield {"text": text, "target": brand, "label": int(label), "language": language.lower()}


def goemotions(folder: Path, *, part: str) -> Iterator[Row]:
    """Comments with the level of their emotions; those with emotions of both signs are left out."""
    names = (folder / "goemotions" / "labels.txt").read_text(encoding="utf-8").split()
    with (folder / "goemotions" / f"{part}.tsv").open(encoding="utf-8", newline="") as file:
        for text, numbers, _ in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            level = level_of([names[int(number)] for number in numbers.split(",")])
            if level is not None:
                yield {"text": text, "level": level, "language": "en"}


def level_of(emotions: Iterable[str]) -> int | None:
    """Return the strongest level of ``emotions``, -2 to 2; None where they disagree about the sign."""
    levels = {_LEVEL[emotion] for emotion in emotions}
    if min(levels) < 0 < max(levels):
        return None
    return max(levels, key=abs)


_LEVEL = {emotion: level for level, emotions in LEVELS.items() for emotion in emotions.split()}


def _hint3(bot: str) -> Converter:
    def rows(folder: Path) -> Iterator[Row]:
        base = folder / "hint3"
        return intents(_table(base / "train" / f"{bot}_train.csv"), _table(base / "test" / f"{bot}_test.csv"))

    return Converter("macros", rows)


def _banking77(folder: Path) -> Iterator[Row]:
    return intents(_table(folder / "banking77" / "train.csv"), _table(folder / "banking77" / "test.csv"))


def _own(*parts: str) -> Converter:
    def rows(_: Path) -> Iterator[Row]:
        return iter([row for part in parts for row in _lines(OWN / part)])

    return Converter(parts[0].partition("/")[0], rows)


def _language(asked: str, written: str) -> Converter:
    def rows(_: Path) -> Iterator[Row]:
        return languages(_lines(OWN / "articles" / "languages-test.jsonl"), asked=asked, written=written)

    return Converter("retrieval", rows)


def _set(read: Callable[[Path], RetrievalSet]) -> Converter:
    return Converter("retrieval", lambda folder: retrieval_rows(read(folder)))


def _lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _table(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from list(csv.reader(file))[1:]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _faq_id(domain: str, entity: object, faq: object) -> str:
    return f"{domain}/{entity}/{faq}"


def _client(chat: str) -> str:
    found = re.search(r"#(CLIENT-\d+)#", chat)
    return found.group(1) if found else ""


SETS: dict[str, Converter] = {
    "stackfaq": _set(stackfaq),
    "stackfaq-answers": _set(stackfaq_answers),
    "emanual-tv": _set(emanual),
    "dstc11-faq": Converter("retrieval", dstc11),
    **{f"languages-{one}": _language(one, one) for one in LANGUAGES},
    **{f"languages-{one}-over-en": _language(one, "en") for one in LANGUAGES[1:]},
    "sofmattress": _hint3("sofmattress"),
    "curekart": _hint3("curekart"),
    "banking77": Converter("macros", _banking77),
    "wmt22-chat": Converter("replies", wmt22),
    "twacs": Converter("replies", twacs),
    "churn-en": Converter("churn", churn_en),
    "churn-plain": Converter("churn", _own("churn/plain-test.jsonl").rows, learns_from="churn-own-train"),
    "churn-own": Converter("churn", _own("churn/test.jsonl").rows, learns_from="churn-own-train"),
    "goemotions": Converter("mood", lambda folder: goemotions(folder, part="test"), learns_from="goemotions-train"),
    "mood-own": Converter("mood", _own("mood/test.jsonl").rows, learns_from="goemotions-train"),
}
TRAINING: dict[str, Converter] = {
    "churn-own-train": _own(*(f"churn/{one}.jsonl" for one in LANGUAGES)),
    "goemotions-train": Converter("mood", lambda folder: goemotions(folder, part="train")),
}
"""What peers that learn are given where the set itself is only for measuring."""
