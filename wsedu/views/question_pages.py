"""A question card as plain text, as a picture, as a page, and as a piece of a page with the answer folded away."""

from __future__ import annotations

from collections.abc import Iterator

from ..explain.catalogue import language_tag, part_catalogue
from .html_page import page, paragraph
from .question import Answer, Question
from .question_told import LETTERS, PART, Verdict, kept, recalled, runs, said_text, without_marks
from .svg_draw import element, escape, rect, text
from .svg_text import wrap
from .svg_theme import ThemeName, document, drawing_id

_LOOKS = {"right": ("✔ ", "ws-good"), "wrong": ("✘ ", "ws-bad"), "open": ("", "ws-t")}

_WIDTH, _MARGIN, _SIZE, _PITCH = 660.0, 24.0, 14.0, 21.0


def verdict_of(question: Question, answer: Answer | None, language: str) -> Verdict | None:
    """What the card says of an answer: the verdict, or for a prediction that it is kept; None before an answer."""
    if answer is None:
        return None
    return (recalled if question.recall else kept)(question, answer, language)


def card_text(question: Question, answer: Answer | None, language: str) -> str:
    """The card as plain text.

    Arguments:
        question: that is asked.
        answer: None before there is one.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    lines = [kicker(question, language), question.ask, ""]
    lines += [
        f"  {_mark(number, answer)} {LETTERS[number]}. {option}" for number, option in enumerate(question.options)
    ]
    if not question.options:
        said = "____" if answer is None or answer.said is None else said_text(question, answer.said)
        lines.append(f"  {say('card.line', label=say(f'card.{question.kind}'), said=said)}")
    verdict = verdict_of(question, answer, language)
    lines += ["", *(verdict.lines() if verdict else [say("card.not_answered")])]
    return "\n".join(lines) + "\n"


def kicker(question: Question, language: str) -> str:
    """What stands above a question."""
    head = question.head or ("recall" if question.recall else "predict")
    return part_catalogue(PART, language).say(f"card.{head}")


def _mark(number: int, answer: Answer | None) -> str:
    return "(•)" if answer is not None and answer.said == number else "( )"


# --- The picture ---


def card_svg(question: Question, answer: Answer | None, language: str, theme: ThemeName) -> str:
    """The card as a picture.

    Arguments:
        question: that is asked.
        answer: None before there is one.
        language: `en` or `zh`.
        theme: of the picture.
    """
    say = part_catalogue(PART, language).say
    pen = _Pen(_MARGIN + 8)
    pen.write(kicker(question, language), "ws-m", size=12.0)
    pen.write(without_marks(question.ask), "ws-t ws-b", size=15.0)
    pen.y += 6
    for number, option in enumerate(question.options):
        pen.option(f"{LETTERS[number]}.  {without_marks(option)}", answer is not None and answer.said == number)
    if not question.options:
        said = "" if answer is None or answer.said is None else said_text(question, answer.said)
        pen.field(say(f"card.{question.kind}"), said)
    pen.y += 6
    verdict = verdict_of(question, answer, language)
    if verdict is None:
        pen.write(say("card.not_answered"), "ws-m")
    else:
        pen.verdict(verdict)
    height = pen.y + 4
    frame = rect(8, 8, _WIDTH - 16, height - 8, rx=8, cls="ws-box")
    return document(
        [frame, *pen.body],
        width=_WIDTH,
        height=height + 8,
        name=drawing_id("question", question, answer, language),
        title=say("card.title"),
        description=without_marks(question.ask),
        language=language,
        theme=theme,
    )


class _Pen:
    """Writes from top to bottom.

    Arguments:
        y: the first base line, in pixels.
    """

    def __init__(self, y: float) -> None:
        self.y = y + 6
        self.body: list[str] = []

    def write(self, content: str, cls: str = "ws-t", *, indent: float = 0.0, size: float = _SIZE) -> None:
        """A paragraph."""
        # Bold letters are broader.
        room = (_WIDTH - 2 * _MARGIN - indent) / (1.2 if "ws-b" in cls else 1.0)
        for part in wrap(content, room, size):
            self.body.append(text(_MARGIN + indent, self.y, part, cls, size=size))
            self.y += _PITCH

    def option(self, content: str, chosen: bool) -> None:
        """An option, with a circle before it."""
        x, y = _MARGIN + 8, self.y
        self.body.append(element("circle", cx=x, cy=y, r=6.5, cls="ws-closed", stroke_width=1.5))
        if chosen:
            self.body.append(element("circle", cx=x, cy=y, r=3.5, cls="ws-t"))
        self.write(content, "ws-t ws-b" if chosen else "ws-t", indent=26.0)
        self.y += 4

    def verdict(self, verdict: Verdict) -> None:
        """What is said of the answer, its head marked by colour and sign."""
        sign, cls = _LOOKS[verdict.mark]
        head, *rest = verdict.lines()
        self.write(f"{sign}{without_marks(head)}", f"{cls} ws-b")
        for line in rest:
            self.y += 5
            self.write(without_marks(line))

    def field(self, label: str, said: str) -> None:
        """A field to write into."""
        self.body.append(text(_MARGIN, self.y + 4, label, "ws-t", size=_SIZE))
        self.body.append(rect(_MARGIN + 150, self.y - 12, 260, 30, rx=4, cls="ws-box"))
        self.body.append(text(_MARGIN + 160, self.y + 4, said[:30], "ws-t ws-b", size=_SIZE))
        self.y += _PITCH + 14


# --- The page ---


def card_html(question: Question, answer: Answer | None, language: str) -> str:
    """The card as a page without a script; a question that is recalled has its answer folded away.

    Arguments:
        question: that is asked.
        answer: None before there is one.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    parts = [card_piece(question, answer, language)]
    return page(say("card.title"), language, element("h1", escape(say("card.title"))), parts, escape(say("card.hint")))


def card_piece(question: Question, answer: Answer | None, language: str) -> str:
    """The card as a piece of any page, which needs no style sheet."""
    say = part_catalogue(PART, language).say
    content = [paragraph(kicker(question, language)), element("p", element("strong", marked(question.ask)))]
    content += list(_options(question, answer))
    verdict = verdict_of(question, answer, language)
    if verdict is not None:
        content += [element("p", marked(line)) for line in verdict.lines()]
    elif question.recall:
        so = [said_text(question, question.truth), question.because]
        folded = "".join(element("p", marked(line)) for line in so if line)
        content.append(element("details", element("summary", escape(say("card.answer"))) + folded))
    return element("div", "\n".join(content), lang=language_tag(language))


def _options(question: Question, answer: Answer | None) -> Iterator[str]:
    if question.options:
        # The letters are text: a page with a style sheet of its own numbers lists as it likes.
        lines = []
        for number, option in enumerate(question.options):
            line = f"{LETTERS[number]}. {marked(option)}"
            lines.append(element("strong", line) if answer is not None and answer.said == number else line)
        yield element("p", "<br>".join(lines))


def marked(content: str) -> str:
    """A text as HTML, with code where it stands between backticks."""
    return "".join(element("code", escape(piece)) if code else escape(piece) for piece, code in runs(content))
