"""`python -m wsedu decode HEX|-|FILE`: bytes, field by field, with a verdict."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from ..protocol.dissection import Dissection, Verdict, dissect
from ..protocol.types import Role
from ..trace.hexinput import HexError, read_hex
from .captured import check_form, is_capture, is_har, show_capture, show_har
from .context import UserError
from .decode_hints import hints_of, show_hints
from .input import read_sources

if TYPE_CHECKING:
    from ..protocol.heads import DissectedHead
    from ..protocol.rules import ProtocolViolation
    from ..trace.trace import Trace
    from .context import Context
    from .parser import Parser


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    parser.add_argument("source", metavar="HEX|-|FILE", nargs="+", help=context.say("cli.decode.source"))
    parser.add_argument("--sender", choices=("client", "server"), help=context.say("cli.decode.sender"))
    parser.add_argument("--compress", action="store_true", help=context.say("cli.decode.compress"))
    parser.add_argument("--as-websocket", choices=("client", "server"), help=context.say("cli.decode.as_websocket"))
    parser.add_argument("--json", action="store_true", help=context.say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show what the bytes are; 0 if they are legal and whole, 1 if they are not."""
    source = " ".join(arguments.source)
    raw = read_sources(arguments.source)
    check_form(raw, source)
    if is_capture(raw):
        return show_capture(raw, source, arguments.as_websocket, as_json=arguments.json, context=context)
    if is_har(raw, source):
        return show_har(raw, source, as_json=arguments.json, context=context)
    if raw.lstrip()[:2] == b'{"' or source.lower().endswith(".jsonl"):
        return _run_trace(raw, arguments, context)
    return _run_bytes(_bytes(raw, context), arguments, context)


def _bytes(raw: bytes, context: Context) -> bytes:
    """The bytes that the source stands for: as they are if it is binary or a head of HTTP, else by their hex."""
    from ..protocol.heads import looks_like_head

    if looks_like_head(raw):
        if b"\r\n" not in raw:
            # An editor or a terminal has taken the CR away: what is asked about are the fields.
            context.complain("cli.decode.lf")
            return raw.replace(b"\n", b"\r\n")
        return raw
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
    if any(character < " " and character not in "\t\r\n\f" for character in text):
        return raw
    try:
        data = read_hex(text)
    except HexError as error:
        raise UserError(f"cli.hex.{error.problem}", line=error.line, column=error.column, found=error.found) from None
    if not data:
        raise UserError("cli.hex.empty")
    return data


def _run_bytes(data: bytes, arguments: argparse.Namespace, context: Context) -> int:
    from ..protocol.heads import dissect_head, looks_like_head

    head = dissect_head(data) if looks_like_head(data) else None
    rest = data if head is None else data[head.size :]
    sender = Role(arguments.sender) if arguments.sender else None if head is None else head.sender
    dissection = dissect(rest, sender=sender, compress=arguments.compress) if rest or head is None else None
    if arguments.json:
        found: dict[str, Any] = {} if head is None else {"head": head_object(head)}
        found.update({} if dissection is None else dissection_object(dissection))
        context.write(json.dumps(found, ensure_ascii=False))
    else:
        _show(head, dissection, context)
    legal = (head is None or head.legal) and (dissection is None or dissection.legal)
    return 0 if legal else 1


def _show(head: DissectedHead | None, dissection: Dissection | None, context: Context) -> None:
    from ..views.dissected import render_dissected_head
    from ..views.terminal import render_dissection

    if head is not None:
        context.show(render_dissected_head(head, context.language))
    if dissection is not None:
        context.show(render_dissection(dissection, context.language))
        show_hints(dissection, context)


# --- Saved traces ---


def _run_trace(raw: bytes, arguments: argparse.Namespace, context: Context) -> int:
    from ..trace.jsonl import DamagedTraceError, lines, loads

    damaged = None
    try:
        trace = loads(raw.decode("utf-8", errors="surrogateescape"))
    except DamagedTraceError as error:
        damaged, trace = error, error.trace
    if arguments.json:
        for line in lines(trace):
            context.write(line)
    elif trace.records:
        from ..views.terminal import render_trace

        context.show(render_trace(trace, context.language))
    if damaged is not None:
        from ..explain.words import damaged_trace_sentence

        # Nothing of a trace is there: perhaps it is none.
        none = damaged.line == 1 and damaged.problem in ("header", "json")
        key = "cli.decode.no_trace" if none else "cli.problem"
        raise UserError(key, problem=damaged_trace_sentence(damaged, context.language))
    return 1 if _has_violation(trace) else 0


def _has_violation(trace: Trace) -> bool:
    return bool(trace.filter(kind="violation").records)


# --- As JSON ---


def dissection_object(dissection: Dissection) -> dict[str, Any]:
    """A dissection as plain JSON values; bytes in lower-case hex."""
    return {
        "bytes": dissection.data.hex(),
        "legal": dissection.legal,
        "missing": dissection.missing,
        "hints": [hint.name for hint in hints_of(dissection)],
        "verdicts": {verdict.sender.value: _verdict_object(verdict) for verdict in dissection.verdicts},
        "frames": [
            {
                "offset": frame.offset,
                "size": frame.size,
                "missing": frame.missing,
                "payload": None if frame.frame is None else frame.frame.payload.hex(),
                "inflated": dissection.inflated[frame.number].hex() if frame.number in dissection.inflated else None,
                "fields": [
                    {
                        "name": field.name,
                        "first_bit": field.first_bit,
                        "bits": field.bits,
                        "value": field.value.hex() if isinstance(field.value, bytes) else field.value,
                        "meaning": field.meaning,
                        "rfc": field.section,
                    }
                    for field in dissection.fields_of(frame.number)
                ],
            }
            for frame in dissection.frames
        ],
    }


def _verdict_object(verdict: Verdict) -> dict[str, Any]:
    violations = [_violation_object(violation) for violation in verdict.violations]
    found: dict[str, Any] = {"legal": verdict.legal, "complete": verdict.complete}
    # The first one stands for itself too: it is the one at which an endpoint gives up.
    return found | (violations[0] | {"violations": violations} if violations else {})


def _violation_object(violation: ProtocolViolation) -> dict[str, Any]:
    return {
        "rule": violation.rule.name,
        "rfc": violation.rule.section,
        "offset": violation.offset,
        "code": violation.rule.code,
        "detail": dict(violation.detail),
    }


def head_object(head: DissectedHead) -> dict[str, Any]:
    """A head of the opening handshake as plain JSON values."""
    violation = head.violation
    return {
        "sender": head.sender.value,
        "size": head.size,
        "complete": head.complete,
        "line": None if head.message is None else head.message.line,
        "headers": [] if head.message is None else [list(pair) for pair in head.message.headers.pairs()],
        "checks": [
            {"field": check.field, "found": check.found, "passed": check.passed, "rule": check.rule, "rfc": check.rfc}
            for check in head.checks
        ],
        "accept": head.accept,
        "rule": None if violation is None else violation.rule.name,
        "offset": None if violation is None else violation.offset,
        "status": None if violation is None else violation.rule.status,
    }
