"""An extension that any test can see through: it adds a letter to each data frame and sets a reserved bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wsedu.protocol import rules
from wsedu.protocol.extensions import Parameters
from wsedu.protocol.frame import Frame


@dataclass
class Dummy:
    """In use on one connection; `log` keeps what it was called with."""

    name: str
    letter: bytes = b"!"
    bit: int = 0x40
    log: list[tuple[str, bytes, int | None]] = field(default_factory=list)

    def claims(self, opcode: int, fin: bool) -> int:
        return self.bit if opcode < 8 else 0

    def attach(self, tracer: object) -> None:
        """It makes no steps of its own."""

    def encode(self, frame: Frame) -> Frame:
        self.log.append(("encode", frame.payload, None))
        marked = frame._replace(payload=frame.payload + self.letter)
        return marked._replace(rsv1=True) if self.bit == 0x40 else marked._replace(rsv2=True)

    def decode(self, frame: Frame, *, max_size: int) -> Frame:
        self.log.append(("decode", frame.payload, max_size))
        if not frame.payload.endswith(self.letter):
            rules.enforce(rules.RSV_BITS, 0, letter=self.letter)
        return frame._replace(payload=frame.payload.removesuffix(self.letter))


@dataclass
class DummyFactory:
    """Negotiates `Dummy`: it offers `offered`, accepts an offer with those parameters, and answers with `answer`."""

    name: str = "dummy"
    required: bool = False
    letter: bytes = b"!"
    bit: int = 0x40
    offered: Sequence[Parameters] = ((),)
    answer: Parameters = ()
    made: list[Dummy] = field(default_factory=list)

    def _make(self) -> Dummy:
        self.made.append(Dummy(self.name, self.letter, self.bit))
        return self.made[-1]

    def offers(self) -> Sequence[Parameters]:
        return self.offered

    def accept(self, parameters: Parameters) -> tuple[Parameters, Dummy] | None:
        return (self.answer, self._make()) if parameters in self.offered else None

    def accepted(self, parameters: Parameters) -> Dummy | None:
        return self._make() if parameters == self.answer else None
