"""The figures that others have published, computed from what they counted."""

from __future__ import annotations

import numpy as np
import pytest

from wsedu.overhead import wire
from wsedu.overhead.claims import (
    ARTICLE_CLIENTS,
    MEGA,
    article_bytes,
    article_characters,
    article_packets,
    article_throughput,
    polls_per_second,
)
from wsedu.overhead.model import evaluate
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import Transport
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame


def test_the_article_counts_871_characters() -> None:
    assert article_characters() == 871


def test_909_bytes_travel() -> None:
    """19 line ends more: 17 lines and two empty ones."""
    assert article_bytes() == 909


def test_the_articles_megabits() -> None:
    assert [f"{article_throughput(clients):.3g}" for clients in ARTICLE_CLIENTS] == ["6.65", "66.5", "665"]
    # The article cuts off what it does not print.
    assert int(article_throughput(1_000) * 10) / 10 == 6.6
    assert int(article_throughput(10_000)) == 66


def test_the_articles_megabits_in_the_si() -> None:
    told = [f"{article_throughput(clients, megabit=MEGA):.3g}" for clients in ARTICLE_CLIENTS]
    assert told == ["6.97", "69.7", "697"]


def test_ten_thousand_clients_that_poll_each_minute_ask_167_times_a_second() -> None:
    """High Performance Browser Networking, chapter 15."""
    assert round(polls_per_second(10_000, 60)) == 167
    setting = Setting(clients=10_000, interval=60)
    assert round(float(evaluate(Transport.POLLING, setting).requests) * setting.clients) == 167


@pytest.mark.parametrize(("masked", "cost"), [(False, 22), (True, 26)])
def test_a_message_of_20_bytes(masked: bool, cost: int) -> None:
    assert 20 + wire.frame_header(20, masked=masked) == cost
    assert len(encode_frame(Frame.binary(bytes(20), masking_key=bytes(4) if masked else None))) == cost


def test_down_to_the_packets_it_is_ten_to_one() -> None:
    packets = article_packets(20)
    assert (packets.polling, packets.websocket) == (1049, 102)
    assert f"{packets.ratio:.1f}" == "10.3"


def test_long_polling_asks_as_often_as_polling_at_one_event_per_interval() -> None:
    """Where there is no round trip and no timeout to speak of."""
    for interval in (0.5, 1.0, 10.0):
        rates = np.array([0.99, 1.0, 1.01]) / interval
        setting = Setting(events_per_second=rates, interval=interval, rtt=0, timeout=3600)
        asked = evaluate(Transport.LONG_POLLING, setting).requests / evaluate(Transport.POLLING, setting).requests
        assert asked[0] < 1 < asked[2]
        assert asked[1] == pytest.approx(1)
