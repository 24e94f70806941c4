"""Where a server is asked to listen, and what it is asked to speak: what cannot be is refused in one line."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from wsedu.cli.main import run
from wsedu.loopback import record

from .conftest import Run

PORTS = ["-1", "65536", "99999", str(1 << 70)]


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("command", ["serve", "replay", "tap"])
def test_a_port_that_there_is_not_is_refused(wsedu: Run, command: str, port: str, tmp_path: Path) -> None:
    recorded = tmp_path / "hello.jsonl"
    if command == "replay":
        wsedu("demo", "--scenario", "hello", "--save", str(recorded))
    arguments = {"serve": [], "replay": [str(recorded), "--serve"], "tap": ["--to", "ws://127.0.0.1:9/"]}[command]
    done = wsedu(command, *arguments, f"--port={port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert port in done.stderr
    assert "65535" in done.stderr
    assert "bug" not in done.stderr


def unknown(*ignored: Any, **options: Any) -> None:
    """A resolver that knows no name."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize("public", [[], ["--public"]], ids=["local", "public"])
@pytest.mark.parametrize("host", ["nonexist.invalid", "no..label", "x" * 64])
def test_a_host_that_nobody_knows_is_said_to_be_unknown(
    host: str, public: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if host == "nonexist.invalid":
        # No test asks a name server; of the others Python knows itself that they are no names.
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert run(["serve", "--host", host, "--port", "0", "--lang", "en", *public]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert told.count("\n") == 1
    assert repr(host) in told
    assert "nobody knows" in told
    assert "other machines" not in told


@pytest.mark.parametrize("host", ["0.0.0.0", ""])
def test_a_host_that_others_reach_is_said_to_be_so(wsedu: Run, host: str) -> None:
    done = wsedu("serve", "--host", host, "--port", "0")
    assert done.returncode == 2
    assert "--public" in done.stderr


@pytest.mark.parametrize("names", [["a,b"], ["a b"], [""], ["chat", "chat"], ["é"]], ids=str)
def test_what_is_no_subprotocol_is_refused(wsedu: Run, names: list[str]) -> None:
    done = wsedu("serve", "--port", "0", *(f"--subprotocol={name}" for name in names))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "subprotocol" in done.stderr
    assert repr(names[-1]) in done.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["serve", "replay", "tap"])
def test_a_busy_port_says_how_to_get_a_free_one(wsedu: Run, command: str, language: str, tmp_path: Path) -> None:
    recorded = tmp_path / "hello.jsonl"
    record("hello", seed=1).save(recorded)
    arguments = {"serve": [], "replay": [str(recorded), "--serve"], "tap": ["--to", "ws://127.0.0.1:9/"]}[command]
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = wsedu(command, *arguments, f"--port={other.getsockname()[1]}", "--lang", language)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--port 0" in done.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [("connect",), ("tap", "--to")])
def test_an_authority_is_a_file_and_is_for_tls_alone(wsedu: Run, command: tuple[str, ...], language: str) -> None:
    def told(uri: str, *options: str) -> str:
        done = wsedu(*command, uri, *options, "--lang", language)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        return done.stderr

    assert {"en": "there is no file nofile", "zh": "没有 nofile 这个文件"}[language] in told(
        "wss://127.0.0.1:9/", "--ca", "nofile"
    )
    for options in (("--ca", "nofile"), ("--insecure",)):
        refused = told("ws://127.0.0.1:9/", *options)
        assert options[0] in refused
        assert "wss://" in refused
