"""The text of the tap's rules: what can be said, and where a mistake is."""

from __future__ import annotations

import pytest

from wsedu.loopback.tap_rules import Rule, RuleError, parse_rule
from wsedu.protocol.frame import Frame
from wsedu.protocol.types import Role


def test_the_examples_of_the_page_can_be_read() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "tap.md").read_text(encoding="utf-8")
    rules = [line.split("--rule '")[1].split("'")[0] for line in page.splitlines() if "--rule '" in line]
    assert {parse_rule(rule).action for rule in rules} == {"drop", "delay", "hold", "edit", "inject"}


@pytest.mark.parametrize(
    ("condition", "frame", "fits"),
    [
        ("client text", Frame.text("x"), True),
        ("any frame", Frame.text("x"), True),
        ("server text", Frame.text("x"), False),
        ("client control", Frame.text("x"), False),
        ("client control", Frame(0xB), True),
        ("client data", Frame(0x3), True),
        ('client text ~"a b"', Frame.text("xa bx"), True),
        ("client text ~你好", Frame.text("，你好。"), True),
        ("client binary ~0x0102", Frame.binary(b"\0\1\2"), True),
        ("client text =x", Frame.text("xx"), False),
        ("client text >1 <3", Frame.text("xx"), True),
        ("client text >2", Frame.text("xx"), False),
        ("client text <2", Frame.text("xx"), False),
        ("client text ~x =x", Frame.text("x"), True),
        ("client text =", Frame.text(""), True),
    ],
)
def test_what_a_condition_fits(condition: str, frame: Frame, fits: bool) -> None:
    pattern = parse_rule(f"drop {condition}").pattern
    size = len(frame.payload)
    assert (pattern.fits(Role.CLIENT, frame.opcode, size) and pattern.says(frame.payload)) is fits
    assert pattern.reads == any(mark in condition for mark in "~=")


def test_times_and_new_frames() -> None:
    def made(line: str) -> Rule:
        return parse_rule(line)

    assert made("delay any ping 1.5s").seconds == 1.5
    assert made("delay any ping 150ms").seconds == 0.15
    assert made("edit any text /a\\/b/c d/").old == b"a/b"
    assert made("edit any text /a\\/b/c d/").new == b"c d"
    assert made('inject server close ="1001 bye" after client text').frame == Frame.close(1001, "bye")
    assert made("inject client close after client text").frame == Frame.close()


@pytest.mark.parametrize(
    ("line", "problem", "found"),
    [
        ("", "end", ""),
        ("drip client text", "word", "drip"),
        ("drop serve ping", "word", "serve"),
        ("drop server pings", "word", "pings"),
        ("drop server", "end", ""),
        ("drop server ping please", "more", "please"),
        ("drop server text ~ x", "empty", "~"),
        ("drop server text =0xfg", "hex", "=0xfg"),
        ("delay server text", "time", ""),
        ("delay server text soon", "time", "soon"),
        ("delay server text 99999s", "long", "99999s"),
        ("hold server text unless client ping", "word", "unless"),
        ("edit server text cat dog", "edit", "cat"),
        ("edit server text //dog/", "edit", "//dog/"),
        ("inject any ping after client text", "word", "any"),
        ("inject client ping client text", "word", "client"),
        ("inject client close =bye after client text", "code", "=bye"),
        (f"inject client ping ={'x' * 126} after client text", "control", "=" + "x" * 126),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, problem: str, found: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_rule(line)
    error = caught.value
    assert (error.problem, error.found) == (problem, found)
    assert line[error.column - 1 :].startswith(found)
    assert found or error.column == len(line) + 1
