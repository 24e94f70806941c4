"""Where a server listens: on this machine, unless it is told otherwise in so many words."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from wsedu.loopback import Endpoint, connect, serve

from .net import run


async def wait(endpoint: Endpoint) -> None:
    await endpoint.wait_closed()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "2001:db8::1", "example.com", "localhost.example"])
def test_a_host_that_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="public=True"):
        serve(wait, host)


def test_a_host_that_others_can_reach_is_allowed_in_so_many_words() -> None:
    async def main() -> None:
        async with serve(wait, "0.0.0.0", public=True) as server:
            assert server.host == "0.0.0.0"
            async with connect(f"ws://127.0.0.1:{server.port}/") as client:
                assert client.opened

    run(main())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_hosts(host: str) -> None:
    if host == "127.0.0.2" and not sys.platform.startswith("linux"):
        # Other systems have only 127.0.0.1 on their loopback interface until it is added by hand.
        host = "127.0.0.1"

    async def main() -> None:
        async with serve(wait, host) as server, connect(server.uri) as client:
            assert client.remote_address[:2] == (server.host, server.port)
            assert server.uri == f"ws://{'[::1]' if ':' in server.host else server.host}:{server.port}/"

    run(main())


def test_ipv6_where_the_machine_has_it() -> None:
    reason = why_no_ipv6()

    async def main() -> None:
        if reason is not None:
            # This machine has no IPv6 loopback: then listening there fails for that reason, and no other.
            with pytest.raises(OSError) as caught:  # noqa: PT011 - its number is compared below
                await serve(wait, "::1").__aenter__()
            assert caught.value.errno == reason
            return
        async with serve(wait, "::1") as server:
            assert server.uri == f"ws://[::1]:{server.port}/"
            async with connect(server.uri) as client:
                assert client.request is not None
                assert client.request.headers.get("Host") == f"[::1]:{server.port}"
                assert client.remote_address[0] == "::1"

    run(main())


def why_no_ipv6() -> int | None:
    """The error that the operating system gives for a socket on ::1; None if it has one."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return error.errno
    return None


def test_a_port_that_is_taken_is_an_oserror() -> None:
    async def main() -> None:
        async with serve(wait) as server:
            with pytest.raises(OSError, match="address already in use"):
                await serve(wait, port=server.port).__aenter__()

    run(main())


def test_connections_are_listed_while_they_are_open() -> None:
    async def main() -> None:
        async with serve(wait) as server:
            async with connect(server.uri), connect(server.uri):
                assert len(server.connections) == 2
            while server.connections:
                await asyncio.sleep(0.001)

    run(main())


def test_serve_forever_serves_until_it_is_cancelled() -> None:
    async def main() -> None:
        async with serve(wait) as server:
            serving = asyncio.create_task(server.serve_forever())
            async with connect(server.uri) as client:
                assert client.opened
            serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await serving

    run(main())


def test_many_connections_at_once() -> None:
    async def main() -> None:
        async def echo(endpoint: Endpoint) -> None:
            async for message in endpoint:
                await endpoint.send(message)

        async def talk(number: int) -> bool:
            async with connect(server.uri) as client:
                await client.send(f"I am {number}")
                return await client.recv() == f"I am {number}"

        async with serve(echo) as server:
            assert all(await asyncio.gather(*map(talk, range(50))))

    run(main())
