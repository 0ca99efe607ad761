"""The protocols: what one connection carries at once, and what is to run so that it is seen.

Data with reasons. Names servers and clients and starts none; how many instances and connections there
are is a matter of the protocol, since HTTP/2's clients have one connection and not a pool.
"""

from dataclasses import dataclass

from rebalance.servers import NAME


@dataclass(frozen=True)
class Protocol:
    name: str
    servers: tuple  # the first is the usual one
    clients: tuple
    path: str
    connections: int
    least: int  # instances
    quiet: int  # requests a second: what the least instances can well bear
    busy: int  # and six
    requests: int  # N, where none is asked for
    story: str = "n-jitter"  # the arm that is drawn below the bare one
    shared: bool = False  # by all requests of a client, its connection?
    at_once: int = 1  # requests of a connection
    notes: tuple = ()  # what a reader of the result must know

    def folder(self):
        """Of the results: those of one protocol are not written over the other's."""
        return "rebalance" + (f"-{self.name}" if self.shared else "")

    def held(self, connections, kinds):
        names = ", ".join(kinds)
        if self.shared:
            return (f"{connections} clients with one HTTP/2 connection and at most {self.at_once} "
                    f"requests at a time, in {len(kinds)} processes ({names})")
        return f"{connections} kept connections of {len(kinds)} clients ({names})"


# 56% of two instances when it is quiet, 63% of six when it is busy.
HTTP1 = Protocol(
    "http/1.1", ("http.server", "gunicorn", "puma", "node", "go", "nginx", "webfsd"), ("pool", "node"),
    path=f"/{NAME}", connections=240, least=2, quiet=45, busy=150, requests=6)

# 56% of one instance and of six. One at first, so that it takes all. Together the clients may have as
# many calls out as the pools of HTTP/1.1: what waits in a client goes where its next connection goes,
# and what it has sent stays. An age tells the story: of a count, connections have it last where the
# instance is slowest.
H2 = Protocol(
    "h2", ("grpc", "ruby-grpc"), ("grpc",), path="/rebalance.Instance/Name", connections=120, least=1,
    quiet=22, busy=135, requests=6, story="age-jitter", shared=True, at_once=2,
    notes=("N is the request at which a client is told to go; those that are in flight on its connection "
           "by then come on top.",))

ALL = {each.name: each for each in (HTTP1, H2)}
