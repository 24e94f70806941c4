"""`python -m wsedu overhead`: polling, long polling, server-sent events and WebSocket, measured here and modelled."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import part_catalogue
from ..extras import require
from .context import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..overhead.limits import CannotMeasureError
    from ..overhead.measure import Measurement, Progress
    from ..overhead.results import Measured
    from ..overhead.setting import Range, Setting
    from ..overhead.transports import Transport
    from .context import Context
    from .parser import Parser

PART = "overhead"
SECONDS = 5.0
WAIT = 0.1
"""Seconds between two looks at whether a measurement is over."""

DEFAULTS = {"clients": 20, "events_per_second": 2.0, "interval": 1.0, "payload": 20, "rtt": 0.05, "timeout": 30.0}
"""The setting where nothing else is asked for: the round trip is for the model alone, a run finds out its own."""

KWH_PER_GB = 0.06
"""kWh that a network took for a gigabyte in 2015 (Aslan et al., Journal of Industrial Ecology 22, 2018)."""

PRICE_PER_GB = 0.09
"""What clouds list for a gigabyte to the internet, about, in dollars."""

MAX_SEED = 2**32 - 1
MAX_KWH = 1000.0
MAX_PRICE = 1e9

PICTURES = (".png", ".svg")
SUFFIXES = (*PICTURES, ".csv", ".json")


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    from ..overhead.profiles import PROFILES
    from ..overhead.setting import RANGES
    from ..overhead.transports import FOUR, Transport

    say = part_catalogue(PART, context.language).say
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, metavar="S", help=say("option.seconds", value=SECONDS)
    )
    for name, value in DEFAULTS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=int if RANGES[name].whole else float,
            default=value,
            metavar="N" if RANGES[name].whole else "R" if name == "events_per_second" else "S",
            help=say(f"option.{name}", value=value, **_bounds(RANGES[name])),
        )
    parser.add_argument(
        "--headers", default="browser", metavar="PROFILE", help=say("option.headers", names=", ".join(PROFILES))
    )
    parser.add_argument(
        "--transports",
        default=",".join(FOUR),
        metavar="A,B",
        help=say("option.transports", names=", ".join(Transport)),
    )
    parser.add_argument("--tls", action="store_true", help=say("option.tls"))
    parser.add_argument("--model-only", action="store_true", help=say("option.model_only"))
    parser.add_argument("--month", action="store_true", help=say("option.month"))
    parser.add_argument(
        "--kwh-per-gb", type=float, default=KWH_PER_GB, metavar="X", help=say("option.kwh", value=KWH_PER_GB)
    )
    parser.add_argument(
        "--price-per-gb", type=float, default=None, metavar="X", help=say("option.price", value=PRICE_PER_GB)
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help=say("option.seed"))
    parser.add_argument("--port", type=int, default=0, metavar="P", help=say("option.port"))
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help=say("option.theme"))
    parser.add_argument(
        "--save", action="append", default=[], metavar="FILE", help=say("option.save", suffixes=", ".join(SUFFIXES))
    )
    parser.add_argument("--json", action="store_true", help=context.say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Measure, tell and save."""
    from ..overhead.rows import rows

    say = part_catalogue(PART, context.language).say
    setting = _setting(arguments, say)
    transports = _transports(arguments.transports, say)
    _check_numbers(arguments, say)
    _check_files(arguments.save)
    runs: list[Measured] = []
    failure = None
    if not arguments.model_only:
        _check_extras(setting, transports)
        runs, failure = _measured(arguments, setting, transports, context)
    if failure is not None and not runs:
        raise failure
    made = rows(setting, transports, runs)
    if arguments.json:
        from ..overhead.saving import as_json

        context.write(as_json(setting, made, runs))
    else:
        _tell(arguments, context, setting, transports, runs)
    _save(arguments, context, setting, transports, runs)
    if failure is not None:
        raise failure
    return 0


def _setting(arguments: argparse.Namespace, say: Callable[..., str]) -> Setting:
    from ..overhead.profiles import PROFILES, UnknownProfileError
    from ..overhead.setting import OutOfRangeError, Setting

    values = {name: getattr(arguments, name) for name in DEFAULTS}
    try:
        return Setting(**values, headers=arguments.headers, tls=arguments.tls)
    except OutOfRangeError as error:
        raise _outside(error.name, error.value, error.range, say) from None
    except UnknownProfileError as error:
        raise _told(say("cannot.headers", names=", ".join(PROFILES), name=error.name)) from None


