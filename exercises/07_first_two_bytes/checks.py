"""What the answers about pairs of first bytes have to be."""

from random import Random

from wsedu.grading.steps import Case, Step, answered, step
from wsedu.protocol import rules
from wsedu.protocol.dissection import dissect

PAIRS = {
    "bits": ("02 86", "80 7d", "8a 40"),
    "lengths": ("01 fe", "82 7f"),
    "reserved_bits": ("c1 84", "91 02"),
    "reserved_opcodes": ("83 80", "8b 00"),
}

MORE = {126: 2, 127: 8}
"""How many bytes of length follow, by what the seven bits say."""

_SAID_BY_TWO_BYTES = {rules.RSV_BITS, rules.OPCODE_RESERVED, rules.CONTROL_TOO_LONG, rules.CONTROL_FRAGMENTED}


def steps(random: Random) -> list[Step]:
    """The same pairs for everybody: each tells wrong parsers apart that the RFC's own examples cannot."""
    return [step(name, *map(_answer, pairs)) for name, pairs in PAIRS.items()]


def _answer(pair: str) -> Case:
    dissection = dissect(bytes.fromhex(pair))
    bits = {field.name: field.value for field in dissection.fields}
    broken = {violation.rule for violation in (*dissection.client.violations, *dissection.server.violations)}
    expected = {
        "fin": bits["fin"],
        "opcode": bits["opcode"],
        "mask": bits["mask"],
        "length": bits["payload_length"],
        "more": MORE.get(bits["payload_length"], 0),
        "fail": bool(broken & _SAID_BY_TWO_BYTES),
    }
    return answered("answers", pair, expected)
