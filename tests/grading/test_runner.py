"""A child, what it is asked and what comes of it, on every level that this machine has."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import tokenize
from pathlib import Path
from typing import Any

import pytest

from wsedu.grading.examine import examine
from wsedu.grading.exercise import find_exercise
from wsedu.grading.outcome import Outcome
from wsedu.grading.players import ChildPlayer
from wsedu.grading.runner.disk import HOME
from wsedu.grading.runner.levels import PLAIN, Level
from wsedu.grading.runner.session import OUTPUT_BYTES, Ended, Session
from wsedu.grading.steps import Call, Case, call, fed, gives

from .attacks import AGAIN
from .here import LEVELS_HERE

every_level = pytest.mark.parametrize("level", LEVELS_HERE, ids=lambda level: level.name)
ACCEPT = find_exercise("accept_key")


def played(source: str, *cases: Case, level: Level = PLAIN, **how: Any) -> list[Outcome]:
    """What comes of these cases with that file."""
    player = ChildPlayer(level, **how)
    try:
        loaded = player.load(source, "10_tried.py")
        assert loaded.returned, loaded
        return [player.play(case) for case in cases]
    finally:
        player.close()


def calls(name: str, *arguments: Any, **named: Any) -> Case:
    return gives(call(name, *arguments, **named), None)


# --- What comes of a call ---


@every_level
def test_a_solution_is_right_and_its_stub_is_not(level: Level) -> None:
    player = ChildPlayer(level)
    assert examine(ACCEPT, ACCEPT.solution, player).passed
    report = examine(ACCEPT, ACCEPT.stub, player)
    player.close()
    assert report.right == 0
    assert report.failure is not None
    assert report.failure.outcome.raised("NotImplementedError")


def test_arguments_and_answers_are_plain_data_of_every_kind() -> None:
    value = [None, True, -7, 0.5, "é\ud800", b"\x00", bytearray(b"a"), (1, [2]), {"a": {1: b"b"}}]
    got, named = played("def f(a, *, b=0): return [a, b]", calls("f", value), calls("f", 1, b=2))
    assert got == Outcome("value", [value, 0])
    assert named == Outcome("value", [1, 2])


def test_a_generator_is_the_list_of_what_it_yields() -> None:
    assert played("def f():\n    yield 1\n    yield 2", calls("f")) == [Outcome("value", [1, 2])]


def test_an_object_is_kept_and_its_methods_are_called() -> None:
    source = """class R:
    seen = b""
    def feed(self, data):
        self.seen += data
        return self.seen"""
    assert played(source, fed("R", "feed", [b"a", b"b"], lambda _: None)) == [Outcome("value", [b"a", b"ab"])]


def test_a_variable_is_read() -> None:
    assert played("order = ['b', 'a']", Case((Call("get", "order"),), lambda _: None)) == [Outcome("value", ["b", "a"])]


def test_a_function_of_the_parent_can_be_called_and_can_raise() -> None:
    source = (
        "def f(g):\n    try:\n        return [g(1, b=2)]\n    except ValueError as error:\n        return str(error)"
    )

    def refuses(*_: Any, **__: Any) -> None:
        raise ValueError("refused")

    case = calls("f", lambda a, b: a + b)
    assert played(source, case, calls("f", refuses)) == [Outcome("value", [3]), Outcome("value", "refused")]


def test_an_exception_is_told_with_its_classes_its_text_and_its_line() -> None:
    source = "class Mine(ValueError): pass\ndef f():\n    raise Mine('no')"
    outcome = played(source, calls("f"))[0]
    assert outcome.families[:3] == ("Mine", "ValueError", "Exception")
    assert (outcome.kind, outcome.text, outcome.line) == ("raised", "no", 3)


def test_a_file_that_does_not_parse_is_told_with_its_line() -> None:
    player = ChildPlayer()
    outcome = player.load("a = 1\ndef f(:\n", "10_tried.py")
    player.close()
    assert outcome.raised("SyntaxError")
    assert outcome.line == 2


def test_names_that_are_there_or_not_or_no_functions() -> None:
    player = ChildPlayer()
    player.load("def f(): pass\na = 1", "10_tried.py")
    assert player.has(["f", "a", "b"]) == [True, False, None]
    player.close()


def test_what_is_printed_is_kept_up_to_a_size() -> None:
    player = ChildPlayer()
    player.load("def f(n):\n    print('a' * n)\n    print('b')", "10_tried.py")
    player.play(calls("f", 3))
    player.close()
    assert player.printed == b"aaa\nb\n"
    player.load("print('a' * 1_000_000)", "10_tried.py")
    player.close()
    assert len(player.printed) == OUTPUT_BYTES


# --- Budget ---


def test_a_function_that_took_too_long_is_not_called_again_and_another_is() -> None:
    source = "def f():\n    while True: pass\ndef g(): return 1"
    since = time.monotonic()
    outcomes = played(source, calls("f"), calls("f"), calls("f"), calls("g"), calls("f"), seconds=1.0)
    assert [outcome.kind for outcome in outcomes] == ["timeout", "timeout", "timeout", "value", "timeout"]
    assert time.monotonic() - since < 10


def test_a_death_costs_only_the_function_that_died() -> None:
    source = "import os\ndef f(): os._exit(3)\ndef g(): return 1"
    outcomes = played(source, calls("g"), calls("f"), calls("g"), calls("f"))
    assert [outcome.kind for outcome in outcomes] == ["value", "died", "value", "died"]


def test_a_submission_has_a_budget_and_calls_that_took_too_long_are_not_in_it() -> None:
    source = "import time\ndef slow(): time.sleep(0.4)\ndef g(): return 1\ndef f():\n    while True: pass"
    player = ChildPlayer(seconds=2.0, budget=3.0)
    player.load(source, "10_tried.py")
    used = [player.play(calls("slow")).kind for _ in range(10)]
    assert used[0] == "value"
    assert used[-1] == "timeout"
    assert player.play(calls("g")).kind == "timeout"
    player.close()
    generous = ChildPlayer(seconds=2.5, budget=5.0)
    generous.load(source, "10_tried.py")
    for name in ("f", "f"):
        assert generous.play(calls(name)).kind == "timeout"
    generous.load(source, "11_tried.py")
    assert generous.play(calls("f")).kind == "timeout"
    assert generous.play(calls("g")).returned
    generous.close()


def test_a_slow_file_does_not_take_the_time_of_an_honest_one() -> None:
    player = ChildPlayer(seconds=2.0, budget=0.3)
    player.load("import time\ndef f(): time.sleep(1.0)", "01_a.py")
    assert player.play(calls("f")).returned
    assert player.play(calls("f")).kind == "timeout"
    assert examine(AGAIN, AGAIN.solution, player).passed
    player.close()


def test_an_order_that_is_not_read_does_not_hold_up_the_parent() -> None:
    with Session(PLAIN) as session:
        source = "import os\ndef f(): return os.getpid()"
        session.ask({"do": "load", "name": "a", "file": "a.py", "source": source})
        call = {"do": "call", "name": "a", "file": "a.py", "of": "f", "arguments": [], "named": {}}
        os.kill(session.ask(call)[1], signal.SIGSTOP)
        since = time.monotonic()
        with pytest.raises(Ended, match="timeout"):
            session.ask({"do": "load", "name": "a", "file": "a.py", "source": "#" * 4_000_000}, 0.5)
        assert time.monotonic() - since < 5


def test_a_second_answer_is_the_answer_to_nothing() -> None:
    source = """import sys
