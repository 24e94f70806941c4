"""The film of an exchange while it goes on: the same as that of the whole, and bounded whatever the peer does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.widgets.host import use_page_comms
from tests.widgets.live import Listener
from wsedu.loopback import Endpoint, record
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.steps import FrameComplete, Level, StateChanged
from wsedu.protocol.types import Role, State
from wsedu.simulator import simulate
from wsedu.trace.trace import Trace
from wsedu.views.film import film
from wsedu.views.live_reel import KEPT, LONGEST, PORTION, LiveReel
from wsedu.widgets import LiveExchange

BURST = 3000


def portions(trace: Trace, seed: int) -> Iterator[dict[str, Any]]:
    """The portions of a trace that comes in pieces of random sizes."""
    reel, chance, rest = LiveReel("en"), random.Random(seed), list(trace.records)
    while rest:
        count = chance.randint(1, PORTION)
        reel.take(rest[:count])
        rest = rest[count:]
        yield reel.portion()


def joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What a page has that has seen these portions."""
    texts = [text for part in parts for text in part["reel"]["texts"]]
    columns = {
        name: [value for part in parts for value in part["reel"]["steps"][name]] for name in ("n", "t", "who", "group")
    }
    titles = [texts[place] for part in parts for place in part["reel"]["steps"]["title"]]
    lanes = {
        lane: {row[0]: row for part in parts for row in part["reel"]["lanes"][lane]}
        for lane in ("messages", "frames", "chunks")
    }
    return {**columns, "titles": titles, "lanes": {lane: list(rows.values()) for lane, rows in lanes.items()}}


@pytest.mark.parametrize("scenario", ["hello", "fragments", "both-close", "unmasked", "compressed"])
def test_in_portions_it_is_the_film_of_the_whole(scenario: str, seed: int) -> None:
    trace = simulate(scenario, seed=seed)
    parts = list(portions(trace, seed))
    whole = film(trace.records, "en")
    assert joined(parts) == joined([{"reel": whole}])
    assert {part["film"] for part in parts} == {parts[0]["film"]}


def test_frames_are_written_out_with_the_bytes_of_the_wire(seed: int) -> None:
    trace = record("hello", seed=seed, level=Level.BASE)
    shown = [frame for part in portions(trace, seed) for frame in part["frames"]]
    wire = [encode_frame(one.step.frame) for one in trace.frames() if isinstance(one.step, FrameComplete)]
    assert [bytes.fromhex("".join(run for _, run in frame["bytes"])) for frame in shown] == wire
    assert [frame["n"] for frame in shown] == [one.n for one in trace.frames()]


@pytest.fixture
def flooded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A live exchange whose server has sent far more at once than anybody can draw."""
    use_page_comms(monkeypatch)

    async def flood(endpoint: Endpoint) -> None:
        for number in range(BURST):
            await endpoint.send(f"tick {number}")

    live = LiveExchange(app=flood, level=Level.CORE, language="en")
    listener = Listener(live)
    live.do_connect()
    listener.until_states(State.CLOSED.name, State.CLOSED.name)
    yield listener
    live.close()


def test_a_flood_is_drawn_in_part_and_recorded_whole(flooded: Listener) -> None:
    trace = flooded.live.trace
    assert len(trace.frames()) == BURST + 2
    bulk = [one for one in trace if one.step.kind in ("bytes.sent", "bytes.received", "frame.complete")]
    films = {part["film"] for part in flooded.told}
    for number in films:
        drawn = [part for part in flooded.told if part["film"] == number]
        assert all(len(part["reel"]["steps"]["n"]) <= PORTION + len(trace) - len(bulk) for part in drawn)
    last = joined([part for part in flooded.told if part["film"] == flooded.last["film"]])
    frames_and_bytes = {one.n for one in bulk}
    shown = sum(number in frames_and_bytes for number in last["n"])
    closes = sum(isinstance(one.step, FrameComplete) and one.step.frame.opcode == 8 for one in trace)
    assert flooded.last["skipped"] == len(bulk) - shown > closes
    states = [one.n for one in trace if isinstance(one.step, StateChanged)]
    assert set(states) <= set(last["n"])


def test_a_page_that_comes_late_gets_the_end_of_it(flooded: Listener) -> None:
    flooded.live.do_hello("late")
    told = flooded.until(lambda portion: portion["reel"]["first"] == 0 and portion["reel"]["steps"]["n"])
    numbers = told["reel"]["steps"]["n"]
    assert numbers == sorted(numbers)
    assert numbers[-1] == [one for one in flooded.live.trace if one.step.level == Level.CORE][-1].n
    assert len(numbers) < KEPT + 50
    assert told["status"]["states"] == [State.CLOSED.name] * len(Role)


def test_a_long_film_begins_anew(seed: int) -> None:
    trace = simulate("hello", seed=seed)
    frames = [one for one in trace.records if isinstance(one.step, FrameComplete) and one.step.frame.opcode != 8]
    reel = LiveReel("en")
    sizes, films = [], set()
    for _ in range(LONGEST // PORTION + 2):
        reel.take(frames * (PORTION // len(frames)))
        told = reel.portion()
        films.add(told["film"])
        sizes.append(len(told["reel"]["steps"]["n"]))
    assert len(films) == 2
    assert max(sizes) <= KEPT + PORTION
