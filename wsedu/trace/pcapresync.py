"""Where the next frame begins in a stream that was captured from its middle: a guess, by what follows (RFC 6455 §5.2).

Nothing marks the beginning of a frame. A place is taken for one if from there on frame follows frame, each with a
header that its sender may send. Bytes of a payload can look so by chance; the more frames follow, the rarer that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.extensions import Extension
from ..protocol.frames import FrameDecoder
from ..protocol.layout import Head, lay_out_header, waiting_for
from ..protocol.types import Opcode, Role

ENOUGH = 4
"""Whole frames that must follow each other; those that any run of zeros would be do not count."""

FOLLOWED = 12
"""Frames behind a place that are looked at; whatever comes later is the sender's to answer for."""

SEARCHED = 1 << 19
"""Bytes in which the beginning of a frame is looked for."""

TRIED = 1 << 16
"""Headers that are tried in all: chance and honest streams have far fewer places that look like one."""

RSV1 = 0x40

FIRST_BYTES = frozenset(
    bits | opcode for opcode in Opcode for bits in (0, 0x40, 0x80, 0xC0) if opcode < Opcode.CLOSE or bits == 0x80
)
"""What a frame may begin with where nothing but permessage-deflate has been agreed on."""


@dataclass
class _Patience:
    """How many headers may still be tried: bytes can be made so that each place of them looks like a row of frames."""

    left: int = TRIED

    def spend(self) -> bool:
        """Whether one more may be tried."""
        self.left -= 1
        return self.left >= 0


class Beginning(NamedTuple):
    """Where reading can begin.

    Arguments:
        skipped: bytes before the first frame; 0 also where no place could be found.
        compressed: whether frames from there on have RSV1, as permessage-deflate sets it (RFC 7692 §6).
    """

    skipped: int
    compressed: bool


def beginning(stream: bytes, reader: Role) -> Beginning:
    """The first place of a stream where frames seem to begin.

    Where two rows of frames run into one, the beginning of one of them is a chance: what both have is taken.

    Arguments:
        stream: what one direction carried, from anywhere in it on.
        reader: who read it, which decides whether frames are masked.
    """
    rows = _rows(stream, reader)
    row = next(rows, None)
    if row is None:
        return Beginning(0, False)
    begins = row[0]
    if begins:
        joins = (next((at for at in other if at in row), begins) for other in _until(rows, row[1]))
        begins = max([begins, *joins])
    return Beginning(begins, any(stream[at] & RSV1 for at in row if begins <= at < len(stream)))


def _rows(stream: bytes, reader: Role) -> Iterator[list[int]]:
    """Where frames that follow each other begin, for each place from which enough of them do."""
    mask = 0x80 if reader is Role.SERVER else 0
    # Compression may have been agreed on before.
    extension = PerMessageDeflateFactory().accepted(())
    assert extension is not None
    patience = _Patience()
    for at in range(min(len(stream) - 1, SEARCHED)):
        if patience.left <= 0:
            return
        # What the two first bytes rule out need not be laid out.
        first, second = stream[at], stream[at + 1]
        if first in FIRST_BYTES and second & 0x80 == mask and (first or second):
            row = _row(stream, at, reader, extension, patience)
            if row is not None:
                yield row


def _until(rows: Iterator[list[int]], end: int) -> Iterator[list[int]]:
    """The rows that begin before a place."""
    return takewhile(lambda row: row[0] < end, rows)


def _row(stream: bytes, at: int, reader: Role, extension: Extension, patience: _Patience) -> list[int] | None:
    """Where the frames that follow each other from a place on begin; None if they are too few, or not legal."""
    row: list[int] = []
    counted = 0
    inside: bool | None = None  # whether a message is under way; nobody knows at the beginning
    while at < len(stream) and len(row) < FOLLOWED and patience.spend():
        opcode, fin = stream[at] & 0x0F, stream[at] >= 0x80
        _, head = lay_out_header(stream, at)
        if not _legal(stream, at, head, reader, extension):
            return None
        if opcode < Opcode.CLOSE:
            if inside is not None and inside is not (opcode == Opcode.CONTINUATION):
                return None
            inside = not fin
        row.append(at)
        if waiting_for(head, len(stream) - at):
            break
        counted += stream[at] != 0
        at += head.size + (head.length or 0)
    return row if counted >= ENOUGH else None


def _legal(stream: bytes, at: int, head: Head, reader: Role, extension: Extension) -> bool:
    """Whether the sender may send this header."""
    decoder = FrameDecoder(reader, extensions=(extension,))
    decoder.feed(stream[at : at + head.size])
    return decoder.violation is None
