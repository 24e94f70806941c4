"""WebSocket over TLS (RFC 6455 §3, §4.1, §10.6), with a certificate made on the spot."""

from __future__ import annotations

import logging
import ssl
import sys

import pytest

from wsedu import Timeouts, Trace
from wsedu.extras import MissingExtraError
from wsedu.loopback import ConnectionClosedError, Endpoint, HandshakeFailed, connect, record, serve
from wsedu.loopback.tls import Contexts, throwaway_contexts
from wsedu.protocol.steps import FrameComplete, TransportOpened

from .net import SOON, Raw, close_frame, pair, raw_client, raw_server, run, text


@pytest.fixture(scope="module")
def contexts() -> Contexts:
    return throwaway_contexts("localhost", "127.0.0.1")


async def echo(endpoint: Endpoint) -> None:
    async for message in endpoint:
        await endpoint.send(message)


def test_messages_and_close_over_tls(contexts: Contexts) -> None:
    async def main() -> None:
        async with serve(echo, ssl=contexts.server) as server:
            assert server.uri.startswith("wss://")
            async with connect(server.uri, ssl=contexts.client) as client:
                for message in ("Hello", b"\x00\xff", "x" * 70_000, bytes(1 << 20)):
                    await client.send(message)
                    assert await client.recv() == message
                assert await client.ping() > 0
            assert (client.close_code, client.connection.clean) == (1000, True)

    run(main())


@pytest.mark.parametrize("role", ["client", "server"])
def test_either_end_closes_first_and_both_ends_are_clean(contexts: Contexts, role: str) -> None:
    async def main() -> None:
        trace = Trace()
        options = {"ssl": contexts.server, "trace": trace}
        async with pair(client={"ssl": contexts.client}, server=options) as ends:
            await ends.sender(role).close(1001, "going")
            await ends.receiver(role).wait_closed()
            for end in ends:
                assert (end.close_code, end.connection.clean) == (1001, True)
        (opened,) = [record.step for record in trace if isinstance(record.step, TransportOpened)]
        assert opened.tls is not None
        assert opened.tls.startswith("TLSv1.")

    run(main())


def test_a_client_masks_inside_tls_too(contexts: Contexts) -> None:
    """§5.1: the client masks whether or not TLS is there; a raw TLS peer sees the key."""

    async def main() -> None:
        keys: list[bytes | None] = []

        async def script(peer: Raw) -> None:
            await peer.accept()
            frame = await peer.frame()
            keys.append(frame.key)
            assert frame.payload == b"secret"
            await peer.send(text("answer"))
            await peer.send(close_frame(1000))
            assert (await peer.frame()).opcode == 8

        async with (
            raw_server(script, ssl=contexts.server) as port,
            connect(f"wss://127.0.0.1:{port}/", ssl=contexts.client) as client,
        ):
            await client.send("secret")
            assert await client.recv() == "answer"
            await client.wait_closed()
        assert keys[0] is not None
        assert len(keys[0]) == 4

    run(main())


def test_the_client_names_the_host_in_the_tls_handshake() -> None:
    """§4.1 step 5: Server Name Indication."""
    contexts = throwaway_contexts("localhost", "127.0.0.1")
    named: list[str | None] = []
    contexts.server.sni_callback = lambda connection, name, context: named.append(name)

    async def main() -> None:
        async with (
            serve(echo, ssl=contexts.server) as server,
            connect(f"wss://localhost:{server.port}/", host="127.0.0.1", ssl=contexts.client) as client,
        ):
            assert client.opened
        assert named == ["localhost"]

    run(main())


def test_a_client_with_the_default_trust_refuses_the_certificate(contexts: Contexts) -> None:
    async def main() -> None:
        trace = Trace()
        async with serve(echo, ssl=contexts.server) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect(server.uri, trace=trace)
            assert server.connections == set()
        # Nothing of WebSocket has left the machine.
        assert not [record for record in trace if record.step.kind == "bytes.sent"]

    run(main())


