"""Capture files and HTTP archives on the command line: what is in them, in words, and one exchange out of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..explain.shown import printable
from ..protocol.http import ascii_lower
from ..protocol.steps import HandshakeRequest, Violation
from ..protocol.types import Direction
from ..trace.pcapfile import NoCaptureError, is_capture
from ..trace.pcaproles import Other
from .context import UserError

if TYPE_CHECKING:
    from ..trace.harread import DamagedHarError
    from ..trace.pcaptrace import Capture, CapturedConnection
    from ..trace.trace import Trace
    from .context import Context

__all__ = ["check_form", "is_capture", "is_har", "load_exchange", "show_capture", "show_har"]

_BEGINNING = 400
"""Bytes in which an HTTP archive says that it is one."""


def is_har(raw: bytes, source: str = "") -> bool:
    """Whether a file begins as an HTTP archive does, or is called one."""
    return source.lower().endswith(".har") or (raw.lstrip()[:1] == b"{" and b'"log"' in raw[:_BEGINNING])


_SHOWN = {"picture": (b"\x89png\r\n\x1a\n", b"<svg", b"<?xml"), "page": (b"<!doctype html", b"<html")}
"""How a file begins, in lower case, that shows a run and does not hold it."""

_CAPTURES = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".cap.gz")


def check_form(raw: bytes, source: str) -> None:
    """A file is to be what its name says: bytes that are something else are not guessed at.

    Arguments:
        raw: the file.
        source: its name, or what else was given to be looked at.

    Raises:
        UserError: it is empty, a picture or a page, or has the name of a capture and is none.
    """
    beginning = raw[:_BEGINNING].lstrip().lower()
    for kind, signs in _SHOWN.items():
        if beginning.startswith(signs):
            raise UserError(f"cli.shown.{kind}", file=printable(source))
    named = source.lower().endswith((*_CAPTURES, ".har", ".jsonl"))
    if named and not raw:
        raise UserError("cli.empty_file", file=source)
    if source.lower().endswith(_CAPTURES) and not is_capture(raw):
        raise UserError("cli.capture.cut" if len(raw) < _MAGIC else "cli.capture.none_such", file=source)


_MAGIC = 4
"""Bytes in which a capture says that it is one."""


# --- Capture files ---


def show_capture(raw: bytes, source: str, as_websocket: str | None, *, as_json: bool, context: Context) -> int:
    """Show every WebSocket connection of a capture; the exit status says whether all are legal and whole.

    Arguments:
        raw: the file.
        source: its name.
        as_websocket: see `read_capture`.
        as_json: print the steps of all as JSON Lines, and nothing else.
        context: where to.

    Raises:
        UserError: there is no connection in it, or the file is damaged: said after all that could be read.
    """
    capture = _read(raw, source, as_websocket)
    if Other.TLS in capture.others:
        _complain_of_keys(context)
    if not capture.connections:
        _complain_of_others(capture, source, context)
    if as_json:
        from ..trace.pcaptrace import merged

        _print_lines(merged(capture.connections), context)
    elif capture.connections:
        _tell(context, "cli.capture.found", file=source, count=len(capture.connections))
        context.write("")
    for connection in capture.connections:
        if not as_json:
            _show_connection(connection, len(capture.connections), context)
        if capture.damaged_at is None:
            # What a cut file lacks at its end is told in one line, below.
            _complain_of_gaps(connection, context)
        _complain_of_guesses(connection, context)
    if capture.connections and capture.others:
        context.complain("cli.capture.also", file=source, kinds=_kinds(capture, context))
    if capture.damaged_at is not None:
        raise UserError("cli.capture.damaged", file=source, offset=capture.damaged_at)
    return 0 if all(connection.legal for connection in capture.connections) else 1


def _read(raw: bytes, source: str, as_websocket: str | None) -> Capture:
    from ..trace.pcaptrace import read_capture

    try:
        return read_capture(raw, as_websocket=as_websocket, key_log=_key_log())
    except NoCaptureError:
        raise UserError("cli.capture.unreadable", file=source) from None


KEY_LOG = "SSLKEYLOGFILE"
"""The variable of the environment that names the file with the keys of TLS."""


def _key_log() -> str:
    """The keys that there are; nothing if they cannot be read, since not every capture needs them."""
    try:
        return Path(os.environ[KEY_LOG]).read_text(encoding="ascii", errors="replace")
    except (KeyError, OSError):
        return ""


def _complain_of_keys(context: Context) -> None:
    """A capture has TLS that was not opened: perhaps because the file with the keys is not there."""
    name = os.environ.get(KEY_LOG)
    if name and not os.access(name, os.R_OK):
        context.complain("cli.capture.keys", file=name)


def _complain_of_others(capture: Capture, source: str, context: Context) -> None:
    """Nothing was found: say what is in the file instead."""
    if capture.damaged_at is not None:
        context.complain("cli.capture.damaged", file=source, offset=capture.damaged_at)
    if not capture.others:
        raise UserError("cli.capture.no_tcp", file=source)
    raise UserError("cli.capture.none", file=source, kinds=_kinds(capture, context))


def _kinds(capture: Capture, context: Context) -> str:
    """What else is in a capture, by kind."""
    kinds = [context.say(f"cli.capture.other.{kind.value}", count=count) for kind, count in capture.others.items()]
    return context.say("cli.capture.and").join(kinds)


def _show_connection(connection: CapturedConnection, count: int, context: Context) -> None:
    from .tap_telling import Tales

    began = datetime.fromtimestamp(float(connection.start), UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")
    _tell(
        context,
        "cli.capture.connection",
        number=connection.number,
        count=count,
        client=str(connection.client),
        server=str(connection.server),
        began=began,
    )
    if connection.tls is not None:
        _tell(context, "cli.capture.tls", version=connection.tls)
    if connection.tunnel is not None:
        _tell(context, "cli.capture.tunnel", target=connection.tunnel)
    context.write("")
    tales = Tales(context, live=False)
    for record in connection.trace:
        tales.take(record)
    tales.ended(connection.number)
    tales.close()
    if connection.violations:
        _tell_violations(connection.number, connection.violations, context)
    elif not connection.opened and connection.answer is None:
        _tell(context, "cli.capture.unanswered", number=connection.number)
    elif not connection.opened:
        _tell(context, "cli.capture.refused", number=connection.number, line=printable(connection.answer or ""))
    else:
        verdict = "cli.capture.legal" if connection.complete else "cli.capture.incomplete"
        _tell(context, verdict, number=connection.number)
    context.write("")


def _tell_violations(number: int, violations: Sequence[Violation], context: Context) -> None:
    from rich.padding import Padding

    from ..explain.words import step_sentence

    _tell(context, "cli.capture.illegal", number=number, count=len(violations))
    for violation in violations:
        context.show(Padding(step_sentence(violation, context.language), (0, 0, 0, 2)))


def _tell(context: Context, key: str, **facts: Any) -> None:
    """A sentence in as many lines as it needs."""
    from rich.text import Text

    context.show(Text(context.say(key, **facts)))


def _complain_of_gaps(connection: CapturedConnection, context: Context) -> None:
    for direction, gap in connection.gaps:
        context.complain(
            "cli.capture.gap",
            number=connection.number,
            sender=_sender(direction, context),
            size=gap.size,
            offset=gap.offset,
            behind=gap.behind,
        )


def _complain_of_guesses(connection: CapturedConnection, context: Context) -> None:
    """What was passed over, and what could not be opened."""
    for direction, size in connection.skipped:
        context.complain("cli.capture.skipped", number=connection.number, sender=_sender(direction, context), size=size)
    for direction, offset in connection.locked:
        context.complain(
            "cli.capture.locked", number=connection.number, sender=_sender(direction, context), offset=offset
        )


def _sender(direction: Direction, context: Context) -> str:
    return context.say("role.client" if direction is Direction.TO_SERVER else "role.server")


# --- HTTP archives ---


def show_har(raw: bytes, source: str, *, as_json: bool, context: Context) -> int:
    """Show every WebSocket exchange of an HTTP archive; arguments as for `show_capture`.

    Raises:
        UserError: there is none in it, or the file is damaged: said after all that could be read.
    """
    from ..trace.harread import DamagedHarError, loads_har

    damaged = None
    try:
        traces = loads_har(_decoded(raw))
    except DamagedHarError as error:
        damaged, traces = error, error.traces
    if not traces and damaged is None:
        raise UserError("cli.har.none", file=source)
    if as_json and traces:
        from ..trace.pcaptrace import merge

        _print_lines(merge(traces, [0.0] * len(traces)), context)
    elif traces:
        _tell(context, "cli.capture.found", file=source, count=len(traces))
        _tell(context, "cli.har.lacks")
        for number, trace in enumerate(traces, 1):
            context.write("")
            _show_exchange(trace, number, len(traces), context)
    if damaged is not None:
        raise _har_error(damaged, source)
    return 1 if any(map(_violations, traces)) else 0


def _show_exchange(trace: Trace, number: int, count: int, context: Context) -> None:
    from ..views.terminal import render_trace

    request = next(record.step for record in trace if isinstance(record.step, HandshakeRequest))
    host = next((value for name, value in request.headers if ascii_lower(name) == "host"), "")
    target = request.line.split(" ")[1]
    _tell(context, "cli.har.connection", number=number, count=count, address=printable(host + target))
    context.write("")
    context.show(render_trace(trace, context.language))
    violations = _violations(trace)
    if violations:
        _tell_violations(number, violations, context)
    else:
        _tell(context, "cli.har.legal", number=number)


def _violations(trace: Trace) -> list[Violation]:
    return [record.step for record in trace if isinstance(record.step, Violation)]


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8-sig", errors="replace")


def _har_error(error: DamagedHarError, source: str) -> UserError:
    return UserError(
        f"cli.har.{error.problem}",
        file=source,
        entry=error.entry,
        field=error.field,
        found=error.found,
        line=error.line,
        column=error.column,
    )


def _print_lines(trace: Trace, context: Context) -> None:
    from ..trace.jsonl import lines

    for line in lines(trace):
        context.write(line)


# --- One exchange, whatever it was saved as ---


def load_exchange(source: str, number: int | None, as_websocket: str | None, context: Context) -> Trace:
    """The trace of one connection of a saved trace, a capture or an HTTP archive.

    Arguments:
        source: the name of the file.
        number: of the connection, from 1; None for the first one.
        as_websocket: see `read_capture`.
        context: for the language.

    Raises:
        UserError: the file cannot be read, or has no such connection.
    """
    path = Path(source)
    if path.is_dir():
        raise UserError("cli.folder.file", folder=source)
    if not path.exists():
        raise UserError("cli.no_file", file=source)
    raw = path.read_bytes()
    check_form(raw, source)
    traces = _exchanges(raw, source, as_websocket, context)
    if not 1 <= (number or 1) <= len(traces):
        raise UserError("cli.replay.connection", file=source, number=number or 1, count=len(traces))
    return traces[(number or 1) - 1]


def _exchanges(raw: bytes, source: str, as_websocket: str | None, context: Context) -> Sequence[Trace]:
    if is_capture(raw):
        return _read(raw, source, as_websocket).traces
    if is_har(raw, source):
        from ..trace.harread import DamagedHarError, loads_har

        try:
            return loads_har(_decoded(raw))
        except DamagedHarError as error:
            raise _har_error(error, source) from None
    return _saved(raw, source, context)


def _saved(raw: bytes, source: str, context: Context) -> Sequence[Trace]:
    from ..trace.jsonl import DamagedTraceError, loads

    if raw.lstrip()[:1] != b"{":
        raise UserError("cli.replay.file", file=source)
    try:
        trace = loads(raw.decode("utf-8", errors="surrogateescape"))
    except DamagedTraceError as error:
        from ..explain.words import damaged_trace_sentence

        problem = damaged_trace_sentence(error, context.language)
        raise UserError("cli.replay.damaged", file=source, problem=problem) from None
    numbers = dict.fromkeys(record.connection for record in trace)
    return [trace.filter(connection=number) if number is not None else trace for number in numbers]
