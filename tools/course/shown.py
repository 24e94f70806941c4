"""What a text in Markdown or HTML shows: its words outside of code, its anchors, and every address in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote

from nbconvert.filters.markdown_mistune import markdown2html_mistune

CODE = ("code", "pre", "script", "style")
"""What stands in these elements is no prose."""

ADDRESSES = ("href", "src", "srcset", "xlink:href", "poster", "data", "action", "formaction", "background", "ping")
STYLED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s*["']([^"']+)""", re.IGNORECASE)


class Address(NamedTuple):
    """Where something leads, or from where it is loaded.

    Arguments:
        goes: whether a reader goes there by a click; what is not clicked is loaded at once.
        to: the address.
    """

    goes: bool
    to: str


class Shown(HTMLParser):
    """A text in HTML, read.

    Arguments:
        html: the text.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.prose, self.code, self.style = "", "", ""
        self.addresses: list[Address] = []
        self.anchors: set[str] = set()
        self.tags: list[str] = []
        self._within: list[str] = []
        self.feed(html)
        self.close()
        self.addresses += _styled(self.style)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Its addresses and its anchor; a list that does not begin at 1 shows a number."""
        self.tags.append(tag)
        if tag in CODE:
            self._within.append(tag)
        for name, value in attrs:
            if name in ADDRESSES:
                self.addresses.append(Address((tag, name) == ("a", "href"), value or ""))
            elif name == "style":
                self.addresses += _styled(value or "")
            elif name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(unquote(value or ""))
            elif (tag, name) == ("ol", "start"):
                self.prose += f" {value}. "
            elif name in ("alt", "title"):
                self.prose += f" {value} "
            elif name.startswith("on"):
                self.tags.append("script")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As an element without anything in it."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """What follows is prose again, if this was code."""
        if tag in self._within:
            self._within.remove(tag)

    def handle_data(self, data: str) -> None:
        """Words, code or style."""
        if "style" in self._within:
            self.style += data
        elif self._within:
            self.code += data
        else:
            self.prose += data


def _styled(style: str) -> Iterable[Address]:
    return [Address(False, one or other) for one, other in STYLED.findall(style)]


@cache
def shown(markdown: str) -> Shown:
    """A text in Markdown, as a notebook shows it."""
    return Shown(markdown2html_mistune(markdown))
