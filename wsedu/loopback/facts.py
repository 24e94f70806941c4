"""What can be asked of a connection on a socket: its handshake, its addresses, how it was closed."""

from __future__ import annotations

from typing import Any

from ..protocol.http import Request, Response
from ..trace.trace import Trace
from .wire import Wire


class Facts(Wire):
    """The facts of an `Endpoint`; none of them changes anything."""

    __slots__ = ()

    @property
    def trace(self) -> Trace | None:
        """The trace that this connection records into, None if it does not."""
        return self._trace

    @property
    def number(self) -> int | None:
        """The number of this connection in its trace, None without one."""
        return self._number

    @property
    def request(self) -> Request | None:
        """The request of the opening handshake."""
        return self.connection.request

    @property
    def response(self) -> Response | None:
        """The response of the opening handshake."""
        return self.connection.response

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol in use, None without."""
        return self.connection.subprotocol

    @property
    def close_code(self) -> int | None:
        """The status code of RFC 6455 §7.1.5, None while the connection is open."""
        return self.connection.close_code

    @property
    def close_reason(self) -> str | None:
        """The reason of RFC 6455 §7.1.6, None while the connection is open."""
        return self.connection.close_reason

    @property
    def local_address(self) -> Any:
        """This end of the socket: for IP, host and port."""
        return None if self._transport is None else self._transport.get_extra_info("sockname")

    @property
    def remote_address(self) -> Any:
        """The other end of the socket: for IP, host and port."""
        return None if self._transport is None else self._transport.get_extra_info("peername")
