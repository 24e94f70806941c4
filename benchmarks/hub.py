"""A class on JupyterHub: everybody logs in at once, opens a lesson and runs it; what each waits for and takes.

python benchmarks/hub.py --system-users --markdown docs/teaching/jupyterhub.md
python benchmarks/hub.py --quick --hub VENV --proxy PROGRAM
"""

from __future__ import annotations

import asyncio
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import _hub_browser
import _measure
import aiohttp
from _hub_server import CACHE, Hub, Memory, environment, everybodys_environment, proxy
from _hub_user import Learner, Times
from _hub_users import SystemUsers, system_users
from _measure import Verdict, table

from wsedu.course.notebooks import notebooks

USERS, QUICK_USERS = 12, 2
LESSON = "08_exchange.ipynb"
EVERYBODYS = Path("/opt/wsedu-hub")
"""Where the environment for users of this system is made."""
LIMIT = 600.0
"""Seconds for the whole class."""

MIB = 2**20
VERSIONS = """import platform, sys; from importlib.metadata import version
print(platform.python_version(), *map(version, sys.argv[1:]))"""
LOCAL = (
    " They are users of this system, made for the measurement: the system checks their passwords (PAM), and every"
    " process of a learner ran as that learner, in the home of that learner."
)
ALONE = " All servers ran as the user who started the measurement."
START_TARGET, RUN_TARGET, MEMORY_TARGET = 60.0, 120.0, 400.0


def main() -> int:
    """Measure and write down."""
    parser = _measure.options(__doc__ or "")
    parser.add_argument("--users", type=int, help=f"how many come at once; {USERS}, with --quick {QUICK_USERS}")
    parser.add_argument("--lesson", default=LESSON, choices=sorted(notebooks("en")), help="the notebook that they run")
    parser.add_argument("--hub", type=Path, help="an environment, made if it is missing")
    parser.add_argument(
        "--system-users",
        action="store_true",
        help="make users of this system for as long as it takes; as root, with /usr/bin/python3",
    )
    program = CACHE / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
    parser.add_argument("--proxy", type=Path, default=program, help="JupyterHub's proxy, installed if it is missing")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write what the one in the browser sees as PNG")
    arguments = parser.parse_args()
    users = arguments.users or (QUICK_USERS if arguments.quick else USERS)
    names = [f"wsedu-learner{number:02}" for number in range(1, users + 1)]
    # Whoever ends this ends the hub and all servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    program = proxy(arguments.proxy.absolute())
    if arguments.system_users:
        venv = everybodys_environment((arguments.hub or EVERYBODYS).absolute())
        local: AbstractContextManager[SystemUsers | None] = system_users(names)
    else:
        venv = environment((arguments.hub or CACHE / "venv").absolute())
        local = nullcontext()
    with tempfile.TemporaryDirectory(prefix="wsedu-hub-") as place, local as known:
        hub = Hub(Path(place), venv, program, known)
        try:
            measured = asyncio.run(asyncio.wait_for(whole_class(hub, names, arguments), LIMIT))
        except BaseException:
            print(hub.log(), file=sys.stderr)
            raise
        finally:
            hub.close()
    times, memory, seconds = measured
    found = verdicts(times, memory)
    figures = {
        "users": users,
        "lesson": arguments.lesson,
        "seconds": seconds,
        "times": {name: asdict(one) for name, one in times.items()},
        "memory": {name: {kind: asdict(one) for kind, one in kinds.items()} for name, kinds in memory.items()},
    }
    how = LOCAL if arguments.system_users else ALONE
    text = page(times, memory, found, arguments.lesson, seconds, machine(venv), how)
    _measure.write_out(arguments, "class", text, figures)
    return 0 if all(verdict.reached for verdict in found) or arguments.quick else 1


Measured = tuple[dict[str, Times], dict[str, dict[str, Memory]], float]


