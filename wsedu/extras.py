"""Optional parts: what is missing, and how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class MissingExtraError(ImportError):
    """A package of an optional part is not installed.

    Attributes:
        extra: the part: `pip install 'wsedu[EXTRA]'` installs it.
        package: what is missing, by a name that pip knows.
    """

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'wsedu[{extra}]'")
        self.extra = extra
        self.package = package


def require(module: str, extra: str) -> Any:
    """Import a module of an optional part.

    Arguments:
        module: by its whole path; its package has the name of what pip installs.
        extra: the part that it belongs to.

    Raises:
        MissingExtraError: it is not installed, or something that it needs itself.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package, *_ = (error.name or module).split(".")
        raise MissingExtraError(extra, package) from error
