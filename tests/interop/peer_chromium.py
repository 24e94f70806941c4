"""Chromium as a peer: the `WebSocket` of a page, driven by Playwright. It is a client only."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from ..browser.conftest import FLAGS, NAMES, TIMEOUT
from ..conftest import require_component
from .ends import CLIENT, REFUSED_CASE, Closed, Dial, Manner, Peer, Refused

OPEN = """uri => new Promise(done => {
    window.heard = [];
    window.wanted = null;
    window.over = new Promise(ended => {
        window.ws = new WebSocket(uri);
        ws.binaryType = "arraybuffer";
        ws.onopen = () => done(true);
        ws.onclose = event => { ended([event.code, event.reason]); done(false); };
        ws.onmessage = event => {
            const text = typeof event.data === "string";
            const bytes = text ? event.data : btoa(new Uint8Array(event.data).reduce(
                (all, byte) => all + String.fromCharCode(byte), ""));
            heard.push([text, bytes]);
            if (wanted) { wanted(heard.shift()); wanted = null; }
        };
    });
})"""
SEND = """([text, data]) => ws.send(
    text ? data : Uint8Array.from(atob(data), letter => letter.charCodeAt(0)))"""
RECEIVE = "() => heard.length ? heard.shift() : new Promise(done => { wanted = done; })"

STATUS = re.compile(r"WebSocket connection to '[^']*' failed: .*\b(\d{3})$")
"""What Chromium writes on its console for whoever develops a page, and keeps from the page."""


class End:
    """See `Other`."""

    def __init__(self, page: Any) -> None:
        self._page = page

    async def send(self, message: str | bytes) -> None:
        text = isinstance(message, str)
        await self._page.evaluate(
            SEND, [text, message if isinstance(message, str) else base64.b64encode(message).decode()]
        )

    async def send_fragments(self, pieces: Sequence[str]) -> None:
        raise AssertionError(NO_FRAGMENTS)

    async def recv(self) -> str | bytes:
        text, data = await self._page.evaluate(RECEIVE)
        return str(data) if text else base64.b64decode(data)

    async def ping(self, payload: bytes) -> None:
        raise AssertionError(NO_PING)

    async def close(self, code: int, reason: str) -> None:
        await self._page.evaluate("([code, reason]) => { ws.close(code, reason); }", [code, reason])

    async def closed(self) -> Closed:
        return Closed(*await self._page.evaluate("() => over"))


def path() -> str:
    """Where Chromium is."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        require_component(NAMES[0], "apt install chromium")
    assert found is not None
    return found


@asynccontextmanager
async def client() -> AsyncIterator[Dial]:
    require_component("playwright", "pip install playwright")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path(), headless=True, args=list(FLAGS), timeout=TIMEOUT
        )
        page = await browser.new_page(ignore_https_errors=True)
        page.set_default_timeout(TIMEOUT)
        told: list[int] = []

        def listen(message: Any) -> None:
            found = STATUS.search(message.text)
            if found:
                told.append(int(found[1]))

        page.on("console", listen)

        @asynccontextmanager
        async def dial(uri: str, manner: Manner) -> AsyncIterator[End]:
            told.clear()
            if not await page.evaluate(OPEN, uri):
                # A page is told nothing but that it failed (RFC 6455 §10.2 is one reason why); the console has more.
                while not told:
                    await page.wait_for_event("console")
                raise Refused(told[0])
            yield End(page)

        try:
            yield dial
        finally:
            await browser.close()


def version() -> str:
    """As `chromium --version` has it."""
    told = subprocess.run([path(), "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    found = re.search(r"[\d.]+", told)
    return found[0] if found else told.strip()


NO_FRAGMENTS = "a page cannot send fragments: the browser decides on frames"
NO_PING = "a page cannot send a Ping, nor see one"
NO_STATUS = "a page is told 1006 and no HTTP status; the status is read from what the browser writes on its console"
PEER = Peer(
    "Chromium",
    version,
    client,
    None,
    cannot={
        CLIENT: "a browser does not listen for connections",
        "fragments from the peer": NO_FRAGMENTS,
        "Ping from the peer": NO_PING,
    },
    differs={REFUSED_CASE: NO_STATUS},
)
