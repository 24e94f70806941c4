"""A file that holds exchanges, read by the same readers as `decode`: saved traces, captures and HTTP archives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..explain.catalogue import catalogue, part_catalogue
from ..explain.words import damaged_trace_sentence
from ..trace.pcapfile import NoCaptureError, is_capture
from ..trace.trace import Trace

KEY_LOG = "SSLKEYLOGFILE"
"""The variable of the environment that names the file with the keys of TLS."""


_BEGINNING = 400
"""Bytes in which an HTTP archive says that it is one."""


class Loaded(NamedTuple):
    """What a file holds.

    Arguments:
        traces: one for each connection.
        problem: one line that says what could not be read; empty for nothing.
    """

    traces: Sequence[Trace]
    problem: str = ""


class UnreadableError(ValueError):
    """Nothing in a file could be read; its text is one line for the user."""


def load_file(path: str | os.PathLike[str], language: str) -> Loaded:
    """The connections in a file.

    Arguments:
        path: of a trace (`.jsonl`), a capture (`.pcap`, `.pcapng`) or an HTTP archive (`.har`).
        language: of the problem.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: nothing in it can.
    """
    return load_bytes(Path(path).read_bytes(), Path(path).name, language)


def load_bytes(raw: bytes, name: str, language: str) -> Loaded:
    """The connections in what a file holds.

    Arguments:
        raw: all of it.
        name: of the file, for the problem.
        language: of the problem.

    Raises:
        UnreadableError: nothing in it can be read.
    """
    if is_capture(raw):
        loaded = _capture(raw, name, language)
    elif raw.lstrip()[:1] == b"{" and b'"log"' in raw[:_BEGINNING]:
        loaded = _har(raw, name, language)
    else:
        loaded = _trace(raw, language)
    if not any(trace.records for trace in loaded.traces):
        raise UnreadableError(loaded.problem or part_catalogue("film_panels", language).say("open.nothing", file=name))
    return loaded


def _trace(raw: bytes, language: str) -> Loaded:
    from ..trace.jsonl import DamagedTraceError, loads

    problem = ""
    try:
        trace = loads(raw.decode("utf-8", errors="surrogateescape"))
    except DamagedTraceError as error:
        trace, problem = error.trace, damaged_trace_sentence(error, language)
    numbers = dict.fromkeys(record.connection for record in trace)
    return Loaded([trace.filter(connection=number) if number is not None else trace for number in numbers], problem)


def _capture(raw: bytes, name: str, language: str) -> Loaded:
    from ..trace.pcaptrace import read_capture

    say = catalogue(language).say
    try:
        capture = read_capture(raw, key_log=_key_log())
    except NoCaptureError:
        raise UnreadableError(say("cli.capture.unreadable", file=name)) from None
    problem = ""
    if capture.damaged_at is not None:
        problem = say("cli.capture.damaged", file=name, offset=capture.damaged_at)
    elif not capture.connections and not capture.others:
        problem = say("cli.capture.no_tcp", file=name)
    elif not capture.connections:
        kinds = [say(f"cli.capture.other.{kind.value}", count=count) for kind, count in capture.others.items()]
        problem = say("cli.capture.none", file=name, kinds=say("cli.capture.and").join(kinds))
    return Loaded(capture.traces, problem)


def _key_log() -> str:
    """The keys that there are; nothing if they cannot be read, since not every capture needs them."""
    try:
        return Path(os.environ[KEY_LOG]).read_text(encoding="ascii", errors="replace")
    except (KeyError, OSError):
        return ""


def _har(raw: bytes, name: str, language: str) -> Loaded:
    from ..trace.harread import DamagedHarError, loads_har

    say = catalogue(language).say
    try:
        traces: Sequence[Trace] = loads_har(raw.decode("utf-8-sig", errors="replace"))
    except DamagedHarError as error:
        place = {"line": error.line, "column": error.column}
        facts = {"file": name, "entry": error.entry, "field": error.field, "found": error.found, **place}
        problem = say(f"cli.har.{error.problem}", **facts)
        return Loaded(error.traces, problem)
    return Loaded(traces, say("cli.har.lacks") if traces else say("cli.har.none", file=name))
