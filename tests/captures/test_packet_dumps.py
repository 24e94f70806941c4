"""A dump of a whole packet, as tshark -x prints it, is no frame: said in one line, with what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from tests.conftest import require_component
from wsedu.loopback import record
from wsedu.trace.pcapwrite import write_pcapng


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What tshark -x prints for each packet of an exchange that has a WebSocket frame in it."""
    require_component("tshark", "apt install tshark")
    file = tmp_path_factory.mktemp("dumps") / "hello.pcapng"
    write_pcapng(record("hello", seed=1), str(file))
    done = subprocess.run(
        ["tshark", "-r", str(file), "-Y", "websocket", "-x"], capture_output=True, text=True, check=True, timeout=60
    )
    return [part for part in done.stdout.split("\n\n") if part.strip()]


def test_each_dump_of_a_packet_is_refused_in_words(wsedu: Run, dumps: list[str], tmp_path: Path) -> None:
    whole = [text for text in dumps if "45 00" in text]
    assert len(whole) >= 2
    for language, word in (("en", "packet"), ("zh", "数据包")):
        for text in whole:
            done = wsedu("--lang", language, "decode", "-", stdin=text.encode())
            assert done.returncode == 2
            assert word in done.stderr
            assert done.stderr.count("\n") == 1
