"""Each check of the notebooks finds the mistakes that it is for: they are planted here."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

import tools.notebooks
from tools.course import numbers
from tools.course.checking import differences, out_of_date
from tools.course.links import LARGEST, anchors, dead_links, unknown_links
from tools.course.numbers import asked_numbers, typed_numbers
from tools.course.source import LANGUAGES, sources, target

FRAMES = next(source for source in sources() if source.stem == "03_frames")
Notebook = nbformat.NotebookNode


def kept() -> Notebook:
    """A lesson with every kind of output."""
    return nbformat.read(target(FRAMES, "en"), as_version=4)


def test_nothing_is_found_where_nothing_was_planted() -> None:
    assert differences(kept(), kept()) == []
    assert list(out_of_date(kept(), FRAMES, "en")) == []


# --- What a lesson shows ---


def first(whole: Notebook, kind: str) -> Notebook:
    """The data of the first output that has a kind."""
    return next(
        output.data for cell in whole.cells for output in cell.get("outputs", ()) if kind in output.get("data", {})
    )


def code(whole: Notebook, *, tagged: bool) -> Notebook:
    """A cell of code: an exercise or another one."""
    return next(cell for cell in whole.cells if cell.cell_type == "code" and bool(cell.metadata.get("tags")) == tagged)


def without_a_picture(whole: Notebook) -> None:
    del first(whole, "image/png")["image/png"]


def with_another(kind: str) -> Callable[[Notebook], None]:
    def plant(whole: Notebook) -> None:
        first(whole, kind)[kind] += "\n\nplanted"

    return plant


def with_more_printed(whole: Notebook) -> None:
    stream = next(o for cell in whole.cells for o in cell.get("outputs", ()) if o.output_type == "stream")
    stream.text += "planted\n"


def with_other_code(whole: Notebook) -> None:
    code(whole, tagged=False).source += "\nplanted = True"


def with_another_stub(whole: Notebook) -> None:
    code(whole, tagged=True).source = "def solved(): ..."


def with_another_text(whole: Notebook) -> None:
    whole.cells[0].source = whole.cells[0].source.replace("Frames", "Planted")


def with_a_cell_less(whole: Notebook) -> None:
    del whole.cells[-1]


def with_another_tag(whole: Notebook) -> None:
    code(whole, tagged=True).metadata["tags"] = ["exercise:planted"]


CELLS = [with_other_code, with_another_stub, with_another_text, with_a_cell_less, with_another_tag]
SHOWN = [
    *map(with_another, ("text/html", "text/markdown", "text/plain")),
    without_a_picture,
    with_more_printed,
]


@pytest.mark.parametrize("plant", [*CELLS, *SHOWN])
def test_what_a_lesson_shows_is_compared(plant: Callable[[Notebook], None]) -> None:
    changed = copy.deepcopy(kept())
    plant(changed)
    assert differences(kept(), changed)


def test_the_command_tells_which_cells_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["notebooks.py", "--cells", "--lang", "en", "3"])
    assert (tools.notebooks.main(), capsys.readouterr().out) == (0, "")
    changed = kept()
    with_other_code(changed)
    nbformat.write(changed, tmp_path / "03_frames.ipynb")
    monkeypatch.setattr(tools.notebooks, "target", lambda source, language: tmp_path / f"{source.stem}.ipynb")
    assert tools.notebooks.main() == 1
    assert code(changed, tagged=False).id in capsys.readouterr().out


@pytest.mark.parametrize("plant", CELLS)
def test_cells_are_compared_with_their_source_without_a_run(plant: Callable[[Notebook], None]) -> None:
    changed = copy.deepcopy(kept())
    plant(changed)
    assert list(out_of_date(changed, FRAMES, "en"))


def test_pixels_are_not_compared() -> None:
    changed = copy.deepcopy(kept())
    first(changed, "image/png")["image/png"] = "AAAA"
    assert differences(kept(), changed) == []


def test_of_a_cell_that_measures_all_but_the_numbers_is_compared() -> None:
    def printing(text: str, **metadata: str) -> Notebook:
        output = nbformat.v4.new_output("stream", text=text)
        cell = nbformat.v4.new_code_cell(metadata=metadata, outputs=[output], id="one")
        return nbformat.v4.new_notebook(cells=[cell])

    one, other, wrong = "TEXT RSV1  38 | 1,120\n", "TEXT RSV1 138 | 990\n", "TEXT RSV2  38 | 1,120\n"
    assert differences(printing(one), printing(other))
    assert not differences(printing(one, measured="zlib"), printing(other, measured="zlib"))
    assert differences(printing(one, measured="zlib"), printing(wrong, measured="zlib"))


# --- Numbers ---


@pytest.mark.parametrize(
    "planted",
    [
        "The header has 4 bytes.",
        "It took 12.5 ms, or 3 of them.",
        "帧头有 4 个字节。",
        "A list:\n\n1. one\n2. with 17 bytes",
        "第 5 个字节",
        "密钥在第 2 到第 5 字节",
        "这是第 99 次",
        "第 99 课",
        "## 12 bytes of header",
        "# 12 · Frames",
        "an opcode 77",
        "Python 17 bytes",
        "TLS 22 bytes",
        "see lesson 99",
        "see lessons 3 and 44",
        "a < 5 bytes and 6 > b",
        "at most\n125. Then",
        "3. of a list\n4. that begins late",
        "1. at most\n125. Then",
        "871 bytes here",
        "In 2009 bytes",
        "the 126th and 127",
        "RFC 17 bytes",
        "§17 bytes",
        "UTF-7",
        "HTTP/9",
        "{{125}}",
        "{{1_950}}s",
        "{{2 ** 7 - 1}}",
        '{{f"{10_000:,}"}}',
        '{{65536, ","}}',
        '{{f"{len(x)} of 17"}}',
        "{{str(17)}}",
        '{{int("871")}}',
        "{{range(2 ** 7)[-1]}}",
        "1) at most\n125) Then",
        "> 1. a\n> 125. b",
        "![12 bytes](frame.png)",
    ],
)
def test_a_number_planted_in_a_text_is_caught(planted: str) -> None:
    assert typed_numbers(planted, 3)


@pytest.mark.parametrize(
    "fine",
    [
        "RFC 6455 §5.2, and `82 7e 00 7e`, and {{len(data)}} bytes, {{CODE}} too.",
        "```python\nx = 17\n```",
        "    x = 17",
        "# 3 · Frames",
        "1. first\n2. second",
        "A list:\n\n1. first\n\n   more of it\n2. second\n\nAnother:\n\n1. again",
        "SHA-1, UTF-8, HTTP/1.1, TLS 1.3, Python 3.11, base64, RSV1, erratum 3150",
        "lessons 3, 4 and 10; lesson 0; opcode 15",
        "第 2 课，第 3、4 课，操作码 9，§§5.1",
        "[the next lesson](04_masking.ipynb) <span style='width: 3em'>of all</span>",
        "the famous 871",
    ],
)
def test_code_sections_names_and_expressions_may_hold_digits(fine: str) -> None:
    assert typed_numbers(fine, 3) == []


def asked(**parts: str) -> dict[str, dict[str, object]]:
    """A question in both languages, without numbers but for the given parts in Chinese."""
    return {"en": {"ask": "Which?", "options": ["17", "18"]}, "zh": {"ask": "哪个？", "options": ["17", "18"], **parts}}


@pytest.mark.parametrize("part", ["ask", "because"])
def test_a_number_planted_in_a_question_is_caught(part: str) -> None:
    facts = asked(**{part: "有 17 个字节。"})
    assert [asked_numbers(facts, language) for language in LANGUAGES] == [[], ["17"]]


def test_a_question_may_have_the_numbers_of_its_entry_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "FOLDER", tmp_path)
    monkeypatch.setattr(numbers, "listed", lambda table: {"lesson.size": {"126": "given", "5": "nowhere"}})
    text = (
        '[size]\nen = {ask = "Has it 126 bytes?", options = ["9"]}\nzh = {ask = "有 127 个字节吗？", options = ["9"]}'
    )
    (tmp_path / "lesson.toml").write_text(text, encoding="utf-8")
    found = list(numbers.numbers_asked("lesson"))
    assert [(line.split(":")[0], line.split(": ")[1].split()[0]) for line in found] == [
        ("lesson.size (zh)", "127"),
        ("lesson.size", "5"),
    ]


# --- Links ---

HERE = "# Here\n<a id='there'></a>\n\n"
REMOTE = "https://cdn.test/x.png"


def one_cell(tmp_path: Path, text: str, **data: str) -> Path:
    """A notebook with a text and an output."""
    shown = nbformat.v4.new_output("display_data", data=data)
    cells = [nbformat.v4.new_markdown_cell(HERE + text), nbformat.v4.new_code_cell("1", outputs=[shown])]
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize(
    "planted",
    [
        "[a](gone.ipynb)",
        "[a](..)",
        "[a](/etc/passwd)",
        "[a](#nowhere)",
        "[a](one.ipynb#nowhere)",
        "<a href='gone.ipynb'>a</a>",
        "<a href='#nowhere'>a</a>",
        "[a][r]\n\n[r]: gone.ipynb",
        "![a](gone.png)",
        f"![a]({REMOTE})",
        f"![a][p]\n\n[p]: {REMOTE}",
        "<img src='//cdn.test/x.png'>",
        f"<img srcset='{REMOTE} 2x'>",
        f"<link rel='stylesheet' href='{REMOTE}'>",
        f"<p style='background: url({REMOTE})'>a</p>",
        f"<style>@import '{REMOTE}';</style>",
        f"<style>@import'{REMOTE}';</style>",
        f"<a href='one.ipynb' ping='{REMOTE}'>a</a>",
        f"<iframe src='{REMOTE}'></iframe>",
        "<script>import('https://cdn.test/x.js')</script>",
        "<p onclick='go()'>a</p>",
        "[a](https://elsewhere.test/)",
        "<https://elsewhere.test/>",
        "see https://elsewhere.test/",
        "<a href='//elsewhere.test/'>a</a>",
    ],
)
def test_a_link_planted_in_a_text_is_caught(tmp_path: Path, planted: str) -> None:
    assert len(list(dead_links(one_cell(tmp_path, planted)))) == 1


@pytest.mark.parametrize(
    ("kind", "planted"),
    [
        ("text/html", f"<img src={REMOTE}>"),
        ("text/html", "<a href='gone.ipynb'>a</a>"),
        ("text/html", "<script>1</script>"),
        ("text/markdown", f"![a]({REMOTE})"),
        ("image/svg+xml", f"<svg><image href='{REMOTE}'/></svg>"),
        ("image/svg+xml", f"<svg><use xlink:href='{REMOTE}'/></svg>"),
        ("application/javascript", f"fetch('{REMOTE}')"),
    ],
)
def test_a_link_planted_in_an_output_is_caught(tmp_path: Path, kind: str, planted: str) -> None:
    assert len(list(dead_links(one_cell(tmp_path, "", **{kind: planted})))) == 1


def test_links_that_lead_somewhere_are_none_of_these(tmp_path: Path) -> None:
    text = (
        "[a](#Here) [b](#there) [c](one.ipynb#Here) [d](one.ipynb) [e](https://www.rfc-editor.org/rfc/rfc6455)"
        " `https://elsewhere.test/` ![f](data:image/png;base64,AAAA)"
    )
    path = one_cell(tmp_path, text, **{"text/markdown": "it came from http://evil.example/"})
    assert list(dead_links(path)) == []
    assert anchors(path) == {"Here", "there"}


def test_a_notebook_that_is_too_large_is_told(tmp_path: Path) -> None:
    (found,) = dead_links(one_cell(tmp_path, "", **{"text/plain": "x" * LARGEST}))
    assert f"more than {LARGEST:,}" in found


@pytest.mark.parametrize(
    "planted",
    [
        "[a](https://elsewhere.test/)",
        "see https://elsewhere.test/",
        "<https://elsewhere.test/>",
        "<a href='http://elsewhere.test/'>a</a>",
        "[a][r]\n#\n# [r]: https://elsewhere.test/",
        "<img src='//elsewhere.test/x.png'>",
        "`https://elsewhere.test/`",
        "[a](https://www.rfc-editor.org/rfc/rfc6455)",
    ],
)
def test_an_address_planted_in_a_source_is_caught(tmp_path: Path, planted: str) -> None:
    source = tmp_path / "99_planted.py"
    source.write_text(f'# %% [markdown] lang="en"\n# {planted}\n', encoding="utf-8")
    assert len(list(unknown_links(source))) == 1


def test_an_address_planted_in_code_is_caught_but_for_examples(tmp_path: Path) -> None:
    source = tmp_path / "99_planted.py"
    text = (
        '# %% [markdown] lang="en"\n# [a](link:rfc6455) `http://127.0.0.1:8000/` `ws://a.test` `https://example.org/`\n'
    )
    source.write_text(text + '\n# %%\nasked = "http://shop.example/", "https://elsewhere.test/"\n', encoding="utf-8")
    (found,) = unknown_links(source)
    assert "https://elsewhere.test" in found
