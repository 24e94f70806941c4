"""Fuzz the readers for as long as you like, guided by coverage (needs `pip install atheris`, on Linux or macOS).

    python fuzz/run.py --seconds 60
    python fuzz/run.py --seconds 600 frames inflate
    python fuzz/run.py --list
    python fuzz/run.py frames --replay crash-0123abcd

Each target runs in a process of its own, one after the other. A finding is written to a file in the current folder;
`--replay` runs that file alone. The exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

LONGEST_INPUT = 4096
"""Bytes of an input; longer ones find nothing that shorter ones do not."""

TIME_LIMIT = 10
"""Seconds that one input may take: an input that takes longer is a finding."""

MEMORY_LIMIT = 1024
"""MiB that the process may take, the fuzzer's own included: more is a finding."""

_DONE = re.compile(rb"Done (\d+) runs in (\d+) second")


def targets() -> dict[str, Any]:
    """The table of `fuzz.targets`, imported as late as that: atheris has to instrument wsedu first."""
    table: dict[str, Any] = importlib.import_module("fuzz.targets").TARGETS
    return table


def fuzz_here(name: str, seconds: int, seed: int, corpus: str) -> None:
    """Fuzz one target in this process; the fuzzer ends the process."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["wsedu"]):
        target = targets()[name]
    for number, data in enumerate(target.seeds):
        (Path(corpus) / str(number)).write_bytes(data)
    limits = [f"-timeout={TIME_LIMIT}", f"-rss_limit_mb={MEMORY_LIMIT}", f"-max_len={LONGEST_INPUT}"]
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", f"-seed={seed}", *limits, corpus], target.run)
    atheris.Fuzz()


def fuzz_apart(name: str, seconds: int, seed: int) -> bool:
    """Fuzz one target in a process of its own and say how that went.

    Returns:
        Whether nothing was found.
    """
    with tempfile.TemporaryDirectory(prefix="wsedu-fuzz-") as corpus:
        command = [sys.executable, __file__, name, "--seconds", str(seconds), "--seed", str(seed), "--here", corpus]
        done = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, check=False)
        found = _DONE.search(done.stderr)
    if done.returncode == 0 and found is not None:
        say(f"{name}: {int(found[1]):,} executions in {int(found[2])} s, nothing found")
        return True
    sys.stderr.buffer.write(done.stderr)
    say(f"{name}: FOUND something, see above (exit status {done.returncode})")
    return False


def main() -> int:
    """Read the options and do it."""
    parser = argparse.ArgumentParser(description="Fuzz the readers of hostile input.")
    parser.add_argument("target", nargs="*", help="names, see --list (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    parser.add_argument("--seed", type=int, default=6455, help="of the fuzzer (default 6455)")
    parser.add_argument("--list", action="store_true", help="print the names of the targets")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run the target on this file alone")
    parser.add_argument("--here", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        fuzz_here(arguments.target[0], arguments.seconds, arguments.seed, arguments.here)
    table = targets()
    if arguments.list:
        say("\n".join(table))
        return 0
    names = arguments.target or list(table)
    if unknown := [name for name in names if name not in table]:
        parser.error(f"no target is named {unknown[0]}; there are: {', '.join(table)}")
    if arguments.replay:
        if len(names) != 1 or not arguments.target:
            parser.error("name the one target that is to read the file")
        table[names[0]].run(arguments.replay.read_bytes())
        return 0
    if importlib.util.find_spec("atheris") is None:
        parser.error("fuzzing needs atheris: pip install atheris")
    clean = [fuzz_apart(name, arguments.seconds, arguments.seed) for name in names]
    return 0 if all(clean) else 1


def say(line: str) -> None:
    """Print a line at once, also into a file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
