"""The native host: started by the browser, it carries frames between the extension and the app (ADR 16).

It understands nothing of them. It is one file of the standard library, run with ``python -S``, because the browser
starts it anew each time:

    python -S host.py SOCKET ORIGIN... -- WHAT THE BROWSER ADDS...

One thread carries from the browser to the app and ends the process when the browser goes; the other connects to the
app, again each second, and carries back. Frames for an app that is not there are dropped.
"""

from __future__ import annotations

import _thread  # what threading does more takes longer to load than all the rest here
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

MAX_FRAME_BYTES = 262_144
RETRY_S = 1.0
STUCK_S = 5.0
"""An app that takes nothing for so long is treated as gone."""
UNKNOWN_ORIGIN = 2
BAD_FRAME = 3
"""Exit statuses."""
_CHUNK_BYTES = 65_536


class BadLength(Exception):
    """A frame that is empty or too long."""


def main(place: str, origins: Sequence[str], argv: Sequence[str]) -> int:
    """Carry frames until the browser closes its end; return the status to exit with.

    Args:
        place: The app's socket: a path, or on Windows the name of a pipe.
        origins: Who may use it: ``chrome-extension://ID/`` or ``moz:ID``.
        argv: What the browser put on the command line, without the program.
    """
    origin = origin_in(argv)
    if origin not in origins:
        sys.stderr.write("kibitz: not started by its own extension\n")
        return UNKNOWN_ORIGIN
    carrier = _Carrier(place, origin)
    _thread.start_new_thread(carrier.from_app, ())
    try:
        carrier.from_browser()
    except BadLength:
        sys.stderr.write("kibitz: a frame of an impossible length\n")
        return BAD_FRAME
    except KeyboardInterrupt:
        pass
    return 0


def origin_in(argv: Sequence[str]) -> str:
    """Return for whom the browser started this host, or nothing.

    Chromium and its kin put the origin first; Firefox puts its manifest's path first and the extension's id second.
    """
    if argv and argv[0].startswith("chrome-extension://"):
        return argv[0]
    if len(argv) >= 2 and argv[0].endswith(".json"):
        return f"moz:{argv[1]}"
    return ""


class _Carrier:
    """Both directions. Only `from_app` writes to the browser, and only `from_browser` to a link that is up."""

    def __init__(self, place: str, origin: str) -> None:
        self._place = place
        # Both spellings of an origin are from our own list, so there is nothing to escape.
        self._greeting = _framed(f'{{"host": 1, "origin": "{origin}"}}'.encode(), "little")
        self._link: _Link | None = None
        self._told = ""

    def from_browser(self) -> None:
        """Carry until the end of stdin. Raises `BadLength`."""
        for body in _bodies(lambda: os.read(0, _CHUNK_BYTES), sys.byteorder):
            link = self._link
            if link is None:
                continue
            try:
                link.write(_framed(body, "little"))
            except OSError:
                link.stop()

    def from_app(self) -> None:
        """Connect, carry, and again. Returns only when the browser listens no longer."""
        try:
            while True:
                self._carry_one()
                time.sleep(RETRY_S)
        except OSError:
            os._exit(0)

    def _carry_one(self) -> None:
        link = _connected(self._place, self._greeting)
        if link is None:
            self._tell("down")
            return
        self._link = link
        try:
            self._tell("up")
            for body in _bodies(link.read, "little"):
                _to_browser(body)
        except BadLength:
            pass
        finally:
            self._link = None
            link.close()
        self._tell("down")

    def _tell(self, state: str) -> None:
        if self._told != state:
            self._told = state
            _to_browser(f'{{"app": "{state}"}}'.encode())


def _bodies(read: Callable[[], bytes], order: Literal["little", "big"]) -> Iterator[bytes]:
    """Yield whole frames without their lengths until ``read`` returns nothing. Raises `BadLength`."""
    buffer = bytearray()
    while data := read():
        buffer += data
        while len(buffer) >= 4:
            end = 4 + int.from_bytes(buffer[:4], order)
            if not 4 < end <= 4 + MAX_FRAME_BYTES:
                raise BadLength
            if len(buffer) < end:
                break
            yield bytes(buffer[4:end])
            del buffer[:end]


