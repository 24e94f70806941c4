"""The opening handshake as a tale in chapters: TCP, the request, its checks, the response, its checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.words import step_sentence
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    HandshakeAccept,
    HandshakeCheck,
    HandshakeKey,
    HandshakeRequest,
    HandshakeResponse,
    Step,
    TransportOpened,
)
from ..protocol.types import Role
from .acts import ActTeller, chunks_sentence
from .heads import render_accept, render_checks, render_head, render_key
from .prose import Prose
from .story import Story
from .tables import role_name, told_by

_INDENT = (0, 0, 0, 2)


class Chapter(NamedTuple):
    """One part of the opening handshake.

    Arguments:
        label: who acts, for the line above it.
        heading: its sentence.
        body: what follows.
    """

    label: str
    heading: str
    body: list[RenderableType]


# In which chapter a step is told; steps of other kinds go where their endpoint's last step went.
_TCP, _REQUEST, _REQUEST_READ, _RESPONSE, _RESPONSE_READ = range(5)


def _chapter_of(step: Step) -> int | None:
    if isinstance(step, TransportOpened):
        return _TCP
    if isinstance(step, HandshakeKey):
        return _REQUEST
    if isinstance(step, HandshakeRequest):
        return _REQUEST if step.sent else _REQUEST_READ
    if isinstance(step, HandshakeAccept):
        return _RESPONSE
    if isinstance(step, HandshakeResponse):
        return _RESPONSE if step.sent else _RESPONSE_READ
    return None


def tell_opening(steps: Iterable[Step], story: Story) -> Iterator[Chapter]:
    """The chapters of which something was recorded, in the order of the RFC.

    Arguments:
        steps: of the opening handshake, of both endpoints or of one.
        story: of the connection.
    """
    chapters: dict[int, list[Step]] = {}
    last: dict[Role | None, int] = {}
    for step in steps:
        if isinstance(step, (BytesSent, BytesReceived)):
            continue
        number = _chapter_of(step)
        if number is None:
            number = last.get(step.endpoint, _TCP)
        # Whether TCP or the key comes first is chance; later steps of the endpoint do not belong to TCP.
        last[step.endpoint] = max(number, last.get(step.endpoint, _TCP))
        if isinstance(step, HandshakeAccept):
            last[Role.SERVER] = _RESPONSE
        chapters.setdefault(number, []).append(step)
    for number in sorted(chapters):
        yield _tell(number, chapters[number], story)


def _tell(number: int, steps: Sequence[Step], story: Story) -> Chapter:
    say = catalogue(story.language).say
    if number == _RESPONSE and any(isinstance(step, HandshakeAccept) for step in steps):
        heading = say("view.accept.title")
    elif number in (_REQUEST_READ, _RESPONSE_READ):
        checks = [step for step in steps if isinstance(step, HandshakeCheck)]
        key = "view.request.checks" if number == _REQUEST_READ else "view.response.checks"
        heading = say(key, count=len(checks)) if checks else say("view.head.read")
    else:
        heading = say(("view.tcp", "view.request", "", "view.response")[number])
    return Chapter(_label(number, story.language), heading, _body(steps, story))


def _label(number: int, language: str) -> str:
    client, server = (role_name(role, language) for role in Role)
    who = ("", f"{client} ─▶ {server}", server, f"{server} ─▶ {client}", client)[number]
    title = catalogue(language).say("view.label.opening")
    return f"{title} · {who}" if who else title


def _body(steps: Sequence[Step], story: Story) -> list[RenderableType]:
    """The steps in order: tables where several belong together, sentences for the rest."""
    parts: list[RenderableType] = []
    for run in _runs(steps):
        parts += _run(run, story)
    return parts


def _runs(steps: Sequence[Step]) -> Iterator[list[Step]]:
    run: list[Step] = []
    for step in steps:
        if run and _family(run[-1]) is not _family(step):
            yield run
            run = []
        run.append(step)
    if run:
        yield run


_TABLES = (HandshakeKey, HandshakeCheck, HandshakeAccept, HandshakeRequest, HandshakeResponse)


def _family(step: Step) -> type[Step]:
    return type(step) if isinstance(step, _TABLES) else Step


def _run(run: list[Step], story: Story) -> list[RenderableType]:
    language, first = story.language, run[0]
    if isinstance(first, HandshakeKey):
        keys = [step for step in run if isinstance(step, HandshakeKey)]
        return [render_key(key, language) for key in keys]
    if isinstance(first, (HandshakeRequest, HandshakeResponse)):
        heads = [step for step in run if isinstance(step, (HandshakeRequest, HandshakeResponse))]
        return [part for head in heads for part in _head(head, story)]
    if isinstance(first, HandshakeCheck):
        return [render_checks([step for step in run if isinstance(step, HandshakeCheck)], language)]
    if isinstance(first, HandshakeAccept):
        return [render_accept([step for step in run if isinstance(step, HandshakeAccept)], language)]
    return ActTeller(story).tell(run)


def _head(head: HandshakeRequest | HandshakeResponse, story: Story) -> list[RenderableType]:
    """The head line by line where it is first seen; one sentence where it arrives as it was sent."""
    key = ("head", type(head), head.line, head.headers)
    if key in story.told and head.span is not None:
        say = catalogue(story.language).say
        text = say("view.receipt.same", chunks=chunks_sentence(story, head.span))
        return [Padding(told_by([(head.endpoint, Text(text))], story.language), _INDENT)]
    story.told.add(key)
    if isinstance(head, HandshakeRequest) and head.sent:
        # The heading of the chapter says it.
        return [render_head(head)]
    return [Prose(step_sentence(head, story.language)), render_head(head)]
