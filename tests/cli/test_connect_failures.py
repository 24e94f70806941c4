"""Why there is no connection: one line that says what was wrong and what to do about it."""

from __future__ import annotations

import http.server
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme

from tests.cli.conftest import Run

KEYS = {200: "ordinary page", 401: "--header", 403: "--origin", 404: "path", 421: "host name", 426: "handshake"}


@contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that says these bytes to everybody who has asked for something, and ends TCP; gives its port."""

    def serve() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            with link:
                try:
                    near = link if context is None else context.wrap_socket(link, server_side=True)
                    near.recv(65_536)
                    near.sendall(answer)
                    # Until the other end has read it all, and ended its direction.
                    near.shutdown(socket.SHUT_WR)
                    while near.recv(65_536):
                        continue
                except OSError:
                    continue

    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def why(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a connection that did not come about."""
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    return done.stderr


@pytest.mark.parametrize("status", KEYS)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_status_other_than_101_is_told_with_what_it_comes_from(wsedu: Run, status: int, version: str) -> None:
    reason = http.HTTPStatus(status).phrase
    line = f"HTTP/{version} {status} {reason}"
    with answering(f"{line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()) as port:
        told = why(wsedu("connect", f"ws://127.0.0.1:{port}/nowhere"))
    assert line in told
    assert KEYS[status] in told


def test_a_redirect_is_shown_and_not_followed(wsedu: Run) -> None:
    with answering(b"HTTP/1.1 302 Found\r\nLocation: /\x1b[31mlogin\r\nConnection: close\r\n\r\n") as port:
        hostile = why(wsedu("connect", f"ws://127.0.0.1:{port}/"))
    assert "\x1b" not in hostile
    with answering(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nConnection: close\r\n\r\n") as port:
        assert '"/login"' in why(wsedu("connect", f"ws://127.0.0.1:{port}/"))


def test_a_server_of_another_protocol_is_shown_by_how_its_answer_begins(wsedu: Run) -> None:
    with answering(b"220 mail.example ESMTP\r\n") as port:
        assert '"220 mail.example ESMTP' in why(wsedu("connect", f"ws://127.0.0.1:{port}/"))


def test_a_web_server_that_knows_no_websocket_is_told_by_its_404(wsedu: Run) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Not into the output of the tests."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            told = why(wsedu("connect", f"ws://127.0.0.1:{server.server_port}/is/not/there"))
        finally:
            server.shutdown()
            thread.join()
    assert "404" in told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_where_nobody_listens(wsedu: Run, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    done = wsedu("connect", f"ws://{host}:{port}/")
    assert "nothing listens" in why(done)
    # No request has gone out, so none is shown.
    assert done.stdout == ""


def test_a_name_that_no_host_has(wsedu: Run) -> None:
    assert "host" in why(wsedu("connect", "ws://no-such-host.invalid/"))


def server_context() -> ssl.SSLContext:
    """TLS with a certificate of an authority that nobody knows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_certificate_of_an_unknown_authority_says_how_to_trust_it(wsedu: Run) -> None:
    with answering(b"", server_context()) as port:
        told = why(wsedu("connect", f"wss://127.0.0.1:{port}/"))
    assert "certificate" in told
    assert "--ca" in told


def test_tls_on_one_side_only_says_which_scheme_to_try(wsedu: Run) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n") as port:
        assert "try ws://" in why(wsedu("connect", f"wss://127.0.0.1:{port}/"))
    with answering(b"", server_context()) as port:
        assert "wss://" in why(wsedu("connect", f"ws://127.0.0.1:{port}/"))
