"""The course on JupyterHub: its configuration, a server that brings the course, a class that runs a lesson."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from traitlets.config import Config, PyFileConfigLoader

import wsedu
from tests.course.commands import bare as bare
from tests.course.commands import outside
from tests.course.test_copying import LESSON, edited
from wsedu.course.copying import FOLDER
from wsedu.course.jupyter_places import WORKSPACES
from wsedu.course.notebooks import notebooks
from wsedu.explain.catalogue import LANGUAGES, part_catalogue

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "teaching" / "jupyterhub.md").read_text(encoding="utf-8")
MIB = 2**20
CLASS = "2"


# --- The configuration ---


def loaded(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    """The configuration as JupyterHub loads it, in these surroundings."""
    for name in [name for name in os.environ if name.startswith("WSEDU_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return PyFileConfigLoader("jupyterhub_config.py", path=str(DEPLOY / "jupyterhub")).load_config()


def test_as_it_comes_users_of_the_system_log_in_and_it_listens_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(monkeypatch)
    assert (found.JupyterHub.authenticator_class, found.JupyterHub.spawner_class) == ("pam", "localprocess")
    assert found.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert found.PAMAuthenticator.allowed_groups == {"students", "teachers"}
    assert found.PAMAuthenticator.admin_groups == {"teachers"}
    assert "allow_all" not in found.Authenticator
    assert "--allow-root" not in found.Spawner.args
    assert found.Spawner.cmd == [sys.executable, "-m", "wsedu.course.hub"]
    assert found.Spawner.default_url == f"/lab/tree/{FOLDER}"
    assert found.Spawner.environment == {"WSEDU_LANG": "en"}
    assert found.JupyterHub.active_server_limit >= 1


def test_groups_language_and_address_come_from_the_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"GROUP": "cs101", "ADMINS": "staff", "URL": "http://0.0.0.0:80"}
    found = loaded(monkeypatch, WSEDU_LANG="zh", **{f"WSEDU_HUB_{name}": value for name, value in variables.items()})
    assert found.PAMAuthenticator.allowed_groups == {"cs101", "staff"}
    assert found.PAMAuthenticator.admin_groups == {"staff"}
    assert found.JupyterHub.bind_url == "http://0.0.0.0:80"
    assert found.Spawner.environment == {"WSEDU_LANG": "zh"}


def test_the_test_password_is_for_this_machine_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    test = {"WSEDU_HUB_TEST_PASSWORD": "secret-secret", "WSEDU_HUB_HOMES": str(tmp_path)}
    found = loaded(monkeypatch, **test, WSEDU_HUB_URL="http://127.0.0.1:1")
    assert (found.JupyterHub.authenticator_class, found.JupyterHub.spawner_class) == ("shared-password", "simple")
    assert found.SimpleLocalProcessSpawner.home_dir_template == str(tmp_path / "{username}")
    for elsewhere in ("http://0.0.0.0:1", "http://:1", "http://127.0.0.1.example.org:1"):
        with pytest.raises(SystemExit, match="let WSEDU_HUB_URL begin with"):
            loaded(monkeypatch, **test, WSEDU_HUB_URL=elsewhere)


# --- A learner's server ---

SERVER = """\
import json, os, sys
names = ("WSEDU_LANG", "JUPYTER_CONFIG_PATH", "JUPYTERLAB_WORKSPACES_DIR")
print(json.dumps({"arguments": sys.argv[1:], **{name: os.environ.get(name) for name in names}, "pid": os.getpid()}))
"""


@pytest.fixture
def hub(tmp_path: Path) -> Any:
    """`hub("--port=1", WSEDU_LANG="zh")` runs the command where a stand-in says what it was started with."""
    package = tmp_path / "installed" / "jupyterhub" / "singleuser"
    package.mkdir(parents=True)
    for place in (package.parent, package):
        (place / "__init__.py").write_text("", encoding="utf-8")
    (package / "__main__.py").write_text(SERVER, encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()

    def run(
        *arguments: str, python: Path | str = sys.executable, installed: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        paths = [str(ROOT), *([str(package.parents[1])] if installed else [])]
        own = {"HOME": str(home), "PYTHONPATH": os.pathsep.join(paths)}
        return subprocess.run(
            [python, "-W", "error", "-m", "wsedu.course.hub", *arguments],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            timeout=60,
            check=False,
            env={**outside(), **own, **variables},
        )

    return run


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_course_is_in_the_home_before_the_server_starts(hub: Any, tmp_path: Path, language: str) -> None:
    done = hub("--port=1", "--debug", WSEDU_LANG=language)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["arguments"] == ["--port=1", "--debug"]
    assert told["WSEDU_LANG"] == language
    assert (Path(told["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0]) / "labconfig").is_dir()
    folder = tmp_path / "home" / FOLDER
    assert told["JUPYTERLAB_WORKSPACES_DIR"] == str(folder / WORKSPACES)
    texts = notebooks(language)
    assert {name: (folder / name).read_text(encoding="utf-8") for name in texts} == texts
    new = len(texts) + len(list((folder / "wsedu-exercises").glob("[!.]*")))
    words = part_catalogue("hub", language).say("hub.copied", folder=str(folder), new=new)
    assert done.stderr == f"wsedu: {words}\n"


def test_what_a_learner_has_done_stays_at_the_next_start_and_so_does_the_language(hub: Any, tmp_path: Path) -> None:
    hub(WSEDU_LANG="zh")
    folder = tmp_path / "home" / FOLDER
    mine = edited(folder / LESSON)
    (folder / "wsedu-exercises" / "README.md").unlink()
    done = hub(WSEDU_LANG="en")
    assert json.loads(done.stdout)["WSEDU_LANG"] == "zh"
    assert (folder / LESSON).read_text(encoding="utf-8") == mine
    say = part_catalogue("hub", "en").say
    assert done.stderr.splitlines() == [
        f"wsedu: {say('hub.copied', folder=str(folder), new=1)}",
        f"wsedu: {say('hub.kept', folder=str(folder), kept=1)}",
    ]


def test_a_home_that_cannot_be_written_to_still_gets_its_server(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "home" / FOLDER).write_text("", encoding="utf-8")
    done = hub("--port=1")
    assert json.loads(done.stdout)["arguments"] == ["--port=1"]
    assert json.loads(done.stdout)["JUPYTERLAB_WORKSPACES_DIR"] is None
    assert "could not be put into" in done.stderr
    assert str(tmp_path / "home" / FOLDER) in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_damaged_record_is_told_and_keeps_nobody_out(hub: Any, tmp_path: Path) -> None:
    hub()
    (tmp_path / "home" / FOLDER / ".wsedu-course.json").write_text("{", encoding="utf-8")
    done = hub()
    assert done.returncode == 0
    assert "what was written before could not be read" in done.stderr.splitlines()[0]


def test_a_language_that_there_is_not_is_told_and_keeps_nobody_out(hub: Any) -> None:
    done = hub(WSEDU_LANG="tlh")
    assert json.loads(done.stdout)["WSEDU_LANG"] == "en"
    assert "WSEDU_LANG" in done.stderr.splitlines()[0]
    assert "tlh" in done.stderr.splitlines()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_jupyterhub_it_says_how_to_get_it(hub: Any, bare: Path, tmp_path: Path, language: str) -> None:
    done = hub(python=bare, installed=False, WSEDU_LANG=language)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{bare} -m pip install jupyterhub" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list((tmp_path / "home").iterdir()) == []


def test_both_languages_say_the_same() -> None:
    english, chinese = (
        tomllib.loads((ROOT / "wsedu" / "explain" / "parts" / f"hub.{language}.toml").read_text(encoding="utf-8"))[
            "hub"
        ]
        for language in LANGUAGES
    )
    names = {key: set(re.findall(r"\{(\w+)", text)) for key, text in english.items()}
    assert names == {key: set(re.findall(r"\{(\w+)", text)) for key, text in chinese.items()}
    assert set(english) == {"copied", "kept", "damaged", "failed", "language", "missing"}


# --- Figures: written down once, by the benchmark ---


def most(row: str) -> float:
    """The last figure of a row of the page's table."""
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {row}"))
    return float(line.rstrip(" |").split("|")[-1].replace(",", ""))


