"""Real runs over the loopback interface: what the sockets counted, told apart, beside the model of the same run."""

from __future__ import annotations

import gc
import resource
import socket
import struct
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from wsedu.overhead.happening import Happening, WrongEventError
from wsedu.overhead.limits import MAX_CLIENTS, CannotMeasureError
from wsedu.overhead.measure import Measurement, Progress, Stage
from wsedu.overhead.metering import Meter, MeteredSocket, listener, segments_of
from wsedu.overhead.results import Measured, expected
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import MEASURED, WEBSOCKETS, Transport

SETTING = Setting(clients=5, events_per_second=8.0, interval=0.2, payload=40, headers="browser")
WAIT = 60.0


def measured(
    transports: Sequence[Transport], setting: Setting = SETTING, *, seconds: float = 1.0, seed: int = 5
) -> list[Measured]:
    """The results of a measurement that ends by itself."""
    measurement = Measurement(transports, setting, seconds=seconds, seed=seed)
    measurement.start()
    measurement.join(WAIT)
    assert not measurement.is_alive()
    if measurement.failure is not None:
        raise measurement.failure
    return measurement.results


@pytest.fixture(scope="module")
def plain() -> dict[Transport, Measured]:
    return {run.transport: run for run in measured(MEASURED)}


@pytest.mark.parametrize("transport", MEASURED)
def test_every_event_arrives(plain: dict[Transport, Measured], transport: Transport) -> None:
    run = plain[transport]
    assert run.delivered == run.happened > 10
    assert len(run.delays) == run.delivered
    assert (run.delays >= 0).all()
    assert run.cpu > 0


@pytest.mark.parametrize("transport", MEASURED)
def test_bytes_at_the_socket_are_those_of_the_model(plain: dict[Transport, Measured], transport: Transport) -> None:
    run = plain[transport]
    model = expected(run)
    for counted, reckoned in ((run.up, model.up), (run.down, model.down)):
        assert counted.keys() == reckoned.keys()
        for layer, count in counted.items():
            if transport in WEBSOCKETS:
                assert count == reckoned[layer], layer
            else:
                # The digits of Content-Length depend on how many events came together.
                assert count == pytest.approx(reckoned[layer], rel=0.01), layer


@pytest.mark.parametrize("headers", ["bare", "cookies", "article-2009"])
def test_with_other_heads_too(headers: str) -> None:
    chosen = (Transport.POLLING, Transport.SSE, Transport.WEBSOCKET)
    for run in measured(chosen, replace(SETTING, headers=headers), seconds=0.4):
        assert run.socket == pytest.approx(expected(run).socket, rel=0.01)


def test_over_tls_what_is_in_the_records_is_told_from_the_records() -> None:
    chosen = (Transport.POLLING, Transport.SSE, Transport.WEBSOCKET, Transport.WEBSOCKET_DEFLATE)
    for run in measured(chosen, replace(SETTING, tls=True)):
        model = expected(run)
        assert run.delivered == run.happened
        assert run.down["tls"] == model.down["tls"] > 0
        for layer in ("payload", "websocket", "request", "response", "framing"):
            both = run.up[layer] + run.down[layer], model.up[layer] + model.down[layer]
            assert both[0] == pytest.approx(both[1], rel=0.01), layer
        # The handshake itself varies by some bytes with its random signature.
        assert run.down["setup"] == pytest.approx(model.down["setup"], rel=0.05)


def test_a_poll_waits_half_an_interval_and_a_push_does_not(plain: dict[Transport, Measured]) -> None:
    assert plain[Transport.POLLING].delays.mean() > 10 * plain[Transport.WEBSOCKET].delays.mean()
    assert plain[Transport.POLLING].delays.max() < 2 * SETTING.interval + 1


def test_each_poll_asks_as_often_as_the_interval_says(plain: dict[Transport, Measured]) -> None:
    for transport in (Transport.POLLING, Transport.POLLING_CLOSE, Transport.POLLING_304):
        run = plain[transport]
        assert run.requests == SETTING.clients * round(run.seconds / SETTING.interval)
        assert run.full + run.empty == run.requests
    assert plain[Transport.POLLING_CLOSE].connections == plain[Transport.POLLING_CLOSE].requests


@pytest.mark.parametrize("transport", MEASURED)
def test_packets_are_about_those_of_the_model(plain: dict[Transport, Measured], transport: Transport) -> None:
    """When an ACK travels alone depends on the moment."""
    run = plain[transport]
    assert run.packets == pytest.approx(expected(run).packets, rel=0.15)


def test_nobody_connects_while_delays_are_measured() -> None:
    """Forty clients, an event each in half a second: a connection would take longer than an event is on its way."""
    setting = replace(SETTING, clients=40, events_per_second=2.0)
    for run in measured((Transport.SSE, Transport.LONG_POLLING, Transport.WEBSOCKET), setting):
        assert run.connections == setting.clients
        assert run.up["setup"] + run.down["setup"] == pytest.approx(expected(run).socket - expected(run).repeated)


