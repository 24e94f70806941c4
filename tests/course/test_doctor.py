"""The doctor on a machine that has everything, and on machines on which something is really missing."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.course.commands import Run, surroundings
from tests.course.commands import bare as bare
from tests.course.commands import command as command
from wsedu.course import remedies
from wsedu.course.doctor import CHECKS
from wsedu.course.doctor_packages import WANTED, is_older
from wsedu.explain.catalogue import part_catalogue

ROOT = Path(__file__).parents[2]
TITLES = {check.name: part_catalogue("doctor", "en").say(f"name.{check.name}") for check in CHECKS}
FONTS = '<?xml version="1.0"?><fontconfig><dir>{folder}</dir></fontconfig>'


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The findings of `--json`, by name."""
    return {found["name"]: found for found in json.loads(done.stdout)["checks"]}


@pytest.mark.component("chromium", "apt install chromium")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_everything_is_there_it_says_so(command: Run, language: str) -> None:
    done = command("doctor", "--lang", language)
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    words = part_catalogue("doctor", language)
    for check in CHECKS:
        if language not in check.tried:
            continue
        sign = "[✔–]" if not check.needed else "✔"
        assert re.search(rf"(?m)^{sign} {re.escape(words.say(f'name.{check.name}'))} +\S", done.stdout), check.name
    assert done.stdout.endswith(words.say("told.ready") + "\n")


@pytest.mark.component("chromium", "apt install chromium")
def test_json_says_the_same(command: Run) -> None:
    done = command("doctor", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["ready"] is True
    found = told(done)
    assert list(found) == [check.name for check in CHECKS if "en" in check.tried]
    assert {found[check.name]["state"] for check in CHECKS if check.needed} == {"ready"}
    assert found["tls"]["facts"]["version"].startswith("TLSv1.")
    assert found["kernel"]["facts"]["python"] == sys.executable
    assert found["browser"]["facts"]["program"].startswith("/")


# --- Something is missing ---


def test_without_jupyter_one_line_installs_all_that_is_missing(command: Run, bare: Path) -> None:
    done = command("doctor", python=bare)
    assert done.returncode == 1
    assert done.stderr == ""
    for name in ("tls", "packages", "jupyterlab", "widgets", "kernel", "latin"):
        assert re.search(rf"(?m)^✖ {re.escape(TITLES[name])} ", done.stdout)
    assert [line for line in done.stdout.splitlines() if "pip install" in line] == [
        f"  → {bare} -m pip install '{ROOT}[lab]'"
    ]
    assert re.search(rf"(?m)^✔ {TITLES['python']} ", done.stdout)
    assert re.search(rf"(?m)^✔ {TITLES['loopback']} ", done.stdout)
    assert "6 things that the course needs are missing" in done.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_missing_package_is_named_once(command: Run, bare: Path, language: str) -> None:
    done = command("doctor", "--lang", language, python=bare)
    rows = "\n".join(line for line in done.stdout.splitlines() if "→" not in line)
    names = "|".join(map(re.escape, (*WANTED, "ipykernel")))
    found = re.findall(rf"(?a)(?<![\w-])(?:{names})(?![\w-])", rows)
    optional = {"jupyterlab-language-pack-zh-CN"} if language == "en" else set()
    assert sorted(found) == sorted({*WANTED, "ipykernel"} - optional)


def test_json_of_a_machine_that_is_not_ready(command: Run, bare: Path) -> None:
    done = command("doctor", "--json", python=bare)
    assert done.returncode == 1
    assert json.loads(done.stdout)["ready"] is False
    found = told(done)
    assert found["notebook"]["state"] == "optional"
    assert found["jupyterlab"]["state"] == "missing"
    assert found["jupyterlab"]["command"] == f"{bare} -m pip install 'jupyterlab>=4.2'"
    assert found["jupyterlab"]["install"] == ["jupyterlab>=4.2"]


@pytest.mark.parametrize(("language", "list_of"), [("en", "ipywidgets, anywidget"), ("zh", "ipywidgets、anywidget")])
def test_a_list_is_written_as_its_language_writes_it(command: Run, bare: Path, language: str, list_of: str) -> None:
    found = told(command("doctor", "--json", "--lang", language, python=bare))
    assert found["widgets"]["found"].endswith(list_of)
    assert found["widgets"]["facts"]["packages"] == ["ipywidgets", "anywidget"]


def test_without_anywidget_alone_only_the_widgets_are_missing(command: Run, tmp_path: Path) -> None:
    """What this environment has, in another one, by links, without one package."""
    python = without("anywidget", tmp_path / "venv")
    found = told(command("doctor", "--json", python=python))
    assert found["widgets"]["state"] == "missing"
    assert found["widgets"]["command"] == f"{python} -m pip install 'anywidget>=0.11'"
    assert found["jupyterlab"]["state"] == "ready"


def test_without_the_part_for_the_browser_widgets_are_missing(command: Run, tmp_path: Path) -> None:
    """The packages are there, and what JupyterLab has to load is not: the second environment has no `share`."""
    python = without("", tmp_path / "venv")
    found = told(command("doctor", "--json", python=python, HOME=str(tmp_path), JUPYTER_PATH=""))
    assert found["widgets"]["state"] == "missing"
    assert found["widgets"]["facts"]["extension"] == "@jupyter-widgets/jupyterlab-manager"
    assert found["widgets"]["command"] == f"{python} -m pip install --force-reinstall jupyterlab_widgets"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_jupyterlab_without_chinese_is_told_to_a_chinese_learner_and_is_no_failure(
    command: Run, tmp_path: Path, language: str
) -> None:
    python = without("jupyterlab_language_pack_zh_(cn|CN)", tmp_path / "venv")
    found = told(command("doctor", "--json", "--lang", language, python=python)).get("translation")
    if language == "en":
        assert found is None
        return
    assert found is not None
    assert found["state"] == "optional"
    assert found["command"] == f"{python} -m pip install 'jupyterlab-language-pack-zh-CN>=4.2'"


def without(package: str, folder: Path) -> Path:
    """The interpreter of an environment with all that this one has but for a package."""
    import sysconfig

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    goal = next((folder / "lib").glob("python*/site-packages"))
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        left_out = package and re.match(rf"{package}(-[\d.]+(post\d+)?\.dist-info)?$", path.name)
        if not left_out and not (goal / path.name).exists():
            (goal / path.name).symlink_to(path)
    return folder / "bin" / "python"


def test_an_extension_that_is_switched_off_is_told(command: Run, tmp_path: Path) -> None:
    page = tmp_path / "labconfig" / "page_config.json"
    page.parent.mkdir()
    page.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}), encoding="utf-8")
    found = told(command("doctor", "--json", JUPYTER_CONFIG_DIR=str(tmp_path)))
    assert found["widgets"]["facts"] == {"extension": "anywidget"}
    assert found["widgets"]["command"] == f"{sys.executable} -m jupyter labextension enable anywidget"


