"""What a learner is told: each stage in one plain sentence, both answers side by side, the field, the idea by name."""

from __future__ import annotations

import re
from typing import Any

import pytest

import wsedu
from tests.grading.samples import ACCEPT, RIGHT, WRONG, Made, accept_key_returning
from wsedu.explain.catalogue import part_catalogue
from wsedu.grading.checking import check_source
from wsedu.grading.examine import Report, examine
from wsedu.grading.feedback import feedback, feedback_lines, verdict_line
from wsedu.grading.outcome import Outcome
from wsedu.grading.players import LocalPlayer
from wsedu.grading.steps import Case, Step, answered, call, fed, gives, holds, judged, raises, step
from wsedu.views.answers import Beside, Drawn, Line

LANGUAGES = ("en", "zh")


def told(source: str, language: str = "en") -> str:
    """The feedback to a file for the first exercise, run as a learner's is."""
    checked = check_source(ACCEPT, source, seed=1)
    return "\n".join(feedback_lines(checked.report, language, source=source, printed=checked.printed))


def made_report(answer: Any, case: Case, **facts: Any) -> tuple[Report, str]:
    """The report on code that gives this answer to a case."""
    source = f"def made(*arguments, **named):\n    return {answer!r}\nanswers = {answer!r}\n"
    exercise = Made(lambda random: [step("one", case)], **facts)
    return examine(exercise, source, LocalPlayer()), source


def made(answer: Any, case: Case, language: str = "en", **facts: Any) -> str:
    """The feedback to code that gives this answer to a case."""
    report, source = made_report(answer, case, **facts)
    return "\n".join(feedback_lines(report, language, source=source))


# --- Stages ---

STAGES = [
    ("syntax", "def accept_key(key)\n    return 1\n", ["Line 1 is not Python yet", "1 | def accept_key(key)"]),
    ("wsedu", "import hashlib\nfrom wsedu import accept_key\n", ["imports wsedu", "2 | from wsedu import accept_key"]),
    ("module", "import numpy\n", ["no module numpy"]),
    ("near module", "import hashlb\n", ["did you mean hashlib?"]),
    ("loading", "GUID = 1 / 0\n", ["while it is loaded, in line 1: ZeroDivisionError"]),
    ("exits at once", "import os\nos._exit(0)\n", ["Loading the file ended Python"]),
    ("name", "def something(key): return key\n", ["has no `accept_key`: write it"]),
    ("near name", "def acept_key(key): return key\n", ["has no `accept_key`, but `acept_key`: rename it"]),
    ("not written", ACCEPT.stub, ["not written yet"]),
    ("nothing", "def accept_key(key): pass\n", ["returns nothing (None)"]),
    ("type", accept_key_returning("b'x'"), ["must give text (str); this is bytes"]),
    ("no plain data", accept_key_returning("object()"), ["plain data", "of type object"]),
    ("exception", accept_key_returning("key.nothing"), ["in line 2: AttributeError", "2 | return key.nothing"]),
    ("bare exception", "def accept_key(key):\n    assert not key\n", ["in line 2: AssertionError\n"]),
    ("process ended", "import os\ndef accept_key(key): os._exit(3)\n", ["It ended Python"]),
]


@pytest.mark.parametrize(("source", "said"), [stage[1:] for stage in STAGES], ids=[stage[0] for stage in STAGES])
def test_each_stage_is_told_in_a_plain_sentence(source: str, said: list[str]) -> None:
    found = told(source)
    for part in said:
        assert part in found, found
    assert "0 of 3 checks passed" in found


@pytest.mark.parametrize("source", [stage[1] for stage in STAGES], ids=[stage[0] for stage in STAGES])
def test_each_stage_is_told_in_chinese(source: str) -> None:
    lines = told(source, "zh").splitlines()
    assert "3 项检查中通过了 0 项" in lines[-1]
    assert any("\u4e00" <= char <= "\u9fff" for line in lines[1:-1] for char in line)


def test_a_loop_without_end_is_told_after_two_seconds() -> None:
    assert "took more than 2 seconds: look for a loop" in told("def accept_key(key):\n    while True: pass\n")


def test_before_the_steps_nothing_is_said_of_them() -> None:
    found = told("def accept_key(key)\n")
    assert "the RFC's own key" not in found
    assert "RFC 6455" not in found


def test_the_steps_have_marks_and_titles_and_the_first_that_fails_its_input() -> None:
    lines = told(accept_key_returning("'s3pPLMBiTxaQ9kYGzzhZRbK+xOo='")).splitlines()
    assert lines[0] == "01 · The accept key"
    assert lines[1] == "  ✔ 1  the RFC's own key gives the RFC's own answer"
    assert lines[2] == "  ✖ 2  keys made of the bytes 00, ff and fb"
    assert lines[3] == "    accept_key('AAAAAAAAAAAAAAAAAAAAAA==')"
    assert lines[-1] == "✖ 1 of 3 checks passed"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_only_the_step_that_is_told_has_a_cross(language: str) -> None:
    lines = told(WRONG, language).splitlines()
    steps = [line.strip()[0] for line in lines if re.match(r"  [✔✖–] \d", line)]
    assert steps == ["✖", "–", "–"]
    later = part_catalogue("feedback", language).say("told.later")
    assert lines.count(f"  {later}") == 1
    assert lines[-1].startswith("✖")
    # With nothing left to tell, nothing is said of it.
    assert later not in told(RIGHT, language)
    last = told(accept_key_returning("'s3pPLMBiTxaQ9kYGzzhZRbK+xOo='"), language)
    assert "✔ 1" in last
    assert "– 3" in last


