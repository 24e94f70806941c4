"""What stands on the card of an arrow: a name, the fields in small, the first bytes, and what went wrong."""

from __future__ import annotations

from typing import NamedTuple

from ..explain.catalogue import Catalogue
from ..explain.shown import is_text
from ..explain.words import bytes_hex, quoted
from ..protocol.frame import Frame
from ..protocol.steps import EndReceived, EndSent, FrameComplete, HandshakeRequest, HandshakeResponse
from ..protocol.types import Opcode
from .ladder_units import Fate, Unit
from .palette import MARKS, Mark
from .svg_draw import SIZE
from .svg_text import shorten, width

SMALL = 12.0
PITCH = 19.0
"""Pixels from one line of text to the next."""

PAD = 13.0
CHIP = 17.0
"""Side of the square with a field's letter."""

MAX_WIDTH = 312.0
"""Of a card, in pixels."""


class Chip(NamedTuple):
    """A field in small: its mark, and its value beside it."""

    mark: Mark
    value: str

    @property
    def width(self) -> float:
        """Pixels, with the space that follows."""
        return CHIP + 6 + (width(self.value, SMALL, mono=True) + 6 if self.value else 0)


class CardLine(NamedTuple):
    """One line of a card.

    Arguments:
        text: what it says.
        cls: its classes.
        mono: whether its font is a monospaced one.
        bold: whether it is bold.
        chips: fields, after the text, or before it.
        chips_first: whether they come before it.
    """

    text: str
    cls: str = "ws-t"
    mono: bool = False
    bold: bool = False
    chips: tuple[Chip, ...] = ()
    chips_first: bool = False

    @property
    def size(self) -> float:
        """Of the font in pixels."""
        return SIZE if self.bold else SMALL

    @property
    def width(self) -> float:
        """Pixels."""
        chips = sum(chip.width for chip in self.chips)
        text = width(self.text, self.size, mono=self.mono, bold=self.bold)
        return text + chips + (8 if self.chips and not self.chips_first and self.text else 0)


class Card(NamedTuple):
    """A card.

    Arguments:
        lines: from top to bottom.
        kind: `head`, `data`, `control`, `end` or `other`: which line is drawn.
        wrong: whether something is wrong with it.
    """

    lines: tuple[CardLine, ...]
    kind: str
    wrong: bool = False

    @property
    def width(self) -> float:
        """Pixels."""
        return max(line.width for line in self.lines) + 2 * PAD

    @property
    def height(self) -> float:
        """Pixels."""
        return PITCH * len(self.lines) + 8


def make_card(unit: Unit, words: Catalogue) -> Card:
    """The card of a unit, no wider than `MAX_WIDTH`."""
    step = unit.step
    if isinstance(step, FrameComplete):
        kind, lines = "control" if step.frame.is_control else "data", _frame_lines(unit, step.frame, words)
    elif isinstance(step, HandshakeRequest | HandshakeResponse):
        kind, lines = "head", _head_lines(step, words)
    elif isinstance(step, EndSent | EndReceived):
        reset = isinstance(step, EndReceived) and not step.clean
        kind, lines = "end", [CardLine(words.say("picture.tcp.reset" if reset else "picture.tcp.end"))]
    else:
        kind, lines = "other", _other_lines(unit, words)
    lines += _fate_lines(unit, words)
    wrong = bool(unit.violations) or unit.fate not in (Fate.ARRIVED, Fate.UNSEEN)
    return Card(tuple(_fitted(line) for line in lines), kind, wrong)


def _fitted(line: CardLine) -> CardLine:
    room = MAX_WIDTH - 2 * PAD - (line.width - width(line.text, line.size, mono=line.mono, bold=line.bold))
    return line._replace(text=shorten(line.text, room, line.size, mono=line.mono, bold=line.bold))


# --- Heads ---


def _head_lines(step: HandshakeRequest | HandshakeResponse, words: Catalogue) -> list[CardLine]:
    lines = [CardLine(step.line, mono=True, bold=True)]
    for name, key in (("sec-websocket-key", "key"), ("sec-websocket-accept", "accept")):
        value = next((value for field, value in step.headers if field.lower() == name), None)
        if value is not None:
            chip = (Chip(MARKS["http"], ""),)
            lines.append(CardLine(words.say(f"picture.http.{key}", **{key: value}), "ws-t", True, False, chip, True))
    return lines


