"""Scenarios found by name, whichever world they are for."""

from __future__ import annotations

from . import catalogue
from .model import Scenario
from .virtual import VIRTUAL_SCENARIOS


def scenario(name: str, *, tls: bool = False, compress: bool = False) -> Scenario:
    """The scenario of that name.

    Arguments:
        name: a key of `SCENARIOS`, which are for every world, or of `VIRTUAL_SCENARIOS`.
        tls: have it over TLS even if it is not by itself.
        compress: have it with permessage-deflate even if it is not by itself.

    Raises:
        KeyError: there is none of that name.
        ValueError: one for virtual time is as it is: with TLS or compression its network would have nothing to show.
    """
    found = VIRTUAL_SCENARIOS.get(name)
    if found is None:
        if name not in catalogue.SCENARIOS:
            names = ", ".join([*catalogue.SCENARIOS, *VIRTUAL_SCENARIOS])
            raise KeyError(f"there is no scenario {name!r}; there are: {names}")
        return catalogue.scenario(name, tls=tls, compress=compress)
    if tls or compress:
        raise ValueError(f"the scenario {name} has neither TLS nor compression")
    return found
