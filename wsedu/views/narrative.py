"""The tale of a connection, told from its trace and from nothing else: what the demo says.

A `Narrator` is fed one record after the other and gives blocks, each as soon as nothing can be added to it;
`finish` gives what is left. rich prints a block; whoever prints it may wait for a key where the block says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.rule import Rule
from rich.text import Text

from ..explain.catalogue import catalogue
from ..protocol.closing import Phase
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    FrameComplete,
    FrameField,
    ScenarioAct,
    StateChanged,
    Step,
)
from ..protocol.types import Direction, Role
from ..trace.trace import Record
from .acts import ActTeller, frame_label, marked_sentence
from .opening_tale import tell_opening
from .prose import Prose
from .story import Story, piece_of
from .styles import MUTED, STRONG
from .summary import render_summary
from .tables import role_name


@dataclass(frozen=True)
class Block:
    """A part of the tale that is told in one breath; rich can print it.

    Arguments:
        number: from 1.
        label: what stands in the line above it: the time, who sends to whom.
        heading: its sentence.
        body: what follows, in order.
        pause: whether to wait for the reader after it.
    """

    number: int
    label: str
    heading: str
    body: tuple[RenderableType, ...]
    pause: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("")
        title = f"{self.number} · {self.label}" if self.label else f"{self.number}"
        if cell_len(title) + 2 < options.max_width:
            yield Rule(Text(title, STRONG), align="left", style=MUTED)
        else:
            # A rule would cut what has no room.
            yield Prose(title, STRONG)
        yield Prose(self.heading, STRONG)
        yield from self.body


class Narrator:
    """Makes blocks of the records of a trace, as soon as each is complete.

    Arguments:
        language: `en` or `zh`.
        console: for which it tells; only its width counts.
    """

    def __init__(self, language: str, console: Console) -> None:
        self._language = language
        self._width = console.width
        self._tales: dict[int | None, _Tale] = {}
        self._count = 0

    def feed(self, record: Record) -> list[Block]:
        """Take the next record.

        Returns:
            The blocks that it completes, often none.
        """
        tale = self._tales.get(record.connection)
        if tale is None:
            tale = self._tales[record.connection] = _Tale(Story(self._language, self._width))
        return [self._block(part) for part in tale.feed(record)]

    def finish(self) -> list[Block]:
        """What is left when the trace has ended, and for each connection what it cost."""
        return [self._block(part) for tale in self._tales.values() for part in tale.finish()]

    def tell(self, records: Iterable[Record]) -> Iterator[Block]:
        """Every block of a whole trace."""
        for record in records:
            yield from self.feed(record)
        yield from self.finish()

    def _block(self, part: _Part) -> Block:
        self._count += 1
        return Block(self._count, part.label, part.heading, tuple(part.body), part.pause)


def more_to_see(language: str) -> RenderableType:
    """How to go on after the tale of the tour: one line for whoever prints it.

    Arguments:
        language: `en` or `zh`.
    """
    return Prose(catalogue(language).say("view.demo.more"), MUTED)


@dataclass
class _Part:
    label: str
    heading: str
    body: list[RenderableType]
    pause: bool = True


class _Tale:
    """One connection: which record belongs to which block."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._connecting: dict[Role, bool] = {}
        self._opening: list[Step] | None = []
        self._segment: list[Record] = []
        self._waiting: list[list[Record]] = []  # segments that began before the opening handshake was over
        self._begun: dict[Direction, dict[int, None]] = {way: {} for way in Direction}  # frames, by their first byte

    def feed(self, record: Record) -> list[_Part]:
        step = record.step
        self._story.note(step)
        if self._opening is not None and self._opens(step):
            self._opening.append(step)
        else:
            if self._ends_segment(step):
                self._cut()
            self._segment.append(record)
        self._follow(step)
        return self._ready()

    def finish(self) -> list[_Part]:
        self._connecting = dict.fromkeys(self._connecting, False)
        self._cut()
        parts = self._ready(last=True)
        say = catalogue(self._story.language).say
        parts.append(_Part("", say("view.summary.title"), [render_summary(self._story)], pause=False))
        return parts

    # --- The opening handshake ---

    def _opens(self, step: Step) -> bool:
        if isinstance(step, (ScenarioAct, FrameComplete, FrameField)):
            return False
        return step.endpoint is None or self._connecting.get(step.endpoint, True)

    def _follow(self, step: Step) -> None:
        """Note who is still in its opening handshake."""
        if step.endpoint is not None:
            self._connecting.setdefault(step.endpoint, True)
            if isinstance(step, StateChanged) and step.before == Phase.CONNECTING:
                self._connecting[step.endpoint] = False

    def _ready(self, *, last: bool = False) -> list[_Part]:
        """The parts that nothing can be added to any more, unless the opening handshake is still under way."""
        parts = []
        if self._opening is not None:
            if not last and (not self._connecting or any(self._connecting.values())):
                return []
            opening, self._opening = self._opening, None
            parts = [_Part(*chapter) for chapter in tell_opening(opening, self._story)]
        segments, self._waiting = self._waiting, []
        return parts + [self._tell(segment) for segment in segments]

    # --- After it ---

    def _ends_segment(self, step: Step) -> bool:
        """Whether a step begins something new: an act of the scenario, or a further frame."""
        told = any(not isinstance(record.step, (BytesSent, BytesReceived)) for record in self._segment)
        if isinstance(step, ScenarioAct):
            return told
        if not isinstance(step, (FrameField, FrameComplete)) or step.span is None:
            return False
        place = (step.span.direction, piece_of(step.span).start)
        if isinstance(step, FrameField) and step.name != "fin":
            return False
        new = place[1] not in self._begun[place[0]]
        self._begun[place[0]].setdefault(place[1])
        if isinstance(step, FrameComplete) and self._story.settled(step):
            # Nobody comes back to what is before it.
            begun = self._begun[place[0]]
            while next(iter(begun)) < place[1]:
                del begun[next(iter(begun))]
        return new and any(isinstance(record.step, FrameComplete) for record in self._segment)

    def _cut(self) -> None:
        if any(not isinstance(record.step, (BytesSent, BytesReceived)) for record in self._segment):
            self._waiting.append(self._segment)
        self._segment = []

    def _tell(self, segment: list[Record]) -> _Part:
        steps = [record.step for record in segment]
        act = next((step for step in steps if isinstance(step, ScenarioAct)), None)
        frame = next((step for step in steps if isinstance(step, FrameComplete)), None)
        first = act or frame or next(step for step in steps if not isinstance(step, (BytesSent, BytesReceived)))
        heading = marked_sentence(first, self._story.language)
        body = ActTeller(self._story, first).tell(step for step in steps if step is not first or step is frame)
        return _Part(self._label(segment, act, frame), heading, body)

    def _label(self, segment: list[Record], act: Step | None, frame: FrameComplete | None) -> str:
        """From whom to whom, and when the first of it happened, which may be long after the act was begun."""
        language = self._story.language
        silent = (ScenarioAct, BytesSent, BytesReceived)
        begun = next((record for record in segment if not isinstance(record.step, silent)), segment[0])
        who = frame_label(frame, language) if frame is not None else ""
        if not who and act is not None and act.endpoint is not None:
            who = role_name(act.endpoint, language)
        return f"{who} · {begun.t:.4f} s" if who else f"{begun.t:.4f} s"
