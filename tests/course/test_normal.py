"""What is taken out of a text, such as a film's table, before two runs are compared, and what is not."""

from __future__ import annotations

import re

import pytest

from tools.course.checking import NORMAL, normal
from tools.course.source import FOLDER
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


def test_times_and_ports_go_and_bytes_stay() -> None:
    assert normal("at 127.0.0.1:54321 in 12.5 ms") == normal("at 127.0.0.1:8000 in 7 ms")
    assert normal("frame 81 05") != normal("frame 82 05")


def test_the_documentation_has_each_rule_with_an_example() -> None:
    page = (FOLDER.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.partition("| what a run shows |")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [re.fullmatch(r"\| `([^`]+)` \| (?:`([^`]+)`|nothing) \| (.+) \|", row) for row in table]
    assert [row and row[3] for row in rows] == [why for _, _, why in NORMAL]
    for row, (pattern, instead, _) in zip(rows, NORMAL, strict=True):
        assert row
        assert pattern.sub(instead, row[1] + "\n").rstrip("\n") == (row[2] or "")
