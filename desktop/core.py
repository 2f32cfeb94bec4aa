"""Everything behind the windows, started after the tray is there: store, engine, accounts, background work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assist.domain import AccountId, HelpdeskKind, SourceKind, Trigger
from assist.engine.client import EngineClient
from assist.engine.protocol import Encoded, Start
from assist.errors import HelpdeskError
from assist.ports import Quota
from assist.retrieve.backend import PlainBackend
from assist.signals.advice import DEFAULT_FILE, ChurnFileError, load_rules
from assist.signals.triggers import TriggerFileError, load_triggers
from assist.store.records import Changes
from assist.suggest import Assistant
from assist.sync import CollectionName
from desktop.desk import Desk, Seat, SystemClock
from desktop.following import Follower
from desktop.i18n import tr
from desktop.keeping import Keeping
from desktop.outcomes import OutcomeWatcher, Sight
from desktop.panel.state import (
    Action,
    Engine,
    Footer,
    NoAccount,
    NoTicket,
    PanelState,
    Ready,
    Starting,
    Syncing,
    Trouble,
)
from desktop.policy import InternalUse, Policy, PolicyFile
from desktop.session import Session
from desktop.syncing import Bounds
from desktop.syncing import Syncing as BackgroundSync
from desktop.tasks import TaskSet
from desktop.vault import Vault
from resources import ROOT

log = logging.getLogger(__name__)

RENEW_AFTER_S = 1.0
FOOTER_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait between two looks at a helpdesk, given what is left of its budget."""

    follow_s: Callable[[Quota | None], float]
    outcome_s: Callable[[Quota | None], float]


@dataclass(frozen=True, slots=True)
class Surface:
    """What the core needs of the windows."""

    show: Callable[[PanelState], None]
    is_visible: Callable[[], bool]
    sign_in_needed: Callable[[Seat], None]


@dataclass(frozen=True, slots=True)
class TriggerFile:
    """Where the rules are from: triggers, and words and advice about leaving.

    ``problem`` says why an own file of the admin's is not used; usually empty.
    """

    path: Path
    triggers: tuple[Trigger, ...]
    problem: str = ""
    churn: Path = DEFAULT_FILE


