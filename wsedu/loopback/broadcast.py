"""One message to many connections, without waiting for any of them."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocol.types import State
from .endpoint import Endpoint


def broadcast(endpoints: Iterable[Endpoint], message: str | bytes) -> None:
    """Send a message to every connection that is open; the others are left out.

    It does not wait: for one who reads slowly the message waits in memory, up to the `max_outgoing` of its
    endpoint. None of the endpoints may be in the middle of a message that it sends in fragments.

    Arguments:
        endpoints: to whom.
        message: str is sent as text, bytes as binary.

    Raises:
        LocalViolation: the message may not be sent.
    """
    for endpoint in list(endpoints):
        if endpoint.state is not State.OPEN:
            continue
        if isinstance(message, str):
            endpoint.connection.send_text(message)
        else:
            endpoint.connection.send_binary(message)
        endpoint.flush()
