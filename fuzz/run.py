"""Fuzz one reader for as long as you like, guided by coverage (needs `pip install atheris`, on Linux or macOS).

    python fuzz/run.py --seconds 60 frames
    python fuzz/run.py --list
    python fuzz/run.py frames --replay crash-0123abcd

A finding is written to a file in the current folder, and the target raises; `--replay` runs that file alone.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def fuzz(name: str, seconds: int, seed: int) -> None:
    """Fuzz until the time is over or something is found; does not return."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.exit("fuzzing needs atheris: pip install atheris")
    with atheris.instrument_imports(include=["wsedu"]):
        targets = importlib.import_module("fuzz.targets").TARGETS
    target = targets[name]
    with tempfile.TemporaryDirectory(prefix="wsedu-fuzz-") as corpus:
        for number, data in enumerate(target.seeds):
            (Path(corpus) / str(number)).write_bytes(data)
        options = [f"-max_total_time={seconds}", f"-seed={seed}", "-max_len=4096", corpus]
        atheris.Setup([sys.argv[0], *options], target.run)
        atheris.Fuzz()


def main() -> None:
    """Read the options and do it."""
    parser = argparse.ArgumentParser(description="Fuzz one reader of hostile input.")
    parser.add_argument("target", nargs="?", help="its name: see --list")
    parser.add_argument("--seconds", type=int, default=60, help="how long (default 60)")
    parser.add_argument("--seed", type=int, default=6455, help="of the fuzzer (default 6455)")
    parser.add_argument("--list", action="store_true", help="print the names of the targets")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run the target on this file alone")
    arguments = parser.parse_args()
    if not arguments.list and not arguments.replay and arguments.target:
        # Nothing of wsedu may be imported before atheris instruments it.
        fuzz(arguments.target, arguments.seconds, arguments.seed)
        return
    targets = importlib.import_module("fuzz.targets").TARGETS
    if arguments.list:
        sys.stdout.write("".join(f"{name}\n" for name in targets))
    elif arguments.target not in targets:
        parser.error(f"name one of: {', '.join(targets)}")
    else:
        targets[arguments.target].run(arguments.replay.read_bytes())


if __name__ == "__main__":
    main()
