"""Exercises 10 to 16 say what is so: their examples, the vectors they quote, the numbers in their claims."""

import re
from random import Random

import pytest

from tests.support import vectors
from wsedu.explain.catalogue import LANGUAGES
from wsedu.grading.examine import examine
from wsedu.grading.exercise import Exercise, exercises, find_exercise
from wsedu.grading.players import LocalPlayer
from wsedu.protocol.frames import Frame, encode_frame

OURS = [exercise for exercise in exercises() if 10 <= exercise.number <= 16]
FUNCTIONS = [exercise for exercise in OURS if exercise.kind == "function"]
FRAMES = vectors()["rfc6455"]["frames"]
HEX = re.compile(r"[0-9a-f]{2}( [0-9a-f]{2})*")
KEY = bytes.fromhex("37fa213d")


def named(exercises: list[Exercise]) -> list[object]:
    return [pytest.param(exercise, id=exercise.name) for exercise in exercises]


def examples(exercise: Exercise, language: str) -> list[tuple[str, str]]:
    """The examples of a statement: what is called, and what is said to come of it."""
    lines = exercise.text(language)["statement"].splitlines()
    split = [line.partition("  ->  ") for line in lines if line.startswith("    ")]
    return [(called.strip(), value.strip()) for called, arrow, value in split if arrow]


