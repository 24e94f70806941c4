"""UTF-8 that comes in pieces (RFC 6455 §5.6, §8.1): told at the very byte that no text can have there."""

from __future__ import annotations

from codecs import utf_8_decode


def wrong_byte(error: UnicodeDecodeError) -> int:
    """The index of the byte at which UTF-8 went wrong, not that of the character it lies in.

    Of a text that ends inside a character it is the index after its last byte: no byte of it is wrong.
    """
    return error.start if error.reason == "invalid start byte" else error.end


class Utf8Pieces:
    """Whether bytes are UTF-8, piece by piece; a character may be split between pieces."""

    def __init__(self) -> None:
        self._held = b""  # the beginning of a character

    def wrong(self, piece: bytes, final: bool) -> int | None:
        """Take the next piece, unless it is wrong; what is wrong is not taken, as if it had not come.

        Arguments:
            piece: the next bytes.
            final: whether the text ends with them.

        Returns:
            The index in `piece` of the first wrong byte, its length where the text ends inside a character;
            None if it is in order.
        """
        held = len(self._held)
        data = self._held + piece
        try:
            _, used = utf_8_decode(data, "strict", final)
        except UnicodeDecodeError as error:
            return wrong_byte(error) - held
        rest = data[used:]
        if rest[:1] == b"\xed" and rest[1:] >= b"\xa0":
            # Half of a surrogate pair, which no third byte makes a character: Python waits for it all the same.
            return used + 1 - held
        self._held = rest
        return None

    def reset(self) -> None:
        """Begin anew, with the next text."""
        self._held = b""
