"""What every widget has: words, a state made by Python alone, messages from its page, and a static twin.

The page never decodes anything. It sends what its user did as messages (never as changed state, which a busy kernel
may lose), one at a time, each with a number; `state["acks"]` tells each view up to which number the picture counts.
"""

from __future__ import annotations

import base64
import os
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from ..explain.catalogue import Catalogue, choose_language, part_catalogue
from .assets import module, stylesheet
from .twins import Twins

HEADLESS = "WSEDU_HEADLESS"
"""The environment variable that asks for the static form alone."""

ALT = 240
"""Characters of the line that stands for an image."""

VIEWS = 16
"""Views of one widget whose messages are counted; a view that is older is no longer waiting for an answer."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class BadInput(ValueError):
    """What a user entered cannot be taken; its text is one line for the user, in the user's language."""


class Widget(Twins, anywidget.AnyWidget):
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
        super().__init__(words={**self._shared.texts, **self._say.texts, "lang": self.language}, **traits)
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
            view = str(content.get("view", ""))
            self._acks.pop(view, None)
            self._acks[view] = int(content.get("seq", 0))
            while len(self._acks) > VIEWS:
                del self._acks[next(iter(self._acks))]
            problem: dict[str, str] = {}
            self._acting = True
            for act in content.get("acts", ()):
                problem = self._attempt(act) or problem
            self._acting = False
            with self.hold_sync():
                self.problem = problem
                self._show()

    def _attempt(self, act: dict[str, Any]) -> dict[str, str]:
        try:
            self._doer(act["do"])(**{key: value for key, value in act.items() if key != "do"})
        except BadInput as error:
            return {"text": str(error)}
        except Exception as error:
            told = self._shared.say("shared.failed", error=f"{type(error).__name__}: {error}")
            return {"text": told, "trace": traceback.format_exc()}
        return {}

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
        """Make the state anew and send it; while several things are done, once, after the last."""
        if self._acting:
            return
        self.state = {**self._draw(), "acks": dict(self._acks)}

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
        if not os.environ.get(HEADLESS):
            live, _metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
            bundle |= {kind: data for kind, data in live.items() if kind == WIDGET_VIEW}
        return bundle, metadata
