"""Make wsedu/overhead/profiles.json: what real clients and servers write in their heads.

python tools/header_profiles.py

Requests are taken from the installed Chromium (a page that fetches, an EventSource, a WebSocket) and from Python's
urllib; answers from aiohttp's and Python's servers, as the measuring harness uses the first. The heads of the article
of 2009 are kept as they were published.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from aiohttp import web

from tests.notebooks.browsing import chromium

FILE = Path(__file__).parents[1] / "wsedu" / "overhead" / "profiles.json"
PORT = "54321"
"""What stands for the port of the run, of which every free one has as many digits."""

COOKIES = (
    "sessionid=6f1f7a8f0c0e4b9fb0a3d0f6b7c21e55; csrftoken=Zb2sX0rT9vQ4mE7kL1pW8nC3yH6uJ5aD; "
    "_ga=GA1.1.1234567890.1700000000; consent=necessary%2Cstatistics; theme=dark; lang=en"
)
"""Six cookies as sites set them, made up: a session, a token against forgery, statistics, consent, two preferences."""

PAGE = "<!doctype html><title>heads</title>"
ASK = """async () => {
  await (await fetch("/poll")).text();
  await new Promise((resolve) => { new EventSource("/events").onerror = resolve; });
  await new Promise((resolve) => { new WebSocket(`ws://${location.host}/ws`).onerror = resolve; });
}"""

ARTICLE_REQUEST = """\
GET /PollingStock//PollingStock HTTP/1.1
Host: localhost:8080
User-Agent: Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.1.5) Gecko/20091102 Firefox/3.5.5
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
Accept-Language: en-us
Accept-Encoding: gzip,deflate
Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7
Keep-Alive: 300
Connection: keep-alive
Referer: http://www.example.com/PollingStock/
Cookie: showInheritedConstant=false; showInheritedProtectedConstant=false; showInheritedProperty=false; \
showInheritedProtectedProperty=false; showInheritedMethod=false; showInheritedProtectedMethod=false; \
showInheritedEvent=false; showInheritedStyle=false; showInheritedEffect=false"""
ARTICLE_ANSWER = """\
HTTP/1.x 200 OK
X-Powered-By: Servlet/2.5
Server: Sun Java System Application Server 9.1_02
Content-Type: text/html;charset=UTF-8
Date: Sat, 07 Nov 2009 00:32:46 GMT"""

Heads = dict[str, list[str]]


class Listener:
    """Keeps the heads of the requests that reach it, by their path, and answers each with a page."""

    def __init__(self) -> None:
        self.heads: Heads = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            head: list[str] = []
            for raw in lines:
                line = raw.decode("latin-1").rstrip("\r\n")
                if line:
                    head.append(line.replace(str(self.port), PORT))
                    continue
                self.heads.setdefault(head[0].split(" ")[1], head)
                body = PAGE.encode()
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                head = []

    def close(self) -> None:
        self._socket.close()


def requests() -> tuple[Heads, Heads]:
    """What Chromium and urllib ask with, by path."""
    listener = Listener()
    try:
        with chromium() as browser:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{listener.port}/")
            page.evaluate(ASK)
            browsers = dict(listener.heads)
        listener.heads.clear()
        for path in ("/poll", "/events"):
            urllib.request.urlopen(f"http://127.0.0.1:{listener.port}{path}").read()
        return browsers, dict(listener.heads)
    finally:
        listener.close()


def answer_of(port: int) -> list[str]:
    """The head of a server's answer, without the length of its body."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /poll HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return [line for line in lines if not line.lower().startswith("content-length:")]


def answers() -> tuple[list[str], list[str]]:
    """What aiohttp and Python's own server answer with."""

    class Bare(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Bare) as bare:
        threading.Thread(target=bare.serve_forever, daemon=True).start()
        plain = answer_of(bare.server_port)
        bare.shutdown()
    return asyncio.run(_aiohttp_answer()), plain


async def _aiohttp_answer() -> list[str]:
    async def poll(_request: web.Request) -> web.Response:
        return web.Response(text="", headers={"Cache-Control": "no-store"})

    application = web.Application()
    application.router.add_get("/poll", poll)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        return await asyncio.to_thread(answer_of, runner.addresses[0][1])
    finally:
        await runner.cleanup()


def own_lines(head: list[str]) -> list[str]:
    """The lines of a handshake that are not RFC 6455's: wsedu writes those itself."""
    return [line for line in head[1:] if not re.match(r"(Host|Upgrade|Connection|Sec-WebSocket-.*):", line, re.I)]


def kept(head: list[str]) -> list[str]:
    """A head of urllib without its `Connection: close`: whether a connection is kept is what is compared."""
    return [line for line in head if not line.startswith("Connection:")]


def profiles() -> dict[str, Any]:
    """All of them."""
    browser, bare = requests()
    served, plain = answers()
    cookie = [f"Cookie: {COOKIES}"]
    article = ARTICLE_REQUEST.split("\n")
    made = {
        "poll": browser["/poll"],
        "sse": browser["/events"],
        "websocket": own_lines(browser["/ws"]),
        "answer": served,
    }
    chromium_version = re.search(r"Chrome/(\d+)", "\n".join(browser["/poll"]))
    by = {"python": sys.version.split()[0], "aiohttp": version("aiohttp")}
    seen = {**by, "chromium": chromium_version[1] if chromium_version else "?"}
    return {
        "bare": {
            "made_by": by,
            "poll": kept(bare["/poll"]),
            "sse": kept(bare["/events"]),
            "websocket": [],
            "answer": plain,
        },
        "browser": {"made_by": seen, **made},
        "cookies": {
            "made_by": seen,
            **{key: made[key] + cookie for key in ("poll", "sse", "websocket")},
            "answer": served,
        },
        "article-2009": {
            "made_by": {},
            "poll": article,
            "sse": article,
            "websocket": own_lines(article),
            "answer": ARTICLE_ANSWER.split("\n"),
        },
    }


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(profiles(), indent=1) + "\n", encoding="utf-8")
    print(FILE.relative_to(Path.cwd()) if FILE.is_relative_to(Path.cwd()) else FILE.name)


if __name__ == "__main__":
    main()
