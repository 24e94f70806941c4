"""`LiveReel`: the film of a connection while it goes on, in portions that a page can take, whatever the peer does.

What a peer does at will, frames and bytes, is drawn up to a limit per portion; of more, the newest. What decides the
fate of a connection, its heads, states, violations and end, is drawn always. How many steps are not drawn is said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from ..explain.catalogue import catalogue
from ..explain.shown import bytes_hex, quoted
from ..explain.words import step_sentence
from ..protocol.frames import encode_frame
from ..protocol.layout import lay_out_header
from ..protocol.steps import (
    BytesIgnored,
    BytesReceived,
    BytesSent,
    FrameComplete,
    Level,
    MessageComplete,
    Step,
    Violation,
)
from ..protocol.types import Direction, Opcode
from ..trace.trace import Record
from .film import Camera
from .film_items import DIRECTIONS
from .ladder_streams import Stretch, stretch_of

PORTION = 48
"""Steps of frames and bytes that one portion draws at most."""

KEPT = 300
"""Steps of frames and bytes that are drawn again when the film begins anew."""

LONGEST = 3000
"""Steps after which the film begins anew, so that a page does not grow without end."""

FRAMES = 8
"""Frames of a portion that are written out with their bytes."""

HEX = 24
"""Bytes of a frame that are written out."""

TEXT = 40
"""Bytes of a text that are written out."""

Portion = dict[str, Any]

_BULK = (FrameComplete, BytesSent, BytesReceived, BytesIgnored, MessageComplete)


class LiveReel:
    """Makes portions of the steps of one connection.

    Arguments:
        language: `en` or `zh`.
        number: of the film before this one; a page that sees another number than before begins anew.

    Attributes:
        number: of the present film.
    """

    def __init__(self, language: str, number: int = 0) -> None:
        self._language = language
        self._recent: deque[Record] = deque(maxlen=KEPT)
        self._rare: list[Record] = []
        self._waiting: list[Record] = []
        self._bulk = 0  # frames and bytes so far
        self.number = number
        self._begin()

    def _begin(self) -> None:
        self.number += 1
        self._camera = Camera(self._language)
        self._drawn = 0  # of them
        self._sent: set[tuple[Direction, int] | None] = set()
        self._frames: deque[tuple[Record, FrameComplete]] = deque(maxlen=FRAMES)
        self._told: deque[tuple[Direction, Stretch, int]] = deque(maxlen=KEPT)
        self._broke: Violation | None = None
        self._last: Step | None = None

    @property
    def skipped(self) -> int:
        """Steps that the present film does not draw."""
        return self._bulk - self._drawn

    def take(self, records: Iterable[Record]) -> None:
        """Take steps of the connection, in order; nothing is drawn yet, so this is quick."""
        self._waiting += [one for one in records if one.step.level <= Level.CORE or type(one.step) is MessageComplete]

    def portion(self) -> Portion:
        """Draw what has been taken.

        Returns:
            `film`, its number; `reel`, as `Camera.reel` has it; `frames`, the last ones of the portion, each with its
            bytes and its sentence; `said`, the sentence of the last step that says anything; `skipped`, how many steps
            the film does not draw; `broke`, the sentence of a broken rule, empty without; `illegal`, the `n` of the
            frame that broke it and the rule's name, None where that frame was not told.
        """
        if self._camera.count > LONGEST:
            self._again()
        return self._develop()

    def anew(self) -> Portion:
        """The film from its beginning, without the frames and bytes that are long gone: for a page that has nothing."""
        self._again()
        return self._develop()

    def _again(self) -> None:
        seen = sorted([*self._rare, *self._recent], key=lambda record: record.n)
        self._rare, self._recent = [], deque(maxlen=KEPT)
        self._begin()
        for record in seen:
            self._take(record)

    def _develop(self) -> Portion:
        waiting, self._waiting = self._waiting, []
        bulk = sum(_is_bulk(record.step) for record in waiting)
        self._bulk += bulk
        spare = max(0, bulk - PORTION)
        for record in waiting:
            if spare and _is_bulk(record.step):
                spare -= 1
            else:
                self._take(record)
        return self._made()

    def _take(self, record: Record) -> None:
        step = record.step
        if _is_bulk(step):
            self._recent.append(record)
            self._drawn += 1
        else:
            self._rare.append(record)
        self._camera.take(record)
        if isinstance(step, Violation):
            self._broke = step
        if isinstance(step, FrameComplete) and self._is_news(step):
            self._frames.append((record, step))
            if step.span is not None:
                self._told.append((step.span.direction, stretch_of(step), record.n))
        if not isinstance(step, (BytesSent, BytesReceived)):
            self._last = step

    def _offender(self, step: Violation) -> list[Any] | None:
        """The frame that broke a rule, if it was told: its number, and the name of the rule."""
        if step.span is None:
            return None
        direction, place = step.span.direction, stretch_of(step)
        for way, frame, n in self._told:
            if way is direction and frame.first <= place.first < frame.end:
                return [n, step.rule]
        return None

    def _is_news(self, step: FrameComplete) -> bool:
        """Whether a frame has not been told: who reads it tells it only if who sent it is not seen, or was left out."""
        place = None if step.span is None else (step.span.direction, step.span.first_bit)
        if step.sent:
            self._sent.add(place)
            return True
        told = place in self._sent
        self._sent.discard(place)
        return not told

    def _made(self) -> Portion:
        made = {
            "film": self.number,
            "reel": self._camera.reel(),
            "frames": [_frame(record, step, self._language) for record, step in self._frames],
            "said": "" if self._last is None else step_sentence(self._last, self._language),
            "skipped": self.skipped,
            "broke": "" if self._broke is None else step_sentence(self._broke, self._language),
            "illegal": None if self._broke is None else self._offender(self._broke),
        }
        self._last = self._broke = None
        self._frames.clear()
        return made


def _frame(record: Record, step: FrameComplete, language: str) -> dict[str, Any]:
    frame = step.frame
    wire = encode_frame(frame)
    text = frame.opcode == Opcode.TEXT and not frame.rsv1
    return {
        "n": record.n,
        "t": round(record.t, 6),
        "way": -1 if step.span is None else DIRECTIONS.index(step.span.direction),
        "name": catalogue(language).say(f"opcode.{frame.name}"),
        "bytes": _parts(wire),
        "more": max(0, len(wire) - HEX),
        "text": quoted(frame.payload, TEXT) if text else "",
        "said": step_sentence(step, language),
    }


def _is_bulk(step: Step) -> bool:
    return isinstance(step, _BULK) and not (isinstance(step, FrameComplete) and step.frame.opcode == Opcode.CLOSE)


def _parts(wire: bytes) -> list[list[str]]:
    """The bytes of a frame, each run of them with the field to which its last bit belongs."""
    parts, at = [], 0
    for field in lay_out_header(wire, 0)[0]:
        end = (field.first_bit + field.bits) // 8
        if end > at:
            parts.append([field.name, bytes_hex(wire[at:end])])
            at = end
    if at < len(wire):
        parts.append(["payload", bytes_hex(wire[at : max(at, HEX)])])
    return parts
