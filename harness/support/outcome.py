"""All that a client saw of one connection, kept so that two runs can be compared.

Knows bytes, endings and how to compare what a server itself varies. Refuses to know what was said
to the server, or which server it was.
"""

import re
from dataclasses import dataclass

from support import laws
from support.client import FIN, OPEN, Client
from support.http_message import Incomplete, Reader
from support.quiet import settle

ATTEMPTS = 4


@dataclass
class Outcome:
    """Bytes before and behind the client's half-close, and how the connection was left."""

    wire: bytes
    ended: str
    later: bytes
    left: str


def play(process, pieces):
    """Sends the pieces, each once the server rests, then half-closes; answers the outcome."""
    with Client(process.port) as client:
        for piece in pieces:
            if client.ended == OPEN:
                client.send(piece)
                settle(client, process)
        wire, ended = bytes(client.reader.buffer), client.ended
        client.half_close()
        settle(client, process)
        return Outcome(wire, ended, bytes(client.reader.buffer)[len(wire):], client.ended)


def masked(wire, volatile=frozenset()):
    """Field values that the server varies by itself blanked, wherever such a line stands."""
    names = b"|".join(sorted(volatile | laws.ALWAYS_VOLATILE))
    return re.sub(rb"(?im)^(" + names + rb"):[^\r\n]*", rb"\1: *", wire)


def is_same(bare, got, volatile=frozenset()):
    assert masked(got.wire, volatile) == masked(bare.wire, volatile)
    assert masked(got.later, volatile) == masked(bare.later, volatile)
    assert (got.ended, got.left) == (bare.ended, bare.left)


def is_same_or_ended(bare, got, methods, volatile=frozenset()):
    """As bare, or as bare up to a response that says close, and nothing behind it."""
    if masked(got.wire, volatile) == masked(bare.wire, volatile):
        return
    before, after = responses(bare.wire, methods), responses(got.wire, methods)
    assert after and len(after) <= len(before), got.wire
    for expected, response in zip(before, after[:-1]):
        laws.is_same(expected, response, volatile)
    laws.is_last(before[len(after) - 1], after[-1], volatile)
    assert b"".join(response.wire for response in after) == got.wire
    assert got.left == FIN, got.left
    assert not got.later, got.later


def is_same_or_ended_at(limit, bare, got, methods, volatile=frozenset()):
    """As bare if there are fewer responses, else ended by the one of this number."""
    if len(responses(bare.wire, methods)) < limit:
        return is_same(bare, got, volatile)
    assert len(responses(got.wire, methods)) <= limit, got.wire
    is_same_or_ended(bare, got, methods, volatile)


def responses(wire, methods):
    """As many as the bytes hold, read as answers to these methods and then to GET."""
    reader = Reader(lambda: False)
    reader.buffer += wire
    found = []
    while reader.buffer:
        method = methods[len(found)] if len(found) < len(methods) else "GET"
        try:
            found.append(reader.response(method))
        except (Incomplete, ValueError, IndexError):
            return found
    return found


def agrees(compare, bare, got):
    """Whether the comparison holds in one of a few attempts: what bare varies by itself, such as
    the order of two events that race, is met again; what the library does, is not."""
    failure = None
    for _ in range(ATTEMPTS):
        try:
            return compare(bare(), got())
        except AssertionError as error:
            failure = failure or error
    raise failure
