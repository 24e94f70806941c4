"""An `ExchangeFilm` in a page: what the tests of its parts share."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.protocol.steps import FrameComplete
from wsedu.widgets import ExchangeFilm

PLAYER = "document.querySelector('.wsedu-film').wsedu"


def hello() -> ExchangeFilm:
    """The film of the shortest scenario, always the same."""
    return ExchangeFilm.record("hello", seed=1, language="en")


def open_page(host: Host, film: ExchangeFilm) -> Any:
    """The page of a film, ready for the keyboard."""
    page = host.show(film)
    page.locator(".wsedu-film").focus()
    return page


def position(page: Any, film: ExchangeFilm, place: int) -> None:
    """Expect the page to be at a step."""
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[place].n:,} of {film.steps[-1].n:,}")


def click_the_first_frame(page: Any, film: ExchangeFilm) -> None:
    """Click the first frame in the lanes, and expect its step."""
    first = next(place for place, record in enumerate(film.steps) if isinstance(record.step, FrameComplete))
    x, y = page.evaluate(f"""() => {{
      const {{ lanes, store }} = {PLAYER}, course = lanes._course(store.lanes.frames[0], 1);
      return [course.sent + (course.came - course.sent) / 4, course.start + (course.end - course.start) / 4];
    }}""")
    page.locator(".wsedu-film-lanes").click(position={"x": x, "y": y})
    position(page, film, first)
