"""How inputs and values are written in a message: as Python writes them, short, and where in them a difference lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..explain.catalogue import Catalogue
from ..explain.words import field_label
from ..protocol.dissection import dissect
from ..views.answers import Line
from .steps import Case

SHOWN_BYTES = 24
"""Bytes of a value that are written out, and a third of the characters of a text."""

SHOWN_LINES = 12
"""Lines of a head that are written out."""

SHOWN_ITEMS = 8
"""Items of a list that are written out."""


def value_shown(value: Any) -> str:
    """A value as Python writes it, bytes that are no text in hex; what is long is cut, and its size said.

    Arguments:
        value: plain data; `repr` escapes whatever a terminal would obey.
    """
    if isinstance(value, (bytes, bytearray)) and len(value) > SHOWN_BYTES and len(set(value)) == 1:
        return f"{bytes(value[:1])!r} * {len(value)}"
    if isinstance(value, (bytes, bytearray)):
        return _bytes_shown(bytes(value))
    if isinstance(value, str) and len(value) > 3 * SHOWN_BYTES:
        return _cut(repr(value[: 3 * SHOWN_BYTES]), len(value))
    if isinstance(value, (list, tuple)):
        items = [value_shown(item) for item in value[:SHOWN_ITEMS]]
        more = [f"… (+{len(value) - SHOWN_ITEMS:,})"] if len(value) > SHOWN_ITEMS else []
        inside = ", ".join(items + more)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, dict):
        pairs = [f"{value_shown(key)}: {value_shown(item)}" for key, item in list(value.items())[:SHOWN_ITEMS]]
        more = [f"… (+{len(value) - SHOWN_ITEMS:,})"] if len(value) > SHOWN_ITEMS else []
        return "{" + ", ".join(pairs + more) + "}"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 256:
        return f"0x{value:x}"[:40] + "…"
    return repr(value)


def _bytes_shown(value: bytes) -> str:
    cut = value[:SHOWN_BYTES]
    readable = sum(0x20 <= byte < 0x7F or byte in b"\r\n" for byte in value)
    # A head with a frame behind it begins as text; a short key that happens to be half text is bytes.
    if readable == len(value) or (len(value) > SHOWN_BYTES and cut.isascii() and 4 * readable >= 3 * len(value)):
        return repr(value) if len(value) <= SHOWN_BYTES else _cut(repr(cut), len(value))
    if len(value) <= SHOWN_BYTES:
        return f"bytes.fromhex('{value.hex(' ')}')"
    return f"bytes.fromhex('{cut.hex(' ')} …') ({len(value):,})"


def _cut(shown: str, size: int) -> str:
    return f"{shown[:-1]}…{shown[-1]} ({size:,})"


def called(case: Case, words: Catalogue) -> list[Line]:
    """The input of a case: the call as the learner would write it, the pieces that are fed, or the item asked for."""
    shown: Mapping[str, Any] = case.shown
    first = case.calls[0]
    lines = []
    if "pieces" in shown:
        method = case.calls[-1].name
        calls = [f"{first.name}().{method}({value_shown(piece)})" for piece in shown["pieces"][:1]]
        calls += [
            f"{'.':>{len(first.name) + 3}}{method}({value_shown(piece)})" for piece in shown["pieces"][1:SHOWN_ITEMS]
        ]
        lines += [Line(call, "strong", code=True) for call in calls]
        more = len(shown["pieces"]) - SHOWN_ITEMS
        if more > 0:
            lines.append(Line(words.say("told.more_pieces", count=more), "muted"))
    elif "item" in shown:
        lines.append(Line(f"{first.name}[{value_shown(shown['item'])}]", "strong", code=True))
    elif first.do in ("call", "make") or "arguments" in shown:
        lines += _call_lines(case)
    known = {"pieces", "item", "arguments", *(name for call in case.calls for name in call.named)}
    for name, value in shown.items():
        if name not in known:
            lines.append(Line(words.say("told.pair", label=name, value=value_shown(value)), code=True))
    return lines


def _call_lines(case: Case) -> list[Line]:
    """A call on one line, or with a line for each line of a head that is among its arguments; either can be copied."""
    call = case.calls[-1]
    named = [f"{name}={value_shown(value)}" for name, value in call.named.items()]
    rows = [_argument(value) for value in call.arguments]
    if all(len(row) == 1 for row in rows):
        return [Line(f"{call.name}({', '.join([row[0] for row in rows] + named)})", "strong", code=True)]
    lines = [Line(f"{call.name}(", "strong", code=True)]
    for row in [*rows, *([text] for text in named)]:
        lines += [Line(text + ("," if text is row[-1] else ""), "strong", indent=1, code=True) for text in row]
    return [*lines, Line(")", "strong", code=True)]


def _argument(value: Any) -> list[str]:
    """An argument in one line; a head in as many as it has."""
    if callable(value):
        return ["…"]
    mark = b"\r\n" if isinstance(value, bytes) else "\r\n" if isinstance(value, str) else None
    if mark is None or len(value) <= SHOWN_BYTES or not 1 < value.count(mark) <= SHOWN_LINES:
        return [value_shown(value)]
    lines = value.splitlines(keepends=True)
    return (
        [repr(line) for line in lines] if all(len(line) < 4 * SHOWN_BYTES for line in lines) else [value_shown(value)]
    )


# --- Where ---


def place(expected: bytes | str, got: bytes | str, at: int, field: str, kind: str, words: Catalogue) -> str:
    """Where two values first differ, in words: which byte or character, of which field, or which of them ends there."""
    unit = "byte" if isinstance(expected, bytes) else "character"
    ends = "got" if at >= len(got) else "expected" if at >= len(expected) else "at"
    where = _within(expected, got, at, field, kind, words)
    return words.say(f"place.{ends}.{unit}", at=at, count=abs(len(expected) - len(got))) + where


def _within(expected: bytes | str, got: bytes | str, at: int, field: str, kind: str, words: Catalogue) -> str:
    """The field of a frame, or the line of a head, that a byte or character lies in."""
    if not field:
        return ""
    if kind == "head":
        known = {"start line": "place.start", "end of head": "place.end"}
        return words.say(known[field]) if field in known else words.say("place.header", name=field)
    label = field_label(field, words.language)
    if not isinstance(expected, bytes):
        return words.say("place.field", name=label)
    found = [part for part in dissect(expected[: 1 << 17]).fields if part.name == field and part.first_bit <= 8 * at]
    sharing = _sharing(expected, got, at)
    if len(sharing) > 1:
        labels = words.say("told.comma").join(field_label(name, words.language) for name in sharing)
        return words.say("place.field", name=labels)
    if sharing:
        label = field_label(sharing[0], words.language)
    if found and found[-1].bits > 8:
        return words.say("place.inside", name=label, index=at - found[-1].first_bit // 8)
    return words.say("place.field", name=label)


def _sharing(frame: bytes, got: bytes | str, at: int) -> list[str]:
    """The fields that bits of a byte of a frame belong to which are not as in the other one."""
    assert isinstance(got, bytes)
    changed = frame[at] ^ got[at] if at < min(len(frame), len(got)) else 0
    bits = [8 * at + bit for bit in range(8) if changed & 0x80 >> bit]
    fields = dissect(frame[: 1 << 17]).fields
    return [
        field.name for field in fields if any(field.first_bit <= bit < field.first_bit + field.bits for bit in bits)
    ]