class Core:
    """Owns the store, the engine and all background tasks. Belongs to the event loop's thread."""

    def __init__(
        self,
        vault: Vault,
        tasks: TaskSet,
        surface: Surface,
        pace: Pace,
        *,
        triggers: TriggerFile,
        policy: PolicyFile,
    ) -> None:
        self.vault = vault
        self.policy = policy
        self.store = vault.store
        self.tasks = tasks
        self._surface = surface
        self.clock = SystemClock()
        self.desk = Desk()
        start = Start(vault.store.path, vault.key, ROOT / "models", triggers.path, triggers.churn)
        self.engine = EngineClient(start, keep_vectors=self._keep_vectors, on_change=self._engine_changed)
        plain = Assistant(
            documents=self.store.documents,
            backend=PlainBackend(self.store.search),
            encoder=None,
            triggers=triggers.triggers,
            now=self.clock.now,
        )
        plain.churn_rules = load_rules(triggers.churn)
        self.session = Session(
            desk=self.desk,
            store=self.store,
            engine=self.engine,
            plain=plain,
            clock=self.clock,
            tasks=tasks,
            show=lambda state: surface.show(self._as_decided(state)),
            idle=self.idle_state,
        )
        self.session.on_sign_in_needed = self._sign_in_needed
        self.session.reads_first = lambda account: self.syncing.status(account).finished_at is None
        self.engine.on_settled = self._engine_settled
        self.syncing = BackgroundSync(
            self.store,
            self.clock,
            tasks,
            on_changes=self._knowledge_changed,
            on_status=lambda _: self.refresh(),
            on_sign_in_needed=self._sign_in_needed,
            bounds=self._bounds,
        )
        self.keeping = Keeping(
            self.store,
            self.engine,
            self.clock,
            lambda: policy.value,
            on_changes=self._knowledge_changed,
            forget_memory=self._forget_memory,
        )
        policy.on_change.append(self._policy_changed)
        sight = Sight(
            colleague_answered=self.session.colleague_answered,
            stands=self.session.stands,
            decided=self.session.decided_elsewhere,
            conversation_moved=lambda _: self.session.reload(),
            sign_in_needed=self._sign_in_needed,
            trouble=lambda error: self.tasks.report("outcomes", error),
        )
        self.outcomes = OutcomeWatcher(self.desk, self.store, self.clock, sight, delay_s=pace.outcome_s)
        self.session.on_front_changed = self.outcomes.in_front
        self.session.on_read = self.outcomes.has_read
        self.follower = Follower(
            self.desk,
            opened=self.session.open,
            on_sign_in_needed=self._sign_in_needed,
            is_wanted=lambda: surface.is_visible() and not self.browsers(),
            delay_s=pace.follow_s,
            looked=self._looked,
        )
        self._reached: frozenset[AccountId] = frozenset()
        self.is_connecting = False
        """Whether known accounts are still being connected, so that none is no news yet."""
        self.browsers: Callable[[], tuple[str, ...]] = tuple
        """Names the browsers that are linked: while they tell which ticket is in front, helpdesks are not asked."""
        self.on_desk_changed: Callable[[], None] = lambda: None
        self.on_connected: list[Callable[[Seat], None]] = []
        self._signed_out: dict[AccountId, Seat] = {}
        self._locked: dict[AccountId, str] = {}
        """Accounts that are known and whose credentials could not be had from the keyring, by what they are called."""

    def start(self) -> None:
        """Start the engine and the background work; returns at once."""
        self.engine.launch()
        self.outcomes.resume()
        self.tasks.latest("follow", self.follower.run())
        self.tasks.latest("outcomes", self.outcomes.run())
        self.tasks.latest("footer", self._keep_footer())
        self.tasks.latest("retention", self.keeping.run())
        self.refresh()

    def connect(self, seat: Seat) -> None:
        """An account is there: follow it, and read what it knows."""
        self._signed_out.pop(seat.account, None)
        self._locked.pop(seat.account, None)
        if (before := self.desk.remove(seat.account)) is not None:
            self.tasks.spawn("close", before.helpdesk.aclose())
        self.desk.add(seat)
        self.on_desk_changed()
        self.follower.signed_in(seat.account)
        self.outcomes.signed_in(seat.account)
        self.syncing.start(seat)
        for call in self.on_connected:
            call(seat)
        if self.session.front is not None and self.session.front.account == seat.account:
            self.session.reload()
        self.refresh()

    async def disconnect(self, account: AccountId) -> None:
        """Forget an account and all that was read from it; the log of what was done stays."""
        seat = self.desk.remove(account)
        self.on_desk_changed()
        self.syncing.forget(account)
        self.follower.forget(account)
        self._signed_out.pop(account, None)
        self._locked.pop(account, None)
        front = self.session.front
        if front is not None and front.account == account:
            self.session.close()
        self.session.forget(account)
        await self.store.knowledge.forget_account(account)
        self.engine.forget(account)
        if seat is not None:
            with contextlib.suppress(HelpdeskError):
                await seat.helpdesk.aclose()
        self.refresh()

    def refresh(self) -> None:
        """Show the present state again: the engine, a sync or an account changed."""
        self.session.footer = self.footer()
        self.session.refresh()

    def footer(self) -> Footer:
        first = next(iter(self.desk), None)
        if first is None:
            return Footer(session_only=self.vault.is_session_only, browsers=self.browsers())
        statuses = [self.syncing.status(seat.account) for seat in self.desk]
        finished = [status.finished_at for status in statuses]
        oldest = None if None in finished else min(at for at in finished if at is not None)
        return Footer(
            account=first.display,
            synced_age=None if oldest is None else self.clock.now() - oldest,
            offline=any(status.problem for status in statuses) or len(self._reachable()) < len(self.desk),
            syncing=any(status.running for status in statuses),
            engine=self._engine_state(),
            session_only=self.vault.is_session_only,
            browsers=self.browsers(),
        )

    def _engine_state(self) -> Engine:
        if not self.engine.is_up:
            return Engine.STARTING
        return Engine.READY if self.engine.is_settled else Engine.LEARNING

    def locked(self, account: AccountId, display: str) -> None:
        """A known account cannot be connected: its credentials are no longer in the keyring."""
        self._locked[account] = display
        self.refresh()

    def idle_state(self) -> PanelState:
        """What to show while no ticket is in front."""
        footer = self.footer()
        if self._signed_out:
            return _signed_out(next(iter(self._signed_out.values())), footer)
        if not len(self.desk):
            if self._locked:
                return _sign_in_again(next(iter(self._locked.values())), footer)
            return Starting(footer) if self.is_connecting else NoAccount(footer)
        for seat in self.desk:
            status = self.syncing.status(seat.account)
            if status.running and status.finished_at is None:
                return Syncing(seat.display, status.collections(), footer)
        watches = bool(self.browsers()) or any(seat.helpdesk.kind.value == "zendesk" for seat in self.desk)
        return NoTicket(watches=watches, helpdesk=next(iter(self.desk)).display, footer=footer)

    def cancel_syncs(self) -> None:
        for seat in self.desk:
            self.syncing.cancel(seat.account)

    def sync_now(self) -> None:
        for seat in self.desk:
            self.syncing.start(seat)

    def _reachable(self) -> frozenset[AccountId]:
        return frozenset(seat.account for seat in self.desk if seat.helpdesk.is_reachable)

    def _looked(self) -> None:
        """Say at once that a helpdesk went or came back; who waits for it is tried again then."""
        reached, self._reached = self._reached, self._reachable()
        if reached != self._reached:
            if self._reached > reached:
                self.session.heal()
            self.refresh()

    async def _keep_footer(self) -> None:
        """Ages grow, and networks come back, without anything else happening."""
        while True:
            await asyncio.sleep(FOOTER_EVERY_S)
            self.session.heal()
            self.refresh()

    async def aclose(self) -> None:
        """Close the helpdesks and the engine; the store is the vault's."""
        for seat in self.desk:
            with contextlib.suppress(HelpdeskError):
                await seat.helpdesk.aclose()
        await self.engine.aclose()

    async def _keep_vectors(self, encoded: Encoded) -> None:
        await self.store.vectors.put(encoded.encoder, encoded.kind, encoded.ids, encoded.vectors.astype("float32"))
        if encoded.remaining == 0:
            await self.store.vectors.drop_others(*(encoded.in_use or (encoded.encoder,)))

    def _engine_changed(self) -> None:
        self.refresh()
        self._renew_soon()

    def _engine_settled(self) -> None:
        self.refresh()
        self.session.settled()

    def _knowledge_changed(self, account: AccountId, kind: SourceKind, changes: Changes) -> None:
        self.engine.update(account, kind, changes)
        self._renew_soon()

    def _renew_soon(self) -> None:
        """Changes come many a second during a sync: ask at most once in a while."""
        if "renew soon" not in self.tasks.names():
            self.tasks.spawn("renew soon", self._renew())

    async def _renew(self) -> None:
        await asyncio.sleep(RENEW_AFTER_S)
        if self.engine.is_up:
            self.session.renew()

    def _as_decided(self, state: PanelState) -> PanelState:
        """Return what is shown of ``state`` by the admin's decisions."""
        if isinstance(state, Ready):
            seat = self.desk.get(state.help.ref.account) if self.policy.value.acting else None
            return replace(
                state,
                shares_internal=self.policy.value.internal is not InternalUse.NEVER,
                acting=seat.helpdesk.actor.statuses if seat is not None else (),
            )
        return state

    def _bounds(self, account: AccountId) -> Bounds:
        policy = self.policy.value
        return Bounds(policy.scope(account), policy.solved_tickets, self.keeping.since(account))

    def _forget_memory(self, account: AccountId, customer: int | None) -> None:
        """Drop what is only in memory and may be of a customer who is being deleted, or of anybody (None)."""
        self.session.forget(account)
        if customer is not None and self.session.front is not None and self.session.front.account == account:
            self.session.close()

    def _policy_changed(self, before: Policy, after: Policy) -> None:
        """An admin decided something: it holds at once."""
        if after.retention_days not in (0, before.retention_days):
            self.tasks.latest("retention", self.keeping.run())
        more = after.solved_tickets > before.solved_tickets
        for seat in self.desk:
            if before.scope(seat.account) != after.scope(seat.account) or more:
                self.tasks.latest(f"scope {seat.account}", self._read_anew(seat, solved=more))
        self.refresh()

    async def _read_anew(self, seat: Seat, *, solved: bool) -> None:
        """Let go at once of what is outside of the scope, then read what belongs to it."""
        self.syncing.cancel(seat.account)
        await self.keeping.narrow(seat.account)
        if solved and seat.helpdesk.kind is HelpdeskKind.FRESHDESK:
            # Zendesk's mark knows the bound it was made with, and reads only what is older.
            await self.store.state.drop_checkpoint(seat.account, CollectionName.SOLVED_TICKETS.value)
        if self.desk.holds(seat) and seat.account not in self._signed_out:
            self.syncing.start(seat)

    def _sign_in_needed(self, seat: Seat) -> None:
        """Ask once (promise N3): the first part that was refused says so, the others stop quietly."""
        if not self.desk.holds(seat):
            return
        if seat.account not in self._signed_out:
            self._signed_out[seat.account] = seat
            self.syncing.cancel(seat.account)
            self._surface.sign_in_needed(seat)
        self._surface.show(_signed_out(seat, self.footer()))


