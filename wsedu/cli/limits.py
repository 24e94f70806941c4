"""`--limit NAME=VALUE`: the sizes, numbers and deadlines of one end, by the names that they have in Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..protocol.types import Limits, Timeouts
from .context import UserError

if TYPE_CHECKING:
    from .context import Context
    from .parser import Parser

SIZES = tuple(field.name for field in fields(Limits))
DEADLINES = tuple(field.name for field in fields(Timeouts))
SERVER_LIMITS = ("max_connections", "max_outgoing")
"""What `wsedu.loopback.serve` takes beside `limits` and `timeouts`."""

NAMES = (*SIZES, *DEADLINES, *SERVER_LIMITS)
NONE = "none"
"""The value of a limit that there is not to be."""

UNBOUNDED = (*DEADLINES, *SERVER_LIMITS, "max_frame_size")
"""Limits that there may not be; for a frame it is the message's."""


def add_argument(parser: Parser, context: Context) -> None:
    """The option, which may be given several times."""
    parser.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=context.say("cli.limit.option", names=", ".join(NAMES)),
    )


def read_limits(given: Sequence[str]) -> dict[str, Any]:
    """The arguments of `wsedu.loopback.serve` for what was given on the command line.

    Arguments:
        given: each as `NAME=VALUE`; deadlines in seconds, sizes in bytes, `none` for no limit.

    Raises:
        UserError: there is no limit with such a name, or it cannot have this value.
    """
    values: dict[str, Any] = {}
    for option in given:
        name, _, value = option.partition("=")
        if name not in NAMES:
            raise UserError("cli.limit.name", name=name, names=", ".join(NAMES))
        values[name] = _value(name, value)
    return {
        "limits": Limits(**{name: value for name, value in values.items() if name in SIZES}),
        "timeouts": Timeouts(**{name: value for name, value in values.items() if name in DEADLINES}),
        **{name: value for name, value in values.items() if name in SERVER_LIMITS},
    }


def _value(name: str, text: str) -> float | None:
    if text == NONE and name in UNBOUNDED:
        return None
    try:
        value = float(text) if name in DEADLINES else int(text)
    except ValueError:
        value = 0
    if not (math.isfinite(value) and value > 0):
        kind = "seconds" if name in DEADLINES else "whole.none" if name in UNBOUNDED else "whole"
        raise UserError(f"cli.limit.{kind}", name=name, value=repr(text))
    return value
