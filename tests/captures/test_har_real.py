"""HTTP archives of others: one that Chromium's traffic has just made, and the layout in which mitmproxy writes."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import FLAGS, NAMES, TIMEOUT
from tests.captures.test_commands import DEADLINE
from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from wsedu.loopback import Endpoint, record, serve
from wsedu.protocol.steps import HandshakeRequest, HandshakeResponse, MessageComplete
from wsedu.protocol.types import Opcode, Role
from wsedu.trace.harread import loads_har, read_har
from wsedu.trace.trace import Trace

Said = list[tuple[Role, int, bytes]]
"""The messages of a connection: who read each, its opcode, its bytes."""


def said(trace: Trace) -> Said:
    steps = (record.step for record in trace)
    return [(step.endpoint, int(step.opcode), step.data) for step in steps if isinstance(step, MessageComplete)]  # type: ignore[misc]


# --- Chromium ---

TALK = """
async ([uri, texts]) => {
  const ws = new WebSocket(uri, ["chat"]);
  ws.binaryType = "arraybuffer";
  const next = () => new Promise((done) => ws.addEventListener("message", done, { once: true }));
  await new Promise((done) => ws.addEventListener("open", done, { once: true }));
  for (const text of texts) {
    const answer = next();
    ws.send(text);
    await answer;
  }
  const answer = next();
  ws.send(new Uint8Array([0, 127, 128, 255]));
  await answer;
  const closed = new Promise((done) => ws.addEventListener("close", done, { once: true }));
  ws.close(1000, "bye");
  await closed;
}
"""
TEXTS = ("Hello", "你好 é", "x" * 70_000)
"""None is empty: Playwright leaves messages without data out of the archive."""

BINARY = bytes([0, 127, 128, 255])


@pytest.mark.component("chromium", "apt install chromium")
@pytest.mark.component("playwright", "pip install playwright")
def test_what_chromium_has_said_is_read_from_its_archive(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "chromium.har"
    asyncio.run(asyncio.wait_for(_browse(path), 3 * DEADLINE))
    (found,) = loads_har(path.read_text(encoding="utf-8"))
    expected: Said = []
    for opcode, data in [*((Opcode.TEXT, text.encode()) for text in TEXTS), (Opcode.BINARY, BINARY)]:
        expected += [(Role.SERVER, opcode, data), (Role.CLIENT, opcode, data)]
    assert said(found) == expected
    request = next(record.step for record in found if isinstance(record.step, HandshakeRequest))
    assert request.line == "GET /room?n=1 HTTP/1.1"
    response = next(record.step for record in found if isinstance(record.step, HandshakeResponse))
    assert response.line.startswith("HTTP/1.1 101")
    times = [record.t for record in found if isinstance(record.step, MessageComplete)]
    assert times == sorted(times)
    assert 0 <= times[-1] < 3 * DEADLINE
    done = wsedu("decode", str(path))
    assert done.returncode == 0, done.stderr
    assert "你好" in done.stdout


async def _browse(path: Path) -> None:
    from playwright.async_api import async_playwright

    async def echo(ws: Endpoint) -> None:
        async for message in ws:
            await ws.send(message)

    program = next(found for name in NAMES if (found := shutil.which(name)))
    async with serve(echo, trace=False, subprotocols=["chat"]) as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, headless=True, args=list(FLAGS), timeout=TIMEOUT
        )
        try:
            context = await browser.new_context(record_har_path=path)
            page = await context.new_page()
            await page.evaluate(TALK, [f"{server.uri}room?n=1", list(TEXTS)])
            # The archive is written when the context is closed.
            await context.close()
        finally:
            await browser.close()


# --- mitmproxy ---


def as_mitmproxy_writes(trace: Trace, start: float) -> dict[str, Any]:
    """The entry that mitmproxy's `save.har` makes of an exchange (its addon `savehar`).

    Its URL is one of http; messages have times in seconds, text as it is, and anything else in base64; sizes and
    timings that it does not know are null or -1.
    """
    request = next(record.step for record in trace if isinstance(record.step, HandshakeRequest))
    response = next(record.step for record in trace if isinstance(record.step, HandshakeResponse))
    headers = [[{"name": name, "value": value} for name, value in head.headers] for head in (request, response)]
    target = request.line.split(" ")[1]
    host = dict(request.headers)["Host"]
    return {
        "startedDateTime": datetime.fromtimestamp(start, UTC).isoformat(),
        "time": 3.5,
        "request": {
            "method": "GET",
            "url": f"http://{host}{target}",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers[0],
            "queryString": [],
            "headersSize": 200,
            "bodySize": 0,
        },
        "response": {
            "status": 101,
            "statusText": "Switching Protocols",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers[1],
            "content": {"size": 0, "compression": 0, "mimeType": "", "text": ""},
            "redirectURL": "",
            "headersSize": 150,
            "bodySize": 0,
        },
        "cache": {},
        "timings": {"connect": 0.5, "ssl": None, "send": 1.0, "receive": -1.0, "wait": 2.0},
        "serverIPAddress": "127.0.0.1",
        "_resourceType": "websocket",
        "_webSocketMessages": [
            {
                "type": "send" if record.step.endpoint is Role.SERVER else "receive",
                "time": start + record.t,
                "opcode": int(record.step.opcode),
                "data": record.step.data.decode()
                if record.step.opcode == Opcode.TEXT
                else base64.b64encode(record.step.data).decode(),
            }
            for record in trace
            if isinstance(record.step, MessageComplete)
        ],
    }


@pytest.mark.parametrize("scenario", ["hello", "fragments"])
def test_mitmproxys_layout_is_read(seed: int, scenario: str) -> None:
    trace = record(scenario, seed=seed)
    plain = {"request": {"method": "GET", "url": "http://localhost/"}, "response": {"status": 200}}
    entries = [plain, as_mitmproxy_writes(trace, 1_700_000_000.25)]
    archive = {"log": {"version": "1.2", "creator": {"name": "mitmproxy exporthar"}, "pages": [], "entries": entries}}
    (found,) = read_har(json.loads(json.dumps(archive)))
    assert said(found) == said(trace)
    assert not found.filter(kind="violation").records
    assert found.filter(kind="handshake.check").records
