"""Several widgets share a page: each brings the shared stylesheet along, and the last copy of it changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.widgets.host import Host
from wsedu.course.question import question
from wsedu.grading.notebook import lines_of
from wsedu.simulator import simulate
from wsedu.widgets import (
    ClosingMachine,
    ExchangeFilm,
    FrameBuilder,
    HandshakeStepper,
    LineOrder,
    LiveExchange,
    OverheadLab,
    QuestionCard,
)
from wsedu.widgets.assets import stylesheet
from wsedu.widgets.base import Widget

WIDGETS: dict[str, Callable[[], Widget]] = {
    "closing": ClosingMachine,
    "film": lambda: ExchangeFilm(simulate("hello", seed=1)),
    "builder": lambda: FrameBuilder(bytes.fromhex("818537fa213d7f9f4d5158")),
    "stepper": HandshakeStepper,
    "order": lambda: LineOrder(lines_of("response_head")),
    "live": LiveExchange,
    "overhead": OverheadLab,
    "card": lambda: QuestionCard(question("why.recall_first", "en")),
}

LOOKS = """() => {
  const looks = ["fontFamily", "fontSize", "fontWeight", "lineHeight", "color", "backgroundColor", "minHeight",
    "display", "paddingTop", "paddingLeft", "borderTopWidth", "borderTopStyle", "borderTopColor", "borderTopLeftRadius",
    "rowGap", "columnGap", "maxWidth"];
  return [...document.querySelectorAll("main *")].map((element) => {
    const style = getComputedStyle(element);
    return [`${element.localName}.${element.className}`, ...looks.map((look) => `${look}: ${style[look]}`)];
  });
}"""

ADD = "css => { const one = document.createElement('style'); one.textContent = css; document.head.append(one); }"


@pytest.mark.parametrize("name", WIDGETS)
def test_the_stylesheet_of_a_widget_that_comes_later_changes_nothing(name: str, host: Host) -> None:
    page = host.show(WIDGETS[name]())
    page.locator("section.wsedu").wait_for()
    before = page.evaluate(LOOKS)
    assert len(before) > 10
    page.evaluate(ADD, stylesheet())
    changed = [(one, other) for one, other in zip(before, page.evaluate(LOOKS), strict=True) if one != other]
    assert [(one[0], sorted(set(other) - set(one))) for one, other in changed] == []
