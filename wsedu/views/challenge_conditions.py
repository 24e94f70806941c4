"""Conditions for bytes that somebody builds: each says what is wanted, and of some bytes what is there.

A condition has the sentence for what is *wanted*, which stays the same while somebody builds; it looks at the bytes and
answers whether it is met, and with what sentence to say what *is* there.
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
        key: of the sentence that says what is there, after `is.`.
        facts: that the sentence needs.
    """

    met: bool
    key: str
    facts: Mapping[str, Any] = {}


class Condition(NamedTuple):
    """Something that is wanted of the bytes.

    Arguments:
        want: the key of the sentence that says so, after `want.`.
        asked: facts that the sentence needs.
        look: what gives the answer.
    """

    want: str
    asked: Mapping[str, Any]
    look: Callable[[Attempt], Finding]

    def __call__(self, attempt: Attempt) -> Finding:
        """The answer for an attempt."""
        return self.look(attempt)


def opcode(wanted: Opcode) -> Condition:
    """The first frame has this opcode."""

    def facts(frame: Frame) -> dict[str, Any]:
        return {"name": frame.name, "opcode": f"{frame.opcode:#x}"}

    def look(attempt: Attempt) -> Finding:
        return Finding(attempt.frame.opcode == wanted, "opcode", facts(attempt.frame))

    return Condition("opcode", facts(Frame(wanted)), look)


def masked(wanted: bool) -> Condition:
    """The first frame is masked, or is not."""

    def look(attempt: Attempt) -> Finding:
        has = attempt.frame.masking_key is not None
        return Finding(has is wanted, "masked" if has else "unmasked")

    return Condition("masked" if wanted else "unmasked", {}, look)


def key_is(wanted: bytes) -> Condition:
    """The first frame has this masking key."""

    def look(attempt: Attempt) -> Finding:
        key = attempt.frame.masking_key
        if key is None:
            return Finding(False, "unmasked")
        return Finding(key == wanted, "key", {"key": key.hex(" ")})

    return Condition("key", {"key": wanted.hex(" ")}, look)


def fin(wanted: bool) -> Condition:
    """FIN of the first frame is set, or is not."""

    def look(attempt: Attempt) -> Finding:
        return Finding(attempt.frame.fin is wanted, "fin" if attempt.frame.fin else "more")

    return Condition("fin" if wanted else "more", {}, look)


def payload(wanted: int | None) -> Condition:
    """The first frame has so many bytes of payload; None for at least one."""

    def look(attempt: Attempt) -> Finding:
        length = len(attempt.frame.payload)
        met = length > 0 if wanted is None else length == wanted
        return Finding(met, "payload" if length else "empty", {"count": length})

    return Condition("some" if wanted is None else "payload" if wanted else "empty", {"count": wanted}, look)


def size(wanted: int) -> Condition:
    """There are so many bytes in all."""

    def look(attempt: Attempt) -> Finding:
        return Finding(len(attempt.data) == wanted, "size", {"count": len(attempt.data)})

    return Condition("size", {"count": wanted}, look)


