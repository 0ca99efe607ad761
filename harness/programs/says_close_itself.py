"""says_close_itself.py LIMIT [blocking]: says close on the LIMIT-th response of a connection, leaves the
closing to the client and answers what still comes with 503, as node does. Tells its port; one connection at
a time, which it ends when the client does.
"""

import select
import socket
import sys

LIMIT, BLOCKS = int(sys.argv[1]), sys.argv[2:] == ["blocking"]


def answer(number):
    if number > LIMIT:
        return b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    close = b"Connection: close\r\n" if number == LIMIT else b""
    return b"HTTP/1.1 200 OK\r\n" + close + b"Content-Length: 2\r\n\r\nok"


def received(client):
    """Bytes, or b"" at the end of input."""
    while True:
        try:
            return client.recv(8192)
        except BlockingIOError:
            select.select([client], [], [])


def serve(client):
    client.setblocking(BLOCKS)
    data, number = b"", 0
    while part := received(client):
        data += part
        while b"\r\n\r\n" in data:
            _, _, data = data.partition(b"\r\n\r\n")
            number += 1
            client.sendall(answer(number))


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    with client:
        try:
            serve(client)
        except OSError:
            pass
