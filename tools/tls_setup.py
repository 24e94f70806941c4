"""Make wsedu/overhead/tls_setup.json: the bytes of each flight of a full TLS 1.3 handshake between two ends in memory.

python tools/tls_setup.py
"""

from __future__ import annotations

import json
import ssl
from contextlib import suppress
from pathlib import Path

from wsedu.loopback.tls import throwaway_contexts

FILE = Path(__file__).parents[1] / "wsedu" / "overhead" / "tls_setup.json"
HOST = "127.0.0.1"


class End:
    """One end: its TLS, what reaches it, what it has to send, and the bytes of each flight of that.

    Arguments:
        context: of its role.
        server: whether it is the server.
    """

    def __init__(self, context: ssl.SSLContext, *, server: bool) -> None:
        self.inbox, self._outbox = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(
            self.inbox, self._outbox, server_side=server, server_hostname=None if server else HOST
        )
        self.flights: list[int] = []

    def turn(self, peer: End) -> bool:
        """Go on with the handshake, and hand over what there is to send; whether there was anything."""
        with suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        with suppress(ssl.SSLWantReadError):
            self.tls.read(1)  # takes the session tickets, which follow the handshake
        data = self._outbox.read()
        peer.inbox.write(data)
        if data:
            self.flights.append(len(data))
        return bool(data)


def main() -> None:
    """Do a handshake, and write what it took."""
    contexts = throwaway_contexts(HOST)
    client, server = End(contexts.client, server=False), End(contexts.server, server=True)
    while client.turn(server) | server.turn(client):
        pass
    assert client.tls.version() == "TLSv1.3"
    counted = {"client": client.flights, "server": server.flights, "made_by": ssl.OPENSSL_VERSION}
    FILE.write_text(json.dumps(counted) + "\n", encoding="utf-8")
    print(counted)


if __name__ == "__main__":
    main()
