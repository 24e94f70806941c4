"""The application behind the page: an echo, beside it the trace of that echo, and orders to the server.

The page opens two connections. Over `/trace` it learns a token, then gets the steps of every connection that
was opened with that token, `/?watch=TOKEN`; nobody sees the steps of another page. Connections to `/trace` are
not told themselves, or each step that is sent would make more steps without end.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from ...explain.catalogue import LANGUAGES
from ...loopback import Endpoint
from ...protocol.http import Request, Response, ascii_lower
from ...protocol.response import error_response
from ...protocol.steps import HandshakeRequest
from ...trace.trace import Record
from ..app import App
from .document import document
from .watching import Watcher, Watchers

TRACE = "/trace"
"""Where the page gets what the server traced."""


class Application(App):
    """Serves the page, echoes what it sends, and shows it the server's steps.

    Arguments:
        language: of a page whose browser does not ask for one that we have.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._watchers = Watchers()

    def page(self, request: Request) -> Response | None:
        """The page on `/`, in the language of `?lang=`, else of Accept-Language; 404 for anything else."""
        if urlsplit(request.target).path != "/":
            return error_response(404, b"not found\n")
        return document(self._language_of(request))

    def hides(self, request: HandshakeRequest) -> bool:
        """Connections to `/trace`, and ordinary GETs, are not told."""
        names = {ascii_lower(name) for name, _ in request.headers}
        return "upgrade" not in names or _path(request.line.split(" ")[1]) == TRACE

    def watch(self, record: Record) -> None:
        """See `App`."""
        self._watchers.take(record)

    async def stop(self) -> None:
        """The connections that are watched end before those over which they are watched."""
        await self._watchers.stop()

    async def serve(self, endpoint: Endpoint) -> None:
        """See `App`."""
        assert endpoint.request is not None
        if _path(endpoint.request.target) == TRACE:
            await self._show_trace(endpoint, self._language_of(endpoint.request))
        else:
            await self._echo(endpoint)

    async def _echo(self, endpoint: Endpoint) -> None:
        self._watchers.opened(endpoint)
        async for message in endpoint:
            await endpoint.send(message)

    async def _show_trace(self, endpoint: Endpoint, language: str) -> None:
        watcher = Watcher(endpoint, language)
        self._watchers.add(watcher)
        try:
            await watcher.greet()
            async for message in endpoint:
                watcher.obey(message)
        finally:
            self._watchers.discard(watcher)

    def _language_of(self, request: Request) -> str:
        wanted = parse_qs(urlsplit(request.target).query).get("lang", [])
        wanted += [token.partition(";")[0] for token in request.headers.tokens("Accept-Language")]
        for name in wanted:
            primary = ascii_lower(name.strip()).partition("-")[0]
            if primary in LANGUAGES:
                return primary
        return self._language


def _path(target: str) -> str:
    """The path of a request target."""
    return urlsplit(target).path
