"""A connection told while it goes on: each frame in full as soon as it is there.

The narrator of `demo` waits with each part for the beginning of the next one, since the other endpoint may have
something to add. Here one endpoint records, and whoever looks on does not want to wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType

from ..explain.catalogue import catalogue
from ..protocol.closing import Phase
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    CloseStatus,
    FrameComplete,
    FrameField,
    StateChanged,
    Step,
    Unexplained,
    Violation,
)
from ..protocol.types import Role
from ..trace.trace import Record
from ..views.acts import ActTeller, frame_label, marked_sentence
from ..views.narrative import Block
from ..views.opening_tale import tell_opening
from ..views.story import Story
from ..views.summary import render_summary

Show = Callable[[RenderableType, FrameComplete | None], None]
"""Called with a block, and the frame that it tells, if it does."""

_BYTES = (BytesSent, BytesReceived)


class LiveTeller:
    """Tells the records of one process as they come, each connection under its number.

    It gathers what happens in one turn of the event loop, so that a frame stands together with its answer.

    Arguments:
        language: `en` or `zh`.
        width: cells of a line.
        show: what to do with a block.
        failed: called with what `show` raised; nothing is shown any more then.
        numbered: whether to say which connection a block is about.
        live: whether to tell by itself in the next turn of the event loop; without it, `flush` has to be called.
        both: whether both endpoints of a connection record; it is over when `end` says so then.
    """

    def __init__(
        self,
        language: str,
        width: int,
        show: Show,
        failed: Callable[[Exception], None],
        *,
        numbered: bool = True,
        live: bool = True,
        both: bool = False,
    ) -> None:
        self._language = language
        self._width = width
        self._show = show
        self._failed = failed
        self._numbered = numbered
        self._live = live
        self._both = both
        self._tales: dict[int | None, _Tale] = {}
        self._over: set[int | None] = set()
        self._count = 0
        self._due: asyncio.Handle | None = None
        self._broken = False

    def __call__(self, record: Record) -> None:
        """Take the next record; a subscriber of a trace."""
        if self._broken:
            return
        tale = self._tales.get(record.connection)
        if tale is None:
            if record.connection in self._over:
                # What still trickles in after the end has no tale of its own.
                return
            tale = self._tales[record.connection] = _Tale(self._language, self._width, both=self._both)
        tale.take(record)
        if self._live and self._due is None:
            self._due = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Tell now what can be told."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        try:
            for number, tale in list(self._tales.items()):
                for label, heading, body, frame in tale.tell():
                    self._block(number, label, heading, body, frame)
                if tale.over:
                    self._over.add(number)
                    del self._tales[number]
        except Exception as error:
            if not self._live:
                raise
            self._broken = True
            self._failed(error)

    def end(self, number: int | None) -> None:
        """Tell what is left of one connection: nothing more will come of it."""
        tale = self._tales.get(number)
        if tale is not None:
            tale.over = True
            self.flush()

    def finish(self) -> None:
        """Tell what is left, whether or not it is whole: nothing more will come."""
        for tale in self._tales.values():
            tale.over = True
        self.flush()

    def _block(
        self, number: int | None, label: str, heading: str, body: Sequence[RenderableType], frame: FrameComplete | None
    ) -> None:
        self._count += 1
        if self._numbered and number is not None:
            name = catalogue(self._language).say("cli.live.connection", number=number)
            label = f"{name} · {label}" if label else name
        self._show(Block(self._count, label, heading, tuple(body)), frame)


_Part = tuple[str, str, list[RenderableType], FrameComplete | None]


class _Tale:
    """One connection, as one of its endpoints records it, or both."""

    def __init__(self, language: str, width: int, *, both: bool) -> None:
        self._story = Story(language, width)
        self._opening: list[Step] | None = []
        self._opened = False
        self._connecting = len(Role) if both else 1  # endpoints whose opening handshake is not over
        self._both = both
        self._records: list[Record] = []
        self.over = False

    def take(self, record: Record) -> None:
        step = record.step
        self._story.note(step)
        if isinstance(step, _BYTES):
            return
        if self._opening is not None and not self._opened:
            self._opening.append(step)
            self._connecting -= isinstance(step, StateChanged) and step.before == Phase.CONNECTING
            # Of what is no opening handshake nothing more will be known.
            self._opened = not self._connecting or isinstance(step, Unexplained)
        else:
            self._records.append(record)
        self.over = self.over or (isinstance(step, CloseStatus) and not self._both)

    def tell(self) -> Iterator[_Part]:
        if self._opened or self.over:
            if self._opening is not None:
                opening, self._opening = self._opening, None
                for chapter in tell_opening(opening, self._story):
                    yield chapter.label, chapter.heading, chapter.body, None
            whole, self._records = _split(self._records, last=self.over)
            for segment in whole:
                yield self._segment(segment)
            if self.over and self._story.shapes:
                say = catalogue(self._story.language).say
                yield "", say("view.summary.title"), [render_summary(self._story)], None

    def _segment(self, segment: list[Record]) -> _Part:
        steps = [record.step for record in segment]
        frame = next((step for step in steps if isinstance(step, FrameComplete)), None)
        first = frame or next(step for step in steps if not isinstance(step, FrameField))
        heading = marked_sentence(first, self._story.language)
        body = ActTeller(self._story, first).tell(step for step in steps if step is not first or step is frame)
        who = "" if frame is None else frame_label(frame, self._story.language)
        time = f"{segment[0].t:.4f} s"
        return f"{who} · {time}" if who else time, heading, body, frame


def _split(records: list[Record], *, last: bool) -> tuple[list[list[Record]], list[Record]]:
    """Records cut where a frame begins; and those of a frame that is not whole, unless these are the last ones."""
    segments: list[list[Record]] = []
    for record in records:
        step = record.step
        begins = isinstance(step, FrameField) and step.name == "fin"
        if not segments or (begins and _has(segments[-1], FrameComplete, Violation)):
            segments.append([])
        segments[-1].append(record)
    rest: list[Record] = []
    if segments and not last and isinstance(segments[-1][-1].step, FrameField):
        rest = segments.pop()
    # A header that was cut off, and nothing else, tells nothing.
    return [segment for segment in segments if _has_other_than_fields(segment)], rest


def _has(segment: list[Record], *kinds: type[Step]) -> bool:
    return any(isinstance(record.step, kinds) for record in segment)


def _has_other_than_fields(segment: list[Record]) -> bool:
    return any(not isinstance(record.step, FrameField) for record in segment)
