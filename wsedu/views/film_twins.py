"""A film without a player: a row per step as text, and the ladder of its first frames as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..explain.catalogue import part_catalogue
from ..explain.words import step_sentence, step_title
from ..protocol.steps import FrameComplete, Level, MessageComplete, StateChanged
from ..protocol.types import Role, State
from ..trace.trace import Record, Trace
from .film import NETWORK, NOBODY, ROLES, note_of, who_of
from .states import phase_text

ROWS = 400
"""Steps that the text has; of a longer film, so many from the beginning."""

KEY_FRAMES = 24
"""Frames that the picture has; of a longer film, so many from the beginning."""


def film_text(trace: Trace, about: str, language: str, level: Level = Level.CORE) -> str:
    """A table with a row for each step: number, time in milliseconds, who, both states, and what happened.

    Arguments:
        trace: of one connection.
        about: a line that says what this is a film of.
        language: `en` or `zh`.
        level: the finest steps that are told.
    """
    say = part_catalogue("exchange_film", language).say
    shown = [record for record in trace.records if record.step.level <= level]
    states = _first_states(trace, say("film.unseen"))
    rows = list(_rows(shown[:ROWS], states, language))
    head = [say(f"film.{name}") for name in ("number", "ms", "who", "client", "server", "step")]
    widths = [max(map(len, column)) for column in zip(head[:-1], *(row[:-1] for row in rows), strict=True)]
    lines = [say("film.title"), about, ""]
    for row in (head, *rows):
        cells = [cell.rjust(width) if place < 2 else cell.ljust(width) for place, (cell, width) in _cells(row, widths)]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    if len(shown) > ROWS:
        lines.append(say("film.more", count=len(shown) - ROWS))
    return "\n".join(lines) + "\n"


def _cells(row: list[str], widths: list[int]) -> Iterable[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row[:-1], widths, strict=True))


def _first_states(trace: Trace, unseen: str) -> dict[Role, str]:
    """What the endpoints begin with; of one that was not recorded nobody knows it."""
    seen = {record.step.endpoint for record in trace.records}
    return {role: State.CONNECTING.name if role in seen else unseen for role in Role}


def _rows(records: Iterable[Record], states: dict[Role, str], language: str) -> Iterator[list[str]]:
    names = who_names(language)
    for record in records:
        step = record.step
        if isinstance(step, StateChanged) and step.endpoint is not None:
            states[step.endpoint] = phase_text(step.after, step.state)
        told = " · ".join(part for part in (step_title(step, language), note_of(step)) if part)
        sentence = step_sentence(step, language)
        yield [
            str(record.n),
            f"{1000 * record.t:,.3f}",
            names[who_of(step)],
            *states.values(),
            f"{told}  {sentence}",
        ]


def who_names(language: str) -> dict[int, str]:
    """What a film calls those who act, by their numbers."""
    say = part_catalogue("exchange_film", language).say
    return {
        **{place: say(f"film.{role.value}") for place, role in enumerate(ROLES)},
        NETWORK: say("film.network"),
        NOBODY: "",
    }


def key_part(trace: Trace, frames: int = KEY_FRAMES) -> Trace:
    """The beginning of a trace, up to so many frames and what becomes of them; all of it if it has no more.

    Of an archive, which has no frames, up to so many messages.

    Arguments:
        trace: of one connection.
        frames: how many are kept.
    """
    seen: set[tuple[object, int]] = set()
    messages = 0
    for place, record in enumerate(trace.records):
        step = record.step
        if isinstance(step, FrameComplete) and step.span is not None:
            if len(seen) == frames and (step.span.direction, step.span.first_bit) not in seen:
                return Trace(trace.header, trace.level, trace.clock, trace.records[:place])
            seen.add((step.span.direction, step.span.first_bit))
        elif not seen and isinstance(step, MessageComplete):
            messages += 1
            if messages > frames:
                return Trace(trace.header, trace.level, trace.clock, trace.records[:place])
    return trace
