"""`python -m wsedu connect URL`: an interactive client that shows every frame, control frames included."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from .compression import extensions_for
from .context import UserError
from .saving import save_all, savers_of, suffixes
from .trust import add_trust, trusted

if TYPE_CHECKING:
    import ssl

    from rich.console import RenderableType

    from ..loopback import Endpoint, HandshakeFailed
    from ..loopback import connect as connection
    from ..protocol.steps import FrameComplete
    from ..trace.trace import Record
    from .context import Context
    from .parser import Parser

DONE, FAILED, USAGE = 0, 1, 2

WAIT = 1.0
"""Seconds of silence after the last line from a pipe."""


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    say = context.say
    parser.add_argument("uri", metavar="URL", help=say("cli.connect.uri"))
    parser.add_argument("--origin", metavar="ORIGIN", help=say("cli.connect.origin"))
    parser.add_argument(
        "--subprotocol", action="append", default=[], metavar="NAME", help=say("cli.connect.subprotocol")
    )
    parser.add_argument("--header", action="append", default=[], metavar="LINE", help=say("cli.connect.header"))
    add_trust(parser, context)
    parser.add_argument("--compress", action="store_true", help=say("cli.connect.compress"))
    parser.add_argument("--wait", type=float, default=WAIT, metavar="SECONDS", help=say("cli.connect.wait"))
    parser.add_argument(
        "--save", action="append", default=[], metavar="FILE", help=say("cli.connect.save", suffixes=suffixes())
    )
    parser.add_argument("--json", action="store_true", help=say("cli.connect.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Connect and talk until one side closes."""
    if not arguments.wait >= 0:
        raise UserError("cli.connect.wait.wrong", seconds=arguments.wait)
    headers = [_header(line) for line in arguments.header]
    savers = savers_of(arguments.save)
    session = _Session(arguments, headers, _tls(arguments), context)
    try:
        return asyncio.run(session.run())
    finally:
        if savers:
            save_all(session.trace, savers, context)


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise UserError("cli.connect.header.wrong", header=repr(line))
    return name.strip(), value.strip()


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    """What TLS trusts; a URL that is none is told by whoever connects to it."""
    return trusted(arguments, secure=not arguments.uri.lower().startswith("ws:"))


GRACE = 1.0
"""Seconds that an interrupted client waits for the answer to its Close frame."""


