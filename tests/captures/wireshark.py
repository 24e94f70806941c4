"""What tshark says of a capture, as frames that can be compared with those that were sent."""

from __future__ import annotations

import json
import subprocess
from itertools import cycle
from pathlib import Path
from typing import Any

from wsedu.protocol.frame import Frame

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
