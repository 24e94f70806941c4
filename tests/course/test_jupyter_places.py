"""What `lab` opens, and what a learner finds there: the first notebook or what was open, a terminal with its Python."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from tests.course.commands import Run
from tests.course.commands import command as command
from tests.course.test_lab import SECONDS, address_of, ask, lab
from wsedu.course import jupyter_places
from wsedu.course.jupyter_places import START, WORKSPACES, first_page, in_its_places, places, variables
from wsedu.course.notebooks import notebooks

ROOT = Path(__file__).parents[2]


def kept(folder: Path, text: str, name: str = "default-37a8") -> None:
    (folder / WORKSPACES).mkdir(exist_ok=True)
    (folder / WORKSPACES / f"{name}.jupyterlab-workspace").write_text(text, encoding="utf-8")


def workspace(dock: dict[str, Any]) -> str:
    return json.dumps({"data": {"layout-restorer:data": {"main": {"dock": dock}}}})


ONE = {"type": "tab-area", "currentIndex": 0, "widgets": ["notebook:03_frames.ipynb"]}
NONE = {"type": "tab-area", "currentIndex": 0, "widgets": []}


# --- What is opened ---


def test_the_first_notebook_is_there_in_both_languages() -> None:
    assert next(iter(notebooks("en"))) == next(iter(notebooks("zh"))) == START


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (workspace(ONE), "/lab"),
        (workspace({"type": "split-area", "children": [NONE, ONE]}), "/lab"),
        (workspace(NONE), "/lab/tree/00_start.ipynb"),
        ('{"data": {}}', "/lab/tree/00_start.ipynb"),
        ('{"data": {"layout-restorer:data": {"main": null}}}', "/lab/tree/00_start.ipynb"),
        ("{", "/lab/tree/00_start.ipynb"),
    ],
    ids=["a notebook", "a split window", "only the launcher", "nothing", "no main area", "damaged"],
)
def test_what_was_open_is_opened_again_and_else_the_first_notebook(tmp_path: Path, text: str, page: str) -> None:
    assert first_page(tmp_path, classic=False, new=True) == "/lab/tree/00_start.ipynb"
    kept(tmp_path, text)
    assert first_page(tmp_path, classic=False, new=False) == page


def test_notebook_shows_the_files_the_next_time(tmp_path: Path) -> None:
    assert first_page(tmp_path, classic=True, new=True) == "/notebooks/00_start.ipynb"
    assert first_page(tmp_path, classic=True, new=False) == "/tree"


# --- What it finds ---


def test_the_places_of_lab_are_left_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/own")
    monkeypatch.delenv("JUPYTER_PREFER_ENV_PATH", raising=False)
    before = dict(os.environ)
    with in_its_places():
        inside = dict(os.environ)
    assert os.environ == before
    changed = {name: value for name, value in inside.items() if before.get(name) != value}
    assert changed
    assert changed.items() <= variables("en").items()
    assert inside["JUPYTER_CONFIG_PATH"].endswith(f"{os.pathsep}/own")


def test_each_folder_keeps_its_own_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", "/shared")
    places = {variables("en", tmp_path / name)["JUPYTERLAB_WORKSPACES_DIR"] for name in ("one", "two")}
    assert places == {str(tmp_path.resolve() / name / WORKSPACES) for name in ("one", "two")}
    assert variables("en")["JUPYTERLAB_WORKSPACES_DIR"] == "/shared"


PACK = {
    "METADATA": "Metadata-Version: 2.1\nName: jupyterlab-language-pack-zh-CN\nVersion: 4.5\n",
    "entry_points.txt": "[jupyterlab.languagepack]\nzh_CN = jupyterlab_language_pack_zh_CN\n",
}


@pytest.mark.parametrize(
    ("language", "chosen", "menus"),
    [("zh", None, "zh_CN"), ("zh", "en", "en"), ("en", None, "default")],
    ids=["a Chinese course", "whose learner has chosen English", "an English course"],
)
def test_the_menus_speak_as_the_course_does_unless_the_learner_has_chosen(
    tmp_path: Path, language: str, chosen: str | None, menus: str
) -> None:
    """With a package that says it is the translation; a real one is seen with the wheel."""
    pack = tmp_path / "site" / "jupyterlab_language_pack_zh_cn-4.5.dist-info"
    pack.mkdir(parents=True)
    for name, text in PACK.items():
        (pack / name).write_text(text, encoding="utf-8")
    own = tmp_path / ".CONFIG" / "lab" / "user-settings" / "@jupyterlab" / "translation-extension"
    own.mkdir(parents=True)
    if chosen:
        (own / "plugin.jupyterlab-settings").write_text(json.dumps({"locale": chosen}), encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    with lab(tmp_path, "--no-browser", "--lang", language, PYTHONPATH=path) as (_, said):
        found = ask(address_of(said), "settings/@jupyterlab/translation-extension:plugin", base="lab/api")
    assert isinstance(found, dict)
    assert found["settings"].get("locale", found["schema"]["properties"]["locale"]["default"]) == menus


def test_without_a_translation_no_other_language_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter_places, "entry_points", lambda **_: ())
    assert places("zh") == places("en")


def test_jupyterlab_keeps_them_there_and_opens_them_again(tmp_path: Path) -> None:
    """By the request that JupyterLab in a browser makes when the window changes."""
    with lab(tmp_path, "--no-browser") as (_, said):
        address = address_of(said)
        assert urlsplit(address).path == "/lab/tree/00_start.ipynb"
        window = {**json.loads(workspace(ONE)), "metadata": {"id": "default"}}
        ask(address, "workspaces/default", window, base="lab/api", method="PUT")
    (made,) = (tmp_path / "wsedu-course" / WORKSPACES).iterdir()
    assert json.loads(made.read_text(encoding="utf-8"))["data"] == window["data"]
    with lab(tmp_path, "--no-browser") as (_, said):
        assert urlsplit(address_of(said)).path == "/lab"


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh"])
def test_a_terminal_has_the_python_of_the_course_and_begins_in_its_folder(
    command: Run, tmp_path: Path, shell: str
) -> None:
    """Whose environment was never activated, and whose settings put another Python first."""
    folder = tmp_path / "wsedu-course"
    command("lab", "--copy")
    # A file of the learner's that is called like a module keeps nothing from starting.
    (folder / "random.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    (other / "python").symlink_to("/bin/false")
    (tmp_path / ".bashrc").write_text(f"PATH={other}:$PATH\n", encoding="utf-8")
    surroundings = {"PATH": "/usr/bin:/bin", "SHELL": shell, "HOME": str(tmp_path)}
    with lab(tmp_path, "--no-browser", **surroundings) as (_, said):
        address = address_of(said)
        terminal = ask(address, "terminals", {})
        assert isinstance(terminal, dict)
        parts = urlsplit(address)
        uri = f"ws://{parts.netloc}/terminals/websocket/{terminal['name']}?{parts.query}"
        with connect(uri, proxy=None, origin=f"http://{parts.netloc}", open_timeout=SECONDS) as shell:
            # In two words, so that what the terminal repeats is not taken for the answer.
            code = "import os, sys; print('he' + 're', os.getcwd(), sys.executable, 'en' + 'd')"
            shell.send(json.dumps(["stdin", f'python -P -c "{code}"\r']))
            heard = ""
            while "end\r\n" not in heard:
                kind, *texts = json.loads(shell.recv(SECONDS))
                heard += "".join(texts) if kind == "stdout" else ""
    place = heard.replace("\r\n", "").partition("here ")[2].partition(" end")[0]
    assert place == f"{folder} {sys.executable}"
