"""The test's side of programs/permissive.py: tells it what to answer, and asks it what it read."""

import json
import socket

from servers.description import PYTHON, Server, app_environment, program

server = Server("permissive", packages=("python3",), needs=(PYTHON,),
                command=lambda place: [PYTHON, program("permissive.py")],
                environment=app_environment)


def tell(process, answers):
    """answers: pairs of a number of bytes read and the bytes then to be written."""
    control(process, {"answers": [(after, wire.hex()) for after, wire in answers]})


def asked(process):
    """The bytes that it read on its last connection, and how they ended."""
    told = control(process, {})
    return bytes.fromhex(told["read"]), told["end"]


def control(process, order):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(str(process.place.scratch / "control"))
        with sock.makefile("rw") as lines:
            lines.write(json.dumps(order) + "\n")
            lines.flush()
            return json.loads(lines.readline())
