"""What was received, told apart into heads, bodies and frames, after the run: by layer, to the byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .metering import Tape

END = b"\r\n\r\n"
_ABOVE_125, _ABOVE_65535 = 126, 127


@dataclass
class Split:
    """Bytes of one direction.

    Arguments:
        opening: heads that are sent once: the first on a connection.
        head: further heads.
        body: of messages, without the framing of chunks.
        chunks: sizes of chunks and the ends of their lines.
        frame_headers: of WebSocket frames.
        frame_payload: of WebSocket frames with data.
        closing: Close frames, whole.
        heads: how many there were behind the opening.
    """

    opening: int = 0
    head: int = 0
    body: int = 0
    chunks: int = 0
    frame_headers: int = 0
    frame_payload: int = 0
    closing: int = 0
    heads: int = 0
    bare: int = 0

    @property
    def again(self) -> int:
        """Bytes of all that is not sent once for a connection."""
        return self.head + self.body + self.chunks + self.frame_headers + self.frame_payload


class BrokenStreamError(ValueError):
    """What was received is not what the transport sends: the count would be wrong."""


def split_http(tapes: Iterable[Tape], *, once: bool) -> Split:
    """Requests or responses of HTTP/1.1, one after the other on each connection.

    What was cut short when the connection ended is left out.

    Arguments:
        tapes: of connections.
        once: whether the first head of each opens a stream that lasts.

    Raises:
        BrokenStreamError: something else came.
    """
    split = Split()
    for tape in tapes:
        data, at, first = b"".join(tape), 0, once
        while at < len(data):
            end = data.find(END, at) + len(END)
            if end < len(END):
                break
            head = data[at:end].lower()
            if not head.startswith((b"get ", b"http/1.")):
                raise BrokenStreamError(f"no head of HTTP: {head[:40]!r}")
            if first:
                split.opening += end - at
            else:
                split.head += end - at
                split.heads += 1
            body = _length(head)
            if b"\r\ntransfer-encoding: chunked" in head:
                at = _chunks(split, data, end)
            else:
                split.bare += not (first or body)
                split.body += min(body, len(data) - end)
                at = end + body
            first = False
    return split


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _chunks(split: Split, data: bytes, at: int) -> int:
    """The chunks of a body (RFC 9112 §7.1), as far as they came."""
    while at < len(data):
        end = data.find(b"\r\n", at)
        size = int(data[at:end], 16) if end >= 0 else len(data)
        if end + 2 + size + 2 > len(data):
            return len(data)
        split.chunks += end + 2 - at + 2
        split.body += size
        at = end + 2 + size + 2
        if size == 0:
            break
    return at


def split_websocket(tapes: Iterable[Tape]) -> Split:
    """A head of the opening handshake and frames behind it, on each connection (RFC 6455 §5.2).

    What was cut short when the connection ended is left out.

    Raises:
        BrokenStreamError: something else came.
    """
    split = Split()
    for tape in tapes:
        data = b"".join(tape)
        at = data.find(END) + len(END)
        if data and at < len(END):
            raise BrokenStreamError(f"a head does not end: {data[:40]!r}")
        split.opening += at if data else 0
        while 0 < at < len(data):
            at = _frame(split, data, at)
    return split


def _frame(split: Split, data: bytes, at: int) -> int:
    """Count a frame; where the next one begins, or the end if this one is cut short."""
    size = wire_size(data, at)
    if size is None or at + sum(size) > len(data):
        return len(data)
    header, length = size
    if data[at] & 0x08:
        split.closing += header + length
    else:
        split.frame_headers += header
        split.frame_payload += length
    return at + header + length


def wire_size(data: bytes, at: int) -> tuple[int, int] | None:
    """Bytes of the header and of the payload of a frame; None if its header is cut short."""
    if len(data) < at + 2:
        return None
    length, header = data[at + 1] & 0x7F, 2
    if length in (_ABOVE_125, _ABOVE_65535):
        header = 4 if length == _ABOVE_125 else 10
        if len(data) < at + header:
            return None
        length = int.from_bytes(data[at + 2 : at + header], "big")
    return header + (4 if data[at + 1] & 0x80 else 0), length
