"""The model against other ways to know: encoded frames, HPACK's reference, the simulation, and itself as arrays."""

from __future__ import annotations

import hpack
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from wsedu.overhead import wire
from wsedu.overhead.delays import delay
from wsedu.overhead.model import evaluate, rhythm
from wsedu.overhead.profiles import PROFILES, profile
from wsedu.overhead.setting import RANGES, OutOfRangeError, Setting
from wsedu.overhead.simulate import TooManyEventsError, simulate
from wsedu.overhead.transports import AT_THE_SOCKET, LAYERS, WEBSOCKETS, Transport
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame

ALL = tuple(Transport)


@given(st.integers(0, 70_000), st.booleans())
def test_headers_of_frames_are_those_that_are_encoded(length: int, masked: bool) -> None:
    frame = encode_frame(Frame.binary(bytes(length), masking_key=bytes(4) if masked else None))
    assert int(wire.frame_header(length, masked=masked)) == len(frame) - length


@pytest.mark.parametrize("data", [0, 1, 100, 16_384, 16_385, 50_000])
def test_records_are_those_of_openssl(data: int, tls_pair: tuple[object, object]) -> None:
    writer, sent = tls_pair
    writer.write(bytes(data))  # type: ignore[attr-defined]
    assert len(sent.read()) - data == int(wire.tls_overhead(data))  # type: ignore[attr-defined]


@pytest.mark.parametrize("headers", PROFILES)
def test_a_repeated_head_under_hpack_is_as_long_as_its_reference_has_it(headers: str) -> None:
    """The second request on a connection, encoded by the library hpack; the estimate is within three bytes."""
    encoder = hpack.Encoder()
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", "127.0.0.1"), (":path", "/poll")]
    fields += [
        (name.lower(), value)
        for name, _, value in (line.partition(": ") for line in profile(headers).request(Transport.POLLING)[1:])
        if name.lower() not in ("host", "connection", "keep-alive")
    ]
    encoder.encode(fields)
    second = len(encoder.encode(fields))
    cost = evaluate(Transport.POLLING_H2, Setting(headers=headers, events_per_second=1.0, interval=1.0))
    assert float(cost.per_message("request")) - wire.H2_FRAME == pytest.approx(second, abs=3)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ALL),
    st.floats(0.01, 100),
    st.floats(0.1, 60),
    st.integers(0, 4096),
    st.floats(0.001, 0.3),
    st.sampled_from(PROFILES),
    st.booleans(),
)
def test_every_byte_has_a_layer_and_none_is_negative(
    transport: Transport, rate: float, interval: float, payload: int, rtt: float, headers: str, tls: bool
) -> None:
    setting = Setting(events_per_second=rate, interval=interval, payload=payload, rtt=rtt, headers=headers, tls=tls)
    cost = evaluate(transport, setting)
    assert all(float(cost.layer(name)) >= 0 for name in LAYERS)
    assert float(cost.total()) == pytest.approx(sum(float(cost.layer(name)) for name in LAYERS))
    assert (float(cost.layer("tls")) > 0) == tls
    assert (float(cost.layer("websocket")) > 0) == (transport in WEBSOCKETS)
    if transport is not Transport.WEBSOCKET_DEFLATE:
        assert float(cost.per_message("payload")) == pytest.approx(payload)
    waited = delay(transport, setting)
    assert 0 <= float(waited.waiting) <= 1
    assert float(waited.quantile(0)) <= float(waited.mean) <= float(waited.quantile(1))
    assert float(waited.within(waited.quantile(0.9))) >= 0.9 - 1e-9


@pytest.mark.parametrize("transport", ALL)
def test_an_array_gives_what_its_numbers_give(transport: Transport) -> None:
    rates = np.geomspace(0.01, 100, 7)
    together = evaluate(transport, Setting(events_per_second=rates, tls=True))
    alone = [evaluate(transport, Setting(events_per_second=float(rate), tls=True)) for rate in rates]
    for layer in LAYERS:
        np.testing.assert_allclose(together.layer(layer) * np.ones(7), [float(one.layer(layer)) for one in alone])


SITUATIONS = [
    Setting(clients=4000, events_per_second=5, interval=0.5, rtt=0.2, timeout=1),
    Setting(clients=4000, events_per_second=0.1, interval=2, rtt=0.2, timeout=3),
    Setting(clients=1000, events_per_second=20, interval=0.1, rtt=0.3, timeout=30),
]


@pytest.mark.parametrize("setting", SITUATIONS)
@pytest.mark.parametrize("transport", [Transport.POLLING, Transport.LONG_POLLING, Transport.SSE, Transport.WEBSOCKET])
def test_the_closed_form_is_what_the_simulation_finds(transport: Transport, setting: Setting) -> None:
    seconds = 400.0
    found = simulate(transport, setting, seconds=seconds, seed=3)
    often, waited = rhythm(transport, setting), delay(transport, setting)
    per_client = setting.clients * seconds
    assert found.full / per_client == pytest.approx(float(often.full), rel=0.02)
    assert found.requests / per_client == pytest.approx(float(often.requests), rel=0.02)
    assert found.empty / per_client == pytest.approx(float(often.empty), rel=0.03, abs=0.001)
    assert found.mean_delay == pytest.approx(float(waited.mean), rel=0.02)
    for part in (0.5, 0.95):
        assert found.quantile(part) == pytest.approx(float(waited.quantile(part)), rel=0.02)
    bytes_per_second = sum(found.socket_bytes().values()) / per_client
    assert bytes_per_second == pytest.approx(float(evaluate(transport, setting).total(AT_THE_SOCKET)), rel=0.02)


def test_a_seed_repeats_a_simulation() -> None:
    setting = Setting(clients=200)
    one, same, other = (simulate(Transport.POLLING, setting, seconds=20, seed=seed) for seed in (1, 1, 2))
    assert (one.messages, one.full, one.mean_delay) == (same.messages, same.full, same.mean_delay)
    assert one.mean_delay != other.mean_delay


def test_a_simulation_without_end_is_refused() -> None:
    with pytest.raises(TooManyEventsError, match="events are more than"):
        simulate(Transport.POLLING, Setting(clients=1_000_000, events_per_second=100), seconds=3600)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("side", ["low", "high"])
def test_what_is_out_of_range_is_told_with_its_range(name: str, side: str) -> None:
    bounds = RANGES[name]
    wrong = bounds.low - 1 if side == "low" else bounds.high + 1
    with pytest.raises(OutOfRangeError) as caught:
        Setting(**{name: wrong})
    told = str(caught.value)
    assert name in told
    assert f"{bounds.low:g}" in told
    assert f"{bounds.high:g}" in told
    Setting(**{name: getattr(bounds, side)})


def test_half_a_client_is_refused() -> None:
    with pytest.raises(OutOfRangeError, match="a whole number"):
        Setting(clients=1.5)


def test_longer_lives_cost_less_for_each_second() -> None:
    lives = Setting(lifetime=np.array([10.0, 3600.0]), tls=True)
    for transport in (Transport.SSE, Transport.WEBSOCKET):
        short, long = evaluate(transport, lives).layer("setup")
        assert short == pytest.approx(long * 360)
