"""A line for each head and each frame: when, which way, what, how many bytes of payload, how it begins, what it breaks.

A rule that a frame breaks may be found behind its end, so its line waits for `flush`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ..explain.shown import bytes_hex, is_text, printable, quoted
from ..explain.words import step_sentence
from ..protocol.frame import Frame
from ..protocol.steps import FrameComplete, HandshakeRequest, HandshakeResponse, Span, TapActed, Unexplained, Violation
from ..protocol.types import Direction, Opcode, opcode_name
from ..views.prose import Prose
from ..views.styles import CROSS

if TYPE_CHECKING:
    from ..trace.trace import Record
    from .context import Context

ARROWS = {Direction.TO_SERVER: "─▶", Direction.TO_CLIENT: "◀─"}
LEAST = 16
"""Cells that a payload has at least, however narrow the terminal is."""

MORE = 10
"""Cells for how many more bytes there are."""


@dataclass
class _Line:
    """A line that is not written yet."""

    record: Record
    span: Span | None
    frame: Frame | None = None
    head: str = ""
    sentence: str = ""
    rules: list[str] = field(default_factory=list)

    def holds(self, record: Record, offset: int) -> bool:
        """Whether an offset of the same direction and connection as that record lies in it."""
        if self.span is None or record.step.span is None or self.record.connection != record.connection:
            return False
        begin = self.span.first_bit // 8
        same = self.span.direction is record.step.span.direction
        return same and begin <= offset < begin + self.span.bits // 8


class Brief:
    """Writes the lines; its `take` is a subscriber of a trace.

    Arguments:
        context: of the command.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lines: list[_Line] = []
        self._explained = False  # what stands in a line

    def take(self, record: Record) -> None:
        """Take the next record; what is no head, no frame and nothing that went wrong has no line."""
        step = record.step
        if isinstance(step, FrameComplete):
            line = _Line(record, step.span, step.frame)
            # What was wrong with its header came before it.
            early = [one for one in self._lines if one.frame is None and one.rules and _inside(one, line)]
            line.rules = [rule for one in early for rule in one.rules]
            self._lines = [one for one in self._lines if one not in early]
            self._lines.append(line)
        elif isinstance(step, (HandshakeRequest, HandshakeResponse)):
            self._lines.append(_Line(record, step.span, head=printable(step.line)))
        elif isinstance(step, Violation):
            self._broken(record, step)
        elif isinstance(step, (Unexplained, TapActed)):
            self._lines.append(_Line(record, step.span, sentence=step_sentence(step, self._context.language)))

    def _broken(self, record: Record, step: Violation) -> None:
        rule = step.rule or ""
        about = [one for one in self._lines if step.offset is not None and one.holds(record, step.offset)]
        if about:
            about[-1].rules.append(rule)
        else:
            self._lines.append(_Line(record, step.span, rules=[rule]))

    def flush(self) -> None:
        """Write what waits."""
        lines, self._lines = self._lines, []
        if lines and not self._explained:
            self._explained = True
            self._context.show(Prose(self._context.say("cli.brief.legend")))
        for line in lines:
            self._context.write(self._text(line))
        if lines:
            sys.stdout.flush()

    def _text(self, line: _Line) -> str:
        arrow = ARROWS[line.span.direction] if line.span is not None and not line.sentence else "  "
        start = f"{line.record.t:9.4f} {line.record.connection or 1:>3} {arrow} "
        rules = " ".join(f"{CROSS} {rule}" for rule in line.rules)
        if line.frame is not None:
            start += f"{_name(line.frame):<13} {len(line.frame.payload):>7,}  "
            room = self._context.console.width - cell_len(start) - cell_len(rules) - 1
            start += _beginning(line.frame, max(LEAST, room))
        return " ".join(filter(None, ((start + line.head + line.sentence).rstrip(), rules)))


def _inside(early: _Line, line: _Line) -> bool:
    step = early.record.step
    offset = step.offset if isinstance(step, Violation) else None
    return offset is not None and line.holds(early.record, offset)


def _name(frame: Frame) -> str:
    name = opcode_name(frame.opcode)
    return (f"0x{frame.opcode:x}" if name == "reserved" else name) + ("" if frame.fin else "+")


def _beginning(frame: Frame, room: int) -> str:
    """How a payload begins: as text where it is that, a Close frame's code and reason, else in hex."""
    payload, lead = frame.payload, ""
    if frame.opcode == Opcode.CLOSE and len(payload) >= 2:
        lead, payload = f"{int.from_bytes(payload[:2], 'big')} ", payload[2:]
    if not payload:
        return lead.rstrip()
    left = room - len(lead) - MORE
    short = len(payload) <= room
    if (frame.opcode == Opcode.TEXT and not frame.rsv1) or (short and is_text(payload)):
        return lead + quoted(payload, None if short and cell_len(quoted(payload)) <= room - len(lead) else max(1, left))
    return lead + bytes_hex(payload, None if 3 * len(payload) <= room - len(lead) else max(1, left // 3))
