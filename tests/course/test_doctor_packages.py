"""Packages that are installed and broken: what the doctor says of them, and how it finds out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.course.commands import Run
from tests.course.commands import command as command
from tests.course.test_doctor import ROOT, told
from wsedu.course import doctor_packages, installed
from wsedu.course.doctor import Finding, all_at_once, examine


def shadowed(folder: Path, **sources: str) -> str:
    """A path that goes first on PYTHONPATH, with packages that hide those that are installed."""
    for name, source in sources.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(source, encoding="utf-8")
    return os.pathsep.join([str(folder), str(ROOT)])


def test_what_is_installed_and_cannot_be_imported_is_no_readiness(command: Run, tmp_path: Path) -> None:
    raising = 'raise ImportError("no such symbol")'
    names = ("matplotlib", "anywidget", "ipywidgets", "jupyterlab", "notebook")
    path = shadowed(tmp_path / "hiding", **dict.fromkeys(names, raising))
    done = command("doctor", "--json", PYTHONPATH=path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["ready"] is False
    found = told(done)
    again = f"{sys.executable} -m pip install --force-reinstall"
    commands = {name: found[name]["command"] for name in found if found[name]["state"] != "ready"}
    assert {name: commands[name] for name in ("packages", "jupyterlab", "notebook", "widgets", "chinese")} == {
        "packages": f"{again} matplotlib",
        "jupyterlab": f"{again} jupyterlab",
        "notebook": f"{again} notebook",
        "widgets": f"{again} ipywidgets anywidget",
        "chinese": f"{again} matplotlib",
    }
    assert (found["packages"]["state"], found["notebook"]["state"]) == ("missing", "optional")
    for name in ("packages", "jupyterlab", "notebook", "widgets"):
        assert found[name]["found"].endswith("(ImportError: no such symbol)")
    assert found["tls"]["state"] == found["latin"]["state"] == found["kernel"]["state"] == "ready"


def test_what_takes_the_process_down_or_never_ends_hides_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {
        "trustme": "import os; os._exit(7)",
        "scapy": "import threading; threading.Event().wait()",
        "aiohttp": "print('a word'); import sys; sys.exit('no more')",
        "matplotlib": "raise RuntimeError('another\\nnumpy')",
    }
    monkeypatch.setenv("PYTHONPATH", shadowed(tmp_path, **sources))
    monkeypatch.setattr(doctor_packages, "IMPORT_SECONDS", 20.0)
    doctor_packages.import_problems.cache_clear()
    try:
        assert doctor_packages.import_problems() == {
            "trustme": "exit status 7",
            "scapy": "20 s",
            "aiohttp": "SystemExit: no more",
            "matplotlib": "RuntimeError: another numpy",
        }
    finally:
        doctor_packages.import_problems.cache_clear()


def test_what_was_mended_is_seen_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook the same process looks again."""
    with monkeypatch.context() as broken:
        broken.setenv("PYTHONPATH", shadowed(tmp_path, trustme="raise ImportError"))
        first = next(found for found in examine("en", tmp_path) if found.name == "tls")
    second = next(found for found in examine("en", tmp_path) if found.name == "tls")
    assert (first.state, second.state) == ("missing", "ready")


# --- Where pip gets what is missing ---

PLACES = {
    "an index": (None, "'wsedu[lab]'"),
    "a folder": ({"url": "file://{folder}", "dir_info": {}}, "'{folder}[lab]'"),
    "a wheel": ({"url": "file://{folder}/a%20b.whl", "archive_info": {}}, "'{folder}/a b.whl[lab]'"),
    "a server": ({"url": "https://example.org/w.whl", "archive_info": {}}, "'wsedu[lab] @ https://example.org/w.whl'"),
    "git": (
        {"url": "https://example.org/w", "vcs_info": {"vcs": "git", "commit_id": "1"}},
        "'wsedu[lab] @ git+https://example.org/w'",
    ),
    "a folder that is gone": ({"url": "file://{folder}/gone", "dir_info": {}}, "'trustme>=1.1' 'scapy>=2.8'"),
    "what cannot be read": ("{", "'wsedu[lab]'"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_missing_comes_from_where_wsedu_came_from(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what pip writes down beside a package, of one that is in no checkout."""
    source, wanted = PLACES[place]
    (tmp_path / "a b.whl").write_bytes(b"")
    record = tmp_path / "wsedu-0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: wsedu\nVersion: 0\n", encoding="utf-8")
    if source is not None:
        text = source if isinstance(source, str) else json.dumps(source).replace("{folder}", str(tmp_path))
        (record / "direct_url.json").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(installed, "__file__", str(tmp_path / "site" / "wsedu" / "course" / "installed.py"))
    missing = Finding("packages", "missing", "", "", install=("trustme>=1.1", "scapy>=2.8"))
    line = all_at_once([missing, missing])
    assert line == f"{sys.executable} -m pip install {wanted.replace('{folder}', str(tmp_path))}"


def test_in_a_checkout_it_comes_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "_source", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert installed.with_extra("lab") == [f"{ROOT}[lab]"]
    monkeypatch.chdir(ROOT)
    assert installed.with_extra("lab") == [".[lab]"]
    monkeypatch.setattr(installed, "_source", lambda: {"url": "", "dir_info": {"editable": True}})
    assert installed.with_extra("lab") == ["--editable", ".[lab]"]


def test_for_one_package_pip_installs_that_one() -> None:
    one = Finding("tls", "missing", "", "", install=("trustme>=1.1",))
    assert all_at_once([one, one]).endswith(" -m pip install 'trustme>=1.1'")
    assert all_at_once([]) == ""