def f():
    frame = sys._getframe()
    while "pipe" not in frame.f_locals:
        frame = frame.f_back
    frame.f_locals["pipe"].give(b"t2:s5:valuei1:1")
    return 1"""
    with Session(PLAIN) as session:
        order = {"name": "a", "file": "a.py"}
        session.ask({**order, "do": "load", "source": source})
        call = {**order, "do": "call", "of": "f", "arguments": [], "named": {}}
        assert session.ask(call) == ("value", 1)
        with pytest.raises(Ended, match="junk"):
            session.ask(call)


# --- Several files in one child ---


def test_all_files_of_a_submission_share_a_child_each_as_a_module_of_its_own() -> None:
    player = ChildPlayer()
    source = "import os\nname = 'one'\ndef f(): return [os.getpid(), name]"
    player.load(source, "01_a.py")
    one = player.play(calls("f")).value
    assert player.alone()
    player.load(source.replace("one", "two"), "02_b.py")
    two = player.play(calls("f")).value
    assert one[0] == two[0]
    assert (one[1], two[1]) == ("one", "two")
    assert not player.alone()
    player.load(source, "02_b.py")
    assert player.play(calls("f")).value[0] != one[0]
    assert player.alone()
    player.close()


@pytest.mark.parametrize("spoiled", ["len = lambda _: 3", "sorted = lambda words: []", "isinstance = print"])
def test_a_file_that_patches_builtins_does_not_spoil_an_honest_one(spoiled: str) -> None:
    player = ChildPlayer(seconds=1.0)
    player.load(f"import builtins\nbuiltins.{spoiled}", "01_a.py")
    assert examine(AGAIN, AGAIN.solution, player).passed
    player.close()


def test_what_kills_a_shared_child_does_not_cost_an_honest_function() -> None:
    player = ChildPlayer()
    player.load("import base64, os\nbase64.b64encode = lambda _: os._exit(1)", "01_a.py")
    assert examine(AGAIN, AGAIN.solution, player).passed
    player.close()


# --- The reference ---


@every_level
@pytest.mark.parametrize(
    "source",
    [
        "import wsedu\ndef accept_key(key): return ''",
        "from wsedu.protocol.handshake import accept_key",
        "def accept_key(key):\n    import wsedu.protocol\n    return ''",
        "try:\n    import wsedu\nexcept BaseException:\n    pass\n" + ACCEPT.solution,
        "import importlib\ndef accept_key(key):\n    return importlib.import_module('wsedu.protocol').__name__",
    ],
    ids=["import", "from", "in a call", "hidden", "importlib"],
)
def test_who_imports_wsedu_is_told_so_and_gets_nothing(source: str, level: Level) -> None:
    player = ChildPlayer(level)
    report = examine(ACCEPT, source, player)
    beside = examine(AGAIN, AGAIN.solution, player)
    player.close()
    assert report.right == 0
    assert report.failure is not None
    assert report.failure.outcome.uses_reference
    assert "wsedu" in report.failure.outcome.text
    line = next(at for at, line in enumerate(source.splitlines(), 1) if "import" in line and "wsedu" in line)
    assert report.failure.outcome.line == line
    assert beside.passed


@every_level
def test_to_print_where_one_is_opens_nothing_that_is_closed(level: Level) -> None:
    source = "import traceback\ndef f():\n    traceback.print_stack()\n    return 1"
    assert played(source, calls("f"), level=level)[0] == Outcome("value", 1)


def test_who_uses_it_for_one_input_gets_nothing_for_the_others() -> None:
    source = (
        ACCEPT.solution + "\nhonest = accept_key\ndef accept_key(key):\n    if key[0] != 'd':\n        import wsedu\n"
    )
    player = ChildPlayer()
    report = examine(ACCEPT, source + "    return honest(key)\n", player)
    player.close()
    assert report.right == 0
    assert report.failure is not None
    assert report.failure.outcome.uses_reference


# --- Conversations ---

ECHO = "def serve(connection):\n    while data := connection.recv(100):\n        connection.sendall(data.upper())"


def conversation(talk: Any, *arguments: Any) -> Case:
    return Case((Call("serve", "serve", arguments),), lambda _: None, talk=talk)


def speak(connection: socket.socket) -> bytes:
    connection.sendall(b"hello")
    connection.shutdown(socket.SHUT_WR)
    seen = b""
    while part := connection.recv(100):
        seen += part
    if not seen:
        raise ConnectionError
    return seen


@every_level
def test_an_endpoint_speaks_over_a_socket(level: Level) -> None:
    outcomes = played(ECHO, conversation(speak), conversation(speak), level=level)
    assert outcomes == [Outcome("value", b"HELLO")] * 2


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def serve(connection):\n    while True: pass", "timeout"),
        ("import os\ndef serve(connection): os._exit(0)", "died"),
        ("import wsedu\ndef serve(connection): pass", "raised"),
    ],
    ids=["loops", "exits", "imports wsedu"],
)
def test_an_endpoint_that_goes_wrong(source: str, kind: str) -> None:
    player = ChildPlayer(seconds=1.0)
    player.load(source, "25_endpoint.py")
    outcome = player.play(conversation(speak))
    again = player.play(conversation(speak))
    player.close()
    assert (outcome.kind, again.kind) == (kind, kind)


def test_conversations_share_a_child_but_for_one_that_does_not_come_back() -> None:
    source = """import os, time
