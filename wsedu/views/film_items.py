"""What travels in a film: messages, frames and pieces of TCP, each found while the steps come in, one by one.

An item is a row of plain values, as `ROW` names them, and may be told again when it arrives; so a film can be built
while the exchange is still going on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..explain.shown import quoted
from ..protocol.frame import Frame
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    EndReceived,
    EndSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    MessageComplete,
    Step,
)
from ..protocol.types import Direction, Opcode
from .film_chunks import Units, parts_label
from .ladder_streams import Stretch, stretch_of

LANES = ("messages", "frames", "chunks")
"""The lanes of a film: what applications mean, what RFC 6455 makes of it, and what TCP makes of that."""

KINDS = ("head", "data", "control", "end", "other", "cut")
"""The kinds of items: as the ladder has them, and where TCP was cut, which does not travel."""

ROW = ("id", "direction", "kind", "sent_from", "sent_to", "arrived", "label", "size")
"""The columns of an item: its place in its lane; 0 towards the server, 1 towards the client; an index of `KINDS`; the
first and the last step of its departure, and that of its arrival, -1 for none; what is written on it; its bytes."""

DIRECTIONS = tuple(Direction)
SHORT = 18
"""Bytes of a text that an item shows."""

Landing = Callable[[Direction, Stretch], Stretch | None]
Row = list[Any]


def same_place(_direction: Direction, stretch: Stretch) -> Stretch | None:
    """Where bytes arrive in a stream that nobody disturbs: where they were sent."""
    return stretch


@dataclass
class _Way:
    """One direction, as far as later steps need it."""

    frames: dict[int, tuple[Row, Row | None]] = field(default_factory=dict)  # under way, by the byte where they land
    heads: dict[int, Row] = field(default_factory=dict)
    writing: Row | None = None  # the message whose fragments are being sent
    reading: Row | None = None
    read: Row | None = None  # the message that was read last
    writes: deque[tuple[Stretch, int, Row]] = field(default_factory=deque)  # not read to their end
    end: Row | None = None


class Items:
    """The items of the lanes; `add` steps, and `take` what is new or has changed.

    Arguments:
        landing: where a stretch of a direction's stream arrives; None if it never does.
        lettered: what an opcode is called on an item.
        cut: what is written where TCP was cut.
    """

    def __init__(self, landing: Landing = same_place, lettered: Callable[[int], str] = str, cut: str = "cut") -> None:
        self._landing = landing
        self._lettered = lettered
        self._cut = cut
        self._torn = False  # TCP was cut: no FIN has a way any more
        self._sent, self._landed = Units(), Units()
        self._ways = {direction: _Way() for direction in Direction}
        self._lanes: dict[str, int] = dict.fromkeys(LANES, 0)
        self._changed: dict[tuple[str, int], Row] = {}

    def take(self) -> dict[str, list[Row]]:
        """The rows that are new or have changed since the last time, by lane, in order."""
        found: dict[str, list[Row]] = {lane: [] for lane in LANES}
        for (lane, _), row in sorted(self._changed.items()):
            found[lane].append(list(row))
        self._changed.clear()
        return found

    def add(self, step: Step, index: int) -> None:
        """Take note of a step.

        Arguments:
            step: of one connection, in order.
            index: the place in the film of this step, or of the last one before it that the film shows.
        """
        if step.span is None and not isinstance(step, MessageComplete):
            return
        match step:
            case FrameComplete(sent=True):
                self._frame_sent(step, index)
            case FrameComplete():
                self._frame_read(step, index)
            case BytesSent():
                self._written(step, index)
            case BytesReceived():
                self._read(step, index)
            case HandshakeRequest() | HandshakeResponse():
                self._head(step, index)
            case EndSent() | EndReceived():
                self._end(step, index)
            case MessageComplete():
                self._delivered(step, index)

    # --- Rows ---

    def _new(self, lane: str, direction: Direction, kind: str, label: str, size: int) -> Row:
        number = self._lanes[lane]
        self._lanes[lane] += 1
        row: Row = [number, DIRECTIONS.index(direction), KINDS.index(kind), -1, -1, -1, label, size]
        return self._change(lane, row)

    def _change(self, lane: str, row: Row, **columns: Any) -> Row:
        for name, value in columns.items():
            row[ROW.index(name)] = value
        self._changed[lane, row[0]] = row
        return row

    # --- Frames and messages ---

    def _frame_sent(self, step: FrameComplete, index: int) -> None:
        direction, place = _place(step)
        self._unit(direction, place)
        row = self._new_frame(direction, step.frame, place.size)
        self._change("frames", row, sent_from=index, sent_to=index)
        message = self._message(direction, step.frame, "writing")
        if message is not None:
            first = message[3] if message[3] >= 0 else index
            self._change("messages", message, sent_from=first, sent_to=index)
        landing = self._landing(direction, place)
        if landing is not None:
            self._ways[direction].frames[landing.first] = (row, message)

    def _frame_read(self, step: FrameComplete, index: int) -> None:
        direction, place = _place(step)
        way = self._ways[direction]
        known = way.frames.pop(place.first, None)
        row = known[0] if known else self._new_frame(direction, step.frame, place.size)
        self._change("frames", row, arrived=index)
        message = known[1] if known else self._message(direction, step.frame, "reading")
        if message is not None and step.frame.fin:
            way.read = self._change("messages", message, arrived=index)

    def _new_frame(self, direction: Direction, frame: Frame, size: int) -> Row:
        kind = "control" if frame.is_control else "data"
        return self._new("frames", direction, kind, self._lettered(int(frame.opcode)), size)

    def _message(self, direction: Direction, frame: Frame, side: str) -> Row | None:
        """The message that a data frame belongs to."""
        if frame.is_control:
            return None
        way = self._ways[direction]
        message: Row | None = getattr(way, side)
        if message is None or frame.opcode != Opcode.CONTINUATION:
            message = self._new("messages", direction, "data", _label(frame), 0)
        self._change("messages", message, size=message[7] + len(frame.payload))
        setattr(way, side, None if frame.fin else message)
        return message

    def _delivered(self, step: MessageComplete, index: int) -> None:
        """Only the whole message can be shown as text, whatever it was cut or compressed into."""
        if step.endpoint is None:
            return
        direction = step.endpoint.peer.sends
        way = self._ways[direction]
        label = quoted(step.data, SHORT) if step.opcode == Opcode.TEXT else ""
        if way.read is None:
            # Of an archive nobody knows the frames.
            way.read = self._new("messages", direction, "data", label, 0)
            self._change("messages", way.read, arrived=index)
        self._change("messages", way.read, label=label, size=len(step.data))
        way.read = None

    # --- Heads ---

    def _head(self, step: HandshakeRequest | HandshakeResponse, index: int) -> None:
        direction, place = _place(step)
        way = self._ways[direction]
        row = way.heads.get(place.first)
        if row is None:
            row = way.heads[place.first] = self._new("messages", direction, "head", _start_line(step.line), place.size)
        if step.sent:
            self._unit(direction, place)
            self._change("messages", row, sent_from=index, sent_to=index)
        else:
            self._change("messages", row, arrived=index)

    # --- TCP ---

    def _unit(self, direction: Direction, place: Stretch) -> None:
        """A head or a frame was sent: the piece of TCP that carries it will be told by its parts."""
        self._sent.add(direction, place)
        landing = self._landing(direction, place)
        if landing is not None:
            self._landed.add(direction, landing)

    def _written(self, step: BytesSent, index: int) -> None:
        direction, place = _place(step)
        label = parts_label(self._sent.parts(direction, place))
        row = self._new("chunks", direction, "other", label, place.size)
        self._change("chunks", row, sent_from=index, sent_to=index)
        landing = self._landing(direction, place)
        if landing is not None:
            self._ways[direction].writes.append((landing, index, row))

    def _read(self, step: BytesReceived, index: int) -> None:
        """One chunk as it was read; each piece of it that was written by itself has a row."""
        direction, place = _place(step)
        way = self._ways[direction]
        position = place.first
        while way.writes and way.writes[0][0].first < place.end:
            landing, sent, row = way.writes.popleft()
            end = min(landing.end, place.end)
            if row[5] >= 0:
                # Its beginning came with an earlier chunk.
                row = self._new("chunks", direction, "other", "", 0)
                self._change("chunks", row, sent_from=sent, sent_to=sent)
            came = Stretch(max(position, landing.first), end)
            label = row[6] if came.size == row[7] else parts_label(self._landed.parts(direction, came))
            self._change("chunks", row, arrived=index, size=came.size, label=label)
            position = end
            if landing.end > place.end:
                way.writes.appendleft((Stretch(place.end, landing.end), sent, row))
                break
        if position < place.end:
            row = self._new("chunks", direction, "other", "", place.end - position)
            self._change("chunks", row, arrived=index)

    def _end(self, step: EndSent | EndReceived, index: int) -> None:
        direction, _ = _place(step)
        way = self._ways[direction]
        if way.end is None and not self._torn and isinstance(step, EndReceived) and not step.clean:
            # Nobody has sent that end: whoever sees it first has cut TCP, or is where the network has cut it.
            self._torn = True
            assert step.endpoint is not None
            row = self._new("chunks", step.endpoint.sends, "cut", self._cut, 0)
            self._change("chunks", row, sent_from=index, sent_to=index)
        if way.end is None and self._torn:
            return
        if way.end is None:
            way.end = self._new("chunks", direction, "end", "FIN", 0)
        if isinstance(step, EndSent):
            self._change("chunks", way.end, sent_from=index, sent_to=index)
        else:
            self._change("chunks", way.end, arrived=index)


def _place(step: Step) -> tuple[Direction, Stretch]:
    assert step.span is not None
    return step.span.direction, stretch_of(step)


def _label(frame: Frame) -> str:
    """What is written on a message until all of it is known."""
    return quoted(frame.payload, SHORT) if frame.opcode == Opcode.TEXT and not frame.rsv1 else ""


def _start_line(line: str) -> str:
    """`GET /chat` of a request, `101` of a response."""
    first, _, rest = line.partition(" ")
    return rest.partition(" ")[0] if first.startswith("HTTP/") else f"{first} {rest.partition(' ')[0]}"
