"""What bytes that are illegal may be all the same: compressed, or both directions in one dump."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..explain.shown import bytes_hex, is_text, quoted
from ..protocol.inflated import first_message, inflate_frames
from ..protocol.rules import RSV_BITS
from ..protocol.types import Opcode

if TYPE_CHECKING:
    from ..protocol.dissection import Dissection
    from .context import Context

_SHOWN = 40
"""Bytes of a message that a hint shows."""


class Hint(NamedTuple):
    """What to try next.

    Arguments:
        name: `compress` or `directions`; the sentence is the catalogue's `cli.decode.hint.NAME`.
        facts: that the sentence needs.
    """

    name: str
    facts: dict[str, Any]


def hints_of(dissection: Dissection) -> list[Hint]:
    """What the bytes may be that are illegal as they were read; nothing for bytes that are legal."""
    return [hint for hint in (_directions(dissection), _compressed(dissection)) if hint is not None]


def _directions(dissection: Dissection) -> Hint | None:
    masked = {frame.frame.masking_key is not None for frame in dissection.frames if frame.frame is not None}
    return Hint("directions", {}) if len(masked) == 2 else None


def _compressed(dissection: Dissection) -> Hint | None:
    reserved = all(any(found.rule is RSV_BITS for found in verdict.violations) for verdict in dissection.verdicts)
    if dissection.inflated or not reserved:
        return None
    message = first_message(dissection.frames, inflate_frames(dissection.frames))
    if message is None:
        return None
    opcode, data = message
    shown = quoted(data, _SHOWN) if opcode == Opcode.TEXT or is_text(data) else bytes_hex(data, _SHOWN // 2)
    return Hint("compress", {"message": shown})


def show_hints(dissection: Dissection, context: Context) -> None:
    """A line for each hint, below the verdicts."""
    from rich.text import Text

    from ..views.prose import Prose
    from ..views.verdicts import marked

    for name, facts in hints_of(dissection):
        context.show(Text(""))
        context.show(marked(Text("→"), [Prose(context.say(f"cli.decode.hint.{name}", **facts))]))
