"""What a connection cost, counted from its trace: frames and bytes of each direction, and what of it was overhead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..explain.catalogue import catalogue
from ..protocol.types import Direction, Role
from .prose import ByWidth, Prose
from .story import Lane, Story
from .styles import NONE, STRONG
from .tables import plain_table, role_name

_WIDE = 76
"""Cells from which on the counts of a direction have room in one row."""


class Tally(NamedTuple):
    """What travelled in one direction; all but `frames` in bytes.

    Arguments:
        frames: whole frames, control frames among them.
        control: control frames.
        opening: the head of the opening handshake.
        headers: frame headers, masking keys included.
        payload: application data, and the bodies of control frames.
        total: everything.
    """

    frames: int
    control: int
    opening: int
    headers: int
    payload: int
    total: int

    @property
    def overhead(self) -> int:
        """Bytes that are not payload."""
        return self.total - self.payload


def tally(lane: Lane) -> Tally:
    """The tally of one direction; a frame counts once all of its bytes have been written."""
    counts = lane.count()
    return Tally(
        frames=counts.frames,
        control=counts.control,
        opening=sum(lane.heads.values()),
        headers=counts.headers,
        payload=counts.payload,
        total=lane.size,
    )


def render_summary(story: Story) -> RenderableType:
    """A row for each direction and one for both."""
    language = story.language
    say = catalogue(language).say
    tallies = {_way_name(way, language): tally(lane) for way, lane in story.lanes.items()}
    both = Tally(*(sum(column) for column in zip(*tallies.values(), strict=True)))
    tallies[say("view.summary.both")] = both
    names = [say(f"view.summary.{name}") for name in Tally._fields]
    counts = [[f"{count:,}" for count in row] for row in tallies.values()]
    wide = _table(names, list(tallies), counts, both_below=True)
    narrow = _table(list(tallies), names, list(zip(*counts, strict=True)), both_below=False)
    parts: list[RenderableType] = [ByWidth(_WIDE, wide, narrow)]
    if both.total:
        sentence = say("view.summary.overhead", overhead=both.overhead, total=both.total, payload=both.payload)
        parts.append(Prose(sentence))
    return Group(*parts, *(Prose(text) for text in _never_written(story)))


def _table(heads: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[str]], *, both_below: bool) -> Table:
    """Numbers under heads and beside names; what is of both directions stands in the last row or column."""
    table = plain_table()
    table.add_column("")
    for head in heads:
        table.add_column(head, justify="right")
    for number, (name, row) in enumerate(zip(names, rows, strict=True)):
        style = STRONG if both_below and number == len(rows) - 1 else NONE
        table.add_row(Text(name, style), *(Text(cell, style) for cell in row))
    return table


def _never_written(story: Story) -> Iterator[str]:
    """Frames that an endpoint made and never handed to TCP, because it had vanished or was cut off."""
    for way, lane in story.lanes.items():
        for step in lane.frames.values():
            if not lane.travelled(step):
                size = step.frame.header_size + len(step.frame.payload)
                name = catalogue(story.language).say(f"opcode.{step.frame.name}")
                sender = role_name(sender_of(way), story.language)
                yield catalogue(story.language).say("view.unwritten", who=sender, size=size, opcode_name=name)


def _way_name(way: Direction, language: str) -> str:
    sender = sender_of(way)
    return f"{role_name(sender, language)} ─▶ {role_name(sender.peer, language)}"


def sender_of(way: Direction) -> Role:
    """The endpoint that sends in a direction."""
    return next(role for role in Role if role.sends is way)
