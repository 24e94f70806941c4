"""Traces as JSON Lines: the format of docs/trace-format.md."""

from __future__ import annotations

import enum
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, cast, get_type_hints

from ..protocol.frame import EXTENDED_SIZE, Frame
from ..protocol.frames import OPCODES
from ..protocol.steps import Span, Step, UnknownStep, fact_names
from ..protocol.types import Direction, Role
from .files import write_whole
from .trace import FORMAT, Header, Record, Trace
from .worldsteps import ALL_KINDS

SHOWN = 40
"""Characters of a damaged line that an error shows."""

HEADER_KIND = "trace.header"


class DamagedTraceError(ValueError):
    """A saved trace has a line that is not what it should be.

    Attributes:
        line: its number, from 1.
        problem: `empty`, `json`, `deep` (JSON that is nested too deeply), `header`, `version`, `missing` or `field` (a
            field that is not there, or wrong), for the catalogues.
        detail: what was found; for a field, its name.
        found: the value of a wrong field, as JSON.
        trace: the steps of the lines before it.
    """

    def __init__(self, line: int, problem: str, detail: str, trace: Trace, found: str = "") -> None:
        super().__init__(f"line {line}: {problem}: {detail}")
        self.line = line
        self.problem = problem
        self.detail = detail
        self.found = found
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
        if number > 1 and not line.strip():
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
        value = json.loads(line, parse_constant=_no_number)
        # Bytes that are not UTF-8 were read as lone surrogates; an escape can spell one as well.
        (json.dumps(value, ensure_ascii=False) if "\\u" in line else line).encode()
    except RecursionError:
        raise DamagedTraceError(number, "deep", line.strip()[:SHOWN], trace) from None
    except ValueError:
        raise DamagedTraceError(number, "json", line.strip()[:SHOWN], trace) from None
    if not isinstance(value, dict):
        raise DamagedTraceError(number, "json", type(value).__name__, trace)
    return value


def _no_number(name: str) -> None:
    """JSON has no NaN and no Infinity, though Python reads them."""
    raise ValueError(f"{name} is no JSON")


def _header(value: dict[str, Any], trace: Trace) -> Header:
    version = value.get("format")
    if value.get("kind") != HEADER_KIND or type(version) is not int or version < 1:
        raise DamagedTraceError(1, "header", _dumps(value)[:SHOWN], trace)
    if version > FORMAT:
        raise DamagedTraceError(1, "version", str(version), trace)
    seed, scenario = value.get("seed"), value.get("scenario")
    return Header(
        version,
        str(value.get("wsedu", "")),
        seed if type(seed) is int else None,
        scenario if isinstance(scenario, str) else None,
    )


def _record(value: dict[str, Any], number: int, trace: Trace) -> Record:
    try:
        n, t = _field(value, "n", _whole), _field(value, "t", _seconds)
        connection = _field(value, "connection", _whole) if value.get("connection") is not None else None
        for name in ("n", "t", "connection"):
            value.pop(name, None)
        return Record(n, t, connection, _step(value))
    except KeyError as missing:
        raise DamagedTraceError(number, "missing", str(missing.args[0]), trace) from None
    except _WrongFieldError as wrong:
        raise DamagedTraceError(number, "field", wrong.name, trace, _shown(wrong.value)) from None


