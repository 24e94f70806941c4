"""Messages to frames, and the bytes that wait to be written (RFC 6455 §5.4, §6.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import rules
from .extensions import Extension
from .frame import Frame
from .frames import LENGTH_7, encode_frame, frame_header
from .frametrace import MASKED_BY, FrameTracer
from .masking import REPEAT, masked_frame
from .steps import BytesSent, Tracer
from .types import BytesLike, Opcode, Role, as_bytes
from .utf8 import Utf8Pieces
from .wiresteps import bytes_step

TAKEN_BY = "wsedu.protocol.writer:Writer.take"
WRITTEN_BY = "wsedu.protocol.writer:Writer.frame"

# Looked up once here: a member of an enum takes long to find.
TEXT = Opcode.TEXT
from_bytes = int.from_bytes

MAX_CONTROL = 125
"""Bytes of payload that a control frame may have (§5.5)."""


def as_utf8(text: str) -> bytes:
    """A text as UTF-8 (§5.6).

    Raises:
        LocalViolation: it has half of a surrogate pair, which is no character.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        rules.refuse(rules.TEXT_UTF8, None, position=error.start)
        return text.encode(errors="surrogatepass")


class Writer:
    """The sending half of an endpoint.

    Arguments:
        role: a client masks every frame, a server none (§5.1).
        random_bytes: gives unpredictable bytes for the masking keys.
        tracer: called with each frame and with the bytes as they are taken.

    Attributes:
        extensions: those in use, in the order of the server's list: see `use`.
        plain: whether a message can go out as one frame just as it is: no extension has to see it, and no
            fragmented message is under way.
        offset: where the next byte stands in the stream.
    """

    def __init__(self, role: Role, random_bytes: Callable[[int], bytes], tracer: Tracer | None) -> None:
        self.extensions: Sequence[Extension] = ()
        self.plain = True
        self.offset = 0
        self._role = role
        self._direction = role.sends
        self._random_bytes = random_bytes
        self._tracer = tracer
        self._frames = None if tracer is None else FrameTracer(tracer, role, sent=True)
        self._mask_bit = 0x80 if role is Role.CLIENT else 0
        # What waits is one piece nearly always: a list for it would have to be made and emptied each time.
        self._waiting = b""
        self._more: list[bytes] = []
        self._opcode = 0  # of the fragmented message that is being sent
        self._text = Utf8Pieces()

    @property
    def mid_message(self) -> bool:
        """Whether a fragmented message has begun and not ended."""
        return self._opcode != 0

    @property
    def waits(self) -> bool:
        """Whether there are bytes to take."""
        return bool(self._waiting)

    def use(self, extensions: Sequence[Extension]) -> None:
        """Send every message through these extensions from now on."""
        self.extensions = extensions
        self.plain = not extensions and not self._opcode

    def queue(self, data: bytes) -> None:
        """Add bytes that go out as they are: a head of the handshake, or a frame."""
        self.offset += len(data)
        if self._waiting:
            self._more.append(data)
        else:
            self._waiting = data

    def take(self) -> bytes:
        """The bytes to write now, in one piece; empty if there are none."""
        data = self._waiting
        if not data:
            return b""
        if self._more:
            data = b"".join([data, *self._more])
            self._more = []
        self._waiting = b""
        if self._tracer is not None:
            # All that waited is taken, so it ends where the next byte will stand.
            start = self.offset - len(data)
            self._tracer(bytes_step(BytesSent, self._role, self._direction, start, TAKEN_BY, data))
        return data

    def message(self, opcode: Opcode, data: str | BytesLike, fin: bool) -> None:
        """Add a message, or a fragment of one.

        Arguments:
            opcode: text or binary for a first frame, continuation for the others.
            data: its part of the message.
            fin: whether it is the last one.

        Raises:
            LocalViolation: the fragment does not fit the message under way, or its text is not UTF-8.
        """
        if opcode:
            if self._opcode:
                rules.refuse(rules.MESSAGE_INTERLEAVED, None, opcode=opcode, open=self._opcode)
        elif not self._opcode:
            rules.refuse(rules.CONTINUATION_WITHOUT_START, None)
        if (opcode or self._opcode) == TEXT:
            payload = self._utf8(data, fin)
        else:
            payload = as_utf8(data) if isinstance(data, str) else as_bytes(data)
        if fin:
            self._opcode = 0
        elif opcode:
            self._opcode = opcode
        self.plain = not self._opcode and not self.extensions
        if self.extensions:
            self._extended(Frame(opcode, payload, fin))
        else:
            self.frame(opcode, payload, fin)

    def _utf8(self, text: str | BytesLike, fin: bool) -> bytes:
        """The bytes of a text fragment, checked together with the fragments before it (§5.6)."""
        payload = as_utf8(text) if isinstance(text, str) else as_bytes(text)
        if not fin or self._opcode or not isinstance(text, str):
            wrong = self._text.wrong(payload, fin)
            if wrong is not None:
                rules.refuse(rules.TEXT_UTF8, None, position=wrong)
        if fin:
            self._text.reset()
        return payload

    def _extended(self, frame: Frame) -> None:
        """A data frame through the extensions, in the order of the server's list (§9.1)."""
        for extension in self.extensions:
            frame = extension.encode(frame)
        if self._mask_bit:
            frame = frame._replace(masking_key=self._random_bytes(4))
        self.raw_frame(frame)

    def frame(self, opcode: Opcode, payload: bytes, fin: bool = True) -> None:
        """Add a frame, masked as the role demands."""
        first = opcode | 0x80 if fin else opcode
        size = len(payload)
        mask_bit = self._mask_bit
        header = LENGTH_7(first, mask_bit | size) if size <= 125 else frame_header(first, size, mask_bit)
        key = None
        if mask_bit:
            # A new key for every frame, from the strong source that we were given (§5.3).
            key = self._random_bytes(4)
            if 0 < size <= 125:
                # What masked_frame does with a short payload, without the call.
                masked = from_bytes(payload, "little") ^ from_bytes(key, "little") * REPEAT[size]
                data = header + key + masked.to_bytes(size + 3, "little")[:size]
            else:
                data = masked_frame(header, payload, key)
        else:
            data = header + payload
        if self._frames is not None:
            # tuple.__new__ is what Frame(...) does, without the cost of its keyword defaults.
            frame = tuple.__new__(Frame, (opcode, payload, fin, False, False, False, key, None))
            masked_by = WRITTEN_BY if size <= 125 else MASKED_BY
            self._frames.sent(frame, data, self.offset, WRITTEN_BY, masked_by)
        # As `queue` does, without the call.
        self.offset += len(data)
        if self._waiting:
            self._more.append(data)
        else:
            self._waiting = data

    def raw_frame(self, frame: Frame) -> None:
        """Add a frame exactly as it is, legal or not."""
        data = encode_frame(frame)
        if self._frames is not None:
            self._frames.sent(frame, data, self.offset)
        self.queue(data)
