"""How fast the widgets are, in a real JupyterLab in Chromium with a real mouse.

python benchmarks/widgets.py --markdown docs/widgets.md
python benchmarks/widgets.py --quick
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import _measure
import _widget_cells as cells
from _measure import Verdict, table

from tests.notebooks.browsing import chromium
from tests.notebooks.lab import JupyterServer, LabPage

SCRIPT = Path(__file__).with_name("_page.js").read_text(encoding="utf-8")
FREE = 250
"""Milliseconds between two clicks, so that the processor is free when the next one comes."""
DROPPED = 1.5 * 1000 / 60
"""Milliseconds between two pictures that mean that one was left out."""

OURS, TOGGLES, SYNCED = "FrameBuilder", "88 ToggleButtons", "anywidget, state sync"
GRIDS = {OURS: cells.BUILDER, TOGGLES: cells.TOGGLES, SYNCED: cells.SYNCED}
FOUND = {
    OURS: "section.wsedu [data-bit='87']",
    TOGGLES: ".peer .widget-toggle-button:nth-child(24)",
    SYNCED: ".peer [data-bit='87']",
}
DECODED = {
    OURS: "() => r().getAttribute('aria-busy') === 'true' ? null : r().querySelector('.wsedu-grid').innerText",
    TOGGLES: "() => r().querySelector('.widget-html-content').textContent",
    SYNCED: "() => r().querySelector('p').textContent",
}

Figures = dict[str, list[float]]


@contextmanager
def notebooks() -> Iterator[Callable[..., LabPage]]:
    """`open(cells)` opens a notebook of these cells in JupyterLab, the first one run."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = JupyterServer(Path(folder))
        context = browser.new_context(viewport={"width": 1280, "height": 1000})

        def show(*sources: str) -> LabPage:
            page = context.new_page()
            name = f"{len(context.pages)}.ipynb"
            server.write(name, ["", *sources])
            lab = LabPage(page, server, name)
            page.evaluate(SCRIPT)
            lab.run(cells.PREPARE)
            return lab

        try:
            yield show
        finally:
            server.close()


def close(lab: LabPage) -> None:
    """End a notebook and its kernel."""
    lab.shut_down()
    lab.page.close()


def render(lab: LabPage, name: str, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds until a grid is painted, from the start of its cell and from the message that shows it."""
    both = []
    for _ in range(times):
        lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        lab.page.wait_for_function(f"() => !document.querySelector({FOUND[name]!r})")
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        found = f"() => document.querySelector({FOUND[name]!r})"
        lab.page.evaluate(f"() => {{ measured.render({kernel}, {found}); }}")
        lab.run_all()
        both.append(lab.page.evaluate("() => window.outcome"))
    return [one[0] for one in both], [one[1] for one in both]


def clicks(lab: LabPage, name: str, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds from a click on a bit to the decoded text, and to the picture with it."""
    page = lab.page
    both = []
    places = bit_places(lab, name)
    root = f"document.querySelector({'section.wsedu' if name == OURS else '.peer'!r})"
    for number in range(times):
        page.wait_for_timeout(FREE)
        page.evaluate(f"() => {{ const r = () => {root}; measured.click(r(), {DECODED[name]}); }}")
        x, y = places[(number * 5) % 16]
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        both.append(page.evaluate("() => window.outcome"))
    return [one[0] for one in both], [one[1] for one in both]


def bit_places(lab: LabPage, name: str) -> list[tuple[float, float]]:
    """Where the bits are on the screen."""
    what = ".peer .widget-toggle-button" if name == TOGGLES else "section.wsedu [data-bit], .peer [data-bit]"
    lab.page.locator(what).first.scroll_into_view_if_needed()
    boxes = [one.bounding_box() for one in lab.page.locator(what).all()[:16]]
    return [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]


def film(lab: LabPage, pictures: int) -> tuple[float, list[float]]:
    """Pictures per second of a film that is all in view, and milliseconds of script for each."""
    page = lab.page
    page.evaluate("() => document.querySelector('section.wsedu').wsedu.lanes.zoom(0)")
    rate, scripts = page.evaluate(f"() => measured.film(document.querySelector('section.wsedu').wsedu, {pictures})")
    return rate, scripts


def scrub(lab: LabPage, moves: int) -> list[float]:
    """Milliseconds between pictures while the mouse is drawn over the lanes."""
    box = lab.page.locator(".wsedu-film-lanes").bounding_box()
    assert box is not None
    mouse, y = lab.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 0.3, y)
    mouse.down()
    lab.page.evaluate("() => measured.beat()")
    for move in range(moves):
        mouse.move(box["x"] + box["width"] * (0.3 + 0.6 * move / moves), y)
        lab.page.wait_for_timeout(8)
    beats: list[float] = lab.page.evaluate("() => window.stop()")
    mouse.up()
    return beats