def test_a_certificate_for_another_host_is_refused(contexts: Contexts) -> None:
    async def main() -> None:
        async with serve(echo, ssl=contexts.server) as server:
            uri = f"wss://elsewhere.example:{server.port}/"
            with pytest.raises(ssl.SSLCertVerificationError, match="elsewhere"):
                await connect(uri, host="127.0.0.1", ssl=contexts.client)

    run(main())


def test_a_plain_client_on_a_tls_port_ends_cleanly(contexts: Contexts) -> None:
    async def main() -> None:
        async with serve(echo, ssl=contexts.server) as server:
            with pytest.raises((HandshakeFailed, OSError)):
                await connect(f"ws://127.0.0.1:{server.port}/")
            # The server goes on to serve those who do speak TLS.
            async with connect(server.uri, ssl=contexts.client) as client:
                assert client.opened
        assert server.connections == set()

    run(main())


def test_a_tls_client_on_a_plain_port_ends_cleanly(contexts: Contexts) -> None:
    async def main() -> None:
        async with serve(echo) as server:
            with pytest.raises(OSError):  # noqa: PT011 - which one depends on the version of OpenSSL
                await connect(f"wss://127.0.0.1:{server.port}/", ssl=contexts.client)
            async with connect(server.uri) as client:
                assert client.opened

    run(main())


def test_a_client_that_never_begins_tls_is_left_after_the_opening_deadline(contexts: Contexts) -> None:
    async def main() -> None:
        async with (
            serve(echo, ssl=contexts.server, timeouts=Timeouts(opening=SOON)) as server,
            raw_client(server.port, handshake=False) as peer,
        ):
            assert await peer.rest() == b""

    run(main())


def test_a_server_that_never_answers_tls_is_left_after_the_opening_deadline(contexts: Contexts) -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            try:
                while await peer.some():
                    pass
            except ConnectionResetError:
                return

        async with raw_server(script) as port:
            with pytest.raises(TimeoutError):
                await connect(f"wss://127.0.0.1:{port}/", ssl=contexts.client, timeouts=Timeouts(opening=SOON))

    run(main())


def test_a_peer_that_vanishes_inside_tls_ends_in_1006(contexts: Contexts) -> None:
    async def main() -> None:
        times = Timeouts(ping_interval=SOON, ping_timeout=SOON, closing=SOON)
        server = {"ssl": contexts.server}
        async with pair(client={"ssl": contexts.client, "timeouts": times}, server=server) as ends:
            ends.server.vanish()
            with pytest.raises(ConnectionClosedError) as caught:
                await ends.client.recv()
            assert caught.value.code == 1006
            ends.server.abort()

    run(main())


def test_frames_are_the_same_with_and_without_tls() -> None:
    plain, secure = (record("tour", seed=5, tls=tls) for tls in (False, True))

    def frames(trace: Trace) -> list[object]:
        steps = (record.step for record in trace if record.step.endpoint == "client")
        return [(step.sent, step.frame) for step in steps if isinstance(step, FrameComplete)]

    assert frames(plain) == frames(secure)
    assert len(frames(plain)) > 8


def test_without_trustme_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    for call in (lambda: throwaway_contexts("localhost"), lambda: record("tls", seed=1)):
        with pytest.raises(MissingExtraError) as caught:
            call()
        assert (caught.value.extra, caught.value.package) == ("tls", "trustme")
        assert "pip install 'wsedu[tls]'" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_nothing_is_logged_as_an_error(contexts: Contexts, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with (
            serve(echo, ssl=contexts.server) as server,
            connect(server.uri, ssl=contexts.client) as client,
        ):
            await client.send("fine")
            assert await client.recv() == "fine"

    with caplog.at_level(logging.INFO):
        run(main())
    assert [entry for entry in caplog.records if entry.levelno >= logging.WARNING] == []
