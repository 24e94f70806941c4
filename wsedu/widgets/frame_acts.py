"""What can be done to the bytes of `FrameBuilder` by its fields and texts."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import Catalogue
from ..explain.shown import quoted
from ..protocol.frame import Frame
from ..trace.hexinput import HexError, read_hex
from ..views.python_reader import ALLOWED, PythonLineError, read_python
from ..views.sheet import flipped
from ..views.sheet_edits import EditError, announce, close_body, first_frame, rebuilt, resized, set_bits
from .base import BadInput

LONGEST_INPUT = 1 << 18
"""Characters that can be entered at once."""

MAX_PAYLOAD = 1 << 20
"""Bytes of payload that the ladder makes."""

_FOUND = 24
"""Bytes of a wrong input that are shown."""


def hex_bytes(text: str, words: Catalogue) -> bytes:
    """The bytes of some hex, in any form that `decode` reads.

    Raises:
        BadInput: it is none.
    """
    try:
        return read_hex(text)
    except HexError as error:
        facts = {"line": error.line, "column": error.column, "found": quoted(error.found, _FOUND)}
        raise BadInput(words.say(f"bad.hex.{error.problem}", **facts)) from None


class FrameActs:
    """The acts of a widget whose bytes are its trait `value`."""

    if TYPE_CHECKING:
        value: Any
        language: str

        @property
        def _say(self) -> Catalogue: ...

    _typing = ""
    _last_key: bytes | None = None

    def _bad(self, key: str, **facts: Any) -> BadInput:
        return BadInput(self._say.say(f"bad.{key}", **facts))

    def _edit(self, make: Callable[..., bytes], *arguments: Any, **changes: Any) -> None:
        """Change the value by one of the edits of `wsedu.views`."""
        try:
            self.value = make(self.value, *arguments, **changes)
        except EditError as error:
            facts = {key: quoted(fact, _FOUND) if isinstance(fact, str) else fact for key, fact in error.facts.items()}
            raise self._bad(error.problem, **facts) from None

    def _taken(self, text: str) -> str:
        """What was entered, if it is not too long."""
        if len(text) > LONGEST_INPUT:
            raise self._bad("long", size=len(text), limit=f"{LONGEST_INPUT:,}")
        return text

    def _utf8(self, text: str) -> bytes:
        try:
            return self._taken(text).encode()
        except UnicodeEncodeError as error:
            raise self._bad("text", place=error.start + 1) from None

    # --- All bytes ---

    def do_flip(self, bit: int) -> None:
        """Turn one bit over."""
        if not 0 <= bit < 8 * len(self.value):
            raise self._bad("header")
        self.value = flipped(self.value, bit)

    def do_hex(self, text: str) -> None:
        """Other bytes, as hex or as a dump of a common tool."""
        self.value = hex_bytes(self._taken(text), self._say)

    def do_check(self, what: str, text: str) -> None:
        """Look at hex while it is typed: what is wrong with it is said, and nothing is taken."""
        data = hex_bytes(self._taken(text), self._say)
        if what == "key":
            self._four(data)

    def _four(self, key: bytes) -> bytes:
        if len(key) != 4:
            raise self._bad("key", count=len(key))
        return key

    def do_python(self, text: str) -> None:
        """Other bytes, as a line of Python."""
        try:
            self.value = read_python(self._taken(text))
        except PythonLineError as error:
            facts = {"found": error.found, "allowed": ", ".join(ALLOWED)}
            raise self._bad(f"python.{error.problem}", **facts) from None

    # --- The first frame, field by field ---

    def do_bit(self, name: str, on: bool) -> None:
        """Set FIN or a reserved bit."""
        self._edit(set_bits, name, int(on))

    def do_opcode(self, opcode: int) -> None:
        """Another opcode."""
        self._edit(set_bits, "opcode", opcode)

    def do_masked(self, on: bool) -> None:
        """Mask the frame, with the key that it had last, or take its mask off."""
        if not on:
            self._last_key = self._frame().masking_key
        self._edit(rebuilt, masking_key=(self._last_key or os.urandom(4)) if on else None)

    def _frame(self) -> Frame:
        try:
            return first_frame(self.value)[1]
        except EditError as error:
            raise self._bad(error.problem) from None

    def do_key(self, text: str) -> None:
        """Another masking key, in hex; the payload means the same as before."""
        self._edit(rebuilt, masking_key=self._four(hex_bytes(self._taken(text), self._say)))

    def do_random_key(self) -> None:
        """A masking key that nobody can guess."""
        self._edit(rebuilt, masking_key=os.urandom(4))

    def do_length(self, text: str) -> None:
        """Announce another length, whatever the payload has."""
        if not (text.strip().isdecimal() and text.strip().isascii()) or len(text) > 20:
            raise self._bad("number", found=quoted(text, _FOUND))
        self._edit(announce, int(text))

    def do_form(self, bits: int) -> None:
        """Write the length in 7, 16 or 64 bits."""
        self._edit(rebuilt, length_form=bits)

    def do_ladder(self, length: int) -> None:
        """A payload of another length."""
        payload = resized(self._frame().payload, max(0, min(length, MAX_PAYLOAD)))
        self._edit(rebuilt, payload=payload)

    # --- The payload ---

    def do_text(self, text: str) -> None:
        """Another payload, as text."""
        payload = self._utf8(text)
        self._typing = "text"
        try:
            self._edit(rebuilt, payload=payload)
        finally:
            self._typing = ""

    def do_payload(self, text: str) -> None:
        """Another payload, in hex."""
        self._edit(rebuilt, payload=hex_bytes(self._taken(text), self._say))

    def do_close(self, code: str, reason: str) -> None:
        """Another status code and reason of a Close frame."""
        self._utf8(reason)
        try:
            body = close_body(code, reason)
        except EditError as error:
            raise self._bad(error.problem, found=quoted(error.facts.get("found", ""), _FOUND)) from None
        self._edit(rebuilt, payload=body)
