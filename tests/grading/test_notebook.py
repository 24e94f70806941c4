"""`wsedu.check`: what it takes, that nothing hangs it, and what a notebook gets: text first, then a picture."""

from __future__ import annotations

import base64
import builtins
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

import wsedu
from tests.grading.samples import ACCEPT, RIGHT, WRONG, Made
from wsedu.grading import notebook
from wsedu.grading.notebook import Verdict, check
from wsedu.grading.steps import answered, call, gives, step
from wsedu.views.headless import HEADLESS

PNG = b"\x89PNG\r\n\x1a\n"


def function_of(source: str) -> Callable[[str], str]:
    """The function of a learner's file."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)
    function: Callable[[str], str] = names["accept_key"]
    return function


def test_a_function_finds_its_exercise_by_its_name() -> None:
    verdict = check(function_of(RIGHT), language="en")
    assert verdict.passed
    assert verdict
    assert verdict.report.exercise is ACCEPT
    assert "All checks passed (3 of 3)" in repr(verdict)
    assert "A solution of The accept key, to compare with yours:" in repr(verdict)
    # The lesson says what comes next, and that is seldom the next one by number.
    assert "Next:" not in repr(verdict)
    assert "02_" not in repr(verdict)


def test_a_mistake_has_its_name_and_no_solution() -> None:
    verdict = check(function_of(WRONG), language="zh")
    assert not verdict
    assert "（M02）" in repr(verdict)
    assert "hashlib" not in repr(verdict)


@pytest.mark.parametrize("what", ["accept_key", "1", 1, "01_accept_key.py"])
def test_an_exercise_by_its_name_or_number_with_whatever_function(what: Any) -> None:
    assert check(what, function_of(RIGHT)).passed
    assert not check(what, lambda key: "x").passed


def test_a_name_alone_takes_the_function_from_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "accept_key", function_of(RIGHT), raising=False)
    assert check("accept_key").passed
    monkeypatch.delattr(sys.modules["__main__"], "accept_key")
    assert "The file has no `accept_key`" in repr(check("accept_key", language="en"))


def test_answers_are_taken_as_what_the_exercise_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made(lambda random: [step("one", answered("answers", "a", 1))], kind="data", names=["answers"])
    monkeypatch.setattr(notebook, "find_exercise", lambda name: made)
    assert check("made", {"a": 1}).report.passed
    assert not check("made", {"a": 2}).report.passed


def test_a_class_is_taken_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made(lambda random: [step("one", gives(call("made"), 1))])
    monkeypatch.setattr(notebook, "exercises", lambda: (made,))
    assert "plain data" in repr(check(type("made", (), {}), language="en"))


def test_what_is_unknown_is_one_clear_line() -> None:
    with pytest.raises(ValueError, match="no exercise acept_key; do you mean accept_key") as raised:
        check("acept_key", language="en")
    assert raised.value.__context__ is None, "no other exception is told before it"
    with pytest.raises(ValueError, match="没有练习 qqq"):
        check(type("qqq", (), {}), language="zh")
    with pytest.raises(TypeError, match="not float"):
        check(3.5, language="en")
    with pytest.raises(TypeError, match="accept_key asks for 1 thing"):
        check("accept_key", len, len, language="en")


def test_the_function_of_wsedu_itself_is_no_answer() -> None:
    assert "imports wsedu" in repr(check("accept_key", wsedu.accept_key, language="en"))


# --- Nothing hangs it ---


def loops(key: str) -> str:
    while True:
        try:
            key += "x"
            key = key[:10]
        except Exception:
            key = ""


def sleeps(key: str) -> str:
    time.sleep(60)
    return key


def waits(key: str) -> str:
    one, other = socket.socketpair()
    with one, other:
        return one.recv(1).decode()


def heeds_nothing(key: str) -> str:
    while not stopped:
        try:
            while not stopped:
                key = key[::-1]
        except BaseException:
            key = "again"
    return key


stopped: list[bool] = []


@pytest.mark.parametrize("function", [loops, sleeps, waits, heeds_nothing])
def test_code_that_does_not_end_is_told_to_be_too_slow(function: Callable[[str], str]) -> None:
    stopped.clear()
    began, out = time.monotonic(), sys.stdout
    verdict = check("accept_key", function, language="en")
    stopped.append(True)
    assert "took more than 2 seconds" in repr(verdict)
    assert time.monotonic() - began < 6
    assert sys.stdout is out


def test_a_question_is_not_waited_for() -> None:
    asks = builtins.input
    verdict = check("accept_key", lambda key: input("key? "), language="en")
    assert "EOFError" in repr(verdict)
    assert builtins.input is asks


def test_what_the_code_prints_does_not_stay_in_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    def accept_key(key: str) -> str:
        print("noise")  # noqa: T201 - as a learner would
        return function_of(RIGHT)(key)

    assert check(accept_key).passed
    assert capsys.readouterr().out == ""


# --- What a notebook shows ---


def test_the_bundle_has_the_text_and_a_picture_with_a_name() -> None:
    verdict = check(function_of(WRONG), language="en")
    bundle, metadata = verdict._repr_mimebundle_()
    assert bundle["text/plain"] == repr(verdict)
    assert base64.b64decode(bundle["image/png"]).startswith(PNG)
    assert metadata["image/png"]["alt"] == "01 · The accept key · 0 of 3 checks passed"
    assert metadata["image/png"]["width"] > 600
    assert verdict.to_png(theme="dark").startswith(PNG)
    assert "ws-theme" in verdict.to_svg(theme="dark")


def test_without_the_extra_for_pictures_there_is_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise notebook.MissingExtraError("resvg_py", "image")

    verdict = check(function_of(WRONG))
    monkeypatch.setattr(notebook, "svg_to_png", fail)
    assert verdict._repr_mimebundle_() == ({"text/plain": repr(verdict)}, {})


def test_a_kernel_prints_the_text_and_a_prompt_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check(function_of(RIGHT), language="en")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(notebook, "_in_kernel", lambda: True)
    verdict: Verdict = check(function_of(RIGHT), language="en")
    assert capsys.readouterr().out == verdict.to_text()
    monkeypatch.setenv(HEADLESS, "1")
    check(function_of(RIGHT), language="en")
    assert capsys.readouterr().out == "", "a page that is only read says it once"


@pytest.mark.parametrize("alone", ["0", "1"])
def test_in_a_real_kernel_the_text_comes_first_then_the_picture(alone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv(HEADLESS, alone)
    cells = [
        "def accept_key(key):\n    return input('?')",
        "import wsedu\nwsedu.check(accept_key, language='en')",
        "def accept_key(key):\n    while True: pass",
        "wsedu.check(accept_key, language='en')",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=60, kernel_name="python3").execute()
    for cell, said in ((book.cells[1], "EOFError"), (book.cells[3], "took more than 2 seconds")):
        *streams, result = cell.outputs
        assert len(streams) == (alone == "0"), "where nothing runs it is said once"
        assert all(stream.output_type == "stream" and said in stream.text for stream in streams)
        assert list(result.data) == ["text/plain", "image/png"]
        assert said in result.data["text/plain"]
