"""`python -m wsedu`."""

from __future__ import annotations

import signal
import sys

_INTERRUPTED = 130


def main() -> int:
    """Run the command line; see `wsedu.cli`."""
    try:
        from .cli.main import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Ctrl-C came before there was anything to stop.
        status = _INTERRUPTED
    if status == _INTERRUPTED and hasattr(signal, "pthread_sigmask"):
        # Where Ctrl-C came while code from a string was run, such as a dataclass being made, Python sends itself a
        # SIGINT when it ends, although it was caught; blocked, that does not end it before it returns the status.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return status


if __name__ == "__main__":
    sys.exit(main())
