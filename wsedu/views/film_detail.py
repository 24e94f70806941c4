"""Everything that can be said of one step of a film, as plain data: its bytes, fields, rule and source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..explain.catalogue import catalogue
from ..explain.shown import bytes_hex, printable, quoted
from ..explain.words import field_label, field_meaning, rule_sentence, step_sentence
from ..protocol.closing import Action
from ..protocol.dissection import dissect
from ..protocol.frames import encode_frame
from ..protocol.layout import Field
from ..protocol.rules import RULES
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    FrameComplete,
    FrameField,
    HandshakeAccept,
    HandshakeRequest,
    HandshakeResponse,
    MessageComplete,
    StateChanged,
    Step,
)
from ..protocol.types import Opcode
from .film_source import source_of
from .palette import MARKS
from .svg import field_value

HEX_SHOWN = 256
"""Bytes that are written out."""

TEXT_SHOWN = 400
"""Bytes of a payload that are written out as text."""

Detail = dict[str, Any]


def step_detail(step: Step, language: str) -> Detail:
    """What there is to say of a step.

    Arguments:
        step: of any kind.
        language: `en` or `zh`.

    Returns:
        its `sentence`; `bytes` in hex and their `size`, a `text` that they stand for, the `head` line by line and the
        `fields`, each where it has any; `rfc`, the section that decides; the `rule` with its sentence; `by`, the
        function that decided, whose `source` is there if it is ours.
    """
    source = source_of(step.decided_by)
    rule = RULES.get(step.rule or "")
    made: Detail = {
        "sentence": step_sentence(step, language),
        "rfc": step.rfc,
        "by": step.decided_by,
        "source": None if source is None else source._asdict(),
        "rule": None if rule is None else {"name": rule.name, "sentence": rule_sentence(rule, language)},
    }
    data = _bytes(step)
    if data is not None:
        made |= {"bytes": bytes_hex(data, HEX_SHOWN), "size": len(data)}
    match step:
        case FrameComplete():
            made["fields"] = [_field(field, language) for field in dissect(encode_frame(step.frame)).fields]
            if step.frame.opcode == Opcode.TEXT and not step.frame.rsv1:
                made["text"] = quoted(step.frame.payload, TEXT_SHOWN)
        case MessageComplete(opcode=Opcode.TEXT):
            made["text"] = quoted(step.data, TEXT_SHOWN)
        case FrameField():
            made["fields"] = [_own_field(step, language)]
        case HandshakeRequest() | HandshakeResponse():
            made["head"] = [printable(line) for line in _head(step)]
        case _:
            made |= _facts(step, language)
    return made


def _bytes(step: Step) -> bytes | None:
    """The bytes that a step is about, as they are on the wire."""
    match step:
        case FrameComplete():
            return encode_frame(step.frame)
        case BytesSent() | BytesReceived() | MessageComplete():
            return step.data
        case HandshakeAccept():
            return step.result
        case FrameField() if isinstance(step.value, bytes):
            return step.value
    return None


def _head(step: HandshakeRequest | HandshakeResponse) -> Iterator[str]:
    yield step.line
    yield from (f"{name}: {value}" for name, value in step.headers)


def _facts(step: Step, language: str) -> Detail:
    """The facts of a step that has neither fields nor a head, by the names of docs/trace-format.md."""
    plain = [(name, value) for name, value in step.facts().items() if not isinstance(value, (bytes, dict))]
    if isinstance(step, StateChanged):
        plain = [(name, _action(value, language) if name == "action" else value) for name, value in plain]
    shown = [[name, _fact(value)] for name, value in plain]
    return {"facts": [pair for pair in shown if pair[1]]}


def _action(value: Any, language: str) -> Any:
    """What an endpoint has to do, in words; as it stands in a trace that has another word for it."""
    found = next((action for action in Action if action.value == value), None)
    return value if found is None else catalogue(language).say(f"action.{found.name}")


def _fact(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(printable(str(part)) for part in value)
    return "" if value is None else printable(str(value))


def _field(field: Field, language: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "letter": MARKS[field.name].letter,
        "label": field_label(field.name, language),
        "bits": field.bits,
        "value": field_value(field),
        "meaning": field_meaning(field, language),
        "rfc": field.section,
    }


def _own_field(step: FrameField, language: str) -> dict[str, Any]:
    value = bytes_hex(step.value, 16) if isinstance(step.value, bytes) else str(step.value)
    return {
        "name": step.name,
        "letter": MARKS[step.name].letter if step.name in MARKS else "",
        "label": field_label(step.name, language),
        "bits": 0 if step.span is None else step.span.bits,
        "value": value,
        "meaning": field_meaning(step, language),
        "rfc": step.rfc,
    }
