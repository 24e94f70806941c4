"""Compressed frames as the messages that they stand for: what can be compared where permessage-deflate is in use.

Another compressor may write the same message with other bytes, cut it elsewhere, or leave it uncompressed (RFC 7692
§6.1): none of that is a difference. Control frames are never compressed and stay what they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol.deflate import NAME, PerMessageDeflateFactory
from ..protocol.extensions import Extension
from ..protocol.frame import Frame
from ..protocol.http import Response
from ..protocol.overheard import Overheard
from ..protocol.rules import ProtocolViolation
from ..protocol.types import Opcode, Role

MAX_PLAIN = 1 << 26
"""Bytes that a message may inflate to; a longer one is compared as it is on the wire."""


def inflater(response: Response | None, reader: Role) -> Extension | None:
    """The compression of a connection as one end reads it.

    Arguments:
        response: what the handshake has settled.
        reader: whose peer compresses.

    Returns:
        None unless permessage-deflate is in use, and nothing else.
    """
    if response is None:
        return None
    overheard = Overheard.of(None, response, (PerMessageDeflateFactory(),))
    if overheard.names != (NAME,) or overheard.unknown:
        return None
    return overheard.extensions_at(reader)[0]


class Messages:
    """Puts the frames of one direction together.

    Arguments:
        extension: what inflates them.
    """

    def __init__(self, extension: Extension) -> None:
        self._extension: Extension | None = extension
        self._begun: list[Frame] = []  # fragments of the message under way, as they came

    def take(self, frame: Frame) -> Sequence[Frame]:
        """The next frame.

        Returns:
            What it completes: a control frame as it is; a message as one frame with its plain payload, and with RSV1
            clear; and what cannot be read as a message, as it is.
        """
        if frame.is_control:
            return [frame]
        spoiled: list[Frame] = []
        if self._begun and frame.opcode != Opcode.CONTINUATION:
            spoiled, self._begun = self._begun, []
        if not self._begun and frame.opcode not in (Opcode.TEXT, Opcode.BINARY):
            return [*spoiled, frame]
        self._begun.append(frame)
        if not frame.fin:
            return spoiled
        whole, self._begun = self._begun, []
        return [*spoiled, *self._message(whole)]

    def _message(self, whole: list[Frame]) -> Sequence[Frame]:
        if self._extension is None:
            return whole
        room = MAX_PLAIN
        plain: list[bytes] = []
        try:
            for frame in whole:
                plain.append(self._extension.decode(frame, max_size=room).payload)
                room -= len(plain[-1])
        except ProtocolViolation:
            # Its place in the window is lost: from here on only bytes can be compared.
            self._extension = None
            return whole
        return [whole[0]._replace(payload=b"".join(plain), fin=True, rsv1=False)]
