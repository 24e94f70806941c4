"""Questions about an exchange, made of its own steps: what is asked, where the film stops, and what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from string import hexdigits
from typing import Any

from ..explain.catalogue import Catalogue, catalogue, part_catalogue
from ..explain.shown import bytes_hex, quoted
from ..explain.words import step_sentence
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    CloseStatus,
    EndSent,
    FrameComplete,
    HandshakeResponse,
    StateChanged,
    Step,
    Violation,
)
from ..protocol.types import Opcode, Role, State, opcode_name
from ..trace.trace import Record
from .ideas import certain

Made = tuple[str, str, tuple[tuple[str, str], ...], str, dict[str, str]]
"""A kind, what is asked, the choices, the answer and the ideas."""

STATUSES = ("101", "200", "400", "403", "426")
CODES = ("1000", "1001", "1002", "1005", "1006", "1007")
NOBODY = "nobody"
NO_CODE = "none"

MARKS = 126
"""The 7-bit lengths from which on they are no lengths (§5.2)."""

SHOWN = 30
"""Bytes of a Ping that a question tells."""


@dataclass(frozen=True)
class Question:
    """One question.

    Arguments:
        kind: `bytes`, `answer`, `frame`, `size`, `pong`, `state`, `fail`, `reply`, `end` or `code`.
        index: the place in the film where it stops: the step before the one that answers.
        n: the number of the step that answers.
        text: what is asked.
        options: value and label of each choice; none where the answer is typed.
        answer: the value that is right; of bytes, hex with spaces.
        reason: the sentence of the step that answers.
        ideas: an answer that a known wrong idea gives, and that idea, of `ideas.IDEAS`.
    """

    kind: str
    index: int
    n: int
    text: str
    options: tuple[tuple[str, str], ...]
    answer: str
    reason: str
    ideas: dict[str, str] = field(default_factory=dict)

    def asked(self) -> dict[str, Any]:
        """What a page may know before the answer."""
        return {"kind": self.kind, "index": self.index, "n": self.n, "text": self.text, "options": list(self.options)}


def questions(steps: Sequence[Record], language: str) -> list[Question]:
    """The questions of a film, in the order of its steps; each kind once.

    Arguments:
        steps: of the film, as it shows them.
        language: `en` or `zh`.
    """
    maker = _Maker(steps, language)
    return sorted(maker.all(), key=lambda question: question.index)


class _Maker:
    def __init__(self, steps: Sequence[Record], language: str) -> None:
        self.steps = steps
        self.language = language
        self.words: Catalogue = part_catalogue("film_panels", language)

    def all(self) -> Iterator[Question]:
        made: set[str] = set()
        for place, record in enumerate(self.steps):
            for kind, text, options, answer, ideas in self._of(record):
                if kind not in made and place > 0:
                    made.add(kind)
                    reason = step_sentence(record.step, self.language)
                    yield Question(kind, place - 1, record.n, text, options, answer, reason, ideas)

    def _of(self, record: Record) -> Iterator[Made]:
        say = self.words.say
        step = record.step
        match step:
            case BytesSent(endpoint=Role.CLIENT):
                answer = bytes_hex(step.data[:2])
                heads = ("81 80", "81 85", "81 05", "81 00") if step.data.startswith(b"GET ") else ()
                yield "bytes", say("ask.bytes"), (), answer, certain([(head, "early") for head in heads], answer)
            case HandshakeResponse(sent=True, endpoint=Role.SERVER):
                answer = step.line.split(" ")[1]
                ideas = {"200": "ok"} if answer == "101" else {}
                yield "answer", say("ask.answer"), self._same(STATUSES, answer), answer, ideas
            case FrameComplete(sent=True):
                yield from self._of_frame(record, step)
            case StateChanged(endpoint=Role.CLIENT) if step.state in (State.CLOSING.name, State.CLOSED.name):
                options = tuple((state.name, state.name) for state in State)
                ideas = {State.CLOSED.name: "closed"} if step.state != State.CLOSED.name else {}
                yield "state", say("ask.state"), options, step.state, ideas
            case Violation(local=False, code=int(code), endpoint=Role() as who):
                read = self._last(record, lambda one: isinstance(one, BytesReceived) and one.endpoint is who)
                if isinstance(read, BytesReceived):
                    text = say("ask.fail", who=self._who(who), bytes=bytes_hex(read.data, 8))
                    yield "fail", text, self._same(CODES, str(code)), str(code), _reported(str(code))
            case CloseStatus(endpoint=Role.CLIENT):
                answer = str(step.code)
                opened = self._last(record, _client_opens) is not None
                ideas = {"1006": {"1000": "torn"}, "1005": {"1000": "nocode"}}.get(answer, {})
                yield "code", say("ask.code"), self._same(CODES, answer), answer, ideas if opened else {}
            case EndSent() if step.endpoint is not None:
                options = (*((role.value, say(f"ask.{role.value}")) for role in Role), (NOBODY, say("ask.nobody")))
                ideas = {Role.CLIENT.value: "end"} if step.endpoint is Role.SERVER else {}
                yield "end", say("ask.end"), options, step.endpoint.value, ideas

    def _of_frame(self, record: Record, step: FrameComplete) -> Iterator[Made]:
        """A frame that is sent: its first bytes, its size, or what it answers with."""
        say, frame = self.words.say, step.frame
        data = encode_frame(frame)
        if frame.opcode is Opcode.PONG:
            yield from self._pong(record, step)
        elif frame.opcode is Opcode.CLOSE:
            yield from self._reply(record, step)
        elif frame.is_control:
            return
        elif step.endpoint is Role.CLIENT:
            answer = bytes_hex(data[:2])
            yield "frame", say("ask.frame", **self._frame(frame)), (), answer, certain(_heads(data), answer)
        elif step.endpoint is Role.SERVER:
            answer = str(len(data))
            ideas = certain(_sizes(frame, len(data)), answer)
            yield "size", say("ask.size", **self._frame(frame)), (), answer, ideas

    def _pong(self, record: Record, step: FrameComplete) -> Iterator[Made]:
        """What a Pong carries, where it answers a Ping that carried something."""
        ping = self._read(record, step.endpoint, Opcode.PING)
        if ping is None or not ping.payload or ping.payload != step.frame.payload or step.endpoint is None:
            return
        say = self.words.say
        options = tuple((value, say(f"ask.pong.{value}")) for value in ("same", "empty", "own"))
        facts = {"who": self._who(step.endpoint), "payload": quoted(ping.payload, SHOWN)}
        yield "pong", say("ask.pong", **facts), options, "same", {"empty": "pong", "own": "pong"}

    def _reply(self, record: Record, step: FrameComplete) -> Iterator[Made]:
        """The status code with which a Close frame is answered."""
        close = self._read(record, step.endpoint, Opcode.CLOSE)
        if close is None or step.endpoint is None or len(close.payload) == 1:
            return
        say = self.words.say
        code, answer = _code(close), _code(step.frame)
        key = "ask.reply.empty" if code == NO_CODE else "ask.reply"
        options = (*self._same(CODES, answer if answer != NO_CODE else CODES[0]), (NO_CODE, say("ask.no_code")))
        text = say(key, who=self._who(step.endpoint), code=code)
        yield "reply", text, options, answer, _reported(answer)

    def _last(self, record: Record, wanted: Callable[[Step], bool]) -> Step | None:
        """The last step before one that fulfils a condition."""
        earlier = (one.step for one in reversed(self.steps) if one.n < record.n)
        return next((step for step in earlier if wanted(step)), None)

    def _read(self, record: Record, who: Role | None, opcode: Opcode) -> Frame | None:
        """The last frame of an opcode that an endpoint has read before a step."""

        def wanted(step: Step) -> bool:
            if not isinstance(step, FrameComplete) or step.sent or step.endpoint is not who:
                return False
            return step.frame.opcode is opcode

        step = self._last(record, wanted)
        return step.frame if isinstance(step, FrameComplete) else None

    def _who(self, role: Role) -> str:
        return catalogue(self.language).say(f"role.{role.value}")

    def _frame(self, frame: Frame) -> dict[str, Any]:
        opcode = catalogue(self.language).say(f"opcode.{opcode_name(int(frame.opcode))}")
        return {"opcode": opcode, "size": len(frame.payload)}

    @staticmethod
    def _same(values: tuple[str, ...], answer: str) -> tuple[tuple[str, str], ...]:
        return tuple((value, value) for value in sorted({*values, answer}))


def _client_opens(step: Step) -> bool:
    return isinstance(step, StateChanged) and step.endpoint is Role.CLIENT and step.state == State.OPEN.name


def _code(frame: Frame) -> str:
    """The status code of a Close frame, as a choice."""
    return str(int.from_bytes(frame.payload[:2], "big")) if len(frame.payload) > 1 else NO_CODE


def _reported(answer: str) -> dict[str, str]:
    """Codes that are never on the wire, where one is asked for that is."""
    return certain([("1005", "reported"), ("1006", "reported")], answer)


def _heads(data: bytes) -> Iterator[tuple[str, str]]:
    """The first two bytes of a frame as a wrong idea has them."""
    first, second = data[:2]
    yield _hex(first, second & 0x7F), "unmasked"
    if second & 0x80 and (second & 0x7F) + 4 < MARKS:
        yield _hex(first, second + 4), "length"
    yield _hex(first & 0x7F, second), "fin"
    yield _hex(int(f"{first:08b}"[::-1], 2), int(f"{second:08b}"[::-1], 2)), "order"


def _sizes(frame: Frame, size: int) -> Iterator[tuple[str, str]]:
    """How many bytes a frame takes as a wrong idea has it."""
    payload = len(frame.payload)
    yield str(payload), "header"
    if frame.masking_key is None:
        yield str(size + 4), "mask"
        # Of 126 and 127 the 7 bits themselves could be thought to hold the length.
        if payload > MARKS + 1:
            yield str(payload + 2), "two"


def _hex(*values: int) -> str:
    return bytes_hex(bytes(values))


def judged(question: Question, said: str) -> bool:
    """Whether an answer is right; hex may be written with or without spaces, in either case."""
    return plain(question, said) == question.answer


def unreadable(question: Question, said: str) -> str:
    """Which text says why an answer is none at all: `choice`, `hex` or `number`; empty for an answer."""
    if question.options:
        return "" if said in dict(question.options) else "choice"
    text = plain(question, said).replace(" ", "")
    if question.kind == "size":
        return "" if text.isascii() and text.isdecimal() else "number"
    return "" if text and all(digit in hexdigits for digit in text) else "hex"


def plain(question: Question, said: str) -> str:
    """An answer in the form in which the right one is kept."""
    if question.options:
        return said
    text = "".join(said.lower().removeprefix("0x").split())
    if question.kind == "size":
        return text.lstrip("0") or "0"
    return " ".join(text[place : place + 2] for place in range(0, len(text), 2))


def questions_text(steps: Sequence[Record], language: str) -> str:
    """The questions, and behind them all answers; empty if there is nothing to ask."""
    found = questions(steps, language)
    if not found:
        return ""
    say = part_catalogue("film_panels", language).say
    lines = ["", say("ask.title")]
    lines += [f"{number}. {question.text}" for number, question in enumerate(found, 1)]
    lines += [say("ask.answers")]
    lines += [f"{number}. {question.answer}  {question.reason}" for number, question in enumerate(found, 1)]
    return "\n".join(lines) + "\n"
