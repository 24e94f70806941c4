"""Exercises 17 to 24 say what is so: their examples, the vectors they quote, and that every legal answer is right."""

import itertools
import re
from random import Random
from typing import Any

import pytest

from tests.support import vectors
from wsedu.explain.catalogue import LANGUAGES
from wsedu.grading.examine import examine
from wsedu.grading.exercise import Exercise, exercises, find_exercise
from wsedu.grading.ordering import player_for
from wsedu.grading.outcome import Outcome
from wsedu.grading.players import LocalPlayer
from wsedu.grading.steps import Case, Step
from wsedu.protocol.closing import code_senders
from wsedu.protocol.types import Role

OURS = [exercise for exercise in exercises() if 17 <= exercise.number <= 24]
FUNCTIONS = [exercise for exercise in OURS if exercise.kind == "function" and exercise.names != ("Reader",)]
RFC = vectors()["rfc6455"]
FRAMES = {frame["name"]: bytes.fromhex(frame["hex"]) for frame in RFC["frames"] if "hex" in frame}
HEX = re.compile(r"[0-9a-f]{2}( [0-9a-f]{2})*")


def named(exercises: list[Exercise]) -> list[object]:
    return [pytest.param(exercise, id=exercise.name) for exercise in exercises]


def names_of(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def examples(exercise: Exercise, language: str) -> list[tuple[str, str]]:
    """The examples of a statement: what is called, and what is said to come of it, which may be a line further down."""
    found, text = [], ""
    for line in exercise.text(language)["statement"].splitlines():
        text = f"{text} {line.strip()}" if line.startswith("    ") else ""
        called, arrow, value = text.partition("->")
        if arrow:
            found.append((called.strip(), re.sub(r"^(for instance|例如) ", "e.g. ", value.strip())))
            text = ""
    return found


def play(exercise: Exercise, case: Case, source: str = "") -> Any:
    player = player_for(exercise, LocalPlayer())
    player.load(source or exercise.solution, exercise.file)
    return player.play(case).value


def cases_of(exercise: Exercise, step: str) -> tuple[Case, ...]:
    return next(found.cases for found in exercise.steps(0) if found.name == step)


def fails_at(exercise: Exercise, code: str) -> str:
    """The step that code in the gap fails first; empty for none."""
    filled = re.sub(r"( *)# <gap>.*# </gap>", lambda found: found[1] + code, exercise.template, flags=re.DOTALL)
    report = examine(exercise, filled, LocalPlayer())
    return report.failure.step if report.failure else ""


# --- Examples ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", named([one for one in FUNCTIONS if one.name != "answer_pings"]))
def test_examples_of_a_statement_are_true(exercise: Exercise, language: str) -> None:
    names = names_of(exercise.solution)
    said = examples(exercise, language)
    assert said
    for called, value in said:
        if value == "ValueError":
            with pytest.raises(ValueError, match="may not be sent"):
                eval(called, names)
        else:
            assert eval(called, names) == (bytes.fromhex(value) if HEX.fullmatch(value) else eval(value, names)), called


@pytest.mark.parametrize("exercise", named(OURS))
def test_both_languages_give_the_same_examples(exercise: Exercise) -> None:
    assert len({tuple(examples(exercise, language)) for language in LANGUAGES}) == 1


def test_the_pong_of_the_example_answers_its_ping() -> None:
    exercise = find_exercise("answer_pings")
    ((called, value),) = examples(exercise, "en")
    shown = bytes.fromhex(value.removeprefix("e.g. [").removesuffix("]"))
    assert shown == FRAMES["masked pong"]
    (case,) = cases_of(exercise, "published")
    assert eval(called, {"answer_pings": list}) == [(0x9, FRAMES["unmasked ping"][2:])]
    assert case.calls[0].arguments == ([(0x9, FRAMES["unmasked ping"][2:])],)
    assert case.judge(Outcome("value", [shown])) is None


def test_the_reader_of_the_example_reads_so() -> None:
    exercise = find_exercise("frame_reader")
    names = names_of(exercise.solution)
    names["reader"] = names["Reader"]()
    steps = [(called.split("reader = Reader() ")[-1], value) for called, value in examples(exercise, "en")]
    assert len(steps) == 3
    assert [eval(called, names) for called, _ in steps] == [eval(value) for _, value in steps]


def test_the_examples_of_the_lines_to_order_are_true() -> None:
    exercise = find_exercise("stream_order")
    (whole,) = (case for case in cases_of(exercise, "separate") if len(case.calls[0].arguments[0]) == 1)
    program = exercise.checks.GIVEN + "\n".join(
        exercise.checks.LINES[letter] for letter in names_of(exercise.solution)["order"]
    )
    names = names_of(program) | {"response": whole.calls[0].arguments[0][0]}
    said = examples(exercise, "en")
    assert len(said) == 4
    for called, value in said:
        assert eval(called, names) == eval(value), called


def test_the_lines_to_order_are_those_that_the_file_shows() -> None:
    exercise = find_exercise("stream_order")
    shown = exercise.stub.splitlines()
    lines = [f"# {letter}   {line}" for letter, line in exercise.checks.LINES.items()]
    given = [f"#     {line}".rstrip() for line in exercise.checks.GIVEN.rstrip().splitlines()]
    assert shown[: len(given)] == given
    assert [line for line in shown if line in lines] == lines


# --- What is published ---


def test_what_is_called_published_is() -> None:
    parts = (FRAMES["fragment 1 of 2"], FRAMES["fragment 2 of 2"])
    fragments = [(bool(part[0] & 0x80), part[0] & 0x0F, part[2:]) for part in parts]
    cut, joined = find_exercise("fragment"), find_exercise("reassemble")
    (case,) = cases_of(cut, "published")
    assert play(cut, case) == fragments
    assert fragments == joined.checks.PUBLISHED
    assert play(joined, cases_of(joined, "published")[0]) == [(1, FRAMES["unmasked text frame"][2:])]
    reader = find_exercise("frame_reader").checks
    assert FRAMES["unmasked text frame"] == reader.HELLO
    assert FRAMES["masked text frame"] == reader.MASKED
    assert FRAMES["unmasked ping"] == reader.PING
    assert b"".join(parts) == reader.FRAGMENTS


def test_the_head_and_the_frame_in_one_chunk_are_the_published_ones() -> None:
    checks, sample = find_exercise("stream_order").checks, RFC["headers"]["server_response_sample"]
    lines = [sample["status_line"], *(f"{name}: {value}" for name, value in sample["fields"]), "", ""]
    assert "\r\n".join(lines).encode() == checks.PUBLISHED
    assert FRAMES["unmasked text frame"] == checks.HELLO


def test_the_bodies_of_close_frames_are_the_published_ones() -> None:
    exercise = find_exercise("close_payload")
    published = {(frame["code"], frame["reason"]): bytes.fromhex(frame["hex"])[2:] for frame in RFC["close_frames"]}
    function = names_of(exercise.solution)["close_payload"]
    assert {asked: function(*asked) for asked in published} == published
    told = {(code, reason): bytes.fromhex(body) for code, reason, body in exercise.checks.PUBLISHED}
    assert told.items() <= published.items()


def test_the_codes_that_may_be_sent_are_those_of_the_core() -> None:
    function = names_of(find_exercise("close_payload").solution)["close_payload"]
    refused = set()
    for code in range(6000):
        try:
            function(code)
        except ValueError:
            refused.add(code)
    assert refused == {code for code in range(6000) if not code_senders(code)}
    assert {entry["code"] for entry in RFC["close_codes"] if not entry["on_wire"]} <= refused


# --- Every legal answer is right ---


def test_one_to_n_pongs_are_right_if_the_last_answers_the_last_ping() -> None:
    exercise = find_exercise("answer_pings")
    for chosen in itertools.chain.from_iterable(itertools.combinations(range(3), count) for count in range(1, 4)):
        code = f"""pings = [payload for opcode, payload in frames if opcode == PING]
    if len(pings) == 3:
        pings = [pings[number] for number in {chosen}]
    return [encode_frame(payload, PONG, mask=os.urandom(4)) for payload in pings]"""
        assert fails_at(exercise, code) == ("" if 2 in chosen else "between"), chosen


@pytest.mark.parametrize(
    ("pongs", "step"),
    [
        ("pings[::-1]", "burst"),
        ("pings[:1]", "burst"),
        ("pings + pings[-1:]", "published"),
        ("pings[:-1]", "published"),
    ],
)
def test_pongs_in_another_order_or_number_are_wrong(pongs: str, step: str) -> None:
    code = f"""pings = [payload for opcode, payload in frames if opcode == PING]
    return [encode_frame(payload, PONG, mask=os.urandom(4)) for payload in {pongs}]"""
    assert fails_at(find_exercise("answer_pings"), code) == step


@pytest.mark.parametrize("opcode", ["1", "8", "PING"])
def test_no_other_frame_is_a_pong(opcode: str) -> None:
    code = f"return [encode_frame(data, {opcode}, mask=os.urandom(4)) for opcode, data in frames if opcode == PING]"
    assert fails_at(find_exercise("answer_pings"), code) == "published"


def test_any_cuts_of_a_message_are_right() -> None:
    code = """import random
    data, frames = text.encode(), []
    while data or not frames:
        part = random.Random(len(frames)).randrange(max(0, size - 99), size + 1)
        frames.append((False, 1 if not frames else 0, data[:part]))
        data = data[part:]
    return frames[:-1] + [(True, *frames[-1][1:])]"""
    assert fails_at(find_exercise("fragment"), code) == ""


@pytest.mark.parametrize(("answer", "step"), [("payload", ""), ("payload[:2]", ""), ("payload[:1]", "asked")])
def test_an_answer_to_a_close_repeats_the_code_and_the_reason_or_not(answer: str, step: str) -> None:
    exercise = find_exercise("closing_handshake")
    changed = exercise.solution.replace("[payload]", f"[{answer} if event == 'received' else payload]")
    report = examine(exercise, changed, LocalPlayer())
    assert (report.failure.step if report.failure else "") == step


def test_what_a_client_and_a_server_do_differs_only_in_who_ends_tcp() -> None:
    exercise = find_exercise("closing_handshake")
    for step in exercise.steps(3):
        for server, client in zip(step.cases[::2], step.cases[1::2], strict=True):
            assert [server.calls[0].arguments[0], client.calls[0].arguments[0]] == [
                Role.SERVER.value,
                Role.CLIENT.value,
            ]
            without = [[item for item in answer if item != "end TCP"] for answer in play(exercise, server)]
            assert play(exercise, client) == without


@pytest.mark.parametrize(
    "junk", ["None", "0", "'x'", "b''", "[]", "[None]", "[[None]]", "{}", "{1: 2}", "(1, 2)", "[(1,)]"]
)
@pytest.mark.parametrize("exercise", named(FUNCTIONS))
def test_junk_is_wrong_and_breaks_nothing(exercise: Exercise, junk: str) -> None:
    assert fails_at(exercise, f"return {junk}") in [step.name for step in exercise.steps(0)]


# --- The test for text ---


def test_the_lines_that_the_statement_of_the_tests_gives_are_true() -> None:
    exercise = find_exercise("text_messages")
    for language in LANGUAGES:
        lines = [line.strip() for line in exercise.text(language)["statement"].splitlines()]
        given = [line for line in lines if line.startswith("assert ")]
        assert len(given) == 3
        for read in (exercise.checks.with_core, exercise.checks.in_one, exercise.checks.step_by_step):
            exec("\n".join(given), {"read": read})


def test_the_right_readers_of_text_agree_and_every_wrong_one_is_wrong_somewhere() -> None:
    exercise, random = find_exercise("text_messages"), Random(1)
    checks = exercise.checks
    parts = [
        b"",
        b"a",
        *("é€😀"[at].encode() for at in range(3)),
        b"\xff",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
    ]
    data = [b"".join(random.choices(parts, k=random.randrange(4))) for _ in range(800)]
    data += [one[:-1] for one in data]
    messages = [[one[:cut], one[cut:]] for one in data for cut in {random.randrange(len(one) + 1), len(one)}]
    messages += [[one[at : at + 1] for at in range(len(one))] for one in data if one]
    right = [checks.in_one(message) for message in messages]
    assert {type(text) for text in right} == {str, type(None)}
    for read in (checks.with_core, checks.step_by_step):
        assert [read(message) for message in messages] == right
    for step in exercise.steps(0)[1:]:
        for case in step.cases:
            (read,) = case.calls[0].arguments
            assert [read(message) for message in messages] != right, step.name


# --- Lines, names, chance ---


@pytest.mark.parametrize("order", ['["C", "E"]', '["C", "M", "J"]', '["Z"]', '["C"]', '["C", "P", "M", "M", "J", "E"]'])
def test_an_order_that_makes_no_function_is_wrong_and_has_no_name(order: str) -> None:
    exercise = find_exercise("stream_order")
    report = examine(exercise, f"order = {order}\n", player_for(exercise, LocalPlayer()))
    assert report.failure is not None
    assert not report.idea


def test_no_order_of_the_lines_runs_for_ever_or_breaks_anything() -> None:
    exercise, random = find_exercise("stream_order"), Random(2)
    right = 0
    for _ in range(300):
        order = ["C", "P", "M", *random.choices("ABDFGHIJKLNO", k=random.randrange(2, 12)), "E"]
        right += examine(exercise, f"order = {order}\n", player_for(exercise, LocalPlayer())).passed
    assert right < 300


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("answer_pings", {"mask=os.urandom(4)": "mask=None", "encode_frame(payload,": 'encode_frame(b"",'}),
        ("fragment", {"0x1 if start == 0 else 0x0": "0x1", "max(len(data), 1)": "len(data)"}),
        ("close_payload", {'"big"': '"little"', "> 125": "> 127"}),
        ("closing_handshake", {'role == "server"': 'role == "client"', "[1006 if": "[1000 if"}),
    ],
)
def test_two_mistakes_at_once_have_no_name(name: str, changes: dict[str, str]) -> None:
    exercise = find_exercise(name)
    both = exercise.solution
    for right, wrong in changes.items():
        assert right in both
        both = both.replace(right, wrong)
    report = examine(exercise, both, LocalPlayer())
    assert report.failure is not None
    assert not report.idea


@pytest.mark.parametrize("exercise", named(OURS))
def test_random_inputs_are_the_student_s_own_and_repeatable(exercise: Exercise) -> None:
    def inputs(steps: list[Step]) -> list[object]:
        return [case.shown for step in steps for case in step.cases]

    make = exercise.checks.steps
    assert inputs(make(Random(7))) == inputs(make(Random(7)))
    assert (inputs(make(Random(7))) == inputs(make(Random(8)))) == (exercise.kind == "tests")
