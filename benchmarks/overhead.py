"""How fast the overhead lab is: its model, its simulation, and what its harness can carry.

python benchmarks/overhead.py --markdown docs/overhead.md
python benchmarks/overhead.py --quick
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import _measure
import numpy as np
from _measure import Verdict

from wsedu.overhead.curves import bars, crowds, delays, rates
from wsedu.overhead.measure import Measurement
from wsedu.overhead.model import evaluate
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import Transport

ROOT = Path(__file__).parents[1]
CLIENTS = 1_000_000
MINUTE = 60.0
SIMULATION = """
import json, resource, sys, time
from wsedu.overhead.setting import Setting
from wsedu.overhead.simulate import simulate
from wsedu.overhead.transports import Transport
transport, clients, seconds = Transport(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
setting = Setting(clients=clients, events_per_second=0.1, interval=10)
began = time.perf_counter()
found = simulate(transport, setting, seconds=seconds)
took, memory = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([took, memory, found.messages]))
"""


def milliseconds(what: Callable[[], object], rounds: int) -> float:
    """The median of some rounds, in milliseconds of wall-clock time."""
    what()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def simulated(transport: Transport, clients: int) -> tuple[float, float, int]:
    """Seconds, bytes of memory at most, and events, in a process of its own."""
    command = [sys.executable, "-c", SIMULATION, transport.value, str(clients), str(MINUTE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, memory, messages = json.loads(done.stdout)
    return seconds, memory, messages


def sustained(clients: int, seconds: float) -> tuple[float, float, float, int, int, float]:
    """Delays in milliseconds (median, 95th percentile, greatest), events that happened and arrived, load of a core."""
    setting = Setting(clients=clients, events_per_second=1.0, payload=20, headers="browser")
    measurement = Measurement((Transport.WEBSOCKET,), setting, seconds=seconds)
    measurement.start()
    measurement.join()
    if measurement.failure is not None:
        raise measurement.failure
    (run,) = measurement.results
    found = [float(np.quantile(run.delays, part)) * 1000 for part in (0.5, 0.95, 1.0)]
    return found[0], found[1], found[2], run.happened, run.delivered, run.cpu / (seconds + 1)


SLIDER = "section.wsedu-lab input[type='range']"
REDRAWN = """
(selector) => { window.redrawn = new Promise((resolve) => {
  const lab = document.querySelector(".wsedu-lab");
  const drawn = () => [...lab.querySelectorAll("[data-chart]")].map((chart) => chart.innerHTML).join();
  document.querySelector(selector).addEventListener("keydown", (event) => {
    const before = drawn();
    const observer = new MutationObserver(() => {
      if (lab.getAttribute("aria-busy") === "true" || drawn() === before) return;
      observer.disconnect();
      resolve(performance.now() - event.timeStamp);
    });
    observer.observe(lab, { subtree: true, childList: true, characterData: true, attributes: true });
  }, { once: true });
}); }
"""
"""From the browser's stamp on a key until all four charts are those of the new setting, in milliseconds."""


def redraws(times: int) -> list[float]:
    """Milliseconds from a key on a slider to redrawn charts, in a real JupyterLab."""
    from widgets import FREE, notebooks

    taken = []
    with notebooks() as show:
        lab = show("from wsedu.widgets import OverheadLab\nw = OverheadLab(language='en')\nw")
        lab.run_all()
        lab.page.locator(SLIDER).first.wait_for()
        lab.page.locator(SLIDER).nth(1).focus()
        for number in range(times):
            lab.page.wait_for_timeout(FREE)
            lab.page.evaluate(REDRAWN, f"{SLIDER}:focus")
            lab.page.keyboard.press("ArrowRight" if number % 8 < 4 else "ArrowLeft")
            taken.append(lab.page.evaluate("() => window.redrawn"))
        lab.shut_down()
    return taken


def main() -> None:
    """Measure, print and write down."""
    arguments = _measure.options("The overhead lab's speed.").parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    setting, rounds = Setting(), 20 if arguments.quick else 200
    one = max(milliseconds(lambda transport=transport: evaluate(transport, setting), rounds) for transport in Transport)  # type: ignore[misc]
    redraw = milliseconds(lambda: (bars(setting), delays(setting), rates(setting), crowds(setting)), rounds)
    clients = 100_000 if arguments.quick else CLIENTS
    chosen = (Transport.POLLING, Transport.LONG_POLLING, Transport.WEBSOCKET)
    simulations = {transport: simulated(transport, clients) for transport in chosen}
    median, late, greatest, happened, arrived, core = sustained(
        100 if arguments.quick else 1000, 3 if arguments.quick else 20
    )
    drawn = redraws(16 if arguments.quick else 100)
    judged = [
        Verdict("the model for one setting, the slowest transport", one, 1, False, "ms"),
        Verdict("data of four charts, 200 points each", redraw, 10, False, "ms"),
        *(
            Verdict(f"{clients:,} clients for a minute, {transport.value}", seconds, 2, False, "s")
            for transport, (seconds, _, _) in simulations.items()
        ),
        Verdict("memory of these", max(memory for _, memory, _ in simulations.values()) / (1 << 30), 1, False, "GiB"),
        Verdict("1,000 WebSocket clients at 1/s: greatest delay", greatest, 100, False, "ms"),
        Verdict(
            "OverheadLab in JupyterLab: slider to redrawn charts, 95th percentile",
            statistics.quantiles(drawn, n=20)[-1],
            100,
            False,
            "ms",
        ),
    ]
    events = ", ".join(f"{transport.value} {count:,}" for transport, (_, _, count) in simulations.items())
    text = f"""\
## Speed

{_measure.machine_line(_measure.machine())}

{load:.1f} processes wanted a processor when it began. Events that were simulated: {events}.

{_measure.verdict_table(judged)}

Of {happened:,} events to the WebSocket clients {arrived:,} arrived; half of them within {median:.2f} ms, 95 % within
{late:.2f} ms. Both ends together took {core:.0%} of one core. Half of the redraws took
{statistics.median(drawn):.0f} ms or less.
"""
    figures: dict[str, Any] = {"verdicts": [one.as_json() for one in judged], "load": load}
    _measure.write_out(arguments, "speed", text, figures)


if __name__ == "__main__":
    main()
