"""The concept inventory as a file: Markdown for a sheet of paper, GIFT for Moodle, QTI 1.2 for Canvas.

Moodle reads GIFT, and by itself no QTI; Canvas imports a ZIP file with QTI 1.2. Each option carries its feedback: the
misconception behind it, what is so instead, and where the RFC says it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..trace.files import write_whole
from ..views.question import Question
from .export_gift import gift
from .export_markdown import markdown
from .export_qti import qti

_FORMS: dict[str, Callable[[Sequence[Question], str], bytes]] = {
    ".md": lambda asked, language: markdown(asked, language).encode(),
    ".gift": lambda asked, language: gift(asked, language).encode(),
    ".zip": qti,
}

SUFFIXES = tuple(_FORMS)
"""What a file's name may end in; it chooses the form."""


def export(asked: Sequence[Question], path: str | Path, language: str) -> None:
    """Write questions to a file, whole or not at all.

    Arguments:
        asked: the questions, each a choice.
        path: whose suffix is one of `SUFFIXES`.
        language: `en` or `zh`.

    Raises:
        KeyError: the suffix is none of them.
        OSError: the file cannot be written; what was there before is unchanged.
    """
    write_whole(path, _FORMS[Path(path).suffix.lower()](asked, language))
