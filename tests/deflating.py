"""permessage-deflate by Python's raw zlib and the text of RFC 7692 alone: what the tests compare the product with."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from wsedu import Connection, Role
from wsedu.protocol.deflate import PerMessageDeflateFactory

from .support import open_client, open_server

NAME = "permessage-deflate"
HEADER = "Sec-WebSocket-Extensions"
TAIL = bytes.fromhex("0000ffff")
"""What a sender drops from the end of a message, and a receiver puts back (§7.2.1, §7.2.2)."""


def deflated(*pieces: bytes, bits: int = 15, level: int = -1) -> list[bytes]:
    """Each piece as one compressor writes it, with a flush at its end and nothing dropped."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -bits)
    return [compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]


def compressed(*messages: bytes, bits: int = 15, level: int = -1) -> list[bytes]:
    """The payload of each message, with context takeover (§7.2.1)."""
    return [payload.removesuffix(TAIL) for payload in deflated(*messages, bits=bits, level=level)]


class Inflater:
    """Inflates messages of which none has a final block.

    Arguments:
        bits: of the window; data that points further back is refused.
        takeover: keep the window from message to message.
    """

    def __init__(self, bits: int = 15, *, takeover: bool = True) -> None:
        self._bits = bits
        self._takeover = takeover
        self._stream = zlib.decompressobj(-bits)

    def message(self, payloads: Iterable[bytes]) -> bytes:
        """The message that these payloads of frames make together (§7.2.2)."""
        if not self._takeover:
            self._stream = zlib.decompressobj(-self._bits)
        plain = self._stream.decompress(b"".join(payloads) + TAIL)
        assert not self._stream.eof, "there was a final block"
        assert self._stream.unconsumed_tail == self._stream.unused_data == b""
        return plain


def compressing(role: Role, parameters: str = "", **options: object) -> Connection:
    """An open endpoint that has agreed on permessage-deflate.

    Arguments:
        role: of the endpoint.
        parameters: of the peer's element, such as `client_max_window_bits; server_max_window_bits=10`.
        options: of `Connection`; `extensions` is the plain factory unless it is given.
    """
    element = f"{NAME}; {parameters}" if parameters else NAME
    options = {"extensions": [PerMessageDeflateFactory()], **options}
    endpoint = (open_client if role is Role.CLIENT else open_server)({HEADER: element}, **options)
    assert [extension.name for extension in endpoint.extensions] == [NAME]
    return endpoint


def unmasked(first: int, payload: bytes) -> bytes:
    """A frame of any size as a server sends it (RFC 6455 §5.2)."""
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 1 << 16:
        return bytes([first, 126]) + size.to_bytes(2, "big") + payload
    return bytes([first, 127]) + size.to_bytes(8, "big") + payload
