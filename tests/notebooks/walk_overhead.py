"""The walk through the overhead lab: one stop for each thing that its screen has."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop
from wsedu.overhead.setting import Setting
from wsedu.widgets import OverheadLab

RUN = 60_000
"""Milliseconds in which a run of four ways is over, also on a machine that has other things to do."""

QUICK = Setting(clients=5, events_per_second=10.0, interval=0.5, payload=20, rtt=0.05)


def _lab() -> OverheadLab:
    return OverheadLab(language="en")


def _quick() -> OverheadLab:
    return OverheadLab(QUICK, language="en")


def _settled(page: Any) -> None:
    expect(page.locator(".wsedu-lab")).to_have_attribute("aria-busy", "false")


def moved(page: Any, made: OverheadLab) -> None:
    page.get_by_role("slider", name="Polling interval, slider").focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    _settled(page)
    assert made.setting.interval == 5.0
    expect(page.locator(".wsedu-lab-said")).to_contain_text("Polling interval: 5 s.")


def preset(page: Any, made: OverheadLab) -> None:
    page.get_by_role("button", name="stock ticker").click()
    _settled(page)
    assert made.setting.clients == 10_000
    expect(page.locator("[data-chart='crowds'] figcaption")).to_contain_text("10,000 clients")


def heads(page: Any, made: OverheadLab) -> None:
    page.get_by_role("combobox", name="HTTP heads").select_option("article-2009")
    expect(page.locator(".wsedu-lab-setting")).to_contain_text("A Quantum Leap in Scalability")
    _settled(page)
    assert made.setting.headers == "article-2009"


def layers(page: Any, made: OverheadLab) -> None:
    for name in ("TCP/IP headers", "bare ACKs", "set-up"):
        page.get_by_role("button", name=name).click()
    expect(page.locator("[data-layer='tcp_ip']")).to_have_count(0)
    _settled(page)
    assert made.state["charts"]["bars"]["rows"][-1]["total"] == "22"


def crossover(page: Any, _made: OverheadLab) -> None:
    expect(page.locator("[data-chart='rates'] [data-mark='crossing']").first).to_be_attached()
    expect(page.locator("[data-chart='rates'] figcaption")).to_contain_text("long polling takes more than polling")


def refused(page: Any, made: OverheadLab) -> None:
    page.get_by_role("textbox", name="Clients").fill("2 million")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-lab-complaint").first).to_contain_text("1 to 1,000,000 clients")
    assert made.setting.clients == 20


def measured(page: Any, made: OverheadLab) -> None:
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.locator(".wsedu-lab-going")).to_contain_text(re.compile("Measuring .* of 4"))
    expect(page.locator("[data-dot='websocket']")).to_be_attached(timeout=RUN)
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible(timeout=RUN)
    assert len(made.results) == 4


def tables(page: Any, _made: OverheadLab) -> None:
    page.locator(".wsedu-lab-tables summary").click()
    expect(page.get_by_role("table", name="Bytes of each layer")).to_contain_text("bare ACKs")


def counted(page: Any, made: OverheadLab) -> None:
    page.get_by_role("textbox", name="Your number").fill("1,200")
    page.keyboard.press("Enter")
    expect(page.locator("[data-chapter='0']")).to_contain_text("✖ You said 1200; the answer is 871.")
    expect(page.locator("[data-chapter='0']")).to_contain_text("435 : 1")
    assert made.predictions[0]["right"] is False


def argued(page: Any, made: OverheadLab) -> None:
    for number in range(4):
        page.get_by_role("button", name="Skip").click()
        expect(page.locator(f"[data-chapter='{number}']")).to_be_visible()
    page.get_by_role("checkbox", name="A dashboard").check()
    page.get_by_role("checkbox", name="A visitor counter").check()
    page.get_by_role("button", name="That is my answer").click()
    expect(page.locator("[data-chapter='4']")).to_contain_text("✔ Dashboard: polling")
    expect(page.locator(".wsedu-lab-over")).to_contain_text("1 of 5 right, 4 skipped")
    assert made.predictions[-1]["right"] is True


OVERHEAD = (
    Stop("moved", "Move a slider: all four charts follow, and one sentence says what changed.", _lab, moved),
    Stop("preset", "A stock ticker with 10,000 clients.", _lab, preset),
    Stop("heads", "The HTTP heads of the article of 2009, with their origin.", _lab, heads),
    Stop("layers", "Without TCP/IP, ACKs and set-up: the article's view.", _lab, layers),
    Stop("crossover", "Where long polling is worse than polling.", _lab, crossover),
    Stop("refused", "A number out of range is refused at its box.", _lab, refused),
    Stop("measured", "A real run: dots on the bars and curves of the model.", _quick, measured),
    Stop("tables", "The same numbers as tables.", _lab, tables),
    Stop("counted", "The story begins: predict, then see the famous number.", _lab, counted, ".wsedu-lab-story"),
    Stop("argued", "Argue for polling.", _lab, argued, ".wsedu-lab-story"),
)
