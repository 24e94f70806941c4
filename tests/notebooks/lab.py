"""A real JupyterLab or Notebook 7 on a free port, with folders of its own, and pages of it in Chromium."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import nbformat

STARTED = 60.0
"""Seconds that a server may take to start."""

ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"
"""What asks whether to fetch news, and looks for a newer version."""

TALL = "html,body{height:100vh!important;overflow:visible!important}"
"""Without it, the body of JupyterLab has no height, and axe sees nothing."""


FIRST_THEME = "JupyterLab Light"


class JupyterServer:
    """A server that runs notebooks of a folder until it is closed.

    Arguments:
        folder: an empty one for everything that it needs: notebooks, settings, kernels.
        kernel: the interpreter of its kernels; None for the one that runs this.
    """

    def __init__(self, folder: Path, kernel: str | None = None) -> None:
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir()
        places = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        settings = folder / "config" / "labconfig" / "page_config.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"disabledExtensions": {ANNOUNCEMENTS: True}}), encoding="utf-8")
        if kernel is not None:
            spec = folder / "data" / "kernels" / "python3" / "kernel.json"
            spec.parent.mkdir(parents=True)
            argv = [kernel, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
        options = (
            "--allow-root --no-browser --ip=127.0.0.1 --port=0 --IdentityProvider.token= --ServerApp.port_retries=0 "
            "--ServerApp.disable_check_xsrf=True --LabApp.expose_app_in_browser=True "
            "--JupyterNotebookApp.expose_app_in_browser=True"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options.split(), f"--ServerApp.root_dir={self.notebooks}"],
            env={**os.environ, **places, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._said: list[str] = []
        self._address: Future[str] = Future()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._address.result(STARTED)

    def _read(self) -> None:
        """Keep what the server says; the first line with its address says that it listens."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            if found and not self._address.done():
                self._address.set_result(found[0])
        if not self._address.done():
            self._address.set_exception(RuntimeError(self.log()))

    def log(self) -> str:
        """What the server has said so far."""
        return "".join(self._said)

    def write(self, name: str, cells: Sequence[str] | nbformat.NotebookNode) -> Path:
        """A notebook: a whole one, or one of these code cells."""
        if isinstance(cells, nbformat.NotebookNode):
            notebook = cells
        else:
            notebook = nbformat.v4.new_notebook(
                cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            )
        path = self.notebooks / name
        nbformat.write(notebook, path)
        return path

    def close(self) -> None:
        """End the server and its kernels."""
        self._process.terminate()
        self._process.wait(STARTED)
        self._reader.join(STARTED)
        assert self._process.stdout is not None
        self._process.stdout.close()


class Served(Protocol):
    """A server whose notebooks can be opened."""

    @property
    def url(self) -> str:
        """Its address, which ends with a slash."""

    @property
    def notebooks(self) -> Path:
        """The folder that it shows."""


class LabPage:
    """A notebook open in JupyterLab or Notebook 7.

    Arguments:
        page: of Playwright; one that shows JupyterLab already opens the notebook without loading itself anew.
        server: whose notebook it is.
        name: of the notebook.
        notebook7: open it in Notebook 7 instead of JupyterLab.
    """

    def __init__(self, page: Any, server: Served, name: str, *, notebook7: bool = False) -> None:
        self.page = page
        self.server = server
        self.path = server.notebooks / name
        self.notebook7 = notebook7
        if not notebook7 and page.url.startswith(f"{server.url}lab"):
            page.evaluate(_OPEN, name)
            page.wait_for_function(_KERNEL_IDLE)
        else:
            self._load(f"{server.url}notebooks/{name}" if notebook7 else f"{server.url}lab/tree/{name}?reset")

    def _load(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.page.evaluate("async () => { await window.jupyterapp.restored; }")
        self.page.wait_for_function(_KERNEL_IDLE)
        self.page.add_style_tag(content=TALL)

    def run_all(self) -> None:
        """Run every cell and wait until the last one is done."""
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.page.wait_for_function(_KERNEL_IDLE)

    def start_all(self) -> None:
        """Begin to run every cell."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def theme(self, name: str) -> None:
        """Change the theme, such as `JupyterLab Dark`."""
        self.page.evaluate(
            "async theme => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }", name
        )
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=name)
        self.page.wait_for_function("() => !document.getElementById('jupyterlab-splash')")

    def ask(self, expression: str) -> str:
        """The repr of an expression in the kernel, as a cell of the user would see it."""
        return self.run(f'print(repr(({expression})), end="")')

    def run(self, code: str) -> str:
        """Run code in the kernel outside the notebook, and give what it prints."""
        text: str = self.page.evaluate(_RUN, code)
        return text

    def idle(self) -> None:
        """Wait until no cell runs and every widget shows what Python has confirmed."""
        self.page.wait_for_function(_KERNEL_IDLE)
        self.page.wait_for_function("() => !document.querySelector('.wsedu[aria-busy=true]')")

    def errors(self) -> list[str]:
        """Outputs that are errors."""
        found: list[str] = self.page.locator(
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr'], "
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"
        ).all_inner_texts()
        return found

    def shut_down(self) -> None:
        """End the kernel of this notebook."""
        self.page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")

    def close(self) -> None:
        """End the kernel and close the notebook, unsaved; JupyterLab stays, in its first theme and as it comes."""
        self.shut_down()
        self.page.evaluate("() => { window.jupyterapp.shell.currentWidget.dispose(); }")
        self.theme(FIRST_THEME)
        self.page.emulate_media(reduced_motion="no-preference", forced_colors="none")

    def save(self) -> Any:
        """Save the notebook and read it."""
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
        return nbformat.read(self.path, as_version=4)


_SESSION = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
_OPEN = """
async path => {
  const widget = await window.jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
  await widget.context.ready;
  await widget.sessionContext.ready;
  window.jupyterapp.shell.activateById(widget.id);
}
"""
_KERNEL_IDLE = f"() => {_SESSION}?.status === 'idle'"
_RUN = f"""
code => new Promise((resolve, reject) => {{
  const future = {_SESSION}.requestExecute({{code, store_history: false}});
  let text = "";
  future.onIOPub = message => {{
    if (message.header.msg_type === "stream") text += message.content.text;
    if (message.header.msg_type === "error") reject(new Error(message.content.evalue));
  }};
  future.done.then(() => resolve(text));
}})
"""
