"""`ExchangeFilm`: a recorded exchange, played forwards and backwards in three lanes, with every decision behind it."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..explain.catalogue import choose_language, part_catalogue
from ..explain.near import nearest
from ..protocol.steps import FrameComplete, Level, MessageComplete, TransportOpened
from ..protocol.types import Role
from ..scenarios import VIRTUAL_SCENARIOS, Scenario
from ..trace.trace import Record, Trace
from ..views.film import GROUPS, SHORTEST, STRETCH, film, looks
from ..views.film_chunks import chunk_parts, parts_label
from ..views.film_detail import step_detail
from ..views.film_twins import film_text, key_part
from ..views.html import trace_html
from ..views.ladder import ladder_svg
from ..views.predictions import questions_text
from .base import BadInput, Widget
from .film_acts import FilmActs
from .film_load import load_file
from .film_open import FilmOpening, recipe_of
from .film_record import MENU, recipe

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

AHEAD = 12
"""Steps on each side of the one that is looked at whose details a page has beforehand."""

NEAR = 0.75
"""How much a text is like the name of a scenario if that was probably meant, from 0 to 1."""

VIRTUAL_HOST = "192.0.2."
"""What addresses in virtual time begin with: the block that RFC 5737 keeps for examples."""


class ExchangeFilm(FilmOpening, FilmActs, Widget):
    """Play an exchange forwards and backwards, in three lanes, with the rule and the source behind every step.

    Most films are recorded: a client and a server talk over a real loopback socket, and the film shows what happened:

        ExchangeFilm.record()               the scenario "hello"
        ExchangeFilm.record("fragments")    another one; wsedu.scenarios.SCENARIOS and the menu have them all
        ExchangeFilm.record("Hi there")     any other text is sent by both sides
        ExchangeFilm.load("saved.jsonl")    a saved trace, a capture or an HTTP archive
        ExchangeFilm(trace)                 a trace that there is, such as `LiveExchange.trace`

    Arguments:
        trace: of one connection or of several, of which one is shown.
        connection: its number; None for the first one.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Raises:
        TypeError: it is no trace.
        ValueError: the trace has no such connection.
    """

    _files: ClassVar[str] = "exchange_film"
    _sheets: ClassVar[tuple[str, ...]] = ("film_panels.css",)

    film = traitlets.Dict().tag(sync=True)
    """What is played, as `wsedu.views.film` makes it, and what is known of it; read only."""

    def __init__(
        self,
        trace: Trace,
        *,
        connection: int | None = None,
        language: str | None = None,
    ) -> None:
        if not isinstance(trace, Trace):
            raise TypeError(
                f"ExchangeFilm plays a Trace, not {reprlib.repr(trace)}: call ExchangeFilm.record(...) for a scenario "
                "or a text, ExchangeFilm.load(...) for a file"
            )
        self._level = Level.CORE
        self._edition = 0
        self._window = 0
        self._wish: list[int] = []
        self._recipe = recipe_of(trace)
        self._whole = _by_connection(trace)
        if connection is not None and connection not in self._whole:
            raise ValueError(f"there is no connection {connection}: this trace has {sorted(map(str, self._whole))}")
        super().__init__(language=language)
        self.words = {**self.words, **part_catalogue(self._panels, self.language).texts}
        self._play(self._whole, connection)

    @classmethod
    def record(
        cls,
        scenario: str | Scenario = "hello",
        *,
        seed: int | None = None,
        tls: bool = False,
        compress: bool = False,
        language: str | None = None,
    ) -> ExchangeFilm:
        """Run a client and a server over a real loopback socket, and play what happened.

        Arguments:
            scenario: one, or the name of one; any other text is sent by both sides. A scenario for virtual time is
                played there, and the screen says so.
            seed: of the keys; None for one drawn now, which the screen shows.
            tls: have it over TLS.
            compress: have it with permessage-deflate.
            language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

        Raises:
            ValueError: this scenario has neither TLS nor compression.
            TypeError: `scenario` is neither a text nor a `Scenario`.
            MissingExtraError: TLS needs a package that is not installed.
            TimeoutError: it took too long.
        """
        made = recipe(scenario, tls=tls, compress=compress)
        played = cls(made.play(seed), language=language)
        played._recipe = made
        played._note_near(scenario)
        return played

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, language: str | None = None) -> ExchangeFilm:
        """Play what was saved: a trace, a capture, or an HTTP archive.

        Arguments:
            path: of the file; what is damaged in it is said on the screen, and what could be read is shown.
            language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

        Raises:
            OSError: the file cannot be read.
            UnreadableError: nothing in it can.
        """
        chosen = choose_language(language)
        loaded = load_file(path, chosen)
        played = cls(next(trace for trace in loaded.traces if trace.records), language=chosen)
        played._load(loaded, os.path.basename(path))
        return played

    def _note_near(self, wanted: str | Scenario) -> None:
        """A text that was probably meant to be the name of a scenario is shown as the text it is, and that is said."""
        if not isinstance(wanted, str) or wanted in MENU:
            return
        near = nearest(wanted, MENU, NEAR)
        if near:
            self._lacks = self._say.say("film.near", text=wanted, near=near)
            self.film = {**self.film, "lacks": self._lacks}

    def close(self) -> None:
        """End the views, and what was opened below them."""
        self._drop_live()
        super().close()

    @property
    def trace(self) -> Trace:
        """The trace of the connection that is shown."""
        return self._trace

    @property
    def steps(self) -> Sequence[Record]:
        """The steps of the film, in order: those of the trace that are not finer than what is shown."""
        return self._steps

    def go(self, n: int) -> None:
        """Show a step in every view.

        Arguments:
            n: the number of the step in the trace; if the film does not show it, the one before it is shown.
        """
        index = sum(record.n <= n for record in self._steps) - 1
        self._wish = [(self._wish or [0])[0] + 1, max(0, index)]
        self._show()

    # --- What is played ---

    def _play(self, whole: dict[int | None, Trace], connection: int | None) -> None:
        self._whole = whole
        self._connection = next(iter(whole)) if connection is None else connection
        self._trace = whole[self._connection]
        self._window = 0
        self._wish = []
        kinds = {type(record.step) for record in self._trace}
        if MessageComplete in kinds and FrameComplete not in kinds:
            # An archive has messages and no frames: without them there would be nothing to see.
            self._level = max(self._level, Level.BASE)
        self._develop()

    def _develop(self) -> None:
        """Make the film of the trace at the level that is asked for."""
        records = self._trace.records
        self._steps = [record for record in records if record.step.level <= self._level]
        self._parts = chunk_parts(records)
        self._edition += 1
        self._acts_begin()
        self.film = {
            "edition": self._edition,
            "about": self._about(),
            "lacks": self._lacks,
            "scenario": self._trace.header.scenario or "",
            "again": self._recipe is not None,
            "menu": list(MENU),
            "virtual": list(VIRTUAL_SCENARIOS),
            "connections": list(self._whole),
            "connection": self._connection,
            "level": int(self._level),
            "groups": list(GROUPS),
            "looks": looks(),
            "stretch": {"shortest": SHORTEST, "stretch": STRETCH},
            "reel": film(records, self.language, self._level),
        }
        self._show()

    def _about(self) -> str:
        """One line that says what this is a film of, and how real it is."""
        opened = [record.step for record in self._trace if isinstance(record.step, TransportOpened)]
        client = next((step for step in opened if step.endpoint is Role.CLIENT), None)
        address = client.remote if client else opened[0].local if opened else ""
        tls = next((step.tls for step in opened if step.tls), None)
        kind = "file" if self._file else "virtual" if address.startswith(VIRTUAL_HOST) else "real"
        facts = {"file": self._file, "address": address}
        parts = [self._say.say(f"film.about.{kind if address or kind == 'file' else 'unknown'}", **facts)]
        parts += [self._say.say("film.about.tls", tls=tls)] if tls else []
        seed = self._trace.header.seed
        parts += [self._say.say("film.about.seed", seed=str(seed))] if seed is not None else []
        return " · ".join(parts)

    # --- What the page asks for ---

    def do_look(self, index: int) -> None:
        """Give the details of the steps around one."""
        self._window = max(0, min(int(index), len(self._steps) - 1))

    def do_record(self, scenario: str | None = None) -> None:
        """Record another scenario, or the same one again with other keys."""
        if scenario is not None:
            if scenario not in MENU:
                raise BadInput(self._say.say("film.no_scenario", name=scenario))
            self._recipe = recipe(scenario)
        if self._recipe is None:
            raise BadInput(self._say.say("film.no_recipe"))
        self._file = self._lacks = ""
        self._play(_by_connection(self._recipe.play()), None)

    def do_level(self, level: int) -> None:
        """Show finer or coarser steps."""
        self._level = Level(level)
        self._window = 0
        self._develop()

    def do_connection(self, number: int | None) -> None:
        """Show another connection of the same trace."""
        if number not in self._whole:
            raise BadInput(self._say.say("film.no_connection", number=str(number)))
        self._play(self._whole, number)

    def _draw(self) -> dict[str, Any]:
        first = max(0, self._window - AHEAD)
        steps = self._steps[first : self._window + AHEAD + 1]
        return {
            "edition": self._edition,
            "first": first,
            "details": [self._detail(record) for record in steps],
            "wish": self._wish,
            **self._acts_state(),
            **self._opened(),
        }

    def _detail(self, record: Record) -> dict[str, Any]:
        """What there is to say of a step, and of a piece of TCP what came together in it."""
        made = step_detail(record.step, self.language)
        parts = self._parts.get(record.n)
        if parts:
            told = self._panel_say.say("open.parts", count=len(parts), parts=parts_label(parts))
            made["sentence"] = f"{made['sentence']} {told}"
        return made

    # --- Static twins ---

    def to_text(self) -> str:
        """See `Twins.to_text`: a table with a row for each step."""
        told = film_text(self._trace, self._about(), self.language, self._level)
        return told + questions_text(self._steps, self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """See `Twins.to_svg`: the ladder, of a long film its beginning."""
        return ladder_svg(key_part(self._trace), language=self.language, theme=theme)

    def to_html(self) -> str:
        """See `Twins.to_html`: the page of the trace, of a long one its beginning."""
        part = key_part(self._trace)
        return trace_html(part, language=self.language, left=len(self._trace) - len(part))


def _by_connection(trace: Trace) -> dict[int | None, Trace]:
    """A trace for each connection; the trace itself where it has but one, so that it can be forked."""
    numbers = dict.fromkeys(record.connection for record in trace if record.connection is not None)
    if len(numbers) <= 1:
        return {next(iter(numbers), None): trace}
    return {number: trace.filter(connection=number) for number in numbers}
