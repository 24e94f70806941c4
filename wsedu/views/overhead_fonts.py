"""The fonts of the overhead lab's charts, and the language that they can be written in."""

from __future__ import annotations

from ..explain.catalogue import part_catalogue
from ..extras import require

PART = "overhead"
"""The texts of the charts, which the tables and the command share."""

LATIN = ("DejaVu Sans",)
CHINESE = (
    "WenQuanYi Micro Hei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Heiti SC",
    "SimHei",
    "WenQuanYi Zen Hei",
)
PACKAGE = "fonts-wqy-microhei"


def spoken_language(language: str) -> tuple[str, str]:
    """The language in which a chart can be written on this machine, and what to say where it is another one.

    Returns:
        The language, and a line in the wanted one about the font that is missing; empty where nothing is.
    """
    if language == "zh" and not chinese_fonts():
        return "en", font_note(language)
    return language, ""


def font_note(language: str) -> str:
    """What to do where no font has Chinese characters, said in a language."""
    return part_catalogue(PART, language).say("chart.font", package=PACKAGE)


def chinese_fonts() -> list[str]:
    """The fonts of this machine that have Chinese characters."""
    manager = require("matplotlib.font_manager", "overhead")
    known = {font.name for font in manager.fontManager.ttflist}
    return [name for name in CHINESE if name in known]
