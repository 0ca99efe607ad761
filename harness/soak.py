"""make soak: mixed load for long, steered while it runs, and everything counted at each rest.

The load comes in rounds. Within one, client processes come and go, and limits, drains and their
cancelling are told to the running server. Between two, all clients have left: the server's page must
agree with what they counted, and memory and descriptors are looked at. A fault ends in exit status 1.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from conftest import Stable
from servers import NAMED, nginx
from servers.description import PYTHON, app_environment, program
from support import content
from support.command_pages import runner
from support.live import Live, grown
from support.process import environment
from support.waiting import Deadline, until

HERE = Path(__file__).resolve().parent
CLIENTS = 2  # processes at a time on each server
ROUNDS = 20
WARM = 5  # rounds in which a server may still grow: pools, arenas, threads' stacks
ROOM = 2 << 20  # that it may grow by after them
ROOM_EACH = 32  # and for each connection: less than anything of ours that could be lost
STILL_OPEN = 3  # as drain --wait says it, where it has not waited for long
STEERED = 1.0  # seconds between two words to a server, on average


def two_workers(place):
    return nginx.command(place, location="access_log off;", workers=2)


def threaded(place):
    return [PYTHON, program("threaded_server.py")]


SERVERS = {"nginx": replace(NAMED["nginx"], name="nginx, 2 workers", command=two_workers),
           "threads": replace(NAMED["http.server"], name="http.server, threads", command=threaded,
                              environment=app_environment, post="/length", backlog=512),
           "mhd": NAMED["mhd-threads"],
           "go": replace(NAMED["go-static"], name="net/http, static")}

# What is told to a running server; a drain is always followed by its end.
WORDS = [["set", "requests=1"], ["set", "requests=3"], ["set", "requests=100"],
         ["set", "requests=off", "age=off"], ["set", "age=200ms"], ["set", "age=off", "requests=10"],
         ["set", "jitter=50%"], ["set", "jitter=0%"], ["set", "rate=20/s"], ["set", "rate=off"],
         ["drain"], ["drain", "--over", "500ms"], ["drain", "--over", "300ms", "--wait"]]


class Fault(Exception):
    pass


def demand(true, *told):
    if not true:
        raise Fault(*told)


@dataclass
class Rest:
    """What a server held between two rounds, and how many connections it had had."""

    connections: int
    memory: int
    descriptors: dict


@dataclass
class Subject:
    """A server under the load, and all that was counted on it."""

    live: Live
    start: dict  # the numbers before the load
    clients: Counter = field(default_factory=Counter)
    words: int = 0
    processes: int = 0
    rests: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    @property
    def server(self):
        return self.live.process.server


# ---- A round -----------------------------------------------------------------------------------


def round_of(subject, seconds, seeds):
    """Load and steering at once. Everything has come to its end when it returns."""
    end = Deadline(seconds)
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        steering = pool.submit(steer, subject, end, random.Random(next(seeds)))
        loads = [pool.submit(come_and_go, subject, end, seeds) for _ in range(CLIENTS)]
        steering.result()
        for tally in [tally for load in loads for tally in load.result()]:
            add(subject, tally)


def come_and_go(subject, end, seeds):
    """One client process after the other."""
    tallies = []
    while not end.over():
        seed = next(seeds)
        stay = min(end.left(), random.Random(seed).uniform(0.5, 8))
        tallies.append(client_process(subject, stay, seed))
    return tallies


def client_process(subject, seconds, seed):
    posts = "posts" if subject.server.post == "/length" else "no-posts"
    place = subject.live.process.place
    words = [sys.executable, HERE / "soak_client.py", place.port, place.www, posts, seconds, seed]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, env=environment({}),
                          timeout=seconds + 200)
    demand(done.returncode == 0, "a client died", seed, done.stderr)
    return json.loads(done.stdout)


def add(subject, tally):
    subject.processes += 1
    subject.failures += tally.pop("failures")
    subject.clients.update(tally)


def steer(subject, end, dice):
    while not end.over():
        tell(subject, *dice.choice(WORDS), dice=dice)
        until(end.over, dice.uniform(0, 2 * STEERED))
    tell(subject, "drain", "--cancel", dice=dice)


def tell(subject, word, *more, dice):
    subject.words += 1
    done = subject.live.command(word, subject.live.pid, *more)
    good = (0, STILL_OPEN) if "--wait" in more else (0,)
    demand(done.returncode in good, word, *more, done.stdout, done.stderr)
    if word == "drain" and "--cancel" not in more:
        until(lambda: False, dice.uniform(0, STEERED))
        tell(subject, "drain", "--cancel", dice=dice)


# ---- A rest ------------------------------------------------------------------------------------


def rest(subject):
    """What both sides counted since the start is the same; and the server holds no more than before."""
    numbers, clients = grown(subject.start, subject.live.settled()), subject.clients
    demand(not clients["failed"], f"{clients['failed']} failures", *subject.failures)
    demand(clients["sent"] == clients["answered"], "not all that was sent was answered", clients)
    demand(numbers["exchanges"] == clients["answered"] + clients["cut"], "exchanges", numbers, clients)
    demand(numbers["connections"] == clients["connections"], "connections", numbers, clients)
    told = sum(count for name, count in numbers.items() if name.startswith("last "))
    doubtful = clients["told_anyway"] + clients["cut"]  # the client cannot tell whose close it was
    demand(clients["told"] <= told <= clients["told"] + doubtful, "told close", numbers, clients)
    subject.rests.append(look(subject, numbers["connections"]))
    holds_no_more(subject)


def look(subject, connections):
    pids = subject.live.process.members
    return Rest(connections, sum(map(resident, pids)), {pid: descriptors(pid) for pid in pids})


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def holds_no_more(subject):
    first, now = subject.rests[0].descriptors, lambda: look(subject, 0).descriptors
    demand(until(lambda: now() == first), "descriptors", first, now())
    grew, each = growth(subject.rests[WARM:])
    demand(grew <= ROOM or each <= ROOM_EACH, f"memory grew by {grew} bytes, {each:.1f} a connection")


def growth(rests):
    """Since the first of them: in all, and by the line of least squares for each connection."""
    if len(rests) < 2:
        return 0, 0.0
    across, up = [one.connections for one in rests], [one.memory for one in rests]
    middle, level = sum(across) / len(rests), sum(up) / len(rests)
    spread = sum((x - middle) ** 2 for x in across)
    slope = sum((x - middle) * (y - level) for x, y in zip(across, up)) / spread
    return up[-1] - up[0], slope


# ---- What is printed ---------------------------------------------------------------------------

COLUMNS = ["server", "rounds", "clients", "words", "sent", "answered", "repeated", "cut", "failed",
           "connections", "told", "memory, KiB", "grew, KiB", "bytes/connection", "descriptors"]


def row(subject):
    clients, last = subject.clients, subject.rests[-1]
    grew, each = growth(subject.rests[WARM:])
    counts = [clients[name] for name in COLUMNS[4:11]]
    return [subject.server.name, len(subject.rests), subject.processes, subject.words, *counts,
            last.memory >> 10, grew >> 10, f"{each:.1f}", sum(last.descriptors.values())]


def show(rows):
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows)]
    for cells in rows:
        print("  ".join(str(cell).rjust(width) for cell, width in zip(cells, widths)), flush=True)


def progress(subject, began):
    numbers = ", ".join(f"{name} {value}" for name, value in zip(COLUMNS[1:], row(subject)[1:]))
    print(f"{monotonic() - began:5.0f} s  {subject.server.name}: {numbers}", flush=True)


def metrics_are_sound(subject):
    told = subject.live.command("status", subject.live.pid, "--prometheus").stdout
    checked = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, text=True)
    demand(checked.returncode == 0, checked.stdout + checked.stderr)
    exchanges = subject.live.metrics()["exchanges_total"]
    demand(exchanges == subject.live.numbers()["exchanges"], "promtool", exchanges)


# ---- All of it ---------------------------------------------------------------------------------


def started(stable, server, library, pages):
    settings = {"LASTCALL_REQUESTS": "10", "LASTCALL_STATUS": str(pages)}
    process = stable.start(server, library, settings)
    live = Live(process, runner(library.parent / "lastcall"))
    if not until(lambda: live.numbers().get("connections")):
        raise AssertionError("the connection that asked whether it is ready is not counted")
    return Subject(live, live.settled())


def soak(subject, seconds, rounds, seeds):
    began = monotonic()
    try:
        for _ in range(rounds):
            round_of(subject, seconds / rounds, seeds)
            demand(not subject.live.process.lost(), "a process of the server ended")
            rest(subject)
            progress(subject, began)
        metrics_are_sound(subject)
    except Exception as fault:  # told below with the others
        subject.failures.append(repr(fault))
    return subject


def soak_all(stable, library, seconds, names, seed):
    rounds, pages = max(2, min(ROUNDS, int(seconds / 3))), content.reachable(stable.root / "pages")
    subjects = [started(stable, SERVERS[name], library, pages) for name in names]
    try:
        with ThreadPoolExecutor(len(subjects)) as pool:
            return list(pool.map(lambda subject: soak(subject, seconds, rounds, itertools.count(seed)),
                                 subjects))
    finally:
        for subject in subjects:
            stable.drop(subject.live.process)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, default=HERE.parent / "build" / "liblastcall.so")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    root = content.make_root()
    try:
        subjects = soak_all(Stable(root, 0), asked.library.resolve(), asked.seconds, asked.servers,
                            asked.seed)
    finally:
        content.remove_root(root)
    show([COLUMNS, *(row(subject) for subject in subjects if subject.rests)])
    faults = [(subject.server.name, fault) for subject in subjects for fault in subject.failures]
    for name, fault in faults:
        print(f"{name}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
