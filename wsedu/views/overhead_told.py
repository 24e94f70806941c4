"""What the overhead lab says of a measurement: how far it is, what was measured, and what loopback cannot measure."""

from __future__ import annotations

from ..explain.catalogue import part_catalogue
from ..overhead.measure import Progress
from ..overhead.transports import AT_THE_SOCKET, MEASURED
from .overhead_charts import PART
from .overhead_marks import LAYER_MARKS
from .overhead_picture import OWN, View
from .overhead_table import time_told


def progress_line(progress: Progress, language: str) -> str:
    """How far a measurement is."""
    name = part_catalogue(PART, language).say(f"transport.{progress.transport.value}")
    return part_catalogue(OWN, language).say(
        "measure.going",
        transport=name,
        number=progress.number,
        count=progress.count,
        elapsed=progress.elapsed,
        seconds=progress.seconds,
        happened=progress.happened,
        delivered=progress.delivered,
    )


def measured_notes(view: View, *, running: bool = False, empty: bool = False) -> list[str]:
    """Lines on what the dots are, and on what is only modelled.

    Arguments:
        view: what is looked at, with the runs whose dots are drawn.
        running: whether a measurement is under way.
        empty: whether there was one in which no event arrived.
    """
    say, words = view.own.say, view.words.say
    if not view.runs:
        return [] if running else [say("measure.empty" if empty else "measure.none")]
    between = say("list.between")
    done = [
        say("measure.one", name=view.name(run.transport), delivered=run.delivered, happened=run.happened)
        for run in view.runs
    ]
    trip = time_told(min(float(run.setting.rtt) for run in view.runs), view.language)
    uncounted = any(run.packets is None for run in view.runs)
    lines = [
        say("measure.done", list=between.join(done)),
        say("measure.socket", rtt=trip, letter=LAYER_MARKS[AT_THE_SOCKET[-1]].letter),
        say("measure.uncounted" if uncounted else "measure.packets"),
        say("measure.run", seconds=max(run.seconds for run in view.runs), letter=LAYER_MARKS["setup"].letter),
        say("measure.charts"),
    ]
    for run in view.runs:
        if run.stopped:
            lines.append(words("table.stopped", transport=view.name(run.transport), seconds=run.seconds))
        elif run.delivered < run.happened:
            facts = {"delivered": run.delivered, "happened": run.happened}
            lines.append(words("table.unfinished", transport=view.name(run.transport), **facts))
    only = [view.name(one) for one in view.transports if one not in MEASURED]
    if only:
        lines.append(say("measure.modelled", list=between.join(only)))
    return lines
