"""The language of a lesson: said once, in its first cell."""

from __future__ import annotations

import os

from ..explain.catalogue import VARIABLE, choose_language


def begin(language: str) -> None:
    """Let everything that this notebook shows from wsedu speak a language.

    Arguments:
        language: `en` or `zh`.

    Raises:
        ValueError: there is no catalogue of that language.
    """
    os.environ[VARIABLE] = choose_language(language)
