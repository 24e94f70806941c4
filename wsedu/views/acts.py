"""What passes once a connection is open: frames bit by bit, and what each endpoint makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.shown import bytes_hex
from ..explain.words import step_sentence, violation_sentence
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.layout import Field, lay_out_header, lay_out_payload
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    CloseStatus,
    FrameComplete,
    FrameField,
    MaskByte,
    ScenarioAct,
    Span,
    Step,
    Violation,
)
from ..protocol.types import Role
from .figure import fitted_figure
from .hexdump import bit_strip, letters_of
from .masks import render_mask
from .prose import Prose
from .story import Story, piece_of
from .styles import BAD, CROSS, MUTED, verdict_mark
from .tables import field_table, role_name, told_by

_INDENT = (0, 0, 0, 2)
_FIRST_MASK = 8
_NEXT_MASK = 2
"""Rows of masking that are shown: for the first masked frame, and for every later one."""

_PAYLOAD_ROWS = 2
"""Rows of payload in a figure, where the length is in 7 bits; one row where it is longer."""

_WHOLE = 5
_CUT = 2
"""Bytes of an unmasked payload that are shown in hex; of a longer one, fewer and how many more there are."""

_CHUNKS = 8
"""Sizes of chunks that are listed."""

_SILENT = (BytesSent, BytesReceived, FrameField, MaskByte, ScenarioAct)
"""Steps that are told together with the frame they belong to."""

Row = tuple[Role | None, Text]


class ActTeller:
    """Tells the steps of one act, in order.

    Arguments:
        story: of the connection; what is told here is noted there.
        heading: the step whose sentence the heading of the act already is.
    """

    def __init__(self, story: Story, heading: Step | None = None) -> None:
        self._story = story
        self._heading = heading
        self._parts: list[RenderableType] = []
        self._rows: list[Row] = []
        self._masks: dict[Role | None, list[MaskByte]] = {}
        self._header: dict[Role | None, list[FrameField]] = {}

    def tell(self, steps: Iterable[Step]) -> list[RenderableType]:
        """Everything that there is to say about these steps, in their order."""
        for step in steps:
            if isinstance(step, MaskByte):
                self._remember(step)
            elif isinstance(step, FrameField):
                self._remember_field(step)
            elif isinstance(step, FrameComplete):
                self._frame(step)
            elif not isinstance(step, _SILENT):
                if isinstance(step, Violation):
                    self._broken_header(step)
                self._rows.append((step.endpoint, self._sentence(step)))
        self._end_rows()
        return self._parts

    def _remember(self, step: MaskByte) -> None:
        # A payload may have a million bytes; only the first rows are ever shown.
        kept = self._masks.setdefault(step.endpoint, [])
        if step.index == 0:
            kept.clear()
        if len(kept) < _FIRST_MASK:
            kept.append(step)

    def _remember_field(self, step: FrameField) -> None:
        if step.name == "fin":
            self._header[step.endpoint] = []
        self._header.setdefault(step.endpoint, []).append(step)

    def _broken_header(self, violation: Violation) -> None:
        """The header of a frame that was refused before it was whole, if nobody has told of that frame."""
        steps = self._header.get(violation.endpoint, [])
        if not steps or steps[0].sent or steps[0].span is None:
            return
        span = steps[0].span
        if span.first_bit // 8 in self._story.lanes[span.direction].frames:
            return
        fields = [
            Field(
                step.name,
                step.span.first_bit - span.first_bit,
                step.span.bits,
                step.value,
                step.meaning,
                step.values,
                step.section or "",
            )
            for step in steps
            if step.span is not None
        ]
        self._end_rows()
        self._strip(fields)
        self._fields(fields, gap=False)

    def _end_rows(self) -> None:
        if self._rows:
            self._parts.append(Padding(told_by(self._rows, self._story.language), _INDENT))
            self._rows = []

    def _sentence(self, step: Step) -> Text:
        if isinstance(step, Violation):
            # Rule, section and place stand above it; the rest of the sentence says what was wrong.
            text = violation_sentence(step, self._story.language)
            line = Text().append(f"{CROSS} {step.rule}", BAD).append(f" · §{step.rfc}", MUTED)
            if step.offset is not None:
                where = catalogue(self._story.language).say("view.at.byte", offset=step.offset)
                line.append(f" · {where}", MUTED)
            return Text("\n").join([line, Text(text)])
        text = step_sentence(step, self._story.language)
        if isinstance(step, CloseStatus):
            mark, style = verdict_mark(step.clean)
            return Text().append(mark, style).append(f" {text}")
        return Text(text)

    # --- Frames ---

    def _frame(self, step: FrameComplete) -> None:
        masks = self._masks.pop(step.endpoint, [])
        if self._story.first_record_of(step):
            self._end_rows()
            self._whole_frame(step, masks)
        else:
            self._receipt(step)
        self._story.was_told(step)

    def _whole_frame(self, step: FrameComplete, masks: Sequence[MaskByte]) -> None:
        """The frame with all its bits, told from whoever recorded it first."""
        story, frame = self._story, step.frame
        data = encode_frame(frame)
        fields = _all_fields(frame)
        self._say("" if step is self._heading else step_sentence(step, story.language))
        if story.repeats_code(step) and step.endpoint is not None:
            peer = role_name(step.endpoint.peer, story.language)
            self._say(catalogue(story.language).say("view.close.repeats", peer=peer))
        drawn = story.new_shape(frame)
        if drawn:
            rows = _PAYLOAD_ROWS if frame.form == 7 else 1
            self._show(fitted_figure(data, language=story.language, payload_rows=rows))
        else:
            self._strip(fields)
        # What the payload says has been said in the sentence above.
        self._fields([field for field in fields if field.name != "payload"], gap=drawn)
        if masks:
            self._mask(step, masks)

    def _fields(self, fields: list[Field], *, gap: bool) -> None:
        """A table of those fields that say something new."""
        untold = self._story.untold(fields)
        if untold:
            table = Padding(field_table(untold, self._story.language, full=False), _INDENT)
            self._parts += [Text(""), table] if gap else [table]
        if len(untold) < len(fields) and self._story.first_time("fields.once"):
            self._parts.append(Padding(Prose(catalogue(self._story.language).say("view.fields.once"), MUTED), _INDENT))

    def _strip(self, fields: list[Field]) -> None:
        """A frame in short; below the first one, what its letters are."""
        self._show(bit_strip(fields, language=self._story.language, width=self._story.width - 4))
        if self._story.first_time("letters"):
            self._parts.append(Padding(Prose(letters_of(fields, self._story.language), MUTED), _INDENT))

    def _say(self, sentence: str) -> None:
        if sentence:
            self._parts.append(Prose(sentence))

    def _show(self, *parts: RenderableType) -> None:
        self._parts += [Text(""), *(Padding(part, _INDENT) for part in parts)]

    def _mask(self, step: FrameComplete, masks: Sequence[MaskByte]) -> None:
        story = self._story
        table = render_mask(
            masks,
            story.language,
            limit=_NEXT_MASK if story.masks_told else _FIRST_MASK,
            total=len(step.frame.payload),
            unmasking=not step.sent,
            header=not story.masks_told,
        )
        story.masks_told += 1
        self._show(table)

    # --- What the receiver saw ---

    def _receipt(self, step: FrameComplete) -> None:
        """One line, since the fields are those that the sender wrote; all of them if they are not."""
        assert step.span is not None
        story, frame = self._story, step.frame
        say = catalogue(story.language).say
        frames = story.lanes[step.span.direction].frames
        sent = frames[piece_of(step.span).start].frame
        chunks = chunks_sentence(story, step.span)
        # Where the network has lost or added bytes, a frame is read at another place than that where it was sent.
        elsewhere = (one.sent and one.frame.same_as(frame) for one in frames.values())
        if not sent.same_as(frame) and not any(elsewhere):
            self._rows.append((step.endpoint, Text(say("view.receipt.other", chunks=chunks), BAD)))
            self._end_rows()
            self._strip(_all_fields(frame))
        elif frame.masking_key is not None and frame.payload:
            # Cut so that it stays on one line of 80 columns.
            plain = bytes_hex(frame.payload, None if len(frame.payload) <= _WHOLE else _CUT)
            text = say("view.receipt.unmasked", chunks=chunks, plain=plain)
            self._rows.append((step.endpoint, Text(text)))
        else:
            self._rows.append((step.endpoint, Text(say("view.receipt.same", chunks=chunks))))


def _all_fields(frame: Frame) -> list[Field]:
    """The fields of a frame, its bits counted from its own first one."""
    data = encode_frame(frame)
    fields, head = lay_out_header(data, 0)
    return fields + lay_out_payload(data, 0, head)


def chunks_sentence(story: Story, span: Span) -> str:
    """How TCP cut the bytes of a frame or a head, which is not how they were framed, without a full stop.

    Arguments:
        story: of the connection.
        span: of these bytes.
    """
    say, piece = catalogue(story.language).say, piece_of(span)
    chunks = story.lanes[span.direction].chunks_of(piece)
    if len(chunks) == 1:
        chunk = chunks[0]
        key = "one" if chunk == piece else "first" if chunk.start == piece.start else "later"
        return say(f"view.chunks.{key}", size=piece.size, chunk=chunk.size)
    sizes = " + ".join(f"{chunk.size:,}" for chunk in chunks[:_CHUNKS]) + (" + …" if chunks[_CHUNKS:] else "")
    return say("view.chunks.several", size=piece.size, count=len(chunks), sizes=sizes)


def marked_sentence(step: Step, language: str) -> str:
    """The sentence of a step for the heading of a part: behind a mark if it is a verdict.

    Arguments:
        step: of any kind.
        language: `en` or `zh`.
    """
    text = step_sentence(step, language)
    if isinstance(step, (CloseStatus, Violation)):
        mark, _ = verdict_mark(isinstance(step, CloseStatus) and step.clean)
        return f"{mark} {text}"
    return text


def frame_label(step: FrameComplete, language: str) -> str:
    """From whom to whom, for the line above a block."""
    sender = step.span.direction if step.span is not None else None
    role = next((role for role in Role if role.sends is sender), None)
    if role is None:
        return ""
    return f"{role_name(role, language)} ─▶ {role_name(role.peer, language)}"
