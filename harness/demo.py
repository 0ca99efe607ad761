"""The show: one client, one unmodified server, left alone and with the library preloaded.

Needs python3 and the built library, nothing else. Prints which connection each request rode on,
the head that closes the first one, connections used, failures; exits with 1 if it is not as
promised. Knows the settings only by their names.
"""

import argparse
import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

from servers.description import Place
from support import content
from support.client import FIN, Client
from support.http_message import Incomplete
from support.messages import get
from support.process import NotStarted, Ports, Process, environment

LIMIT = 3
REQUESTS = 10
BOLD, PLAIN = "\033[1m", "\033[0m"

# For a Python whose http.server has no --protocol (before 3.11).
OLDER = """
import http.server, sys
http.server.SimpleHTTPRequestHandler.protocol_version = "HTTP/1.1"
address = ("127.0.0.1", int(sys.argv[1]))
http.server.ThreadingHTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@dataclass
class Journey:
    """What one client met: the connection of each request, the closing heads, its failures."""

    rode: list = field(default_factory=list)
    closing: dict = field(default_factory=dict)
    failures: int = 0
    clean: bool = True

    @property
    def connections(self):
        return max(self.rode, default=0)


def server_command(place):
    if sys.version_info >= (3, 11):
        return [sys.executable, "-m", "http.server", "--protocol", "HTTP/1.1", "--bind",
                "127.0.0.1", str(place.port)]
    return [sys.executable, "-c", OLDER, str(place.port)]


@contextlib.contextmanager
def served(root, library=None):
    ports = Ports()
    place = Place(ports.free(), content.reachable(root / "scratch"), root / "www", root)
    (place.scratch / "index.html").write_text("<!doctype html><title>hello</title>\n")
    settings = {"LASTCALL_REQUESTS": str(LIMIT)}
    process = Process(server_command(place), environment({}, library, settings), place)
    process.wait_ready([place.port])
    try:
        yield process
    finally:
        process.stop()


def travel(port):
    """REQUESTS requests, on as few connections as the server allows."""
    journey = Journey()
    while len(journey.rode) < REQUESTS:
        ride(port, journey)
    return journey


def ride(port, journey):
    number = journey.connections + 1
    with Client(port) as client:
        while len(journey.rode) < REQUESTS:
            journey.rode.append(number)
            if not exchange(client, journey, number):
                return


def exchange(client, journey, number):
    """Whether the connection goes on."""
    try:
        response = client.exchange(get("/"))
    except Incomplete:
        journey.failures += 1
        return False
    if not response.persists:
        journey.closing[number] = response.head
        journey.clean &= client.ending() == FIN
    return response.persists


# ---- What is shown ------------------------------------------------------------------------------


def emphasis(text):
    return f"{BOLD}{text}{PLAIN}" if sys.stdout.isatty() else text


def show(alone, limited):
    print(f"{REQUESTS} requests by the same client to python3 -m http.server --protocol HTTP/1.1, unmodified:\n")
    print(f"  {'':12}{'left alone':18}LASTCALL_REQUESTS={LIMIT}")
    for number in range(REQUESTS):
        print(f"  request {number + 1:<4}{ridden(alone, number):18}{ridden(limited, number)}")
    print(f"\n  connections used    {alone.connections:<8}{limited.connections}")
    print(f"  failed requests     {alone.failures:<8}{limited.failures}\n")
    if 1 in limited.closing:
        show_head(limited.closing[1])


def ridden(journey, number):
    connection = journey.rode[number]
    is_last = journey.rode[number:].count(connection) == 1 and connection in journey.closing
    return f"connection {connection}" + ("  closes" if is_last else "")


def show_head(head):
    print(f"Response {LIMIT} of connection 1, whose head the server did not write like this:\n")
    for line in head.decode("latin-1").strip().split("\r\n"):
        print("  " + (emphasis(line) if line.lower().startswith("connection:") else line))


def is_as_promised(alone, limited):
    rode = [number // LIMIT + 1 for number in range(REQUESTS)]
    return (alone.rode == [1] * REQUESTS and not alone.closing and limited.rode == rode
            and len(limited.closing) == REQUESTS // LIMIT
            and not alone.failures + limited.failures and limited.clean)


def main():
    parser = argparse.ArgumentParser(description="Show lastcall on an unmodified server.")
    parser.add_argument("--build", default="build", help="the folder of liblastcall.so")
    library = (Path(parser.parse_args().build) / "liblastcall.so").resolve()
    if not library.exists():
        sys.exit(f"no {library}: run make first")
    root = content.make_folder()
    try:
        journeys = []
        for preload in (None, library):
            with served(root, preload) as process:
                journeys.append(travel(process.port))
    except NotStarted as error:
        sys.exit(f"This cannot be shown: {error}")
    finally:
        content.remove_root(root)
    show(*journeys)
    if not is_as_promised(*journeys):
        sys.exit("\nThis is not as promised.")


if __name__ == "__main__":
    main()
