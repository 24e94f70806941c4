"""permessage-deflate (RFC 7692): whole messages compressed, RSV1 on the first frame of each.

`PerMessageDeflateFactory` negotiates the four parameters; `PerMessageDeflate` is what both ends then use.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import rules
from .extensions import RSV1, Parameters
from .frame import Frame
from .rules import calling_function
from .steps import DeflateCompressed, DeflateInflated, Level, Tracer, tracer_level
from .types import Opcode, Role

NAME = "permessage-deflate"
TAIL = b"\x00\x00\xff\xff"
"""What a compressor's flush ends with, and what is left out on the wire (RFC 7692 §7.2.1)."""

EMPTY_FINAL_BLOCK = b"\x03\x00"
"""BFINAL=1, BTYPE=01, and the end of the block (RFC 1951 §3.2.3): nothing else reads it as the end of a stream."""

MAX_FINAL_BLOCKS = 100
"""Blocks with BFINAL=1 in one frame: each needs a new inflater, and two bytes are enough to make one."""

MAX_BITS = 15
MIN_COMPRESSOR_BITS = 9
"""zlib makes no raw stream with a window of 8 bits; it can inflate one."""

_BITS = re.compile(r"[89]|1[0-5]")


@dataclass(frozen=True, slots=True)
class Agreed:
    """The parameters that a handshake has settled (RFC 7692 §7.1).

    Arguments:
        server_no_context_takeover: the server empties its window before each message.
        client_no_context_takeover: the client does.
        server_max_window_bits: the server's window has at most 2 to this power bytes.
        client_max_window_bits: the client's.
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = MAX_BITS
    client_max_window_bits: int = MAX_BITS


@dataclass(frozen=True, slots=True)
class PerMessageDeflateFactory:
    """What an endpoint offers or accepts.

    Arguments:
        server_no_context_takeover: a client asks for it; a server declares it.
        client_no_context_takeover: a client hints at it; a server asks for it.
        server_max_window_bits: 9 to 15: what a client can inflate, or a server uses at most; None for 15.
        client_max_window_bits: 9 to 15: what a client uses at most, or a server wants it to; None for 15.
        level: zlib's compression level, -1 to 9.
        threshold: messages in one frame with fewer bytes go out plain.
        required: without it the connection is of no use.

    Raises:
        ValueError: a number is not one of these.
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int | None = None
    client_max_window_bits: int | None = None
    level: int = zlib.Z_DEFAULT_COMPRESSION
    threshold: int = 0
    required: bool = False

    def __post_init__(self) -> None:
        # Found here and not in the middle of a handshake.
        for bits in (self.server_max_window_bits, self.client_max_window_bits):
            if bits is not None and not MIN_COMPRESSOR_BITS <= bits <= MAX_BITS:
                raise ValueError(f"window bits are {MIN_COMPRESSOR_BITS} to {MAX_BITS}, not {bits}")
        if not -1 <= self.level <= 9:
            raise ValueError(f"a compression level is -1 to 9, not {self.level}")

    @property
    def name(self) -> str:
        """`permessage-deflate`."""
        return NAME

    def offers(self) -> Sequence[Parameters]:
        """One offer; it always lets the server limit our window, since we can do that (RFC 7692 §7.1.2.2)."""
        parameters: list[tuple[str, str | None]] = []
        if self.server_no_context_takeover:
            parameters.append(("server_no_context_takeover", None))
        if self.client_no_context_takeover:
            parameters.append(("client_no_context_takeover", None))
        if self.server_max_window_bits is not None:
            parameters.append(("server_max_window_bits", str(self.server_max_window_bits)))
        bits = self.client_max_window_bits
        parameters.append(("client_max_window_bits", None if bits is None else str(bits)))
        return [tuple(parameters)]

    def accept(self, parameters: Parameters) -> tuple[Parameters, PerMessageDeflate] | None:
        """A server's answer to an offer; None declines it (RFC 7692 §7, §7.1)."""
        offer = _read(parameters, value_needed=False)
        if offer is None:
            return None
        bits = min(_number(offer.get("server_max_window_bits")), self.server_max_window_bits or MAX_BITS)
        if bits < MIN_COMPRESSOR_BITS:
            return None
        agreed = Agreed(
            server_no_context_takeover=self.server_no_context_takeover or "server_no_context_takeover" in offer,
            client_no_context_takeover=self.client_no_context_takeover or "client_no_context_takeover" in offer,
            server_max_window_bits=bits,
            client_max_window_bits=self._client_bits(offer),
        )
        answer: list[tuple[str, str | None]] = []
        if agreed.server_no_context_takeover:
            answer.append(("server_no_context_takeover", None))
        if agreed.client_no_context_takeover:
            answer.append(("client_no_context_takeover", None))
        if "server_max_window_bits" in offer or bits < MAX_BITS:
            answer.append(("server_max_window_bits", str(bits)))
        if agreed.client_max_window_bits < MAX_BITS:
            answer.append(("client_max_window_bits", str(agreed.client_max_window_bits)))
        return tuple(answer), self._make(Role.SERVER, agreed)

    def _client_bits(self, offer: Mapping[str, str | None]) -> int:
        """What a server answers: nothing but 15 unless the client let it choose (RFC 7692 §7.1.2.2)."""
        if "client_max_window_bits" not in offer or self.client_max_window_bits is None:
            return MAX_BITS
        return min(_number(offer["client_max_window_bits"]), self.client_max_window_bits)

    def accepted(self, parameters: Parameters) -> PerMessageDeflate | None:
        """What a client makes of a server's answer; None if it is not a legal answer to our offer."""
        answer = _read(parameters, value_needed=True)
        if answer is None:
            return None
        agreed = Agreed(
            "server_no_context_takeover" in answer,
            "client_no_context_takeover" in answer or self.client_no_context_takeover,
            _number(answer.get("server_max_window_bits")),
            min(_number(answer.get("client_max_window_bits")), self.client_max_window_bits or MAX_BITS),
        )
        # What we demanded has to be there; what we hinted at need not be.
        if self.server_no_context_takeover and not agreed.server_no_context_takeover:
            return None
        if agreed.server_max_window_bits > (self.server_max_window_bits or MAX_BITS):
            return None
        if agreed.client_max_window_bits < MIN_COMPRESSOR_BITS:
            return None
        return self._make(Role.CLIENT, agreed)

    def _make(self, role: Role, agreed: Agreed) -> PerMessageDeflate:
        return PerMessageDeflate(role, agreed, level=self.level, threshold=self.threshold)


