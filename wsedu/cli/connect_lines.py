"""The lines that `connect` understands: texts, and commands that begin with a slash."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from ..explain.near import nearest
from ..protocol.closing import CloseCode
from ..protocol.rules import LocalViolation
from ..protocol.types import State
from .context import UserError
from .input import hex_argument

if TYPE_CHECKING:
    from ..loopback import Endpoint
    from .context import Context

CLASSES = ("control", "data")
"""What can be hidden and shown: the frames of RFC 6455 §5.5 and those of §5.6."""

MAX_PARTS = 1_000
"""Fragments that one line can ask for."""


class Command(NamedTuple):
    """One command.

    Arguments:
        usage: how it is typed.
        act: what it does with the text after its name.
    """

    usage: str
    act: Callable[[Commands, str], None]


class Commands:
    """Carries out what is typed on an open connection.

    Arguments:
        endpoint: the connection.
        context: for what there is to say.
        hidden: names of `CLASSES` whose frames are not shown; changed here.
        loud: whether anything but the trace may be printed on standard output.

    Attributes:
        over: whether a line has ended the conversation.
        code: the status code with which it was to end, None for none in particular.
    """

    def __init__(self, endpoint: Endpoint, context: Context, hidden: set[str], *, loud: bool) -> None:
        self.over = False
        self.code: int | None = None
        self._endpoint = endpoint
        self._context = context
        self._hidden = hidden
        self._loud = loud

    def obey(self, line: str) -> bool:
        """Do what a line says.

        Returns:
            Whether it could be done; if not, why has been said.
        """
        try:
            if not line.startswith("/") or line.startswith("//"):
                self._text(line.removeprefix("/") if line.startswith("//") else line)
            else:
                name, _, rest = line[1:].partition(" ")
                self._command(name, rest)
        except UserError as error:
            self._context.complain(error.key, **error.facts)
            return False
        except LocalViolation as violation:
            from ..explain.words import violation_sentence

            problem = violation_sentence(violation, self._context.language)
            self._context.complain("cli.problem", problem=problem)
            return False
        self._endpoint.flush()
        return True

    def _command(self, name: str, rest: str) -> None:
        command = COMMANDS.get(name)
        if command is None:
            near = nearest(name, COMMANDS)
            key = "cli.connect.line.near" if near else "cli.connect.line.unknown"
            raise UserError(key, command=repr(f"/{name}"), near=near)
        command.act(self, rest)

    def _text(self, text: str) -> None:
        self._check_open()
        self._endpoint.connection.send_text(text)

    def _check_open(self) -> None:
        if self._endpoint.state is not State.OPEN:
            raise UserError("cli.connect.closed")

    # --- What each command does ---

    def ping(self, rest: str) -> None:
        """Send a Ping with a text."""
        self._check_open()
        self._endpoint.connection.send_ping(_utf8(rest))

    def pong(self, rest: str) -> None:
        """Send a Pong that nobody asked for."""
        self._check_open()
        self._endpoint.connection.send_pong(_utf8(rest))

    def binary(self, rest: str) -> None:
        """Send a binary message that is given in hex; without hex an empty one."""
        data = hex_argument(rest) if rest.strip() else b""
        self._check_open()
        self._endpoint.connection.send_binary(data)

    def fragment(self, rest: str) -> None:
        """Send a text in so many fragments."""
        from ..apps.page.orders import send_fragments

        number, _, text = rest.partition(" ")
        if not number.isdecimal() or not 1 <= int(number) <= MAX_PARTS:
            raise _wrong("fragment")
        self._check_open()
        send_fragments(self._endpoint, text, int(number))

    def raw(self, rest: str) -> None:
        """Send bytes as they are, and say what a server may think of them."""
        if not rest.strip():
            raise _wrong("raw")
        data = hex_argument(rest)
        self._check_open()
        self._endpoint.connection.send_raw(data)
        if self._loud:
            self._judge(data)

    def _judge(self, data: bytes) -> None:
        from ..explain.shown import bytes_hex
        from ..protocol.dissection import dissect
        from ..protocol.types import Role
        from ..views.verdicts import render_verdict

        shown = self._context.say("cli.connect.raw", size=len(data), hex=bytes_hex(data, 16))
        self._context.show(Text(shown))
        self._context.show(render_verdict(dissect(data, sender=Role.CLIENT).client, self._context.language))

    def close(self, rest: str) -> None:
        """Start the closing handshake."""
        code, _, reason = rest.strip().partition(" ")
        if code and not (code.isdecimal() and int(code) <= 0xFFFF):
            raise _wrong("close")
        self._check_open()
        number = int(code) if code else CloseCode.NORMAL_CLOSURE
        self._endpoint.connection.close(number, reason)
        self.code = number
        self.over = True

    def hide(self, rest: str) -> None:
        """Do not show frames of a class."""
        self._hidden.add(_class(rest))

    def show(self, rest: str) -> None:
        """Show them again."""
        self._hidden.discard(_class(rest))

    def help(self, rest: str) -> None:
        """List the commands."""
        say = self._context.say
        if not self._loud:
            return
        rows = [("...", say("cli.connect.help.text"))]
        names = ", ".join(CLASSES)
        rows += [(command.usage, say(f"cli.connect.help.{name}", names=names)) for name, command in COMMANDS.items()]
        width = max(len(usage) for usage, _ in rows)
        self._context.write(say("cli.connect.help"))
        for usage, meaning in rows:
            self._context.write(f"  {usage:<{width}}  {meaning}")

    def quit(self, rest: str) -> None:
        """Close with 1000, if that is still to be done, and leave."""
        if self._endpoint.state is State.OPEN:
            self._endpoint.connection.close(CloseCode.NORMAL_CLOSURE)
        self.over = True


COMMANDS: dict[str, Command] = {
    "ping": Command("/ping [TEXT]", Commands.ping),
    "pong": Command("/pong [TEXT]", Commands.pong),
    "binary": Command("/binary HEX", Commands.binary),
    "fragment": Command("/fragment N TEXT", Commands.fragment),
    "raw": Command("/raw HEX", Commands.raw),
    "close": Command("/close [CODE [REASON]]", Commands.close),
    "hide": Command(f"/hide {'|'.join(CLASSES)}", Commands.hide),
    "show": Command(f"/show {'|'.join(CLASSES)}", Commands.show),
    "help": Command("/help", Commands.help),
    "quit": Command("/quit", Commands.quit),
}
"""The commands by name, in the order of the help."""


def _wrong(name: str) -> UserError:
    return UserError("cli.connect.line.usage", usage=COMMANDS[name].usage)


def _class(rest: str) -> str:
    name = rest.strip()
    if name not in CLASSES:
        raise UserError("cli.connect.line.class", name=repr(name), names=", ".join(CLASSES))
    return name


def _utf8(text: str) -> bytes:
    """A text as bytes; what a terminal could not decode goes out as it came in."""
    return text.encode("utf-8", "surrogateescape")