def in_bytes(text: str) -> float:
    """A quantity of memory as Zero to JupyterHub reads it."""
    return float(text[:-1]) * {"M": MIB, "G": 1024 * MIB}[text[-1]]


def test_a_seat_has_room_for_what_was_measured_and_a_second_kernel() -> None:
    config = (DEPLOY / "jupyterhub" / "jupyterhub_config.py").read_text(encoding="utf-8")
    (seat,) = re.findall(r"^SEAT = (\d+) \* 2\*\*20$", config, re.MULTILINE)
    assert int(seat) >= most("memory of both") + most("memory of the kernel")


def test_kubernetes_guarantees_more_than_the_measured_peak() -> None:
    values = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text(encoding="utf-8"))
    memory = values["singleuser"]["memory"]
    assert in_bytes(memory["guarantee"]) >= most("peak of both") * MIB
    assert in_bytes(memory["limit"]) >= 2 * in_bytes(memory["guarantee"])
    assert values["singleuser"]["cmd"] == ["python", "-m", "wsedu.course.hub"]
    assert values["singleuser"]["image"]["tag"] == wsedu.__version__
    assert values["hub"]["config"]["JupyterHub"]["authenticator_class"] == "null"


def test_the_image_has_all_files_that_the_wheel_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {path.strip("/").split("/")[0] for path in wheel["include"]}
    wanted |= {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    ignored = (DEPLOY / "jupyterhub" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert wanted == {line[1:] for line in ignored if line.startswith("!")}


# --- A class ---


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_small_class_logs_in_at_once_and_runs_lesson_8(tmp_path: Path, component: Any) -> None:
    component("npm", "apt-get install npm")
    figures = tmp_path / "figures.json"
    command = [sys.executable, "benchmarks/hub.py", "--quick", "--users", CLASS, "--json", str(figures)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1100, check=False)
    assert done.returncode == 0, done.stderr[-10_000:]
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["lesson"] == "08_exchange.ipynb"
    assert len(found["times"]) == int(CLASS)
    for name, times in found["times"].items():
        assert times["cells"] > 20, name
        assert {"server", "kernel"} <= set(found["memory"][name])
        assert times["start"] > 0 < times["run"]
