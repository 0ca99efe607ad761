"""looks_first.py HOW: when it has a request and nothing behind it, asks its socket for more before it
answers, and takes an end of input for a client that has left. HOW: read, peek, or pieces (16 bytes a read).
A request for /wait waits until the client's FIN is there. Tells its port; one connection at a time.
"""

import select
import socket
import sys

HOW = sys.argv[1]
SIZE = 16 if HOW == "pieces" else 8192
PATIENCE_MS = 5000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def look(client):
    """What there is now; None if nothing is, b"" at the end of input."""
    try:
        return client.recv(SIZE, socket.MSG_PEEK if HOW == "peek" else 0)
    except BlockingIOError:
        return None


def wait_for_fin(client):
    poll = select.poll()
    poll.register(client, select.POLLRDHUP)
    poll.poll(PATIENCE_MS)


def next_request(client, data):
    """The next request and what is behind it, or None at the end of input."""
    while b"\r\n\r\n" not in data:
        select.select([client], [], [])
        part = None
        try:
            part = client.recv(SIZE)
        except BlockingIOError:
            continue
        if not part:
            return None, b""
        data += part
    request, _, rest = data.partition(b"\r\n\r\n")
    return request, rest


def serve(client):
    client.setblocking(False)
    data = b""
    while True:
        request, data = next_request(client, data)
        if request is None:
            return
        if request.startswith(b"GET /wait "):
            wait_for_fin(client)
        if not data:
            more = look(client)
            if more == b"":
                return
            data += more if more and HOW != "peek" else b""
        client.sendall(ANSWER)


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    with client:
        serve(client)
