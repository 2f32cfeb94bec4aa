"""Errors, named for what to do next. Every layer may raise and catch these; vendors' words stay outside."""


class KibitzError(Exception):
    """The base of all errors that Kibitz raises on purpose. ``str(error)`` may be shown to an agent."""


class HelpdeskError(KibitzError):
    """The helpdesk could not do what was asked."""


class SignInNeeded(HelpdeskError):
    """The credentials are missing, wrong or expired: stop, and ask the agent once. Never retried."""


class NotAllowed(HelpdeskError):
    """The agent's role or plan does not include this: do without it and say so. Never retried."""


class NotGranted(NotAllowed):
    """The sign-in, or the agent's role, does not include changing things: signing in again may help."""


class NotThere(HelpdeskError):
    """No such ticket, article or address, or not visible to this agent."""


class Moved(HelpdeskError):
    """The ticket changed since it was looked at: look again before anything is written. Never retried."""


class Retryable(HelpdeskError):
    """A passing fault. Never leaves a client: it becomes `Unreachable` when patience ends.

    Attributes:
        retry_after_s: Seconds that the server asked to wait, or None where it did not say.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unreachable(HelpdeskError):
    """No answer in the time that was allowed: offline, throttled or down. Show what is cached, with its age."""


class Unanswered(Unreachable):
    """A request that changes something got no answer that can be read, so it may have been carried out.

    Look before anything is tried again. Never retried.
    """


class UnexpectedReply(HelpdeskError):
    """The helpdesk answered in a shape nobody has seen. Carries no customer text."""


class StoreError(KibitzError):
    """The local database cannot be used: disk full, read-only, corrupt, or a wrong key."""


class ModelError(KibitzError):
    """A model file is missing, damaged or not the one that was approved."""


class EngineDown(KibitzError):
    """The engine process died or is not up yet; plain lexical search answers meanwhile."""
