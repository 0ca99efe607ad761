"""sends_files.py HOW: answers with a file, by sendfile or splice in one of the ways that real programs do,
up to the call that answers 0. Tells its port. Nothing of it is more than a loop of a tutorial's.
"""

import asyncio
import errno
import os
import select
import socket
import sys
import tempfile

SIZES = {"empty": 0, "again": 4_000_000}
MOST = 1 << 20
PATIENCE_MS = 5000


def head():
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size


def refuses(number, call):
    try:
        call()
    except OSError as error:
        return error.errno == number
    return False


def exact(client):
    assert os.sendfile(client.fileno(), file.fileno(), 0, size) == size


def by_python(client):
    file.seek(0)
    client.sendfile(file)


def to_the_end(client):
    at = 0
    while sent := os.sendfile(client.fileno(), file.fileno(), at, MOST):
        at += sent


def nothing_behind(client):
    exact(client)
    assert os.sendfile(client.fileno(), file.fileno(), size, 0) == 0


def beside_a_bad_descriptor(client):
    """A file that is none, inside the response, and behind it, where the next head is due."""
    assert refuses(errno.EBADF, lambda: os.sendfile(client.fileno(), 1_000_000, 0, size))
    exact(client)
    assert refuses(errno.EBADF, lambda: os.sendfile(client.fileno(), 1_000_000, 0, size))


def until_there_is_room(client):
    client.setblocking(False)
    at = 0
    while True:
        try:
            if not (sent := os.sendfile(client.fileno(), file.fileno(), at, MOST)):
                break
            at += sent
        except BlockingIOError:
            select.select([], [client], [], PATIENCE_MS / 1000)
    client.setblocking(True)


def from_an_ended_pipe(client):
    out, into = os.pipe()
    os.write(into, b"x" * size)
    os.close(into)
    while os.splice(out, client.fileno(), MOST):
        pass
    os.close(out)


def to_nobody(client):
    """The client has gone: the kernel refuses the head, and then the file."""
    gone = select.poll()
    gone.register(client, select.POLLHUP | select.POLLERR)
    gone.poll(PATIENCE_MS)
    assert refuses(errno.ECONNRESET, lambda: client.sendall(head()))
    assert refuses(errno.EPIPE, lambda: exact(client))


WAYS = {"exact": exact, "socket.sendfile": by_python, "loop": to_the_end, "empty": exact,
        "empty-loop": to_the_end, "count-0": nothing_behind, "bad": beside_a_bad_descriptor,
        "again": until_there_is_room, "splice": from_an_ended_pipe}


def serve(client, way):
    data = b""
    while part := client.recv(4096):
        data += part
        while b"\r\n\r\n" in data:
            request, _, data = data.partition(b"\r\n\r\n")
            if request.startswith(b"GET /gone "):
                return to_nobody(client)
            client.sendall(head())
            way(client)


async def serve_with_asyncio(reader, writer):
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(head())
            file.seek(0)
            await asyncio.get_running_loop().sendfile(writer.transport, file)
    except asyncio.IncompleteReadError:
        writer.close()


async def serve_sockets(listener):
    """By the loop's calls on plain sockets."""
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    while True:
        client, _ = await loop.sock_accept(listener)
        client.setblocking(False)
        while await loop.sock_recv(client, 4096):
            await loop.sock_sendall(client, head())
            file.seek(0)
            await loop.sock_sendfile(client, file)
        client.close()


async def serve_streams(listener):
    async with await asyncio.start_server(serve_with_asyncio, sock=listener) as server:
        await server.serve_forever()


how = sys.argv[1]
size = 0 if how.startswith("empty") else SIZES.get(how, 5000)
file = tempfile.TemporaryFile()
file.write(b"x" * size)
file.flush()
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
if how in ("asyncio", "sock_sendfile"):
    asyncio.run({"asyncio": serve_streams, "sock_sendfile": serve_sockets}[how](listener))
while True:
    client, _ = listener.accept()
    with client:
        serve(client, WAYS[how])
