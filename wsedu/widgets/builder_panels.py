"""What the panels of `FrameBuilder` do: microscope, stream strip, challenge deck, permessage-deflate view.

A mixin for the builder: it has the acts of the panels, and `_panels` makes what they show, by `wsedu.views`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..explain.catalogue import part_catalogue
from ..protocol.dissection import Dissection, dissect
from ..protocol.frames import encode_frame
from ..protocol.types import Role
from ..views.challenges import CHALLENGES, deck, solved
from ..views.deflate_sheet import LONGEST as LONGEST_TEXT
from ..views.deflate_sheet import compressed_frame, deflate_sheet, deflate_text
from ..views.microscope import PART, WRONG, microscope, microscope_html, microscope_text
from ..views.sheet import LAID_OUT
from ..views.stream import LONGEST, added_frame, cuts_of, legal_cuts, stream
from .base import BadInput

if TYPE_CHECKING:
    from ..views.html_page import Section


_ON_THE_PAGE = ("panel", "microscope", "stream", "deck", "deflate")
"""The texts that the page puts in by itself."""


class PanelActs(traitlets.HasTraits):
    """The panels of a builder, whose bytes are its trait `value`."""

    _sheets: ClassVar[tuple[str, ...]] = ("builder_panels.css",)

    solved = traitlets.List(traitlets.Unicode())
    """The names of the challenges that have been solved, in that order."""

    pinned = traitlets.Int(0)
    """The number, in `value`, of the byte under the microscope."""

    wrong_rule = traitlets.Unicode("")
    """The wrong rule that the microscope compares with, a name of `wsedu.views.microscope.WRONG`, or empty."""

    if TYPE_CHECKING:
        value: Any
        sender: Any
        words: Any
        language: str

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._added: list[bytes] = []
        self._cuts: list[int] = []
        self._fed = 0
        self._chosen = ""
        self._hint = False
        self._text: str | None = None
        self._seen: Dissection | None = None
        super().__init__(*arguments, **options)
        texts = part_catalogue(PART, self.language).texts
        self.words = self.words | {key: text for key, text in texts.items() if key.partition(".")[0] in _ON_THE_PAGE}

    def _dissected(self) -> Dissection:
        """The bytes taken apart, once for all panels."""
        if self._seen is None or self._seen.data != self.value:
            self._seen = dissect(self.value, most=LAID_OUT)
        return self._seen

    def _panels(self) -> dict[str, Any]:
        """What the panels show: a part of the builder's state for each."""
        dissection = self._dissected()
        self._note_solved(dissection)
        self._cuts = legal_cuts(self._cuts, self._stream)
        return {
            "microscope": microscope(dissection, self.pinned, self.wrong_rule, self.language),
            "stream": stream(self._stream, self._cuts, self._fed, self.language)
            | {
                "added": len(self._added),
                "limit": LONGEST,
                "whole": len(self.value) + sum(map(len, self._added)) <= LONGEST,
            },
            "deck": deck(dissection, self._chosen, self.solved, self._hint, self.language),
            "deflate": deflate_sheet(dissection, self._text, self.language),
        }

    def _panels_text(self) -> str:
        """The panels that add something to the builder's bytes, as plain text."""
        dissection = self._dissected()
        told = microscope_text(dissection, self.pinned, self.wrong_rule, self.language)
        if self._compressed(dissection):
            told += "\n" + deflate_text(dissection, self._text, self.language)
        return told

    def _panels_html(self) -> list[Section]:
        """The microscope as a part of a page."""
        return [microscope_html(self._dissected(), self.pinned, self.wrong_rule, self.language)]

    @staticmethod
    def _compressed(dissection: Dissection) -> bool:
        frame = dissection.frames[0].frame if dissection.frames else None
        return frame is not None and frame.rsv1

    def _refuse(self, key: str, error: type[Exception] = BadInput, **facts: Any) -> None:
        raise error(part_catalogue(PART, self.language).say(f"problem.{key}", **facts))

    @traitlets.validate("wrong_rule")
    def _ruled(self, proposal: Any) -> str:
        rule: str = proposal["value"]
        if rule and rule not in WRONG:
            self._refuse("rule", traitlets.TraitError, name=rule)
        return rule

    @traitlets.validate("solved")
    def _solvable(self, proposal: Any) -> list[str]:
        names: list[str] = proposal["value"]
        for name in names:
            if name not in CHALLENGES:
                self._refuse("challenge", traitlets.TraitError, name=name)
        return names

    # --- Microscope ---

    def do_pin(self, byte: int) -> None:
        """Put a byte of the input under the microscope."""
        self.pinned = byte

    def do_compare(self, rule: str) -> None:
        """Compare with a wrong rule; with none if it is empty."""
        if rule and rule not in WRONG:
            self._refuse("rule", name=rule)
        self.wrong_rule = rule

    # --- Stream strip ---

    @property
    def _stream(self) -> bytes:
        """The builder's bytes and what was added, as far as the strip takes them."""
        return b"".join([self.value, *self._added])[:LONGEST]

    def do_stream_add(self, what: str) -> None:
        """Let a frame follow: `ping`, or `again` for the builder's bytes."""
        frame = added_frame(what, self._dissected())
        if len(self._stream) + len(frame) > LONGEST:
            self._refuse("stream", limit=LONGEST)
        self._added.append(frame)
        self._fed = 0

    def do_stream_remove(self) -> None:
        """Take the last added frame away."""
        self._added = self._added[:-1]
        self._fed = 0

    def do_stream_cut(self, at: int) -> None:
        """Cut before a byte."""
        self._recut([*self._cuts, at])

    def do_stream_uncut(self, at: int) -> None:
        """Take a cut away."""
        self._recut([cut for cut in self._cuts if cut != at])

    def do_stream_move(self, at: int, to: int) -> None:
        """Move a cut; where there is one already, nothing moves."""
        if to in legal_cuts([to], self._stream) and to not in self._cuts:
            self._recut([to if cut == at else cut for cut in self._cuts])

    def do_stream_cuts(self, how: str) -> None:
        """Cut everywhere (`bytes`), between frames (`frames`), or nowhere (`none`)."""
        self._recut(cuts_of(how, self._stream))

    def _recut(self, cuts: list[int]) -> None:
        self._cuts = legal_cuts(cuts, self._stream)
        self._fed = 0

    def do_stream_step(self) -> None:
        """Let the next piece arrive."""
        self._fed = min(self._fed + 1, len(self._cuts) + 1)

    def do_stream_reset(self) -> None:
        """Begin again: nothing has arrived."""
        self._fed = 0

    @traitlets.observe("value")
    def _another_stream(self, _change: Any) -> None:
        self._fed = 0

    # --- Challenge deck ---

    def _note_solved(self, dissection: Dissection) -> None:
        done = self._chosen and solved(CHALLENGES[self._chosen], dissection)
        if done and self._chosen not in self.solved:
            self.solved = [*self.solved, self._chosen]

    def do_challenge(self, name: str) -> None:
        """Begin a challenge, with its bytes in the builder; none if it is empty."""
        if name and name not in CHALLENGES:
            self._refuse("challenge", name=name)
        self._chosen, self._hint = name, False
        if name:
            start = CHALLENGES[name].start
            self.value = start
            self.sender = (Role.CLIENT if start[1] & 0x80 else Role.SERVER).value

    def do_hint(self) -> None:
        """Show the hint of the challenge."""
        self._hint = True

    # --- permessage-deflate ---

    def do_deflate(self, text: str) -> None:
        """Compress a text of the user's own."""
        if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
            self._refuse("text", limit=LONGEST_TEXT)
        try:
            text.encode()
        except UnicodeEncodeError:
            self._refuse("surrogate")
        self._text = text

    def do_deflate_payload(self) -> None:
        """Go back to the payload that is in the builder."""
        self._text = None

    def do_deflate_build(self) -> None:
        """Put the compressed text into the builder as a frame, masked if the frame there is."""
        sheet = deflate_sheet(self._dissected(), self._text, self.language)
        text = self._text if self._text is not None else sheet["text"]
        first = self._dissected().frames[0].frame if self._dissected().frames else None
        self._text = None
        self.value = encode_frame(compressed_frame(text.encode(), None if first is None else first.masking_key))
