"""`FrameBuilder`: a frame as a grid of bits, in which everything else follows what is changed (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import traitlets

from ..explain.catalogue import catalogue, choose_language, part_catalogue
from ..protocol.dissection import Dissection, dissect
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.heads import dissect_head, looks_like_head
from ..protocol.steps import BytesReceived, BytesSent, FrameComplete, Step
from ..protocol.types import Role, opcode_name
from ..trace.trace import Record
from ..views.sheet import DRAWN, EDITABLE, LAID_OUT, SHOWN, Sheet, changes, flipped, sheet, sheet_of
from ..views.sheet_edits import LADDER
from ..views.sheet_pages import sheet_html, sheet_text
from ..views.svg import frame_svg
from .base import BadInput, Widget, WrongKind
from .builder_panels import PanelActs
from .frame_acts import FrameActs, hex_bytes
from .frame_history import History
from .frame_predictions import LENGTH_FIELDS, Predictions

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
"""The masked "Hello" of RFC 6455 §5.7, which a builder opens on by itself."""

FORESEEN = 160
"""Bytes of a value whose flips are worked out beforehand; for a longer one, the page waits for each."""

FORESEEN_FRAMES = 8
"""And so many frames: the outcome of each flip is told of them all."""

MORE_SHOWN = 4 * SHOWN
"""Bytes that are shown bit by bit on request."""


class FrameBuilder(PanelActs, Predictions, FrameActs, Widget):
    """See and change a frame bit by bit: bits, fields, hex, text and a line of Python follow each other.

    What is built on the screen is in `.value` (its bytes) and `.frame` (the first `Frame` in them); both can be set,
    and watched by `.observe`. `.sender` says whose side the sentence takes.

        builder = FrameBuilder.from_hex("810548656c6c6f")
        builder                            # the last line of a cell: shows it
        builder.value, builder.frame       # what it has become
        builder.frame = Frame.ping(b"!")   # shows another

    Arguments:
        value: bytes to open on: frames, legal or not, possibly cut short.
        sender: `client` or `server`; None to take it from the first frame: a client's are masked.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Raises:
        WrongKind: `value` is not bytes; it is a TypeError.
    """

    _files: ClassVar[str] = "frame_builder"
    _sheets: ClassVar[tuple[str, ...]] = ("builder_panels.css",)

    value = traitlets.Bytes(HELLO, help="The bytes as they are now; setting them changes what is shown.")
    """The bytes as they are now; setting it changes what is shown."""

    frame = traitlets.Instance(
        Frame,
        allow_none=True,
        help="The first frame in `value`, None while its header is not complete; setting it changes `value`.",
    )
    """The first frame in `value`; None while its header is not complete. Setting it changes `value`."""

    sender = traitlets.Enum(
        [role.value for role in Role], Role.CLIENT.value, help="Whose side the sentence takes: `client` or `server`."
    )
    """Whose side the sentence takes: `client` or `server`."""

    def __init__(self, value: bytes = HELLO, *, sender: str | None = None, language: str | None = None) -> None:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            words = part_catalogue(self._files, choose_language(language))
            raise WrongKind(words.say("bad.value", kind=type(value).__name__))
        self._history = History()
        self._looked_at = False
        self._shown = SHOWN
        self._before: Dissection | None = None
        super().__init__(language=language, value=bytes(value))
        frame = self._follow()
        self.sender = sender or (Role.SERVER if frame is not None and frame.masking_key is None else Role.CLIENT).value
        self._show()

    @classmethod
    def from_hex(cls, text: str, *, sender: str | None = None, language: str | None = None) -> Self:
        """A builder on bytes in hex.

        Arguments:
            text: hex digits, or a dump of xxd, hexdump -C, tshark -x or a browser, as `decode` reads them.
            sender: `client` or `server`, or None.
            language: `en` or `zh`, or None.

        Raises:
            BadInput: it is not hex; where, and what is wrong.
        """
        words = part_catalogue(cls._files, choose_language(language))
        return cls(hex_bytes(text, words), sender=sender, language=language)

    @classmethod
    def from_step(cls, step: Step | Record, *, language: str | None = None) -> Self:
        """A builder on what a step of a trace sent or received.

        Arguments:
            step: a `FrameComplete`, `BytesSent` or `BytesReceived`, or the record of one; of a chunk that begins
                with the opening handshake, what comes after it.
            language: `en` or `zh`, or None.

        Raises:
            BadInput: the step carries no bytes of frames.
        """
        step = step.step if isinstance(step, Record) else step
        words = part_catalogue(cls._files, choose_language(language))
        if isinstance(step, FrameComplete):
            data, sent = encode_frame(step.frame), step.sent
        elif isinstance(step, (BytesSent, BytesReceived)):
            data, sent = step.data, isinstance(step, BytesSent)
            data = data[dissect_head(data).size :] if looks_like_head(data) else data
        else:
            raise BadInput(words.say("bad.step"))
        if not data:
            raise BadInput(words.say("bad.step"))
        who = None if step.endpoint is None else step.endpoint if sent else step.endpoint.peer
        return cls(data, sender=None if who is None else who.value, language=language)

    # --- The bytes change ---

    @traitlets.observe("value")
    def _changed(self, change: Any) -> None:
        if not hasattr(self, "_lock") or not isinstance(change["old"], bytes):
            return
        if not self._rewinding:
            self._history.note(change["old"], self._typing)
        self._before = dissect(change["old"], most=LAID_OUT)
        self._follow()
        self._show()

    @traitlets.validate("frame")
    def _encodable(self, proposal: Any) -> Frame | None:
        """A frame that can be encoded; None is only for bytes that have no frame."""
        frame = proposal["value"]
        if frame is None:
            return self._first
        if frame is not self._first:
            encode_frame(frame)
        return cast(Frame, frame)

    @traitlets.observe("frame")
    def _framed(self, change: Any) -> None:
        frame = change["new"]
        if frame is not None and frame is not self._first:
            self.value = encode_frame(frame)

    @traitlets.observe("sender")
    def _sent_by(self, _change: Any) -> None:
        if hasattr(self, "_lock"):
            self._show()

    _rewinding = False
    _first: Frame | None = None

    def _follow(self) -> Frame | None:
        """Take the first frame from the bytes."""
        frames = self._dissected().frames
        self._first = frames[0].frame if frames else None
        self.frame = self._first
        return self._first

    def do_undo(self) -> None:
        """Take the last change back."""
        if self._history.can_undo:
            self._rewind(self._history.undo(self.value))

    def do_redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._history.can_redo:
            self._rewind(self._history.redo(self.value))

    def _rewind(self, value: bytes) -> None:
        self._rewinding = True
        try:
            self.value = value
        finally:
            self._rewinding = False

    def do_sender(self, role: str) -> None:
        """Take the frame as sent by a client or by a server."""
        self.sender = role

    def do_hello(self) -> None:
        """Somebody looks: from now on flips are worked out beforehand, which the first picture need not wait for."""
        self._looked_at = True

    def do_window(self, more: bool) -> None:
        """Show more bytes bit by bit, or fewer."""
        self._shown = MORE_SHOWN if more else SHOWN

    # --- What the page draws ---

    def _draw(self) -> dict[str, Any]:
        size = len(self.value)
        sender = Role(self.sender)
        seen = self._dissected()
        now = sheet_of(seen, self.language, sender, before=self._before, shown=self._shown)
        return {
            "sheet": now,
            "flips": self._flips(now, seen, sender),
            "rest": self.value[self._shown :].hex() if size <= 2 * EDITABLE else None,
            "window": {
                "shown": self._shown,
                "more": min(size, MORE_SHOWN),
                "fewer": SHOWN,
                "foreseen": self._foreseen(seen),
            },
            "sender": self.sender,
            "undo": self._history.can_undo,
            "redo": self._history.can_redo,
            "ladder": self._ladder(),
            "predicted": self._predicted(),
            "length_fields": LENGTH_FIELDS,
            "opcodes": self._opcodes(),
            **self._panels(),
        }

    @staticmethod
    def _foreseen(seen: Dissection) -> bool:
        """Whether there is so little that every flip can be worked out while somebody waits."""
        return len(seen.data) <= FORESEEN and len(seen.frames) <= FORESEEN_FRAMES

    def _flips(self, now: Sheet, seen: Dissection, sender: Role) -> list[Sheet]:
        """The outcome of the flip of every bit that is shown, as changes of the sheet."""
        if not self._looked_at or not self._foreseen(seen):
            return []
        made = (
            sheet(flipped(self.value, bit), self.language, sender, before=seen, shown=self._shown)
            for bit in range(8 * min(SHOWN, len(self.value)))
        )
        return [changes(now, after) for after in made]

    def _ladder(self) -> list[dict[str, int]]:
        """The rungs of the length ladder, with the header that each one needs."""
        key = None if self._first is None else self._first.masking_key
        frames = [Frame(1, bytes(length), masking_key=key) for length in LADDER]
        return [{"length": len(frame.payload), "header": frame.header_size} for frame in frames]

    def _opcodes(self) -> list[str]:
        """The names of all 16 opcodes."""
        words = catalogue(self.language)
        names = [words.say(f"opcode.{opcode_name(number)}") for number in range(16)]
        return [
            self._say.say("builder.opcode_option", hex=f"{number:#x}", name=name) for number, name in enumerate(names)
        ]

    # --- Static twins ---

    def to_text(self) -> str:
        return sheet_text(self.value, self.language, Role(self.sender)) + "\n" + self._panels_text()

    def _alt(self, told: str) -> str:
        return f"{self._say.say('builder.title')} · {self.state['sheet']['sentence']}"

    def to_html(self) -> str:
        return sheet_html(self.value, self.language, Role(self.sender), self._panels_html())

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        return frame_svg(self.value, language=self.language, theme=theme, most=DRAWN)
