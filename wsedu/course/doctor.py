"""Whether this machine is ready for the course: each check really tries what it asks for.

The checks are a table; what they find are facts. Words for them are in the catalogue `doctor`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from ..explain.catalogue import part_catalogue
from .installed import with_extra
from .remedies import pip_command

State = Literal["ready", "missing", "optional"]


class Lacking(Exception):
    """A check that has found something missing.

    Arguments:
        key: of the sentence, in the section `lacking` of the catalogue.
        fix: the command that mends it; empty where no command does, and the section `fix` has the advice.
        install: what pip has to install, where that mends it.
        facts: of both sentences.
    """

    def __init__(self, key: str, fix: str = "", *, install: Sequence[str] = (), **facts: Any) -> None:
        super().__init__(key, fix, install, facts)
        self.key, self.install, self.facts = key, tuple(install), facts
        self.fix = pip_command(install) if install else fix


@dataclass(frozen=True)
class Check:
    """One thing that is tried.

    Arguments:
        name: in the catalogue, and in JSON.
        place: the module of this package that tries it, and the function.
        needed: whether the course cannot do without: in which languages.
        slow: whether it may take more than a second.
        tried: in which languages it is tried.
    """

    name: str
    place: tuple[str, str]
    needed: tuple[str, ...] = ("en", "zh")
    slow: bool = False
    tried: tuple[str, ...] = ("en", "zh")


CHECKS = (
    Check("python", ("doctor_system", "python")),
    Check("loopback", ("doctor_system", "loopback")),
    Check("tls", ("doctor_system", "tls"), slow=True),
    Check("packages", ("doctor_jupyter", "packages")),
    Check("jupyterlab", ("doctor_jupyter", "jupyterlab")),
    Check("notebook", ("doctor_jupyter", "notebook"), ()),
    Check("translation", ("doctor_jupyter", "translation"), (), tried=("zh",)),
    Check("widgets", ("doctor_jupyter", "widgets")),
    Check("kernel", ("doctor_jupyter", "kernel"), slow=True),
    Check("latin", ("doctor_system", "latin")),
    Check("chinese", ("doctor_system", "chinese"), ("zh",), slow=True),
    Check("browser", ("doctor_system", "browser")),
    Check("wireshark", ("doctor_system", "wireshark"), ()),
    Check("bubblewrap", ("doctor_system", "bubblewrap"), ()),
    Check("folder", ("doctor_system", "folder")),
)
"""What is tried, in this order."""


@dataclass(frozen=True)
class Finding:
    """What came of a check.

    Arguments:
        name: of the check.
        state: `ready`, `missing`, or `optional` for what is missing and only some lesson wants.
        title: what was tried, in the user's language.
        found: what was found.
        fix: what mends it; empty where nothing is missing.
        command: the command for it, where one command is enough.
        install: what pip has to install, where that is the command.
        facts: as they were found.
    """

    name: str
    state: State
    title: str
    found: str
    fix: str = ""
    command: str = ""
    install: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def examine(
    language: str, folder: Path, *, begin: Callable[[str, bool], None] = lambda title, slow: None
) -> Iterator[Finding]:
    """Try everything, one after the other.

    Arguments:
        language: in which it is told; the fonts of that language are needed.
        folder: of the course, which may not be there yet.
        begin: is told the title of each check before it is tried, and whether that may take more than a second.
    """
    from .doctor_packages import import_problems

    # In a notebook, where this is run again once something was mended.
    import_problems.cache_clear()
    say = part_catalogue("doctor", language).say
    named: set[str] = set()
    for check in CHECKS:
        if language not in check.tried:
            continue
        begin(say(f"name.{check.name}"), check.slow)
        yield _tried(check, language, folder, named)


def _tried(check: Check, language: str, folder: Path, named: set[str]) -> Finding:
    """What comes of a check; what others have named that pip has to install is not named again."""
    words = part_catalogue("doctor", language)
    comma = words.say("told.comma")
    module, function = check.place
    probe: Callable[..., dict[str, Any]] = getattr(import_module(f".{module}", __package__), function)
    told = partial(Finding, check.name, title=words.say(f"name.{check.name}"))
    try:
        facts = probe(folder)
    except Lacking as lacking:
        state: State = "missing" if language in check.needed and not lacking.facts.get("elsewhere") else "optional"
        news = [name for name in lacking.install if name not in named]
        named.update(news)
        said = {key: comma.join(fact) if isinstance(fact, list) else fact for key, fact in lacking.facts.items()}
        if lacking.key == "packages":
            said["packages"] = comma.join(re.split("[<>=]", name)[0] for name in news)
        found = words.say(f"lacking.{lacking.key}" if news or not lacking.install else "lacking.named", **said)
        advice = f"fix.{lacking.key}" if words.has(f"fix.{lacking.key}") else "fix.none"
        fix = lacking.fix or words.say(advice, **said)
        facts = lacking.facts
        return told(state=state, found=found, fix=fix, command=lacking.fix, install=lacking.install, facts=facts)
    return told(state="ready", found=words.say(f"ready.{check.name}", **facts), facts=facts)


def is_ready(findings: list[Finding]) -> bool:
    """Whether nothing that is needed is missing."""
    return all(finding.state != "missing" for finding in findings)


def all_at_once(findings: list[Finding]) -> str:
    """The line by which pip installs everything that is missing; empty where it has nothing to install."""
    everything = list(dict.fromkeys(name for finding in findings for name in finding.install))
    if not everything:
        return ""
    part = with_extra("lab") if len(everything) > 1 else []
    return pip_command(part or everything)
