"""``python -m assist`` as a process of its own, on real stores."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assist.domain import EventKind, Help, SourceKind
from assist.store.codec import dumps, loads
from assist.store.database import StoreKey
from assist.store.store import open_store
from tests.helpers.builders import (
    NOON,
    a_decision,
    a_macro,
    a_message,
    a_reply,
    a_shown,
    a_solved_ticket,
    a_source,
    a_ticket,
    an_article,
    an_open_ticket,
)
from tests.helpers.store import append, run

ROOT = Path(__file__).resolve().parents[2]

POLE = an_article(
    5,
    title="Snapped tent pole",
    html="<p>Slide the repair sleeve over the break and tape both ends. Then send us a photo of the pole.</p>",
)
RETURNS = an_article(6, title="Return an item", html="<p>You can return an unused item within 60 days of delivery.</p>")
STOVE = an_article(7, title="Gas cartridges", html="<p>Cartridges travel by road only, never by air.</p>")
MACRO = a_macro(
    12,
    title="Warranty::Pole",
    body="Hi {{ticket.requester.first_name}},\n\na snapped tent pole is covered. {{agent.name}}",
)
SOLVED = a_solved_ticket(
    8,
    messages=(
        a_message("The pole of our tent snapped in the wind, what now?"),
        a_reply("A pole that snaps at the joint is covered by the warranty, so a new section is on its way to you."),
    ),
)
TICKET = an_open_ticket(
    7,
    ticket=a_ticket(7, subject="Tent pole snapped"),
    messages=(a_message("My tent pole snapped on the second night. How do I mend the pole?"),),
)


def assist(*arguments: object, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "assist", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def jsonl(path: Path, *values: object) -> Path:
    path.write_text("".join(f"{dumps(value)}\n" for value in values), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a store that `index` built."""
    folder = tmp_path_factory.mktemp("cli")
    jsonl(folder / "articles.jsonl", POLE, RETURNS, STOVE)
    jsonl(folder / "macros.jsonl", MACRO)
    jsonl(folder / "solved.jsonl", SOLVED)
    (folder / "ticket.json").write_text(dumps(TICKET), encoding="utf-8")
    made = assist(
        *("index", *_store(folder), "--articles", folder / "articles.jsonl"),
        *("--macros", folder / "macros.jsonl", "--solved", folder / "solved.jsonl"),
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith(
        "3 articles in 3 passages, 1 macros, 1 replies of 1 solved tickets\n5 vectors made in "
    )
    return folder


def _store(folder: Path) -> tuple[object, ...]:
    return ("--store", folder / "s.db", "--key-file", folder / "s.key")


def test_that_index_makes_a_key_that_only_its_owner_can_read(folder):
    key = folder / "s.key"

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert StoreKey.from_text(key.read_text().strip())
    assert b"repair sleeve" not in (folder / "s.db").read_bytes()


def test_that_suggest_prints_help_as_json(folder):
    said = assist("suggest", *_store(folder), "--ticket", folder / "ticket.json", "--agent", "Tom Lindqvist")

    assert (said.returncode, said.stderr) == (0, "")
    found = loads(Help, said.stdout)
    assert found.articles[0].title == "Snapped tent pole"
    assert {reply.source.kind for reply in found.replies} == {
        SourceKind.MACRO,
        SourceKind.PAST_REPLY,
        SourceKind.ARTICLE,
    }
    (macro,) = [reply for reply in found.replies if reply.source.kind is SourceKind.MACRO]
    assert macro.text == "Hi Inês,\n\na snapped tent pole is covered. Tom Lindqvist"
    assert found.stage == "refined"


def test_that_suggest_answers_in_words_for_people(folder):
    said = assist("suggest", *_store(folder), "--ticket", folder / "ticket.json", "--text")

    assert "- Snapped tent pole (" in said.stdout
    assert "    Slide the repair sleeve over the break and tape both ends." in said.stdout


def test_that_suggest_answers_without_the_encoder(folder):
    said = assist("suggest", *_store(folder), "--ticket", folder / "ticket.json", "--plain")

    found = loads(Help, said.stdout)
    assert (found.stage, found.versions["encoder"]) == ("plain", "")
    assert [hit.title for hit in found.articles][:1] == ["Snapped tent pole"]


def test_that_a_store_gives_back_what_was_put_in(folder):
    exported = {what: assist("export", *_store(folder), what).stdout for what in ("articles", "macros", "solved")}

    assert exported == {
        "articles": (folder / "articles.jsonl").read_text(encoding="utf-8"),
        "macros": (folder / "macros.jsonl").read_text(encoding="utf-8"),
        "solved": (folder / "solved.jsonl").read_text(encoding="utf-8"),
    }


def test_that_the_key_may_come_from_the_environment(folder):
    key = (folder / "s.key").read_text().strip()

    said = assist("export", "--store", folder / "s.db", "--key-env", "SOME_KEY", "macros", SOME_KEY=key)

    assert said.stdout == (folder / "macros.jsonl").read_text(encoding="utf-8")


def test_that_indexing_again_encodes_only_what_is_new(folder, tmp_path):
    new = an_article(9, title="Wash a down jacket", html="<p>Use down wash and three tennis balls.</p>")

    said = assist("index", *_store(folder), "--articles", jsonl(tmp_path / "new.jsonl", new))

    assert said.stdout.startswith("4 articles in 4 passages, 1 macros, 1 replies of 1 solved tickets\n1 vectors made")


def test_that_replay_compares_ranks_then_and_now(tmp_path):
    jsonl(tmp_path / "articles.jsonl", POLE, RETURNS, STOVE)
    assist("index", *_store(tmp_path), "--articles", tmp_path / "articles.jsonl")
    key = StoreKey.from_text((tmp_path / "s.key").read_text().strip())
    store = open_store(tmp_path / "s.db", key)
    later = NOON + timedelta(minutes=5)
    told = replace(
        TICKET,
        messages=(
            *TICKET.messages,
            a_reply("Ask about gas cartridges instead.", created_at=later + timedelta(hours=1)),
        ),
    )
    run(store.tickets.put(told))
    pole, gone, other = a_source("article:5:en-gb"), a_source("article:99:en-gb"), a_source("article:7:en-gb")
    append(
        store,
        a_shown("s1", list_name="articles", rank=2, source=pole, at=later),
        a_shown("s2", list_name="articles", rank=1, source=gone, at=later),
        a_shown("s3", list_name="articles", rank=1, source=other, at=later, ref=a_ticket(404).ref),
    )
    append(store, a_decision(EventKind.USED, "s1"), a_decision(EventKind.DISMISSED, "s2"))
    store.close()

    said = assist("replay", *_store(tmp_path), "--out", tmp_path / "out.jsonl")

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == (
        "3 logged suggestions; 1 of tickets that are not cached any more\n"
        "1 of 2 come again\n"
        "1 were used; mean reciprocal rank 0.500 then, 1.000 now\n"
    )
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        {
            "ticket": "zendesk:acme#7",
            "list_name": "articles",
            "source": f"article:{number}:en-gb",
            "decision": decision,
            "rank_then": then,
            "rank_now": now,
        }
        for number, decision, then, now in ((5, "used", 2, 1), (99, "dismissed", 1, None))
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("suggest", "--ticket", "{ticket}", "--store", "{none}", "--key-file", "{key}"),
            "there is no store at {none}",
        ),
        (("suggest", "--ticket", "{none}", "--store", "{db}", "--key-file", "{key}"), "{none} cannot be read: No such"),
        (
            ("suggest", "--ticket", "{key}", "--store", "{db}", "--key-file", "{key}"),
            "{key}: a stored OpenTicket cannot",
        ),
        (("export", "macros", "--store", "{db}", "--key-file", "{none}"), "{none} cannot be read: No such file"),
        (("export", "macros", "--store", "{db}", "--key-file", "{ticket}"), "can be read by others; run: chmod 600"),
        (("export", "macros", "--store", "{db}", "--key-file", "{bad}"), "{bad} holds no store key of 64 hexadecimal"),
        (("export", "macros", "--store", "{db}", "--key-file", "{other}"), "key"),
        (("export", "macros", "--store", "{db}", "--key-env", "NO_SUCH"), "the environment holds no NO_SUCH"),
        (("export", "macros", "--store", "{ticket}", "--key-file", "{key}"), ""),
        (
            ("index", "--store", "{db}", "--key-file", "{key}", "--articles", "{mixed}"),
            "{mixed}, line 2: a stored Article",
        ),
        (("index", "--store", "{db}/x", "--key-file", "{key}"), ""),
        (("replay", "--store", "{db}", "--key-file", "{key}"), "the log holds no suggestions yet"),
        (("suggest", "--store", "{db}", "--key-file", "{key}"), "--ticket"),
        (("dance",), "dance"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_that_bad_input_gives_one_clear_line_and_exit_2(folder, tmp_path, arguments, complaint):
    (tmp_path / "bad").write_text("no key\n")
    (tmp_path / "bad").chmod(0o600)
    (tmp_path / "other").write_text("ab" * 32)
    (tmp_path / "other").chmod(0o600)
    (tmp_path / "mixed").write_text(f"{dumps(POLE)}\n{{\n")
    names = {
        "db": folder / "s.db",
        "key": folder / "s.key",
        "ticket": folder / "ticket.json",
        **{name: tmp_path / name for name in ("none", "bad", "other", "mixed")},
    }

    said = assist(*(argument.format(**names) for argument in arguments))

    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    last = said.stderr.splitlines()[-1]
    assert last.startswith("python -m assist")
    assert complaint.format(**names) in last
    assert said.stdout == ""
