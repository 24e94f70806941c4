"""`python -m wsedu demo`: the whole story on a real loopback socket, told from its trace."""

from __future__ import annotations

import argparse
import math
import time
from typing import TYPE_CHECKING

from ..scenarios import SCENARIOS, VIRTUAL_SCENARIOS, scenario
from .context import UserError
from .saving import save_all, savers_of, suffixes

if TYPE_CHECKING:
    from ..trace.trace import Trace
    from .context import Context
    from .parser import Parser

PAUSE = 1.5
"""Seconds between two parts of the story at speed 1."""


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    names = [*SCENARIOS, *VIRTUAL_SCENARIOS]
    parser.add_argument("name", nargs="?", choices=names, metavar="NAME", help=context.say("cli.demo.name"))
    parser.add_argument("--scenario", choices=names, metavar="NAME", help=context.say("cli.demo.scenario"))
    parser.add_argument("--world", choices=("real", "virtual"), help=context.say("cli.demo.world"))
    parser.add_argument("--step", action="store_true", help=context.say("cli.demo.step"))
    parser.add_argument("--speed", type=float, metavar="X", help=context.say("cli.demo.speed", seconds=PAUSE))
    parser.add_argument("--tls", action="store_true", help=context.say("cli.demo.tls"))
    parser.add_argument("--compress", action="store_true", help=context.say("cli.demo.compress"))
    parser.add_argument("--seed", type=int, metavar="N", help=context.say("cli.demo.seed"))
    parser.add_argument(
        "--save",
        action="append",
        default=[],
        metavar="FILE",
        help=context.say("cli.demo.save", suffixes=suffixes()),
    )
    parser.add_argument(
        "--theme", choices=("auto", "light", "dark"), default="auto", help=context.say("cli.demo.theme")
    )
    parser.add_argument("--json", action="store_true", help=context.say("cli.demo.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Record the scenario, tell it, and save it."""
    if arguments.speed is not None and not 0 < arguments.speed < math.inf:
        raise UserError("cli.demo.speed.wrong", speed=arguments.speed)
    if arguments.json and (arguments.step or arguments.speed is not None):
        raise UserError("cli.demo.json_alone")
    if arguments.name and arguments.scenario:
        raise UserError("cli.demo.two_names", one=arguments.name, other=arguments.scenario)
    savers = savers_of(arguments.save)
    trace = _play(arguments)
    # The exchange is over: what follows can be stopped without losing it.
    try:
        if arguments.json:
            _print_lines(trace, context)
        else:
            _tell(trace, arguments, context)
    finally:
        save_all(trace, savers, context, theme=arguments.theme)
    return 0


def _play(arguments: argparse.Namespace) -> Trace:
    """The trace of the scenario, on a real socket or in virtual time."""
    name = arguments.name or arguments.scenario or "tour"
    only_virtual = name in VIRTUAL_SCENARIOS
    if only_virtual and (arguments.world == "real" or arguments.tls or arguments.compress):
        raise UserError("cli.demo.world.only", scenario=name)
    if only_virtual or arguments.world == "virtual":
        from ..simulator import simulate

        return simulate(scenario(name, tls=arguments.tls, compress=arguments.compress), seed=arguments.seed)
    from ..loopback import record

    return record(name, seed=arguments.seed, tls=arguments.tls, compress=arguments.compress)


def _print_lines(trace: Trace, context: Context) -> None:
    from ..trace.jsonl import lines

    for line in lines(trace):
        context.write(line)


def _tell(trace: Trace, arguments: argparse.Namespace, context: Context) -> None:
    from ..views.narrative import Narrator, more_to_see

    for block in Narrator(context.language, context.console).tell(trace):
        context.show(block)
        if block.pause:
            _wait(arguments, context)
    _tell_beside(trace, context)
    if trace.header.scenario == "tour" and not arguments.step:
        context.show(more_to_see(context.language))


def _tell_beside(trace: Trace, context: Context) -> None:
    """A scenario that has a counterpart: both in virtual time, with the same keys, side by side."""
    name, seed = trace.header.scenario or "", trace.header.seed
    other = scenario(name).beside
    if other:
        from ..simulator import simulate
        from ..views.side_by_side import side_by_side

        one = simulate(name, seed=seed)
        context.show(side_by_side(one, simulate(other, seed=one.header.seed), context.language))


def _wait(arguments: argparse.Namespace, context: Context) -> None:
    """Between two parts: for a key, for a while, or not at all."""
    if arguments.step:
        from .keys import wait_for_key

        wait_for_key(context)
    elif arguments.speed is not None:
        time.sleep(PAUSE / arguments.speed)
