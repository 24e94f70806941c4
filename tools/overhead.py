"""Write docs/overhead.md: what was published, what the model says of it, and real runs beside the model.

python tools/overhead.py

Only the sections between marks are made anew; the benchmark's section is written by benchmarks/overhead.py. The runs
take some minutes and want a machine that does little else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from _measure import machine, machine_line, table, with_section

from wsedu.explain.catalogue import part_catalogue
from wsedu.overhead.claims import ARTICLE_CLIENTS, claims
from wsedu.overhead.measure import Measurement
from wsedu.overhead.opening import tls_handshake
from wsedu.overhead.profiles import PROFILES, profile, size
from wsedu.overhead.results import Measured
from wsedu.overhead.rows import Pair, rows
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import FOUR, MEASURED, Transport
from wsedu.trace.files import write_whole
from wsedu.views.overhead_charts import overview, saved
from wsedu.views.overhead_table import time_told

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "overhead.md"
PICTURES = ROOT / "docs" / "pictures"
SETTING = Setting(clients=50, events_per_second=2.0, interval=1.0, payload=20, headers="browser")
SECONDS = 10.0
WITHIN_HTTP, WITHIN_DELAY = 0.01, 0.15
"""How far HTTP's bytes and the delays may be from the model, as parts of it; WebSocket's bytes must be equal."""

SAY = part_catalogue("overhead", "en").say


def published() -> str:
    """Figures of others, computed."""
    told = claims()
    frames = [20 + int(told[f"frame.{end}"].computed) for end in ("server", "client")]
    polling, websocket, ratio = (told[f"packets.{name}"] for name in ("polling", "websocket", "ratio"))
    lines = [
        ("characters of the article's two heads", told["characters"].stated, f"{told['characters'].computed:,}"),
        ("the same on the wire, with the ends of their lines", "", f"{told['bytes'].computed:,} bytes"),
        *(
            (
                f"heads of {clients:,} clients that poll once a second, in 2^20 bits (Mbps of the article)",
                told[f"megabits.{clients}"].stated,
                f"{told[f'megabits.{clients}'].computed:.4g}; {told[f'megabits.si.{clients}'].computed:.4g} in 10^6",
            )
            for clients in ARTICLE_CLIENTS
        ),
        (
            "requests per second of 10,000 clients that poll every 60 s (HPBN)",
            told["requests"].stated,
            f"{told['requests'].computed:.1f}",
        ),
        (
            "a WebSocket message of 20 bytes, from the server / the client",
            f"{told['frame.server'].stated} bytes of frame",
            f"{frames[0]} / {frames[1]} bytes",
        ),
        (
            "the article's poll and such a message, down to IPv4 and one ACK",
            f"{ratio.stated}:1",
            f"{polling.computed:,} and {websocket.computed} bytes, {ratio.computed:.1f}:1",
        ),
        (
            "events per interval from which long polling asks more often than polling",
            told["crossing"].stated,
            f"{told['crossing'].computed:.2f}",
        ),
    ]
    return (
        "## What was published, computed\n\n"
        "The heads are those of “HTML5 Web Sockets: A Quantum Leap in Scalability” (Lubbers and Greco, 2010, with\n"
        "heads of 2009); HPBN is “High Performance Browser Networking” (Grigorik, 2013), chapter 15. The tests in\n"
        "`tests/overhead/test_published.py` fail if a figure is another one.\n\n"
        + table(("what", "stated", "computed here"), lines)
        + "\n\nWhat the comparison of 871 with 2 leaves out: line ends, what the event itself has to say, TCP/IP, and\n"
        "that a poll without news costs as much as one with. With packets it is one to ten, and with many events in\n"
        "one interval polling takes least of all."
    )


def measured(setting: Setting) -> list[Measured]:
    """A run of every transport."""
    measurement = Measurement(MEASURED, setting, seconds=SECONDS, seed=1)
    measurement.start()
    measurement.join()
    if measurement.failure is not None:
        raise measurement.failure
    return measurement.results


def runs_section(name: str, runs: Sequence[Measured]) -> str:
    """Measured beside modelled, and how far apart."""
    lines = [
        (
            SAY(f"transport.{row.transport.value}"),
            f"{row.delivered:,} of {row.happened:,}",
            *_pair(row.socket_bytes, lambda value: f"{value:,.2f}"),
            *_pair(row.wire_bytes, lambda value: f"{value:,.0f}"),
            *_pair(row.delay, lambda value: time_told(value, "en")),
            *_pair(row.delay_95, lambda value: time_told(value, "en"))[:2],
            f"{(row.cpu.measured or 0) * 1e6:,.0f} µs",
        )
        for row in rows(SETTING, MEASURED, runs)
    ]
    head = (
        name,
        "arrived",
        "at the socket",
        "modelled",
        "ratio",
        "on the wire",
        "modelled",
        "ratio",
        "half arrive in",
        "modelled",
        "ratio",
        "95 % in",
        "modelled",
        "CPU",
    )
    return table(head, lines)


def _pair(pair: Pair, told: object) -> tuple[str, str, str]:
    say = told if callable(told) else str
    return (
        "–" if pair.measured is None else say(pair.measured),
        "–" if pair.modelled is None else say(pair.modelled),
        "–" if pair.ratio is None else f"{pair.ratio:.3f}",
    )


def judged(runs: Iterable[Measured]) -> str:
    """Which of the promises were kept in these runs."""
    off: list[str] = []
    for row in rows(SETTING, MEASURED, list(runs)):
        name = SAY(f"transport.{row.transport.value}")
        exact = row.transport in (Transport.WEBSOCKET, Transport.WEBSOCKET_DEFLATE)
        ratio = row.socket_bytes.ratio or 0
        if abs(ratio - 1) > (1e-12 if exact else WITHIN_HTTP):
            off.append(f"bytes of {name}: {ratio:.4f}")
        late = row.delay.ratio or 0
        if abs(late - 1) > WITHIN_DELAY:
            off.append(f"delay of {name}: {late:.3f}")
    promise = (
        f"Promised: bytes of WebSocket equal to the model's, those of HTTP within {WITHIN_HTTP:.0%}, delays within "
        f"{WITHIN_DELAY:.0%} on an idle machine."
    )
    return f"{promise} {'All kept in this run.' if not off else 'Not kept in this run: ' + '; '.join(off) + '.'}"


def runs() -> str:
    """Real runs, without and with TLS."""
    plain = measured(SETTING)
    secure = measured(replace(SETTING, tls=True))
    for language in ("en", "zh"):
        figure = overview(
            SETTING, transports=FOUR, measured=[run for run in plain if run.transport in FOUR], language=language
        )
        write_whole(PICTURES / f"overhead-{language}.png", saved(figure, ".png"))
    return f"""\
