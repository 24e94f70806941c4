"""`LiveExchange` without a page: what its thread does, with whom it can talk, and what is left of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from tests.widgets.host import use_page_comms
from tests.widgets.live import PATIENCE, Listener, answering
from wsedu.loopback import Endpoint
from wsedu.loopback.tls import throwaway_contexts
from wsedu.protocol.steps import CloseStatus, FrameComplete, MessageComplete, TransportOpened, Violation
from wsedu.protocol.types import Role, State
from wsedu.widgets import LiveExchange, live_session
from wsedu.widgets.base import BadInput
from wsedu.widgets.live_frames import ILLEGAL, broken_rule

Open = Callable[..., Listener]

BOTH = (State.OPEN.name, State.OPEN.name)
GONE = (State.CLOSED.name, State.CLOSED.name)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """`live(…)` makes a live exchange that is listened to, and closes it; no thread and no server may be left."""
    use_page_comms(monkeypatch)
    made: list[LiveExchange] = []

    def make(*arguments: Any, **options: Any) -> Listener:
        made.append(LiveExchange(*arguments, **{"language": "en", **options}))
        return Listener(made[-1])

    yield make
    for one in made:
        one.close()
    assert [thread.name for thread in threading.enumerate() if thread.name == "wsedu-live"] == []


def opened(listener: Listener) -> Listener:
    """Connect, and wait until both ends are open."""
    listener.live.do_connect()
    listener.until_states(*(BOTH if listener.live._session.own else (State.OPEN.name, None)))
    return listener


def messages(listener: Listener, role: Role) -> list[bytes]:
    """What an endpoint has received."""
    steps = (record.step for record in listener.live.trace)
    return [step.data for step in steps if isinstance(step, MessageComplete) and step.endpoint is role]


@contextmanager
def their_server(**options: Any) -> Iterator[tuple[str, list[int | None]]]:
    """An echo server of the `websockets` library, and the status codes with which it was closed."""
    codes: list[int | None] = []

    def echo(connection: Any) -> None:
        with suppress(ConnectionClosed):
            for message in connection:
                connection.send(message)
        codes.append(connection.close_code)

    server = serve(echo, "127.0.0.1", 0, **options)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    scheme = "wss" if "ssl" in options else "ws"
    try:
        yield f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}/", codes
    finally:
        server.shutdown()
        thread.join(PATIENCE)


# --- What passes ---


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("compress", [False, True])
def test_both_sides_talk(live: Open, tls: bool, compress: bool) -> None:
    listener = opened(live(tls=tls, compress=compress))
    text = "Hello " * 100
    listener.live.do_send("client", "text", text)
    listener.until(lambda _: messages(listener, Role.CLIENT) == [text.encode()])
    listener.live.do_send("server", "binary", "01 02 ff")
    listener.until(lambda _: messages(listener, Role.CLIENT)[1:] == [b"\x01\x02\xff"])
    steps = [record.step for record in listener.live.trace]
    assert {bool(step.tls) for step in steps if isinstance(step, TransportOpened)} == {tls}
    first = next(step for step in steps if isinstance(step, FrameComplete))
    assert first.frame.rsv1 is compress
    listener.live.do_close("server", "1001", "bye")
    listener.until_states(*GONE)
    closes = [record.step for record in listener.live.trace if isinstance(record.step, CloseStatus)]
    assert {(step.code, step.clean) for step in closes} == {(1001, True)}
    assert "bye" in {step.reason for step in closes}


def test_a_ping_is_answered_whoever_sends_it(live: Open) -> None:
    listener = opened(live())
    for who in Role:
        listener.live.do_ping(who.value, "are you there?")
        listener.until(lambda _, who=who: "pong.matched" in kinds(listener, who))


def kinds(listener: Listener, role: Role) -> list[str]:
    """The kinds of an endpoint's steps."""
    return [record.step.kind for record in listener.live.trace if record.step.endpoint is role]


def test_a_cut_is_an_abnormal_closure_for_both(live: Open) -> None:
    listener = opened(live())
    listener.live.do_cut("client")
    listener.until_states(*GONE)
    closes = [record.step for record in listener.live.trace if isinstance(record.step, CloseStatus)]
    assert {(step.endpoint, step.code, step.clean) for step in closes} == {(role, 1006, False) for role in Role}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ILLEGAL)
