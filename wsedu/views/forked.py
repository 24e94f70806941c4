"""Two futures of one exchange: the film of the fork, and what it does that the original did not, and the other way."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.words import step_sentence
from ..protocol.steps import Level
from ..simulator import differences
from ..trace.trace import Trace
from .film import film, who_of
from .film_twins import who_names

ROWS = 12
"""Steps of each list that are told; of a longer one, so many from the beginning."""


def forked_film(original: Trace, forked: Trace, language: str, level: Level = Level.CORE) -> dict[str, Any]:
    """What a page shows of a fork.

    Arguments:
        original: what was forked.
        forked: what became of it.
        language: `en` or `zh`.
        level: the finest steps that are shown.

    Returns:
        `reel`, the film of the fork; `outlined`, the places in it of steps that are new or come at another time;
        `missing`, the places in the film of the original of steps that the fork has not;
        `new` and `gone`, lines that tell them; `told`, how many there are.
    """
    found = differences(original, forked)
    shown = [record for record in forked.records if record.step.level <= level]
    before = [record for record in original.records if record.step.level <= level]
    other, missing = {*found.new, *found.moved}, set(found.gone)
    new, gone = _lines(forked, found.new, language, level), _lines(original, found.gone, language, level)
    return {
        "reel": film(forked.records, language, level),
        "outlined": [place for place, record in enumerate(shown) if record.n in other],
        "missing": [place for place, record in enumerate(before) if record.n in missing],
        "new": _shown(new, language),
        "gone": _shown(gone, language),
        "told": part_catalogue("film_panels", language).say(
            "fork.told", new=len(new), gone=len(gone), moved=len(found.moved)
        ),
    }


def _shown(lines: list[str], language: str) -> list[str]:
    """The first lines, and how many more there are."""
    if len(lines) <= ROWS:
        return lines
    more = part_catalogue("film_panels", language).say("fork.more", count=len(lines) - ROWS)
    return [*lines[:ROWS], more]


def _lines(trace: Trace, numbers: Collection[int], language: str, level: Level) -> list[str]:
    """Who did what, a line for each step of these numbers."""
    wanted, names = set(numbers), who_names(language)
    say = part_catalogue("film_panels", language).say
    return [
        say("fork.line", n=record.n, who=names[who_of(record.step)], what=step_sentence(record.step, language)).strip()
        for record in trace.records
        if record.n in wanted and record.step.level <= level
    ]
