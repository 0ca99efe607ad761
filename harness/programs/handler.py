"""What the Python handlers here have in common: the same few resources on every framework.

Knows paths and bytes; knows no framework. A handler reports each request it executes with
`count`, which is what the tests mean by a server's own count.
"""

import itertools
import os
from pathlib import Path

WWW = Path(os.environ["WWW"])
PORT = int(os.environ["PORT"])
CHUNKS = [b"first\n", b"second " * 5000 + b"\n", b"third\n"]
executed = itertools.count()
files = {path.name: path for path in WWW.iterdir()}
total = 0


def count():
    global total
    total = next(executed) + 1


def resource(path, content_length):
    """Status and content for a request whose content was read to its end."""
    if path == "/executed":
        return 200, str(total).encode()
    count()
    if path == "/length":
        return 200, str(content_length).encode()
    file = files.get(path.lstrip("/"))
    return (200, file.read_bytes()) if file else (404, b"none\n")
