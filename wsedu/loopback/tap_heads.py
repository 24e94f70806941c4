"""What comes before frames: the first head of a direction, and the Host field of every request (RFC 9112 §3.2, §6)."""

from __future__ import annotations

import re

HEAD_END = b"\r\n\r\n"
MAX_HEAD = 64 << 10
"""Bytes up to which a head is waited for."""

MAX_LINE = 1 << 10
"""Bytes up to which the line of a chunk is waited for."""

_HOST = re.compile(rb"(?im)^(host[ \t]*:[ \t]*)[^\r\n]*")
_REQUEST = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}( |$)")
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r$")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding[ \t]*:[^\r\n]*chunked[ \t]*\r$")
_UPGRADE = re.compile(rb"(?im)^upgrade[ \t]*:")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?")


class FirstHead:
    """The head at the beginning of a direction, which is no frame.

    Attributes:
        done: whether it has ended, or is none.
        late: what came behind it and waits until the handshake is over.
    """

    def __init__(self) -> None:
        self.done = False
        self.late = b""
        self._held = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """Take bytes: those that were seen now, the head if it is whole, and what is behind it."""
        before = len(self._held)
        self._held += data
        end = self._held.find(HEAD_END)
        if end < 0 and len(self._held) <= MAX_HEAD:
            return data, b"", b""
        self.done = True
        end = len(self._held) if end < 0 else end + len(HEAD_END)
        head, self._held = self._held[:end], b""
        return data[: end - before], head, data[end - before :]

    def rest(self) -> bytes:
        """What will never be a head, and what still waits behind one; nothing is waited for any more."""
        self.done = True
        rest, self._held, self.late = self._held + self.late, b"", b""
        return rest


class HostRewriter:
    """Puts another value into the Host field of every request of a connection; all else passes as it is.

    It stops at a request with an Upgrade field, since what follows is known only by the answer: see `go_on`.

    Arguments:
        host: the new value.
    """

    def __init__(self, host: str) -> None:
        self._host = host.encode("latin-1")
        self._held = b""  # of a head, or of the line of a chunk
        self._body = 0  # bytes until the next line or head
        self._reads = self._head
        self._done = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes.

        Returns:
            What goes on; the beginning of a head is kept until the rest of it is there.
        """
        out = b""
        while data and not self._done:
            if self._body:
                part, data = data[: self._body], data[self._body :]
                self._body -= len(part)
                out += part
                continue
            self._held += data
            data = b""
            found = self._reads()
            if found is not None:
                done, data = found
                out += done
        return out + data

    def go_on(self) -> None:
        """The upgrade was refused: the next request may follow."""
        self._done = False

    def rest(self) -> bytes:
        """What is held of a head that will not be whole any more."""
        rest, self._held = self._held, b""
        return rest

    def _stop(self) -> tuple[bytes, bytes]:
        self._done = True
        return self.rest(), b""

    def _head(self) -> tuple[bytes, bytes] | None:
        """Whole head and what is behind it; None while it is not whole."""
        head, found, rest = self._held.partition(HEAD_END)
        if not _REQUEST.match(head) or len(head) > MAX_HEAD:
            return self._stop()
        if not found:
            return None
        self._held = b""
        head += HEAD_END
        if _UPGRADE.search(head):
            self._done = True
        elif _CHUNKED.search(head):
            self._reads = self._chunk
        elif length := _LENGTH.search(head):
            self._body = int(length[1])
        return _HOST.sub(rb"\g<1>" + self._host, head, count=1), rest

    def _chunk(self) -> tuple[bytes, bytes] | None:
        """The line before a chunk."""
        line, found, rest = self._held.partition(b"\r\n")
        if not found:
            return self._stop() if len(self._held) > MAX_LINE else None
        size = _SIZE.fullmatch(line)
        if size is None:
            return self._stop()
        self._held = b""
        if int(size[1], 16):
            self._body = int(size[1], 16) + len(b"\r\n")
        else:
            self._reads = self._trailer
        return line + b"\r\n", rest

    def _trailer(self) -> tuple[bytes, bytes] | None:
        """A line behind the last chunk; an empty one ends the request."""
        line, found, rest = self._held.partition(b"\r\n")
        if not found:
            return self._stop() if len(self._held) > MAX_HEAD else None
        self._held = b""
        if not line:
            self._reads = self._head
        return line + b"\r\n", rest
