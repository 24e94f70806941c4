"""The page as one HTML document that fetches nothing: markup, style and script from the files beside this one."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html import escape
from pathlib import Path

from ...explain.catalogue import LANGUAGES, catalogue, language_tag
from ...protocol.http import Headers, Response
from ...views.palette import MARKS, THEMES, Theme
from ...views.svg_theme import MONO, SANS

_WORD = re.compile(r"\{\{([a-z_.]+)\}\}")
_PREFIX = "page."


@cache
def document(language: str) -> Response:
    """The page as a response.

    Its policy lets it run its own script and speak with this server, and nothing else; the browser fetches nothing.

    Arguments:
        language: `en` or `zh`.
    """
    script, style = _read("page.js"), _style()
    body = _markup(language, script, style).encode()
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; connect-src 'self'"
    policy += "; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    fields = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Language", language),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept-Language"),
        ("Connection", "close"),
    ]
    return Response(200, Headers(fields), body=body)


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _markup(language: str, script: str, style: str) -> str:
    words = catalogue(language)

    def word(match: re.Match[str]) -> str:
        return escape(words.say(_PREFIX + match[1]))

    keys = sorted(key for key in words.keys() if key.startswith(f"{_PREFIX}js."))  # noqa: SIM118 - a method of ours
    spoken = {key.removeprefix(_PREFIX): words.say(key) for key in keys}
    other = next(name for name in LANGUAGES if name != language)
    parts = {
        "<!--language-->": language_tag(language),
        "<!--other-->": other,
        "<!--other-lang-->": language_tag(other),
        "/*style*/": style,
        "/*script*/": script,
        # An HTML parser ends a script at "</", wherever it stands.
        "/*words*/": json.dumps(spoken, ensure_ascii=False).replace("</", "<\\/"),
    }
    page = _WORD.sub(word, _read("page.html"))
    for mark, part in parts.items():
        page = page.replace(mark, part)
    return page


def _style() -> str:
    """The style sheet, with the colours of both themes and of the fields of a frame."""
    marks = "".join(f".f-{mark.field}{{background:{mark.fill};color:{mark.ink}}}" for mark in MARKS.values())
    light, dark = (f":root{{{_variables(theme)}}}" for theme in THEMES.values())
    rules = _read("page.css").replace("SANS", SANS).replace("MONO", MONO)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}{rules}{marks}"


def _variables(theme: Theme) -> str:
    return "".join(f"--{name}:{value};" for name, value in theme._asdict().items() if name != "name")
