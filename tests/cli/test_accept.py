"""`accept`: the RFC's key, the article's key, and keys that are none."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from tests.cli.conftest import Run
from tests.support import vectors


@pytest.mark.parametrize(
    ("key", "accept"),
    [
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),  # RFC 6455 §1.3
        ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),  # the article
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_shows_the_three_steps_and_the_value(wsedu: Run, key: str, accept: str, language: str) -> None:
    done = wsedu("accept", key, "--lang", language)
    guid = vectors()["rfc6455"]["guid"]
    assert done.returncode == 0
    assert done.stderr == ""
    joined, digest = key + guid, hashlib.sha1((key + guid).encode()).digest()
    for shown in (joined, digest.hex(" "), base64.b64encode(digest).decode()):
        assert shown in done.stdout
    assert done.stdout.split()[-1] == accept


def test_the_whole_line_of_the_header_will_do(wsedu: Run) -> None:
    sample = vectors()["rfc6455"]["handshake"][0]
    done = wsedu("accept", f"Sec-WebSocket-Key: {sample['sec_websocket_key']}")
    assert done.stdout.split()[-1] == sample["sec_websocket_accept"]


def test_json_has_the_same_steps(wsedu: Run) -> None:
    sample = vectors()["rfc6455"]["handshake"][0]
    found = json.loads(wsedu("accept", sample["sec_websocket_key"], "--json").stdout)
    assert found["accept"] == sample["sec_websocket_accept"]
    assert found["legal"] is True
    assert bytes.fromhex(found["steps"]["concatenate"]["result"]).decode() == sample["concatenation"]
    assert found["steps"]["sha1"]["result"] == sample["sha1_hex"].replace(" ", "")


@pytest.mark.parametrize("key", ["AAAA", "", "x" * 24, "dGhlIHNhbXBsZSBub25jZQ"])
def test_a_key_that_a_server_must_refuse_is_status_1(wsedu: Run, key: str) -> None:
    done = wsedu("accept", key)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "16 bytes" in done.stderr
