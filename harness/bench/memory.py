"""Memory that the library takes: in an idle process, with open connections, and as a file.

Knows /proc/PID/smaps. Everything is counted against the bare host, so what both have cancels.
"""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.crowd import Visitor, crowd
from bench.driving import server
from bench.variants import BARE, NOT_REACHED
from hosts.running import Host

KIBIBYTE = 1024
CONNECTIONS = 5000
STARTS = 5


@dataclass
class Taken:
    idle: int  # bytes of the process's own, that no file holds
    used: int  # the same with so many connections
    connections: int
    shared: int  # resident bytes of the library's file, which all processes share

    def per_connection(self):
        return round((self.used - self.idle) / self.connections, 1)


def mappings(pid):
    """(name of the file, field → bytes) of each mapping"""
    found = []
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)", line)
        size = re.match(r"(\w+): +(\d+) kB", line)
        if head:
            found.append((head[1], {}))
        elif size:
            found[-1][1][size[1]] = int(size[2]) * KIBIBYTE
    return found


def own(pid):
    """Not Private_Dirty: that would count pages of a file which was written a moment ago."""
    return sum(sizes["Anonymous"] + sizes["Swap"] for _, sizes in mappings(pid))


def of_file(pid, file):
    return sum(sizes["Rss"] - sizes["Anonymous"] for name, sizes in mappings(pid)
               if name.endswith(file))


def started(variant, library, kind=Visitor):
    return Host(*kind.host, program=server(), library=variant.given(library),
                settings=variant.settings)


def idle(variant, library):
    """The median of a few starts: each lays its stack and heap elsewhere, to a page or two."""
    found = []
    for _ in range(STARTS):
        with started(variant, library) as host:
            found.append(own(host.popen.pid))
    return round(median(found))


def of_process(variant, library, kind, connections):
    with started(variant, library, kind) as host:
        pid = host.popen.pid
        found = Taken(idle(variant, library), 0, connections, of_file(pid, library.name))
        with crowd(host.port, connections, kind) as many:
            many.grow(connections)
            found.used = own(pid)
    return found


def taken(library, kind=Visitor, connections=CONNECTIONS, variant=NOT_REACHED):
    bare = of_process(BARE, library, kind, connections)
    ours = of_process(variant, library, kind, connections)
    return Taken(ours.idle - bare.idle, ours.used - bare.used, connections, ours.shared)


def stripped(library):
    """The size of the file as distributions would ship it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(library, folder)
        subprocess.run(["strip", copy], check=True, timeout=60)
        return Path(copy).stat().st_size