def _framed(body: bytes, order: Literal["little", "big"]) -> bytes:
    return len(body).to_bytes(4, order) + body


def _to_browser(body: bytes) -> None:
    left = memoryview(_framed(body, sys.byteorder))
    while left:
        left = left[os.write(1, left) :]


def _connected(place: str, greeting: bytes) -> _Link | None:
    try:
        link = _Link(place)
    except OSError:
        return None
    try:
        link.write(greeting)
    except OSError:
        link.close()
        return None
    return link


if sys.platform == "win32":
    import _winapi

    _SLICE_MS = 200

    class _Link:
        """The app's named pipe, opened for overlapped use: else a read that waits would hold up each write."""

        def __init__(self, place: str) -> None:
            path = place if place.startswith("\\\\") else "\\\\.\\pipe\\" + place
            access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
            overlapped = _winapi.FILE_FLAG_OVERLAPPED
            self._handle = _winapi.CreateFile(
                path, access, 0, _winapi.NULL, _winapi.OPEN_EXISTING, overlapped, _winapi.NULL
            )
            self._stopped = False

        def read(self) -> bytes:
            """Return what there is, or nothing at the end."""
            try:
                pending, _ = _winapi.ReadFile(self._handle, _CHUNK_BYTES, overlapped=True)
                while _winapi.WaitForSingleObject(pending.event, _SLICE_MS) == _winapi.WAIT_TIMEOUT:
                    if self._stopped:
                        pending.cancel()
                        return b""
                count, _ = pending.GetOverlappedResult(True)  # noqa: FBT003  # how Windows' call is named: wait
                return bytes(pending.getbuffer() or b"")[:count]
            except OSError:
                return b""

        def write(self, data: bytes) -> None:
            """Write all of ``data``. Raises OSError."""
            pending, _ = _winapi.WriteFile(self._handle, data, overlapped=True)
            if _winapi.WaitForSingleObject(pending.event, int(1_000 * STUCK_S)) == _winapi.WAIT_TIMEOUT:
                pending.cancel()
                raise OSError("the app takes nothing")
            count, _ = pending.GetOverlappedResult(True)  # noqa: FBT003  # how Windows' call is named: wait
            if count != len(data):
                raise OSError("the app took a part only")

        def stop(self) -> None:
            """Make `read` return nothing, from the other thread."""
            self._stopped = True

        def close(self) -> None:
            _winapi.CloseHandle(self._handle)

else:
    import _socket
    import struct

    class _Link:
        """The app's socket, which must belong to this user. Of the module below ``socket``, which starts faster."""

        def __init__(self, place: str) -> None:
            if os.lstat(place).st_uid != os.getuid():
                raise OSError("the socket belongs to somebody else")
            self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
            try:
                limit = struct.pack("ll", int(STUCK_S), int(STUCK_S % 1 * 1_000_000))
                self._socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDTIMEO, limit)
                self._socket.connect(place)
            except OSError:
                self._socket.close()
                raise

        def read(self) -> bytes:
            """Return what there is, or nothing at the end."""
            try:
                return self._socket.recv(_CHUNK_BYTES)
            except OSError:
                return b""

        def write(self, data: bytes) -> None:
            """Write all of ``data``. Raises OSError."""
            self._socket.sendall(data)

        def stop(self) -> None:
            """Make `read` return nothing, from the other thread."""
            try:  # noqa: SIM105  # contextlib is one more module to load
                self._socket.shutdown(_socket.SHUT_RDWR)
            except OSError:
                pass

        def close(self) -> None:
            self._socket.close()


def _from_command_line(arguments: Sequence[str]) -> int:
    ours, browsers = list(arguments), []
    if "--" in ours:
        split = ours.index("--")
        ours, browsers = ours[:split], ours[split + 1 :]
    if len(ours) < 2:
        sys.stderr.write("usage: host.py SOCKET ORIGIN... -- ARGUMENTS OF THE BROWSER...\n")
        return 1
    return main(ours[0], ours[1:], browsers)


if __name__ == "__main__":
    sys.exit(_from_command_line(sys.argv[1:]))
