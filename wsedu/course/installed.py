"""Where this wsedu was installed from, so that pip can get an optional part of it from there: it may be on no index."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "wsedu"


def with_extra(extra: str) -> list[str]:
    """What pip takes to install wsedu with an optional part; empty where what it was installed from is gone.

    Arguments:
        extra: the part.
    """
    source = _source()
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        place = "." if Path.cwd() == checkout else str(checkout)
        editable = source is not None and source.get("dir_info", {}).get("editable")
        return [*(["--editable"] if editable else []), f"{place}[{extra}]"]
    return [f"{NAME}[{extra}]"] if source is None else _from_source(source, extra)


def _source() -> dict[str, Any] | None:
    """What pip has written down of where it got wsedu; None if it came from an index, or not by pip."""
    try:
        told = distribution(NAME).read_text("direct_url.json")
        found: dict[str, Any] | None = json.loads(told) if told else None
        return found
    except (PackageNotFoundError, ValueError):
        return None


def _from_source(source: dict[str, Any], extra: str) -> list[str]:
    url = str(source["url"])
    if url.startswith("file:"):
        path = Path(url2pathname(urlsplit(url).path))
        return [f"{path}[{extra}]"] if path.exists() else []
    repository = source.get("vcs_info")
    return [f"{NAME}[{extra}] @ {repository['vcs']}+{url}" if repository else f"{NAME}[{extra}] @ {url}"]
