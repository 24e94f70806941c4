"""Clicks on the bits of a `FrameBuilder` in JupyterLab, with the mouse, and what has come of them on both sides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from tests.notebooks.lab import LabPage
from wsedu.views.sheet import flipped

_FAST = """
([bits, pause]) => new Promise(resolve => {
  const widget = document.querySelector("section.wsedu");
  const seen = [];
  const step = () => {
    if (seen.length === bits.length) { resolve(seen); return; }
    widget.querySelector(`[data-bit="${bits[seen.length]}"]`).click();
    const pressed = [...widget.querySelectorAll("[data-bit]")]
      .map(node => node.getAttribute("aria-pressed") === "true" ? "1" : "0");
    const sentence = widget.querySelector(".wsedu-builder-sentence").textContent;
    seen.push([pressed.join(""), widget.getAttribute("aria-busy") === "true", sentence]);
    setTimeout(step, pause);
  };
  step();
})
"""
_SHOWN = """
() => [...document.querySelectorAll("section.wsedu [data-bit]")]
  .map(node => node.getAttribute("aria-pressed") === "true" ? "1" : "0").join("")
"""


class Seen(NamedTuple):
    """What the screen showed right after a click: the bits, whether they wait for Python, and the sentence."""

    bytes: bytes
    busy: bool
    sentence: str


def _bytes(digits: str) -> bytes:
    return int(digits, 2).to_bytes(len(digits) // 8, "big")


def chosen(bits: int, count: int, seed: int) -> list[int]:
    """Some bits at random, of the first that many."""
    return random.Random(seed).choices(range(bits), k=count)


def after(data: bytes, bits: Sequence[int]) -> bytes:
    """What bytes are when these bits have been flipped, one after the other."""
    for bit in bits:
        data = flipped(data, bit)
    return data


def click(lab: LabPage, bits: Sequence[int]) -> None:
    """Click bits with the mouse, as fast as the mouse can be moved."""
    places = [lab.page.locator(f"section.wsedu [data-bit='{bit}']").bounding_box() for bit in bits]
    for place in places:
        assert place is not None
        lab.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)


def click_fast(lab: LabPage, bits: Sequence[int], pause: float) -> list[Seen]:
    """Click bits with that many milliseconds between them; gives what was to be seen after each."""
    return [Seen(_bytes(digits), *rest) for digits, *rest in lab.page.evaluate(_FAST, [list(bits), pause])]


def shown(lab: LabPage) -> bytes:
    """The bytes that the bits on the screen make."""
    return _bytes(lab.page.evaluate(_SHOWN))
