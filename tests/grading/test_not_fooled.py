"""Answers that seem right and are not, that are right and seem odd, and that would keep the grader itself busy."""

from __future__ import annotations

import time

import pytest

from wsedu.grading.examine import Report, examine
from wsedu.grading.exercise import find_exercise
from wsedu.grading.feedback import feedback_lines
from wsedu.grading.ordering import player_for
from wsedu.grading.players import BUDGET_SECONDS, ChildPlayer
from wsedu.grading.runner import wire

COUNTING = """
calls = 0


def {name}(given):
    global calls
    calls += 1
    if calls > 3:
        raise AssertionError
"""

FLOOD = """
def serve(connection):
    seen = b""
    while b"\\r\\n\\r\\n" not in seen:
        seen += connection.recv(1000)
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n\\r\\n"
    )
    connection.sendall(bytes.fromhex("8a00") * 520_000)
    while connection.recv(100_000):
        pass
"""


def graded(name: str, source: str) -> Report:
    exercise, child = find_exercise(name), ChildPlayer()
    try:
        return examine(exercise, source, player_for(exercise, child), everything=True)
    finally:
        child.close()


def changed(name: str, before: str, after: str) -> Report:
    solution = find_exercise(name).solution
    assert solution.count(before) == 1
    return graded(name, solution.replace(before, after))


# --- Nothing for what is not right ---


@pytest.mark.parametrize(
    ("name", "function"), [("length_tests", "test_lengths"), ("text_messages", "test_text_messages")]
)
def test_tests_that_count_their_calls_and_look_at_nothing_get_nothing(name: str, function: str) -> None:
    report = graded(name, COUNTING.format(name=function))
    assert report.right == 0
    assert report.failure is not None
    assert report.failure.step == "right"


@pytest.mark.parametrize(
    ("name", "function"), [("length_tests", "test_lengths"), ("text_messages", "test_text_messages")]
)
def test_tests_that_refuse_everything_have_noticed_nothing(name: str, function: str) -> None:
    report = graded(name, f"def {function}(given):\n    assert False\n")
    assert (report.right, report.passed) == (0, False)


@pytest.mark.parametrize(
    ("name", "always"),
    [
        ("read_request", "return None"),
        ("check_response", "return False"),
        ("check_request", "return 400"),
        ("parse_uri", "raise ValueError"),
        ("read_length", "return None"),
        ("read_length", "raise ValueError"),
        ("reassemble", "raise ValueError"),
        ("close_payload", "raise ValueError"),
    ],
)
def test_who_always_refuses_has_noticed_nothing(name: str, always: str) -> None:
    (function,) = find_exercise(name).names
    report = graded(name, f"def {function}(*given):\n    {always}\n")
    assert [result.name for result in report.steps if result.passed] == []


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ('version < "1.1"', 'version != "1.1"', "http"),
        ('method != "GET"', 'method.upper() != "GET"', "http"),
        ('headers["sec-websocket-version"] != "13"', 'headers["sec-websocket-version"][:2] != "13"', "version"),
        ('headers["sec-websocket-version"] != "13"', '"13" not in headers["sec-websocket-version"]', "version"),
    ],
)
def test_a_request_is_not_taken_for_what_it_resembles(before: str, after: str, step: str) -> None:
    report = changed("check_request", before, after)
    assert [result.name for result in report.steps if not result.passed] == [step]


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("range(1007, 1015)", "range(1007, 1016)", "codes"),
        ("range(3000, 5000)", "range(1016, 5000)", "codes"),
        ("range(3000, 5000)", "range(3000, 5001)", "codes"),
        ("range(3000, 5000)", "range(3001, 5000)", "closing"),
        ('headers["sec-websocket-version"] == "13"', 'headers["sec-websocket-version"] != "8"', "refused"),
    ],
)
def test_an_endpoint_that_is_wrong_at_one_edge_fails_one_step(before: str, after: str, step: str) -> None:
    report = changed("endpoint", before, after)
    assert [result.name for result in report.steps if not result.passed] == [step]


# --- What is right, however odd ---


def test_a_message_may_come_in_frames_of_one_byte() -> None:
    source = """
def fragment(text, size):
    data = text.encode()
    yield (not data, 1, b"")
    for at in range(len(data)):
        yield (at == len(data) - 1, 0, data[at : at + 1])
"""
    assert graded("fragment", source).passed


def test_what_may_be_said_can_be_read() -> None:
    most = [[None] * (wire.MAX_ITEMS // 2 - 1)] * 2
    assert wire.unpack(wire.pack(most)) == most
    for value in ([*most, None], [None] * (wire.MAX_ITEMS + 1)):
        with pytest.raises(wire.NotPlainError, match="long"):
            wire.pack(value)


# --- The grader itself is not kept busy ---


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("stream_order", 'order = ["C", "P", "M", *["J"] * 90_000, "N", "B", "H", "G", "K", "O", "E"]'),
        ("text_messages", 'def test_text_messages(read):\n    read([b"a" * 20] * 90_000)\n'),
        ("answer_pings", 'def answer_pings(frames):\n    return [bytes.fromhex("8a8000000000")] * 90_000\n'),
        ("endpoint", FLOOD),
    ],
)
def test_much_to_look_at_takes_no_longer_than_a_submission_may(name: str, source: str) -> None:
    since = time.monotonic()
    report = graded(name, source)
    assert time.monotonic() - since < 2 * BUDGET_SECONDS
    assert report.right < len(report.steps) / 2


@pytest.mark.parametrize(("language", "said"), [("en", "this is list (100)"), ("zh", "现在是 list (100)")])
def test_an_order_of_many_lines_is_told_its_length(language: str, said: str) -> None:
    report = graded("stream_order", 'order = ["C"] * 100')
    assert said in "\n".join(feedback_lines(report, language))
