"""A server that believes everything: it reads whatever comes and answers with the bytes it was told,
each when so many bytes have been read. It keeps what its reads returned. Told and asked through a
socket of the file system, one JSON line each way; serves one connection at a time on PORT.
"""

import json
import os
import select
import socket


def serve(conn, answers):
    """What was read, and how the client's bytes ended."""
    got, said = b"", 0
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while True:
            while said < len(answers) and answers[said][0] <= len(got):
                conn.sendall(bytes.fromhex(answers[said][1]))
                said += 1
            data = conn.recv(1 << 16)
            if not data:
                return got, "end of file"
            got += data
    except OSError as error:
        return got, error.strerror
    finally:
        conn.close()


def main():
    control = socket.socket(socket.AF_UNIX)
    control.bind("control")
    control.listen(8)  # before the other: who sees that one takes the program to be ready
    tcp = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=64)
    answers, told = [], {}
    while True:
        for ready in select.select([tcp, control], [], [])[0]:
            conn, _ = ready.accept()
            if ready is tcp:
                got, end = serve(conn, answers)
                told = {"read": got.hex(), "end": end}
                continue
            with conn, conn.makefile("rw") as lines:
                order = json.loads(lines.readline())
                if "answers" in order:
                    answers, told = order["answers"], {}
                lines.write(json.dumps(told) + "\n")
                lines.flush()


main()