def test_an_illegal_frame_breaks_the_rule_that_the_menu_names(live: Open, name: str, role: Role) -> None:
    listener = opened(live())
    listener.live.do_illegal(role.value, name)
    listener.until_states(*GONE)
    broken = [record.step for record in listener.live.trace if isinstance(record.step, Violation)]
    assert [(step.endpoint, step.rule) for step in broken] == [(role.peer, broken_rule(name, role).name)]


@pytest.mark.parametrize("name", [name for name in ILLEGAL if name != "length"])
def test_websockets_refuses_them_with_the_same_code(live: Open, name: str) -> None:
    """All but a length that is not minimal, which it lets pass."""
    with their_server() as (uri, _):
        listener = opened(live(uri))
        listener.live.do_illegal("client", name)
        listener.until_states(State.CLOSED.name, None)
        closes = [record.step for record in listener.live.trace if isinstance(record.step, CloseStatus)]
    assert [step.code for step in closes] == [broken_rule(name, Role.CLIENT).code]


def test_the_next_connection_has_a_number_of_its_own_and_begins_a_film(live: Open) -> None:
    listener = opened(live())
    first = listener.last["film"]
    listener.live.do_connect()
    again = listener.until(lambda portion: portion["film"] > first and portion["status"]["states"] == list(BOTH))
    assert again["film"] > first
    assert {record.connection for record in listener.live.trace} == {1, 2}
    assert {record.connection for record in listener.live.film().trace} == {2}


def test_somebody_else_who_finds_the_port_is_served_and_not_in_the_picture(live: Open) -> None:
    from websockets.sync.client import connect

    listener = opened(live())
    with connect(listener.live._session.uri or "") as stranger:
        stranger.send("Hello")
        assert stranger.recv() == "Hello"
    drawn = sum(len(portion["reel"]["steps"]["n"]) for portion in listener.told)
    listener.live.do_ping("client", "")
    listener.until(lambda _: "pong.matched" in kinds(listener, Role.CLIENT))
    film = {record.connection for record in listener.live.film().trace}
    assert drawn > 0
    assert film == {1}
    assert {record.connection for record in listener.live.trace} == {1, 2}


# --- With servers of another library ---


@pytest.mark.parametrize("compress", [False, True])
def test_with_a_server_of_websockets(live: Open, compress: bool) -> None:
    with their_server() as (uri, codes):
        listener = opened(live(uri, compress=compress))
        listener.live.do_send("client", "text", "Grüße")
        listener.until(lambda _: messages(listener, Role.CLIENT) == ["Grüße".encode()])
        received = [record.step for record in listener.live.trace.frames(sent=False)]
        assert [step.frame.rsv1 for step in received if isinstance(step, FrameComplete)] == [compress]
        listener.live.do_close("client", "3000", "")
        listener.until_states(State.CLOSED.name, None)
    assert codes == [3000]


def test_over_tls_with_a_server_of_websockets(live: Open) -> None:
    contexts = throwaway_contexts("127.0.0.1")
    with their_server(ssl=contexts.server) as (uri, codes):
        listener = opened(live(uri, ssl=contexts.client))
        listener.live.do_send("client", "text", "Hello")
        listener.until(lambda _: messages(listener, Role.CLIENT) == [b"Hello"])
        listener.live.close()
    assert codes == [1001]


# --- What goes wrong, in one line ---


def failing(live: Open, uri: str, **options: Any) -> str:
    listener = live(uri, **options)
    listener.live.do_connect()
    told = listener.until_failure()
    assert "\n" not in told
    assert listener.live.to_text().splitlines()[1].endswith(told)
    return told


@pytest.mark.parametrize(("language", "words"), [("en", "connection refused"), ("zh", "连接被拒绝")])
def test_a_port_on_which_nobody_listens(live: Open, language: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert words in failing(live, f"ws://127.0.0.1:{port}/", language=language)


def test_a_server_that_never_answers(live: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_session, "TIMEOUTS", replace(live_session.TIMEOUTS, opening=0.2))
    with answering(None) as port:
        assert "did not answer within 0.2 s" in failing(live, f"ws://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"220 mail.example ESMTP\r\n", 'begins with "220 mail.example ESMTP'),
        (b"", "without an answer"),
    ],
)
def test_something_else_than_a_websocket_server(live: Open, answer: bytes, words: str) -> None:
    with answering(answer) as port:
        assert words in failing(live, f"ws://127.0.0.1:{port}/")


