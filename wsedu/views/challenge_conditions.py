"""Conditions for bytes that somebody builds: each says what is there, whether that is what was wanted or not.

A condition looks at the bytes and answers whether it is met, and with what sentence to say what *is* there: the same
sentence stands among the good news or after the "but".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ..explain.words import quoted
from ..protocol.dissection import Dissection, Verdict
from ..protocol.frame import Frame
from ..protocol.types import Opcode, Role


class Attempt:
    """Bytes that somebody offers as the answer.

    Arguments:
        dissection: of the bytes.
        start: the bytes that the challenge began with.
    """

    def __init__(self, dissection: Dissection, start: bytes) -> None:
        self.dissection = dissection
        self.data = dissection.data
        self.start = start

    @cached_property
    def frames(self) -> list[Frame]:
        """The frames whose header is there."""
        return [found.frame for found in self.dissection.frames if found.frame is not None]

    @property
    def frame(self) -> Frame:
        """The first of them."""
        return self.frames[0]

    @cached_property
    def flips(self) -> int:
        """Bits that differ from the start; -1 if the number of bytes does."""
        if len(self.data) != len(self.start):
            return -1
        return (int.from_bytes(self.data) ^ int.from_bytes(self.start)).bit_count()

    def verdict(self, role: Role) -> Verdict:
        """What is said to these bytes if that end sends them."""
        return self.dissection.client if role is Role.CLIENT else self.dissection.server


class Finding(NamedTuple):
    """The answer of a condition.

    Arguments:
        met: whether it is met.
        key: of the sentence that says what is there, after `challenge.is.`.
        facts: that the sentence needs.
    """

    met: bool
    key: str
    facts: Mapping[str, Any] = {}


Condition = Callable[[Attempt], Finding]


def opcode(*wanted: Opcode) -> Condition:
    """The first frame has one of these opcodes."""

    def look(attempt: Attempt) -> Finding:
        facts = {"name": attempt.frame.name, "opcode": f"{attempt.frame.opcode:#x}"}
        return Finding(attempt.frame.opcode in wanted, "opcode", facts)

    return look


def masked(wanted: bool) -> Condition:
    """The first frame is masked, or is not."""

    def look(attempt: Attempt) -> Finding:
        has = attempt.frame.masking_key is not None
        return Finding(has is wanted, "masked" if has else "unmasked")

    return look


def key_is(wanted: bytes) -> Condition:
    """The first frame has this masking key."""

    def look(attempt: Attempt) -> Finding:
        key = attempt.frame.masking_key
        if key is None:
            return Finding(False, "unmasked")
        return Finding(key == wanted, "key", {"key": key.hex(" ")})

    return look


def fin(wanted: bool) -> Condition:
    """FIN of the first frame is set, or is not."""
    return lambda attempt: Finding(attempt.frame.fin is wanted, "fin" if attempt.frame.fin else "more")


def payload(test: Callable[[int], bool]) -> Condition:
    """The number of payload bytes that the first frame has passes a test."""

    def look(attempt: Attempt) -> Finding:
        length = len(attempt.frame.payload)
        return Finding(test(length), "payload" if length else "empty", {"count": length})

    return look


def size(test: Callable[[int], bool]) -> Condition:
    """The number of bytes in all passes a test."""
    return lambda attempt: Finding(test(len(attempt.data)), "size", {"count": len(attempt.data)})


def form(wanted: int) -> Condition:
    """The length of the first frame is written in so many bits."""

    def look(attempt: Attempt) -> Finding:
        bits = attempt.frame.form
        return Finding(bits == wanted, "form.7" if bits == 7 else "form", {"count": bits // 8})

    return look


def text(test: Callable[[str], bool]) -> Condition:
    """The payload of the first frame is text that passes a test."""

    def look(attempt: Attempt) -> Finding:
        try:
            decoded = attempt.frame.payload.decode()
        except UnicodeDecodeError:
            return Finding(False, "no_text")
        return Finding(test(decoded), "text", {"text": quoted(decoded, 20), "count": len(decoded)})

    return look


def message(wanted: str, frames: int) -> Condition:
    """So many frames carry a text between them."""

    def look(attempt: Attempt) -> Finding:
        data = [frame for frame in attempt.frames if frame.opcode < Opcode.CLOSE]
        joined = b"".join(frame.payload for frame in data)
        met = joined == wanted.encode() and len(data) == frames
        return Finding(met, "message", {"text": quoted(joined, 20), "count": len(data)})

    return look


def has_control(wanted: Opcode) -> Condition:
    """A control frame stands between the first and the last frame."""

    def look(attempt: Attempt) -> Finding:
        between = attempt.frames[1:-1]
        met = any(frame.opcode == wanted for frame in between)
        return Finding(met, "between" if met else "nothing_between", {"name": Frame(wanted).name})

    return look


def legal(role: Role, *, whole: bool = True) -> Condition:
    """That end may send it, and it is whole, or is not."""

    def look(attempt: Attempt) -> Finding:
        verdict = attempt.verdict(role)
        facts = {"sender": role.value}
        if verdict.violation is not None:
            return Finding(False, "illegal", {**facts, "rule": verdict.violation.rule.name})
        if verdict.complete:
            return Finding(whole, "legal", facts)
        return _unfinished(attempt, not whole)

    return look


def waits(role: Role) -> Condition:
    """That end may send it, and its frame announces more bytes than are there."""

    def look(attempt: Attempt) -> Finding:
        finding = legal(role, whole=False)(attempt)
        return finding._replace(met=finding.met and attempt.dissection.missing > 0)

    return look


def _unfinished(attempt: Attempt, met: bool) -> Finding:
    """No rule is broken so far, and something is still to come: of the frame, or of the message."""
    missing = attempt.dissection.missing
    return Finding(met, "waiting" if missing else "unfinished", {"count": missing})


def breaks(role: Role, *rules: str) -> Condition:
    """The first rule that it breaks when that end sends it is one of these."""

    def look(attempt: Attempt) -> Finding:
        violation = attempt.verdict(role).violation
        if violation is None:
            return Finding(False, "breaks_nothing", {"sender": role.value})
        return Finding(violation.rule.name in rules, "illegal", {"sender": role.value, "rule": violation.rule.name})

    return look


def answered(role: Role, code: int) -> Condition:
    """The peer of that end would answer it with a Close frame of that status code."""

    def look(attempt: Attempt) -> Finding:
        violation = attempt.verdict(role).violation
        peer = role.peer.value
        if violation is None or violation.rule.code is None:
            return Finding(False, "unanswered", {"peer": peer})
        found = violation.rule.code
        return Finding(found == code, "answered", {"peer": peer, "code": str(found), "rule": violation.rule.name})

    return look


def flips(count: int) -> Condition:
    """It differs from the start in so many bits."""

    def look(attempt: Attempt) -> Finding:
        if attempt.flips < 0:
            return Finding(False, "other_size", {"was": len(attempt.start), "count": len(attempt.data)})
        return Finding(attempt.flips == count, "flips" if attempt.flips else "no_flip", {"count": attempt.flips})

    return look


def status(test: Callable[[bytes], bool]) -> Condition:
    """The status code of a Close frame, 2 bytes or none, passes a test."""

    def look(attempt: Attempt) -> Finding:
        code = attempt.frame.payload[:2]
        told = "status" if len(code) == 2 else "no_status"
        return Finding(test(code), told, {"code": str(int.from_bytes(code, "big"))})

    return look
