"""Be the server: a real client core waits, and what a learner answers is judged by it."""

from __future__ import annotations

from typing import Any

from ..explain.catalogue import Catalogue, part_catalogue
from ..explain.shown import bytes_hex, printable
from ..explain.words import rule_sentence, step_sentence
from ..protocol.connection import Connection
from ..protocol.events import BinaryReceived, CloseReceived, Event, Opened, PongReceived, TextReceived
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.response import error_response
from ..protocol.rules import RULES
from ..protocol.step import Step
from ..protocol.steps import BytesReceived, BytesSent, Level, Violation
from ..protocol.types import Role, State
from ..trace.hexinput import HexError, read_hex
from ..views.ideas import idea_sentence, misconception
from ..views.server_ideas import close_idea, echo_idea, opening_idea, pong_idea
from .base import BadInput

TEXT = "hello"
PING = b"wsedu"
ADDRESS = "ws://127.0.0.1/chat"

CHOICES: dict[str, tuple[str, ...]] = {
    "opening": ("accept", "refuse.403", "refuse.200"),
    "echo": ("echo", "echo.masked", "echo.binary"),
    "ping": ("pong", "pong.empty", "ignore"),
    "close": ("close.1000", "close.1005", "close.none", "eof"),
    "over": (),
}
"""What a learner may choose where the server has to act; bytes may be typed in every place but the last."""


class BeServer:
    """A client whose server is the learner.

    Arguments:
        language: `en` or `zh`.

    Attributes:
        at: where the server has to act: a key of `CHOICES`.
        lines: what happened so far, each with `who` and `text`, and, where a wrong idea is named that is a
            misconception of the inventory, its id.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._words: Catalogue = part_catalogue("film_panels", language)
        self.at = "opening"
        self.lines: list[dict[str, str]] = []
        self._turn = 0
        self._steps: list[Step] = []
        self._client = Connection(Role.CLIENT, ADDRESS, tracer=self._steps.append)
        self._request = self._client.data_to_send()
        self._key = _key_of(self._request)
        self._steps.clear()
        for line in self._request.decode("latin-1").split("\r\n"):
            if line:
                self._tell("client", printable(line))

    def answer(self, choice: str) -> None:
        """Do one of the choices.

        Raises:
            BadInput: it is none of those that there are now.
        """
        if choice not in CHOICES[self.at]:
            raise BadInput(self._words.say("server.no_choice", choice=choice))
        self._turn = len(self.lines)
        self._tell("server", self._words.say(f"server.do.{choice}"))
        if choice == "eof":
            self._end()
            self._name("tcp")
        elif choice != "ignore":
            self._send(self._bytes(choice))
        else:
            self._go_on([PongReceived(b"")])

    def type(self, text: str) -> None:
        """Send bytes as they are.

        Raises:
            BadInput: the text is not hex, or the exchange is over.
        """
        if self.at == "over":
            raise BadInput(self._words.say("server.is_over"))
        try:
            data = read_hex(text)
        except HexError as error:
            raise BadInput(self._words.say("server.no_hex", place=error.column, found=error.found)) from None
        if not data:
            raise BadInput(self._words.say("server.empty"))
        self._turn = len(self.lines)
        self._send(data)

    def state(self) -> dict[str, Any]:
        """What a page shows."""
        say = self._words.say
        choices = [[choice, say(f"server.do.{choice}")] for choice in CHOICES[self.at]]
        return {
            "at": self.at,
            "earlier": self.lines[: self._turn],
            "lines": self.lines[self._turn :],
            "choices": choices,
            "prompt": say(f"server.at.{self.at}"),
        }

    # --- What goes out, and what the client makes of it ---

    def _bytes(self, choice: str) -> bytes:
        name, _, what = choice.partition(".")
        match name:
            case "accept":
                server = Connection(Role.SERVER)
                server.receive_data(self._request)
                return server.data_to_send()
            case "refuse":
                return error_response(int(what)).encode()
            case "echo" if what == "binary":
                return encode_frame(Frame.binary(TEXT.encode()))
            case "echo":
                return encode_frame(Frame.text(TEXT, masking_key=b"\x01\x02\x03\x04" if what else None))
            case "pong":
                return encode_frame(Frame.pong(b"" if what else PING))
        return encode_frame(Frame.close(None if what == "none" else int(what)))

    def _send(self, data: bytes) -> None:
        idea = self._idea(data)
        self._tell("bytes", bytes_hex(data, 64))
        before = len(self.lines)
        self._client.receive_data(data)
        self._go_on(self._client.events())
        if len(self.lines) == before:
            self._tell("decided", self._words.say("server.waits"))
        self._name(idea)

    def _idea(self, data: bytes) -> str:
        """The wrong idea behind bytes that are sent now; empty for none that is certain."""
        match self.at:
            case "opening":
                return opening_idea(data, self._key)
            case "echo":
                return echo_idea(data, TEXT)
            case "ping":
                return pong_idea(data, PING)
        return close_idea(data)

    def _name(self, idea: str) -> None:
        """Tell what to say of an idea."""
        if idea:
            self._tell("idea", idea_sentence(idea, self._language))
            self.lines[-1]["misconception"] = misconception(idea)

    def _end(self) -> None:
        self._client.receive_eof()
        self._go_on(self._client.events())

    def _go_on(self, events: list[Event]) -> None:
        """Tell what the client has decided, and have it do what it does next."""
        verdicts: list[str] = []
        ended = False
        for event in events:
            match event:
                case Opened():
                    self._client.send_text(TEXT)
                    self.at = "echo"
                case TextReceived() if self.at == "echo":
                    key = "right" if event.text == TEXT else "other"
                    verdicts.append(self._words.say(f"server.echo.{key}", text=printable(event.text)))
                    self._client.send_ping(PING)
                    self.at = "ping"
                case BinaryReceived() if self.at == "echo":
                    verdicts.append(self._words.say("server.echo.binary"))
                case PongReceived() if self.at == "ping":
                    verdicts.append(self._words.say(f"server.pong.{'right' if event.payload == PING else 'other'}"))
                    self.at = "close"
                case CloseReceived():
                    ended = True
        self._write()
        if ended:
            self._client.receive_eof()
            self._write()
        for verdict in verdicts:
            self._tell("verdict", verdict)
        if self._client.ends_transport or self._client.state in (State.CLOSING, State.CLOSED):
            self.at = "over"

    def _write(self) -> None:
        """Tell the client's steps, and what it puts on the wire."""
        out = self._client.data_to_send()
        for step in self._steps:
            if step.level <= Level.CORE and not isinstance(step, (BytesSent, BytesReceived)):
                self._judge(step)
        self._steps.clear()
        if out:
            self._tell("client", bytes_hex(out, 64))

    def _judge(self, step: Step) -> None:
        rule = RULES.get(step.rule or "")
        wrong = isinstance(step, Violation)
        self._tell("violation" if wrong else "decided", step_sentence(step, self._language))
        if wrong and rule is not None:
            self._tell("rule", f"{rule.name} (§{step.rfc}): {rule_sentence(rule, self._language)}")

    def _tell(self, who: str, text: str) -> None:
        self.lines.append({"who": who, "name": self._words.say(f"server.who.{who}"), "text": text})


def _key_of(request: bytes) -> str:
    """The Sec-WebSocket-Key of a request."""
    fields = (line.partition(": ") for line in request.decode("latin-1").split("\r\n"))
    return next(value for name, _, value in fields if name.lower() == "sec-websocket-key")
