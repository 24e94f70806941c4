"""An exchange of an HTTP archive as a trace of the client's view: what the archive does not know, it does not say."""

from __future__ import annotations

from ..protocol.closing import ClosingMachine, Happening
from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.http import Request, Response
from ..protocol.overheard import judge_response
from ..protocol.steps import (
    HandshakeRequest,
    HandshakeResponse,
    MessageComplete,
    StateChanged,
    Tracer,
    violation_step,
)
from ..protocol.types import Opcode, Role
from .har import Exchange
from .trace import Trace, new_header

READ_BY = "wsedu.trace.harread:read_har"

UNKNOWN_FRAGMENTS = 0
"""The number of frames of a message that nobody has recorded."""

TEXT_OR_BINARY = (Opcode.TEXT, Opcode.BINARY)


def exchange_trace(exchange: Exchange, number: int) -> Trace:
    """An exchange as a trace of the client's view.

    Arguments:
        exchange: what the archive has of it.
        number: of the connection in its trace, from 1.
    """
    now = exchange.started
    trace = Trace(new_header(), clock=lambda: now)
    for _ in range(number):
        connection = trace.new_connection()
    tracer = trace.recorder(connection)
    request, response = exchange.request, exchange.response
    tracer(
        HandshakeRequest(
            endpoint=Role.CLIENT,
            decided_by=READ_BY,
            sent=True,
            line=request.line,
            headers=request.headers.pairs(),
        )
    )
    opened = response is not None and _respond(request, response, tracer)
    machine = ClosingMachine(Role.CLIENT)
    _move(machine, Happening.HANDSHAKE_DONE if opened else Happening.HANDSHAKE_FAILED, tracer)
    for message in exchange.messages:
        # Clocks of the two times in an archive differ by a little.
        now = max(now, message.t)
        if message.opcode in TEXT_OR_BINARY:
            tracer(
                MessageComplete(
                    endpoint=message.sender.peer,
                    decided_by=READ_BY,
                    opcode=message.opcode,
                    fragments=UNKNOWN_FRAGMENTS,
                    data=message.data,
                )
            )
    return trace


def _respond(request: Request, response: Response, tracer: Tracer) -> bool:
    """The response and, where the archive has the key that it answers, the checks of it; whether it opens."""
    tracer(
        HandshakeResponse(
            endpoint=Role.CLIENT,
            decided_by=READ_BY,
            sent=False,
            line=response.line,
            headers=response.headers.pairs(),
        )
    )
    if request.headers.get("Sec-WebSocket-Key") is None:
        return response.status == 101
    for violation in judge_response(request, response, (PerMessageDeflateFactory(),), tracer):
        # There are no bytes in which an offset could count.
        violation.offset = None
        tracer(violation_step(violation, Role.CLIENT, None))
    return response.status == 101


def _move(machine: ClosingMachine, happening: Happening, tracer: Tracer) -> None:
    before = machine.phase
    row = machine.move(happening)
    assert row is not None
    tracer(
        StateChanged(
            endpoint=Role.CLIENT,
            decided_by="wsedu.protocol.closing:ClosingMachine.move",
            event=happening.value,
            before=before.value,
            after=machine.phase.value,
            state=machine.state.value,
            action=row.action.value,
        )
    )
