"""The course ships in the wheel: built, installed into an empty environment, opened and run in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.browser.conftest import TIMEOUT
from tests.browser.conftest import browser as browser
from tests.course.commands import outside, surroundings
from tests.course.test_lab import address_of, lab
from tests.notebooks.lab import LabPage
from wsedu.course.notebooks import notebooks
from wsedu.grading.exercise import exercises

ROOT = Path(__file__).parents[2]
LESSON = "03_frames.ipynb"
FIRST_IS_OPEN = """() => {
  const widget = window.jupyterapp.shell.currentWidget;
  return widget?.context?.path === "00_start.ipynb" && widget.sessionContext.session?.kernel?.status === "idle";
}"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", folder, ROOT]
    subprocess.run(build, check=True, timeout=240, capture_output=True, cwd=folder, env=outside())
    (made,) = folder.glob("wsedu-*.whl")
    return made


def test_the_wheel_has_the_notebooks_of_both_languages_and_no_sources(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        within = {name: archive.read(name) for name in archive.namelist() if name.startswith("wsedu/_notebooks/")}
    wanted = {
        f"wsedu/_notebooks/{path.relative_to(ROOT / 'notebooks').as_posix()}": path.read_bytes()
        for folder in (ROOT / "notebooks", ROOT / "notebooks" / "zh")
        for path in folder.glob("*.ipynb")
    }
    assert within == wanted
    assert f"wsedu/_notebooks/zh/{LESSON}" in within


def test_the_wheel_has_one_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
        names = set(archive.namelist())
    assert {top for top in tops if not top.endswith(".dist-info")} == {"wsedu"}
    plain = {path.relative_to(ROOT).as_posix() for path in (ROOT / "wsedu").rglob("*.toml")}
    assert plain <= names
    assert {f"wsedu/_exercises/{one.folder.name}/checks.py" for one in exercises()} <= names


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_unpacked_copies_the_course(wheel: Path, tmp_path: Path, language: str) -> None:
    """The wheel alone on the path: what it does not have, nobody has."""
    site, folder = tmp_path / "site", tmp_path / "empty"
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    done = subprocess.run(
        [sys.executable, "-m", "wsedu", "lab", "--copy", "--lang", language],
        cwd=folder,
        env=surroundings(PYTHONPATH=str(site)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    course = folder / "wsedu-course"
    assert {path.name for path in course.glob("*.ipynb")} == set(notebooks(language))
    for name, text in notebooks(language).items():
        assert (course / name).read_text(encoding="utf-8") == text
    files = {path.name for path in (course / "wsedu-exercises").glob("[0-9]*.py")}
    assert files == {exercise.file for exercise in exercises()}


# --- All of it, as a learner has it ---


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment into which the wheel was installed with all that lessons need."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120, env=outside())
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", f"{wheel}[lab]"]
    subprocess.run(install, check=True, timeout=500, capture_output=True, env=outside())
    return python


class Served(NamedTuple):
    """What a page of JupyterLab has to know of its server."""

    url: str
    notebooks: Path


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_the_wheel_in_an_empty_folder_a_lesson_runs_to_its_end_in_a_browser(
    installed: Path, browser: Any, tmp_path: Path, language: str
) -> None:
    config = tmp_path / ".CONFIG" / "jupyter_lab_config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}), encoding="utf-8")
    complaints: list[str] = []
    requests: set[str] = set()
    with lab(tmp_path, "--no-browser", "--lang", language, python=installed) as (_, said):
        address = address_of(said)
        server = Served(address.partition("lab/")[0], tmp_path / "wsedu-course")
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(2 * TIMEOUT)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: requests.add(request.url))
        page.goto(address)
        page.wait_for_function("window.jupyterapp !== undefined")
        page.evaluate("async () => { await window.jupyterapp.restored; }")
        # What is opened by itself is the first notebook; another one comes to the front only after it.
        page.wait_for_function(FIRST_IS_OPEN)
        lesson = LabPage(page, server, LESSON)
        lesson.run_all()
        lesson.idle()
        assert lesson.errors() == []
        assert lesson.ask("wsedu.__file__").startswith(f"'{installed.parents[1]}")
        assert page.locator(".jp-OutputArea-output section.wsedu").count() > 0
        cells = json.loads(notebooks(language)[LESSON])["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert lesson.ask("len([cell for cell in In if cell])") == str(len(code))
        menu = page.locator(".lm-MenuBar-itemLabel").first.inner_text()
        assert menu == {"en": "File", "zh": "文件"}[language]
        assert page.locator(".jp-Notification-Toast-Content, .Toastify__toast").count() == 0
        page.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith((server.url, f"blob:{server.url}", "data:"))} == set()
