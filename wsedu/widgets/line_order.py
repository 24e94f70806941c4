"""`LineOrder`: lines of a program are put in order; some of them belong into no program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..explain.catalogue import choose_language
from ..views.line_order import order_html, order_svg, order_text
from .base import BadInput, Widget, WrongKind

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName


class LineOrder(Widget):
    """Put lines in order with the keyboard or the mouse; `.order` has their letters, and can be set.

        from wsedu.grading.notebook import lines_of

        lines = LineOrder(lines_of("response_head"), name="response_head")
        lines                                        # in a cell of its own
        wsedu.check("response_head", lines)          # in a later one

    Arguments:
        lines: by their letter.
        order: the letters to begin with.
        name: of the exercise, for the title.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Raises:
        WrongKind: `lines` are no texts by their letters; it is a TypeError.
        BadInput: `order` has a letter that is no line, or one twice; it is a ValueError.
    """

    _files: ClassVar[str] = "line_order"

    order = traitlets.List(traitlets.Unicode(), help="The letters of the program, in order; setting it shows it.")
    """The letters of the program, in order."""

    def __init__(
        self, lines: Mapping[str, str], order: Sequence[str] = (), *, name: str = "", language: str | None = None
    ) -> None:
        self.language = choose_language(language)
        if not isinstance(lines, Mapping) or not all(isinstance(text, str) for text in (*lines, *lines.values())):
            raise WrongKind(self._say.say("why.lines", kind=type(lines).__name__))
        self.lines = dict(lines)
        self.name = name
        self._told = ""
        super().__init__(language=language, order=list(order))
        self._show()

    @traitlets.validate("order")
    def _checked(self, proposal: Any) -> list[str]:
        order: list[str] = proposal["value"]
        for letter in order:
            if letter not in self.lines:
                raise BadInput(self._say.say("why.letter", letter=letter))
            if order.count(letter) > 1:
                raise BadInput(self._say.say("why.twice", letter=letter))
        return order

    @traitlets.observe("order")
    def _ordered(self, _change: Any) -> None:
        if self.trait_has_value("words"):
            self._show()

    # --- What is done on the page ---

    def do_toggle(self, letter: str) -> None:
        """Put a line at the end of the program, or take it out."""
        if letter in self.order:
            self._told = self._say.say("told.out", letter=letter)
            self.order = [other for other in self.order if other != letter]
        else:
            self._told = self._say.say("told.in", letter=letter, number=len(self.order) + 1)
            self.order = [*self.order, letter]

    def do_shift(self, letter: str, by: int) -> None:
        """Move a line of the program up or down; one that is left goes to its end."""
        if letter not in self.order:
            self.do_toggle(letter)
            return
        at = self.order.index(letter)
        to = min(max(at + by, 0), len(self.order) - 1)
        order = [other for other in self.order if other != letter]
        order.insert(to, letter)
        self._told = self._say.say("told.moved", letter=letter, number=to + 1, count=len(order))
        self.order = order

    def do_place(self, letter: str, to: int) -> None:
        """Put a line to this place of the program, from 0."""
        order = [other for other in self.order if other != letter]
        to = min(max(to, 0), len(order))
        order.insert(to, letter)
        self._told = self._say.say("told.moved", letter=letter, number=to + 1, count=len(order))
        self.order = order

    # --- What is shown ---

    def _draw(self) -> dict[str, Any]:
        left = [letter for letter in sorted(self.lines) if letter not in self.order]
        return {
            "title": self._say.say("order.titled", name=self.name) if self.name else self._say.say("order.title"),
            "program": [[letter, self.lines[letter]] for letter in self.order],
            "left": [[letter, self.lines[letter]] for letter in left],
            "told": self._told,
        }

    def to_text(self) -> str:
        """The lines as text; see `Twins`."""
        return order_text(self.lines, self.order, self.name, self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """The lines as a picture; see `Twins`."""
        return order_svg(self.lines, self.order, self.name, self.language, theme)

    def to_html(self) -> str:
        """The lines as a page; see `Twins`."""
        return order_html(self.lines, self.order, self.name, self.language)
