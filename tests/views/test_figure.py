"""The figure is read back from its characters and compared with the bytes of RFC 6455."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from rich.cells import cell_len

from tests.support import masked, vectors
from tests.views.printing import LANGUAGES, printed, too_wide
from wsedu.explain.words import field_label
from wsedu.protocol.dissection import dissect
from wsedu.views.figure import WIDTH, fitted_figure, frame_figure

FRAMES = [vector for vector in vectors()["rfc6455"]["frames"] if "hex" in vector]
LONG = [vector for vector in vectors()["rfc6455"]["frames"] if "header_hex" in vector]
BORDER = re.compile(r"\+[-+]*\+")


def rows_of(text: str) -> list[list[str]]:
    """The lines between the borders of a figure."""
    rows: list[list[str]] = []
    for line in text.splitlines()[2:]:
        if BORDER.fullmatch(line):
            rows.append([])
        else:
            rows[-1].append(line)
    return [row for row in rows if row]


def cells_of(line: str) -> list[tuple[int, str]]:
    """Between each two border lines: the number of bits that have room there, and the text."""
    parts, width, text = [], -1, ""
    for character in line[1:]:
        if character == "|" and width % 2 == 0:
            parts.append((width // 2 + 1, text))
            width, text = -1, ""
        else:
            width += cell_len(character)
            text += character
    return parts


def bits_of(line: str) -> str | None:
    """The bits of a line of values, written as bits or in hex; None for any other line."""
    bits = ""
    for room, text in cells_of(line):
        words = text.split()
        if len(words) == room and all(word in "01" for word in words):
            bits += "".join(words)
        elif 8 * len(words) == room and all(re.fullmatch("[0-9a-f]{2}", word) for word in words):
            bits += "".join(f"{int(word, 16):08b}" for word in words)
        else:
            return None
    return bits or None


def bytes_in(text: str) -> bytes:
    """The bytes that a figure shows."""
    bits = ""
    for row in rows_of(text):
        values = [found for line in row if (found := bits_of(line)) is not None]
        bits += values[0] if values else ""
    assert len(bits) % 8 == 0, text
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_it_holds_every_bit_of_the_frames_of_the_rfc(vector: dict[str, str], language: str) -> None:
    data = bytes.fromhex(vector["hex"])
    text = frame_figure(data, language=language)
    assert bytes_in(text) == data
    for field in dissect(data).fields:
        if field.bits > 1:
            assert field_label(field.name, language) in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("vector", LONG, ids=lambda vector: vector["name"])
@pytest.mark.parametrize("masking", [False, True], ids=["unmasked", "masked"])
def test_a_long_payload_is_cut_with_a_count(vector: dict[str, str], masking: bool, language: str) -> None:
    header = bytes.fromhex(vector["header_hex"])
    data = header + bytes(int(vector["payload_length"]))
    if masking:
        data = masked(data)
    text = frame_figure(data, language=language)
    shown = bytes_in(text)
    assert data.startswith(shown)
    assert len(shown) > len(header)
    more = re.search(r"\.\.\. \D*([\d,]+)", text)
    assert more is not None
    assert len(shown) + int(more[1].replace(",", "")) == len(data)
    assert f"= {vector['payload_length']:,}" in text


def test_the_numbers_of_the_bits_stand_above_the_bits() -> None:
    tens, ones, _, first, *_ = frame_figure(bytes.fromhex("8105"), language="en").splitlines()
    places = [place for place, character in enumerate(ones) if character != " "]
    assert len(places) == 32
    numbers = [int((tens.ljust(WIDTH)[place].strip() or "0") + ones[place]) % 10 for place in places]
    assert numbers == [bit % 10 for bit in range(32)]
    assert [tens.ljust(WIDTH)[place] for place in places[::10]] == ["0", "1", "2", "3"]
    # FIN is bit 0, RSV1 bit 1, MASK bit 8: their letters stand under these numbers.
    assert [first[places[bit]] for bit in (0, 1, 8)] == ["F", "R", "M"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "data", ["818537fa213d7f9f4d5158", "880f03e9676f696e672061776179206e6f77", "827f0000000000010000"]
)
def test_every_row_is_as_wide_as_its_border(data: str, language: str) -> None:
    lines = frame_figure(bytes.fromhex(data), language=language).splitlines()[2:]
    for above, line in pairwise(lines):
        if BORDER.fullmatch(above) and not BORDER.fullmatch(line):
            assert cell_len(line) <= cell_len(above) <= WIDTH
        elif not BORDER.fullmatch(line):
            assert cell_len(line) == cell_len(above)


def in_window(data: bytes, language: str, width: int) -> str:
    return printed(fitted_figure(data, language=language, payload_rows=100), width=width)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [33, 40, 60, WIDTH, 80])
@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_a_narrow_window_gets_16_bits_to_a_row_and_loses_none(vector: Any, width: int, language: str) -> None:
    data = bytes.fromhex(vector["hex"])
    text = "\n".join(line.rstrip() for line in in_window(data, language, width).splitlines())
    assert too_wide(text, width) == []
    assert bytes_in(text) == data
    widest = max(cell_len(line) for line in text.splitlines())
    assert widest <= (WIDTH if width >= WIDTH else WIDTH // 2 + 1)


def test_a_narrow_figure_has_room_for_what_is_missing() -> None:
    text = in_window(bytes.fromhex("81fe37fa213d"), "en", 40)
    assert re.search(r"14,332 more bytes are needed: the frame is cut short", re.sub(r"[|\s]+", " ", text))


@pytest.mark.parametrize("length", range(1, 11))
def test_a_frame_that_is_cut_short_says_what_it_waits_for(length: int) -> None:
    whole = bytes.fromhex("818537fa213d7f9f4d5158")
    text = frame_figure(whole[:length], language="en")
    assert bytes_in(text) == whole[:length]
    # From one byte nobody can know the length; from two on it is known.
    missing = 1 if length == 1 else len(whole) - length
    assert re.search(rf"\b{missing} more bytes? (is|are) needed", text)


def test_it_takes_the_frame_that_begins_at_start() -> None:
    two = bytes.fromhex("8900") + bytes.fromhex("818537fa213d7f9f4d5158")
    assert frame_figure(two, language="en", start=2) == frame_figure(two[2:], language="en")
    assert frame_figure(two, language="en") == frame_figure(two[:2], language="en")


def test_masked_bytes_have_their_plain_ones_below_them() -> None:
    text = frame_figure(bytes.fromhex("818537fa213d7f9f4d5158"), language="en")
    assert re.findall(r"= ([0-9a-f]{2}) '", text) == [f"{byte:02x}" for byte in b"Hello"]
    assert re.findall(r"'(.)'", text) == list("Hello")


@pytest.mark.parametrize("opcode", range(16))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_opcode_fits_its_four_bits(opcode: int, language: str) -> None:
    data = bytes([0x80 | opcode, 0])
    assert bytes_in(frame_figure(data, language=language)) == data
