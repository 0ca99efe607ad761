"""Websocket frames as bytes (RFC 6455), and a conversation of many with an echoing server.

Knows framing only. The client's masking key is zero, which the RFC allows: what the frames carry,
among it whole requests and responses, is on the wire as it is.
"""

import struct
from threading import Thread

from support.client import Client
from support.messages import get, lines

TEXT, BINARY, CLOSE = 1, 2, 8
KEY, ACCEPTED = "dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # of its section 1.3
UNMASKED, MASKED = 0, 0x80
NO_MASK = bytes(4)
BATCH = 1000

UPGRADE = lines("GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
                f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13")
GOODBYE = struct.pack(">H", 1000)

# What would be a message to anyone who looked; and each form of the length.
TALES = [(TEXT, get()), (TEXT, b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"),
         (TEXT, b""), (BINARY, b"\r\n\r\n"), (BINARY, b"\0" * 125), (BINARY, b"\xff" * 126),
         (BINARY, b"0\r\n\r\n" * 60)]
RARE = [(BINARY, bytes(range(256)) * 255), (BINARY, b"GET / HTTP/1.1\r\n" * 4097)]


def frame(kind, content, mask):
    size = len(content)
    if size < 126:
        head = struct.pack(">BB", 0x80 | kind, mask | size)
    elif size < 1 << 16:
        head = struct.pack(">BBH", 0x80 | kind, mask | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | kind, mask | 127, size)
    return head + (NO_MASK if mask else b"") + content


def message(number):
    """Different for each number, so that a lost, doubled or moved frame is seen."""
    kind, content = RARE[number % 2] if number % 1000 == 7 else TALES[number % len(TALES)]
    return kind, b"%d " % number + content


def frames(numbers, mask):
    return b"".join(frame(*message(number), mask) for number in numbers)


def batches(total):
    return [range(start, min(start + BATCH, total)) for start in range(0, total, BATCH)]


# ---- A conversation ----------------------------------------------------------------------------


def echoed(port, total, before=()):
    """Upgrades, behind some requests; hears so many frames come back. Answers the head and the rest."""
    with Client(port, patience=100) as client:
        for request in before:
            client.exchange(request)
        switch = client.exchange(UPGRADE)
        assert switch.status == 101 and ACCEPTED in switch.head
        hears_its_echo(client, total)
        client.send(frame(CLOSE, GOODBYE, MASKED))
        return switch.head, client.rest()


def hears_its_echo(client, total):
    """Speaks and listens at once, as a server that answers as it reads needs it."""
    speaker = Thread(target=speak, args=(client, total), daemon=True)
    speaker.start()
    for batch in batches(total):
        expected = frames(batch, UNMASKED)
        assert client.reader.exactly(len(expected)) == expected, f"frames {batch} differ"
        client.log.clear()
    speaker.join(client.deadline.left())


def speak(client, total):
    for batch in batches(total):
        client.socket.sendall(frames(batch, MASKED))
