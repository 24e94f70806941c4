"""`dissect`: every bit of some bytes in exactly one named field, with a verdict for either sender.

It never judges while it reads: what is illegal, or cut short, has fields like everything else; the verdicts
come from the same decoder and message reader that an endpoint runs, as somebody runs them who only watches.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .frame import Frame
from .frames import OPCODES
from .inflated import MAX_INFLATED, extension_of, inflate_frames
from .layout import Field, Head, extent, lay_out_header, lay_out_payload, waiting_for
from .masking import apply_mask
from .passive import UNLIMITED_SIZE, Faults, PassiveDecoder, PassiveMessages
from .rules import ProtocolViolation
from .types import Role, as_bytes


class Verdict(NamedTuple):
    """What an endpoint would say to bytes from one sender.

    Arguments:
        sender: who is taken to have sent them.
        violations: each rule that is broken, in the order of the bytes, as far as the frames can be told apart.
        legal_until: bytes from the beginning that are in order: the offset of the first wrong byte, else all.
        complete: whether they end at the end of a frame and of a message.
        missing: how many more bytes the last frame is known to need; where none are and they are not complete, the
            message goes on in another frame.
    """

    sender: Role
    violations: tuple[ProtocolViolation, ...]
    legal_until: int
    complete: bool
    missing: int = 0

    @property
    def legal(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations

    @property
    def violation(self) -> ProtocolViolation | None:
        """The first of the violations, at which an endpoint fails the connection; None if there is none."""
        return self.violations[0] if self.violations else None


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
        more: frames at the end of the input that were only counted.
        missing: how many more bytes the last frame is known to need.
        inflated: what the payloads of compressed messages were before, by the number of their frame; only where
            permessage-deflate was said to be agreed on.
    """

    data: bytes
    fields: tuple[Field, ...]
    frames: tuple[DissectedFrame, ...]
    client: Verdict
    server: Verdict
    sender: Role | None = None
    more: int = 0
    missing: int = 0
    inflated: Mapping[int, bytes] = field(default_factory=dict)

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

    def fields_of(self, number: int) -> list[Field]:
        """The fields of one frame, in order."""
        first, last = (
            bisect_left(self.fields, wanted, key=lambda found: found.frame) for wanted in (number, number + 1)
        )
        return list(self.fields[first:last])


def dissect(
    data: bytes, *, sender: Role | str | None = None, most: int | None = None, compress: bool = False
) -> Dissection:
    """Take bytes of one direction apart, frames back to back, bit by bit (RFC 6455 §5.2).

    Arguments:
        data: frames, legal or not, possibly cut short; nothing of the opening handshake.
        sender: client or server, if that is known.
        most: frames that have fields; those behind them are judged and counted, which takes a hundredth of the time,
            and of each verdict only the first violation is found. None for all.
        compress: as if both endpoints had agreed on permessage-deflate, with its default parameters (RFC 7692).
    """
    data = as_bytes(data)
    fields: list[Field] = []
    frames: list[DissectedFrame] = []
    start = 0
    while start < len(data) and (most is None or len(frames) < most):
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
    more, missing = _count(data, start) if start < len(data) else (0, frames[-1].missing if frames else 0)
    verdicts = {role: judge(data, role, first_only=most is not None, compress=compress) for role in Role}
    return Dissection(
        data,
        tuple(fields),
        tuple(frames),
        verdicts[Role.CLIENT],
        verdicts[Role.SERVER],
        None if sender is None else Role(sender),
        more,
        missing,
        inflate_frames(frames) if compress else {},
    )


def _count(data: bytes, start: int) -> tuple[int, int]:
    """How many frames there are from a byte on, and how many more bytes the last one needs."""
    count = 0
    while start < len(data):
        start = extent(data, start)
        count += 1
    return count, start - len(data)


def _end(data: bytes, start: int, head: Head) -> int:
    size = head.size + (0 if head.missing else head.length or 0)
    return min(len(data), start + size)


def _frame(data: bytes, start: int, head: Head, fields: list[Field]) -> Frame:
    position = start + head.size
    raw = data[position : position + (head.length or 0)]
    payload = raw if head.masking_key is None else apply_mask(raw, head.masking_key)
    bits = {found.name: bool(found.value) for found in fields if found.bits == 1}
    opcode = OPCODES[data[start] & 0x0F]
    form = {126: 16, 127: 64}.get(data[start + 1] & 0x7F, 7)
    return Frame(opcode, payload, bits["fin"], bits["rsv1"], bits["rsv2"], bits["rsv3"], head.masking_key, form)


def judge(data: bytes, sender: Role, *, first_only: bool = False, compress: bool = False) -> Verdict:
    """What an endpoint without limits would say to these bytes from that sender (RFC 6455 §5, §7.4, §8.1).

    Arguments:
        data: frames of one direction, from the beginning of a frame and of a message on.
        sender: who is taken to have sent them.
        first_only: read no further than the first frame that breaks a rule, as an endpoint does.
        compress: permessage-deflate is in use; a message that inflates to more than `MAX_INFLATED` is not looked into.
    """
    found: list[ProtocolViolation] = []

    def tell(violation: ProtocolViolation) -> None:
        found.append(violation)
        if first_only:
            decoder.stop()

    faults, size = Faults(tell), MAX_INFLATED if compress else UNLIMITED_SIZE
    extensions = (extension_of(sender.peer),) if compress else ()
    messages = PassiveMessages(
        sender.peer, faults, _nothing, extensions=extensions, max_kept=size, passed_over=_nothing
    )
    decoder = PassiveDecoder(sender.peer, faults, messages, max_kept=size, passed_over=_nothing, extensions=extensions)
    decoder.feed(data)
    if not found:
        return Verdict(sender, (), len(data), not decoder.mid_frame and not messages.mid_message, _count(data, 0)[1])
    return Verdict(sender, tuple(found), len(data) if found[0].offset is None else found[0].offset, True)


def _nothing(*told: object) -> None:
    """Bytes are judged, and nothing is done with what they say."""
