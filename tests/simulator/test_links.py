"""Links: when bytes arrive, computed by hand; and what TCP promises whatever happens to its segments."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wsedu import Frame, Timeouts, encode_frame
from wsedu.protocol.steps import BytesReceived, BytesSent, Level
from wsedu.simulator import EVERY_BYTE, RANDOM_CUTS, Chunks, Link, simulate
from wsedu.trace.worldsteps import SegmentLost

from .tools import DOWN, UP, frames, opened, steps, times


def test_a_message_takes_the_latency() -> None:
    world = opened(link=Link(latency=0.25))
    start = world.now
    world.server.send_text("x")
    world.settle()
    assert world.now - start == pytest.approx(0.25)
    assert world.client.messages == ["x"]


def test_the_opening_takes_a_round_trip_of_tcp_and_one_of_http() -> None:
    assert opened(link=Link(latency=0.25)).now == pytest.approx(4 * 0.25)


def test_each_direction_can_have_its_own_link() -> None:
    world = opened(link=(Link(latency=0.1), Link(latency=0.4)))
    start = world.now
    world.client.send_ping(b"there and back")
    world.settle()
    assert world.now - start == pytest.approx(0.1 + 0.4)


def test_bandwidth_spreads_what_is_sent_at_once() -> None:
    """10,000 bytes of payload at 1,000 bytes per second: the last one arrives when all have left."""
    world = opened(link=(Link(), Link(latency=0.5, bandwidth=1000, segment=100)))
    start = world.now
    payload = bytes(10_000)
    world.server.send_binary(payload)
    world.settle()
    assert world.now - start == pytest.approx(len(encode_frame(Frame.binary(payload))) / 1000 + 0.5)


def test_jitter_changes_times_and_not_the_order() -> None:
    world = opened(link=(Link(), Link(latency=0.1, jitter=0.1)))
    for number in range(50):
        world.server.send_text(str(number))
        world.wait(0.01)
    world.settle()
    assert world.client.messages == [str(number) for number in range(50)]
    sent = [one.t for one in world.trace if isinstance(one.step, BytesSent) and one.step.endpoint == "server"][1:]
    got = [one.t for one in world.trace if isinstance(one.step, BytesReceived) and one.step.endpoint == "client"][1:]
    taken = [after - before for before, after in zip(sent, got, strict=True)]
    # In-order delivery can add what an earlier segment was late, which is less than the jitter again.
    assert all(0.1 - 1e-9 <= one <= 0.2 + 1e-9 for one in taken)
    assert len({round(one, 6) for one in taken}) > 10


def test_a_lost_segment_comes_after_the_timeout_and_all_others_wait_for_it(seed: int) -> None:
    link = Link(latency=0.1, loss=0.5, segment=10, timeout=0.3)
    patient = {"timeouts": Timeouts(opening=None, ping_interval=None)}
    world = opened(link=(Link(), link), seed=seed, client=patient, server=patient)
    start, payload = world.now, bytes(range(100))
    world.server.send_binary(payload)
    world.settle()
    lost = [step for step in steps(world.trace, SegmentLost) if step.span.first_bit >= 8 * len(_head(world.trace))]
    assert lost, "with this seed nothing was lost: choose another one"
    for step in lost:
        # RFC 6298 §5.5: the timer doubles with each further loss.
        assert step.seconds == pytest.approx(sum(0.3 * 2**number for number in range(step.times)))
    assert world.now - start == pytest.approx(0.1 + max(step.seconds for step in lost))
    assert world.client.messages == [payload]


def _head(trace: object) -> bytes:
    data: bytes = trace.bytes_of(DOWN)  # type: ignore[attr-defined]
    return data[: data.index(b"\r\n\r\n") + 4]


@pytest.mark.parametrize("chunks", [EVERY_BYTE, Chunks(3), RANDOM_CUTS], ids=["byte", "three", "random"])
def test_chunks_are_cut_as_asked(chunks: Chunks, seed: int) -> None:
    trace = simulate("fragments", seed=seed, chunks=chunks, level=Level.CORE)
    sizes = [len(step.data) for step in steps(trace, BytesReceived)]
    if chunks.size is not None:
        assert max(sizes) == chunks.size
    else:
        assert len(set(sizes)) > 5
    assert trace.bytes_of(UP) == trace.bytes_of(UP, received=True)
    pairs = zip(frames(trace, UP), frames(trace, UP, sent=False), strict=True)
    assert all(sent.same_as(received) for sent, received in pairs)


def test_the_trace_keeps_virtual_time() -> None:
    trace = simulate("silent-peer", seed=1, level=Level.CORE)
    assert all(before <= after for before, after in pairwise(times(trace, BytesSent)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"latency": -1},
        {"jitter": -0.1},
        {"loss": 1.0},
        {"loss": -0.1},
        {"bandwidth": 0},
        {"segment": 0},
        {"timeout": 0},
    ],
)
def test_a_link_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="link"):
        Link(**wrong)  # type: ignore[arg-type]


def test_a_chunk_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="byte"):
        Chunks(0)
