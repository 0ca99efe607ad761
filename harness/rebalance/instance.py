"""One instance of the service: started, ready, drained, stopped, each step looked at and none waited for.

Knows the order of a good end: out of the balancer first (its owner does that), then what a preStop hook
does, a drain that waits for one think time behind its ramp, so that every connection has its last
request, then SIGTERM. Knows `lastcall drain` and `status` by their command lines.
"""

import json
import subprocess

from rebalance import children
from rebalance.servers import NAME, Seat, command
from servers.description import Place
from support.process import environment

STARTING, READY, LEAVING, STOPPING, GONE = "starting", "ready", "leaving", "stopping", "gone"
SLOW_START = 30.0  # seconds
SLOW_STOP = 3.0
STILL_OPEN = 3  # as drain says it


def milliseconds(seconds):
    return f"{round(seconds * 1000)}ms"


class Instance:
    def __init__(self, number, arm, setup, address, port, enter, asked_at):
        self.number, self.name, self.arm, self.setup = number, f"i{number}", arm, setup
        self.address, self.port = address, port
        self.state, self.since = STARTING, setup.clock()
        self.asked_at, self.ready_at, self.left_at, self.gone_at = asked_at, None, None, None
        self.helper, self.cut_off = None, None
        # Not in the folder of the process, which goes with it.
        self.executed = setup.root / f"executed-{arm.name}-{number}"
        self.process = self.start(enter)

    def start(self, enter):
        scratch = self.setup.folder(f"{self.arm.name}-{self.number}")
        (scratch / NAME).write_text(self.name + "\n")
        seat = Seat(self.address, self.port, scratch, self.setup.service, self.setup.workers,
                    self.executed)
        argv = [*enter, *command(self.setup.kind, seat, self.preload(scratch))]
        place = Place(self.port, scratch, scratch, scratch)
        return children.Process(argv, environment(seat.environment()), place)

    def preload(self, scratch):
        if not self.arm.preloaded:
            return {}
        return {"LD_PRELOAD": str(self.setup.library), "LASTCALL_STATUS": str(scratch),
                **self.arm.settings(self.setup.rate)}

    def become(self, state):
        self.state, self.since = state, self.setup.clock()

    def spent(self):
        return self.setup.clock() - self.since

    # ---- each look --------------------------------------------------------------------------

    def look(self):
        """Whether it has just become another thing."""
        before = self.state
        {STARTING: self.look_starting, LEAVING: self.look_leaving,
         STOPPING: self.look_stopping}.get(self.state, self.look_ready)()
        return self.state != before

    def look_starting(self):
        if children.listening(self.process, self.address, self.port):
            self.become(READY)
            self.ready_at = self.since
        elif self.process.exited() or self.spent() > SLOW_START:
            raise RuntimeError(f"an instance did not start: {self.process.why_not({})}")

    def look_ready(self):
        if self.state == READY and self.process.exited():
            raise RuntimeError(f"an instance died:\n{self.process.printed()}")

    def leave(self):
        """No new connections come any more; those that are open are asked to close."""
        self.become(LEAVING)
        self.left_at = self.since
        if self.arm.drained:
            ramp, end = self.setup.ramp, self.setup.ramp + self.setup.think
            self.helper = self.lastcall("drain", str(self.pid), "--over", milliseconds(ramp), "--wait",
                                        "--within", milliseconds(end))

    def look_leaving(self):
        if not self.arm.drained:
            return self.stop(None)
        if self.helper.poll() is None:
            return None
        if self.helper.returncode not in (0, STILL_OPEN):
            raise RuntimeError("lastcall drain: " + self.helper.stderr.read().decode())
        return self.stop(self.open_connections())

    def open_connections(self):
        told = self.lastcall("status", "--json", str(self.pid)).communicate(timeout=SLOW_START)[0]
        return sum(server["open"] for server in json.loads(told)["servers"])

    def stop(self, cut_off):
        self.cut_off = cut_off
        children.interrupt_politely(self.process, tracer=bool(self.setup.kind.slowed))
        self.become(STOPPING)

    def look_stopping(self):
        if self.process.exited() or self.spent() > SLOW_STOP:
            self.process.stop()
            self.become(GONE)
            self.gone_at = self.since

    # ---- the command ------------------------------------------------------------------------

    @property
    def pid(self):
        return self.process.popen.pid

    def lastcall(self, *arguments):
        return subprocess.Popen([str(self.setup.command), *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True)
