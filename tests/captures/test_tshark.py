"""Wireshark as a judge: it dissects what `write_pcapng` wrote and must agree on every field of every frame."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.captures.exchange import Pair, random_exchange, sent_frames
from tests.captures.wireshark import as_frame, tshark, websocket_layers
from wsedu.protocol.types import Direction, Role
from wsedu.trace.pcapwrite import write_pcapng
from wsedu.trace.trace import Trace

pytestmark = pytest.mark.component("tshark", "apt-get install tshark")

FRAMES = 1000


@pytest.fixture(scope="module")
def exchange(seed: int) -> Trace:
    return random_exchange(seed, FRAMES)


@pytest.fixture(scope="module")
def written(exchange: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("capture") / "random.pcapng"
    write_pcapng(exchange, path, start=1_700_000_000.0, comment="a comment")
    return path


def test_agrees_on_every_field_of_a_thousand_frames(exchange: Trace, written: Path) -> None:
    layers = websocket_layers(written)
    server = int(tshark(written, "-c", "1", "-T", "fields", "-e", "tcp.dstport"))
    assert len(layers) == len(sent_frames(exchange)) == FRAMES
    for direction in Direction:
        judged = [as_frame(layer) for port, layer in layers if (port == server) is (direction is Direction.TO_CLIENT)]
        ours = sent_frames(exchange, direction)
        assert [frame._replace(length_form=frame.form) for frame in ours] == judged
    assert {frame.form for frame in sent_frames(exchange)} == {7, 16, 64}
    assert {int(frame.opcode) for frame in sent_frames(exchange)} == {0, 1, 2, 8, 9, 10}


def test_finds_nothing_wrong_with_tcp(written: Path) -> None:
    wrong = "tcp.analysis.flags || tcp.checksum.status == Bad || ip.checksum.status == Bad || _ws.malformed"
    assert tshark(written, "-Y", wrong) == ""
    flags = tshark(written, "-T", "fields", "-e", "tcp.flags.str").split()
    assert [flag.strip("·") for flag in flags[:3]] == ["S", "A··S", "A"]
    assert sum("F" in flag for flag in flags) == 2


def test_the_times_and_the_comment_are_there(exchange: Trace, written: Path) -> None:
    times = [float(line) for line in tshark(written, "-T", "fields", "-e", "frame.time_epoch").split()]
    assert times == sorted(times)
    recorded = [record.t for record in exchange.frames()]
    assert times[-1] - 1_700_000_000 == pytest.approx(exchange.records[-1].t, abs=0.01)
    assert recorded[-1] <= times[-1] - 1_700_000_000
    assert "a comment" in tshark(written, "-c", "1", "-T", "fields", "-e", "frame.comment")


def test_a_reset_is_a_reset(seed: int, tmp_path: Path) -> None:
    pair = Pair(seed)
    pair.ends[Role.SERVER].receive_eof(clean=False)
    write_pcapng(pair.trace, tmp_path / "reset.pcapng")
    assert "R" in tshark(tmp_path / "reset.pcapng", "-T", "fields", "-e", "tcp.flags.str").split()[-1]


def test_the_published_figures_are_those_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the page but the version of Wireshark."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "tools")
    from wireshark import PAGE, SEED, agreement, text

    found = agreement(SEED)
    assert found.disagreements == 0
    page = PAGE.read_text(encoding="utf-8")
    assert re.sub(r"TShark [\d.]*\d", found.version, page) == text(found)
