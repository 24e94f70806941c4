"""What a client and a server make of bytes: a line for either sender, and what the bytes wait for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.words import demand_sentence, ending, further_sentences, verdict_sentence
from ..protocol.dissection import Dissection, Verdict
from ..protocol.layout import EXTENDED_MARK
from ..protocol.rules import CLIENT_MUST_MASK, SERVER_MUST_NOT_MASK
from .prose import Prose
from .styles import MUTED, STRONG, verdict_mark
from .tables import plain_table

_WAITS = "…"


def render_verdicts(dissection: Dissection, language: str) -> RenderableType:
    """A verdict for each sender that counts, from a client first; then what is still to come, if anything is.

    Arguments:
        dissection: from `wsedu.dissect`.
        language: `en` or `zh`.
    """
    one_sided = _one_sided(dissection)
    if one_sided:
        parts = [_by_the_mask(verdict, language) for verdict in dissection.verdicts]
    else:
        parts = [render_verdict(verdict, language) for verdict in dissection.verdicts]
    told = not one_sided and any(verdict.legal for verdict in dissection.verdicts)
    waits = _waits(dissection, language)
    if waits and not (told and _length_known(dissection)):
        parts.append(marked(Text(_WAITS, STRONG), [Prose(waits, STRONG)]))
    return Group(*parts)


def _one_sided(dissection: Dissection) -> bool:
    """Whether nobody knows the sender, one could send this, and nothing speaks against the other but the mask."""
    if dissection.sender is not None or not any(verdict.legal for verdict in dissection.verdicts):
        return False
    masks = (CLIENT_MUST_MASK, SERVER_MUST_NOT_MASK)
    broken = [violation.rule for verdict in dissection.verdicts for violation in verdict.violations]
    return bool(broken) and all(rule in masks for rule in broken)


def _by_the_mask(verdict: Verdict, language: str) -> RenderableType:
    """Most frames are like this: the mask tells who sends them, and that is no fault of theirs."""
    say = catalogue(language).say
    sender, violation = verdict.sender.value, verdict.violation
    if violation is not None:
        rule = violation.rule
        told = say(f"view.verdict.not_{sender}", rule=rule.name, section=rule.section)
        # The other line says whose frame it is: nothing here calls for attention.
        return marked(Text(verdict_mark(False)[0], MUTED), [Prose(told, MUTED)])
    mark, style = _mark(verdict)
    key = sender if verdict.complete else f"{sender}.{ending(verdict)}"
    return marked(Text(mark, style), [Prose(say(f"view.verdict.{key}"), style)])


def render_verdict(verdict: Verdict, language: str) -> RenderableType:
    """What an endpoint says to bytes from this sender: legal or not, and which rules are broken where.

    Arguments:
        verdict: of a dissection.
        language: `en` or `zh`.
    """
    mark, style = _mark(verdict)
    told = verdict_sentence(verdict, language)
    demand = "" if verdict.violation is None else demand_sentence(verdict.violation, language, told)
    lines = [text for text in (told, demand, *further_sentences(verdict, language)) if text]
    return marked(Text(mark, style), [Prose(text) for text in lines])


def _mark(verdict: Verdict) -> tuple[str, Style]:
    return (_WAITS, STRONG) if verdict.legal and not verdict.complete else verdict_mark(verdict.legal)


def _waits(dissection: Dissection, language: str) -> str:
    """What the bytes lack at their end: bytes of a frame, or frames of a message."""
    say = catalogue(language).say
    if dissection.missing:
        key = "view.verdict.waits" if _length_known(dissection) else "view.verdict.waits.least"
        return say(key, count=dissection.missing)
    cut = any(verdict.legal and not verdict.complete for verdict in dissection.verdicts)
    return say("view.verdict.waits.message") if cut else ""


def _length_known(dissection: Dissection) -> bool:
    """Whether the header of the last frame got as far as its length."""
    fields = {field.name: field for field in dissection.fields_of(len(dissection.frames) - 1)}
    extended = fields.get("extended_payload_length")
    if extended is not None:
        return extended.meaning != "extended.cut"
    return "payload_length" in fields and fields["payload_length"].value not in EXTENDED_MARK


def marked(mark: Text, lines: Sequence[Prose]) -> RenderableType:
    """A mark, and the lines beside it.

    Arguments:
        mark: of one cell.
        lines: that wrap behind it.
    """
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(mark, Group(*lines))
    return table
