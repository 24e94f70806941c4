"""`ExchangeFilm` in a page: what a user does, and what is then on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.films import PLAYER, click_the_first_frame, hello, open_page
from tests.widgets.host import Host
from wsedu.explain.catalogue import part_catalogue
from wsedu.explain.words import step_sentence
from wsedu.protocol.steps import FrameComplete, Level, StateChanged
from wsedu.protocol.types import Direction, Role
from wsedu.simulator import simulate
from wsedu.trace.trace import Trace
from wsedu.views.film_source import source_of
from wsedu.widgets import ExchangeFilm


def chat(messages: int) -> Trace:
    """A long exchange, in no time."""

    def script(world: Any) -> None:
        world.settle()
        for number in range(messages):
            world.client.send_text(f"message {number}")
            world.settle()
        world.client.close()
        world.run()

    return simulate(script, seed=1, level=Level.CORE)


def test_stepping_by_keyboard_tells_every_step_and_both_states(host: Host) -> None:
    film = ExchangeFilm.record("fragments", seed=1, language="en")
    page = open_page(host, film)
    states = dict.fromkeys(Role, "CONNECTING")
    for place, record in enumerate(film.steps):
        if isinstance(record.step, StateChanged) and record.step.endpoint:
            states[record.step.endpoint] = record.step.state
        expect(page.locator(".wsedu-film-told")).to_contain_text(step_sentence(record.step, "en"))
        expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[place].n} of {film.steps[-1].n}")
        for role, state in states.items():
            expect(page.locator(f".wsedu-film-state-{role.value}")).to_have_attribute("data-state", state)
        page.keyboard.press("PageDown" if place % 2 else "ArrowRight")
    page.keyboard.press("Home")
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[0].n} of {film.steps[-1].n}")
    page.keyboard.press("End")
    page.keyboard.press("PageUp")
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[-2].n} of {film.steps[-1].n}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_an_endpoint_that_was_not_recorded_no_state_is_claimed(host: Host, language: str) -> None:
    whole = ExchangeFilm.record("hello", seed=1).trace
    page = open_page(host, ExchangeFilm(whole.filter(endpoint=Role.CLIENT), language=language))
    page.keyboard.press("End")
    unseen = part_catalogue("exchange_film", language).say("film.unseen")
    expect(page.locator(".wsedu-film-state-client")).to_have_attribute("data-state", "CLOSED")
    expect(page.locator(".wsedu-film-state-server")).to_have_attribute("data-state", "")
    expect(page.locator(".wsedu-film-state-server")).to_contain_text(unseen)
    filled = page.evaluate(f"""() => {{
      const {{ still, gutter, width, height }} = {PLAYER}.lanes;
      const copy = new OffscreenCanvas(still.width, still.height), scale = still.width / width;
      const context = copy.getContext("2d", {{ willReadFrequently: true }});
      context.drawImage(still, 0, 0);
      return [4, height - 4].map(y => context.getImageData(scale * (gutter + 3), scale * y, 1, 1).data[3] > 0);
    }}""")
    assert filled == [True, False]


def test_a_click_on_a_step_shows_its_bytes_fields_and_the_function_that_decided_it(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    record = film.trace.frames(Direction.TO_SERVER)[0]
    sent = film.trace.bytes_of(Direction.TO_SERVER)
    page.locator(".wsedu-film-show").select_option("frame")
    page.locator(".wsedu-film-row", has_text="Frame sent: text").first.click()
    detail = page.locator(".wsedu-film-detail")
    start = record.step.span.first_bit // 8
    expect(detail.locator(".wsedu-film-part-bytes pre")).to_have_text(sent[start : start + 11].hex(" "))
    expect(detail.locator("tbody tr")).to_have_count(9)
    source = source_of(record.step.decided_by)
    assert source is not None
    expect(detail).to_contain_text(f"{source.file}, line {source.line}")
    assert detail.locator(".wsedu-film-part-source pre").inner_text() == source.code


def test_a_broken_rule_is_shown_with_what_the_rfc_demands(host: Host) -> None:
    page = open_page(host, ExchangeFilm.record("unmasked", seed=1, language="en"))
    page.locator(".wsedu-film-show").select_option("violation")
    page.locator(".wsedu-film-row").click()
    expect(page.locator(".wsedu-film-part-rule")).to_contain_text("CLIENT_MUST_MASK")
    expect(page.locator(".wsedu-film-detail")).to_contain_text("§5.1")


def test_the_list_is_filtered_by_kind_direction_and_text(host: Host) -> None:
    film = ExchangeFilm.record("fragments", seed=1, language="en")
    page = open_page(host, film)
    frames = [record.step for record in film.steps if isinstance(record.step, FrameComplete)]
    control = [step for step in frames if step.frame.is_control]
    shown = page.locator(".wsedu-film-filter [role='status']")
    page.locator(".wsedu-film-show").select_option("control")
    expect(shown).to_have_text(f"{len(control)} of {len(film.steps)} steps")
    page.locator(".wsedu-film-direction").select_option("1")
    back = [step for step in control if step.span and step.span.direction is Direction.TO_CLIENT]
    expect(shown).to_have_text(f"{len(back)} of {len(film.steps)} steps")
    assert page.locator(".wsedu-film-row").count() == len(back)
    page.locator(".wsedu-film-show").select_option("all")
    page.locator(".wsedu-film-direction").select_option("all")
    page.locator(".wsedu-film-search").fill("WORLD")
    world = [step for step in frames if step.frame.payload == b"world"]
    expect(shown).to_have_text(f"{len(world)} of {len(film.steps)} steps")
    page.locator(".wsedu-film-search").fill("no such thing")
    expect(shown).to_have_text("No step passes this filter.")


def test_letters_in_the_search_are_letters(host: Host) -> None:
    page = open_page(host, ExchangeFilm.record("hello", seed=1, language="en"))
    page.locator(".wsedu-film-search").press_sequentially("p?1f.")
    expect(page.locator(".wsedu-film-search")).to_have_value("p?1f.")
    assert page.locator(".wsedu-projector, dialog[open]").count() == 0


def test_it_plays_to_the_end_and_pauses_by_key(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    assert page.evaluate(f"{PLAYER}.playing") is False, "nothing plays by itself"
    page.keyboard.press("Space")
    page.wait_for_function(f"{PLAYER}.current > 1")
    page.keyboard.press(".")
    assert page.evaluate(f"{PLAYER}.playing") is False
    page.locator(".wsedu-film-choice-speed").select_option("100")
    page.locator(".wsedu-film-play").click()
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[-1].n} of {film.steps[-1].n}")
    expect(page.locator(".wsedu-film-play")).to_have_attribute("aria-label", "Play")
    expect(page.locator(".wsedu-film-told")).to_contain_text(step_sentence(film.steps[-1].step, "en"))


def test_with_reduced_motion_it_jumps_from_step_to_step(host: Host) -> None:
    page = host.page
    page.emulate_media(reduced_motion="reduce")
    open_page(host, ExchangeFilm.record("hello", seed=1, language="en"))
    seen = page.evaluate(f"""() => new Promise((done) => {{
      const page = {PLAYER}, seen = [], draw = page.lanes.draw.bind(page.lanes);
      page.lanes.draw = (at) => {{ seen.push(at); draw(at); }};
      page.transport.speed = 20; page.onstep((index) => index === page.store.count - 1 && done(seen)); page.toggle();
    }})""")
    assert len(seen) > 2
    assert set(seen) <= set(page.evaluate(f"{PLAYER}.store.steps.at"))


def test_the_lanes_draw_what_happened_and_cover_what_is_to_come(host: Host) -> None:
    page = open_page(host, ExchangeFilm.record("hello", seed=1, language="en"))
    painted = f"""() => {{
      const {{ still, moving, width, height }} = {PLAYER}.lanes;
      const inked = (canvas, from, to) => {{
        const copy = new OffscreenCanvas(canvas.width, canvas.height), scale = canvas.width / width;
        const context = copy.getContext("2d", {{ willReadFrequently: true }});
        context.drawImage(canvas, 0, 0);
        const pixels = context.getImageData(from * scale, 0, (to - from) * scale, canvas.height).data;
        let count = 0;
        for (let place = 3; place < pixels.length; place += 4) count += pixels[place] > 0;
        return count;
      }};
      return [inked(still, 0, width), inked(moving, width * 0.6, width)];
    }}"""
    drawn, covered = page.evaluate(painted)
    assert drawn > 1000
    page.keyboard.press("End")
    drawn_at_the_end, covered_at_the_end = page.evaluate(painted)
    assert drawn_at_the_end == drawn, "what stands still is drawn once"
    assert covered_at_the_end < covered / 10


def test_a_click_on_a_frame_in_the_lanes_goes_to_its_step(host: Host) -> None:
    film = hello()
    click_the_first_frame(open_page(host, film), film)


def test_number_keys_record_scenarios_and_the_button_records_again(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    page.keyboard.press("3")
    expect(page.locator(".wsedu-film-scenarios")).to_have_value("early-frame")
    assert film.trace.header.scenario == "early-frame"
    seed = film.trace.header.seed
    expect(page.locator(".wsedu-film-about")).to_contain_text(f"seed {seed}")
    page.locator(".wsedu-film-again").click()
    expect(page.locator(".wsedu-film-about")).not_to_contain_text(f"seed {seed}")
    assert film.trace.header.scenario == "early-frame"
    page.locator(".wsedu-film-scenarios").select_option("idle-proxy")
    expect(page.locator(".wsedu-film-about")).to_contain_text("VIRTUAL")


def test_finer_steps_are_shown_on_demand(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    page.locator(".wsedu-film-choice-level").select_option("2")
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step 1 of {len(film.trace)}")
    page.locator(".wsedu-film-search").fill("XORed")
    expect(page.locator(".wsedu-film-row").first).to_be_visible()


def test_the_keys_are_listed_and_the_projector_is_large(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Page Up")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    size = "parseFloat(getComputedStyle(document.querySelector('.wsedu-film')).fontSize)"
    small = page.evaluate(size)
    page.keyboard.press("p")
    page.wait_for_function(f"{size} > 1.4 * {small}")
    page.keyboard.press("PageDown")
    expect(page.locator(".wsedu-film-position")).to_contain_text(f"step {film.steps[1].n} of")
    page.keyboard.press("p")
    page.wait_for_function(f"{size} === {small}")


def test_ten_thousand_messages_are_a_few_rows_in_the_page(host: Host) -> None:
    film = ExchangeFilm(chat(10_000), language="en")
    page = open_page(host, film)
    page.keyboard.press("End")
    rows = page.locator(".wsedu-film-row")
    expect(rows.locator("nth=-1")).to_have_attribute("aria-posinset", str(len(film.steps)))
    assert rows.count() < 40
    page.locator(".wsedu-film-search").fill('"message 9999"')
    page.locator(".wsedu-film-row").first.click()
    expect(page.locator(".wsedu-film-told")).to_contain_text("message 9999")


def test_python_moves_the_page_and_a_script_can_hide_what_is_to_come(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    film.go(film.steps[9].n)
    expect(page.locator(".wsedu-film-position")).to_contain_text(f"step {film.steps[9].n} of")
    page.evaluate(f"{PLAYER}.hide(true)")
    expect(page.locator(".wsedu-film-row")).to_have_count(10)
    expect(page.locator(".wsedu-film-told")).to_contain_text("next: ?")
    page.evaluate(f"{PLAYER}.hide(false)")
    expect(page.locator(".wsedu-film-filter [role='status']")).to_contain_text(f"{len(film.steps)} of")


def test_what_python_does_not_know_is_said_and_the_film_stays(host: Host) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = open_page(host, film)
    page.evaluate(f"{PLAYER}.record('no such')")
    expect(page.get_by_role("alert")).to_contain_text("no such")
    assert film.trace.header.scenario == "hello"
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wsedu-film-position")).to_contain_text(f"step {film.steps[1].n} of")


def test_a_damaged_file_is_said_for_as_long_as_it_is_shown(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    ExchangeFilm.record("hello", seed=1).trace.save(str(path))
    path.write_bytes(path.read_bytes()[:-40])
    film = ExchangeFilm.load(path, language="en")
    page = open_page(host, film)
    page.keyboard.press("End")
    expect(page.get_by_role("note")).to_have_text(film.film["lacks"])
    expect(page.locator(".wsedu-film-about")).to_have_text("from cut.jsonl · seed 1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colours", ["none", "active"])
def test_the_lanes_take_the_colours_of_the_theme(host: Host, scheme: Any, colours: Any) -> None:
    page = host.page
    page.emulate_media(color_scheme=scheme, forced_colors=colours)
    open_page(host, ExchangeFilm.record("hello", seed=1, language="zh"))
    used = page.evaluate(f"[{PLAYER}.lanes.pen.colours.foreground, getComputedStyle({PLAYER}.root).color]")
    assert used[0] == used[1]
    other = "light" if scheme == "dark" else "dark"
    page.emulate_media(color_scheme=other)
    page.wait_for_function(f"{PLAYER}.lanes.pen.colours.foreground !== '{used[0]}'")


def test_in_a_narrow_notebook_nothing_is_wider_than_the_page(host: Host) -> None:
    host.page.set_viewport_size({"width": 668, "height": 900})
    page = open_page(host, ExchangeFilm.record("tour", seed=1, language="en"))
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= 668


def test_another_theme_is_painted_though_the_page_is_hidden_while_it_changes(host: Host) -> None:
    page = host.show(ExchangeFilm(simulate("hello", seed=1), language="en"))
    page.locator("section.wsedu").first.wait_for()
    page.evaluate(
        """() => new Promise((done) => {
          document.querySelector(".wsedu-film").style.setProperty("--wsedu-foreground", "rgb(1, 2, 3)");
          document.body.dataset.jpThemeName = "another";
          const main = document.querySelector("main");
          main.style.display = "none";
          requestAnimationFrame(() => {
            main.style.display = "";
            requestAnimationFrame(done);
          });
        })"""
    )
    assert page.evaluate("document.querySelector('.wsedu-film').wsedu.lanes.pen.colours.foreground") == "rgb(1, 2, 3)"
