"""What every widget has: words, a state made by Python alone, messages from its page, and a static twin.

The page never decodes anything. It sends what its user did as messages (never as changed state, which a busy kernel
may lose), one at a time, each with a number; `state["acks"]` tells each view up to which number the picture counts.
"""

from __future__ import annotations

import base64
import threading
import traceback
from abc import ABCMeta
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from ..explain.catalogue import Catalogue, choose_language, language_tag, part_catalogue
from ..views.headless import headless
from .assets import module, stylesheet
from .twins import Twins

ALT = 240
"""Characters of the line that stands for an image."""

VIEWS = 16
"""Views of one widget whose messages are counted; a view that is older is no longer waiting for an answer."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class BadInput(ValueError):
    """What a user entered cannot be taken; its text is one line for the user, in the user's language."""


class WrongKind(BadInput, TypeError):
    """What a widget was given is of a kind that it cannot take."""


class _AbstractTraits(ABCMeta, traitlets.MetaHasTraits):
    """A class with traits, of which nothing is made while a method of `Twins` is missing."""


class Widget(Twins, anywidget.AnyWidget, metaclass=_AbstractTraits):
    """A live view; a class of its own names its files and texts and makes its state.

    Arguments:
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.
    """

    _files: ClassVar[str]
    """The name of its `.js` and `.css` file, and of its texts."""

    _sheets: ClassVar[tuple[str, ...]] = ()
    """Further stylesheets that it needs."""

    words = traitlets.Dict().tag(sync=True)
    """Its texts by key, as templates."""

    state = traitlets.Dict().tag(sync=True)
    """What its page draws."""

    problem = traitlets.Dict().tag(sync=True)
    """What went wrong last: `text`, one line for the user, and `trace`, for whoever repairs it; empty for nothing."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "_files" in cls.__dict__:
            cls._esm = module(f"{cls._files}.js")
            cls._css = stylesheet(f"{cls._files}.css", *cls._sheets)
        super().__init_subclass__(**kwargs)

    def __init__(self, *, language: str | None = None, **traits: Any) -> None:
        self.language = choose_language(language)
        self._lock = threading.RLock()
        self._acks: dict[str, int] = {}
        self._acting = False
        self._lacking = False
        words = {**self._shared.texts, **self._say.texts, "lang": language_tag(self.language)}
        super().__init__(words=words, **traits)
        self.on_msg(self._received)

    @property
    def _say(self) -> Catalogue:
        return part_catalogue(self._files, self.language)

    @property
    def _shared(self) -> Catalogue:
        return part_catalogue("widget", self.language)

    # --- From the page ---

    def _received(self, _widget: Any, content: dict[str, Any], _buffers: list[Any]) -> None:
        """A message from the page: what its user did, one or more things, in order."""
        # A kernel with subshells calls this from threads of its own.
        with self._lock:
            self._note(str(content.get("view", "")), int(content.get("seq", 0)))
            before = self._picture()
            problem, failed = self._perform(content.get("acts", ()))
            with self.hold_sync():
                # Whatever has happened: the page waits for an answer.
                undrawn = self._drawn()
                if failed is not None:
                    problem = self._failed("failed" if self._picture() == before else "half", failed)
                self.problem = undrawn or problem
                self.state = {**self._picture(), "acks": dict(self._acks)}

    def _note(self, view: str, seq: int) -> None:
        """Up to which message of a view the next picture counts."""
        self._acks.pop(view, None)
        self._acks[view] = seq
        while len(self._acks) > VIEWS:
            del self._acks[next(iter(self._acks))]

    def _perform(self, acts: Iterable[dict[str, Any]]) -> tuple[dict[str, str], Exception | None]:
        """Do things in order; gives the last problem, and the exception if that was not foreseen."""
        problem: dict[str, str] = {}
        failed: Exception | None = None
        self._acting = True
        try:
            for act in acts:
                try:
                    self._doer(act["do"])(**{key: value for key, value in act.items() if key != "do"})
                except BadInput as error:
                    problem, failed = {"text": str(error)}, None
                except Exception as error:
                    failed = error
        except KeyboardInterrupt:
            # Whoever interrupts the kernel wants the rest of it undone as well.
            problem, failed = self._interrupted(), None
        finally:
            self._acting = False
        return problem, failed

    def _failed(self, key: str, error: BaseException) -> dict[str, str]:
        told = self._shared.say(f"shared.{key}", error=f"{type(error).__name__}: {error}")
        return {"text": told, "trace": "".join(traceback.format_exception(error))}

    def _interrupted(self) -> dict[str, str]:
        return {"text": self._shared.say("shared.interrupted")}

    def _doer(self, name: str) -> Callable[..., None]:
        doer: Callable[..., None] | None = getattr(self, f"do_{name}", None)
        if doer is None:
            raise BadInput(self._shared.say("shared.unknown", name=name))
        return doer

    # --- To the page ---

    if TYPE_CHECKING:

        def _draw(self) -> dict[str, Any]:
            """What the page shows: JSON."""

    def _show(self) -> None:
        """Make the state anew and send it; while several things are done, once, after the last.

        Raises:
            Exception: what `_draw` raised; the page says so, and keeps its picture.
        """
        if self._acting:
            return
        try:
            drawn = self._draw()
        except Exception as error:
            self.problem = self._failed("undrawn", error)
            self._lacking = True
            raise
        with self.hold_sync():
            if self._lacking:
                self.problem, self._lacking = {}, False
            self.state = {**drawn, "acks": dict(self._acks)}

    def _drawn(self) -> dict[str, str]:
        """Make the state anew for an answer to the page; gives what went wrong, and then the picture is the old one."""
        try:
            self._show()
        except KeyboardInterrupt:
            return self._interrupted()
        except Exception:
            return self.problem
        return {}

    def _picture(self) -> dict[str, Any]:
        """What the page draws, whatever it has been answered."""
        return {key: value for key, value in self.state.items() if key != "acks"}

    def _alt(self, told: str) -> str:
        """What the image shows, in one line; `told` is the whole text, which a notebook keeps anyway."""
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        return " · ".join(lines[:2])[:ALT]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The live view together with an image and a text, for wherever there is no kernel."""
        bundle: dict[str, Any] = {"text/plain": self.to_text()}
        metadata: dict[str, Any] = {}
        png, width = self._image()
        if png is not None:
            bundle["image/png"] = base64.b64encode(png).decode("ascii")
            metadata["image/png"] = {"alt": self._alt(bundle["text/plain"]), "width": width}
        if not headless():
            live, _metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
            bundle |= {kind: data for kind, data in live.items() if kind == WIDGET_VIEW}
        return bundle, metadata
