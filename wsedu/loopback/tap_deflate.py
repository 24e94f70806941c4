"""permessage-deflate between two endpoints: what a message says, and how to pass on another one (RFC 7692 §7).

With context takeover a compressed message may point back to all earlier ones. Once the receiver has not got what the
sender has sent, later messages cannot be passed on as they are: they are compressed anew, with a window of our own.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol.deflate import Agreed, PerMessageDeflate
from ..protocol.extensions import Extension
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.rules import ProtocolViolation
from ..protocol.types import Opcode, Role

MAX_INFLATED = 16 << 20
"""Bytes to which a frame is inflated."""

DATA = (Opcode.CONTINUATION, Opcode.TEXT, Opcode.BINARY)


class Recoder:
    """The messages of one direction.

    Arguments:
        sender: of these messages.
        reading: the extensions in use, as the receiver has them.
        writing: the same, as the sender has them.

    Attributes:
        apart: whether the receiver has not got what the sender has sent, so that all is compressed anew.
        problem: in one word, why the payload of the frame under way cannot be read; empty if it can.
    """

    def __init__(self, sender: Role, reading: Sequence[Extension] = (), writing: Sequence[Extension] = ()) -> None:
        self.apart = False
        self.problem = ""
        known = [one for one in (*reading, *writing) if isinstance(one, PerMessageDeflate)]
        self._opaque = bool(reading or writing) and not len(known) == 2 == len(reading) + len(writing)
        self._reading: PerMessageDeflate | None = known[0] if known and not self._opaque else None
        self._writing: PerMessageDeflate | None = known[1] if known and not self._opaque else None
        agreed = Agreed() if self._reading is None else self._reading.agreed
        client = sender is Role.CLIENT
        self._fresh = agreed.client_no_context_takeover if client else agreed.server_no_context_takeover
        self._compressed = False  # the message under way is
        self._begins = False  # the frame under way is the first of its message
        self._data = False  # the frame under way is one of a message
        self._lost = False  # where in the stream of DEFLATE we are

    @property
    def packed(self) -> bool:
        """Whether the payload of the frame under way is compressed."""
        return self._data and self._compressed

    @property
    def changeable(self) -> bool:
        """Whether the frame under way can be changed or taken out without spoiling all that follow."""
        return not self.packed or ((self._begins or self.apart) and not self._lost)

    def read(self, frame: Frame, *, first: bool = True) -> bytes | None:
        """What a frame, or a part of a long one, says.

        Arguments:
            frame: with the payload as it came; of a part that is not the last one `fin` is not set.
            first: whether it is a whole frame, or the first part of one.

        Returns:
            The payload, inflated if it was compressed; None if that cannot be: see `problem`.
        """
        self.problem = ""
        self._data = frame.opcode in DATA
        if not self._data:
            return frame.payload
        if first:
            self._begins = frame.opcode != Opcode.CONTINUATION
        if first and self._begins:
            self._compressed = frame.rsv1
            if self._fresh:
                self._lost = self.apart = False
        if self._opaque:
            self.problem = "extension"
        elif self._compressed:
            return self._inflated(frame if first else frame._replace(opcode=Opcode.CONTINUATION))
        return None if self.problem else frame.payload

    def change(self) -> None:
        """The receiver will not get the frame under way as it was sent."""
        self.apart = self.apart or self.packed

    def write(self, frame: Frame, plain: bytes) -> bytes:
        """The bytes of a frame that says something else, or is compressed anew.

        Arguments:
            frame: as it came; its key stays, since it is the client's and says nothing about the payload.
            plain: what it shall say.
        """
        new = frame._replace(payload=plain, length_form=None)
        if self.packed and self._writing is not None:
            new = self._writing.encode(new._replace(rsv1=False))
        return encode_frame(new)

    def _inflated(self, frame: Frame) -> bytes | None:
        if self._lost or self._reading is None:
            self.problem = "inflate"
            return None
        try:
            return self._reading.decode(frame, max_size=MAX_INFLATED).payload
        except ProtocolViolation:
            # The observer names it, if it is the sender's fault.
            self._lost = True
            self.problem = "inflate"
            return None
