"""Exercise 25 says what is so, and its checks hold whatever the endpoint does: ends early, waits, says too much."""

import re
import socket
import time

import pytest

from tests.grading.capstone import EXERCISE, WAYS
from tests.loopback.net import DEADLINE
from tests.support import vectors
from wsedu.explain.catalogue import LANGUAGES
from wsedu.grading.examine import Report, examine
from wsedu.grading.exercise import changed
from wsedu.grading.gap import GapError
from wsedu.grading.players import ChildPlayer, LocalPlayer
from wsedu.grading.steps import Case
from wsedu.protocol.connection import Connection
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.handshake import accept_key
from wsedu.protocol.types import Role

FRAMES = {bytes.fromhex(each["hex"]) for each in vectors()["rfc6455"]["frames"] if "hex" in each}
EXAMPLE = re.compile(r"^    ([0-9a-f ]+)  ->  ([0-9a-f ]+)$", re.MULTILINE)


def cases() -> list[Case]:
    return [case for step in EXERCISE.steps(0) for case in step.cases]


def examined(source: str, *, child: bool = False) -> Report:
    player = ChildPlayer() if child else LocalPlayer()
    try:
        return examine(EXERCISE, source, player)
    finally:
        if isinstance(player, ChildPlayer):
            player.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_of_the_statement_are_true(language: str) -> None:
    """What our own server answers to these bytes, when it sends messages back."""
    found = EXAMPLE.findall(EXERCISE.text(language)["statement"])
    assert len(found) == 2
    for sent, answered in (map(bytes.fromhex, each) for each in found):
        (frame,) = FrameDecoder(Role.SERVER).feed(sent)
        assert frame.masking_key is not None
        (back,) = FrameDecoder(Role.CLIENT).feed(answered)
        assert (back.opcode, back.payload, back.masking_key) == (frame.opcode, frame.payload, None)
    assert set(map(bytes.fromhex, found[0])) <= FRAMES


def test_its_request_is_the_one_of_the_rfc() -> None:
    checks = EXERCISE.checks
    assert accept_key(checks.FIELDS["Sec-WebSocket-Key"]) in checks.HEAD
    client = Connection(Role.CLIENT, "ws://127.0.0.1/", random_bytes=lambda size: checks.NONCE[:size])
    assert checks.FIELDS["Sec-WebSocket-Key"].encode() in client.data_to_send()


@pytest.mark.parametrize("way", WAYS)
def test_right_in_a_child(way: str) -> None:
    report = examined(WAYS[way], child=True)
    assert (report.passed, report.idea) == (True, "")


SILENT = "def serve(connection):\n    connection.recv(1)\n"
CHATTY = 'def serve(connection):\n    while True:\n        connection.sendall(b"HTTP/1.1 101 yes\\r\\n\\r\\n" * 1000)\n'
WAITING = "import threading\ndef serve(connection):\n    threading.Event().wait()\n"


@pytest.mark.parametrize(("source", "kind"), [(SILENT, "value"), (CHATTY, "value"), (WAITING, "timeout")])
def test_a_wrong_endpoint_is_told_so_in_time(source: str, kind: str) -> None:
    case, player, since = cases()[0], ChildPlayer(), time.monotonic()
    try:
        assert player.load(source, EXERCISE.file).returned
        outcome = player.play(case)
    finally:
        player.close()
    assert outcome.kind == kind
    assert case.judge(outcome) is not None
    assert time.monotonic() - since < DEADLINE


@pytest.mark.parametrize("child", [False, True])
@pytest.mark.parametrize(
    ("source", "stage", "raised"),
    [
        (EXERCISE.stub, "silent", "NotImplementedError"),
        (changed(EXERCISE.solution, [["    key = stream.take(4)", "    key = steam.take(4)"]]), "step", "NameError"),
    ],
)
def test_an_exception_in_an_endpoint_is_told(source: str, stage: str, raised: str, child: bool) -> None:
    report = examined(source, child=child)
    assert report.failure is not None
    assert (report.failure.stage, report.failure.outcome.families[0]) == (stage, raised)


def test_what_never_ends_is_looked_at_up_to_a_size() -> None:
    player = LocalPlayer()
    player.load(CHATTY, EXERCISE.file)
    said = player.play(EXERCISE.checks.says("echo", [], [])).value
    assert EXERCISE.checks.MOST <= len(said) < EXERCISE.checks.MOST + 65536


def test_an_echo_twice_is_wrong() -> None:
    doubled = [["encode_frame(message, kind))", "2 * encode_frame(message, kind))"]]
    report = examined(changed(EXERCISE.solution, doubled))
    assert report.failure is not None
    assert report.failure.step == "text"


def test_one_pong_for_several_pings_is_right_and_the_first_one_is_not() -> None:
    """RFC 6455 §5.5.3: only the most recent Ping has to be answered."""
    right = EXERCISE.checks.right
    frames = EXERCISE.checks.encode_frame
    pongs = [frames(EXERCISE.checks.Frame(0xA, payload)) for payload in (b"1", b"2", b"3")]
    test = right(b"".join(pongs))
    assert all(map(test, (b"".join(pongs), pongs[2], pongs[0] + pongs[2])))
    assert not any(map(test, (b"", pongs[0], pongs[1] + pongs[0], pongs[2] + pongs[1], pongs[2] * 2)))


def test_changes_must_be_of_what_is_there_once() -> None:
    assert changed("a b", [["a", "c"], ["c", "d"]]) == "d b"
    for before in ("x", "a"):
        with pytest.raises(GapError, match="there once"):
            changed("a a", [[before, "y"]])


def test_every_case_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """None waits longer than its time for an endpoint that reads nothing and says nothing."""
    monkeypatch.setattr(EXERCISE.checks, "SECONDS", 0.02)
    for case in cases():
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.settimeout(0.02)
            assert case.talk is not None
            with pytest.raises(TimeoutError):
                case.talk(ours)
