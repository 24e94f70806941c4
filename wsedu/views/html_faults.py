"""A broken rule for a page: its name, its section, the byte, and what it means."""

from __future__ import annotations

from ..explain.catalogue import Catalogue
from ..explain.words import violation_sentence
from ..protocol.steps import Violation
from .html_page import paragraph
from .svg_draw import element, escape


def fault_box(fault: Violation, say: Catalogue) -> str:
    """A broken rule in a frame of its own.

    Arguments:
        fault: the step.
        say: the catalogue of the language.
    """
    name = element("strong", escape(say.say("picture.violation", rule=fault.rule)), cls="bad")
    if fault.offset is None:
        where = say.say("picture.violation.section", section=fault.rfc)
    else:
        where = say.say("picture.violation.where", section=fault.rfc, offset=fault.offset)
    lines = [element("p", f"{name} {escape(where)}"), paragraph(violation_sentence(fault, say.language))]
    return element("div", "".join(lines), cls="wrong")