_NO_VALUE = frozenset({"server_no_context_takeover", "client_no_context_takeover"})
_WITH_VALUE = frozenset({"server_max_window_bits", "client_max_window_bits"})


def _read(parameters: Parameters, *, value_needed: bool) -> dict[str, str | None] | None:
    """The parameters by name; None if one is unknown, there twice, or has a wrong value (RFC 7692 §7).

    Arguments:
        parameters: of one element of the header.
        value_needed: in a response `client_max_window_bits` needs a value, in an offer it does not.
    """
    found: dict[str, str | None] = {}
    for name, value in parameters:
        if name in found or not _legal(name, value, value_needed):
            return None
        found[name] = value
    return found


def _legal(name: str, value: str | None, value_needed: bool) -> bool:
    if name in _NO_VALUE:
        return value is None
    if name not in _WITH_VALUE:
        return False
    if value is None:
        return name == "client_max_window_bits" and not value_needed
    return _BITS.fullmatch(value) is not None


def _number(value: str | None) -> int:
    return MAX_BITS if value is None else int(value)


class PerMessageDeflate:
    """permessage-deflate in use at one endpoint of one connection.

    Arguments:
        role: of the endpoint.
        agreed: the parameters.
        level: zlib's compression level.
        threshold: messages in one frame with fewer bytes go out plain.
    """

    def __init__(self, role: Role, agreed: Agreed, *, level: int = -1, threshold: int = 0) -> None:
        self.agreed = agreed
        self._role = role
        self._level = level
        self._threshold = threshold
        self._tracer: Tracer | None = None
        client = role is Role.CLIENT
        ours = (agreed.client_max_window_bits, agreed.client_no_context_takeover)
        theirs = (agreed.server_max_window_bits, agreed.server_no_context_takeover)
        (self._bits, self._fresh), (self._peer_bits, self._peer_fresh) = (ours, theirs) if client else (theirs, ours)
        self._compressor = self._new_compressor()
        self._sent_window = 0  # bytes of earlier messages that our compressor may point back to
        self._sending = False  # a compressed message of ours is under way
        self._window = b""  # the last bytes that were inflated
        self._inflater = zlib.decompressobj(-MAX_BITS)
        self._receiving = False  # a compressed message of the peer's is under way

    @property
    def name(self) -> str:
        """`permessage-deflate`."""
        return NAME

    def attach(self, tracer: Tracer | None) -> None:
        """Tell a tracer of every frame that is compressed or inflated."""
        self._tracer = tracer if tracer_level(tracer) >= Level.BASE else None

    def claims(self, opcode: int, fin: bool) -> int:
        """RSV1, on the first frame of a message only (RFC 7692 §6.1)."""
        return RSV1 if opcode in (Opcode.TEXT, Opcode.BINARY) else 0

    # --- Out ---

    def encode(self, frame: Frame) -> Frame:
        """Compress a data frame (RFC 7692 §6.1, §7.2.1)."""
        first = frame.opcode != Opcode.CONTINUATION
        if first:
            self._sending = not (frame.fin and len(frame.payload) < self._threshold)
            if self._sending and self._fresh:
                self._compressor = self._new_compressor()
                self._sent_window = 0
        if not self._sending:
            return frame
        payload = self._compressor.compress(frame.payload) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        if frame.fin:
            # Of an empty piece one octet is left, the header of an empty block (RFC 7692 §7.2.3.6).
            payload = payload.removesuffix(TAIL)
        before = self._sent_window
        self._sent_window = min(1 << self._bits, before + len(frame.payload))
        if self._tracer is not None:
            self._tracer(
                DeflateCompressed(
                    endpoint=self._role,
                    decided_by=calling_function(),
                    plain=len(frame.payload),
                    compressed=len(payload),
                    window_before=before,
                    window_after=self._sent_window,
                )
            )
        return frame._replace(payload=payload, rsv1=first)

    def _new_compressor(self) -> zlib._Compress:
        return zlib.compressobj(self._level, zlib.DEFLATED, -self._bits)

    # --- In ---

    def decode(self, frame: Frame, *, max_size: int) -> Frame:
        """Inflate a data frame if its message is compressed (RFC 7692 §6.2, §7.2.2).

        Raises:
            ProtocolViolation: the data is no DEFLATE stream, or would inflate to more than `max_size` bytes;
                it is not inflated further than that.
        """
        if frame.opcode != Opcode.CONTINUATION:
            self._receiving = frame.rsv1
            if self._receiving and self._peer_fresh:
                self._inflater = zlib.decompressobj(-MAX_BITS)
                self._window = b""
        if not self._receiving:
            return frame
        before = len(self._window)
        plain = self._inflate(frame.payload, max_size)
        if frame.fin and not self._between_blocks():
            self._put_back_tail()
        if self._tracer is not None:
            self._tracer(
                DeflateInflated(
                    endpoint=self._role,
                    decided_by=calling_function(),
                    plain=len(plain),
                    compressed=len(frame.payload),
                    window_before=before,
                    window_after=len(self._window),
                )
            )
        return frame._replace(payload=plain)

    def _inflate(self, data: bytes, max_size: int) -> bytes:
        pieces: list[bytes] = []
        size = finals = 0
        while data:
            try:
                # One byte more than allowed is enough to know; 0 would mean no limit.
                piece = self._inflater.decompress(data, max_size - size + 1)
            except zlib.error as error:
                rules.enforce(rules.INFLATE, None, problem=str(error))
                break
            pieces.append(piece)
            size += len(piece)
            room = 1 << self._peer_bits
            self._window = (self._window + piece[-room:])[-room:]
            if size > max_size:
                rules.enforce(rules.MESSAGE_TOO_BIG, None, length=size, limit=max_size)
                break
            finals += self._inflater.eof
            if finals > MAX_FINAL_BLOCKS:
                rules.enforce(rules.INFLATE, None, problem="too many final blocks")
                break
            data = self._rest()
        return b"".join(pieces)

    def _put_back_tail(self) -> None:
        """Put back what the sender has left out: with it the last block of a message is whole, and empty (§7.2.2).

        What is cut short would take the tail for data, and the beginning of the next message as well.
        """
        data, plain = TAIL, b""
        problem = "the message ends inside a block"
        try:
            while data and not plain:
                plain = self._inflater.decompress(data, 1)
                data = self._rest()
        except zlib.error as error:
            problem = str(error)
        if data or plain or not self._between_blocks():
            rules.enforce(rules.INFLATE, None, problem=problem)

    def _between_blocks(self) -> bool:
        """Whether a block may begin with the next byte: an empty one that is the last then ends the stream."""
        probe = self._inflater.copy()
        try:
            return not probe.decompress(EMPTY_FINAL_BLOCK, 1) and probe.eof
        except zlib.error:
            return False

    def _rest(self) -> bytes:
        """What is left to inflate; after a final block a new stream begins with the old one's window (§7.2.3.4)."""
        if not self._inflater.eof:
            return self._inflater.unconsumed_tail
        rest = self._inflater.unused_data
        self._inflater = zlib.decompressobj(-MAX_BITS, zdict=self._window)
        return rest
