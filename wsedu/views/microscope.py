"""One payload byte under the microscope: its bits, those of its key byte, and what XOR makes of them (RFC 6455 §5.3).

Beside the right rule stand the wrong ones that are met most often, each worked out for the same payload.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..explain.catalogue import part_catalogue
from ..explain.words import quoted
from ..protocol.dissection import Dissection
from ..protocol.masking import apply_mask
from .html_page import Section, code, paragraph, section, table
from .sheet_bytes import SPACE

PART = "builder_panels"

COLUMNS = 32
"""Payload bytes that are shown at a time."""


class Masked(NamedTuple):
    """A masked payload.

    Arguments:
        start: where its frame begins in the input, in bytes.
        header: the frame up to the masking key.
        key: the 4 bytes of the key.
        wire: the payload as it was sent, as far as it is there.
        carried: payload bytes of the same message in the frames before.
    """

    start: int
    header: bytes
    key: bytes
    wire: bytes
    carried: int

    @property
    def first(self) -> int:
        """Where its payload begins in the input, in bytes."""
        return self.start + len(self.header) + len(self.key)

    @property
    def plain(self) -> bytes:
        """The payload before it was masked."""
        return apply_mask(self.wire, self.key)


class WrongRule(NamedTuple):
    """A usual mistake: which byte of the key it takes for payload byte i, and what it does with the two.

    Arguments:
        number: of the key byte, from i and the payload.
        combine: the payload byte with the key byte.
        sign: what stands between the two.
        header: whether the header is masked too.
    """

    number: Callable[[int, Masked], int]
    combine: Callable[[int, int], int] = int.__xor__
    sign: str = "⊕"
    header: bool = False


def _right(i: int, _masked: Masked) -> int:
    return i % 4


RIGHT = WrongRule(_right)

WRONG: dict[str, WrongRule] = {
    "first": WrongRule(lambda i, masked: 0),
    "reversed": WrongRule(lambda i, masked: 3 - i % 4),
    "frame_start": WrongRule(lambda i, masked: (len(masked.header) + 4 + i) % 4),
    "carried": WrongRule(lambda i, masked: (masked.carried + i) % 4),
    "and": WrongRule(_right, int.__and__, "AND"),
    "add": WrongRule(_right, lambda byte, key: (byte + key) & 0xFF, "+"),
    "header": WrongRule(_right, header=True),
}
"""The usual wrong rules by name."""


def masked_payload(dissection: Dissection, pin: int) -> Masked | None:
    """The masked payload that a byte of the input belongs to, else the first one; None where there is none.

    Arguments:
        dissection: of the input.
        pin: the number of the byte in the input.
    """
    found = None
    carried = 0
    for dissected in dissection.frames:
        frame = dissected.frame
        if frame is None:
            break
        if frame.opcode < 8:
            carried = carried if frame.opcode == 0 else 0
        if frame.masking_key is not None and frame.payload:
            start, key = dissected.offset, frame.masking_key
            header = dissection.data[start : start + frame.header_size - 4]
            wire = dissection.data[start + frame.header_size : start + dissected.size]
            masked = Masked(start, header, key, wire, carried if frame.opcode == 0 else 0)
            if masked.first <= pin < masked.first + len(wire):
                return masked
            found = found or masked
        if frame.opcode < 8:
            carried += len(frame.payload)
    return found


def wrong_bytes(masked: Masked, rule: WrongRule) -> bytes:
    """The payload as an endpoint with a rule of its own would send it.

    Arguments:
        masked: the payload and its key.
        rule: one of `WRONG`.
    """
    key = masked.key
    return bytes(rule.combine(byte, key[rule.number(i, masked)]) for i, byte in enumerate(masked.plain))


def microscope(dissection: Dissection, pin: int, rule: str, language: str) -> dict[str, Any]:
    """What the microscope shows.

    Arguments:
        dissection: of the input.
        pin: the number in the input of the byte that is looked at; the first payload byte if it is not masked.
        rule: a name of `WRONG` to compare with, or empty.
        language: `en` or `zh`.

    Returns:
        `none`, a sentence, where nothing is masked. Else `size` of the payload in bytes, `first`, the number of the
        first byte in the input, `pin` and `from`, the payload bytes looked at and shown first, the `columns` from
        there, and `compare` with the wrong rule.
    """
    say = part_catalogue(PART, language).say
    masked = masked_payload(dissection, pin)
    if masked is None:
        return {"none": say("microscope.none" if any(f.frame for f in dissection.frames) else "microscope.empty")}
    index = pin - masked.first if 0 <= pin - masked.first < len(masked.wire) else 0
    begin = index - index % COLUMNS
    shown = range(begin, min(begin + COLUMNS, len(masked.wire)))
    plain = masked.plain
    return {
        "size": len(masked.wire),
        "first": masked.first,
        "pin": index,
        "from": begin,
        "columns": [_column(masked, plain, i, say) for i in shown],
        "rule": rule,
        "compare": _compare(masked, WRONG[rule], rule, shown, say) if rule else None,
    }


def _column(masked: Masked, plain: bytes, i: int, say: Callable[..., str]) -> dict[str, Any]:
    """One payload byte: before, its key byte, and after, in hex and bits, and the sentence about it."""
    byte, key, wire = plain[i], masked.key[i % 4], masked.wire[i]
    facts = {"i": i, "k": i % 4, "plain": f"{byte:02x}", "key": f"{key:02x}", "wire": f"{wire:02x}"}
    ones = f"{key:08b}".count("1")
    return {
        **facts,
        "letter": letter(byte),
        "bits": [f"{value:08b}" for value in (byte, key, wire)],
        "sentence": say("microscope.sentence", **facts, letter=letter(byte), ones=ones),
    }


def letter(byte: int) -> str:
    """The character of a byte where ASCII has one to show, else nothing."""
    return chr(byte) if 0x20 < byte < 0x7F else SPACE if byte == 0x20 else ""


def _compare(masked: Masked, rule: WrongRule, name: str, shown: range, say: Callable[..., str]) -> dict[str, Any]:
    """What a wrong rule gives: its bytes, and where they are not the right ones."""
    wrong = wrong_bytes(masked, rule)
    differs = [i for i, byte in enumerate(wrong) if byte != masked.wire[i]]
    header = apply_mask(masked.header, masked.key) if rule.header else b""
    return {
        "sign": rule.sign,
        "header": [[f"{right:02x}", f"{made:02x}"] for right, made in zip(masked.header, header, strict=False)],
        "columns": [[f"K{rule.number(i, masked)}", f"{wrong[i]:02x}"] for i in shown],
        "differs": [i for i in differs if i in shown],
        "first": differs[0] if differs else -1,
        "rule": say(f"microscope.rule.{name}"),
        "why": say(f"microscope.why.{name}", n=masked.carried, header=len(masked.header) + 4),
        "sentence": _difference(masked, rule, differs, wrong, say),
    }


def _difference(masked: Masked, rule: WrongRule, differs: list[int], wrong: bytes, say: Callable[..., str]) -> str:
    if rule.header:
        return say("microscope.differs.header")
    if not differs:
        return say("microscope.same")
    read = quoted(apply_mask(wrong, masked.key), 40)
    return say("microscope.differs", i=differs[0], count=len(differs), size=len(wrong), read=read)


# --- Static twins ---


def microscope_text(dissection: Dissection, pin: int, rule: str, language: str) -> str:
    """The byte under the microscope as plain text; arguments as for `microscope`."""
    say = part_catalogue(PART, language).say
    made = microscope(dissection, pin, rule, language)
    if "none" in made:
        return f"{say('microscope.title')}\n{made['none']}\n"
    lines = [say("microscope.title"), *(f"  {'  '.join(row)}" for row in _rows(made, say))]
    lines.append(_pinned(made)["sentence"])
    if made["compare"]:
        lines += [_named(made["compare"], say), made["compare"]["sentence"]]
    return "\n".join(lines) + "\n"


def microscope_html(dissection: Dissection, pin: int, rule: str, language: str) -> Section:
    """The same as a part of a page; arguments as for `microscope`."""
    say = part_catalogue(PART, language).say
    title = say("microscope.title")
    made = microscope(dissection, pin, rule, language)
    if "none" in made:
        return section("microscope", title, [paragraph(made["none"])])
    head = [say("microscope.byte"), say("microscope.hex"), say("microscope.bits")]
    rows = [[name, code(value), code(bits)] for name, value, bits in _rows(made, say)]
    content = [table(title, head, rows, caption_shown=False), paragraph(_pinned(made)["sentence"])]
    if made["compare"]:
        content += [paragraph(_named(made["compare"], say))]
        content += [paragraph(made["compare"]["sentence"])]
    return section("microscope", title, content)


def _named(compare: dict[str, Any], say: Callable[..., str]) -> str:
    return say("microscope.named", rule=compare["rule"], why=compare["why"])


def _pinned(made: dict[str, Any]) -> dict[str, Any]:
    column: dict[str, Any] = made["columns"][made["pin"] - made["from"]]
    return column


def _rows(made: dict[str, Any], say: Callable[..., str]) -> list[tuple[str, str, str]]:
    column = _pinned(made)
    names = say("microscope.plain"), f"⊕ K{column['k']}", f"= {say('microscope.wire')}"
    values = column["plain"], column["key"], column["wire"]
    return [(name, value, " ".join(bits)) for name, value, bits in zip(names, values, column["bits"], strict=True)]
