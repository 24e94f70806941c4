"""The challenges of the frame builder: something to build, and the answer what of it is there and what is not."""

from __future__ import annotations

from collections.abc import Collection
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


def _exactly(wanted: int) -> Any:
    return lambda count: count == wanted


CHALLENGES: dict[str, Challenge] = {
    "pong": Challenge(
        HELLO, (masked(True), opcode(Opcode.PONG), payload(_exactly(0)), size(_exactly(6)), legal(CLIENT))
    ),
    "flip_1002": Challenge(HELLO, (flips(1), answered(CLIENT, 1002))),
    "flip_ping": Challenge(HELLO, (flips(1), opcode(Opcode.PING), legal(CLIENT))),
    "flip_wait": Challenge(HELLO, (flips(1), waits(CLIENT))),
    "flip_1007": Challenge(HELLO, (flips(1), answered(CLIENT, 1007))),
    "null_key": Challenge(HELLO, (key_is(bytes(4)), text("Hello".__eq__), legal(CLIENT))),
    "longest_7": Challenge(PLAIN, (form(7), payload(_exactly(125)), masked(False), legal(SERVER))),
    "shortest_64": Challenge(PLAIN, (form(64), size(_exactly(10 + 0x10000)), masked(False), legal(SERVER))),
    "minimal": Challenge(PLAIN, (breaks(SERVER, "MINIMAL_LENGTH"),)),
    "four_bytes": Challenge(
        PLAIN, (opcode(Opcode.TEXT), text(lambda t: len(t) == 1), payload(_exactly(4)), legal(SERVER))
    ),
    "fragment": Challenge(PLAIN, (opcode(Opcode.TEXT), fin(False), payload(bool), legal(SERVER, whole=False))),
    "between": Challenge(PLAIN, (message("Hello", 2), has_control(Opcode.PING), legal(SERVER))),
    "close_1000": Challenge(
        PLAIN, (opcode(Opcode.CLOSE), status((1000).to_bytes(2).__eq__), size(_exactly(4)), legal(SERVER))
    ),
    "close_empty": Challenge(HELLO, (opcode(Opcode.CLOSE), status(b"".__eq__), legal(CLIENT))),
    "close_code": Challenge(PLAIN, (opcode(Opcode.CLOSE), breaks(SERVER, "CLOSE_CODE"))),
}
"""The challenges by name, the easier ones first."""


def findings(challenge: Challenge, dissection: Dissection) -> list[Finding]:
    """What each condition of a challenge says of some bytes; one finding alone while no header is whole.

    Arguments:
        challenge: of `CHALLENGES`.
        dissection: of the bytes.
    """
    attempt = Attempt(dissection, challenge.start)
    if not attempt.frames:
        return [Finding(False, "no_frame")]
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
        `met` and `text`, the `sentence` of all of them, `hint` if asked for, `why` once it is `solved`.
    """
    say = part_catalogue(PART, language).say
    made: dict[str, Any] = {
        "chosen": chosen,
        "list": [{"name": name, "title": say(f"title.{name}"), "solved": name in done} for name in CHALLENGES],
    }
    if not chosen:
        return made
    found = findings(CHALLENGES[chosen], dissection)
    reached = all(finding.met for finding in found)
    return made | {
        "task": say(f"task.{chosen}"),
        "parts": [{"met": finding.met, "text": finding_text(finding, language)} for finding in found],
        "sentence": sentence(found, language),
        "hint": say(f"hint.{chosen}") if hint else "",
        "why": say(f"why.{chosen}") if reached else "",
        "solved": reached,
    }


def finding_text(finding: Finding, language: str) -> str:
    """What a finding says is there: a clause.

    Arguments:
        finding: of `findings`.
        language: `en` or `zh`.
    """
    common = catalogue(language)
    facts = dict(finding.facts)
    for fact in ("sender", "peer"):
        if fact in facts:
            facts[fact] = common.say(f"role.{facts[fact]}")
    if "name" in facts:
        facts["name"] = common.say(f"opcode.{facts['name']}")
    return part_catalogue(PART, language).say(f"is.{finding.key}", **facts)


def sentence(found: list[Finding], language: str) -> str:
    """What is as wanted, and after a "but" exactly what is not yet.

    Arguments:
        found: of `findings`.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    good, bad = (
        say("deck.and").join(dict.fromkeys(finding_text(finding, language) for finding in found if finding.met is met))
        for met in (True, False)
    )
    told = say("deck.done" if not bad else "deck.but" if good else "deck.only", good=good, bad=bad)
    return told[0].upper() + told[1:]
