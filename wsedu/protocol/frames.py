"""Frames to bytes and bytes to frames (RFC 6455 §5.1, §5.2, §5.5).

The decoder reads like the RFC's figure, from left to right. Each header is judged as soon as the byte that
decides is in, before any payload is waited for or memory is taken for it.
"""

from __future__ import annotations

from struct import Struct
from typing import Protocol

from . import rules
from .frame import EXTENDED_SIZE, Frame, minimal_form
from .frametrace import FrameTracer
from .layout import lay_out_header
from .masking import masked_frame, unmask_slice
from .rules import ProtocolViolation
from .steps import Tracer
from .types import Opcode, Role, as_bytes

__all__ = ["Frame", "FrameDecoder", "encode_frame", "frame_header"]

LENGTH_7 = Struct("!BB").pack
LENGTH_16 = Struct("!BBH")
LENGTH_64 = Struct("!BBQ")

DEFINED = {int(opcode): opcode for opcode in Opcode}
OPCODES: tuple[int, ...] = tuple(DEFINED.get(number, number) for number in range(16))
FIRST_BYTES = tuple(
    (OPCODES[first & 0x0F], first >= 0x80, first & 0x40 != 0, first & 0x20 != 0, first & 0x10 != 0)
    for first in range(256)
)
"""What each first byte says: opcode, FIN, RSV1, RSV2, RSV3."""

LEGAL_FIRST_BYTES = frozenset([fin | data for fin in (0x00, 0x80) for data in (0x0, 0x1, 0x2)] + [0x88, 0x89, 0x8A])
"""First bytes that break no rule without an extension; all others go through `_judge_first`."""


def frame_header(first: int, length: int, mask_bit: int) -> bytes:
    """The header up to the masking key, its length in the fewest bytes (§5.2).

    Arguments:
        first: the first byte: FIN, RSV1-3 and opcode.
        length: payload bytes.
        mask_bit: 0x80 when a masking key follows, else 0.
    """
    if length <= 125:
        return LENGTH_7(first, mask_bit | length)
    if length <= 0xFFFF:
        return LENGTH_16.pack(first, mask_bit | 126, length)
    return LENGTH_64.pack(first, mask_bit | 127, length)


def encode_frame(frame: Frame, *, tracer: Tracer | None = None) -> bytes:
    """The bytes of a frame, exactly as its fields say, legal or not (RFC 6455 §5.2).

    Arguments:
        frame: what to encode; its payload is masked if it has a masking key.
        tracer: called with each field, each masked byte, and the frame.

    Raises:
        LocalViolation: a field has no room for its value: an opcode above 15, a length that its form cannot
            hold, a masking key that does not have 4 bytes.
    """
    data = _encode(frame)
    if tracer is not None:
        FrameTracer(tracer, None if frame.masking_key is None else Role.CLIENT, sent=True).sent(frame, data, 0)
    return data


def _encode(frame: Frame) -> bytes:
    if not 0 <= frame.opcode <= 0xF:
        rules.refuse(rules.FIELD_WIDTH, None, field="opcode", value=frame.opcode, bits=4)
    first = frame.fin << 7 | frame.rsv1 << 6 | frame.rsv2 << 5 | frame.rsv3 << 4 | frame.opcode & 0xF
    mask_bit = 0 if frame.masking_key is None else 0x80
    header = _header_in_form(first, len(frame.payload), mask_bit, frame.form)
    if frame.masking_key is None:
        return header + frame.payload
    if len(frame.masking_key) != 4:
        rules.refuse(rules.KEY_LENGTH, length=len(frame.masking_key))
    return masked_frame(header, frame.payload, frame.masking_key)


def _header_in_form(first: int, length: int, mask_bit: int, form: int) -> bytes:
    if form not in EXTENDED_SIZE or form < minimal_form(length):
        rules.refuse(rules.FIELD_WIDTH, None, field="payload_length", value=length, bits=form)
    if form == 7:
        return LENGTH_7(first, mask_bit | length & 0x7F)
    if form == 16:
        return LENGTH_16.pack(first, mask_bit | 126, length & 0xFFFF)
    return LENGTH_64.pack(first, mask_bit | 127, length)


class FrameSink(Protocol):
    """What a decoder tells while it reads; a `ProtocolViolation` raised here becomes the decoder's."""

    def frame_header(self, opcode: int, fin: bool, length: int, offset: int) -> None:
        """A header up to its length is in; may be told twice when the masking key is late.

        `offset` is that of the frame's first byte in the stream, `length` the payload's in bytes.
        """

    def payload_piece(self, opcode: int, piece: bytes, offset: int) -> None:
        """Unmasked bytes of a payload that does not come in one piece; `offset` is that of the first of them."""

    def frame_complete(self, frame: Frame, offset: int, pieces: bool) -> None:
        """A frame is in; `offset` is that of its payload, `pieces` whether `payload_piece` told of it."""


class Extension(Protocol):
    """What the decoder needs to know of a negotiated extension: see `wsedu.protocol.extensions`."""

    def claims(self, opcode: int, fin: bool) -> int:
        """The reserved bits, of 0x70, that may be set on such a frame."""


