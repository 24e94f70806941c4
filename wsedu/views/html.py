"""`trace_html`: a trace as one page that needs nothing else, not even a script: to keep, to print, to hand in."""

from __future__ import annotations

from collections.abc import Iterator

from ..explain.catalogue import Catalogue, catalogue
from ..explain.words import step_sentence, step_title
from ..protocol.closing import Happening
from ..protocol.steps import FrameComplete, Level, StateChanged, Step, TransportOpened, Violation
from ..protocol.types import Direction, Role
from ..trace.trace import Record, Trace
from ..trace.worldsteps import WorldStep
from .html_faults import fault_box
from .html_frames import frame_article
from .html_opening import opening_parts
from .html_page import Section, code, contents, number, page, pairs, paragraph, scrolling, section, sentence, table
from .ladder import draw_ladder
from .ladder_units import Unit, find_units
from .svg_draw import element, escape


def trace_html(trace: Trace, *, language: str, left: int = 0) -> str:
    """A trace as one HTML page: the ladder, the handshake, every state, every frame and every step.

    Arguments:
        trace: at any level; what it does not hold is not told.
        language: `en` or `zh`.
        left: steps behind these that the page leaves out, which it says.

    Returns:
        the page as text. It has no script and no reference to anything outside of itself; it follows the reader's
        light or dark theme, and is light on paper.

    Raises:
        ValueError: there is no such language.
    """
    say = catalogue(language)
    scenario = trace.header.scenario
    title = say.say("picture.html.untitled") if scenario is None else say.say("picture.html.title", scenario=scenario)
    parts = list(_sections(trace, say))
    return page(
        title,
        language,
        element("h1", escape(title)) + _left(left, say) + contents(say.say("picture.html.contents"), parts),
        parts,
        paragraph(say.say("picture.html.footer")),
    )


def _left(count: int, say: Catalogue) -> str:
    return paragraph(say.say("picture.html.left", count=count)) if count else ""


def _sections(trace: Trace, say: Catalogue) -> Iterator[Section]:
    parts = _connections(trace)
    units = [unit for records in parts.values() for unit in find_units(records) if _is_frame(unit)]
    yield section("about", say.say("picture.html.about"), [pairs(_about(trace, say))])
    label = say.say("picture.html.ladder")
    ladder = scrolling(draw_ladder(trace, say.language, None), label)
    hint = element("figcaption", escape(say.say("picture.html.ladder.hint")), cls="narrow")
    yield section("ladder", label, [element("figure", ladder + hint)])
    yield section("violations", say.say("picture.html.violations"), _violations(trace, say))
    openings = [part for records in parts.values() for part in opening_parts([r.step for r in records], say)]
    if openings:
        yield section("handshake", say.say("picture.html.handshake"), openings)
    yield section("states", say.say("picture.html.states"), [_states(trace, say)])
    frames = [frame_article(place, unit, say) for place, unit in enumerate(units, 1)]
    nothing = [paragraph(say.say("picture.html.frames.none"))]
    yield section("frames", say.say("picture.html.frames"), frames or nothing)
    yield section("steps", say.say("picture.html.steps"), _steps(trace, say))


def _connections(trace: Trace) -> dict[int | None, list[Record]]:
    """The records by connection; those that belong to none come together."""
    parts: dict[int | None, list[Record]] = {}
    for record in trace.records:
        parts.setdefault(record.connection, []).append(record)
    return parts


def _is_frame(unit: Unit) -> bool:
    return isinstance(unit.step, FrameComplete) or unit.step is None


# --- What was recorded ---


def _about(trace: Trace, say: Catalogue) -> Iterator[tuple[str, str]]:
    header = trace.header
    yield say.say("picture.html.scenario"), header.scenario or say.say("picture.html.none")
    seed = say.say("picture.html.real") if header.seed is None else str(header.seed)
    yield say.say("picture.html.seed"), seed
    yield say.say("picture.html.version"), header.version
    duration = trace.records[-1].t if trace.records else 0.0
    yield say.say("picture.html.duration"), say.say("picture.html.duration.value", ms=1000 * duration)
    for step in _opened(trace):
        address = say.say("picture.html.address", local=step.local, remote=step.remote)
        yield say.say("picture.html.addresses"), address
        if step.tls:
            yield say.say("picture.html.tls"), step.tls
    yield (
        say.say("picture.html.counts"),
        say.say(
            "picture.html.counts.value",
            steps=len(trace),
            frames=len(trace.frames()) or len(trace.frames(sent=False)),
            to_server=_bytes_sent(trace, Direction.TO_SERVER),
            to_client=_bytes_sent(trace, Direction.TO_CLIENT),
        ),
    )


def _opened(trace: Trace) -> Iterator[TransportOpened]:
    """One step for each connection: that of the client, if it was recorded."""
    found: dict[int | None, TransportOpened] = {}
    for record in trace.records:
        step = record.step
        if isinstance(step, TransportOpened) and (step.endpoint is Role.CLIENT or record.connection not in found):
            found[record.connection] = step
    yield from found.values()


def _bytes_sent(trace: Trace, direction: Direction) -> int:
    return len(trace.bytes_of(direction) or trace.bytes_of(direction, received=True))


# --- The lists ---


def _violations(trace: Trace, say: Catalogue) -> list[str]:
    faults = [record.step for record in trace.records if isinstance(record.step, Violation)]
    boxes = [fault_box(fault, say) for fault in faults]
    return boxes or [paragraph("✔ " + say.say("picture.html.violations.none"), "good")]


def _states(trace: Trace, say: Catalogue) -> str:
    head = [say.say(f"picture.html.{name}") for name in ("time", "endpoint", "happening", "before", "after")]
    rows = [
        [_ms(record), _who(step, say), _happening(step.event, say), code(step.before), code(step.after)]
        for record in trace.records
        if isinstance(step := record.step, StateChanged)
    ]
    return table(say.say("picture.html.states"), head, rows, caption_shown=False)


def _happening(event: str, say: Catalogue) -> str:
    """What moved an endpoint, in words; as it is, if this version does not know it."""
    return say.say(f"happening.{Happening(event).name}") if event in tuple(Happening) else event


def _steps(trace: Trace, say: Catalogue) -> Iterator[str]:
    records = [record for record in trace.records if record.step.level <= Level.BASE]
    head = [say.say(f"picture.html.{name}") for name in ("number", "time", "endpoint", "step", "sentence")]
    rows = [
        [
            str(record.n),
            number(_ms(record)),
            _who(record.step, say),
            step_title(record.step, say.language),
            sentence(step_sentence(record.step, say.language)),
        ]
        for record in records
    ]
    label = say.say("picture.html.steps")
    listed = table(label, head, rows, caption_shown=False)
    hidden = len(trace.records) - len(records)
    if hidden:
        yield paragraph(say.say("picture.html.steps.hidden", count=hidden), "muted")
    yield element("details", element("summary", escape(f"{label} ({len(records):,})")) + listed)


def _ms(record: Record) -> str:
    return f"{1000 * record.t:,.3f}"


def _who(step: Step, say: Catalogue) -> str:
    if isinstance(step, WorldStep):
        return say.say("picture.network")
    return "" if step.endpoint is None else say.say(f"role.{step.endpoint.value}")
