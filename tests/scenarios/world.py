"""A world in memory: plays a scenario between two `Connection`s joined by a wire, without sockets and without time."""

from __future__ import annotations

import random

from wsedu import Connection, Role, State, Trace
from wsedu.protocol.events import Opened
from wsedu.protocol.steps import Level
from wsedu.scenarios import Act, Scenario
from wsedu.scenarios.model import PAUSE, VANISH


class World:
    """Plays one scenario; a deadline passes in the moment in which the world has nothing else to do.

    Arguments:
        scenario: what to play.
        seed: of the keys, as for `record`.
        level: of the trace.
    """

    def __init__(self, scenario: Scenario, *, seed: int = 1, level: Level = Level.BASE) -> None:
        self.trace = Trace(level=level, clock=lambda: 0.0)
        self._scenario = scenario
        self._vanished: set[Role] = set()
        number = self.trace.new_connection()
        self.ends = {
            Role.CLIENT: Connection(
                Role.CLIENT,
                scenario.uri,
                subprotocols=scenario.subprotocols,
                origin=scenario.origin,
                headers=scenario.headers,
                timeouts=scenario.client_timeouts,
                extensions=scenario.extensions(),
                random_bytes=random.Random(f"{seed} client").randbytes,
                tracer=self.trace.recorder(number),
            ),
            Role.SERVER: Connection(
                Role.SERVER,
                policy=scenario.policy(),
                timeouts=scenario.server_timeouts,
                random_bytes=random.Random(f"{seed} server").randbytes,
                tracer=self.trace.recorder(number),
            ),
        }

    def play(self) -> Trace:
        """From the opening handshake to the end."""
        self._settle()
        for act in self._scenario.acts:
            self._perform(act)
            if act.verb == PAUSE:
                self._let_deadlines_pass(self.ends[act.who])
            elif not act.at_once:
                self._settle()
        for role, end in self.ends.items():
            if role not in self._vanished:
                self._let_deadlines_pass(end)
        return self.trace

    def _perform(self, act: Act) -> None:
        if act.verb == VANISH:
            self._vanished.add(act.who)
        else:
            act.perform(self.ends[act.who])

    def _settle(self) -> None:
        """Move bytes until both ends are quiet; both write before either reads, as on a real wire."""
        while self._move():
            pass

    def _move(self) -> bool:
        moved = False
        # All that is written, and whether it is the last of it, before anybody reads.
        flying = [
            (end.role.peer, end.data_to_send(), end.ends_transport)
            for role, end in self.ends.items()
            if role not in self._vanished
        ]
        for role, data, is_last in flying:
            reader = self.ends[role]
            if role in self._vanished:
                continue
            if data:
                moved = True
                reader.receive_data(data)
                self._after_reading(reader)
            if is_last and reader.state is not State.CLOSED:
                moved = True
                reader.receive_eof()
        return moved

    def _after_reading(self, reader: Connection) -> None:
        for event in reader.events():
            if isinstance(event, Opened) and reader.role is Role.SERVER:
                for act in self._scenario.early:
                    self._perform(act)

    def _let_deadlines_pass(self, end: Connection) -> None:
        while end.state is not State.CLOSED:
            deadline = end.next_deadline()
            assert deadline is not None, "nothing would ever end this"
            end.timer_expired(deadline.timer)
            self._settle()
