"""Bytes from text as people have it: plain hex, escapes, Python literals, and the dumps of common tools."""

from __future__ import annotations

import ast
import re

_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_ANY_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|[nrt0\\'\"])")
_SHORT_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0", "\\": b"\\", "'": b"'", '"': b'"'}
_PREFIX = re.compile(r"0[xX]")
# An offset at the beginning of a line: `00000000: ` (xxd, browsers), `0000  ` (tshark), `00000000  ` (hexdump -C).
_OFFSET = re.compile(r"\s*([0-9A-Fa-f]{4,16})(?::\s|\s\s)")
# hexdump ends with a line that has the length and nothing else.
_LAST_OFFSET = re.compile(r"\s*([0-9A-Fa-f]{4,16})\s*")
# tshark gives each block of a packet a title: `Frame (73 bytes):`.
_TITLE = re.compile(r"\s*\S.* \(\d+ bytes?\):\s*")
# The text column of hexdump -C, which stands between two bars.
_BARS = re.compile(r"\s\s\|.{1,16}\|\s*$")
_SQUEEZED = "*"
MAX_SQUEEZED = 1 << 24
"""Bytes of a dump that has a `*` for equal rows: the offset behind it can claim any number."""

_PROMPT = re.compile(r"\A\s*[$#%] .*\n")
_QUOTES = ("'", '"', "\u201c", "\u201d", "\u2018", "\u2019")
_SEPARATORS = " \t,;:-_{}[]()|"
_PYTHON = re.compile(r"""\s*[bB][rR]?(?P<quote>['"])""")


class HexError(ValueError):
    """The text is not hex.

    Attributes:
        line: of the first wrong character, from 1.
        column: of the first wrong character, from 1.
        problem: `character`, `odd`, `offset`, `literal`, `blocks`, `squeezed` or `packet`, for the
            catalogues.
        found: what is there.
    """

    def __init__(self, line: int, column: int, problem: str, found: str) -> None:
        super().__init__(f"line {line}, column {column}: {problem}: {found!r}")
        self.line = line
        self.column = column
        self.problem = problem
        self.found = found


def read_hex(text: str) -> bytes:
    r"""The bytes that a text stands for.

    Accepted are hex digits with or without spaces, line ends, commas, colons, braces and `0x`; `\x81` escapes
    and Python literals such as `b'\x81\x05Hello'`; and dumps of xxd, hexdump -C, tshark -x and the network
    panels of browsers, with their offsets and their text columns.

    Raises:
        HexError: the text is none of these; where, and what is wrong.
    """
    if _PYTHON.match(text):
        return _python_literal(text)
    # What was copied with the hex: the shell's prompt and command above it, quotes around it.
    text = _PROMPT.sub("", text)
    if text.strip()[:1] in _QUOTES and text.strip()[-1:] in _QUOTES:
        text = text.strip()[1:-1]
    if _has_escapes_and_text(text):
        return _escaped_text(text.strip())
    lines = text.splitlines()
    if _is_dump(lines):
        return _read_dump(lines)
    return _read_digits(lines)


def _has_escapes_and_text(text: str) -> bool:
    """Whether plain characters stand between `\\x81` escapes, as many languages print bytes."""
    rest, escapes = _ESCAPE.subn("", text)
    return escapes > 0 and rest.strip(_SEPARATORS + "\r\n\"'") != ""


def _escaped_text(text: str) -> bytes:
    """`\\x81\\x05Hello`, with or without quotes: escapes for bytes, every other character as its UTF-8."""
    for quote in ('"', "'"):
        if len(text) > 1 and text.startswith(quote) and text.endswith(quote):
            text = text[1:-1]
    pieces = _ANY_ESCAPE.split(text)
    data = bytearray()
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            data += piece.encode()
        elif piece.startswith("x"):
            data.append(int(piece[1:], 16))
        else:
            data += _SHORT_ESCAPES[piece]
    return bytes(data)


def _python_literal(text: str) -> bytes:
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise HexError(1, 1, "literal", text.strip()[:20]) from None
    if not isinstance(value, bytes):
        raise HexError(1, 1, "literal", text.strip()[:20])
    return value


# --- Digits with anything usual between them ---


def _read_digits(lines: list[str]) -> bytes:
    data = bytearray()
    for number, line in enumerate(lines, 1):
        data += _digits_of_line(line, number)
    return bytes(data)


def _digits_of_line(line: str, number: int) -> bytes:
    # Each replacement keeps the columns, so that an error can name one.
    plain = _ESCAPE.sub(r"  \1", line)
    plain = _PREFIX.sub("  ", plain) if not re.fullmatch(r"[0-9A-Fa-f]*", plain) else plain
    digits, place = "", 0
    for column, character in enumerate(plain, 1):
        if character in _SEPARATORS:
            if len(digits) % 2:
                raise HexError(number, place, "odd", digits[-1])
            continue
        if character not in "0123456789abcdefABCDEF":
            raise HexError(number, column, "character", line[column - 1])
        digits, place = digits + character, column
    if len(digits) % 2:
        raise HexError(number, place, "odd", digits[-1])
    return bytes.fromhex(digits)


# --- Dumps: an offset, the bytes, and perhaps what they are as text ---


def _is_dump(lines: list[str]) -> bool:
    """Whether the first line that says anything begins with the offset 0."""
    first = next((line for line in lines if line.strip() and not _TITLE.fullmatch(line)), "")
    match = _OFFSET.match(first)
    return match is not None and int(match[1], 16) == 0


def _read_dump(lines: list[str]) -> bytes:
    data = bytearray()
    row, squeezed = b"", False
    for number, line in enumerate(lines, 1):
        if not line.strip() or _TITLE.fullmatch(line):
            continue
        if line.strip() == _SQUEEZED:
            squeezed = True
            continue
        match = _OFFSET.match(line) or _LAST_OFFSET.fullmatch(line)
        if match is None:
            raise HexError(number, 1, "offset", line.strip()[:20])
        offset = int(match[1], 16)
        if squeezed and row:
            if offset > MAX_SQUEEZED:
                raise HexError(number, match.start(1) + 1, "squeezed", match[1])
            data += row * max(0, (offset - len(data)) // len(row))
            squeezed = False
        if offset != len(data):
            _refuse_packet(data)
            problem = "blocks" if offset == 0 else "offset"
            raise HexError(number, match.start(1) + 1, problem, match[1])
        row = _bytes_of_row(line, match.end(), number)
        data += row
    _refuse_packet(data)
    return bytes(data)


# What an Ethernet frame with TCP begins with: its type at byte 12, then the version of IP and the protocol it carries.
_PACKETS = (
    re.compile(rb".{12}\x08\x00\x45.{8}\x06", re.DOTALL),
    re.compile(rb".{12}\x86\xdd[\x60-\x6f].{5}\x06", re.DOTALL),
)


def _refuse_packet(data: bytearray) -> None:
    """Refuse a whole packet, as `tshark -x` prints it: its first bytes are those of Ethernet, not of a frame.

    Raises:
        HexError: it begins as Ethernet, IP and TCP do (RFC 894, RFC 791, RFC 8200).
    """
    if any(packet.match(data) for packet in _PACKETS):
        raise HexError(1, 1, "packet", "")


def _bytes_of_row(line: str, start: int, number: int) -> bytes:
    body = line[start:]
    bars = _BARS.search(body)
    if bars is not None and ":" not in line[:start]:
        body = body[: bars.start()].replace("  ", " ")  # hexdump -C has a gap after eight bytes
    hex_part = re.split(r"\s{2,}", body.strip(), maxsplit=1)[0]
    digits = hex_part.replace(" ", "")
    wrong = re.search(r"[^0-9A-Fa-f]", digits)
    if wrong is not None:
        column = start + body.index(wrong[0]) + 1
        raise HexError(number, column, "character", wrong[0])
    if len(digits) % 2:
        raise HexError(number, start + 1, "odd", digits[-1:])
    return bytes.fromhex(digits)
