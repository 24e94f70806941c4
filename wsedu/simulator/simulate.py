"""`simulate`: a scenario or a function played in virtual time, and the trace of both endpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..protocol.steps import Level
from ..scenarios import Scenario
from ..scenarios import scenario as find_scenario
from ..scenarios.network import Chunks, Fault, Link, Middlebox
from .setup import SimulatedTrace, make_setup
from .world import World, play

Script = Callable[[World], None]


def simulate(
    scenario_or_script: str | Scenario | Script,
    *,
    seed: int | None = None,
    link: Link | tuple[Link, Link] | None = None,
    middleboxes: Sequence[Middlebox] | None = None,
    faults: Sequence[Fault] | None = None,
    chunks: Chunks | None = None,
    until: float | None = None,
    level: Level = Level.EXTRA,
) -> SimulatedTrace:
    """Play a scenario between a client and a server in virtual time; it waits for nothing.

    Arguments:
        scenario_or_script: a scenario, the name of one, or a function that is called with a `World`.
        seed: of the keys and of everything else that is random: the same seed gives the same trace to the byte,
            and the same keys as `wsedu.loopback.record`. None for one drawn now, which the trace's header tells.
        link: both directions, or a pair for one towards the server and one towards the client; None for what the
            scenario has, else for the plainest one. The same holds for the next three.
        middleboxes: between the client and the link, the first one next to the client.
        faults: what goes wrong, each at a step or when a condition on a frame holds.
        chunks: how the endpoints read.
        until: seconds of virtual time after which the run ends; None for a day.
        level: how fine the steps are.

    Returns:
        The trace, which `fork` can take up at any step.

    Raises:
        KeyError: there is no scenario of that name.
        ValueError: a fault does not say when.
    """
    if isinstance(scenario_or_script, str):
        scenario_or_script = find_scenario(scenario_or_script)
    scenario = scenario_or_script if isinstance(scenario_or_script, Scenario) else None
    script: Script = _play_scenario if isinstance(scenario_or_script, Scenario) else scenario_or_script
    setup = make_setup(
        scenario,
        seed=seed,
        link=link,
        middleboxes=middleboxes,
        faults=faults,
        chunks=chunks,
        until=until,
        level=level,
    )
    return play(setup, script)


def _play_scenario(world: World) -> None:
    """From the opening handshake to the end of TCP, as on a real socket."""
    world.settle()
    # Without a connection there is nobody who could act.
    if world.client.opened:
        for act in world.setup.scenario.acts:
            world.perform(act)
    world.run()
