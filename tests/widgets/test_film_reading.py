"""The film as something to read: its pace, its numbers, its labels, its panels, and what it says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.films import PLAYER
from tests.widgets.host import Host
from wsedu.explain.catalogue import part_catalogue
from wsedu.explain.words import step_sentence
from wsedu.widgets import ExchangeFilm

CARDS = f"{PLAYER}.lanes.pen.drawn.map((card) => card.label)"


def show(host: Host, name: str = "hello", **options: Any) -> tuple[Any, ExchangeFilm]:
    film = ExchangeFilm.record(name, seed=1, **{"language": "en", **options})
    page = host.show(film)
    page.locator(".wsedu-film").focus()
    return page, film


@pytest.mark.parametrize(("language", "wide"), [("en", 1), ("zh", 3)])
def test_at_1_a_step_stays_for_as_long_as_its_sentence_takes_to_read(host: Host, language: str, wide: int) -> None:
    page, film = show(host, language=language)
    sentence = step_sentence(film.steps[1].step, language)
    letters = sum(wide if char >= "\u2e80" else 1 for char in sentence)
    needed = 1000 * max(2.5, letters / 20)
    after = f"""(ms) => {{
      const page = {PLAYER};
      page.go(1); page.toggle(); cancelAnimationFrame(page.frame);
      page._play(page.then + ms);
      const came = page.current;
      page.pause();
      return came;
    }}"""
    page.wait_for_function(f"{PLAYER}.details.has(1)")
    assert page.evaluate(after, needed - 50) == 1
    assert page.evaluate(after, needed + 50) == 2
    page.locator(".wsedu-film-choice-speed").select_option("2")
    assert page.evaluate(after, needed / 2 - 25) == 1
    assert page.evaluate(after, needed / 2 + 25) == 2


def test_the_help_says_what_the_pace_is(host: Host) -> None:
    page, _ = show(host)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("at least 2.5 seconds")


def test_a_step_has_the_same_number_everywhere(host: Host) -> None:
    page, film = show(host)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    number = film.steps[-2].n
    assert number != len(film.steps) - 1
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {number} of {film.steps[-1].n}")
    expect(page.locator(".wsedu-film-row[aria-selected=true] .wsedu-film-number")).to_have_text(str(number))
    expect(page.locator(".wsedu-film-detail h3")).to_contain_text(f"{number}, ")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_why_numbers_of_steps_are_left_out_stands_beside_them(host: Host, language: str) -> None:
    page, film = show(host, language=language)
    say = part_catalogue("exchange_film", language).say
    share = page.locator(".wsedu-film-share")
    for level in (0, 1):
        page.locator(".wsedu-film-choice-level").select_option(str(level))
        count = film.steps[-1].n
        told = say("film.share", level=say(f"film.level.{level}"), shown=str(len(film.steps)), count=str(count))
        expect(share).to_have_text(told)
        expect(share).to_have_attribute("title", say("film.numbers"))
    page.locator(".wsedu-film-choice-level").select_option("2")
    expect(share).to_be_hidden()


@pytest.mark.parametrize("name", ["hello", "unmasked"])
def test_the_label_of_an_end_stands_beside_that_of_the_bytes_before_it(host: Host, name: str) -> None:
    page, _ = show(host, name)
    cards = page.evaluate(f"{PLAYER}.lanes.pen.drawn.map(({{label, x, width}}) => [label, x, width])")
    ends = [place for place, card in enumerate(cards) if card[0] == "FIN"]
    assert len(ends) == 2
    for place in ends:
        _, x, width = cards[place]
        # Of those beside it, in the same lane: the bytes have no card in another one.
        assert all(x >= left + wide or x + width <= left for label, left, wide in cards if label.endswith(" B"))


def test_the_cursor_does_not_run_through_the_states(host: Host) -> None:
    page, _ = show(host)
    page.keyboard.press("End")
    alphas = page.evaluate(f"""() => {{
      const lanes = {PLAYER}.lanes, canvas = lanes.moving, x = Math.round(lanes._x(lanes.at)) * devicePixelRatio;
      const column = canvas.getContext("2d").getImageData(x, 0, 1, canvas.height).data;
      return [5, canvas.height >> 1, canvas.height - 5].map((y) => column[4 * y + 3]);
    }}""")
    assert alphas[0] == alphas[2] == 0
    assert alphas[1] > 0


def test_on_a_projector_the_letters_of_the_picture_are_larger(host: Host) -> None:
    page, _ = show(host)
    size = f"parseFloat({PLAYER}.lanes.pen.context.font.match(/[\\d.]+px/)[0])"
    before = page.evaluate(size)
    page.keyboard.press("p")
    page.wait_for_function(f"{size} > 1.5 * {before}")


def test_the_panels_stand_in_one_row_and_say_what_they_are_for(host: Host) -> None:
    page, _ = show(host)
    words = part_catalogue("film_panels", "en")
    panels = page.locator(".wsedu-film-panel")
    for place, key in enumerate(["ask", "fork", "server"]):
        expect(panels.nth(place).get_by_role("heading", name=words.say(f"{key}.title"))).to_be_visible()
        expect(panels.nth(place)).to_contain_text(words.say(f"{key}.what"))
    boxes = [panels.nth(place).bounding_box() for place in range(3)]
    assert len({box["y"] for box in boxes if box}) == 1
    page.locator(".wsedu-film-be-server").click()
    expect(page.locator(".wsedu-film-choices")).to_be_visible()
    whole = page.locator(".wsedu-film-panels").bounding_box()
    assert panels.nth(2).bounding_box()["width"] == whole["width"], "what is open has the whole width"


def test_beside_what_is_open_no_panel_stands_alone(host: Host) -> None:
    page, _ = show(host)
    page.locator(".wsedu-film-fork-here").click()
    expect(page.locator(".wsedu-film-other")).to_be_visible()
    whole = page.locator(".wsedu-film-panels").bounding_box()["width"]
    panels = page.locator(".wsedu-film-panel")
    assert [panels.nth(place).bounding_box()["width"] for place in range(3)] == [whole] * 3


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("width", "projected"), [(900, False), (1000, False), (1100, False), (1000, True), (1280, True)]
)
def test_what_the_head_offers_stands_in_one_row(host: Host, width: int, projected: bool, language: str) -> None:
    page, _ = show(host, language=language)
    page.set_viewport_size({"width": width, "height": 900})
    if projected:
        page.keyboard.press("p")
        page.locator(".wsedu-projector").wait_for()
    controls = page.locator(".wsedu-film-top :is(button, select)").locator("visible=true")
    assert controls.count() == 6
    boxes = [one.bounding_box() for one in controls.all()]
    middles = {round(box["y"] + box["height"] / 2) for box in boxes if box}
    assert len(middles) == 1


def test_the_list_is_as_high_as_its_steps_and_shows_the_current_one(host: Host) -> None:
    page, _ = show(host)
    steps = page.locator(".wsedu-film-list")
    full = steps.bounding_box()["height"]
    page.locator(".wsedu-film-show").select_option("frame")
    rows = page.locator(".wsedu-film-row")
    expect(rows).to_have_count(4)
    page.wait_for_function("document.querySelector('.wsedu-film-list').clientHeight < 150")
    assert steps.evaluate("one => one.scrollHeight === one.clientHeight")
    rows.last.click()
    page.locator(".wsedu-film-show").select_option("all")
    marked = page.locator(".wsedu-film-row[aria-selected=true]")
    expect(marked).to_be_in_viewport()
    assert steps.bounding_box()["height"] == full
    box, outer = marked.bounding_box(), steps.bounding_box()
    assert outer["y"] <= box["y"]
    assert box["y"] + box["height"] <= outer["y"] + full


def test_in_a_narrow_page_nothing_leaves_its_panel(host: Host) -> None:
    page, _ = show(host)
    page.set_viewport_size({"width": 668, "height": 900})
    outside = page.evaluate("""() => [...document.querySelectorAll(".wsedu-film-panel")].flatMap((panel) => {
      const edge = panel.getBoundingClientRect().right;
      const inside = [...panel.querySelectorAll("select, input, button")];
      return inside.filter((node) => node.getBoundingClientRect().right > edge);
    }).length""")
    assert outside == 0


def test_the_sign_of_pausing_is_in_every_type(host: Host) -> None:
    page, _ = show(host)
    page.keyboard.press(".")
    expect(page.locator(".wsedu-film-play")).to_have_attribute("data-sign", "||")
    page.keyboard.press(".")


def test_a_filter_that_nothing_passes_is_said_and_undone(host: Host) -> None:
    page, _ = show(host, "unmasked")
    every = page.get_by_role("button", name="Show every step")
    page.locator(".wsedu-film-show").select_option("violation")
    expect(page.locator(".wsedu-film-row")).to_have_count(1)
    expect(every).to_be_hidden()
    page.evaluate(f"{PLAYER}.record('hello')")
    expect(page.locator(".wsedu-film-filter [role='status']")).to_have_text("No step passes this filter.")
    every.click()
    expect(page.locator(".wsedu-film-show")).to_have_value("all")
    expect(page.locator(".wsedu-film-row")).not_to_have_count(0)


def test_the_slider_says_what_it_counts(host: Host) -> None:
    page, _ = show(host)
    expect(page.locator(".wsedu-film-options")).to_contain_text("The slider counts steps")


def test_what_is_near_the_name_of_a_scenario_is_said_to_be_a_text(host: Host) -> None:
    film = ExchangeFilm.record("helo", seed=1, language="en")
    page = host.show(film)
    expect(page.get_by_role("note")).to_contain_text("“helo” is no scenario")
    expect(page.get_by_role("note")).to_contain_text('ExchangeFilm.record("hello")')
    page.locator(".wsedu-film-scenarios").select_option("hello")
    expect(page.get_by_role("note")).to_have_count(0)
    for text in ("Grüß Gott", "hello"):
        assert ExchangeFilm.record(text, seed=1, language="en").film["lacks"] == ""


def test_what_is_no_trace_is_told_how_to_be_recorded() -> None:
    with pytest.raises(TypeError, match=r"plays a Trace, not 'hello': call ExchangeFilm\.record"):
        ExchangeFilm("hello")  # type: ignore[arg-type]


def test_its_help_begins_with_how_it_is_used() -> None:
    told = ExchangeFilm.__doc__ or ""
    beginning = told[: told.index("Arguments:")]
    for word in ("ExchangeFilm.record(", "ExchangeFilm.load(", "SCENARIOS"):
        assert word in beginning
