"""The opening handshake for a page: both heads, what was checked, and the three steps to the accept value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..explain.catalogue import Catalogue
from ..explain.words import bytes_hex, check_words, field_label
from ..protocol.steps import HandshakeAccept, HandshakeCheck, HandshakeRequest, HandshakeResponse, Step
from ..protocol.types import Role
from .html_page import code, paragraph, result, table
from .svg_draw import element, escape


def opening_parts(steps: Sequence[Step], say: Catalogue) -> Iterator[str]:
    """The parts of the section.

    Arguments:
        steps: of one connection, in order.
        say: the catalogue of the language.
    """
    for kind, key in ((HandshakeRequest, "request"), (HandshakeResponse, "response")):
        head = next((step for step in steps if isinstance(step, kind)), None)
        if head is not None:
            yield element("h3", escape(say.say(f"picture.html.{key}")))
            yield element("pre", escape("\n".join([head.line, *(f"{n}: {v}" for n, v in head.headers)])))
    for role in (Role.SERVER, Role.CLIENT):
        checks = [step for step in steps if isinstance(step, HandshakeCheck) and step.endpoint is role]
        if checks:
            yield _checks(role, checks, say)
    stages = _stages(steps)
    if stages:
        yield _accept(stages, say)
        yield paragraph(say.say("view.accept.why"))


_RESULTS = {True: "passed", False: "failed", None: "undecided"}


def _checks(role: Role, checks: Iterable[HandshakeCheck], say: Catalogue) -> str:
    head = [say.say(f"picture.html.{name}") for name in ("field", "found", "demand", "rule", "section", "result")]
    rows = []
    for step in checks:
        found = say.say("picture.html.absent") if step.found is None else step.found
        verdict = say.say(f"picture.html.{_RESULTS[step.passed]}", who=say.say(f"role.{role.value}"))
        label = field_label(step.field, say.language)
        demand = check_words(step.rule, say.language)
        decided = result(verdict, good=step.passed)
        rows.append([label, code(found), demand, code(step.rule or ""), f"§{step.rfc}", decided])
    return table(say.say("picture.html.checks", role=say.say(f"role.{role.value}")), head, rows)


def _stages(steps: Iterable[Step]) -> list[HandshakeAccept]:
    """The three steps once, though both endpoints take them."""
    found: dict[str, HandshakeAccept] = {}
    for step in steps:
        if isinstance(step, HandshakeAccept):
            found.setdefault(step.stage, step)
    return list(found.values())


def _accept(stages: Iterable[HandshakeAccept], say: Catalogue) -> str:
    head = [say.say(f"picture.html.{name}") for name in ("stage", "given", "outcome")]
    rows = []
    for step in stages:
        key = f"picture.html.stage.{step.stage}"
        rows.append([say.say(key) if say.has(key) else step.stage, code(_shown(step.given)), code(_shown(step.result))])
    return table(say.say("picture.html.accept"), head, rows)


def _shown(data: bytes) -> str:
    """ASCII as it is; a digest in hex."""
    return data.decode() if data.isascii() and data.decode().isprintable() else bytes_hex(data)
