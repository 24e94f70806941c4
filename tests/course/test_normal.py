"""What is taken out of a film's table before two runs are compared, and what is not."""

from __future__ import annotations

import re

import pytest

from tools.course.checking import normal
from wsedu.explain.catalogue import LANGUAGES
from wsedu.loopback import record
from wsedu.protocol.steps import BytesSent
from wsedu.views.film_twins import film_text


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_runs_with_other_keys_are_the_same(language: str) -> None:
    one, other = (film_text(record("fragments", seed=seed), "", language) for seed in (1, 2))
    assert one != other
    assert normal(one) == normal(other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_chunks_go_and_frames_stay(language: str) -> None:
    trace = record("fragments", seed=1)
    told = normal(film_text(trace, "", language))
    assert len(told.splitlines()) < len(film_text(trace, "", language).splitlines())
    assert any(isinstance(entry.step, BytesSent) for entry in trace)
    assert "between" in told
    assert len(re.findall("(?m)^STEP TIME  ", told)) > len(trace.frames())


def test_another_message_is_another_text() -> None:
    one = film_text(record("hello", seed=1), "", "en")
    assert normal(one) != normal(one.replace('"Hello"', '"Iello"'))


def test_versions_of_libraries_go() -> None:
    assert normal("sent | wsedu 0.1.0 | websockets 17.4") == "sent | wsedu VERSION | websockets VERSION"


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_many_header_fields_a_library_sends_goes(language: str) -> None:
    told = film_text(record("hello", seed=1), "", language)
    count = next(found[1] for found in re.finditer(r"(\d+) (?:header fields|个首部字段)", told))
    assert normal(told) == normal(re.sub(rf"\b{count} (?=header fields|个首部字段)", "99 ", told))