def _check_numbers(arguments: argparse.Namespace, say: Callable[..., str]) -> None:
    """Refuse numbers that are no part of the setting and that there cannot be."""
    from ..overhead.setting import Range
    from .listening import check_port

    check_port(arguments.port)
    limits = {
        "seed": Range(0, MAX_SEED, "", whole=True),
        "kwh_per_gb": Range(0, MAX_KWH, "kWh"),
        "price_per_gb": Range(0, MAX_PRICE, ""),
    }
    for name, limit in limits.items():
        value = getattr(arguments, name)
        if value is not None and not limit.low <= value <= limit.high:
            raise _outside(name, value, limit, say)


def _outside(name: str, value: object, limits: Range, say: Callable[..., str]) -> UserError:
    told = f"{value:g}" if isinstance(value, float) else value
    facts = {"name": name.replace("_", "-"), "value": told, **_bounds(limits)}
    if limits.unit:
        facts["unit"] = " " + say(f"unit.{limits.unit}")
    return _told(say("cannot.whole" if limits.whole else "cannot.range", **facts))


def _bounds(limits: Range) -> dict[str, str]:
    """A range as it is told."""
    return {"low": f"{limits.low:,.10g}", "high": f"{limits.high:,.10g}", "unit": ""}


def _told(sentence: str) -> UserError:
    return UserError("cli.plain", problem=sentence)


def _transports(names: str, say: Callable[..., str]) -> list[Transport]:
    from ..overhead.transports import Transport

    chosen = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name not in list(Transport):
            raise _told(say("cannot.transports", names=", ".join(Transport), name=name))
        chosen.append(Transport(name))
    if not chosen:
        raise _told(say("cannot.transports", names=", ".join(Transport), name=repr(names)))
    return list(dict.fromkeys(chosen))


def _check_extras(setting: Setting, transports: Sequence[Transport]) -> None:
    """Find out what is missing before anything is measured."""
    from ..overhead.transports import WEBSOCKETS

    if any(transport not in WEBSOCKETS for transport in transports):
        require("aiohttp", "overhead")
    if setting.tls:
        require("trustme", "tls")


def _check_files(paths: Sequence[str]) -> None:
    """Refuse what cannot be saved before anything is measured."""
    for path in paths:
        suffix = Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            raise UserError("cli.save.suffix", file=path, suffixes=", ".join(SUFFIXES))
        if Path(path).is_dir():
            raise UserError("cli.is_folder", file=path)
        if not Path(path).absolute().parent.is_dir():
            raise UserError("cli.save.folder", folder=str(Path(path).parent))
        if suffix in PICTURES:
            require("matplotlib.figure", "overhead")
        _try_folder(path)


def _try_folder(path: str) -> None:
    """See whether a new file can be made where a file shall be, as it will be written by way of one."""
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        return
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}."):
            pass
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.ENOSPC):
            # The name that the user knows, not that of the temporary file.
            error.filename = path
            raise
        raise UserError("cli.save.refused", file=path) from None


# --- Measuring ---


def _measured(
    arguments: argparse.Namespace, setting: Setting, transports: Sequence[Transport], context: Context
) -> tuple[list[Measured], Exception | None]:
    """Run it and show how far it is; what there is when the user stops it, or when it fails, and what it failed of."""
    from ..overhead.limits import CannotMeasureError
    from ..overhead.measure import Measurement

    say = part_catalogue(PART, context.language).say
    with _bar(context, say) as tell:
        try:
            measurement = Measurement(
                transports, setting, seconds=arguments.seconds, seed=arguments.seed, port=arguments.port, tell=tell
            )
        except CannotMeasureError as error:
            raise _refused(error, say) from None
        measurement.start()
        _wait(measurement, context, say)
    failure = measurement.failure
    return measurement.results, _refused(failure, say) if isinstance(failure, CannotMeasureError) else failure


def _refused(error: CannotMeasureError, say: Callable[..., str]) -> UserError:
    facts = error.facts
    if error.key == "opening":
        facts = facts | {"name": say(f"transport.{facts['name']}")}
    return _told(say(f"cannot.{error.key}", **facts))


def _wait(measurement: Measurement, context: Context, say: Callable[..., str]) -> None:
    while measurement.is_alive():
        try:
            measurement.join(WAIT)
        except KeyboardInterrupt:
            context.complain("cli.plain", problem=say("run.stopping"))
            measurement.stop()


