"""What the doctor tries of the packages: each is installed, new enough, and can really be imported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import metadata

from .doctor import Lacking
from .remedies import pip_command

WANTED = {
    "jupyterlab": "4.2",
    "notebook": "7.2",
    "jupyterlab-language-pack-zh-CN": "4.2",
    "ipywidgets": "8.1",
    "anywidget": "0.11",
    "trustme": "1.1",
    "resvg-py": "0.3",
    "scapy": "2.8",
    "cryptography": "43",
    "prompt_toolkit": "3.0.43",
    "aiohttp": "3.12",
    "matplotlib": "3.8",
}
"""The packages of the extra `lab`, with the oldest version that will do; a test compares them with pyproject.toml."""

MODULES = {
    "jupyterlab": "jupyterlab.labapp",
    "notebook": "notebook.app",
    "jupyterlab-language-pack-zh-CN": "jupyterlab_language_pack_zh_CN",
    "resvg-py": "resvg_py",
    "scapy": "scapy.layers.inet",
    "cryptography": "cryptography.x509",
    "aiohttp": "aiohttp.web",
    "matplotlib": "matplotlib.figure",
}
"""What is imported of a package, where that is not the module of its name."""

IMPORT_SECONDS = 60.0
"""What importing all of them may take."""

_PROGRAM = """
import importlib, json, os, sys
said = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
for name in sys.argv[1:]:
    print(json.dumps([name, None]), file=said, flush=True)
    try:
        importlib.import_module(name)
        problem = ""
    except BaseException as error:
        problem = " ".join(f"{type(error).__name__}: {error}".split())
    print(json.dumps([name, problem]), file=said, flush=True)
"""
"""Says each module before it is imported, with null, and again afterwards, with what went wrong; whatever the modules
themselves print goes elsewhere."""


def version_of(package: str) -> str:
    """The version of a package that is installed; empty if it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def is_older(version: str, wanted: str) -> bool:
    """Whether a version comes before another one."""
    return _numbers(version) < _numbers(wanted)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", re.split(r"[abr+]|\.dev", version)[0]))


def requirement(package: str) -> str:
    """What pip is to install."""
    return f"{package}>={WANTED[package]}"


def sound(package: str) -> str:
    """The version of a package that will do and can be imported.

    Raises:
        Lacking: it is not installed, too old, or broken.
    """
    version, wanted = version_of(package), WANTED[package]
    if not version:
        raise Lacking("package", install=[requirement(package)], package=package)
    if is_older(version, wanted):
        raise Lacking("old", install=[requirement(package)], package=package, version=version, wanted=wanted)
    all_import([package])
    return version


def all_there(packages: Sequence[str]) -> None:
    """See that each of some packages is installed and new enough.

    Raises:
        Lacking: some are not; it names all of those.
    """
    lacking = [name for name in packages if not version_of(name) or is_older(version_of(name), WANTED[name])]
    if lacking:
        raise Lacking("packages", install=[requirement(name) for name in lacking], packages=lacking)


def all_import(packages: Sequence[str]) -> None:
    """See that each of some packages, which are installed, can be imported.

    Raises:
        Lacking: some cannot; it names all of those, and says what is wrong with the first.
    """
    problems = {name: problem for name in packages if (problem := import_problems().get(name))}
    if problems:
        fix, problem = pip_command(["--force-reinstall", *problems]), next(iter(problems.values()))
        raise Lacking("broken", fix, packages=list(problems), problem=problem)


@cache
def import_problems() -> dict[str, str]:
    """What keeps packages that are installed from being imported, by the name of the package.

    Tried once for all, in a process of its own: a package may hang, or take the process down with it.
    """
    modules = {MODULES.get(name, name): name for name in WANTED if version_of(name)}
    problems: dict[str, str] = {}
    left = list(modules)
    while left:
        told = dict(_imported(left))
        problems |= {modules[name]: problem for name, problem in told.items() if problem}
        left = [name for name in left if name not in told]
    return problems


def _imported(modules: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What came of importing them, until one of them ends the process or is still at it when time is up."""
    command = [sys.executable, "-P", "-c", _PROGRAM, *modules]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=IMPORT_SECONDS
        )
        said, ending = done.stdout, f"exit status {done.returncode}"
    except subprocess.TimeoutExpired as error:
        said, ending = error.stdout or b"", f"{IMPORT_SECONDS:.0f} s"
    begun = modules[0]
    for line in said.splitlines():
        name, problem = json.loads(line)
        if problem is None:
            begun = name
        else:
            begun = ""
            yield name, problem
    if begun:
        yield begun, ending
