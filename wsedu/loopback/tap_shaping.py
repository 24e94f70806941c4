"""The rules of the tap at work on one connection: what goes on to each side, when, and in place of what."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.observer import Observer, sender_of
from ..protocol.overheard import Overheard
from ..protocol.steps import TapActed, Tracer
from ..protocol.types import Direction, Opcode, Role
from .tap_deflate import Recoder
from .tap_frames import Cut, FrameCutter
from .tap_heads import FirstHead, HostRewriter
from .tap_lane import Lane, Write
from .tap_rules import Pattern, Rule

SHOWN = 20
"""Bytes of a new frame that its step shows."""


@dataclass
class _Case:
    """A frame under way, and what has been decided about it.

    Arguments:
        frame: as it came; of a long one the header.
        size: bytes of its payload, by its header.
        data: its bytes, empty for a long one.
        says: its payload, inflated and edited; None if that cannot be known.
        problem: in one word, why not.
        dropped: whether it does not go on.
        edited: whether it says something else.
        behind: rules that put a frame behind it.
    """

    frame: Frame
    size: int
    data: bytes
    says: bytes | None
    problem: str
    dropped: bool = False
    edited: bool = False
    behind: list[Rule] = field(default_factory=list)


class Shaper:
    """One connection whose frames are not simply passed on.

    Arguments:
        rules: in the order in which they are applied to a frame.
        host: value of Host to put in place of the client's, or None.
        observer: knows whether the handshake is over.
        watch: told of every byte as it came, before anything is done to it.
        write: sends bytes on in a direction; empty bytes stand for the end of that direction.
        tracer_for: gives the tracer for what is done to frames of an endpoint.

    Attributes:
        blind: whether the observer has failed, so that nothing can be said of what passes.
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
        self.blind = False
        self._rules = rules
        self._observer = observer
        self._watch = watch
        self._tracer_for = tracer_for
        self._counts: dict[tuple[int, bool], int] = {}  # frames that fit a rule's condition, or its `until`
        self._told: set[tuple[int, Role, str]] = set()  # rules that could not be applied, and why
        self._lanes = {way: Lane(way, write) for way in Direction}
        self._heads = {way: FirstHead() for way in Direction}
        self._rewriter = None if host is None else HostRewriter(host)
        self._cutters = {way: FrameCutter() for way in Direction}
        self._recoders: dict[Direction, Recoder] = {}
        self._cases: dict[Direction, _Case] = {}
        self._late: dict[Direction, list[bytes]] = {way: [] for way in Direction}  # injected while a long frame passes

    def feed(self, direction: Direction, data: bytes) -> None:
        """Take bytes as they came."""
        head = self._heads[direction]
        if not head.done:
            seen, out, data = head.feed(data)
            self._watch(direction, seen)
            if self.blind or (direction in self._observer.unexplained and not head.done):
                out = head.rest()
            self._lanes[direction].put(self._rewritten(direction, out))
        head.late += data
        for way in Direction:
            self._open(way)

    def _open(self, direction: Direction) -> None:
        """Pass on what is behind a head, once it is known whether these are frames."""
        observer, head = self._observer, self._heads[direction]
        if head.late and (observer.opened or direction in observer.unexplained or self.blind):
            late, head.late = head.late, b""
            self._frames(direction, late)

    def end(self, direction: Direction) -> None:
        """Take the end of a direction, which waits behind what is held there."""
        rest = self._heads[direction].rest() + self._cutters[direction].rest()
        if self._rewriter is not None and direction is Direction.TO_SERVER and not self._observer.opened:
            rest = self._rewriter.feed(rest) + self._rewriter.rest()
        self._lanes[direction].put(rest)
        self._lanes[direction].put(None)

    def stop(self) -> None:
        """Let nothing go on any more."""
        for lane in self._lanes.values():
            lane.stop()

    def waiting(self, direction: Direction) -> int:
        """Bytes that are held back."""
        return self._lanes[direction].size + len(self._heads[direction].late)

    # --- Requests ---

    def _rewritten(self, direction: Direction, data: bytes) -> bytes:
        """Bytes before the connection is open, or of one that never will be."""
        rewriter = self._rewriter if direction is Direction.TO_SERVER else None
        if rewriter is None or not data:
            return data
        if self._observer.unexplained.get(direction) == "refused":
            rewriter.go_on()
        return rewriter.feed(data)

    # --- Frames ---

    def _frames(self, direction: Direction, data: bytes) -> None:
        opened = self._observer.opened and not self.blind
        if not opened or not self._rules or direction in self._observer.unexplained:
            self._watch(direction, data)
            data = self._cutters[direction].rest() + data
            self._lanes[direction].put(data if opened else self._rewritten(direction, data))
            return
        for cut in self._cutters[direction].feed(data):
            self._watch(direction, cut.seen)
            if cut.frame is not None:
                self._apply(direction, cut, cut.frame)
            else:
                self._lanes[direction].put(cut.data)

    def _apply(self, direction: Direction, cut: Cut, frame: Frame) -> None:
        """Do to a frame, or to a part of a long one, what the rules say."""
        recoder, lane, sender = self._recoder(direction), self._lanes[direction], sender_of(direction)
        says = recoder.read(frame._replace(fin=frame.fin and cut.last), first=cut.first)
        if cut.first:
            long = not cut.last
            problem = "long" if long else recoder.problem
            data = b"" if long else cut.data
            case = _Case(frame, cut.size, data, None if long else says, problem)
            self._cases[direction] = case
            self._decide(case, sender, recoder, lane)
        case = self._cases[direction]
        if not case.dropped:
            lane.put(self._bytes_of(case, cut, frame, says, recoder))
        if cut.last:
            for data in self._late[direction]:
                lane.put(data)
            self._late[direction] = []
            for rule in case.behind:
                self._inject(rule, sender)

    def _bytes_of(self, case: _Case, cut: Cut, frame: Frame, says: bytes | None, recoder: Recoder) -> bytes:
        """What goes on: the bytes as they came, unless the frame was edited or the receiver's window is another one."""
        plain = case.says if case.edited else says
        if plain is None or not (case.edited or (recoder.apart and recoder.packed)):
            return cut.data
        # A long frame that is compressed anew goes on as one fragment for each part: its new length is not known yet.
        opcode = frame.opcode if cut.first else Opcode.CONTINUATION
        return recoder.write(frame._replace(opcode=opcode, fin=frame.fin and cut.last), plain)

    def _decide(self, case: _Case, sender: Role, recoder: Recoder, lane: Lane) -> None:
        """Look at a frame with every rule, in their order."""
        for index, rule in enumerate(self._rules):
            if rule.until is not None:
                self._release(index, rule, sender, case)
            if not case.dropped and self._fits(index, rule.pattern, sender, case):
                if rule.action in ("drop", "edit"):
                    self._change(index, rule, sender, case, recoder)
                elif rule.action == "delay":
                    self._tell(rule, sender, case.data)
                    lane.delay(rule.seconds)
                elif rule.action == "hold":
                    self._tell(rule, sender, case.data)
                    lane.hold(rule)
                elif rule.before:
                    self._inject(rule, sender)
                else:
                    case.behind.append(rule)

    def _fits(self, index: int, pattern: Pattern, sender: Role, case: _Case, *, until: bool = False) -> bool:
        if not pattern.fits(sender, case.frame.opcode, case.size):
            return False
        if pattern.reads and case.says is None:
            self._excuse(index, sender, case.problem)
            return False
        if case.says is not None and not pattern.says(case.says):
            return False
        count = self._counts[index, until] = self._counts.get((index, until), 0) + 1
        return pattern.number is None or count == pattern.number

    def _release(self, index: int, rule: Rule, sender: Role, case: _Case) -> None:
        """End a hold that waited for this frame."""
        held = [lane for lane in self._lanes.values() if lane.holds(rule)]
        if held and rule.until is not None and self._fits(index, rule.until, sender, case, until=True):
            self._tell(rule, sender, b"", "release")
            for lane in held:
                lane.release(rule)

    def _change(self, index: int, rule: Rule, sender: Role, case: _Case, recoder: Recoder) -> None:
        """Take a frame out, or have it say something else."""
        says = case.says
        if rule.action == "edit" and says is None:
            self._excuse(index, sender, case.problem)
        elif rule.action == "edit" and says is not None and rule.old not in says:
            return
        elif not recoder.changeable:
            self._excuse(index, sender, recoder.problem or "fragment")
        elif rule.action == "drop":
            recoder.change()
            case.dropped = True
            self._tell(rule, sender, b"")
        elif says is not None:
            recoder.change()
            case.says, case.edited = says.replace(rule.old, rule.new), True
            # What it says now; on the wire it may be compressed, and by a later rule it may still be changed.
            shown = case.frame._replace(payload=case.says, rsv1=False, length_form=None)
            self._tell(rule, sender, encode_frame(shown))

    def _inject(self, rule: Rule, sender: Role) -> None:
        way = rule.sender.sends
        if rule.frame is None or self._cutters[way].lost:
            return
        key = os.urandom(4) if rule.sender is Role.CLIENT else None
        data = self._tell(rule, sender, encode_frame(rule.frame._replace(masking_key=key)))
        # Of a long frame that begins just now nothing has gone on yet.
        begins = rule.before and way is sender.sends
        if self._cutters[way].inside and not begins:
            self._late[way].append(data)
        else:
            self._lanes[way].put(data)

    def _recoder(self, direction: Direction) -> Recoder:
        recoder = self._recoders.get(direction)
        if recoder is None:
            sender = sender_of(direction)
            recoder = Recoder(sender)
            if self._observer.response is not None:
                factories = (PerMessageDeflateFactory(),)
                overheard = Overheard.of(self._observer.request, self._observer.response, factories)
                recoder = Recoder(sender, overheard.extensions_at(sender.peer), overheard.extensions_at(sender))
            self._recoders[direction] = recoder
        return recoder

    # --- What is written down ---

    def _excuse(self, index: int, sender: Role, problem: str) -> None:
        """Say, once for each direction and reason, that a rule cannot be applied to a frame."""
        if (index, sender, problem) not in self._told:
            self._told.add((index, sender, problem))
            self._tell(self._rules[index], sender, b"", f"cannot.{problem}")

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
