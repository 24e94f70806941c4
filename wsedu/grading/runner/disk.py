"""What a child can see of the disk where it is shut in: the standard library, and what Python itself needs."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

HOME = Path(__file__).resolve().parent
"""The folder that the child's program is read from."""

SEALED_HOME = Path("/child")
"""Where a sealed child finds it."""

CACHE = Path("/var/cache")
"""Where the folder for separate users is kept: nobody but root can write there."""

_PROGRAM = ("child.py", "wire.py", "keeper.py")


@cache
def jail() -> str:
    """A folder with the standard library and nothing else, which root alone can make; it stays for the next time."""
    version = f"{sys.implementation.cache_tag}-{Path(os.__file__).stat().st_mtime_ns:x}"
    place = CACHE / f"wsedu-jail-{version}"
    if not place.is_dir():
        made = Path(tempfile.mkdtemp(prefix=f"{place.name}-", dir=CACHE))
        for folder in _library():
            shutil.copytree(folder, made / folder.relative_to("/"), ignore=_not_needed, copy_function=_link)
        for path in (made, *made.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        try:
            made.rename(place)
        except OSError:  # another grader was faster
            shutil.rmtree(made)
    return str(place)


def _library() -> list[Path]:
    """The folders of the standard library; none lies in another."""
    python, compiled = Path(os.__file__).resolve().parent, sysconfig.get_config_var("DESTSHARED")
    found = {python, Path(compiled or python).resolve()}
    return sorted(place for place in found if place.is_dir() and not found.intersection(place.parents))


def _not_needed(folder: str, names: list[str]) -> set[str]:
    large = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "ensurepip", "tkinter"}
    return {name for name in names if name in large or name.startswith("config-")}


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


@cache
def sealing(python: str, *, root: bool) -> tuple[str, ...]:
    """The command of bubblewrap that a child is started with: what is named here can be read, and nothing else.

    Arguments:
        python: the interpreter.
        root: whether the child starts as root, so that it can become another user.

    Raises:
        OSError: bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise OSError("bubblewrap is not installed")
    options = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"]
    options += ["--new-session", "--clearenv", "--cap-drop", "ALL"]
    options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    debian = Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "no such folder")
    system = debian if debian.is_dir() else Path("/usr/lib")
    shown = [Path(python), *_library(), system, Path("/usr/lib64"), Path("/etc/ld.so.cache")]
    if Path(sys.base_prefix) != Path("/usr"):
        shown.append(Path(sys.base_prefix, "lib"))
    places = {place: place for place in sorted(shown) if place.exists()}
    places |= {SEALED_HOME / name: HOME / name for name in _PROGRAM}
    made = sorted({Path("/dev"), *(parent for place in places for parent in place.parents)} - {Path("/")})
    options += [word for place in made if not _within(place, places) for word in ("--dir", str(place))]
    for place, source in places.items():
        options += ["--ro-bind", str(source), str(place)]
    for link in (Path("/lib"), Path("/lib64")):
        linked = link.is_symlink()
        options += ["--symlink", os.readlink(link), str(link)] if linked else ["--ro-bind-try", str(link), str(link)]
    for place in _not_shown(places):
        options += ["--tmpfs", str(place), "--remount-ro", str(place)]
    options += ["--dev-bind", "/dev/null", "/dev/null"]
    if b"--size" in subprocess.run([program, "--help"], capture_output=True).stdout:
        options += ["--perms", "1777", "--size", str(16 << 20), "--tmpfs", "/tmp"]
    return (*options, "--remount-ro", "/", "--")


def _within(place: Path, places: dict[Path, Path]) -> bool:
    return any(other in (place, *place.parents) for other in places)


def _not_shown(places: dict[Path, Path]) -> list[Path]:
    """What lies in the places that can be read, and is covered: installed packages, wsedu itself."""
    packages = [*site.getsitepackages([sys.base_prefix, sys.prefix]), site.getusersitepackages(), str(HOME.parents[2])]
    found = {Path(name).resolve() for name in packages}
    found |= {place for root in ("/usr/lib", "/usr/local/lib") for place in Path(root).glob("python3*/*-packages")}
    return sorted(place for place in found if place.is_dir() and _within(place, places))
