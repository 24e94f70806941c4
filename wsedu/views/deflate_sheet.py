"""permessage-deflate at work (RFC 7692): a message before and after, its blocks, and what a kept window is worth.

The bytes come from `wsedu.protocol.deflate`, as endpoints use it; `deflate_blocks` only names what is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.words import quoted, violation_sentence
from ..protocol.deflate import TAIL, Agreed, PerMessageDeflate
from ..protocol.dissection import Dissection
from ..protocol.frame import Frame
from ..protocol.rules import ProtocolViolation
from ..protocol.steps import DeflateCompressed, DeflateInflated, Step
from ..protocol.types import Opcode, Role
from .deflate_blocks import Block, Symbol, deflate_blocks

PART = "builder_panels"

LONGEST = 4096
"""Bytes of a message that is taken apart here."""

SHOWN = 64
"""Bytes of a message that are shown."""

SYMBOLS = 24
"""Symbols of a block that are shown."""

Say = Callable[..., str]


def deflate_sheet(dissection: Dissection, text: str | None, language: str) -> dict[str, Any]:
    """What the view shows.

    Arguments:
        dissection: of the bytes in the builder.
        text: what the user typed instead of the builder's payload; None for the latter.
        language: `en` or `zh`.

    Returns:
        `frame`: the builder's first frame inflated, where it has RSV1, else None; `text` and `typed`; `messages`:
        the text compressed as a first message, as a second equal one with the window kept, and with it emptied; and
        `sentence`, what that saves.
    """
    say = part_catalogue(PART, language).say
    frame = dissection.frames[0].frame if dissection.frames else None
    cut = bool(dissection.frames and dissection.frames[0].missing)
    inflated, plain = _inflated(frame, cut, language) if frame is not None and frame.rsv1 else (None, None)
    if text is not None:
        data = text.encode()
    elif frame is not None and frame.rsv1:
        data = plain or b""
    else:
        data = b"" if frame is None else frame.payload
    made: dict[str, Any] = {"frame": inflated, "text": _as_text(data[:LONGEST]), "typed": text is not None}
    if len(data) > LONGEST:
        return made | {"messages": [], "sentence": say("deflate.long", size=len(data), limit=LONGEST)}
    messages = _messages(data, say)
    kept, emptied = messages[1]["compressed"], messages[2]["compressed"]
    facts = {"plain": len(data), "first": messages[0]["compressed"], "kept": kept, "emptied": emptied}
    told = "larger" if facts["first"] > len(data) else "smaller"
    return made | {"messages": messages, "sentence": say(f"deflate.{told}", **facts)}


def compressed_frame(text: bytes, masking_key: bytes | None) -> Frame:
    """A text as one compressed frame, as the first message of a connection.

    Arguments:
        text: UTF-8.
        masking_key: of the frame; None for one that is not masked.
    """
    sender = PerMessageDeflate(Role.CLIENT, Agreed())
    return sender.encode(Frame(Opcode.TEXT, text, masking_key=masking_key))


def _as_text(data: bytes) -> str:
    """Bytes as text that can be typed; empty where they are none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() else ""


def _messages(data: bytes, say: Say) -> list[dict[str, Any]]:
    """The same message twice: the second with the window of the first, and without."""
    keeping = _sent(data, Agreed(), say)
    emptying = _sent(data, Agreed(client_no_context_takeover=True), say)
    names = ("first", "kept", "emptied")
    made = [*keeping, emptying[1]]
    return [{"name": say(f"deflate.name.{name}"), **message} for name, message in zip(names, made, strict=True)]


def _sent(data: bytes, agreed: Agreed, say: Say) -> list[dict[str, Any]]:
    """What a client makes of two equal messages."""
    steps: list[Step] = []
    sender = PerMessageDeflate(Role.CLIENT, agreed)
    sender.attach(steps.append)
    frames = [sender.encode(Frame(Opcode.TEXT, data)) for _ in range(2)]
    return [_told(frame.payload, data, step, say) for frame, step in zip(frames, steps, strict=True)]


