"""Every test begins with nothing answered, in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wsedu.course import asking
from wsedu.explain.catalogue import VARIABLE


@pytest.fixture(autouse=True)
def nothing_answered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, "en")
    asking._ANSWERS.clear()
    yield
    asking._ANSWERS.clear()


@pytest.fixture
def lesson(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file of questions of each kind, called `lesson`."""
    from wsedu.course import question

    folder = tmp_path_factory.mktemp("questions")
    (folder / "lesson.toml").write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(question, "FOLDER", folder)
    question._file.cache_clear()
    yield
    question._file.cache_clear()


LESSON = """
[which]
kind = "choice"
options = ["M20", "", "-"]
en = {ask = "Which?", options = ["`7e`", "`7e 00 7e`", "none"], because = "Two bytes follow."}
zh = {ask = "哪个？", options = ["`7e`", "`7e 00 7e`", "都不是"], because = "后面有两个字节。"}

[size]
kind = "number"
wrong = {"2" = "X62", "3" = "-"}
en = {ask = "How many bytes?", because = "It has {value}."}
zh = {ask = "多少字节？", because = "有 {value} 个。"}

[bytes]
kind = "text"
wrong = {"8a 00" = "M28"}
en = {ask = "Which bytes?"}
zh = {ask = "哪些字节？"}

[again]
kind = "number"
recall = true
answer = 6
within = 0.1
en = {ask = "And what was it?", because = "Six."}
zh = {ask = "是多少来着？", because = "六。"}
"""
