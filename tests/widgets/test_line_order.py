"""`LineOrder` in Python and in a page: the keyboard, the mouse, three themes, narrow pages, its twins."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.host import Host
from wsedu.grading.notebook import check, lines_of
from wsedu.widgets import LineOrder
from wsedu.widgets.base import BadInput, WrongKind

LINES = {"A": "def made():", "B": "    return 1", "C": "    return 2", "D": "    x = '<&>'"}


def letters(page: Any, part: str) -> list[str]:
    found: list[str] = page.locator(f".wsedu-order-{part} [role=option]").evaluate_all(
        "nodes => nodes.map((node) => node.dataset.letter)"
    )
    return found


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator("section[aria-busy='false']")).to_be_attached()


# --- In Python ---


def test_the_order_can_be_set_and_moves_are_told() -> None:
    lines = LineOrder(LINES, language="en")
    lines.do_toggle("B")
    lines.do_toggle("A")
    assert lines.order == ["B", "A"]
    lines.do_shift("A", -1)
    assert lines.order == ["A", "B"]
    assert lines.state["told"] == "A is now line 1 of 2."
    lines.do_shift("A", -1)
    assert lines.order == ["A", "B"]
    lines.do_shift("C", -1)
    assert lines.order == ["A", "B", "C"]
    lines.do_toggle("B")
    assert lines.order == ["A", "C"]
    assert lines.state["told"] == "B is taken out."
    lines.order = ["D"]
    assert lines.state["program"] == [["D", LINES["D"]]]
    assert [letter for letter, _ in lines.state["left"]] == ["A", "B", "C"]


@pytest.mark.parametrize(("order", "said"), [(["X"], "no line X"), (["A", "A"], "A stands there twice")])
def test_an_order_that_cannot_be_is_refused_in_one_line(order: list[str], said: str) -> None:
    lines = LineOrder(LINES, ["B"], language="en")
    with pytest.raises(BadInput, match=said):
        lines.order = order
    assert lines.order == ["B"]
    with pytest.raises(BadInput, match=said):
        LineOrder(LINES, order, language="en")


def test_what_is_no_lines_is_refused() -> None:
    wrong: Any = "response_head"
    with pytest.raises(WrongKind, match="not str"):
        LineOrder(wrong, language="en")


@pytest.mark.parametrize(("language", "said"), [("en", "Left, 2 lines"), ("zh", "剩下 2 行")])
def test_the_twins_say_what_the_page_says(language: str, said: str) -> None:
    lines = LineOrder(LINES, ["A", "D"], name="made", language=language)
    assert said in lines.to_text()
    assert lines.to_text().index("def made") < lines.to_text().index("x = '<&>'") < lines.to_text().index("return 1")
    assert said in lines.to_html()
    assert "&lt;&amp;&gt;" in lines.to_html()
    assert "<script" not in lines.to_html()
    assert "return 2" in lines.to_svg(theme="dark")
    bundle, metadata = lines._repr_mimebundle_()
    assert bundle["text/plain"] == lines.to_text()
    assert bundle["image/png"]
    assert "made" in metadata["image/png"]["alt"]


def test_the_lines_of_an_exercise_are_put_in_order_and_checked() -> None:
    lines = LineOrder(lines_of("response_head"), name="response_head", language="en")
    assert not check("response_head", lines, language="en").passed
    lines.order = ["G", "B", "I", "M", "D", "E", "K", "N"]
    assert check("response_head", lines).passed
    assert check("response_head", lines.order).passed
    with pytest.raises(ValueError, match="accept_key is no exercise of lines"):
        lines_of("accept_key", "en")


# --- In a page ---


def test_the_keyboard_does_everything_with_one_tab_stop(host: Host) -> None:
    lines = LineOrder(LINES, language="en")
    page = host.show(lines)
    press(page, "Tab")
    expect(page.get_by_role("listbox")).to_be_focused()
    press(page, "ArrowDown", "Enter")
    assert lines.order == ["B"]
    press(page, "Home", "ArrowDown", "Enter")
    assert letters(page, "program") == lines.order == ["B", "A"]
    press(page, "Alt+ArrowUp")
    assert letters(page, "program") == lines.order == ["A", "B"]
    expect(page.locator(".wsedu-order-told")).to_have_text("A is now line 1 of 2.")
    press(page, "Alt+ArrowDown", "Alt+ArrowDown")
    assert lines.order == ["B", "A"]
    press(page, "End", " ")
    assert lines.order == ["B", "A", "D"]
    press(page, "Enter")
    assert lines.order == ["B", "A"]
    assert letters(page, "left") == ["C", "D"]
    press(page, "Tab")
    expect(page.get_by_role("listbox")).not_to_be_focused()
    assert page.evaluate("document.activeElement.closest('.wsedu')") is None


def test_the_line_that_was_moved_stays_the_one_that_keys_are_for(host: Host) -> None:
    page = host.show(LineOrder(LINES, ["A", "B", "C"], language="en"))
    press(page, "Tab", "ArrowDown", "Alt+ArrowDown")
    active = page.get_by_role("listbox").get_attribute("aria-activedescendant")
    assert active.endswith("-line-B")
    expect(page.locator("[aria-selected=true]")).to_have_attribute("data-letter", "B")
    assert page.locator(f"[id='{active}']").count() == 1


def test_the_mouse_can_do_the_same(host: Host) -> None:
    lines = LineOrder(LINES, language="en")
    page = host.show(lines)
    page.locator("[data-letter=C]").click()
    page.get_by_role("button", name="In or out").click()
    page.locator("[data-letter=A]").dblclick()
    expect(page.locator(".wsedu-order-program [data-letter=A]")).to_be_visible()
    page.get_by_role("button", name="Up").click()
    expect(page.locator(".wsedu-order-told")).to_have_text("A is now line 1 of 2.")
    assert lines.order == ["A", "C"]
    page.get_by_role("button", name="Down").click()
    expect(page.locator(".wsedu-order-told")).to_have_text("A is now line 2 of 2.")


def test_keys_that_wait_for_a_busy_kernel_are_all_done(host: Host) -> None:
    lines = LineOrder(LINES, language="en")
    page = host.show(lines)
    host.hold()
    page.keyboard.press("Tab")
    for key in ("Enter", "End", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".wsedu-order-told")).to_have_text("waits for Python")
    assert lines.order == []
    host.release()
    expect(page.locator("section[aria-busy='false']")).to_be_attached()
    assert lines.order == ["A", "D"]


THEMES = {
    "light": "document.body.dataset.jpThemeLight = 'true'",
    "dark": "document.body.dataset.jpThemeLight = 'false'; document.body.style.background = '#111'",
    "contrast": "document.body.className = 'vscode-dark vscode-high-contrast'; document.body.style.background = '#000'",
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", THEMES)
def test_it_can_be_read_in_three_themes(host: Host, theme: str, language: str) -> None:
    page = host.show(LineOrder(LINES, ["A", "B"], name="made", language=language))
    page.evaluate(THEMES[theme])
    page.keyboard.press("Tab")
    found, contrasts = complaints(page, short=True)
    assert found == []
    assert contrasts > 8


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits_a_narrow_page(host: Host, language: str) -> None:
    host.page.set_viewport_size({"width": 360, "height": 800})
    page = host.show(LineOrder(lines_of("response_head"), ["G", "B"], language=language))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
