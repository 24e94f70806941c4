"""The story of the overhead lab: the famous 871 bytes against 2, what they left out, and when polling is right.

Every number is computed here from the model; none is typed, neither in a question nor in an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..explain.catalogue import Catalogue, part_catalogue
from ..overhead import claims, wire
from ..overhead.curves import crossover, rates
from ..overhead.delays import delay
from ..overhead.model import evaluate
from ..overhead.setting import Setting
from ..overhead.transports import Transport
from .overhead_picture import OWN, short
from .overhead_table import time_told

ABOUT = 0.1
"""How far off an estimate of a count may be, as a part of it."""

FACTOR = 1.5
"""How far off an estimate of a rate may be, as a factor."""

PAYLOAD = 20
"""Bytes of the message whose packets are counted."""

CROSSING = Setting(clients=20, events_per_second=0.2, interval=5.0, payload=20, rtt=0.05)
"""Where the crossover is looked for."""


@dataclass(frozen=True)
class Situation:
    """A use of it, with what its user needs.

    Arguments:
        name: in the catalogue.
        setting: with the polling interval that is just good enough for 95 of 100 events.
        needs: seconds that an event may be late.
    """

    name: str
    setting: Setting
    needs: float

    @property
    def bytes(self) -> tuple[float, float]:
        """Bytes per second of one client: of polling, and of WebSocket."""
        one, other = (float(evaluate(way, self.setting).total()) for way in (Transport.POLLING, Transport.WEBSOCKET))
        return one, other

    @property
    def late(self) -> float:
        """Seconds within which 95 of 100 events arrive by polling."""
        return float(delay(Transport.POLLING, self.setting).quantile(0.95))

    @property
    def right(self) -> bool:
        """Whether polling is in time, and takes no more bytes than WebSocket."""
        polling, websocket = self.bytes
        return self.late <= self.needs and polling <= websocket


def _situation(name: str, needs: float, rate: float, payload: int, interval: float | None = None) -> Situation:
    setting = Setting(clients=1000, events_per_second=rate, interval=interval or needs, payload=payload, rtt=0.05)
    return Situation(name, setting, needs)


SITUATIONS = (
    _situation("dashboard", 5.0, 20.0, 20),
    _situation("mail", 60.0, 0.01, 200),
    _situation("counter", 60.0, 50.0, 20),
    _situation("chat", 0.5, 0.2, 80),
    # Where little may be late, the way to the client counts: it has to ask a bit more often than that.
    _situation("game", 0.15, 20.0, 40, interval=0.125),
)


@dataclass(frozen=True)
class Chapter:
    """A question of the story, and what is told when it has been answered.

    Arguments:
        key: `count`, `lines`, `packets`, `crossing` or `argue`.
        kind: `number`, `choice` or `choices`.
        answer: as it is told.
        right: whether what was said is right.
        reveal: what is told then, a paragraph each.
        options: value and label of each choice.
        ideas: what a number tells of the idea behind it.
        show: values of the setting to look at it in the charts.
    """

    key: str
    kind: str
    answer: str
    right: Callable[[Any], bool]
    reveal: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    ideas: dict[float, str] = field(default_factory=dict)
    show: dict[str, Any] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """What it is about."""
        return part_catalogue(OWN, language).say(f"story.{self.key}")

    def question(self, language: str) -> str:
        """What is asked."""
        say = part_catalogue(OWN, language).say
        heads = claims.article_heads()
        facts = {"characters": claims.article_characters(), "payload": PAYLOAD, "interval": float(CROSSING.interval)}
        return say(f"story.{self.key}.question", lines=sum(map(len, heads)), heads=len(heads), **facts)


def story_title(language: str) -> str:
    """What the story is called."""
    frame = int(wire.frame_header(PAYLOAD, masked=False))
    return part_catalogue(OWN, language).say("lab.story", characters=claims.article_characters(), frame=frame)


def article_heads() -> tuple[str, str]:
    """The two heads as they are read."""
    request, response = ("\n".join(head) for head in claims.article_heads())
    return request, response


def chapters(language: str) -> tuple[Chapter, ...]:
    """The story from its beginning to its end."""
    words = part_catalogue(OWN, language)
    return (_count(words), _lines(words), _packets(words), _crossing(words), _argue(words))


def said_text(chapter: Chapter, said: Any) -> str:
    """What was said, as it is told."""
    labels = dict(chapter.options)
    if isinstance(said, (list, tuple)):
        return "; ".join(labels[one] for one in said) or "–"
    return labels.get(str(said), str(said))


def _count(words: Catalogue) -> Chapter:
    characters = claims.article_characters()
    frame = int(wire.frame_header(PAYLOAD, masked=False))
    reveal = words.say("story.count.reveal", characters=characters, frame=frame, ratio=characters // frame)
    clients = claims.ARTICLE_CLIENTS[-1]
    mebi = f"{claims.article_throughput(clients):,.0f}"
    scale = words.say("story.count.scale", clients=clients, megabits=mebi)

    def right(said: float) -> bool:
        return abs(said - characters) <= ABOUT * characters

    return Chapter("count", "number", f"{characters:,}", right, (reveal, scale))


def _lines(words: Catalogue) -> Chapter:
    characters, whole = claims.article_characters(), claims.article_bytes()
    heads = claims.article_heads()
    lines = sum(map(len, heads))
    ideas = {
        float(characters + lines + len(heads)): words.say("story.lines.idea.lf"),
        float(characters + 2 * lines): words.say("story.lines.idea.empty"),
        float(characters + lines): words.say("story.lines.idea.both"),
        float(characters): words.say("story.lines.idea.none"),
    }
    reveal = words.say(
        "story.lines.reveal",
        bytes=whole,
        more=whole - characters,
        lines=lines,
        ends=lines + len(heads),
        heads=len(heads),
    )
    return Chapter("lines", "number", f"{whole:,}", lambda said: said == whole, (reveal,), ideas=ideas)


def _packets(words: Catalogue) -> Chapter:
    packets = claims.article_packets(PAYLOAD)
    famous = claims.article_characters() // int(wire.frame_header(PAYLOAD, masked=False))
    values = (famous, 100.0, packets.ratio, 2.0)
    options = tuple((f"{value:.0f}", words.say("story.ratio", ratio=f"{value:.0f}")) for value in values)
    answer = f"{packets.ratio:.0f}"
    reveal = words.say(
        "story.packets.reveal",
        polling=packets.polling,
        websocket=packets.websocket,
        ratio=f"{packets.ratio:.3g}",
        famous=famous,
        header=int(wire.packet_header(0)),
        payload=PAYLOAD,
        heads=claims.article_bytes(),
    )
    # One message for each poll, and headers without options, as the article's comparison has it.
    show = {"headers": claims.ARTICLE, "payload": PAYLOAD, "events_per_second": 1.0, "interval": 1.0, "tcp_options": 0}
    told = words.say("story.ratio", ratio=f"{packets.ratio:.3g}")
    return Chapter("packets", "choice", told, lambda said: said == answer, (reveal,), options, show=show)


def _crossing(words: Catalogue) -> Chapter:
    rate = crossover(rates(CROSSING)) or 0.0
    reveal = words.say(
        "story.crossing.reveal",
        rate=f"{rate:.2g}",
        interval=float(CROSSING.interval),
        events=f"{rate * float(CROSSING.interval):.1g}",
    )

    def right(said: float) -> bool:
        return rate / FACTOR <= said <= rate * FACTOR

    show = {name: getattr(CROSSING, name) for name in ("interval", "events_per_second", "payload", "rtt")}
    return Chapter("crossing", "number", words.say("story.rate", rate=f"{rate:.2g}"), right, (reveal,), show=show)


def _argue(words: Catalogue) -> Chapter:
    options = tuple(
        (
            one.name,
            words.say(
                f"situation.{one.name}",
                rate=float(one.setting.events_per_second),
                needs=time_told(one.needs, words.language),
            ),
        )
        for one in SITUATIONS
    )
    correct = [one.name for one in SITUATIONS if one.right]
    reveal = [words.say("story.argue.reveal"), *(_verdict(one, words) for one in SITUATIONS)]
    names = words.say("list.between").join(words.say(f"situation.{name}.name") for name in correct)
    show = {name: getattr(SITUATIONS[0].setting, name) for name in ("interval", "events_per_second", "payload", "rtt")}

    def right(said: Sequence[str]) -> bool:
        return sorted(said) == sorted(correct)

    return Chapter("argue", "choices", names, right, tuple(reveal), options, show=show)


def _verdict(one: Situation, words: Catalogue) -> str:
    polling, websocket = one.bytes
    return words.say(
        "story.argue.right" if one.right else "story.argue.wrong",
        name=words.say(f"situation.{one.name}.name"),
        why=words.say(
            f"situation.{one.name}.why",
            batch=float(one.setting.interval) * float(one.setting.events_per_second),
            polls=1 / float(one.setting.interval),
        ),
        polling=short(polling),
        websocket=short(websocket),
        late=time_told(one.late, words.language),
    )


def shown_setting(chapter: Chapter, setting: Setting) -> Setting:
    """A setting in which the charts show what a chapter is about."""
    return Setting(clients=setting.clients, **chapter.show)
