"""`frame_svg`: the frame figure of RFC 6455 §5.2, filled in with given bytes, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..explain.catalogue import Catalogue, catalogue
from ..explain.words import bytes_hex, field_label, field_meaning, verdict_sentence
from ..protocol.dissection import DissectedFrame, Dissection, Verdict, dissect
from ..protocol.layout import Field
from ..protocol.types import Role
from .palette import MARKS
from .svg_draw import SIZE, line, rect, text
from .svg_grid import GRID, GUTTER, Grid
from .svg_text import shorten, wrap
from .svg_theme import Textures, ThemeName, document, drawing_id

MARGIN = 24.0
WIDTH = GRID + GUTTER + 2 * MARGIN
PITCH = 19.0
CHIP = 20.0
# Columns of the table below the grid: the mark, the field, its bits, its value, what it means.
_FIELD = MARGIN + CHIP + 12
_BITS = _FIELD + 224
_VALUE = _BITS + 84
_MEANING = _VALUE + 150
HEX_SHOWN = 16
"""Bytes that the description for screen readers spells out."""


def frame_svg(
    data: bytes,
    *,
    language: str,
    theme: ThemeName = "auto",
    sender: Role | str | None = None,
    most: int | None = None,
) -> str:
    """The frame figure as an SVG document: every bit in its field, what each field means, and who may send this.

    Arguments:
        data: frames, back to back, legal or not, possibly cut short.
        language: `en` or `zh`.
        theme: `light`, `dark`, or `auto` for that of whoever looks at it.
        sender: who sent them, if that is known; else there is a verdict for each role.
        most: frames that are drawn; those behind them are counted. None for all.

    Returns:
        the document as text; its width is fixed, its height grows with the number of frames.

    Raises:
        ValueError: there is no such language, theme or role.
    """
    return draw_frames(dissect(data, sender=sender, most=most), language, theme)


def draw_frames(dissection: Dissection, language: str, theme: ThemeName | None, *, alone: bool = True) -> str:
    """As `frame_svg`.

    Arguments:
        dissection: of the bytes.
        language: `en` or `zh`.
        theme: None for a part of a page that has the style sheet.
        alone: False for the grid alone, where the page around it has the title, the fields and the verdicts.
    """
    words = catalogue(language)
    count = len(dissection.frames) + dissection.more
    title = words.say("picture.figure.titles", count=count) if count > 1 else words.say("picture.figure.title")
    name = drawing_id("frame", dissection.data, language, alone)
    textures = Textures(name)
    body = [text(MARGIN, 36, title, "ws-t ws-b", size=20)] if alone else []
    y = 62.0 if alone else 14.0
    for frame in dissection.frames:
        part, y = _frame(dissection, frame, textures, words, y, alone=alone)
        body += part
    if dissection.more:
        y += PITCH / 2
        body.append(text(MARGIN, y, words.say("picture.figure.more", count=dissection.more), "ws-m ws-b"))
        y += 2 * PITCH
    if not dissection.frames:
        body.append(text(MARGIN, y, words.say("picture.figure.empty"), "ws-m"))
        y += PITCH
    elif alone:
        part, y = _verdicts(dissection.verdicts, words, y)
        body += part
    return document(
        [textures.definitions(), *body],
        width=WIDTH,
        height=y + MARGIN,
        name=name,
        title=title,
        description=words.say(
            "picture.figure.desc", length=len(dissection.data), hex=bytes_hex(dissection.data, HEX_SHOWN)
        ),
        language=language,
        theme=theme,
    )


def _frame(
    dissection: Dissection, frame: DissectedFrame, textures: Textures, words: Catalogue, y: float, *, alone: bool
) -> tuple[list[str], float]:
    """The grid of a frame and the table below it."""
    body: list[str] = []
    fields = dissection.fields_of(frame.number)
    if len(dissection.frames) + dissection.more > 1:
        last = frame.offset + frame.size - 1
        label = words.say("picture.figure.frame", number=frame.number + 1, first=frame.offset, last=last)
        body.append(text(MARGIN, y + 6, label, "ws-t ws-b", size=15))
        y += 30
    grid, y = Grid(dissection.data, frame, fields, MARGIN, textures, words).draw(y)
    if not alone:
        return [*body, *grid], y
    table, y = _table(fields, frame, textures, words, y + 26)
    return [*body, *grid, *table], y + 14


def _table(
    fields: Sequence[Field], frame: DissectedFrame, textures: Textures, words: Catalogue, y: float
) -> tuple[list[str], float]:
    body: list[str] = []
    for field in fields:
        meaning = wrap(field_meaning(field, words.language), WIDTH - MARGIN - _MEANING, SIZE)
        body += _row(field, frame, textures, words, y)
        body += [text(_MEANING, y + PITCH * number, part) for number, part in enumerate(meaning)]
        y += PITCH * len(meaning) + 7
        body.append(line(MARGIN, y - 12.5, WIDTH - MARGIN, y - 12.5, cls="ws-line", stroke_width=0.5))
        y += 4
    return body, y


def _row(field: Field, frame: DissectedFrame, textures: Textures, words: Catalogue, y: float) -> Iterator[str]:
    """A field's mark, name, bits and value."""
    mark = MARKS[field.name]
    yield textures.fill(MARGIN, y - CHIP / 2, CHIP + 2, CHIP, mark.fill, mark.texture)
    yield rect(MARGIN, y - CHIP / 2, CHIP + 2, CHIP, cls="ws-edge", fill="none")
    yield text(MARGIN + CHIP / 2 + 1, y, mark.letter, "ws-b", size=11, anchor="middle", fill=mark.ink)
    label = shorten(field_label(field.name, words.language), _BITS - _FIELD - 8, SIZE, bold=True)
    yield text(_FIELD, y, label, "ws-t ws-b")
    first = field.first_bit - 8 * frame.offset
    bits = str(first) if field.bits == 1 else f"{first}–{first + field.bits - 1}"
    yield text(_BITS, y, bits, "ws-m ws-mono", size=12)
    yield text(_VALUE, y, shorten(field_value(field), _MEANING - _VALUE - 10, 12, mono=True), "ws-t ws-mono", size=12)


def field_value(field: Field) -> str:
    """The value of a field as it is written: bytes in hex, an opcode in hex, other numbers in decimal."""
    if isinstance(field.value, bytes):
        return bytes_hex(field.value, HEX_SHOWN)
    return f"{field.value:#x}" if field.name == "opcode" else f"{field.value:,}"


def _verdicts(verdicts: Sequence[Verdict], words: Catalogue, y: float) -> tuple[list[str], float]:
    body: list[str] = []
    for verdict in verdicts:
        key, cls = _judged(verdict)
        sentence = words.say(f"picture.figure.{key}", sentence=verdict_sentence(verdict, words.language))
        for part in wrap(sentence, WIDTH - 2 * MARGIN, SIZE):
            body.append(text(MARGIN, y + 4, part, cls))
            y += PITCH
        y += 4
    return body, y - PITCH / 2


def _judged(verdict: Verdict) -> tuple[str, str]:
    """How a verdict is introduced, and its colour."""
    if not verdict.legal:
        return "illegal", "ws-bad"
    return ("legal", "ws-good") if verdict.complete else ("incomplete", "ws-m")
