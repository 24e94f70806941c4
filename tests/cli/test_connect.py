"""`connect` as a user runs it: against servers of another library and of our own, from a pipe and on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as their_serve

from tests.cli.conftest import Run
from tests.cli.talking import DEADLINE, environment, serving
from wsedu.cli.connect_lines import COMMANDS
from wsedu.trace.trace import Trace

Heard = list[str | bytes]


@contextmanager
def their_server(handler: Callable[[ServerConnection], None], **options: Any) -> Iterator[str]:
    """A server of the `websockets` library in a thread; gives its URI."""
    with their_serve(handler, "127.0.0.1", 0, **options) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        scheme = "wss" if "ssl" in options else "ws"
        try:
            yield f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}/"
        finally:
            server.shutdown()
            thread.join()


def echo(link: ServerConnection) -> None:
    for message in link:
        link.send(message)


def talk(wsedu: Run, uri: str, *lines: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run `connect` with these lines on its standard input."""
    return wsedu("connect", uri, "--wait", "0.3", *options, stdin="".join(f"{line}\n" for line in lines).encode())


# --- What the lines send ---


def test_texts_and_commands_arrive_as_what_they_say(wsedu: Run) -> None:
    heard: Heard = []

    def collect(link: ServerConnection) -> None:
        heard.extend(link)

    with their_server(collect) as uri:
        done = talk(wsedu, uri, "Hello", "", "//not a command", "/binary 00 ff", "/binary", "/fragment 3 你好!", "你好")
    assert done.returncode == 0, done.stderr
    assert heard == ["Hello", "", "/not a command", b"\x00\xff", b"", "你好!", "你好"]


def test_control_frames_go_out_as_they_are_typed(wsedu: Run) -> None:
    done = talk_to_echo(
        wsedu, "/ping are you there", "/pong", "/fragment 3 abc", "/close 4000 bye", options=("--json",)
    )
    trace = [json.loads(line) for line in done.stdout.splitlines()]
    sent = [step["frame"] for step in trace if step["kind"] == "frame.complete" and step["sent"]]
    assert [(frame["opcode"], frame["fin"], bytes.fromhex(frame["payload"])) for frame in sent] == [
        (Opcode.PING, True, b"are you there"),
        (Opcode.PONG, True, b""),
        (Opcode.TEXT, False, b"a"),
        (Opcode.CONT, False, b"b"),
        (Opcode.CONT, True, b"c"),
        (Opcode.CLOSE, True, (4000).to_bytes(2, "big") + b"bye"),
    ]


def talk_to_echo(
    wsedu: Run, *lines: str, options: tuple[str, ...] = (), **server: Any
) -> subprocess.CompletedProcess[str]:
    with their_server(echo, **server) as uri:
        return talk(wsedu, uri, *lines, options=options)


def test_illegal_bytes_go_out_on_purpose_and_the_other_library_refuses_them(wsedu: Run) -> None:
    problems: list[int] = []

    def collect(link: ServerConnection) -> None:
        with pytest.raises(ConnectionClosed):
            link.recv(timeout=DEADLINE)
        assert link.protocol.close_sent is not None
        problems.append(link.protocol.close_sent.code)

    with their_server(collect) as uri:
        done = talk(wsedu, uri, "/raw 81 05 48 65 6c 6c 6f")
    # The server says 1002; so the end is not a good one.
    assert problems == [1002]
    assert done.returncode == 1
    assert "CLIENT_MUST_MASK" in done.stdout
    assert "1002" in done.stderr


def test_every_frame_is_explained_and_both_heads_are_shown(wsedu: Run) -> None:
    done = talk_to_echo(wsedu, "Hello", "/ping abc")
    assert done.returncode == 0
    for shown in (
        "Sec-WebSocket-Key:",
        "HTTP/1.1 101 Switching Protocols",
        'The client sends a whole text message in one frame, 5 bytes, masked: "Hello"',
        'The client has read a whole text message in one frame, 5 bytes, not masked: "Hello"',
        "The client sends a Ping with 3 bytes of data",
        "The client has read a Pong with 3 bytes of data",
        "status code 1000",
    ):
        assert " ".join(shown.split()) in " ".join(done.stdout.split()), shown


def test_what_is_hidden_is_not_shown(wsedu: Run) -> None:
    hidden = talk_to_echo(wsedu, "/hide control", "/ping secret", "told")
    assert hidden.returncode == 0, hidden.stderr
    assert "secret" not in hidden.stdout
    assert "told" in hidden.stdout
    shown = talk_to_echo(wsedu, "/hide data", "/hide control", "/show control", "/ping told", "covert")
    assert "told" in shown.stdout
    assert "covert" not in shown.stdout


def test_help_lists_every_command(wsedu: Run) -> None:
    done = talk_to_echo(wsedu, "/help")
    assert all(command.usage in done.stdout for command in COMMANDS.values())


