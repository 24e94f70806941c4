"""The steps that frames make: fields, masked bytes, whole frames, violations."""

from __future__ import annotations

from .frame import Frame
from .layout import Field, lay_out_header
from .masking import apply_mask, trace_mask
from .rules import ProtocolViolation
from .steps import FrameComplete, FrameField, Level, Span, Tracer, byte_span, tracer_level, violation_step
from .types import Role

ENCODED_BY = "wsedu.protocol.frames:_encode"
DECODED_BY = "wsedu.protocol.frames:FrameDecoder._read"


class FrameTracer:
    """Tells a tracer of the frames of one direction.

    Arguments:
        tracer: the hook.
        role: of the endpoint that sends or reads; None for a function used on its own.
        sent: whether it sends these frames.
    """

    def __init__(self, tracer: Tracer, role: Role | None, *, sent: bool) -> None:
        self._tracer = tracer
        self._level = tracer_level(tracer)
        self._role = role
        self._sent = sent
        owner = Role.SERVER if role is None else role
        self._direction = owner.sends if sent else owner.receives
        self._decided_by = ENCODED_BY if sent else DECODED_BY

    def sent(self, frame: Frame, data: bytes, offset: int) -> None:
        """A frame was encoded as `data`; `offset` is where it begins in the stream."""
        self.header(data[: frame.header_size], offset)
        self.received(frame, offset + frame.header_size)

    def header(self, header: bytes, offset: int) -> None:
        """As much of a header as there is, from stream offset `offset` on."""
        if self._level < Level.BASE or not header:
            return
        fields, _ = lay_out_header(header, 0)
        for field in fields:
            self._field(field, offset)

    def _field(self, field: Field, offset: int) -> None:
        span = Span(self._direction, 8 * offset + field.first_bit, field.bits)
        self._tracer(
            FrameField(
                endpoint=self._role,
                span=span,
                decided_by=self._decided_by,
                sent=self._sent,
                name=field.name,
                value=field.value,
                meaning=field.meaning,
                values=field.facts,
            )
        )

    def received(self, frame: Frame, offset: int) -> None:
        """A frame is complete; `offset` is where its payload begins in the stream."""
        if self._level >= Level.EXTRA and frame.masking_key:
            self._mask(frame, frame.masking_key, offset)
        size = frame.header_size
        self._tracer(
            FrameComplete(
                endpoint=self._role,
                span=byte_span(self._direction, offset - size, size + len(frame.payload)),
                decided_by=self._decided_by,
                sent=self._sent,
                frame=frame,
            )
        )

    def _mask(self, frame: Frame, key: bytes, offset: int) -> None:
        masked = apply_mask(frame.payload, key)
        given, result = (frame.payload, masked) if self._sent else (masked, frame.payload)
        span = byte_span(self._direction, offset, len(masked))
        trace_mask(self._tracer, given, key, result, endpoint=self._role, span=span)

    def violation(self, violation: ProtocolViolation) -> None:
        """The peer broke a rule."""
        self._tracer(violation_step(violation, self._role, self._direction))
