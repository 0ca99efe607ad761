"""What a server of HTTP/2 says about itself beyond what every server's file says.

A stream that is worth counting is made by `ask`: a GET of a path, or a call of a gRPC method.
"""

import functools
from dataclasses import dataclass, replace
from typing import Callable, Optional

from h2.building import PROGRAMS
from servers.description import Place, Server, app_environment


@dataclass(frozen=True)
class H2Server(Server):
    upgrades_h2c: bool = False  # it answers `Upgrade: h2c` with 101
    http1: bool = False  # it speaks HTTP/1.1 on the same port
    behind_proxy: Optional[Callable[[Place], list]] = None  # the command that expects PROXY
    no_prefixes: tuple = ()  # of the PROXY headers, those that it does not take
    proxy_unseen: str = ""  # why the library cannot see what stands behind a PROXY header
    grpc: bool = False  # its paths are methods, and calls of them are POSTs
    chat: Optional[str] = None  # a path that echoes DATA while its request goes on
    heavy: bool = False  # its packages or its start take long: only for make suites
    volatile: frozenset = frozenset()
    whole_preface: bool = False  # bare, it takes a torn preface for HTTP/1.1, or gives up
    no_trailers: bool = False  # bare, it takes a request's trailers for an error, if at times
    leaves_on_goaway: bool = False  # bare, it gives up, or says it too, when its client says it
    answers_early: bool = False  # it answers a request before it has read its content
    post_answered_early: Optional[str] = None  # a path whose POSTs are answered at once, unread
    long_heads: Optional[str] = None  # a path whose response's head takes CONTINUATIONs
    pushes: Optional[str] = None  # a path whose response is preceded by a pushed one

    def behind_a_balancer(self):
        return replace(self, name=f"{self.name}-behind-balancer", command=self.behind_proxy)

    def ask(self, peer, path):
        """A new stream's id; what it asks for is answered in full."""
        return call(peer, path) if self.grpc else peer.get(path)

    def ask_with(self, peer, content):
        """The same with a request's content, in DATA frames of its own."""
        return call(peer, self.post, content) if self.grpc else peer.post(self.post, content)

    def is_answered(self, answer):
        good = answer.ended and answer.reset is None and answer.status == 200
        return good and (not self.grpc or answer.trailers[b"grpc-status"] == b"0")


# ---- gRPC, as far as it is HTTP/2 --------------------------------------------------------------

GRPC = [("content-type", "application/grpc"), ("te", "trailers")]
SMALL, BIG, LENGTH, CHAT = (f"/lastcall.Test/{name}" for name in ("Small", "Big", "Length", "Chat"))


def message(content):
    return b"\0" + len(content).to_bytes(4, "big") + content


def call(peer, path, content=b"hello"):
    return peer.post(path, message(content), GRPC)


def grpc_server(name, **facts):
    """Our service: see programs/grpc_service.txt for its methods."""
    return H2Server(name, grpc=True, small=SMALL, big=BIG, huge=None, post=LENGTH, length=LENGTH,
                    chat=CHAT, **facts)


# ---- Helpers -----------------------------------------------------------------------------------


def environment(place):
    """What the programs are told; the programs of HTTP/1.1 share their handlers with them."""
    ours = app_environment(place)
    return ours | {"PYTHONPATH": f"{PROGRAMS}:{ours['PYTHONPATH']}"}


def with_parts(command, **parts):
    return functools.partial(command, **parts)
