"""Facts as a template can use them: whatever a step, a field or a violation says, by name, ready to be put in.

Every value from the wire is made safe to show on its way through here. Beside each fact there is what a sentence
may want of it: `data_hex`, `data_text` and `data_size` of bytes, `found_text` (in quotes) of a string.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..protocol.frame import Frame
from ..protocol.rules import RULES, Rule
from ..protocol.steps import Span, Step
from ..protocol.types import Role, opcode_name
from .catalogue import Catalogue
from .shown import bytes_hex, is_text, printable, quoted

HEX_SHOWN = 16
"""Bytes of hex that a sentence shows."""

TEXT_SHOWN = 80
"""Bytes of text that a sentence shows."""

Facts = dict[str, Any]


@cache
def constants() -> Mapping[str, Any]:
    """The numbers and strings that RFC 6455 fixes, so that no sentence has to repeat them."""
    from ..protocol.closing import MAX_REASON
    from ..protocol.handshake import GUID, VERSION
    from ..protocol.layout import EXTENDED_MARK
    from ..protocol.writer import MAX_CONTROL

    marks = {f"mark_{8 * size}": mark for mark, size in EXTENDED_MARK.items()}
    return {"guid": GUID, "version": VERSION, "max_control": MAX_CONTROL, "max_reason": MAX_REASON, **marks}


def plain_facts(values: Mapping[str, Any]) -> Facts:
    """Facts by name as templates can use them; None is left out, so that a template cannot say it."""
    facts: Facts = {}
    for name, value in values.items():
        facts.update(_fact(name, value))
    return facts


def _fact(name: str, value: Any) -> Facts:
    if isinstance(value, (bytes, bytearray)):
        return bytes_facts(name, bytes(value))
    if isinstance(value, str):
        return {name: shortened(value), f"{name}_text": quoted(value, TEXT_SHOWN), f"{name}_size": len(value)}
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return {name: ", ".join(printable(part) for part in value), f"{name}_count": len(value)}
    if isinstance(value, (int, float)):
        return {name: value}
    return {}


def bytes_facts(name: str, data: bytes) -> Facts:
    """Bytes as hex, as text in quotes, and their number."""
    return {
        f"{name}_hex": bytes_hex(data, HEX_SHOWN),
        f"{name}_text": quoted(data, TEXT_SHOWN),
        f"{name}_size": len(data),
        f"{name}_shown": shown(data),
    }


def shown(data: bytes) -> str:
    """Bytes of which nobody says whether they are text: as text if they can be read as such, else as hex."""
    return quoted(data, TEXT_SHOWN) if is_text(data) else bytes_hex(data, HEX_SHOWN)


def shortened(text: str) -> str:
    """Text without quotes, made safe, and no longer than a sentence bears."""
    safe = printable(text)
    return safe if len(safe) <= TEXT_SHOWN else f"{safe[:TEXT_SHOWN]}… (+{len(safe) - TEXT_SHOWN:,})"


def step_facts(step: Step, words: Catalogue) -> Facts:
    """What every template of a step can use: its facts, who is speaking, its rule and where it is."""
    facts: Facts = {**constants(), **role_facts(step.endpoint, words), **span_facts(step.span)}
    facts.update(plain_facts({"rule": step.rule, "section": step.rfc, "decided_by": step.decided_by}))
    facts.update(plain_facts(step.facts()))
    return facts


def role_facts(role: Role | None, words: Catalogue) -> Facts:
    """`who` has made a step, and `peer`, the other end, in words."""
    if role is None:
        return {"who": words.say("role.none"), "peer": words.say("role.peer")}
    return {"who": words.say(f"role.{role.value}"), "peer": words.say(f"role.{role.peer.value}")}


def span_facts(span: Span | None) -> Facts:
    """Where a span is: its first byte in the stream, its first bit in that byte (0 is the highest), and how long."""
    if span is None:
        return {}
    at_byte, at_bit = divmod(span.first_bit, 8)
    return {"at_byte": at_byte, "at_bit": at_bit, "span_bits": span.bits, "span_bytes": span.bits // 8}


def opcode_facts(opcode: int, words: Catalogue, name: str = "opcode") -> Facts:
    """An opcode and its name."""
    return {name: opcode, f"{name}_name": words.say(f"opcode.{opcode_name(opcode)}")}


def frame_facts(frame: Frame, words: Catalogue) -> Facts:
    """What a sentence says of a frame: opcode, length, whether it is masked, and its payload."""
    masked = frame.masking_key is not None
    return {
        **opcode_facts(int(frame.opcode), words),
        **bytes_facts("payload", frame.payload),
        "length": len(frame.payload),
        "mask": words.say("mask.yes" if masked else "mask.no"),
        "key_hex": bytes_hex(frame.masking_key or b""),
        "rsv": rsv_names(frame.rsv1 << 2 | frame.rsv2 << 1 | frame.rsv3),
    }


def rsv_names(bits: int) -> str:
    """The names of the reserved bits that are set in a number of three bits."""
    return ", ".join(f"RSV{number}" for number in (1, 2, 3) if bits >> 3 - number & 1)


def field_name(field: str, words: Catalogue) -> str:
    """The name of a field of a frame, or of a part of a start line; a header field is called what it is called."""
    key = f"field.{field}"
    return words.say(key) if words.has(key) else shortened(field)


def rule_facts(rule: Rule) -> Facts:
    """What the sentence of a rule can use: what the RFC fixes, and how a breach is answered."""
    return {**constants(), **plain_facts({"code": rule.code, "status": rule.status})}


def rule_sentence_of(name: str | None, words: Catalogue) -> str:
    """What a rule demands, by its name; nothing for one that this version does not know."""
    rule = RULES.get(name or "")
    return "" if rule is None else words.say(f"rule.{rule.name}", **rule_facts(rule))


def close_facts(body: bytes, words: Catalogue) -> Facts:
    """What the body of a Close frame says: code, what that means, reason."""
    if len(body) < 2:
        return {}
    code = int.from_bytes(body[:2], "big")
    return {"code": code, "code_meaning": words.say(close_code_key(code)), **bytes_facts("reason", body[2:])}


def close_code_key(code: int) -> str:
    """The key of what a status code means (RFC 6455 §7.4)."""
    from ..protocol.closing import CloseCode

    if code in CloseCode.__members__.values():
        return f"closecode.{code}"
    if 1000 <= code <= 2999:
        return "closecode.reserved"
    if 3000 <= code <= 3999:
        return "closecode.registered"
    return "closecode.private" if 4000 <= code <= 4999 else "closecode.undefined"
