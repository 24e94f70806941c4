"""What an exchange film is recorded from: a scenario by name or by itself, or a text; each with a seed."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import NamedTuple

from ..protocol.types import Role
from ..scenarios import SCENARIOS, VIRTUAL_SCENARIOS, Act, Scenario, scenario
from ..scenarios.catalogue import BYE
from ..trace.trace import Trace

MENU = (
    "hello",
    "fragments",
    "early-frame",
    "both-close",
    "silent-peer",
    "unmasked",
    "split-utf8",
    "empty-close",
    "large",
    "compressed",
    "tls",
    "tour",
    "cross-site",
    "cross-site-refused",
    *VIRTUAL_SCENARIOS,
)
"""The scenarios in the order of the menu; the first nine have the keys 1 to 9."""

TEXT = "text"
"""The name of the scenario in which both sides send a text that somebody chose."""


class Recipe(NamedTuple):
    """What was recorded, so that it can be recorded again."""

    scenario: Scenario | str
    tls: bool = False
    compress: bool = False

    def play(self, seed: int | None = None) -> Trace:
        """Record it: on a real loopback socket, or what makes sense in virtual time only, there.

        Arguments:
            seed: of the keys; None for one drawn now, which the trace's header tells.

        Raises:
            ValueError: this scenario has neither TLS nor compression.
            TimeoutError: it took too long.
        """
        seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        what = self.scenario
        if isinstance(what, str):
            what = scenario(what, tls=self.tls, compress=self.compress)
        if what.virtual:
            from ..simulator import simulate

            return simulate(what, seed=seed)
        from ..loopback import record

        return record(what, seed=seed, tls=self.tls, compress=self.compress)


def recipe(what: str | Scenario, *, tls: bool = False, compress: bool = False) -> Recipe:
    """The recipe for a scenario, the name of one, or else for a text that both sides send.

    Raises:
        TypeError: `what` is neither.
    """
    if not isinstance(what, (str, Scenario)):
        raise TypeError(f"a scenario is a name, a text or a Scenario, not {type(what).__name__}: take record('hello')")
    if isinstance(what, str) and what not in SCENARIOS and what not in VIRTUAL_SCENARIOS:
        acts = (
            Act(Role.CLIENT, "send_text", (what,), note="act.text.masked"),
            Act(Role.SERVER, "send_text", (what,), note="act.text.unmasked"),
            BYE,
        )
        return Recipe(replace(scenario("hello", tls=tls, compress=compress), name=TEXT, acts=acts))
    return Recipe(what, tls, compress)