# --- Frames ---


def opcode_title(opcode: int, words: Catalogue) -> str:
    """What an opcode is called; a reserved one with its number."""
    try:
        return words.say(f"opcode.{Opcode(opcode).name.lower()}")
    except ValueError:
        return words.say("picture.frame.reserved", value=opcode)


def _frame_lines(unit: Unit, frame: Frame, words: Catalogue) -> list[CardLine]:
    title = opcode_title(frame.opcode, words)
    if unit.fragments:
        title = words.say("picture.frame.fragment", opcode=title, number=unit.fragment, count=unit.fragments)
    chips = (
        Chip(MARKS["fin"], str(int(frame.fin))),
        Chip(MARKS["mask"], str(int(frame.masking_key is not None))),
        Chip(MARKS["payload_length"], f"{len(frame.payload):,}"),
    )
    lines = [CardLine(title, bold=True, chips=chips)]
    reserved = tuple(Chip(MARKS[name], "1") for name in ("rsv1", "rsv2", "rsv3") if getattr(frame, name))
    if reserved:
        lines.append(CardLine("", chips=reserved, chips_first=True))
    return lines + _payload_lines(frame, words)


def _payload_lines(frame: Frame, words: Catalogue) -> list[CardLine]:
    if not frame.payload:
        return []
    if frame.opcode == Opcode.CLOSE and len(frame.payload) >= 2:
        code = int.from_bytes(frame.payload[:2], "big")
        chips: tuple[Chip, ...] = (Chip(MARKS["status_code"], str(code)),)
        if frame.payload[2:]:
            chips += (Chip(MARKS["reason"], ""),)
        return [CardLine(quoted(frame.payload[2:]) if frame.payload[2:] else "", "ws-t", True, False, chips, True)]
    return [CardLine(payload_text(frame.payload, words), "ws-t", True, False, (Chip(MARKS["payload"], ""),), True)]


def payload_text(payload: bytes, words: Catalogue) -> str:
    """The first bytes of a payload: as text if they are text, else in hex, and how many more there are."""
    room = MAX_WIDTH - 2 * PAD - CHIP - 12
    whole = quoted(payload) if is_text(payload) else bytes_hex(payload)
    if len(payload) <= MAX_SHOWN and width(whole, SMALL, mono=True) <= room:
        return whole
    count = min(len(payload), MAX_SHOWN)
    while count > 1:
        head = payload[:count]
        more = words.say("picture.frame.more", more=len(payload) - count)
        shown = f"{quoted(head) if is_text(head) else bytes_hex(head)} {more}"
        if width(shown, SMALL, mono=True) <= room and is_text(head) == is_text(payload):
            return shown
        count -= 1
    return bytes_hex(payload[:1]) + words.say("picture.frame.more", more=len(payload) - 1)


MAX_SHOWN = 40
"""Bytes of payload that are tried on a card at most."""


def _other_lines(unit: Unit, words: Catalogue) -> list[CardLine]:
    title = words.say("picture.bytes.other")
    length = Chip(MARKS["payload_length"], f"{len(unit.data):,}")
    return [
        CardLine(title, bold=True, chips=(length,)),
        CardLine(payload_text(unit.data, words), mono=True),
    ]


# --- What became of it ---


def _fate_lines(unit: Unit, words: Catalogue) -> list[CardLine]:
    lines = [CardLine(words.say("picture.violation", rule=fault.rule), "ws-bad") for fault in unit.violations]
    if unit.fate not in (Fate.ARRIVED, Fate.UNSEEN):
        lines.append(CardLine("✖ " + words.say(f"picture.fate.{unit.fate.value}"), "ws-bad"))
    size = unit.stretch.end - unit.stretch.first
    if unit.ignored:
        key = "picture.fate.ignored" if unit.ignored >= size else "picture.fate.ignored.part"
        lines.append(CardLine("✖ " + words.say(key, count=unit.ignored), "ws-bad"))
    return lines
