"""The ladder of a run whose network does something: it is told where it happens, and frames end where they end."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
from rich.console import Console

from tests.views.test_ladder import texts
from wsedu import Frame, Opcode, Role, Trace
from wsedu.explain.catalogue import LANGUAGES, catalogue
from wsedu.protocol.steps import BytesReceived, FrameComplete, Level
from wsedu.protocol.types import Direction
from wsedu.scenarios import VIRTUAL_SCENARIOS
from wsedu.simulator import (
    CloseBoth,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Flip,
    IdleTimeout,
    Inject,
    Link,
    Vanish,
    simulate,
)
from wsedu.trace.worldsteps import WorldStep
from wsedu.views.ladder import ladder_svg
from wsedu.views.ladder_streams import stretch_of
from wsedu.views.ladder_units import Fate, Unit, find_units
from wsedu.views.ladder_world import world_words
from wsedu.views.narrative import Narrator

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
HELLO: dict[str, Any] = {"opcode": Opcode.TEXT, "direction": UP}

FAULTS: dict[str, Fault] = {
    "drop": Drop(**HELLO),
    "cut": Cut(**HELLO),
    "delay": Delay(seconds=3.0, **HELLO),
    "duplicate": Duplicate(**HELLO),
    "flip": Flip(bit=0, **HELLO),
    "inject": Inject(frame=Frame.ping(b"who?"), opcode=Opcode.TEXT, direction=DOWN),
    "vanish": Vanish(who=Role.SERVER, **HELLO),
    "close-both": CloseBoth(**HELLO),
}


@functools.cache
def faulty(name: str) -> Trace:
    return simulate("hello", seed=1, faults=[FAULTS[name]], level=Level.BASE)


def rough() -> Trace:
    link = Link(latency=0.05, jitter=0.02, loss=0.3)
    return simulate("fragments", seed=3, link=link, level=Level.BASE)


def reset() -> Trace:
    return simulate("idle-proxy", seed=1, middleboxes=[IdleTimeout(30, reset=True)], level=Level.BASE)


TRACES: dict[str, Any] = {
    **{name: functools.partial(faulty, name) for name in FAULTS},
    **{name: functools.partial(simulate, name, seed=1, level=Level.BASE) for name in VIRTUAL_SCENARIOS},
    "rough": rough,
    "reset": reset,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TRACES)
def test_whatever_the_network_does_is_drawn(name: str, language: str) -> None:
    trace, words = TRACES[name](), catalogue(language)
    did = [record.step for record in trace if isinstance(record.step, WorldStep)]
    shown = texts(ladder_svg(trace, language=language))
    assert shown.count(words.say("picture.network")) == len(did)
    joined = re.sub(r"\s", "", "".join(shown))
    for step in did:
        assert re.sub(r"\s", "", world_words(step, words)) in joined
    assert (words.say("picture.legend.network") in shown) == bool(did)


def units(name: str, direction: Direction) -> list[Unit]:
    records = faulty(name).records
    return [one for one in find_units(records) if one.direction is direction and isinstance(one.step, FrameComplete)]


def fates(name: str, direction: Direction = UP) -> list[tuple[str, Fate, bool]]:
    return [
        (Opcode(one.step.frame.opcode).name, one.fate, one.added)
        for one in units(name, direction)
        if isinstance(one.step, FrameComplete)
    ]


def test_what_is_dropped_never_arrives_and_what_follows_does() -> None:
    """The receiver counts on as if nothing had been lost; the picture must not take the Close for the text."""
    assert fates("drop") == [("TEXT", Fate.UNREAD, False), ("CLOSE", Fate.ARRIVED, False)]


def test_what_is_doubled_arrives_twice_and_the_second_one_comes_out_of_the_network() -> None:
    assert fates("duplicate") == [
        ("TEXT", Fate.ARRIVED, False),
        ("TEXT", Fate.ARRIVED, True),
        ("CLOSE", Fate.ARRIVED, False),
    ]


def test_what_is_slipped_in_comes_out_of_the_network() -> None:
    assert fates("inject", DOWN) == [
        ("TEXT", Fate.ARRIVED, False),
        ("PING", Fate.ARRIVED, True),
        ("CLOSE", Fate.ARRIVED, False),
    ]


def test_rst_comes_out_of_the_network_and_nobody_has_sent_it() -> None:
    ends = [one for one in find_units(faulty("cut").records) if one.step is not None and "end" in one.step.kind]
    assert [(one.added, one.sent) for one in ends] == [(True, None)] * 2


@pytest.mark.parametrize("name", TRACES)
def test_every_byte_that_was_read_belongs_to_what_arrived(name: str) -> None:
    """What the picture says about chunks adds up to what the receivers read."""
    trace = TRACES[name]()
    found = find_units(trace.records)
    for direction in Direction:
        read = [
            r.step
            for r in trace
            if isinstance(r.step, BytesReceived) and r.step.span and r.step.span.direction is direction
        ]
        total = sum(len(step.data) for step in read)
        arrived = {one.landing for one in found if one.direction is direction and one.chunks and one.landing}
        assert sum(place.size for place in arrived) == total
        assert len({place.first for place in arrived}) == len(arrived)
        assert all(stretch_of(step).end <= max(place.end for place in arrived) for step in read)


def test_a_frame_that_is_read_as_another_says_so_at_the_receiver() -> None:
    words = catalogue("en")
    shown = " ".join(texts(ladder_svg(faulty("flip"), language="en")))
    told = words.say("picture.misread", opcode=words.say("opcode.text"), fin=0, length=5)
    assert f"✖ {told}" in shown
    assert words.say("picture.misread", opcode=words.say("opcode.text"), fin=1, length=5) not in shown


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_network_has_an_edge_of_its_own_in_every_theme(theme: Any) -> None:
    """Not by colour alone: dashes."""
    drawn = ladder_svg(faulty("drop"), language="en", theme=theme)
    plain = ladder_svg(simulate("hello", seed=1, level=Level.BASE), language="en", theme=theme)
    dashed = re.compile(r'<rect[^>]*stroke-dasharray="6 4"')
    assert len(dashed.findall(drawn)) == 2
    assert dashed.findall(plain) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tale_does_not_take_a_frame_for_another_because_one_was_lost(language: str) -> None:
    """In words as in the picture: the Close comes as it was sent, though at another place of the stream."""
    console = Console(width=4000)
    with console.capture() as captured:
        for block in Narrator(language, console).tell(faulty("drop")):
            console.print(block)
    told = captured.get()
    other = catalogue(language).say("view.receipt.other", chunks="\0").split("\0")[1]
    assert other not in told
    assert catalogue(language).say("picture.network") in told
    with console.capture() as captured:
        for block in Narrator(language, console).tell(faulty("flip")):
            console.print(block)
    assert other in captured.get()
