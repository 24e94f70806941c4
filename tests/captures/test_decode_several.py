"""What `decode` says of a capture with several connections, one of them with several violations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scapy.layers.inet import TCP
from scapy.utils import PcapNgWriter

from tests.captures.exchange import Pair
from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from wsedu.protocol.frame import Frame
from wsedu.protocol.types import Role
from wsedu.trace.pcapwrite import packets


def three(path: Path) -> None:
    """Three connections at the same time; the client of the second breaks two rules in one frame, and one later."""
    items = []
    for number in range(3):
        pair = Pair(number)
        pair.ends[Role.CLIENT].send_text(f"Hello {number}")
        if number == 1:
            pair.ends[Role.CLIENT].send_frame(Frame(0x3, b"both wrong"))
            pair.ends[Role.CLIENT].send_frame(Frame.ping(b"x" * 126, masking_key=b"abcd"))
            pair.settle()
        else:
            pair.settle()
            pair.close()
        for packet in packets(pair.trace, start=1_700_000_000 + number / 1000):
            side = "dport" if packet[TCP].sport == 80 else "sport"
            setattr(packet[TCP], side, getattr(packet[TCP], side) + number)
            items.append(packet)
    with PcapNgWriter(str(path)) as file:
        for packet in sorted(items, key=lambda one: one.time):
            file.write(packet)


def test_each_connection_has_its_heading_its_frames_and_its_verdict(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "three.pcapng"
    three(path)
    done = wsedu("decode", str(path))
    assert done.returncode == 1
    assert done.stderr == ""
    # Headings are as wide as the terminal: words are looked for whatever the line.
    text = " ".join(done.stdout.split())
    parts = text.split("WebSocket connection ")[1:]
    assert [part.split(":")[0] for part in parts] == ["1 of 3", "2 of 3", "3 of 3"]
    for number, part in enumerate(parts):
        assert f"127.0.0.1:{49152 + 1 + number} → 127.0.0.1:80" in part
        assert f"Hello {number}" in part
        _, mark, verdict = part.partition(f"{'✖' if number == 1 else '✔'} Connection {number + 1}: ")
        assert mark
        if number == 1:
            for rule in ("CLIENT_MUST_MASK", "OPCODE_RESERVED", "CONTROL_TOO_LONG"):
                assert verdict.count(f"finds {rule} ") == 1


def test_the_reader_of_a_pipe_may_go_away(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "three.pcapng"
    three(path)
    decode = subprocess.Popen(
        [sys.executable, "-m", "wsedu", "decode", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert decode.stdout is not None
    assert decode.stderr is not None
    decode.stdout.readline()
    decode.stdout.close()
    assert b"bug" not in decode.stderr.read()
    decode.stderr.close()
    decode.wait(20)