def test_a_kernel_of_another_python_is_told(command: Run, bare: Path, tmp_path: Path) -> None:
    """A folder of kernels of the user's own comes first, and names a Python that has no kernel."""
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(bare), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    found = told(command("doctor", "--json", JUPYTER_PATH=str(tmp_path)))
    assert found["kernel"]["state"] == "missing"
    assert found["kernel"]["command"] == f"{sys.executable} -m ipykernel install --sys-prefix --name python3"


def test_a_kernel_is_looked_for_where_lab_looks(command: Run, bare: Path, tmp_path: Path) -> None:
    """What is installed with this Python comes before what the user has elsewhere, whatever the user's own order is."""
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(bare), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    own = {"JUPYTER_DATA_DIR": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "0", "JUPYTER_CONFIG_PATH": str(tmp_path)}
    found = told(command("doctor", "--json", **own))
    assert found["kernel"]["state"] == "ready"
    assert found["kernel"]["facts"]["python"] == sys.executable


def test_without_a_browser(command: Run, bare: Path, tmp_path: Path) -> None:
    """A path on which there is a manager of packages, and nothing else."""
    (tmp_path / "dnf").symlink_to("/bin/true")
    found = told(command("doctor", "--json", python=bare, PATH=str(tmp_path)))
    assert (found["browser"]["state"], found["wireshark"]["state"]) == ("missing", "optional")
    sudo = "" if os.geteuid() == 0 else "sudo "
    assert found["browser"]["command"] == f"{sudo}dnf install firefox"
    assert found["wireshark"]["command"] == f"{sudo}dnf install wireshark"
    assert found["bubblewrap"]["state"] == "optional"


def test_where_the_browser_is_on_another_machine_none_is_needed(command: Run, bare: Path, tmp_path: Path) -> None:
    found = told(command("doctor", "--json", python=bare, PATH=str(tmp_path), JUPYTERHUB_SERVICE_PREFIX="/user/one/"))
    assert found["browser"]["state"] == "optional"