def serve(connection):
    connection.sendall(str(os.getpid()).encode())
    if connection.recv(9) == b"stay":
        time.sleep(60)"""

    def talk(last: bytes) -> Any:
        def spoken(connection: socket.socket) -> bytes:
            seen = connection.recv(100)
            connection.sendall(last)
            return seen

        return conversation(spoken)

    one, two, three = played(source, talk(b"go"), talk(b"stay"), talk(b"go"))
    assert one.value == two.value
    assert three.value != two.value


def test_a_conversation_that_never_ends_is_ended() -> None:
    def talk(connection: socket.socket) -> int:
        count = 0
        while connection.recv(1):
            count += 1
        return count

    source = """import time
def serve(connection):
    while True:
        connection.sendall(b'.')
        time.sleep(0.1)"""
    since = time.monotonic()
    assert played(source, conversation(talk), seconds=0.5)[0].value > 1
    assert time.monotonic() - since < 10


def test_a_broken_conversation_tells_what_the_endpoint_raised() -> None:
    def talk(connection: socket.socket) -> None:
        while connection.recv(1):
            pass
        raise ConnectionError

    source = "def serve(connection):\n    raise ValueError('why')"
    outcome = played(source, conversation(talk))[0]
    assert (outcome.kind, outcome.text, outcome.line) == ("raised", "why", 2)


# --- What the runner is ---


def test_what_runs_beside_a_learner_loads_nothing_that_is_not_needed() -> None:
    source = "import sys\ndef f(): return sorted(sys.modules)"
    loaded = played(source, calls("f"))[0].value
    assert not {"json", "typing", "re", "dataclasses", "pickle", "subprocess", "threading", "asyncio"} & set(loaded)


def test_it_stands_alone() -> None:
    code = "import sys; import runner.session; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(HOME.parent)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {name.partition(".")[0] for name in run.stdout.split()} - {
        *sys.stdlib_module_names,
        "runner",
        "__main__",
    }


def test_it_is_short_enough_to_be_read() -> None:
    assert sum(_lines_of_code(path) for path in HOME.glob("*.py")) <= 670


def _lines_of_code(path: Path) -> int:
    """Lines with something on them that is neither a comment nor a text that stands alone."""
    lines: set[int] = set()
    fresh = True
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in (*silent, tokenize.ENCODING) and not (fresh and token.type == tokenize.STRING):
                lines |= set(range(token.start[0], token.end[0] + 1))
            fresh = token.type in silent or token.type == tokenize.ENCODING
    return len(lines)
