"""What a change of some bytes did to the parser's reading of them, in one or two sentences, and where."""

from __future__ import annotations

from ..explain.catalogue import Catalogue, part_catalogue
from ..explain.words import bytes_hex, field_label, field_meaning, quoted
from ..protocol.dissection import DissectedFrame, Dissection
from ..protocol.frame import Frame
from ..protocol.layout import Field
from ..protocol.types import Opcode
from .svg import field_value

TEXT_SHOWN = 24
"""Bytes of a payload that the sentence quotes."""

_Fields = dict[tuple[int, str], Field]


def changed_bits(before: Dissection, after: Dissection, shown: int) -> list[int]:
    """Which bits of the new bytes are not as they were.

    Where there are more or fewer bytes than before, field by field, so that what only moved does not count.

    Arguments:
        before: of the bytes as they were.
        after: of the bytes as they are.
        shown: bytes from the beginning that are looked at.
    """
    if len(before.data) == len(after.data):
        pairs = enumerate(zip(before.data[:shown], after.data[:shown], strict=True))
        return [8 * place + bit for place, (was, now) in pairs for bit in range(8) if (was ^ now) & 0x80 >> bit]
    old = _by_name(before)
    bits: list[int] = []
    for field in after.fields:
        if field.first_bit >= 8 * shown:
            break
        known = old.get((field.frame, field.name))
        was = "" if known is None else _bits(before.data, known, shown)
        now = _bits(after.data, field, shown)
        bits += [field.first_bit + i for i, bit in enumerate(now) if i >= len(was) or was[i] != bit]
    return bits


def _bits(data: bytes, field: Field, shown: int) -> str:
    """The first bits of a field, as text."""
    first, end = field.first_bit, min(field.first_bit + field.bits, field.first_bit + 8 * shown)
    part = data[first // 8 : -(-end // 8)]
    digits = "".join(f"{byte:08b}" for byte in part)
    return digits[first % 8 : first % 8 + end - first]


def _by_name(dissection: Dissection) -> _Fields:
    return {(field.frame, field.name): field for field in dissection.fields}


# --- The sentence ---


def happened(before: Dissection, after: Dissection, language: str) -> str:
    """What is read otherwise than before: the field that changed, and what follows from that for the parser.

    Arguments:
        before: of the bytes as they were.
        after: of the bytes as they are.
        language: `en` or `zh`.

    Returns:
        empty if nothing is read otherwise.
    """
    words = part_catalogue("frame_builder", language)
    old, new = _by_name(before), _by_name(after)
    altered = next((key for key, field in new.items() if key not in old or _value(old[key]) != _value(field)), None)
    if altered is None:
        gone = next((key for key in old if key not in new), None)
        number = 0 if gone is None else gone[0]
        parts = [] if gone is None else [_reading(before, after, old, new, number, words)]
    else:
        number = altered[0]
        reading = _reading(before, after, old, new, number, words)
        parts = [_altered(old[altered], new[altered], language, words) if altered in old else "", reading]
    return words.say("change.space").join(part for part in parts if part)


def _value(field: Field) -> tuple[int | bytes, int]:
    return field.value, field.bits


def _altered(was: Field, field: Field, language: str, words: Catalogue) -> str:
    """`opcode: 0x1 → 0x9, a Ping …`."""
    facts = {"label": field_label(field.name, language), "before": field_value(was), "after": field_value(field)}
    if isinstance(field.value, bytes):
        return words.say("change.bytes", **facts)
    return words.say("change.field", meaning=field_meaning(field, language), **facts)


def _reading(before: Dissection, after: Dissection, old: _Fields, new: _Fields, number: int, words: Catalogue) -> str:
    """What the parser takes for what from now on, if that is not what it took it for."""
    was, now = _frame(before, number), _frame(after, number)
    if now is None:
        return ""
    clauses = [*_length(old, new, was, now, number, words), *_key(after, old, new, number, words)]
    tail = _tail(before, after, was, now, words)
    if not clauses:
        return words.say("change.tail", tail=tail) if tail else ""
    join = words.say("change.join")
    told = words.say("change.takes", what=join.join(clauses))
    return words.say("change.both", told=told, tail=tail) if tail else words.say("change.end", told=told)


def _frame(dissection: Dissection, number: int) -> DissectedFrame | None:
    return dissection.frames[number] if number < len(dissection.frames) else None


def announced(frame: DissectedFrame | None) -> int | None:
    """The payload length that a header announces; None while it is not complete."""
    if frame is None or frame.frame is None:
        return None
    return len(frame.frame.payload) + frame.missing


def _length(
    old: _Fields, new: _Fields, was: DissectedFrame | None, now: DissectedFrame, number: int, words: Catalogue
) -> list[str]:
    length = announced(now)
    if length is None or length == announced(was):
        return []
    extended = new.get((number, "extended_payload_length"))
    if extended is None:
        return []
    raw = int(extended.value).to_bytes(extended.bits // 8, "big")
    return [words.say("change.extended", hex=bytes_hex(raw, 8), bits=extended.bits, length=f"{length:,}")]


def _key(after: Dissection, old: _Fields, new: _Fields, number: int, words: Catalogue) -> list[str]:
    was, now = old.get((number, "masking_key")), new.get((number, "masking_key"))
    if now is not None and (was is None or was.first_bit != now.first_bit):
        return [words.say("change.key", hex=field_value(now))]
    if now is None and was is not None and _still_there(after, was):
        return [words.say("change.unmasked", hex=field_value(was))]
    return []


def _still_there(after: Dissection, key: Field) -> bool:
    """Whether the bytes of a key are where they were, now in a payload."""
    first, end = key.first_bit // 8, (key.first_bit + key.bits) // 8
    taken = next((field for field in after.fields if field.first_bit == key.first_bit), None)
    return after.data[first:end] == key.value and taken is not None and taken.name == "payload"


def _tail(
    before: Dissection, after: Dissection, was: DissectedFrame | None, now: DissectedFrame, words: Catalogue
) -> str:
    """What the parser does next."""
    if now.missing:
        return words.say("change.waits", count=now.missing) if was is None or now.missing != was.missing else ""
    rest = len(after.data) - now.offset - now.size
    if was is not None and rest and rest != len(before.data) - was.offset - was.size:
        return words.say("change.rest", count=rest)
    if was is not None and was.missing:
        return words.say("change.whole")
    if was is None or was.frame is None or now.frame is None or was.frame.payload == now.frame.payload:
        return ""
    return _read(now.frame, words)


def _read(frame: Frame, words: Catalogue) -> str:
    """What a payload says: of a Close frame its code and its reason (RFC 6455 §5.5.1), of others a text."""
    payload = frame.payload
    if frame.opcode != Opcode.CLOSE or len(payload) < 2:
        return words.say("change.reads", text=quoted(payload, TEXT_SHOWN))
    code, reason = int.from_bytes(payload[:2], "big"), payload[2:]
    if not reason:
        return words.say("change.reads.code", code=code)
    return words.say("change.reads.close", code=code, reason=quoted(reason, TEXT_SHOWN))
