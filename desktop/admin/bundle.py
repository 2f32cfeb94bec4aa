"""All settings as one file: what an admin decides, an agent's preferences, own trigger files. No secret, no customer.

A file can come from anybody: it is read strictly and whole, nothing in it names a path, and what it would change is
said before it holds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assist.signals.advice import ChurnFileError, load_rules
from assist.signals.triggers import TriggerFileError, load_triggers
from desktop import policy as policies
from desktop.accounts.settings_file import LARGEST_FILE_BYTES, changes, read_settings
from desktop.i18n import tr
from desktop.policy import Policy, PolicyFile
from desktop.settings import TABLE, Settings, SettingsFile, parse, write_whole

FORMAT = 1
SHARED = ("theme", "language", "show_at_start", "reserve_edge", "poll", "drafts", "door", "door_origins", "log_level")
"""Settings that mean the same on another machine: no screens, no paired browsers, no account."""
RULE_FILES = {"triggers": "triggers.toml", "churn": "churn.toml"}
"""An admin's own rules, by their key in the file."""
LARGEST_RULES_CHARACTERS = 400_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a file holds, or what holds here.

    ``settings`` are some of `SHARED`. ``rules`` are texts by the keys of `RULE_FILES`; an empty text stands for the
    shipped rules, and a key that is missing for leaving them as they are.
    """

    policy: Policy
    settings: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()
    """Sentences about what in the file cannot be used, and is left out."""


def present(policy: Policy, settings: Settings, folder: Path) -> Bundle:
    """Return what holds here; ``folder`` is the config folder. Raises OSError and UnicodeDecodeError for own rules."""
    rules = {key: _text_of(folder / name) for key, name in RULE_FILES.items()}
    return Bundle(policy, {key: _plain(getattr(settings, key)) for key in SHARED}, rules)


def to_text(bundle: Bundle) -> str:
    """Return the file that `read` reads as ``bundle``."""
    payload: dict[str, Any] = {
        "kibitz": FORMAT,
        "policy": policies.write(bundle.policy),
        "settings": dict(bundle.settings),
        **{key: text for key, text in bundle.rules.items() if text},
    }
    return json.dumps(payload, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read(raw: bytes) -> Bundle:
    """Read a file. Raises ValueError with a sentence to show; what is wrong in a part costs only that part."""
    if len(raw) > LARGEST_FILE_BYTES:
        raise ValueError(tr("The file is too large to be a settings file of Kibitz."))
    outer = _outer(raw)
    found = read_settings(raw)
    settings, said = _settings(outer.get("settings", {}))
    rules, wrong = _rules(outer)
    return Bundle(found.policy, settings, rules, (*found.problems, *said, *wrong))


def read_file(path: Path) -> Bundle:
    """As `read`, from a file. Blocks."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise ValueError(tr("The file cannot be read: {why}.", why=error.strerror or "")) from error
    return read(raw)


def differences(now: Bundle, then: Bundle) -> tuple[str, ...]:
    """Return a sentence for each thing that would be another; empty where nothing would."""
    return tuple(_differences(now, then))


def apply(bundle: Bundle, policy: PolicyFile, settings: SettingsFile, folder: Path) -> Bundle:
    """Let ``bundle`` hold, and return what held before: applying that undoes it.

    Raises:
        SettingsNotSaved, OSError: A file cannot be written. What came before it in this order holds: rules, settings,
            policy.
    """
    before = present(policy.value, settings.value, folder)
    for key, text in bundle.rules.items():
        path = folder / RULE_FILES[key]
        if not text:
            path.unlink(missing_ok=True)
        elif text != before.rules[key]:
            write_whole(path, text)
    wanted = parse(bundle.settings).settings
    changed = {key: getattr(wanted, key) for key in bundle.settings if bundle.settings[key] != before.settings[key]}
    if changed:
        settings.change(**changed)
    if bundle.policy != policy.value:
        policy.put(bundle.policy)
    return before


def _outer(raw: bytes) -> dict[str, Any]:
    refused = ValueError(tr("This is not a settings file of Kibitz."))
    try:
        outer = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise refused from None
    if not isinstance(outer, dict) or type(outer.get("kibitz")) is not int or not isinstance(outer.get("policy"), dict):
        raise refused
    if outer["kibitz"] > FORMAT:
        raise ValueError(tr("A later version of Kibitz wrote this settings file. Update Kibitz, then import it."))
    return outer


def _settings(raw: Any) -> tuple[dict[str, Any], Iterable[str]]:
    if not isinstance(raw, dict):
        return {}, (tr("The settings of agents in it cannot be used."),)
    mine = {key: value for key, value in raw.items() if key in SHARED}
    found = parse(mine)
    bad = {setting.key for setting in TABLE if any(setting.key in problem.split() for problem in found.problems)}
    sound = {key: _plain(getattr(found.settings, key)) for key in mine if key not in bad}
    return sound, tuple(tr("{what}.", what=problem[0].upper() + problem[1:]) for problem in found.problems)


def _rules(outer: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return own rules that Kibitz would use, and why others would not be used."""
    rules: dict[str, str] = {}
    problems: list[str] = []
    for key, name in RULE_FILES.items():
        if key not in outer:
            continue
        text = outer[key]
        if not isinstance(text, str) or len(text) > LARGEST_RULES_CHARACTERS:
            problems.append(tr("{name} in it cannot be used.", name=name))
        elif text and (why := _why_not(key, text)):
            problems.append(tr("{name} in it cannot be used: {why}", name=name, why=why))
        else:
            rules[key] = text
    return rules, tuple(problems)


def _why_not(key: str, text: str) -> str:
    check: Callable[[Path], object] = load_triggers if key == "triggers" else load_rules
    with tempfile.TemporaryDirectory(prefix="kibitz-rules-") as folder:
        path = Path(folder) / RULE_FILES[key]
        try:
            path.write_text(text, encoding="utf-8", newline="")
            check(path)
        except (TriggerFileError, ChurnFileError, UnicodeEncodeError, RecursionError) as error:
            return str(error).replace(str(path), path.name)
    return ""


def _differences(now: Bundle, then: Bundle) -> Iterator[str]:
    yield from changes(now.policy, then.policy)
    known = {(one.kind, one.site) for one in now.policy.offered}
    if fresh := [one.name or one.site for one in then.policy.offered if (one.kind, one.site) not in known]:
        yield tr("Offered to agents: {accounts}.", accounts=", ".join(fresh))
    if now.policy.solved_tickets != then.policy.solved_tickets:
        yield tr("Solved tickets that a first sync reads: {n}.", n=then.policy.solved_tickets)
    for setting in TABLE:
        key = setting.key
        if key in then.settings and then.settings[key] != now.settings.get(key, then.settings[key]):
            yield tr("{what}: {value}.", what=tr(setting.help), value=_said(then.settings[key]))
    for key, text in then.rules.items():
        if text != now.rules.get(key, ""):
            name = RULE_FILES[key]
            yield (
                tr("Own rules in {name}.", name=name) if text else tr("The shipped rules instead of {name}.", name=name)
            )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or tr("none")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON gives it back."""
    return json.loads(json.dumps(value))