class _WrongFieldError(Exception):
    """A field has a value that it cannot have."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__(name)
        self.name = name
        self.value = value


def _field(value: Mapping[str, Any], name: str, reader: Callable[[Any], Any]) -> Any:
    """A field as the type that it has; a KeyError names what is missing, with the field that it is missing in."""
    found = value[name]
    try:
        return reader(found)
    except KeyError as missing:
        raise KeyError(f"{name}.{missing.args[0]}") from None
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise _WrongFieldError(name, found) from None


def _shown(value: Any) -> str:
    return json.dumps(value)[:SHOWN]


def _step(value: dict[str, Any]) -> Step:
    endpoint = _field(value, "endpoint", Role) if "endpoint" in value else None
    value.pop("endpoint", None)
    name = _field(value, "kind", _text)
    kind = ALL_KINDS.get(name)
    if kind is None:
        return UnknownStep(endpoint=endpoint, name=name, values=value)
    older = _with_default(kind.kind)
    facts = {
        name: _field(value, name, READERS[hint])
        for name, hint in _hints(kind.kind).items()
        if name in value or name not in older
    }
    return kind(
        endpoint=endpoint,
        span=_field(value, "span", _span) if "span" in value else None,
        rule=_field(value, "rule", _text_or_none) if "rule" in value else None,
        decided_by=_field(value, "decided_by", _text_or_none) if "decided_by" in value else None,
        **facts,
    )


def _span(value: Any) -> Span | None:
    if value is None:
        return None
    direction, first_bit, bits = value
    return Span(Direction(direction), _whole(first_bit), _whole(bits))


@cache
def _hints(kind: str) -> dict[str, Any]:
    """The types of the facts of a kind of steps, by name."""
    hints = get_type_hints(ALL_KINDS[kind])
    return {name: hints[name] for name in fact_names(ALL_KINDS[kind])}


@cache
def _with_default(kind: str) -> frozenset[str]:
    """The facts that an older version did not write yet: they have a default."""
    return frozenset(field.name for field in fields(ALL_KINDS[kind]) if field.default is not MISSING)


# --- Plain JSON values as the types that the facts have; a wrong one is a TypeError or a ValueError ---


def _whole(value: Any) -> int:
    # A bool is an int in Python, not in JSON.
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return cast(float, value)


def _seconds(value: Any) -> float:
    return float(_number(value))


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is no text")
    return value


def _bytes(value: Any) -> bytes:
    return bytes.fromhex(_text(value))


def _mapping(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise TypeError(f"{value!r} is no object")
    return value


def _items(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError(f"{value!r} is no list")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _items(value)))


def _pair(value: Any) -> tuple[str, str]:
    name, text = _texts(value)
    return name, text


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple(map(_pair, _items(value)))


def _whole_or_bytes(value: Any) -> int | bytes:
    return _bytes(value) if isinstance(value, str) else _whole(value)


def _truth_or_none(value: Any) -> bool | None:
    return None if value is None else _truth(value)


def _whole_or_none(value: Any) -> int | None:
    return None if value is None else _whole(value)


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _masking_key(value: Any) -> bytes:
    key = _bytes(value)
    if len(key) != 4:
        raise ValueError(f"a masking key of {len(key)} bytes")
    return key


def _frame(value: Any) -> Frame:
    opcode, form = _whole(value["opcode"]), _whole_or_none(value["length_form"])
    if not 0 <= opcode < len(OPCODES) or form not in LENGTH_FORMS:
        raise ValueError(f"no frame has opcode {opcode} and a length of {form} bits")
    return Frame(
        OPCODES[opcode],
        _bytes(value["payload"]),
        _truth(value["fin"]),
        _truth(value["rsv1"]),
        _truth(value["rsv2"]),
        _truth(value["rsv3"]),
        None if value["masking_key"] is None else _masking_key(value["masking_key"]),
        form,
    )


LENGTH_FORMS = (None, *EXTENDED_SIZE)

READERS: dict[Any, Callable[[Any], Any]] = {
    bool: _truth,
    bool | None: _truth_or_none,
    bytes: _bytes,
    dict[str, Any]: _mapping,
    float: _number,
    Frame: _frame,
    int: _whole,
    int | bytes: _whole_or_bytes,
    int | None: _whole_or_none,
    str: _text,
    str | None: _text_or_none,
    tuple[str, ...]: _texts,
    tuple[tuple[str, str], ...]: _pairs,
}
"""For each type that a fact can have, how it is read."""
