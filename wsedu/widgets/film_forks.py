"""Forks of a film: the same past, one fault, and another future."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

import traitlets

from ..explain.catalogue import Catalogue, part_catalogue
from ..simulator import Fault, ForkError, SimulatedTrace, fork
from ..views.fork_menu import BadValue, checked, failure_sentence, made, nothing_happened, refused, told
from ..views.forked import forked_film
from .base import BadInput

if TYPE_CHECKING:
    from ..protocol.steps import Level
    from ..trace.trace import Trace
    from .exchange_film import ExchangeFilm


class FilmForks(traitlets.HasTraits):
    """The part of `ExchangeFilm` that forks."""

    forked = traitlets.Dict().tag(sync=True)
    """The film of the last fork, as `wsedu.views.forked` makes it; empty for none."""

    if TYPE_CHECKING:
        language: str
        _trace: Trace
        _level: Level

    _panels: ClassVar[str] = "film_panels"

    @property
    def _panel_say(self) -> Catalogue:
        return part_catalogue(self._panels, self.language)

    def fork(self, step: int, fault: str | Fault, **values: Any) -> ExchangeFilm:
        """The same past, and another future; this film is not changed.

        Arguments:
            step: the number of the last step that is as it was.
            fault: what happens next: a fault of `wsedu.simulator`, or the name of one of the menu.
            values: of a fault of the menu, such as `seconds=10` for `delay` or `byte=1, bit=7` for `flip`.

        Returns:
            the other film.

        Raises:
            ValueError: there is no such step or fault, it cannot have that value, or this trace cannot be played
                again.
        """
        if isinstance(fault, str):
            fault = self._fault(fault, values)[0]
        elif values:
            raise BadInput(self._panel_say.say("fork.values"))
        return type(cast("ExchangeFilm", self))(self._forked(step, fault), language=self.language)

    def _fault(self, name: str, given: dict[str, Any]) -> tuple[Fault, str]:
        """A fault of the menu, and what it is in words."""
        words = self._panel_say
        try:
            values = checked(name, given, words)
        except BadValue as error:
            raise BadInput(str(error)) from None
        return made(name, values), told(name, values, words)

    def _forked(self, step: int, fault: Fault) -> SimulatedTrace:
        words = self._panel_say
        if why := refused(fault, words):
            raise BadInput(why)
        try:
            return fork(self._trace, at_step=step, fault=fault)
        except ForkError as error:
            raise BadInput(failure_sentence(error, words)) from error

    def do_fork(self, fault: str, n: int = 0, values: dict[str, Any] | None = None) -> None:
        """Show the other future under this one; what has nothing to happen to is said, and the last one stays."""
        chosen, what = self._fault(fault, values or {})
        other = self._forked(n, chosen)
        if why := nothing_happened(other, chosen, self._panel_say):
            raise BadInput(why)
        about = self._panel_say.say("fork.about", n=n, fault=what)
        self.forked = {"about": about, **forked_film(self._trace, other, self.language, self._level)}

    def do_unfork(self) -> None:
        """Put the other future away."""
        self.forked = {}
