"""Write docs/limits.md: every limit and deadline with the default that the code has, and what answers it.

python tools/limits.py
python tools/limits.py --check      change nothing; exit status 1 if the page is out of date
"""

from __future__ import annotations

import argparse
import inspect
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from wsedu.cli.limits import NAMES
from wsedu.loopback import serve
from wsedu.loopback.endpoint import MAX_QUEUE
from wsedu.loopback.wire import LINGER
from wsedu.protocol import rules
from wsedu.protocol.closing import CloseCode
from wsedu.protocol.rules import Rule
from wsedu.protocol.types import Limits, Timeouts

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
ENDS_TCP = "the end of TCP"


class Row(NamedTuple):
    """One limit.

    Arguments:
        bounds: what it bounds.
        answer: what answers whoever goes beyond: a rule, or words.
    """

    bounds: str
    answer: Rule | str


SIZES = {
    "max_head_size": Row("bytes of a request's or a response's head, the empty line included", rules.HEAD_TOO_LARGE),
    "max_header_count": Row("header fields in a head", rules.HEAD_TOO_MANY_FIELDS),
    "max_frame_size": Row("bytes of payload in one frame, as its header announces them", rules.FRAME_TOO_BIG),
    "max_message_size": Row(
        "bytes of a message, all fragments together; of a compressed one also what it inflates to, enforced while it "
        "is inflated",
        rules.MESSAGE_TOO_BIG,
    ),
    "max_fragments": Row("frames in one message", rules.TOO_MANY_FRAGMENTS),
    "max_connections": Row("connections of a server open at once, handshakes included", "HTTP 503"),
    "max_outgoing": Row("bytes that wait for a peer when more is to be written", f"{ENDS_TCP}: it does not read"),
}
DEADLINES = {
    "opening": Row("for the opening handshake; for a client, TCP and TLS included", f"{ENDS_TCP}, without a response"),
    "closing": Row("from the first Close frame, or a failure, to the end of TCP by the peer", ENDS_TCP),
    "ping_interval": Row("of silence of the peer", "a Ping"),
    "ping_timeout": Row("of further silence after that Ping", f"Close {CloseCode.INTERNAL_ERROR:d}, `ping timeout`"),
    "idle": Row("of silence of the peer, Pings notwithstanding", f"Close {CloseCode.GOING_AWAY:d}"),
    "writing": Row("in which the peer takes nothing while the socket is full", ENDS_TCP),
}
FIXED = {
    "MAX_QUEUE": (MAX_QUEUE, Row("messages that wait for `recv`", "reading from the socket pauses")),
    "LINGER": (f"{LINGER:g} s", Row("for bytes that are still to be written when the connection is closed", ENDS_TCP)),
}


def defaults() -> dict[str, float | None]:
    """The default of each limit that can be changed, by name, as the code has it."""
    parameters = inspect.signature(serve.__init__).parameters
    served = {name: parameters[name].default for name in NAMES if name in parameters}
    return {**asdict(Limits()), **asdict(Timeouts()), **served}


def answer(row: Row) -> str:
    """What answers whoever goes beyond a limit, in words."""
    if isinstance(row.answer, str):
        return row.answer
    said = f"HTTP {row.answer.status}" if row.answer.code is None else f"Close {row.answer.code}"
    return f"{said}, `{row.answer.name}`"


def said(name: str, value: float | None) -> str:
    """A default in words."""
    if value is None:
        return "as `max_message_size`" if name == "max_frame_size" else "none"
    return f"{value:g} s" if name in DEADLINES else f"{value:,}"


def table(rows: dict[str, Row]) -> list[str]:
    """The rows of limits that can be changed."""
    found = defaults()
    return [
        "| name | default | what it bounds | what answers |",
        "| --- | ---: | --- | --- |",
        *(f"| `{name}` | {said(name, found[name])} | {row.bounds} | {answer(row)} |" for name, row in rows.items()),
    ]


def page() -> str:
    """The page."""
    return "\n".join(
        [
            "# Limits and deadlines",
            "",
            "What a peer may cost, and how long it may take. This page is written by `python tools/limits.py` from the",
            "values in the code. What goes beyond a limit is refused as soon as its header is read, before memory is",
            "taken; a client that finds a server's head too large gives the connection up without an answer. How a",
            "server with all of these defaults bears an attack: [reliability.md](reliability.md).",
            "",
            "## Sizes and numbers",
            "",
            *table(SIZES),
            "",
            "## Deadlines",
            "",
            *table(DEADLINES),
            "",
            "A peer that answers Pings is not idle: for an idle deadline without them, set `ping_interval` to none.",
            "",
            "## How to change them",
            "",
            "In Python, `Limits` and `Timeouts` go to `connect`, `serve` and `Connection`; `max_connections` and",
            "`max_outgoing` go to `serve`. None stands for no limit, except for heads, messages, and the numbers of",
            "fields and fragments:",
            "",
            "```python",
            "from wsedu import Limits, Timeouts",
            "from wsedu.loopback import serve",
            "",
            "async def handler(ws):",
            "    await ws.send(await ws.recv())",
            "",
            "serve(handler, limits=Limits(max_message_size=1 << 16), timeouts=Timeouts(opening=5), max_connections=99)",
            "```",
            "",
            "On the command line, with the same names, bytes and seconds:",
            "",
            "```sh",
            "python -m wsedu serve --limit max_message_size=65536 --limit opening=5 --limit ping_interval=none",
            "```",
            "",
            "## Fixed",
            "",
            "| name | value | what it bounds | what answers |",
            "| --- | ---: | --- | --- |",
            *(f"| `{name}` | {value} | {row.bounds} | {answer(row)} |" for name, (value, row) in FIXED.items()),
            "",
        ]
    )


def main() -> int:
    """Write or check the page; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, exit with 1 if the page is out of date")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(f"docs/{PAGE.name} is not up to date: run python tools/limits.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
