"""Saving what a command has recorded, in the form that the suffix of the file says."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..extras import require
from ..protocol.steps import TransportOpened
from .context import UserError

if TYPE_CHECKING:
    from ..trace.trace import Trace
    from .context import Context

Theme = Literal["auto", "light", "dark"]

Saver = Callable[["Trace", str, str, Theme], None]
"""Takes the trace, the path, the language and the theme."""

Savers = list[tuple[str, Saver]]
"""Files and how to save them."""


def suffixes() -> str:
    """The suffixes that choose a form, for help texts."""
    return ", ".join(SAVERS)


def savers_of(paths: Sequence[str]) -> Savers:
    """How to save each file, found before anything is recorded, so that nothing is recorded in vain.

    Arguments:
        paths: as the user wrote them.

    Raises:
        UserError: a name whose suffix says nothing, or a folder that is not there.
        MissingExtraError: a form needs a package that is not installed.
    """
    return [(path, saver_of(path)) for path in paths]


def saver_of(path: str) -> Saver:
    """How to save one file; raises as `savers_of` does."""
    suffix = Path(path).suffix.lower()
    if suffix not in SAVERS:
        raise UserError("cli.save.suffix", file=path, suffixes=suffixes())
    if not Path(path).absolute().parent.is_dir():
        raise UserError("cli.save.folder", folder=str(Path(path).parent))
    if suffix == ".png":
        require("resvg_py", "image")
    if suffix == ".pcapng":
        require("scapy", "capture")
    return SAVERS[suffix]


def save_all(trace: Trace, savers: Savers, context: Context, *, theme: Theme = "auto") -> None:
    """Save every file that can be saved, then raise the first problem of those that cannot.

    Arguments:
        trace: what was recorded.
        savers: from `savers_of`.
        context: of the command, which is told of each saved file.
        theme: of pictures.

    Raises:
        OSError, RuntimeError, ValueError, ImportError: a file could not be saved.
    """
    problems: list[Exception] = []
    for path, save in savers:
        try:
            save(trace, path, context.language, theme)
        except (OSError, RuntimeError, ValueError, ImportError) as problem:
            problems.append(problem)
        else:
            context.complain("cli.saved", file=path)
            if Path(path).suffix.lower() == ".pcapng" and _tls_of(trace) is not None:
                context.complain("cli.saved.plaintext", file=path)
    if problems:
        raise problems[0]


# --- A function for each suffix ---


def _save_lines(trace: Trace, path: str, language: str, theme: Theme) -> None:
    trace.save(path)


def _save_svg(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.files import write_whole
    from ..views.ladder import ladder_svg

    write_whole(path, ladder_svg(trace, language=language, theme=theme).encode())


def _save_png(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.files import write_whole
    from ..views.ladder import ladder_svg
    from ..views.png import svg_to_png

    # A picture of dots cannot follow its reader's theme.
    fixed: Literal["light", "dark"] = "light" if theme == "auto" else theme
    write_whole(path, svg_to_png(ladder_svg(trace, language=language, theme=fixed), theme=fixed))


def _save_html(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.files import write_whole
    from ..views.html import trace_html

    write_whole(path, trace_html(trace, language=language).encode())


def _save_pcapng(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..explain.catalogue import catalogue
    from ..trace.pcapwrite import write_pcapng

    say, tls = catalogue(language).say, _tls_of(trace)
    comment = say("cli.save.comment") if tls is None else say("cli.save.comment.tls", tls=tls)
    write_pcapng(trace, path, start=_date(trace), comment=comment)


def _save_har(trace: Trace, path: str, language: str, theme: Theme) -> None:
    from ..trace.harwrite import write_har

    write_har(trace, path, start=_date(trace))


def _date(trace: Trace) -> float:
    """When the first step was, in seconds since 1970: a trace that was recorded just now ends now."""
    return time.time() - (trace.records[-1].t if trace.records else 0.0)


def _tls_of(trace: Trace) -> str | None:
    """The version of TLS that protected the exchange."""
    return next((record.step.tls for record in trace if isinstance(record.step, TransportOpened)), None)


SAVERS: dict[str, Saver] = {
    ".jsonl": _save_lines,
    ".svg": _save_svg,
    ".png": _save_png,
    ".html": _save_html,
    ".pcapng": _save_pcapng,
    ".har": _save_har,
}
"""How to save a trace, by the suffix of the file."""
