"""Exercises 2 to 9 say what is so: their examples, the lines and frames they show, the vectors they quote."""

import ast
from random import Random

import pytest

from tests.support import vectors
from wsedu.explain.catalogue import LANGUAGES
from wsedu.grading.examine import examine
from wsedu.grading.exercise import Exercise, exercises, find_exercise
from wsedu.grading.ordering import player_for
from wsedu.grading.players import LocalPlayer
from wsedu.grading.steps import Step

OURS = [exercise for exercise in exercises() if 2 <= exercise.number <= 9]
FUNCTIONS = [exercise for exercise in OURS if exercise.kind == "function"]
RFC = vectors()["rfc6455"]
REQUEST, RESPONSE = RFC["headers"]["client_request_sample"], RFC["headers"]["server_response_sample"]


def lines_of(sample: dict[str, object], first: str) -> list[str]:
    return [str(sample[first]), *(f"{name}: {value}" for name, value in sample["fields"])]  # type: ignore[attr-defined]


def examples(exercise: Exercise, language: str) -> list[tuple[str, str]]:
    """The examples of a statement: what is called, and what is said to come of it."""
    found, text = [], ""
    for line in exercise.text(language)["statement"].splitlines():
        text = f"{text} {line.strip()}" if line.startswith("    ") else ""
        called, arrow, value = text.partition("->")
        if arrow:
            found.append((called.strip(), value.strip()))
            text = ""
    return found


def named(exercises: list[Exercise]) -> list[object]:
    return [pytest.param(exercise, id=exercise.name) for exercise in exercises]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", named(FUNCTIONS))
def test_examples_of_a_statement_are_true(exercise: Exercise, language: str) -> None:
    names: dict[str, object] = {}
    exec(exercise.solution, names)
    said = examples(exercise, language)
    assert said
    for called, value in said:
        assert eval(called, names) == ast.literal_eval(value), called


@pytest.mark.parametrize("exercise", named(FUNCTIONS))
def test_both_languages_give_the_same_examples(exercise: Exercise) -> None:
    assert len({tuple(examples(exercise, language)) for language in LANGUAGES}) == 1


def test_the_lines_to_order_are_those_that_the_file_shows() -> None:
    exercise = find_exercise("response_head")
    shown = exercise.stub.splitlines()
    lines = [f"# {letter}   {line}" for letter, line in exercise.checks.LINES.items()]
    given = [f"#     {line}".rstrip() for line in exercise.checks.GIVEN.rstrip().splitlines()]
    assert shown[: len(given)] == given
    assert [line for line in shown if line in lines] == lines


def test_the_head_of_the_statement_is_the_published_one() -> None:
    exercise = find_exercise("response_head")
    published = [f"    {line}" for line in lines_of(RESPONSE, "status_line")]
    for language in LANGUAGES:
        assert "\n".join(published) in exercise.text(language)["statement"]
    (case,) = next(step.cases for step in exercise.steps(0) if step.name == "offered")
    player = player_for(exercise, LocalPlayer())
    player.load(exercise.solution, exercise.file)
    assert player.play(case).value == "\r\n".join([*lines_of(RESPONSE, "status_line"), "", ""]).encode()


def test_what_is_called_published_is() -> None:
    key = RFC["handshake"][0]["sec_websocket_key"]
    assert key == find_exercise("response_head").checks.PUBLISHED
    assert RFC["handshake"][0]["sec_websocket_accept"] == find_exercise("response_head").checks.PUBLISHED_ACCEPT
    assert key == find_exercise("check_response").checks.PUBLISHED
    assert list(find_exercise("check_response").checks.PUBLISHED_HEAD) == lines_of(RESPONSE, "status_line")[:4]
    reader = find_exercise("read_request").checks
    assert list(reader.PUBLISHED) == lines_of(REQUEST, "request_line")
    assert list(reader.RESPONSE) == lines_of(RESPONSE, "status_line")
    fields = {name.lower(): value for name, value in REQUEST["fields"] if name != "Origin"}
    assert fields == find_exercise("check_request").checks.PUBLISHED
    printed = [frame.get("hex", frame.get("header_hex", "")) for frame in RFC["frames"]]
    for begun in find_exercise("read_flags").checks.PUBLISHED:
        assert any(frame.startswith(begun) for frame in printed), begun


