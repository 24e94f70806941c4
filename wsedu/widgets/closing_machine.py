"""`ClosingMachine`: the table of states as a diagram that two endpoints move through (RFC 6455 §4.1, §7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..explain.catalogue import choose_language, part_catalogue
from ..explain.words import violation_sentence
from ..protocol.closing import Happening, Phase
from ..protocol.rules import LocalViolation
from ..protocol.types import Role
from ..scenarios.catalogue import SCENARIOS
from ..trace.trace import Trace
from ..views.closing_diagram import LABEL, NODE, WIDTH, diagram, state_of
from ..views.closing_model import moments, rows
from ..views.closing_pages import closing_html, closing_svg, closing_text
from .base import BadInput, Widget, WrongKind
from .closing_lab import CUT, OPENED, Act, ClosingLab, NotNowError

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

OPEN, START, GIVEN = "open", "start", "trace"
"""What can be watched besides the scenarios: an exchange of one's own from one of two beginnings, the given trace."""

_SEED = 1
"""Of the scenarios, which are played in virtual time."""


class ClosingMachine(Widget):
    """See how a connection closes: states, events, what each application sees, who ends TCP.

    What was done by buttons is in `.trace`; `.position` says which of its moments is shown, and can be set.

        machine = ClosingMachine()                        # two endpoints to be moved by buttons
        ClosingMachine(simulate("both-close", seed=1))    # or an exchange to step through
        machine.trace                                     # what has happened so far

    Arguments:
        trace: an exchange to step through; None to have both endpoints moved by buttons.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Raises:
        WrongKind: `trace` is no trace; it is a TypeError.
    """

    _files: ClassVar[str] = "closing_machine"

    position = traitlets.Int(0, help="Which moment of `trace` is shown, from 0; setting it shows another.")
    """Which moment is shown, from 0."""

    source = traitlets.Unicode(OPEN, help="What is watched: `open`, `start`, `trace` or the name of a scenario.")
    """What is watched: `open`, `start`, `trace` or the name of a scenario."""

    def __init__(self, trace: Trace | None = None, *, language: str | None = None) -> None:
        self.language = choose_language(language)
        if trace is not None and not isinstance(trace, Trace):
            # The name of a scenario is what is given most often in place of a trace.
            example = repr(trace if isinstance(trace, str) and trace in SCENARIOS else "hello").replace("'", '"')
            raise WrongKind(self._say.say("why.kind", kind=type(trace).__name__, example=example))
        self._given = trace
        self._lab: ClosingLab | None = None
        super().__init__(language=language)
        self._watch(OPEN if trace is None else GIVEN)

    @property
    def trace(self) -> Trace:
        """The trace that is shown: the given one, that of a scenario, or that of what was done by buttons."""
        return self._trace

    @traitlets.observe("position")
    def _moved(self, _change: Any) -> None:
        if hasattr(self, "_trace"):
            self._show()

    @traitlets.validate("position")
    def _checked(self, proposal: Any) -> int:
        number = int(proposal["value"])
        if hasattr(self, "_moments") and not 0 <= number < len(self._moments):
            raise BadInput(self._say.say("why.position", number=number))
        return number

    @traitlets.validate("source")
    def _known(self, proposal: Any) -> str:
        source: str = proposal["value"]
        if source not in self._sources():
            raise traitlets.TraitError(self._say.say("why.scenario", name=source))
        return source

    @traitlets.observe("source")
    def _sourced(self, change: Any) -> None:
        if hasattr(self, "_watched") and change["new"] != self._watched:
            self._watch(change["new"])

    # --- What is watched ---

    def _sources(self) -> list[str]:
        return [OPEN, START, *([GIVEN] if self._given is not None else []), *SCENARIOS]

    def _watch(self, source: str) -> None:
        if source in (OPEN, START):
            self._lab = ClosingLab(OPENED if source == OPEN else ())
            trace = self._lab.trace
        elif source == GIVEN and self._given is not None:
            self._lab, trace = None, self._given
        elif source in SCENARIOS:
            from ..simulator import simulate

            self._lab, trace = None, simulate(source, seed=_SEED)
        else:
            raise BadInput(self._say.say("why.scenario", name=source))
        self._watched = self.source = source
        self._follow(trace, 0 if self._lab is None else None)

    def _follow(self, trace: Trace, at: int | None = None) -> None:
        """Show a trace, at its last moment if no other is given."""
        self._trace = trace
        self._moments = moments(trace, self.language)
        with self.hold_trait_notifications():
            self.position = len(self._moments) - 1 if at is None else at
        self._show()

    def do_watch(self, source: str) -> None:
        """Choose what is watched."""
        self._watch(source)

    def do_go(self, at: int) -> None:
        """Show a moment."""
        self.position = at

    # --- What is done by buttons ---

    def do_act(self, who: str | None, happening: str, code: str = "", reason: str = "") -> None:
        """Have an event happen to an endpoint, or with `cut` to TCP."""
        if self._lab is None:
            raise BadInput(self._say.say("why.trace"))
        role = None if who is None else Role(who)
        act = Act(role, happening, self._code(code) if happening == Happening.CLOSE_SENT else None, reason)
        try:
            self._lab.perform(act)
        except NotNowError as error:
            raise BadInput(self._why(role, error.why)) from None
        except LocalViolation as violation:
            raise BadInput(violation_sentence(violation, self.language)) from None
        # One act may lead through several states: its first moment is shown, and the user goes on to the others.
        self._follow(self._lab.trace, len(self._moments))

    def do_undo(self) -> None:
        """Take the last event back."""
        if self._lab is None or not self._lab.acts:
            raise BadInput(self._say.say("why.start" if self._lab else "why.trace"))
        self._lab = ClosingLab(self._lab.acts[:-1])
        self._follow(self._lab.trace)

    def _code(self, text: str) -> int | None:
        if not text.strip():
            return None
        if not (text.strip().isdecimal() and text.strip().isascii()):
            raise BadInput(self._say.say("why.code", text=text))
        return int(text)

    def _why(self, role: Role | None, key: str) -> str:
        phase = None if role is None or self._lab is None else self._lab.phase(role)
        finer = f"why.{key}.{phase}"
        return self._say.say(finer if self._say.has(finer) else f"why.{key}", phase=phase)

    # --- What the page draws ---

    def _draw(self) -> dict[str, Any]:
        return {
            "diagram": _drawn(),
            "moments": self._moments,
            "at": self.position,
            "source": self.source,
            "sources": [[name, self._named(name)] for name in self._sources()],
            "rows": rows(self.language),
            "events": None if self._lab is None else {role.value: self._events(role) for role in Role},
            "cut": None if self._lab is None else self._obstacle(None, CUT),
            "undo": bool(self._lab and self._lab.acts),
        }

    def _named(self, source: str) -> str:
        """What can be watched, in words: a scenario by those of the film."""
        if source in SCENARIOS:
            name = part_catalogue("exchange_film", self.language).say(f"scenario.{source}")
            return self._say.say("machine.source.scenario", name=name)
        return self._say.say(f"machine.source.{source}")

    def _events(self, role: Role) -> list[dict[str, Any]]:
        """The events that an endpoint can still meet, and why one cannot happen now."""
        assert self._lab is not None
        opening = self._lab.phase(role) is Phase.CONNECTING
        shown = [one for one in Happening if opening or one not in _OPENING]
        return [{"name": one.name, "event": one.value, "why": self._obstacle(role, one)} for one in shown]

    def _obstacle(self, role: Role | None, happening: str) -> str:
        assert self._lab is not None
        key = self._lab.obstacle(role, happening)
        return "" if key is None else self._why(role, key)

    # --- Static twins ---

    def to_text(self) -> str:
        return closing_text(self._trace, self.position, self.language)

    def to_html(self) -> str:
        return closing_html(self._trace, self.position, self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        return closing_svg(self._trace, self.position, self.language, theme)


_OPENING = (Happening.HANDSHAKE_DONE, Happening.HANDSHAKE_FAILED)


def _drawn() -> dict[str, Any]:
    """The diagram as JSON."""
    made = diagram()
    return {
        "width": WIDTH,
        "height": made.height,
        "node": NODE,
        "line": LABEL,
        "nodes": [
            {"phase": node.phase.value, "state": state_of(node.phase), "x": node.x, "y": node.y} for node in made.nodes
        ],
        "edges": [
            {
                "ends": [edge.before.value, edge.after.value],
                "happenings": [happening.name for happening in edge.happenings],
                "points": edge.points,
                "label": edge.label,
                "anchor": edge.anchor,
            }
            for edge in made.edges
        ],
    }
