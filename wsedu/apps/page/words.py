"""A step of the server as the page shows it: the line of the trace, and the words and fields that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...explain.catalogue import catalogue
from ...explain.shown import bytes_hex
from ...explain.words import field_label, field_meaning, step_sentence, step_title
from ...protocol.frames import encode_frame
from ...protocol.layout import Field, lay_out_header, lay_out_payload
from ...protocol.steps import (
    BytesReceived,
    BytesSent,
    FrameComplete,
    FrameField,
    HandshakeCheck,
    MaskByte,
    Violation,
)
from ...trace.jsonl import record_line
from ...trace.trace import Record
from ...views.palette import MARKS

MAX_LINE = 2_000
"""Characters of a line of the trace that a page gets; a message may have a million bytes."""

MAX_BYTES = 16
"""Bytes of a field that a page gets."""

_SILENT = (BytesSent, BytesReceived, FrameField, MaskByte)
"""Steps that the frames of the same records tell."""


def explained(record: Record, language: str) -> dict[str, Any] | None:
    """What the page gets of a record; None for one that it does not show.

    Arguments:
        record: of the server's trace.
        language: `en` or `zh`.
    """
    step = record.step
    if isinstance(step, _SILENT):
        return None
    told: dict[str, Any] = {
        "n": record.n,
        "t": round(record.t, 6),
        "connection": record.connection,
        "kind": step.kind,
        "title": step_title(step, language),
        "sentence": step_sentence(step, language),
        "rule": step.rule,
        "rfc": step.rfc,
        "bad": isinstance(step, Violation),
        "sent": getattr(step, "sent", None),
        "line": _line(record),
    }
    if isinstance(step, FrameComplete):
        told["opcode"] = int(step.frame.opcode)
        told["fields"] = [_field(field, language) for field in _fields(step)]
    return told


def is_passed(record: Record) -> bool:
    """Whether it is a check of the opening handshake that passed: those of one request share an entry of the page."""
    return isinstance(record.step, HandshakeCheck) and record.step.passed is True


def explained_checks(records: Sequence[Record], language: str) -> dict[str, Any]:
    """What the page gets of checks that passed, in the form of `explained`.

    Arguments:
        records: of the checks, at least one, in order.
        language: `en` or `zh`.
    """
    say, last = catalogue(language).say, records[-1]
    return {
        "n": last.n,
        "t": round(last.t, 6),
        "connection": last.connection,
        "kind": last.step.kind,
        "title": say("page.checks", count=len(records)),
        "sentence": say(
            "page.checks.sentence", rules=", ".join(filter(None, (record.step.rule for record in records)))
        ),
        "rule": "",
        "rfc": "",
        "bad": False,
        "sent": None,
        "line": "\n".join(_line(record) for record in records),
    }


def _line(record: Record) -> str:
    """Its line of the trace, as far as the page shows it."""
    line = record_line(record)
    return line if len(line) <= MAX_LINE else line[:MAX_LINE] + "…"


def _fields(step: FrameComplete) -> list[Field]:
    """The fields of a frame, its bits counted from its own first one."""
    data = encode_frame(step.frame)
    header, head = lay_out_header(data, 0)
    return header + lay_out_payload(data, 0, head)


def _field(field: Field, language: str) -> dict[str, Any]:
    mark = MARKS.get(field.name)
    return {
        "name": field.name,
        "letter": "" if mark is None else mark.letter,
        "label": field_label(field.name, language),
        "bits": field.bits,
        "value": _value(field),
        "meaning": field_meaning(field, language),
        "rfc": field.section,
    }


def _value(field: Field) -> str:
    """Bytes in hex; a number of a few bits in binary, as it stands on the wire."""
    if isinstance(field.value, bytes):
        return bytes_hex(field.value, MAX_BYTES)
    return (
        f"{field.value:0{field.bits}b}" if field.bits < 8 else bytes_hex(field.value.to_bytes(field.bits // 8, "big"))
    )