def live(lab: LabPage, updates: int) -> tuple[list[float], float]:
    """Milliseconds of age of what is shown of a live exchange, and updates per second."""
    lab.page.get_by_role("button", name="Connect", exact=True).click()
    ages, rate = lab.page.evaluate(f"() => measured.live(document.querySelector('section.wsedu'), {updates})")
    lab.run("w.close()")
    return ages, rate


def p95(times: list[float]) -> float:
    """Of a hundred, the fifth from above."""
    return statistics.quantiles(times, n=20)[-1]


def measure(quick: bool) -> tuple[dict[str, Figures], dict[str, Any]]:
    """Everything: for each grid its times, and what came of the films and the live exchange."""
    grids: dict[str, Figures] = {}
    films: dict[str, Any] = {}
    with notebooks() as show:
        for name, source in GRIDS.items():
            lab = show(source)
            whole, painted = render(lab, name, 3 if quick else 15)
            dom, seen = clicks(lab, name, 20 if quick else 100)
            grids[name] = {"render": whole, "browser": painted, "dom": dom, "painted": seen}
            close(lab)
        for count in (1000, 10_000):
            lab = show(cells.FILM.format(count=count))
            lab.run_all()
            lab.page.locator("section.wsedu").wait_for()
            lab.page.wait_for_timeout(2000)
            films[f"{count:,}"] = {"beats": scrub(lab, 60 if quick else 240)}
            rate, scripts = film(lab, 60 if quick else 300)
            films[f"{count:,}"] |= {"rate": rate, "scripts": scripts}
            close(lab)
        lab = show(cells.LIVE)
        lab.run_all()
        ages, rate = live(lab, 120 if quick else 600)
        films["live"] = {"ages": ages, "rate": rate}
        close(lab)
    return grids, films


def verdicts(grids: dict[str, Figures], films: dict[str, Any]) -> list[Verdict]:
    """What is promised, beside what was measured."""
    ours, thousand, many, alive = grids[OURS], films["1,000"], films["10,000"], films["live"]
    dropped = sum(beat > DROPPED for beat in many["beats"])
    return [
        Verdict("click to decoded DOM, 95th percentile", p95(ours["dom"]), 16, False, "ms"),
        Verdict("click to painted, 95th percentile", p95(ours["painted"]), 33, False, "ms"),
        Verdict("first render, median", statistics.median(ours["render"]), 150, False, "ms"),
        Verdict("1,000 messages in view: different pictures", thousand["rate"], 59, True, "/s"),
        Verdict("1,000 messages in view: script for a picture", statistics.mean(thousand["scripts"]), 1, False, "ms"),
        Verdict("10,000 messages: pictures left out while scrubbing", dropped, 0, False, ""),
        Verdict("live: updates", alive["rate"], 59, True, "/s"),
        Verdict("live: age of what is shown, 95th percentile", p95(alive["ages"]), 30, False, "ms"),
    ]


def section(grids: dict[str, Figures], films: dict[str, Any], judged: list[Verdict], load: float) -> str:
    """The section of the page."""

    def pair(times: list[float]) -> str:
        return f"{statistics.median(times):.1f} / {p95(times):.1f}"

    head = (
        "ms, median / 95th percentile",
        "first render",
        "in the browser",
        "click to decoded DOM",
        "click to painted",
    )
    rows = [(name, *(pair(one[key]) for key in ("render", "browser", "dom", "painted"))) for name, one in grids.items()]
    many = films["10,000"]
    facts = {**_measure.machine(), **versions()}
    cores = facts["cores"]
    return f"""\
## Speed

{_measure.machine_line(facts)}

A real JupyterLab in headless Chromium without a graphics processor, a real mouse. The targets are for a machine that
does nothing else; on this one {load:.1f} processes wanted one of {cores} processors when it began. *Click to decoded
DOM* is the time from the browser's stamp on the event until bits, sentence and verdicts are those of the new frame;
*first render* counts from the start of the cell, with the making of the picture and the text that are the static form,
until it is painted; *in the browser* is what of it comes after the kernel's last message.

{table(head, rows)}

{_measure.verdict_table(judged)}

A film of 10,000 messages that are all in view makes {many["rate"]:.1f} pictures per second with
{statistics.mean(many["scripts"]):.2f} ms of script for
each; {len(many["beats"])} pictures were counted while scrubbing.
"""


def versions() -> dict[str, str]:
    """Of what the widgets run in."""
    from importlib.metadata import version

    return {name: version(name) for name in ("jupyterlab", "ipykernel", "anywidget", "ipywidgets")}


def main() -> None:
    """Measure, print and write down."""
    arguments = _measure.options("The widgets' speed in JupyterLab.").parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    grids, films = measure(arguments.quick)
    judged = verdicts(grids, films)
    figures = {"grids": grids, "films": films, "verdicts": [one.as_json() for one in judged]}
    _measure.write_out(arguments, "speed", section(grids, films, judged, load), figures)


if __name__ == "__main__":
    main()
