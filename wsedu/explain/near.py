"""The word that was probably meant, for one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(wanted: str, words: Iterable[str]) -> str:
    """The word that is most like a mistyped or shortened one; empty if none is.

    Arguments:
        wanted: as the user wrote it.
        words: those that there are.
    """
    from difflib import get_close_matches

    return "".join(get_close_matches(wanted.lower(), list(words), n=1, cutoff=0.5))