def form(wanted: int) -> Condition:
    """The length of the first frame is written in so many bits."""

    def told(bits: int) -> str:
        return "form.7" if bits == 7 else "form"

    def look(attempt: Attempt) -> Finding:
        bits = attempt.frame.form
        return Finding(bits == wanted, told(bits), {"count": bits // 8})

    return Condition(told(wanted), {"count": wanted // 8}, look)


def text(wanted: str) -> Condition:
    """The payload of the first frame is this text."""
    return Condition("text", {"text": quoted(wanted, 20)}, lambda attempt: _text(attempt, wanted.__eq__))


def characters(wanted: int) -> Condition:
    """The payload of the first frame is text of so many characters."""
    return Condition(
        "characters", {"count": wanted}, lambda attempt: _text(attempt, lambda found: len(found) == wanted)
    )


def _text(attempt: Attempt, test: Callable[[str], bool]) -> Finding:
    try:
        decoded = attempt.frame.payload.decode()
    except UnicodeDecodeError:
        return Finding(False, "no_text")
    return Finding(test(decoded), "text", {"text": quoted(decoded, 20), "count": len(decoded)})


def message(wanted: str, frames: int) -> Condition:
    """So many frames carry a text between them."""

    def look(attempt: Attempt) -> Finding:
        data = [frame for frame in attempt.frames if frame.opcode < Opcode.CLOSE]
        joined = b"".join(frame.payload for frame in data)
        met = joined == wanted.encode() and len(data) == frames
        return Finding(met, "message", {"text": quoted(joined, 20), "count": len(data)})

    return Condition("message", {"text": quoted(wanted, 20), "count": frames}, look)


def has_control(wanted: Opcode) -> Condition:
    """A control frame stands between the first and the last frame."""
    name = {"name": Frame(wanted).name}

    def look(attempt: Attempt) -> Finding:
        between = attempt.frames[1:-1]
        met = any(frame.opcode == wanted for frame in between)
        return Finding(met, "between" if met else "nothing_between", name)

    return Condition("between", name, look)


def legal(role: Role, *, whole: bool = True) -> Condition:
    """That end may send it, and it is whole, or is not."""
    facts = {"sender": role.value}
    return Condition("legal" if whole else "unfinished", facts, lambda attempt: _legal(attempt, role, whole))


def _legal(attempt: Attempt, role: Role, whole: bool) -> Finding:
    verdict = attempt.verdict(role)
    facts = {"sender": role.value}
    if verdict.violation is not None:
        return Finding(False, "illegal", {**facts, "rule": verdict.violation.rule.name})
    return Finding(whole, "legal", facts) if verdict.complete else _unfinished(attempt, not whole)


def waits(role: Role) -> Condition:
    """That end may send it, and its frame announces more bytes than are there."""

    def look(attempt: Attempt) -> Finding:
        finding = _legal(attempt, role, False)
        return finding._replace(met=finding.met and attempt.dissection.missing > 0)

    return Condition("waiting", {"sender": role.value}, look)


def _unfinished(attempt: Attempt, met: bool) -> Finding:
    """No rule is broken so far, and something is still to come: of the frame, or of the message."""
    missing = attempt.dissection.missing
    return Finding(met, "waiting" if missing else "unfinished", {"count": missing})


def breaks(role: Role, rule: str) -> Condition:
    """The first rule that it breaks when that end sends it is this one."""

    def look(attempt: Attempt) -> Finding:
        violation = attempt.verdict(role).violation
        if violation is None:
            return Finding(False, "breaks_nothing", {"sender": role.value})
        return Finding(violation.rule.name == rule, "illegal", {"sender": role.value, "rule": violation.rule.name})

    return Condition("breaks", {"sender": role.value, "rule": rule}, look)


def answered(role: Role, code: int) -> Condition:
    """The peer of that end would answer it with a Close frame of that status code."""
    peer = role.peer.value

    def look(attempt: Attempt) -> Finding:
        violation = attempt.verdict(role).violation
        if violation is None or violation.rule.code is None:
            return Finding(False, "unanswered", {"peer": peer})
        found = violation.rule.code
        return Finding(found == code, "answered", {"peer": peer, "code": str(found), "rule": violation.rule.name})

    return Condition("answered", {"peer": peer, "code": str(code)}, look)


def flips(count: int) -> Condition:
    """It differs from the start in so many bits."""

    def look(attempt: Attempt) -> Finding:
        if attempt.flips < 0:
            return Finding(False, "other_size", {"was": len(attempt.start), "count": len(attempt.data)})
        return Finding(attempt.flips == count, "flips" if attempt.flips else "no_flip", {"count": attempt.flips})

    return Condition("flips", {"count": count}, look)


def status(wanted: int | None) -> Condition:
    """The first frame is a Close frame with this status code; None for one without."""

    def look(attempt: Attempt) -> Finding:
        if attempt.frame.opcode != Opcode.CLOSE:
            return Finding(False, "no_close")
        body = attempt.frame.payload[:2]
        if len(body) < 2:
            return Finding(wanted is None and not body, "no_status")
        code = int.from_bytes(body, "big")
        return Finding(code == wanted, "status", {"code": str(code)})

    return Condition("no_status" if wanted is None else "status", {"code": str(wanted)}, look)
