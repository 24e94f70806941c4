"""`World`: two endpoints, what lies between them, and virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from ..protocol.events import Event, Opened
from ..protocol.frames import encode_frame
from ..protocol.steps import ScenarioAct, Step
from ..protocol.types import Direction, Role, State
from ..scenarios.model import PAUSE, VANISH, Act, Scenario
from ..scenarios.network import (
    WAIT,
    BufferingProxy,
    CachingProxy,
    CloseBoth,
    Fault,
    IdleTimeout,
    Inject,
    PlainProxy,
    Vanish,
    check_number,
)
from ..trace.trace import new_header
from .agenda import Agenda, TimeUp
from .boxes import Box, BufferingBox, IdleBox, PlainBox
from .cache import CachingBox
from .endpoint import End
from .faults import Faults, Piece
from .setup import BARE, Setup, SimulatedTrace, make_setup
from .wire import Item, Mark, Taker, Wire

BOXES: dict[type[Any], Callable[..., Box]] = {
    IdleTimeout: IdleBox,
    BufferingProxy: BufferingBox,
    PlainProxy: PlainBox,
    CachingProxy: CachingBox,
}
"""What acts for each middlebox."""


class World:
    """Two endpoints in virtual time.

    Time passes in `wait`, `settle`, `run` and `run_until_closed` only. The opening handshake begins by itself.

    Arguments:
        scenario: whose endpoints and network these are; its acts are not played: see `simulate`.
        seed: of everything random; None for one that the header of the trace tells.
        link: both directions, or a pair for one towards the server and one towards the client.
        middleboxes: between the client and the link, the first one next to the client.
        faults: what goes wrong.
        chunks: how the endpoints read.
        level: how fine the steps are.
        traced: False for no trace, which is faster.
        until: seconds of virtual time after which `TimeUp` is raised.
        client: further options of the client's `Connection`.
        server: further options of the server's.

    Attributes:
        client: the client.
        server: the server.
        trace: what has happened so far.

    Raises:
        ValueError: a fault does not say when, or there are faults and no trace.
    """

    def __init__(self, scenario: Scenario | None = None, **options: Any) -> None:
        self._begin(make_setup(scenario, **options))

    @classmethod
    def of(cls, setup: Setup) -> World:
        """A world that is set up like another one."""
        world = cls.__new__(cls)
        world._begin(setup)
        return world

    def _begin(self, setup: Setup) -> None:
        if setup.network.faults and not setup.traced:
            raise ValueError("a world with faults needs its trace: they watch for steps")
        self.setup = setup
        self._agenda = agenda = Agenda(setup.limit)
        header = new_header(seed=setup.seed, scenario=None if setup.scenario is BARE else setup.scenario.name)
        self.trace = SimulatedTrace(header, setup.level, lambda: agenda.now)
        self._number = self.trace.new_connection()
        self._faults: Faults | None = None
        if setup.network.faults:
            self._faults = Faults(setup.network.faults, self._tell)
            self.trace.subscribe(self._faults.see)
        self._handlers: dict[Role, list[Callable[[Event], None]]] = {role: [] for role in Role}
        self._planned = 0
        self._told: list[Callable[[World], object]] = []
        self._noting = setup.traced
        self.trace.again = self._again
        self.client = self._end(Role.CLIENT)
        self.server = self._end(Role.SERVER)
        self.ends = {Role.CLIENT: self.client, Role.SERVER: self.server}
        for end in self.ends.values():
            end.on_event = partial(self._happened, end)
            end.note = self._note_act if setup.traced else None
            end.after = None if self._faults is None else self._let_faults_happen
        self._connect()

    # --- Making it ---

    def _end(self, role: Role) -> End:
        setup = self.setup
        return End(
            setup.connection(role, self.trace.recorder(self._number) if setup.traced else None),
            self._agenda,
            setup.transport(role),
            setup.network.chunks,
            setup.random(f"cuts {role}"),
            self._tell,
        )

    def _happened(self, end: End, event: Event) -> None:
        if end is self.server and isinstance(event, Opened):
            for act in self.setup.scenario.early:
                self._tell_act(act)
                self.ends[act.who].perform(act.verb, act.arguments, dict(act.options))
        for handler in self._handlers[end.role]:
            handler(event)

    def _connect(self) -> None:
        """Put the path together from its ends, and open TCP, which takes a round trip; with TLS, another one."""
        network, links = self.setup.network, self.setup.links
        # What looks into the stream finds nothing in what TLS protects.
        boxes = [one for one in network.middleboxes if isinstance(one, IdleTimeout) or not self.setup.scenario.tls]
        self._boxes = [BOXES[type(one)](self._agenda, self._tell, one) for one in boxes]
        self._wires = {
            direction: Wire(self._agenda, direction, link, self.setup.random(f"link {direction}"), self._tell)
            for direction, link in zip(Direction, links, strict=True)
        }
        up, down = Direction.TO_SERVER, Direction.TO_CLIENT
        # Put together from the client on: client, boxes, link, server.
        ways: dict[Direction, Taker] = {down: self.client.take}
        for box in self._boxes:
            box.exits[down], ways[down] = ways[down], partial(box.take, down)
        self._wires[down].take, self._wires[up].take = ways[down], self.server.take
        ways = {down: self._wires[down].send, up: self._wires[up].send}
        for box in reversed(self._boxes):
            box.exits[up], ways[up] = ways[up], partial(box.take, up)
        self._ways = ways
        for end in self.ends.values():
            way = ways[end.role.sends]
            end.send = way if self._faults is None else partial(self._send_through_faults, end)
        trips = 2 if self.setup.scenario.tls else 1
        self._agenda.moving += 1
        self._agenda.enter(trips * sum(link.latency for link in links), self._open)

    def _open(self, _: None) -> None:
        """The client's TCP is there; the server's is before the first byte arrives."""
        self._agenda.moving -= 1
        self._ways[Direction.TO_SERVER](Mark.OPEN)
        self.client.connected()

    def _tell(self, step: Step) -> None:
        if self.setup.traced:
            self.trace.add(step, self._number)

    # --- What a script does with it ---

    @property
    def now(self) -> float:
        """Seconds of virtual time since the beginning."""
        return self._agenda.now

    def on_event(self, role: Role, handler: Callable[[World, Event], None]) -> None:
        """Have a function called with the world and each event of an endpoint, in the moment of the event."""
        self._note(lambda world: world.on_event(role, handler))
        self._handlers[role].append(partial(handler, self))

    def at(self, seconds: float, function: Callable[[World], None]) -> None:
        """Have a function called with the world in so many seconds.

        Raises:
            ValueError: the time is negative, infinite or not a number.
        """
        check_number("the time of a plan, in seconds,", seconds)
        self._note(lambda world: world.at(seconds, function))
        self._planned += 1
        self._agenda.enter(self.now + seconds, self._do_planned, function)

    def _do_planned(self, function: Callable[[World], None]) -> None:
        self._planned -= 1
        function(self)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass, and everything that happens in them.

        Raises:
            ValueError: the time is negative, infinite or not a number.
        """
        check_number("a wait, in seconds,", seconds)
        self._note(lambda world: world.wait(seconds))
        end = self._agenda.now + seconds
        entries = self._agenda.entries
        self._pass_time(lambda: bool(entries) and entries[0][0] <= end)
        if end > self._agenda.limit:
            self._agenda.now = self._agenda.limit
            raise TimeUp
        self._agenda.now = end

    def settle(self) -> None:
        """Let time pass until nothing is under way any more, timers aside."""
        self._note(World.settle)
        self._pass_time(lambda: self._agenda.moving > 0)

    def run(self) -> None:
        """Let time pass until both connections are closed and nothing is to come, or nothing can happen any more."""
        self._note(World.run)
        self._pass_time(self._goes_on)

    def _goes_on(self) -> bool:
        if not self._agenda.entries:
            return False
        # Timers that are left over when all is closed would only make it later.
        return bool(
            self._agenda.moving or self._planned or any(end.state is not State.CLOSED for end in self.ends.values())
        )

    def run_until_closed(self, role: Role) -> None:
        """Let time pass until that endpoint's connection is closed, or nothing can happen any more."""
        self._note(lambda world: world.run_until_closed(role))
        end, entries = self.ends[role], self._agenda.entries
        self._pass_time(lambda: bool(entries) and end.state is not State.CLOSED)

    def perform(self, act: Act) -> None:
        """Do one act of a scenario and what it waits for."""
        self._note(lambda world: world.perform(act))
        with self._unnoted():
            self._perform(act)

    def _perform(self, act: Act) -> None:
        self._tell_act(act)
        if act.verb == WAIT:
            self.flush()
            self.wait(*act.arguments)
        elif act.verb == PAUSE:
            self.flush()
            self.run_until_closed(act.who)
        else:
            if act.verb == VANISH:
                self.ends[act.who].vanish()
            else:
                self.ends[act.who].perform(act.verb, act.arguments, dict(act.options))
            if not act.at_once:
                self.flush()
                self.settle()

    def flush(self) -> None:
        """Have both endpoints write what they have to send, the client first."""
        for end in self.ends.values():
            end.flush()
        self._let_faults_happen()

    def finish(self) -> SimulatedTrace:
        """The whole trace, once nothing more is to happen."""
        self._note(World.finish)
        for box in self._boxes:
            box.over()
        self._boxes = []
        return self.trace

    def _tell_act(self, act: Act) -> None:
        decided_by = f"{__name__}:World._tell_act"
        self._tell(ScenarioAct(endpoint=act.who, decided_by=decided_by, verb=act.verb, note=act.note))

    # --- Time ---

    def _pass_time(self, wanted: Callable[[], bool]) -> None:
        """Let one thing after the other happen, as long as that is wanted."""
        with self._unnoted():
            step, faults = self._agenda.step, self._faults
            while wanted():
                step()
                if faults is not None:
                    self._let_faults_happen()

    # --- Faults ---

    def _let_faults_happen(self) -> None:
        """Those that need no bytes to happen to."""
        faults = self._faults
        while faults is not None and (happening := faults.happening()):
            for fault in happening:
                self._let_happen(faults, fault)

    def _let_happen(self, faults: Faults, fault: Fault) -> None:
        if isinstance(fault, Inject):
            self._inject(fault)
            return
        faults.tell(fault, b"", None)
        if isinstance(fault, Vanish):
            self.ends[fault.who].vanished = True
        elif isinstance(fault, CloseBoth):
            for end in self.ends.values():
                end.perform("close", (fault.code, fault.reason), {})
            for end in self.ends.values():
                end.flush()
        else:
            self._tear()

    def _inject(self, fault: Inject) -> None:
        assert self._faults is not None
        to = fault.to or Role.CLIENT
        data = encode_frame(fault.frame)
        self._faults.tell(fault, data, to.receives, self.ends[to.peer].connection.bytes_sent)
        self._ways[to.receives](data)

    def _send_through_faults(self, end: End, item: Item) -> None:
        assert self._faults is not None
        direction = end.role.sends
        if not isinstance(item, bytes):
            self._ways[direction](item)
            return
        offset = end.connection.bytes_sent - len(item)
        for piece in self._faults.change(direction, offset, item):
            self._send_piece(direction, piece)

    def _send_piece(self, direction: Direction, piece: Piece) -> None:
        if piece.cut:
            self._agenda.moving += 1
            self._agenda.enter(self._agenda.now, self._tear_later)
            self._silence()
            return
        if piece.delay:
            self._wires[direction].hold(piece.delay)
        self._ways[direction](piece.data)

    def _tear_later(self, _: None) -> None:
        # Not at once: the endpoint that is writing must not be told in the middle of it.
        self._agenda.moving -= 1
        self._tear()

    def _silence(self) -> None:
        for wire in self._wires.values():
            wire.torn = True

    def _tear(self) -> None:
        """End TCP at both endpoints by RST; what is under way is lost."""
        self._silence()
        for end in self.ends.values():
            end.take(Mark.RESET)

    # --- Doing it again ---

    def _note(self, told: Callable[[World], object]) -> None:
        """Remember what the world is told to do, so that another world can be told the same."""
        if self._noting:
            self._told.append(told)

    def _note_act(self, role: Role, verb: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        if self._noting:
            self._told.append(lambda world: world.ends[role].act(verb, *arguments, **options))

    @contextmanager
    def _unnoted(self) -> Iterator[None]:
        """What is done here belongs to something that is noted already."""
        before, self._noting = self._noting, False
        try:
            yield
        finally:
            self._noting = before

    def _again(self, faults: tuple[Fault, ...]) -> SimulatedTrace:
        """Another world that is told the same, with more faults."""
        told = tuple(self._told)

        def script(world: World) -> None:
            for one in told:
                one(world)

        return play(self.setup, script, faults)


def play(setup: Setup, script: Callable[[World], None], faults: tuple[Fault, ...] = ()) -> SimulatedTrace:
    """Play a script in a world of its own.

    Arguments:
        setup: of the world.
        script: what to do with it.
        faults: that happen besides those of the setup.
    """
    network = replace(setup.network, faults=(*setup.network.faults, *faults))
    world = World.of(replace(setup, network=network))
    with world._unnoted(), suppress(TimeUp):
        script(world)
    trace = world.finish()
    trace.again = lambda more: play(world.setup, script, more)
    return trace
