"""`python -m wsedu serve`: a real server, every frame explained as it passes."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..protocol.http import TOKEN
from .compression import extensions_for
from .context import UserError
from .limits import add_argument, read_limits
from .listening import check_name, check_port
from .saving import save_all, savers_of, suffixes

if TYPE_CHECKING:
    import ssl

    from rich.console import RenderableType

    from ..apps.app import App
    from ..loopback import Server
    from ..protocol.steps import FrameComplete
    from ..trace.trace import Record, Trace
    from .context import Context
    from .parser import Parser

HOST = "127.0.0.1"
LOCAL = ("localhost", HOST, "::1")
"""What a browser on this machine may call a server on it."""

PORT = 8000
APPLICATIONS = ("page", "echo", "chat", "clock")
"""As `wsedu.apps.app.NAMES`, which would load asyncio for every help; a test compares them."""

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\s]+")


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    say = context.say
    parser.add_argument("--app", choices=APPLICATIONS, default=APPLICATIONS[0], help=say("cli.serve.app"))
    parser.add_argument("--host", default=HOST, help=say("cli.serve.host"))
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=say("cli.serve.port"))
    parser.add_argument("--public", action="store_true", help=say("cli.serve.public"))
    parser.add_argument("--tls", action="store_true", help=say("cli.serve.tls"))
    parser.add_argument("--tls-cert", metavar="FILE", help=say("cli.serve.cert"))
    parser.add_argument("--tls-key", metavar="FILE", help=say("cli.serve.key"))
    parser.add_argument("--tls-ca", metavar="FILE", help=say("cli.serve.ca"))
    parser.add_argument("--subprotocol", action="append", default=[], metavar="NAME", help=say("cli.serve.subprotocol"))
    parser.add_argument("--origin", action="append", default=[], metavar="ORIGIN", help=say("cli.serve.origin"))
    parser.add_argument("--compress", action="store_true", help=say("cli.serve.compress"))
    add_argument(parser, context)
    parser.add_argument(
        "--save", action="append", default=[], metavar="FILE", help=say("cli.serve.save", suffixes=suffixes())
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help=say("cli.serve.json"))
    output.add_argument("--brief", action="store_true", help=say("cli.tap.brief"))
    parser.add_argument("--quiet", action="store_true", help=say("cli.serve.quiet"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from ..loopback.server import check_host

    if arguments.quiet and (arguments.save or arguments.json or arguments.brief):
        raise UserError("cli.serve.quiet.alone")
    _check_tls(arguments)
    for number, name in enumerate(arguments.subprotocol):
        if not TOKEN.fullmatch(name) or name in arguments.subprotocol[:number]:
            raise UserError("cli.serve.subprotocol.wrong", name=repr(name))
    for origin in arguments.origin:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise UserError("cli.serve.origin.wrong", origin=repr(origin))
    check_port(arguments.port)
    check_name(arguments.host)
    try:
        check_host(arguments.host, public=arguments.public)
    except ValueError:
        raise UserError("cli.serve.public.missing", host=arguments.host) from None
    savers = savers_of(arguments.save)
    service = _Service(arguments, context)
    try:
        asyncio.run(service.run())
    finally:
        if savers:
            save_all(service.kept, savers, context)
    return 0


def _check_tls(arguments: argparse.Namespace) -> None:
    """Refuse files that would not be used."""
    if not arguments.tls and (arguments.tls_ca or arguments.tls_cert or arguments.tls_key):
        raise UserError("cli.serve.tls.alone")
    if arguments.tls_key and not arguments.tls_cert:
        raise UserError("cli.serve.key.alone")
    if arguments.tls_ca and arguments.tls_cert:
        raise UserError("cli.serve.ca.none")


class _Service:
    """One run of the command.

    Attributes:
        kept: the trace that is saved; empty unless that is asked for.
    """

    def __init__(self, arguments: argparse.Namespace, context: Context) -> None:
        from ..apps.app import application
        from ..protocol.steps import Level
        from ..trace.trace import Trace

        self._arguments = arguments
        self._context = context
        self._app: App = application(arguments.app, context.language)
        self._ssl = self._tls() if arguments.tls else None
        self._limits = read_limits(arguments.limit)
        self.kept = Trace(level=Level.BASE)
        self._stop = asyncio.Event()
        self._failure: Exception | None = None

    async def run(self) -> None:
        """Listen until a signal comes, then say 1001 to all.

        Raises:
            OSError: it cannot listen there.
        """
        from ..loopback import serve

        loop = asyncio.get_running_loop()
        with _signals(loop, self._stop.set):
            origins, same_host = self._origins()
            listening = serve(
                self._app.serve,
                self._arguments.host,
                self._arguments.port,
                ssl=self._ssl,
                public=self._arguments.public,
                subprotocols=self._arguments.subprotocol,
                origins=origins,
                same_host=same_host,
                extensions=extensions_for(self._arguments.compress),
                trace=False if self._arguments.quiet else self._trace(),
                serve_page=self._app.page,
                hosts=self._hosts(),
                **self._limits,
            )
            async with listening as server:
                self._announce(server)
                await self._stop.wait()
                await self._leave(server, loop)
        if self._failure is not None:
            raise self._failure

    async def _leave(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        """Close with 1001; a second signal does not wait for those who do not answer."""
        from ..protocol.types import State

        def abort() -> None:
            for endpoint in list(server.connections):
                endpoint.abort()

        with _signals(loop, abort):
            clients = sum(endpoint.state is State.OPEN for endpoint in server.connections)
            if clients:
                self._context.complain("cli.serve.stopping", count=clients)
            await self._app.stop()
            await server.close()
        self._context.complain("cli.serve.stopped")

    def _origins(self) -> tuple[Sequence[str | None] | None, bool]:
        """The allow list of the policy, and whether to compare with the Host field instead."""
        wanted: list[str] = self._arguments.origin
        if not wanted:
            return None, True
        return (None if "*" in wanted else [*wanted, None]), False

    def _hosts(self) -> set[str] | None:
        """The names in Host by which it is served: those of this machine, and those of the allow list.

        Any name where other machines are let in, since nobody knows what they call this one, and where pages of any
        origin are served.
        """
        from ..loopback.server import check_host

        host, origins = self._arguments.host, self._arguments.origin
        try:
            check_host(host, public=False)
        except ValueError:
            return None
        names = (*LOCAL, host, *(urlsplit(origin).hostname or "" for origin in origins))
        return None if "*" in origins else {f"[{name}]" if ":" in name else name.lower() for name in names}

    def _tls(self) -> ssl.SSLContext:
        from ..loopback.tls import throwaway_contexts
        from ..trace.files import write_whole

        arguments = self._arguments
        if arguments.tls_cert:
            return _own_certificate(arguments.tls_cert, arguments.tls_key)
        contexts = throwaway_contexts(*LOCAL, arguments.host)
        if arguments.tls_ca:
            write_whole(arguments.tls_ca, contexts.authority)
        return contexts.server

    def _announce(self, server: Server) -> None:
        """Where it listens: the line that other programs wait for, on standard error where JSON has the output."""
        context, page = self._context, self._arguments.app == "page"
        lines = [context.say("cli.serve.listening", uri=server.uri)]
        if not self._arguments.quiet:
            if page:
                lines.append(context.say("cli.serve.open", uri=server.uri.replace("ws", "http", 1)))
            lines.append(context.say("cli.serve.origins", origins=self._origins_said()))
        out = sys.stderr if self._arguments.json else sys.stdout
        for line in lines:
            out.write(line + "\n")
        out.flush()

    def _origins_said(self) -> str:
        wanted: list[str] = self._arguments.origin
        if not wanted:
            return self._context.say("cli.serve.origins.same")
        return self._context.say("cli.serve.origins.any") if "*" in wanted else ", ".join(wanted)

    # --- Telling ---

    def _trace(self) -> Trace:
        """A trace that keeps nothing itself: it tells whoever wants to know."""
        from ..apps.told import Told
        from ..protocol.steps import Level
        from ..trace.trace import Trace

        trace = Trace(level=Level.BASE, keep=False)
        sinks: list[Callable[[Record], None]] = [self._app.watch]
        if self._arguments.save:
            sinks.append(self.kept.records.append)
        sinks.append(self._json_lines(trace) if self._arguments.json else self._teller())
        trace.subscribe(Told(self._app.hides, *sinks))
        return trace

    def _json_lines(self, trace: Trace) -> Callable[[Record], None]:
        from ..trace.jsonl import header_line, record_line

        def write(line: str) -> None:
            try:
                self._context.write(line)
                sys.stdout.flush()
            except OSError as error:
                self._fail(error)

        write(header_line(trace.header))
        return lambda record: write(record_line(record))

    def _teller(self) -> Callable[[Record], None]:
        if self._arguments.brief:
            return self._brief_lines()
        from .live import LiveTeller

        def show(block: RenderableType, frame: FrameComplete | None) -> None:
            self._context.show(block)
            sys.stdout.flush()

        return LiveTeller(self._context.language, self._context.console.width, show, self._fail)

    def _brief_lines(self) -> Callable[[Record], None]:
        from .brief import Brief

        loop, brief = asyncio.get_running_loop(), Brief(self._context)
        due: list[asyncio.Handle] = []

        def flush() -> None:
            due.clear()
            try:
                brief.flush()
            except OSError as error:
                self._fail(error)

        def take(record: Record) -> None:
            brief.take(record)
            if not due:
                # What a frame breaks is found in the same turn as the frame itself.
                due.append(loop.call_soon(flush))

        return take

    def _fail(self, error: Exception) -> None:
        """What was to be shown cannot be shown, such as to a reader who has gone: stop."""
        self._failure = self._failure or error
        self._stop.set()


def _own_certificate(chain: str, key: str | None) -> ssl.SSLContext:
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    for file in filter(None, (chain, key)):
        # OpenSSL does not say which file it cannot read.
        Path(file).open("rb").close()
    try:
        # Without a password OpenSSL would ask for one in a language of its own.
        context.load_cert_chain(chain, key, password="")
    except ssl.SSLError:
        raise UserError("cli.serve.cert.wrong", file=chain if key is None else f"{chain}, {key}") from None
    return context


class _signals:  # noqa: N801 - it reads as a statement
    """While the block runs, Ctrl-C and SIGTERM call a function; where that cannot be had, Python's own way is left."""

    def __init__(self, loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
        self._loop = loop
        self._act = act

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                self._loop.add_signal_handler(number, self._act)

    def __exit__(self, *ignored: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                self._loop.remove_signal_handler(number)
