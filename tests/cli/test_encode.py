"""`encode`: the RFC's frames from options, illegal frames too."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.support import vectors


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--text", "Hello"), "unmasked text frame"),
        (("--text", "Hello", "--mask", "37 fa 21 3d"), "masked text frame"),
        (("--text", "Hel", "--no-fin"), "fragment 1 of 2"),
        (("--continuation", "lo"), "fragment 2 of 2"),
        (("--ping", "Hello"), "unmasked ping"),
        (("--pong", "Hello", "--mask", "37fa213d"), "masked pong"),
    ],
)
def test_the_frames_of_the_rfc(wsedu: Run, options: tuple[str, ...], name: str) -> None:
    frame = next(frame for frame in vectors()["rfc6455"]["frames"] if frame["name"] == name)
    assert wsedu("encode", *options, "--hex").stdout == frame["hex"].replace(" ", "") + "\n"


@pytest.mark.parametrize("frame", vectors()["rfc6455"]["close_frames"], ids=lambda frame: frame["hex"])
def test_close_frames(wsedu: Run, frame: dict[str, object]) -> None:
    code = () if frame["code"] is None else (str(frame["code"]),)
    reason = ("--reason", str(frame["reason"])) if frame["reason"] else ()
    assert wsedu("encode", "--close", *code, *reason, "--hex").stdout.strip() == str(frame["hex"]).replace(" ", "")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--text", "", "--opcode", "0x3"), "8300"),
        (("--text", "a", "--length-form", "16"), "817e000161"),
        (("--text", "a", "--rsv1", "--rsv2", "--rsv3"), "f10161"),
        (("--ping", "--no-fin"), "0900"),
        (("--binary", "00 ff"), "820200ff"),
    ],
)
def test_illegal_frames_are_made_as_they_are_asked_for(wsedu: Run, options: tuple[str, ...], expected: str) -> None:
    assert wsedu("encode", *options, "--hex").stdout.strip() == expected


def test_field_by_field_and_as_json(wsedu: Run) -> None:
    told = wsedu("encode", "--text", "Hello", "--mask", "37fa213d").stdout
    for shown in ("FIN", "Masking-key", "37 fa 21 3d", '"Hello"'):
        assert shown in told
    found = json.loads(wsedu("encode", "--text", "Hello", "--json").stdout)
    assert found["bytes"] == "810548656c6c6f"


def test_raw_bytes_are_the_frame_and_nothing_else(wsedu: Run) -> None:
    # 01 02 48 69: a first fragment, so that every byte of it is text that a test can read.
    assert wsedu("encode", "--text", "Hi", "--no-fin", "--raw").stdout == "\x01\x02Hi"
