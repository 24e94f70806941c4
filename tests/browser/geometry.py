"""Questions about places on a page, asked in the browser."""

from __future__ import annotations

from typing import Any

OVERLAPS = """svg => {
  const boxes = [...svg.querySelectorAll('text')].map(node => {
    const box = node.getBBox();
    return {text: node.textContent, left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height};
  }).filter(box => box.text.trim()).sort((one, other) => one.top - other.top);
  const found = [];
  for (let i = 0; i < boxes.length; i++)
    for (let k = i + 1; k < boxes.length && boxes[k].top < boxes[i].bottom - 0.5; k++)
      if (boxes[i].left < boxes[k].right - 0.5 && boxes[k].left < boxes[i].right - 0.5)
        found.push([boxes[i].text, boxes[k].text]);
  return {count: boxes.length, found};
}"""
"""Pairs of texts of a drawing whose boxes have more than half a pixel in common, and how many texts there are."""

OUTSIDE = """svg => {
  const view = svg.viewBox.baseVal;
  return [...svg.querySelectorAll('text')].filter(node => {
    const box = node.getBBox();
    return box.width && (box.x < 0 || box.y < 0 || box.x + box.width > view.width || box.y + box.height > view.height);
  }).map(node => node.textContent);
}"""
"""Texts of a drawing that leave it."""

CUT = """svg => {
  const cards = [...svg.querySelectorAll('rect.ws-box, rect.ws-box-wrong')].map(node => node.getBBox());
  return [...svg.querySelectorAll('text')].filter(node => {
    const box = node.getBBox();
    const x = box.x + Math.min(box.width, 4) / 2, y = box.y + box.height / 2;
    const card = cards.find(c => c.x <= x && x <= c.x + c.width && c.y <= y && y <= c.y + c.height);
    return card && (box.x < card.x || box.x + box.width > card.x + card.width
                    || box.y < card.y - 0.5 || box.y + box.height > card.y + card.height + 0.5);
  }).map(node => node.textContent);
}"""
"""Texts that begin on a card and do not fit into it."""

CARDS = """svg => {
  const cards = [...svg.querySelectorAll('rect.ws-box, rect.ws-box-wrong')].map(node => node.getBBox());
  let found = 0;
  for (let i = 0; i < cards.length; i++)
    for (let k = i + 1; k < cards.length; k++)
      if (cards[i].x < cards[k].x + cards[k].width && cards[k].x < cards[i].x + cards[i].width
          && cards[i].y < cards[k].y + cards[k].height && cards[k].y < cards[i].y + cards[i].height) found++;
  return {count: cards.length, found};
}"""
"""How many cards there are, and how many pairs of them overlap."""

BEYOND = """() => {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll('h1,h2,h3,h4,p,dt,dd,pre,summary,caption,th,td,code')].filter(node => {
    if (node.closest('thead') && getComputedStyle(node.closest('thead')).position === 'absolute') return false;
    const holder = node.closest('.scroll');
    if (holder && holder.scrollWidth > holder.clientWidth) return false;
    const box = node.getBoundingClientRect();
    return box.width && (box.left < 0 || box.right > width + 0.5);
  }).map(node => node.textContent.slice(0, 80));
}"""
"""Text of a page that leaves the window, where it is not in a part that scrolls by itself."""

SCROLLS = """() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"""
"""How broad the page is, and how broad the window."""


def assert_nothing_overlaps(drawing: Any) -> None:
    """Every text of a drawing has a place of its own, inside of it, and on a card inside of the card."""
    overlaps = drawing.evaluate(OVERLAPS)
    assert overlaps["count"] > 2, "a drawing without text proves nothing"
    assert overlaps["found"] == []
    assert drawing.evaluate(OUTSIDE) == []
    assert drawing.evaluate(CUT) == []


def assert_fits(page: Any) -> None:
    """The page does not scroll sideways, and no text of it is out of sight."""
    total, seen = page.evaluate(SCROLLS)
    assert total <= seen
    assert page.evaluate(BEYOND) == []
