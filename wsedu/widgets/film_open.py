"""What the head of a film opens: a file from the page, and a live exchange below the film."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import Catalogue
from ..explain.shown import printable
from ..scenarios import SCENARIOS, VIRTUAL_SCENARIOS
from .base import BadInput
from .film_load import Loaded, UnreadableError, load_bytes
from .film_record import Recipe, recipe

if TYPE_CHECKING:
    from ..trace.trace import Trace
    from .live_exchange import LiveExchange

LARGEST = 6 << 20
"""Bytes of a file that a page may send: in base64 and with what goes with it, Jupyter takes 10 MB at once."""

NAME = 80
"""Characters of a file's name that are shown."""

_KEPT = ("_file", "_lacks", "_recipe", "_whole", "_connection", "_trace", "_steps", "_level", "_window", "_wish")


class FilmOpening:
    """The part of `ExchangeFilm` that opens files and a live exchange."""

    if TYPE_CHECKING:
        language: str

        @property
        def _panel_say(self) -> Catalogue: ...

        def _play(self, whole: dict[int | None, Trace], connection: int | None) -> None: ...

    _file = _lacks = ""
    _recipe: Recipe | None = None
    _live: LiveExchange | None = None

    def do_load(self, name: str, data: str = "", size: int = 0) -> None:
        """Play a file of the page's user; what cannot be played is said, and the film stays.

        Arguments:
            name: of the file.
            data: its bytes in base64; empty where there are too many.
            size: how many there are.
        """
        shown = printable(name)[:NAME]
        if max(size, len(data) * 3 // 4) > LARGEST:
            raise BadInput(self._panel_say.say("open.large", file=shown, size=size, most=LARGEST >> 20))
        try:
            loaded = load_bytes(base64.b64decode(data, validate=True), shown, self.language)
        except (UnreadableError, binascii.Error) as error:
            raise BadInput(self._panel_say.say("open.unreadable", file=shown, why=str(error))) from None
        kept = {attribute: getattr(self, attribute) for attribute in _KEPT}
        try:
            self._load(loaded, shown)
        except Exception:
            vars(self).update(kept)
            raise

    def _load(self, loaded: Loaded, name: str) -> None:
        """Play what a file holds."""
        whole: dict[int | None, Trace] = {
            number: trace for number, trace in enumerate(loaded.traces, 1) if trace.records
        }
        self._file, self._lacks = name, loaded.problem
        self._recipe = recipe_of(next(iter(whole.values())))
        self._play(whole, None)

    def do_live(self) -> None:
        """Open a live exchange below the film, or put it away."""
        if self._live is not None:
            self._drop_live()
            return
        from .live_exchange import LiveExchange

        self._live = LiveExchange(language=self.language)

    def _drop_live(self) -> None:
        if self._live is not None:
            self._live.close()
            self._live = None

    def _opened(self) -> dict[str, Any]:
        """What the page knows of it: the model of the live exchange, and how large a file may be."""
        return {"live": None if self._live is None else self._live.model_id, "largest": LARGEST}


def recipe_of(trace: Trace) -> Recipe | None:
    """How a trace can be recorded again; None where nobody knows."""
    name = trace.header.scenario
    return recipe(str(name)) if name in SCENARIOS or name in VIRTUAL_SCENARIOS else None
