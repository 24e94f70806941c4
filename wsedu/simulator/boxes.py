"""Middleboxes in virtual time: what stands between two endpoints and does more, or less, than pass bytes on."""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol.http import Headers
from ..protocol.steps import byte_span
from ..protocol.types import Direction
from ..scenarios.network import BufferingProxy, IdleTimeout, PlainProxy
from ..trace.worldsteps import MiddleboxActed
from .agenda import Agenda
from .wire import Item, Mark, Taker, Teller

END_OF_HEAD = b"\r\n\r\n"
HOP_BY_HOP = ("upgrade", "connection")


class Box:
    """A middlebox that passes everything on; what a kind of middlebox does otherwise, its class says.

    Arguments:
        agenda: the time.
        tell: called with its steps.

    Attributes:
        exits: what takes that which leaves it, for each direction; the world sets them.
    """

    def __init__(self, agenda: Agenda, tell: Teller) -> None:
        self.exits: dict[Direction, Taker] = {}
        self._agenda = agenda
        self._tell = tell
        self._passed = dict.fromkeys(Direction, 0)

    def take(self, direction: Direction, item: Item) -> None:
        """Something comes by."""
        self.hand_on(direction, item)

    def hand_on(self, direction: Direction, item: Item) -> None:
        """Let something leave."""
        self.exits[direction](item)

    def over(self) -> None:
        """The run is over."""

    def _acted(
        self,
        action: str,
        direction: Direction | None = None,
        length: int = 0,
        *,
        seconds: float = 0.0,
        fields: Sequence[str] = (),
    ) -> None:
        """Tell of something; bytes that it is about are the last ones that have come by."""
        span = None if direction is None else byte_span(direction, self._passed[direction] - length, length)
        self._tell(
            MiddleboxActed(
                span=span,
                decided_by=f"{__name__}:{type(self).__name__}.take",
                action=action,
                length=length,
                seconds=seconds,
                fields=tuple(fields),
            )
        )


class IdleBox(Box):
    """Forgets a connection on which nothing has passed for a while."""

    def __init__(self, agenda: Agenda, tell: Teller, what: IdleTimeout) -> None:
        super().__init__(agenda, tell)
        self._what = what
        self._seen = 0.0
        self._forgot = False
        self._ended: set[Direction] = set()

    def take(self, direction: Direction, item: Item) -> None:
        if self._forgot:
            self._swallow(direction, item)
            return
        self._seen = self._agenda.now
        if item is Mark.OPEN:
            self._agenda.enter(self._seen + self._what.seconds, self._ring)
        elif item is Mark.END:
            self._ended.add(direction)
        elif isinstance(item, bytes):
            self._passed[direction] += len(item)
        self.hand_on(direction, item)

    def _ring(self, _: None) -> None:
        due = self._seen + self._what.seconds
        if len(self._ended) == len(Direction) or self._forgot:
            return
        if self._agenda.now < due:
            self._agenda.enter(due, self._ring)
            return
        self._forgot = True
        self._acted("reset" if self._what.reset else "forgot", seconds=self._what.seconds)
        if self._what.reset:
            for direction in Direction:
                self.hand_on(direction, Mark.RESET)

    def _swallow(self, direction: Direction, item: Item) -> None:
        if isinstance(item, bytes):
            self._passed[direction] += len(item)
            self._acted("swallowed", direction, len(item))


class BufferingBox(Box):
    """Collects what follows the two heads, and hands it on in large pieces."""

    def __init__(self, agenda: Agenda, tell: Teller, what: BufferingProxy) -> None:
        super().__init__(agenda, tell)
        self._what = what
        self._heads = dict.fromkeys(Direction, b"")
        self._held = dict.fromkeys(Direction, b"")
        self._batch = dict.fromkeys(Direction, 0)  # which one is being collected
        self._timed: set[Direction] = set()  # those for which a timer is set

    def take(self, direction: Direction, item: Item) -> None:
        if not isinstance(item, bytes):
            self._release(direction)
            self.hand_on(direction, item)
            return
        self._passed[direction] += len(item)
        rest = self._after_head(direction, item)
        if len(rest) < len(item):
            self.hand_on(direction, item[: len(item) - len(rest)])
        if rest:
            self._hold(direction, rest)

    def _after_head(self, direction: Direction, data: bytes) -> bytes:
        """What of these bytes follows the head."""
        head = self._heads[direction]
        if END_OF_HEAD in head:
            return data
        self._heads[direction] = head = head + data
        _, found, rest = head.partition(END_OF_HEAD)
        return rest if found else b""

    def _hold(self, direction: Direction, data: bytes) -> None:
        first = not self._held[direction]
        self._held[direction] += data
        self._acted("held", direction, len(self._held[direction]))
        if len(self._held[direction]) >= self._what.size:
            self._release(direction)
        elif first and self._what.seconds is not None:
            self._agenda.moving += 1
            self._timed.add(direction)
            batch = (direction, self._batch[direction])
            self._agenda.enter(self._agenda.now + self._what.seconds, self._ring, batch)

    def _ring(self, batch: tuple[Direction, int]) -> None:
        direction, number = batch
        if self._batch[direction] == number:
            self._release(direction)

    def _release(self, direction: Direction) -> None:
        self._batch[direction] += 1
        if direction in self._timed:
            self._timed.remove(direction)
            self._agenda.moving -= 1
        held, self._held[direction] = self._held[direction], b""
        if held:
            self._acted("released", direction, len(held))
            self.hand_on(direction, held)


class PlainBox(Box):
    """Takes the hop-by-hop fields out of the request, as a proxy must that does not know them."""

    def __init__(self, agenda: Agenda, tell: Teller, what: PlainProxy) -> None:
        super().__init__(agenda, tell)
        self._head: bytes | None = b""

    def take(self, direction: Direction, item: Item) -> None:
        if direction is Direction.TO_CLIENT or self._head is None or not isinstance(item, bytes):
            self.hand_on(direction, item)
            return
        self._passed[direction] += len(item)
        self._head += item
        head, found, rest = self._head.partition(END_OF_HEAD)
        if found:
            self._head = None
            self.hand_on(direction, self._strip(head, len(head) + len(END_OF_HEAD)) + rest)

    def _strip(self, head: bytes, size: int) -> bytes:
        line, *fields = head.decode("latin-1").split("\r\n")
        pairs = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)]
        named = {*HOP_BY_HOP, *Headers(pairs).tokens("Connection")}
        gone = [name for name, _ in pairs if name.lower() in {one.lower() for one in named}]
        kept = [f"{name}: {value}" for name, value in pairs if name not in gone]
        self._acted("stripped", Direction.TO_SERVER, size, fields=gone)
        return "\r\n".join([line, *kept, "Via: 1.1 proxy", "", ""]).encode("latin-1")
