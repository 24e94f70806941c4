"""What a user has the tap do to frames: one line of text for each rule, read here.

    drop WHO KIND [CONDITION ...]
    delay WHO KIND [CONDITION ...] TIME
    hold WHO KIND [CONDITION ...] [until WHO KIND [CONDITION ...]]
    edit WHO KIND [CONDITION ...] /OLD/NEW/
    inject SENDER KIND [=BYTES] after|before WHO KIND [CONDITION ...]

docs/tap.md has the whole grammar, with examples.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from ..protocol.frame import Frame
from ..protocol.types import Opcode, Role

KINDS: dict[str, frozenset[int]] = {
    **{opcode.name.lower(): frozenset({int(opcode)}) for opcode in Opcode},
    "data": frozenset(range(8)),
    "control": frozenset(range(8, 16)),
    "frame": frozenset(range(16)),
}
"""What a rule may call a frame, and the opcodes that it means."""

SENDERS: dict[str, tuple[Role, ...]] = {"client": (Role.CLIENT,), "server": (Role.SERVER,), "any": tuple(Role)}
NEW_KINDS = tuple(opcode.name.lower() for opcode in Opcode)
ACTIONS = ("drop", "delay", "hold", "edit", "inject")

_TOKEN = re.compile(
    r"""\s*(?:(?P<edit>/(?P<old>(?:[^/\\]|\\.)+)/(?P<new>(?:[^/\\]|\\.)*)/)
    |(?P<test>[~=])(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"]\S*)?)
    |(?P<word>\S+))(?=\s|$)""",
    re.VERBOSE,
)
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")
_SIZE = re.compile(r"([<>])(\d+)")
_NUMBER = re.compile(r"#([1-9]\d*)")
MAX_SECONDS = 3600.0
"""The longest delay of a frame, in seconds."""


class RuleError(ValueError):
    """A rule cannot be read.

    Attributes:
        problem: what is wrong, in one word: a key of `cli.tap.rule.*`.
        line: the rule.
        column: where, from 1.
        found: what stands there; empty at the end of the line.
        wanted: what could stand there.
    """

    def __init__(self, problem: str, line: str, column: int, found: str, wanted: Sequence[str] = ()) -> None:
        super().__init__(problem, line, column, found)
        self.problem = problem
        self.line = line
        self.column = column
        self.found = found
        self.wanted = tuple(wanted)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A condition on a frame.

    Arguments:
        senders: who has sent it.
        opcodes: one of these.
        contains: its payload, unmasked, has these bytes in it.
        equals: its payload is these bytes.
        longer: its payload has more bytes than this.
        shorter: its payload has fewer bytes than this.
        number: only the frame of this number, from 1, among those of one connection that fit all the rest.
    """

    senders: tuple[Role, ...]
    opcodes: frozenset[int]
    contains: tuple[bytes, ...] = ()
    equals: bytes | None = None
    longer: int | None = None
    shorter: int | None = None
    number: int | None = None

    @property
    def reads(self) -> bool:
        """Whether what a frame says matters."""
        return bool(self.contains) or self.equals is not None

    def fits(self, sender: Role, opcode: int, size: int) -> bool:
        """Whether a frame fits by its header: what it says, and its number, are left aside.

        Arguments:
            sender: of the frame.
            opcode: its opcode.
            size: bytes of its payload, as they came.
        """
        return (
            sender in self.senders
            and opcode in self.opcodes
            and (self.longer is None or size > self.longer)
            and (self.shorter is None or size < self.shorter)
        )

    def says(self, payload: bytes) -> bool:
        """Whether a payload, unmasked and inflated, is as the condition wants it."""
        return all(part in payload for part in self.contains) and self.equals in (None, payload)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Arguments:
        line: as the user wrote it.
        action: one of `ACTIONS`.
        pattern: the frames that it is about.
        seconds: of a delay.
        until: what ends a hold; None for never.
        old: bytes that an edit replaces.
        new: what it puts there.
        sender: who seems to send an injected frame.
        frame: the injected frame, without a masking key.
        before: whether it goes before the frame that calls for it.
    """

    line: str
    action: str
    pattern: Pattern
    seconds: float = 0.0
    until: Pattern | None = None
    old: bytes = b""
    new: bytes = b""
    sender: Role = Role.CLIENT
    frame: Frame | None = None
    before: bool = False


def parse_rule(line: str) -> Rule:
    """Read a rule.

    Arguments:
        line: such as `edit server text ~cat /cat/dog/`.

    Raises:
        RuleError: it is none; with the place.
    """
    return _Reader(line).rule()


class _Reader:
    """The words of a rule, one after the other."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0

    def rule(self) -> Rule:
        action = self._word(ACTIONS)
        rule: Rule = getattr(self, f"_{action}")()
        if self._rest():
            self._refuse("more")
        return rule

    # --- One method for each action ---

    def _drop(self) -> Rule:
        return Rule(self._line, "drop", self._pattern())

    def _delay(self) -> Rule:
        return Rule(self._line, "delay", self._pattern(), seconds=self._time())

    def _hold(self) -> Rule:
        pattern = self._pattern()
        until = None
        if self._rest():
            self._word(("until",))
            until = self._pattern()
        return Rule(self._line, "hold", pattern, until=until)

    def _edit(self) -> Rule:
        pattern = self._pattern()
        match = self._next()
        if match is None or match["edit"] is None:
            return self._refuse("edit")
        self._at = match.end()
        return Rule(self._line, "edit", pattern, old=_bytes(match["old"]), new=_bytes(match["new"]))

    def _inject(self) -> Rule:
        sender = SENDERS[self._word(("client", "server"))][0]
        opcode = Opcode[self._word(NEW_KINDS).upper()]
        start = self._at
        payload = self._payload()
        if opcode == Opcode.CLOSE and payload:
            payload = self._close_body(payload, start)
        if opcode & 0x8 and len(payload) > 125:
            self._at = start
            self._refuse("control")
        before = self._word(("after", "before")) == "before"
        frame = Frame(opcode, payload)
        return Rule(self._line, "inject", self._pattern(), sender=sender, frame=frame, before=before)

    # --- What they are made of ---

    def _pattern(self) -> Pattern:
        senders = SENDERS[self._word(tuple(SENDERS))]
        opcodes = KINDS[self._word(tuple(KINDS))]
        contains: list[bytes] = []
        values: dict[str, int] = {}
        equals: bytes | None = None
        while (match := self._next()) is not None:
            if match["test"] == "~":
                contains.append(self._value(match))
            elif match["test"] == "=":
                equals = self._value(match)
            elif size := _SIZE.fullmatch(match["word"] or ""):
                values["longer" if size[1] == ">" else "shorter"] = int(size[2])
            elif number := _NUMBER.fullmatch(match["word"] or ""):
                values["number"] = int(number[1])
            else:
                break
            self._at = match.end()
        return Pattern(senders, opcodes, tuple(contains), equals, **values)

    def _payload(self) -> bytes:
        match = self._next()
        if match is None or match["test"] != "=":
            return b""
        value = self._value(match)
        self._at = match.end()
        return value

    def _value(self, match: re.Match[str]) -> bytes:
        text = match["quoted"] if match["quoted"] is not None else match["bare"] or ""
        if not text and match["test"] == "~":
            self._refuse("empty")
        try:
            return _bytes(text)
        except ValueError:
            return self._refuse("hex")

    def _close_body(self, payload: bytes, start: int) -> bytes:
        """The body of a Close frame from its code and its reason, such as `1001` or `1001 going away`."""
        code, _, reason = payload.partition(b" ")
        if not code.isdigit() or int(code) > 0xFFFF:
            self._at = start
            self._refuse("code")
        return int(code).to_bytes(2, "big") + reason

    def _time(self) -> float:
        match = self._next()
        time = None if match is None else _TIME.fullmatch(match["word"] or "")
        if match is None or time is None:
            return self._refuse("time")
        seconds = float(time[1]) / (1000 if time[2] == "ms" else 1)
        if seconds > MAX_SECONDS:
            self._refuse("long")
        self._at = match.end()
        return seconds

    def _word(self, choices: Sequence[str]) -> str:
        match = self._next()
        word = None if match is None else match["word"]
        if match is None or word not in choices:
            return self._refuse("word" if self._rest() else "end", choices)
        self._at = match.end()
        return str(word)

    def _next(self) -> re.Match[str] | None:
        return _TOKEN.match(self._line, self._at)

    def _rest(self) -> str:
        return self._line[self._at :].strip()

    def _refuse(self, problem: str, wanted: Sequence[str] = ()) -> NoReturn:
        rest = self._line[self._at :]
        column = self._at + len(rest) - len(rest.lstrip()) + 1
        found = rest.split(maxsplit=1)
        raise RuleError(problem, self._line, column, found[0] if found else "", wanted)


def _bytes(text: str) -> bytes:
    """What a value of a rule stands for: `0x` and hex digits are bytes, anything else UTF-8.

    Raises:
        ValueError: these are no pairs of hex digits.
    """
    if text.startswith("0x"):
        return bytes.fromhex(text[2:])
    return re.sub(r"\\(.)", r"\1", text).encode()