@contextmanager
def _bar(context: Context, say: Callable[..., str]) -> Iterator[Callable[[Progress], None]]:
    """On standard error: a bar on a terminal, elsewhere a line for each transport."""
    if not sys.stderr.isatty():
        yield _lines(context, say)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[news]}"), TimeRemainingColumn())
    with Progress(*columns, console=context.console_of(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0, news="")

        def tell(progress: Any) -> None:
            done = (progress.number - 1 + progress.elapsed / progress.seconds) / progress.count
            name = say(f"transport.{progress.transport.value}")
            bar.update(
                task,
                completed=done,
                description=say("run.measuring", transport=name, number=progress.number, count=progress.count),
                news=say("run.happened", delivered=progress.delivered, happened=progress.happened),
            )

        yield tell


def _lines(context: Context, say: Callable[..., str]) -> Callable[[Progress], None]:
    told: set[int] = set()

    def tell(progress: Progress) -> None:
        # Whether it can begin at all, the short run before it finds out.
        if progress.number not in told and progress.stage != "trip":
            told.add(progress.number)
            name = say(f"transport.{progress.transport.value}")
            facts = {"transport": name, "number": progress.number, "count": progress.count}
            context.complain("cli.plain", problem=say("run.measuring", **facts))

    return tell


# --- Telling and saving ---


def _tell(
    arguments: argparse.Namespace,
    context: Context,
    setting: Setting,
    transports: Sequence[Transport],
    runs: Sequence[Measured],
) -> None:
    from ..overhead.rows import rows
    from ..views.overhead_table import overhead_bars, overhead_lesson, overhead_month, overhead_table, too_few
    from ..views.prose import Prose

    say = part_catalogue(PART, context.language).say
    context.show(Prose(say("table.title")))
    context.show(overhead_table(rows(setting, transports, runs), context.language))
    arrived = [run for run in runs if run.delivered]
    counted = all(run.packets is not None for run in arrived)
    note = "run.modelling" if not arrived else "table.note" if counted else "table.note_uncounted"
    context.show(Prose(say(note)))
    few = too_few(runs, context.language)
    if few:
        context.show(Prose(few))
    for run in runs:
        line = _shortcoming(run, say)
        if line:
            context.show(Prose(line))
    found = [run.transport for run in runs]
    missing = [say(f"transport.{one.value}") for one in transports if one not in found]
    if runs and missing:
        context.show(Prose(say("table.missing", list=say("list.between").join(missing))))
    context.write("")
    context.show(overhead_bars(setting, transports, context.language, runs))
    if arguments.month:
        context.write("")
        dollars = arguments.price_per_gb is None
        prices = {
            "kwh_per_gb": arguments.kwh_per_gb,
            "price_per_gb": PRICE_PER_GB if dollars else arguments.price_per_gb,
        }
        context.show(overhead_month(setting, transports, context.language, **prices, dollars=dollars))
    context.write("")
    for line in overhead_lesson(setting, transports, context.language, runs):
        context.show(Prose(line))


def _shortcoming(run: Measured, say: Callable[..., str]) -> str:
    """What a run lacks; empty if nothing."""
    name = say(f"transport.{run.transport.value}")
    if not run.delivered:
        return say("table.nothing", transport=name, seconds=run.seconds)
    if run.stopped:
        return say("table.stopped", transport=name, seconds=run.seconds)
    if run.delivered < run.happened:
        return say("table.unfinished", transport=name, delivered=run.delivered, happened=run.happened)
    return ""


def _save(
    arguments: argparse.Namespace,
    context: Context,
    setting: Setting,
    transports: Sequence[Transport],
    runs: Sequence[Measured],
) -> None:
    from ..overhead.rows import rows
    from ..overhead.saving import as_csv, as_json
    from ..trace.files import write_whole

    for path in arguments.save:
        suffix = Path(path).suffix.lower()
        if suffix == ".csv":
            data = as_csv(rows(setting, transports, runs)).encode()
        elif suffix == ".json":
            data = as_json(setting, rows(setting, transports, runs), runs).encode() + b"\n"
        else:
            from ..views.overhead_charts import overview, saved, spoken_language

            figure = overview(
                setting, transports=transports, measured=runs, language=context.language, theme=arguments.theme
            )
            data = saved(figure, suffix)
            note = spoken_language(context.language)[1]
            if note:
                context.complain("cli.plain", problem=note)
        write_whole(path, data)
        context.complain("cli.saved", file=path)
