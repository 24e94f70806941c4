"""JSON that is well-formed and says something odd: what a fuzzer of bytes alone hardly ever makes."""

from __future__ import annotations

import copy
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, -0.0, 1e400, 1 << 64, 10**400, "", "0", "\x00", "\ud800", "00", "zz", "AAE=",
    "client", "server", "client-to-server", "http://[", "ws://a:b/", "9999-99-99T99:99:99Z", [], {}, [[]], [None],
    {"name": 1}, [0, -1, "x"], ["client-to-server", -1, 1 << 70], "frame.complete", "message.complete", "violation",
)  # fmt: skip
"""What is put in the place of a value."""


def altered(value: Any, data: bytes) -> Any:
    """A JSON value with some of its parts changed or taken out.

    Arguments:
        value: it is not changed itself.
        data: two bytes for each change: which part, counted in the order of writing, and what becomes of it.
    """
    value = copy.deepcopy(value)
    for which, what in zip(data[::2], data[1::2], strict=False):
        places = list(parts(value))
        if not places:
            break
        holder, key = places[which % len(places)]
        if what < len(ODD):
            holder[key] = copy.deepcopy(ODD[what])
        elif what % 3 == 0:
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(key, holder[key])
        else:
            holder[f"{key}x"] = holder.pop(key)
    return value


def parts(value: Any) -> list[tuple[Any, Any]]:
    """Every part of a JSON value, as what holds it and under which key."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    found = []
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            found += parts(value[key])
    return found
