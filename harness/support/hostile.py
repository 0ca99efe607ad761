"""The tables of hostile messages in tests/hostile, read for tests on running servers.

Their form is told in the tables' first lines. Knows bytes and events, no server and no socket.
"""

import re
from dataclasses import dataclass
from pathlib import Path

TABLES = Path(__file__).resolve().parents[2] / "tests" / "hostile"
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f", "0": "\0", "\\": "\\"}


@dataclass(frozen=True)
class Row:
    source: str
    name: str
    requests: str  # of a response: one letter each
    events: tuple
    wire: bytes
    places: tuple  # of each event

    def __str__(self):
        return f"{self.name} ({self.source})"

    @property
    def heads(self):
        return self.events.count("head")

    @property
    def ends(self):
        """Where the messages that were followed whole end."""
        return [place for place, event in zip(self.places, self.events) if event == "message"]

    @property
    def refused(self):
        return bool(self.events) and self.events[-1] not in ("head", "message", "interim")


def rows(name):
    found, shorthands, source = [], {}, ""
    for line in (TABLES / name).read_text().splitlines():
        if line.startswith("= "):
            source = line[2:]
        elif line.startswith("@"):
            shorthands[line[1]] = line[3:]
        elif " ~ " in line and not line.startswith("#"):
            found.append(row(source, line.split(" ~ "), shorthands))
    return found


def row(source, columns, shorthands):
    name, *requests, events, text = columns
    wire, places = read_bytes(spelled_out(text, shorthands))
    events = tuple(spelled_out(events, shorthands).split())
    assert len(events) == len(places), name
    return Row(source, name, "".join(requests), events, wire, places)


def spelled_out(text, shorthands):
    text = re.sub(r"\$(.)", lambda found: shorthands[found[1]], text)
    return re.sub(r"\{(\d+)\*(.*?)\}", lambda found: int(found[1]) * found[2], text)


def read_bytes(text):
    wire, places = bytearray(), []
    for part in re.findall(r"\\x..|\\.|.", text):
        if part == "^":
            places.append(len(wire))
        else:
            wire += unescaped(part)
    return bytes(wire), tuple(places)


def unescaped(part):
    if part == "|":
        return b"\r\n"
    if part.startswith("\\x"):
        return bytes([int(part[2:], 16)])
    return (ESCAPES[part[1]] if part.startswith("\\") else part).encode("latin-1")