def test_a_certificate_that_nobody_vouches_for(live: Open) -> None:
    with their_server(ssl=throwaway_contexts("127.0.0.1").server) as (uri, _):
        assert "cannot be trusted" in failing(live, uri)


def test_tls_where_there_is_none(live: Open) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "TLS could not be agreed on" in failing(live, f"wss://127.0.0.1:{port}/")


def test_an_app_that_fails_is_told(live: Open) -> None:
    async def fail(_endpoint: Endpoint) -> None:
        raise LookupError("no such room")

    listener = live(app=fail)
    listener.live.do_connect()
    assert "LookupError: no such room" in listener.until_failure()
    listener.until_states(*GONE)
    closes = [record.step for record in listener.live.trace if isinstance(record.step, CloseStatus)]
    assert [step.code for step in closes if step.endpoint is Role.CLIENT] == [1011]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda live: live.do_send("client", "binary", "0x1"), "no hex"),
        (lambda live: live.do_close("client", "10OO", ""), "“10OO”"),
        (lambda live: live.do_close("client", "1005", ""), "1005"),
        (lambda live: live.do_ping("client", "x" * 126), "126"),
        (lambda live: live.do_send("client", "text", "x" * (1 << 20) + "x"), "too many for a button"),
        (lambda live: live.do_illegal("client", "nothing"), "nothing"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_the_connection_lives_on(
    live: Open, act: Callable[[LiveExchange], None], words: str
) -> None:
    listener = opened(live())
    with pytest.raises(BadInput, match=words) as refused:
        act(listener.live)
    assert "\n" not in str(refused.value)
    listener.live.do_send("client", "text", "Hello")
    listener.until(lambda _: messages(listener, Role.CLIENT) == [b"Hello"])


def test_who_is_not_there_cannot_act(live: Open) -> None:
    listener = live()
    with pytest.raises(BadInput, match="connect first"):
        listener.live.do_send("server", "text", "Hello")
    with pytest.raises(BadInput, match="connect first"):
        listener.live.do_film()
    foreign = live("ws://127.0.0.1:1/")
    with pytest.raises(BadInput, match="not ours"):
        foreign.live.do_ping("server", "")
    listener.live.close()
    with pytest.raises(BadInput, match="run the cell again"):
        listener.live.do_connect()


@pytest.mark.parametrize("options", [{"app": "nothing"}, {"url": "ws://127.0.0.1:1/", "tls": True}])
def test_what_makes_no_sense_is_refused_at_once(live: Open, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="app"):
        live(**options)


# --- What is left ---


def test_close_ends_the_server_and_says_1001(live: Open) -> None:
    listener = opened(live())
    port = listener.live._session._server.port  # type: ignore[union-attr]
    listener.live.close()
    closes = [record.step for record in listener.live.trace if isinstance(record.step, CloseStatus)]
    assert {(step.endpoint, step.code) for step in closes} == {(role, 1001) for role in Role}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    listener.live.close()


def test_a_server_that_does_not_close_is_not_waited_for_long(live: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_session, "LEAVING", 0.1)

    async def stubborn(endpoint: Endpoint) -> None:
        endpoint.vanish()
        await endpoint.wait_closed()

    listener = opened(live(app=stubborn))
    listener.live.close()
    assert not listener.live._session.running


ENDS = """
import sys
from wsedu.widgets import LiveExchange
live = LiveExchange(sys.argv[1], language="en")
live.do_connect()
while live._session.opening:
    pass
print("connected")
"""


def test_a_kernel_that_ends_says_goodbye() -> None:
    with their_server() as (uri, codes):
        ended = subprocess.run(
            [sys.executable, "-c", ENDS, uri], capture_output=True, text=True, timeout=60, check=True
        )
        assert ended.stdout == "connected\n"
        assert ended.stderr == ""
    assert codes == [1001]
