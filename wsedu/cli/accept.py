"""`python -m wsedu accept KEY`: the three steps from Sec-WebSocket-Key to Sec-WebSocket-Accept."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING

from ..protocol.handshake import ServerPolicy, accept_key
from ..protocol.http import Headers, Request
from ..protocol.request import check_key
from ..protocol.steps import HandshakeAccept, Step
from .input import text_argument

if TYPE_CHECKING:
    from .context import Context
    from .parser import Parser


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    parser.add_argument("key", metavar="KEY", help=context.say("cli.accept.key"))
    parser.add_argument("--json", action="store_true", help=context.say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show the three steps; 1 for a key that a server has to refuse."""
    steps: list[HandshakeAccept] = []

    def keep(step: Step) -> None:
        assert isinstance(step, HandshakeAccept)
        steps.append(step)

    # The whole line of the header is what one copies from a browser.
    key = re.sub(r"(?i)^\s*sec-websocket-key\s*:", "", text_argument(arguments.key)).strip()
    accept = accept_key(key, tracer=keep)
    request = Request("/", Headers([("Sec-WebSocket-Key", key)]))
    legal = check_key(request, ServerPolicy()).passed
    if arguments.json:
        stages = {step.stage: {"given": step.given.hex(), "result": step.result.hex()} for step in steps}
        context.write(json.dumps({"key": key, "accept": accept, "legal": legal, "steps": stages}))
    else:
        _show(steps, context)
        if not legal:
            context.complain("cli.accept.illegal")
    return 0 if legal else 1


def _show(steps: list[HandshakeAccept], context: Context) -> None:
    context.write(f"Sec-WebSocket-Key     {steps[0].given.decode(errors='backslashreplace')}")
    for number, step in enumerate(steps, 1):
        context.write("")
        context.write(f"{number}. {context.say(f'cli.accept.{step.stage}', size=len(step.result))}")
        context.write(f"   {_text(step)}")
    context.write("")
    context.write(f"Sec-WebSocket-Accept  {_text(steps[-1])}")


def _text(step: HandshakeAccept) -> str:
    """A result as it reads best: the digest in hex, the others as the ASCII that they are."""
    return step.result.hex(" ") if step.stage == "sha1" else step.result.decode("ascii", errors="backslashreplace")
