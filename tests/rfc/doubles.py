"""An extension made up for the tests: it marks the end of every data frame that passes with its name."""

from __future__ import annotations

from collections.abc import Sequence

from wsedu import Frame
from wsedu.protocol.extensions import Parameters

RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10


class Mark:
    """The extension in use.

    Arguments:
        name: what it is called, and what it adds to each data frame.
        bit: the reserved bit that it sets on every data frame.
    """

    def __init__(self, name: str, bit: int) -> None:
        self.name = name
        self._mark = f"<{name}>".encode()
        self._bit = bit

    def claims(self, opcode: int, fin: bool) -> int:
        return self._bit if opcode < 8 else 0

    def attach(self, tracer: object) -> None:
        """It makes no steps of its own."""

    def encode(self, frame: Frame) -> Frame:
        return self._with_bit(frame._replace(payload=frame.payload + self._mark), True)

    def decode(self, frame: Frame, *, max_size: int) -> Frame:
        assert frame.payload.endswith(self._mark), "extensions are undone in the other order"
        return self._with_bit(frame._replace(payload=frame.payload.removesuffix(self._mark)), False)

    def _with_bit(self, frame: Frame, value: bool) -> Frame:
        if self._bit == RSV1:
            return frame._replace(rsv1=value)
        return frame._replace(rsv2=value) if self._bit == RSV2 else frame._replace(rsv3=value)


class MarkFactory:
    """Its negotiation: it has one parameter, `level`, whose value is a digit.

    Arguments:
        name: what it is called.
        bit: the reserved bit that it uses.
        required: a connection without it is of no use.
    """

    def __init__(self, name: str, bit: int = RSV1, *, required: bool = False) -> None:
        self.name = name
        self.required = required
        self._bit = bit

    def offers(self) -> Sequence[Parameters]:
        return [(("level", "1"),)]

    def accept(self, parameters: Parameters) -> tuple[Parameters, Mark] | None:
        return (parameters, Mark(self.name, self._bit)) if _defined(parameters) else None

    def accepted(self, parameters: Parameters) -> Mark | None:
        return Mark(self.name, self._bit) if _defined(parameters) else None


def _defined(parameters: Parameters) -> bool:
    return all(name == "level" and value is not None and value.isdigit() for name, value in parameters)
