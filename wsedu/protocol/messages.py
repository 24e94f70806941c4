"""Frames to messages (RFC 6455 §5.4, §5.6, §6.2): fragments, control frames between them, and UTF-8."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import rules
from .events import BinaryReceived, Event, TextReceived
from .extensions import Extension
from .frame import Frame
from .rules import ProtocolViolation
from .steps import Level, MessageComplete, MessageFragment, Tracer, tracer_level
from .types import Limits, Opcode, Role
from .utf8 import Utf8Pieces, wrong_byte

TEXT = Opcode.TEXT  # a member of an enum is slow to look up


class MessageReader:
    """Puts messages together; it is the sink of an endpoint's `FrameDecoder`.

    Arguments:
        role: of the endpoint that reads.
        limits: of message size and number of fragments.
        deliver: called with each message.
        control: called with each control frame and the stream offset of its payload.
        extensions: those in use, in the order of the server's list.
        tracer: called with each fragment and message.
    """

    def __init__(
        self,
        role: Role | None,
        limits: Limits,
        deliver: Callable[[Event], None],
        control: Callable[[Frame, int], None],
        *,
        extensions: Sequence[Extension] = (),
        tracer: Tracer | None = None,
    ) -> None:
        self._role = role
        self._limits = limits
        self._max_size = limits.max_message_size
        self._deliver = deliver
        self._control = control
        self._extensions = tuple(reversed(extensions))
        self._tracer = tracer
        self._traced = tracer_level(tracer) >= Level.BASE
        self._opcode = 0  # of the message under way; 0 between messages
        self._fragments: list[bytes] = []
        self._size = 0
        self._text = Utf8Pieces()
        self._inflated_at: int | None = None  # stream offset of the frame under way, if its payload was inflated
        self._checked = 0  # bytes of the frame under way that `_text` has seen

    @property
    def mid_message(self) -> bool:
        """Whether a fragmented message has begun and not ended."""
        return self._opcode != 0

    def frame_header(self, opcode: int, fin: bool, length: int, offset: int) -> None:
        """Judge a header before its payload is waited for: see `FrameSink`."""
        if opcode >= 0x8:
            return
        if opcode == 0:
            if not self._opcode:
                rules.enforce(rules.CONTINUATION_WITHOUT_START, offset)
            if len(self._fragments) >= self._limits.max_fragments:
                rules.enforce(rules.TOO_MANY_FRAGMENTS, offset, limit=self._limits.max_fragments)
        elif self._opcode:
            rules.enforce(rules.MESSAGE_INTERLEAVED, offset, opcode=opcode, open=self._opcode)
        if self._size + length > self._max_size:
            rules.enforce(rules.MESSAGE_TOO_BIG, offset + 1, length=self._size + length, limit=self._max_size)

    def payload_piece(self, opcode: int, piece: bytes, offset: int) -> None:
        """Check text as it arrives, so that a bad first byte fails at once: see `FrameSink`."""
        if self._extensions or (opcode or self._opcode) != Opcode.TEXT:
            return
        self._decode(piece, offset, final=False)
        self._checked += len(piece)

    def frame_complete(self, frame: Frame, offset: int, pieces: bool) -> None:
        """Take a whole frame: see `FrameSink`."""
        opcode, payload, fin = frame[0], frame[1], frame[2]
        if opcode >= 0x8:
            self._control(frame, offset)
            return
        if self._extensions:
            frame = self._decode_extensions(frame, offset)
            payload = frame.payload
        if fin and not self._fragments and not pieces and opcode:
            self._whole(opcode, payload, offset)
        else:
            self._fragment(opcode, payload, fin, offset)

    def _decode_extensions(self, frame: Frame, offset: int) -> Frame:
        """What the extensions make of a frame; `offset` is that of its payload."""
        start = offset - frame.header_size
        decoded = frame
        try:
            for extension in self._extensions:
                decoded = extension.decode(decoded, max_size=self._max_size - self._size)
        except ProtocolViolation as violation:
            # Inside compressed data no byte of the wire is wrong by itself: the frame is named.
            violation.place(start)
            raise
        self._inflated_at = start if decoded is not frame else None
        if self._size + len(decoded.payload) > self._max_size:
            length = self._size + len(decoded.payload)
            rules.enforce(rules.MESSAGE_TOO_BIG, start, length=length, limit=self._max_size)
        return decoded

    def _wrong_text(self, offset: int, index: int, position: int) -> None:
        """Refuse a text: at byte `index` behind `offset`, or, where it was inflated, at its frame."""
        if self._inflated_at is None:
            rules.enforce(rules.TEXT_UTF8, offset + index, position=position)
        else:
            rules.enforce(rules.TEXT_UTF8, self._inflated_at, position=position, inflated_offset=position)

    def _whole(self, opcode: int, payload: bytes, offset: int) -> None:
        """A message in one frame, which is what most messages are."""
        if opcode == TEXT:
            try:
                text = payload.decode()
            except UnicodeDecodeError as error:
                self._wrong_text(offset, wrong_byte(error), wrong_byte(error))
                text = payload.decode(errors="replace")
            event: Event = TextReceived(text)
        else:
            # What BinaryReceived(payload) does, without a call of Python's in between.
            event = tuple.__new__(BinaryReceived, (payload, 1))
        if self._traced:
            self._trace_message(opcode, 1, payload)
        self._deliver(event)

    def _fragment(self, opcode: int, payload: bytes, fin: bool, offset: int) -> None:
        """One frame of several, or a frame that came in pieces."""
        if opcode:
            self._opcode = opcode
        if self._opcode == Opcode.TEXT:
            self._decode(payload[self._checked :], offset + self._checked, final=fin)
            self._checked = 0
        self._fragments.append(payload)
        self._size += len(payload)
        if fin:
            self._finish()
        elif self._traced:
            self._trace_fragment()

    def _decode(self, data: bytes, offset: int, *, final: bool) -> None:
        """Check the next bytes of a text; `offset` is that of the first of them."""
        wrong = self._text.wrong(data, final)
        if wrong is not None:
            self._wrong_text(offset, wrong, self._size + self._checked + wrong)

    def _finish(self) -> None:
        data = b"".join(self._fragments)
        opcode, fragments = self._opcode, len(self._fragments)
        self._opcode = self._size = 0
        self._fragments = []
        if self._traced:
            self._trace_message(opcode, fragments, data)
        if opcode == Opcode.TEXT:
            self._text.reset()
            self._deliver(TextReceived(data.decode(errors="replace"), fragments))
        else:
            self._deliver(BinaryReceived(data, fragments))

    def _trace_fragment(self) -> None:
        assert self._tracer is not None
        self._tracer(
            MessageFragment(
                endpoint=self._role,
                decided_by="wsedu.protocol.messages:MessageReader._fragment",
                opcode=int(self._opcode),
                number=len(self._fragments),
                size=self._size,
            )
        )

    def _trace_message(self, opcode: int, fragments: int, data: bytes) -> None:
        assert self._tracer is not None
        decided = "_whole" if fragments == 1 else "_finish"
        self._tracer(
            MessageComplete(
                endpoint=self._role,
                decided_by=f"wsedu.protocol.messages:MessageReader.{decided}",
                opcode=int(opcode),
                fragments=fragments,
                data=data,
            )
        )