class _Session:
    """One run of the command.

    Attributes:
        trace: what was recorded; empty unless it is saved.
    """

    def __init__(
        self,
        arguments: argparse.Namespace,
        headers: list[tuple[str, str]],
        tls: ssl.SSLContext | None,
        context: Context,
    ) -> None:
        from ..protocol.steps import Level
        from ..trace.trace import Trace

        self._arguments = arguments
        self._headers = headers
        self._tls = tls
        self._context = context
        self._hidden: set[str] = set()
        self._failure: Exception | None = None
        self._heard = bytearray()
        self._asked: int | None = None
        self.trace = Trace(level=Level.BASE, keep=bool(arguments.save))
        self.trace.subscribe(self._hear)

    async def run(self) -> int:
        """Open, talk, close.

        Returns:
            0 after a clean end, 1 if the connection was refused or failed, 2 for a wrong line from a pipe.
        """
        self._finish = self._listen()
        try:
            endpoint = await self._open()
            wrong = endpoint is not None and await self._talk(endpoint)
        finally:
            self._finish()
        if self._failure is not None:
            raise self._failure
        if endpoint is None:
            return FAILED
        return USAGE if wrong else self._verdict(endpoint)

    # --- Opening ---

    async def _open(self) -> Endpoint | None:
        """The connection; None if there is none, and why has been said."""
        from ..loopback import HandshakeFailed
        from ..protocol.types import Timeouts
        from .connect_failures import why_unreachable

        arguments = self._arguments
        connecting = self._connection()
        try:
            return await connecting
        except HandshakeFailed as error:
            self._refused(error)
        except TimeoutError:
            self._context.complain("cli.connect.late", uri=arguments.uri, seconds=Timeouts().opening)
        except OSError as error:
            # No byte has gone out: there is no story to tell of a request that was only prepared.
            self._finish = lambda: None
            problem = why_unreachable(error, self._context)
            self._context.complain("cli.connect.unreachable", uri=arguments.uri, problem=problem)
        return None

    def _connection(self) -> connection:
        from ..loopback import connect

        arguments = self._arguments
        return connect(
            arguments.uri,
            ssl=self._tls,
            subprotocols=arguments.subprotocol,
            extensions=extensions_for(arguments.compress),
            origin=arguments.origin,
            headers=self._headers,
            trace=self.trace,
        )

    def _hear(self, record: Record) -> None:
        """Keep the beginning of what comes from the server."""
        from ..protocol.steps import BytesReceived
        from .connect_failures import BEGINNING

        if isinstance(record.step, BytesReceived) and len(self._heard) <= BEGINNING:
            self._heard += record.step.data[: BEGINNING + 1]

    def _refused(self, error: HandshakeFailed) -> None:
        from .connect_failures import why_refused

        # Both heads first, then what is wrong with them.
        self._finish()
        problem = why_refused(error, bytes(self._heard), self._context)
        self._context.complain("cli.connect.refused", uri=self._arguments.uri, problem=problem)

    # --- Telling ---

    def _listen(self) -> Callable[[], None]:
        """Have the trace told as it grows; the returned function tells what is left when nothing more will come."""
        if self._arguments.json:
            self._print_lines()
            return lambda: None
        from .live import LiveTeller

        teller = LiveTeller(self._context.language, self._context.console.width, self._show, self._fail, numbered=False)
        self.trace.subscribe(teller)
        return teller.finish

    def _print_lines(self) -> None:
        from ..trace.jsonl import header_line, record_line

        def write(line: str) -> None:
            try:
                self._context.write(line)
                sys.stdout.flush()
            except OSError as error:
                self._fail(error)

        write(header_line(self.trace.header))
        self.trace.subscribe(lambda record: write(record_line(record)))

    def _show(self, block: RenderableType, frame: FrameComplete | None) -> None:
        if frame is not None and ("control" if frame.frame.is_control else "data") in self._hidden:
            return
        self._context.show(block)
        sys.stdout.flush()

    def _fail(self, error: Exception) -> None:
        self._failure = self._failure or error

    # --- Talking ---

    async def _talk(self, endpoint: Endpoint) -> bool:
        """Take lines until there are no more or the connection is closed; whether a line from a pipe was wrong."""
        from ..protocol.closing import CloseCode
        from ..protocol.types import State
        from .connect_input import lines
        from .connect_lines import Commands

        commands = Commands(endpoint, self._context, self._hidden, loud=not self._arguments.json)
        reading = asyncio.create_task(_take_all(endpoint))
        wrong = False
        try:
            async with lines(self._context, endpoint, plain=self._arguments.json) as (source, typed):
                async for line in source:
                    wrong = not commands.obey(line) or wrong
                    if commands.over or self._failure is not None:
                        break
            if not typed and not commands.over:
                await _silence(endpoint, self._arguments.wait)
            await endpoint.close()
            self._asked = commands.code
        finally:
            reading.cancel()
            if endpoint.state is State.OPEN:
                # Interrupted: the server shall know. Its answer is read for a moment, because to end TCP with
                # unread bytes would make the operating system take back what it has not delivered.
                endpoint.connection.close(CloseCode.GOING_AWAY)
                endpoint.flush()
                with suppress(TimeoutError):
                    async with asyncio.timeout(GRACE):
                        await endpoint.wait_closed()
            endpoint.abort()
        return wrong and not typed

    def _verdict(self, endpoint: Endpoint) -> int:
        """Whether the connection ended well; if not, that is said."""
        from ..explain.words import close_code_sentence, violation_sentence
        from ..protocol.closing import CloseCode

        code = endpoint.close_code or CloseCode.ABNORMAL_CLOSURE
        fine = (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY, CloseCode.NO_STATUS_RCVD, self._asked)
        violation = endpoint.connection.violation
        if violation is not None:
            # The code says only how TCP ended; the cause is what the server sent.
            problem = violation_sentence(violation, self._context.language)
            self._context.complain("cli.connect.broken", rule=violation.rule.name, problem=problem)
            return FAILED
        if code in fine:
            return DONE
        meaning = close_code_sentence(code, self._context.language)
        self._context.complain("cli.connect.ended", code=int(code), meaning=meaning)
        return FAILED


async def _take_all(endpoint: Endpoint) -> None:
    """Take the messages, which the trace tells: with too many waiting, reading would pause."""
    from ..loopback import ConnectionClosed

    with suppress(ConnectionClosed):
        async for _ in endpoint:
            pass


async def _silence(endpoint: Endpoint, seconds: float) -> None:
    """Wait until the server has been silent for so long, or the connection is closed."""
    closed = asyncio.ensure_future(endpoint.wait_closed())
    try:
        while not closed.done():
            endpoint.moved.clear()
            moved = asyncio.ensure_future(endpoint.moved.wait())
            done, _ = await asyncio.wait({closed, moved}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
            if not done:
                return
    finally:
        closed.cancel()
