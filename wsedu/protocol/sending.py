"""What an endpoint sends on the open connection (RFC 6455 §5.6, §6.1, §7.1.2)."""

from __future__ import annotations

from .closing import CloseCode, Phase, close_body
from .endpoint import Endpoint
from .frame import Frame
from .types import BytesLike, Opcode

# Members of enums that every message needs: they are slow to look up.
OPEN = Phase.OPEN
BINARY = Opcode.BINARY


class Sending(Endpoint):
    """What the owner of an endpoint has it send: messages, and the Close frame."""

    @property
    def sending_fragments(self) -> bool:
        """Whether a fragmented message of ours has begun and not ended."""
        return self._writer.mid_message

    def send_text(self, text: str | BytesLike, *, fin: bool = True) -> None:
        """Send a text message, or its first fragment (§5.6, §6.1).

        Arguments:
            text: what to send; bytes for a fragment that ends inside a character.
            fin: False if fragments follow, by `send_continuation`.

        Raises:
            LocalViolation: the connection is not open, a fragmented message is under way, or this is not UTF-8.
        """
        self._check_open()
        self._writer.message(Opcode.TEXT, text, fin)

    def send_binary(self, data: BytesLike, *, fin: bool = True) -> None:
        """Send a binary message, or its first fragment (§5.6, §6.1); arguments and errors as for `send_text`."""
        if self._machine.phase is not OPEN:
            self._check_open()
        writer = self._writer
        if fin and writer.plain and type(data) is bytes:
            writer.frame(BINARY, data)
        else:
            writer.message(BINARY, data, fin)

    def send_continuation(self, data: str | BytesLike, *, fin: bool = True) -> None:
        """Send a further fragment of the message under way (§5.4).

        Arguments:
            data: of the message's type; bytes for a text that is cut inside a character.
            fin: False if more fragments follow.

        Raises:
            LocalViolation: the connection is not open, no message is under way, or its text is not UTF-8.
        """
        self._check_open()
        self._writer.message(Opcode.CONTINUATION, data, fin)

    def close(self, code: int | None = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Start the closing handshake (§7.1.2).

        Arguments:
            code: the status code; None for a Close frame without a body.
            reason: at most 123 bytes of UTF-8.

        Raises:
            LocalViolation: the connection is not open, or code or reason may not be sent.
        """
        body = close_body(code, reason, self.role)
        self._check_open()
        self._send_close(body)

    def send_frame(self, frame: Frame) -> None:
        """Send a frame exactly as it is, legal or not: for tests, lessons, and the curious.

        Nothing is judged and no state changes: a Close frame sent this way starts no closing handshake.
        """
        self._writer.raw_frame(frame)

    def send_raw(self, data: bytes) -> None:
        """Send bytes exactly as they are, whether they are frames or not; as for `send_frame`, nothing is judged."""
        self._writer.queue(bytes(data))
