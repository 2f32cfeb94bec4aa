"""``kibitz admin``: check, export, import, delete-customer, retention. Needs no screen, and shows no window."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import IO

from assist.domain import AccountId
from assist.errors import KibitzError
from assist.store.database import StoreKey, delete_index, index_path
from assist.store.forgetting import Forgetting, Forgotten, Holdings, KnownCustomer
from assist.store.store import Store, open_store
from desktop.admin import bundle
from desktop.admin.check import check, lines
from desktop.desk import SystemClock
from desktop.i18n import tr
from desktop.keeping import WIPE_TRIES
from desktop.places import place_in
from desktop.policy import PolicyFile
from desktop.secrets import STORE_KEY_NAME, Secrets, service_name
from desktop.settings import Folders, SettingsFile, folders, presets, write_whole
from desktop.single_instance import hold
from desktop.vault import FILE_NAME
from desktop.wiring import Ports

BEFORE_IMPORT = "settings-before-import.json"
STILL_THERE = "What the helpdesk holds is not changed. Delete the customer there too."
_Do = Callable[[Forgetting], Awaitable[Forgotten]]


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what `run` reads to the parser of ``kibitz admin``."""
    acts = parser.add_subparsers(dest="act", metavar="act", required=True)
    one = acts.add_parser("check", help="say how accounts, rights, quotas, keyring and own files stand")
    one.add_argument("--json", action="store_true", help="print it for a program")
    one = acts.add_parser("export", help="write all settings to one file; no secret is in it")
    one.add_argument("file", help="where to; - for standard output")
    one = acts.add_parser("import", help="read such a file, show what it changes, and use it")
    one.add_argument("file")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one = acts.add_parser("delete-customer", help="delete all that Kibitz keeps of a customer on this machine")
    one.add_argument("account", help="like zendesk:acme, as check names it")
    one.add_argument("who", help="the customer's id, address, or a part of the name")
    one.add_argument("--yes", action="store_true", help="do not ask")
    acts.add_parser("retention", help="delete now what is older than the settings keep")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for; return 0 when it was done and all is well, 1 when not, 2 for a wrong call."""
    logging.disable(logging.CRITICAL)  # what is to be known is printed
    try:
        return _run(arguments, folders())
    except (KibitzError, ValueError) as error:
        return _refused(str(error))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _refused(f"{error.strerror or error}{where}")
    finally:
        logging.disable(logging.NOTSET)


def _run(arguments: argparse.Namespace, where: Folders) -> int:
    match arguments.act:
        case "check":
            return _check(where, _ports(arguments.demo_helpdesk), as_json=arguments.json)
        case "export":
            return _export(where, arguments.file)
        case "import":
            return _import(where, Path(arguments.file), asks=not arguments.yes)
        case "delete-customer":
            return _delete(where, AccountId(arguments.account), arguments.who, asks=not arguments.yes)
        case _:
            return _retention(where)


def _check(where: Folders, ports: Ports, *, as_json: bool) -> int:
    lock = _lock(where)
    if lock is not None:
        lock.close()
    report = asyncio.run(check(where, is_running=lock is None, ports=ports))
    _say(
        [json.dumps({**asdict(report), "is_well": report.is_well}, ensure_ascii=False, indent=1)]
        if as_json
        else lines(report)
    )
    return 0 if report.is_well else 1


def _export(where: Folders, to: str) -> int:
    text = bundle.to_text(_present(where))
    if to == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(to).expanduser().absolute(), text)
        _say([f"Written: {to}"])
    return 0


def _import(where: Folders, path: Path, *, asks: bool) -> int:
    wanted = bundle.read_file(path.expanduser())
    changes = bundle.differences(_present(where), wanted)
    _say(f"! {problem}" for problem in wanted.problems)
    if not changes:
        _say(["Nothing would change."])
        return 1 if wanted.problems else 0
    _say(f"- {change}" for change in changes)
    with _alone(where):
        if asks and not _agreed("Use these settings?"):
            return 1
        before = bundle.apply(wanted, _policy(where), _settings(where), where.config)
    kept = where.config / BEFORE_IMPORT
    write_whole(kept, bundle.to_text(before))
    _say(["Done.", f"To undo it: kibitz admin import {kept}"])
    return 1 if wanted.problems else 0


def _delete(where: Folders, account: AccountId, who: str, *, asks: bool) -> int:
    with _alone(where), _Opened(where) as store:
        forgetting = Forgetting(store.writer, store.reader)
        found = forgetting.find(account, who)
        if len(found) != 1:
            _say([tr("Nobody of that name, address or id is kept here.")] if not found else _choices(found))
            return 1
        (customer,) = found
        if customer.only_wrote_it and not asks:
            said = f"{customer.name} ({customer.id}) wrote that address, which may be somebody else's"
            _say([f"{said}. To delete all that is kept of this customer, say the id instead."])
            return 1
        _say([f"{customer.name} {customer.email} ({customer.id})", *_amounts(forgetting.holdings(customer))])
        if asks and not _agreed("Delete all this for good?"):
            return 1
        asyncio.run(_gone(store, lambda one: one.forget_customer(customer)))
        _say(["Deleted.", STILL_THERE, *_aside(where)])
    return 0


def _retention(where: Folders) -> int:
    days = _policy(where).value.retention_days
    if not days:
        _say(["The settings keep everything: no retention is set."])
        return 0
    with _alone(where), _Opened(where) as store:
        than = SystemClock().now() - timedelta(days=days)
        gone = asyncio.run(_gone(store, lambda one: one.forget_older(than)))
        _say([f"Deleted what is older than {days} days.", *_amounts(gone.holdings), *_aside(where)])
    return 0


async def _gone(store: Store, do: _Do) -> Forgotten:
    forgetting = Forgetting(store.writer, store.reader)
    delete_index(index_path(store.path))
    gone = await do(forgetting)
    for _ in range(WIPE_TRIES):
        if await forgetting.wipe():
            return gone
    raise KibitzError("It is deleted, but still in the write-ahead log, because another program reads the local data.")


class _Opened:
    """The store of this machine, opened with the key from the keyring. Raises KibitzError where there is none."""

    def __init__(self, where: Folders) -> None:
        path = where.data / FILE_NAME
        if not path.exists():
            raise KibitzError("Kibitz has kept nothing on this machine.")
        key = asyncio.run(_store_key(where))
        if key is None:
            raise KibitzError("The key of the local data is not in the keyring.")
        self._store = open_store(path, StoreKey.from_text(key))

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


async def _store_key(where: Folders) -> str | None:
    return await (await Secrets.open(service_name(where))).get(STORE_KEY_NAME)


def _alone(where: Folders) -> IO[bytes]:
    """Hold the lock. What a running Kibitz has in memory could not be changed from here."""
    lock = _lock(where)
    if lock is None:
        raise KibitzError("Kibitz is running. Do this in its window (Admin), or end it first: kibitz quit")
    return lock


def _lock(where: Folders) -> IO[bytes] | None:
    return hold(place_in(where.runtime))


def _present(where: Folders) -> bundle.Bundle:
    return bundle.present(_policy(where).value, _settings(where).value, where.config)


def _policy(where: Folders) -> PolicyFile:
    return PolicyFile(where.config, presets())


def _settings(where: Folders) -> SettingsFile:
    return SettingsFile(where.config / "settings.json")


def _choices(found: Iterable[KnownCustomer]) -> list[str]:
    listed = [f"  {one.id}  {one.name}  {one.email}".rstrip() for one in found]
    return ["Several customers are meant. Name one by the id:", *listed]


def _amounts(held: Holdings) -> list[str]:
    counts = {
        "solved tickets": held.solved,
        "replies learned from them": held.replies,
        "opened tickets": held.opened,
        "texts in the log": held.log_texts,
        "things done in the helpdesk": held.acts,
    }
    return [f"  {number} {what}" for what, number in counts.items() if number] or ["  nothing"]


def _aside(where: Folders) -> list[str]:
    found = sorted(path.name for path in where.data.glob(f"{FILE_NAME}.damaged-*"))
    return (
        [f"! Databases that were set aside may still hold texts: {', '.join(found)} in {where.data}"] if found else []
    )


def _ports(texts: Iterable[str]) -> Ports:
    ports = dict(text.partition("=")[::2] for text in texts)
    return Ports(int(ports.get("zendesk", 0)), int(ports.get("freshdesk", 0)))


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        sys.stderr.write("kibitz: nobody is there to ask. Say --yes\n")
        return False
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _refused(why: str) -> int:
    sys.stderr.write(f"kibitz: {why}\n")
    return 1


def _say(said: Iterable[str]) -> None:
    for line in said:
        sys.stdout.write(f"{line}\n")