@pytest.mark.parametrize(
    ("language", "name", "fact"),
    [
        ("en", "The idea behind this: “The digest is taken as hexadecimal text” (M02)", "What is so: "),
        ("zh", "背后的想法：“把摘要当成十六进制文本”（M02）", "其实："),
    ],
)
def test_the_idea_is_named_with_its_fact_and_section(language: str, name: str, fact: str) -> None:
    found = told(WRONG, language)
    assert name in found
    assert fact in found
    assert "RFC 6455 §1.3" in found


def test_without_a_certain_idea_only_the_difference_is_told() -> None:
    found = told(accept_key_returning("key"))
    assert "expected s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in found
    assert "got      dGhlIHNhbXBsZSBub25jZQ==" in found
    assert "first difference: character 0" in found
    assert "idea" not in found


def test_what_the_code_prints_is_shown_and_cut() -> None:
    source = "def accept_key(key):\n    for number in range(9): print('line', number)\n    return ''\n"
    found = told(source)
    assert "Your code printed:\n    line 0\n    line 1" in found
    # Eight keys, nine lines each, of which five are shown.
    assert "… and 67 more lines" in found


def test_success_is_told_and_hidden_checks_are_not_promised() -> None:
    assert told(RIGHT).splitlines()[-1] == "✔ All checks passed (3 of 3)"

    def steps(random: Any) -> list[Step]:
        case = gives(call("made"), 1)
        return [step("one", case), step("two", case, public=False)]

    report = examine(Made(steps), "def made(): return 1\n", LocalPlayer())
    assert verdict_line(report, "en") == "All public checks passed (1 of 1)"
    assert verdict_line(report, "zh") == "全部公开检查通过（1/1）"


# --- Values ---

FRAME = wsedu.encode_frame(wsedu.Frame.text("Hello", masking_key=bytes.fromhex("37fa213d")))


@pytest.mark.parametrize(
    ("at", "value", "place"),
    [
        (0, 0x01, "first difference: byte 0, in FIN"),
        (0, 0x11, "first difference: byte 0, in FIN, RSV3"),
        (1, 0x05, "first difference: byte 1, in MASK"),
        (1, 0x86, "first difference: byte 1, in Payload len"),
        (3, 0x00, "first difference: byte 3, which is byte 1 of Masking-key"),
        (6, 0x00, "first difference: byte 6, which is byte 0 of Payload Data"),
    ],
)
def test_the_field_of_the_first_difference_is_named(at: int, value: int, place: str) -> None:
    got = FRAME[:at] + bytes([value]) + FRAME[at + 1 :]
    assert place in made(got, gives(call("made"), FRAME, kind="frame"))


def test_an_answer_that_is_too_short_or_too_long_is_told_to_be_so() -> None:
    case = gives(call("made"), FRAME, kind="frame")
    assert "your answer ends here, at byte 9: 2 bytes are missing" in made(FRAME[:9], case)
    assert "the right answer ends here, at byte 11: 1 byte too many" in made(FRAME + b"!", case)


def test_the_frame_that_was_made_is_drawn() -> None:
    report, source = made_report(FRAME[:4], gives(call("made"), FRAME, kind="frame"))
    drawn = [part for part in feedback(report, "en", source=source) if isinstance(part, Drawn)]
    assert [part.data for part in drawn] == [FRAME[:4]]
    report, source = made_report(b"abd", gives(call("made"), b"abc"))
    assert not [part for part in feedback(report, "en", source=source) if isinstance(part, Drawn)]


def test_a_header_of_a_head_is_named() -> None:
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    case = gives(call("made"), head, kind="head")
    assert "in the header Upgrade" in made(head.replace("websocket", "h2c"), case)
    assert "in the first line" in made(head.replace("101", "200"), case)


def test_a_list_is_told_by_its_first_item_that_differs() -> None:
    found = made([1, b"abd", 3], gives(call("made"), [1, b"abc", 3]))
    assert "The first item that differs: [1]" in found
    assert "expected 61 62 63" in found
    assert "first difference: byte 2" in found
    deep = made([(1, [2, 3])], gives(call("made"), [(1, [2, 4])]))
    assert "The first item that differs: [0][1][1]\n    expected: 4\n    got: 3" in deep
    assert "got: (not there)" in made([1], gives(call("made"), [1, 2]))
    assert "The right answer has no such item." in made([1, 2], gives(call("made"), [1]))