def data_problem(vault: Vault) -> Trouble | None:
    """Return what to say about a store that was set aside, or None."""
    if not vault.notice or vault.is_session_only:
        return None
    return Trouble(
        tr("Your local data was set aside"), vault.notice, Action.OPEN_DATA_FOLDER, tr("Open the data folder")
    )


def find_triggers(folder: Path) -> TriggerFile:
    """Return the admin's rule files if there are good ones in ``folder``, else the shipped ones, each for itself."""
    shipped = ROOT / "triggers.toml"
    churn, churn_problem = _find_churn(folder)
    own = folder / "triggers.toml"
    if own.exists():
        try:
            return TriggerFile(own, load_triggers(own), churn_problem, churn)
        except TriggerFileError as error:
            log.warning("the own trigger file is not used")
            problem = " ".join(filter(None, (str(error), churn_problem)))
            return TriggerFile(shipped, load_triggers(shipped), problem, churn)
    return TriggerFile(shipped, load_triggers(shipped), churn_problem, churn)


def _find_churn(folder: Path) -> tuple[Path, str]:
    own = folder / "churn.toml"
    if not own.exists():
        return DEFAULT_FILE, ""
    try:
        load_rules(own)
    except ChurnFileError as error:
        log.warning("the own churn file is not used")
        return DEFAULT_FILE, str(error)
    return own, ""


def _sign_in_again(display: str, footer: Footer) -> Trouble:
    return Trouble(
        tr("Sign in to {site} again", site=display),
        tr("Its credentials could not be read from the keyring. What was read before stays here."),
        Action.SIGN_IN,
        tr("Sign in"),
        replace(footer, offline=True),
    )


def _signed_out(seat: Seat, footer: Footer) -> Trouble:
    return Trouble(
        tr("Signed out of {site}", site=seat.display),
        tr("The helpdesk no longer accepts the credentials. What was read before stays here."),
        Action.SIGN_IN,
        tr("Sign in"),
        replace(footer, offline=True),
    )
