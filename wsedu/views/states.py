"""The states of both endpoints side by side, one row for each change (RFC 6455 §4.1, §7.1)."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.words import step_title
from ..protocol.steps import CloseStatus, StateChanged
from ..protocol.types import Role
from ..trace.trace import Trace
from .prose import Prose
from .styles import MUTED, STRONG, verdict_mark
from .tables import plain_table, role_name


def render_states(trace: Trace, language: str) -> RenderableType:
    """A row for each change of state: step, time in seconds, state of the client, state of the server, event.

    A state that is only a part of CLOSING stands behind it, as `CLOSING CLOSE_SENT`. The last rows give the status
    codes that the endpoints report.

    Arguments:
        trace: of one connection.
        language: `en` or `zh`.
    """
    say = catalogue(language).say
    table = plain_table()
    table.add_column(say("view.column.number"), justify="right", no_wrap=True)
    table.add_column(say("view.column.time"), justify="right", no_wrap=True)
    for role in Role:
        table.add_column(role_name(role, language), min_width=10)
    table.add_column(say("view.column.event"), ratio=1, overflow="fold")
    now = dict.fromkeys(Role, "CONNECTING")
    for record in trace:
        step = record.step
        if step.endpoint is None:
            continue
        if isinstance(step, StateChanged):
            now[step.endpoint] = phase_text(step.after, step.state)
            event = Text(step_title(step, language))
        elif isinstance(step, CloseStatus):
            event = close_status_text(step, language)
        else:
            continue
        cells = [Text(now[role], STRONG if role is step.endpoint else MUTED) for role in Role]
        table.add_row(Text(str(record.n), MUTED), Text(f"{record.t:.4f}", MUTED), *cells, Prose(event))
    return table


def phase_text(phase: str, state: str) -> str:
    """The RFC's state, and the phase behind it where the state has several."""
    return state if phase == state else f"{state} {phase}"


def close_status_text(step: CloseStatus, language: str) -> Text:
    """The status code that an endpoint reports, with a mark for a clean or an unclean close."""
    mark, style = verdict_mark(step.clean)
    return Text().append(mark, style).append(f" {step.code} ", STRONG).append(step_title(step, language))
