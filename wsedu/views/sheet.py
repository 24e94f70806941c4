"""`sheet`: everything that can be said of some bytes of one direction, as plain data: what the frame builder shows.

A sheet is JSON. `changes` gives what differs between two sheets, which is how a page gets the outcome of every flip
of a bit beforehand without being sent everything again for each.
"""

from __future__ import annotations

from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.words import field_label, field_meaning, verdict_sentence
from ..protocol.dissection import DissectedFrame, Dissection, Verdict, dissect
from ..protocol.layout import Field
from ..protocol.types import Opcode, Role
from .palette import MARKS
from .python_line import python_line
from .sheet_bytes import captions
from .sheet_change import announced, changed_bits, happened
from .svg import field_value

Sheet = dict[str, Any]

SHOWN = 24
"""Bytes of the input that a sheet shows bit by bit."""

LAID_OUT = 80
"""Frames of the input that have fields; more than the bytes that can be shown hold, or a line of Python."""

DRAWN = 4
"""Frames of the input that a picture has."""

EDITABLE = 1024
"""Bytes of a payload that are given as text and hex to be edited."""


def sheet(
    data: bytes, language: str, sender: Role = Role.CLIENT, *, before: Dissection | None = None, shown: int = SHOWN
) -> Sheet:
    """What there is to say of some bytes.

    Arguments:
        data: frames, legal or not, possibly cut short.
        language: `en` or `zh`.
        sender: for whose side the sentence is.
        before: of the bytes that they have been made of by a change.
        shown: bytes that are shown bit by bit.

    Returns:
        `size` in bytes; of the first `shown` bytes the `hex`, the `bytes` (their captions) and the `fields`; the
        `form` that the first frame is edited in; `missing` and `more` (not shown) bytes; one `sentence`; what
        `happened` since `before`, with the bits that `changed`; the `verdicts` by role; the line of `python`; and the
        `command` that shows the same again.
    """
    return sheet_of(dissect(data, most=LAID_OUT), language, sender, before=before, shown=shown)


def sheet_of(
    dissection: Dissection,
    language: str,
    sender: Role = Role.CLIENT,
    *,
    before: Dissection | None = None,
    shown: int = SHOWN,
) -> Sheet:
    """As `sheet`, of bytes that have been taken apart."""
    data = dissection.data
    return {
        "size": len(data),
        "hex": data[:shown].hex(),
        "bytes": captions(dissection, language, shown),
        "fields": [_field(field, language) for field in dissection.fields if field.first_bit < 8 * shown],
        "form": form(dissection),
        "missing": dissection.missing,
        "more": max(0, len(data) - shown),
        "sentence": sentence(dissection, language, sender),
        "happened": "" if before is None else happened(before, dissection, language),
        "changed": [] if before is None else changed_bits(before, dissection, shown),
        "verdicts": {role.value: _verdict(getattr(dissection, role.value), language) for role in Role},
        "python": python_line(dissection),
        "command": command_line(data),
    }


def changes(before: Sheet, after: Sheet) -> Sheet:
    """What differs in another sheet of as many bytes.

    Arguments:
        before: the sheet that the reader has.
        after: the other one.

    Returns:
        the entries that are not the same; of the fields those that are the same by their place in the first sheet;
        of the `bytes` and the `form` only what differs, by place and name.
    """
    found = {key: value for key, value in after.items() if value != before[key]}
    if "fields" in found:
        places = {repr(field): place for place, field in enumerate(before["fields"])}
        found["fields"] = [places.get(repr(field), field) for field in after["fields"]]
    if "bytes" in found:
        pairs = zip(before["bytes"], after["bytes"], strict=True)
        found["bytes"] = {str(place): new for place, (old, new) in enumerate(pairs) if old != new}
    if "form" in found and before["form"] and after["form"]:
        found["form"] = {key: value for key, value in after["form"].items() if value != before["form"][key]}
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


def form(dissection: Dissection) -> dict[str, Any] | None:
    """The first frame as it is edited: its fields by name; None while its header is not complete.

    `payload` (hex) and `text` are None where there are more than `EDITABLE` bytes, `text` also where it is no UTF-8;
    `code` and `reason` are those of a Close frame, else None.
    """
    first = dissection.frames[0] if dissection.frames else None
    if first is None or first.frame is None:
        return None
    frame = first.frame
    short = len(frame.payload) <= EDITABLE
    close = frame.opcode == Opcode.CLOSE and len(frame.payload) != 1
    return {
        "opcode": int(frame.opcode),
        **{name: getattr(frame, name) for name in ("fin", "rsv1", "rsv2", "rsv3")},
        "key": None if frame.masking_key is None else frame.masking_key.hex(),
        "length": announced(first),
        "size": len(frame.payload),
        "length_form": frame.form,
        "payload": frame.payload.hex() if short else None,
        "text": _text(frame.payload) if short else None,
        "code": (str(int.from_bytes(frame.payload[:2], "big")) if frame.payload else "") if close else None,
        "reason": _text(frame.payload[2:]) if close and short else None,
    }


def _text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


# --- The sentence ---

_WHOLE = ("text", "binary")


def sentence(dissection: Dissection, language: str, sender: Role) -> str:
    """One or two sentences that say what the bytes are to a parser.

    Arguments:
        dissection: of the bytes.
        language: `en` or `zh`.
        sender: who is taken to have sent them.
    """
    say = part_catalogue("frame_builder", language).say
    if not dissection.frames:
        return say("sentence.empty")
    first = dissection.frames[0]
    text = _first(first, language, sender)
    rest = len(dissection.data) - first.size
    return text if not rest else f"{text} {say('sentence.rest', count=rest)}"


def _first(dissected: DissectedFrame, language: str, sender: Role) -> str:
    say = part_catalogue("frame_builder", language).say
    frame = dissected.frame
    if frame is None:
        return say("sentence.cut.header", count=dissected.missing)
    masked = say(f"masked.{sender.value}.{'yes' if frame.masking_key else 'no'}")
    length = len(frame.payload) + dissected.missing
    facts = {"length": length, "masked": masked, "opcode": f"{frame.opcode:#x}"}
    how = "more" if not frame.fin else "cut" if dissected.missing and frame.name in _WHOLE else "final"
    text = say(f"sentence.{frame.name}.{how}", **facts)
    if dissected.missing:
        text += " " + say("sentence.cut.payload", length=length, count=dissected.missing)
    return text
