"""The rules of the tap at work on one connection: what goes on to each side, when, and in place of what."""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from collections.abc import Callable, Sequence

from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.observer import Observer, sender_of
from ..protocol.steps import TapActed, Tracer
from ..protocol.types import Direction, Role
from .tap_frames import FrameCutter
from .tap_rules import Pattern, Rule

HEAD_END = b"\r\n\r\n"
MAX_HEAD = 64 << 10
"""Bytes of a request up to which its head is waited for."""

SHOWN = 20
"""Bytes of a new frame that its step shows."""

_HOST = re.compile(rb"(?im)^(host[ \t]*:[ \t]*)[^\r\n]*")

Write = Callable[[Direction, bytes], None]


class Shaper:
    """One connection whose frames are not simply passed on.

    Arguments:
        rules: in the order in which they are applied to a frame.
        host: value of Host to put in place of the client's, or None.
        observer: knows whether the handshake is over.
        watch: told of every byte as it came, before anything is done to it.
        write: sends bytes on in a direction; empty bytes stand for the end of that direction.
        tracer_for: gives the tracer for what is done to frames of an endpoint.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        host: str | None,
        observer: Observer,
        watch: Write,
        write: Write,
        tracer_for: Callable[[Role], Tracer | None],
    ) -> None:
        self._rules = rules
        self._observer = observer
        self._watch = watch
        self._tracer_for = tracer_for
        self._counts: dict[Pattern, int] = {}
        self._lanes = {way: _Lane(way, write) for way in Direction}
        self._heads = {way: _Head(host if way is Direction.TO_SERVER else None) for way in Direction}
        self._cutters = {way: FrameCutter() for way in Direction}

    def feed(self, direction: Direction, data: bytes) -> None:
        """Take bytes as they came."""
        head = self._heads[direction]
        if not head.done:
            seen, out, data = head.feed(data)
            self._watch(direction, seen)
            self._lanes[direction].put(out)
        head.late += data
        for way in Direction:
            self._open(way)

    def _open(self, direction: Direction) -> None:
        """Pass on what is behind a head, once it is known whether these are frames."""
        observer, head = self._observer, self._heads[direction]
        if head.late and (not self._rules or observer.opened or direction in observer.unexplained):
            late, head.late = head.late, b""
            self._frames(direction, late)

    def end(self, direction: Direction) -> None:
        """Take the end of a direction, which waits behind what is held there."""
        rest = self._heads[direction].rest() + self._cutters[direction].rest()
        self._lanes[direction].put(rest)
        self._lanes[direction].put(None)

    def stop(self) -> None:
        """Let nothing go on any more."""
        for lane in self._lanes.values():
            lane.stop()

    def waiting(self, direction: Direction) -> int:
        """Bytes that are held back."""
        return self._lanes[direction].size + len(self._heads[direction].late)

    # --- Frames ---

    def _frames(self, direction: Direction, data: bytes) -> None:
        if not self._rules or direction in self._observer.unexplained or not self._observer.opened:
            self._watch(direction, data)
            self._lanes[direction].put(self._cutters[direction].rest() + data)
            return
        cutter = self._cutters[direction]
        for cut in cutter.feed(data):
            self._watch(direction, cut.seen)
            if cut.frame is not None:
                self._apply(direction, cut.frame, cut.data)
            else:
                self._lanes[direction].put(cut.data)

    def _apply(self, direction: Direction, frame: Frame, data: bytes) -> None:
        """Do to a frame what the rules say, in their order."""
        lane, sender = self._lanes[direction], sender_of(direction)
        behind: list[Rule] = []
        for rule in self._rules:
            if rule.until is not None:
                self._release(rule, sender, frame)
            if data and self._fits(rule.pattern, sender, frame):
                if rule.action == "drop":
                    data = self._tell(rule, sender, b"")
                elif rule.action == "edit":
                    data = self._edit(rule, sender, frame, data)
                elif rule.action == "delay":
                    self._tell(rule, sender, data)
                    lane.delay(rule.seconds)
                elif rule.action == "hold":
                    self._tell(rule, sender, data)
                    lane.hold(rule)
                elif rule.before:
                    self._inject(rule, sender)
                else:
                    behind.append(rule)
        lane.put(data)
        for rule in behind:
            self._inject(rule, sender)

    def _fits(self, pattern: Pattern, sender: Role, frame: Frame) -> bool:
        if not pattern.fits(sender, frame):
            return False
        self._counts[pattern] = self._counts.get(pattern, 0) + 1
        return pattern.number is None or self._counts[pattern] == pattern.number

    def _release(self, rule: Rule, sender: Role, frame: Frame) -> None:
        """End a hold that waited for this frame."""
        held = [lane for lane in self._lanes.values() if lane.holds(rule)]
        if held and rule.until is not None and self._fits(rule.until, sender, frame):
            self._tell(rule, sender, b"", "release")
            for lane in held:
                lane.release(rule)

    def _edit(self, rule: Rule, sender: Role, frame: Frame, data: bytes) -> bytes:
        if frame.rsv1 or rule.old not in frame.payload:
            return data
        payload = frame.payload.replace(rule.old, rule.new)
        # The key stays: it is the client's, and says nothing about the payload.
        return self._tell(rule, sender, encode_frame(frame._replace(payload=payload, length_form=None)))

    def _inject(self, rule: Rule, sender: Role) -> None:
        way = rule.sender.sends
        if rule.frame is None or self._cutters[way].inside:
            return
        key = os.urandom(4) if rule.sender is Role.CLIENT else None
        self._lanes[way].put(self._tell(rule, sender, encode_frame(rule.frame._replace(masking_key=key))))

    def _tell(self, rule: Rule, sender: Role, data: bytes, action: str | None = None) -> bytes:
        """Write down what a rule does; gives the bytes that go on."""
        tracer = self._tracer_for(sender)
        if tracer is not None:
            shown = data[:SHOWN].hex(" ") + (f" … (+{len(data) - SHOWN:,})" if len(data) > SHOWN else "")
            tracer(
                TapActed(
                    endpoint=sender,
                    decided_by=f"{__name__}:Shaper._apply",
                    action=action or rule.action,
                    line=rule.line,
                    frames=(shown,) if data else (),
                )
            )
        return data


class _Head:
    """The head at the beginning of a direction, which is no frame."""

    def __init__(self, host: str | None) -> None:
        self.done = False
        self.late = b""  # what came behind the head and waits until the handshake is over
        self._host = host
        self._held = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """Take bytes: those that were seen now, those that can go on, and those behind the head."""
        before = len(self._held)
        self._held += data
        end = self._held.find(HEAD_END)
        if end < 0 and len(self._held) <= MAX_HEAD:
            return data, b"", b""
        self.done = True
        end = len(self._held) if end < 0 else end + len(HEAD_END)
        head, self._held = self._held[:end], b""
        return data[: end - before], self._rewritten(head), data[end - before :]

    def rest(self) -> bytes:
        """What will never be a head, and what still waits behind one."""
        rest, self._held, self.late = self._held + self.late, b"", b""
        return rest

    def _rewritten(self, head: bytes) -> bytes:
        if self._host is None:
            return head
        return _HOST.sub(rb"\g<1>" + self._host.encode("latin-1"), head)


class _Lane:
    """What goes on in one direction, in order; it can be made to wait."""

    def __init__(self, direction: Direction, write: Write) -> None:
        self.size = 0
        self._direction = direction
        self._write = write
        self._waiting: deque[bytes | float | Rule | None] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, data: bytes | None) -> None:
        """Bytes, or None for the end."""
        if data != b"":
            self.size += len(data or b"")
            self._waiting.append(data)
            self._go()

    def delay(self, seconds: float) -> None:
        """Wait that long before what comes next."""
        self._waiting.append(seconds)
        self._go()

    def hold(self, rule: Rule) -> None:
        """Wait for `release` before what comes next."""
        self._waiting.append(rule)

    def holds(self, rule: Rule) -> bool:
        """Whether that rule holds anything here."""
        return any(entry is rule for entry in self._waiting)

    def release(self, rule: Rule) -> None:
        """End the waiting for a rule."""
        self._waiting = deque(entry for entry in self._waiting if entry is not rule)
        self._go()

    def stop(self) -> None:
        """Let nothing go on."""
        self._waiting.clear()
        self.size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go(self) -> None:
        while self._waiting and self._timer is None:
            entry = self._waiting[0]
            if isinstance(entry, Rule):
                return
            self._waiting.popleft()
            if isinstance(entry, float):
                self._timer = asyncio.get_running_loop().call_later(entry, self._go_on)
                return
            self.size -= len(entry or b"")
            self._write(self._direction, entry or b"")

    def _go_on(self) -> None:
        self._timer = None
        self._go()