def test_the_rows_of_answers_show_the_bytes_they_are_about() -> None:
    pairs = find_exercise("first_two_bytes")
    names: dict[str, dict[str, object]] = {}
    exec(pairs.stub, names)
    assert list(names["answers"]) == [pair for group in pairs.checks.PAIRS.values() for pair in group]
    frames = find_exercise("broken_frames")
    rows = [line.strip() for line in frames.stub.splitlines() if "#" in line]
    assert rows == [
        f'{number}: "",  # {sender}: {head}' + (f" + {more:,} bytes" if more else "")
        for number, (sender, head, more) in frames.checks.FRAMES.items()
    ]


def test_a_frame_that_breaks_a_rule_is_in_the_exercise_for_each_rule_that_the_statement_lists() -> None:
    exercise = find_exercise("broken_frames")
    names: dict[str, dict[int, str]] = {}
    exec(exercise.solution, names)
    for language in LANGUAGES:
        listed = {line[2] for line in exercise.text(language)["statement"].splitlines() if line.startswith("- ")}
        assert listed == set(exercise.checks.LETTERS.values()) == set(names["answers"].values()) - {"-"}


def test_the_origins_of_the_file_are_those_of_the_checks() -> None:
    exercise = find_exercise("check_request")
    names: dict[str, set[str]] = {}
    exec(exercise.solution, names)
    assert names["ORIGINS"] == set(exercise.checks.ORIGINS)


@pytest.mark.parametrize("status", [200, 302, 0, 1002, 404, 500])
def test_no_other_status_will_do_for_a_bad_request(status: int) -> None:
    exercise = find_exercise("check_request")
    lenient = exercise.template.replace("return 400", f"return {status}")
    report = examine(exercise, lenient, LocalPlayer())
    assert report.failure is not None
    assert report.failure.step == "http"


def test_nothing_returned_is_silence_only_where_nothing_is_ever_returned() -> None:
    exercise = find_exercise("read_request")
    silent = examine(exercise, "def read_request(data):\n    data.partition(b'x')\n", LocalPlayer()).failure
    late = next(variant for variant in exercise.wrong if variant.way == "complete only if nothing follows")
    report = examine(exercise, late.source, LocalPlayer())
    assert silent is not None
    assert silent.stage == "silent"
    assert report.failure is not None
    assert (report.failure.stage, report.idea) == ("step", "M10")


@pytest.mark.parametrize("order", ['["B", "I"]', '["G", "I", "B", "M", "D", "E", "K", "N"]', '["Z"]', '["G"]'])
def test_an_order_that_makes_no_function_is_wrong_and_has_no_name(order: str) -> None:
    exercise = find_exercise("response_head")
    report = examine(exercise, f"order = {order}\n", player_for(exercise, LocalPlayer()))
    assert report.failure is not None
    assert not report.idea


def test_two_mistakes_at_once_have_no_name() -> None:
    exercise = find_exercise("check_request")
    both = exercise.template.replace('method != "GET"', "not method").replace("!= 16", "== 0")
    report = examine(exercise, both, LocalPlayer())
    assert report.failure is not None
    assert not report.idea


@pytest.mark.parametrize("exercise", named(OURS))
def test_random_inputs_are_the_student_s_own_and_repeatable(exercise: Exercise) -> None:
    def inputs(steps: list[Step]) -> list[object]:
        return [case.shown for step in steps for case in step.cases]

    make = exercise.checks.steps
    assert inputs(make(Random(7))) == inputs(make(Random(7)))
    assert (inputs(make(Random(7))) == inputs(make(Random(8)))) == (exercise.kind == "data")
