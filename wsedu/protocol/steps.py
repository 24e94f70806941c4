"""Every kind of step, in one place: see `step` for what a step is, and the modules named here for the kinds."""

from __future__ import annotations

from . import framesteps, handshakesteps, statesteps, transportsteps
from .framesteps import (
    DeflateCompressed,
    DeflateInflated,
    FrameComplete,
    FrameField,
    MaskByte,
    MessageComplete,
    MessageFragment,
    PingAnswered,
    PongMatched,
)
from .handshakesteps import (
    HandshakeAccept,
    HandshakeAgreed,
    HandshakeCheck,
    HandshakeKey,
    HandshakeRequest,
    HandshakeResponse,
)
from .statesteps import (
    CloseStatus,
    StateChanged,
    TapActed,
    TimerExpired,
    Unexplained,
    UnknownStep,
    Violation,
    violation_step,
)
from .step import NOTHING, SHARED, Level, Span, Step, Tracer, byte_span, fact_names, filtered, tracer_level
from .transportsteps import BytesIgnored, BytesReceived, BytesSent, EndReceived, EndSent, ScenarioAct, TransportOpened

__all__ = [
    "KINDS",
    "NOTHING",
    "SHARED",
    "BytesIgnored",
    "BytesReceived",
    "BytesSent",
    "CloseStatus",
    "DeflateCompressed",
    "DeflateInflated",
    "EndReceived",
    "EndSent",
    "FrameComplete",
    "FrameField",
    "HandshakeAccept",
    "HandshakeAgreed",
    "HandshakeCheck",
    "HandshakeKey",
    "HandshakeRequest",
    "HandshakeResponse",
    "Level",
    "MaskByte",
    "MessageComplete",
    "MessageFragment",
    "PingAnswered",
    "PongMatched",
    "ScenarioAct",
    "Span",
    "StateChanged",
    "Step",
    "TapActed",
    "TimerExpired",
    "Tracer",
    "TransportOpened",
    "Unexplained",
    "UnknownStep",
    "Violation",
    "byte_span",
    "fact_names",
    "filtered",
    "tracer_level",
    "violation_step",
]

KINDS: dict[str, type[Step]] = {
    kind.kind: kind
    for module in (transportsteps, handshakesteps, framesteps, statesteps)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Step) and kind.kind
}
"""Every class of steps by its kind, in the order of a connection's life."""
