"""docs/limits.md says what the code does: its defaults, and what answers whoever goes beyond each limit."""

from __future__ import annotations

import importlib
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect as websockets_connect

from fuzz.targets import REQUEST
from wsedu.cli.context import UserError
from wsedu.cli.limits import NAMES, read_limits
from wsedu.protocol.connection import Connection
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.timers import Timer
from wsedu.protocol.types import Limits, Role, State, Timeouts

ROOT = Path(__file__).parents[2]
SMALL = Limits(max_message_size=100, max_frame_size=60, max_fragments=3, max_head_size=400, max_header_count=8)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that writes the page."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("limits")


def masked(first: int, payload: bytes) -> bytes:
    """A client's frame whose masking key is zero."""
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


def deflated(plain: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return (squeeze.compress(plain) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]


PIECE = bytes(SMALL.max_message_size // 2)
BEYOND = {
    "max_head_size": REQUEST.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * SMALL.max_head_size + b"\r\n\r\n"),
    "max_header_count": REQUEST.replace(b"\r\n\r\n", b"\r\nX: a" * SMALL.max_header_count + b"\r\n\r\n"),
    "max_frame_size": REQUEST + masked(0x82, bytes(61)),
    "max_message_size": REQUEST + masked(0x02, PIECE) + masked(0x00, PIECE) + masked(0x80, b"x"),
    "max_fragments": REQUEST + masked(0x02, b"") + masked(0x00, b"") * SMALL.max_fragments,
}
"""What goes just beyond each limit of `SMALL`."""


def answer_of(data: bytes) -> str:
    """What a server with small limits says to these bytes: an HTTP status or a code of closing, and the rule."""
    server = Connection(Role.SERVER, limits=SMALL, extensions=[PerMessageDeflateFactory()])
    server.receive_data(data)
    assert server.violation is not None
    head, _, rest = server.data_to_send().partition(b"\r\n\r\n")
    frames = FrameDecoder(Role.CLIENT).feed(rest) if head.startswith(b"HTTP/1.1 101 ") else []
    status = f"Close {int.from_bytes(frames[-1].payload[:2], 'big')}" if frames else f"HTTP {head[9:12].decode()}"
    return f"{status}, `{server.violation.rule.name}`"


def test_the_page_is_up_to_date(limits: ModuleType) -> None:
    assert (ROOT / "docs" / "limits.md").read_text(encoding="utf-8") == limits.page()


def test_the_page_has_every_limit_that_can_be_changed(limits: ModuleType) -> None:
    assert sorted([*limits.SIZES, *limits.DEADLINES]) == sorted(NAMES) == sorted(limits.defaults())


@pytest.mark.parametrize("name", asdict(Limits()))
def test_what_goes_beyond_a_size_is_answered_as_the_page_says(limits: ModuleType, name: str) -> None:
    assert answer_of(BEYOND[name]) == limits.answer(limits.SIZES[name])


def test_what_inflates_beyond_the_size_of_a_message_is_answered_as_the_page_says(limits: ModuleType) -> None:
    bomb = deflated(bytes(SMALL.max_message_size + 1))
    assert len(bomb) < SMALL.frame_size
    assert answer_of(REQUEST + masked(0xC2, bomb)) == limits.answer(limits.SIZES["max_message_size"])
    harmless = Connection(Role.SERVER, limits=SMALL, extensions=[PerMessageDeflateFactory()])
    harmless.receive_data(REQUEST + masked(0xC2, deflated(bytes(SMALL.max_message_size))))
    assert harmless.violation is None


CLOCKS: dict[str, tuple[Timer, ...]] = {
    "opening": (Timer.OPENING,),
    "closing": (Timer.CLOSING,),
    "ping_interval": (Timer.PING,),
    "ping_timeout": (Timer.PING, Timer.PONG),
    "idle": (Timer.IDLE,),
}
"""The timers that ring until each deadline is answered; that for writing is the socket's, and is tested there."""


@pytest.mark.parametrize("name", CLOCKS)
def test_a_deadline_that_is_over_is_answered_as_the_page_says(limits: ModuleType, name: str) -> None:
    times = Timeouts(idle=5.0, ping_interval=None) if name == "idle" else Timeouts()
    server = Connection(Role.SERVER, timeouts=times)
    if name != "opening":
        server.receive_data(REQUEST)
    if name == "closing":
        server.close()
    server.data_to_send()
    for timer in CLOCKS[name]:
        deadline = server.next_deadline()
        assert deadline is not None
        assert deadline.timer is timer
        server.data_to_send()
        server.timer_expired(timer)
    assert deadline.seconds == asdict(times)[name]
    said = FrameDecoder(Role.CLIENT).feed(server.data_to_send())
    words = limits.answer(limits.DEADLINES[name])
    if words.startswith(limits.ENDS_TCP):
        assert (said, server.state) == ([], State.CLOSED)
    elif words == "a Ping":
        assert [frame.opcode for frame in said] == [9]
    else:
        body = said[-1].payload
        reason = f", `{body[2:].decode()}`" if body[2:] else ""
        assert words == f"Close {int.from_bytes(body[:2], 'big')}{reason}"


# --- From the command line ---


def test_limits_come_from_the_command_line() -> None:
    assert read_limits([]) == {"limits": Limits(), "timeouts": Timeouts()}
    given = ["max_message_size=10", "opening=0.5", "ping_interval=none", "max_connections=none", "max_frame_size=none"]
    assert read_limits(given) == {
        "limits": Limits(max_message_size=10),
        "timeouts": Timeouts(opening=0.5, ping_interval=None),
        "max_connections": None,
    }


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ("max_size=1", "cli.limit.name"),
        ("opening", "cli.limit.seconds"),
        ("opening=nan", "cli.limit.seconds"),
        ("closing=-1", "cli.limit.seconds"),
        ("max_message_size=none", "cli.limit.whole"),
        ("max_fragments=1.5", "cli.limit.whole"),
        ("max_outgoing=0", "cli.limit.whole.none"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(option: str, key: str) -> None:
    with pytest.raises(UserError) as caught:
        read_limits([option])
    assert caught.value.key == key


@pytest.fixture
def served() -> Iterator[str]:
    """The URI of a server with a small limit, started from the command line."""
    command: list[Any] = [sys.executable, "-m", "wsedu", "serve", "--app", "echo", "--port", "0", "--quiet"]
    options = ["--lang", "en", "--limit", "max_message_size=10"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()
        process.communicate(timeout=20)


def test_a_server_has_the_limits_of_its_command_line(served: str) -> None:
    with websockets_connect(served) as client:
        client.send("0123456789")
        assert client.recv() == "0123456789"
        client.send("0123456789a")
        with pytest.raises(ConnectionClosedError) as caught:
            client.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1009
