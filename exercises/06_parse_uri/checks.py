"""What `parse_uri` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, raises, step
from wsedu.protocol.uri import parse_uri

HOSTS = ("example.com", "localhost", "server.example.org", "127.0.0.1", "chat-1.example.net")
PATHS = ("", "/", "/chat", "/a/b/c", "/chat/", "/%23", "/a:b@c")
QUERIES = ("", "?x=1", "?room=a/b&to=c?d", "?x=1;y:2", "?a@b")


def steps(random: Random) -> list[Step]:
    """Ports that are said and that are not, resource names, what is no WebSocket URI, parts by chance."""
    chance = [_by_chance(random) for _ in range(8)]
    legal = _read("ws://h/")  # in each step: who always refuses has noticed nothing
    return [
        step("ports", *map(_read, ("ws://example.com/chat", "wss://example.com/chat", "ws://h/", "wss://h/"))),
        step("said", *map(_read, ("ws://example.com:8080/chat", "wss://local:9443/", "ws://h:443/", "wss://h:80/"))),
        step("names", *map(_read, ("ws://h/chat?room=1", "wss://h?x=1", "ws://h", "ws://h:81?a=b?c", "wss://h/a/b"))),
        step("cases", *map(_read, ("WS://EXAMPLE.COM/Chat?X=Y", "Wss://Example.com:443"))),
        step("fragments", *map(_refused, ("ws://h/#f", "wss://h/chat?x=1#top", "ws://h#f")), legal),
        step(
            "schemes", *map(_refused, ("http://h/", "https://h/chat", "example.com/chat", "wsss://h/", "s://h/")), legal
        ),
        step("hosts", *map(_refused, ("ws:///chat", "wss://", "ws:h/chat", "ws://:80/")), legal),
        step("chance", *map(_read, chance)),
    ]


def _by_chance(random: Random) -> str:
    port = random.choice(("", f":{random.randrange(1, 65536)}"))
    return "".join(map(random.choice, (("ws://", "wss://"), HOSTS, (port,), PATHS, QUERIES)))


def _read(uri: str) -> Case:
    parts = parse_uri(uri)
    return gives(call("parse_uri", uri), (parts.secure, parts.host, parts.port, parts.resource_name))


def _refused(uri: str) -> Case:
    return raises(call("parse_uri", uri))
