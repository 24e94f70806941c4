"""The steps that frames make: fields, masked bytes, whole frames, violations."""

from __future__ import annotations

from .frame import Frame
from .layout import Field, lay_out_header
from .masking import apply_mask, trace_mask
from .rules import ProtocolViolation
from .steps import FrameField, Level, Span, Tracer, byte_span, tracer_level, violation_step
from .types import Role
from .wiresteps import frame_step

ENCODED_BY = "wsedu.protocol.frames:_encode"
DECODED_BY = "wsedu.protocol.frames:FrameDecoder._read"
MASKED_BY = "wsedu.protocol.masking:masked_frame"
UNMASKED_BY = "wsedu.protocol.masking:unmask_slice"


class FrameTracer:
    """Tells a tracer of the frames of one direction.

    Arguments:
        tracer: the hook.
        role: of the endpoint that sends or reads; None for a function used on its own.
        sent: whether it sends these frames.
    """

    def __init__(self, tracer: Tracer, role: Role | None, *, sent: bool) -> None:
        self._tracer = tracer
        level = tracer_level(tracer)
        self._shows_fields = level >= Level.BASE
        self._shows_masking = level >= Level.EXTRA
        self._role = role
        self._sent = sent
        owner = Role.SERVER if role is None else role
        self._direction = owner.sends if sent else owner.receives

    def sent(
        self, frame: Frame, data: bytes, offset: int, encoded_by: str = ENCODED_BY, masked_by: str = MASKED_BY
    ) -> None:
        """A frame was encoded as `data`.

        Arguments:
            frame: what it holds.
            data: its bytes.
            offset: where it begins in the stream.
            encoded_by: the function that made its bytes.
            masked_by: the function that masked its payload.
        """
        if self._shows_fields:
            self.header(data[: frame.header_size], offset, encoded_by)
            self._mask(frame, offset + frame.header_size, masked_by)
        self._tracer(frame_step(self._role, self._direction, offset, len(data), encoded_by, self._sent, frame))

    def header(self, header: bytes, offset: int, decided_by: str = DECODED_BY) -> None:
        """As much of a header as there is, from stream offset `offset` on."""
        if not self._shows_fields or not header:
            return
        fields, _ = lay_out_header(header, 0)
        for field in fields:
            self._field(field, offset, decided_by)

    def _field(self, field: Field, offset: int, decided_by: str) -> None:
        span = Span(self._direction, 8 * offset + field.first_bit, field.bits)
        self._tracer(
            FrameField(
                endpoint=self._role,
                span=span,
                decided_by=decided_by,
                sent=self._sent,
                name=field.name,
                value=field.value,
                meaning=field.meaning,
                values=field.facts,
            )
        )

    def received(self, frame: Frame, offset: int, size: int) -> None:
        """A frame of `size` bytes is in; `offset` is where it begins in the stream."""
        if self._shows_masking:
            self._mask(frame, offset + frame.header_size, UNMASKED_BY)
        self._tracer(frame_step(self._role, self._direction, offset, size, DECODED_BY, self._sent, frame))

    def _mask(self, frame: Frame, offset: int, masked_by: str) -> None:
        """Every masked byte of a payload that begins at stream offset `offset`."""
        key = frame.masking_key
        if not self._shows_masking or not key:
            return
        masked = apply_mask(frame.payload, key)
        given, result = (frame.payload, masked) if self._sent else (masked, frame.payload)
        span = byte_span(self._direction, offset, len(masked))
        trace_mask(
            self._tracer, given, key, result, endpoint=self._role, span=span, sent=self._sent, decided_by=masked_by
        )

    def violation(self, violation: ProtocolViolation) -> None:
        """The peer broke a rule."""
        self._tracer(violation_step(violation, self._role, self._direction))
