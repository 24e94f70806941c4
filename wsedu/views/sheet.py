"""`sheet`: everything that can be said of some bytes of one direction, as plain data: what the frame builder shows.

A sheet is JSON. `changes` gives what differs between two sheets, which is how a page gets the outcome of every flip
of a bit beforehand without being sent everything again for each.
"""

from __future__ import annotations

from typing import Any

from ..explain.catalogue import catalogue, part_catalogue
from ..explain.words import field_label, field_meaning, verdict_sentence
from ..protocol.dissection import DissectedFrame, Dissection, Verdict, dissect
from ..protocol.layout import Field
from ..protocol.types import Role
from .palette import MARKS
from .python_line import python_line
from .svg import field_value

Sheet = dict[str, Any]

SHOWN = 24
"""Bytes of the input that a sheet shows bit by bit."""


def sheet(data: bytes, language: str) -> Sheet:
    """What there is to say of some bytes.

    Arguments:
        data: frames, legal or not, possibly cut short.
        language: `en` or `zh`.

    Returns:
        `size` in bytes, `hex` and `plain` of the first `SHOWN` bytes (`plain` with the payload unmasked), the
        `fields` in them, `missing` bytes, one `sentence`, the `verdicts` by role, the line of `python`, and the
        `command` that shows the same again.
    """
    dissection = dissect(data)
    return {
        "size": len(data),
        "hex": data[:SHOWN].hex(),
        "plain": _plain(dissection)[:SHOWN].hex(),
        "fields": [_field(field, language) for field in dissection.fields if field.first_bit < 8 * SHOWN],
        "frames": [[frame.offset, frame.size, frame.missing] for frame in dissection.frames[: SHOWN // 2]],
        "missing": dissection.missing,
        "sentence": sentence(dissection, language),
        "verdicts": {role.value: _verdict(getattr(dissection, role.value), language) for role in Role},
        "python": python_line(dissection),
        "command": command_line(data),
    }


def changes(before: Sheet, after: Sheet) -> Sheet:
    """What differs in another sheet: the entries that are not the same; fields that are the same by their place.

    Arguments:
        before: the sheet that the reader has.
        after: the other one.
    """
    found = {key: value for key, value in after.items() if value != before[key]}
    if "fields" in found:
        places = {repr(field): place for place, field in enumerate(before["fields"])}
        found["fields"] = [places.get(repr(field), field) for field in after["fields"]]
    return found


def flipped(data: bytes, bit: int) -> bytes:
    """Bytes with one bit the other way round.

    Arguments:
        data: at least `bit // 8 + 1` bytes.
        bit: from 0, the first bit of the first byte.
    """
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


def command_line(data: bytes) -> str:
    """The command that shows the same bytes, while they fit into a line."""
    return f"python -m wsedu decode {data.hex()}" if len(data) <= 2 * SHOWN else ""


def _field(field: Field, language: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "letter": MARKS[field.name].letter,
        "label": field_label(field.name, language),
        "first": field.first_bit,
        "bits": field.bits,
        "value": field_value(field),
        "meaning": field_meaning(field, language),
        "section": field.section,
        "frame": field.frame,
    }


def _verdict(verdict: Verdict, language: str) -> dict[str, Any]:
    violation = verdict.violation
    return {
        "legal": verdict.legal,
        "complete": verdict.complete,
        "text": verdict_sentence(verdict, language),
        "rule": None if violation is None else violation.rule.name,
        "code": None if violation is None else violation.rule.code,
    }


def _plain(dissection: Dissection) -> bytes:
    """The bytes with each payload unmasked, as far as there is a frame."""
    plain = bytearray(dissection.data)
    for frame in dissection.frames:
        if frame.frame is not None:
            start = frame.offset + frame.size - len(frame.frame.payload)
            plain[start : frame.offset + frame.size] = frame.frame.payload
    return bytes(plain)


# --- The sentence ---


def sentence(dissection: Dissection, language: str) -> str:
    """One or two sentences that say what the bytes are to a parser.

    Arguments:
        dissection: of the bytes.
        language: `en` or `zh`.
    """
    say = part_catalogue("frame_builder", language).say
    if not dissection.frames:
        return say("sentence.empty")
    first = dissection.frames[0]
    text = _first(dissection, first, language)
    rest = len(dissection.data) - first.size
    return text if not rest else f"{text} {say('sentence.rest', count=rest)}"


def _first(dissection: Dissection, dissected: DissectedFrame, language: str) -> str:
    say = part_catalogue("frame_builder", language).say
    frame = dissected.frame
    if frame is None:
        return say("sentence.cut.header", count=dissected.missing)
    masked = catalogue(language).say("mask.yes" if frame.masking_key else "mask.no")
    length = len(frame.payload) + dissected.missing
    facts = {"length": length, "masked": masked, "opcode": f"{frame.opcode:#x}"}
    text = say(f"sentence.{frame.name}.{'final' if frame.fin else 'more'}", **facts)
    if dissected.missing:
        text += " " + say("sentence.cut.payload", length=length, count=dissected.missing)
    return text
