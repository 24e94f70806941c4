"""`serve` as a user starts and stops it, with the client of another library."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as their_connect

from tests.cli.conftest import Run
from tests.cli.talking import Serving, serving
from tests.support import request_head
from wsedu.protocol.steps import FrameComplete
from wsedu.trace.trace import Trace


def exchange(client: ClientConnection, message: str | bytes) -> str | bytes:
    client.send(message)
    return client.recv(timeout=20)


def status_of(uri: str, origin: str | None) -> int:
    """The status with which a server answers a handshake with this Origin."""
    try:
        with their_connect(uri, origin=origin):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_every_frame_is_explained_while_the_connection_goes_on() -> None:
    with serving("--app", "echo") as server:
        with their_connect(server.uri) as client:
            assert exchange(client, "Hello") == "Hello"
            # The connection is open and silent; nothing more has to happen for the frames to be told.
            server.until(r'The server has read a whole text message .* "Hello"')
            server.until(r"The server sends a whole text message")
            client.ping().wait(20)
            server.until(r"The server has read a Ping")
        server.until(r"✔ At the server the connection has ended cleanly")
        out, err, status = server.stop()
    assert status == 0
    assert "connection 1" in out
    assert "101 Switching Protocols" in out
    assert err == "wsedu: stopped"


def test_connections_are_told_apart() -> None:
    with (
        serving("--app", "echo") as server,
        their_connect(server.uri) as first,
        their_connect(server.uri) as second,
    ):
        exchange(second, "two")
        server.until("connection 2 · server ─▶ client")
        exchange(first, "one")
        server.until("connection 1 · server ─▶ client")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_with_1001_to_all(number: int) -> None:
    with serving("--app", "echo") as server, their_connect(server.uri) as first, their_connect(server.uri) as second:
        for client in (first, second):
            exchange(client, "hello")
        server.process.send_signal(number)
        codes = []
        for client in (first, second):
            with pytest.raises(ConnectionClosedOK) as closed:
                client.recv(timeout=20)
            assert closed.value.rcvd is not None
            codes.append(closed.value.rcvd.code)
        _, err, status = server.end()
    assert codes == [1001, 1001]
    assert status == 0
    assert "Traceback" not in err
    assert "2 clients" in err


def test_a_second_ctrl_c_does_not_wait_for_a_client_that_does_not_answer() -> None:
    with serving("--app", "echo") as server, socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(request_head({"Host": "localhost"}))
        assert raw.recv(4096).startswith(b"HTTP/1.1 101 ")
        server.process.send_signal(signal.SIGINT)
        server.until("1 client;", stream="err")
        _, _, status = server.stop()
    assert status == 0


def test_json_is_the_trace_and_nothing_else() -> None:
    with serving("--app", "echo", "--json") as server:
        with their_connect(server.uri) as client:
            exchange(client, "Hello")
        server.until('"kind":"close.status"')
        out, _, status = server.stop()
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert lines[0]["kind"] == "trace.header"
    assert [line["n"] for line in lines[1:]] == list(range(1, len(lines)))
    payloads = [line["frame"]["payload"] for line in lines if line["kind"] == "frame.complete"]
    assert payloads[:2] == [b"Hello".hex()] * 2


def test_the_trace_is_saved_when_it_stops(tmp_path: Path) -> None:
    files = [tmp_path / "run.jsonl", tmp_path / "run.html"]
    with serving("--app", "echo", *(part for file in files for part in ("--save", str(file)))) as server:
        with their_connect(server.uri) as client:
            exchange(client, "Hello")
        server.until("ended cleanly")
        _, err, status = server.stop()
    assert status == 0, err
    first = Trace.load(str(files[0])).frames(sent=False)[0].step
    assert isinstance(first, FrameComplete)
    assert first.frame.payload == b"Hello"
    assert files[1].read_text(encoding="utf-8").startswith("<!")


def test_quiet_serves_and_says_one_line() -> None:
    with serving("--app", "echo", "--quiet") as server:
        with their_connect(server.uri) as client:
            assert exchange(client, b"\x00" * 70_000) == b"\x00" * 70_000
        out, err, status = server.stop()
    assert (out, err, status) == (f"listening on {server.uri}", "wsedu: stopped", 0)


def test_pages_of_other_hosts_are_refused_by_default_and_told_why() -> None:
    with serving("--app", "echo") as server:
        own = server.uri.replace("ws", "http", 1).rstrip("/")
        assert [status_of(server.uri, origin) for origin in (None, own, "https://evil.example")] == [101, 101, 403]
        server.until(r"REQUEST_ORIGIN")
        assert "without Origin" in server.stop()[0]


def test_the_allow_list_takes_the_place_of_the_same_host() -> None:
    with serving("--app", "echo", "--origin", "https://good.example") as server:
        own = server.uri.replace("ws", "http", 1).rstrip("/")
        asked = (None, own, "https://good.example", "https://evil.example")
        assert [status_of(server.uri, origin) for origin in asked] == [101, 403, 101, 403]
    with serving("--app", "echo", "--origin", "*") as server:
        assert status_of(server.uri, "https://evil.example") == 101


def answer(server: Serving, changes: dict[str, str | list[str] | None]) -> bytes:
    """The first line that a server answers to a request head."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(request_head(changes, line="GET / HTTP/1.1"))
        return raw.makefile("rb").readline()


