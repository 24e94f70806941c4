"""`decode`: every form of hex that people have, heads, traces, verdicts and exit status."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import require_component
from tests.support import vectors

HELLO = vectors()["rfc6455"]["frames"][1]
HEX = HELLO["hex"].replace(" ", "")

REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def test_the_masked_hello_of_the_rfc(wsedu: Run) -> None:
    done = wsedu("decode", HEX)
    assert done.returncode == 0
    for shown in ("FIN", "opcode", "MASK", "Payload len", "Masking-key", "37 fa 21 3d", '"Hello"', "§5.3"):
        assert shown in done.stdout
    # Legal from a client; a server would break a rule.
    assert "SERVER_MUST_NOT_MASK" in done.stdout


@pytest.mark.parametrize("sender", ["client", "server", None])
def test_the_verdict_is_for_the_sender_that_is_named(wsedu: Run, sender: str | None) -> None:
    done = wsedu("decode", HEX, "--json", *(("--sender", sender) if sender else ()))
    found = json.loads(done.stdout)
    assert set(found["verdicts"]) == ({sender} if sender else {"client", "server"})
    assert done.returncode == (1 if sender == "server" else 0)
    assert found["legal"] is (sender != "server")


@pytest.mark.parametrize(
    "text",
    [
        HELLO["hex"],
        HELLO["hex"].replace(" ", ":"),
        HELLO["hex"].upper(),
        "0x" + HELLO["hex"].replace(" ", ", 0x"),
        "\\x" + HELLO["hex"].replace(" ", "\\x"),
        repr(bytes.fromhex(HEX)),
        r"\x81\x85\x37\xfa!=\x7f\x9fMQX",
        r'"\x81\x85\x37\xfa!=\x7f\x9fMQX"',
        "Packet (11 bytes):\n0000  81 85 37 fa 21 3d 7f 9f 4d 51 58                  ..7.!=..MQX",
        f'"{HEX}"',
        f"\u201c{HELLO['hex']}\u201d",
        "{0x" + HELLO["hex"].replace(" ", ", 0x") + "};",
        "$ xxd frame.bin\n00000000: 8185 37fa 213d 7f9f 4d51 58                  ..7.!=..MQX",
        "0000  81 85 37 fa 21 3d 7f 9f 4d 51 58                  ..7.!=..MQX",  # tshark -x
        "00000000: 8185 37fa 213d 7f9f 4d51 58                  ..7.!=..MQX",  # a browser's hex viewer
    ],
)
@pytest.mark.parametrize("way", ["argument", "stdin", "file"])
def test_hex_as_people_have_it(wsedu: Run, tmp_path: Path, text: str, way: str) -> None:
    if way == "argument":
        done = wsedu("decode", "--json", text)
    elif way == "stdin":
        done = wsedu("decode", "--json", "-", stdin=text.encode())
    else:
        (tmp_path / "frame.txt").write_text(text, encoding="utf-8")
        done = wsedu("decode", "--json", str(tmp_path / "frame.txt"))
    assert json.loads(done.stdout)["bytes"] == HEX, done.stderr
    assert done.returncode == 0


TOOLS = [["xxd"], ["xxd", "-p"], ["xxd", "-i"], ["xxd", "-g1"], ["xxd", "-u", "-c", "8"], ["hexdump", "-C"]]


@pytest.mark.parametrize("content", ["mixed", "bars", "zeros"])
@pytest.mark.parametrize("command", TOOLS, ids=" ".join)
def test_the_dumps_of_real_tools(wsedu: Run, seed: int, command: list[str], content: str) -> None:
    package = "xxd" if command[0] == "xxd" else "bsdextrautils"
    require_component(command[0], f"apt-get install {package}")
    import random

    # A run of equal lines, which hexdump squeezes into a star, and a line that is not full.
    mixed = b"\x82\x7e\x00\xc3" + random.Random(seed).randbytes(60) + bytes(64) + b"0123 56 |x| 0a 0b" * 4 + b"abc"
    data = {"mixed": mixed, "bars": b"\x81\x0e|hello| world|", "zeros": bytes(64)}[content]
    dump = subprocess.run(command, input=data, capture_output=True, check=True, timeout=20).stdout
    done = wsedu("decode", "--json", "-", stdin=dump)
    assert json.loads(done.stdout)["bytes"] == data.hex(), done.stderr


def test_binary_input_is_taken_as_it_is(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "frame.bin"
    path.write_bytes(bytes.fromhex(HEX))
    assert json.loads(wsedu("decode", "--json", str(path)).stdout)["bytes"] == HEX


@pytest.mark.parametrize(("data", "status"), [("8105", 1), ("81", 1), ("830161", 1), ("880203e8", 0), ("0103", 1)])
def test_illegal_and_incomplete_bytes_are_status_1(wsedu: Run, data: str, status: int) -> None:
    assert wsedu("decode", data).returncode == status


def test_the_minimal_length_rule_is_named_with_its_byte(wsedu: Run) -> None:
    done = wsedu("decode", "827e000548656c6c6f", "--sender", "server")
    assert done.returncode == 1
    assert "MINIMAL_LENGTH" in done.stdout
    assert "byte 2" in done.stdout
    found = json.loads(wsedu("decode", "827e0005", "--sender", "server", "--json").stdout)
    assert (found["verdicts"]["server"]["rule"], found["verdicts"]["server"]["offset"]) == ("MINIMAL_LENGTH", 2)


def test_a_cut_frame_says_what_it_waits_for(wsedu: Run) -> None:
    # 37 fa read as a 16-bit length, as after a flipped bit: 14,330 bytes and a key are announced.
    done = wsedu("decode", "81fe37fa213d")
    assert done.returncode == 1
    assert "14,332" in done.stdout  # two bytes of the key, and the payload


def test_a_request_is_read_as_a_handshake_with_the_frames_behind_it(wsedu: Run) -> None:
    done = wsedu("decode", "-", stdin=REQUEST + bytes.fromhex(HEX))
    assert done.returncode == 0
    for shown in ("GET /chat HTTP/1.1", "REQUEST_UPGRADE", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", '"Hello"'):
        assert shown in done.stdout


def test_a_head_whose_line_ends_an_editor_has_changed_is_read_and_noted(wsedu: Run) -> None:
    done = wsedu("decode", "-", stdin=REQUEST.replace(b"\r", b""))
    assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in done.stdout
    assert "CRLF" in done.stderr


def test_a_broken_request_names_the_rule_and_the_place(wsedu: Run) -> None:
    broken = REQUEST.replace(b"keep-alive, Upgrade", b"keep-alive")
    found = json.loads(wsedu("decode", "--json", "-", stdin=broken).stdout)
    assert (found["head"]["rule"], found["head"]["status"]) == ("REQUEST_CONNECTION", 400)
    assert broken[found["head"]["offset"] :].startswith(b"keep-alive\r\n")
    assert wsedu("decode", "-", stdin=broken).returncode == 1


def test_a_response_and_a_cut_head(wsedu: Run) -> None:
    response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    assert wsedu("decode", "-", stdin=response).returncode == 0
    assert wsedu("decode", "-", stdin=response[:-2]).returncode == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("81 0", ("line 1", "column 4")),
        ("81 05\n48 6x", ("line 2", "column 5")),
        ("00000000: 8105\n00000005: 4865", ("line 2",)),
        ("0000  81 05\n0000  48 65", ("line 2", "second block")),
        ("b'unfinished", ("line 1",)),
        ("", ("no bytes",)),
    ],
)
def test_what_is_no_hex_is_one_line_and_status_2(wsedu: Run, text: str, words: tuple[str, ...]) -> None:
    done = wsedu("decode", "-", stdin=text.encode())
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr


def test_a_file_that_is_not_there(wsedu: Run, tmp_path: Path) -> None:
    done = wsedu("decode", str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert "none.jsonl" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_trace_keeps_what_came_before(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    wsedu("demo", "--scenario", "hello", "--seed", "1", "--json", "--save", str(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:20], lines[20][:30], *lines[21:]]), encoding="utf-8")
    done = wsedu("decode", str(path), "--json")
    assert done.returncode == 2
    assert [json.loads(line) for line in done.stdout.splitlines()] == [json.loads(line) for line in lines[:20]]
    assert "21" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_violation_is_named_not_the_first_alone(wsedu: Run) -> None:
    data = "83 00 81 82 00 00 00 00 61 ff 83 00"
    told = wsedu("decode", "--sender", "server", "--json", data)
    [verdict] = json.loads(told.stdout)["verdicts"].values()
    found = [(one["rule"], one["offset"]) for one in verdict["violations"]]
    assert found == [("OPCODE_RESERVED", 0), ("SERVER_MUST_NOT_MASK", 3), ("TEXT_UTF8", 9), ("OPCODE_RESERVED", 10)]
    assert (verdict["rule"], verdict["offset"], told.returncode) == (*found[0], 1)
    shown = wsedu("decode", "--sender", "server", data).stdout
    assert all(rule in shown for rule, _ in found)
    assert "again at byte 10" in shown


def test_what_only_shows_a_run_is_no_bytes(wsedu: Run, tmp_path: Path) -> None:
    """Files of `demo --save` that people look at: told for what they are, and not read as frames."""
    words = {"html": ("a page", "网页"), "svg": ("a picture", "图片"), "png": ("a picture", "图片")}
    files = [str(tmp_path / f"run.{suffix}") for suffix in words]
    assert wsedu("demo", "hello", *(word for file in files for word in ("--save", file))).returncode == 0
    for file, told in zip(files, words.values(), strict=True):
        for language, word in zip(("en", "zh"), told, strict=True):
            for command in (("decode", file), ("replay", file, "--to", "ws://127.0.0.1:1/")):
                done = wsedu(*command, "--lang", language)
                assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
                for part in (file, word, ".jsonl", ".pcapng", ".har"):
                    assert part in done.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_names_every_file_that_is_read(wsedu: Run, language: str) -> None:
    told = wsedu("decode", "--help", "--lang", language).stdout
    for suffix in (".jsonl", ".pcapng", ".pcap", ".har"):
        assert suffix in told


@pytest.mark.parametrize("text", ['{"a": 1}', "hello"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_no_trace_is_told_where_traces_come_from(wsedu: Run, tmp_path: Path, text: str, language: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    done = wsedu("decode", str(path), "--lang", language)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--save FILE.jsonl" in done.stderr


# --- What bytes may be that are illegal as they stand ---

COMPRESSED = "c107f248cdc9c90700"
"""The text "Hello" of RFC 7692 §7.2.3.1, as a server sends it."""
IN_TWO = "4103f248cd8004c9c90700"
MASKED = "c18700000000f248cdc9c90700"


@pytest.mark.parametrize("data", [COMPRESSED, IN_TWO, MASKED], ids=["one frame", "fragments", "of a client"])
def test_a_compressed_message_is_told_without_the_option_and_read_with_it(wsedu: Run, data: str) -> None:
    without = wsedu("decode", data)
    assert without.returncode == 1
    assert '"Hello"' in without.stdout
    assert "permessage-deflate" in without.stdout
    assert "--compress" in without.stdout
    read = wsedu("decode", "--compress", data)
    assert read.returncode == 0
    assert "✔" in read.stdout
    assert "RSV_BITS" not in read.stdout
    assert "--compress" not in read.stdout
    found = json.loads(wsedu("decode", "--compress", "--json", data).stdout)
    assert b"".join(bytes.fromhex(frame["inflated"]) for frame in found["frames"]) == b"Hello"
    assert found["hints"] == []
    found = json.loads(wsedu("decode", "--json", data).stdout)
    assert found["hints"] == ["compress"]
    assert all(frame["inflated"] is None for frame in found["frames"])


def test_the_window_goes_on_from_message_to_message(wsedu: Run) -> None:
    # The second "Hello" of RFC 7692 §7.2.3.2 points back into the first one.
    done = wsedu("decode", "--compress", COMPRESSED + "c105f200110000")
    assert done.returncode == 0
    assert done.stdout.count('inflated: 48 65 6c 6c 6f  "Hello"') == 2


@pytest.mark.parametrize("data", ["c103112233", "d107f248cdc9c90700", "c907f248cdc9c90700", "8107f248cdc9c90700"])
def test_what_does_not_inflate_or_may_not_be_compressed_gets_no_hint(wsedu: Run, data: str) -> None:
    assert json.loads(wsedu("decode", "--json", data).stdout)["hints"] == []
    assert wsedu("decode", "--compress", data).returncode == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_directions_in_one_dump_are_suspected(wsedu: Run, language: str) -> None:
    done = wsedu("decode", "810548656c6c6f" + HEX, "--lang", language)
    assert done.returncode == 1
    assert {"en": "both directions", "zh": "两个方向"}[language] in done.stdout
    assert json.loads(wsedu("decode", "810548656c6c6f" + HEX, "--json").stdout)["hints"] == ["directions"]
    assert json.loads(wsedu("decode", HEX + HEX, "--json").stdout)["hints"] == []
