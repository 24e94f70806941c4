"""The static twins of a widget: the same model as text, as a picture and as a page without a script."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from ..extras import MissingExtraError
from ..views.png import MissingFontError, PictureTooLargeError, svg_to_png

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

_WIDTH = re.compile(r'<svg [^>]*?width="([\d.]+)"')


class Twins(ABC):
    """What a widget must be able to do without a kernel, a script or a screen.

    A widget gives `to_text`, `to_svg` and `to_html`; the picture in pixels is made of the SVG.
    """

    @abstractmethod
    def to_text(self) -> str:
        """Everything that the widget says now, as plain text: for a terminal, an e-mail, a screen reader.

        Returns:
            lines that end with a line end, in the language of the widget.
        """

    @abstractmethod
    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """The widget as it is now, as a picture that stays sharp at any size.

        Arguments:
            theme: `light`, `dark`, or `auto` for that of whoever looks at it.

        Returns:
            an SVG document, to be written to a file or shown by `IPython.display.SVG`.
        """

    @abstractmethod
    def to_html(self) -> str:
        """The widget as it is now, as a whole page without a script, which needs nothing from elsewhere.

        Returns:
            an HTML document, to be written to a file and opened in any browser.
        """

    def to_png(self, *, scale: float = 2, theme: Literal["light", "dark"] = "light") -> bytes:
        """The widget as it is now, as a picture in pixels: for slides and for wherever an SVG is not shown.

        Arguments:
            scale: pixels of the PNG for a pixel of the SVG.
            theme: `light` or `dark`.

        Returns:
            the bytes of a PNG file.

        Raises:
            MissingExtraError: the extra `image` is not installed.
            MissingFontError: this machine has no font for its text.
        """
        return svg_to_png(self.to_svg(theme=theme), scale=scale, theme=theme)

    def _image(self) -> tuple[bytes | None, int]:
        """The picture for a notebook's output and its width in CSS pixels; None where it cannot be made here.

        The live view waits for it, so it has one pixel for each of the SVG: half as many again take 50 ms more.
        """
        svg = self.to_svg(theme="light")
        found = _WIDTH.search(svg)
        try:
            return svg_to_png(svg, scale=1), round(float(found[1])) if found else 0
        except (MissingExtraError, MissingFontError, PictureTooLargeError):
            return None, 0
