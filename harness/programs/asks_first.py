"""A server with a thread for each connection and blocking sockets, which asks while a request is in work
whether its client is still there: poll() of that socket alone, and if it is readable, a look at a byte
(peek) or a read. argv: peek or read. Its port is the first line it says.
"""

import select
import socket
import sys
import threading
import time

HOW = sys.argv[1]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
END = b"\r\n\r\n"


def is_there(conn, held):
    poll = select.poll()
    poll.register(conn, select.POLLIN)
    if not poll.poll(0):
        return True, held
    more = conn.recv(1, socket.MSG_PEEK) if HOW == "peek" else conn.recv(4096)
    return bool(more), held + (more if HOW == "read" else b"")


def serve(conn):
    held = b""
    while True:
        while END not in held:
            data = conn.recv(4096)
            if not data:
                return conn.close()
            held += data
        head, held = held.split(END, 1)
        for _ in range(4 if b"/slow" in head else 0):
            time.sleep(0.1)
            there, held = is_there(conn, held)
            if not there:
                return conn.close()
        conn.sendall(OK)


listener = socket.create_server(("127.0.0.1", 0), backlog=16)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
