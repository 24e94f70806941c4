"""`dissect`: every bit of some bytes in exactly one named field, with a verdict for either sender.

It never judges while it reads: what is illegal, or cut short, has fields like everything else; the verdicts
come from the same decoder and message reader that an endpoint runs.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

from . import rules
from .closing import read_close_body
from .frame import Frame
from .frames import OPCODES, FrameDecoder
from .layout import Field, Head, lay_out_header, lay_out_payload, waiting_for
from .masking import apply_mask
from .messages import MessageReader
from .rules import ProtocolViolation
from .types import Limits, Opcode, Role, as_bytes

_NO_LIMITS = Limits(max_message_size=1 << 63, max_fragments=1 << 63)


class Verdict(NamedTuple):
    """What an endpoint would say to bytes from one sender.

    Arguments:
        sender: who is taken to have sent them.
        violation: the first rule that is broken; None if none is.
        legal_until: bytes from the beginning that are in order: the offset of the first wrong byte, else all.
        complete: whether they end at the end of a frame and of a message.
    """

    sender: Role
    violation: ProtocolViolation | None
    legal_until: int
    complete: bool

    @property
    def legal(self) -> bool:
        """Whether no rule is broken."""
        return self.violation is None


class DissectedFrame(NamedTuple):
    """One frame of the input, whole or cut short.

    Arguments:
        number: from 0.
        offset: of its first byte in the input.
        size: how many of its bytes are in the input.
        missing: how many more it is known to need; 0 for a whole frame.
        frame: what it holds, with as much of the payload as there is; None while the header is not complete.
    """

    number: int
    offset: int
    size: int
    missing: int
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class Dissection:
    """What `dissect` found.

    Arguments:
        data: the input.
        fields: in order; their bits are those of the input, without gap or overlap.
        frames: in order; at most the last one is not whole.
        client: the verdict if a client sent these bytes.
        server: the verdict if a server did.
        sender: who is said to have sent them, None if nobody knows.
    """

    data: bytes
    fields: tuple[Field, ...]
    frames: tuple[DissectedFrame, ...]
    client: Verdict
    server: Verdict
    sender: Role | None = None

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts that count: the sender's, or both where the sender is not known."""
        if self.sender is None:
            return (self.client, self.server)
        return (self.client if self.sender is Role.CLIENT else self.server,)

    @property
    def legal(self) -> bool:
        """Whether the bytes are legal and whole, from the sender, or from either where it is not known."""
        return any(verdict.legal and verdict.complete for verdict in self.verdicts)

    @property
    def missing(self) -> int:
        """How many more bytes the last frame is known to need."""
        return self.frames[-1].missing if self.frames else 0

    def fields_of(self, number: int) -> list[Field]:
        """The fields of one frame, in order."""
        first, last = (
            bisect_left(self.fields, wanted, key=lambda field: field.frame) for wanted in (number, number + 1)
        )
        return list(self.fields[first:last])


def dissect(data: bytes, *, sender: Role | str | None = None) -> Dissection:
    """Take bytes of one direction apart, frames back to back, bit by bit (RFC 6455 §5.2).

    Arguments:
        data: frames, legal or not, possibly cut short; nothing of the opening handshake.
        sender: client or server, if that is known.
    """
    data = as_bytes(data)
    fields: list[Field] = []
    frames: list[DissectedFrame] = []
    start = 0
    while start < len(data):
        found, head = lay_out_header(data, start, len(frames))
        fields += found
        frame = None
        if not head.missing:
            fields += lay_out_payload(data, start, head, len(frames))
            frame = _frame(data, start, head, found)
        end = _end(data, start, head)
        missing = waiting_for(head, len(data) - start)
        frames.append(DissectedFrame(len(frames), start, end - start, missing, frame))
        start = end
    verdicts = {role: judge(data, role) for role in Role}
    return Dissection(
        data,
        tuple(fields),
        tuple(frames),
        verdicts[Role.CLIENT],
        verdicts[Role.SERVER],
        None if sender is None else Role(sender),
    )


def _end(data: bytes, start: int, head: Head) -> int:
    size = head.size + (0 if head.missing else head.length or 0)
    return min(len(data), start + size)


def _frame(data: bytes, start: int, head: Head, fields: list[Field]) -> Frame:
    position = start + head.size
    raw = data[position : position + (head.length or 0)]
    payload = raw if head.masking_key is None else apply_mask(raw, head.masking_key)
    bits = {field.name: bool(field.value) for field in fields if field.bits == 1}
    opcode = OPCODES[data[start] & 0x0F]
    form = {126: 16, 127: 64}.get(data[start + 1] & 0x7F, 7)
    return Frame(opcode, payload, bits["fin"], bits["rsv1"], bits["rsv2"], bits["rsv3"], head.masking_key, form)


class _Judge(MessageReader):
    """A message reader that delivers nothing, and reads on after a Close frame to see what follows."""

    def __init__(self, role: Role) -> None:
        super().__init__(role, _NO_LIMITS, lambda event: None, self._close_body)
        self._closed = False

    def frame_header(self, opcode: int, fin: bool, length: int, offset: int) -> None:
        if self._closed and opcode < Opcode.CLOSE:
            # An endpoint ignores these bytes (§1.4); whoever sent them broke a rule all the same.
            rules.enforce(rules.DATA_AFTER_CLOSE, offset, opcode=opcode)
        super().frame_header(opcode, fin, length, offset)

    def _close_body(self, frame: Frame, offset: int) -> None:
        if frame.opcode == Opcode.CLOSE:
            read_close_body(frame.payload, offset)
            self._closed = True


def judge(data: bytes, sender: Role) -> Verdict:
    """What an endpoint without limits would say to these bytes from that sender (RFC 6455 §5, §7.4, §8.1).

    Arguments:
        data: frames of one direction, from the beginning of a frame and of a message on.
        sender: who is taken to have sent them.
    """

    reader = _Judge(sender.peer)
    decoder = FrameDecoder(sender.peer, sink=reader)
    decoder.feed(data)
    violation = decoder.violation
    if violation is None:
        return Verdict(sender, None, len(data), not decoder.mid_frame and not reader.mid_message)
    return Verdict(sender, violation, len(data) if violation.offset is None else violation.offset, True)
