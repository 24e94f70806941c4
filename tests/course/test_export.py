"""The inventory as files: what a reader of each form gets is what the questions say, whole or not at all."""

from __future__ import annotations

import html
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from wsedu.course.export import SUFFIXES, export
from wsedu.course.export_gift import escaped, gift
from wsedu.course.export_told import feedback
from wsedu.course.inventory import inventory
from wsedu.explain.catalogue import LANGUAGES
from wsedu.views.question import Question
from wsedu.views.question_told import without_marks

NODE = Path(__file__).parents[1] / "node"

_Q = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
_P = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"


class Read(NamedTuple):
    """A question as a learning platform would have it: its options, the right one's place, the feedback of each."""

    ask: str
    options: list[str]
    right: list[int]
    feedback: list[str]


def wanted(asked: list[Question], language: str) -> list[Read]:
    return [
        Read(
            without_marks(one.ask),
            [without_marks(option) for option in one.options],
            [one.right],
            [feedback(one, place, language) for place in range(len(one.options))],
        )
        for one in asked
    ]


# --- GIFT, as a parser reads it that is not ours ---


def read_gift(text: str) -> list[Read]:
    done = subprocess.run(["node", str(NODE / "gift.mjs")], input=text, capture_output=True, text=True, check=True)
    return [_question(found) for found in json.loads(done.stdout) if found["type"] != "Category"]


def _question(found: Any) -> Read:
    assert (found["type"], found["stem"]["format"]) == ("MC", "plain")
    choices = found["choices"]
    options = [choice["text"]["text"] for choice in choices]
    right = [place for place, choice in enumerate(choices) if choice["isCorrect"]]
    return Read(found["stem"]["text"], options, right, [choice["feedback"]["text"] for choice in choices])


@pytest.mark.parametrize("language", LANGUAGES)
def test_gift_is_read_back_as_the_questions(language: str, tmp_path: Path) -> None:
    asked = inventory(language)
    export(asked, tmp_path / "x.gift", language)
    text = (tmp_path / "x.gift").read_text(encoding="utf-8")
    assert read_gift(text) == wanted(asked, language)
    assert text.count("$CATEGORY: ") == 1


def test_every_sign_that_means_something_to_gift_is_escaped() -> None:
    text = "a~b=c#d{e}f:g\\h"
    assert escaped(text) == r"a\~b\=c\#d\{e\}f\:g\\h"
    question = Question("x.y", "choice", f"{text}?", (text, "~"), ("", "M01"), because="= # {")
    (read,) = read_gift(gift([question], "en"))
    assert (read.ask, read.options, read.right, read.feedback[0]) == (f"{text}?", [text, "~"], [0], "= # {")


# --- QTI 1.2 ---


def read_qti(path: Path) -> list[Read]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        (resource,) = manifest.iter(f"{_P}resource")
        assert resource.get("type") == "imsqti_xmlv1p2"
        (file,) = resource.iter(f"{_P}file")
        assert sorted(archive.namelist()) == sorted(["imsmanifest.xml", str(file.get("href"))])
        root = ElementTree.fromstring(archive.read(str(file.get("href"))))
    assert root.tag == f"{_Q}questestinterop"
    assert [child.tag for child in root] == [f"{_Q}assessment"]
    return [_item(item) for item in root.iterfind(f"{_Q}assessment/{_Q}section/{_Q}item")]


def words(node: ElementTree.Element) -> str:
    """The text of the first material of a node, which is HTML."""
    text = node.find(f".//{_Q}mattext")
    assert text is not None
    assert text.get("texttype") == "text/html"
    return html.unescape(re.sub(r"</?code>", "", text.text or ""))


def _item(item: ElementTree.Element) -> Read:
    order = [child.tag.removeprefix(_Q) for child in item]
    assert order == ["itemmetadata", "presentation", "resprocessing", *["itemfeedback"] * 4]
    entries = [entry.text for entry in item.iter(f"{_Q}fieldentry")]
    assert entries == ["multiple_choice_question", "1"]
    labels = list(item.iter(f"{_Q}response_label"))
    names = [str(label.get("ident")) for label in labels]
    hints = {str(hint.get("ident")): words(hint) for hint in item.iter(f"{_Q}itemfeedback")}
    conditions = list(item.iter(f"{_Q}respcondition"))
    scored = [_named(one) for one in conditions if one.find(f"{_Q}setvar") is not None]
    shown = {_named(one): str(_link(one)) for one in conditions if _link(one)}
    assert conditions[-1].get("continue") == "No"
    assert all(one.get("continue") == "Yes" for one in conditions[:-1])
    presentation = item.find(f"{_Q}presentation")
    assert presentation is not None
    return Read(
        words(presentation),
        [words(label) for label in labels],
        [names.index(name) for name in scored],
        [hints[shown[name]] for name in names],
    )


def _named(condition: ElementTree.Element) -> str:
    equal = condition.find(f"{_Q}conditionvar/{_Q}varequal")
    assert equal is not None
    assert equal.get("respident") == "response1"
    return str(equal.text)


def _link(condition: ElementTree.Element) -> str | None:
    shown = condition.find(f"{_Q}displayfeedback")
    return None if shown is None else shown.get("linkrefid")


@pytest.mark.parametrize("language", LANGUAGES)
def test_qti_is_read_back_as_the_questions(language: str, tmp_path: Path) -> None:
    asked = inventory(language, seed=3)
    export(asked, tmp_path / "x.zip", language)
    assert read_qti(tmp_path / "x.zip") == wanted(asked, language)


def test_every_name_in_the_assessment_is_there_once(tmp_path: Path) -> None:
    export(inventory("en"), tmp_path / "x.zip", "en")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        text = archive.read("wsedu_inventory/wsedu_inventory.xml").decode()
    items = re.findall(r'<item ident="(\w+)"', text)
    labels = re.findall(r'<response_label ident="(\w+)"', text)
    assert (len(set(items)), len(set(labels))) == (20, 80)


# --- Markdown, and every form ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_has_every_option_and_below_all_questions_what_is_behind_it(language: str, tmp_path: Path) -> None:
    asked = inventory(language)
    export(asked, tmp_path / "x.md", language)
    text = (tmp_path / "x.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([A-D]) \| (?:\*\*|(\w+): )", text, re.MULTILINE)
    expected = [
        (str(number), "ABCD"[place], idea)
        for number, one in enumerate(asked, 1)
        for place, idea in enumerate(one.ideas)
    ]
    assert rows == expected
    questions = text.partition("\n| ")[0]
    assert all(f"{'ABCD'[place]}. {option}" in questions for one in asked for place, option in enumerate(one.options))
    assert not re.search(r"\b[MX]\d\d\b", questions)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_questions_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for file in files:
        export(inventory("en"), file, "en")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_cannot_be_made_is_left_as_it_was(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"x{suffix}"
    file.write_text("before")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        export(inventory("en"), file, "en")
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]
