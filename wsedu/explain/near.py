"""The word that was probably meant, for one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(wanted: str, words: Iterable[str], alike: float = 0.5) -> str:
    """The word that is most like a mistyped or shortened one; empty if none is.

    Arguments:
        wanted: as the user wrote it.
        words: those that there are.
        alike: how much so it has to be, from 0 to 1.
    """
    from difflib import get_close_matches

    return "".join(get_close_matches(wanted.lower(), list(words), n=1, cutoff=alike))
