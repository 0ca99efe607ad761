"""One slot: fresh processes of one server in one column, loaded for a moment.

Knows how the parts stand on the processors: server and proxy on one, the load on the other.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from bench import processors
from bench.timed_servers import LIMIT_IN_FRONT, PATH, PROXIES
from servers.description import Place
from support import content
from support.process import Process, environment

LOADED = 0.7
DISTURBED = 0.10


@dataclass
class Slot:
    throughput: float  # requests a second
    cpu: float  # microseconds of processor a request: server, and proxy where there is one
    p50: float  # microseconds
    busy: float  # share of the server's processor that it used
    disturbance: float
    errors: int

    @property
    def disturbed(self):
        return self.disturbance > DISTURBED

    def facts(self):
        return {name: round(value, 4) for name, value in asdict(self).items()}


class Bench:
    """A folder to serve from, and the ports of one run."""

    def __init__(self, library, ports):
        self.library, self.ports = library, ports
        self.root = content.make_folder()
        self.www = content.reachable(self.root / "www")
        (self.www / PATH.lstrip("/")).write_bytes(b"sixteen bytes..\n" * 8)
        self.serving, self.loading = processors.two()
        self.places = 0

    def close(self):
        content.remove_root(self.root)

    def place(self):
        self.places += 1
        scratch = content.reachable(self.root / f"scratch-{self.places}")
        return Place(self.ports.free(), scratch, self.www, self.root)

    def started(self, timed, column, limit, behind=None, prefix=lambda place: []):
        place = self.place()
        place.backend_port = behind.port if behind else 0
        library = None if behind or not column.requests else self.library
        command, preloaded = timed.command(place, limit), library
        if library and timed.by_run:
            command = [str(Path(library).parent / "lastcall"), "run", "--status", "off", "--", *command]
            preloaded = None
        env = environment(timed.environment(place, limit), preloaded)
        env |= column.settings or {} if library else {}
        command = processors.pinned(self.serving, prefix(place) + command)
        process = Process(command, env, place)
        process.wait_ready([place.port])
        return process

    def slot(self, server, column):
        running = [self.started(server, column, column.native)]
        try:
            if column.front:
                proxy = PROXIES[server.protocol, column.front]
                running.append(self.started(proxy, column, LIMIT_IN_FRONT, running[0]))
            load = server.protocol.load
            load(running[-1].port, PATH, server.warm, self.loading)
            return self.measured(running, load)
        finally:
            for process in reversed(running):
                process.stop()

    def measured(self, running, load):
        """None when the load had no time to say anything."""
        leaders = [process.popen.pid for process in running]
        own = processors.clock(0)
        before = processors.clocks(leaders)
        watch = processors.Watch((self.serving, self.loading))
        said = load(running[-1].port, PATH, LOADED, self.loading)
        spent = processors.used(before, processors.clocks(leaders))
        if not said:
            return None
        ours = spent + said.processor + processors.clock(0) - own
        return Slot(said.requests / said.seconds, spent / said.requests * 1e6, said.p50,
                    spent / said.seconds, watch.disturbance(ours), said.errors)