def _told(wire: bytes, plain: bytes, step: Step, say: Say) -> dict[str, Any]:
    """One message as it is shown: before, after, the tail left out, the blocks, and the window."""
    assert isinstance(step, DeflateCompressed | DeflateInflated)
    return {
        "plain": len(plain),
        "plainHex": _hex(plain),
        "plainText": quoted(plain, SHOWN),
        "compressed": len(wire),
        "hex": _hex(wire),
        "tail": TAIL.hex(" "),
        "blocks": [_block(block, say) for block in deflate_blocks(wire + TAIL)],
        "before": step.window_before,
        "after": step.window_after,
        "window": say("deflate.window", before=step.window_before, after=step.window_after),
    }


def _hex(data: bytes) -> str:
    return data[:SHOWN].hex(" ") + (f" … (+{len(data) - SHOWN:,})" if len(data) > SHOWN else "")


def _block(block: Block, say: Say) -> dict[str, Any]:
    facts = {"count": block.bits, "first": block.first_bit, "bfinal": int(block.final)}
    shown = [_symbol(symbol, say) for symbol in block.symbols[:SYMBOLS]]
    more = len(block.symbols) - len(shown)
    empty = block.kind == "stored" and not block.symbols and block.whole
    return {
        "kind": block.kind,
        "text": say(f"deflate.block.{'empty' if empty else block.kind}", **facts)
        + ("" if block.whole else " " + say("deflate.block.cut")),
        "symbols": shown + ([say("deflate.more", count=more)] if more > 0 else []),
    }


def _symbol(symbol: Symbol, say: Say) -> str:
    if symbol.literal < 0:
        return say("deflate.copy", length=symbol.length, distance=symbol.distance)
    byte = symbol.literal
    return f"'{chr(byte)}'" if 0x20 <= byte < 0x7F else f"{byte:02x}"


def _inflated(frame: Frame, cut: bool, language: str) -> tuple[dict[str, Any], bytes | None]:
    """The builder's frame as its reader inflates it, and the bytes that come out; None if none do."""
    say = part_catalogue(PART, language).say
    blank: dict[str, Any] = {"name": say("deflate.name.frame")}
    if frame.opcode not in (Opcode.TEXT, Opcode.BINARY):
        return blank | {"problem": say("deflate.not_data")}, None
    if cut:
        return blank | {"problem": say("deflate.cut")}, None
    steps: list[Step] = []
    reader = PerMessageDeflate(Role.SERVER, Agreed())
    reader.attach(steps.append)
    try:
        plain = reader.decode(frame, max_size=LONGEST).payload
    except ProtocolViolation as violation:
        problem = f"{violation_sentence(violation, language)} {say('deflate.perhaps')}"
        return blank | {"problem": problem, "hex": _hex(frame.payload)}, None
    told = _told(frame.payload, plain, steps[0], say)
    if not frame.fin:
        # The tail is left out at the end of a message only.
        told |= {"tail": "", "blocks": [_block(block, say) for block in deflate_blocks(frame.payload)]}
    return blank | told, plain


# --- Static twin ---


def deflate_text(dissection: Dissection, text: str | None, language: str) -> str:
    """The view as plain text; arguments as for `deflate_sheet`."""
    say = part_catalogue(PART, language).say
    made = deflate_sheet(dissection, text, language)
    lines = [say("deflate.title")]
    for message in [made["frame"], *made["messages"]]:
        if message is not None:
            lines += _lines(message, say)
    return "\n".join([*lines, made["sentence"]]) + "\n"


def _lines(message: dict[str, Any], say: Say) -> list[str]:
    if "problem" in message:
        return [f"{message['name']}: {message['problem']}"]
    sizes = say("deflate.sizes", plain=message["plain"], compressed=message["compressed"])
    lines = [f"{message['name']}: {sizes}", f"  {message['hex']} [{message['tail']}]", f"  {message['window']}"]
    return lines + [f"  {block['text']} {' '.join(block['symbols'])}".rstrip() for block in message["blocks"]]
