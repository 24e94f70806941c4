"""A learner on JupyterHub, as a browser is one: the login form, the server, a lesson, its cells over a WebSocket."""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from wsedu.course.copying import FOLDER

DONE = re.compile(r'"ready": *true')
FAILED = re.compile(r'"failed": *true')


@dataclass
class Times:
    """What a learner waited for.

    Arguments:
        start: seconds from the login form sent to the page of JupyterLab.
        run: seconds for all cells of the lesson, its kernel's start included.
        cells: how many have run.
    """

    start: float
    run: float
    cells: int


class Learner:
    """Somebody who works on a lesson.

    Arguments:
        session: with a jar for cookies of addresses that are numbers.
        url: of the hub.
        name: to log in with.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, name: str) -> None:
        self._session, self._url, self.name = session, url, name
        self._own = f"{url}/user/{name}/"

    async def work(self, password: str, lesson: str) -> Times:
        """Log in, wait for the server, open the lesson and run all of it."""
        begun = time.perf_counter()
        await self._log_in(password)
        await self._open_lab()
        opened = time.perf_counter()
        cells = await self._code_cells(lesson)
        await self._run(lesson, cells)
        return Times(opened - begun, time.perf_counter() - opened, len(cells))

    async def _log_in(self, password: str) -> None:
        """By the form; its answer leads to the page that waits for the server."""
        async with self._session.get(f"{self._url}/hub/login") as answer:
            found = re.search(r'name="_xsrf" value="([^"]+)"', await answer.text())
        assert found is not None, "the login form has its hidden field"
        form = {"_xsrf": found[1], "username": self.name, "password": password}
        async with self._session.post(f"{self._url}/hub/login?next=%2Fhub%2Fspawn", data=form) as answer:
            page = await answer.text()
            if not answer.ok:
                raise RuntimeError(f"{self.name} could not log in ({answer.status}): {page[:2000]}")
        progress = re.search(r'new EventSource\("([^"]+)"\)', page)
        if progress is not None:
            await self._wait_for_server(progress[1].replace("\\u0026", "&").replace("&amp;", "&"))

    async def _wait_for_server(self, progress: str) -> None:
        """Read what the page of a starting server reads: events until it is ready."""
        async with self._session.get(f"{self._url}{progress}") as answer:
            answer.raise_for_status()
            async for line in answer.content:
                text = line.decode()
                if FAILED.search(text):
                    raise RuntimeError(f"the server of {self.name} did not start: {text}")
                if DONE.search(text):
                    return
        raise RuntimeError(f"the server of {self.name} did not say that it is ready")

    async def _open_lab(self) -> None:
        async with self._session.get(f"{self._own}lab/tree/{FOLDER}") as answer:
            answer.raise_for_status()
            page = await answer.text()
        assert "jupyter-config-data" in page, "it is the page of JupyterLab"

    async def _code_cells(self, lesson: str) -> list[str]:
        async with self._session.get(f"{self._own}api/contents/{FOLDER}/{lesson}") as answer:
            answer.raise_for_status()
            notebook = (await answer.json())["content"]
        return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]

    async def _run(self, lesson: str, cells: list[str]) -> None:
        asked = {
            "path": f"{FOLDER}/{lesson}",
            "name": lesson,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        async with self._session.post(f"{self._own}api/sessions", json=asked, headers=self._token()) as answer:
            answer.raise_for_status()
            kernel = (await answer.json())["kernel"]["id"]
        address = f"{self._own}api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        async with self._session.ws_connect(address, origin=self._url, max_msg_size=0) as channels:
            for code in cells:
                await self._execute(channels, code)

    def _token(self) -> dict[str, str]:
        """What JupyterLab sends along with what changes something: the cookie of this server, as a header."""
        cookies = self._session.cookie_jar.filter_cookies(URL(self._own))
        return {"X-XSRFToken": cookies["_xsrf"].value}

    async def _execute(self, channels: Any, code: str) -> None:
        """Run a cell until its kernel is idle again and has replied."""
        request = _request(code, self.name)
        await channels.send_str(json.dumps(request))
        waiting = {"idle", "reply"}
        while waiting:
            message = json.loads((await channels.receive()).data)
            if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "execute_reply":
                if content["status"] != "ok":
                    raise RuntimeError(f"a cell of {self.name} failed:\n{code}\n{content}")
                waiting.discard("reply")
            if kind == "status" and content["execution_state"] == "idle":
                waiting.discard("idle")


def _request(code: str, user: str) -> dict[str, Any]:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": user,
        "session": uuid.uuid4().hex,
        "date": "",
        "version": "5.3",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
    return {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "buffers": [],
        "channel": "shell",
    }
