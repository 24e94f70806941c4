"""The line of Python that makes given bytes, as a reader would write it."""

from __future__ import annotations

from ..protocol.dissection import DissectedFrame, Dissection
from ..protocol.frame import Frame, minimal_form
from ..protocol.frames import encode_frame
from ..protocol.types import Opcode

LONGEST = 120
"""Characters of a payload that are spelled out; what repeats one byte at its end is written as a product."""

LONGEST_LINE = 2000
"""Characters of a line that a person would copy."""


def python_line(dissection: Dissection) -> str:
    """An expression of Python that gives the bytes, with the names that `wsedu` exports.

    Whole frames are made by `encode_frame`; what is cut short has no frame, and is given as bytes.

    Arguments:
        dissection: of the bytes.

    Returns:
        empty where it would be longer than `LONGEST_LINE`.
    """
    parts: list[str] = []
    for frame in dissection.frames:
        parts.append(_part(dissection, frame))
        if sum(map(len, parts)) > LONGEST_LINE:
            return ""
    return " + ".join(parts) or 'b""'


def _part(dissection: Dissection, dissected: DissectedFrame) -> str:
    data = dissection.data[dissected.offset : dissected.offset + dissected.size]
    if dissected.missing or dissected.frame is None or encode_frame(dissected.frame) != data:
        return f'bytes.fromhex("{data.hex()}")'
    return f"encode_frame({frame_expression(dissected.frame)})"


def frame_expression(frame: Frame) -> str:
    """The call that makes a frame: by a name of its own such as `Frame.text` where that says all of it.

    Arguments:
        frame: any.
    """
    key = "" if frame.masking_key is None else f'masking_key=bytes.fromhex("{frame.masking_key.hex()}")'
    plain = not (frame.rsv1 or frame.rsv2 or frame.rsv3) and frame.form == minimal_form(len(frame.payload))
    named = _named(frame) if plain else None
    if named is not None:
        name, arguments = named
        return f"Frame.{name}({', '.join(part for part in [*arguments, key] if part)})"
    return f"Frame({', '.join(_plainly(frame, key))})"


def _plainly(frame: Frame, key: str) -> list[str]:
    parts = [f"{frame.opcode:#x}", bytes_expression(frame.payload)]
    parts += [] if frame.fin else ["fin=False"]
    parts += [f"{name}=True" for name in ("rsv1", "rsv2", "rsv3") if getattr(frame, name)]
    parts += [key] if key else []
    parts += [f"length_form={frame.form}"] if frame.form != minimal_form(len(frame.payload)) else []
    return parts


def _named(frame: Frame) -> tuple[str, list[str]] | None:
    more = [] if frame.fin else ["fin=False"]
    match frame.opcode:
        case Opcode.TEXT:
            text = _decoded(frame.payload)
            return None if text is None else ("text", [text, *more])
        case Opcode.BINARY:
            return "binary", [bytes_expression(frame.payload), *more]
        case Opcode.CONTINUATION:
            return "continuation", [bytes_expression(frame.payload), *more]
        case Opcode.PING | Opcode.PONG if frame.fin:
            return frame.name, [bytes_expression(frame.payload)] if frame.payload else []
        case Opcode.CLOSE if frame.fin and len(frame.payload) != 1:
            reason = _decoded(frame.payload[2:])
            if reason is None:
                return None
            code = [str(int.from_bytes(frame.payload[:2], "big"))] if frame.payload else []
            return "close", [*code, *([reason] if len(frame.payload) > 2 else [])]
    return None


def _decoded(data: bytes) -> str | None:
    """Text as a string of Python; None if it is none, or too long to be spelled out."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    start = len(text.rstrip(text[-1:]))
    run = len(text) - start
    if len(text) <= LONGEST or start > LONGEST or run < LONGEST // 2:
        return _quoted(text) if len(text) <= 2 * LONGEST else None
    return " + ".join([*([_quoted(text[:start])] if start else []), f"{_quoted(text[-1])} * {run}"])


def _quoted(text: str) -> str:
    """A string as Python writes it, in double quotes."""
    return '"' + "".join('\\"' if char == '"' else repr(char)[1:-1] for char in text) + '"'


def bytes_expression(data: bytes) -> str:
    """Bytes as an expression: as letters where they are letters, else in hex; a byte that repeats as a product.

    Arguments:
        data: any.
    """
    start = len(data.rstrip(data[-1:]))
    run = len(data) - start
    if len(data) > LONGEST and run >= LONGEST // 2:
        return " + ".join([*([_spelled(data[:start])] if start else []), f"{_spelled(data[-1:])} * {run}"])
    return _spelled(data)


def _spelled(data: bytes) -> str:
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in data):
        return f'b"{data.decode("ascii")}"'
    return f'bytes.fromhex("{data.hex()}")'
