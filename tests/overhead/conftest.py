from __future__ import annotations

import ssl
from contextlib import suppress

import pytest

from wsedu.loopback.tls import throwaway_contexts


@pytest.fixture
def tls_pair() -> tuple[ssl.SSLObject, ssl.MemoryBIO]:
    """A client over TLS 1.3 whose handshake is done, and where what it sends can be read."""
    contexts = throwaway_contexts("127.0.0.1")
    to_client, to_server, from_client, from_server = (ssl.MemoryBIO() for _ in range(4))
    client = contexts.client.wrap_bio(to_client, from_client, server_hostname="127.0.0.1")
    server = contexts.server.wrap_bio(to_server, from_server, server_side=True)
    for _ in range(3):
        for end in (client, server):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
            to_server.write(from_client.read())
            to_client.write(from_server.read())
    assert client.version() == "TLSv1.3"
    return client, from_client
