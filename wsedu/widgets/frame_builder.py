"""`FrameBuilder`: a frame as a grid of bits, in which everything else follows what is changed (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..protocol.dissection import dissect
from ..protocol.frame import Frame
from ..protocol.types import as_bytes
from ..views.sheet import SHOWN, changes, flipped, sheet
from ..views.sheet_pages import sheet_html, sheet_text
from ..views.svg import frame_svg
from .base import Widget
from .builder_panels import PanelActs

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
"""The masked "Hello" of RFC 6455 §5.7, which a builder opens on by itself."""


class FrameBuilder(PanelActs, Widget):
    """See and change a frame bit by bit.

    Arguments:
        value: bytes to open on: frames, legal or not, possibly cut short.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.
    """

    _files: ClassVar[str] = "frame_builder"

    value = traitlets.Bytes(HELLO)
    """The bytes as they are now; setting it changes what is shown."""

    frame = traitlets.Instance(Frame, allow_none=True)
    """The first frame in `value`; None while its header is not complete."""

    def __init__(self, value: bytes = HELLO, *, language: str | None = None) -> None:
        super().__init__(language=language, value=as_bytes(value))
        self._follow()

    @traitlets.observe("value")
    def _changed(self, _change: Any) -> None:
        if hasattr(self, "_lock"):
            self._follow()

    def _follow(self) -> None:
        frames = dissect(self.value).frames
        self.frame = frames[0].frame if frames else None
        self._show()

    def do_flip(self, bit: int) -> None:
        """Flip one bit."""
        self.value = flipped(self.value, bit)

    def _draw(self) -> dict[str, Any]:
        now = sheet(self.value, self.language)
        bits = 8 * min(SHOWN, len(self.value))
        flips = [changes(now, sheet(flipped(self.value, bit), self.language)) for bit in range(bits)]
        return {"sheet": now, "flips": flips, **self._panels()}

    # --- Static twins ---

    def to_text(self) -> str:
        """See `Twins.to_text`."""
        return f"{sheet_text(self.value, self.language)}\n{self._panels_text()}"

    def to_html(self) -> str:
        """See `Twins.to_html`."""
        return sheet_html(self.value, self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """See `Twins.to_svg`."""
        return frame_svg(self.value, language=self.language, theme=theme)