def test_a_code_that_was_asked_for_is_a_good_end(wsedu: Run) -> None:
    done = talk_to_echo(wsedu, "/close 4000 bye")
    assert (done.returncode, done.stderr) == (0, "")
    with their_server(lambda link: link.close(4000, "not asked for")) as uri:
        assert talk(wsedu, uri).returncode == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_mistyped_command_is_told_its_neighbour(wsedu: Run, language: str) -> None:
    with their_server(echo) as uri:
        done = talk(wsedu, uri, "/pi", options=("--lang", language))
    assert done.returncode == 2
    assert "/ping" in done.stderr


def test_quit_closes_with_1000_at_once(wsedu: Run) -> None:
    codes: list[int | None] = []

    def collect(link: ServerConnection) -> None:
        assert list(link) == []
        codes.append(link.protocol.close_code)

    with their_server(collect) as uri:
        done = talk(wsedu, uri, "/quit", "this is not sent")
    assert done.returncode == 0
    assert codes == [1000]


@pytest.mark.parametrize(
    "line",
    ["/nonsense", "/binary 0", "/raw", "/raw xx", "/fragment", "/fragment 0 a", "/hide everything", "/close x"],
)
def test_a_wrong_line_is_one_line_of_complaint_and_status_2_and_the_others_count(wsedu: Run, line: str) -> None:
    done = talk_to_echo(wsedu, line, "and on")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert '"and on"' in done.stdout


@pytest.mark.parametrize("line", ["/close 1005", "/ping " + "x" * 126, "/close 1000 " + "x" * 124])
def test_what_the_rfc_forbids_is_refused_with_its_rule(wsedu: Run, line: str) -> None:
    done = talk_to_echo(wsedu, line)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


# --- How it ends ---


