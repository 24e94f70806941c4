"""What stands above and below each byte of a grid of bits: which part of the frame it is, and what it stands for."""

from __future__ import annotations

import codecs

from ..explain.catalogue import catalogue, part_catalogue
from ..protocol.dissection import Dissection
from ..protocol.layout import Field
from ..protocol.types import opcode_name
from .palette import MARKS

Caption = list[str]
"""Of one byte: the `ruler` where its part begins, such as `2…5 masking key`; its `mark`, such as `K0`; what is
`below` it, such as `⊕ 37 = 48 H`."""

_UNKNOWN, _GOES_ON = "·", "‥"

SPACE = "␣"
"""How a space is shown: a sign that, other than ␠, the usual fonts of fixed width have."""


def captions(dissection: Dissection, language: str, shown: int) -> list[Caption]:
    """The captions of the first bytes.

    Arguments:
        dissection: of all bytes.
        language: `en` or `zh`.
        shown: how many bytes have one.
    """
    say = part_catalogue("frame_builder", language).say
    found: list[Caption] = []
    for field in dissection.fields:
        first = field.first_bit // 8
        if first >= shown:
            break
        if not isinstance(field.value, bytes) and field.name != "extended_payload_length":
            if first == len(found):
                found.append([say("builder.byte", number=first), "", _header(dissection, first, language)])
            continue
        last = first + field.bits // 8 - 1
        key = "builder.part" if last > first else "builder.part.one"
        ruler = say(key, first=first, last=last, name=say(f"part.{field.name}"))
        letter = MARKS[field.name].letter
        below = _below(dissection, field, shown - first)
        found += [[ruler if i == 0 else "", f"{letter}{i}", text] for i, text in enumerate(below)]
    return found


def _header(dissection: Dissection, byte: int, language: str) -> str:
    """What the first or the second byte of a frame says in a few words."""
    offset = next(frame.offset for frame in reversed(dissection.frames) if frame.offset <= byte)
    say = part_catalogue("frame_builder", language).say
    first, second = dissection.data[offset], dissection.data[byte]
    if byte == offset:
        name = catalogue(language).say(f"opcode.{opcode_name(first & 0x0F)}")
        return say("below.first", fin=say("below.final" if first & 0x80 else "below.more"), name=name)
    mask = catalogue(language).say("mask.yes" if second & 0x80 else "mask.no")
    return say("below.second", mask=mask, length=second & 0x7F)


def _below(dissection: Dissection, field: Field, count: int) -> list[str]:
    """What the first bytes of a field stand for: the mask taken off, and the letter."""
    plain = field.facts.get("plain")
    if not isinstance(field.value, bytes) or plain is None:
        return [""] * min(count, field.bits // 8)
    frame = dissection.frames[field.frame].frame
    key = None if frame is None else frame.masking_key
    signs = [""] * len(plain) if field.name == "status_code" else letters(plain[:count])
    texts = []
    for i, sign in zip(range(min(count, len(plain))), signs, strict=False):
        # The status code is as long as half a key: the reason goes on in the middle of it.
        place = i + (2 if field.name == "reason" else 0)
        unmasked = "" if key is None else f"⊕ {key[place % 4]:02x} = {plain[i]:02x}"
        texts.append(f"{unmasked} {sign}".strip())
    return texts


def letters(plain: bytes) -> list[str]:
    """For each byte the character that begins there; a dot for what is none, two for what belongs to the one before.

    Arguments:
        plain: the payload, unmasked.
    """
    signs: list[str] = []
    decoder = codecs.getincrementaldecoder("utf-8")()
    open_since = 0
    for place, byte in enumerate(plain):
        signs.append(_GOES_ON)
        try:
            character = decoder.decode(bytes([byte]))
        except UnicodeDecodeError:
            decoder.reset()
            signs[open_since:] = [_UNKNOWN] * (place + 1 - open_since)
            open_since = place + 1
            continue
        if character:
            signs[open_since] = character if character.isprintable() and character != " " else _UNKNOWN
            if character == " ":
                signs[open_since] = SPACE
            open_since = place + 1
    signs[open_since:] = [_UNKNOWN] * (len(plain) - open_since)
    return signs
