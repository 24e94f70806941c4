"""An autograder for Gradescope: a zip with `setup.sh`, `run_autograder` and wsedu itself.

Layout as in https://gradescope-autograders.readthedocs.io/en/latest/specs/: the zip is unpacked to /autograder/source,
`run_autograder` runs in /autograder, the submission is in /autograder/submission, and results go to
/autograder/results/results.json. A container has half a processor, 768 MB and 10 minutes if nothing else is set.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...trace.files import write_whole
from ..exercise import Exercise

NAME = "autograder.zip"

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it makes the autograder's image.
set -eu
apt-get update
apt-get install -y bubblewrap
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=python3.11
    apt-get install -y python3.11
fi
apt-get install -y "$python-venv"
"$python" -m venv /autograder/venv
/autograder/venv/bin/python -m pip install {packages}
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this in /autograder for each submission.
export PYTHONPATH="$PWD/source" PYTHONUTF8=1
python="$PWD/venv/bin/python"
[ -x "$python" ] || python=${{PYTHON:-python3}}
mkdir -p results
student=$("$python" -c '
import json
try:
    with open("submission_metadata.json", encoding="utf-8") as file:
        print(json.load(file)["users"][0]["email"])
except (OSError, ValueError, LookupError, TypeError):
    print("student")
')
"$python" -m wsedu grade submission --student "$student" --exercises {exercises} --seed {seed} --lang {language} \\
    --trust-submissions --jobs 1 --results results/grades.json --gradescope results/results.json
status=$?
# 0 and 1 are verdicts, 2 with results is one too; anything else is for the teacher to see.
[ "$status" -le 1 ] || [ -s results/results.json ] || exit "$status"
"""

PACKAGES = ("numpy>=1.24", "rich>=13.7")
"""What wsedu needs; a test holds it against the project's own list."""


def make(folder: Path, wanted: Sequence[Exercise], language: str, seed: int) -> list[Path]:
    """Write the zip into a folder.

    Arguments:
        folder: is made where it is not there.
        wanted: the exercises.
        language: of the feedback.
        seed: that each student's is derived from.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    write_whole(path, autograder(wanted, language, seed))
    return [path]


def autograder(wanted: Sequence[Exercise], language: str, seed: int) -> bytes:
    """The zip; the same arguments give the same bytes."""
    names = ",".join(exercise.name for exercise in wanted)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        packages = " ".join(f"'{package}'" for package in PACKAGES)
        _add(archive, "setup.sh", SETUP.format(packages=packages).encode(), 0o755)
        _add(archive, "run_autograder", RUN.format(exercises=names, seed=seed, language=language).encode(), 0o755)
        for within, path in _package():
            _add(archive, within, path.read_bytes(), 0o644)
        for exercise in wanted:
            for path in sorted(exercise.folder.glob("*.*")):
                _add(archive, f"wsedu/_exercises/{exercise.folder.name}/{path.name}", path.read_bytes(), 0o644)
    return data.getvalue()


def _package() -> Iterator[tuple[str, Path]]:
    """The files of wsedu, without what only notebooks need and without the exercises of an installed one."""
    top = Path(__file__).parents[2]
    for path in sorted(top.rglob("*")):
        within = path.relative_to(top)
        if path.is_file() and within.parts[0] not in ("_exercises", "widgets") and "__pycache__" not in within.parts:
            yield f"wsedu/{within.as_posix()}", path


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int) -> None:
    member = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    member.external_attr = (0o100000 | mode) << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)
