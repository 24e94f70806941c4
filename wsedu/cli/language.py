"""Which language the command line speaks, known before anything is parsed."""

from __future__ import annotations

from collections.abc import Sequence

from ..explain.catalogue import choose_language


def language_of(arguments: Sequence[str]) -> str:
    """The language of `--lang`, else of WSEDU_LANG, else of the locale.

    Raises:
        ValueError: there is no such language.
    """
    wanted = None
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
        elif argument == "--lang" and number + 1 < len(arguments):
            wanted = arguments[number + 1]
    return choose_language(wanted)