PAGE: dict[str, str | list[str] | None] = {"Upgrade": None, "Connection": "close", "Sec-WebSocket-Key": None}


def test_a_page_that_was_led_here_by_a_name_of_its_own_is_refused_and_told_why() -> None:
    """DNS rebinding: Origin and Host agree, because the browser believes that it speaks with the page's own site."""
    with serving() as server:
        evil = f"evil.example:{server.port}"
        led: dict[str, str | list[str] | None] = {"Host": evil, "Origin": f"http://{evil}"}
        for changes in (led, led | {"Origin": None}, led | PAGE, led | {"Host": "localhost.evil.example"}):
            assert answer(server, changes).startswith(b"HTTP/1.1 421 "), changes
        server.until("REQUEST_AUTHORITY")
        server.until(re.escape(f'"{evil}"'))
        for own in ("localhost", "LOCALHOST:1", f"127.0.0.1:{server.port}", f"[::1]:{server.port}"):
            changes = {"Host": own, "Origin": f"http://{own}"}
            assert answer(server, changes).startswith(b"HTTP/1.1 101 "), own
            assert answer(server, changes | PAGE).startswith(b"HTTP/1.1 200 "), own


def test_the_allow_list_names_the_hosts_that_are_served_beside_this_machine() -> None:
    with serving("--app", "echo", "--origin", "https://Good.example:8443") as server:
        for host, status in (("good.example:8443", 101), ("localhost", 101), ("evil.example", 421)):
            changes: dict[str, str | list[str] | None] = {"Host": host, "Origin": "https://good.example:8443"}
            assert answer(server, changes).split()[1] == b"%d" % status, host
    with serving("--app", "echo", "--origin", "*") as server:
        assert answer(server, {"Host": "any.example", "Origin": "http://evil.example"}).startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize("apart", [True, False])
def test_tls_with_a_certificate_of_ones_own(tmp_path: Path, apart: bool) -> None:
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    if apart:
        chain.write_bytes(leaf.cert_chain_pems[0].bytes())
        key.write_bytes(leaf.private_key_pem.bytes())
    else:
        chain.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    options = ("--tls-key", str(key)) if apart else ()
    with (
        serving("--app", "echo", "--tls", "--tls-cert", str(chain), *options) as server,
        their_connect(server.uri, ssl=trust) as client,
    ):
        assert exchange(client, "over TLS") == "over TLS"


@pytest.mark.parametrize("case", ["not there", "no certificate", "no key", "another key", "a password"])
def test_a_certificate_that_cannot_be_shown_is_one_line(wsedu: Run, tmp_path: Path, case: str) -> None:
    leaf, other = (trustme.CA().issue_cert("localhost") for _ in range(2))
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"no" if case == "no certificate" else leaf.cert_chain_pems[0].bytes())
    secret = load_pem_private_key((other if case == "another key" else leaf).private_key_pem.bytes(), None)
    lock = BestAvailableEncryption(b"secret") if case == "a password" else NoEncryption()
    key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    file = tmp_path / "nowhere.pem" if case == "not there" else chain
    options = () if case == "no key" else ("--tls-key", str(key))
    done = wsedu("serve", "--port", "0", "--tls", "--tls-cert", str(file), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert str(file) in done.stderr


def test_tls_with_the_authority_that_it_wrote(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    with serving("--app", "echo", "--tls", "--tls-ca", str(file)) as server:
        assert server.uri.startswith("wss://")
        context = ssl.create_default_context(cafile=str(file))
        with their_connect(server.uri, ssl=context) as client:
            assert exchange(client, "over TLS") == "over TLS"


def test_compression_is_negotiated_and_told() -> None:
    with serving("--app", "echo", "--compress") as server, their_connect(server.uri) as client:
        assert [extension.name for extension in client.protocol.extensions] == ["permessage-deflate"]
        assert exchange(client, "again " * 100) == "again " * 100
        server.until("permessage-deflate")


def test_a_subprotocol_is_chosen() -> None:
    with (
        serving("--app", "echo", "--subprotocol", "chat.v2") as server,
        their_connect(server.uri, subprotocols=["chat.v1", "chat.v2"]) as client,  # type: ignore[list-item]
    ):
        assert client.subprotocol == "chat.v2"


def test_the_page_is_what_it_serves_without_more_words() -> None:
    with serving() as server:
        server.until(rf"http://127\.0\.0\.1:{server.port}/")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "0.0.0.0"),
        ("--host", "192.0.2.1"),
        ("--quiet", "--json"),
        ("--quiet", "--save", "x.jsonl"),
        ("--tls-ca", "ca.pem"),
        ("--tls-cert", "cert.pem"),
        ("--tls", "--tls-key", "key.pem"),
        ("--tls", "--tls-ca", "ca.pem", "--tls-cert", "cert.pem"),
        ("--origin", "example.com"),
        ("--save", "x.gif"),
        ("--app", "none"),
        ("--port", "99999999"),
    ],
)
def test_what_cannot_be_served_is_one_line_and_status_2(wsedu: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = wsedu("serve", *arguments, "--lang", "zh", cwd=str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_one_line(wsedu: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = wsedu("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
