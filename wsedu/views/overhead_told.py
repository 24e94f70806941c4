"""What the overhead lab says of a measurement: how far it is, what was measured, and what loopback cannot measure."""

from __future__ import annotations

from ..explain.catalogue import part_catalogue
from ..overhead.limits import CannotMeasureError, check_setting
from ..overhead.measure import Progress, Stage
from ..overhead.transports import AT_THE_SOCKET, MEASURED
from .overhead_charts import PART
from .overhead_marks import LAYER_MARKS
from .overhead_picture import OWN, View
from .overhead_table import time_told, too_few


def progress_line(progress: Progress, language: str) -> str:
    """How far a measurement is."""
    name = part_catalogue(PART, language).say(f"transport.{progress.transport.value}")
    key = {Stage.TRIP: "measure.trip", Stage.RUN: "measure.going", Stage.LAST: "measure.last"}[progress.stage]
    return part_catalogue(OWN, language).say(
        key,
        transport=name,
        number=progress.number,
        count=progress.count,
        elapsed=progress.elapsed,
        seconds=progress.seconds,
        each=progress.each,
        begin=progress.seconds - progress.each,
        happened=progress.happened,
        delivered=progress.delivered,
    )


def obstacle(view: View, seconds: float) -> str:
    """Why what is set cannot be measured here, and what can be done; empty if it can.

    Arguments:
        view: what is looked at.
        seconds: for which each transport would be measured.
    """
    chosen = [one for one in view.transports if one in MEASURED]
    if not chosen:
        return view.own.say("cannot.modelled")
    try:
        check_setting(chosen, view.setting, seconds)
    except CannotMeasureError as error:
        return view.own.say(f"cannot.{error.key}", **error.facts)
    return ""


def measured_notes(view: View, *, running: bool = False, empty: bool = False) -> list[str]:
    """Lines on what the dots are, and on what went wrong.

    Arguments:
        view: what is looked at, with the runs whose dots are drawn.
        running: whether a measurement is under way.
        empty: whether there was one in which no event arrived.
    """
    say, words = view.own.say, view.words.say
    if not view.runs:
        return [] if running else [say("measure.empty" if empty else "measure.none")]
    done = [
        say("measure.one", name=view.name(run.transport), delivered=run.delivered, happened=run.happened)
        for run in view.runs
    ]
    lines = [say("measure.done", list=say("list.between").join(done))]
    for run in view.runs:
        if run.stopped:
            lines.append(words("table.stopped", transport=view.name(run.transport), seconds=run.seconds))
        elif run.delivered < run.happened:
            facts = {"delivered": run.delivered, "happened": run.happened}
            lines.append(words("table.unfinished", transport=view.name(run.transport), **facts))
    return lines if running else lines + _missing(view)


def _missing(view: View) -> list[str]:
    """What could have been measured and was not: the run was stopped, or it was chosen only afterwards."""
    found = [run.transport for run in view.runs]
    names = [view.name(one) for one in view.transports if one in MEASURED and one not in found]
    return [view.own.say("measure.missing", list=view.own.say("list.between").join(names))] if names else []


def measured_details(view: View) -> list[str]:
    """Lines on what is measured and what is only modelled; none without a run."""
    say = view.own.say
    if not view.runs:
        return []
    trip = time_told(min(float(run.setting.rtt) for run in view.runs), view.language)
    uncounted = any(run.packets is None for run in view.runs)
    lines = [
        say("measure.socket", rtt=trip, letter=LAYER_MARKS[AT_THE_SOCKET[-1]].letter),
        say("measure.uncounted" if uncounted else "measure.packets"),
        say("measure.run", seconds=max(run.seconds for run in view.runs), letter=LAYER_MARKS["setup"].letter),
        say("measure.charts"),
        too_few(view.runs, view.language),
    ]
    only = [view.name(one) for one in view.transports if one not in MEASURED]
    if only:
        lines.append(say("measure.modelled", list=say("list.between").join(only)))
    return list(filter(None, lines))
