"""Bytes and text as they are shown."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsedu.explain.words import bytes_hex, quoted


def test_hex_is_lower_case_with_spaces() -> None:
    assert bytes_hex(b"\x81\x85\x37\xfa") == "81 85 37 fa"
    assert bytes_hex(b"") == ""


def test_hex_that_is_cut_counts_the_rest() -> None:
    assert bytes_hex(bytes(3), 3) == "00 00 00"
    assert bytes_hex(bytes(4), 3) == "00 00 00 … (+1)"
    assert bytes_hex(bytes(65_536), 2) == "00 00 … (+65,534)"
    assert bytes_hex(bytes(4), 0) == "… (+4)"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"Hello", '"Hello"'),
        ("你好 €".encode(), '"你好 €"'),
        (b'say "hi" \\ there', r'"say \"hi\" \\ there"'),
        (b"a\tb\r\nc", r'"a\tb\r\nc"'),
        (b"\x1b[31mred\x07", r'"\x1b[31mred\x07"'),
        (b"\xff\xe2\x82", r'"\xff\xe2\x82"'),
        ("\u202egnp.exe", r'"\u202egnp.exe"'),
        ("\x9b2J", r'"\u009b2J"'),
        ("\U000e0041", r'"\U000e0041"'),
        (b"", '""'),
    ],
)
def test_text_is_shown_without_anything_that_a_terminal_obeys(data: bytes | str, shown: str) -> None:
    assert quoted(data) == shown


def test_text_is_cut_between_characters() -> None:
    euros = "€€€".encode()
    assert quoted(euros, 9) == '"€€€"'
    assert quoted(euros, 8) == '"€€" … (+3)'
    assert quoted(euros, 4) == '"€" … (+6)'
    assert quoted(euros, 2) == '"" … (+9)'
    assert quoted(b"\x80" * 9, 5) == '"' + r"\x80" * 5 + '" … (+4)'


@given(st.text())
def test_shown_text_is_printable_and_reads_back_as_python_reads_it(text: str) -> None:
    """The escapes are Python's own, so that Python is the oracle."""
    shown = quoted(text)
    assert shown.isprintable()
    assert ast.literal_eval(shown) == text


@given(st.binary(), st.integers(0, 40))
def test_shown_bytes_are_printable_whatever_they_are(data: bytes, limit: int) -> None:
    assert quoted(data).isprintable()
    assert quoted(data, limit).isprintable()
    assert bytes.fromhex(bytes_hex(data)) == data
