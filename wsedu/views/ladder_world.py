"""What the network between two endpoints does, as cards between their lifelines, and what comes of it at a receiver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..explain.catalogue import Catalogue
from ..explain.shown import quoted
from ..protocol.steps import FrameComplete, Step
from ..protocol.types import Direction, Role
from ..trace.trace import Record
from ..trace.worldsteps import (
    FaultHappened,
    MiddleboxActed,
    ProxyAsked,
    ProxyRequest,
    ProxyStored,
    SegmentLost,
    WorldStep,
)
from .ladder_cards import MAX_WIDTH, PAD, SMALL, Card, CardLine, opcode_title
from .ladder_notes import Note, NoteLine
from .ladder_streams import Stretch, stretch_of
from .ladder_units import Unit
from .svg_text import wrap

_HARMLESS = {"delay", "inject", "duplicate", "close-both", "held", "released", "stripped"}
"""Faults and actions that lose or spoil nothing by themselves."""


def find_world(records: Iterable[Record], words: Catalogue) -> list[tuple[Record, Card]]:
    """A card for everything that the network does, in order.

    Arguments:
        records: of one connection, in order.
        words: the catalogue of the language.
    """
    return [(record, _card(record.step, words)) for record in records if isinstance(record.step, WorldStep)]


def world_words(step: Step, words: Catalogue) -> str:
    """What the network does, in a few words; empty for a step that is none of the network's."""
    sender = "" if step.span is None else words.say(f"role.{sender_of(step.span.direction).value}")
    length = stretch_of(step).size
    match step:
        case SegmentLost():
            return words.say("picture.world.lost", sender=sender, times=step.times, seconds=step.seconds)
        case FaultHappened():
            who = words.say(f"role.{step.who}") if step.who else ""
            facts = {"sender": sender, "length": length, "seconds": step.seconds, "bit": step.bit, "who": who}
            return words.say(f"picture.world.{step.fault}", **facts)
        case MiddleboxActed():
            facts = {"sender": sender, "length": step.length, "seconds": step.seconds}
            return words.say(f"picture.world.{step.action}", **facts, fields=", ".join(step.fields))
        case ProxyRequest():
            return words.say("picture.world.request.inside" if step.inside else "picture.world.request", url=step.url)
        case ProxyStored():
            return words.say("picture.world.stored", url=step.url)
        case ProxyAsked():
            key = "picture.world.asked" if step.found else "picture.world.asked.missing"
            return words.say(key, url=step.url, body=quoted(step.body))
        case _:
            return ""


def sender_of(direction: Direction) -> Role:
    """Who sends in a direction."""
    return next(role for role in Role if role.sends is direction)


def harmful(step: Step) -> bool:
    """Whether what the network does loses or spoils something."""
    match step:
        case FaultHappened():
            return step.fault not in _HARMLESS
        case MiddleboxActed():
            return step.action not in _HARMLESS
        case ProxyRequest():
            return step.inside
        case ProxyAsked():
            return step.found
        case _:
            return isinstance(step, ProxyStored)


def _card(step: Step, words: Catalogue) -> Card:
    wrong = harmful(step)
    told = wrap(("✖ " if wrong else "") + world_words(step, words), MAX_WIDTH - 2 * PAD, SMALL)
    lines = [CardLine(words.say("picture.network"), bold=True)]
    lines += [CardLine(part, "ws-bad" if wrong else "ws-t") for part in told]
    return Card(tuple(lines), "network", wrong)


def find_misread(records: Sequence[Record], units: Iterable[Unit], words: Catalogue) -> list[Note]:
    """Notes at a receiver that took bytes for another frame than the one that was sent.

    Arguments:
        records: of one connection, in order.
        units: of the same.
        words: the catalogue of the language.
    """
    sent: dict[tuple[object, Stretch | None], Step | None] = {
        (unit.direction, unit.landing): unit.step for unit in units
    }
    notes: list[Note] = []
    for record in records:
        step = record.step
        if not isinstance(step, FrameComplete) or step.sent or step.span is None or step.endpoint is None:
            continue
        meant = sent.get((step.span.direction, stretch_of(step)))
        if isinstance(meant, FrameComplete) and meant.frame.same_as(step.frame):
            continue
        title = opcode_title(step.frame.opcode, words)
        told = words.say("picture.misread", opcode=title, fin=int(step.frame.fin), length=len(step.frame.payload))
        notes.append(Note(record, step.endpoint, (NoteLine("✖ " + told, "ws-bad"),)))
    return notes
