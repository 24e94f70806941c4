"""`python -m wsedu encode`: options to bytes, field by field."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from ..protocol.dissection import dissect
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.types import Opcode
from .context import UserError
from .input import hex_argument, text_argument

if TYPE_CHECKING:
    from .context import Context
    from .parser import Parser


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    what = parser.add_argument_group(context.say("cli.encode.what")).add_mutually_exclusive_group()
    what.add_argument("--text", metavar="TEXT", help=context.say("cli.encode.text"))
    what.add_argument("--binary", metavar="HEX", help=context.say("cli.encode.binary"))
    what.add_argument("--ping", metavar="TEXT", nargs="?", const="", help=context.say("cli.encode.ping"))
    what.add_argument("--pong", metavar="TEXT", nargs="?", const="", help=context.say("cli.encode.pong"))
    what.add_argument("--close", metavar="CODE", nargs="?", const="", help=context.say("cli.encode.close"))
    what.add_argument("--continuation", metavar="TEXT", help=context.say("cli.encode.continuation"))
    parser.add_argument("--reason", metavar="TEXT", default="", help=context.say("cli.encode.reason"))
    bits = parser.add_argument_group(context.say("cli.encode.bits"))
    bits.add_argument("--mask", metavar="KEY", nargs="?", const="random", help=context.say("cli.encode.mask"))
    bits.add_argument("--no-fin", action="store_true", help=context.say("cli.encode.fin"))
    for number in (1, 2, 3):
        bits.add_argument(f"--rsv{number}", action="store_true", help=context.say("cli.encode.rsv", number=number))
    bits.add_argument("--opcode", metavar="N", type=lambda text: int(text, 0), help=context.say("cli.encode.opcode"))
    bits.add_argument("--length-form", type=int, choices=(7, 16, 64), help=context.say("cli.encode.form"))
    output = parser.add_argument_group(context.say("cli.encode.output")).add_mutually_exclusive_group()
    output.add_argument("--hex", action="store_true", help=context.say("cli.encode.hex"))
    output.add_argument("--raw", action="store_true", help=context.say("cli.encode.raw"))
    output.add_argument("--json", action="store_true", help=context.say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Encode the frame that the options say, legal or not, and show it."""
    frame = _frame(arguments)
    data = encode_frame(frame)
    if arguments.raw:
        sys.stdout.buffer.write(data)
        return 0
    if arguments.hex:
        context.write(data.hex())
        return 0
    dissection = dissect(data)
    if arguments.json:
        from .decode import dissection_object

        context.write(json.dumps(dissection_object(dissection), ensure_ascii=False))
        return 0
    from ..views.terminal import render_dissection

    context.show(render_dissection(dissection, context.language))
    return 0


def _frame(arguments: argparse.Namespace) -> Frame:
    opcode, payload = _content(arguments)
    return Frame(
        opcode if arguments.opcode is None else arguments.opcode,
        payload,
        not arguments.no_fin,
        arguments.rsv1,
        arguments.rsv2,
        arguments.rsv3,
        _key(arguments.mask),
        arguments.length_form,
    )


def _content(arguments: argparse.Namespace) -> tuple[int, bytes]:
    if arguments.reason and arguments.close is None:
        raise UserError("cli.encode.reason_alone")
    if arguments.binary is not None:
        return Opcode.BINARY, hex_argument(arguments.binary)
    if arguments.ping is not None:
        return Opcode.PING, text_argument(arguments.ping).encode()
    if arguments.pong is not None:
        return Opcode.PONG, text_argument(arguments.pong).encode()
    if arguments.continuation is not None:
        return Opcode.CONTINUATION, text_argument(arguments.continuation).encode()
    if arguments.close is not None:
        return Opcode.CLOSE, _close_body(arguments.close, arguments.reason)
    return Opcode.TEXT, text_argument(arguments.text or "").encode()


def _close_body(code: str, reason: str) -> bytes:
    if not code:
        if reason:
            raise UserError("cli.encode.reason_alone")
        return b""
    if not code.isdecimal() or int(code) > 0xFFFF:
        raise UserError("cli.encode.code", code=code)
    return int(code).to_bytes(2, "big") + text_argument(reason).encode()


def _key(text: str | None) -> bytes | None:
    if text is None:
        return None
    if text == "random":
        return os.urandom(4)
    return hex_argument(text)
