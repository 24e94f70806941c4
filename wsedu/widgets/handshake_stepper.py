"""`HandshakeStepper`: an opening handshake that can be changed line by line, and every check of it (RFC 6455 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..explain.catalogue import Catalogue, choose_language
from ..protocol.http import TOKEN, Request, Response, ascii_lower
from ..protocol.types import BytesLike, as_bytes
from ..views.handshake_keys import WAYS, wrong_way
from ..views.handshake_lines import CRLF, LF, Head, Line, typed
from ..views.handshake_model import Sheet, answer_of, handshake
from ..views.handshake_pages import SIDES, handshake_html, handshake_svg, handshake_text, shortened, verdict_line
from ..views.handshake_presets import PRESETS, Policy
from ..views.handshake_steps import asked, last_step, next_stop, options, reached, veiled
from .base import BadInput, Widget, WrongKind

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName

MOST = 1 << 16
"""Bytes of a head that are taken; the checks refuse far smaller ones."""


class HandshakeStepper(Widget):
    """See what each side of an opening handshake checks, and what becomes of it when something is changed.

    What is on the screen is in `.request` and `.response` (their bytes; both can be set) and in `.sheet`, every check
    with its outcome; `.predictions` has what was answered step by step.

        stepper = HandshakeStepper("GET /chat HTTP/1.1\\nHost: example.com\\n\\n")
        stepper                                # the last line of a cell: shows it
        stepper.sheet["request"]["verdict"]    # what the server says to it

    Arguments:
        request: what the client sends: bytes, text with any line ends, or a `Request`; None for the RFC's example.
        response: what it is answered; None for what the server answers.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Raises:
        WrongKind: `request` or `response` is something else; it is a TypeError.
        BadInput: a text has half a surrogate pair.
    """

    _files: ClassVar[str] = "handshake_stepper"

    request = traitlets.Bytes(help="The request as it is now; setting it changes what is shown.")
    """The request as it is now; setting it changes what is shown."""

    response = traitlets.Bytes(help="The response as it is now: the server's, or the one that was set.")
    """The response as it is now: the server's, or one of your own."""

    def __init__(
        self,
        request: BytesLike | str | Request | None = None,
        response: BytesLike | str | Response | None = None,
        *,
        language: str | None = None,
    ) -> None:
        preset = PRESETS["rfc"]
        self.language = choose_language(language)
        self._policy = preset.policy
        self._preset = "rfc" if request is None and response is None else ""
        self._asking = Head.read(preset.request if request is None else self._given("request", request))
        self._answering = None if response is None else Head.read(self._given("response", response))
        self._stepping, self._at = False, 0
        self._said: dict[str, str] = {}
        self.predictions: list[dict[str, Any]] = []
        super().__init__(language=language)
        self._follow()

    def _given(self, side: str, head: BytesLike | str | Request | Response) -> bytes:
        """The bytes of a head, however it is given."""
        if isinstance(head, (Request, Response)):
            return head.encode()
        try:
            return typed(_sound(head, self._say), CRLF) if isinstance(head, str) else as_bytes(head)
        except TypeError:
            raise WrongKind(self._say.say(f"problem.{side}", kind=type(head).__name__)) from None

    @traitlets.observe("request")
    def _asked(self, change: Any) -> None:
        if hasattr(self, "_sheet") and change["new"] != self._asking.data:
            self._asking = Head.read(change["new"], self._asking.following)
            self._follow()

    @traitlets.observe("response")
    def _answered(self, change: Any) -> None:
        if hasattr(self, "_sheet") and change["new"] != self._answer.data:
            self._answering = Head.read(change["new"], self._answer.following)
            self._follow()

    @property
    def sheet(self) -> Sheet:
        """What is shown, as `wsedu.views.handshake_model.handshake` gives it."""
        return self._sheet

    @property
    def _answer(self) -> Head:
        return self._answering or Head.read(answer_of(self._asking.data, self._policy))

    def _follow(self) -> None:
        """Everything anew after a change; a run of steps begins again."""
        self._sheet = handshake(self._asking, self._answering, self._policy, self.language)
        self._at, self._said = 0, {}
        self.request, self.response = self._asking.data, self._answer.data
        self._show()

    # --- What the user changes ---

    def do_preset(self, name: str) -> None:
        """Begin with another handshake."""
        preset = PRESETS.get(name)
        if preset is None:
            raise BadInput(self._say.say("problem.preset", name=name))
        self._preset, self._policy = name, preset.policy
        self._asking = Head.read(preset.request, self._asking.following)
        self._answering = None if preset.response is None else Head.read(preset.response, self._answer.following)
        self._follow()

    def do_change(self, side: str, number: int, text: str) -> None:
        """Change a line."""
        self._put(side, self._head(side).change(number, _sound(text, self._say)))

    def do_delete(self, side: str, number: int) -> None:
        """Take a line out."""
        self._put(side, self._head(side).delete(number))

    def do_duplicate(self, side: str, number: int) -> None:
        """Have a line twice."""
        self._put(side, self._head(side).duplicate(number))

    def do_add(self, side: str) -> None:
        """Add a header field."""
        self._put(side, self._head(side).insert(self._say.say("stepper.add.text")))

    def do_raw(self, side: str, text: str) -> None:
        """Take a head that was typed as a whole; its lines end as they did."""
        head = self._head(side)
        self._put(side, Head.read(typed(_sound(text, self._say), head.end, head), head.following))

    def do_ends(self, side: str, end: str) -> None:
        """Have lines end with CR LF or LF."""
        self._put(side, self._head(side).with_ends(LF if end == "LF" else CRLF))

    def do_follow(self) -> None:
        """Have the response be what the server answers."""
        self._answering = None
        self._follow()

    def do_policy(self, subprotocols: str, same_host: bool, compress: bool) -> None:
        """Change what the server accepts."""
        names = tuple(name.strip() for name in subprotocols.split(",") if name.strip())
        wrong = next((name for name in names if not TOKEN.fullmatch(name)), None)
        if wrong is not None:
            raise BadInput(self._say.say("problem.token", text=wrong[:60]))
        self._policy = Policy(names, bool(same_host), bool(compress))
        self._follow()

    def do_use(self, way: str) -> None:
        """Put the accept value of a wrong way into the response."""
        key = self._sheet["key"]
        made = None if key is None or way not in WAYS else wrong_way(way, key["key"], key["accept"], self.language)
        head = self._answer
        lines = self._accepting()
        if made is not None and not lines:
            raise BadInput(self._say.say("problem.use"))
        if made is not None and made["value"] is not None:
            self._put("response", head.change(lines[0].number, f"Sec-WebSocket-Accept: {made['value']}"))

    def _accepting(self) -> list[Line]:
        """The lines of the response that hold an accept value."""
        return [line for line in self._answer.lines if ascii_lower(line.text).startswith("sec-websocket-accept:")]

    def _head(self, side: str) -> Head:
        if side not in ("request", "response"):
            raise BadInput(self._say.say("problem.side", text=side))
        return self._asking if side == "request" else self._answer

    def _put(self, side: str, head: Head) -> None:
        if len(head.data) > MOST:
            raise BadInput(self._say.say("problem.large", size=len(head.data), most=MOST))
        self._preset = ""
        if side == "request":
            self._asking = head
        else:
            self._answering = head
        self._follow()

    # --- Step by step ---

    def do_stepping(self, on: bool) -> None:
        """Go through it check by check, or see everything."""
        self._stepping, self._at, self._said = bool(on), 0, {}
        self._show()

    def do_go(self, by: int) -> None:
        """Take steps forwards or back; a verdict that is reached is compared with what was predicted."""
        before, self._at = self._at, max(0, min(last_step(self._sheet), self._at + by))
        for side, step in (("request", reached(self._sheet, "request") + 1), ("response", last_step(self._sheet))):
            if before < step <= self._at and self._sheet[side]["ends"]:
                self._reveal(side)
        self._show()

    def do_jump(self) -> None:
        """Take every step up to the next question, or up to the last verdict."""
        self.do_go(next_stop(self._sheet, self._at) - self._at)

    def do_predict(self, choice: str) -> None:
        """Say what the outcome will be, before it is revealed."""
        side = asked(self._sheet, self._at)
        if not side or choice not in dict(options(side, self.language)):
            raise BadInput(self._say.say("problem.choice", text=choice[:60]))
        self._said[side] = choice
        self._show()

    def _reveal(self, side: str) -> None:
        """Note how a prediction compares; going back and forth again counts once."""
        noted = f"seen {side}"
        if noted not in self._said:
            self._said[noted] = "yes"
            said = self._said.get(side)
            self.predictions.append({"side": side, "predicted": said, "actual": self._sheet[side]["ends"]})

    # --- What the page draws ---

    def _draw(self) -> dict[str, Any]:
        shown = veiled(self._sheet, self._at, self.language) if self._stepping else self._sheet
        policy = self._policy
        return {
            "sheet": shown,
            "policy": {
                "subprotocols": ", ".join(policy.subprotocols),
                "same_host": policy.same_host,
                "compress": policy.compress,
            },
            "preset": self._preset,
            "presets": [*PRESETS],
            "usable": bool(self._accepting()),
            "steps": self._steps() if self._stepping else None,
        }

    def _steps(self) -> dict[str, Any]:
        side = asked(self._sheet, self._at)
        told = "response" if self._at >= last_step(self._sheet) else "request"
        revealed = told == "response" or self._at == reached(self._sheet, "request") + 1
        return {
            "at": self._at,
            "last": last_step(self._sheet),
            "side": side,
            "jump": "question" if asked(self._sheet, next_stop(self._sheet, self._at)) else "verdict",
            "options": options(side, self.language) if side else [],
            "said": self._said.get(side, ""),
            "result": self._compared(told) if revealed else "",
            "count": self._count(),
        }

    def _compared(self, side: str) -> str:
        """How the outcome that was revealed last compares with what was predicted."""
        names = dict(options(side, self.language))
        actual, said = self._sheet[side]["ends"], self._said.get(side)
        if not actual:
            return ""
        key = "skipped" if said is None else "right" if said == actual else "wrong"
        facts = {"actual": names.get(actual, actual), "choice": names.get(said or "", "")}
        return self._say.say(f"stepper.{key}", **facts)

    def _count(self) -> str:
        skipped = sum(1 for one in self.predictions if one["predicted"] is None)
        right = sum(1 for one in self.predictions if one["predicted"] == one["actual"])
        wrong = len(self.predictions) - right - skipped
        facts = {"right": str(right), "wrong": str(wrong), "skipped": str(skipped)}
        return self._say.say("stepper.count", **facts) if self.predictions else ""

    # --- Static twins ---

    def to_text(self) -> str:
        return handshake_text(self._sheet, self.language)

    def _alt(self, told: str) -> str:
        title = told.splitlines()[0]
        sheet = shortened(self._sheet, self.language)
        return " · ".join([title, *(verdict_line(sheet, side, self.language) for side in SIDES)])

    def to_html(self) -> str:
        return handshake_html(self._sheet, self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        return handshake_svg(self._sheet, self.language, theme)


def _sound(text: str, words: Catalogue) -> str:
    """A text, if it can be sent: half a surrogate pair has no bytes."""
    place = next((place for place, sign in enumerate(text, 1) if "\ud800" <= sign <= "\udfff"), 0)
    if place:
        raise BadInput(words.say("problem.surrogate", place=place))
    return text
