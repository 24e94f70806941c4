"""Where a command is asked to listen: a port and a host that there can be."""

from __future__ import annotations

from .context import UserError

MAX_PORT = 0xFFFF


def check_port(port: int) -> None:
    """Refuse a number that no port has.

    Raises:
        UserError: it is not 0 to 65535 (RFC 9293 §3.1).
    """
    if not 0 <= port <= MAX_PORT:
        raise UserError("cli.port.wrong", port=port, most=MAX_PORT)


def check_name(host: str) -> None:
    """Refuse a host of which nobody knows an address, before anything is said about who can reach it.

    Raises:
        UserError: it is no address, and a name that is not known.
    """
    import socket

    try:
        # None is every address, as an empty host is for a server.
        socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UserError("cli.host.unknown", host=repr(host)) from None