async def whole_class(hub: Hub, names: Sequence[str], arguments: Any) -> Measured:
    """All at once: the first in Chromium, the others as the same requests; measured when the last one is done."""
    begun = time.perf_counter()
    seen, *others = names
    visit = _hub_browser.Visit(hub.url, seen, hub.password, arguments.lesson, hub.home(seen), arguments.picture)
    leave = threading.Event()
    loop = asyncio.get_running_loop()
    first: asyncio.Future[Times] = loop.create_future()

    def told(times: Times) -> None:
        loop.call_soon_threadsafe(first.set_result, times)

    looking = asyncio.create_task(asyncio.to_thread(_hub_browser.work, visit, told, leave, LIMIT))
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(through_requests(hub, name, arguments.lesson)) for name in others}
            await asyncio.wait([looking, first], return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
        seconds = time.perf_counter() - begun
        memory = await asyncio.to_thread(hub.memory, names)
    finally:
        leave.set()
    await looking
    return {seen: first.result(), **{name: task.result() for name, task in tasks.items()}}, memory, seconds


async def through_requests(hub: Hub, name: str, lesson: str) -> Times:
    """One of those who are no browser."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=LIMIT)
    ) as session:
        return await Learner(session, hub.url, name).work(hub.password, lesson)


# --- What came out ---


def total(kinds: dict[str, Memory]) -> Memory:
    """All processes of somebody."""
    return sum(kinds.values(), Memory())


def verdicts(times: dict[str, Times], memory: dict[str, dict[str, Memory]]) -> list[Verdict]:
    """The worst of each figure beside what a class can bear."""
    most = max(total(memory[name]).pss for name in times) / MIB
    return [
        Verdict("the slowest start of a server", max(one.start for one in times.values()), START_TARGET, False, "s"),
        Verdict("the slowest run of the lesson", max(one.run for one in times.values()), RUN_TARGET, False, "s"),
        Verdict("the most memory of a learner", most, MEMORY_TARGET, False, "MiB"),
    ]


def page(
    times: dict[str, Times],
    memory: dict[str, dict[str, Memory]],
    found: Sequence[Verdict],
    lesson: str,
    seconds: float,
    facts: dict[str, str],
    how: str,
) -> str:
    """The section of the page."""
    cells = next(iter(times.values())).cells
    everybody = sum((total(kinds) for kinds in memory.values()), Memory())
    shared = total(memory[""])
    return "\n\n".join(
        [
            _measure.machine_line(facts),
            f"{len(times)} learners log in at the same moment, wait for their servers, open `{lesson}` from the course"
            f" in their home and run its {cells} code cells: one in Chromium on the same machine, the others"
            " with the requests and the WebSocket of a browser. All of them were done after"
            f" {seconds:.0f} s.{how}",
            table(("for one learner", "least", "median", "most"), rows(times, memory)),
            f"All together {everybody.pss / MIB:,.0f} MiB, of which {shared.pss / MIB:,.0f} MiB are the hub and its"
            " proxy. Memory is the proportional set size once the lesson has run, kernel alive: what several processes"
            " share is counted once. The peak counts shared pages whole, as a container alone on its node has them.",
            _measure.verdict_table(found),
        ]
    )


def rows(times: dict[str, Times], memory: dict[str, dict[str, Memory]]) -> list[tuple[str, ...]]:
    """Least, median and most of each figure."""
    own = [memory[name] for name in times]
    return [
        spread("from the login to JupyterLab, s", [one.start for one in times.values()], 1),
        spread("all cells, kernel's start included, s", [one.run for one in times.values()], 1),
        spread("memory of the server, MiB", [kinds["server"].pss / MIB for kinds in own], 0),
        spread("memory of the kernel, MiB", [kinds["kernel"].pss / MIB for kinds in own], 0),
        spread("memory of both, MiB", [total(kinds).pss / MIB for kinds in own], 0),
        spread("peak of both, MiB", [total(kinds).peak / MIB for kinds in own], 0),
    ]


def spread(what: str, values: Sequence[float], digits: int) -> tuple[str, ...]:
    """A row of the table."""
    figures = (min(values), statistics.median(values), max(values))
    return (what, *(f"{figure:,.{digits}f}" for figure in figures))


def machine(venv: Path) -> dict[str, str]:
    """What the figures depend on."""
    facts = _measure.machine()
    told = [str(venv / "bin" / "python"), "-c", VERSIONS, "jupyterhub", "jupyterlab"]
    versions = subprocess.run(told, capture_output=True, text=True, check=True).stdout.split()
    kept = {name: facts[name] for name in ("system", "processor", "cores")}
    return {**kept, **dict(zip(("Python", "JupyterHub", "JupyterLab"), versions, strict=True))}


if __name__ == "__main__":
    sys.exit(main())
