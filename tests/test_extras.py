"""Optional parts: whoever lacks one is told a name that pip can install, and never the path of a module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import wsedu
from wsedu.extras import MissingExtraError, require

SOURCES = Path(wsedu.__file__).parent


def required() -> Iterator[tuple[str, str]]:
    """The module and the extra of each `require` of the source."""
    for file in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
                module, extra = (ast.literal_eval(argument) for argument in node.args)
                yield module, extra


def packages(extra: str) -> set[str]:
    """What pip installs with an extra."""
    project = tomllib.loads((SOURCES.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["optional-dependencies"][extra]
    return {re.split(r"[^\w.-]", line, maxsplit=1)[0].replace("_", "-") for line in wanted}


USES = sorted(set(required()))


def test_there_are_uses() -> None:
    assert {extra for _, extra in USES} >= {"tls", "image", "capture", "connect"}


@pytest.mark.parametrize(("module", "extra"), USES)
def test_what_is_missing_is_named_as_pip_names_it(module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    top = module.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == top]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, top, None)
    with pytest.raises(MissingExtraError) as caught:
        require(module, extra)
    assert caught.value.package == top
    assert caught.value.package.replace("_", "-") in packages(extra)
    assert str(caught.value) == f"{top} is not installed: pip install 'wsedu[{extra}]'"


def test_a_package_that_lacks_its_own_needs_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import nosuch_dependency.deep\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtraError) as caught:
        require("half_installed", "capture")
    assert caught.value.package == "nosuch_dependency"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_line_says_what_to_install(tmp_path: Path, language: str) -> None:
    """A capture is to be read by a Python in which scapy cannot be imported."""
    capture = tmp_path / "hello.pcapng"
    program = (
        "import sys; sys.modules['scapy'] = None\n"
        "from wsedu.cli.main import run\n"
        f"sys.exit(run(['decode', {str(capture)!r}, '--lang', '{language}']))\n"
    )
    save = [sys.executable, "-m", "wsedu", "demo", "--scenario", "hello", "--save", str(capture)]
    subprocess.run(save, capture_output=True, check=True, timeout=60)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    told = done.stderr.decode("utf-8")
    assert done.returncode == 2
    assert f"{sys.executable} -m pip install scapy" in told
    assert "[capture]" in told
    assert "scapy." not in told
    assert told.count("\n") == 1
