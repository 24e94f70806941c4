"""Every field can be told by its letter, and its text can be read on its fill."""

from __future__ import annotations

import pytest

from wsedu.protocol.dissection import dissect
from wsedu.views.palette import BLACK, BLUE, MARKS, OKABE_ITO, TEXTURES, THEMES, WHITE, Mark, Theme, contrast

PUBLISHED = {
    "orange": (230, 159, 0),
    "sky blue": (86, 180, 233),
    "bluish green": (0, 158, 115),
    "yellow": (240, 228, 66),
    "blue": (0, 114, 178),
    "vermilion": (213, 94, 0),
    "reddish purple": (204, 121, 167),
}
"""Okabe and Ito, Color Universal Design: red, green and blue of each colour but black."""

EVERY_FIELD = ("818537fa213d7f9f4d5158", "827e0080", "880403e86f6b", "88820000000003e8")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [(BLACK, WHITE, 21.0), (WHITE, WHITE, 1.0), ("#767676", WHITE, 4.54), ("#777777", WHITE, 4.48)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("mark", MARKS.values(), ids=lambda mark: mark.field)
def test_text_can_be_read_on_its_fill(mark: Mark) -> None:
    assert contrast(mark.ink, mark.fill) >= 4.5
    assert round(contrast(mark.ink, mark.fill), 1) >= 5.2
    assert mark.ink == (WHITE if mark.fill == BLUE else BLACK)


def test_the_fills_are_those_of_okabe_and_ito() -> None:
    assert {"#{:02x}{:02x}{:02x}".format(*colour) for colour in PUBLISHED.values()} == set(OKABE_ITO)
    assert {mark.fill for mark in MARKS.values()} <= set(OKABE_ITO)


def test_every_field_that_a_frame_can_have_has_a_mark() -> None:
    fields = {field.name for data in EVERY_FIELD for field in dissect(bytes.fromhex(data)).fields}
    assert {"status_code", "reason", "extended_payload_length", "masking_key"} <= fields
    assert fields == set(MARKS) - {"http"}


def test_letters_and_patterns_tell_fields_apart_without_colour() -> None:
    marks = list(MARKS.values())
    assert len({mark.letter for mark in marks}) == len(marks)
    assert {mark.texture for mark in marks} <= set(TEXTURES)
    assert len({(mark.fill, mark.texture) for mark in marks}) == len(marks)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_themes_can_be_read(theme: Theme) -> None:
    for colour in (theme.foreground, theme.muted, theme.good, theme.bad):
        assert contrast(colour, theme.background) >= 4.5
    assert contrast(theme.line, theme.background) >= 3
