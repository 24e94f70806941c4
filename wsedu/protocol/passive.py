"""Reading on after a violation: what somebody needs who only watches (RFC 6455 §5).

An endpoint fails the connection at the first broken rule. A watcher wants them all named: the layout of a frame
says where the next one begins, whatever else is wrong with it, so the same decoder and the same message reader
run here with their refusals noted instead of raised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import rules
from .closing import read_close_body
from .extensions import Extension
from .frame import Frame
from .frames import FrameDecoder, _Partial
from .messages import MessageReader
from .rules import ProtocolViolation
from .steps import Tracer
from .types import Limits, Opcode, Role

UNLIMITED_SIZE = 1 << 63
UNLIMITED = Limits(max_message_size=UNLIMITED_SIZE, max_fragments=UNLIMITED_SIZE)
"""A watcher refuses nothing: what is too large to keep is counted, and passed over."""


DATA_OPCODES = (Opcode.CONTINUATION, Opcode.TEXT, Opcode.BINARY)


class Faults:
    """The violations of one direction, told after the header of the frame that they are about.

    Arguments:
        tell: called with each, once.
    """

    def __init__(self, tell: Callable[[ProtocolViolation], None]) -> None:
        self._tell = tell
        self._waiting: list[ProtocolViolation] = []
        self._known: set[str] = set()  # rules that the frame under way is known to break

    def add(self, violation: ProtocolViolation) -> None:
        """Note a violation of the frame under way; a header that comes in pieces is judged more than once."""
        if violation.rule.name not in self._known:
            self._known.add(violation.rule.name)
            self._waiting.append(violation)

    @property
    def waiting(self) -> bool:
        """Whether any has not been told."""
        return bool(self._waiting)

    @property
    def found(self) -> bool:
        """Whether the frame under way breaks a rule."""
        return bool(self._known)

    def has(self, rule: rules.Rule) -> bool:
        """Whether the frame under way breaks this rule."""
        return rule.name in self._known

    def flush(self) -> None:
        """Tell what waits."""
        waiting, self._waiting = self._waiting, []
        for violation in waiting:
            self._tell(violation)

    def next_frame(self) -> None:
        """The frame under way is over."""
        self.flush()
        self._known.clear()


class PassiveDecoder(FrameDecoder):
    """A `FrameDecoder` that notes violations and goes on with the next frame.

    Arguments:
        role: of the endpoint that would read.
        faults: where violations go.
        sink: told of frames.
        max_kept: payload bytes of one frame that are kept; a longer payload is passed over.
        passed_over: called with the stream offset and the payload's length of such a frame.
        tracer: called with each field and frame.
        offset: where the input begins in the direction's stream, in bytes.
        extensions: those in use.

    Attributes:
        lost: the stream offset of a frame whose length cannot be believed: there is no way to find the next one.
    """

    def __init__(
        self,
        role: Role,
        faults: Faults,
        sink: PassiveMessages,
        *,
        max_kept: int,
        passed_over: Callable[[int, int], None],
        tracer: Tracer | None = None,
        offset: int = 0,
        extensions: tuple[Extension, ...] = (),
    ) -> None:
        super().__init__(role, None, True, tracer, offset=offset, extensions=extensions, sink=sink)
        self.lost: int | None = None
        self._faults = faults
        self._messages = sink
        self._max_kept = max_kept
        self._passed_over = passed_over
        self._told_long = -1  # stream offset of the last frame that was passed over

    def feed(self, data: bytes) -> list[Frame]:
        """Read the next bytes; frames and violations are told as they are found."""
        super().feed(data)
        if self._faults.waiting:
            # The fields that are in come before what is wrong with them.
            if self._tracer is not None:
                self._tracer.header(self._held, self.offset)
            self._faults.flush()
        return []

    def _judge_first(self, first: int, offset: int) -> None:
        try:
            super()._judge_first(first, offset)
        except ProtocolViolation as violation:
            self._faults.add(violation)
            if violation.rule is rules.RSV_BITS and first & 0x70:
                # What stands behind the reserved bits is judged as if they were clear.
                self._judge_first(first & 0x8F, offset)

    def _judge_second(self, first: int, second: int, offset: int) -> None:
        try:
            super()._judge_second(first, second, offset)
        except ProtocolViolation as violation:
            self._faults.add(violation)
            if violation.rule in (rules.CLIENT_MUST_MASK, rules.SERVER_MUST_NOT_MASK):
                self._judge_second(first, second ^ 0x80, offset)

    def _judge_length(self, form: int, length: int, offset: int) -> None:
        try:
            super()._judge_length(form, length, offset)
        except ProtocolViolation as violation:
            self._faults.add(violation)
            if violation.rule is rules.LENGTH_TOP_BIT:
                self.lost = offset
                self.stop()
                raise

    def _refuse(self, violation: ProtocolViolation, data: bytes) -> None:
        """Show the header whose length cannot be believed; `feed` tells of it like of every other violation."""
        if self._tracer is not None:
            self._tracer.header(data[self.offset - self._base :], self.offset)

    def _add_piece(self, partial: _Partial, data: bytes, start: int, end: int, offset: int) -> None:
        self._faults.flush()
        if partial.length <= self._max_kept:
            super()._add_piece(partial, data, start, end, offset)
            self._faults.flush()
            return
        if self._told_long != self.offset:
            self._told_long = self.offset
            self._passed_over(self.offset, partial.length)
        partial.have += end - start

    def _complete(self, first: int, form: int, key: bytes | None, payload: bytes, offset: int, pieces: bool) -> None:
        length = self.offset - offset
        if length > len(payload):
            self._messages.frame_passed_over(first & 0x0F, first >= 0x80)
        else:
            super()._complete(first, form, key, payload, offset, pieces)
        self._faults.next_frame()


class PassiveMessages(MessageReader):
    """A `MessageReader` that notes violations and makes the best of the frames that follow.

    Arguments:
        role: of the endpoint that would read.
        faults: where violations go.
        control: called with each control frame and the stream offset of its payload.
        extensions: those in use.
        opaque: an extension that nobody here knows is in use: nothing is said about what is in a payload.
        max_kept: bytes of a message that are kept; of a longer one no message is put together.
        passed_over: called with the stream offset and the payload's length of a frame that inflates to more.
        tracer: called with each fragment and message.

    Attributes:
        close_status: code and reason of the first Close frame; None before it, and if it breaks a rule.
    """

    def __init__(
        self,
        role: Role,
        faults: Faults,
        control: Callable[[Frame, int], None],
        *,
        extensions: Sequence[Extension] = (),
        opaque: bool = False,
        max_kept: int,
        passed_over: Callable[[int, int], None],
        tracer: Tracer | None = None,
    ) -> None:
        super().__init__(
            role, UNLIMITED, lambda event: None, control, extensions=() if opaque else extensions, tracer=tracer
        )
        # The bound for inflating; nothing else is refused for its size.
        self._max_size = max_kept
        self.close_status: tuple[int | None, str] | None = None
        self._closed = False  # there was a Close frame, legal or not
        self._passed_over = passed_over
        self._faults = faults
        self._opaque = opaque
        self._max_kept = max_kept
        self._spoiled = opaque  # the message under way cannot be told
        self._refused = False  # a frame of the message under way breaks a rule
        self._unreadable = False  # the window of the compression is lost
        self._orphan = False  # the frame under way continues nothing
        self._aside: PassiveMessages | None = None  # reads a whole message that interrupts another one

    def frame_header(self, opcode: int, fin: bool, length: int, offset: int) -> None:
        """Judge a header: see `FrameSink`."""
        if opcode not in DATA_OPCODES:
            return
        self._orphan = False
        self._aside = None
        if self._closed:
            self._after_close(opcode, offset)
        try:
            super().frame_header(opcode, fin, length, offset)
        except ProtocolViolation as violation:
            if violation.rule is rules.MESSAGE_TOO_BIG:
                # No fault of the sender's: `_data` will see it too.
                return
            self._faults.add(violation)
            self._orphan = violation.rule is rules.CONTINUATION_WITHOUT_START
            if violation.rule is rules.MESSAGE_INTERLEAVED:
                self._interrupt(fin)
        if self._faults.has(rules.RSV_BITS) and not self._orphan:
            # An extension that nobody agreed on has marked the frame: what its payload says cannot be told.
            (self._aside or self)._spoil()

    def _interrupt(self, fin: bool) -> None:
        """A new message begins inside another one: a whole one is read aside, any other takes its place."""
        if fin:
            self._aside = self._another()
        else:
            self._new_message()

    def _after_close(self, opcode: int, offset: int) -> None:
        try:
            rules.enforce(rules.DATA_AFTER_CLOSE, offset, opcode=opcode)
        except ProtocolViolation as violation:
            self._faults.add(violation)

    def _another(self) -> PassiveMessages:
        return PassiveMessages(
            self._role or Role.SERVER,
            self._faults,
            self._control,
            extensions=tuple(reversed(self._extensions)),
            opaque=self._opaque,
            max_kept=self._max_kept,
            passed_over=self._passed_over,
            tracer=self._tracer,
        )

    def payload_piece(self, opcode: int, piece: bytes, offset: int) -> None:
        """Check text as it arrives: see `FrameSink`."""
        reader = self if self._aside is None else self._aside
        if not self._orphan and not self._opaque and opcode in DATA_OPCODES:
            MessageReader.payload_piece(reader, opcode, piece, offset)

    def frame_complete(self, frame: Frame, offset: int, pieces: bool) -> None:
        """Take a whole frame: see `FrameSink`."""
        self._faults.flush()
        if frame.is_control:
            if frame.opcode == Opcode.CLOSE:
                self._close(frame.payload, offset)
                # What is wrong with it comes before what that does to the connection.
                self._faults.flush()
            self._control(frame, offset)
        elif frame.opcode not in DATA_OPCODES:
            return
        elif self._aside is not None:
            self._aside.frame_complete(frame, offset, pieces)
        elif not self._orphan:
            self._data(frame, offset, pieces)

    def _close(self, payload: bytes, offset: int) -> None:
        """Only the first Close frame counts (§7.1.5), whatever follows it."""
        status = None
        try:
            status = read_close_body(payload, offset)
        except ProtocolViolation as violation:
            self._faults.add(violation)
        if not self._closed and not self._faults.found:
            self.close_status = status
        self._closed = True

    def frame_passed_over(self, opcode: int, fin: bool) -> None:
        """A frame that was too long to be kept: its message cannot be told, and goes on all the same."""
        if opcode not in DATA_OPCODES or self._orphan or self._aside is not None:
            return
        self._spoil()
        self._opcode = 0 if fin else opcode or self._opcode
        if fin:
            self._new_message()

    def _data(self, frame: Frame, offset: int, pieces: bool) -> None:
        if self._faults.found:
            # What its reader refuses is no message that is delivered.
            self._refused = True
        if self._size + len(frame.payload) > self._max_kept or (frame.rsv1 and self._unreadable):
            self._spoil()
        if self._spoiled and not self._opaque:
            self._fragments, self._checked = [], 0
            self._opcode = 0 if frame.fin else frame.opcode or self._opcode
        else:
            self._try(frame, offset, pieces)
        if frame.fin:
            self._new_message()

    def _try(self, frame: Frame, offset: int, pieces: bool) -> None:
        try:
            super().frame_complete(frame, offset, pieces)
        except ProtocolViolation as violation:
            # Only what an extension makes of a payload is refused here; it has lost its place in the stream then.
            if violation.rule is not rules.MESSAGE_TOO_BIG:
                self._faults.add(violation)
            else:
                self._passed_over(offset - frame.header_size, len(frame.payload))
            self._unreadable = True
            self._spoil()
            self._opcode = 0 if frame.fin else frame.opcode or self._opcode

    def _spoil(self) -> None:
        self._spoiled = True
        self._fragments = []

    def _new_message(self) -> None:
        self._opcode = self._size = self._checked = 0
        self._fragments = []
        self._text.reset()
        self._spoiled = self._opaque
        self._refused = False

    def _wrong_text(self, offset: int, index: int, position: int) -> None:
        if self._spoiled:
            return
        self._spoiled = True
        try:
            super()._wrong_text(offset, index, position)
        except ProtocolViolation as violation:
            self._faults.add(violation)

    def _trace_message(self, opcode: int, fragments: int, data: bytes) -> None:
        if not self._spoiled and not self._refused:
            super()._trace_message(opcode, fragments, data)

    def _trace_fragment(self) -> None:
        if not self._spoiled and not self._refused:
            super()._trace_fragment()
