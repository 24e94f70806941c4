"""The figure of RFC 6455 §5.2 as a grid, 32 bits to a row, filled in with the bits of one frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..explain.catalogue import Catalogue
from ..explain.words import field_label
from ..protocol.dissection import DissectedFrame
from ..protocol.layout import Field
from .palette import MARKS
from .svg_draw import BASELINE, SIZE, element, num, rect, text
from .svg_text import shorten, width
from .svg_theme import Textures

ROW_BITS = 32
CELL = 27.0
ROW = 66.0
GUTTER = 52.0
"""Pixels for the offsets at the left of the grid."""

GRID = ROW_BITS * CELL
MAX_ROWS = 12
"""Rows of one frame that are drawn; the bytes after them are counted."""

SMALL = 11.0


class Piece(NamedTuple):
    """The part of a field that lies in one row.

    Arguments:
        field: whose part it is.
        row: from 0.
        column: its first bit in that row.
        bits: how many.
        first: its first bit in the frame.
        begins: whether the field begins here.
    """

    field: Field
    row: int
    column: int
    bits: int
    first: int
    begins: bool


def pieces(fields: Sequence[Field], offset: int) -> Iterator[Piece]:
    """Fields cut at the ends of the rows.

    Arguments:
        fields: of one frame, in order.
        offset: of the frame's first byte in the input.
    """
    for field in fields:
        first, end = field.first_bit - 8 * offset, field.first_bit - 8 * offset + field.bits
        position = first
        while position < end:
            row, column = divmod(position, ROW_BITS)
            if row >= MAX_ROWS:
                break
            bits = min(end - position, ROW_BITS - column)
            yield Piece(field, row, column, bits, position, position == first)
            position += bits


class Grid:
    """Draws one frame.

    Arguments:
        data: the whole input.
        frame: the frame.
        fields: of the frame.
        left: x of the grid's gutter.
        textures: of the drawing.
        words: the catalogue of the language.
    """

    def __init__(
        self,
        data: bytes,
        frame: DissectedFrame,
        fields: Sequence[Field],
        left: float,
        textures: Textures,
        words: Catalogue,
    ) -> None:
        self._data = data[frame.offset : frame.offset + frame.size]
        self._frame = frame
        self._fields = fields
        self._x = left + GUTTER
        self._textures = textures
        self._words = words
        self._rows = min(MAX_ROWS, -(-8 * len(self._data) // ROW_BITS))
        self._header = next(
            (f.first_bit // 8 - frame.offset for f in fields if isinstance(f.value, bytes) and f.name != "masking_key"),
            len(self._data),
        )

    def draw(self, y: float) -> tuple[list[str], float]:
        """The grid from y on, and where it ends."""
        body = [*self._ruler(y)]
        top = y + 22
        for piece in pieces(self._fields, self._frame.offset):
            body += self._piece(piece, top + ROW * piece.row)
        body += self._offsets(top)
        bottom = top + ROW * self._rows
        elided = len(self._data) - MAX_ROWS * ROW_BITS // 8
        if elided > 0:
            body.append(rect(self._x, bottom, GRID, 30, cls="ws-fore", stroke_dasharray="5 4"))
            label = self._words.say("picture.figure.elided", count=elided)
            body.append(text(self._x + GRID / 2, bottom + 15, "… " + label, "ws-t", anchor="middle"))
            bottom += 30
        elif self._frame.missing:
            more, bottom = self._missing(top, bottom)
            body += more
        return body, bottom

    def _ruler(self, y: float) -> Iterator[str]:
        for bit in range(ROW_BITS):
            yield text(self._x + CELL * (bit + 0.5), y + 9, str(bit), "ws-m ws-mono", size=10, anchor="middle")

    def _offsets(self, top: float) -> Iterator[str]:
        label = self._words.say("picture.figure.byte")
        yield text(self._x - 8, top - 13, shorten(label, GUTTER - 8, SMALL), "ws-m", size=SMALL, anchor="end")
        for row in range(self._rows):
            offset = str(self._frame.offset + row * ROW_BITS // 8)
            yield text(self._x - 8, top + ROW * (row + 0.5), offset, "ws-m ws-mono", size=SMALL, anchor="end")

    def _piece(self, piece: Piece, y: float) -> Iterator[str]:
        mark = MARKS[piece.field.name]
        x, w = self._x + CELL * piece.column, CELL * piece.bits
        yield self._textures.fill(x, y, w, ROW, mark.fill, mark.texture)
        yield rect(x, y, w, ROW, cls="ws-edge", fill="none", stroke_width=1.4)
        yield self._bits(piece, x, y + 34, mark.ink)
        if piece.bits > 1:
            ticks = [f"M{num(x + CELL * index)} {num(y + ROW)}v-5" for index in range(1, piece.bits)]
            yield element("path", d="".join(ticks), cls="ws-edge", stroke_width=0.8)
        yield text(
            x + 6 if piece.bits > 1 else x + w / 2,
            y + 14,
            self._name(piece),
            "ws-b",
            size=SMALL,
            anchor="start" if piece.bits > 1 else "middle",
            fill=mark.ink,
        )
        yield from self._values(piece, x, y + 53, mark.ink)

    def _bits(self, piece: Piece, x: float, y: float, ink: str) -> str:
        """The bits of a piece, each in the middle of its cell."""
        value = int.from_bytes(self._data[piece.first // 8 : -(-(piece.first + piece.bits) // 8)], "big")
        value >>= -(piece.first + piece.bits) % 8
        digits = f"{value & (1 << piece.bits) - 1:0{piece.bits}b}"
        places = " ".join(num(x + CELL * (index + 0.5)) for index in range(piece.bits))
        return element("text", digits, cls="ws-mono", x=places, y=y + BASELINE * SIZE, text_anchor="middle", fill=ink)

    def _name(self, piece: Piece) -> str:
        """The letter of a field, and where it begins its name, if there is room."""
        letter = MARKS[piece.field.name].letter
        if not piece.begins:
            return letter
        whole = f"{letter} · {field_label(piece.field.name, self._words.language)}"
        return whole if width(whole, SMALL, bold=True) <= CELL * piece.bits - 10 else letter

    def _values(self, piece: Piece, x: float, y: float, ink: str) -> Iterator[str]:
        """Under the bits: each byte in hex, or the value of a field that is no row of bytes."""
        if piece.first % 8 or piece.bits % 8:
            if piece.begins and isinstance(piece.field.value, int) and piece.bits > 1:
                value = f"{piece.field.value:#x}" if piece.field.name == "opcode" else f"{piece.field.value:,}"
                yield text(x + CELL * piece.bits / 2, y, value, "ws-mono", size=12, anchor="middle", fill=ink)
            return
        for index in range(piece.bits // 8):
            byte = piece.first // 8 + index
            yield text(x + CELL * (8 * index + 4), y, self._byte(byte), "ws-mono", size=12, anchor="middle", fill=ink)

    def _byte(self, index: int) -> str:
        """A byte in hex; one of the payload also as the character that it stands for, its mask taken off."""
        byte = self._data[index]
        place = index - self._header
        frame = self._frame.frame
        if frame is None or place < 0 or place >= len(frame.payload):
            return f"{byte:02x}"
        plain = frame.payload[place]
        character = f" {chr(plain)}" if 0x21 <= plain <= 0x7E else ""
        if frame.masking_key is None:
            return f"{byte:02x}{character}"
        return f"{byte:02x} XOR {frame.masking_key[place % 4]:02x} = {plain:02x}{character}"

    def _missing(self, top: float, bottom: float) -> tuple[list[str], float]:
        """An empty box where the rest of a frame that is cut short would be."""
        label = "… " + self._words.say("picture.figure.missing", missing=self._frame.missing)
        column = 8 * len(self._data) % ROW_BITS
        room = (ROW_BITS - column) * CELL
        if not column or width(label, 13) > room - 16:
            column, room, y = 0, GRID, bottom
            bottom += ROW / 2
        else:
            y = bottom - ROW
        height = bottom - y
        x = self._x + CELL * column
        return [
            rect(x, y, room, height, cls="ws-wrong", stroke_dasharray="6 4", stroke_width=1.6),
            text(x + room / 2, y + height / 2, label, "ws-bad", anchor="middle"),
        ], bottom
