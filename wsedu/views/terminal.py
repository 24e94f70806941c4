"""Bytes and traces on a terminal, as things that `rich` can print: 80 columns are enough, colour is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.shown import bytes_hex, is_text, quoted
from ..explain.words import demand_sentence, ending, further_sentences, step_sentence, step_title, verdict_sentence
from ..protocol.dissection import DissectedFrame, Dissection, Verdict
from ..protocol.frames import encode_frame
from ..protocol.layout import Field
from ..protocol.rules import CLIENT_MUST_MASK, SERVER_MUST_NOT_MASK, ProtocolViolation
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    EndReceived,
    EndSent,
    FrameComplete,
    FrameField,
    HandshakeRequest,
    HandshakeResponse,
    Level,
    Step,
    Violation,
)
from ..protocol.types import Opcode, Role
from ..trace.trace import Record, Trace
from .figure import fitted_figure
from .hexdump import bit_strip, hex_dump
from .prose import ByWidth, Prose
from .styles import BAD, MUTED, NONE, STRONG, verdict_mark
from .tables import field_table, plain_table, role_name

_INDENT = (0, 0, 0, 2)
_ROW_BYTES = 16
"""Bytes that a line shows."""

_STRIPS = (76, 36)
"""Cells of a line of bits: in 80 columns, and in a narrow window."""


# --- Bytes taken apart ---


FULLY_SHOWN = 20
"""Frames that are shown with their figure and every field; further ones get a line of bits and their payload."""


def render_dissection(dissection: Dissection, language: str) -> RenderableType:
    """Each frame with its bytes, its figure, its fields and its payload; then what a client and a server make of it.

    Arguments:
        dissection: from `wsedu.dissect`.
        language: `en` or `zh`.
    """
    parts: list[RenderableType] = []
    for frame in dissection.frames[:FULLY_SHOWN]:
        parts += [_frame_title(frame, language), Text(""), *_frame_parts(dissection, frame, language), Text("")]
    for frame in dissection.frames[FULLY_SHOWN:]:
        parts += [_frame_title(frame, language), *_short_parts(dissection, frame, language), Text("")]
    if not dissection.frames:
        parts += [Text(catalogue(language).say("view.frame.none")), Text("")]
    one_sided = _one_sided(dissection)
    if one_sided is not None:
        return Group(*parts, _one_sided_verdict(*one_sided, language))
    return Group(*parts, *(render_verdict(verdict, language) for verdict in dissection.verdicts))


def _one_sided(dissection: Dissection) -> tuple[Verdict, ProtocolViolation] | None:
    """For bytes that are in order from one side, with nothing against the other but the mask: both verdicts."""
    if dissection.sender is None:
        for legal, other in permutations(dissection.verdicts):
            masks = (CLIENT_MUST_MASK, SERVER_MUST_NOT_MASK)
            if legal.legal and other.violations and all(found.rule in masks for found in other.violations):
                return legal, other.violations[0]
    return None


def _one_sided_verdict(legal: Verdict, violation: ProtocolViolation, language: str) -> RenderableType:
    """Most frames are like this: the mask tells who sends them, and that is no fault of theirs."""
    say = catalogue(language).say
    rule, sender = violation.rule, legal.sender
    mark, style = verdict_mark(True) if legal.complete else ("…", STRONG)
    key = sender.value if legal.complete else f"{sender.value}.{ending(legal)}"
    other = say(f"view.verdict.not_{sender.peer.value}", rule=rule.name, section=rule.section)
    return _verdict_table(
        Text(mark, style), [Prose(say(f"view.verdict.{key}", missing=legal.missing), style), Prose(other, MUTED)]
    )


def _frame_title(frame: DissectedFrame, language: str) -> Text:
    say = catalogue(language).say
    last = frame.offset + frame.size - 1
    title = Text().append(say("view.frame.title", number=frame.number + 1), STRONG)
    title.append(" · ", MUTED).append(say("view.frame.bytes", first=frame.offset, last=last, size=frame.size))
    if frame.missing:
        title.append(" · ", MUTED).append(say("view.frame.missing", count=frame.missing), BAD)
    return title


def _frame_parts(dissection: Dissection, frame: DissectedFrame, language: str) -> list[RenderableType]:
    data = dissection.data[frame.offset : frame.offset + frame.size]
    fields = [_moved(field, -8 * frame.offset) for field in dissection.fields_of(frame.number)]
    parts: list[RenderableType] = [
        Padding(hex_dump(data, fields, language=language, offset=frame.offset), _INDENT),
        Text(""),
        Padding(fitted_figure(data, language=language), _INDENT),
        Text(""),
        Padding(field_table(fields, language), _INDENT),
    ]
    if frame.frame is not None and frame.frame.payload:
        parts += [Text(""), Padding(_payload(frame, language), _INDENT)]
    return parts


def _short_parts(dissection: Dissection, frame: DissectedFrame, language: str) -> list[RenderableType]:
    fields = dissection.fields_of(frame.number)
    wide, narrow = (bit_strip(fields, language=language, width=width) for width in _STRIPS)
    parts: list[RenderableType] = [Padding(ByWidth(max(_STRIPS), wide, narrow), _INDENT)]
    if frame.frame is not None and frame.frame.payload:
        parts.append(Padding(_payload(frame, language), _INDENT))
    return parts


def _moved(field: Field, bits: int) -> Field:
    return field._replace(first_bit=field.first_bit + bits)


def _payload(frame: DissectedFrame, language: str) -> Prose:
    """The payload as the endpoint gets it."""
    assert frame.frame is not None
    payload = frame.frame.payload
    key = "view.payload.plain" if frame.frame.masking_key is None else "view.payload.unmasked"
    label = catalogue(language).say(key)
    # A full-width colon brings its own space.
    line = Text(label if label.endswith("：") else label + " ").append(bytes_hex(payload, _ROW_BYTES), STRONG)
    if (frame.frame.opcode == Opcode.TEXT and not frame.frame.rsv1) or is_text(payload):
        line.append("  ").append(quoted(payload, 4 * _ROW_BYTES), STRONG)
    return Prose(line)


def render_verdict(verdict: Verdict, language: str) -> RenderableType:
    """What an endpoint says to bytes from this sender: legal or not, and which rules are broken where.

    Arguments:
        verdict: of a dissection.
        language: `en` or `zh`.
    """
    mark, style = verdict_mark(verdict.legal)
    if verdict.legal and not verdict.complete:
        mark, style = "…", STRONG
    told = verdict_sentence(verdict, language)
    demand = "" if verdict.violation is None else demand_sentence(verdict.violation, language, told)
    return _verdict_table(
        Text(mark, style), [Prose(text) for text in (told, demand, *further_sentences(verdict, language)) if text]
    )


def _verdict_table(mark: Text, lines: Sequence[Prose]) -> RenderableType:
    """A mark, and the lines beside it."""
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(mark, Group(*lines))
    return table


# --- Steps ---


def render_step(step: Step, language: str) -> RenderableType:
    """One step: its name, rule and section, its sentence, and for a frame its first bytes on the wire.

    Arguments:
        step: of any kind.
        language: `en` or `zh`.
    """
    return Prose(Text("\n").join(_step_lines(step, language)))


def _step_lines(step: Step, language: str) -> list[Text]:
    bad = isinstance(step, Violation)
    title = Text().append(step_title(step, language), BAD if bad else STRONG)
    if step.rule:
        title.append(f" · {step.rule}", BAD if bad else NONE)
    if step.rfc:
        title.append(f" · §{step.rfc}", MUTED)
    lines = [title, Text(step_sentence(step, language))]
    if isinstance(step, FrameComplete):
        lines.append(Text(bytes_hex(encode_frame(step.frame), _ROW_BYTES)))
    return lines


def render_trace(trace: Trace, language: str, *, level: Level = Level.BASE) -> RenderableType:
    """A row for each step: number, time in seconds, the endpoint with an arrow for what travels, and the step.

    Arguments:
        trace: what happened.
        language: `en` or `zh`.
        level: the finest steps that are shown.
    """
    say = catalogue(language).say
    table = plain_table()
    table.add_column(say("view.column.number"), justify="right", no_wrap=True)
    table.add_column(say("view.column.time"), justify="right", no_wrap=True)
    table.add_column(say("view.column.endpoint"), no_wrap=True)
    table.add_column(say("view.column.step"), ratio=1, overflow="fold")
    for record in trace:
        if record.step.level <= level:
            table.add_row(*_trace_row(record, language))
    return table


def _trace_row(record: Record, language: str) -> tuple[RenderableType, ...]:
    lines = _step_lines(record.step, language)
    return (
        Text(str(record.n), MUTED),
        Text(f"{record.t:.4f}", MUTED),
        with_arrow(record.step, language),
        Prose(Text("\n").join(lines)),
    )


def with_arrow(step: Step, language: str) -> Text:
    """The endpoint's name, and an arrow if something leaves or reaches it; the client stands left of the server."""
    role = step.endpoint
    if role is None:
        return Text("")
    name = role_name(role, language)
    leaves = _leaves(step)
    if leaves is None:
        return Text(name, STRONG)
    arrow = "─▶" if leaves is (role is Role.CLIENT) else "◀─"
    return Text(f"{name} {arrow}" if role is Role.CLIENT else f"{arrow} {name}", STRONG)


_TRAVELLING = (FrameComplete, FrameField, HandshakeRequest, HandshakeResponse)


def _leaves(step: Step) -> bool | None:
    """Whether something leaves the endpoint in this step; None if nothing travels."""
    if isinstance(step, _TRAVELLING):
        return step.sent
    if isinstance(step, (BytesSent, EndSent)):
        return True
    return False if isinstance(step, (BytesReceived, EndReceived)) else None
