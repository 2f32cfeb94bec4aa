"""Public sets in the formats of the door: values on tiny inputs."""

from __future__ import annotations

import bz2
import json
from pathlib import Path

import pytest

from tests.bench import converted
from tests.bench.convert import main
from tests.bench.converted import LEVELS, SETS, TRAINING, by_hash, intents, languages, level_of, retrieval_rows
from tests.bench.datasets import RetrievalSet


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_that_each_query_names_the_document_that_answers_it():
    rows = list(retrieval_rows(RetrievalSet("x", ["Returns", "Login"], ["30 days", "Reset it"], ["cant log in"], [1])))
    assert rows == [
        {"type": "document", "id": "d0", "title": "Returns", "text": "30 days", "language": "en"},
        {"type": "document", "id": "d1", "title": "Login", "text": "Reset it", "language": "en"},
        {"type": "query", "id": "q0", "text": "cant log in", "gold": ["d1"]},
    ]


def test_that_only_turns_that_a_faq_answers_are_queries(tmp_path: Path):
    knowledge = {"hotel": {"3": {"name": "INN", "reviews": {}, "faqs": {"0": {"question": "Pets?", "answer": "No."}}}}}
    faq = {"domain": "hotel", "entity_id": 3, "doc_type": "faq", "doc_id": 0}
    review = {**faq, "doc_type": "review", "sent_id": 1}
    labels = [{"target": False}, {"target": True, "knowledge": [review]}, {"target": True, "knowledge": [review, faq]}]
    log = [{"speaker": "U", "text": "An inn?"}, {"speaker": "S", "text": "Inn."}, {"speaker": "U", "text": "Dogs?"}]
    put(tmp_path, "dstc11-faq/knowledge.json", json.dumps(knowledge))
    put(tmp_path, "dstc11-faq/val/labels.json", json.dumps(labels))
    put(tmp_path, "dstc11-faq/val/logs.json", json.dumps([log] * 3))
    document, query = converted.dstc11(tmp_path)
    assert document == {
        "type": "document",
        "id": "hotel/3/0",
        "title": "Pets?",
        "text": "No.",
        "section": "hotel > INN",
        "language": "en",
    }
    assert (query["id"], query["gold"]) == ("q2", ["hotel/3/0"])
    assert [turn["role"] for turn in query["turns"]] == ["customer", "agent", "customer"]


def test_that_queries_of_one_language_can_search_the_articles_of_another():
    entry = {
        "kb": "shop",
        "id": "a1",
        "title": {"en": "Returns", "de": "Rückgabe"},
        "text": {"en": "30 days", "de": "30 Tage"},
        "queries": {"en": ["send back"], "de": ["zurückgeben", "umtauschen"]},
    }
    document, first, second = languages([entry], asked="de", written="en")
    assert (document["title"], document["language"], document["kb"]) == ("Returns", "en", "shop:en")
    assert [(row["text"], row["kb"], row["gold"]) for row in (first, second)] == [
        ("zurückgeben", "shop:en", ["a1"]),
        ("umtauschen", "shop:en", ["a1"]),
    ]


def test_that_what_fits_nothing_has_no_macro_and_is_no_example():
    train = [("emi?", "EMI"), ("hi", "NO_NODES_DETECTED")]
    assert list(intents(train, [("emi please", "EMI"), ("showroom", "NO_NODES_DETECTED")])) == [
        {"type": "example", "text": "emi?", "macro": "EMI"},
        {"type": "message", "id": "m0", "text": "emi please", "macro": "EMI"},
        {"type": "message", "id": "m1", "text": "showroom", "macro": None},
    ]


HEAD = "doc_id,source_language,target_language,source_segment,pe_segment,translation_direction\n"


def test_that_a_chat_is_told_in_its_english_side(tmp_path: Path):
    chat = "en_de_#CLIENT-01#_default_2020-12-20-19"
    lines = f"{chat},de,en,Hallo,Hello,customer\n{chat},en,de,Dear customer,Sehr geehrte,agent\n"
    put(tmp_path, "wmt22-chat/dev-bilingual.en_de.csv", HEAD + lines + f"{chat},en,de,Thanks,Danke,customer\n")
    for name in ("fr", "pt-br"):
        put(tmp_path, f"wmt22-chat/dev-bilingual.en_{name}.csv", HEAD)
    (row,) = converted.wmt22(tmp_path)
    assert (row["id"], row["client"]) == (chat, "CLIENT-01")
    assert [(turn["role"], turn["text"]) for turn in row["turns"]] == [
        ("customer", "Hello"),
        ("agent", "Dear customer"),
        ("customer", "Thanks"),
    ]