class _Partial:
    """A payload that has not come in whole."""

    __slots__ = ("first", "form", "have", "key", "length", "pieces")

    def __init__(self, first: int, form: int, key: bytes | None, length: int) -> None:
        self.first = first
        self.form = form
        self.key = key
        self.length = length
        self.have = 0
        self.pieces: list[bytes] = []

    @property
    def header_size(self) -> int:
        """Bytes of the header that came before it."""
        return 2 + EXTENDED_SIZE[self.form] + (0 if self.key is None else 4)


class FrameDecoder:
    """Turns the bytes of one direction into frames, however they are cut (RFC 6455 §5).

    Arguments:
        role: the role of the endpoint that reads: a server demands masks, a client refuses them;
            None judges no mask.
        max_frame_size: payload bytes that one frame may announce; None for no limit.
        strict: also refuse what the RFC forbids but real peers send: see `Rule.lenient`.
        tracer: called with each field, masked byte and frame, and with the violation.
        offset: where the input begins in the direction's stream, in bytes.
        extensions: the extensions in use, which may give meaning to reserved bits.
        sink: told of headers, pieces and frames as they come; without one, `feed` returns the frames.

    Attributes:
        violation: the first breach of a rule; nothing is read after it.
        offset: stream offset of the first byte that belongs to no complete frame yet.
        ignored: bytes at the end of the last input that came after `stop`, or after a violation.
    """

    def __init__(
        self,
        role: Role | None = None,
        max_frame_size: int | None = None,
        strict: bool = True,
        tracer: Tracer | None = None,
        *,
        offset: int = 0,
        extensions: tuple[Extension, ...] = (),
        sink: FrameSink | None = None,
    ) -> None:
        self.role = role
        self.strict = strict
        self.max_frame_size = 1 << 63 if max_frame_size is None else max_frame_size
        self.extensions = extensions
        self.violation: ProtocolViolation | None = None
        self.offset = offset
        self._tracer = None if tracer is None else FrameTracer(tracer, role, sent=False)
        self._sink = sink
        # The value that MASK must have: 0x80 at a server, 0 at a client, -1 where nobody asks.
        self._mask_bit = -1 if role is None else 0x80 if role is Role.SERVER else 0
        self._held = b""  # a header that is not complete
        self._partial: _Partial | None = None  # or a payload that is not
        self._stopped = False
        self._in_whole = False  # whether the violation was found in a frame that had come in whole
        self._base = offset  # stream offset of the first byte of the input at hand
        self._shown = -1  # stream offset of the last frame whose header was traced
        self.ignored = 0
        self._frames: list[Frame] = []

    @property
    def buffered(self) -> int:
        """Bytes read that belong to no complete frame yet."""
        return len(self._held) + (self._partial.have if self._partial else 0)

    @property
    def mid_frame(self) -> bool:
        """Whether the input so far ends inside a frame."""
        return bool(self._held) or self._partial is not None

    def stop(self) -> None:
        """Read no further: for a sink that has seen the end of the conversation, such as a Close frame."""
        self._stopped = True

    def feed(self, data: bytes) -> list[Frame]:
        """Read the next bytes of the stream, of any number and cut anywhere.

        Returns:
            The frames that these bytes complete, every one before a violation included. With a sink, and
            after a violation, always an empty list.
        """
        frames: list[Frame] = []
        self._frames = frames
        if self.violation is not None or self._stopped:
            return frames
        if self._held:
            data = self._held + data
            self._held = b""
        elif type(data) is not bytes:
            data = as_bytes(data)
        try:
            self._read(data)
        except ProtocolViolation as violation:
            self.violation = violation
            self._refuse(violation, data)
        return frames

    def _read(self, data: bytes) -> None:
        end = len(data)
        start = 0 if self._partial is None else self._read_payload(data)
        self._base = base = self.offset - start  # the stream offset of data[0]
        while start < end and not self._stopped:
            first = data[start]
            if first not in LEGAL_FIRST_BYTES:
                self._judge_first(first, base + start)
            if end - start < 2:
                self._hold(data, start)
                return
            second = data[start + 1]
            length = second & 0x7F
            if second & 0x80 != self._mask_bit or (length > 125 and first & 0x08):
                self._judge_second(first, second, base + start)
            position = start + 2
            form, least = 7, 0
            if length > 125:
                form, least, position = (16, 126, start + 4) if length == 126 else (64, 0x10000, start + 10)
                if end < position:
                    self._hold(data, start)
                    return
                if form == 16:
                    length = data[start + 2] << 8 | data[start + 3]
                else:
                    length = int.from_bytes(data[start + 2 : position], "big")
            if not least <= length <= self.max_frame_size or length >> 63:
                self._judge_length(form, length, base + start)
            if self._sink is not None:
                self._sink.frame_header(first & 0x0F, first >= 0x80, length, base + start)
            key = None
            if second >= 0x80:
                position += 4
                if end < position:
                    self._hold(data, start)
                    return
                key = data[position - 4 : position]
            if self._tracer is not None:
                self._shown = base + start
                self._tracer.header(data[start:position], base + start)
            if end - position < length:
                self._partial = partial = _Partial(first, form, key, length)
                self._add_piece(partial, data, position, end, base + position)
                return
            start = position + length
            payload = data[position:start] if key is None else unmask_slice(data, position, start, key)
            self.offset = base + start
            self._complete(first, form, key, payload, base + position, False)
        if self._stopped:
            self.ignored = end - start

    def _hold(self, data: bytes, start: int) -> None:
        """Keep the beginning of a header until the rest of it comes."""
        self._held = data[start:]

    def _read_payload(self, data: bytes) -> int:
        """Go on with the payload that is under way; returns how many bytes of `data` belong to it."""
        partial = self._partial
        assert partial is not None
        offset = self.offset + partial.header_size
        self._base = offset + partial.have
        end = min(len(data), partial.length - partial.have)
        self._add_piece(partial, data, 0, end, offset + partial.have)
        if partial.have == partial.length:
            self._partial = None
            self.offset = offset + partial.length
            self._complete(partial.first, partial.form, partial.key, b"".join(partial.pieces), offset, True)
        return end

    def _add_piece(self, partial: _Partial, data: bytes, start: int, end: int, offset: int) -> None:
        if start == end:
            return
        if partial.key is None:
            piece = data[start:end]
        else:
            piece = unmask_slice(data, start, end, partial.key, partial.have)
        partial.pieces.append(piece)
        partial.have += end - start
        if self._sink is not None:
            self._sink.payload_piece(partial.first & 0x0F, piece, offset)

    def _complete(self, first: int, form: int, key: bytes | None, payload: bytes, offset: int, pieces: bool) -> None:
        opcode, fin, rsv1, rsv2, rsv3 = FIRST_BYTES[first]
        # tuple.__new__ is what Frame(...) does, without the cost of its keyword defaults.
        frame = tuple.__new__(Frame, (opcode, payload, fin, rsv1, rsv2, rsv3, key, form))
        if self._tracer is not None:
            header = 2 + EXTENDED_SIZE[form] + (0 if key is None else 4)
            self._tracer.received(frame, offset - header, header + len(payload))
        if self._sink is None:
            self._frames.append(frame)
        else:
            try:
                self._sink.frame_complete(frame, offset, pieces)
            except ProtocolViolation:
                self._in_whole = True
                raise

    # --- The rules of a header, in the order of its bytes ---

    def _judge_first(self, first: int, offset: int) -> None:
        """FIN, RSV1-3 and opcode: decided by the first byte."""
        opcode, fin = first & 0x0F, first >= 0x80
        claimed = 0
        for extension in self.extensions:
            claimed |= extension.claims(opcode, fin)
        if first & 0x70 & ~claimed:
            rules.enforce(rules.RSV_BITS, offset, bits=first >> 4 & 0x7, opcode=opcode)
        if opcode not in DEFINED:
            rules.enforce(rules.OPCODE_RESERVED, offset, opcode=opcode)
        if opcode & 0x8 and not fin:
            rules.enforce(rules.CONTROL_FRAGMENTED, offset, opcode=opcode)

    def _judge_second(self, first: int, second: int, offset: int) -> None:
        """MASK and the 7-bit length of a control frame: decided by the second byte."""
        opcode = first & 0x0F
        if self._mask_bit == 0x80 and second < 0x80:
            rules.enforce(rules.CLIENT_MUST_MASK, offset + 1, opcode=opcode)
        if self._mask_bit == 0 and second >= 0x80:
            rules.enforce(rules.SERVER_MUST_NOT_MASK, offset + 1, opcode=opcode)
        if opcode & 0x8 and second & 0x7F > 125:
            rules.enforce(rules.CONTROL_TOO_LONG, offset + 1, opcode=opcode, mark=second & 0x7F)

    def _judge_length(self, form: int, length: int, offset: int) -> None:
        """The extended payload length, and the limit: decided by the last byte of the length."""
        if length >> 63:
            rules.enforce(rules.LENGTH_TOP_BIT, offset + 2, length=length)
        if self.strict and form != minimal_form(length):
            rules.enforce(rules.MINIMAL_LENGTH, offset + 2, length=length, form=form, minimal=minimal_form(length))
        if length > self.max_frame_size:
            place = offset + (1 if form == 7 else 2)
            rules.enforce(rules.FRAME_TOO_BIG, place, length=length, limit=self.max_frame_size)

    def _refuse(self, violation: ProtocolViolation, data: bytes) -> None:
        """Read no further: what of the input belongs to the wrong frame was read, the rest of it is ignored."""
        start = end = self.offset - self._base
        if self._partial is not None:
            end += self._partial.header_size + self._partial.have
        elif not self._in_whole:
            end = start + lay_out_header(data, start)[1].size
            if self._tracer is not None:
                self._tracer.header(data[start:end], self.offset)
        self.ignored = len(data) - end
        self._held, self._partial = b"", None
        if self._tracer is not None:
            self._tracer.violation(violation)
