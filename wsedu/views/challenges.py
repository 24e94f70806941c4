"""The challenges of the frame builder: something to build, and the answer what of it is there and what is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ..explain.catalogue import catalogue, part_catalogue
from ..protocol.dissection import Dissection
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.types import Opcode, Role
from .challenge_conditions import (
    Attempt,
    Condition,
    Finding,
    answered,
    breaks,
    characters,
    fin,
    flips,
    form,
    has_control,
    key_is,
    legal,
    masked,
    message,
    opcode,
    payload,
    size,
    status,
    text,
    waits,
)

PART = "builder_panels"


class Challenge(NamedTuple):
    """Something to build.

    Arguments:
        start: the bytes that it begins with.
        conditions: what has to be so.
    """

    start: bytes
    conditions: tuple[Condition, ...]


CLIENT, SERVER = Role.CLIENT, Role.SERVER
HELLO = encode_frame(Frame.text("Hello", masking_key=bytes.fromhex("37fa213d")))
"""The masked "Hello" of RFC 6455 §5.7."""

PLAIN = encode_frame(Frame.text("Hello"))
"""The same as a server sends it."""


CHALLENGES: dict[str, Challenge] = {
    "pong": Challenge(HELLO, (masked(True), opcode(Opcode.PONG), payload(0), size(6), legal(CLIENT))),
    "flip_1002": Challenge(HELLO, (flips(1), answered(CLIENT, 1002))),
    "flip_ping": Challenge(HELLO, (flips(1), opcode(Opcode.PING), legal(CLIENT))),
    "flip_wait": Challenge(HELLO, (flips(1), waits(CLIENT))),
    "flip_1007": Challenge(HELLO, (flips(1), answered(CLIENT, 1007))),
    "null_key": Challenge(HELLO, (key_is(bytes(4)), text("Hello"), legal(CLIENT))),
    "longest_7": Challenge(PLAIN, (form(7), payload(125), masked(False), legal(SERVER))),
    "shortest_64": Challenge(PLAIN, (form(64), size(10 + 0x10000), masked(False), legal(SERVER))),
    "minimal": Challenge(PLAIN, (breaks(SERVER, "MINIMAL_LENGTH"),)),
    "four_bytes": Challenge(PLAIN, (opcode(Opcode.TEXT), characters(1), payload(4), legal(SERVER))),
    "fragment": Challenge(PLAIN, (opcode(Opcode.TEXT), fin(False), payload(None), legal(SERVER, whole=False))),
    "between": Challenge(PLAIN, (message("Hello", 2), has_control(Opcode.PING), legal(SERVER))),
    "close_1000": Challenge(PLAIN, (opcode(Opcode.CLOSE), status(1000), size(4), legal(SERVER))),
    "close_empty": Challenge(HELLO, (opcode(Opcode.CLOSE), status(None), legal(CLIENT))),
    "close_code": Challenge(PLAIN, (opcode(Opcode.CLOSE), breaks(SERVER, "CLOSE_CODE"))),
}
"""The challenges by name, the easier ones first."""


def findings(challenge: Challenge, dissection: Dissection) -> list[Finding]:
    """What each condition of a challenge says of some bytes.

    Arguments:
        challenge: of `CHALLENGES`.
        dissection: of the bytes.
    """
    attempt = Attempt(dissection, challenge.start)
    if not attempt.frames:
        return [Finding(False, "no_frame")] * len(challenge.conditions)
    return [condition(attempt) for condition in challenge.conditions]


def solved(challenge: Challenge, dissection: Dissection) -> bool:
    """Whether some bytes are an answer; arguments as for `findings`."""
    return not dissection.more and all(finding.met for finding in findings(challenge, dissection))


def deck(dissection: Dissection, chosen: str, done: Collection[str], hint: bool, language: str) -> dict[str, Any]:
    """What the deck shows.

    Arguments:
        dissection: of the bytes as they are.
        chosen: the name of the challenge under way, or empty.
        done: the names of those that have been solved.
        hint: whether its hint was asked for.
        language: `en` or `zh`.

    Returns:
        The `list` of all with `name`, `title` and `solved`; `chosen`; and of that one its `task`, `parts` with
        `met`, `want` and what there is `now` in its place, the `sentence` of all of them, `hint` if asked for, `why`
        once it is `solved`.
    """
    say = part_catalogue(PART, language).say
    made: dict[str, Any] = {
        "chosen": chosen,
        "list": [{"name": name, "title": say(f"title.{name}"), "solved": name in done} for name in CHALLENGES],
    }
    if not chosen:
        return made
    challenge = CHALLENGES[chosen]
    found = findings(challenge, dissection)
    reached = all(finding.met for finding in found)
    parts = _parts(challenge, found, language)
    return made | {
        "task": say(f"task.{chosen}"),
        "parts": parts,
        "sentence": sentence(parts, language),
        "hint": say(f"hint.{chosen}") if hint else "",
        "why": say(f"why.{chosen}") if reached else "",
        "solved": reached,
    }


def _parts(challenge: Challenge, found: list[Finding], language: str) -> list[dict[str, Any]]:
    """What is wanted, and where it is not so, what is: the same thing once."""
    parts: list[dict[str, Any]] = []
    for condition, finding in zip(challenge.conditions, found, strict=True):
        want = _clause(f"want.{condition.want}", condition.asked, language)
        now = "" if finding.met else _clause(f"is.{finding.key}", finding.facts, language)
        told = any(part["now"] == now for part in parts)
        parts.append({"met": finding.met, "want": want, "now": "" if told else now})
    return parts


def _clause(key: str, given: Mapping[str, Any], language: str) -> str:
    common = catalogue(language)
    facts = dict(given)
    for fact in ("sender", "peer"):
        if fact in facts:
            facts[fact] = common.say(f"role.{facts[fact]}")
    if "name" in facts:
        facts["name"] = common.say(f"opcode.{facts['name']}")
    return part_catalogue(PART, language).say(key, **facts)


def sentence(parts: list[dict[str, Any]], language: str) -> str:
    """How much is as wanted, and what is still wanted.

    Arguments:
        parts: of `deck`.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    missing = [part["want"] for part in parts if not part["met"]]
    facts = {"met": str(len(parts) - len(missing)), "total": str(len(parts)), "missing": say("deck.and").join(missing)}
    return say("deck.missing" if missing else "deck.done", **facts)
