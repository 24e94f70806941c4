"""The article's claims, the index of the lessons, the keys of a film."""

from __future__ import annotations

from tools.teaching.lessons import lessons
from tools.teaching.sheets import head, lesson_links, sheet_name
from tools.teaching.texts import filled, row, say, source, table, up
from wsedu.explain.catalogue import part_catalogue
from wsedu.widgets.film_record import MENU

FILM_KEYS = {
    "play": "`.`",
    "step": "`←` `→` `Page Up` `Page Down`",
    "ends": "`Home` `End`",
    "scenario": "`1`–`9`",
    "fork": "`f`",
    "zoom": "`+` `−` `0`",
    "projector": "`p`",
    "help": "`?`",
}


def article(language: str) -> str:
    """The page that maps the article's claims to the lessons."""
    given = source("article")
    rows = [
        row(
            claim["section"],
            filled(claim[language]["claim"], language),
            lesson_links(claim["lessons"], language),
            filled(claim[language].get("correct", say("nothing", language)), language),
        )
        for claim in given["claim"]
    ]
    heads = [say(name, language) for name in ("section", "claim", "lesson", "correct")]
    lead = filled(given[language]["lead"], language)
    lines = [*head(say("article", language), "article.md", "article", language), lead, "", *table(heads, rows)]
    return "\n".join([*lines, "", say("next", language)]) + "\n"


def lessons_table(language: str) -> str:
    """A row for each lesson."""
    rows = []
    sub = "" if language == "en" else f"{language}/"
    for number, one in lessons(language).items():
        notebook = f"[{number} · {one.title}]({up(language)}/notebooks/{sub}{one.stem}.ipynb)"
        exercises = ", ".join(f"`{each.name}`" for each in one.exercises)
        rows.append(row(notebook, one.minutes, f"[{say('index_sheet', language)}]({sheet_name(number)})", exercises))
    heads = [say(f"index_{name}", language) for name in ("lessons", "minutes", "sheet", "exercises")]
    total = sum(one.minutes for one in lessons(language).values())
    return "\n".join([*table(heads, rows), "", say("index_total", language, minutes=total)])


def keys_table(language: str) -> str:
    """The keys of a film, and the scenarios that its digits record."""
    words = part_catalogue("exchange_film", language)
    keys = [row(keys, words.say(f"film.key.{name}")) for name, keys in FILM_KEYS.items()]
    menu = [row(f"`{place}`", words.say(f"scenario.{name}"), f"`{name}`") for place, name in enumerate(MENU[:9], 1)]
    return "\n".join(
        [
            *table([say("key", language), say("key_does", language)], keys),
            "",
            *table([say("key", language), say("scenario", language), ""], menu),
        ]
    )
