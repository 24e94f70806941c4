"""Saving what `serve`, `connect` and `tap` have recorded, in every form that `demo` can save."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .demo import SAVERS, Saver, _save_all, _saver

if TYPE_CHECKING:
    from ..trace.trace import Trace
    from .context import Context

Savers = list[tuple[str, Saver]]
"""Files and how to save them."""


def suffixes() -> str:
    """The suffixes that choose a form, for help texts."""
    return ", ".join(SAVERS)


def savers_of(paths: Sequence[str]) -> Savers:
    """How to save each file, found before anything is recorded.

    Raises:
        UserError: a name whose suffix says nothing, or a folder that is not there.
        MissingExtraError: a form needs a package that is not installed.
    """
    return [(path, _saver(path)) for path in paths]


def save_all(trace: Trace, savers: Savers, context: Context) -> None:
    """Save every file that can be saved, then raise the first problem of those that cannot.

    Raises:
        OSError, RuntimeError, ValueError, ImportError: a file could not be saved.
    """
    _save_all(trace, savers, argparse.Namespace(theme="auto"), context)
