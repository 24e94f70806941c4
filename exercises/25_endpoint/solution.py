import base64
import hashlib
import socket
import sys
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
END_OF_HEAD = "\r\n\r\n"
CHUNK = 65536  # bytes to ask recv for; it gives what there is, at least one
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = {CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG}
STATUS_CODES = {1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)}


def accept_key(key: str) -> str:
    # Exercise 1.
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def read_request(data: bytes) -> tuple[str, dict[str, str], bytes] | None:
    # Exercise 4, with the request line first: ("GET / HTTP/1.1", headers, what follows the head); None if the head has
    # not come to its end yet. The names of the headers are in lower case.
    head, end, rest = data.partition(END_OF_HEAD.encode())
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = [line.partition(":") for line in lines]
    return first, {name.lower(): value.strip(" \t") for name, _, value in fields}, rest


def apply_mask(data: bytes, key: bytes) -> bytes:
    # Exercise 13.
    return bytes(byte ^ key[at % 4] for at, byte in enumerate(data))


def encode_frame(payload: bytes, opcode: int = TEXT, fin: bool = True, mask: bytes | None = None) -> bytes:
    # Exercise 15.
    first, mask_bit, size = (0x80 if fin else 0x00) | opcode, 0x00 if mask is None else 0x80, len(payload)
    if size <= 125:
        header = bytes([first, mask_bit | size])
    elif size <= 0xFFFF:
        header = bytes([first, mask_bit | 126]) + size.to_bytes(2, "big")
    else:
        header = bytes([first, mask_bit | 127]) + size.to_bytes(8, "big")
    return header + (payload if mask is None else mask + apply_mask(payload, mask))


# <gap>
class Refused(Exception):
    # The connection is failed; the status code says why.
    def __init__(self, code: int) -> None:
        self.code = code


class Stream:
    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.data = connection, b""

    def more(self) -> None:
        data = self.connection.recv(CHUNK)
        if not data:
            raise ConnectionError
        self.data += data

    def take(self, size: int) -> bytes:
        while len(self.data) < size:
            self.more()
        taken, self.data = self.data[:size], self.data[size:]
        return taken


def serve(connection: socket.socket) -> None:
    stream = Stream(connection)
    while (request := read_request(stream.data)) is None:
        stream.more()
    line, headers, stream.data = request
    if not is_upgrade(line, headers):
        connection.sendall(f"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13{END_OF_HEAD}".encode())
        return
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    connection.sendall(f"{head}{accept_key(headers['sec-websocket-key'])}{END_OF_HEAD}".encode())
    try:
        echo(stream)
    except Refused as refused:
        connection.sendall(encode_frame(refused.code.to_bytes(2, "big"), CLOSE))


def is_upgrade(line: str, headers: dict[str, str]) -> bool:
    return (
        line.startswith("GET ")
        and not {"upgrade", "connection", "sec-websocket-key", "sec-websocket-version"} - headers.keys()
        and headers["upgrade"].lower() == "websocket"
        and "upgrade" in [token.strip() for token in headers["connection"].lower().split(",")]
        and headers["sec-websocket-version"] == "13"
    )


def read_frame(stream: Stream) -> tuple[int, int, bytes]:
    first, second = stream.take(2)
    fin, opcode, size = first & 0x80, first & 0x0F, second & 0x7F
    if first & 0x70 or opcode not in OPCODES:
        raise Refused(1002)
    if not second & 0x80:
        raise Refused(1002)
    if opcode > BINARY and (size > 125 or not fin):
        raise Refused(1002)
    if size > 125:
        width, least = (2, 126) if size == 126 else (8, 0x10000)
        size = int.from_bytes(stream.take(width), "big", signed=width == 8)  # its highest bit must not be set
        if size < least:
            raise Refused(1002)
    key = stream.take(4)
    return fin, opcode, apply_mask(stream.take(size), key)


def echo(stream: Stream) -> None:
    kind, message = CONTINUATION, b""
    while True:
        fin, opcode, payload = read_frame(stream)
        if opcode == PING:
            stream.connection.sendall(encode_frame(payload, PONG))
        elif opcode == CLOSE:
            stream.connection.sendall(encode_frame(close_answer(payload), CLOSE))
            return
        elif opcode != PONG:
            if (opcode == CONTINUATION) == (kind == CONTINUATION):
                raise Refused(1002)
            kind, message = kind or opcode, message + payload
            if fin:
                if kind == TEXT:
                    check_text(message)
                stream.connection.sendall(encode_frame(message, kind))
                kind, message = CONTINUATION, b""


def close_answer(payload: bytes) -> bytes:
    if payload:
        if int.from_bytes(payload[:2], "big") not in STATUS_CODES:
            raise Refused(1002)
        check_text(payload[2:])
    return payload


def check_text(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise Refused(1007) from None
    # </gap>


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>25_endpoint.py</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
  form { display: flex; flex-wrap: wrap; gap: .5rem; }
  input { flex: 1 1 12rem; }
  input, button { font: inherit; padding: .25rem .5rem; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
<h1>25_endpoint.py</h1>
<form>
  <input aria-label="text" value="Hello" autofocus>
  <button>send(text)</button>
  <button type="button">close(1000)</button>
</form>
<pre role="log"></pre>
<script>
  const [form, text, end, log] = ["form", "input", "[type=button]", "pre"].map((name) => document.querySelector(name));
  const tell = (line) => log.append(line + "\\n");
  const client = new WebSocket(`ws://${location.host}/`);
  client.onopen = () => tell("open");
  client.onmessage = (event) => tell("message " + event.data);
  client.onerror = () => tell("error");
  client.onclose = (event) => tell(`close code=${event.code} wasClean=${event.wasClean}`);
  form.onsubmit = (event) => { event.preventDefault(); client.send(text.value); };
  end.onclick = () => client.close(1000);
</script>
</html>
"""


def answer(connection: socket.socket) -> None:
    # A browser that asks for a page gets the page above; everything else is for `serve`.
    with connection:
        try:
            seen = connection.recv(CHUNK, socket.MSG_PEEK).lower()
            if seen.startswith(b"get ") and END_OF_HEAD.encode() in seen and b"\r\nupgrade:" not in seen:
                connection.recv(len(seen))
                head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close"
                connection.sendall((head + END_OF_HEAD + PAGE).encode())
            else:
                serve(connection)
        except ConnectionError:
            return  # the client has gone


def main(port: int = 0) -> None:
    # Listen until Ctrl-C; port 0 is one that is free.
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(0.5)  # so that Ctrl-C is noticed on every system
        try:
            print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
            while True:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(None)
                threading.Thread(target=answer, args=(connection,), daemon=True).start()
        except KeyboardInterrupt:
            return


if __name__ == "__main__" and not hasattr(sys, "ps1"):  # in a notebook, call main() yourself
    main(*map(int, sys.argv[1:2]))