def test_that_two_thirds_of_each_clients_chats_are_past(tmp_path: Path):
    chats = [f"en_de_#CLIENT-0{client}#_{number}" for client in (1, 2) for number in range(6)]
    put(tmp_path, "wmt22-chat/dev-bilingual.en_de.csv", HEAD + "".join(f"{c},de,en,a,b,customer\n" for c in chats))
    for name in ("fr", "pt-br"):
        put(tmp_path, f"wmt22-chat/dev-bilingual.en_{name}.csv", HEAD)
    past = [row["client"] for row in converted.wmt22(tmp_path) if row["split"] == "past"]
    assert sorted(past) == ["CLIENT-01"] * 4 + ["CLIENT-02"] * 4


def test_that_airlines_openings_have_one_reply_and_their_own_split(tmp_path: Path):
    pairs = [{"split": split, "opening": f"late {split}", "reply": "Sorry"} for split in ("past", "dev")]
    (tmp_path / "twacs").mkdir()
    with bz2.open(tmp_path / "twacs" / "pairs.jsonl.bz2", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(pair)}\n" for pair in pairs)
    past, test = converted.twacs(tmp_path)
    assert (past["split"], past["turns"][0]) == ("past", {"role": "customer", "text": "late past"})
    assert (test["split"], test["turns"][1]) == ("test", {"role": "agent", "text": "Sorry"})


def test_that_a_text_about_no_brand_has_no_target(tmp_path: Path):
    put(tmp_path, "churn-en/EN_chatbot.csv", 'I am "leaving" salt\tEN\tsalt\t1\nhello\tEN\tno_brand\t0\n')
    assert list(converted.churn_en(tmp_path)) == [
        {"text": 'I am "leaving" salt', "target": "salt", "label": 1, "language": "en"},
        {"text": "hello", "target": "", "label": 0, "language": "en"},
    ]


@pytest.mark.parametrize(
    ("emotions", "level"),
    [
        (["anger"], -2),
        (["annoyance", "anger"], -2),
        (["neutral"], 0),
        (["surprise", "gratitude"], 1),
        (["joy"], 2),
        (["joy", "sadness"], None),
    ],
)
def test_that_the_strongest_emotion_is_the_level_unless_they_disagree(emotions: list[str], level: int | None):
    assert level_of(emotions) == level


def test_that_every_emotion_has_one_level():
    named = [emotion for emotions in LEVELS.values() for emotion in emotions.split()]
    assert len(named) == len(set(named)) == 28


def test_that_comments_with_emotions_of_both_signs_are_left_out(tmp_path: Path):
    put(tmp_path, "goemotions/labels.txt", "anger\njoy\nneutral\n")
    put(tmp_path, "goemotions/test.tsv", 'what "now\t0\tx1\nboth\t0,1\tx2\nfine\t2\tx3\n')
    rows = [(row["text"], row["level"]) for row in converted.goemotions(tmp_path, part="test")]
    assert rows == [('what "now', -2), ("fine", 0)]


def test_that_an_order_by_hash_does_not_depend_on_the_order_of_what_comes():
    ids = [f"c{number}" for number in range(20)]
    assert by_hash(ids) == by_hash(reversed(ids)) != ids


def test_that_what_peers_learn_from_can_be_made():
    assert {one.learns_from for one in SETS.values() if one.learns_from} == set(TRAINING)


def test_that_a_set_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code = main(["churn-en", "--shared", str(tmp_path), "--out", str(tmp_path / "out.jsonl")])
    assert code == 1
    assert "EN_chatbot.csv is not there" in capsys.readouterr().err


def test_that_the_command_writes_one_object_a_line(tmp_path: Path):
    put(tmp_path, "churn-en/EN_chatbot.csv", "bye salt – für immer\tEN\tsalt\t1\n")
    assert main(["churn-en", "--shared", str(tmp_path), "--out", str(tmp_path / "out.jsonl")]) == 0
    line = '{"text": "bye salt – für immer", "target": "salt", "label": 1, "language": "en"}\n'
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == line
