"""`python -m wsedu`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; see `wsedu.cli`."""
    from .cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
