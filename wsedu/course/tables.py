"""What lessons lay out in rows: two exchanges side by side, a stream piece by piece, steps, and how connections end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..explain.catalogue import catalogue, choose_language, part_catalogue
from ..explain.words import step_sentence
from ..protocol.steps import CloseStatus
from ..protocol.types import Role
from ..trace.trace import Record, Trace
from ..views.side_by_side import Told, at_the_end, by_moment
from ..views.stream import legal_cuts, stream
from ..views.tables import role_name
from .table import Table

PART = "lesson_tables"


def beside(left: Trace, right: Trace) -> Table:
    """A row for each moment in which something happens in one of two exchanges of virtual time.

    Arguments:
        left: an exchange.
        right: the one to compare it with.
    """
    words = catalogue(choose_language())
    traces = (left, right)
    heads = [words.say("view.beside.time"), *(trace.header.scenario or "" for trace in traces)]
    columns = [by_moment(trace, words) for trace in traces]
    rows = [
        [f"{moment:,.3f}", *(_marked(column.get(moment, [])) for column in columns)]
        for moment in sorted({*columns[0], *columns[1]})
    ]
    ends = [words.say("view.beside.end"), *(_marked(at_the_end(trace, words)) for trace in traces)]
    return Table(heads, [*rows, ends])


def _marked(told: Iterable[Told]) -> list[str]:
    return [f"{one.mark} {one.words}" if one.mark else one.words for one in told]


def feeding(data: bytes, cuts: Sequence[int]) -> Table:
    """What a decoder says of a stream that arrives in pieces: what was read, which frames are complete, what it needs.

    Arguments:
        data: the stream.
        cuts: the places at which it is cut, each the number of bytes before it.
    """
    language = choose_language()
    say = part_catalogue("builder_panels", language).say
    log = stream(data, legal_cuts(cuts, data), len(cuts) + 1, language)["log"]
    names = ("piece", "just", "gave", "needs")
    return Table([say(f"stream.{name}") for name in names], [[line[name] for name in names] for line in log])


def told(records: Iterable[Record]) -> Table:
    """Steps as sentences, each with its time and whose it is.

    Arguments:
        records: of a trace.
    """
    language = choose_language()
    say = part_catalogue(PART, language).say
    rows = [
        [f"{record.t:,.2f}", role_name(record.step.endpoint, language), step_sentence(record.step, language)]
        for record in records
    ]
    return Table([say(f"head.{name}") for name in ("seconds", "who", "step")], rows)


def endings(runs: Mapping[str, Trace]) -> Table:
    """The close code that the application of each endpoint is told, and when.

    Arguments:
        runs: traces by name; the catalogue has a sentence for each name, or the name itself is shown.
    """
    language = choose_language()
    words = part_catalogue(PART, language)
    heads = [words.say("head.run"), *(role_name(role, language) for role in Role)]
    rows = []
    for name, trace in runs.items():
        run = words.say(f"run.{name}") if words.has(f"run.{name}") else name
        rows.append([run, *(list(_ending(trace, role, language)) for role in Role)])
    return Table(heads, rows)


def close_codes(trace: Trace) -> dict[str, int | None]:
    """The close code of each endpoint's application; None where its connection never ended."""
    codes: dict[str, int | None] = {role.value: None for role in Role}
    for record in trace:
        if isinstance(record.step, CloseStatus) and record.step.endpoint is not None:
            codes[record.step.endpoint.value] = record.step.code
    return codes


def _ending(trace: Trace, role: Role, language: str) -> Iterator[str]:
    words = part_catalogue(PART, language)
    for record in trace:
        if isinstance(record.step, CloseStatus) and record.step.endpoint is role:
            mark = "✔" if record.step.clean else "✖"
            yield f"{mark} {record.step.code}"
            yield words.say("ending.after", seconds=f"{record.t:.2f}")
            return
    yield words.say("ending.never")
