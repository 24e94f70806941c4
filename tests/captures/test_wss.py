"""wss on the wire: recorded by tcpdump between the project's own commands, opened with the keys, judged by tshark."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.captures.test_commands import DEADLINE, _wait_for_end
from tests.captures.test_tshark import as_frame, websocket_layers
from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from wsedu.loopback import Endpoint, connect, serve
from wsedu.loopback.tls import throwaway_contexts
from wsedu.protocol.frame import Frame
from wsedu.protocol.types import Direction
from wsedu.trace.pcaptrace import Other, read_capture
from wsedu.trace.trace import Trace

pytestmark = [
    pytest.mark.component("tcpdump", "apt-get install tcpdump, and run the tests as root"),
    pytest.mark.component("tshark", "apt-get install tshark"),
]

MESSAGES = ("Hello", b"x" * 70_000, "", "é" * 63)
"""In one record of TLS, in several, and without data."""


class Wss:
    """A connection as it was captured, with its keys and its trace."""

    def __init__(self, folder: Path, version: ssl.TLSVersion) -> None:
        self.capture, self.keys = folder / "wss.pcap", folder / "keys.log"
        self.trace = asyncio.run(asyncio.wait_for(self._record(version), DEADLINE))

    async def _record(self, version: ssl.TLSVersion) -> Trace:
        async def echo(ws: Endpoint) -> None:
            async for message in ws:
                await ws.send(message)

        trace = Trace()
        contexts = throwaway_contexts("localhost", "127.0.0.1")
        contexts.client.maximum_version = version
        async with serve(echo, trace=False, ssl=contexts.server) as server:
            command = ["tcpdump", "-i", "lo", "-U", "-s", "0", "-B", "8192", "-w", str(self.capture)]
            dump = await asyncio.create_subprocess_exec(
                *command, f"tcp port {server.port}", stderr=asyncio.subprocess.PIPE
            )
            assert dump.stderr is not None
            while b"listening on" not in (line := await dump.stderr.readline()):
                assert line, "tcpdump does not capture: it needs root"
            async with connect(server.uri, trace=trace, ssl=contexts.client) as ws:
                for message in MESSAGES:
                    await ws.send(message)
                    assert await ws.recv() == message
            await _wait_for_end(self.capture, self.keys)
            dump.terminate()
            await dump.communicate()
        return trace

    def frames(self, direction: Direction) -> list[Frame]:
        """What passed, as the client has recorded it."""
        sent = direction is Direction.TO_SERVER
        return [record.step.frame for record in self.trace.frames(direction, sent=sent)]  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda one: one.name)
def wss(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Wss:
    folder = tmp_path_factory.mktemp("wss")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSLKEYLOGFILE", str(folder / "keys.log"))
        return Wss(folder, request.param)


def with_forms(frames: list[Frame]) -> list[Frame]:
    return [frame._replace(length_form=frame.form) for frame in frames]


def test_tshark_opens_it_and_sees_the_same_frames(wss: Wss) -> None:
    # Nobody computes checksums for packets that do not leave the machine.
    options = ("-o", "tcp.check_checksum:FALSE", "-o", f"tls.keylog_file:{wss.keys}")
    layers = websocket_layers(wss.capture, *options)
    client = layers[0][0]
    for direction in Direction:
        judged = [as_frame(layer) for port, layer in layers if (port == client) is (direction is Direction.TO_SERVER)]
        assert judged == with_forms(wss.frames(direction))


def test_wsedu_opens_it_too(wss: Wss) -> None:
    (found,) = read_capture(wss.capture.read_bytes(), key_log=wss.keys.read_text()).connections
    assert found.tls in ("TLSv1.2", "TLSv1.3")
    assert found.legal
    for direction in Direction:
        read = [record.step.frame for record in found.trace.frames(direction, sent=False)]  # type: ignore[attr-defined]
        assert with_forms(read) == with_forms(wss.frames(direction))


@pytest.mark.component("editcap", "apt-get install wireshark-common")
def test_keys_in_the_capture_itself_are_found(wss: Wss, tmp_path: Path) -> None:
    path = tmp_path / "with-keys.pcapng"
    command = ["editcap", "--inject-secrets", f"tls,{wss.keys}", str(wss.capture), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    (found,) = read_capture(path.read_bytes()).connections
    assert found.legal


@pytest.mark.parametrize("spoil", [lambda log: "", lambda log: "no key at all\n", lambda log: log.replace(" ", " 00")])
def test_without_its_keys_it_stays_closed(wss: Wss, spoil: Callable[[str], str]) -> None:
    capture = read_capture(wss.capture.read_bytes(), key_log=spoil(wss.keys.read_text()))
    assert (capture.connections, capture.others) == ((), {Other.TLS: 1})


def test_wrong_keys_open_nothing_and_say_so(wss: Wss) -> None:
    lines = [line.split() for line in wss.keys.read_text().splitlines() if not line.startswith("#")]
    wrong = "\n".join(" ".join([*line[:2], line[2][::-1]]) for line in lines)
    capture = read_capture(wss.capture.read_bytes(), key_log=wrong)
    assert not any(found.legal for found in capture.connections)
    assert not any(found.trace.frames(sent=False).records for found in capture.connections)


def test_the_command_opens_it_with_sslkeylogfile(wsedu: Run, wss: Wss) -> None:
    done = wsedu("decode", str(wss.capture), env={"SSLKEYLOGFILE": str(wss.keys)})
    assert done.returncode == 0, done.stderr
    assert '"Hello"' in done.stdout
    done = wsedu("decode", str(wss.capture))
    assert (done.returncode, done.stdout) == (2, "")
    assert "SSLKEYLOGFILE" in done.stderr
    done = wsedu("decode", str(wss.capture), env={"SSLKEYLOGFILE": str(wss.keys) + ".none"})
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2)