def test_the_server_may_close_first_and_then_nothing_more_is_read(wsedu: Run) -> None:
    with (
        their_server(lambda link: link.close(1001, "going")) as uri,
        subprocess.Popen(
            [sys.executable, "-m", "wsedu", "connect", uri],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as process,
    ):
        # Standard input stays open: it is the server that ends this.
        assert process.wait(DEADLINE) == 0
        assert process.stdout is not None
        assert b"1001" in process.stdout.read()


def test_ctrl_c_tells_the_server_that_we_go_away() -> None:
    codes: list[int | None] = []

    def greet(link: ServerConnection) -> None:
        link.send("interrupt me")
        with pytest.raises(ConnectionClosed):
            link.recv(timeout=DEADLINE)
        codes.append(link.protocol.close_code)

    with (
        their_server(greet) as uri,
        subprocess.Popen(
            [sys.executable, "-m", "wsedu", "connect", uri, "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        while b'"message.complete"' not in process.stdout.readline():
            continue
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130
        assert process.stderr.read() == b"wsedu: stopped\n"
    assert codes == [1001]


def test_an_abnormal_end_is_status_1(wsedu: Run) -> None:
    with their_server(lambda link: link.close(1011, "broken")) as uri:
        done = talk(wsedu, uri)
    assert done.returncode == 1
    assert "1011" in done.stderr


BROKEN = {
    "SERVER_MUST_NOT_MASK": bytes.fromhex("8181 00000000 61"),
    "TEXT_UTF8": bytes.fromhex("8101 ff"),
    "MESSAGE_INTERLEAVED": bytes.fromhex("010161 810161"),
    "CLOSE_CODE": bytes.fromhex("8802 03ed"),
}


@pytest.mark.parametrize("rule", BROKEN)
@pytest.mark.parametrize(("language", "who"), [("en", "the server broke"), ("zh", "服务器违反了")])
def test_the_last_line_names_the_rule_that_the_server_broke(wsedu: Run, rule: str, language: str, who: str) -> None:
    def break_it(link: ServerConnection) -> None:
        link.socket.sendall(BROKEN[rule])
        link.recv_events_thread.join()

    with their_server(break_it) as uri:
        done = talk(wsedu, uri, options=("--lang", language))
    assert done.returncode == 1
    assert f"{who} {rule}" in done.stderr.splitlines()[-1]


def test_a_refused_handshake_shows_both_heads_and_says_why(wsedu: Run) -> None:
    def refuse(link: ServerConnection, request: Any) -> Any:
        return link.respond(403, "not you\n")

    done = talk_to_echo(wsedu, process_request=refuse)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "403" in done.stderr
    assert "GET / HTTP/1.1" in done.stdout
    assert "HTTP/1.1 403 Forbidden" in done.stdout
    assert "RESPONSE_STATUS" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("http://127.0.0.1/",),
        ("ws://127.0.0.1/#part",),
        ("ws://127.0.0.1/", "--header", "no colon"),
        ("ws://127.0.0.1/", "--header", "Host: other"),
        ("ws://127.0.0.1/", "--header", "A: b\r\nC: d"),
        ("ws://127.0.0.1/", "--subprotocol", "not a token"),
        ("wss://127.0.0.1/", "--ca", "nowhere.pem"),
        ("wss://127.0.0.1/", "--ca", "x", "--insecure"),
        ("ws://127.0.0.1/", "--wait", "-1"),
        ("ws://127.0.0.1/", "--save", "x.gif"),
    ],
)
def test_what_cannot_be_asked_for_is_status_2_in_one_line(wsedu: Run, arguments: tuple[str, ...]) -> None:
    done = wsedu("connect", *arguments, "--lang", "zh")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert re.search("[\u4e00-\u9fff]", done.stderr)
    assert "Traceback" not in done.stderr


# --- Options ---


def test_origin_subprotocol_and_headers_are_sent(wsedu: Run) -> None:
    seen: list[Any] = []

    def collect(link: ServerConnection) -> None:
        assert link.request is not None
        seen.extend([link.request.headers["Origin"], link.request.headers["Cookie"], link.subprotocol])

    options = ("--origin", "https://a.example", "--header", "Cookie: a=b:c", "--subprotocol", "x", "--subprotocol", "y")
    with their_server(collect, subprotocols=["y"]) as uri:
        done = talk(wsedu, uri, options=options)
    assert done.returncode == 0, done.stderr
    assert seen == ["https://a.example", "a=b:c", "y"]


def test_compression_is_offered_and_used(wsedu: Run) -> None:
    text = "again " * 50
    done = talk_to_echo(wsedu, text, options=("--compress", "--json"), compression="deflate")
    assert done.returncode == 0, done.stderr
    frames = [json.loads(line) for line in done.stdout.splitlines()]
    data = [step["frame"] for step in frames if step["kind"] == "frame.complete" and step["frame"]["opcode"] == 1]
    assert [frame["rsv1"] for frame in data] == [True, True]
    assert all(len(frame["payload"]) // 2 < len(text) for frame in data)


def test_tls_is_checked_unless_it_is_told_otherwise(wsedu: Run, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    with their_server(echo, ssl=context) as uri:
        distrustful = talk(wsedu, uri, "Hello")
        trusting = talk(wsedu, uri, "Hello", options=("--ca", str(file)))
        careless = talk(wsedu, uri, "Hello", options=("--insecure",))
    assert [done.returncode for done in (distrustful, trusting, careless)] == [1, 0, 0]
    assert "Hello" not in distrustful.stdout
    assert len(distrustful.stderr.splitlines()) == 1


def test_the_trace_is_saved_whole(wsedu: Run, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    done = talk_to_echo(wsedu, "Hello", options=("--save", str(file)))
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line)["kind"] for line in file.read_text().splitlines()]
    assert printed[0] == "trace.header"
    assert "close.status" in printed
    assert len(Trace.load(str(file)).frames(sent=False)) == 2
    assert wsedu("decode", str(file)).returncode == 0


def test_our_own_server_and_client_speak_with_each_other(wsedu: Run) -> None:
    with serving("--app", "chat", "--compress") as server:
        done = talk(wsedu, server.uri, "Hello", "/ping x", "/fragment 4 in four", options=("--compress",))
        server.until("ended cleanly")
        _, _, status = server.stop()
    assert (done.returncode, status) == (0, 0), done.stderr
    assert "guest 1: Hello" in done.stdout
    assert "guest 1: in four" in done.stdout


# --- On a terminal ---


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What appears on a terminal up to some text."""
    seen, end = b"", time.monotonic() + DEADLINE
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], end - time.monotonic())
        assert ready, seen
        seen += os.read(terminal, 65_536)
        # prompt_toolkit asks a terminal where its cursor is.
        if b"\x1b[6n" in seen[-65_536:]:
            os.write(terminal, b"\x1b[1;1R")
            seen = seen.replace(b"\x1b[6n", b"")
    return seen


def test_on_a_terminal_lines_are_edited_and_remembered(tmp_path: Path) -> None:
    with their_server(echo) as uri:
        near, far = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "wsedu", "connect", uri, "--color", "never"],
            stdin=far,
            stdout=far,
            stderr=far,
            env=environment() | {"XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"},
            start_new_session=True,
        )
        try:
            os.close(far)
            # The prompt is there when it shows its cursor.
            read_until(near, b"\x1b[?25h")
            os.write(near, b"Hallo\x7f\x7f\x7f\x7fello\r")
            read_until(near, b"has read a whole text message")
            os.write(near, b"/quit\r")
            read_until(near, b"What it took")
            # What is left is read as well, or the process could not write its last words.
            assert drained(process, near) == 0
        finally:
            process.kill()
            process.wait()
            os.close(near)
    history = tmp_path / "wsedu" / "connect_history"
    assert [line[1:] for line in history.read_text().splitlines() if line.startswith("+")] == ["Hello", "/quit"]
    assert history.parent.stat().st_mode & 0o077 == 0


def drained(process: subprocess.Popen[bytes], terminal: int) -> int:
    """The exit status of a process whose terminal is read to its end."""
    end = time.monotonic() + DEADLINE
    while process.poll() is None and time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            try:
                os.read(terminal, 65_536)
            except OSError:
                break
    return process.wait(DEADLINE)
