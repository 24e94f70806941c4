"""What an application is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from ..loopback import Endpoint
from ..protocol.http import Request, Response
from ..protocol.steps import HandshakeRequest
from ..trace.trace import Record


class App:
    """An application of a server; by itself it takes what comes, and says nothing."""

    async def serve(self, endpoint: Endpoint) -> None:
        """Speak with one client until the connection is closed.

        Raises:
            ConnectionClosed: it was closed in another way than the application expected.
        """
        async for _ in endpoint:
            pass

    async def stop(self) -> None:
        """End what has to end first when the server stops; then it closes every connection that is left."""

    def page(self, request: Request) -> Response | None:
        """The answer to an ordinary GET; None refuses it as RFC 6455 §4.2.1 demands."""
        return None

    def hides(self, request: HandshakeRequest) -> bool:
        """Whether a connection that begins with this request is the application's own affair, and is not told."""
        return False

    def watch(self, record: Record) -> None:
        """Take notice of a step of the server; called for those connections that are told."""


NAMES = ("page", "echo", "chat", "clock")
"""The applications by name, the default one first; each is a module of this package with a class `Application`."""


def application(name: str, language: str) -> App:
    """A new application.

    Arguments:
        name: one of `NAMES`.
        language: `en` or `zh`, where nobody asks for another one.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    make = cast(Callable[[str], App], import_module(f".{name}", __package__).Application)
    return make(language)
