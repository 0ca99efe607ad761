"""Server processes: started in a session of their own, known ready, ended by their ids.

Knows what makes a process ours (LD_PRELOAD, or `lastcall run`, and the settings, given to the server
alone and to no helper). Refuses to know which server it starts or what it says.
"""

import errno
import os
import random
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from support.waiting import PATIENCE, until

# Ports below the range from which the kernel takes those of outgoing connections.
FIRST_PORT, LAST_PORT = 12_000, 32_000

# Ten clock ticks: long enough for a busy loop to be charged for at least one.
REST = 0.1


class Ports:
    """Free loopback ports, each reserved for this process.

    Workers, and other runs of this harness, choose at the same time: a reservation is an abstract
    socket of the port's name, which the kernel gives to one of them and takes back at its end.
    """

    def __init__(self):
        self.reservations = []
        self.numbers = random.Random(os.getpid())

    def free(self):
        for _ in range(LAST_PORT - FIRST_PORT):
            port = self.numbers.randrange(FIRST_PORT, LAST_PORT)
            if self.reserve(port) and is_free(port):
                return port
        raise AssertionError("no free port")

    def reserve(self, port):
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0lastcall-harness-port-{port}")
        except OSError:
            reservation.close()
            return False
        self.reservations.append(reservation)
        return True


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def refusal(port):
    """Why nobody accepts a connection there; None where somebody does."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return None
    except OSError as error:
        return error


def accepts(port):
    return refusal(port) is None


def has_no_way(error):
    """Waiting does not change it."""
    return error.errno == errno.ENETUNREACH


def unanswered(port, error):
    hint = "; is the loopback up? `ip link set lo up`" if has_no_way(error) else ""
    return f"127.0.0.1:{port} does not answer: {error}{hint}"


# ---- Process ids -------------------------------------------------------------------------------


def stat_of(pid):
    """State, parent, session and start time, or None for a process that is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return {"state": fields[0], "parent": int(fields[1]), "session": int(fields[3]),
            "ticks": int(fields[11]) + int(fields[12]), "start": fields[19]}


def family(leader):
    """The leader's descendants, and what else lives in its session: pid → start time."""
    stats = {int(name): stat_of(name) for name in os.listdir("/proc") if name.isdigit()}
    stats = {pid: stat for pid, stat in stats.items() if stat}
    found = {pid for pid, stat in stats.items() if stat["session"] == leader}
    found.add(leader)
    while grown := {pid for pid, stat in stats.items() if stat["parent"] in found} - found:
        found |= grown
    return {pid: stats[pid]["start"] for pid in found if pid in stats}


def ticks(leader):
    """Processor time of the family so far, in clock ticks."""
    return sum(stat["ticks"] for pid in family(leader) if (stat := stat_of(pid)))


def lives(pid, start):
    stat = stat_of(pid)
    return bool(stat) and stat["start"] == start and stat["state"] not in "ZX"


def kill(members):
    for pid, start in members.items():
        if lives(pid, start):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


# ---- Starting ----------------------------------------------------------------------------------

PYTHONS = {signal.SIGPIPE, signal.SIGXFSZ}  # ignored by Python itself, and given back to what it starts


def ignore_for_us_alone():
    """What is ignored here, as by nohup or in a shell's background, is not so in what is started: exec
    passes on that a signal is ignored, and not that it has a function."""
    for number in signal.valid_signals() - PYTHONS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


OUR_NAMES = re.compile(r"LD_PRELOAD|LASTCALL(_.*)?")


def environment(extra, library=None, settings=None):
    """This process's environment without traces of us, then what this server is to have."""
    env = {name: value for name, value in os.environ.items() if not OUR_NAMES.fullmatch(name)}
    env |= {"LC_ALL": "C.UTF-8", **extra}
    if library:
        env |= {"LD_PRELOAD": str(library), **(settings or {})}
    return env


def words_of(server, place, library, settings):
    """What starts a server, and in which environment: by preload, or by the command beside it."""
    own, extra = server.command(place), server.environment(place)
    if not library or not server.by_run:
        return [*server.wrap, *own], environment(extra, library, settings)
    command = Path(library).parent / "lastcall"
    page = settings.get("LASTCALL_STATUS", "off")
    return [*server.wrap, str(command), "run", "--status", page, "--", *own], \
        environment(extra) | settings


class NotStarted(AssertionError):
    """Why, as far as can be seen from outside, and what the server says of it."""


class Process:
    """One running server: its leader, its family, what it printed."""

    def __init__(self, argv, env, place):
        self.place = place
        self.port = place.port
        self.out = place.scratch / "stdout"
        self.err = place.scratch / "stderr"
        with open(self.out, "ab") as out, open(self.err, "ab") as err:
            self.popen = subprocess.Popen(argv, env=env, cwd=place.scratch, stdout=out, stderr=err,
                                          stdin=subprocess.DEVNULL, start_new_session=True)
        self.members = {}

    def wait_ready(self, ports):
        refused = {}

        def is_decided():
            refused.clear()
            refused.update((port, error) for port in ports if (error := refusal(port)))
            return self.exited() or not refused or any(map(has_no_way, refused.values()))

        until(is_decided, PATIENCE)
        self.members = family(self.popen.pid)
        if refused or self.exited():
            why = self.why_not(refused)
            self.stop()
            raise NotStarted(f"the server did not start: {why}")

    def why_not(self, refused):
        """What is seen of it and of the ports that refused, and what it says itself."""
        status = self.popen.poll()
        seen = [f"it ended with status {status}"] if status is not None \
            else [unanswered(*each) for each in refused.items()]
        said = self.printed() + self.logged()
        return "\n".join([*seen, said.rstrip() or "It printed nothing."])

    def exited(self):
        return self.popen.poll() is not None

    def lost(self):
        """The members seen at the start that are gone."""
        return [pid for pid, start in self.members.items() if not lives(pid, start)]

    def rests(self):
        """Whether the family used no processor time for a moment: a spinning one never does."""
        before = ticks(self.popen.pid)
        until(lambda: False, REST)
        return ticks(self.popen.pid) == before

    def stderr(self):
        return self.err.read_bytes().decode(errors="replace")

    def printed(self):
        return self.stderr() + self.out.read_bytes().decode(errors="replace")

    def logged(self):
        """What it wrote into logs of its own instead."""
        return "".join(log.read_bytes()[-2000:].decode(errors="replace")
                       for log in sorted(self.place.scratch.glob("*.log")))

    def stop(self):
        members = family(self.popen.pid)
        self.popen.terminate()
        until(self.exited, 3)
        kill(members | family(self.popen.pid))
        self.popen.wait(PATIENCE)
        shutil.rmtree(self.place.scratch, ignore_errors=True)
