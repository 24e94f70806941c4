"""Things printed as a terminal would show them, and the traces that they are made from."""

from __future__ import annotations

import functools
import io
import re
from typing import Any

from rich.cells import cell_len

from tests.support import request_head, seeded
from wsedu.loopback.record import record
from wsedu.protocol.connection import Connection
from wsedu.protocol.steps import Level
from wsedu.protocol.types import Role
from wsedu.trace.trace import Trace
from wsedu.views.styles import new_console

LANGUAGES = ("en", "zh")
COLUMNS = 80


@functools.cache
def recorded(name: str, level: Level = Level.EXTRA) -> Trace:
    """A scenario on a real socket, always with the same keys."""
    return record(name, seed=1, level=level)


def printed(*renderables: Any, width: int = COLUMNS, **options: Any) -> str:
    """What a console prints; into a file, unless `options` say otherwise."""
    file = io.StringIO()
    console = new_console(file=file, width=width, **options)
    for renderable in renderables:
        console.print(renderable)
    return file.getvalue()


def on_one_line(*renderables: Any) -> str:
    """The same without line ends and with single spaces, printed so wide that no sentence is cut."""
    return squeezed(printed(*renderables, width=1000))


def squeezed(text: str) -> str:
    """Text with every run of white space made one space."""
    return re.sub(r"\s+", " ", text)


def too_wide(text: str, width: int = COLUMNS) -> list[str]:
    """The lines that take more cells than a terminal has."""
    return [line for line in text.splitlines() if cell_len(line) > width]


def server_alone(*chunks: bytes, changes: dict[str, Any] | None = None) -> Trace:
    """The trace of a server that reads a request, with some fields changed, and then these bytes."""
    trace = Trace()
    server = Connection(Role.SERVER, random_bytes=seeded(1), tracer=trace.recorder(trace.new_connection()))
    for chunk in (request_head(changes), *chunks):
        server.receive_data(chunk)
        server.data_to_send()
    server.receive_eof()
    return trace
