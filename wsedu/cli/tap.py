"""`python -m wsedu tap --to URL`: stand between a real client and a real server, and tell what passes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING

from ..protocol.rules import LocalViolation
from ..protocol.uri import WebSocketURI, parse_uri
from .context import UserError
from .listening import check_port
from .trust import add_trust, trusted

if TYPE_CHECKING:
    import ssl

    from ..loopback.tap_rules import Rule
    from ..trace.trace import Trace
    from .context import Context
    from .parser import Parser
    from .tap_totals import Totals

HOST = "127.0.0.1"


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    say = context.say
    parser.add_argument("--to", required=True, metavar="URL", help=say("cli.tap.to"))
    parser.add_argument("--port", type=int, default=0, metavar="N", help=say("cli.tap.port"))
    parser.add_argument("--rule", action="append", default=[], metavar="RULE", help=say("cli.tap.rule"))
    parser.add_argument("--rewrite-host", action="store_true", help=say("cli.tap.rewrite_host"))
    parser.add_argument("--tls-in", action="store_true", help=say("cli.tap.tls_in"))
    parser.add_argument("--tls-ca", metavar="FILE", help=say("cli.tap.tls_ca"))
    add_trust(parser, context)
    parser.add_argument("--save", action="append", default=[], metavar="FILE", help=say("cli.tap.save"))
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--quiet", action="store_true", help=say("cli.tap.quiet"))
    output.add_argument("--brief", action="store_true", help=say("cli.tap.brief"))
    output.add_argument("--json", action="store_true", help=say("cli.demo.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Relay until Ctrl-C; 0 if no rule was broken, else 1."""
    from ..trace.trace import Trace
    from .saving import save_all, savers_of

    target = _target(arguments.to, context)
    rules = [_rule(line) for line in arguments.rule]
    if arguments.tls_ca and not arguments.tls_in:
        raise UserError("cli.tap.tls_ca.alone")
    check_port(arguments.port)
    outer = trusted(arguments, secure=target.secure)
    savers = savers_of(arguments.save)
    trace = Trace(keep=bool(savers))
    try:
        found = asyncio.run(_relay(target, rules, trace, outer, arguments, context))
    finally:
        save_all(trace, savers, context)
    return 1 if found else 0


def _target(text: str, context: Context) -> WebSocketURI:
    try:
        return parse_uri(text)
    except LocalViolation as violation:
        from ..explain.words import violation_sentence

        raise UserError("cli.tap.to.wrong", problem=violation_sentence(violation, context.language), to=text) from None


def _rule(line: str) -> Rule:
    from ..loopback.tap_rules import RuleError, parse_rule

    try:
        return parse_rule(line)
    except RuleError as error:
        facts = {"line": error.line, "column": error.column, "found": error.found, "wanted": ", ".join(error.wanted)}
        raise UserError(f"cli.tap.rule.{error.problem}", **facts) from None


async def _relay(
    target: WebSocketURI,
    rules: list[Rule],
    trace: Trace,
    outer: ssl.SSLContext | None,
    arguments: argparse.Namespace,
    context: Context,
) -> int:
    """Listen, and relay until somebody interrupts; gives the number of broken rules."""
    from ..loopback.tap import Tap
    from .tap_telling import make_watcher
    from .tap_totals import Totals

    totals = Totals()
    trace.subscribe(totals.take)
    watcher = make_watcher(trace, arguments, context)
    tap = Tap(
        target,
        trace,
        watcher,
        rules=rules,
        rewrite_host=arguments.rewrite_host,
        ssl=outer,
    )
    inner = _inner_tls(arguments) if arguments.tls_in else None
    port = await tap.listen(HOST, arguments.port, ssl=inner)
    near = WebSocketURI(arguments.tls_in, HOST, port, target.resource_name)
    _announce(near, target, arguments, context)
    with contextlib.closing(watcher):
        await _interrupted()
        await tap.close()
    _summarize(totals, arguments, context)
    return totals.broken


def _summarize(totals: Totals, arguments: argparse.Namespace, context: Context) -> None:
    """What it was, in the end; with `--json` not among the JSON."""
    if arguments.json:
        for line in totals.lines(context):
            sys.stderr.write(f"{line}\n")
        return
    from ..views.prose import Prose

    context.write("")
    for line in totals.lines(context):
        context.show(Prose(line))


def _inner_tls(arguments: argparse.Namespace) -> ssl.SSLContext:
    """TLS with the client: a certificate made on the spot, and where asked for, a file with who vouches for it."""
    from ..loopback.tls import throwaway_contexts
    from ..trace.files import write_whole

    contexts = throwaway_contexts(HOST, "localhost")
    if arguments.tls_ca:
        write_whole(arguments.tls_ca, contexts.authority)
    return contexts.server


def _announce(near: WebSocketURI, target: WebSocketURI, arguments: argparse.Namespace, context: Context) -> None:
    """One line once clients can connect; with `--json` not among the JSON."""
    if arguments.json:
        context.complain("cli.tap.listening", near=str(near), target=str(target))
    else:
        context.write(context.say("cli.tap.listening", near=str(near), target=str(target)))
        sys.stdout.flush()


async def _interrupted() -> None:
    """Wait for Ctrl-C, or for the end that a system asks for."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Where a loop cannot do that, asyncio.run turns Ctrl-C into the cancelling of this task.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    with contextlib.suppress(asyncio.CancelledError):
        await stop.wait()
