"""Random legal exchanges: two endpoints in memory, a trace of both, everything by one seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.steps import Level
from wsedu.protocol.types import Direction, Limits, Role
from wsedu.trace.trace import Trace

LENGTHS = (0, 1, 125, 126, 127, 1459, 1460, 1461)
RARE_LENGTHS = (65535, 65536)
"""On both sides of what each form of the length, and each segment, can hold."""


class Pair:
    """A client and a server whose bytes go to the other one at once, with a clock that counts milliseconds."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.trace = Trace(level=Level.CORE, clock=self._clock)
        number = self.trace.new_connection()
        source = random.Random(seed)
        limits = Limits(max_message_size=1 << 30)
        self.ends = {
            role: Connection(
                role,
                "ws://localhost/chat?room=1" if role is Role.CLIENT else None,
                limits=limits,
                random_bytes=source.randbytes,
                tracer=self.trace.recorder(number),
            )
            for role in Role
        }
        self.settle()

    def _clock(self) -> float:
        self.now += 0.001
        return self.now

    def settle(self) -> None:
        """Carry bytes until none wait."""
        moved = True
        while moved:
            moved = False
            for role, end in self.ends.items():
                data = end.data_to_send()
                if data:
                    self.ends[role.peer].receive_data(data)
                    moved = True
                end.events()

    def close(self) -> None:
        """The closing handshake, and the end of TCP."""
        self.ends[Role.CLIENT].close(1000, "bye")
        self.settle()
        self.ends[Role.CLIENT].receive_eof()
        self.ends[Role.SERVER].receive_eof()


def random_exchange(seed: int, frames: int) -> Trace:
    """A legal exchange of that many frames of all kinds and lengths, Pongs and Close frames among them."""
    pair, rng = Pair(seed), random.Random(seed)
    under_way: dict[Role, bool] = dict.fromkeys(Role, False)
    while len(sent_frames(pair.trace)) < frames - 4:
        role = rng.choice(list(Role))
        _act(pair.ends[role], role, under_way, rng)
        if rng.random() < 0.7:
            pair.settle()
    for role in Role:
        if under_way[role]:
            pair.ends[role].send_continuation(b"", fin=True)
    pair.settle()
    while len(sent_frames(pair.trace)) < frames - 2:
        pair.ends[Role.SERVER].send_pong(b"")
        pair.settle()
    pair.close()
    return pair.trace


def _act(end: Connection, role: Role, under_way: dict[Role, bool], rng: random.Random) -> None:
    length = rng.choice(RARE_LENGTHS) if rng.random() < 0.03 else rng.choice(LENGTHS)
    fin = rng.random() < 0.6
    if rng.random() < 0.3:
        control: Callable[[bytes], None] = rng.choice([end.send_ping, end.send_pong])
        control(rng.randbytes(min(length, 125)))
    elif under_way[role]:
        # Letters are text and bytes alike, so that a fragment fits either message.
        end.send_continuation(_letters(rng, length), fin=fin)
        under_way[role] = not fin
    else:
        if rng.random() < 0.5:
            end.send_text(_letters(rng, length).decode(), fin=fin)
        else:
            end.send_binary(rng.randbytes(length), fin=fin)
        under_way[role] = not fin


def _letters(rng: random.Random, length: int) -> bytes:
    return bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=length))


def sent_frames(trace: Trace, direction: Direction | None = None) -> list[Frame]:
    """The frames that were sent, in order."""
    return [record.step.frame for record in trace.frames(direction)]  # type: ignore[attr-defined]


def streams(trace: Trace) -> dict[Direction, bytes]:
    """The bytes that were read in each direction."""
    return {direction: trace.bytes_of(direction, received=True) for direction in Direction}
