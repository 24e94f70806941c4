"""The palette of `wsedu.views` as CSS variables and textures, so that it is written down once."""

from __future__ import annotations

from ..views.palette import MARKS, THEMES
from ..views.svg_theme import MONO, SANS, texture_image

_THEMED = ("muted", "line", "good", "bad")


def variables() -> str:
    """The rules that define fonts, colours, and a class `wsedu-f-NAME` for each field of a frame."""
    light, dark = THEMES["light"], THEMES["dark"]
    colours = "".join(f"--wsedu-{name}:light-dark({getattr(light, name)},{getattr(dark, name)});" for name in _THEMED)
    host = (
        f"--wsedu-background:var(--jp-layout-color0,"
        f"var(--vscode-editor-background,light-dark({light.background},{dark.background})));"
        f"--wsedu-foreground:var(--jp-content-font-color0,"
        f"var(--vscode-editor-foreground,light-dark({light.foreground},{dark.foreground})));"
    )
    fields = "".join(
        f".wsedu-f-{name}{{--wsedu-fill:{mark.fill};--wsedu-ink:{mark.ink};"
        f"--wsedu-texture:{texture_image(mark.fill, mark.texture)}}}\n"
        for name, mark in MARKS.items()
    )
    return f".wsedu{{{host}{colours}--wsedu-sans:{SANS};--wsedu-mono:{MONO}}}\n{fields}"
