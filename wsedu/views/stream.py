"""Frames as a stream of bytes that arrives in pieces: TCP keeps the order, and no boundaries (RFC 6455 §5.2, §5.4).

The pieces go through the decoder that an endpoint runs; after each one it says what it has read and waits for.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from ..explain.catalogue import Catalogue, catalogue, part_catalogue
from ..explain.words import field_label, quoted, violation_sentence
from ..protocol.dissection import Dissection, dissect
from ..protocol.frame import Frame
from ..protocol.frames import FrameDecoder, encode_frame
from ..protocol.layout import Field, extent, lay_out_header
from ..protocol.types import Role
from .palette import MARKS

PART = "builder_panels"

STREAM = 96
"""Bytes of the stream that are shown one by one; cuts lie among them."""

LAID_OUT = 60
"""Frames of the stream that are told of by field; more than the shown bytes hold."""

TOLD = 20
"""Frames that one piece gives which are told of."""

LONGEST = 4096
"""Bytes that a stream has at most."""


def added_frame(what: str, dissection: Dissection) -> bytes:
    """The bytes of one more frame for the stream, masked if the frame that is there is.

    Arguments:
        what: `ping` for a Ping with one byte; `again` for the frame that is there.
        dissection: of the bytes that the stream begins with.
    """
    if what == "again":
        return dissection.data
    first = dissection.frames[0].frame if dissection.frames else None
    return encode_frame(Frame.ping(b"?", masking_key=None if first is None else first.masking_key))


def cuts_of(how: str, data: bytes) -> list[int]:
    """Places to cut a stream at.

    Arguments:
        how: `none`; `bytes` for a cut after every byte; `frames` for one between each two frames.
        data: the stream.
    """
    if how == "bytes":
        return list(range(1, min(len(data), STREAM)))
    if how == "frames":
        return legal_cuts((frame.offset for frame in dissect(data, most=LAID_OUT).frames), data)
    return []


def legal_cuts(cuts: Iterable[int], data: bytes) -> list[int]:
    """The cuts that lie between two shown bytes of a stream, in order.

    Arguments:
        cuts: each the number of bytes before it.
        data: the stream.
    """
    return sorted({cut for cut in cuts if 0 < cut < min(len(data), STREAM)})


def reader_of(dissection: Dissection) -> Role:
    """Who reads such a stream: the server if its first frame is masked, else the client."""
    first = dissection.frames[0].frame if dissection.frames else None
    return Role.CLIENT if first is not None and first.masking_key is None else Role.SERVER


def stream(data: bytes, cuts: list[int], fed: int, language: str) -> dict[str, Any]:
    """What the strip shows.

    Arguments:
        data: the whole stream.
        cuts: as `legal_cuts` gives them.
        fed: pieces that the decoder has been given.
        language: `en` or `zh`.

    Returns:
        `size`, the shown `bytes` with the field and frame of each, `cuts`, `pieces` in all, `fed`, `read` bytes
        of the stream, who is the `reader`, and the `log`: for each piece fed `piece`, `just`, `gave`, `needs`.
    """
    dissection = dissect(data, most=LAID_OUT)
    bounds = [0, *cuts, len(data)] if data else [0]
    pieces = list(pairwise(bounds))
    fed = min(fed, len(pieces))
    reader = reader_of(dissection)
    return {
        "size": len(data),
        "bytes": _bytes(dissection),
        "cuts": cuts,
        "pieces": len(pieces),
        "fed": fed,
        "read": pieces[fed - 1][1] if fed else 0,
        "next": list(pieces[fed]) if fed < len(pieces) else [],
        "reader": catalogue(language).say(f"role.{reader.value}"),
        "log": _feed(dissection, pieces[:fed], reader, language),
    }


def _bytes(dissection: Dissection) -> list[list[Any]]:
    """Each shown byte: its hex, the field that most of it is, the letter of that, and the number of its frame."""
    shown: list[list[Any]] = []
    for field in dissection.fields:
        if field.bits == 1:
            continue
        for place in range(field.first_bit // 8, (field.first_bit + field.bits + 7) // 8):
            if place >= STREAM:
                return shown
            byte = f"{dissection.data[place]:02x}"
            shown.append([byte, field.name, MARKS[field.name].letter, field.frame])
    return shown


def _feed(dissection: Dissection, pieces: list[tuple[int, int]], reader: Role, language: str) -> list[dict[str, str]]:
    """Feed the decoder piece by piece, and tell each time what it made of it."""
    say = part_catalogue(PART, language).say
    decoder = FrameDecoder(reader)
    log = []
    for start, end in pieces:
        failed = decoder.violation is not None
        frames = decoder.feed(dissection.data[start:end])
        if failed:
            log.append(
                {"piece": _piece(dissection, start, end), "just": say("stream.ignored"), "gave": "", "needs": ""}
            )
            continue
        log.append(
            {
                "piece": _piece(dissection, start, end),
                "just": read_fields(dissection, start, end, language),
                "gave": _given(frames, language),
                "needs": needs(decoder, dissection.data[:end], language),
            }
        )
    return log


def _piece(dissection: Dissection, start: int, end: int) -> str:
    shown = dissection.data[start : min(end, start + 16)].hex(" ")
    return shown + (" …" if end - start > 16 else "")


def _given(frames: list[Frame], language: str) -> str:
    """What a piece gives: its first frames, and how many more."""
    told = [_gave(frame, language) for frame in frames[:TOLD]]
    if frames[TOLD:]:
        told.append(part_catalogue(PART, language).say("stream.complete.more", count=len(frames) - TOLD))
    return " ".join(told)


def _gave(frame: Frame, language: str) -> str:
    say = part_catalogue(PART, language).say
    name = catalogue(language).say(f"opcode.{frame.name}")
    return say("stream.complete", name=name, length=len(frame.payload), payload=quoted(frame.payload, 40))


def read_fields(dissection: Dissection, start: int, end: int, language: str) -> str:
    """Which fields lie in a piece of a stream, and how much of those that are cut in two.

    Arguments:
        dissection: of the whole stream.
        start: the first byte of the piece.
        end: the byte after its last.
        language: `en` or `zh`.
    """
    words = part_catalogue(PART, language)
    told: list[str] = []
    for field in dissection.fields:
        first, last = field.first_bit // 8, (field.first_bit + field.bits + 7) // 8
        have = min(end, last) - max(start, first)
        if have > 0:
            told += _told(field, have, last - first + int(field.facts.get("missing", 0)), words)
    if dissection.more and end > dissection.frames[-1].offset + dissection.frames[-1].size:
        told.append("…")
    return words.say("stream.and").join(told)


def _told(field: Field, have: int, whole: int, words: Catalogue) -> list[str]:
    """A field of a piece; of the first two bytes of a frame, one text for all fields of each."""
    if field.bits == 1:
        return []
    if field.name in ("opcode", "payload_length"):
        return [words.say(f"stream.byte.{field.name}")]
    label = field_label(field.name, words.language)
    return [label if have == whole else words.say("stream.part", have=have, whole=whole, label=label)]


def needs(decoder: FrameDecoder, so_far: bytes, language: str) -> str:
    """What a decoder waits for.

    Arguments:
        decoder: that has read `so_far`.
        so_far: the stream as far as it was fed.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    if decoder.violation is not None:
        return say("stream.violation", problem=violation_sentence(decoder.violation, language))
    if not decoder.mid_frame:
        return say("stream.needs.frame")
    start = _last_frame(so_far)
    last = dissect(so_far[start:], most=1).frames[0]
    if last.frame is not None:
        have = len(last.frame.payload)
        return say("stream.needs.payload", count=last.missing, have=have, whole=have + last.missing)
    if last.size == 1:
        return say("stream.needs.second", count=last.missing)
    head = lay_out_header(so_far, start)[1]
    if head.length is None:
        return say("stream.needs.length", count=head.missing)
    return say("stream.needs.key", count=head.missing, rest=head.length)


def _last_frame(data: bytes) -> int:
    """Where the last frame begins in some bytes."""
    start = end = 0
    while end < len(data):
        start, end = end, extent(data, end)
    return start
