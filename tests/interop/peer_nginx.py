"""nginx as a reverse proxy between our end and that of another peer; it ends TLS, as it does on most servers."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ..conftest import require_component
from ..loopback.net import HOST
from .ends import Dial, Manner, Other, Peer, Serve, Server, certificate

PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
"""Debian has nginx where only the administrator's PATH looks."""

READY = b"event method"
"""In what nginx says as soon as it listens."""

ATTEMPTS = 5
"""To find a free port, which another process may take before nginx does."""

CONFIGURATION = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr notice;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port}{tls};
        location / {{
            proxy_pass http://{upstream};
            proxy_http_version 1.1;
            proxy_set_header Host $host:$server_port;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }}
    }}
}}
"""
TLS = """ ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key}"""


def path() -> str:
    """Where nginx is."""
    found = shutil.which("nginx", path=PLACES)
    if found is None:
        require_component("nginx", "apt install nginx-light")
    assert found is not None
    return found


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])


def configuration(folder: Path, port: int, upstream: str, manner: Manner) -> Path:
    """The file that tells nginx what to do."""
    tls = TLS.format(chain=certificate().chain, key=certificate().key) if manner.tls else ""
    file = folder / "nginx.conf"
    text = CONFIGURATION.format(folder=folder, host=HOST, port=port, tls=tls, upstream=urlsplit(upstream).netloc)
    file.write_text(text, encoding="utf-8")
    return file


async def start(folder: Path, upstream: str, manner: Manner) -> tuple[asyncio.subprocess.Process, int]:
    """A process of nginx that listens, and its port."""
    for _ in range(ATTEMPTS):
        port = free_port()
        file = configuration(folder, port, upstream, manner)
        process = await asyncio.create_subprocess_exec(
            *(path(), "-e", "stderr", "-p", str(folder), "-c", str(file)), stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        told = b""
        while line := await process.stderr.readline():
            told += line
            if READY in line:
                return process, port
        await process.wait()
    raise AssertionError(told.decode(errors="replace"))


@asynccontextmanager
async def proxy(upstream: str, manner: Manner) -> AsyncIterator[str]:
    """A URI of nginx that leads to the server at another, whose scheme is ws."""
    with tempfile.TemporaryDirectory(prefix="wsedu-nginx-") as folder:
        process, port = await start(Path(folder), upstream, manner)
        try:
            yield f"{manner.scheme}://{HOST}:{port}/chat"
        finally:
            process.terminate()
            await process.communicate()


class Proxied:
    """See `Server`: nginx in front of a server."""

    def __init__(self, uri: str, behind: Server) -> None:
        self.uri = uri
        self._behind = behind

    async def next(self) -> Other:
        return await self._behind.next()


def server_of(peer: Peer) -> Serve | None:
    """nginx in front of that peer's server; None if it is no server."""
    serve = peer.server
    if serve is None:
        return None

    @asynccontextmanager
    async def server(manner: Manner, refuse: bool) -> AsyncIterator[Server]:
        async with serve(Manner(False, manner.compress), refuse) as behind, proxy(behind.uri, manner) as uri:
            yield Proxied(uri, behind)

    return server


def client_of(peer: Peer) -> Callable[[], AbstractAsyncContextManager[Dial]]:
    """That peer's client, which nginx leads to our server."""
    assert peer.client is not None
    connected = peer.client

    @asynccontextmanager
    async def client() -> AsyncIterator[Dial]:
        fronts: dict[tuple[str, Manner], str] = {}
        async with connected() as dial, AsyncExitStack() as stack:

            @asynccontextmanager
            async def through(uri: str, manner: Manner) -> AsyncIterator[Other]:
                if (uri, manner) not in fronts:
                    fronts[uri, manner] = await stack.enter_async_context(proxy(uri, manner))
                async with dial(fronts[uri, manner], manner) as end:
                    yield end

            yield through

    return client


def version() -> str:
    """As `nginx -v` has it."""
    told = subprocess.run([path(), "-v"], capture_output=True, text=True, check=True, timeout=30).stderr
    found = re.search(r"nginx/([\d.]+)", told)
    return found[1] if found else told.strip()


def through(peer: Peer) -> Peer:
    """The peer beyond nginx: its server behind it, its client in front of it with ours behind."""
    return replace(
        peer,
        name=f"nginx, {peer.name} beyond",
        version=version,
        client=client_of(peer),
        server=server_of(peer),
        ends_tls=True,
    )
