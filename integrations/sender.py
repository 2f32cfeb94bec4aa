"""The one place that does HTTP. No other module of Kibitz imports httpx."""

from __future__ import annotations

import asyncio
import logging
import time
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import httpx

from assist.errors import Retryable, UnexpectedReply, Unreachable
from integrations.http import Request, Response
from integrations.redaction import RedactingFilter, redact
from integrations.retry import NotSent

log = logging.getLogger(__name__)

LARGEST_BODY_BYTES = 64 * 2**20
"""A page of 1,000 articles has been seen to take 40 MB; nothing honest takes more than this."""

WHOLE_S = 55.0
"""A request ends by then, however slowly its answer drips. Less than what the ledger takes for a dead process
(`integrations.window.LONGEST_FLIGHT_S`)."""

_TIMEOUT = httpx.Timeout(20.0, connect=8.0)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# httpcore logs whole response headers, which hold cookies; httpx logs addresses with their query.
_CHATTY = ("httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")


class _WarningsOnly(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


for _name in _CHATTY:
    logging.getLogger(_name).addFilter(_WarningsOnly())
logging.getLogger("httpx").addFilter(RedactingFilter())


def user_agent() -> str:
    """Return ``Kibitz/<version>``; vendors ask for a name to write to when something goes wrong."""
    try:
        return f"Kibitz/{version('kibitz')}"
    except PackageNotFoundError:
        return "Kibitz/source"


class HttpxSender:
    """Sends to one origin only: certificates checked, redirects not followed, no cookies kept.

    Proxies of the environment are used, except for loopback.
    """

    def __init__(
        self,
        origin: str,
        *,
        timeout_s: float | None = None,
        whole_s: float = WHOLE_S,
        largest_body_bytes: int = LARGEST_BODY_BYTES,
    ) -> None:
        """``timeout_s`` is for each step (connecting, a piece of the answer), ``whole_s`` for all of a request."""
        self._origin = _origin_of(origin)
        self._whole_s = whole_s
        self._largest_body_bytes = largest_body_bytes
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT if timeout_s is None else httpx.Timeout(timeout_s),
            follow_redirects=False,
            trust_env=self._origin[1] not in _LOOPBACK,
            headers={"user-agent": user_agent(), "accept": "application/json"},
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
        )

    async def send(self, request: Request) -> Response:
        """Send once.

        Raises:
            NotSent: No connection could be made.
            Retryable: Another connection fault, a time-out, or an answer that broke off.
            UnexpectedReply: The answer is too large, or the request would have gone to another host.
            Unreachable: `aclose` was called: the account was signed out, and whoever still asks has to stop.
        """
        if self._client.is_closed:
            raise Unreachable("this account has been disconnected")
        if _origin_of(request.url) != self._origin:
            raise UnexpectedReply("refused to send credentials to another host")
        path, started = urlsplit(request.url).path, time.monotonic()
        try:
            async with asyncio.timeout(self._whole_s):
                response = await self._exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            log.debug("%s %s was not sent: %s", request.method, path, type(error).__name__)
            raise NotSent(f"the connection to the helpdesk failed ({type(error).__name__})") from None
        except (httpx.TimeoutException, TimeoutError) as error:
            log.debug("%s %s timed out after %.1f s", request.method, path, time.monotonic() - started)
            raise Retryable("the helpdesk did not answer in time") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            log.debug("%s %s failed: %s", request.method, path, type(error).__name__)
            raise Retryable(f"the connection to the helpdesk failed ({type(error).__name__})") from None
        except httpx.InvalidURL as error:
            raise UnexpectedReply(redact(f"an address cannot be used: {error}")) from None
        finally:
            self._client.cookies.clear()
        took_ms = (time.monotonic() - started) * 1000
        log.debug("%s %s -> %d in %.0f ms", request.method, path, response.status, took_ms)
        return response

    async def _exchange(self, request: Request) -> Response:
        async with self._client.stream(
            request.method, request.url, headers=dict(request.headers), content=request.body
        ) as answer:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > self._largest_body_bytes:
                    raise UnexpectedReply("the helpdesk's answer is larger than Kibitz reads")
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status_code, headers, bytes(body), request.url)

    async def aclose(self) -> None:
        await self._client.aclose()


def _origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port. Raises `UnexpectedReply` for anything but https, or http on loopback."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UnexpectedReply("an address cannot be read") from error
    if parts.scheme == "https":
        return "https", host, port or 443
    if parts.scheme == "http" and host in _LOOPBACK:
        return "http", host, port or 80
    raise UnexpectedReply("only https is used")
