"""`replay_client` and `replay_server`: one side of a recorded exchange, played again against a real peer.

What comes back is compared with what was recorded, frame by frame, up to the first difference. Masking keys and
Sec-WebSocket-Accept differ from run to run, as they have to, and are not compared: the accept value is checked
against the key of the run itself.
"""

from __future__ import annotations

import asyncio
import os
import ssl as ssl_module
from collections.abc import Callable

from ..protocol.uri import parse_uri
from .replay_handshake import ClientHandshake, ServerHandshake
from .replay_player import Outcome, Player
from .replay_script import Script
from .server import check_host

PATIENCE = 5.0
"""Seconds that the peer may be slower than it was in the recording, and that it is listened to at the end."""


async def replay_client(
    script: Script,
    uri: str,
    *,
    fast: bool = False,
    public: bool = False,
    ssl: ssl_module.SSLContext | None = None,
    patience: float = PATIENCE,
    origin: str | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Outcome:
    """Play the client of a recording against a server.

    Arguments:
        script: the client's part.
        uri: of the server; its resource name counts if it is more than `/`, else the recorded one does.
        fast: wait for what the client had waited for, and for nothing else; without it, also as long as recorded.
        public: allow a server beyond this machine.
        ssl: for wss, a context other than Python's default one.
        patience: seconds that the server may be slower than in the recording, and that it is listened to at the end
            unless it ends TCP before.
        origin: value of the Origin field in place of the recorded one; empty for a request without that field.
        random_bytes: gives the key of the handshake.

    Raises:
        LocalViolation: the URI is not legal.
        ValueError: the server is not on this machine and `public` is not set.
        OSError, TimeoutError: there is no connection to it.
    """
    target = parse_uri(uri)
    check_host(target.host, public=public)
    context = (ssl or ssl_module.create_default_context()) if target.secure else None
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(
            target.host, target.port, ssl=context, server_hostname=target.host if context else None
        )
    player = Player(script, reader, writer, fast=fast, patience=patience)
    return await player.run(ClientHandshake(script, target, random_bytes, origin))


async def replay_server(
    script: Script,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    fast: bool = False,
    public: bool = False,
    patience: float = PATIENCE,
    listening: Callable[[str], None] | None = None,
) -> Outcome:
    """Play the server of a recording against the first client that comes.

    Arguments:
        script: the server's part.
        host: where to listen.
        port: where to listen; 0 for a free one.
        fast, patience: see `replay_client`.
        public: allow a host that others can reach.
        listening: called with the URI as soon as a client can come.

    Raises:
        ValueError: the host is not a loopback address and `public` is not set.
        OSError: it cannot listen there.
    """
    check_host(host, public=public)
    outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if taken:
            writer.transport.abort()
            return
        taken.append(True)
        try:
            result = await Player(script, reader, writer, fast=fast, patience=patience).run(ServerHandshake(script))
        except BaseException as error:
            if not outcome.done():
                outcome.set_exception(error)
            return
        if not outcome.done():
            outcome.set_result(result)

    taken: list[bool] = []
    server = await asyncio.start_server(play, host, port)
    try:
        if listening is not None:
            bound = server.sockets[0].getsockname()
            shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            listening(f"ws://{shown}:{bound[1]}/")
        return await outcome
    finally:
        server.close()
