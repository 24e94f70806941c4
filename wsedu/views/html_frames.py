"""Every frame of a trace for a page: its sentence, its bytes, its fields, and the figure filled in with its bits."""

from __future__ import annotations

from collections.abc import Iterator

from ..explain.catalogue import Catalogue
from ..explain.words import bytes_hex, field_label, field_meaning, quoted, step_sentence
from ..protocol.dissection import Dissection, dissect
from ..protocol.frames import encode_frame
from ..protocol.layout import Field
from ..protocol.steps import FrameComplete
from ..protocol.types import Direction
from .html_faults import fault_box
from .html_page import Cell, code, number, paragraph, scrolling, sentence, table
from .ladder_cards import opcode_title
from .ladder_units import Fate, Unit
from .palette import MARKS
from .svg import draw_frames, field_value
from .svg_draw import element, escape

HEX_SHOWN = 64
"""Bytes of a frame that are written out."""

TEXT_SHOWN = 240
"""Bytes of a payload that are written out as text."""


def frame_article(place: int, unit: Unit, say: Catalogue) -> str:
    """All about one frame, or about bytes that are none.

    Arguments:
        place: its number on the page, from 1.
        unit: what travelled.
        say: the catalogue of the language.
    """
    return element("article", "\n".join(_parts(place, unit, say)), id=f"frame-{place}")


def _parts(place: int, unit: Unit, say: Catalogue) -> Iterator[str]:
    step = unit.step
    frame = step.frame if isinstance(step, FrameComplete) else None
    opcode = say.say("picture.bytes.other") if frame is None else opcode_title(frame.opcode, say)
    way = say.say("picture.html.to_server" if unit.direction is Direction.TO_SERVER else "picture.html.to_client")
    title = say.say("picture.html.frame.title", number=str(place), opcode=opcode, direction=way)
    yield element("h3", escape(title))
    if step is not None:
        yield paragraph(step_sentence(step, say.language))
    if unit.fate not in (Fate.ARRIVED, Fate.UNSEEN):
        yield paragraph("✖ " + say.say(f"picture.fate.{unit.fate.value}"), "bad")
    if unit.ignored:
        yield paragraph("✖ " + say.say("picture.fate.ignored.part", count=unit.ignored), "bad")
    for fault in unit.violations:
        yield fault_box(fault, say)
    data = unit.data if frame is None else encode_frame(frame)
    yield element("h4", escape(say.say("picture.html.wire")))
    yield element("pre", escape(bytes_hex(data, HEX_SHOWN)))
    if frame is not None and frame.payload:
        yield element("h4", escape(say.say("picture.html.payload")))
        yield element("pre", escape(quoted(frame.payload, TEXT_SHOWN)))
    dissection = dissect(data, sender=unit.sender)
    yield _fields(dissection, title, say)
    label = say.say("picture.html.figure")
    figure = scrolling(draw_frames(dissection, say.language, None, alone=False), f"{label}: {title}")
    yield element("details", element("summary", escape(label)) + figure, open="")


def _fields(dissection: Dissection, title: str, say: Catalogue) -> str:
    head = [say.say(f"picture.html.{name}") for name in ("field", "bits", "value", "meaning", "section")]
    rows = [_row(field, say) for field in dissection.fields]
    return table(title, head, rows, caption_shown=False)


def _row(field: Field, say: Catalogue) -> list[str]:
    mark = MARKS[field.name]
    letter = element("span", mark.letter, cls="mark", style=f"background:{mark.fill};color:{mark.ink}")
    last = field.first_bit + field.bits - 1
    return [
        Cell(letter + escape(field_label(field.name, say.language))),
        number(str(field.first_bit) if field.bits == 1 else f"{field.first_bit}–{last}"),
        code(field_value(field)),
        sentence(field_meaning(field, say.language)),
        f"§{field.section}",
    ]
