"""The catalogues hold the same keys and placeholders, every key of the tables, and nothing that nobody says."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest

import wsedu.explain.catalogue
from tests.explain import cases
from wsedu.explain.catalogue import LANGUAGES, Catalogue, catalogue, part_catalogue
from wsedu.explain.words import (
    check_words,
    close_code_sentence,
    damaged_trace_sentence,
    field_label,
    field_meaning,
    further_sentences,
    phase_sentence,
    rule_sentence,
    step_sentence,
    step_title,
    verdict_sentence,
    violation_sentence,
)
from wsedu.protocol.closing import Action, CloseCode, Happening, Phase
from wsedu.protocol.dissection import dissect
from wsedu.protocol.rules import RULES
from wsedu.protocol.steps import KINDS
from wsedu.protocol.types import Role, opcode_name
from wsedu.trace import jsonl
from wsedu.trace.trace import Header

HAN = r"[\u4e00-\u9fff]"
FULL_WIDTH = r"[，。；：！？、（）“”]"
TOLD = (
    *("role.", "mask.", "opcode.", "closecode.", "field.", "meaning.", "title.", "step.", "act.", "happening."),
    *("action.", "phase.", "verdict.", "rule.", "check.", "fault.", "answer.", "trace.", "observer.", "tap."),
)
"""The sections that `words` speaks from; other layers have theirs in the same files, and test what they use."""


def texts(language: str) -> dict[str, str]:
    path = Path(wsedu.explain.catalogue.__file__).with_name(f"{language}.toml")
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, entries in sections.items() for key, text in entries.items()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def without_placeholders(text: str) -> str:
    return re.sub(r"\{[^{}]*\}", "\0", text)


ENGLISH, CHINESE = texts("en"), texts("zh")


def test_both_have_the_same_keys() -> None:
    assert set(ENGLISH) == set(CHINESE)


def test_both_have_the_same_placeholders_by_name() -> None:
    differing = {key for key in ENGLISH if placeholders(ENGLISH[key]) != placeholders(CHINESE[key])}
    assert differing == set()
    assert all(name.isidentifier() for text in ENGLISH.values() for name in placeholders(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_of_the_tables_has_its_text(language: str) -> None:
    wanted = {f"{section}.{kind}" for section in ("step", "title") for kind in KINDS}
    wanted |= {f"{section}.{name}" for section in ("rule", "fault") for name in RULES}
    wanted |= {f"phase.{phase.name}" for phase in Phase}
    wanted |= {f"happening.{happening.name}" for happening in Happening}
    wanted |= {f"action.{action.name}" for action in Action}
    wanted |= {f"role.{role.value}" for role in Role}
    wanted |= {f"opcode.{opcode_name(opcode)}" for opcode in range(16)}
    wanted |= {f"closecode.{int(code)}" for code in CloseCode}
    wanted |= {f"meaning.{field.meaning}" for field in cases.all_fields()}
    wanted |= {f"field.{field.name}" for field in cases.all_fields()}
    wanted |= {f"field.{check.field}" for check in cases.CHECKS if check.field.islower()}
    wanted |= {f"check.{check.rule.name}" for check in cases.CHECKS}
    wanted |= cases.notes()
    assert wanted <= catalogue(language).keys()


def test_the_scenarios_ask_only_for_acts() -> None:
    assert {note.partition(".")[0] for note in cases.notes()} == {"act"}


def say_everything(language: str) -> None:
    for step in cases.all_steps():
        step_title(step, language)
        step_sentence(step, language)
    for field in cases.all_fields():
        field_label(field.name, language)
        field_meaning(field, language)
    for rule in RULES.values():
        rule_sentence(rule, language)
    for check in cases.CHECKS:
        check_words(check.rule.name, language)
    for violation in cases.violations():
        violation_sentence(violation, language)
    for data in ("8100", "818537fa213d7f9f4d5158", "8105", "0100", "830083008f00"):
        for verdict in dissect(bytes.fromhex(data)).verdicts:
            verdict_sentence(verdict, language)
            further_sentences(verdict, language)
    for phase in Phase:
        phase_sentence(phase, language)
    for code in range(1 << 13):
        close_code_sentence(code, language)
    for problem in trace_problems():
        damaged_trace_sentence(problem, language)


def trace_problems() -> list[jsonl.DamagedTraceError]:
    header = jsonl.header_line(Header(1, "0", None, None))
    newer = header.replace('"format":1', '"format":999')
    steps = [f"{header}\n{line}" for line in ('{"n":1}', '{"n":"one","t":0}')]
    damaged = ["", "no json", "[" * 100_000, '{"kind":"step"}', newer, *steps]
    found = []
    for text in damaged:
        with pytest.raises(jsonl.DamagedTraceError) as caught:
            jsonl.loads(text)
        found.append(caught.value)
    assert len({error.problem for error in found}) == len(damaged)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_said_and_no_other(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[str] = set()
    plain_say = Catalogue.say

    def say(self: Catalogue, key: str, /, **facts: Any) -> str:
        text = plain_say(self, key, **facts)
        said.add(key)
        return text

    monkeypatch.setattr(Catalogue, "say", say)
    say_everything(language)
    assert said == {key for key in ENGLISH if key.startswith(TOLD)}


def test_an_unknown_key_and_a_missing_fact_are_errors() -> None:
    words = catalogue("en")
    assert not words.has("step.no.such.kind")
    with pytest.raises(KeyError, match=r"step\.no\.such\.kind"):
        words.say("step.no.such.kind")
    with pytest.raises(KeyError, match="missing"):
        words.say("meaning.payload.cut")
    assert words.say("meaning.payload.cut", missing=1) == "waits for 1 more byte"
    assert words.say("meaning.payload.cut", missing=14330) == "waits for 14,330 more bytes"


def test_there_is_no_other_language() -> None:
    with pytest.raises(ValueError, match="en, zh"):
        catalogue("fr")


# --- How the texts are written ---

SENTENCES = ("rule.", "act.", "action.", "phase.", "answer.")
CLAUSES = ("check.", "meaning.", "closecode.", "happening.", "title.", "field.", "opcode.", "role.")


def wrong(catalogue_texts: dict[str, str], pattern: str) -> set[str]:
    """The keys of the texts in which a pattern is found, a placeholder being one character, NUL."""
    return {key for key, text in catalogue_texts.items() if re.search(pattern, without_placeholders(text))}


def test_a_sentence_ends_with_a_full_stop_and_a_clause_does_not() -> None:
    for catalogue_texts, stop in ((ENGLISH, "."), (CHINESE, "。")):
        ended = {key for key, text in catalogue_texts.items() if text.endswith(stop)}
        assert {key for key in catalogue_texts if key.startswith(SENTENCES)} <= ended
        assert {key for key in ended if key.startswith(CLAUSES)} == set()


def test_chinese_sentences_are_chinese() -> None:
    plain = {key: re.sub(r"\W", "", without_placeholders(text)) for key, text in CHINESE.items()}
    # Names that the RFC gives stay as they are; some texts only put others together.
    wanted = {key for key in plain if plain[key] and key.startswith(TOLD) and not key.startswith(("field.", "opcode."))}
    assert {key for key in wanted if not re.search(HAN, plain[key])} == set()


def test_chinese_has_full_width_punctuation() -> None:
    assert wrong(CHINESE, rf"{HAN}[,.;:!?()]|[,.;:!?()]{HAN}") == set()
    assert {key for key in wrong(CHINESE, r"\0[,;:!?]") if key.startswith(TOLD)} == set()


def test_chinese_has_no_stray_spaces() -> None:
    stray = wrong(CHINESE, rf"  | {FULL_WIDTH}|{FULL_WIDTH} |{HAN} {HAN}")
    assert {key for key in stray if key.startswith(TOLD)} == set()


def test_chinese_sets_latin_words_and_numbers_apart() -> None:
    assert wrong(CHINESE, rf"{HAN}[A-Za-z0-9§]|[A-Za-z0-9]{HAN}") == set()


PARTS = sorted({path.name.split(".")[0] for path in wsedu.explain.catalogue.PARTS.glob("*.toml")})


@pytest.mark.parametrize("part", PARTS)
def test_chinese_of_every_part_sets_latin_words_and_numbers_apart(part: str) -> None:
    assert wrong(part_catalogue(part, "zh").texts, rf"{HAN}[A-Za-z0-9§]|[A-Za-z0-9%]{HAN}") == set()


def test_chinese_sets_facts_apart_whichever_script_they_have() -> None:
    words = Catalogue("zh", {"one": "显示{name}和{count}个，{list}", "hex": "得到{found!r}个"})
    assert words.say("one", name="WebSocket", count=3, list="A") == "显示 WebSocket 和 3 个，A"
    assert words.say("one", name="轮询", count=3, list="") == "显示轮询和 3 个，"
    assert words.say("hex", found="x") == "得到'x'个"
    assert words.say("hex", found=7) == "得到 7 个"


def test_english_has_no_stray_spaces() -> None:
    assert {key for key in wrong(ENGLISH, r"  |^ | $| [,.;:](?: |$)") if key.startswith(TOLD)} == set()


def test_the_words_of_english_are_ascii() -> None:
    assert {key for key in wrong(ENGLISH, r"[^\0-\x7f§]") if key.startswith(TOLD)} == set()
