"""Questions about an exchange, made of its own steps: what is asked, where the film stops, and what is true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..explain.catalogue import Catalogue, catalogue, part_catalogue
from ..explain.shown import bytes_hex
from ..explain.words import step_sentence
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.steps import BytesSent, CloseStatus, EndSent, FrameComplete, HandshakeResponse, StateChanged
from ..protocol.types import Role, State, opcode_name
from ..trace.trace import Record

Made = tuple[str, str, tuple[tuple[str, str], ...], str, dict[str, str]]
"""A kind, what is asked, the choices, the answer and the ideas."""

STATUSES = ("101", "200", "400", "403", "426")
CODES = ("1000", "1001", "1002", "1005", "1006", "1007")
NOBODY = "nobody"


@dataclass(frozen=True)
class Question:
    """One question.

    Arguments:
        kind: `bytes`, `answer`, `frame`, `size`, `state`, `code` or `end`.
        index: the place in the film where it stops: the step before the one that answers.
        n: the number of the step that answers.
        text: what is asked.
        options: value and label of each choice; none where the answer is typed.
        answer: the value that is right; of bytes, hex with spaces.
        reason: the sentence of the step that answers.
        ideas: an answer that a known wrong idea gives, and what to say of that idea.
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
                early = {head: say("ask.idea.early") for head in ("81 80", "81 85", "81 05", "81 00")}
                yield "bytes", say("ask.bytes"), (), answer, early
            case HandshakeResponse(sent=True, endpoint=Role.SERVER):
                answer = step.line.split(" ")[1]
                ideas = {"200": say("ask.idea.ok")} if answer != "200" else {}
                yield "answer", say("ask.answer"), self._same(STATUSES, answer), answer, ideas
            case FrameComplete(sent=True, endpoint=Role.CLIENT) if not step.frame.is_control:
                data = encode_frame(step.frame)
                yield "frame", say("ask.frame", **self._frame(step.frame)), (), bytes_hex(data[:2]), self._heads(data)
            case FrameComplete(sent=True, endpoint=Role.SERVER) if not step.frame.is_control:
                size = len(encode_frame(step.frame))
                ideas = {str(len(step.frame.payload)): say("ask.idea.header")}
                if step.frame.masking_key is None:
                    ideas[str(size + 4)] = say("ask.idea.mask")
                yield "size", say("ask.size", **self._frame(step.frame)), (), str(size), ideas
            case StateChanged(endpoint=Role.CLIENT) if step.state in (State.CLOSING.name, State.CLOSED.name):
                options = tuple((state.name, state.name) for state in State)
                ideas = {State.CLOSED.name: say("ask.idea.closed")} if step.state != State.CLOSED.name else {}
                yield "state", say("ask.state"), options, step.state, ideas
            case CloseStatus(endpoint=Role.CLIENT):
                yield "code", say("ask.code"), self._same(CODES, str(step.code)), str(step.code), {}
            case EndSent() if step.endpoint is not None:
                options = (*((role.value, say(f"ask.{role.value}")) for role in Role), (NOBODY, say("ask.nobody")))
                ideas = {Role.CLIENT.value: say("ask.idea.end")} if step.endpoint is Role.SERVER else {}
                yield "end", say("ask.end"), options, step.endpoint.value, ideas

    def _frame(self, frame: Frame) -> dict[str, Any]:
        opcode = catalogue(self.language).say(f"opcode.{opcode_name(int(frame.opcode))}")
        return {"opcode": opcode, "size": len(frame.payload)}

    def _heads(self, data: bytes) -> dict[str, str]:
        """The first two bytes as a wrong idea has them."""
        first, second = data[:2]
        wrong = {
            (first, second & 0x7F): "mask",
            (first, (second + 4) & 0xFF): "length",
            (first & 0x0F, second): "fin",
            (int(f"{first:08b}"[::-1], 2), int(f"{second:08b}"[::-1], 2)): "order",
        }
        return {
            bytes_hex(bytes(pair)): self.words.say(f"ask.idea.{idea}")
            for pair, idea in wrong.items()
            if bytes(pair) != data[:2]
        }

    @staticmethod
    def _same(values: tuple[str, ...], answer: str) -> tuple[tuple[str, str], ...]:
        return tuple((value, value) for value in sorted({*values, answer}))


def judged(question: Question, said: str) -> bool:
    """Whether an answer is right; hex may be written with or without spaces, in either case."""
    return plain(question, said) == question.answer


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