def test_none_where_it_is_right_is_shown() -> None:
    found = made((0, 3), gives(call("made", b"~\x00"), None))
    assert "made(bytes.fromhex('7e 00'))\n    expected: None\n    got: (0, 3)" in found


def test_a_rule_is_said_and_no_single_right_answer_is_shown() -> None:
    found = made(3, judged(call("made"), holds(lambda value: value == 4, "so")))
    assert "What must be so: it is so" in found
    assert "expected" not in found


def test_an_exception_that_is_missing_or_another_one() -> None:
    assert "This must raise ValueError, but it returned 5." in made(5, raises(call("made")))
    exercise = Made(lambda random: [step("one", raises(call("made")))])
    source = "def made():\n    return {}['x']\n"
    report = examine(exercise, source, LocalPlayer())
    assert "must raise ValueError, but it raised KeyError: 'x'" in "\n".join(
        feedback_lines(report, "en", source=source)
    )


def test_an_answer_that_is_looked_up_is_not_given_away() -> None:
    found = made({"a": {"fin": 1, "mask": 0}}, answered("answers", "a", {"fin": 1, "mask": 1}), kind="data")
    assert "answers['a']" in found
    assert "This is not right yet, in 'mask':\n    got: 0" in found
    assert "expected" not in found
    for empty in (None, "", {"fin": None}):
        assert "There is no answer here yet." in made({"a": empty}, answered("answers", "a", "x"), kind="data")
    assert "There is no such item" in made({}, answered("answers", "a", "x"), kind="data")
    assert "expected" not in made({"a": 3}, answered("answers", "a", "x"), kind="data")


def test_a_mutant_that_survives_is_told_as_one() -> None:
    found = made(None, raises(call("made", len), "AssertionError"), kind="tests")
    assert "made(…)" in found
    assert "your test does not notice it: it must raise AssertionError" in found


def test_lines_that_are_no_program() -> None:
    exercise = Made(lambda random: [step("one", gives(call("made"), 1))], kind="order")
    no_program = Outcome("raised", None, ("SyntaxError",), "expected ':' (99_made.py, line 3)", 3)
    from wsedu.grading.examine import examine_loaded

    report = examine_loaded(exercise, LocalPlayer(), no_program)
    found = "\n".join(feedback_lines(report, "en", source="order = []\n# a line\n# another\n"))
    assert "The lines in this order are no Python program: expected ':'." in found
    assert "another" not in found
    report = examine_loaded(exercise, _Empty(), Outcome("value"))
    assert "do not define `made`" in "\n".join(feedback_lines(report, "en"))


class _Empty(LocalPlayer):
    """A program that defines nothing, of a file that has all names."""

    def has(self, names: Any) -> list[bool | None]:
        return [True] * len(names)


def test_pieces_that_are_fed_stand_below_one_another() -> None:
    case = fed("made", "feed", [b"a", b"bc"], holds(lambda value: False, "so"))
    exercise = Made(lambda random: [step("one", case)])
    source = "class made:\n    def feed(self, data):\n        return data\n"
    lines = feedback_lines(examine(exercise, source, LocalPlayer()), "en", source=source)
    assert "    made().feed(b'a')" in lines
    assert "          .feed(b'bc')" in lines


def test_a_head_among_the_arguments_stands_in_lines_that_python_reads() -> None:
    head = b"GET /chat HTTP/1.1\r\nHost: example.com\r\n\r\n"
    lines = made(1, gives(call("made", head, key="x"), 2)).splitlines()
    start = lines.index("    made(")
    end = lines.index("    )")
    given: dict[str, Any] = {}
    exec("def made(*arguments, **named): return arguments, named", given)
    assert eval("\n".join(lines[start : end + 1]), given) == ((head,), {"key": "x"})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (bytes(40_000), "made(b'\\x00' * 40000)"),
        (bytes(range(200)), "…') (200))"),
        (b"HTTP/1.1 101 Switching Protocols" * 3 + b"\x81", "made(b'HTTP/1.1 101 Switching P…' (97))"),
        (b"abc\xff", "made(bytes.fromhex('61 62 63 ff'))"),
        ("\x1b[31m" + "x" * 100, "made('\\x1b[31m"),
        (list(range(100)), "7, … (+92)])"),
        (1 << 300, "0x1000"),
    ],
)
def test_long_and_odd_inputs_are_cut_and_harmless(value: Any, shown: str) -> None:
    found = made(1, gives(call("made", value), 2))
    assert shown in found
    assert "\x1b" not in found


def test_two_texts_with_nothing_in_common_stand_as_they_are() -> None:
    parts = feedback(made_report("fragmented", gives(call("made"), "legal"))[0], "en")
    assert Line("expected: 'legal'", indent=2, code=True) in parts
    assert not [part for part in parts if isinstance(part, Beside)]


def test_no_message_shows_the_text_of_a_test() -> None:
    checks = (ACCEPT.folder / "checks.py").read_text(encoding="utf-8")
    lines = [line.strip() for line in checks.splitlines() if len(line.strip()) > 20]
    for _, source, _ in STAGES:
        found = told(source)
        assert not [line for line in lines if line in found]
