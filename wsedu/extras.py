"""Optional parts: what is missing, and how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class MissingExtraError(ImportError):
    """A package of an optional part is not installed.

    Attributes:
        extra: the part: `pip install 'wsedu[EXTRA]'` installs it.
        package: the module that could not be imported.
    """

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'wsedu[{extra}]'")
        self.extra = extra
        self.package = package


def require(package: str, extra: str) -> Any:
    """Import a module of an optional part.

    Arguments:
        package: the module.
        extra: the part that it belongs to.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtraError(extra, package) from error
