"""Readers for the public sets that Kibitz is measured with. The folder comes from an option.

``RetrievalSet`` is what the comparisons of parts need; ``tests.bench.converted`` makes rows of docs/measuring.md.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class RetrievalSet:
    name: str
    titles: list[str]
    texts: list[str]
    queries: list[str]
    gold: list[int]


def stackfaq(folder: Path) -> RetrievalSet:
    root = ElementTree.fromstring((folder / "stackfaq" / "stackExchange-FAQ.xml").read_text(encoding="utf-8"))
    titles, texts, queries, gold = [], [], [], []
    for number, pair in enumerate(root.iter("qapair")):
        titles.append((pair.findtext("question") or "").strip())
        texts.append("\n\n".join((answer.text or "").strip() for answer in pair.findall("answer")))
        for rephrased in pair.findall("rephr"):
            text = (rephrased.text or "").strip()
            if text and text != "*":
                queries.append(text)
                gold.append(number)
    return RetrievalSet("stackfaq", titles, texts, queries, gold)


def emanual(folder: Path) -> RetrievalSet:
    base = folder / "emanual-tv"
    corpus = json.loads((base / "smart_tv_remote_manual_corpus.json").read_text(encoding="utf-8"))
    names = list(corpus)
    by_title = {}
    for number, name in enumerate(names):
        by_title.setdefault(_key(corpus[name]["title"]), number)
    queries, gold = [], []
    for question, path in _emanual_questions(base):
        number = by_title.get(_key(path.split(">")[-1]))
        if number is not None:
            queries.append(question)
            gold.append(number)
    titles = [corpus[name]["title"] for name in names]
    texts = [" ".join(corpus[name]["text"]) for name in names]
    return RetrievalSet("emanual-tv", titles, texts, queries, gold)


def stackfaq_answers(folder: Path) -> RetrievalSet:
    """The same threads without their question: only the answers are there to be found."""
    one = stackfaq(folder)
    return RetrievalSet("stackfaq-answers", [""] * len(one.titles), one.texts, one.queries, one.gold)


def _emanual_questions(base: Path) -> list[tuple[str, str]]:
    pairs = []
    with (base / "smart_tv_remote_50_questions.csv").open(encoding="utf-8", errors="replace") as file:
        pairs.extend((row["question"], row["section_path"]) for row in csv.DictReader(file))
    with zipfile.ZipFile(base / "smart_remote_QA.zip") as archive:
        for name in sorted(archive.namelist()):
            # Some of the files are not valid JSON (unescaped quotes in answers), so the two keys are picked out.
            text = archive.read(name).decode("utf-8", errors="replace")
            pairs.extend(
                (question, path)
                for path, question in re.findall(
                    r'"Section Hierarchy"\s*:\s*"([^"]+)".*?"Question"\s*:\s*"([^"]+)"', text, flags=re.DOTALL
                )
            )
    return list(dict.fromkeys(pairs))


def _key(title: str) -> str:
    return "".join(letter for letter in title.lower() if letter.isalnum())