## Measured beside modelled

{machine_line(machine())}

{SETTING.clients} clients at once, {SETTING.events_per_second:g} events per second for each, of {SETTING.payload}
bytes, polls every {SETTING.interval:g} s, {SECONDS:g} s for each transport, heads of a browser. *At the socket* is for
each event that arrived, without what opens connections; *on the wire* is everything, with the packets that the system
counted for the clients' sockets until they were closed; *CPU* is processor time of both ends together. The model knows
how often each transport asked and was answered in the run, and its round trip is what half of the events of a short
run before it took, or half of what a poll takes.

{runs_section("plain", plain)}

{judged(plain)}

{runs_section("TLS 1.3", secure)}

{judged(secure)}

![Bars and curves of the model with the dots of this run](pictures/overhead-en.png)"""


def heads() -> str:
    """The profiles and where they come from."""
    lines = []
    for name in PROFILES:
        known = profile(name)
        versions = ", ".join(f"{program} {version}" for program, version in known.made_by)
        lines.append(
            (
                f"`{name}`",
                str(size(known.request(Transport.POLLING))),
                str(size(known.response(Transport.POLLING, 20))),
                SAY(f"headers.{name}.origin", versions=versions),
            )
        )
    once = tls_handshake()
    return f"""\
## Heads

Bytes of the request and of the response of one poll with a body of 20 bytes; `python tools/header_profiles.py` takes
them from the programs anew.

{table(("profile", "request", "response", "where it comes from"), lines)}

A full handshake of TLS 1.3 with one small certificate was counted by `python tools/tls_setup.py`: {once.up:,} bytes
from the client, {once.down:,} from the server. Chains of public sites are some thousand bytes longer."""


SECTIONS = {"published": published, "runs": runs, "heads": heads}


def main() -> None:
    """Write the sections that are named, or all."""
    chosen = sys.argv[1:] or list(SECTIONS)
    for name in chosen:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_section(page, name, SECTIONS[name]() + "\n"), encoding="utf-8")
        print(f"docs/overhead.md: {name}")


if __name__ == "__main__":
    main()
