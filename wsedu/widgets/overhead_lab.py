"""`OverheadLab`: polling, long polling, server-sent events and WebSocket, modelled at once and measured on demand."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..explain.catalogue import choose_language
from ..overhead.limits import MAX_CLIENTS, MAX_SECONDS, CannotMeasureError
from ..overhead.measure import Progress
from ..overhead.profiles import PROFILES, profile
from ..overhead.results import Measured
from ..overhead.setting import Setting
from ..overhead.transports import FOUR, LAYERS, MEASURED, Transport
from ..views.overhead_fields import (
    DEFAULT,
    FIELDS,
    PRESETS,
    NotAValueError,
    field_state,
    number_text,
    stops,
    typed,
)
from ..views.overhead_looks import looks
from ..views.overhead_pages import lab_html, lab_text
from ..views.overhead_picture import View, charts, setting_line
from ..views.overhead_sheet import figures, layers
from ..views.overhead_svg import lab_svg
from ..views.overhead_told import measured_details, measured_notes, obstacle, progress_line
from .base import BadInput, Widget
from .overhead_given import check_keywords, given_setting, given_transports
from .overhead_run import LabRun
from .overhead_tale import Tale

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

SECONDS = (2, 5, 10, 30)
"""How long each transport may be measured from the page."""


class OverheadLab(Widget):
    """See what it costs to bring events to clients: set what you like, measure it, and follow the story.

    Arguments:
        setting: to begin with; None for twenty clients with two events per second each.
        transports: that are compared.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.
        unknown: nothing else; a number of the setting that stands here is answered with how it is given.

    Raises:
        WrongKind: something else was given, or by a name that there is not; it is a TypeError.
        BadInput: there is no such transport.
    """

    _files: ClassVar[str] = "overhead_lab"

    fixed = traitlets.Dict().tag(sync=True)
    """What never changes: labels, marks, where the sliders stop."""

    predictions: traitlets.List[dict[str, Any]] = traitlets.List()
    """What was answered in the story: `question`, `said`, `answer`, `right`, `skipped`."""

    def __init__(
        self,
        setting: Setting = DEFAULT,
        *,
        transports: Sequence[Transport | str] = FOUR,
        language: str | None = None,
        **unknown: object,
    ) -> None:
        self.language = choose_language(language)
        check_keywords(unknown, self._say)
        self._setting = given_setting(setting, self._say)
        self._transports = given_transports(transports, self._say) or FOUR
        self._own: tuple[Setting, tuple[str, ...]] | None = None
        self._layers: tuple[str, ...] = LAYERS
        self._complaints: dict[str, str] = {}
        self._runs: list[Measured] = []
        self._asked: Setting | None = None
        self._run: LabRun | None = None
        self._said = self._failure = ""
        super().__init__(language=language)
        self._tale = Tale(self.language)
        self.fixed = looks(self.language, SECONDS)
        self._show()

    @property
    def setting(self) -> Setting:
        """What is set now."""
        return self._setting

    @setting.setter
    def setting(self, setting: Setting) -> None:
        given_setting(setting, self._say)
        with self._lock:
            self._set(setting)
            self._show()

    @property
    def results(self) -> tuple[Measured, ...]:
        """What was measured last, a result for each transport, also while the setting is another one by now."""
        with self._lock:
            return tuple(self._runs)

    @property
    def measuring(self) -> bool:
        """Whether a measurement is under way; when it is not any more, its result is shown."""
        with self._lock:
            return self._run is not None

    def close(self) -> None:
        """Stop what is measured, and end the views."""
        # ipywidgets calls this also for a widget that could not be made.
        run: LabRun | None = self.__dict__.get("_run")
        if run is not None:
            run.stop()
        super().close()

    # --- What is set ---

    def _set(self, setting: Setting) -> None:
        self._setting = setting
        self._complaints = {}

    def do_slide(self, moves: dict[str, int]) -> None:
        """Move sliders to stops."""
        for name, stop in moves.items():
            values = stops(self._known(name, FIELDS))
            self._put(name, values[min(max(0, int(stop)), len(values) - 1)])

    def do_type(self, name: str, text: str) -> None:
        """Take what was typed into the box of a field; what is wrong with it is said there."""
        try:
            value = typed(self._known(name, FIELDS), text, self.language)
        except NotAValueError as error:
            self._complaints[name] = str(error)
            return
        self._put(name, value)

    def _put(self, name: str, value: float) -> None:
        self._setting = FIELDS[name].put(self._setting, value)
        self._complaints.pop(name, None)
        unit = self._say.say(f"unit.{name}")
        told = self._say.say("field.value", value=number_text(value), unit=unit)
        self._tell("said.field", field=self._say.say(f"field.{name}"), value=told)

    def do_preset(self, name: str) -> None:
        """Choose a situation."""
        setting = self._setting
        for field, value in PRESETS[self._known(name, PRESETS)].items():
            setting = FIELDS[field].put(setting, value * FIELDS[field].scale)
        self._set(setting)
        self._tell("said.preset", name=self._say.say(f"preset.{name}"))

    def do_headers(self, name: str) -> None:
        """Choose whose HTTP heads there are."""
        self._setting = replace(self._setting, headers=self._known(name, PROFILES))
        self._tell("said.headers", name=self._view().words.say(f"headers.{name}"))

    def do_tls(self, on: bool) -> None:
        """Take TLS 1.3, or none."""
        self._setting = replace(self._setting, tls=bool(on))
        self._tell("said.tls.on" if on else "said.tls.off")

    def do_transport(self, name: str) -> None:
        """Compare a transport, or leave it out."""
        one = Transport(self._known(name, list(Transport)))
        chosen = {*self._transports} ^ {one}
        if not chosen:
            raise BadInput(self._say.say("why.transport"))
        self._transports = tuple(other for other in Transport if other in chosen)
        self._tell("said.on" if one in chosen else "said.off", name=self._view().name(one))

    def do_layer(self, name: str) -> None:
        """Count a layer, or leave it out."""
        chosen = {*self._layers} ^ {self._known(name, LAYERS)}
        if not chosen:
            raise BadInput(self._say.say("why.layer"))
        self._layers = tuple(layer for layer in LAYERS if layer in chosen)
        told = self._view().words.say(f"layer.{name}")
        self._tell("said.on" if name in chosen else "said.off", name=told)

    def _known(self, name: Any, names: Any) -> str:
        if name not in names:
            raise BadInput(self._say.say("why.name", name=name))
        return str(name)

    def _tell(self, key: str, **facts: Any) -> None:
        """Say what has changed; what comes of it is added when the picture is made."""
        self._said = self._say.say(key, **facts)

    # --- What is measured ---

    def do_measure(self, seconds: Any = SECONDS[0]) -> None:
        """Measure the transports that are chosen in the setting that is chosen."""
        if self._run is not None:
            raise BadInput(self._say.say("cannot.running"))
        chosen = [one for one in self._transports if one in MEASURED]
        if not chosen:
            raise BadInput(self._say.say("cannot.modelled"))
        try:
            run = LabRun(self, chosen, self._setting, self._seconds(seconds))
        except CannotMeasureError as error:
            raise BadInput(self._say.say(f"cannot.{error.key}", **error.facts)) from None
        self._runs, self._asked, self._failure = [], self._setting, ""
        self._run = run
        self._tell("measure.beginning")
        # The thread ends when this widget is forgotten, and with the kernel.
        weakref.finalize(self, run.stop)
        run.start()

    def _seconds(self, seconds: Any) -> float:
        try:
            return float(seconds)
        except (ValueError, TypeError, OverflowError):
            raise BadInput(self._say.say("why.number", text=str(seconds)[:40])) from None

    def do_stop(self) -> None:
        """Stop the measurement; what there is is kept."""
        if self._run is not None:
            self._run.stop()
            self._tell("measure.stopping")

    def do_back(self) -> None:
        """Go back to the setting that was measured."""
        if self._asked is None:
            raise BadInput(self._say.say("cannot.nothing"))
        self._set(self._asked)
        self._tell("said.back")

    def do_fit(self, seconds: Any = SECONDS[0]) -> None:
        """Change what keeps the setting from being measured, and nothing else."""
        most = min(self._seconds(seconds), MAX_SECONDS)
        clients, interval = min(self._setting.clients, MAX_CLIENTS), min(self._setting.interval, most)
        self._set(replace(self._setting, clients=clients, interval=max(interval, FIELDS["interval"].low)))
        self._tell("said.fit")

    def progressed(self, run: LabRun, progress: Progress) -> None:
        """See `Listener`."""
        if run is self._run:
            told = progress_line(progress, self.language)
            whole = (progress.number - 1 + progress.elapsed / (progress.seconds or 1.0)) / progress.count
            self.send({"kind": "progress", "text": told, "part": round(min(1.0, whole), 3)})

    def found(self, run: LabRun, measured: Measured) -> None:
        """See `Listener`."""
        with self._lock:
            if run is self._run and measured.delivered:
                self._runs.append(measured)
                figure = f"{measured.repeated / measured.delivered:,.0f}"
                name = self._view().name(measured.transport)
                self._tell("measure.measured", transport=name, bytes=figure)
                self._show()

    def ended(self, run: LabRun) -> None:
        """See `Listener`."""
        with self._lock:
            if run is self._run:
                self._run = None
                over = "measure.stopped" if run.stopped else "measure.finished"
                self._tell(over if self._runs or run.stopped else "measure.empty")
                if run.failure is not None:
                    self._failure = self._said = self._failed_run(run.failure)
                self._show()

    def _failed_run(self, error: Exception) -> str:
        if isinstance(error, CannotMeasureError):
            facts = error.facts | {"name": self._view().name(Transport(error.facts["name"]))}
            return self._say.say(f"cannot.{error.key}", **facts)
        return self._say.say("measure.failed", error=f"{type(error).__name__}: {error}")

    # --- The story ---

    def do_answer(self, said: Any) -> None:
        """Answer the question of the story that is open; None skips it."""
        self._said = ""
        self.predictions = [*self.predictions, self._tale.answer(said)]

    def do_again(self) -> None:
        """Begin the story from its beginning; what was predicted before is kept."""
        self._tale = Tale(self.language)

    def do_chapter(self, number: int) -> None:
        """Have the charts show what a chapter is about."""
        shown = self._tale.setting(int(number), self._setting)
        self._own = self._own or (self._setting, self._layers)
        self._set(shown)
        self._layers = LAYERS
        self._tell("said.chapter")

    def do_own(self) -> None:
        """Go back to what was set before the charts showed a chapter."""
        if self._own is None:
            raise BadInput(self._say.say("cannot.own"))
        setting, self._layers = self._own
        self._own = None
        self._set(setting)
        self._tell("said.own")

    # --- What the page draws ---

    def _view(self) -> View:
        current = self._asked is not None and self._setting == self._asked
        runs = [run for run in self._runs if run.transport in self._transports] if current else []
        return View(self._setting, self._transports, self._layers, tuple(runs), self.language)

    def _draw(self) -> dict[str, Any]:
        view = self._view()
        drawn = charts(view)
        said = self._said
        result = drawn["bars"]["said"]
        versions = ", ".join(f"{name} {version}" for name, version in profile(self._setting.headers).made_by)
        origin = view.words.say(f"headers.{self._setting.headers}.origin", versions=versions)
        return {
            "fields": {
                name: field_state(name, self._setting, self._complaints.get(name, ""), self.language) for name in FIELDS
            },
            "headers": self._setting.headers,
            "origin": self._say.say("lab.origin", origin=origin),
            "tls": bool(self._setting.tls),
            "transports": list(self._transports),
            "layers": list(self._layers),
            "charts": drawn,
            "tables": [figures(view), layers(view)],
            "said": self._say.say("said.changed", what=said.rstrip(".。"), result=result) if said else "",
            "measure": self._measure_state(view),
            "own": self._own is not None,
            "story": self._tale.state(),
        }

    def _measure_state(self, view: View) -> dict[str, Any]:
        stale = bool(self._runs) and not view.runs and self._setting != self._asked
        notes = [self._failure] if self._failure else []
        notes += self._measured_notes(view)
        told = ""
        if stale and self._asked is not None:
            told = self._say.say("measure.stale", setting=setting_line(self._asked, self.language))
        obstacles = {str(seconds): obstacle(view, seconds) for seconds in SECONDS}
        fits = any(one in MEASURED for one in self._transports)
        details = measured_details(view)
        return {
            "running": self._run is not None,
            "notes": notes,
            "details": details,
            "stale": told,
            "obstacles": obstacles,
            "fits": fits,
        }

    def _measured_notes(self, view: View) -> list[str]:
        empty = self._setting == self._asked and not self._runs and not self._failure
        return measured_notes(view, running=self._run is not None, empty=empty)

    # --- Static twins ---

    def _notes(self) -> list[str]:
        with self._lock:
            view = self._view()
            return self._measured_notes(view) + measured_details(view)

    def to_text(self) -> str:
        """See `Twins.to_text`."""
        return lab_text(self._view(), self._notes())

    def to_html(self) -> str:
        """See `Twins.to_html`."""
        return lab_html(self._view(), self._notes())

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """See `Twins.to_svg`."""
        return lab_svg(self._view(), theme)
