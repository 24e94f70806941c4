"""Traces as JSON Lines: the format of docs/trace-format.md."""

from __future__ import annotations

import enum
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_type_hints

from ..protocol.frame import Frame
from ..protocol.frames import OPCODES
from ..protocol.steps import KINDS, Span, Step, UnknownStep, fact_names
from ..protocol.types import Direction, Role
from .files import write_whole
from .trace import FORMAT, Header, Record, Trace

HEADER_KIND = "trace.header"


class DamagedTraceError(ValueError):
    """A saved trace has a line that is not what it should be.

    Attributes:
        line: its number, from 1.
        problem: `empty`, `json`, `header`, `version` or `field`, for the catalogues.
        detail: what was found.
        trace: the steps of the lines before it.
    """

    def __init__(self, line: int, problem: str, detail: str, trace: Trace) -> None:
        super().__init__(f"line {line}: {problem}: {detail}")
        self.line = line
        self.problem = problem
        self.detail = detail
        self.trace = trace


# --- Writing ---


def header_line(header: Header) -> str:
    """The first line of a saved trace."""
    return _dumps(
        {
            "kind": HEADER_KIND,
            "format": header.format,
            "wsedu": header.version,
            "seed": header.seed,
            "scenario": header.scenario,
        }
    )


def record_line(record: Record) -> str:
    """The line of one step."""
    return _dumps(record_object(record))


def record_object(record: Record) -> dict[str, Any]:
    """One step as an object of plain JSON values: bytes in lower-case hex, spans as three values."""
    step = record.step
    line: dict[str, Any] = {"n": record.n, "t": round(record.t, 6)}
    if record.connection is not None:
        line["connection"] = record.connection
    if step.endpoint is not None:
        line["endpoint"] = step.endpoint.value
    if isinstance(step, UnknownStep):
        line.update(step.values)
        return line
    line["kind"] = step.kind
    if step.rule is not None:
        line["rule"] = step.rule
    if step.rfc is not None:
        line["rfc"] = step.rfc
    if step.span is not None:
        line["span"] = [step.span.direction.value, step.span.first_bit, step.span.bits]
    if step.decided_by is not None:
        line["decided_by"] = step.decided_by
    line.update((name, _plain(value)) for name, value in step.facts().items())
    return line


def lines(trace: Trace) -> Iterator[str]:
    """Every line of a trace, the header first, without line ends."""
    yield header_line(trace.header)
    yield from map(record_line, trace.records)


def save(trace: Trace, path: str) -> None:
    """Write a trace; the file is there whole or not at all."""
    write_whole(path, "".join(f"{line}\n" for line in lines(trace)).encode())


def _dumps(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Frame):
        return {name: _plain(part) for name, part in value._asdict().items()}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


# --- Reading ---


def load(path: str) -> Trace:
    """Read a saved trace; see `Trace.load`."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return read(file)


def loads(text: str) -> Trace:
    """Read a trace from a string; see `Trace.load`."""
    return read(io.StringIO(text))


def read(source: Iterable[str]) -> Trace:
    """Read a trace from lines; see `Trace.load`."""
    trace = Trace(Header(FORMAT, "", None, None))
    number = 0
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        value = _object(line, number, trace)
        if number == 1:
            trace.header = _header(value, trace)
        else:
            trace.records.append(_record(value, number, trace))
    if number == 0:
        raise DamagedTraceError(1, "empty", "", trace)
    return trace


def _object(line: str, number: int, trace: Trace) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DamagedTraceError(number, "json", str(error), trace) from None
    if not isinstance(value, dict):
        raise DamagedTraceError(number, "json", type(value).__name__, trace)
    return value


def _header(value: dict[str, Any], trace: Trace) -> Header:
    if value.get("kind") != HEADER_KIND or not isinstance(value.get("format"), int):
        raise DamagedTraceError(1, "header", str(value.get("kind")), trace)
    if value["format"] > FORMAT:
        raise DamagedTraceError(1, "version", str(value["format"]), trace)
    seed, scenario = value.get("seed"), value.get("scenario")
    return Header(
        value["format"],
        str(value.get("wsedu", "")),
        seed if isinstance(seed, int) else None,
        scenario if isinstance(scenario, str) else None,
    )


def _record(value: dict[str, Any], number: int, trace: Trace) -> Record:
    try:
        n, t, connection = value.pop("n"), float(value.pop("t")), value.pop("connection", None)
        if not isinstance(n, int) or not (connection is None or isinstance(connection, int)):
            raise TypeError("n, connection")
        return Record(n, t, connection, _step(value))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DamagedTraceError(number, "field", f"{type(error).__name__}: {error}", trace) from None


def _step(value: dict[str, Any]) -> Step:
    endpoint = Role(value.pop("endpoint")) if "endpoint" in value else None
    kind = KINDS.get(value["kind"])
    if kind is None:
        return UnknownStep(endpoint=endpoint, name=str(value["kind"]), values=value)
    facts = {name: _typed(value[name], hint) for name, hint in _hints(kind.kind).items()}
    return kind(
        endpoint=endpoint,
        span=_span(value.get("span")),
        rule=_text(value.get("rule")),
        decided_by=_text(value.get("decided_by")),
        **facts,
    )


def _span(value: Any) -> Span | None:
    if value is None:
        return None
    direction, first_bit, bits = value
    return Span(Direction(direction), _whole(first_bit), _whole(bits))


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str | None:
    if not (value is None or isinstance(value, str)):
        raise TypeError(f"{value!r} is no text")
    return value


@cache
def _hints(kind: str) -> dict[str, Any]:
    """The types of the facts of a kind of steps, by name."""
    hints = get_type_hints(KINDS[kind])
    return {name: hints[name] for name in fact_names(KINDS[kind])}


def _typed(value: Any, hint: Any) -> Any:
    """A plain JSON value as the type that a step's fact has."""
    if value is None:
        if type(None) in getattr(hint, "__args__", ()):
            return None
        raise TypeError("a value is missing")
    if hint is bytes:
        return bytes.fromhex(value)
    if hint == int | bytes:
        return bytes.fromhex(value) if isinstance(value, str) else _whole(value)
    if hint is Frame:
        return _frame(value)
    if hint == tuple[tuple[str, str], ...]:
        return tuple((str(name), str(text)) for name, text in value)
    if hint == tuple[str, ...]:
        return tuple(str(text) for text in value)
    if hint in _SIMPLE and not isinstance(value, _SIMPLE[hint]):
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


_SIMPLE: dict[Any, tuple[type, ...]] = {bool: (bool,), int: (int,), str: (str,), float: (int, float), dict: (dict,)}


def _frame(value: dict[str, Any]) -> Frame:
    key, form = value["masking_key"], value["length_form"]
    opcode = _whole(value["opcode"])
    return Frame(
        OPCODES[opcode] if 0 <= opcode < len(OPCODES) else opcode,
        bytes.fromhex(value["payload"]),
        bool(value["fin"]),
        bool(value["rsv1"]),
        bool(value["rsv2"]),
        bool(value["rsv3"]),
        None if key is None else bytes.fromhex(key),
        None if form is None else _whole(form),
    )
