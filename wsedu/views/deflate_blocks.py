"""The blocks of a DEFLATE stream, symbol by symbol (RFC 1951 §3.2), to show what is inside a compressed message.

Endpoints inflate with zlib, which does not tell where its blocks begin. This reads the same bits only to name them;
it makes no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

KINDS = ("stored", "fixed", "dynamic")
"""The kinds of a block by BTYPE (§3.2.3); 3 is reserved."""

LENGTH_EXTRA = (*(0,) * 8, *(bits for bits in range(1, 6) for _ in range(4)), 0)
LENGTH_BASE = (*(3 + sum(1 << bits for bits in LENGTH_EXTRA[:code]) for code in range(28)), 258)
DISTANCE_EXTRA = (0, 0, *(bits for bits in range(14) for _ in range(2)))
DISTANCE_BASE = tuple(1 + sum(1 << bits for bits in DISTANCE_EXTRA[:code]) for code in range(30))
"""What a length and a distance code stand for (§3.2.5)."""

ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
"""The order in which a dynamic block gives the lengths of the codes for code lengths (§3.2.7)."""


class CutShortError(ValueError):
    """The stream ends inside a block."""


class Symbol(NamedTuple):
    """One thing that a block says.

    Arguments:
        literal: the byte, or -1 for a copy.
        length: bytes to copy.
        distance: how many bytes before they begin.
    """

    literal: int
    length: int = 0
    distance: int = 0


@dataclass
class Block:
    """A block of a stream.

    Arguments:
        kind: of `KINDS`.
        final: BFINAL.
        first_bit: where it begins, in bits.
        bits: how many it has, header included, as far as they could be read.
        symbols: what it says; of a stored block, its bytes.
        whole: whether its end was found.
    """

    kind: str
    final: bool
    first_bit: int
    bits: int = 0
    symbols: list[Symbol] = field(default_factory=list)
    whole: bool = False


class _Bits:
    """Bits of a stream, the least significant one of each byte first."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, count: int) -> int:
        value = 0
        for shift in range(count):
            if self.place >= 8 * len(self.data):
                raise CutShortError
            value |= (self.data[self.place >> 3] >> (self.place & 7) & 1) << shift
            self.place += 1
        return value


class _Code:
    """A Huffman code made of the lengths of its codes (§3.2.2)."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self._symbols: dict[tuple[int, int], int] = {}
        code = 0
        for length in range(1, 16):
            for symbol, of in enumerate(lengths):
                if of == length:
                    self._symbols[length, code] = symbol
                    code += 1
            code <<= 1

    def read(self, bits: _Bits) -> int:
        code = 0
        for length in range(1, 16):
            code = code << 1 | bits.take(1)
            if (length, code) in self._symbols:
                return self._symbols[length, code]
        raise ValueError("no such code")


FIXED = (_Code((8,) * 144 + (9,) * 112 + (7,) * 24 + (8,) * 8), _Code((5,) * 30))
"""The codes of a fixed block: for literals and lengths, and for distances (§3.2.6)."""


def deflate_blocks(data: bytes) -> list[Block]:
    """The blocks of a stream, as far as they can be told.

    Arguments:
        data: a raw DEFLATE stream that begins at a byte, possibly cut short or damaged; what follows a block that
            cannot be read is not guessed at.
    """
    bits = _Bits(data)
    blocks: list[Block] = []
    while bits.place < 8 * len(data):
        start = bits.place
        try:
            final, kind = bool(bits.take(1)), bits.take(2)
        except CutShortError:
            break
        if kind == 3:
            break
        block = Block(KINDS[kind], final, start)
        blocks.append(block)
        try:
            _read_block(bits, block)
            block.whole = True
        except (ValueError, IndexError):
            pass
        block.bits = bits.place - start
        if not block.whole:
            break
        if final:
            # A new stream begins at the next byte (RFC 7692 §7.2.3.4).
            bits.place += -bits.place % 8
    return blocks


def _read_block(bits: _Bits, block: Block) -> None:
    if block.kind == "stored":
        bits.place += -bits.place % 8
        size, check = bits.take(16), bits.take(16)
        if size ^ check != 0xFFFF:
            raise ValueError("the length of a stored block is not what its complement says")
        block.symbols += [Symbol(bits.take(8)) for _ in range(size)]
        return
    literals, distances = FIXED if block.kind == "fixed" else _dynamic_codes(bits)
    while (symbol := literals.read(bits)) != 256:
        block.symbols.append(Symbol(symbol) if symbol < 256 else _copy(bits, symbol - 257, distances))


def _copy(bits: _Bits, code: int, distances: _Code) -> Symbol:
    length = LENGTH_BASE[code] + bits.take(LENGTH_EXTRA[code])
    far = distances.read(bits)
    return Symbol(-1, length, DISTANCE_BASE[far] + bits.take(DISTANCE_EXTRA[far]))


def _dynamic_codes(bits: _Bits) -> tuple[_Code, _Code]:
    """The codes that a dynamic block brings along (§3.2.7)."""
    literals, distances, count = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    first = [0] * len(ORDER)
    for place in ORDER[:count]:
        first[place] = bits.take(3)
    code = _Code(first)
    lengths: list[int] = []
    while len(lengths) < literals + distances:
        symbol = code.read(bits)
        if symbol < 16:
            lengths.append(symbol)
        elif symbol == 16:
            lengths += lengths[-1:] * (3 + bits.take(2))
        else:
            lengths += [0] * (3 + bits.take(3) if symbol == 17 else 11 + bits.take(7))
    return _Code(lengths[:literals]), _Code(lengths[literals : literals + distances])
