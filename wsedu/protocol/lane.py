"""The frames of one direction, as somebody reads them who only watches."""

from __future__ import annotations

from collections.abc import Callable

from .frame import Frame
from .notes import Notes, sender_of
from .overheard import Overheard
from .passive import Faults, PassiveDecoder, PassiveMessages
from .types import Direction, Role


class Lane:
    """Reads the frames of one direction.

    Arguments:
        notes: where what it finds goes.
        direction: which way the frames travel.
        offset: where they begin in the direction's stream, in bytes.
        overheard: what the handshake has settled.
        max_kept: bytes of one message that are kept.
        control: called with the sender and each control frame.
    """

    def __init__(
        self,
        notes: Notes,
        direction: Direction,
        offset: int,
        overheard: Overheard,
        max_kept: int,
        control: Callable[[Role, Frame], None],
    ) -> None:
        self._notes = notes
        self._direction = direction
        sender = sender_of(direction)
        tracer = notes.tracers[sender.peer]
        extensions = overheard.extensions_at(sender.peer)
        for extension in extensions:
            extension.attach(tracer)
        faults = Faults(lambda violation: notes.note(sender, violation))
        self._messages = PassiveMessages(
            sender.peer,
            faults,
            lambda frame, at: control(sender, frame),
            extensions=extensions,
            opaque=bool(overheard.unknown),
            max_kept=max_kept,
            passed_over=self._passed_over,
            tracer=tracer,
        )
        self._decoder = PassiveDecoder(
            sender.peer,
            faults,
            self._messages,
            max_kept=max_kept,
            passed_over=self._passed_over,
            tracer=tracer,
            offset=offset,
            extensions=extensions,
        )

    @property
    def close_status(self) -> tuple[int | None, str] | None:
        """Code and reason of the first Close frame; None before it, and if it breaks a rule."""
        return self._messages.close_status

    @property
    def missing(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return self._decoder.mid_frame

    def feed(self, data: bytes) -> None:
        """Read the next bytes, cut anywhere."""
        self._decoder.feed(data)
        if self._decoder.lost is not None:
            self._notes.lose(self._direction, "length")

    def _passed_over(self, offset: int, length: int) -> None:
        self._notes.say(self._direction, "long", length=length, at=offset)
