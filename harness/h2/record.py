"""What a server's own log says of the streams that it executed.

Knows tagged paths, and gRPC's methods, which can carry no tag. A log may be late: a later request that
is in it makes it certain.
"""

import itertools

from servers.description import Backend
from support.waiting import until

numbers = itertools.count()


class Mark:
    """A path that no other test asks for, and how often the server has executed it."""

    def __init__(self, process, path):
        server = process.server
        self.process = process
        self.path = path if server.grpc else f"{path}?mark-{next(numbers)}-"
        self.token = self.path.rpartition("/")[2]
        self.before = self.seen()

    def executed(self):
        return self.seen() - self.before

    def is_executed(self):
        return until(self.executed)

    def seen(self):
        return record(self.process).count(self.token)


def record(process):
    count = process.server.count
    if isinstance(count, Backend):
        return "\n".join(process.backend.targets())
    return (process.place.scratch / count.file).read_text(errors="replace")
