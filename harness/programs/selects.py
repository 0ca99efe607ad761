"""A server that serves all clients from one thread: select() over all, and one blocking read of whoever
is ready. Understands Content-Length. Its port is the first line it says.
"""

import re
import select
import socket

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
END = b"\r\n\r\n"
LENGTH = re.compile(rb"Content-Length: (\d+)")


def rest_of(held):
    """What is behind the first request; nothing if it is not whole."""
    head, end, behind = held.partition(END)
    length = LENGTH.search(head)
    size = int(length[1]) if length else 0
    return behind[size:] if end and len(behind) >= size else None


listener = socket.create_server(("127.0.0.1", 0), backlog=16)
print(listener.getsockname()[1], flush=True)
clients = {}
while True:
    for ready in select.select([listener, *clients], [], [])[0]:
        if ready is listener:
            clients[listener.accept()[0]] = b""
            continue
        data = ready.recv(8192)
        if not data:
            del clients[ready]
            ready.close()
            continue
        clients[ready] += data
        while (rest := rest_of(clients[ready])) is not None:
            clients[ready] = rest
            ready.sendall(OK)
