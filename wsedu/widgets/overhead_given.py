"""What `OverheadLab` is given from Python, and one line for whoever gives something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..explain.catalogue import Catalogue
from ..overhead.setting import RANGES, Setting
from ..overhead.transports import Transport
from .base import BadInput, WrongKind

EXAMPLES = {"clients": 50, "events_per_second": 2.0, "interval": 1.0}
"""Numbers of a setting as an example, where none were given."""

SHORT = 40
"""Characters of what was given that are said again."""


def check_keywords(unknown: Mapping[str, object], words: Catalogue) -> None:
    """Refuse arguments that there are not.

    Raises:
        WrongKind: there is one.
    """
    if not unknown:
        return
    known = {name: value for name, value in unknown.items() if name in (*RANGES, "headers", "tls")}
    if known:
        raise WrongKind(words.say("why.keyword", name=next(iter(known)), example=_example(known)))
    raise WrongKind(words.say("why.unknown", name=next(iter(unknown)), example=_example({})))


def given_setting(setting: Any, words: Catalogue) -> Setting:
    """The setting that was given.

    Raises:
        WrongKind: it is none, or one of many values.
    """
    if not isinstance(setting, Setting):
        known = setting if isinstance(setting, dict) else {}
        known = {name: value for name, value in known.items() if name in RANGES}
        raise WrongKind(words.say("why.setting", kind=type(setting).__name__, example=_example(known)))
    many = next((name for name in RANGES if np.ndim(getattr(setting, name))), None)
    if many is not None:
        raise WrongKind(words.say("why.many", name=many))
    return setting


def given_transports(transports: Any, words: Catalogue) -> tuple[Transport, ...]:
    """The transports that were given, by name or as they are.

    Raises:
        WrongKind: it is no list.
        BadInput: there is no such transport.
    """
    names = ", ".join(Transport)
    if isinstance(transports, str) or not isinstance(transports, Iterable):
        raise WrongKind(words.say("why.transports", kind=type(transports).__name__, names=names))
    found = []
    for one in transports:
        if one not in list(Transport):
            raise BadInput(words.say("why.way", name=str(one)[:SHORT], names=names))
        found.append(Transport(one))
    return tuple(found)


def _example(values: Mapping[str, object]) -> str:
    told = {name: value for name, value in values.items() if len(repr(value)) <= SHORT} or EXAMPLES
    return ", ".join(f"{name}={value!r}" for name, value in told.items())