def names_of(source: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(source, names)
    return names


def answers(name: str, steps: list[str], source: str = "") -> list[object]:
    """What a file, the solution if none is given, answers to the cases of some steps."""
    exercise, player = find_exercise(name), LocalPlayer()
    player.load(source or exercise.solution, exercise.file)
    return [player.play(case).value for step in exercise.steps(0) if step.name in steps for case in step.cases]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", named(FUNCTIONS))
def test_examples_of_a_statement_are_true(exercise: Exercise, language: str) -> None:
    names = names_of(exercise.solution)
    said = examples(exercise, language)
    assert said
    for called, value in said:
        if value == "ValueError":
            with pytest.raises(ValueError, match="not allowed"):
                eval(called, names)
        else:
            assert eval(called, names) == (bytes.fromhex(value) if HEX.fullmatch(value) else eval(value, names)), called


@pytest.mark.parametrize("exercise", named(FUNCTIONS))
def test_both_languages_give_the_same_examples(exercise: Exercise) -> None:
    assert len({tuple(examples(exercise, language)) for language in LANGUAGES}) == 1


def test_the_line_that_the_statement_of_the_tests_gives_is_true() -> None:
    names = names_of(find_exercise("length_field").solution)
    names["encode"] = names["length_field"]
    for language in LANGUAGES:
        lines = find_exercise("length_tests").text(language)["statement"].splitlines()
        (given,) = (line.strip() for line in lines if line.strip().startswith("assert "))
        exec(given, names)


def test_the_fields_in_the_last_hint_of_the_tests_are_true() -> None:
    for language in LANGUAGES:
        hint = find_exercise("length_tests").text(language)["hints"][2]
        fields = re.findall(r"([\d,]+) -> ((?:[0-9a-f]{2} ?)+)", hint)
        assert len(fields) == 6
        for size, field in fields:
            frame = encode_frame(Frame(2, bytes(int(size.replace(",", "")))))
            assert frame[1:].startswith(bytes.fromhex(field))


def test_encode_frame_makes_every_frame_that_the_rfc_prints() -> None:
    printed = [frame.get("hex", frame.get("header_hex")) for frame in FRAMES]
    made = answers("encode_frame", ["published", "masked", "large"])
    for frame in map(bytes.fromhex, printed):
        assert any(type(one) is bytes and one.startswith(frame) for one in made), frame.hex(" ")


def test_the_masks_of_the_checks_are_those_that_the_rfc_prints() -> None:
    masked = next(frame for frame in FRAMES if frame["name"] == "masked text frame")
    checks = find_exercise("apply_mask").checks
    assert bytes.fromhex(masked["masking_key_hex"]) == checks.KEY
    assert bytes.fromhex(masked["wire_payload_hex"]) == checks.MASKED
    assert answers("apply_mask", ["published", "again"]) == [b"Hello", checks.MASKED]


def test_the_length_fields_of_the_checks_are_those_that_the_rfc_prints() -> None:
    printed = {bytes.fromhex(frame.get("hex", frame.get("header_hex")))[1:] for frame in FRAMES}
    for field in answers("length_field", ["published"]):
        assert type(field) is bytes
        assert any(frame.startswith(field) for frame in printed), field.hex(" ")


def test_what_is_to_be_mended_reads_the_one_frame_that_its_author_tried() -> None:
    read_length = names_of(find_exercise("read_length").stub)["read_length"]
    hello = next(bytes.fromhex(frame["hex"]) for frame in FRAMES if frame["name"] == "unmasked text frame")
    assert callable(read_length)
    assert read_length(hello[1:]) == (5, 1)


@pytest.mark.parametrize("exercise", named(FUNCTIONS))
def test_random_inputs_are_the_student_s_own_and_repeatable(exercise: Exercise) -> None:
    def inputs(seed: int) -> list[object]:
        return [case.shown for step in exercise.checks.steps(Random(seed)) for case in step.cases]

    assert inputs(7) == inputs(7)
    assert inputs(7) != inputs(8)


def test_the_encoders_that_a_test_must_notice_are_wrong_and_the_others_right() -> None:
    checks = find_exercise("length_tests").checks
    for step in checks.steps(Random(0)):
        for case in step.cases:
            (encode,) = case.calls[0].arguments
            sizes = (0, 125, 126, 127, 32_768, 65_535, 65_536, 2**40 + 1)
            inputs = [(size, masked) for size in sizes for masked in (False, True)]
            wrong = [asked for asked in inputs if encode(*asked) != checks.from_core(*asked)]
            assert bool(wrong) == (step.name != "right"), (step.name, encode)


def test_an_empty_test_passes_right_encoders_and_notices_none_of_the_others() -> None:
    exercise = find_exercise("length_tests")
    report = examine(exercise, "def test_lengths(encode):\n    pass\n", LocalPlayer(), everything=True)
    assert [step.name for step in report.steps if step.passed] == ["right"]
    assert not report.idea


def test_a_test_with_the_rfc_s_sizes_alone_misses_every_boundary() -> None:
    rfc = "\n    ".join(
        f'assert encode({size}, False) == bytes.fromhex("{field}")'
        for size, field in ((5, "05"), (256, "7e 01 00"), (65_536, "7f 00 00 00 00 00 01 00 00"))
    )
    report = examine(find_exercise("length_tests"), f"def test_lengths(encode):\n    {rfc}\n", LocalPlayer())
    assert [step.name for step in report.steps if not step.passed] == ["mask", "seven", "sixteen", "count"]


@pytest.mark.parametrize("first", range(256))
def test_any_complaint_that_is_true_of_a_control_frame_is_right(first: int) -> None:
    checks = find_exercise("check_control").checks
    check_control = names_of(find_exercise("check_control").solution)["check_control"]
    assert callable(check_control)
    for length in (0, 125, 126, 65_536):
        right = checks._right(first, length)
        assert check_control(first, length, False) in right
        assert (right == ["legal"]) == (first in (0x88, 0x89, 0x8A) and length <= 125)


def test_the_claims_and_sentences_are_as_many_as_the_answers() -> None:
    exercise = find_exercise("claims")
    right = names_of(exercise.solution)["answers"]
    assert type(right) is dict
    for language in LANGUAGES:
        rows = re.findall(r"(?m)^- (\w+)[:\uff1a]", exercise.text(language)["statement"])
        claims = [row for row in rows if row.isalpha()]
        sentences = [int(row) for row in rows if row.isdigit()]
        assert claims == list(right)
        assert sentences == list(range(1, len(sentences) + 1))
        assert set(right.values()) <= {0, *sentences}
    assert list(names_of(exercise.stub)["answers"]) == list(right)  # type: ignore[call-overload]


def test_a_right_answer_is_not_shown_to_who_has_a_claim_wrong() -> None:
    report = examine(find_exercise("claims"), find_exercise("claims").stub, LocalPlayer())
    assert report.failure is not None
    assert report.failure.difference is not None
    assert report.failure.difference.expected is None
    assert report.failure.difference.rule in find_exercise("claims").text("en")["rules"]


def test_the_sizes_that_the_claims_name_are_true() -> None:
    pong = encode_frame(Frame(10, b"", masking_key=KEY))
    twenty = encode_frame(Frame(1, b"a" * 20, masking_key=KEY))
    shortest, longest = encode_frame(Frame(1, b"")), encode_frame(Frame(1, bytes(65_536), masking_key=KEY))
    numbers = (len(pong), len("é€😀".encode()), len(twenty), len(shortest), len(longest) - 65_536)
    assert numbers == (6, 9, 26, 2, 14)
    for language in LANGUAGES:
        text = re.sub(r"\s+", " ", find_exercise("claims").text(language)["statement"])
        for number in numbers:
            assert re.search(rf"\b{number}\b", text), number