def test_what_no_client_was_to_be_told_ends_the_run() -> None:
    happening = Happening(1, 10.0, 1.0, 0.1, 20, 1)
    with pytest.raises(WrongEventError, match="not its next event"):
        happening.arrived(0, ["something else"])


def test_open_files_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (500, 500))
    Measurement((Transport.SSE,), Setting(clients=150), seconds=1)
    monkeypatch.setattr("wsedu.overhead.limits.open_files", lambda: 200)
    with pytest.raises(CannotMeasureError):
        Measurement((Transport.SSE,), Setting(clients=150), seconds=1)


def test_a_seed_repeats_the_events() -> None:
    one, same, other = (measured((Transport.WEBSOCKET,), seed=seed)[0] for seed in (1, 1, 2))
    assert (one.happened, one.socket) == (same.happened, same.socket)
    assert one.happened != other.happened


def test_what_the_sockets_count_is_what_the_system_counts() -> None:
    """The kernel's own numbers for both ends of a connection (Linux)."""
    up, down = Meter(), Meter()
    with listener(up, "127.0.0.1", 0) as listening:
        client = MeteredSocket(down, family=socket.AF_INET, type=socket.SOCK_STREAM)
        client.connect(listening.getsockname())
        listening.setblocking(True)
        server, _ = listening.accept()
        server.setblocking(True)
        client.send(b"x" * 1000)
        assert len(server.recv(2000)) == 1000
        server.send(b"y" * 300)
        assert client.recv_into(bytearray(1000)) == 300
        told = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        acked, received = struct.unpack_from("=QQ", told, 120)
        # The SYN counts as a byte.
        assert (down.sent, down.received) == (acked - 1, received) == (1000, 300)
        assert (up.sent, up.received) == (300, 1000)
        # SYN, SYN, ACK, data, data, and ACKs as the system sees fit.
        assert (segments_of(client) or 0) >= 5
        client.close()
        server.close()
    assert down.segments is not None
    assert down.segments >= 5


def test_stopping_keeps_what_there_is() -> None:
    begun = threading.Event()
    known: list[Progress] = []

    def tell(progress: Progress) -> None:
        known.append(progress)
        if progress.happened > 20:
            begun.set()

    measurement = Measurement((Transport.WEBSOCKET, Transport.SSE), SETTING, seconds=60, tell=tell)
    measurement.start()
    assert begun.wait(WAIT)
    measurement.stop()
    measurement.join(WAIT)
    assert not measurement.is_alive()
    (run,) = measurement.results
    assert run.stopped
    assert run.seconds < 60
    assert 0 < run.delivered <= run.happened
    assert known[-1].count == 2


def test_progress_counts_what_was_asked_for_and_what_begins_and_ends_it() -> None:
    known: list[Progress] = []
    measurement = Measurement((Transport.WEBSOCKET,), SETTING, seconds=0.5, tell=known.append)
    measurement.start()
    measurement.join(WAIT)
    assert known[0].stage is Stage.TRIP
    ran = [one for one in known if one.stage is Stage.RUN]
    assert ran
    assert {(one.each, one.seconds) for one in ran} == {(0.5, 1.0)}
    assert all(one.elapsed < one.seconds for one in ran)
    assert [one.stage for one in known] == sorted((one.stage for one in known), key=list(Stage).index)


def test_nothing_is_left_open() -> None:
    measured((Transport.LONG_POLLING, Transport.WEBSOCKET), seconds=0.3)
    gc.collect()
    before, threads = _descriptors(), threading.active_count()
    measured((Transport.LONG_POLLING, Transport.SSE, Transport.WEBSOCKET), seconds=0.3)
    gc.collect()
    assert _descriptors() == before
    assert threading.active_count() == threads


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_busy_port_is_the_systems_own_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        measurement = Measurement((Transport.WEBSOCKET,), SETTING, seconds=0.2, port=taken.getsockname()[1])
        measurement.start()
        measurement.join(WAIT)
    assert isinstance(measurement.failure, OSError)


@pytest.mark.parametrize(
    ("transports", "setting", "seconds", "key"),
    [
        ((Transport.POLLING_H2,), SETTING, 1, "transport"),
        ((Transport.POLLING,), SETTING, 0, "seconds"),
        ((Transport.POLLING,), SETTING, 1e6, "seconds"),
        ((Transport.SSE,), Setting(clients=MAX_CLIENTS + 1), 1, "clients"),
        ((Transport.POLLING,), Setting(clients=1, interval=10), 5, "interval"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    transports: Sequence[Transport], setting: Setting, seconds: float, key: str
) -> None:
    with pytest.raises(CannotMeasureError) as caught:
        Measurement(transports, setting, seconds=seconds)
    assert caught.value.key == key


def test_more_clients_than_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (256, 256))
    with pytest.raises(CannotMeasureError) as caught:
        Measurement((Transport.SSE,), Setting(clients=500), seconds=1)
    assert caught.value.key == "files"
    assert caught.value.facts["limit"] == 256
