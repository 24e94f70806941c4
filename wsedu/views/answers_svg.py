"""What is said of an answer, as a picture: the parts of `answers`, with the frame that was made drawn in its fields."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..protocol.dissection import dissect
from .answers import WIDE, Beside, Drawn, Line, Part, plain_lines
from .svg import WIDTH, draw_frames
from .svg_draw import path, rect, text
from .svg_text import MONO_EM, wrap
from .svg_theme import ThemeName, document, drawing_id

MARGIN, PITCH, INDENT = 20.0, 21.0, 18.0
_CODE = 13.0
_CELL = MONO_EM * _CODE
_SPACES = re.compile("  +")
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_TONES = {"plain": "ws-t", "strong": "ws-t ws-b", "muted": "ws-m", "good": "ws-good ws-b", "bad": "ws-bad"}
_MARK = 20.0


class _Sheet:
    """A picture that grows downwards."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.y = MARGIN + PITCH / 2
        self.body: list[str] = []

    def line(self, part: Line) -> None:
        """A sentence, in as many lines as it needs."""
        x = MARGIN + INDENT * part.indent
        if part.mark:
            cls = "ws-good ws-b" if part.passed else "ws-m" if part.later else "ws-bad ws-b"
            self.body.append(text(x, self.y, part.mark, cls))
            x += _MARK
        if not part.text:
            self.y += PITCH / 2
            return
        cls = _TONES[part.tone] + (" ws-mono" if part.code else "")
        # A picture drops the spaces that a line of code begins with, and all but one of those within it.
        code = part.text.lstrip(" ") if part.code else part.text
        x += _CELL * (len(part.text) - len(code))
        if part.code:
            code = _SPACES.sub(lambda found: "\u00a0" * len(found[0]), code)
        room = self.width - MARGIN - x
        for piece in wrap(code, room / (1.2 if "ws-b" in cls else 1), _CODE, mono=part.code):
            self.body.append(text(x, self.y, piece, cls))
            self.y += PITCH

    def beside(self, part: Beside) -> None:
        """Two values, the first difference outlined and pointed at."""
        one, two, at = part.rows()
        x = MARGIN + 2 * INDENT
        start = x + 92
        for row, cls in ((one, "good"), (two, "bad")):
            self.body.append(text(x, self.y, row.label, "ws-m"))
            left = start
            for number, unit in enumerate(row.units):
                mono = f"ws-{cls} ws-b ws-mono" if number == at else "ws-t ws-mono"
                self.body.append(text(left, self.y, unit, mono, size=_CODE, style="white-space:pre"))
                left += _CELL * _cells(unit + part.joint)
            aside = start + _CELL * (3 * WIDE + 1)
            self.body.append(text(aside, self.y, row.aside, "ws-m ws-mono", size=_CODE, style="white-space:pre"))
            self.y += PITCH
        left = start + _CELL * part.before(at)
        wide = _CELL * part.caret(at)
        top = self.y - PITCH * 1.45
        self.body.append(rect(left - 2, top, wide + 4, PITCH * 0.9, cls="ws-wrong", stroke_width=1.5, rx=2))
        middle = left + wide / 2
        top = self.y - PITCH * 0.5
        self.body.append(path([(middle - 4, top + 5), (middle, top), (middle + 4, top + 5)], cls="ws-wrong"))
        self.y += 4
        self.line(Line(part.note, "bad", indent=2))

    def drawn(self, part: Drawn) -> None:
        """The frame in its fields."""
        self.line(Line(part.caption, indent=2))
        svg = draw_frames(dissect(part.data, most=1), part.language, None, alone=False)
        size = _SIZE.search(svg)
        assert size is not None
        top = self.y - PITCH / 2
        self.body.append(svg.replace("<svg ", f'<svg x="0" y="{top:g}" ', 1))
        self.y = top + float(size[2]) + PITCH / 2


def _cells(unit: str) -> int:
    from .cells import width_of

    return width_of(unit)


def parts_svg(parts: Sequence[Part], *, language: str, theme: ThemeName = "auto") -> str:
    """The parts as an SVG document.

    Arguments:
        parts: of a message.
        language: `en` or `zh`.
        theme: `light`, `dark`, or `auto` for that of whoever looks at it.
    """
    sheet = _Sheet(WIDTH)
    for part in parts:
        if isinstance(part, Line):
            sheet.line(part)
        elif isinstance(part, Beside):
            sheet.beside(part)
        else:
            sheet.drawn(part)
    lines = plain_lines(parts)
    return document(
        sheet.body,
        width=sheet.width,
        height=sheet.y + MARGIN - PITCH / 2,
        name=drawing_id("answer", lines, language),
        title=lines[0] if lines else "",
        description=" ".join(line.strip() for line in lines[1:]),
        language=language,
        theme=theme,
    )
