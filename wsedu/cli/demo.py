"""`python -m wsedu demo`: the whole story on a real loopback socket, told from its trace."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..extras import require
from ..protocol.steps import TransportOpened
from ..scenarios import SCENARIOS, VIRTUAL_SCENARIOS, scenario
from .context import UserError

if TYPE_CHECKING:
    from ..trace.trace import Trace
    from .context import Context
    from .parser import Parser

Theme = Literal["auto", "light", "dark"]

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
        help=context.say("cli.demo.save", suffixes=", ".join(SAVERS)),
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
    savers = [(path, _saver(path)) for path in arguments.save]
    trace = _play(arguments)
    # The exchange is over: what follows can be stopped without losing it.
    try:
        if arguments.json:
            _print_lines(trace, context)
        else:
            _tell(trace, arguments, context)
    finally:
        _save_all(trace, savers, arguments, context)
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


def _save_all(trace: Trace, savers: list[tuple[str, Saver]], arguments: argparse.Namespace, context: Context) -> None:
    """Save every file that can be saved, then complain of the first that cannot."""
    problems: list[Exception] = []
    for path, save in savers:
        try:
            save(trace, path, context.language, arguments.theme)
        except (OSError, RuntimeError, ValueError, ImportError) as problem:
            problems.append(problem)
        else:
            context.complain("cli.saved", file=path)
            if Path(path).suffix.lower() == ".pcapng" and _tls_of(trace) is not None:
                context.complain("cli.saved.plaintext", file=path)
    if problems:
        raise problems[0]


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
    if trace.header.scenario == "tour" and not arguments.step:
        context.show(more_to_see(context.language))


def _wait(arguments: argparse.Namespace, context: Context) -> None:
    """Between two parts: for a key, for a while, or not at all."""
    if arguments.step:
        from .keys import wait_for_key

        wait_for_key(context)
    elif arguments.speed is not None:
        time.sleep(PAUSE / arguments.speed)


# --- Saving: a function for each suffix ---


def _save_lines(trace: Trace, path: str, language: str, theme: Theme) -> None:
    trace.save(path)


def _save_svg(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.files import write_whole
    from ..views.ladder import ladder_svg

    write_whole(path, ladder_svg(trace, language=language, theme=theme).encode())


def _save_png(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.files import write_whole
    from ..views.ladder import ladder_svg
    from ..views.png import svg_to_png

    # A picture of dots cannot follow its reader's theme.
    fixed: Literal["light", "dark"] = "light" if theme == "auto" else theme
    write_whole(path, svg_to_png(ladder_svg(trace, language=language, theme=fixed), theme=fixed))


def _save_html(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.files import write_whole
    from ..views.html import trace_html

    write_whole(path, trace_html(trace, language=language).encode())


def _save_pcapng(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..explain.catalogue import catalogue
    from ..trace.pcapwrite import write_pcapng

    say, tls = catalogue(language).say, _tls_of(trace)
    comment = say("cli.save.comment") if tls is None else say("cli.save.comment.tls", tls=tls)
    write_pcapng(trace, path, start=_date(trace), comment=comment)


def _save_har(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.har import write_har

    write_har(trace, path, start=_date(trace))


def _date(trace: Trace) -> float:
    """When the first step was, in seconds since 1970: a trace that was recorded just now ends now."""
    return time.time() - (trace.records[-1].t if trace.records else 0.0)


def _tls_of(trace: Trace) -> str | None:
    """The version of TLS that protected the exchange."""
    return next((record.step.tls for record in trace if isinstance(record.step, TransportOpened)), None)


Saver = Callable[["Trace", str, str, Theme], None]
"""Takes the trace, the path, the language and the theme."""

SAVERS: dict[str, Saver] = {
    ".jsonl": _save_lines,
    ".svg": _save_svg,
    ".png": _save_png,
    ".html": _save_html,
    ".pcapng": _save_pcapng,
    ".har": _save_har,
}
"""How to save a trace, by the suffix of the file."""


def _saver(path: str) -> Saver:
    """The saver for a file, found before anything is recorded, so that nothing is recorded in vain."""
    suffix = Path(path).suffix.lower()
    if suffix not in SAVERS:
        raise UserError("cli.save.suffix", file=path, suffixes=", ".join(SAVERS))
    if not Path(path).absolute().parent.is_dir():
        raise UserError("cli.save.folder", folder=str(Path(path).parent))
    if suffix == ".png":
        require("resvg_py", "image")
    if suffix == ".pcapng":
        require("scapy", "capture")
    return SAVERS[suffix]
