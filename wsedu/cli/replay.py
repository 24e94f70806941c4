"""`python -m wsedu replay FILE`: one side of a recorded exchange, played again against a real peer."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import TYPE_CHECKING, Any

from ..explain.shown import printable
from ..protocol.types import Role
from .captured import load_exchange
from .context import UserError
from .listening import check_name, check_port
from .trust import add_trust, trusted

if TYPE_CHECKING:
    import ssl

    from ..loopback.replay_compare import Difference
    from ..loopback.replay_player import Outcome
    from ..loopback.replay_script import Script
    from .context import Context
    from .parser import Parser


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    say = context.say
    parser.add_argument("file", metavar="FILE", help=say("cli.replay.source"))
    side = parser.add_mutually_exclusive_group(required=True)
    side.add_argument("--to", metavar="URL", help=say("cli.replay.to"))
    side.add_argument("--serve", action="store_true", help=say("cli.replay.serve"))
    parser.add_argument("--host", default="127.0.0.1", help=say("cli.replay.host"))
    parser.add_argument("--port", type=int, default=0, help=say("cli.replay.port"))
    parser.add_argument("--public", action="store_true", help=say("cli.replay.public"))
    add_trust(parser, context)
    parser.add_argument("--fast", action="store_true", help=say("cli.replay.fast"))
    parser.add_argument("--patience", type=float, default=5.0, metavar="SECONDS", help=say("cli.replay.patience"))
    parser.add_argument("--origin", metavar="VALUE", help=say("cli.replay.origin"))
    parser.add_argument("--connection", type=int, metavar="N", help=say("cli.replay.number"))
    parser.add_argument("--as-websocket", choices=("client", "server"), help=say("cli.decode.as_websocket"))
    parser.add_argument("--json", action="store_true", help=say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Play; 0 if everything came back as recorded, 1 if not."""
    from ..loopback.replay_script import NothingToReplayError, script_of

    check_port(arguments.port)
    if arguments.serve:
        check_name(arguments.host)
    if arguments.origin and not (arguments.origin.isascii() and arguments.origin.isprintable()):
        raise UserError("cli.serve.origin.wrong", origin=printable(arguments.origin))
    _tls(arguments)
    trace = load_exchange(arguments.file, arguments.connection, arguments.as_websocket, context)
    role = Role.SERVER if arguments.serve else Role.CLIENT
    try:
        script = script_of(trace, role)
    except NothingToReplayError as error:
        raise UserError(f"cli.replay.lacks.{error.problem}", file=arguments.file) from None
    try:
        outcome = asyncio.run(_play(script, arguments, context))
    except OSError as error:
        if arguments.serve:
            raise
        raise _unreachable(error, arguments, context) from None
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        raise UserError("cli.replay.loopback", host=arguments.host if arguments.serve else arguments.to) from None
    _report(outcome, script, arguments, context)
    return 0 if outcome.same else 1


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    """What TLS with the server trusts."""
    return trusted(arguments, secure=arguments.to is not None and arguments.to.lower().startswith("wss:"))


def _unreachable(error: OSError, arguments: argparse.Namespace, context: Context) -> UserError:

    from .connect_failures import why_unreachable

    if isinstance(error, TimeoutError):
        return UserError("cli.connect.late", uri=arguments.to, seconds=arguments.patience)
    return UserError("cli.replay.unreachable", uri=arguments.to, problem=why_unreachable(error, context))


async def _play(script: Script, arguments: argparse.Namespace, context: Context) -> Outcome:
    from ..loopback.replay import replay_client, replay_server

    if arguments.serve:
        return await replay_server(
            script,
            host=arguments.host,
            port=arguments.port,
            fast=arguments.fast,
            public=arguments.public,
            patience=arguments.patience,
            listening=lambda uri: _say_listening(uri, arguments, context),
        )
    return await replay_client(
        script,
        arguments.to,
        fast=arguments.fast,
        public=arguments.public,
        ssl=_tls(arguments),
        patience=arguments.patience,
        origin=arguments.origin,
    )


def _say_listening(uri: str, arguments: argparse.Namespace, context: Context) -> None:
    line = context.say("cli.replay.listening", uri=uri)
    if arguments.json:
        context.complain("cli.replay.listening", uri=uri)
    else:
        context.write(line)
        # Whoever waits for this line reads it through a pipe.
        print(end="", flush=True)  # noqa: T201


def _report(outcome: Outcome, script: Script, arguments: argparse.Namespace, context: Context) -> None:
    if arguments.json:
        context.write(json.dumps(_object(outcome), ensure_ascii=False))
        return
    context.write(context.say("cli.replay.played", sent=outcome.sent, compared=outcome.compared))
    if script.compressed:
        context.write(context.say("cli.replay.compressed"))
    if script.messages_only:
        context.write(context.say("cli.replay.messages"))
    if outcome.difference is None:
        context.write(context.say("cli.replay.same"))
    else:
        context.write(_sentence(outcome.difference, arguments, context))


def _sentence(difference: Difference, arguments: argparse.Namespace, context: Context) -> str:
    facts: dict[str, Any] = difference._asdict() | {
        "fitting": _origin_of(arguments.to),
        "expected": difference.expected or "-",
        "got": difference.got or "-",
    }
    return context.say(f"cli.replay.differs.{difference.what}", **facts)


def _origin_of(uri: str | None) -> str:
    """The origin of a page that the server itself would have given."""
    from urllib.parse import urlsplit

    parts = urlsplit(uri or "")
    return f"{'https' if parts.scheme.lower() == 'wss' else 'http'}://{parts.netloc}"


def _object(outcome: Outcome) -> dict[str, Any]:
    difference = None if outcome.difference is None else outcome.difference._asdict()
    return {"sent": outcome.sent, "compared": outcome.compared, "same": outcome.same, "difference": difference}