@pytest.mark.component("fc-list", "apt install fontconfig")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_a_chinese_font_only_chinese_is_not_ready(command: Run, tmp_path: Path, language: str) -> None:
    """The pictures find their fonts by fontconfig, which is told of one folder: that of DejaVu."""
    listed = subprocess.run(["fc-list", "DejaVu Sans", "file"], capture_output=True, text=True, timeout=60, check=True)
    folder = Path(listed.stdout.splitlines()[0].rstrip(": ")).parent
    (tmp_path / "fonts.conf").write_text(FONTS.format(folder=folder), encoding="utf-8")
    done = command("doctor", "--json", "--lang", language, FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
    found = told(done)
    assert found["latin"]["state"] == "ready"
    assert found["chinese"]["state"] == ("missing" if language == "zh" else "optional")
    assert found["chinese"]["fix"]
    assert done.returncode == (1 if language == "zh" else 0)


def test_without_any_font(command: Run, tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text(FONTS.format(folder=tmp_path), encoding="utf-8")
    found = told(command("doctor", "--json", FONTCONFIG_FILE=str(tmp_path / "fonts.conf")))
    assert found["latin"]["state"] == "missing"
    assert found["latin"]["command"] == remedies.system_command("latin")
    assert found["chinese"]["command"] == remedies.system_command("chinese")


def test_a_folder_that_cannot_be_written_to(command: Run, bare: Path) -> None:
    found = told(command("doctor", "--json", "/proc/wsedu-course", python=bare))
    assert found["folder"]["state"] == "missing"
    assert found["folder"]["facts"]["folder"] == "/proc"


@pytest.mark.parametrize(
    ("programs", "state", "words"),
    [
        (("tshark",), "optional", "only tshark"),
        (("wireshark", "tshark"), "ready", "with a window"),
        (("wireshark",), "ready", "with a window"),
        ((), "optional", "not found"),
    ],
    ids=["tshark", "both", "wireshark", "neither"],
)
def test_wireshark_is_the_program_with_a_window(
    programs: tuple[str, ...], state: str, words: str, command: Run, bare: Path, tmp_path: Path
) -> None:
    for program in (*programs, "dnf"):
        (tmp_path / program).symlink_to("/bin/true")
    found = told(command("doctor", "--json", python=bare, PATH=str(tmp_path)))["wireshark"]
    assert (found["state"], words in found["found"]) == (state, True)
    assert found["command"].removeprefix("sudo ") == ("dnf install wireshark" if state == "optional" else "")
    assert found["facts"].get("terminal", "") == (str(tmp_path / "tshark") if "tshark" in programs else "")


# --- How it is told ---


def test_a_command_that_mends_is_never_broken(command: Run, bare: Path) -> None:
    lines = command("doctor", python=bare, COLUMNS="40").stdout.splitlines()
    assert any(len(line) > 60 and line.startswith("  → ") for line in lines)
    assert all(len(line) <= 40 for line in lines[:-3] if "→" not in line)


def test_on_a_terminal_it_says_what_takes_long(bare: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    arguments = [bare, "-m", "wsedu", "doctor"]
    started = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=theirs, env=surroundings(), cwd=tmp_path)
    os.close(theirs)
    started.communicate(timeout=60)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert f"trying: {TITLES['kernel']} …\r\x1b[K" in said
    assert said.endswith("\x1b[K")


def test_the_packages_are_those_of_the_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    parts = ("lab", "tls", "image", "capture", "connect", "overhead")
    lines = [line for part in parts for line in extras[part] if not line.startswith("wsedu[")]
    assert f"wsedu[{','.join(parts[1:])}]" in extras["lab"]
    assert dict(line.split(">=") for line in lines) == WANTED


def test_versions_are_compared_as_numbers() -> None:
    assert is_older("4.1.9", "4.2")
    assert is_older("0.9", "0.11")
    assert not is_older("4.2", "4.2")
    assert not is_older("4.10.0rc1", "4.2")
    assert not is_older("43.0.1", "43")


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("apt-get", "apt-get install bubblewrap"),
        ("pacman", "pacman -S bubblewrap"),
        ("apk", "apk add bubblewrap"),
        ("zypper", "zypper install bubblewrap"),
        ("", ""),
    ],
)
def test_the_line_is_that_of_the_system(
    program: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if program:
        (tmp_path / program).symlink_to("/bin/true")
    assert remedies.system_command("bubblewrap").removeprefix("sudo ") == line


@pytest.mark.parametrize(("platform", "begins"), [("darwin", "brew install "), ("win32", "winget install ")])
def test_other_systems(platform: str, begins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for thing in ("browser", "wireshark"):
        assert remedies.system_command(thing).startswith(begins)
    assert "'" not in remedies.pip_command(["a>=1"]) or platform == "darwin"


def test_both_languages_say_the_same_things() -> None:
    english, chinese = (part_catalogue("doctor", language) for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    fields = re.compile(r"\{(\w+)")
    for key in english.keys():  # noqa: SIM118 - a method of the catalogue
        assert set(fields.findall(english.texts[key])) == set(fields.findall(chinese.texts[key])), key
