"""The frame figure as a picture: the RFC's own frames, bit by bit, and frames that are illegal or cut short."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.support import as_bytes, vectors
from wsedu.explain.catalogue import LANGUAGES
from wsedu.protocol.types import Role
from wsedu.views.svg import frame_svg
from wsedu.views.svg_grid import MAX_ROWS, ROW_BITS

SVG = "{http://www.w3.org/2000/svg}"
MASKED_HELLO = "818537fa213d7f9f4d5158"


def drawn(data: str | bytes, **options: Any) -> ET.Element:
    return ET.fromstring(frame_svg(as_bytes(data), **{"language": "en", **options}))


def texts(root: ET.Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def bits_of(root: ET.Element) -> str:
    """The digits that stand in the cells, row by row and from left to right, each at its own place."""
    found: list[tuple[float, float, str]] = []
    for node in root.iter(f"{SVG}text"):
        content = "".join(node.itertext())
        places = node.attrib["x"].split()
        if "ws-mono" in node.attrib["class"] and "font-size" not in node.attrib and set(content) <= {"0", "1"}:
            assert len(places) == len(content), "one place for each bit"
            found += [(float(node.attrib["y"]), float(x), bit) for x, bit in zip(places, content, strict=True)]
    return "".join(bit for _, _, bit in sorted(found))


EXAMPLES = [frame["hex"] for frame in vectors()["rfc6455"]["frames"] if "hex" in frame]
"""The frames of RFC 6455 §5.7, and further known ones."""


@pytest.mark.parametrize("data", EXAMPLES)
def test_every_bit_of_the_examples_stands_in_its_cell(data: str) -> None:
    raw = as_bytes(data)[: MAX_ROWS * ROW_BITS // 8]
    assert bits_of(drawn(data)) == "".join(f"{byte:08b}" for byte in raw)


def test_masked_bytes_show_what_the_key_does_to_them() -> None:
    shown = texts(drawn(MASKED_HELLO))
    key, masked = bytes.fromhex("37fa213d"), bytes.fromhex("7f9f4d5158")
    for index, (byte, letter) in enumerate(zip(masked, "Hello", strict=True)):
        assert f"{byte:02x} XOR {key[index % 4]:02x} = {ord(letter):02x} {letter}" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_verdicts_are_given_unless_the_sender_is_known(language: str) -> None:
    def signs(**options: Any) -> list[str]:
        return [line[0] for line in texts(drawn(MASKED_HELLO, language=language, **options)) if line[0] in "✔✖"]

    assert signs() == ["✔", "✖"]
    assert signs(sender=Role.CLIENT) == ["✔"]
    assert signs(sender="server") == ["✖"]


def test_a_frame_that_is_cut_short_says_what_it_waits_for() -> None:
    assert "… waits for 3 bytes more" in texts(drawn(MASKED_HELLO[:-6]))
    assert "… waits for 1 byte more" in texts(drawn("81"))


def test_a_long_payload_is_counted_not_drawn() -> None:
    data = bytes.fromhex("827e0100") + bytes(256)
    root = drawn(data)
    assert len(bits_of(root)) == MAX_ROWS * ROW_BITS
    assert f"… {len(data) - MAX_ROWS * ROW_BITS // 8} bytes more, not drawn" in texts(root)


def test_illegal_values_are_shown_as_they_are() -> None:
    shown = texts(drawn("f27e000548656c6c6f"))
    assert any("RSV_BITS" in line for line in shown)
    assert "126" in shown


def test_no_bytes_make_no_frame() -> None:
    assert "No bytes, no frame." in texts(drawn(b""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reference_leaves_the_document(language: str) -> None:
    svg = frame_svg(bytes.fromhex(MASKED_HELLO), language=language)
    root = ET.fromstring(svg)
    assert root.attrib["role"] == "img"
    ids = {node.attrib["id"] for node in root.iter() if "id" in node.attrib}
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= ids
    assert svg.count("http") == 1, "the namespace"
    assert "<script" not in svg
