"""Wireshark as a judge: it dissects what `write_pcapng` wrote and must agree on every field of every frame."""

from __future__ import annotations

import json
import subprocess
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.captures.exchange import Pair, random_exchange, sent_frames
from wsedu.protocol.frame import Frame
from wsedu.protocol.types import Direction, Role
from wsedu.trace.pcapwrite import write_pcapng
from wsedu.trace.trace import Trace

pytestmark = pytest.mark.component("tshark", "apt-get install tshark")

FRAMES = 1000
TSHARK = ["tshark", "-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r"]


def tshark(path: Path, *options: str) -> str:
    done = subprocess.run([*TSHARK, str(path), *options], capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def websocket_layers(path: Path, *options: str) -> list[tuple[int, dict[str, Any]]]:
    """What tshark says of each frame, with the TCP port of its sender; keys that repeat become lists."""

    def keep_all(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name == "websocket":
                found.setdefault(name, []).append(value)
            else:
                found.setdefault(name, value)
        return found

    text = tshark(path, *options, "-Y", "websocket", "-T", "json", "-x", "-J", "tcp websocket")
    packets = json.loads(text, object_pairs_hook=keep_all)
    return [
        (int(packet["_source"]["layers"]["tcp"]["tcp.srcport"]), layer)
        for packet in packets
        for layer in packet["_source"]["layers"]["websocket"]
    ]


def as_frame(layer: dict[str, Any]) -> Frame:
    """A frame in tshark's words."""
    masked = layer["websocket.mask"] == "1"
    key = bytes.fromhex(layer["websocket.masking_key_raw"][0]) if masked else None
    form, length = 7, int(layer["websocket.payload_length"])
    for bits in (16, 64):
        extended = layer.get(f"websocket.payload_length_ext_{bits}")
        if extended is not None:
            form, length = bits, int(extended)
    raw = layer.get("websocket.masked_payload_raw" if masked else "websocket.payload_raw")
    data = b"" if raw is None else bytes.fromhex(raw[0])
    assert len(data) == length
    payload = bytes(byte ^ k for byte, k in zip(data, cycle(key or b"\0"), strict=False))
    assert int(layer["websocket.rsv"], 16) == 0
    return Frame(int(layer["websocket.opcode"]), payload, layer["websocket.fin"] == "1", False, False, False, key, form)


@pytest.fixture(scope="module")
def exchange(seed: int) -> Trace:
    return random_exchange(seed, FRAMES)


@pytest.fixture(scope="module")
def written(exchange: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("capture") / "random.pcapng"
    write_pcapng(exchange, path, start=1_700_000_000.0, comment="a comment")
    return path


def test_agrees_on_every_field_of_a_thousand_frames(exchange: Trace, written: Path) -> None:
    layers = websocket_layers(written)
    server = int(tshark(written, "-c", "1", "-T", "fields", "-e", "tcp.dstport"))
    assert len(layers) == len(sent_frames(exchange)) == FRAMES
    for direction in Direction:
        judged = [as_frame(layer) for port, layer in layers if (port == server) is (direction is Direction.TO_CLIENT)]
        ours = sent_frames(exchange, direction)
        assert [frame._replace(length_form=frame.form) for frame in ours] == judged
    assert {frame.form for frame in sent_frames(exchange)} == {7, 16, 64}
    assert {int(frame.opcode) for frame in sent_frames(exchange)} == {0, 1, 2, 8, 9, 10}


def test_finds_nothing_wrong_with_tcp(written: Path) -> None:
    wrong = "tcp.analysis.flags || tcp.checksum.status == Bad || ip.checksum.status == Bad || _ws.malformed"
    assert tshark(written, "-Y", wrong) == ""
    flags = tshark(written, "-T", "fields", "-e", "tcp.flags.str").split()
    assert [flag.strip("·") for flag in flags[:3]] == ["S", "A··S", "A"]
    assert sum("F" in flag for flag in flags) == 2


def test_the_times_and_the_comment_are_there(exchange: Trace, written: Path) -> None:
    times = [float(line) for line in tshark(written, "-T", "fields", "-e", "frame.time_epoch").split()]
    assert times == sorted(times)
    recorded = [record.t for record in exchange.frames()]
    assert times[-1] - 1_700_000_000 == pytest.approx(exchange.records[-1].t, abs=0.01)
    assert recorded[-1] <= times[-1] - 1_700_000_000
    assert "a comment" in tshark(written, "-c", "1", "-T", "fields", "-e", "frame.comment")


def test_a_reset_is_a_reset(seed: int, tmp_path: Path) -> None:
    pair = Pair(seed)
    pair.ends[Role.SERVER].receive_eof(clean=False)
    write_pcapng(pair.trace, tmp_path / "reset.pcapng")
    assert "R" in tshark(tmp_path / "reset.pcapng", "-T", "fields", "-e", "tcp.flags.str").split()[-1]
